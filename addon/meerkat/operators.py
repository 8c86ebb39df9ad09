# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What buttons and scripts can do: bpy.ops.meerkat.*

Operators check what they are given, say what is wrong with it in a sentence, and leave the work to
the session. A greyed button says why in its tooltip.
"""

import os
import textwrap
import uuid

import bpy
from bpy.app.translations import pgettext_iface as tr
from bpy.props import (BoolProperty, EnumProperty, FloatProperty, FloatVectorProperty,
                       StringProperty)

from . import assets, diagnostics, overlay, panels, preferences, properties, saving, state, widgets
from .core import protocol, texts


def connected_problem():
    return '' if panels.is_in_room() else tr('Connect to a room first')


def online_problem():
    status = state.session.client.status
    if status == 'RECONNECTING':
        return tr('The connection is lost at the moment')
    return '' if status == 'CONNECTED' else tr('Connect to a room first')


def host_problem():
    client = state.session.client
    if client.host_user_id != client.user_id:
        return online_problem() or tr('Only the host of the room can do this')
    return online_problem()


def editing_problem():
    """Why no object can be added now."""
    session = state.session
    if connected_problem():
        return connected_problem()
    if session.stage is None or session.scene is None:
        return tr('The scene has not arrived yet')
    if session.scene != bpy.context.scene:
        return tr('The room is in the scene “{scene}”').format(scene=session.scene.name)
    if bpy.context.mode != 'OBJECT':
        return tr('Go back to Object Mode first')
    return ''


class _Operator(bpy.types.Operator):
    """An operator whose greyed button says why. `problem()` returns a sentence, or ''."""
    bl_options = {'INTERNAL'}
    problem = staticmethod(lambda: '')

    @classmethod
    def poll(cls, context):
        text = cls.problem()
        if text:
            cls.poll_message_set(text)
        return not text

    def fail(self, text):
        self.report({'ERROR'}, text)
        return {'CANCELLED'}


# In and out of a room

SCENES = (
    ('NEW', 'New Scene', 'The room gets a scene of its own. What you have open is not touched'),
    ('CURRENT', 'Keep My Objects Beside', 'The room comes into the open scene. Your objects stay '
                                          'there, and the others do not see them'),
    ('SHARE', 'Start from This Scene', 'The room comes into the open scene, and what is in there '
                                       'already goes into the room'),
)


class MEERKAT_OT_connect(_Operator, bpy.types.Operator):
    """Enter the room. Whoever types the same room name on the same server is in it"""
    bl_idname = 'meerkat.connect'
    bl_label = 'Connect'
    bl_options = {'REGISTER'}

    server_url: StringProperty(name='Server', description='Empty: as in the preferences',
                               options={'SKIP_SAVE'})
    session: StringProperty(name='Room', description='Empty: as in the preferences',
                            options={'SKIP_SAVE'})
    display_name: StringProperty(name='Your Name', description='Empty: as in the preferences',
                                 options={'SKIP_SAVE'})
    scene: EnumProperty(name='Scene', items=SCENES, default='CURRENT', options={'SKIP_SAVE'})

    @staticmethod
    def problem():
        if state.session.client.status != 'DISCONNECTED':
            return tr('You are in a room already: disconnect first')
        return ''

    def _wanted(self):
        return [(getattr(self, field) or preferences.value(field)).strip()
                for field in ('server_url', 'session', 'display_name')]

    def _trouble(self):
        url, session, name = self._wanted()
        if not url:
            return tr('Type the address of a server')
        if not session:
            return tr('Type the name of a room')
        if not protocol.is_session_id(session):
            return tr(texts.SENTENCES['BAD_SESSION'])
        if not protocol.is_display_name(name):
            return tr(texts.SENTENCES['BAD_DISPLAY_NAME'])
        return panels.offline_text() if preferences.is_offline_for(url) else ''

    def invoke(self, context, event):
        trouble = self._trouble()
        if trouble:
            return self.fail(trouble)
        if self.properties.is_property_set('scene') or not has_own_objects(context.scene):
            return self.execute(context)
        self.scene = 'NEW'
        return context.window_manager.invoke_props_dialog(self, width=380)

    def draw(self, context):
        layout = self.layout
        layout.label(text='There are objects in the open scene. Where shall the room be?')
        for name, _, description in SCENES:
            box = layout.box()
            box.prop_enum(self, 'scene', name)
            column = box.column(align=True)
            column.active = self.scene == name
            column.scale_y = 0.8
            for line in textwrap.wrap(tr(description), 62):
                column.label(text=line, translate=False)

    def execute(self, context):
        trouble = self._trouble()
        if trouble:
            return self.fail(trouble)
        url, session, name = self._wanted()
        state.session.connect(url, session, name, self.scene)
        preferences.remember_room(url, session)
        preferences.check_libraries()
        properties.refresh()
        return {'FINISHED'}


def has_own_objects(scene):
    """Whether there is anything in the scene that has not come out of a room."""
    return any('meerkat_id' not in obj for obj in scene.objects)


class MEERKAT_OT_disconnect(_Operator, bpy.types.Operator):
    """Leave the room. The objects stay in your scene, and in the room"""
    bl_idname = 'meerkat.disconnect'
    bl_label = 'Disconnect'

    @staticmethod
    def problem():
        if state.session.client.status == 'DISCONNECTED':
            return tr('You are in no room')
        return ''

    def invoke(self, context, event):
        client = state.session.client
        if client.status == 'RECONNECTING' and client.pending:
            return context.window_manager.invoke_props_dialog(self, width=360)
        return self.execute(context)

    def draw(self, context):
        self.layout.label(translate=False, icon='ERROR', text=panels.saved_text())
        self.layout.label(text='If you leave now, the others will not get them.')
        self.layout.label(text='They stay in your scene.')

    def execute(self, context):
        state.session.disconnect()
        properties.refresh()
        return {'FINISHED'}


class MEERKAT_OT_reconnect_now(_Operator, bpy.types.Operator):
    """Try to get the connection back at once"""
    bl_idname = 'meerkat.reconnect_now'
    bl_label = 'Try Now'

    @staticmethod
    def problem():
        if state.session.client.status != 'RECONNECTING':
            return tr('No connection is lost')
        return ''

    def execute(self, context):
        state.session.client.reconnect_now()
        return {'FINISHED'}


class MEERKAT_OT_use_room(_Operator, bpy.types.Operator):
    """Put this into the fields above"""
    bl_idname = 'meerkat.use_room'
    bl_label = 'Use'

    server_url: StringProperty()
    session: StringProperty(options={'SKIP_SAVE'})

    def execute(self, context):
        prefs = preferences.get()
        prefs.server_url = self.server_url
        if self.session:
            prefs.session = self.session
        return {'FINISHED'}


class MEERKAT_OT_open_preferences(_Operator, bpy.types.Operator):
    """Open Meerkat's preferences: name, servers, asset libraries"""
    bl_idname = 'meerkat.open_preferences'
    bl_label = 'Preferences…'

    def execute(self, context):
        bpy.ops.preferences.addon_show(module=__package__)
        return {'FINISHED'}


