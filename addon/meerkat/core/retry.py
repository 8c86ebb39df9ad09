# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""When to try again after a connection was lost."""

import random

PAUSES_S = (2, 4, 8, 16, 30)
JITTER = 0.1      # so that a whole room does not come back in the same moment
SLOW_ATTEMPT = 3  # where to begin after the server complained of too many messages


class Retry:
    """`at` is the monotonic time of the next attempt, or None."""

    def __init__(self):
        self.clear()

    def clear(self):
        """The connection is there again, or not wanted any more."""
        self.attempt = 0
        self.at = None

    def plan(self, now, slow):
        """Plans the next attempt, later each time."""
        if slow:
            self.attempt = max(self.attempt, SLOW_ATTEMPT)
        pause = PAUSES_S[min(self.attempt, len(PAUSES_S) - 1)]
        self.attempt += 1
        self.at = now + pause * (1 + JITTER * random.random())
