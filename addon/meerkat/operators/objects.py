# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Objects and assets for everybody in the room."""

import uuid

import bpy
from bpy.app.translations import pgettext_iface as tr
from bpy.props import EnumProperty, FloatVectorProperty, StringProperty

from .. import assets, preferences, properties, state
from ..core import protocol
from ..panels.placing import KINDS
from .base import Operator, editing_problem


class _Placing(Operator):
    """An operator that puts something at a place, the 3D cursor if none is given."""
    problem = staticmethod(editing_problem)

    def put(self, context, kind, name, rotation=(0.0, 0.0, 0.0), **asset):
        """Shares a new object and makes it the active one."""
        if not self.properties.is_property_set('location'):
            self.location = context.scene.cursor.location
        shared = protocol.SharedObject(str(uuid.uuid4()), name, kind, **asset,
                                       transform=(*self.location, *rotation, 1.0, 1.0, 1.0))
        try:
            shared.check()
        except ValueError as error:
            return self.fail(str(error))
        obj = state.session.stage.add(shared)
        for other in context.selected_objects:
            other.select_set(False)
        if obj.name in context.view_layer.objects:  # its collection may be excluded
            obj.select_set(True)
            context.view_layer.objects.active = obj
        return {'FINISHED'}


def view_rotation(context):
    """How the 3D view is turned, as Euler angles; none outside a 3D view."""
    view = getattr(context.space_data, 'region_3d', None)
    return tuple(view.view_rotation.to_euler()) if view is not None else (0.0, 0.0, 0.0)


class MEERKAT_OT_add(_Placing, bpy.types.Operator):
    """Add an object at the 3D cursor, for everybody in the room"""
    bl_idname = 'meerkat.add'
    bl_label = 'Add'
    bl_options = {'REGISTER', 'UNDO'}

    type: EnumProperty(name='Type', items=[(kind, label, '') for kind, label, _ in KINDS],
                       description='What is added')
    location: FloatVectorProperty(name='Location', subtype='TRANSLATION', options={'SKIP_SAVE'},
                                  description='Not given: at the 3D cursor')

    def execute(self, context):
        # As Blender's own: a new camera looks where the user looks.
        rotation = view_rotation(context) if self.type == 'CAMERA' else (0.0, 0.0, 0.0)
        name = next(label for kind, label, _ in KINDS if kind == self.type)
        return self.put(context, self.type.lower(), name, rotation)


class MEERKAT_OT_place_asset(_Placing, bpy.types.Operator):
    """Place the asset at the 3D cursor, for everybody. It stays linked to its library"""
    bl_idname = 'meerkat.place_asset'
    bl_label = 'Place Asset'
    bl_options = {'REGISTER', 'UNDO'}

    asset: StringProperty(name='Asset', options={'SKIP_SAVE'},
                          description='Name of a collection or an object; empty: as in the panel')
    library: StringProperty(name='Library', options={'SKIP_SAVE'},
                            description='File name of the library; empty: the first that has it')
    location: FloatVectorProperty(name='Location', subtype='TRANSLATION', options={'SKIP_SAVE'},
                                  description='Not given: at the 3D cursor')

    def execute(self, context):
        if self.asset:
            found = next((item for item in assets.available() if item[1] == self.asset
                          and self.library in ('', item[0])), None)
            wanted = f'{self.asset} ({self.library})' if self.library else self.asset
        else:
            wanted = context.window_manager.meerkat.asset
            found = properties.asset_of_label(wanted)
        if not wanted:
            return self.fail(tr('Choose an asset first'))
        if found is None:
            return self.fail(tr('No asset “{asset}” in the asset libraries').format(asset=wanted))
        library, asset = found
        _, reason = assets.instance(library, asset)
        if reason:
            return self.fail(reason)
        self.library, self.asset = found
        return self.put(context, 'asset_ref', asset, asset_id=asset, asset_library=library)


class MEERKAT_OT_refresh_assets(Operator, bpy.types.Operator):
    """Look again at the asset libraries, and show what was missing until now"""
    bl_idname = 'meerkat.refresh_assets'
    bl_label = 'Refresh Assets'

    def execute(self, context):
        assets.forget()
        preferences.check_libraries()
        if state.session.stage is not None:
            state.session.stage.refresh_assets()
        return {'FINISHED'}


class MEERKAT_OT_share_scene(Operator, bpy.types.Operator):
    """Put every object of the open scene that can be shared into the room"""
    bl_idname = 'meerkat.share_scene'
    bl_label = 'Share Scene'
    bl_options = {'REGISTER', 'UNDO'}
    problem = staticmethod(editing_problem)

    def execute(self, context):
        state.session.stage.share_all()
        properties.refresh()
        return {'FINISHED'}


CLASSES = (MEERKAT_OT_add, MEERKAT_OT_place_asset, MEERKAT_OT_refresh_assets,
           MEERKAT_OT_share_scene)
