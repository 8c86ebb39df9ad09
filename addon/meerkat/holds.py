# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What the user has in hand: objects that take no remote value until they are let go.

Blender does not tell that an object is being grabbed (since 4.2 it tells which modal operators
run). So an object is held from its first local change until an operator has ended, until it is
back where the change began (Esc), or until it was quiet for a second.
"""

import bpy

QUIET = 1.0


class Hold:
    """`start`: where it was seen before the first change; `before`: the shared transform then."""

    __slots__ = ('start', 'before', 'changes', 'last')

    def __init__(self, start, before):
        self.start = start
        self.before = before
        self.changes = 0
        self.last = 0.0


class Holds:
    """The held objects, by shared id."""

    def __init__(self):
        self._holds = {}
        self._replaced = {}
        self._mark = None
        self.grabbing = False

    def __contains__(self, object_id):
        return object_id in self._holds

    def __len__(self):
        return len(self._holds)

    def changed(self, object_id, start, before, current, now):
        """Tells of a local change from `start` to `current` (placement.seen), when the shared
        transform is `before`. Returns the Hold if the user took back all that was done in it, else
        None."""
        hold = self._holds.get(object_id)
        if hold is None:
            hold = self._holds[object_id] = Hold(start, before)
        elif current == hold.start or current == self._replaced.get(object_id):
            del self._holds[object_id]
            return hold
        hold.changes += 1
        hold.last = now
        return None

    def replacing(self, object_id, seen):
        """Tells that a remote value takes the place of `seen` in a selected object: if that is
        being grabbed without having moved yet, Esc will bring `seen` back."""
        self._replaced.setdefault(object_id, seen)

    def drop(self, object_id):
        """Lets go of an object that is gone."""
        self._holds.pop(object_id, None)

    def clear(self):
        """Lets go of everything."""
        self._holds.clear()
        self._replaced.clear()

    def look(self, now):
        """Looks what the user is doing; returns the ids of what was let go."""
        self.grabbing = is_transforming()
        mark = operators_mark()
        ended = mark != self._mark
        self._mark = mark
        if ended:
            self._replaced.clear()
        if not self._holds or self.grabbing:
            return ()
        free = [object_id for object_id, hold in self._holds.items()
                if ended or now - hold.last >= QUIET]
        for object_id in free:
            del self._holds[object_id]
        return free


def operators_mark():
    """Something that changes whenever an operator that can be undone has ended."""
    operators = bpy.context.window_manager.operators
    return len(operators), operators[-1].as_pointer() if operators else 0


def is_transforming():
    """Whether a transform is under way, as far as this Blender tells."""
    return any(operator.bl_idname.startswith('TRANSFORM_OT_') for operator in _modal_operators())


def is_busy():
    """Whether any tool is under way that goes on with the mouse, as far as this Blender tells."""
    return any(True for _ in _modal_operators())


def _modal_operators():
    for window in bpy.context.window_manager.windows:
        yield from getattr(window, 'modal_operators', ())


def tells_modal_operators():
    """Whether this Blender says which modal operators run."""
    return hasattr(bpy.types.Window, 'modal_operators')
