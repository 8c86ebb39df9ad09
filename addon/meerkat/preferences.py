# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What a user sets once: name, servers, rooms, asset libraries, what the viewport shows.

The environment variables MEERKAT_SERVER_URL, MEERKAT_SESSION and MEERKAT_DISPLAY_NAME go before
what is set here: always ask `value()`.
"""

import getpass
import ipaddress
import os
from urllib.parse import urlsplit

import bpy
from bpy.app.translations import pgettext_iface as tr
from bpy.props import (BoolProperty, CollectionProperty, EnumProperty, IntProperty,
                       StringProperty)

from . import checks, gate

LOCAL_SERVER = 'ws://127.0.0.1:8080'
RECENT_ROOMS = 10  # what a menu can show without scrolling
VARIABLES = {'server_url': 'MEERKAT_SERVER_URL', 'session': 'MEERKAT_SESSION',
             'display_name': 'MEERKAT_DISPLAY_NAME'}


def get():
    """The add-on's preferences."""
    return bpy.context.preferences.addons[__package__].preferences


def variable(field):
    """The name of the environment variable that sets this field now, or ''."""
    name = VARIABLES[field]
    return name if os.environ.get(name, '').strip() else ''


def value(field):
    """'server_url', 'session' or 'display_name' as it is to be used."""
    return (os.environ.get(VARIABLES[field], '').strip() or getattr(get(), field)).strip()


def library_paths():
    """Absolute paths of the asset libraries that the user named, in order, without empty ones."""
    return [os.path.abspath(bpy.path.abspath(library.path))
            for library in get().libraries if library.path]


def is_loopback(url):
    """Whether the server at this address runs on this computer."""
    try:
        host = urlsplit(url if '://' in url else f'ws://{url}').hostname or ''
        return host == 'localhost' or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_offline_for(url):
    """Whether Blender's preference against online access forbids to connect to this server."""
    return not getattr(bpy.app, 'online_access', True) and not is_loopback(url)


def remember_room(server_url, session):
    """Puts a room at the head of the recent ones."""
    rooms = get().recent_rooms
    for index, room in enumerate(rooms):
        if room.session == session and room.server_url == server_url:
            rooms.move(index, 0)
            break
    else:
        room = rooms.add()
        room.session = session
        room.server_url = server_url
        rooms.move(len(rooms) - 1, 0)
        while len(rooms) > RECENT_ROOMS:
            rooms.remove(len(rooms) - 1)
    bpy.context.preferences.is_dirty = True


def _login_name():
    try:
        name = getpass.getuser()
    except Exception:  # which one depends on the platform and the Python version
        name = ''
    return ''.join(c for c in name if c.isprintable())[:64] or 'Artist'


def check_libraries():
    """Warns of library files that cannot be used."""
    from . import assets, state
    for key in [key for key in state.session.warnings if key.startswith('library:')]:
        state.session.clear_warning(key)
    for path, trouble in assets.problems():
        state.session.warn(f'library:{path}', trouble)


def _library_trouble(library):
    """Why the file of a library cannot be used, as far as its first bytes tell, or ''."""
    if not library.path:
        return tr('Choose a .blend file')
    return gate.refusal(os.path.abspath(bpy.path.abspath(library.path)))


def _configure_libraries():
    from . import assets
    assets.configure(library_paths())


def _use_libraries(self, context):
    _configure_libraries()
    check_libraries()


def _use_category(self, context):
    from . import panels
    panels.set_category(self.category)


def _redraw(self, context):
    from . import overlay
    overlay.tag_redraw()


class MeerkatServer(bpy.types.PropertyGroup):
    """A server that the user wants to find again."""
    name: StringProperty(name='Name', description='What you call this server',
                         default='New server')
    url: StringProperty(name='Address', default=LOCAL_SERVER,
                        description='For example ws://192.168.1.20:8080 or wss://example.org')


class MeerkatRoom(bpy.types.PropertyGroup):
    """A room that the user was in."""
    session: StringProperty(name='Room', description='Name of the room')
    server_url: StringProperty(name='Server', description='Address of its server')


class MeerkatLibrary(bpy.types.PropertyGroup):
    """A .blend file with assets."""
    path: StringProperty(name='File', subtype='FILE_PATH', update=_use_libraries,
                         description='A .blend file whose collections and objects can be placed. '
                                     'Everybody in the room needs a file of the same name')


LISTS = (
    ('servers', 'Servers', 'Servers that the panel offers'),
    ('libraries', 'Asset Libraries', 'Asset library files'),
    ('recent_rooms', 'Recent Rooms', 'Rooms that you were in'),
)


class MEERKAT_OT_preference_add(bpy.types.Operator):
    """Add an entry to the list"""
    bl_idname = 'meerkat.preference_add'
    bl_label = 'Add'
    bl_options = {'INTERNAL'}

    which: EnumProperty(name='List', items=LISTS[:2], description='The list')

    def execute(self, context):
        getattr(get(), self.which).add()
        context.preferences.is_dirty = True
        return {'FINISHED'}


