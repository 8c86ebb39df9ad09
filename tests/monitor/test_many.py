# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""A thousand sessions: they are there, they scroll, and they cost no thousand widgets."""

from support import tap
from support.bus import until
from support.desktop import MonitorTest

SESSIONS = 1000


class ManyTest(MonitorTest):

    flags = ('--max-sessions', '0', '--max-stored-sessions', '0')
    manager = True

    def test_many(self):
        """Only what fits is made, from the first to the last"""
        for i in range(SESSIONS):
            client = self.join('anna', session=f'session-{i:04}')
            client.create(ack=True)
            client.close()
        self.open()
        self.wait_seen('session-0000')
        self.assertLess(len(self.people.tree()), 4000)
        until(self.active, 'the window to have the keyboard')
        self.key('ctrl+f')
        self.display.tool('xdotool', 'type', f'n-{SESSIONS - 1:04}')
        self.wait_unseen('session-0000')
        self.wait_seen(f'session-{SESSIONS - 1:04}')
        self.key('Escape')  # the list stays where it is, now with the neighbours
        self.wait_seen(f'session-{SESSIONS - 2:04}')
        self.act('open-session', f'session-{SESSIONS - 1:04}')
        self.wait_seen(f'session-{SESSIONS - 1:04} – Meerkat')
        self.key('Tab')
        for _ in range(20):
            self.key('Page_Up')
        for _ in range(10):
            self.key('Page_Down')
        self.assertLess(len(self.people.tree()), 4000)


if __name__ == '__main__':
    tap.main()
