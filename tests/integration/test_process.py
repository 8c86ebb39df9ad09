# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The daemon as a process: options, signals, the service manager, logs."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import unittest

from support import tap
from support.case import DaemonTest
from support.client import place
from support.daemon import Daemon, command

FLAGS = ('config', 'listen', 'metrics-listen', 'state-dir', 'bus', 'log-format', 'log-level',
         'tick', 'snapshot-every', 'history-events', 'max-users-per-session', 'max-sessions',
         'max-stored-sessions', 'connection-rate', 'message-rate', 'max-objects-per-session',
         'event-rate', 'byte-rate', 'max-connections', 'max-message-size', 'trusted-proxy',
         'tls-certificate', 'tls-key', 'allow-origin', 'version', 'help')


def run(*arguments, env=None):
    """Runs meerkatd to its end."""
    return subprocess.run(command() + list(arguments), capture_output=True, text=True, timeout=60,
                          env=dict(os.environ, **(env or {})), check=False)


class Options(DaemonTest):

    def setUp(self):
        self.daemon = self.start(start=False)
        self.scratch = self.daemon.scratch
        self.common = ('--listen', '127.0.0.1:0', '--bus', 'none', '--metrics-listen', 'off')

    def refused(self, *arguments, named, status=2, env=None):
        with self.subTest(' '.join(arguments)):
            result = run(*arguments, '--state-dir', os.path.join(self.scratch, 'unused'), env=env)
            self.assertEqual(result.returncode, status, result.stderr)
            self.assertEqual(result.stdout, '')
            lines = result.stderr.strip().split('\n')
            self.assertEqual(len(lines), 1, result.stderr)
            for word in named:
                self.assertIn(word, lines[0])

    def test_version_and_help(self):
        """--version and --help tell and end"""
        version = run('--version')
        self.assertEqual(version.returncode, 0)
        self.assertRegex(version.stdout, r'^meerkatd \d+\.\d+\.\d+\n$')
        text = run('--help')
        self.assertEqual(text.returncode, 0)
        for flag in FLAGS:
            self.assertIn(f'--{flag}', text.stdout)

    def test_bad_flags(self):
        """Exit 2 and one line that names it and says what is allowed"""
        self.refused('--frobnicate', named=['--frobnicate'])
        self.refused('--frobnicate=1', named=['--frobnicate'])
        self.refused('extra', named=['extra'])
        self.refused('--bus', 'train', named=['bus', 'train', 'system', 'session', 'none'])
        self.refused('--log-format', 'xml', named=['log-format', 'xml', 'text', 'json', 'journal'])
        self.refused('--log-level', 'loud', named=['log-level', 'loud', 'debug', 'info', 'warning'])
        self.refused('--listen', 'nowhere', named=['listen', 'nowhere'])
        self.refused('--listen', '127.0.0.1', named=['listen', '127.0.0.1'])
        self.refused('--listen', '127.0.0.1:70000', named=['listen', '70000'])
        self.refused('--listen', '127.0.0.1:-1', named=['listen', '-1'])
        self.refused('--metrics-listen', 'x', named=['metrics-listen', 'x', 'off', 'main'])
        self.refused('--trusted-proxy', '10.0.0.0/99', named=['trusted-proxy', '10.0.0.0/99'])
        self.refused('--allow-origin', 'studio', named=['allow-origin', 'studio'])
        self.refused('--tls-certificate', os.path.join(self.scratch, 'no.crt'), named=['tls'])
        for flag in ('tick', 'snapshot-every', 'history-events', 'max-users-per-session',
                     'max-sessions', 'max-stored-sessions', 'connection-rate', 'message-rate',
                     'event-rate', 'byte-rate', 'max-objects-per-session', 'max-connections', 'max-message-size'):
            for value in ('many', '-1', '1.5', '', '99999999999999999999', '1x'):
                self.refused(f'--{flag}={value}', named=[flag, value])

    def write_config(self, text):
        path = os.path.join(self.scratch, 'meerkat.conf')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        return path

    def test_bad_config(self):
        """So does the config file"""
        for text, named in (('[meerkatd]\nfrobnicate=1\n', ['frobnicate']),
                            ('[meerkatd]\ntick=often\n', ['tick', 'often']),
                            ('[meerkatd]\nbus=train\n', ['bus', 'train']),
                            ('[meerkatd\n', []), ('tick=5\n', []),
                            ('[other]\ntick=5\n', ['other'])):
            self.refused('--config', self.write_config(text), named=['meerkat.conf', *named])
        self.refused('--config', os.path.join(self.scratch, 'missing.conf'), named=['missing.conf'])

    def test_config(self):
        """The file's values hold, and flags win"""
        path = self.write_config('# ours\n[meerkatd]\nlisten=127.0.0.1:0;[::1]:0\nbus=none\n'
                                 'max-users-per-session=7\nmax-message-size=5000\n'
                                 'metrics-listen=main\n'
                                 f'state-dir={self.scratch}/from-config\n')
        daemon = Daemon('--config', path, '--max-message-size', '6000', start=False)
        self.addCleanup(daemon.finish)
        arguments = command() + ['--config', path, '--max-message-size', '6000']
        daemon.arguments = lambda: arguments
        daemon.flags += ['--listen', '--listen']  # two addresses are to be told
        daemon.start()
        self.assertEqual([a[2] for a in daemon.addresses], ['127.0.0.1', '::1'])
        limits = self.connect(daemon=daemon).welcome['payload']['limits']
        self.assertEqual(limits['max_users_per_session'], 7)
        self.assertEqual(limits['max_message_size'], 6000)
        self.assertTrue(os.path.exists(os.path.join(self.scratch, 'from-config', 'meerkat.db')))

    def test_state_dir_from_the_environment(self):
        """$STATE_DIRECTORY, else $XDG_STATE_HOME/meerkat"""
        for name, below in (('STATE_DIRECTORY', ''), ('XDG_STATE_HOME', 'meerkat')):
            with self.subTest(name):
                place_ = os.path.join(self.scratch, name)
                os.mkdir(place_)
                daemon = Daemon(start=False, env={name: place_})
                self.addCleanup(daemon.finish)
                daemon.arguments = lambda: command() + list(self.common)
                daemon.start()
                self.assertTrue(os.path.exists(os.path.join(place_, below, 'meerkat.db')))

    def test_state_dir_not_writable(self):
        """Exit 1, and it says which"""
        for path in ('/dev/null/state', '/proc/meerkat'):
            result = run('--state-dir', path, *self.common)
            self.assertEqual(result.returncode, 1, result.stderr)
            self.assertIn(path, result.stderr)

    def test_address_in_use(self):
        """Exit 1, and it says which"""
        with socket.socket() as taken:
            taken.bind(('127.0.0.1', 0))
            taken.listen()
            address = f'127.0.0.1:{taken.getsockname()[1]}'
            result = run('--state-dir', os.path.join(self.scratch, 's'), '--bus', 'none',
                         '--metrics-listen', 'off', '--listen', address)
            self.assertEqual(result.returncode, 1, result.stderr)
            self.assertIn(address, result.stderr)

    def test_listening_line(self):
        """One line for the address, with the port that was chosen"""
        self.daemon.start()
        address = rf'ws://127\.0\.0\.1:{self.daemon.port}/ws'
        self.assertRegex(self.daemon.output, rf'^meerkatd \d+\.\d+\.\d+ listening on {address}\n$')

    def test_no_bus(self):
        """Without a bus it serves on"""
        daemon = self.start('--bus', 'session',
                            env={'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/nonexistent/bus'})
        self.join('a', daemon=daemon)