class MEERKAT_OT_allow_online(_Operator, bpy.types.Operator):
    """Open the place in Blender's preferences where Allow Online Access is"""
    bl_idname = 'meerkat.allow_online'
    bl_label = 'Open Preferences'

    def execute(self, context):
        bpy.ops.screen.userpref_show(section='SYSTEM')
        return {'FINISHED'}


# For scripts

class MEERKAT_OT_tick(_Operator, bpy.types.Operator):
    """Send and receive what is there. For scripts: with a window this happens by itself"""
    bl_idname = 'meerkat.tick'
    bl_label = 'Tick'

    def execute(self, context):
        state.session.tick_for_script()
        properties.refresh()
        return {'FINISHED'}


class MEERKAT_OT_wait(_Operator, bpy.types.Operator):
    """Wait until the room has arrived, or until all changes are with the server. For scripts"""
    bl_idname = 'meerkat.wait'
    bl_label = 'Wait'

    until: EnumProperty(items=(
        ('CONNECTED', 'Connected', 'Until the scene of the room has arrived'),
        ('SENT', 'Sent', 'Until the server has acknowledged every change')))
    timeout: FloatProperty(default=10.0, min=0.0, subtype='TIME', description='Seconds')

    def execute(self, context):
        session = state.session
        is_there = {'CONNECTED': session_has_arrived, 'SENT': session_has_sent}[self.until]
        session.pump(lambda: is_there() or session.client.status == 'DISCONNECTED', self.timeout)
        properties.refresh()
        if is_there():
            return {'FINISHED'}
        self.report({'WARNING'}, session.client.error_text or session.status_text)
        return {'CANCELLED'}


