# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The scene to which a session is bound: made, found again, kept from being undone."""

import bpy

from .entries import TAG


class SceneTrace:
    """Finds the bound scene again after an undo, which may have renamed or removed it."""

    def __init__(self, scene):
        self.name = scene.name
        self._names = [scene.name]
        self._uid = getattr(scene, 'session_uid', None)

    def follow(self, scene):
        """Takes note of how it is called now."""
        if scene.name != self.name:
            self.name = scene.name
            self._names.append(scene.name)

    def find(self, known=()):
        """The scene by its uid, else by the ids in `known` that its objects carry, else by a name
        that it had; or None."""
        scenes = list(bpy.data.scenes)
        if self._uid is not None:
            return next((scene for scene in scenes if scene.session_uid == self._uid), None)
        counts = [sum(obj.get(TAG) in known for obj in scene.objects) for scene in scenes]
        if any(counts):
            return scenes[counts.index(max(counts))]
        return next((bpy.data.scenes[name] for name in reversed(self._names)
                     if name in bpy.data.scenes), None)


def new_scene(name):
    """An empty scene for a room, shown in the window, with the world of the one shown before."""
    shown = bpy.context.scene
    scene = bpy.data.scenes.new(name)
    scene.world = shown.world
    windows = bpy.context.window_manager.windows
    window = bpy.context.window or (windows[0] if windows else None)
    if window is not None:
        window.scene = scene
    return scene


def view_layer(scene):
    """The view layer of `scene` in which its user works."""
    for window in bpy.context.window_manager.windows:
        if window.scene == scene:
            return window.view_layer
    return scene.view_layers[0]


def push_undo_step():
    """Lets the next undo go back to here: entering a room is nobody's action to undo, and what an
    undo takes away of the room would have to be built anew."""
    windows = bpy.context.window_manager.windows
    if bpy.app.background or not windows:
        return
    with bpy.context.temp_override(window=windows[0]):
        bpy.ops.ed.undo_push(message='Meerkat')
