# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What the others do, shown in the bound scene: objects made equal to the replica.

Whatever has happened to an object of the session, its id comes here, and the same few questions are
asked: is there one, of the right type, with this name, these properties, this transform?
"""

import time

from . import assets, kinds, placement, reasons
from .core import motion, protocol
from .entries import TAG, Entry, is_alive

# Of a tick's time, in seconds: enough for some thousand transforms, too little to be felt. A large
# scene that arrives may take more, its user is waiting for it.
BUDGET = 0.008
BULK_BUDGET = 0.05
BULK = 500
# If more than this change at once they hop: gliding costs three times as much, and in a crowd nobody
# sees it.
MOST_GLIDING = 250
# Seconds until objects of a scene that is still arriving are shown all the same.
LONGEST_BIRTH = 2.0
# The name of what is being replaced, as long as it is still there.
FORMER = '(former)'


class Show:
    """Works off the ids of a Stage that are to be looked at."""

    def __init__(self, stage):
        self.stage = stage
        self.motion = motion.Motion()
        self._objects = stage.client.replica.objects
        self._todo = {}
        self._unlinked = None  # assets of the first sync: linked one library per tick
        self._glides = True
        self._born = []
        self._born_at = 0.0
        self._parented = set()
        self._placed = set()  # pointers of what was placed in this tick

    def __len__(self):
        return len(self._todo)

    def later(self, object_ids):
        """Has `apply` look at those ids."""
        self._todo.update(dict.fromkeys(object_ids))

    def whole_scene(self, objects):
        """Has `apply` look at all of these, the first ones of a session: id -> SharedObject."""
        self.later(objects)
        self._unlinked = [(shared.asset_library, shared.asset_id) for shared in objects.values()
                          if shared.type == 'asset_ref']

    def drop(self, entry):
        """Forgets the object of `entry`."""
        self.motion.drop(entry.id)
        self._parented.discard(entry.id)

    def forget_references(self):
        """After an undo no reference is what it was: what is not in any scene yet is made anew."""
        self.later(entry.id for entry in self._born)
        for entry in self._born:
            self.stage.entries.remove(entry)
        self._born.clear()
        self.motion = motion.Motion()

    # Once per tick

    def apply(self, now):
        """Does what can be done within a tick's time. Returns whether all is done."""
        if self._unlinked and assets.prefetch(self._unlinked):
            return False
        self._unlinked = None
        if self._todo:
            self._work_off(now)
        entries = self.stage.entries
        for object_id, values, _ in self.motion.step(now):
            entry = entries.get(object_id)
            if entry is not None and not self.stage.is_held(entry):
                self.place(entry, values)
        if self._parented and self._placed:
            self._keep_children()
        self._placed.clear()
        return not self._todo

    def _work_off(self, now):
        budget = BULK_BUDGET if len(self._todo) > BULK else BUDGET
        deadline = time.perf_counter() + budget
        waiting, doomed = [], []
        self._glides = len(self._todo) + len(self.motion) <= MOST_GLIDING
        maker = kinds.Maker()
        ids = iter(self._todo)
        self._todo = {}
        try:
            for object_id in ids:
                self._look_at(object_id, maker, waiting, doomed, now)
                if time.perf_counter() >= deadline:
                    break
        finally:  # whatever happens, the others get their turn
            self.later(ids)
        self._take_away(doomed)
        if not self._todo or now - self._born_at > LONGEST_BIRTH:
            self._born_at = now
            self._link_born()
        self.later(waiting)

    def _look_at(self, object_id, maker, waiting, doomed, now):
        """What must wait goes to `waiting`, the entry of what is to go to `doomed`."""
        shared = self._objects.get(object_id)
        entry = self.stage.entries.by_id.get(object_id)
        if entry is None:
            if shared is not None:
                self._create(shared, maker)
            return
        try:
            if shared is None:
                self._dismiss(entry, waiting, doomed)
            elif self.stage.is_held(entry):
                waiting.append(object_id)
            elif not self._is_same_actor(entry, shared):
                self._replace(entry, shared, maker, waiting)
            else:
                self._update(entry, shared, now)
        except ReferenceError:  # somebody has just removed it: the watch will find out
            self.stage.watch.structure_changed = True

    def _dismiss(self, entry, waiting, doomed):
        if is_edited(entry.obj):
            self.stage.remark(entry, reasons.GOING)
            waiting.append(entry.id)
        else:
            doomed.append(entry)

    # One object

    def _create(self, shared, maker):
        stage = self.stage
        obj, reason = maker.make(shared)
        entry = Entry(shared.id, obj, shared.type, own=False)
        entry.asset = (shared.asset_library, shared.asset_id)
        obj[TAG] = shared.id
        kinds.write_properties(obj, shared.type, shared.properties, {})
        placement.write(obj, shared.transform, None, True, None)
        entry.linked = False
        entry.shared_name = shared.name
        entry.wire = shared.transform
        entry.fingerprint = kinds.fingerprint(obj)
        stage.reread(entry)
        stage.entries.add(entry)
        stage.born_tagged.add(shared.id)
        self._born.append(entry)
        stage.note_missing(shared.id, reason)

    def _link_born(self):
        if not self._born:
            return
        collection = self.stage.collection()
        while self._born:
            entry = self._born.pop()
            if is_alive(entry.obj):
                collection.objects.link(entry.obj)
                entry.linked = True
            else:  # purged as an orphan before it was in any scene
                self.stage.drop(entry)
                self.later([entry.id])

    def _is_same_actor(self, entry, shared):
        return entry.kind == shared.type and (
            entry.kind != 'asset_ref' or entry.asset == (shared.asset_library, shared.asset_id))

    def _replace(self, entry, shared, maker, waiting):
        if is_edited(entry.obj):
            waiting.append(entry.id)
            return
        # It may be freed later, and must not keep the name that long.
        entry.obj.name = FORMER
        self._take_away([entry])
        self._create(shared, maker)

    def _take_away(self, entries):
        objects = []
        for entry in entries:
            self.stage.drop(entry)
            if entry in self._born:
                self._born.remove(entry)
            if is_alive(entry.obj):
                objects.append((entry.id, entry.obj))
        self.stage.remove_objects(objects)

    def _update(self, entry, shared, now):
        if self.stage.remarks.get(entry.id) == reasons.GOING:
            self.stage.remark(entry, '')  # it was made anew before it had gone
        if entry.shared_name != shared.name:
            self._rename(entry, shared.name)
        if entry.properties and not protocol.same(entry.properties, shared.properties):
            kinds.write_properties(entry.obj, entry.kind, shared.properties, entry.properties)
            entry.properties = kinds.read_properties(entry.obj, entry.kind)
        if entry.wire != shared.transform or entry.id in self.motion:
            self._aim(entry, shared.transform, now)

    def _rename(self, entry, name):
        entry.obj.name = name
        entry.rename(entry.obj.name)
        entry.shared_name = name
        self.stage.generation += 1

    # Where it is

    def _aim(self, entry, values, now):
        stage = self.stage
        if stage.remarks.get(entry.id) == reasons.ANIMATED:
            return
        if entry.id in stage.watch.selected:
            stage.holds.replacing(entry.id, entry.seen)
        if self._glides and entry.wire is not None:
            self.motion.aim(entry.id, entry.wire, values, now)
        else:
            self.motion.drop(entry.id)
            self.place(entry, values)

    def place(self, entry, values):
        """Puts the object of `entry` at these nine numbers and takes what it shows as known."""
        obj = entry.obj
        self._placed.add(entry.pointer)
        try:
            placement.write(obj, values, entry.affine, entry.direct, entry.wire)
            if entry.direct and entry.wire is not None and values[3:6] == entry.wire[3:6]:
                # This is hot: without a parent and not turned, half of the work can be spared.
                entry.seen = obj.matrix_basis.copy(), entry.seen[1]
            else:
                entry.seen = placement.seen(obj)
        except ReferenceError:
            self.stage.watch.structure_changed = True
            return
        entry.wire = values

    def note_parent(self, entry):
        """Takes note of whether something carries the object of `entry`."""
        if entry.obj.parent is not None:
            self._parented.add(entry.id)
        else:
            self._parented.discard(entry.id)

    def _keep_children(self):
        """What is shared is where objects are in the world: a child whose parent was moved by
        somebody else stays where it was."""
        for object_id in list(self._parented):
            entry = self.stage.entries.get(object_id)
            if entry is None or entry.wire is None or self.stage.is_held(entry):
                continue
            try:
                if self._was_carried(entry.obj) and placement.seen(entry.obj) != entry.seen:
                    self.place(entry, entry.wire)
            except ReferenceError:
                self.stage.watch.structure_changed = True

    def _was_carried(self, obj):
        """Whether something that carries `obj` was placed in this tick."""
        parent = obj.parent
        while parent is not None:
            if parent.as_pointer() in self._placed:
                return True
            parent = parent.parent
        return False


def is_edited(obj):
    """Whether its user edits, sculpts or paints its mesh: then nobody may take it away."""
    return obj.mode != 'OBJECT'
