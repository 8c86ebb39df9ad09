# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What scripts and panels can read: `bpy.context.window_manager.meerkat`.

Scalars ask the live session whenever they are read. Collections are copies, brought up to date by
`refresh()`, which a timer and the operators `meerkat.tick` and `meerkat.wait` call.
"""

import traceback

import bpy
from bpy.props import (BoolProperty, CollectionProperty, EnumProperty, FloatProperty,
                       FloatVectorProperty, IntProperty, PointerProperty, StringProperty)

from . import assets, overlay, panels, state, widgets

REFRESH_INTERVAL = 0.1  # s; the eye does not need it sooner, and scalars are always true
AFTER_ERROR = 10.0  # s; so that the console can still be read
INT_MAX = 2 ** 31 - 1  # Blender's integers
STATUSES = (
    ('DISCONNECTED', 'Disconnected', 'In no room'),
    ('CONNECTING', 'Connecting', 'On the way into a room'),
    ('CONNECTED', 'Connected', 'In a room'),
    ('RECONNECTING', 'Reconnecting', 'The connection broke, and is being made again'),
)


def _client(name, convert):
    """A getter that asks the live client for an attribute."""
    return lambda self: convert(getattr(state.session.client, name))


def _status(self):
    return [item[0] for item in STATUSES].index(state.session.client.status)


def _text(value):
    return value or ''


def _count(value):
    return min(value or 0, INT_MAX)


class MeerkatUser(bpy.types.PropertyGroup):
    """Somebody in the room."""
    user_id: StringProperty(name='User Id', description='Tells them from all others in the room')
    name: StringProperty(name='Name', description='What they call themselves')
    color: FloatVectorProperty(name='Colour', size=3, subtype='COLOR_GAMMA', min=0.0, max=1.0,
                               description='What marks them in the list and in the viewport')
    selected: StringProperty(name='Selected', description='meerkat_id of their active object')
    is_me: BoolProperty(name='Is Me', description='Whether this is the user of this Blender')


class MeerkatLocalObject(bpy.types.PropertyGroup):
    """An object that the others do not see."""
    name: StringProperty(name='Object', description='Its name')
    reason: StringProperty(name='Reason', description='Why the others do not see it or not all')


class MeerkatWarning(bpy.types.PropertyGroup):
    """Something that the user should know."""
    text: StringProperty(name='Text', description='What is wrong')


class MeerkatState(bpy.types.PropertyGroup):
    """The state of this Blender's session."""
    status: EnumProperty(items=STATUSES, get=_status, name='Status',
                         description='How the connection is')
    status_text: StringProperty(get=lambda self: state.session.status_text, name='Status Text',
                                description='How the connection is, in a sentence')
    error_code: StringProperty(get=_client('error_code', _text), name='Error Code',
                               description='Why the last connection ended; empty: for no bad reason')
    error_text: StringProperty(get=_client('error_text', _text), name='Error',
                               description='Why the last connection ended, in a sentence')
    progress: FloatProperty(get=lambda self: state.session.progress, min=0.0, max=1.0,
                            name='Progress', description='How much of the scene has arrived')
    session: StringProperty(get=_client('session_id', _text), name='Room',
                            description='Name of the room')
    server_url: StringProperty(get=_client('url', _text), name='Server',
                               description='Address of the server, as it was given')
    user_id: StringProperty(get=_client('user_id', _text), name='User Id',
                            description='Of the user of this Blender; another one each time that '
                                        'Blender starts')
    revision: IntProperty(get=_client('revision', _count), name='Revision',
                          description='Number of the last change of the room that is known here')
    pending: IntProperty(get=_client('pending', _count), name='Pending',
                         description='Changes that the server has not acknowledged yet')
    users: CollectionProperty(type=MeerkatUser, name='Users', description='Who is in the room')
    local_objects: CollectionProperty(type=MeerkatLocalObject, name='Local Objects',
                                      description='What the others do not see, or not wholly')
    local_object_index: IntProperty(name='Local Object', description='The active row of the list')
    warnings: CollectionProperty(type=MeerkatWarning, name='Warnings',
                                 description='What the user should know')
    asset: StringProperty(
        name='Asset', search=lambda self, context, text: asset_labels(), search_options=set(),
        description='Type to search in the asset libraries')
    # The user_id of the process whose session the collections show.
    filled_by: StringProperty(options={'HIDDEN'})


def asset_labels():
    """Every asset that can be placed as 'asset (library)', in the libraries' order."""
    return [f'{asset} ({library})' for library, asset in assets.available()]


def asset_of_label(label):
    """(library, asset) of a label of `asset_labels()`, or None."""
    return next((item for item in assets.available() if f'{item[1]} ({item[0]})' == label), None)


def _user_row(user):
    return {'user_id': user.user_id, 'name': user.name, 'color': [c / 255 for c in user.color],
            'selected': user.selected or '', 'is_me': user.user_id == state.session.user_id}


_generation = None  # of the session, when the collections were compared with it
_stage = None  # and the stage with its generation, when the local objects were
_rows = {}  # what is in the collections


def refresh():
    """Brings the collections up to date, and says whether one has changed. Costs nothing while
    nothing in the session has."""
    global _generation, _stage
    session = state.session
    shared = bpy.context.window_manager.meerkat
    if shared.filled_by != session.user_id:  # new: Blender made another window manager
        _rows.clear()
        _generation = _stage = None
        shared.filled_by = session.user_id
    if session.ui_generation == _generation:
        return False
    _generation = session.ui_generation
    wanted = {'users': [_user_row(user) for user in widgets.users()],
              'warnings': [{'text': text} for text in session.warnings.values()]}
    stage = session.stage and (session.stage, session.stage.generation)
    if stage != _stage:
        _stage = stage
        wanted['local_objects'] = [{'name': name, 'reason': reason}
                                   for name, reason in sorted(session.local_objects.items())]
    changed = [name for name, rows in wanted.items() if rows != _rows.get(name, [])]
    for name in changed:
        _fill(getattr(shared, name), wanted[name])
    _rows.update(wanted)
    return bool(changed)


def _fill(collection, rows):
    collection.clear()
    for row in rows:
        item = collection.add()
        for field, value in row.items():
            setattr(item, field, value)


def _on_timer():
    try:
        panels.refresh(refresh())
        overlay.refresh()
    except Exception:  # Blender would never call again
        traceback.print_exc()
        return AFTER_ERROR
    return REFRESH_INTERVAL


CLASSES = (MeerkatUser, MeerkatLocalObject, MeerkatWarning, MeerkatState)


def register():
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.WindowManager.meerkat = PointerProperty(type=MeerkatState)
    bpy.app.timers.register(_on_timer, first_interval=REFRESH_INTERVAL, persistent=True)


def unregister():
    if bpy.app.timers.is_registered(_on_timer):
        bpy.app.timers.unregister(_on_timer)
    del bpy.types.WindowManager.meerkat
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
