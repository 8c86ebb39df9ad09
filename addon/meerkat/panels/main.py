# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The panel at the top of the tab, with one face for each state of the connection."""

import bpy
from bpy.app.translations import pgettext_iface as tr

from .. import preferences, state, widgets, wording
from ..widgets import guarded
from . import words
from .base import Panel


class MEERKAT_MT_servers(bpy.types.Menu):
    """Servers that you know"""
    bl_label = 'Servers'

    @guarded
    def draw(self, context):
        prefs = preferences.get()
        for server in prefs.servers:
            item = self.layout.operator('meerkat.use_room', translate=False,
                                        text=f'{server.name}  ({server.url})')
            item.server_url = server.url
        if not any(server.url == preferences.LOCAL_SERVER for server in prefs.servers):
            item = self.layout.operator('meerkat.use_room', text='This Computer')
            item.server_url = preferences.LOCAL_SERVER
        self.layout.separator()
        self.layout.operator('meerkat.open_preferences', text='Edit Servers…')


class MEERKAT_MT_recent_rooms(bpy.types.Menu):
    """Rooms that you were in"""
    bl_label = 'Recent Rooms'

    @guarded
    def draw(self, context):
        rooms = preferences.get().recent_rooms
        for room in rooms:
            item = self.layout.operator('meerkat.use_room', translate=False,
                                        text=f'{room.session}  ({room.server_url})')
            item.server_url = room.server_url
            item.session = room.session
        if not rooms:
            self.layout.label(text='No rooms yet')


class MEERKAT_PT_main(Panel, bpy.types.Panel):
    bl_label = 'Meerkat'

    @guarded
    def draw_header_preset(self, context):
        self.layout.operator('meerkat.open_preferences', text='', icon='PREFERENCES', emboss=False)

    @guarded
    def draw(self, context):
        {'DISCONNECTED': self.draw_disconnected, 'CONNECTING': self.draw_connecting,
         'CONNECTED': self.draw_connected, 'RECONNECTING': self.draw_reconnecting,
         }[state.session.client.status](context)

    def draw_disconnected(self, context):
        layout = self.layout
        client = state.session.client
        if client.error_text:
            box = layout.box()
            box.alert = True
            widgets.wrapped(box, context, wording.known(client.error_text), icon='ERROR')
        column = layout.column()
        self._draw_field(column, 'server_url', 'MEERKAT_MT_servers')
        self._draw_field(column, 'session', 'MEERKAT_MT_recent_rooms')
        self._draw_field(column, 'display_name')
        if preferences.is_offline_for(preferences.value('server_url')):
            box = layout.box()
            widgets.wrapped(box, context, words.offline_text(), icon='INTERNET')
            if not getattr(bpy.app, 'online_access_override', False):
                box.operator('meerkat.allow_online')
        row = layout.row()
        row.scale_y = 1.5
        row.operator('meerkat.connect', icon='LINKED')
        row = layout.row()
        row.operator('meerkat.save_scene', icon='FILE_TICK')
        row.operator('meerkat.copy_diagnostics', text='', icon='COPYDOWN')

    def _draw_field(self, layout, field, menu=None):
        prefs = preferences.get()
        column = layout.column(align=True)
        column.label(text=prefs.bl_rna.properties[field].name)
        row = column.row(align=True)
        variable = preferences.variable(field)
        if variable:
            row.enabled = False
            row.label(text=f'{preferences.value(field)}  ({variable})', translate=False)
            return
        row.prop(prefs, field, text='')
        if menu:
            row.menu(menu, text='', icon='DOWNARROW_HLT')

    def draw_connecting(self, context):
        client = state.session.client
        self._draw_title(tr('Connecting: {room}'), widgets.AMBER)
        if client.progress > 0.0:
            self._draw_progress()
        else:
            widgets.wrapped(self.layout, context, wording.status(client))
        self.layout.operator('meerkat.disconnect', text='Cancel', icon='X')

    def draw_connected(self, context):
        layout = self.layout
        session = state.session
        client = session.client
        self._draw_title(tr('Connected: {room}'),
                         widgets.AMBER if client.degraded else widgets.GREEN)
        if words.is_building():
            self._draw_progress()
        if client.degraded:
            box = layout.box()
            box.alert = True
            widgets.wrapped(box, context, tr(
                'The server cannot write to its disk. Work goes on, but what is done now is lost '
                'if the server stops. Save Scene keeps a copy.'), icon='ERROR')
        else:
            layout.label(text=words.saved_text(), translate=False,
                         icon='SORTTIME' if client.pending else 'CHECKMARK')
        if client.is_first and len(client.replica.users) == 1:
            widgets.wrapped(layout, context, wording.first_here(), icon='INFO')
        self._draw_other_scene(context)
        row = layout.row(align=True)
        row.operator('meerkat.disconnect', icon='UNLINKED')
        row.operator('meerkat.resync', text='', icon='FILE_REFRESH')
        row.operator('meerkat.copy_diagnostics', text='', icon='COPYDOWN')
        column = layout.column(align=True)
        column.operator('meerkat.save_scene', icon='FILE_TICK')
        column.operator('meerkat.share_scene', icon='EXPORT')

    def draw_reconnecting(self, context):
        layout = self.layout
        client = state.session.client
        self._draw_title(tr('Reconnecting: {room}'), widgets.RED)
        if client.error_code != 'CONNECTION_LOST':  # which is what the next line says
            widgets.wrapped(layout, context, wording.known(client.error_text))
        widgets.wrapped(layout, context, wording.status(client), icon='ERROR')
        if client.pending:
            layout.label(text=words.saved_text(), icon='SORTTIME', translate=False)
        widgets.wrapped(layout, context, tr(
            'You can work on: your changes are sent when the connection is back.'))
        self._draw_other_scene(context)
        row = layout.row(align=True)
        row.operator('meerkat.reconnect_now', icon='FILE_REFRESH')
        row.operator('meerkat.disconnect', text='Cancel', icon='X')
        row = layout.row(align=True)
        row.operator('meerkat.save_scene', icon='FILE_TICK')
        row.operator('meerkat.copy_diagnostics', text='', icon='COPYDOWN')

    def _draw_title(self, text, color):
        self.layout.label(text=text.format(room=state.session.client.session_id), translate=False,
                          icon_value=widgets.disc(color))

    def _draw_progress(self):
        progress = state.session.progress
        widgets.progress_bar(self.layout, progress, tr('Scene: {percent}').format(
            percent=widgets.percent(progress)))

    def _draw_other_scene(self, context):
        scene = state.session.scene
        if scene is not None and scene != context.scene:
            box = self.layout.box()
            widgets.wrapped(box, context, tr('The room is in the scene “{scene}”.').format(
                scene=scene.name), icon='SCENE_DATA')
            box.operator('meerkat.show_scene')


MENUS = (MEERKAT_MT_servers, MEERKAT_MT_recent_rooms)
