# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""A display, and the monitor on it: driven through its actions, read through its accessibility tree."""

import json
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

from support.bus import Bus, BusTest, Caller, until  # noqa: E402
from support.daemon import _die_with_parent  # noqa: E402

NAME = 'org.meerkat.Monitor'
PATH = '/org/meerkat/Monitor'
LAUNCHER = '/usr/libexec/at-spi-bus-launcher'


class Display:
    """An X server on a number that it finds itself, with a window manager if there is one."""

    def __init__(self, size='1000x720', manager=False):
        reading, writing = os.pipe()
        self.process = subprocess.Popen(
            ['Xvfb', '-displayfd', str(writing), '-screen', '0', f'{size}x24', '-nolisten', 'tcp'],
            pass_fds=[writing], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, preexec_fn=_die_with_parent)
        os.close(writing)
        with os.fdopen(reading) as file:
            number = file.readline().strip()
        if not number:
            raise AssertionError('Xvfb does not start')
        self.name = f':{number}'
        self.env = {'DISPLAY': self.name}
        self.helpers = []
        if manager:
            self.run('xfwm4', '--compositor=off')

    def run(self, *command, env=None):
        """Starts a program that ends with the display."""
        process = subprocess.Popen(command, env=dict(os.environ, **self.env, **(env or {})),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, preexec_fn=_die_with_parent)
        self.helpers.append(process)
        return process

    def tool(self, *command):
        """Runs a program to its end; returns what it printed."""
        return subprocess.run(command, env=dict(os.environ, **self.env), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, check=True).stdout

    def shoot(self, path):
        self.tool('import', '-window', 'root', path)

    def finish(self):
        for process in reversed(self.helpers):
            process.terminate()
            process.wait()
        self.process.terminate()
        self.process.wait()


