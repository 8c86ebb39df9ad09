# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Blender's handlers, passed on to the session."""

import bpy
from bpy.app.handlers import persistent

from . import undo
from .state import session

_whole_steps = undo.WholeSteps()


@persistent
def _updated(_scene, depsgraph):
    if session.stage is not None:
        session.stage.watch.note(depsgraph)


@persistent
def _before_undo(*_):
    if session.stage is not None:
        _whole_steps.begin()


@persistent
def _undone(*_):
    _whole_steps.end()
    if session.stage is not None:
        session.stage.forget_references(redone=False)


@persistent
def _redone(*_):
    _whole_steps.end()
    if session.stage is not None:
        session.stage.forget_references(redone=True)


@persistent
def _before_load(*_):
    session.file_is_left()


@persistent
def _render_begins(*_):
    session.rendering = True


@persistent
def _render_ends(*_):
    session.rendering = False


HANDLERS = {
    'depsgraph_update_post': _updated,
    'frame_change_post': _updated,
    'undo_pre': _before_undo,
    'redo_pre': _before_undo,
    'undo_post': _undone,
    'redo_post': _redone,
    'load_pre': _before_load,
    'render_init': _render_begins,
    'render_complete': _render_ends,
    'render_cancel': _render_ends,
}


def register():
    """Begins to listen."""
    for name, handler in HANDLERS.items():
        getattr(bpy.app.handlers, name).append(handler)


def unregister():
    """Stops listening."""
    for name, handler in HANDLERS.items():
        handlers = getattr(bpy.app.handlers, name)
        if handler in handlers:
            handlers.remove(handler)
