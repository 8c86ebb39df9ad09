# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The tab in the 3D viewport's sidebar, and the line in the status bar.

A draw function does no work that grows with the scene: what is long is in a list that scrolls.
"""

import bpy

from .. import preferences, state, widgets
from ..widgets import guarded
from . import words
from .main import MENUS, MEERKAT_PT_main
from .placing import MEERKAT_PT_add, MEERKAT_PT_assets
from .room import (MEERKAT_PT_local, MEERKAT_PT_object, MEERKAT_PT_users, MEERKAT_PT_viewport,
                   MEERKAT_PT_warnings, MEERKAT_UL_local_objects)
from .words import refresh  # noqa: F401  for the timer

PANELS = (MEERKAT_PT_main, MEERKAT_PT_warnings, MEERKAT_PT_users, MEERKAT_PT_add,
          MEERKAT_PT_assets, MEERKAT_PT_object, MEERKAT_PT_local, MEERKAT_PT_viewport)
OTHERS = (*MENUS, MEERKAT_UL_local_objects)


@guarded
def draw_status_bar(self, context):
    """The line that is there whatever panel is open: room, people, what became of the work."""
    client = state.session.client
    if client.status != 'DISCONNECTED':
        color = {'CONNECTED': widgets.AMBER if client.degraded else widgets.GREEN,
                 'CONNECTING': widgets.AMBER, 'RECONNECTING': widgets.RED}[client.status]
        self.layout.label(text=f'{client.session_id} · {words.status_bar_text()}', translate=False,
                          icon_value=widgets.disc(color))


def set_category(name):
    """Moves the panels to the sidebar's tab of this name."""
    for cls in reversed(PANELS):
        bpy.utils.unregister_class(cls)
    _register_panels(name)


def _register_panels(category):
    for cls in PANELS:
        cls.bl_category = category or 'Meerkat'
        bpy.utils.register_class(cls)


def register():
    widgets.register()
    for cls in OTHERS:
        bpy.utils.register_class(cls)
    _register_panels(preferences.get().category)
    bpy.types.STATUSBAR_HT_header.append(draw_status_bar)


def unregister():
    bpy.types.STATUSBAR_HT_header.remove(draw_status_bar)
    for cls in reversed(OTHERS + PANELS):
        bpy.utils.unregister_class(cls)
    widgets.unregister()
