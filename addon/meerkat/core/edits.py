# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What a user does to the shared scene: in the replica at once, in the outbox until answered."""

from . import protocol
from .protocol import NAME, TRANSFORM
from .replica import EXISTS

NOTHING_SELECTED = (None, ())


class Editor:
    """The part of a client that needs no connection. `clock_offset_ms` is what the server's clock
    shows more than ours."""

    def __init__(self, replica, outbox, wall):
        self.user_id = replica.user_id
        self.replica = replica
        self.clock_offset_ms = 0
        self._outbox = outbox
        self._wall = wall
        self._selection = NOTHING_SELECTED

    def _now_ms(self):
        return int(self._wall() * 1000)

    def create(self, item):
        """Puts a new object into the scene. Raises ValueError if it cannot be shared, or there is
        one of that id."""
        if item.id in self.replica.objects:
            raise ValueError(f'there is an object {item.id} already')
        self._put(item)

    def replace(self, item):
        """Puts another object in the place of the one of that id, if there still is one."""
        if item.id in self.replica.objects:
            self._put(item)

    def _put(self, item):
        item = item.copy()
        item.check()
        item.writers.clear()
        now = self._now_ms()
        item.created_by = item.updated_by = self.user_id
        item.updated_at = now + self.clock_offset_ms
        self._outbox.add(item.id, self.replica.create(item, now))

    def delete(self, object_id):
        """Takes an object out of the scene; nothing happens if it is not there any more."""
        if self.replica.delete(object_id, self._now_ms()):
            self._outbox.add(object_id, EXISTS)

    def set_transform(self, object_id, transform):
        """Places an object. True if that is to be sent: it is still there, and was elsewhere.

        Raises ValueError, as all these, for what cannot be shared.
        """
        return self._write(object_id, TRANSFORM, protocol.clean_transform(transform))

    def set_name(self, object_id, name):
        """Renames an object. True if that is to be sent."""
        if protocol.clean_name(name) is None:
            raise ValueError('a name has 1 to 255 bytes without control characters')
        return self._write(object_id, NAME, name)

    def set_properties(self, object_id, properties):
        """Gives some of an object's properties other values. True if something is to be sent."""
        item = self.replica.objects.get(object_id)
        if item is None:
            return False
        clean = protocol.clean_properties(item.type, properties)
        return any([self._write(object_id, key, value) for key, value in clean.items()])

    def _write(self, object_id, register, value):
        now = self._now_ms()
        register = self.replica.write(object_id, register, value, now, now + self.clock_offset_ms)
        if register is None:
            return False
        self._outbox.add(object_id, register)
        return True

    def select(self, active_id, ids):
        """Tells what the user has selected, if it is not what was told last."""
        selection = active_id, tuple(ids)
        if selection != self._selection:
            self._selection = selection
            self._outbox.select(*selection, self._now_ms())
            self._show_selection()

    def _show_selection(self):
        me = self.replica.users.get(self.user_id)
        if me is not None:
            me.select(*self._selection)

    @property
    def pending(self):
        """How many edits the server has not acknowledged."""
        return self.replica.n_pending

    def is_pending(self, object_id, register):
        """Whether the server has still to answer our write of this register."""
        return self.replica.is_pending(object_id, register)

    def writer(self, object_id, register):
        """Who wrote a register last ('server' for a correction), None if there is no such object.

        Of what was written before we came, only the object's last writer is known.
        """
        item = self.replica.objects.get(object_id)
        return None if item is None else item.writers.get(register, item.updated_by)
