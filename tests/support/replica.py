# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What a client has in its scene after all it said and all it was told.

Two ways to keep up, as the protocol describes them. A *plain* client puts its own edits into its
scene at once and applies whatever it is told. An *acknowledged* client (one that uses event_id)
applies no remote value to a register while its own write to it is not acknowledged. Both must end
with the server's scene.
"""

import copy
import struct

CHANGES = ('OBJECT_CREATED', 'OBJECT_DELETED', 'TRANSFORM_UPDATED', 'PROPERTIES_UPDATED',
           'NAME_UPDATED')
EDITS = ('CREATE_OBJECT', 'DELETE_OBJECT', 'UPDATE_TRANSFORM', 'UPDATE_PROPERTIES', 'UPDATE_NAME')
SEEN = ('name', 'type', 'asset_id', 'asset_library', 'transform', 'properties')


def seen_of(item):
    """What users see of an object, and nothing that only the server knows."""
    seen = {key: item.get(key) for key in SEEN}
    seen['properties'] = dict(seen['properties'] or {})
    return copy.deepcopy(seen)


def rounded(value):
    """The value with every number as float32, which is what Blender keeps."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        return struct.unpack('f', struct.pack('f', value))[0]
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value]


def same_scene(seen, server):
    """What differs between two maps of objects, as text; empty if nothing does."""
    found = []
    for object_id in sorted(set(seen) | set(server)):
        if object_id not in server:
            found.append(f'{object_id} is too much')
        elif object_id not in seen:
            found.append(f'{object_id} is missing')
        else:
            ours, theirs = rounded(seen_of(seen[object_id])), rounded(seen_of(server[object_id]))
            found += [f'{object_id} {key}: {ours[key]} instead of {theirs[key]}'
                      for key in SEEN if ours[key] != theirs[key]]
    return '; '.join(found)


def edit(objects, kind, payload):
    """Does a client's edit to a map of objects; returns the registers it wrote."""
    object_id = payload['object_id']
    if kind == 'CREATE_OBJECT':
        objects[object_id] = seen_of(payload)
        return ['exists', 'name', 'transform'] + list(payload.get('properties') or {})
    if kind == 'DELETE_OBJECT':
        objects.pop(object_id, None)
        return ['exists']
    item = objects.get(object_id)
    if item is None:
        return []
    if kind == 'UPDATE_TRANSFORM':
        item['transform'] = copy.deepcopy(payload['transform'])
        return ['transform']
    if kind == 'UPDATE_NAME':
        item['name'] = payload['name']
        return ['name']
    item['properties'].update(copy.deepcopy(payload['properties']))
    return list(payload['properties'])


def edits_of(message):
    """The edits in a client's message: [(kind, payload)]."""
    if message['event_type'] == 'BATCH':
        inner = message['payload']['events']
    else:
        inner = [message]
    return [(m['event_type'], m['payload']) for m in inner]


class Replica:
    """A plain client's scene."""

    def __init__(self, user_id):
        self.user_id = user_id
        self.objects = {}
        self.selections = {}  # of the others: user_id -> (active, [ids])
        self.epoch = None
        self.revision = 0
        self.corrections = 0
        self._parts = None

    # What the client says

    def said(self, message):
        for kind, payload in edits_of(message):
            if kind in EDITS:
                edit(self.objects, kind, payload)
            if kind == 'DELETE_OBJECT':
                self._forget_selected(payload['object_id'])

    # What it is told

    def heard(self, message):
        kind = message['event_type']
        payload = message['payload']
        self.revision = max(self.revision, message.get('revision', 0))
        if kind == 'BATCH':
            for inner in payload['events']:
                self.heard(inner)
        elif kind == 'FULL_STATE_SYNC':
            self._take_head(payload)
            if 'objects' in payload:
                self._take_scene(payload['objects'], payload['revision'])
            else:
                self._parts = (payload['revision'], {})
        elif kind == 'STATE_CHUNK':
            self._parts[1].update(payload['objects'])
        elif kind == 'STATE_END':
            revision, objects = self._parts
            self._parts = None
            self._take_scene(objects, revision)
        elif kind == 'DELTA_SYNC':
            for inner in payload['events']:
                self._change(inner)
            self._take_head(payload)
            self._take_delta(payload['to_revision'])
        elif kind in CHANGES:
            correction = payload.get('correction', False)
            self.corrections += correction
            if correction or message['source_user_id'] != self.user_id:
                self._change(message)
        elif kind == 'USER_SELECTED':
            active, ids = payload['object_id'], payload['object_ids']
            self.selections[payload['user_id']] = (active if active in self.objects else None,
                                                   [i for i in ids if i in self.objects])
        elif kind == 'USER_JOINED':
            self.selections[payload['user_id']] = (None, [])
        elif kind == 'USER_LEFT':
            self.selections.pop(payload['user_id'], None)
        elif kind == 'ACK':
            self._acknowledged(payload)
        elif kind == 'ERROR':
            self._refused(payload)
        if 'epoch' in payload:
            self.epoch = payload['epoch']

    def _take_head(self, payload):
        self.epoch = payload['epoch']
        self.revision = payload['revision']
        self.selections = {user: (facts['selected_object'], facts['selected_objects'])
                           for user, facts in payload['users'].items()}

    def _take_scene(self, objects, revision):
        self.objects = {object_id: seen_of(item) for object_id, item in objects.items()}

    def _take_delta(self, revision):
        pass

    def _change(self, message):
        self._apply(self.objects, message)

    def _apply(self, objects, message):
        """Does a server's event to a map of objects; returns the registers it wrote."""
        kind, payload = message['event_type'], message['payload']
        object_id = payload['object_id']
        if kind == 'OBJECT_CREATED':
            objects[object_id] = seen_of(payload)
            if not payload.get('correction'):
                self._forget_selected(object_id)  # of an earlier object of this id
            return ['exists', 'name', 'transform'] + list(payload['properties'])
        if kind == 'OBJECT_DELETED':
            objects.pop(object_id, None)
            self._forget_selected(object_id)
            return ['exists']
        item = objects.get(object_id)
        if item is None:
            return []
        if kind == 'TRANSFORM_UPDATED':
            item['transform'] = copy.deepcopy(payload['transform'])
            return ['transform']
        if kind == 'NAME_UPDATED':
            item['name'] = payload['name']
            return ['name']
        given = {key: value for key, value in payload['properties'].items()
                 if key in item['properties']}  # they may have been another type's
        item['properties'].update(copy.deepcopy(given))
        return list(given)

    def _forget_selected(self, object_id):
        for user, (active, ids) in self.selections.items():
            self.selections[user] = (None if active == object_id else active,
                                     [i for i in ids if i != object_id])

    def _acknowledged(self, payload):
        pass

    def _refused(self, payload):
        pass

    # What is in the scene

    def view(self):
        """The objects as the user sees them."""
        return self.objects

    def seen_selections(self):
        """What the other users have selected, of what is in the scene."""
        objects = self.view()
        return {user: (active if active in objects else None,
                       sorted(i for i in ids if i in objects))
                for user, (active, ids) in self.selections.items() if user != self.user_id}


