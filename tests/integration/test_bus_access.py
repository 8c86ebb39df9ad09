# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Who may do what on the bus: polkit on the system bus, the same user on the session bus."""

import os
import subprocess
import tempfile
import unittest

from gi.repository import Gio, GLib

from support import tap
from support.bus import (ACTIONS, MANAGER, NAME, OBJECT_MANAGER, ROOT, BusError, BusTest, Polkit,
                         session_path, until, user_path)

DENIED = 'org.freedesktop.DBus.Error.AccessDenied'
LIMITS = 'org.freedesktop.DBus.Error.LimitsExceeded'
NOBODY = 65534


# Every method that needs something, as gdbus calls it: (action, object, method, arguments).
PRIVILEGED = (
    ('kick-user', MANAGER, 'Manager.KickUser', ('stage', 'anna', '')),
    ('kick-user', session_path('stage'), 'Session.KickUser', ('nobody', '')),
    ('kick-user', user_path('stage', 'anna'), 'User.Kick', ('',)),
    ('close-session', MANAGER, 'Manager.CloseSession', ('stage', '')),
    ('close-session', session_path('stage'), 'Session.Close', ('',)),
    ('close-session', MANAGER, 'Manager.Reopen', ('stage',)),
    ('purge-session', MANAGER, 'Manager.Purge', ('stage',)),
    ('inspect', MANAGER, 'Manager.Export', ('stage', 'handle 0')),
    ('inspect', session_path('stage'), 'Session.Export', ('handle 0',)),
    ('inspect', MANAGER, 'Manager.History', ('stage', '0', 'handle 0')),
    ('inspect', MANAGER, 'Manager.Backup', ('handle 0',)),
    ('inspect', user_path('stage', 'anna'), 'User.GetConnectionDetails', ()),
    ('manage-service', MANAGER, 'Manager.Reload', ()),
)


class AccessTest(BusTest):

    def setUp(self):
        super().setUp()
        self.anna = self.join('anna', session='stage')
        self.anna.create(ack=True)
        self.wait_users(1)

    def privileged(self):
        """Every call that needs something, by what it needs: [(action, function)]."""
        caller, null = self.caller, open(os.devnull, 'wb')
        self.addCleanup(null.close)
        fds = {'fds': [null.fileno()]}
        return [
            ('kick-user', lambda **k: caller.manager('KickUser', '(sss)', 'stage', 'x', '', **k)),
            ('kick-user', lambda **k: caller.session('stage', 'KickUser', '(ss)', 'x', '', **k)),
            ('kick-user', lambda **k: caller.user('stage', 'anna', 'Kick', '(s)', 'x' * 256, **k)),
            ('close-session', lambda **k: caller.manager('CloseSession', '(ss)', 'x', '', **k)),
            ('close-session', lambda **k: caller.session('stage', 'Close', '(s)', 'x' * 256, **k)),
            ('close-session', lambda **k: caller.manager('Reopen', '(s)', 'x', **k)),
            ('purge-session', lambda **k: caller.manager('Purge', '(s)', 'x', **k)),
            ('inspect', lambda **k: caller.manager('Export', '(sh)', 'stage', 0, **fds, **k)),
            ('inspect', lambda **k: caller.session('stage', 'Export', '(h)', 0, **fds, **k)),
            ('inspect', lambda **k: caller.manager('History', '(sth)', 'stage', 0, 0, **fds, **k)),
            ('inspect', lambda **k: caller.manager('Backup', '(h)', 0, **fds, **k)),
            ('inspect', lambda **k: caller.user('stage', 'anna', 'GetConnectionDetails', **k)),
            ('manage-service', lambda **k: caller.manager('Reload', **k)),
        ]

    def outcome(self, call, **how):
        """The name of the error that a call gets, or None."""
        try:
            call(**how)
            return None
        except BusError as error:
            return error.name

    def assert_free(self, caller):
        """What is free is free."""
        self.assertEqual(len(caller.manager('ListSessions')[0]), 1)
        self.assertEqual(caller.manager('ListClosed')[0], [])
        self.assertEqual(caller.manager('GetSession', '(s)', 'stage'), (session_path('stage'),))
        self.assertIn(user_path('stage', 'anna'), caller.objects())
        self.assertEqual(caller.get(user_path('stage', 'anna'), 'User', 'Id'), 'anna')


