# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What is done from the window: removing, closing, opening again; and a server that comes and goes."""

import os
import signal

from support import tap
from support.bus import until
from support.desktop import MonitorTest


class QuestionTest(MonitorTest):
    """By the keyboard: GTK 4.8 does not survive it when dialogs go while somebody reads its tree."""

    manager = True

    def ask(self, action, target=None):
        """Opens the question of an action; returns the window over which it is asked."""
        until(self.active, 'the window to have the keyboard')
        main = self.active()
        until(lambda: self.action(action, '/org/meerkat/Monitor/window/1')[0], f'{action} to be allowed')
        self.act_in_window(action, target)
        self.wait_active(main, False)
        return main

    def answer(self, main, *keys):
        self.key(*keys)
        self.wait_active(main, True)

    def test_kick(self):
        """Somebody is removed after a question and some seconds, and is told the reason"""
        self.join('anna', session='kitchen', display_name='Anna')
        bob = self.join('bob', session='kitchen', display_name='Bruno')
        self.open(accessible=False)
        self.act('open-session', 'kitchen')
        main = self.ask('kick', 'bob')
        self.answer(main, 'l', 'u', 'n', 'c', 'h', 'Return')
        bob.barrier()
        before = bob.expect_closed()
        self.assertIn('KICKED', str(before))
        self.assertIn('lunch', str(before))

    def test_undo(self):
        """What was decided can be taken back, and a question be answered with no"""
        bob = self.join('bob', session='kitchen', display_name='Bruno')
        self.open(accessible=False)
        self.act('open-session', 'kitchen')
        main = self.ask('kick', 'bob')
        self.answer(main, 'Return')
        self.key('ctrl+z')
        main = self.ask('close-session')
        self.answer(main, 'Escape')
        self.act('quit')
        until(lambda: self.monitor.process.poll() is not None, 'the end')
        bob.barrier()

    def test_close(self):
        """A session is closed, and opened again; who quits has decided"""
        anna = self.join('anna', session='kitchen', display_name='Anna')
        anna.create(ack=True)
        self.open(accessible=False)
        self.act('open-session', 'kitchen')
        main = self.ask('close-session')
        self.answer(main, 'Return')
        self.act('quit')
        anna.expect_closed()
        until(lambda: self.monitor.process.poll() is not None, 'the end')
        self.assertEqual([row[0] for row in self.caller.manager('ListClosed')[0]], ['kitchen'])

        self.open()
        self.wait_seen('Nobody is here')
        self.act_in_window('closed-sessions')
        self.wait_click('push button', 'Open kitchen again')
        self.wait_seen('No Closed Sessions', 'Stored · revision 1')


class ServerTest(MonitorTest):

    def test_killed_and_back(self):
        """A server that dies is told of, and is shown again when it is back"""
        anna = self.join('anna', session='kitchen', display_name='Anna')
        anna.create(ack=True)
        self.open()
        self.wait_seen('1 person in 1 session')
        self.daemon.process.send_signal(signal.SIGKILL)
        self.daemon.process.wait()
        self.wait_seen('The Server Has Stopped', 'Start Again')
        self.wait_unseen('kitchen')
        self.assertFalse(self.action('close-session', '/org/meerkat/Monitor/window/1')[0])
        self.daemon.start()
        self.wait_seen('kitchen', 'Stored · revision 1')

    def test_cannot_start(self):
        """A server that cannot be started says why"""
        os.kill(self.daemon.process.pid, signal.SIGTERM)
        self.daemon.process.wait()
        self.open()
        self.wait_seen('The Server Is Not Running', 'sudo systemctl start meerkatd.service')
        self.act_in_window('start-server')
        self.wait_seen('It could not be started: meerkatd is not installed for this login.')
        self.daemon.start()
        self.wait_seen('Nobody is here')


if __name__ == '__main__':
    tap.main()
