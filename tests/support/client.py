# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""A client of the Meerkat protocol for tests: says what it is told to say, shows all it is told."""

import json
import time
import uuid

from support.websocket import Closed, Timeout  # noqa: F401 (handed on to the tests)

WAIT = 20.0
IDENTITY = {'position': [0, 0, 0], 'rotation': [0, 0, 0], 'scale': [1, 1, 1]}
OBJECT_TYPES = ('cube', 'sphere', 'cylinder', 'camera', 'point_light', 'sun_light', 'asset_ref')
PROPERTIES = {
    'camera': {'focal_length': 35, 'sensor_width': 24, 'clip_start': 0.5, 'clip_end': 250},
    'point_light': {'color': [1, 0.5, 0.25], 'power': 60, 'radius': 0.5},
    'sun_light': {'color': [0.25, 0.5, 1], 'intensity': 3, 'angle': 0.125},
}


def new_id():
    return str(uuid.uuid4())


def place(x=0, y=0, z=0):
    """A transform at a place."""
    return {'position': [x, y, z], 'rotation': [0, 0, 0], 'scale': [1, 1, 1]}


def an_object(object_id=None, kind='cube', name='Cube', transform=None, **more):
    """The payload of a CREATE_OBJECT."""
    payload = {'object_id': object_id or new_id(), 'name': name, 'type': kind,
               'transform': transform or place()}
    if kind in PROPERTIES:
        payload['properties'] = dict(PROPERTIES[kind])
    if kind == 'asset_ref':
        payload.update(asset_id='oak_tree', asset_library='assets.blend')
    payload.update(more)
    return payload


def flatten(messages):
    """The messages with the events of server BATCHes in their place."""
    for message in messages:
        if message['event_type'] == 'BATCH':
            yield from message['payload']['events']
        else:
            yield message


