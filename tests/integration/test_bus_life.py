# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The daemon and its bus: without one, when it goes and comes back, when the name is taken."""

import os
import signal
import subprocess
import tempfile
import unittest

from gi.repository import GLib

from support import tap
from support.bus import MANAGER, NAME, BusTest, session_path, until, user_path
from support.case import DaemonTest


class Bus(BusTest):

    def test_gone_and_back(self):
        """Without its bus the daemon serves on; when it is back, all is there again"""
        anna = self.join('anna', session='stage')
        anna.create(ack=True)
        for turn in range(2):
            self.bus.stop()
            until(lambda: self.daemon.stderr().count('bus-absent') == turn + 1, 'a warning')
            anna.create(ack=True)
            late = self.join(f'late{turn}', session='stage')
            elsewhere = self.join('carl', session=f'elsewhere{turn}')
            self.bus.start()
            self.caller = self.call_from()
            self.wait_for_daemon()
            objects = self.caller.objects()
            for path in (session_path('stage'), session_path(f'elsewhere{turn}'),
                         user_path('stage', 'anna'), user_path('stage', f'late{turn}')):
                self.assertIn(path, objects)
            self.assertEqual(self.caller.get(session_path('stage'), 'Session', 'Revision'), turn + 2)
            self.caller.user('stage', f'late{turn}', 'Kick', '(s)', '')
            late.expect_closed(4002)
            elsewhere.close()
            self.caller.wait_signal('InterfacesRemoved')
        anna.barrier()

    def test_gone_while_it_writes(self):
        """The bus goes while an answer is waited for"""
        anna = self.join('anna', session='stage')
        for _ in range(3000):
            anna.create()
        anna.barrier()
        source, target = os.pipe()
        export = self.caller.start(MANAGER, f'{NAME}.Manager.Export', GLib.Variant('(sh)', ('stage', 0)),
                                   fds=[target])
        os.close(target)
        os.read(source, 1)
        self.bus.stop()
        self.assertRaises(Exception, export)
        self.bus.start()
        self.caller = self.call_from()
        self.wait_for_daemon()
        os.close(source)
        anna.create(ack=True)

    def test_name_taken(self):
        """A second daemon says so, serves, and takes the name when it is free"""
        second = self.start()
        until(lambda: 'bus-name-lost' in second.stderr(), 'a warning')
        self.join('anna', session='stage', daemon=second)
        self.assertEqual(self.caller.get(MANAGER, 'Manager', 'SessionCount'), 0)
        self.daemon.stop()
        until(lambda: 'bus-name ' in second.stderr() or 'event=bus-name\n' in second.stderr(),
              'the name')
        self.assertEqual(self.caller.get(MANAGER, 'Manager', 'SessionCount'), 1)
        self.daemon.process.stdout.close()
        self.daemon.process = None

    def test_stop(self):
        """On the way down it says so, tells who leaves, and gives the name back"""
        self.join('anna', session='stage')
        self.caller.wait_signal('UserJoined')
        self.daemon.process.send_signal(signal.SIGTERM)
        self.caller.wait_signal('PropertiesChanged', lambda _, a: a[1].get('State') == 'stopping')
        self.caller.wait_signal('InterfacesRemoved')
        self.daemon.stop()
        until(lambda: not self.has_owner(), 'the name to be free')
        self.daemon.process.stdout.close()
        self.daemon.start()


