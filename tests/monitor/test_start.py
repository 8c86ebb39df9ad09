# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What is started: the server by the button, and the monitor at login."""

import configparser
import os
import pathlib
import shlex
import signal

from gi.repository import GLib

from support import tap
from support.bus import MANAGER, NAME, until
from support.daemon import command
from support.desktop import MonitorTest

SERVICE = pathlib.Path(os.environ['GSETTINGS_SCHEMA_DIR']) / 'org.meerkat.Meerkat1.session.service'


class StartTest(MonitorTest):

    def offer(self):
        """Tells the bus how the server is started, as an installation does."""
        parser = configparser.ConfigParser(interpolation=None)
        parser.optionxform = str
        parser.read(SERVICE)
        service = parser['D-BUS Service']
        program, *flags = shlex.split(service['Exec'])
        self.assertEqual(os.path.basename(program), 'meerkatd')
        service['Exec'] = shlex.join([*command(), *flags, '--listen', '127.0.0.1:0',
                                      '--state-dir', self.daemon.state_dir])
        with open(os.path.join(self.bus.services, f'{NAME}.service'), 'w', encoding='utf-8') as file:
            parser.write(file, space_around_delimiters=False)

    def end_started(self):
        """Ends the server that the bus has started, if it has."""
        if self.has_owner():
            pid = self.caller.call('/org/freedesktop/DBus',
                                   'org.freedesktop.DBus.GetConnectionUnixProcessID',
                                   GLib.Variant('(s)', (NAME,)), name='org.freedesktop.DBus')[0]
            os.kill(pid, signal.SIGTERM)
        until(lambda: not self.has_owner(), 'the end of the server')

    def test_start(self):
        """The button starts the server of this login, with what people have made, and again"""
        self.join('anna', session='kitchen', display_name='Anna').create(ack=True)
        self.daemon.stop()
        until(lambda: not self.has_owner(), 'the end of the server')
        self.offer()
        self.addCleanup(self.daemon.start)
        self.addCleanup(self.end_started)
        self.open()
        self.wait_seen('The Server Is Not Running')
        self.assertFalse(self.has_owner())
        self.wait_click('push button', 'Start Server')
        self.wait_seen('kitchen', 'Stored · revision 1')
        self.assertEqual(self.caller.get(MANAGER, 'Manager', 'State'), 'running')
        self.end_started()
        self.wait_seen('The Server Has Stopped')
        self.wait_click('push button', 'Start Again')
        self.wait_seen('kitchen', 'Stored · revision 1')


class LoginTest(MonitorTest):

    def test_autostart(self):
        """The switch has the monitor started at login, in the panel, and not any more"""
        monitor = self.open()
        path = pathlib.Path(monitor.home) / 'config/autostart/org.meerkat.Monitor.desktop'
        self.act('preferences')
        self.wait_seen('Start at Login')
        self.assertFalse(path.exists())
        self.wait_click('check box', 'Start at Login')
        until(path.exists, 'the entry')
        entry = configparser.ConfigParser(interpolation=None)
        until(lambda: entry.read(path) and entry.sections(), 'the entry to be written')
        self.assertEqual(entry['Desktop Entry']['Type'], 'Application')
        self.assertEqual(entry['Desktop Entry']['Exec'], 'meerkat-monitor --hidden')
        self.wait_click('check box', 'Start at Login')
        until(lambda: not path.exists(), 'the entry to be gone')


if __name__ == '__main__':
    tap.main()