class Client:
    """One connection and its user. `messages` holds everything that came, in order.

    `shift` is by how many milliseconds this client's clock is wrong.
    """

    witness = None  # a function that is shown every message of every client

    def __init__(self, daemon, user_id=None, shift=0, replica=None, welcome=True, **how):
        self.user_id = user_id or new_id()
        self.shift = shift
        self.replica = replica
        self.messages = []
        self.session = None
        self.sync = None
        self.token = None
        self.capabilities = ()
        self.asked = self.answered = 0  # HEARTBEATs and their ACKs
        self.ws = daemon.connect(**how)
        self.welcome = self.expect('WELCOME') if welcome else None

    # Out

    def now(self):
        return int(time.time() * 1000) + self.shift

    def envelope(self, event_type, payload=None, **more):
        """A message; an envelope member that is given as ... is left out."""
        message = {'event_type': event_type, 'timestamp': self.now(),
                   'source_user_id': self.user_id, 'payload': {} if payload is None else payload}
        message.update(more)
        return {key: value for key, value in message.items() if value is not ...}

    def send(self, event_type, payload=None, **more):
        message = self.envelope(event_type, payload, **more)
        self.asked += event_type == 'HEARTBEAT'
        if self.replica is not None:
            self.replica.said(message)
        self.ws.send_text(json.dumps(message))
        return message

    def send_text(self, text):
        self.ws.send_text(text)

    def batch(self, events, **more):
        """A BATCH of (event_type, payload) pairs or of whole envelopes."""
        items = [e if isinstance(e, dict) else self.envelope(e[0], e[1], source_user_id=...)
                 for e in events]
        return self.send('BATCH', {'events': items}, **more)

    # In

    def receive(self, timeout=WAIT):
        """The next message."""
        message = json.loads(self.ws.receive(timeout))
        self.messages.append(message)
        self.answered += message['event_type'] == 'HEARTBEAT_ACK'
        if Client.witness is not None:
            Client.witness(message)
        if self.replica is not None:
            self.replica.heard(message)
        return message

    def expect(self, event_type, where=None, timeout=WAIT):
        """The next message of this type (for which `where` holds); others before it are passed."""
        deadline = time.monotonic() + timeout
        passed = []
        while True:
            try:
                message = self.receive(max(0.0, deadline - time.monotonic()))
            except Timeout:
                raise Timeout(f'no {event_type} for {self.user_id} within {timeout} s; '
                              f'came: {passed[-20:]}') from None
            except Closed as closed:
                raise AssertionError(f'no {event_type}: {closed}; came: {passed[-20:]}') from closed
            if message['event_type'] == event_type and (where is None or where(message)):
                return message
            passed.append(message)

    def next(self, event_type, timeout=WAIT):
        """The next message, which must be of this type; returns it."""
        message = self.receive(timeout)
        if message['event_type'] != event_type:
            raise AssertionError(f'{self.user_id} expected {event_type}, got {message}')
        return message

    def expect_error(self, code, *words, timeout=WAIT):
        """The next ERROR, which must have this code and these words in its message."""
        payload = self.expect('ERROR', timeout=timeout)['payload']
        if payload['code'] != code:
            raise AssertionError(f'expected ERROR {code}, got {payload}')
        for word in words:
            if word not in payload['message']:
                raise AssertionError(f'{word!r} is not in the message of {payload}')
        return payload

    def expect_closed(self, code=None, timeout=WAIT):
        """Reads on until the connection is closed; returns the messages before the close."""
        deadline = time.monotonic() + timeout
        before = []
        while True:
            try:
                before.append(self.receive(max(0.0, deadline - time.monotonic())))
            except Closed as closed:
                if code is not None and closed.code != code:
                    raise AssertionError(f'expected close {code}, got {closed}; '
                                         f'before it: {before[-5:]}') from None
                self.closed = closed
                return before

    def barrier(self, timeout=WAIT):
        """Sends a HEARTBEAT and returns what came before its answer.

        After it, all this client said before has been handled and may be seen by others.
        """
        self.send('HEARTBEAT', timestamp=...)
        goal = max(self.asked, self.answered + 1)
        before = []
        while True:
            message = self.receive(timeout)
            kind = message['event_type']
            if kind == 'HEARTBEAT_ACK' and self.answered >= goal:
                self.position = message['payload']['revision']
                return before
            if kind == 'ERROR' and message['payload']['code'] == 'NOT_JOINED':
                self.answered += 1
                return before
            before.append(message)

    def pump(self):
        """Takes in whatever is there without waiting; returns it."""
        got = []
        while True:
            try:
                got.append(self.receive(0))
            except Timeout:
                return got

    # Conversations

    def join(self, session='test', display_name=None, capabilities=None, resume=None, token=None,
             **more):
        """Joins, and returns the payload of the sync, with chunks put together."""
        self.send_join(session, display_name, capabilities, resume, token, **more)
        return self.read_sync()

    def send_join(self, session='test', display_name=None, capabilities=None, resume=None,
                  token=None, payload=None, **more):
        body = {'session_id': session, 'display_name': display_name or f'User {self.user_id[:8]}'}
        if capabilities is not None:
            body['capabilities'] = list(capabilities)
        if resume is not None:
            body['resume'] = resume
        if token is not None:
            body['resume_token'] = token
        body.update(payload or {})
        self.session = session
        self.capabilities = tuple(capabilities or ())
        self.send('JOIN_SESSION', body, **more)

    def read_sync(self, timeout=WAIT):
        """The next FULL_STATE_SYNC or DELTA_SYNC, whole."""
        first = self._next_sync(timeout)
        payload = dict(first['payload'])
        payload['kind'] = first['event_type']
        if 'object_count' in payload:
            payload['objects'] = {}
            payload['chunks'] = []
            while True:
                part = self.receive(timeout)
                if part['event_type'] == 'STATE_END':
                    payload['end_revision'] = part['payload']['revision']
                    break
                if part['event_type'] != 'STATE_CHUNK':
                    raise AssertionError(f'inside a sync: {part}')
                payload['chunks'].append(part)
                payload['objects'].update(part['payload']['objects'])
        self.sync = payload
        self.token = payload['you']['resume_token']
        return payload

    def _next_sync(self, timeout):
        deadline = time.monotonic() + timeout
        while True:
            message = self.receive(max(0.0, deadline - time.monotonic()))
            if message['event_type'] in ('FULL_STATE_SYNC', 'DELTA_SYNC'):
                return message
            if message['event_type'] == 'ERROR':
                raise AssertionError(f'instead of a sync: {message["payload"]}')

    def full_sync(self):
        """The session as the server has it now."""
        self.send('REQUEST_STATE_SYNC')
        return self.read_sync()

    def resume_point(self):
        """Where this client stands, for a later `join(resume=…)`."""
        sync = self.sync
        revision = sync.get('to_revision', sync['revision'])
        for message in self.messages:
            revision = max(revision, message.get('revision', 0))
            if message['event_type'] in ('ACK', 'HEARTBEAT_ACK'):
                revision = max(revision, message['payload']['revision'])
        return {'epoch': sync['epoch'], 'revision': revision}

    def create(self, kind='cube', ack=False, **more):
        """Creates an object and returns its id; with `ack` waits until it is done."""
        payload = an_object(kind=kind, **more)
        if ack:
            self.acked('CREATE_OBJECT', payload)
        else:
            self.send('CREATE_OBJECT', payload)
        return payload['object_id']

    def acked(self, event_type, payload, **more):
        """Sends with a fresh event_id and returns the payload of the ACK."""
        event_id = new_id()
        self.send(event_type, payload, event_id=event_id, **more)
        return self.expect_ack(event_id)

    def acked_batch(self, events, **more):
        event_id = new_id()
        self.batch(events, event_id=event_id, **more)
        return self.expect_ack(event_id)

    def expect_ack(self, event_id, timeout=WAIT):
        ack = self.expect('ACK', lambda m: m['payload']['event_id'] == event_id, timeout)
        return ack['payload']

    def close(self):
        self.ws.close()
