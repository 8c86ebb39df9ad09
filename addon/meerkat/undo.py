# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""After an undo or a redo: only one's own actions are undone.

Blender puts the whole file back to an earlier moment: what others did since is gone from it, the
tags that were set after its user's action are lost, and no reference is what it was. So first it
is found out who is who (core.matching), and then: where the shared value was written by this user,
what the undo brought is an edit; where somebody else wrote it, the shared value is put back.
"""

import bpy

from . import compare, kinds, placement, reasons, sharing
from .core import matching, protocol
from .entries import TAG, key_of


class WholeSteps:
    """Has Blender read undo steps as a whole, between `begin` and `end`.

    By itself it keeps in memory what is the same in two steps, with all its pointers. But what came
    from others is in no step and is freed, and Blender crashes over a collection that still has it.
    """

    def __init__(self):
        self._settings = None

    def begin(self):
        """An undo or redo is about to happen."""
        preferences = bpy.context.preferences
        self._settings = (preferences.view.show_developer_ui,
                          preferences.experimental.use_undo_legacy, preferences.is_dirty)
        preferences.view.show_developer_ui = True  # without it experimental settings are not heeded
        preferences.experimental.use_undo_legacy = True

    def end(self):
        """It has happened: the settings are the user's again."""
        if self._settings is not None:
            preferences = bpy.context.preferences
            (preferences.view.show_developer_ui, preferences.experimental.use_undo_legacy,
             preferences.is_dirty) = self._settings
            self._settings = None


def repair(stage, redone, is_new):
    """Finds all objects of `stage` again and sorts out what the undo (or `redone`: redo) changed.

    `is_new`: the undo has taken the whole scene away, so that what is not there was not undone.
    """
    objects = list(stage.scene.objects)
    local = {local.key: local for local in stage.locals.values()}
    result = matching.match(*_describe(stage, objects))
    stage.locals.clear()
    for object_id, key in result.matched.items():
        entry = stage.entries.get(object_id)
        entry.hold(objects[key])
        entry.obj[TAG] = object_id
        stage.entries.add(entry)
    for object_id in result.lost:
        _lost(stage, stage.entries.get(object_id), redone, is_new)
    for object_id, key in result.revived:
        former = stage.client.replica.tombstones[object_id][1]
        entry = sharing.welcome(stage, objects[key], True, former)
        if entry is not None:
            entry.revived = True
            entry.shared_name = None
            stage.redo_later(object_id)
    for object_id in result.matched:
        _compare(stage, stage.entries.get(object_id))
    for key in result.new:
        _unknown(stage, objects[key], local.get(key_of(objects[key])))
    stage.remove_objects([(object_id, objects[key]) for object_id, key in result.foreign
                          if not _is_private(stage, objects[key])])
    stage.graves.sweep()


def _describe(stage, objects):
    tags = {}
    for obj in objects:
        tag = obj.get(TAG)
        if tag is not None:
            tags[tag] = tags.get(tag, 0) + 1
    known = {entry.id: matching.Known(entry.uid, entry.name, entry.kind, entry.aliases,
                                      entry.id in stage.born_tagged)
             for entry in stage.entries}
    found = []
    for key, obj in enumerate(objects):
        tag = obj.get(TAG)
        # A tag that one object alone carries says it all; to look at each mesh would take long.
        kind = None if tags.get(tag) == 1 and tag in known else kinds.identify(obj).kind
        found.append(matching.Found(key, getattr(obj, 'session_uid', None), obj.name, tag, kind))
    me = stage.client.user_id
    tombstones = {object_id: matching.Tombstone(shared.name, shared.type, user_id == me,
                                                stage.former_uids.get(object_id),
                                                object_id in stage.born_tagged)
                  for object_id, (user_id, shared) in stage.client.replica.tombstones.items()}
    return found, known, tombstones


def _lost(stage, entry, redone, is_new):
    """It was there before, and now it is not: the undo of making it, the redo of deleting it, or
    just that Blender went back to a moment before somebody else made it."""
    stage.drop(entry)
    if not is_new and (entry.revived if redone else entry.own):
        stage.client.delete(entry.id)
    else:
        stage.redo_later(entry.id)


def _compare(stage, entry):
    client, obj = stage.client, entry.obj
    shared = client.replica.objects.get(entry.id)
    if shared is None:
        stage.redo_later(entry.id)
        return
    if not _is_same_kind(stage, entry, shared):
        stage.redo_later(entry.id)
        return
    name = entry.name
    stage.reread(entry)
    values, _ = placement.read(obj, entry.affine, shared.transform)
    entry.wire = values
    try:
        _send_what_is_mine(stage, entry, shared, values)
    except ValueError:
        stage.remark(entry, reasons.NOT_ALLOWED)
    if entry.name != name:
        _compare_name(stage, entry)
    stage.redo_later(entry.id)


def _send_what_is_mine(stage, entry, shared, values):
    client = stage.client
    mine = client.user_id
    if values is not None and not kinds.animates_transform(entry.obj) \
            and client.writer(entry.id, 'transform') == mine \
            and not compare.is_near(values, shared.transform, entry.direct):
        client.set_transform(entry.id, values)
    changed = {key: value for key, value in entry.properties.items()
               if not protocol.same(value, shared.properties.get(key))
               and client.writer(entry.id, key) == mine}
    if changed:
        client.set_properties(entry.id, changed)


def _is_same_kind(stage, entry, shared):
    """Whether it still is what it was. If not, who made it another kind of object last is right."""
    if entry.kind not in kinds.MESH_KINDS:
        identity = kinds.identify(entry.obj)
    elif kinds.fingerprint(entry.obj) != entry.fingerprint:
        identity = stage.recognise(entry)
    else:
        return True
    asset = (identity.asset_library, identity.asset_id)
    if identity.kind is None or (identity.kind == entry.kind and (
            entry.kind != 'asset_ref' or asset == entry.asset)):
        return True
    if shared.created_by == stage.client.user_id:
        sharing.replace(stage, entry, identity, shared)
    else:
        entry.kind, entry.asset = identity.kind, asset
    return False


def _compare_name(stage, entry):
    if stage.client.writer(entry.id, 'name') == stage.client.user_id:
        compare.renamed(stage, entry)
    else:
        entry.shared_name = None


def _is_private(stage, obj):
    reason = stage.private.reason(obj)
    if reason is None:
        return False
    _make_local(stage, obj, reason, True)
    return True


def _unknown(stage, obj, local):
    if local is None:
        if not _is_private(stage, obj):
            stage.watch.newcomers.append((obj, True))
        return
    _make_local(stage, obj, local.reason, local.kept)


def _make_local(stage, obj, reason, kept):
    if TAG in obj:
        del obj[TAG]
    stage.set_local(obj, reason, kept)
