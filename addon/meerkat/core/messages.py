# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What the client says, as JSON text.

Edits are written as parts of a BATCH, without a `source_user_id` of their own. Times are Unix
milliseconds. Only values that core.protocol has checked may come in here.
"""

import json

from . import protocol

# Nine digits are what a float32 needs to come back as it was, and take half the time of all digits.
_TRANSFORM = ('{"position":[%.9g,%.9g,%.9g],"rotation":[%.9g,%.9g,%.9g],'
              '"scale":[%.9g,%.9g,%.9g]}')
_UPDATE_TRANSFORM = ('{"event_type":"UPDATE_TRANSFORM","timestamp":%d,"payload":'
                     '{"object_id":"%s","transform":' + _TRANSFORM + '}}')


def encode(value):
    """Any JSON value as text, short and strict."""
    return json.dumps(value, allow_nan=False, separators=(',', ':'))


def _event(kind, timestamp, payload):
    return '{"event_type":"%s","timestamp":%d,"payload":%s}' % (kind, timestamp, payload)


def update_transform(object_id, transform, timestamp):
    return _UPDATE_TRANSFORM % (timestamp, object_id, *transform)


def update_properties(object_id, properties, timestamp):
    payload = encode({'object_id': object_id, 'properties': properties})
    return _event('UPDATE_PROPERTIES', timestamp, payload)


def update_name(object_id, name, timestamp):
    return _event('UPDATE_NAME', timestamp, encode({'object_id': object_id, 'name': name}))


def create_object(item, timestamp):
    payload = {'object_id': item.id, 'name': item.name, 'type': item.type,
               'properties': item.properties}
    if item.type == 'asset_ref':
        payload['asset_id'] = item.asset_id
        payload['asset_library'] = item.asset_library
    text = encode(payload)[:-1] + ',"transform":' + _TRANSFORM % item.transform + '}'
    return _event('CREATE_OBJECT', timestamp, text)


def delete_object(object_id, timestamp):
    return _event('DELETE_OBJECT', timestamp, encode({'object_id': object_id}))


def select_object(active, ids, timestamp):
    return _event('SELECT_OBJECT', timestamp, encode({'object_id': active, 'object_ids': ids}))


def batch(events, event_id, user_id, timestamp):
    """A BATCH of those texts; it is answered as a whole under `event_id`."""
    return ('{"event_type":"BATCH","timestamp":%d,"source_user_id":%s,"event_id":"%s",'
            '"payload":{"events":[%s]}}' % (timestamp, encode(user_id), event_id, ','.join(events)))


def _message(kind, user_id, timestamp, payload):
    return encode({'event_type': kind, 'timestamp': timestamp, 'source_user_id': user_id,
                   'payload': payload})


def join(user_id, timestamp, session_id, display_name, capabilities, version, resume=None,
         token=None):
    """JOIN_SESSION; `resume` is (epoch, revision)."""
    payload = {'session_id': session_id, 'display_name': display_name,
               'protocol_version': protocol.VERSION, 'capabilities': capabilities,
               'client': {'name': 'meerkat-blender', 'version': version}}
    if resume is not None:
        payload['resume'] = {'epoch': resume[0], 'revision': resume[1]}
    if token is not None:
        payload['resume_token'] = token
    return _message('JOIN_SESSION', user_id, timestamp, payload)


def leave(user_id, timestamp):
    return _message('LEAVE_SESSION', user_id, timestamp, {})


def kick_user(user_id, timestamp, kicked, reason):
    return _message('KICK_USER', user_id, timestamp, {'user_id': kicked, 'reason': reason})


def close_session(user_id, timestamp, reason):
    return _message('CLOSE_SESSION', user_id, timestamp, {'reason': reason})


def heartbeat(user_id, timestamp, revision):
    return _message('HEARTBEAT', user_id, timestamp, {'revision': revision})


def request_sync(user_id, timestamp, revision=None):
    """REQUEST_STATE_SYNC; without a revision the whole state is asked for."""
    payload = {} if revision is None else {'revision': revision}
    return _message('REQUEST_STATE_SYNC', user_id, timestamp, payload)
