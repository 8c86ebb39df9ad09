# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What the user does in the bound scene, told to the client.

Blender's dependency graph says which objects were touched; only those are looked at, and only what
differs from what was last written or read is an edit. Objects that come and go are looked for when
a collection was touched, all at once: that costs microseconds per object, where Blender itself
needs many more to rebuild its graph.
"""

import math
import time
import uuid
from collections import deque

import bpy

from . import kinds, placement
from .core import protocol
from .entries import TAG

# Of a tick's time, in seconds, for objects that are new to the session.
WELCOME_BUDGET = 0.02
MAX_SELECTED = 1000
# How near two transforms must be that come out of multiplied matrices, relative to their size.
NEAR = 1e-5

KEPT = 'was here before you connected; Share Scene puts it on stage'
ANIMATED = 'it is animated or simulated here: its motion is not shared'
CARRIED = 'it is parented to a bone, vertices or a curve: its place is not shared'
SHEARED = 'it is sheared: the others see the nearest shape without shear'
NOT_FINITE = 'one of its values is not a finite number'
NOT_ALLOWED = 'one of its values is not allowed in a session'
EDITED = 'its mesh was edited: the others still see the shape it had'


class Watch:
    """Looks at the scene of a Stage."""

    def __init__(self, stage):
        self.stage = stage
        self.structure_changed = False
        self.selection_changed = True
        self.newcomers = deque()
        self.selected = frozenset()
        self._touched = set()
        self._reshaped = set()
        self._elsewhere = set()  # pointers of objects that are touched, but not in this scene
        self._selection = None

    def note(self, depsgraph):
        """Takes down what the dependency graph has updated; to be quick, nothing is looked at."""
        touched, reshaped = self._touched, self._reshaped
        for update in depsgraph.updates:
            datablock = update.id
            if isinstance(datablock, bpy.types.Object):
                pointer = datablock.original.as_pointer()
                touched.add(pointer)
                if update.is_updated_geometry:
                    reshaped.add(pointer)
            elif isinstance(datablock, bpy.types.Collection):
                self.structure_changed = True
            elif isinstance(datablock, bpy.types.Scene):
                self.selection_changed = True
                if update.is_updated_transform or update.is_updated_geometry:
                    self.structure_changed = True

    def forget_references(self):
        """Drops everything that was noted: pointers mean nothing any more."""
        self._touched.clear()
        self._reshaped.clear()
        self._elsewhere.clear()
        self.newcomers.clear()
        self.structure_changed = False
        self.selection_changed = True

    def collect(self, now):
        """Tells the client of everything that was noted."""
        if self.structure_changed or self._is_somebody_unknown():
            self.structure_changed = False
            self._scan()
        if self._touched:
            touched, self._touched = self._touched, set()
            reshaped, self._reshaped = self._reshaped, set()
            for pointer in touched:
                self._look(pointer, pointer in reshaped, now)
        if self.newcomers:
            self._welcome()
        if self.selection_changed:
            self.selection_changed = False
            self._tell_selection()

    # Come and gone

    def _is_somebody_unknown(self):
        """Blender does not always name the collection to which an object was added."""
        known, local, elsewhere = self.stage.entries.by_pointer, self.stage.locals, self._elsewhere
        return any(pointer not in known and pointer not in local and pointer not in elsewhere
                   for pointer in self._touched)

    def _scan(self):
        stage = self.stage
        present = {obj.as_pointer(): obj for obj in stage.scene.objects}
        for entry in [entry for entry in stage.entries
                      if entry.linked and present.get(entry.pointer) != entry.obj]:
            stage.drop(entry)
            stage.client.delete(entry.id)
        for pointer, local in list(stage.locals.items()):
            if present.get(pointer) != local.obj:
                del stage.locals[pointer]
                stage.generation += 1
        self._elsewhere = {pointer for pointer in self._touched if pointer not in present}
        known = stage.entries.by_pointer
        waiting = {obj.as_pointer() for obj, _ in self.newcomers if is_alive(obj)}
        for pointer, obj in present.items():
            if pointer not in known and pointer not in stage.locals and pointer not in waiting:
                self.newcomers.append((obj, True))

    def _welcome(self):
        deadline = time.perf_counter() + WELCOME_BUDGET
        while self.newcomers and time.perf_counter() < deadline:
            obj, made_here = self.newcomers.popleft()
            if is_alive(obj):
                self.welcome(obj, made_here)

    def welcome(self, obj, made_here, former=None):
        """Shares an object that is new to the session, if it can be shared.

        `made_here`: its user made it just now, in the session; else it was there before.
        `former`: the SharedObject that it was, for one that is back after an undo: it gets that
        id again, and what somebody else had made of it.
        """
        identity = kinds.identify(obj)
        shared = self.describe(obj, identity, former.id if former else str(uuid.uuid4()))
        if isinstance(shared, str):
            if TAG in obj:
                del obj[TAG]
            self.stage.set_local(obj, shared)
            return None
        others = self._restore(shared, former) if former is not None else {}
        try:
            self.stage.client.create(shared)
        except ValueError:
            self.stage.set_local(obj, NOT_ALLOWED)
            return None
        self.stage.client.replica.objects[shared.id].writers.update(others)
        if former is not None and obj.get(TAG) != former.id:
            self.stage.born_tagged.discard(former.id)
        entry = self.stage.track(obj, shared, made_here, identity.affine)
        entry.wire = None if former else shared.transform
        if kinds.animates_transform(obj):
            self.stage.remark(entry, ANIMATED)
        return entry

    def _restore(self, shared, former):
        """Gives `shared` what others had written of `former`; returns register -> who wrote it."""
        others = {}
        for register in ('transform', 'name', *shared.properties):
            writer = former.writers.get(register, former.updated_by)
            if writer == self.stage.client.user_id:
                continue
            others[register] = writer
            if register in ('transform', 'name'):
                setattr(shared, register, getattr(former, register))
            elif register in former.properties:
                shared.properties[register] = former.properties[register]
        return others

    def describe(self, obj, identity, object_id):
        """The SharedObject for an object as it is, or the reason why there is none."""
        if identity.kind is None:
            return identity.reason
        values, _ = placement.read(obj, identity.affine, None)
        if values is None:
            return CARRIED
        if not all(map(math.isfinite, values)):
            return NOT_FINITE
        return protocol.SharedObject(
            object_id, protocol.clean_name(obj.name) or identity.kind, identity.kind,
            asset_id=identity.asset_id, asset_library=identity.asset_library, transform=values,
            properties=kinds.read_properties(obj, identity.kind))

    # Touched

    def _look(self, pointer, reshaped, now):
        stage = self.stage
        entry = stage.entries.of_pointer(pointer)
        if entry is None:
            local = stage.locals.get(pointer)
            if local is not None:
                self._look_at_local(local)
            return
        try:
            self.compare(entry, reshaped, now)
        except ReferenceError:
            self.structure_changed = True

    def _look_at_local(self, local):
        try:
            name = local.obj.name
        except ReferenceError:
            self.structure_changed = True
            return
        if name != local.name:
            local.name = name
            if local.kept:
                self.stage.private.add(local.obj)
            self.stage.generation += 1
        if not local.kept and local.obj.mode != 'EDIT' \
                and kinds.identify(local.obj).kind is not None:
            self.stage.locals.pop(local.obj.as_pointer(), None)
            self.newcomers.append((local.obj, True))

    def compare(self, entry, reshaped, now):
        """Tells the client what differs from what was last known of the object of `entry`."""
        if entry.id not in self.stage.client.replica.objects:
            return  # somebody has deleted it: about to go
        obj = entry.obj
        if reshaped and entry.kind in kinds.MESH_KINDS:
            self._look_at_mesh(entry)
        elif entry.kind not in kinds.MESH_KINDS and not self._look_at_kind(entry):
            return
        current = obj.matrix_basis if obj.parent is None else placement.matrix(obj)
        if current != entry.matrix:
            self._moved(entry, current, now)
        if entry.properties:
            self._look_at_properties(entry)
        if obj.name != entry.name:
            self.renamed(entry)

    def _moved(self, entry, current, now):
        stage = self.stage
        start = entry.matrix
        stage.reread_place(entry)
        reason, values = self._read_transform(entry)
        if reason is not None:
            stage.remark(entry, reason)
            if values is None:
                return
        elif entry.id in stage.remarks and stage.remarks[entry.id] in (ANIMATED, CARRIED, SHEARED,
                                                                       NOT_FINITE):
            stage.remark(entry, '')
        stage.motion.drop(entry.id)
        shared = stage.client.replica.objects[entry.id]
        entry.wire = values
        hold = stage.holds.changed(entry.id, start, shared.transform, entry.matrix, now)
        if hold is not None:
            self._taken_back(entry, hold)
        elif not is_near(values, shared.transform, entry.direct):
            self._send_transform(entry, values)

    def _send_transform(self, entry, values):
        """`wire` becomes what the replica has of them: rounded to float32, as all it has."""
        client = self.stage.client
        client.set_transform(entry.id, values)
        entry.wire = client.replica.objects[entry.id].transform

    def _read_transform(self, entry):
        if kinds.animates_transform(entry.obj):
            return ANIMATED, None
        values, sheared = placement.read(entry.obj, entry.affine, entry.wire)
        if values is None:
            return CARRIED, None
        if not all(map(math.isfinite, values)):
            return NOT_FINITE, None
        return (SHEARED if sheared else None), values

    def _taken_back(self, entry, hold):
        """Esc: if nobody else has moved it since, it goes back to where it was for everybody."""
        client = self.stage.client
        if client.writer(entry.id, 'transform') == client.user_id:
            client.set_transform(entry.id, hold.before)
        self.stage.redo_later(entry.id)

    def _look_at_properties(self, entry):
        properties = kinds.read_properties(entry.obj, entry.kind)
        if properties == entry.properties:
            return
        changed = {key: value for key, value in properties.items()
                   if value != entry.properties.get(key)
                   and not kinds.animates_property(entry.obj, entry.kind, key)}
        entry.properties = properties
        shared = self.stage.client.replica.objects[entry.id]
        changed = {key: value for key, value in changed.items()
                   if not protocol.same(value, shared.properties.get(key))}
        if not changed:
            return
        try:
            self.stage.client.set_properties(entry.id, changed)
        except ValueError:
            self.stage.remark(entry, NOT_ALLOWED)

    def renamed(self, entry):
        """Tells that a person gave the object another name."""
        entry.rename(entry.obj.name)
        name = protocol.clean_name(entry.name)
        if name is not None and name != entry.shared_name:
            entry.shared_name = name
            self.stage.client.set_name(entry.id, name)
        self.stage.generation += 1

    def _look_at_mesh(self, entry):
        """After a change of the mesh: applied transforms make another affine image of the same
        shape, which stands where it stood; another shape is another object."""
        stage, obj = self.stage, entry.obj
        if obj.mode == 'EDIT' or kinds.fingerprint(obj) == entry.fingerprint:
            return
        identity = stage.recognise(entry)
        if identity.kind is None:
            stage.remark(entry, EDITED)
            return
        if stage.remarks.get(entry.id) == EDITED:
            stage.remark(entry, '')
        if identity.kind != entry.kind:
            self.replace(entry, identity)
            return
        stage.reread_place(entry)
        reason, values = self._read_transform(entry)
        if values is None:
            stage.remark(entry, reason)
            return
        shared = stage.client.replica.objects[entry.id]
        entry.wire = values
        if not is_near(values, shared.transform, False):
            self._send_transform(entry, values)

    def _look_at_kind(self, entry):
        """Whether the camera, light or asset is still what it was."""
        identity = kinds.identify(entry.obj)
        asset = (identity.asset_library, identity.asset_id)
        if identity.kind == entry.kind and (entry.kind != 'asset_ref' or asset == entry.asset):
            if entry.id in self.stage.remarks and entry.kind != 'asset_ref':
                self._forgive(entry)
            return True
        if identity.kind is None:
            if entry.id not in self.stage.missing:
                self.stage.remark(entry, identity.reason)
            return True
        return self.replace(entry, identity)

    def _forgive(self, entry):
        if self.stage.remarks[entry.id] in (kinds.ONLY_PERSPECTIVE, kinds.ONLY_POINT_AND_SUN):
            self.stage.remark(entry, '')

    def replace(self, entry, identity, former=None):
        """The user made another type of object out of it: it keeps its id.

        `former` as in `welcome`, for what an undo made of it. Returns False.
        """
        entry.affine = identity.affine
        shared = self.describe(entry.obj, identity, entry.id)
        if isinstance(shared, str):
            self.stage.remark(entry, shared)
            return False
        others = self._restore(shared, former) if former is not None else {}
        entry.kind = shared.type
        entry.asset = (shared.asset_library, shared.asset_id)
        entry.shared_name = None if former else shared.name
        entry.wire = None if former else shared.transform
        self.stage.reread(entry)
        self.stage.client.replace(shared)
        self.stage.client.replica.objects[shared.id].writers.update(others)
        self.stage.remark(entry, '')
        return False

    # Selection

    def _tell_selection(self):
        stage = self.stage
        layer = view_layer(stage.scene)
        by_pointer = stage.entries.by_pointer
        selected = []
        for obj in layer.objects.selected:
            # Blender lists None for what was removed since it last looked.
            entry = by_pointer.get(obj.as_pointer()) if obj is not None else None
            if entry is not None:
                selected.append(entry.id)
        active = layer.objects.active
        entry = by_pointer.get(active.as_pointer()) if active is not None else None
        active_id = entry.id if entry is not None and entry.id in selected else None
        self.selected = frozenset(selected)
        selection = (active_id, tuple(selected[:MAX_SELECTED]))
        if selection != self._selection:
            self._selection = selection
            stage.client.select(*selection)

    def tell_selection_again(self):
        """Tells it once more: who has joined anew has none."""
        self._selection = None
        self.selection_changed = True


def view_layer(scene):
    """The view layer of `scene` in which its user works."""
    for window in bpy.context.window_manager.windows:
        if window.scene == scene:
            return window.view_layer
    return scene.view_layers[0]


def is_alive(obj):
    """Whether the reference still is one."""
    try:
        obj.as_pointer()
    except ReferenceError:
        return False
    return True


def is_near(values, others, exact):
    """Whether two transforms are the same: exactly as float32, or as near as arithmetic gets."""
    if exact:
        return protocol.same(values, others)
    return all(abs(a - b) <= NEAR * max(1.0, abs(a), abs(b)) for a, b in zip(values, others))