class WithPolkit(AccessTest):
    kind = 'system'

    def polkit(self, **how):
        polkit = Polkit(self.bus, **how)
        self.addCleanup(polkit.finish)
        return polkit

    def test_no(self):
        """Nothing is allowed: every privileged call is refused, and listing is free"""
        self.polkit()
        for action, call in self.privileged():
            self.assertEqual(self.outcome(call), DENIED, action)
        self.assert_free(self.caller)
        self.assert_quiet(self.anna)

    def test_yes(self):
        """Each action opens exactly what it is for"""
        polkit = self.polkit()
        calls = self.privileged()
        for allowed in ACTIONS:
            polkit.allow(allowed)
            for action, call in calls:
                if action == allowed:
                    self.assertNotEqual(self.outcome(call), DENIED, action)
                else:
                    self.assertEqual(self.outcome(call), DENIED, action)

    def test_would_ask(self):
        """A password is asked for only if the caller's message says that somebody is there"""
        self.polkit(asking=True)
        interactive = {'flags': Gio.DBusCallFlags.ALLOW_INTERACTIVE_AUTHORIZATION}
        for action, call in self.privileged():
            with self.assertRaises(BusError) as caught:
                call()
            self.assertEqual(caught.exception.name, DENIED)
            self.assertIn('authentication is needed', str(caught.exception))
            self.assertIn(f'org.meerkat.meerkat1.{action}', str(caught.exception))
            self.assertNotEqual(self.outcome(call, **interactive), DENIED, action)

    def test_asked_without_waiting(self):
        """While somebody thinks about a password, all goes on; then things are looked up again"""
        polkit = self.polkit()
        polkit.allow(*ACTIONS)
        polkit.hang(True)
        kick = self.caller.start(user_path('stage', 'anna'), f'{NAME}.User.Kick',
                                 GLib.Variant('(s)', ('',)))
        close = self.caller.start(session_path('stage'), f'{NAME}.Session.Close',
                                  GLib.Variant('(s)', ('',)))
        polkit.wait_asked()
        self.anna.create(ack=True)
        self.assertEqual(self.caller.get(session_path('stage'), 'Session', 'Revision'), 2)
        self.anna.send('LEAVE_SESSION')
        self.anna.barrier()
        self.wait_users(0)
        polkit.hang(False)
        polkit.release()
        with self.assertRaises(BusError) as caught:
            kick()
        self.assertEqual(caught.exception.name, f'{NAME}.Error.NoSuchUser')
        self.assertEqual(close(), ())
        self.assertEqual([c[0] for c in self.caller.manager('ListClosed')[0]], ['stage'])

    def test_waiting_calls_are_bounded(self):
        """Who has many calls wait for polkit is refused more, and others are not"""
        polkit = self.polkit()
        polkit.allow(*ACTIONS)
        polkit.hang(True)
        waiting = [self.caller.start(MANAGER, f'{NAME}.Manager.Reload') for _ in range(30)]
        until(lambda: sum(bool(f.answers) for f in waiting) == 14, 'some to be refused')
        self.assertEqual({f.answers[0].name for f in waiting if f.answers}, {LIMITS})
        other = self.call_from()
        other_waiting = other.start(MANAGER, f'{NAME}.Manager.Reload')
        polkit.hang(False)
        polkit.release()
        self.assertEqual(other_waiting(), ())
        until(lambda: all(f.answers for f in waiting), 'the rest to be answered')
        self.assertEqual(self.caller.manager('Reload'), ())

    @unittest.skipUnless(os.getuid() == 0, 'needs root, to be somebody else')
    def test_another_user(self):
        """What polkit allows to another user is done, and nothing else"""
        polkit = self.polkit()
        self.assertIn('stage', as_nobody(self.bus, MANAGER, f'{NAME}.Manager.ListSessions'))
        for allowed in ACTIONS:
            polkit.allow(allowed)
            for action, path, method, arguments in PRIVILEGED:
                if method in ('Session.Close', 'User.Kick', 'Manager.KickUser', 'Manager.CloseSession'):
                    continue  # they would end what the others are about
                with self.subTest(f'{method} with {allowed}'):
                    said = as_nobody(self.bus, path, f'{NAME}.{method}', *arguments)
                    (self.assertNotIn if action == allowed else self.assertIn)(DENIED, said)
        polkit.allow('kick-user')
        self.assertEqual(as_nobody(self.bus, MANAGER, f'{NAME}.Manager.KickUser', 'stage', 'anna',
                                   'bye'), '()\n')
        self.anna.expect_closed(4002)

    def test_without_polkit(self):
        """Where polkit is not installed root administers, and nobody else"""
        self.assertEqual(self.outcome(lambda: self.caller.manager('Reload')),
                         None if os.getuid() == 0 else DENIED)
        if os.getuid() == 0:
            refused = as_nobody(self.bus, MANAGER, f'{NAME}.Manager.Reload')
            self.assertIn(DENIED, refused)
            self.assertIn('only root may', refused)


def as_nobody(bus, path, method, *arguments):
    """What gdbus says to another user."""
    run = subprocess.run(
        ['setpriv', f'--reuid={NOBODY}', f'--regid={NOBODY}', '--clear-groups', 'gdbus', 'call',
         '--address', bus.address, '--dest', NAME, '--object-path', path, '--method', method,
         *arguments], capture_output=True, text=True, check=False, cwd='/')
    return run.stdout + run.stderr