class Accessibility:
    """The accessibility bus, and what a screen reader would find on it."""

    def __init__(self, bus, display):
        self.env = dict(bus.env, **display.env)
        display.run(LAUNCHER, '--launch-immediately', '--a11y=1', env=bus.env)
        reader = os.path.join(os.path.dirname(__file__), 'accessible.py')
        self.process = subprocess.Popen([sys.executable, reader], env=dict(os.environ, **self.env),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        preexec_fn=_die_with_parent)

    def _ask(self, *question):
        self.process.stdin.write(json.dumps(question) + '\n')
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError('the reader of the accessibility tree has ended')
        return json.loads(line)

    def tree(self):
        """All that is showing, as dicts with role, name, description, states and actions."""
        return self._ask('tree')

    def click(self, role, name):
        """Does what a click does; False if there is no such thing."""
        return self._ask('click', role, name)

    def finish(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Monitor:
    """A running monitor."""

    def __init__(self, display, bus, *arguments, env=None, accessible=False, settings=None):
        self.home = tempfile.mkdtemp(prefix='meerkat-home-')
        self.bus = bus
        if settings:
            self._write_settings(settings)
        self.env = dict(
            os.environ, HOME=self.home, XDG_CONFIG_HOME=self.home + '/config',
            XDG_DATA_HOME=self.home + '/data', XDG_CACHE_HOME=self.home + '/cache',
            XDG_RUNTIME_DIR=self.home, GSETTINGS_BACKEND='keyfile', GDK_BACKEND='x11',
            GSK_RENDERER='cairo', DBUS_SYSTEM_BUS_ADDRESS='unix:path=/nonexistent',
            **display.env)
        self.env.update(bus.env)
        if not accessible:
            self.env['GTK_A11Y'] = 'none'
        self.env.update(env or {})
        self.log_path = os.path.join(self.home, 'log')
        self.process = self.spawn(*arguments)

    def _write_settings(self, settings):
        folder = self.home + '/config/glib-2.0/settings'
        os.makedirs(folder)
        with open(folder + '/keyfile', 'w', encoding='utf-8') as file:
            file.write('[org/meerkat/Monitor]\n')
            file.writelines(f'{key}={value}\n' for key, value in settings.items())

    def spawn(self, *arguments):
        """Starts the program, once more or for the first time."""
        with open(self.log_path, 'ab') as log:
            return subprocess.Popen([*os.environ['MEERKAT_MONITOR'].split(), *arguments],
                                    env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                    preexec_fn=_die_with_parent)

    def log(self):
        with open(self.log_path, encoding='utf-8', errors='replace') as file:
            return file.read()

    def finish(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


class MonitorTest(BusTest):
    """A test with a display, a bus, a daemon, and helpers to look at a monitor."""

    manager = False
    size = '1000x720'

    def setUp(self):
        for program in ('Xvfb', 'dbus-daemon'):
            if shutil.which(program) is None:
                self.skipTest(f'{program} is missing')
        if self.manager and not (shutil.which('xfwm4') and shutil.which('xdotool')):
            self.skipTest('xfwm4 or xdotool is missing')
        super().setUp()
        self.display = Display(self.size, self.manager)
        self.addCleanup(self.display.finish)
        self.people = None
        self.desk, self.desk_caller = self.bus, self.caller
        if self.kind != 'session':
            self.desk = Bus('session')
            self.addCleanup(self.desk.finish)
            self.desk_caller = Caller(self.desk)
            self.addCleanup(self.desk_caller.close)

    def open(self, *arguments, accessible=True, env=None, **how):
        """Starts a monitor and waits until its name is on the bus."""
        if accessible:
            if not os.path.exists(LAUNCHER):
                self.skipTest('at-spi2-core is missing')
            self.people = Accessibility(self.desk, self.display)
            self.addCleanup(self.people.finish)
        monitor = Monitor(self.display, self.desk, *arguments, accessible=accessible,
                          env=dict(self.bus.env, **(env or {})), **how)
        self.addCleanup(self.check, monitor)
        self.monitor = monitor
        until(lambda: self.has_monitor() or monitor.process.poll() is not None, 'the monitor')
        self.assertIsNone(monitor.process.poll(), 'the monitor has ended')
        return monitor

    def check(self, monitor):
        """It must not have complained."""
        if monitor.process.poll() not in (None, 0):
            self.fail(f'the monitor ended with {monitor.process.poll()}: {monitor.log()}')
        bad = [line for line in monitor.log().splitlines() if 'WARNING' in line or 'CRITICAL' in line]
        bad = [line for line in bad if not any(word in line for word in TOLERATED)]
        monitor.finish()
        self.assertEqual(bad, [])

    def has_monitor(self):
        return self.desk_caller.call('/org/freedesktop/DBus', 'org.freedesktop.DBus.NameHasOwner',
                                GLib.Variant('(s)', (NAME,)), name='org.freedesktop.DBus')[0]

    def act(self, action, target=None, path=PATH):
        """Activates an action of the application, or at another path."""
        parameter = [] if target is None else [GLib.Variant('s', target)]
        self.desk_caller.call(path, 'org.gtk.Actions.Activate',
                         GLib.Variant('(sava{sv})', (action, parameter, {})), name=NAME)

    def act_in_window(self, action, target=None):
        self.act(action, target, PATH + '/window/1')

    def action(self, name, path=PATH):
        """Whether an action is enabled, and its state."""
        enabled, _, state = self.desk_caller.call(
            path, 'org.gtk.Actions.Describe', GLib.Variant('(s)', (name,)), name=NAME)[0]
        return enabled, state

    def seen(self):
        """The names of all that is showing."""
        return [item['name'] for item in self.people.tree()]

    def wait_seen(self, *texts, timeout=20):
        """Waits until each text is part of a name that is showing."""
        def missing():
            names = '\n'.join(self.seen())
            return [text for text in texts if text not in names]
        try:
            until(lambda: not missing(), f'{texts} to be seen', timeout)
        except AssertionError:
            self.fail(f'{missing()} not seen; seen: {self.seen()}')

    def wait_unseen(self, *texts):
        until(lambda: not any(text in name for text in texts for name in self.seen()),
              f'{texts} to be gone')

    def windows(self):
        """The windows on the display."""
        found = subprocess.run(
            ['xdotool', 'search', '--onlyvisible', '--class', 'meerkat-monitor'],
            env=dict(os.environ, **self.display.env), capture_output=True, text=True, check=False)
        return found.stdout.split()

    def active(self):
        """The window with the keyboard; needs a window manager."""
        found = subprocess.run(['xdotool', 'getactivewindow'], capture_output=True, text=True,
                               env=dict(os.environ, **self.display.env), check=False)
        return found.stdout.strip()

    def wait_active(self, main, own):
        """Waits until the main window has the keyboard, or one over it."""
        until(lambda: self.active() and (self.active() == main) == own, 'the other window')

    def key(self, *keys):
        self.display.tool('xdotool', 'key', *keys)

    def wait_click(self, role, name):
        until(lambda: self.people.click(role, name), f'a {role} {name!r} to click')


# What GTK says about a display without the things of a desktop.
TOLERATED = ('Unable to acquire session bus', 'Failed to measure available space',
             'dconf', 'Unable to register the application', 'portal', 'Vulkan', 'libEGL',
             'org.freedesktop.Notifications', 'org.a11y', 'Unable to acquire the address of the accessibility bus')