class Second(DaemonTest):

    def test_second_daemon(self):
        """A second daemon on the same state directory ends at once and harms nothing"""
        a = self.join('a')
        a.create(ack=True)
        for _ in range(3):
            result = run('--state-dir', self.daemon.state_dir, '--listen', '127.0.0.1:0',
                         '--bus', 'none', '--metrics-listen', 'off')
            self.assertEqual(result.returncode, 1)
            self.assertIn(self.daemon.state_dir, result.stderr)
            self.assertNotIn('listening', result.stdout)
        a.create(ack=True)
        self.daemon.restart(kill=True)
        self.assertEqual(len(self.state()['objects']), 2)


class Signals(DaemonTest):

    def check_end(self, number):
        clients = [self.join(f'u{i}') for i in range(3)]
        fresh = self.connect()
        deaf = self.join('deaf')
        deaf.ws.answer_pings = False
        cube = clients[0].create()
        for i in range(100):
            clients[0].send('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place(i + 1)})
        clients[0].barrier()
        self.daemon.process.send_signal(number)
        for client in clients + [fresh]:
            messages = client.expect_closed(1001)
            self.assertEqual(messages[-1]['payload'].get('code'), 'SERVER_SHUTTING_DOWN')
        self.assertEqual(self.daemon.process.wait(15), 0)
        self.daemon.start()
        self.assertEqual(self.state()['revision'], 101)

    def test_sigterm(self):
        """Clients are told, the journal is finished, exit 0; nobody can hold it up"""
        self.check_end(signal.SIGTERM)

    def test_sigint(self):
        """Ctrl-C is the same"""
        self.check_end(signal.SIGINT)

    def test_blocked_clients(self):
        """Nor can clients whose buffers are full"""
        writer = self.join('w')
        deaf = self.join('deaf', how={'receive_buffer': 4096})
        ids = [writer.create(name='x' * 255) for _ in range(100)]
        for round_ in range(100):
            writer.batch([('UPDATE_NAME', {'object_id': i, 'name': f'{round_:0255}'}) for i in ids])
        writer.barrier()
        self.assertEqual(self.daemon.stop(timeout=15), 0)
        self.daemon.start()
        self.assertEqual(deaf.user_id, 'deaf')

    def test_twice(self):
        """A second SIGTERM or SIGINT while it stops changes nothing"""
        deaf = self.join('deaf')  # says nothing, so that the end is not there at once
        self.daemon.process.send_signal(signal.SIGTERM)
        while 'Stopping' not in self.daemon.stderr():
            time.sleep(0.001)
        self.daemon.process.send_signal(signal.SIGTERM)
        self.daemon.process.send_signal(signal.SIGINT)
        deaf.expect_closed(1001)
        self.assertEqual(self.daemon.process.wait(15), 0)
        self.daemon.start()

    def test_idle(self):
        """Without any client too"""
        self.assertEqual(self.daemon.stop(), 0)
        self.daemon.start()

    def test_sighup(self):
        """SIGHUP takes new limits and the log level from the config file"""
        path = os.path.join(self.daemon.scratch, 'meerkat.conf')

        def write(text):
            with open(path, 'w', encoding='ascii') as file:
                file.write(f'[meerkatd]\n{text}\n')

        write('max-users-per-session=1')
        daemon = self.start('--config', path)
        a = self.join('a', daemon=daemon)
        late = self.connect('b', daemon)
        late.send_join()
        late.expect_error('SESSION_FULL')
        write('max-users-per-session=2\nlog-level=debug')
        daemon.process.send_signal(signal.SIGHUP)
        while True:
            late.send_join()
            if late.receive()['event_type'] == 'FULL_STATE_SYNC':
                break
            a.barrier()
        write('max-users-per-session=nonsense')
        daemon.process.send_signal(signal.SIGHUP)
        while 'nonsense' not in daemon.stderr():
            a.barrier()
        self.assertTrue(daemon.alive())
        late.send('LEAVE_SESSION')
        late.join()
        self.assert_quiet(late)


class ServiceManager(DaemonTest):

    def setUp(self):
        self.daemon = self.start(start=False)
        self.path = os.path.join(self.daemon.scratch, 'notify')
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(self.path)
        self.notify.settimeout(30)
        self.addCleanup(self.notify.close)
        self.daemon.env['NOTIFY_SOCKET'] = self.path

    def told(self, word):
        seen = []
        while True:
            lines = self.notify.recv(4096).decode().split('\n')
            seen += lines
            if any(line == word or line.startswith(word + '=') for line in lines):
                return seen

    def test_ready_and_stopping(self):
        """READY=1 once it serves, STOPPING=1 when it ends"""
        self.daemon.start()
        self.told('READY=1')
        self.daemon.process.send_signal(signal.SIGTERM)
        self.told('STOPPING=1')
        self.assertEqual(self.daemon.process.wait(15), 0)
        self.daemon.start()

    def test_recovery(self):
        """While it recovers sessions it asks for more time, and then it is ready"""
        self.daemon.start()
        self.join('a').create(ack=True)
        self.told('READY=1')
        self.daemon.kill()
        self.daemon.start()
        seen = self.told('READY=1')
        self.assertIn('EXTEND_TIMEOUT_USEC=60000000', seen)
        self.assertIn('STATUS=Recovering sessions', seen)

    def test_watchdog(self):
        """WATCHDOG=1 again and again while it lives"""
        self.daemon.env['WATCHDOG_USEC'] = '400000'
        self.daemon.start()
        for _ in range(4):
            self.told('WATCHDOG=1')
        self.daemon.process.send_signal(signal.SIGSTOP)
        self.notify.settimeout(2)
        try:
            with self.assertRaises(TimeoutError):
                while True:
                    self.notify.recv(4096)
        finally:
            self.daemon.process.send_signal(signal.SIGCONT)
        self.notify.settimeout(30)
        self.told('WATCHDOG=1')

    def test_abstract_socket(self):
        """A socket in the abstract namespace works as well"""
        name = f'@meerkat-test-{os.getpid()}'
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
            sock.bind('\0' + name[1:])
            sock.settimeout(30)
            self.daemon.env['NOTIFY_SOCKET'] = name
            self.daemon.start()
            while b'READY=1' not in sock.recv(4096):
                pass

    @unittest.skipUnless(shutil.which('bash'), 'needs bash')
    def test_listen_fds(self):
        """Sockets that are handed over replace --listen"""
        with socket.socket() as first, socket.socket() as second:
            for sock in (first, second):
                sock.bind(('127.0.0.1', 0))
                sock.listen()
                os.set_inheritable(sock.fileno(), True)
            ports = [sock.getsockname()[1] for sock in (first, second)]
            plain = self.daemon.arguments()
            # 3 and 4 may be taken by one another: by way of 20 and 21
            script = ('exec 20<&"$1" 21<&"$2" 3<&20 4<&21 20<&- 21<&-; shift 2; '
                      'export LISTEN_PID=$$ LISTEN_FDS=2; exec "$@"')
            real_popen = subprocess.Popen
            arguments = ['bash', '-c', script, 'bash', str(first.fileno()), str(second.fileno()),
                         *plain]
            self.daemon.arguments = lambda: arguments
            subprocess.Popen = lambda *a, **k: real_popen(
                *a, **k, pass_fds=(first.fileno(), second.fileno()))
            try:
                self.daemon.flags = ['--listen', '--listen']
                self.daemon.start()
            finally:
                subprocess.Popen = real_popen
        self.assertEqual([a[3] for a in self.daemon.addresses], ports)
        for port in ports:
            self.connect(port=port).join()
        self.assertIn('listen=127.0.0.1:0 is not used', self.daemon.stderr())


class Logs(DaemonTest):

    def setUp(self):
        self.daemon = self.start(start=False)

    def live(self, *flags):
        """A life with something of everything; returns the log."""
        self.daemon.flags = list(flags)
        self.daemon.start()
        a = self.join('a', 'stage')
        b = self.join('b', 'stage')
        self.cube = a.create(ack=True)
        a.send('DANCE')
        a.expect_error('UNKNOWN_EVENT')
        a.send('KICK_USER', {'user_id': 'b'})
        b.expect_closed(4002)
        a.send('CLOSE_SESSION', {'reason': 'over'})
        a.expect_closed(4003)
        self.assertEqual(self.daemon.stop(), 0)
        log = self.daemon.stderr()
        self.daemon.start()
        return log

    def test_text(self):
        """Text: a line for each thing, for people"""
        log = self.live('--log-format', 'text')
        self.assertGreater(len(log.split('\n')), 5)
        self.assertIn('stage', log)
        self.assertIn('User b is removed from stage: ', log)
        self.assertIn('Session stage was closed: over', log)
        self.assertNotIn(self.cube, log)
        self.assertNotIn('\x1b', log)

    def test_json(self):
        """JSON: one object a line, with the facts in members"""
        lines = [json.loads(line) for line in self.live('--log-format', 'json').splitlines()]
        for line in lines:
            self.assertIn(line['level'], ('debug', 'info', 'warning', 'error'))
            self.assertTrue(line['message'])
            self.assertIn('timestamp', line)
        sessions = [line for line in lines if line.get('session_id') == 'stage']
        self.assertTrue(any(line.get('user_id') == 'b' for line in sessions))
        self.assertTrue(all('event' in line for line in sessions))
        self.assertTrue(any('connection_id' in line for line in lines))
        self.assertNotIn(self.cube, json.dumps(lines))

    def test_debug(self):
        """Each single edit is told at debug"""
        lines = [json.loads(line) for line in
                 self.live('--log-format', 'json', '--log-level', 'debug').splitlines()]
        edits = [line for line in lines if line.get('object_id') == self.cube]
        self.assertTrue(edits)
        self.assertEqual({line['level'] for line in edits}, {'debug'})
        self.assertEqual((edits[0]['session_id'], edits[0]['user_id']), ('stage', 'a'))

    def test_warning(self):
        """At warning the daily business is silent"""
        self.assertNotIn('"info"', self.live('--log-format', 'json', '--log-level', 'warning'))

    def test_hostile_text(self):
        """What a client says cannot forge a line or colour the terminal"""
        for format_ in ('text', 'json'):
            daemon = self.start('--log-format', format_, '--log-level', 'debug')
            a = self.connect('a', daemon)
            a.send_join('x', display_name='<\u202e\u2028>', payload={
                'client': {'name': 'evil\n{"level": "info"}\x1b[31m', 'version': '\r\n'}})
            a.send('\x1b[31m\nINFO forged')
            a.barrier()
            log = daemon.stderr()
            self.assertNotIn('\x1b', log)
            self.assertNotIn('\nINFO forged', log)
            self.assertNotIn('\r', log)
            if format_ == 'json':
                for line in log.splitlines():
                    json.loads(line)

    @unittest.skipUnless(os.geteuid() == 0 and shutil.which('unshare'), 'needs root and unshare')
    def test_journal(self):
        """journal: native fields, sent to the socket of journald"""
        directory = os.path.join(self.daemon.scratch, 'journal')
        os.mkdir(directory)
        probe = subprocess.run(['unshare', '-m', 'mount', '-t', 'tmpfs', 'none', '/run'],
                               capture_output=True, check=False)
        if probe.returncode != 0:
            self.skipTest('mount namespaces are not allowed here')
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
            journal.bind(os.path.join(directory, 'socket'))
            script = ('mount -t tmpfs none /run && mkdir -p /run/systemd/journal && '
                      'mount --bind "$1" /run/systemd/journal && shift && exec "$@"')
            original = self.daemon.arguments
            self.daemon.arguments = lambda: ['unshare', '-m', 'sh', '-c', script, 'sh', directory,
                                             *original()]
            fields = []
            reader = threading.Thread(target=lambda: fields.extend(
                iter(lambda: journal.recv(1 << 16).decode(errors='replace'), '')))
            reader.start()
            try:
                self.live('--log-format', 'journal')
            finally:
                with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
                    end.sendto(b'', os.path.join(directory, 'socket'))
                reader.join()
        stage = [f for f in fields if 'MEERKAT_SESSION=stage\n' in f]
        self.assertTrue(stage, fields)
        for record in stage:
            self.assertRegex(record, r'(^|\n)MEERKAT_EVENT=[a-z-]+\n')
            self.assertRegex(record, r'(^|\n)PRIORITY=[0-7]\n')
        self.assertTrue(any(re.search(r'(^|\n)MEERKAT_USER=b\n', f) for f in stage))
        self.assertTrue(any('MEERKAT_CONNECTION=' in f for f in fields))


if __name__ == '__main__':
    tap.main()
