# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What the server says: how a session is entered, what happens in it, what became of our edits."""

from collections import deque

from . import messages, protocol, texts
from .answers import Answers
from .edits import NOTHING_SELECTED, Editor
from .outbox import Outbox
from .place import Place
from .replica import Replica

MOST = 2 ** 53  # of what a server may say of its limits: beyond it arithmetic gets strange
# Errors of a JOIN that another attempt does not mend, and errors that are no answer to an edit.
FINAL_ERRORS = ('KICKED', 'SESSION_CLOSED', 'UNSUPPORTED_VERSION', 'INVALID_PAYLOAD', 'FORBIDDEN')
NO_ANSWERS = ('RATE_LIMITED', 'SERVER_SHUTTING_DOWN', 'NOT_JOINED', 'MESSAGE_TOO_LARGE')


class Member(Editor):
    """The part of a client that takes messages; whoever has a connection gives it these:

    `_send(text)`; `_give_up(code, detail, final)`: drops the connection, for good if `final`;
    `_misunderstood(reason)`: a message was not as the protocol says; `request_sync(whole)`; and
    `_entered()`: the first state of this connection is there.
    """

    def __init__(self, user_id, wall, monotonic, version):
        replica = Replica(user_id)
        super().__init__(replica, Outbox(replica), wall)
        self._answers = Answers(self.replica, self._outbox)
        self._monotonic = monotonic
        self.log = deque(maxlen=100)  # (wall time, text)
        self.version = version        # of the add-on, for the administrator's eyes
        self._tokens = {}             # (url, session_id) -> resume token
        self._handlers = {
            'BATCH': self._batch, 'ACK': self._ack, 'ERROR': self._error,
            'HEARTBEAT_ACK': self._heartbeat_ack, 'UP_TO_DATE': self._up_to_date,
            'WELCOME': self._welcome, 'FULL_STATE_SYNC': self._full_sync,
            'STATE_CHUNK': self._state_chunk, 'STATE_END': self._state_end,
            'DELTA_SYNC': self._delta_sync, 'NOTICE': self._notice,
            'SESSION_CLOSED': self._session_closed,
        }
        self.url = self.session_id = self.display_name = ''
        self.synced_at = 0            # grows with every answer that says what the state is
        self._forget_session()

    def _forget_session(self):
        """As before the first connection to a session."""
        self.progress = 0.0
        self.revision = 0
        self.server_version = ''
        self.limits = dict(protocol.LIMITS)
        self.host_user_id = None
        self.is_first = False
        self.degraded = False
        self.latency_ms = None
        self.clock_offset_ms = 0
        self._selection = NOTHING_SELECTED
        self._was_joined = False
        self._said_why = None         # (code, text) of an ERROR that a close follows
        self._place = Place()
        self._forget_connection()

    def _forget_connection(self):
        self._joined = False
        self._incoming = None         # (payload, objects) of a state that arrives in chunks
        self._heartbeats = deque()    # (monotonic, wall) of those that are not answered

    # What the caller empties, and may replace

    @property
    def changed(self):
        return self.replica.changed

    @changed.setter
    def changed(self, value):
        self.replica.changed = value

    @property
    def news(self):
        return self.replica.news

    @news.setter
    def news(self, value):
        self.replica.news = value

    @property
    def refused(self):
        return self._answers.refused

    @refused.setter
    def refused(self, value):
        self._answers.refused = value

    @property
    def epoch(self):
        """The name of the session's unbroken history."""
        return self._place.epoch

    def _note(self, text):
        self.log.append((self._wall(), text))

    def _take_message(self, message):
        try:
            kind = message['event_type']
            handler = self._handlers.get(kind)
            if handler is not None:
                handler(message, message['payload'])
            elif self._joined:
                self._event(message)
        except protocol.MALFORMED as error:
            self._misunderstood(f'{type(error).__name__}: {error}')

    # Joining

    def _welcome(self, message, payload):
        if payload['protocol_version'] != protocol.VERSION:
            self._give_up('UNSUPPORTED_VERSION')
            return
        self.degraded = False
        self.server_version = str(payload.get('server_version', ''))
        self.clock_offset_ms = int(payload['server_time']) - self._now_ms()
        given = payload.get('limits') or {}
        self.limits = {key: max(0, min(MOST, int(given.get(key, value))))
                       for key, value in protocol.LIMITS.items()}
        offered = payload.get('capabilities') or ()
        wanted = [name for name in protocol.CAPABILITIES if name in offered]
        resume = self._place.resume
        self._note(f'server {self.server_version}, joining {self.session_id}, resume {resume}')
        self._send(messages.join(self.user_id, self._now_ms(), self.session_id, self.display_name,
                                 wanted, self.version, resume,
                                 self._tokens.get((self.url, self.session_id))))

    def _full_sync(self, message, payload):
        self._note(f'< FULL_STATE_SYNC {payload["revision"]}')
        if 'objects' in payload:
            self._incoming = payload, {}
            self._add_objects(payload['objects'])
            self._take_state()
        else:
            self._incoming = payload, {}
            self.progress = 0.0

    def _state_chunk(self, message, payload):
        self._add_objects(payload['objects'])
        head, objects = self._incoming
        self.progress = min(1.0, len(objects) / max(1, int(head['object_count'])))

    def _add_objects(self, told):
        objects = self._incoming[1]
        for object_id, value in told.items():
            try:
                objects[object_id] = protocol.read_object(value)
            except protocol.MALFORMED as error:
                self._note(f'left out {object_id:.40}: {error}')  # one bad object, not the scene

    def _state_end(self, message, payload):
        self._take_state()

    def _take_state(self):
        payload, objects = self._incoming
        self._incoming = None
        self.replica.take_state(objects)
        self._synced(payload, int(payload['revision']), 'resync' if self._joined else 'full')

    def _delta_sync(self, message, payload):
        self._note(f'< DELTA_SYNC {payload["from_revision"]} to {payload["to_revision"]}')
        for event in payload['events']:
            self.replica.apply(event['event_type'], event)
        self._synced(payload, int(payload['to_revision']), 'delta')

    def _synced(self, payload, revision, how):
        self.replica.take_users(payload['users'])
        self._show_selection()
        self._place.synced(payload['epoch'], revision, self._is_settled())
        self.revision = revision
        self.host_user_id = payload.get('host_user_id')
        self._tokens[self.url, self.session_id] = payload['you']['resume_token']
        self.progress = 1.0
        self.synced_at += 1
        if not self._joined:
            self._enter()
        self.news.append(('synced', how))

    def _enter(self):
        self._joined = True
        if not self._was_joined:
            self.is_first = self.revision == 0 and len(self.replica.users) == 1
        self._was_joined = True
        self._said_why = None
        self._entered()
        for sent in self._outbox.unanswered.values():
            self._send(sent.text)
        if self._selection != NOTHING_SELECTED:
            self._outbox.select(*self._selection, self._now_ms())

    # In the session

    def _event(self, message):
        """A single event: one's own are known, except for what the server corrects."""
        if message['source_user_id'] == self.user_id:
            return
        if self.replica.apply(message['event_type'], message) and 'revision' in message:
            if not message['payload'].get('correction'):
                self._hear(message['revision'])

    def _batch(self, message, payload):
        events = payload['events']
        apply = self.replica.apply
        me = self.user_id
        for event in events:
            try:
                if event['source_user_id'] != me and not apply(event['event_type'], event):
                    self._handle_in_batch(event)
            except protocol.MALFORMED as error:
                self._misunderstood(f'in a batch: {type(error).__name__}: {error}')
        if 'revision' in message:
            self._hear(message['revision'])

    def _handle_in_batch(self, event):
        handler = self._handlers.get(event['event_type'])
        if handler is not None and handler != self._batch:
            handler(event, event['payload'])

    def _hear(self, revision):
        """The stream is told up to a revision."""
        self._place.hear(revision, self._is_settled())
        self.revision = max(self.revision, revision)

    def _is_settled(self):
        # What others wrote to the same was passed over while something of ours is unanswered.
        return not self._outbox.unanswered and not self.replica.n_pending

    def _up_to_date(self, message, payload):
        self.synced_at += 1
        self._hear(int(payload['revision']))

    def _heartbeat_ack(self, message, payload):
        if self._heartbeats:
            sent, sent_wall = self._heartbeats.popleft()
            took = self._monotonic() - sent
            self.latency_ms = took * 1000
            self.clock_offset_ms = int(payload['server_time'] - (sent_wall + took / 2) * 1000)
        self._hear(int(payload['revision']))

    def _notice(self, message, payload):
        code = payload['code']
        self._note(f'< NOTICE {code}')
        if code == 'DURABILITY_RESTORED':
            self.degraded = False
        self._place.rename(payload.get('epoch'))
        self.news.append(('notice', code, texts.sentence(code, str(payload.get('message', '')))))

    def _session_closed(self, message, payload):
        self._said_why = 'SESSION_CLOSED', str(payload.get('reason') or '')

    # Answers

    def _ack(self, message, payload):
        sent = self._answers.acknowledge(payload, self._place.synced_to)
        if sent is None:
            return
        self._place.answered()
        self.revision = max(self.revision, int(payload['revision']))
        if payload.get('durable') is False:
            self.degraded = True
        failed = payload.get('failed') or ()
        self._note(f'< ACK {sent.event_id}: revision {payload["revision"]}, {len(failed)} failed')

    def _error(self, message, payload):
        code, text = payload['code'], str(payload.get('message', ''))
        self._note(f'< ERROR {code}: {text:.200}')
        self._place.rename(payload.get('epoch'))
        if code == 'DURABILITY_DEGRADED':
            self.degraded = True
            self.news.append(('notice', code, texts.sentence(code, text)))
        elif not self._joined:
            self._give_up(code, text, final=code in FINAL_ERRORS)
        elif code in NO_ANSWERS or code == 'KICKED':
            self._said_why = code, text
        else:
            self._refusal(payload, code, texts.sentence(code, text))

    def _refusal(self, payload, code, text):
        if not self._answers.refuse(payload, code, text):
            self.news.append(('notice', code, text))
            return
        self._place.answered()
        if code == 'INTERNAL':
            self.request_sync(whole=True)
