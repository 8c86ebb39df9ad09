# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What the user does in the bound scene, told to the client.

Blender's dependency graph says which objects were touched; only those are looked at, and only what
differs from what was last written or read is an edit. Objects that come and go are looked for when
a collection was touched, all at once: that costs microseconds per object, where Blender itself
needs many more to rebuild its graph.
"""

import time
from collections import deque

import bpy

from . import compare, kinds, scenes, sharing
from .entries import is_alive

# Of a tick's time, in seconds, for objects that are new to the session.
WELCOME_BUDGET = 0.02
MAX_SELECTED = 1000


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
        unknown = self._touched.difference(self.stage.entries.by_pointer)
        return any(pointer not in self.stage.locals and pointer not in self._elsewhere
                   for pointer in unknown)

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
                sharing.welcome(self.stage, obj, made_here)

    # Touched

    def _look(self, pointer, reshaped, now):
        stage = self.stage
        entry = stage.entries.by_pointer.get(pointer)
        if entry is None:
            local = stage.locals.get(pointer)
            if local is not None:
                self._look_at_local(local)
            return
        try:
            compare.compare(stage, entry, reshaped, now)
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
                self.stage.private.add(local.obj, local.reason)
            self.stage.generation += 1
        if not local.kept and local.obj.mode != 'EDIT' \
                and kinds.identify(local.obj).kind is not None:
            self.stage.locals.pop(local.obj.as_pointer(), None)
            self.newcomers.append((local.obj, True))

    # Selection

    def _tell_selection(self):
        stage = self.stage
        layer = scenes.view_layer(stage.scene)
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
