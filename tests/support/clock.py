# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""A daemon whose clocks a test moves; needs the library that meson builds from set-clock.c."""

import os
import struct
import unittest

from support.case import DaemonTest

LIBRARY = os.environ.get('MEERKAT_SET_CLOCK')


@unittest.skipUnless(LIBRARY, 'needs MEERKAT_SET_CLOCK, the library that sets the clock')
class ClockTest(DaemonTest):

    def setUp(self):
        self.daemon = self.start(*self.flags, start=False)
        path = os.path.join(self.daemon.scratch, 'clock')
        self.clock = open(path, 'w+b', buffering=0)
        self.addCleanup(self.clock.close)
        self.move_clocks()
        self.daemon.env.update(LD_PRELOAD=LIBRARY, MEERKAT_CLOCK_FILE=path,
                               ASAN_OPTIONS='verify_asan_link_order=0')
        self.daemon.start()

    def move_clocks(self, wall=0, monotonic=0):
        """From now on the daemon's clocks are ahead of the true ones by this many seconds."""
        self.clock.seek(0)
        self.clock.write(struct.pack('qq', int(wall * 1000), int(monotonic * 1000)))