def session_has_arrived():
    """Whether the scene of the room is here and built."""
    session = state.session
    return (session.client.status == 'CONNECTED' and session.stage is not None
            and session.stage.adopted and not session.stage.backlog)


def session_has_sent():
    """Whether the server has acknowledged all that this user did."""
    return session_has_arrived() and not state.session.client.pending


# Objects

class _Placing(_Operator):
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

    type: EnumProperty(name='Type', items=[(kind, label, '') for kind, label, _ in panels.KINDS])
    location: FloatVectorProperty(name='Location', subtype='TRANSLATION', options={'SKIP_SAVE'},
                                  description='Not given: at the 3D cursor')

    def execute(self, context):
        # As Blender's own: a new camera looks where the user looks.
        rotation = view_rotation(context) if self.type == 'CAMERA' else (0.0, 0.0, 0.0)
        name = next(label for kind, label, _ in panels.KINDS if kind == self.type)
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


class MEERKAT_OT_refresh_assets(_Operator, bpy.types.Operator):
    """Look again at the asset libraries, and show what was missing until now"""
    bl_idname = 'meerkat.refresh_assets'
    bl_label = 'Refresh Assets'

    def execute(self, context):
        assets.forget()
        preferences.check_libraries()
        if state.session.stage is not None:
            state.session.stage.refresh_assets()
        return {'FINISHED'}


class MEERKAT_OT_share_scene(_Operator, bpy.types.Operator):
    """Put every object of the open scene that can be shared into the room"""
    bl_idname = 'meerkat.share_scene'
    bl_label = 'Share Scene'
    bl_options = {'REGISTER', 'UNDO'}
    problem = staticmethod(editing_problem)

    def execute(self, context):
        state.session.stage.share_all()
        properties.refresh()
        return {'FINISHED'}


class MEERKAT_OT_show_scene(_Operator, bpy.types.Operator):
    """Show the scene that is shared in the room"""
    bl_idname = 'meerkat.show_scene'
    bl_label = 'Go There'

    @staticmethod
    def problem():
        return '' if state.session.scene is not None else connected_problem()

    def execute(self, context):
        context.window.scene = state.session.scene
        return {'FINISHED'}


class MEERKAT_OT_frame_user(_Operator, bpy.types.Operator):
    """Look at what this user has selected"""
    bl_idname = 'meerkat.frame_user'
    bl_label = 'Look at Selection'

    user_id: StringProperty(options={'SKIP_SAVE'})

    @classmethod
    def poll(cls, context):
        return getattr(context.space_data, 'region_3d', None) is not None

    def execute(self, context):
        stage = state.session.stage
        user = state.session.client.replica.users.get(self.user_id)
        if user is None or stage is None:
            return self.fail(tr('This user has left'))
        objects = filter(None, map(stage.object_of, user.selection))
        if not overlay.look_at(context.space_data.region_3d, objects):
            self.report({'INFO'}, tr('{name} has nothing selected').format(name=user.name))
            return {'CANCELLED'}
        return {'FINISHED'}


# The room

class MEERKAT_OT_resync(_Operator, bpy.types.Operator):
    """Ask the server for what was missed, if you think that your scene is not like the others'"""
    bl_idname = 'meerkat.resync'
    bl_label = 'Resync'
    problem = staticmethod(online_problem)

    def execute(self, context):
        state.session.client.request_sync()
        return {'FINISHED'}


