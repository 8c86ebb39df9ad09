# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The units under a systemd that was booted for it; run-units does that."""

import os
import pathlib
import select
import signal
import socket
import subprocess

from support import machine, tap
from support.machine import (SERVICE, SOCKET, STATE, MachineTest, main_pid, run, show, status_of,
                             systemctl, until, until_active)

PREFIX = os.environ['MEERKAT_PREFIX']
NAME = 'org.meerkat.Meerkat1'
GET_VERSION = ['get-property', NAME, '/org/meerkat/Meerkat1/Manager', f'{NAME}.Manager', 'Version']
MAX_EXPOSURE = 15  # in tenths, as in meson.build


RULE = '''
polkit.addRule(function (action, subject) {
    if (action.id == "org.meerkat.meerkat1.kick-user" && subject.isInGroup("animators"))
        return polkit.Result.YES;
});
'''

if PREFIX != '/usr':
    MachineTest.config = pathlib.Path(PREFIX) / 'etc/meerkat/meerkat.conf'


def setUpModule():
    """What has to be done after an installation."""
    run('systemd-sysusers')
    run('systemd-tmpfiles', '--create', 'meerkat.conf')
    systemctl('daemon-reload')
    systemctl('try-reload-or-restart', 'dbus.service')


class Files(MachineTest):

    def test_verify(self):
        """systemd finds nothing to say of the units"""
        for who in ('--system', '--user'):
            self.assertEqual('', run('systemd-analyze', 'verify', '--man=no', who, SERVICE, SOCKET,
                                     env=dict(os.environ, XDG_RUNTIME_DIR='/run')))

    def test_directory(self):
        """There is a user, and a place for its state before the first start"""
        found = STATE.stat()
        self.assertEqual((found.st_uid, found.st_mode & 0o7777), (machine.uid(), 0o700))


class Sockets(MachineTest):

    def test_first_connection(self):
        """The first connection starts the server, and is served"""
        systemctl('start', SOCKET)
        self.assertEqual(show('ActiveState'), 'inactive')
        self.join('a').create(ack=True)
        self.assertEqual(show('ActiveState'), 'active')
        self.assertIn('listening on ws://127.0.0.1:8080/ws', self.journal())

    def test_backlog(self):
        """Who comes while the server is busy is kept, many at a time"""
        systemctl('start', SOCKET, SERVICE)
        pid = main_pid()
        os.kill(pid, signal.SIGSTOP)
        try:
            waiting = set()
            poll = select.poll()
            for _ in range(500):
                sock = socket.socket()
                self.addCleanup(sock.close)
                sock.setblocking(False)
                sock.connect_ex(('127.0.0.1', 8080))
                waiting.add(sock.fileno())
                poll.register(sock, select.POLLOUT)
            while waiting:
                ready = poll.poll(20000)
                self.assertTrue(ready, f'{len(waiting)} of 500 are not let in')
                for fd, events in ready:
                    self.assertEqual(events, select.POLLOUT)
                    poll.unregister(fd)
                    waiting.discard(fd)
        finally:
            os.kill(pid, signal.SIGCONT)

    def test_nobody_is_refused(self):
        """With the socket nobody is refused while the server restarts"""
        systemctl('start', SOCKET, SERVICE)
        restart = subprocess.Popen(['systemctl', 'restart', SERVICE])
        tries = 0
        while restart.poll() is None or tries < 10:
            socket.create_connection(('127.0.0.1', 8080), 20).close()
            tries += 1
        self.assertEqual(restart.returncode, 0)

    def test_without_socket(self):
        """Without it the server listens where its configuration says"""
        self.configure('listen=127.0.0.1:8090')
        self.start()
        self.join('a', port=8090)
        self.assert_refused(8080)

    def test_other_address(self):
        """A drop-in of the socket says where, and the configuration is told to be unused"""
        self.configure('listen=127.0.0.1:8090')
        self.set(SOCKET, ListenStream='\nListenStream=127.0.0.1:8070')
        systemctl('start', SOCKET)
        self.join('a', port=8070)
        self.assertIn('listen=127.0.0.1:8090 is not used', self.journal())
        self.assert_refused(8090)


