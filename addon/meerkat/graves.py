# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Taking objects away without harm.

Freeing an object that is being grabbed ends Blender with a segmentation fault; unlinking it from
its collections does not. So what might be in the user's hand is unlinked at once and freed when
the hand is known to be empty.
"""

import bpy

from . import holds, placement
from .entries import TAG

REMOVED = 'Meerkat Removed'


class Graves:
    """Objects that are unlinked and wait to be freed."""

    def __init__(self):
        self._objects = []
        self._mark = None

    def __len__(self):
        return len(self._objects)

    def remove(self, scene, objects):
        """Takes `objects` out of `scene` and frees them, now or as soon as that is safe."""
        _unparent_children(scene, objects)
        careful, free = [], []
        for obj in objects:
            (careful if _may_be_grabbed(scene, obj) else free).append(obj)
        for obj in objects:
            _unlink(scene, obj)
        _free(free)
        if careful:
            self._mark = holds.operators_mark()
            self._objects += careful

    def set_aside(self, scene, objects):
        """Takes `objects` out of `scene` but keeps them in the file, in a collection that no
        scene shows: they were their user's before they were shared."""
        _unparent_children(scene, objects)
        collection = bpy.data.collections.get(REMOVED)
        if collection is None:
            collection = bpy.data.collections.new(REMOVED)
            collection.use_fake_user = True
        for obj in objects:
            _unlink(scene, obj)
            collection.objects.link(obj)
            if TAG in obj:
                del obj[TAG]

    def look(self):
        """Frees what can be freed by now."""
        if self._objects and self._hand_is_empty():
            objects, self._objects = self._objects, []
            _free([obj for obj in objects if _is_alive(obj)])

    def sweep(self):
        """After an undo, which may bring back what was unlinked and not freed yet: frees it."""
        _free([obj for obj in bpy.data.objects if obj.users == 0 and TAG in obj])

    def forget(self):
        """Forgets them without a look: after an undo, or when the file is left."""
        self._objects.clear()

    def _hand_is_empty(self):
        if holds.tells_modal_operators():
            return not holds.is_transforming()
        return bpy.app.background or holds.operators_mark() != self._mark


def _is_alive(obj):
    try:
        obj.as_pointer()
    except ReferenceError:
        return False
    return True


def _may_be_grabbed(scene, obj):
    if bpy.app.background:
        return False
    if holds.tells_modal_operators():
        return holds.is_transforming()
    if scene.tool_settings.use_proportional_edit_objects:
        return True
    while obj is not None:
        if any(obj.select_get(view_layer=layer) for layer in scene.view_layers
               if obj.name in layer.objects):
            return True
        obj = obj.parent
    return False


def _unparent_children(scene, objects):
    """Children that stay keep their place in the world; without this they would jump."""
    pointers = {obj.as_pointer() for obj in objects}
    for child in scene.objects:
        parent = child.parent
        if parent is not None and parent.as_pointer() in pointers \
                and child.as_pointer() not in pointers:
            matrix = placement.matrix(child) or child.matrix_world.copy()
            child.parent = None
            child.matrix_basis = matrix


def _unlink(scene, obj):
    """Takes it out of that scene; its user may have it in others as well."""
    here = {scene.collection, *scene.collection.children_recursive}
    for collection in obj.users_collection:
        if collection in here:
            collection.objects.unlink(obj)


def _free(objects):
    for obj in objects:
        if obj.users_collection and TAG in obj:
            del obj[TAG]
    objects = [obj for obj in objects if not obj.users_collection]
    if not objects:
        return
    data = {obj.data for obj in objects if obj.data is not None and obj.data.library is None}
    bpy.data.batch_remove(objects)
    bpy.data.batch_remove([datablock for datablock in data if datablock.users == 0])
