# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""How far the stream of changes is, and from where it may be resumed after a break."""


class Place:
    """A place in a session's history: docs/protocol.md, "Resume"."""

    def __init__(self):
        self.epoch = None       # of the history that goes on
        self.synced_to = 0      # the revision of the last sync
        self._told = 0          # the highest revision of the stream
        self._safe = None       # (epoch, revision) up to which nothing was passed over
        self._unsettled = False  # an answer was the last: its correction may be missing

    @property
    def resume(self):
        """(epoch, revision) to resume from, or None if the whole state must be asked for."""
        return None if self._unsettled else self._safe

    def synced(self, epoch, revision, is_settled):
        """A sync has come. `is_settled`: nothing of ours is unanswered."""
        if epoch != self.epoch:
            self._safe = None
        self.epoch = epoch
        self.synced_to = self._told = revision
        self._move(is_settled)

    def hear(self, revision, is_settled):
        """The stream is told up to a revision."""
        self._told = max(self._told, revision)
        self._move(is_settled)

    def _move(self, is_settled):
        if is_settled:
            self._safe = self.epoch, self._told
            self._unsettled = False

    def answered(self):
        """A message of ours was answered; a correction may follow."""
        self._unsettled = True

    def rename(self, epoch):
        """The history goes on under another name, if one is given."""
        if epoch is not None:
            if self._safe is not None and self._safe[0] == self.epoch:
                self._safe = epoch, self._safe[1]
            self.epoch = epoch

    def forget(self):
        """There is nothing to resume from until the next sync."""
        self._safe = None