class Life(MachineTest):

    def test_ready(self):
        """Started means that it serves, and its status tells of people"""
        self.start()
        self.assertEqual(show('StatusText'), '0 sessions, 0 users')
        self.join('a')
        self.join('b')
        until(lambda: show('StatusText') == '1 sessions, 2 users', 'the status')

    def test_watchdog(self):
        """A server that hangs is killed and started again, and nothing is lost"""
        self.set(WatchdogSec=2)
        self.start()
        before = self.join('a')
        cube = before.create(ack=True)
        point = before.resume_point()
        os.kill(main_pid(), signal.SIGSTOP)
        until(lambda: show('NRestarts') == '1', 'a restart')
        until_active()
        self.assertIn('Watchdog timeout', self.journal())
        after = self.join('a', resume=point)
        self.assertEqual(after.sync['epoch'], before.sync['epoch'])
        self.assertEqual(after.sync['kind'], 'DELTA_SYNC')
        self.assertIn(cube, self.join('b').sync['objects'])

    def test_crash(self):
        """So is one that crashes"""
        self.start()
        before = self.join('a')
        cube = before.create(ack=True)
        os.kill(main_pid(), signal.SIGKILL)
        until(lambda: show('NRestarts') == '1', 'a restart')
        until_active()
        after = self.join('b')
        self.assertEqual(after.sync['epoch'], before.sync['epoch'])
        self.assertIn(cube, after.sync['objects'])

    def test_wrong_option(self):
        """A wrong option is told once, with its name, and not tried again"""
        self.configure('tick=often')
        status, said = status_of('systemctl', 'start', SERVICE)
        self.assertNotEqual(status, 0, said)
        until_active('failed')
        self.assertEqual((show('ExecMainStatus'), show('NRestarts'), show('Result')),
                         ('2', '0', 'exit-code'))
        lines = [line for line in self.journal().splitlines() if line.startswith('meerkatd: ')]
        self.assertEqual(lines, [f'meerkatd: {self.config}: tick: "often" is not a whole number '
                                 'from 0 to 1000'])

    def test_crash_loop(self):
        """What may pass is tried five times; then it is failed, and the journal says why"""
        self.configure('listen=127.0.0.1:8099')
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 8099))
            taken.listen()
            status_of('systemctl', 'start', SERVICE)
            until(lambda: show('ActiveState') == 'failed' and show('NRestarts') == '5', 'five starts')
            why = 'meerkatd: cannot listen on 127.0.0.1:8099: '
            self.assertEqual(self.journal().count(why), 5, self.journal())
            self.assertIn('Start request repeated too quickly', self.journal())
        systemctl('reset-failed', SERVICE)
        self.start()
        self.join('a', port=8099)

    def test_reload(self):
        """systemctl reload: a new limit holds, a wrong one is told and the old one stays"""
        self.configure('max-users-per-session=1')
        self.start()
        self.join('a')
        late = self.connect('b')
        late.send_join('stage')
        late.expect_error('SESSION_FULL')
        pid = main_pid()
        self.configure('max-users-per-session=2')
        systemctl('reload', SERVICE)
        until(lambda: 'Configuration reloaded' in self.journal(), 'the reload')
        late.join('stage')
        self.configure('max-users-per-session=many')
        systemctl('reload', SERVICE)
        until(lambda: 'Configuration not reloaded, nothing changes' in self.journal(), 'the refusal')
        until_active()
        late.barrier()
        self.assertEqual(main_pid(), pid)

    def test_stop(self):
        """Clients are told; nobody can delay it beyond five seconds, not even who does not read"""
        self.set(TimeoutStopSec=5)
        self.start()
        clients = [self.join(f'user-{i}') for i in range(5)]
        deaf = self.join('deaf', how={'receive_buffer': 4096})
        clients[0].create(ack=True)
        systemctl('stop', SERVICE)
        for client in clients:
            told = client.expect_closed(1001)
            self.assertEqual(told[-1]['payload']['code'], 'SERVER_SHUTTING_DOWN')
        self.assertEqual((show('Result'), show('ExecMainStatus'), show('ActiveState')),
                         ('success', '0', 'inactive'))
        deaf.close()

    def test_restart(self):
        """A restart keeps the sessions, and clients go on where they were"""
        self.start()
        before = self.join('a')
        cube = before.create(ack=True)
        point = before.resume_point()
        systemctl('restart', SERVICE)
        before.expect_closed(1001)
        after = self.join('a', resume=point)
        self.assertEqual((after.sync['kind'], after.sync['epoch']),
                         ('DELTA_SYNC', before.sync['epoch']))
        after.acked('DELETE_OBJECT', {'object_id': cube})


