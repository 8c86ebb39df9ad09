# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What the stage remembers of each object of the bound scene."""

TAG = 'meerkat_id'
MAX_ALIASES = 8


class Entry:
    """A Blender object that stands for a shared one.

    `seen` (placement.seen), `properties` and `name` are what was last read from it: what differs
    from them was changed by somebody else than us. `wire` (nine numbers) and `shared_name` are what
    it shows of the shared object. `affine` and `direct` are for placement.write().
    `aliases`: names that it had before; an undo may bring one back.
    `own`: made here by its user, so that undoing that deletes the shared object.
    `revived`: back by undoing one's own deletion, so that redoing that deletes it again.
    `linked`: in a collection of the scene already.
    """

    __slots__ = ('id', 'obj', 'pointer', 'uid', 'kind', 'asset', 'affine', 'direct', 'fingerprint',
                 'seen', 'wire', 'properties', 'name', 'aliases', 'shared_name', 'own',
                 'revived', 'linked')

    def __init__(self, object_id, obj, kind, own):
        self.id = object_id
        self.kind = kind
        self.asset = None
        self.affine = None
        self.direct = True
        self.fingerprint = None
        self.seen = None
        self.wire = None
        self.properties = {}
        self.name = obj.name
        self.aliases = ()
        self.shared_name = None
        self.own = own
        self.revived = False
        self.linked = True
        self.hold(obj)

    def rename(self, name):
        """Takes `name` as the local name from now on."""
        if name != self.name:
            self.aliases = (*self.aliases[1 - MAX_ALIASES:], self.name)
            self.name = name

    def hold(self, obj):
        """Takes `obj` as the object it is about, from now on."""
        self.obj = obj
        self.pointer = obj.as_pointer()
        self.uid = getattr(obj, 'session_uid', None)


def is_alive(datablock):
    """Whether the reference still is one."""
    try:
        datablock.as_pointer()
    except ReferenceError:
        return False
    return True


def key_of(obj):
    """What tells `obj` from the others of this file: libraries may have the same names."""
    return obj.name, obj.library.filepath if obj.library is not None else None


class Local:
    """An object of the bound scene that is not shared, and why.

    `kept`: it was there before, and stays out of the session until its user shares it.
    """

    __slots__ = ('obj', 'name', 'key', 'reason', 'kept')

    def __init__(self, obj, reason, kept=False):
        self.obj = obj
        self.name = obj.name
        self.key = key_of(obj)
        self.reason = reason
        self.kept = kept


class Entries:
    """All entries, by shared id and by the pointer of their object."""

    def __init__(self):
        self.by_id = {}
        self.by_pointer = {}

    def __len__(self):
        return len(self.by_id)

    def __iter__(self):
        return iter(self.by_id.values())

    def __contains__(self, object_id):
        return object_id in self.by_id

    def get(self, object_id):
        """The entry of that shared object, or None."""
        return self.by_id.get(object_id)

    def of_pointer(self, pointer):
        """The entry of the object at `pointer`, or None."""
        return self.by_pointer.get(pointer)

    def add(self, entry):
        """Keeps it."""
        self.by_id[entry.id] = entry
        self.by_pointer[entry.pointer] = entry

    def remove(self, entry):
        """Forgets it."""
        self.by_id.pop(entry.id, None)
        if self.by_pointer.get(entry.pointer) is entry:
            del self.by_pointer[entry.pointer]

    def clear_pointers(self):
        """Forgets where the objects are: after an undo no pointer is what it was."""
        self.by_pointer.clear()
        for entry in self.by_id.values():
            entry.obj = None
            entry.pointer = 0
