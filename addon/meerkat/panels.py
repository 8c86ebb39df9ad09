# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The tab in the 3D viewport's sidebar, and the line in the status bar.

A draw function does no work that grows with the scene: what is long is in a list that scrolls.
"""

import time

import bpy
from bpy.app.translations import pgettext_iface as tr

from . import preferences, state, widgets, wording
from .widgets import guarded

MOST_USERS = 32  # rows; a room has ten users unless its server was told otherwise
MOST_LINES = 5  # of warnings of one kind
MANY = 500  # objects, which take longer than a few ticks

WAITING_SECONDS = 1.0  # until unacknowledged changes are counted: before, they are being saved

_watch = {'mark': None, 'pending_since': None, 'is_waiting': False}


class _Panel:
    bl_space_type = 'VIEW_3D'
    bl_region_type = 'UI'
    bl_category = 'Meerkat'


class _SubPanel(_Panel):
    bl_parent_id = 'MEERKAT_PT_main'
    only_in_room = True

    @classmethod
    def poll(cls, context):
        return not cls.only_in_room or is_in_room()


def is_in_room():
    return state.session.client.status in ('CONNECTED', 'RECONNECTING')


def is_building():
    """Whether so many objects have arrived that it takes a while to make them."""
    stage = state.session.stage
    return stage is not None and stage.backlog > MANY


def saved_text():
    """What became of this user's changes, in words."""
    client = state.session.client
    pending = client.pending
    if not pending:
        return tr('Saved on the server')
    if client.status == 'CONNECTED' and not _watch['is_waiting']:
        return tr('Saving…')
    return widgets.counted(pending, '1 change waiting', '{count} changes waiting')


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


