# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The icon in the panel, and notifications."""

import os
import re
import signal
import time

from support import tap
from support.bus import until
from support.desktop import MonitorTest
from support.tray import Notifications, Panel


class TrayTest(MonitorTest):

    flags = ('--max-users-per-session', '30')

    def setUp(self):
        super().setUp()
        self.panel = Panel(self.bus)
        self.addCleanup(self.panel.finish)
        self.notifications = Notifications(self.bus)
        self.addCleanup(self.notifications.finish)

    def start_hidden(self, **how):
        self.open('--hidden', accessible=False, **how)
        self.panel.wait_item()
        until(lambda: 'here' in self.panel.labels()[0], 'the state of the server')

    def icon(self):
        return self.panel.properties()['IconName'].removeprefix('org.meerkat.Monitor').strip('-')

    def test_states(self):
        """The icon, its tooltip and its menu tell of the server and who is there"""
        self.start_hidden()
        self.assertEqual(self.panel.item[1], '/StatusNotifierItem')
        self.assertEqual(self.icon(), 'symbolic')
        anna = self.join('anna', session='my_kitchen', display_name='Anna')
        until(lambda: self.icon() == 'present-symbolic', 'people in the icon')
        self.assertEqual(self.panel.properties()['ToolTip'][2:],
                         ('Meerkat', '1 person in 1 session'))
        self.assertEqual(self.panel.labels(),
                         ['1 person in 1 session', '-', 'my_kitchen (1 person)', '-',
                          'Open Meerkat', 'Pause Notifications', '-', 'Quit'])
        anna.close()
        until(lambda: self.icon() == 'symbolic', 'nobody in the icon')
        self.daemon.process.send_signal(signal.SIGKILL)
        self.daemon.process.wait()
        until(lambda: self.icon() == 'stopped-symbolic', 'no server in the icon')
        self.assertEqual(self.panel.labels()[0], 'The server is not running')
        self.daemon.start()
        until(lambda: self.icon() == 'symbolic', 'the server in the icon')

    def test_menu(self):
        """The menu opens sessions, pauses notifications, and quits"""
        self.join('anna', session='kitchen', display_name='Anna')
        self.open('--hidden')
        self.panel.wait_item()
        until(lambda: 'kitchen (1 person)' in self.panel.labels(), 'the session in the menu')
        self.panel.click('kitchen')
        self.wait_seen('kitchen – Meerkat')
        self.panel.click('Pause')
        until(lambda: self.action('pause-notifications')[1] == [True], 'the pause')
        self.assertEqual(dict(self.panel.menu())[5]['toggle-state'], 1)
        self.panel.click('Quit')
        until(lambda: self.monitor.process.poll() is not None, 'the end')
        self.assertEqual(self.monitor.process.returncode, 0)

    def test_bursts(self):
        """Who comes and goes together is told of together"""
        self.start_hidden()
        crowd = [self.join(f'u{i}', session='kitchen', display_name=f'User {i}') for i in range(20)]
        body = self.notifications.wait('20 people joined “kitchen”')
        self.assertEqual(body, 'User 0, User 1, User 2 and 17 more')
        crowd[0].close()
        self.notifications.wait('User 0 left “kitchen”')
        self.caller.manager('CloseSession', '(ss)', 'kitchen', 'lunch')
        self.assertEqual(self.notifications.wait('“kitchen” was closed'), 'lunch')
        self.join('late', session='garden', display_name='Late')
        self.notifications.wait('Late joined “garden”')
        self.assertEqual(len(self.notifications.shown), 4, self.notifications.shown)

    def test_idle(self):
        """Hidden, and with nothing to tell, it does not wake up"""
        self.start_hidden()
        self.join('anna', session='kitchen', display_name='Anna')

        def wakes():
            total = 0
            for task in os.listdir(f'/proc/{self.monitor.process.pid}/task'):
                with open(f'/proc/{self.monitor.process.pid}/task/{task}/status',
                          encoding='ascii') as file:
                    total += int(re.search(r'voluntary_ctxt_switches:\s*(\d+)', file.read())[1])
            return total

        def quiet():
            before = wakes()
            time.sleep(5)
            return wakes() - before <= 2
        until(quiet, 'five seconds without waking up', 60)

    def test_gone(self):
        """It tells when the server dies"""
        self.start_hidden()
        self.daemon.process.send_signal(signal.SIGKILL)
        self.daemon.process.wait()
        self.notifications.wait('The server has stopped')
        self.daemon.start()

    def test_paused(self):
        """Nothing is told while notifications are paused"""
        self.start_hidden(settings={'pause-notifications': 'true'})
        self.join('anna', session='kitchen', display_name='Anna')
        until(lambda: self.icon() == 'present-symbolic', 'people in the icon')
        self.act('pause-notifications')
        self.join('bob', session='garden', display_name='Bruno')
        until(lambda: self.notifications.shown, 'a notification')
        self.assertEqual(len(self.notifications.shown), 1)


class CloseTest(MonitorTest):
    manager = True

    def test_close(self):
        """With an icon in the panel closing the window hides it, and that is told once"""
        panel, notifications = Panel(self.bus), Notifications(self.bus)
        self.addCleanup(panel.finish)
        self.addCleanup(notifications.finish)
        self.open(accessible=False)
        panel.wait_item()
        for _ in range(2):
            until(self.active, 'the window to have the keyboard')
            self.key('ctrl+w')
            until(lambda: not self.windows(), 'no window')
            self.assertIsNone(self.monitor.process.poll())
            panel.activate()
        until(self.windows, 'the window')
        notifications.wait('Meerkat goes on watching')
        self.assertEqual(len(notifications.shown), 1)

    def test_without_tray(self):
        """Without a panel closing the window ends it"""
        self.open(accessible=False)
        until(self.active, 'the window to have the keyboard')
        self.key('ctrl+w')
        until(lambda: self.monitor.process.poll() is not None, 'the end')
        self.assertEqual(self.monitor.process.returncode, 0)


if __name__ == '__main__':
    tap.main()
