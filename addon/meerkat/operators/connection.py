# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Into a room and out of it."""

import textwrap

import bpy
from bpy.app.translations import pgettext_iface as tr
from bpy.props import EnumProperty, StringProperty

from .. import preferences, properties, state
from ..core import protocol, texts
from ..panels import words
from .base import Operator


SCENES = (
    ('NEW', 'New Scene', 'The room gets a scene of its own. What you have open is not touched'),
    ('CURRENT', 'Keep My Objects Beside', 'The room comes into the open scene. Your objects stay '
                                          'there, and the others do not see them'),
    ('SHARE', 'Start from This Scene', 'The room comes into the open scene, and what is in there '
                                       'already goes into the room'),
)


class MEERKAT_OT_connect(Operator, bpy.types.Operator):
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
        return words.offline_text() if preferences.is_offline_for(url) else ''

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


class MEERKAT_OT_disconnect(Operator, bpy.types.Operator):
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
        self.layout.label(translate=False, icon='ERROR', text=words.saved_text())
        self.layout.label(text='If you leave now, the others will not get them.')
        self.layout.label(text='They stay in your scene.')

    def execute(self, context):
        state.session.disconnect()
        properties.refresh()
        return {'FINISHED'}


class MEERKAT_OT_reconnect_now(Operator, bpy.types.Operator):
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


class MEERKAT_OT_use_room(Operator, bpy.types.Operator):
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


CLASSES = (MEERKAT_OT_connect, MEERKAT_OT_disconnect, MEERKAT_OT_reconnect_now, MEERKAT_OT_use_room)
