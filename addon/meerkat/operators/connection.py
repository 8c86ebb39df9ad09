# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Into a room and out of it."""

import bpy
from bpy.app.translations import pgettext_iface as tr
from bpy.props import EnumProperty, StringProperty

from .. import checks, preferences, properties, state, widgets
from ..core import texts
from ..panels import words
from .base import Operator

DIALOG_WIDTH = 380  # unscaled pixels
TEXT_WIDTH = DIALOG_WIDTH - 50  # beside an icon's place and within the margins

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
    scene: EnumProperty(name='Scene', items=SCENES, default='CURRENT', options={'SKIP_SAVE'},
                        description='Where in the open file the room is')

    _is_script = True  # until it is invoked

    @staticmethod
    def problem():
        if state.session.client.status != 'DISCONNECTED':
            return tr('You are in a room already: disconnect first')
        return ''

    def _wanted(self):
        return {field: (getattr(self, field) or preferences.value(field)).strip()
                for field in preferences.VARIABLES}

    def _trouble(self):
        """What is wrong with what is wanted, with the name of the field, or ''."""
        wanted = self._wanted()
        for field, text in wanted.items():
            sentence = checks.OF_FIELD[field](text)
            if sentence:
                return self._about(field, text, sentence)
        # A person sees what becomes of a lone word. A script may never look.
        if self._is_script and checks.is_lone_word(self.server_url):
            return self._about('server_url', self.server_url, tr(texts.SENTENCES['BAD_URL']))
        address = wanted['server_url']
        return words.offline_text() if preferences.is_offline_for(address) else ''

    def _about(self, field, text, sentence):
        name = field if self._is_script else tr(self.properties.bl_rna.properties[field].name)
        if not getattr(self, field):
            name = preferences.variable(field) or name
        return f'{name} “{text}”: {sentence}' if text else f'{name}: {sentence}'

    def invoke(self, context, event):
        self._is_script = False
        trouble = self._trouble()
        if trouble:
            return self.fail(trouble)
        if self.properties.is_property_set('scene') or not has_own_objects(context.scene):
            return self.execute(context)
        self.scene = 'NEW'
        return self.ask(context, DIALOG_WIDTH)

    def draw(self, context):
        layout = self.layout
        layout.label(text='There are objects in the open scene. Where shall the room be?')
        for name, _, description in SCENES:
            column = layout.column(align=True)
            row = column.row()
            row.alignment = 'LEFT'
            row.emboss = 'NONE'
            row.prop_enum(self, 'scene', name,
                          icon='RADIOBUT_ON' if self.scene == name else 'RADIOBUT_OFF')
            lines = column.column(align=True)
            lines.scale_y = 0.8
            width = TEXT_WIDTH * context.preferences.system.ui_scale
            for line in widgets.lines_in(context, tr(description), width):
                lines.label(text=line, icon='BLANK1', translate=False)

    def execute(self, context):
        trouble = self._trouble()
        if trouble:
            return self.fail(trouble)
        state.session.connect(*self._wanted().values(), self.scene)
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
            return self.ask(context, 360)
        return self.execute(context)

    def draw(self, context):
        self.layout.label(translate=False, icon='ERROR', text=words.saved_text())
        self.layout.label(text='If you leave now, the others will not see what is waiting.')
        self.layout.label(text='It stays in your scene.')

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

    server_url: StringProperty(name='Server', description='Address of the server')
    session: StringProperty(name='Room', options={'SKIP_SAVE'},
                            description='Name of the room; empty: only the server changes')

    def execute(self, context):
        prefs = preferences.get()
        prefs.server_url = self.server_url
        if self.session:
            prefs.session = self.session
        return {'FINISHED'}


CLASSES = (MEERKAT_OT_connect, MEERKAT_OT_disconnect, MEERKAT_OT_reconnect_now, MEERKAT_OT_use_room)