class Hardening(MachineTest):

    def test_process(self):
        """No rights, no new ones, a filter for system calls; all open files that it may have"""
        self.start()
        text = pathlib.Path(f'/proc/{main_pid()}/status').read_text(encoding='ascii')
        status = dict(line.split(':\t', 1) for line in text.splitlines())
        self.assertEqual(status['Uid'].split(), [str(machine.uid())] * 4)
        for name in ('CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'):
            self.assertEqual(int(status[name], 16), 0, name)
        self.assertEqual((status['NoNewPrivs'], status['Seccomp']), ('1', '2'))
        limits = pathlib.Path(f'/proc/{main_pid()}/limits').read_text(encoding='ascii')
        files = next(line.split() for line in limits.splitlines() if 'Max open files' in line)
        self.assertEqual(files[3], files[4])

    def test_files(self):
        """It can write into its state and nowhere else, and sees nobody's home"""
        secret = pathlib.Path.home() / 'secret'
        secret.write_text('secret')
        self.addCleanup(secret.unlink)
        self.start()
        inside = ['nsenter', '--mount', '--target', main_pid()]
        run(*inside, 'touch', STATE / 'probe')
        for folder in ('/usr', '/etc', '/etc/meerkat', '/var', '/var/lib', '/root', '/home', PREFIX):
            os.makedirs(folder, exist_ok=True)
            status, said = status_of(*inside, 'touch', f'{folder}/probe')
            self.assertNotEqual(status, 0, folder)
            self.assertIn('Read-only file system', said, folder)
        self.assertNotEqual(status_of(*inside, 'cat', secret)[0], 0)
        self.assertEqual(run(*inside, 'ls', '/home'), '')
        for device in ('mem', 'kmsg', 'fuse', 'net/tun'):
            self.assertNotEqual(status_of(*inside, 'test', '-e', f'/dev/{device}')[0], 0, device)

    def test_exposure(self):
        """The running unit is as little exposed as the file promises"""
        self.start()
        status, said = status_of('systemd-analyze', 'security', '--no-pager',
                                 f'--threshold={MAX_EXPOSURE}', SERVICE)
        self.assertEqual(status, 0, said)


