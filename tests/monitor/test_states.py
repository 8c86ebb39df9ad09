# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Servers in every state, on either bus, and what the monitor says of them."""

import signal

from support import tap
from support.bus import Bus, Polkit, until
from support.desktop import MonitorTest
from support.fake_server import FakeServer


class StatesTest(MonitorTest):
    """The server of the system is not a real one."""

    def setUp(self):
        super().setUp()
        self.system = Bus('system')
        self.addCleanup(self.system.finish)

    def open_system(self, **settings):
        self.open(env=self.system.env, settings={'bus': "'system'", **settings})

    def fake(self, **how):
        server = FakeServer(self.system, **how)
        self.addCleanup(server.finish)
        return server

    def test_life(self):
        """Absent, starting, running, degraded, stopping, gone"""
        self.open_system()
        self.wait_seen('The Server Is Not Running', 'An administrator starts it so:')
        server = self.fake(State='starting')
        self.wait_seen('The Server Is Starting')
        self.assertFalse(self.action('search', '/org/meerkat/Monitor/window/1')[0])
        server.change(State='running')
        self.wait_seen('shelf', 'Stored · revision 7')
        server.change(JournalState='degraded')
        self.wait_seen('The server cannot write to its disk.', 'Nothing is saved now')
        server.change(JournalState='ok')
        self.wait_unseen('Nothing is saved now')
        server.change(State='stopping')
        self.wait_seen('The server is about to stop.')
        server.finish()
        self.wait_seen('The Server Has Stopped')

    def test_denied(self):
        """A server that may not be looked at; trying again helps when it changes its mind"""
        server = self.fake(refuse='org.freedesktop.DBus.Error.AccessDenied')
        self.open_system()
        self.wait_seen('Access Denied', 'Try Again')
        server.refuse = None
        self.act_in_window('retry')
        self.wait_seen('shelf')

    def test_failed(self):
        """A server that does not answer well"""
        self.fake(refuse='org.meerkat.Meerkat1.Error.Failed')
        self.open_system()
        self.wait_seen('The Server Does Not Answer', 'No, says the test')

    def test_no_bus(self):
        """Without a bus"""
        self.open(settings={'bus': "'system'"})
        self.wait_seen('No Message Bus', 'Try Again')

    def test_choice(self):
        """By itself it shows the server of the session, and else the one of the system"""
        self.join('anna', session='kitchen').create(ack=True)
        self.fake()
        self.open(env=self.system.env)
        self.wait_seen('kitchen')
        self.daemon.process.send_signal(signal.SIGKILL)
        self.daemon.process.wait()
        self.wait_seen('shelf')
        self.daemon.start()
        self.wait_seen('Stored · revision 1')
        self.wait_unseen('shelf')


class SystemTest(MonitorTest):
    """A real server on the system's bus, which asks polkit."""

    kind = 'system'

    def test_locked(self):
        """How people are connected is told only to those who may know it"""
        polkit = Polkit(self.bus)
        self.addCleanup(polkit.finish)
        self.join('anna', session='kitchen', display_name='Anna')
        self.open()
        self.act('open-session', 'kitchen')
        self.wait_seen('Connection not shown: that needs a permission',
                       'Messages per Second, All Sessions')
        polkit.allow('inspect')
        self.act_in_window('unlock')
        self.wait_unseen('Connection not shown: that needs a permission')
        self.wait_unseen('Messages per Second, All Sessions')


if __name__ == '__main__':
    tap.main()
