# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What can be put into the scene: objects and assets."""

import bpy
from bpy.app.translations import pgettext_iface as tr

from .. import preferences, state, translations, widgets
from ..widgets import guarded
from .base import SubPanel

MOST_LINES = 5  # of reasons why assets are missing


KINDS = (  # translated
    ('CUBE', 'Cube', 'MESH_CUBE'),
    ('SPHERE', 'Sphere', 'MESH_UVSPHERE'),
    ('CYLINDER', 'Cylinder', 'MESH_CYLINDER'),
    ('CAMERA', 'Camera', 'OUTLINER_OB_CAMERA'),
    ('POINT_LIGHT', 'Point Light', 'LIGHT_POINT'),
    ('SUN_LIGHT', 'Sun', 'LIGHT_SUN'),
)


class MEERKAT_PT_add(SubPanel, bpy.types.Panel):
    bl_label = 'Add'

    @guarded
    def draw(self, context):
        grid = self.layout.grid_flow(columns=2, even_columns=True, align=True, row_major=True)
        for kind, label, icon in KINDS:
            grid.operator('meerkat.add', text=label, icon=icon).type = kind


class MEERKAT_PT_assets(SubPanel, bpy.types.Panel):
    bl_label = 'Assets'

    @guarded
    def draw(self, context):
        layout = self.layout
        row = layout.row(align=True)
        row.prop(context.window_manager.meerkat, 'asset', text='', icon='VIEWZOOM')
        row.operator('meerkat.refresh_assets', text='', icon='FILE_REFRESH')
        row.operator('meerkat.open_preferences', text='', icon='PREFERENCES')
        layout.operator('meerkat.place_asset', icon='ADD')
        if not preferences.get().libraries and not context.window_manager.meerkat.asset:
            widgets.wrapped(layout, context, tr(
                'Name .blend files with assets in the preferences, or use the files of '
                'Blender\'s own asset libraries.'), icon='INFO')
        stage = state.session.stage
        missing = stage.missing if stage is not None else {}
        if missing:
            box = layout.box()
            box.label(translate=False, icon='ERROR', text=translations.counted(
                len(missing), '1 asset is missing here', '{count} assets are missing here'))
            for reason in list(dict.fromkeys(missing.values()))[:MOST_LINES]:
                widgets.wrapped(box, context, reason)
