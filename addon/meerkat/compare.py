# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What its user did to an object: what differs from what was last written to it or read from it."""

import math

from . import kinds, placement, reasons, sharing
from .core import protocol

# How near two transforms must be that come out of multiplied matrices, relative to their size.
NEAR = 1e-5

_OF_TRANSFORM = (reasons.ANIMATED, reasons.CARRIED, reasons.SHEARED, reasons.NOT_FINITE)


def compare(stage, entry, reshaped, now):
    """Tells the client what differs from what was last known of the object of `entry`.

    `reshaped`: its geometry was touched, too.
    """
    if entry.id not in stage.client.replica.objects:
        return  # somebody has deleted it: about to go
    obj = entry.obj
    if entry.kind in kinds.MESH_KINDS:
        if reshaped:
            _look_at_mesh(stage, entry)
    elif not _look_at_kind(stage, entry):
        return
    current = obj.matrix_basis if obj.parent is None else placement.matrix(obj)
    if (current, obj.rotation_euler[:]) != entry.seen:
        _moved(stage, entry, now)
    if entry.properties:
        _look_at_properties(stage, entry)
    if obj.name != entry.name:
        renamed(stage, entry)


def renamed(stage, entry):
    """Tells that a person gave the object another name."""
    entry.rename(entry.obj.name)
    name = protocol.clean_name(entry.name)
    if name is not None and name != entry.shared_name:
        entry.shared_name = name
        stage.client.set_name(entry.id, name)
    stage.generation += 1


def is_near(values, others, exact):
    """Whether two transforms are the same: exactly as float32, or as near as arithmetic gets."""
    if exact:
        return protocol.same(values, others)
    return all(abs(a - b) <= NEAR * max(1.0, abs(a), abs(b)) for a, b in zip(values, others))


# Where it is

def _moved(stage, entry, now):
    start = entry.seen
    stage.reread_place(entry)
    reason, values = _read_transform(entry)
    if reason is not None:
        stage.remark(entry, reason)
        if values is None:
            return
    elif stage.remarks.get(entry.id) in _OF_TRANSFORM:
        stage.remark(entry, '')
    stage.show.motion.drop(entry.id)
    shared = stage.client.replica.objects[entry.id]
    entry.wire = values
    hold = stage.holds.changed(entry.id, start, shared.transform, entry.seen, now)
    if hold is not None:
        _taken_back(stage, entry, hold)
    elif not is_near(values, shared.transform, entry.direct):
        _send_transform(stage, entry, values)


def _send_transform(stage, entry, values):
    """`wire` becomes what the replica has of them: rounded to float32, as all it has."""
    stage.client.set_transform(entry.id, values)
    entry.wire = stage.client.replica.objects[entry.id].transform


def _read_transform(entry):
    if kinds.animates_transform(entry.obj):
        return reasons.ANIMATED, None
    values, sheared = placement.read(entry.obj, entry.affine, entry.wire)
    if values is None:
        return reasons.CARRIED, None
    if not all(map(math.isfinite, values)):
        return reasons.NOT_FINITE, None
    return (reasons.SHEARED if sheared else None), values


def _taken_back(stage, entry, hold):
    """Esc: if nobody else has moved it since, it goes back to where it was for everybody."""
    client = stage.client
    if client.writer(entry.id, 'transform') == client.user_id:
        client.set_transform(entry.id, hold.before)
    stage.redo_later(entry.id)


# What it is

def _look_at_properties(stage, entry):
    properties = kinds.read_properties(entry.obj, entry.kind)
    if properties == entry.properties:
        return
    changed = {key: value for key, value in properties.items()
               if value != entry.properties.get(key)
               and not kinds.animates_property(entry.obj, entry.kind, key)}
    entry.properties = properties
    shared = stage.client.replica.objects[entry.id]
    changed = {key: value for key, value in changed.items()
               if not protocol.same(value, shared.properties.get(key))}
    if not changed:
        return
    try:
        stage.client.set_properties(entry.id, changed)
    except ValueError:
        stage.remark(entry, reasons.NOT_ALLOWED)


def _look_at_mesh(stage, entry):
    """After a change of the mesh: applied transforms make another affine image of the same shape,
    which stands where it stood; another shape is another object."""
    obj = entry.obj
    if obj.mode == 'EDIT' or kinds.fingerprint(obj) == entry.fingerprint:
        return
    identity = stage.recognise(entry)
    if identity.kind is None:
        stage.remark(entry, reasons.EDITED)
        return
    if stage.remarks.get(entry.id) == reasons.EDITED:
        stage.remark(entry, '')
    if identity.kind != entry.kind:
        sharing.replace(stage, entry, identity)
        return
    stage.reread_place(entry)
    reason, values = _read_transform(entry)
    if values is None:
        stage.remark(entry, reason)
        return
    shared = stage.client.replica.objects[entry.id]
    entry.wire = values
    if not is_near(values, shared.transform, False):
        _send_transform(stage, entry, values)


def _look_at_kind(stage, entry):
    """Whether the camera, light or asset is still what it was."""
    identity = kinds.identify(entry.obj)
    asset = (identity.asset_library, identity.asset_id)
    if identity.kind == entry.kind and (entry.kind != 'asset_ref' or asset == entry.asset):
        if entry.id in stage.remarks and entry.kind != 'asset_ref':
            _forgive(stage, entry)
        return True
    if identity.kind is None:
        if entry.id not in stage.missing:
            stage.remark(entry, identity.reason)
        return True
    sharing.replace(stage, entry, identity)
    return False


def _forgive(stage, entry):
    if stage.remarks[entry.id] in (kinds.ONLY_PERSPECTIVE, kinds.ONLY_POINT_AND_SUN):
        stage.remark(entry, '')