class OnTheSessionBus(AccessTest):

    def test_same_user(self):
        """Whoever runs the daemon may do all"""
        for action, call in self.privileged():
            self.assertNotEqual(self.outcome(call), DENIED, action)

    @unittest.skipUnless(os.getuid() == 0, 'needs root, to be somebody else')
    def test_another_user(self):
        """Anybody else may look at the lists and do nothing"""
        self.assertIn('stage', as_nobody(self.bus, MANAGER, f'{NAME}.Manager.ListSessions'))
        self.assertIn('anna', as_nobody(self.bus, ROOT, f'{OBJECT_MANAGER}.GetManagedObjects'))
        for _, path, method, arguments in PRIVILEGED:
            with self.subTest(method):
                self.assertIn(DENIED, as_nobody(self.bus, path, f'{NAME}.{method}', *arguments))
        self.assert_quiet(self.anna)


class Floods(AccessTest):

    def test_calls(self):
        """Who calls without end is refused; others are answered, and edits go on"""
        flood = [self.caller.start(MANAGER, 'org.freedesktop.DBus.Properties.GetAll',
                                   GLib.Variant('(s)', (f'{NAME}.Manager',)))
                 for _ in range(3000)]
        other = self.call_from()
        self.anna.create(ack=True)
        self.assertEqual(other.get(session_path('stage'), 'Session', 'Revision'), 2)
        until(lambda: all(f.answers for f in flood), 'answers to all')
        refused = [f.answers[0].name for f in flood if isinstance(f.answers[0], BusError)]
        self.assertGreater(len(refused), 1000)
        self.assertEqual(set(refused), {LIMITS})

    def test_lists(self):
        """Lists of everything are for those who ask now and then"""
        flood = [self.caller.start(ROOT, f'{OBJECT_MANAGER}.GetManagedObjects')
                 for _ in range(30)]
        until(lambda: all(f.answers for f in flood), 'answers to all')
        answered = [f for f in flood if not isinstance(f.answers[0], BusError)]
        self.assertLessEqual(len(answered), 15)
        self.assertGreater(len(answered), 5)
        self.assertIn(user_path('stage', 'anna'), self.call_from().objects())

    def test_those_who_want_no_answer(self):
        """Calls that want no reply cost no reply"""
        message = Gio.DBusMessage.new_method_call(NAME, MANAGER, f'{NAME}.Manager', 'ListSessions')
        message.set_flags(Gio.DBusMessageFlags.NO_REPLY_EXPECTED)
        for _ in range(2000):
            self.caller.connection.send_message(message.copy(), Gio.DBusSendMessageFlags.NONE)
        self.caller.connection.flush_sync(None)
        self.anna.create(ack=True)
        self.assert_free(self.call_from())


class Rubbish(AccessTest):

    def test_messages(self):
        """Wrong paths, interfaces, members and bodies: an error each, and all goes on"""
        for path, interface, member, body in (
                ('/', 'a.b', 'C', None),
                (ROOT, f'{NAME}.Manager', 'ListSessions', None),
                (MANAGER, f'{NAME}.Manager', 'Nothing', None),
                (MANAGER, f'{NAME}.Session', 'Close', GLib.Variant('(s)', ('',))),
                (MANAGER, f'{NAME}.Manager', 'Backup', GLib.Variant('(h)', (5,))),
                (MANAGER, f'{NAME}.Manager', 'History', GLib.Variant('(sth)', ('', 0, 0))),
                (session_path('stage'), f'{NAME}.User', 'Kick', GLib.Variant('(s)', ('',))),
                (user_path('stage', 'anna'), f'{NAME}.Session', 'Close', GLib.Variant('(s)', ('',))),
                (session_path('stage') + '/User', f'{NAME}.Session', 'Close',
                 GLib.Variant('(s)', ('',))),
                (user_path('stage', 'anna'), 'org.freedesktop.DBus.Properties', 'Get',
                 GLib.Variant('(ss)', (f'{NAME}.User', 'Token'))),
                (user_path('stage', 'anna'), 'org.freedesktop.DBus.Properties', 'GetAll',
                 GLib.Variant('(s)', (f'{NAME}.Manager',)))):
            with self.subTest((path, interface, member)):
                with self.assertRaises(BusError):
                    self.caller.call(path, f'{interface}.{member}', body)
        self.assert_free(self.caller)

    def test_caller_goes_away(self):
        """Who hangs up before the answer is not waited for"""
        for _ in range(5):
            caller = self.call_from()
            with tempfile.TemporaryFile() as file:
                caller.start(MANAGER, f'{NAME}.Manager.Export', GLib.Variant('(sh)', ('stage', 0)),
                             fds=[file.fileno()])
                caller.start(ROOT, f'{OBJECT_MANAGER}.GetManagedObjects')
                caller.connection.flush_sync(None)
                caller.close()
        self.assert_free(self.caller)


if __name__ == '__main__':
    tap.main()
