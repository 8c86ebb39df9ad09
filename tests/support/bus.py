# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""A message bus of our own, callers on it, and a polkit that says what the test wants."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import gi
gi.require_version('Gio', '2.0')
from gi.repository import Gio, GLib  # noqa: E402

from support.case import DaemonTest  # noqa: E402
from support.daemon import _die_with_parent  # noqa: E402

NAME = 'org.meerkat.Meerkat1'
ROOT = '/org/meerkat/Meerkat1'
MANAGER = ROOT + '/Manager'
PROPERTIES = 'org.freedesktop.DBus.Properties'
OBJECT_MANAGER = 'org.freedesktop.DBus.ObjectManager'
ACTIONS = ['inspect', 'kick-user', 'close-session', 'purge-session', 'manage-service']
WAIT = 20.0

CONFIG = '''<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>{kind}</type><listen>unix:path={path}</listen><servicedir>{services}</servicedir>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/>
<allow send_type="signal"/><allow send_requested_reply="true" send_type="method_return"/>
<allow send_requested_reply="true" send_type="error"/><allow receive_type="method_call"/>
<allow receive_type="method_return"/><allow receive_type="error"/><allow receive_type="signal"/>
<allow send_destination="*"/></policy></busconfig>'''


class BusError(Exception):
    """An error reply; `name` is the D-Bus name."""

    def __init__(self, error):
        self.name = Gio.DBusError.get_remote_error(error)
        super().__init__(f'{self.name}: {error.message}')


class Bus:
    """A dbus-daemon. It can be stopped and started again at the same address."""

    def __init__(self, kind='session'):
        self.kind = kind
        self.folder = tempfile.mkdtemp(prefix='meerkat-bus-')
        os.chmod(self.folder, 0o755)
        self.path = os.path.join(self.folder, 'bus')
        self.services = os.path.join(self.folder, 'services')
        os.mkdir(self.services)
        self.address = f'unix:path={self.path}'
        self.env = {f'DBUS_{kind.upper()}_BUS_ADDRESS': self.address}
        config = os.path.join(self.folder, 'config')
        with open(config, 'w', encoding='ascii') as file:
            file.write(CONFIG.format(kind=kind, path=self.path, services=self.services))
        self.command = ['dbus-daemon', f'--config-file={config}', '--nofork', '--print-address']
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        preexec_fn=_die_with_parent)
        if not self.process.stdout.readline():
            raise AssertionError('dbus-daemon does not start')

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.process.stdout.close()
        if os.path.exists(self.path):
            os.unlink(self.path)

    def finish(self):
        if self.process.poll() is None:
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def until(condition, what, timeout=WAIT):
    """Runs the main context until the condition holds; returns what it gave."""
    deadline = time.monotonic() + timeout
    context = GLib.MainContext.default()
    while True:
        while context.iteration(False):
            pass
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f'waited for {what}')
        time.sleep(0.005)