class MEERKAT_PT_main(_Panel, bpy.types.Panel):
    bl_label = 'Meerkat'

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
            widgets.wrapped(box, context, tr(client.error_text), icon='ERROR')
        column = layout.column()
        self._draw_field(column, 'server_url', 'MEERKAT_MT_servers')
        self._draw_field(column, 'session', 'MEERKAT_MT_recent_rooms')
        self._draw_field(column, 'display_name')
        if preferences.is_offline_for(preferences.value('server_url')):
            box = layout.box()
            widgets.wrapped(box, context, offline_text(), icon='INTERNET')
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
        self._draw_title(client.session_id, widgets.AMBER)
        if client.progress > 0.0:
            self._draw_progress()
        else:
            widgets.wrapped(self.layout, context, wording.status(client))
        self.layout.operator('meerkat.disconnect', text='Cancel', icon='X')

    def draw_connected(self, context):
        layout = self.layout
        session = state.session
        client = session.client
        self._draw_title(client.session_id, widgets.AMBER if client.degraded else widgets.GREEN)
        if is_building():
            self._draw_progress()
        if client.degraded:
            box = layout.box()
            box.alert = True
            widgets.wrapped(box, context, tr(
                'The server cannot write to its disk. Work goes on, but what is done now is lost '
                'if the server stops. Save Scene keeps a copy.'), icon='ERROR')
        else:
            layout.label(text=saved_text(), translate=False,
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
        self._draw_title(client.session_id, widgets.RED)
        if client.error_code != 'CONNECTION_LOST':  # which is what the next line says
            widgets.wrapped(layout, context, tr(client.error_text))
        widgets.wrapped(layout, context, wording.status(client), icon='ERROR')
        if client.pending:
            layout.label(text=saved_text(), icon='SORTTIME', translate=False)
        widgets.wrapped(layout, context, tr(
            'You can work on: your changes are sent when the connection is back.'))
        self._draw_other_scene(context)
        row = layout.row(align=True)
        row.operator('meerkat.reconnect_now', icon='FILE_REFRESH')
        row.operator('meerkat.disconnect', text='Cancel', icon='X')
        row = layout.row(align=True)
        row.operator('meerkat.save_scene', icon='FILE_TICK')
        row.operator('meerkat.copy_diagnostics', text='', icon='COPYDOWN')

    def _draw_title(self, room, color):
        self.layout.label(text=room or '', icon_value=widgets.disc(color), translate=False)

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


def offline_text():
    """Why this server cannot be reached, and what to do about it."""
    if getattr(bpy.app, 'online_access_override', False):
        return tr('Blender was started in offline mode (--offline-mode), so only a server on this '
                  'computer can be reached.')
    return tr('Blender may not go online: “Allow Online Access” is off. Without it only a server '
              'on this computer can be reached.')


class MEERKAT_PT_users(_SubPanel, bpy.types.Panel):
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
        is_me = user.user_id == client.user_id
        name = tr('{name} (you)').format(name=user.name) if is_me else user.name
        split = row.split(factor=0.6, align=True)
        left = split.row(align=True)
        left.alignment = 'LEFT'
        left.operator('meerkat.frame_user', text=name, translate=False, emboss=False,
                      icon_value=widgets.disc(user.color)).user_id = user.user_id
        right = split.row(align=True)
        right.active = False
        right.label(text=selection_text(client, user), translate=False)
        if user.user_id == client.host_user_id:
            row.label(text='', icon='SOLO_ON')
        elif is_host:
            row.operator('meerkat.kick_user', text='', icon='X',
                         emboss=False).user_id = user.user_id


def selection_text(client, user):
    """What a user has selected: a name, and how many more."""
    active = client.replica.objects.get(user.selected)
    count = len(user.selection)
    if active is None:
        return widgets.counted(count, '1 object', '{count} objects') if count else ''
    return f'{active.name} +{count - 1}' if count > 1 else active.name


KINDS = (
    ('CUBE', 'Cube', 'MESH_CUBE'),
    ('SPHERE', 'Sphere', 'MESH_UVSPHERE'),
    ('CYLINDER', 'Cylinder', 'MESH_CYLINDER'),
    ('CAMERA', 'Camera', 'OUTLINER_OB_CAMERA'),
    ('POINT_LIGHT', 'Point Light', 'LIGHT_POINT'),
    ('SUN_LIGHT', 'Sun', 'LIGHT_SUN'),
)


class MEERKAT_PT_add(_SubPanel, bpy.types.Panel):
    bl_label = 'Add'

    @guarded
    def draw(self, context):
        grid = self.layout.grid_flow(columns=2, even_columns=True, align=True, row_major=True)
        for kind, label, icon in KINDS:
            grid.operator('meerkat.add', text=label, icon=icon).type = kind


class MEERKAT_PT_assets(_SubPanel, bpy.types.Panel):
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
            box.label(translate=False, icon='ERROR', text=widgets.counted(
                len(missing), '1 asset is missing here', '{count} assets are missing here'))
            for reason in list(dict.fromkeys(missing.values()))[:MOST_LINES]:
                widgets.wrapped(box, context, reason)


class MEERKAT_PT_object(_SubPanel, bpy.types.Panel):
    bl_label = 'Active Object'

    @guarded
    def draw(self, context):
        layout = self.layout
        if context.object is None:
            layout.label(text='Nothing is active')
            return
        layout.label(text=context.object.name, icon='OBJECT_DATA', translate=False)
        widgets.wrapped(layout, context, active_object_text(context))


def active_object_text(context):
    """Who changed the active object last, or why the others do not see it."""
    session = state.session
    client = session.client
    active = context.view_layer.objects.active
    if active is None or session.stage is None:
        return ''
    shared = client.replica.objects.get(session.stage.id_of(active))
    if shared is None:
        local = session.stage.locals.get(active.as_pointer())
        return tr('Only you see this: {reason}').format(reason=tr(local.reason)) if local else tr(
            'Only you see this.')
    age = time.time() + client.clock_offset_ms / 1000 - shared.updated_at / 1000
    text = tr('Last changed by {name}, {ago}').format(
        name=widgets.user_name(shared.updated_by), ago=widgets.ago(age))
    remark = session.stage.remarks.get(shared.id)
    return f'{text}. ' + tr('Note: {remark}').format(remark=tr(remark)) if remark else text


class MEERKAT_UL_local_objects(bpy.types.UIList):
    """Objects that the others do not see"""

    def draw_item(self, context, layout, data, item, icon, active_data, active_property):
        row = layout.row()
        row.label(text=item.name, translate=False)
        right = row.row()
        right.active = False
        right.label(text=tr(item.reason), translate=False)


class MEERKAT_PT_local(_SubPanel, bpy.types.Panel):
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


def other_warnings():
    """The warnings that the main panel does not show anyway."""
    session = state.session
    return [text for text in session.warnings.values() if text != session.client.error_text]


class MEERKAT_PT_warnings(_SubPanel, bpy.types.Panel):
    bl_label = 'Warnings'

    @classmethod
    def poll(cls, context):
        return bool(other_warnings())

    @guarded
    def draw(self, context):
        warnings = other_warnings()
        for text in warnings[:MOST_LINES]:
            widgets.wrapped(self.layout, context, tr(text), icon='ERROR')
        if len(warnings) > MOST_LINES:
            self.layout.label(translate=False, text=tr('and {count} more').format(
                count=len(warnings) - MOST_LINES))


class MEERKAT_PT_viewport(_SubPanel, bpy.types.Panel):
    bl_label = 'Show in Viewport'
    bl_options = {'DEFAULT_CLOSED'}
    only_in_room = False

    @guarded
    def draw(self, context):
        column = self.layout.column()
        for field in ('show_selections', 'show_names', 'show_placeholders', 'show_notices'):
            column.prop(preferences.get(), field)


@guarded
def draw_status_bar(self, context):
    """The line that is there whatever panel is open: room, people, what became of the work."""
    client = state.session.client
    if client.status != 'DISCONNECTED':
        color = {'CONNECTED': widgets.AMBER if client.degraded else widgets.GREEN,
                 'CONNECTING': widgets.AMBER, 'RECONNECTING': widgets.RED}[client.status]
        self.layout.label(text=f'{client.session_id} · {status_bar_text()}', translate=False,
                          icon_value=widgets.disc(color))


def status_bar_text():
    client = state.session.client
    if client.status == 'CONNECTING':
        return tr('Connecting…')
    if client.status == 'RECONNECTING':
        waiting = f' · {saved_text()}' if client.pending else ''
        return wording.status(client) + waiting
    people = widgets.counted(len(client.replica.users), '1 person', '{count} people')
    return people + ' · ' + (tr('The server cannot save') if client.degraded else saved_text())


def refresh(has_changed):
    """Has panels and status bar drawn again if what they show has changed: users, local objects
    and warnings (`has_changed`), or one of their texts."""
    session = state.session
    client = session.client
    now = time.monotonic()
    if not client.pending:
        _watch['pending_since'] = None
    elif _watch['pending_since'] is None:
        _watch['pending_since'] = now
    _watch['is_waiting'] = bool(client.pending) and now - _watch['pending_since'] > WAITING_SECONDS
    mark = None
    if client.status != 'DISCONNECTED':
        mark = (client.status, status_bar_text(), client.is_first, client.host_user_id,
                client.error_text, round(session.progress, 2) if is_building() else client.progress,
                active_object_text(bpy.context),
                session.scene, len(session.stage.missing) if session.stage is not None else 0)
    else:
        mark = client.error_text
    if has_changed or mark != _watch['mark']:
        _watch['mark'] = mark
        tag_redraw()


def tag_redraw():
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == 'VIEW_3D':
                for region in area.regions:
                    if region.type == 'UI':
                        region.tag_redraw()
    # The status bar belongs to no area that Python can reach, but listens to this.
    bpy.msgbus.publish_rna(key=(bpy.types.ViewLayer, 'name'))


PANELS = (MEERKAT_PT_main, MEERKAT_PT_warnings, MEERKAT_PT_users, MEERKAT_PT_add,
          MEERKAT_PT_assets, MEERKAT_PT_object, MEERKAT_PT_local, MEERKAT_PT_viewport)
OTHERS = (MEERKAT_MT_servers, MEERKAT_MT_recent_rooms, MEERKAT_UL_local_objects)


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
