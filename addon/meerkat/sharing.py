# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""How Blender's objects become shared ones."""

import math
import uuid

from . import kinds, placement, reasons
from .core import protocol
from .entries import TAG


def welcome(stage, obj, made_here, former=None):
    """Shares an object that is new to the session, if it can be shared; returns its Entry or None.

    `made_here`: its user made it just now, in the session; else it was there before.
    `former`: the SharedObject that it was, for one that is back after an undo: it gets that id
    again, and what somebody else had made of it.
    """
    identity = kinds.identify(obj)
    shared = describe(obj, identity, former.id if former else str(uuid.uuid4()))
    if isinstance(shared, str):
        if TAG in obj:
            del obj[TAG]
        stage.set_local(obj, shared)
        return None
    others = _restore(stage, shared, former) if former is not None else {}
    try:
        stage.client.create(shared)
    except ValueError:
        stage.set_local(obj, reasons.NOT_ALLOWED)
        return None
    stage.client.replica.objects[shared.id].writers.update(others)
    if former is not None and obj.get(TAG) != former.id:
        stage.born_tagged.discard(former.id)
    entry = stage.track(obj, shared, made_here, identity.affine)
    entry.wire = None if former else shared.transform
    if kinds.animates_transform(obj):
        stage.remark(entry, reasons.ANIMATED)
    return entry


def replace(stage, entry, identity, former=None):
    """The user made another type of object out of it: it keeps its id.

    `former` as in `welcome`, for what an undo made of it.
    """
    entry.affine = identity.affine
    shared = describe(entry.obj, identity, entry.id)
    if isinstance(shared, str):
        stage.remark(entry, shared)
        return
    others = _restore(stage, shared, former) if former is not None else {}
    entry.kind = shared.type
    entry.asset = (shared.asset_library, shared.asset_id)
    entry.shared_name = None if former else shared.name
    entry.wire = None if former else shared.transform
    stage.reread(entry)
    stage.client.replace(shared)
    stage.client.replica.objects[shared.id].writers.update(others)
    stage.remark(entry, '')


def _restore(stage, shared, former):
    """Gives `shared` what others had written of `former`; returns register -> who wrote it."""
    others = {}
    for register in ('transform', 'name', *shared.properties):
        writer = former.writers.get(register, former.updated_by)
        if writer == stage.client.user_id:
            continue
        others[register] = writer
        if register in ('transform', 'name'):
            setattr(shared, register, getattr(former, register))
        elif register in former.properties:
            shared.properties[register] = former.properties[register]
    return others


def describe(obj, identity, object_id):
    """The SharedObject for an object as it is, or the reason why there is none."""
    if identity.kind is None:
        return identity.reason
    values, _ = placement.read(obj, identity.affine, None)
    if values is None:
        return reasons.CARRIED
    if not all(map(math.isfinite, values)):
        return reasons.NOT_FINITE
    return protocol.SharedObject(
        object_id, protocol.clean_name(obj.name) or identity.kind, identity.kind,
        asset_id=identity.asset_id, asset_library=identity.asset_library, transform=values,
        properties=kinds.read_properties(obj, identity.kind))