@unittest.skipUnless(os.geteuid() == 0, 'needs root to mount a small disk')
class FullDisk(BusTest):

    def start(self, *flags, **how):
        self.disk = tempfile.mkdtemp(prefix='meerkat-disk-')
        self.addCleanup(os.rmdir, self.disk)
        mounted = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=6m', 'none', self.disk],
                                 check=False)
        if mounted.returncode != 0:
            self.skipTest('cannot mount')
        self.addCleanup(subprocess.run, ['umount', '-l', self.disk], check=False)
        return super().start(*flags, state_dir=os.path.join(self.disk, 'state'), **how)

    def test_degraded(self):
        """JournalState is told; what needs the disk says so; when it is back all works again"""
        anna = self.join('anna', session='stage')
        cube = anna.create(ack=True)
        self.assertEqual(self.caller.get(MANAGER, 'Manager', 'JournalState'), 'ok')
        ballast = os.path.join(self.disk, 'ballast')
        with open(ballast, 'wb', buffering=0) as file:
            try:
                while file.write(b'x' * 4096):
                    pass
            except OSError:
                pass
            file.truncate(os.path.getsize(ballast) - 16384)
            self.assert_refused('Failed', self.caller.read, 'Backup', '(h)', words=['MiB'])
            file.seek(0, os.SEEK_END)
            file.write(b'x' * 16384)
        number = 0
        while 'degraded' not in self.daemon.http('GET', '/healthz')[2].decode():
            number += 1
            anna.acked('UPDATE_NAME', {'object_id': cube, 'name': f'n{number:0200}'})
        self.caller.wait_signal('PropertiesChanged',
                                lambda _, a: a[1].get('JournalState') == 'degraded')
        self.caller.wait_signal('PropertiesChanged', lambda _, a: 'Epoch' in a[1])
        for method, signature, arguments in (('CloseSession', '(ss)', ('stage', '')),
                                             ('Reopen', '(s)', ('other',)),
                                             ('Purge', '(s)', ('other',)), ('ListClosed', None, ())):
            self.assert_refused('JournalFailed', self.caller.manager, method, signature, *arguments)
        self.assert_refused('JournalFailed', self.caller.read, 'History', '(sth)', 'stage', 0)
        revision = self.caller.read('Export', '(sh)', 'stage')[0][0]
        self.assertEqual(revision, anna.full_sync()['revision'])
        os.unlink(ballast)
        self.caller.wait_signal('PropertiesChanged', lambda _, a: a[1].get('JournalState') == 'ok')
        self.caller.manager('CloseSession', '(ss)', 'stage', '')
        self.assertEqual([c[0] for c in self.caller.manager('ListClosed')[0]], ['stage'])


class Reload(BusTest):

    def test_reload(self):
        """Limits change and that is told; what is wrong is said, and nothing changes"""
        path = os.path.join(self.daemon.scratch, 'config')

        def write(text):
            with open(path, 'w', encoding='ascii') as file:
                file.write(f'[meerkatd]\n{text}\n')
        write('max-sessions=20')
        self.daemon.stop()
        self.daemon.process.stdout.close()
        self.daemon.flags += ['--config', path]
        self.daemon.start()
        self.wait_for_daemon()
        write('max-sessions=7\nmax-users-per-session=3')
        self.assertEqual(self.caller.manager('Reload'), ())
        self.assertEqual(self.caller.get(MANAGER, 'Manager', 'MaxSessions'), 7)
        self.caller.wait_signal('PropertiesChanged',
                                lambda _, a: a[1].get('MaxSessions') == 7
                                and a[1].get('MaxUsersPerSession') == 3)
        write('max-sessions=many')
        self.assert_refused('Failed', self.caller.manager, 'Reload', words=['max-sessions'])
        self.assertEqual(self.caller.get(MANAGER, 'Manager', 'MaxSessions'), 7)
        self.daemon.process.send_signal(signal.SIGHUP)
        write('max-sessions=8')
        self.daemon.process.send_signal(signal.SIGHUP)
        self.caller.wait_signal('PropertiesChanged', lambda _, a: a[1].get('MaxSessions') == 8)


class NoBus(DaemonTest):

    def test_none_wanted(self):
        """--bus none: not a word about it"""
        self.join('anna')
        self.assertNotIn('bus', self.daemon.stderr())

    def test_none_there(self):
        """No bus found: one warning, and it serves on"""
        for kind, env in (('session', {'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/nonexistent/bus'}),
                          ('session', {'DBUS_SESSION_BUS_ADDRESS': '', 'XDG_RUNTIME_DIR': '/x'}),
                          ('session', {'DBUS_SESSION_BUS_ADDRESS': 'rubbish'}),
                          ('system', {'DBUS_SYSTEM_BUS_ADDRESS': 'unix:path=/nonexistent/bus'})):
            with self.subTest(kind):
                daemon = self.start('--bus', kind, env=env)
                until(lambda: 'bus-absent' in daemon.stderr(), 'a warning')
                self.join('anna', daemon=daemon).create(ack=True)
                self.assertEqual(daemon.stderr().count('bus-absent'), 1)


if __name__ == '__main__':
    tap.main()