class MEERKAT_OT_preference_remove(bpy.types.Operator):
    """Remove this entry from the list"""
    bl_idname = 'meerkat.preference_remove'
    bl_label = 'Remove'
    bl_options = {'INTERNAL'}

    which: EnumProperty(name='List', items=LISTS, description='The list')
    index: IntProperty(name='Index', description='Which entry, from 0')

    def execute(self, context):
        entries = getattr(get(), self.which)
        if not 0 <= self.index < len(entries):
            self.report({'ERROR'}, tr('There is no such entry'))
            return {'CANCELLED'}
        entries.remove(self.index)
        if self.which == 'libraries':
            _use_libraries(self, context)
        context.preferences.is_dirty = True
        return {'FINISHED'}


class MeerkatPreferences(bpy.types.AddonPreferences):
    bl_idname = __package__

    server_url: StringProperty(
        name='Server', default=LOCAL_SERVER,
        description='Address of the Meerkat server, for example ws://192.168.1.20:8080')
    session: StringProperty(
        name='Room', default='',
        description='Whoever types the same name works in the same scene. Letters, digits, '
                    'dot, underscore and dash, at most 64')
    display_name: StringProperty(
        name='Your Name', default=_login_name(),
        description='What the others see, in their list and beside what you have selected')
    servers: CollectionProperty(type=MeerkatServer, name=LISTS[0][1], description=LISTS[0][2])
    libraries: CollectionProperty(type=MeerkatLibrary, name=LISTS[1][1], description=LISTS[1][2])
    recent_rooms: CollectionProperty(type=MeerkatRoom, name=LISTS[2][1], description=LISTS[2][2])
    show_selections: BoolProperty(
        name='Selections', default=True, update=_redraw,
        description='Draw a box in the colour of each user around what they have selected')
    show_names: BoolProperty(
        name='Names', default=True, update=_redraw,
        description='Write the name of each user at their active object')
    show_placeholders: BoolProperty(
        name='Missing Assets', default=True, update=_redraw,
        description='Label the boxes that stand for assets which are missing here')
    show_notices: BoolProperty(
        name='Notices', default=True, update=_redraw,
        description='Tell in a corner of the viewport who joins and who leaves')
    category: StringProperty(
        name='Sidebar Tab', default='Meerkat', update=_use_category,
        description='Tab of the 3D viewport\'s sidebar in which Meerkat is')

    def draw(self, context):
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        layout.prop(self, 'display_name')
        layout.prop(self, 'server_url')
        for field, name in VARIABLES.items():
            if variable(field):
                layout.label(text=tr('{variable} is set and goes before the preferences')
                             .format(variable=name), icon='INFO')
        self._draw_list(context, 'servers', ('name', 'url'),
                        lambda server: checks.address(server.url))
        self._draw_list(context, 'libraries', ('path',), _library_trouble)
        self._draw_blenders_libraries(context)
        if self.recent_rooms:
            box = self._titled_box(layout, 'Recent Rooms')
            for index, room in enumerate(self.recent_rooms):
                row = box.row()
                row.label(text=f'{room.session}  ({room.server_url})', translate=False)
                self._remove_button(row, 'recent_rooms', index)
        column = layout.column(heading='Show in Viewport')
        for field in ('show_selections', 'show_names', 'show_placeholders', 'show_notices'):
            column.prop(self, field)
        layout.prop(self, 'category')

    def _draw_list(self, context, which, fields, trouble_of):
        from . import widgets
        box = self._titled_box(self.layout, next(item[1] for item in LISTS if item[0] == which))
        for index, entry in enumerate(getattr(self, which)):
            trouble = trouble_of(entry)
            row = box.row()
            for field in fields:
                part = row.row()
                part.alert = bool(trouble) and field == fields[-1]
                part.prop(entry, field, text='')
            self._remove_button(row, which, index)
            if trouble:
                widgets.wrapped(box, context, trouble, icon='ERROR')
        box.operator('meerkat.preference_add', icon='ADD').which = which

    def _draw_blenders_libraries(self, context):
        """The folders that are searched, too, so that nobody has to name their files again."""
        if not context.preferences.filepaths.asset_libraries:
            return
        box = self._titled_box(self.layout, 'Blender\'s Asset Libraries')
        box.label(text='The .blend files in these folders are found by themselves:')
        for library in context.preferences.filepaths.asset_libraries:
            is_there = os.path.isdir(bpy.path.abspath(library.path))
            row = box.row()
            row.active = is_there
            row.label(text=f'{library.name}  ({library.path})', translate=False,
                      icon='FILE_FOLDER' if is_there else 'ERROR')
            if not is_there:
                row.label(text='There is no such folder')

    def _titled_box(self, layout, title):
        box = layout.box()
        box.use_property_split = False
        box.label(text=title)
        return box

    def _remove_button(self, row, which, index):
        remove = row.operator('meerkat.preference_remove', text='', icon='X', emboss=False)
        remove.which = which
        remove.index = index


CLASSES = (MeerkatServer, MeerkatRoom, MeerkatLibrary, MEERKAT_OT_preference_add,
           MEERKAT_OT_preference_remove, MeerkatPreferences)


def register():
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    _configure_libraries()


def unregister():
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
