# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What is not to be shared, and why, in a way that outlives an undo."""

from .entries import TAG


class Private:
    """Objects that stay out of the session: what their user keeps beside it, and what the server
    did not take.

    Known by the uid, or (Blender 3.4) by a name that the object has or had; and by the id that an
    undo may bring back, of what was refused.
    """

    def __init__(self):
        self._reasons = {}

    def add(self, obj, reason):
        """Notes an object as it is called now."""
        self._reasons[self._key(obj)] = reason

    def refuse(self, object_id, reason):
        """Notes the id under which an object was not taken."""
        self._reasons[object_id] = reason

    def reason(self, obj):
        """Why it is one of them, or None. An object that carries an id is meant to be shared,
        whatever it is called, unless it is refused."""
        return self._reasons.get(obj[TAG] if TAG in obj else self._key(obj))

    def clear(self):
        """Lets all of them be shared."""
        self._reasons.clear()

    @staticmethod
    def _key(obj):
        return getattr(obj, 'session_uid', obj.name)
