# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Who is in the room, what became of the objects, what is wrong, what the viewport shows."""

import bpy
from bpy.app.translations import pgettext_iface as tr

from .. import preferences, state, widgets, wording
from ..widgets import guarded
from . import words
from .base import SubPanel, is_in_room

MOST_USERS = 32  # rows; a room has ten users unless its server was told otherwise
MOST_LINES = 5  # of warnings


class MEERKAT_PT_users(SubPanel, bpy.types.Panel):
    bl_label = 'Users'

    @guarded
    def draw(self, context):
        client = state.session.client
        users = widgets.users()
        is_host = client.host_user_id == client.user_id
        column = self.layout.column(align=True)
        for user in users[:MOST_USERS]:
            self._draw_user(column, client, user, is_host)
        if len(users) > MOST_USERS:
            column.label(text=tr('and {count} more').format(count=len(users) - MOST_USERS),
                         translate=False)
        if is_host and client.status == 'CONNECTED':
            self.layout.operator('meerkat.close_room', icon='CANCEL')

    def _draw_user(self, column, client, user, is_host):
        row = column.row(align=True)
        split = row.split(factor=0.6, align=True)
        left = split.row(align=True)
        left.alignment = 'LEFT'
        left.operator('meerkat.frame_user', text=words.name_in_list(client, user),
                      translate=False, emboss=False,
                      icon_value=widgets.disc(user.color)).user_id = user.user_id
        right = split.row(align=True)
        right.active = False
        right.label(text=words.selection_text(client, user), translate=False)
        if user.user_id == client.host_user_id:
            row.label(text='', icon='SOLO_ON')
        elif is_host:
            row.operator('meerkat.kick_user', text='', icon='X',
                         emboss=False).user_id = user.user_id


class MEERKAT_PT_object(SubPanel, bpy.types.Panel):
    bl_label = 'Active Object'

    @guarded
    def draw(self, context):
        layout = self.layout
        if context.object is None:
            layout.label(text='Nothing is active')
            return
        layout.label(text=context.object.name, icon='OBJECT_DATA', translate=False)
        widgets.wrapped(layout, context, words.active_object_text(context))


class MEERKAT_UL_local_objects(bpy.types.UIList):
    """Objects that the others do not see"""

    def draw_item(self, context, layout, data, item, icon, active_data, active_property):
        row = layout.row()
        row.label(text=item.name, translate=False)
        right = row.row()
        right.active = False
        right.label(text=tr(item.reason), translate=False)


class MEERKAT_PT_local(SubPanel, bpy.types.Panel):
    bl_label = 'Local Objects'
    bl_options = {'DEFAULT_CLOSED'}

    @classmethod
    def poll(cls, context):
        return is_in_room() and len(context.window_manager.meerkat.local_objects) > 0

    @guarded
    def draw_header_preset(self, context):
        count = len(context.window_manager.meerkat.local_objects)
        self.layout.label(text=str(count), translate=False)

    @guarded
    def draw(self, context):
        shared = context.window_manager.meerkat
        layout = self.layout
        layout.label(text='Not shared, or not wholly:')
        layout.template_list('MEERKAT_UL_local_objects', '', shared, 'local_objects', shared,
                             'local_object_index', rows=4)
        if 0 <= shared.local_object_index < len(shared.local_objects):
            item = shared.local_objects[shared.local_object_index]
            widgets.wrapped(layout, context, f'{item.name}: {tr(item.reason)}')


class MEERKAT_PT_warnings(SubPanel, bpy.types.Panel):
    bl_label = 'Warnings'

    @classmethod
    def poll(cls, context):
        return bool(words.other_warnings())

    @guarded
    def draw(self, context):
        warnings = words.other_warnings()
        for text in warnings[:MOST_LINES]:
            widgets.wrapped(self.layout, context, wording.known(text), icon='ERROR')
        if len(warnings) > MOST_LINES:
            self.layout.label(translate=False, text=tr('and {count} more').format(
                count=len(warnings) - MOST_LINES))


class MEERKAT_PT_viewport(SubPanel, bpy.types.Panel):
    bl_label = 'Show in Viewport'
    bl_options = {'DEFAULT_CLOSED'}
    only_in_room = False

    @guarded
    def draw(self, context):
        column = self.layout.column()
        for field in ('show_selections', 'show_names', 'show_placeholders', 'show_notices'):
            column.prop(preferences.get(), field)