class AcknowledgedReplica(Replica):
    """The scene of a client that sends every edit with an event_id.

    `objects` is what is known to be so; over it lie the edits that are not acknowledged. At the
    ACK an edit becomes known, unless something newer than the ACK's revision is known already,
    as it can be after a retry.
    """

    def __init__(self, user_id):
        super().__init__(user_id)
        self.pending = {}  # event_id -> message, oldest first
        self.stamps = {}   # (object_id, register) -> revision of what is known
        self.floor = 0     # revision of the last sync
        self._shown = None

    def said(self, message):
        event_id = message.get('event_id')
        if event_id is not None and event_id not in self.pending:
            self.pending[event_id] = message
            if self._shown is not None:
                for kind, payload in edits_of(message):
                    if kind in EDITS:
                        edit(self._shown, kind, payload)

    def heard(self, message):
        self._shown = None
        super().heard(message)

    def view(self):
        if self._shown is None:
            self._shown = copy.deepcopy(self.objects) if self.pending else self.objects
            for message in self.pending.values():
                for kind, payload in edits_of(message):
                    if kind in EDITS:
                        edit(self._shown, kind, payload)
        return self._shown

    def _take_scene(self, objects, revision):
        super()._take_scene(objects, revision)
        self._take_delta(revision)

    def _take_delta(self, revision):
        self.floor = revision
        self.stamps = {}

    def _change(self, message):
        registers = self._apply(self.objects, message)
        object_id = message['payload']['object_id']
        for register in registers:
            self.stamps[object_id, register] = message['revision']

    def _acknowledged(self, payload):
        message = self.pending.pop(payload['event_id'], None)
        revision = payload['revision']
        if message is None or revision <= self.floor:
            return
        failed = payload.get('failed', [])
        own = set()  # registers that an earlier edit of this message wrote
        for index, (kind, body) in enumerate(edits_of(message)):
            if kind in EDITS and index not in failed:
                self._settle(kind, body, revision, own)

    def _settle(self, kind, payload, revision, own):
        object_id = payload['object_id']

        def is_newer(register):
            key = object_id, register
            return key in own or revision > self.stamps.get(key, 0)

        if kind in ('CREATE_OBJECT', 'DELETE_OBJECT'):
            if not is_newer('exists'):
                return
            registers = edit(self.objects, kind, payload)
        elif kind == 'UPDATE_PROPERTIES':
            given = {key: value for key, value in payload['properties'].items() if is_newer(key)}
            registers = edit(self.objects, kind, {'object_id': object_id, 'properties': given})
        else:
            if not is_newer('transform' if kind == 'UPDATE_TRANSFORM' else 'name'):
                return
            registers = edit(self.objects, kind, payload)
        for register in registers:
            self.stamps[object_id, register] = revision
            own.add((object_id, register))
        if kind == 'DELETE_OBJECT':
            self._forget_selected(object_id)

    def _refused(self, payload):
        if 'index' not in payload:
            self.pending.pop(payload.get('event_id'), None)