class Caller:
    """A connection to the bus that hears all signals of the daemon."""

    def __init__(self, bus):
        self.connection = Gio.DBusConnection.new_for_address_sync(
            bus.address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        self.connection.set_exit_on_close(False)
        self.signals = []
        self.before = []  # the signals that had been heard when the last answer came
        self.connection.signal_subscribe(NAME, None, None, None, None,
                                         Gio.DBusSignalFlags.NONE, self._hear)

    def _hear(self, _connection, _sender, path, interface, member, parameters):
        self.signals.append((path, interface, member, parameters.unpack()))

    def close(self):
        if not self.connection.is_closed():
            self.connection.close_sync(None)

    # Out

    def start(self, path, method, parameters=None, fds=(), flags=Gio.DBusCallFlags.NONE,
              name=NAME):
        """Makes a call; returns a function that waits for what comes of it."""
        interface, member = method.rsplit('.', 1)
        fd_list = Gio.UnixFDList.new()
        for fd in fds:
            fd_list.append(fd)
        answers = []

        def on_done(connection, result, _data):
            self.before = list(self.signals)
            try:
                answers.append(connection.call_with_unix_fd_list_finish(result)[0].unpack())
            except GLib.Error as error:
                answers.append(BusError(error))

        self.connection.call_with_unix_fd_list(name, path, interface, member, parameters, None,
                                               flags, int(WAIT * 1000), fd_list, None, on_done,
                                               None)

        def finish():
            until(lambda: answers, f'an answer to {method}', 2 * WAIT)
            if isinstance(answers[0], BusError):
                raise answers[0]
            return answers[0]
        finish.answers = answers
        return finish

    def call(self, path, method, parameters=None, **how):
        """Calls, waits, and returns what the method returns: a tuple."""
        return self.start(path, method, parameters, **how)()

    def manager(self, method, signature=None, *arguments, **how):
        parameters = GLib.Variant(signature, arguments) if signature else None
        return self.call(MANAGER, f'{NAME}.Manager.{method}', parameters, **how)

    def session(self, session_id, method, signature=None, *arguments, **how):
        parameters = GLib.Variant(signature, arguments) if signature else None
        return self.call(session_path(session_id), f'{NAME}.Session.{method}', parameters, **how)

    def user(self, session_id, user_id, method, signature=None, *arguments, **how):
        parameters = GLib.Variant(signature, arguments) if signature else None
        return self.call(user_path(session_id, user_id), f'{NAME}.User.{method}', parameters,
                         **how)

    def read(self, method, signature, *arguments):
        """Calls a method of the manager that writes into a descriptor: (result, text)."""
        with tempfile.TemporaryFile() as file:
            result = self.manager(method, signature, *arguments, 0, fds=[file.fileno()])
            file.seek(0)
            return result, file.read()

    def get(self, path, interface, name):
        return self.call(path, f'{PROPERTIES}.Get',
                         GLib.Variant('(ss)', (f'{NAME}.{interface}', name)))[0]

    def get_all(self, path, interface):
        return self.call(path, f'{PROPERTIES}.GetAll',
                         GLib.Variant('(s)', (f'{NAME}.{interface}',)))[0]

    def objects(self):
        return self.call(ROOT, f'{OBJECT_MANAGER}.GetManagedObjects')[0]

    # In

    def wait_signal(self, member, where=lambda path, arguments: True):
        """The first signal of that name for which `where` holds, heard already or not."""
        def find():
            return next(((path, args) for path, _, name, args in self.signals
                         if name == member and where(path, args)), None)
        return until(find, f'the signal {member}; heard: {self.signals[-20:]}')

    def settle(self):
        """All that the daemon has told so far is heard: an answer comes after it."""
        self.get(MANAGER, 'Manager', 'Version')

    def names(self):
        """The names of the signals that were heard, and forgets them."""
        self.settle()
        heard, self.signals = self.signals, []
        return [(path, member) for path, _, member, _ in heard]


def escape(label):
    """As systemd escapes bus labels."""
    return ''.join(c if c.isascii() and (c.isalpha() or c.isdigit() and i > 0)
                   else f'_{ord(c):02x}' for i, c in enumerate(label)) or '_'


def session_path(session_id):
    return f'{ROOT}/Session/{escape(session_id)}'


def user_path(session_id, user_id):
    return f'{session_path(session_id)}/User/{escape(user_id)}'


class Polkit:
    """A polkit of python-dbusmock. Nothing is allowed until `allow`."""

    PATH = '/org/freedesktop/PolicyKit1/Authority'
    NAME = 'org.freedesktop.PolicyKit1'
    MOCK = 'org.freedesktop.DBus.Mock'

    def __init__(self, bus, asking=False):
        arguments = ([self.NAME, self.PATH, self.NAME + '.Authority'] if asking
                     else ['--template', 'polkitd'])
        self.process = subprocess.Popen(
            [sys.executable, '-m', 'dbusmock', '--system', *arguments],
            env=dict(os.environ, **bus.env), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, preexec_fn=_die_with_parent)
        self.caller = Caller(bus)
        until(self._is_there, 'the mock of polkit')
        if asking:
            self._tell('AddMethod', '(sssss)', self.NAME + '.Authority', 'CheckAuthorization',
                       '(sa{sv})sa{ss}us', '(bba{ss})',
                       "ret = (bool(args[3] & 1), not args[3] & 1, {})")

    def _is_there(self):
        return self.caller.call('/org/freedesktop/DBus', 'org.freedesktop.DBus.NameHasOwner',
                                GLib.Variant('(s)', (self.NAME,)),
                                name='org.freedesktop.DBus')[0]

    def _tell(self, method, signature=None, *arguments):
        return self.caller.call(self.PATH, f'{self.MOCK}.{method}',
                                GLib.Variant(signature, arguments) if signature else None,
                                name=self.NAME)

    def allow(self, *actions):
        self._tell('SetAllowed', '(as)', [f'org.meerkat.meerkat1.{action}' for action in actions])

    def hang(self, hanging):
        self._tell('SimulateHang', '(b)', hanging)

    def wait_asked(self):
        until(lambda: self._tell('HaveHangingCalls')[0], 'a question to polkit')

    def release(self):
        self._tell('ReleaseHangingCalls')

    def finish(self):
        self.caller.close()
        self.process.terminate()
        self.process.wait()


class BusTest(DaemonTest):
    """A test with a bus, a daemon on it, and a caller."""

    kind = 'session'

    def setUp(self):
        self.bus = Bus(self.kind)
        self.addCleanup(self.bus.finish)
        super().setUp()
        self.caller = self.call_from()
        self.wait_for_daemon()

    def start(self, *flags, **how):
        how['env'] = dict(how.get('env', {}), **self.bus.env)
        return super().start('--bus', self.kind, *flags, **how)

    def call_from(self):
        """Another connection to the bus."""
        caller = Caller(self.bus)
        self.addCleanup(caller.close)
        return caller

    def wait_for_daemon(self):
        until(lambda: self.has_owner() and self.caller.get(MANAGER, 'Manager', 'State') == 'running',
              'the daemon on the bus')

    def wait_users(self, n):
        until(lambda: self.caller.get(MANAGER, 'Manager', 'UserCount') == n, f'{n} users')

    def has_owner(self):
        return self.caller.call('/org/freedesktop/DBus', 'org.freedesktop.DBus.NameHasOwner',
                                GLib.Variant('(s)', (NAME,)), name='org.freedesktop.DBus')[0]

    def assert_refused(self, name, call, *arguments, words=(), **how):
        """The call gets an error of that name: a short one is ours."""
        full = name if '.' in name else f'{NAME}.Error.{name}'
        with self.assertRaises(BusError) as caught:
            call(*arguments, **how)
        self.assertEqual(caught.exception.name, full, str(caught.exception))
        for word in words:
            self.assertIn(word, str(caught.exception))