class _Asking(_Operator):
    """An operator that asks before it does something that hurts."""
    problem = staticmethod(host_problem)

    def invoke(self, context, event):
        return context.window_manager.invoke_props_dialog(self, width=340)

    def draw(self, context):
        for index, line in enumerate(textwrap.wrap(self.question(), 52)):
            self.layout.label(text=line, icon='BLANK1' if index else 'QUESTION', translate=False)


class MEERKAT_OT_kick_user(_Asking, bpy.types.Operator):
    """Remove this user from the room. They can come back after a minute"""
    bl_idname = 'meerkat.kick_user'
    bl_label = 'Remove from Room'

    user_id: StringProperty(options={'SKIP_SAVE'})

    def question(self):
        return tr('Remove {name} from the room?').format(name=widgets.user_name(self.user_id))

    def execute(self, context):
        if self.user_id not in state.session.client.replica.users:
            return self.fail(tr('This user has left'))
        state.session.client.kick(self.user_id)
        return {'FINISHED'}


class MEERKAT_OT_close_room(_Asking, bpy.types.Operator):
    """End the room for everybody. Only the host can"""
    bl_idname = 'meerkat.close_room'
    bl_label = 'Close Room for Everybody'

    def question(self):
        return tr('End the room for everybody? What is in it stays in the scenes of those who are '
                  'there now, and is no longer on the server.')

    def execute(self, context):
        state.session.client.close_session()
        return {'FINISHED'}


class MEERKAT_OT_save_scene(_Operator, bpy.types.Operator):
    """Save a copy of the scene that opens without Meerkat. Your own file stays as it is"""
    bl_idname = 'meerkat.save_scene'
    bl_label = 'Save Scene…'
    bl_options = {'REGISTER'}

    filepath: StringProperty(subtype='FILE_PATH', options={'SKIP_SAVE'})
    filter_glob: StringProperty(default='*.blend', options={'HIDDEN'})
    pack_libraries: BoolProperty(
        name='Pack Libraries', default=True,
        description='Put the asset libraries into the file, so that it opens without them')

    def invoke(self, context, event):
        if not self.filepath:
            folder = os.path.dirname(bpy.data.filepath) or os.path.expanduser('~')
            name = state.session.client.session_id or 'scene'
            self.filepath = os.path.join(folder, f'{name}.blend')
        context.window_manager.fileselect_add(self)
        return {'RUNNING_MODAL'}

    def execute(self, context):
        try:
            report = saving.save(self.filepath, self.pack_libraries, state.session)
        except saving.SaveError as error:
            return self.fail(str(error))
        properties.refresh()
        for warning in report.warnings:
            self.report({'WARNING'}, warning)
        self.report({'INFO'}, tr('Saved {path}').format(path=report.path))
        return {'FINISHED'}


class MEERKAT_OT_copy_diagnostics(_Operator, bpy.types.Operator):
    """Copy a report for whoever helps you: versions, settings, the last messages, no secrets"""
    bl_idname = 'meerkat.copy_diagnostics'
    bl_label = 'Copy Diagnostics'

    def execute(self, context):
        context.window_manager.clipboard = diagnostics.report()
        self.report({'INFO'}, tr('The report is on the clipboard'))
        return {'FINISHED'}


CLASSES = (
    MEERKAT_OT_connect, MEERKAT_OT_disconnect, MEERKAT_OT_reconnect_now, MEERKAT_OT_use_room,
    MEERKAT_OT_open_preferences, MEERKAT_OT_allow_online, MEERKAT_OT_tick, MEERKAT_OT_wait,
    MEERKAT_OT_add, MEERKAT_OT_place_asset, MEERKAT_OT_refresh_assets, MEERKAT_OT_share_scene,
    MEERKAT_OT_show_scene, MEERKAT_OT_frame_user, MEERKAT_OT_resync, MEERKAT_OT_kick_user,
    MEERKAT_OT_close_room, MEERKAT_OT_save_scene, MEERKAT_OT_copy_diagnostics)


def register():
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister():
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