class Bus(MachineTest):

    def test_name(self):
        """The name is meerkat's, root sees the sessions, and so does everybody"""
        self.start()
        self.join('a')
        self.assertEqual(run('busctl', 'call', 'org.freedesktop.DBus', '/', 'org.freedesktop.DBus',
                             'GetConnectionUnixUser', 's', NAME), f'u {machine.uid()}\n')
        ctl = f'{PREFIX}/bin/meerkatctl'
        self.assertRegex(run(ctl, 'list'), r'stage +1 +0 +active')
        self.assertRegex(run('runuser', '-u', 'nobody', '--', ctl, 'list'), r'stage +1 +0 +active')

    def test_polkit(self):
        """Root may remove people, nobody may not"""
        self.start()
        client = self.join('a')
        kick = [f'{PREFIX}/bin/meerkatctl', 'kick', 'stage', 'a']
        status, said = status_of('runuser', '-u', 'nobody', '--', *kick, stdin=subprocess.DEVNULL)
        self.assertEqual(status, 4, said)
        client.barrier()
        run(*kick)
        client.expect_closed(4002)

    def test_polkit_rule(self):
        """A rule of the administrator lets a group do one thing, and not another"""
        run('groupadd', '--system', 'animators')
        run('useradd', '--system', '--groups', 'animators', 'bert')
        rule = pathlib.Path('/etc/polkit-1/rules.d/50-meerkat.rules')
        rule.write_text(RULE)
        self.addCleanup(rule.unlink)
        systemctl('try-restart', 'polkit.service')
        self.start()
        client = self.join('a')
        ctl = ['runuser', '-u', 'bert', '--', f'{PREFIX}/bin/meerkatctl']
        status, said = status_of(*ctl, 'close', 'stage', stdin=subprocess.DEVNULL)
        self.assertEqual(status, 4, said)
        run(*ctl, 'kick', 'stage', 'a')
        client.expect_closed(4002)

    def test_activation(self):
        """A call on the bus starts a server that is enabled, and no other"""
        status, said = status_of('busctl', *GET_VERSION)
        self.assertNotEqual(status, 0, said)
        self.assertEqual(show('ActiveState'), 'inactive')
        systemctl('enable', '--quiet', SERVICE)
        self.assertRegex(run('busctl', *GET_VERSION), r'^s "\d+\.\d+\.\d+"\n$')
        self.assertEqual(show('ActiveState'), 'active')

    def test_not_running(self):
        """meerkatctl does not start a server: it says that there is none"""
        systemctl('enable', '--quiet', SERVICE)
        status, said = status_of(f'{PREFIX}/bin/meerkatctl', 'list')
        self.assertEqual(status, 5, said)
        self.assertEqual(show('ActiveState'), 'inactive')


class User(MachineTest):
    """Somebody's own server, under their own service manager."""

    @classmethod
    def setUpClass(cls):
        run('useradd', '--create-home', 'anna')
        cls.uid = machine.uid('anna')
        systemctl('start', f'user@{cls.uid}.service')

    @classmethod
    def tearDownClass(cls):
        systemctl('stop', f'user@{cls.uid}.service')

    def setUp(self):
        super().setUp()
        self.addCleanup(self.anna, 'systemctl', '--user', 'disable', '--quiet', '--now', SERVICE,
                        SOCKET)

    def anna(self, *command, **how):
        return run('runuser', '-u', 'anna', '--', 'env', f'XDG_RUNTIME_DIR=/run/user/{self.uid}',
                   f'DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/{self.uid}/bus', 'HOME=/home/anna',
                   *command, **how)

    def show(self, name):
        return self.anna('systemctl', '--user', 'show', '--value', '-p', name, SERVICE).strip()

    def test_service(self):
        """It serves, is on the session bus, and keeps its state where it is without systemd"""
        self.anna('systemctl', '--user', 'start', SERVICE)
        self.assertEqual(self.show('StatusText'), '0 sessions, 0 users')
        self.join('a').create(ack=True)
        listed = self.anna(f'{PREFIX}/bin/meerkatctl', '--bus', 'session', 'list')
        self.assertRegex(listed, r'stage +1 +1 +active')
        state = pathlib.Path('~anna/.local/state/meerkat/meerkat.db').expanduser()
        self.assertEqual(state.stat().st_uid, self.uid)
        self.anna('systemctl', '--user', 'stop', SERVICE)
        self.assertEqual((self.show('Result'), self.show('ExecMainStatus')), ('success', '0'))

    def test_socket(self):
        """It starts when Blender connects"""
        self.anna('systemctl', '--user', 'start', SOCKET)
        self.assertEqual(self.show('ActiveState'), 'inactive')
        self.join('a')
        self.assertEqual(self.show('ActiveState'), 'active')

    def test_activation(self):
        """A call on the session bus starts it where it is enabled"""
        self.anna('systemctl', '--user', 'enable', '--quiet', SERVICE)
        self.assertRegex(self.anna('busctl', '--user', *GET_VERSION), r'^s "\d+\.\d+\.\d+"\n$')
        self.assertEqual(self.show('ActiveState'), 'active')


if __name__ == '__main__':
    tap.main()
