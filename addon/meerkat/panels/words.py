# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What panels and the status bar say of the session, and when that has changed."""

import time

import bpy
from bpy.app.translations import pgettext_iface as tr

from .. import state, translations, widgets

MANY = 500  # objects, which take longer than a few ticks
WAITING_SECONDS = 1.0  # until unacknowledged changes are counted: before, they are being saved

_watch = {'mark': None, 'pending_since': None, 'is_waiting': False}


def is_building():
    """Whether so many objects have arrived that it takes a while to make them."""
    stage = state.session.stage
    return stage is not None and stage.backlog > MANY


def saved_text():
    """What became of this user's changes, in a few words."""
    client = state.session.client
    pending = client.pending
    if not pending:
        return tr('Saved on the server')
    if client.status == 'CONNECTED' and not _watch['is_waiting']:
        return tr('Saving…')
    return translations.counted(pending, '1 change waiting', '{count} changes waiting')


def offline_text():
    """Why this server cannot be reached, and what to do about it."""
    if getattr(bpy.app, 'online_access_override', False):
        return tr('Blender was started in offline mode (--offline-mode), so only a server on this '
                  'computer can be reached.')
    return tr('Blender may not go online: “Allow Online Access” is off. Without it only a server '
              'on this computer can be reached.')


def name_in_list(client, user):
    """What the list of users calls one of them."""
    return tr('{name} (you)').format(name=user.name) if user.user_id == client.user_id else user.name


def selection_text(client, user):
    """What a user has selected: a name, and how many more."""
    active = client.replica.objects.get(user.selected)
    count = len(user.selection)
    if active is None:
        return translations.counted(count, '1 object', '{count} objects') if count else ''
    return f'{active.name} +{count - 1}' if count > 1 else active.name


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


def other_warnings():
    """The warnings that the main panel does not show anyway."""
    session = state.session
    return [text for text in session.warnings.values() if text != session.client.error_text]


def status_bar_text():
    client = state.session.client
    if client.status == 'CONNECTING':
        return tr('Connecting…')
    if client.status == 'RECONNECTING':
        return tr('Reconnecting…') + (f' · {saved_text()}' if client.pending else '')
    people = translations.counted(len(client.replica.users), '1 person', '{count} people')
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
