# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Taking objects away without harm.

Freeing an object that is being grabbed ends Blender with a segmentation fault, and so may freeing
what another tool holds, or what a slider that is being dragged belongs to. Unlinking it from its
collections does not. So everything is unlinked at once, and freed when no tool can hold it any more.
"""

import bpy

from . import holds, placement
from .entries import TAG, is_alive


class Graves:
    """Objects that are unlinked and wait to be freed."""

    def __init__(self):
        self._objects = []
        self._in_hand = []  # as far as Blender does not tell whether something is in the hand
        self._mark = None

    def __len__(self):
        return len(self._objects) + len(self._in_hand)

    def remove(self, scene, objects):
        """Takes `objects` out of `scene`, and frees them as soon as that is safe."""
        in_hand, others = [], []
        for obj in objects:
            (in_hand if _may_be_in_hand(scene, obj) else others).append(obj)
        take_out(scene, objects)
        if bpy.app.background:
            _free(objects)
            return
        self._objects += others
        if in_hand:
            self._mark = holds.operators_mark()
            self._in_hand += in_hand

    def look(self):
        """Frees what can be freed by now."""
        if not len(self) or holds.is_busy():
            return
        objects, self._objects = self._objects, []
        if self._in_hand and holds.operators_mark() != self._mark:
            objects += self._in_hand
            self._in_hand = []
        _free([obj for obj in objects if is_alive(obj)])

    def sweep(self):
        """After an undo, which may bring back what was unlinked and not freed yet: frees it."""
        _free([obj for obj in bpy.data.objects if obj.users == 0 and TAG in obj])

    def forget(self):
        """Forgets them without a look: after an undo, or when the file is left."""
        self._objects.clear()
        self._in_hand.clear()


def take_out(scene, objects):
    """Takes `objects` out of `scene`. What they carry keeps its place: by itself it would jump."""
    pointers = {obj.as_pointer() for obj in objects}
    for child in scene.objects:
        parent = child.parent
        if parent is not None and parent.as_pointer() in pointers \
                and child.as_pointer() not in pointers:
            matrix = placement.matrix(child) or child.matrix_world.copy()
            child.parent = None
            child.matrix_basis = matrix
    for obj in objects:
        _unlink(scene, obj)


def _may_be_in_hand(scene, obj):
    """Whether a tool may hold `obj`, in a Blender that does not tell whether any tool is used."""
    if bpy.app.background or holds.tells_modal_operators():
        return False
    if scene.tool_settings.use_proportional_edit_objects or obj == scene.camera:
        return True
    while obj is not None:
        if any(obj.select_get(view_layer=layer) or obj == layer.objects.active
               for layer in scene.view_layers if obj.name in layer.objects):
            return True
        obj = obj.parent
    return False


def _unlink(scene, obj):
    """Takes it out of that scene; its user may have it in others as well."""
    here = {scene.collection, *scene.collection.children_recursive}
    for collection in obj.users_collection:
        if collection in here:
            collection.objects.unlink(obj)
    if obj.users_collection and TAG in obj:
        del obj[TAG]


def _free(objects):
    objects = [obj for obj in objects if not obj.users_collection]
    if not objects:
        return
    data = {obj.data for obj in objects if obj.data is not None and obj.data.library is None}
    bpy.data.batch_remove(objects)
    bpy.data.batch_remove([datablock for datablock in data if datablock.users == 0])
