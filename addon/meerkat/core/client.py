# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The client's side of a session: joins, keeps the replica, sends edits, comes back after a break.

No sockets, no clock of its own: a *link* carries messages and tells what happened to the
connection. It has `send(text)`, `close(code)` (says goodbye: what was sent goes out first),
`abort()` (at once) and `poll(limit)`, a list of

    ('open',)
    ('message', parsed, size)                a JSON value
    ('garbage', reason)                      something that is none
    ('closed', code or None, reason, error)  the end; `error` is one of texts.LOCAL_CODES or None
"""

import time
from collections import deque

from . import messages, protocol, texts
from .answers import Answers
from .edits import NOTHING_SELECTED, Editor
from .outbox import Outbox
from .place import Place
from .replica import Replica
from .retry import Retry

DISCONNECTED, CONNECTING, CONNECTED, RECONNECTING = (
    'DISCONNECTED', 'CONNECTING', 'CONNECTED', 'RECONNECTING')

HEARTBEAT_S = 5.0
SILENCE_S = 30.0
MOST = 2 ** 53  # of what a server may say of its limits: beyond it arithmetic gets strange
REPAIR_S = 10.0      # how often at most the state is asked for because something was not understood
POLL = 64

# Close codes after which nobody reconnects by himself, and what they mean.
FINAL_CLOSE = {4001: 'REPLACED', 4002: 'KICKED', 4003: 'SESSION_CLOSED'}
CLOSE_ERRORS = {1001: 'SERVER_SHUTTING_DOWN', 1009: 'MESSAGE_TOO_LARGE', 4008: 'RATE_LIMITED',
                4009: 'TOO_SLOW'}
# Errors of a JOIN that another attempt does not mend, and errors that are no answer to an edit.
FINAL_ERRORS = ('KICKED', 'SESSION_CLOSED', 'UNSUPPORTED_VERSION', 'INVALID_PAYLOAD', 'FORBIDDEN')
NO_ANSWERS = ('RATE_LIMITED', 'SERVER_SHUTTING_DOWN', 'NOT_JOINED', 'MESSAGE_TOO_LARGE')


class Client(Editor):
    """A user's place in a session.

    `receive` and `flush` are to be called again and again; they cost next to nothing while nothing
    happens. What is for the caller collects in `changed`, `news` and `refused`, which the caller
    empties:

    - `changed`: ids of objects that are not as they were, or gone, through others;
    - `news`: ('joined', User), ('left', User, reason), ('selected', user_id),
      ('notice', code, text), ('closed', reason), ('synced', 'full' | 'delta' | 'resync');
    - `refused`: (object_id, code, text). If the replica has no such object, its creation was
      refused and it exists nowhere else; if it has, the server's value of what was written follows.
    """

    def __init__(self, user_id, link_factory, wall=time.time, monotonic=time.monotonic,
                 version='0'):
        replica = Replica(user_id)
        super().__init__(replica, Outbox(replica), wall)
        self._answers = Answers(self.replica, self._outbox)
        self.log = deque(maxlen=100)  # (wall time, text)
        self.version = version        # of the add-on, for the administrator's eyes
        self._link_factory = link_factory
        self._monotonic = monotonic
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
        self._reset()

    def _reset(self):
        """As before the first connection to a session."""
        self.status = DISCONNECTED
        self.error_code = self.error_text = ''
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
        self._link = None
        self._inbox = deque()
        self._retry = Retry()
        self._was_joined = False
        self._said_why = None         # (code, text) of an ERROR that a close follows
        self._place = Place()
        self._forget_connection()

    def _forget_connection(self):
        self._joined = False
        self._incoming = None         # (payload, objects) of a state that arrives in chunks
        self._heartbeats = deque()    # (monotonic, wall) of those that are not answered
        self._heard_at = self._flushed_at = self._monotonic()
        self._heartbeat_at = self._repair_at = 0.0

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

    @property
    def is_arriving(self):
        """Whether the state of the session is on its way to us."""
        return self._link is not None and (not self._joined or self._incoming is not None)

    # Connecting

    def connect(self, url, session_id, display_name):
        """Begins to join a session, with an empty replica. What happens is told by `status`."""
        if self._link is not None or self.status == RECONNECTING:
            self.disconnect()
        self._reset()
        self._outbox.clear()
        self.replica.clear()
        self.url, self.session_id, self.display_name = url, session_id, display_name
        if not protocol.is_session_id(session_id):
            self._fail('BAD_SESSION')
        elif not protocol.is_display_name(display_name):
            self._fail('BAD_DISPLAY_NAME')
        else:
            self.status = CONNECTING
            self._open()

    def disconnect(self):
        """Leaves the session. What waits is sent before, as far as the server keeps up."""
        if self._joined:
            self._outbox.hurry()
            while self._send_edits(self._monotonic()):
                self._outbox.hurry()
            self._send(messages.leave(self.user_id, self._now_ms()))
            self._note('left')
            self._link.close(1000)
        elif self._link is not None:
            self._link.abort()
        self._drop_link()
        self._retry.clear()
        self.status = DISCONNECTED
        self.replica.users.clear()

    def reconnect_now(self):
        """While reconnecting: does not wait for the next attempt."""
        if self._retry.at is not None:
            self._retry.at = self._monotonic()

    @property
    def retry_in(self):
        """Seconds until the next attempt to reconnect, or None."""
        if self._retry.at is None:
            return None
        return max(0.0, self._retry.at - self._monotonic())

    @property
    def attempt(self):
        """How many attempts to come back are planned or were made in vain."""
        return self._retry.attempt

    def _open(self):
        self._retry.at = None
        self._forget_connection()
        self._note(f'connecting to {self.url}')
        self._link = self._link_factory(self.url)

    def _drop_link(self):
        self._link = None
        self._inbox.clear()
        self._joined = False
        self._incoming = None

    def _fail(self, code, detail='', final=True, slow=False):
        """The connection is gone, or never came to be. Goes on by itself if that can help."""
        self._drop_link()
        self.error_code, self.error_text = code, texts.sentence(code, detail)
        self._note(f'{code} {detail}')
        if self._was_joined and not final:
            self.status = RECONNECTING
            self._retry.plan(self._monotonic(), slow)
        else:
            self.status = DISCONNECTED
            self.replica.users.clear()
            self.news.append(('closed', self.error_text))

    # Requests

    def request_sync(self, whole=False):
        """Asks whether our state is the server's, or, `whole`, for all of it. True if asked."""
        return self._ask(messages.request_sync(self.user_id, self._now_ms(),
                                               None if whole else self.revision))

    def kick(self, user_id, reason=''):
        """Has somebody removed from the session; only the host may. True if asked."""
        return self._ask(messages.kick_user(self.user_id, self._now_ms(), user_id, reason))

    def close_session(self, reason=''):
        """Has the session ended for everybody; only the host may. True if asked."""
        return self._ask(messages.close_session(self.user_id, self._now_ms(), reason))

    def _ask(self, message):
        if self._joined:
            self._send(message)
        return self._joined

    # Sending

    def flush(self, now=None):
        """Sends what is due, watches over the connection, reconnects. `now` is monotonic time."""
        if now is None:
            now = self._monotonic()
        self._outbox.wake(now)
        if self._joined:
            self._send_edits(now)
            if now >= self._heartbeat_at:
                self._heartbeat_at = now + HEARTBEAT_S
                self._heartbeats.append((now, self._wall()))
                self._send(messages.heartbeat(self.user_id, self._now_ms(), self.revision))
        if self._link is not None:
            if now - self._flushed_at > HEARTBEAT_S:
                self._heard_at = now  # it was us who did not listen
            elif now - self._heard_at > SILENCE_S:
                self._link.abort()
                self._fail('SERVER_SILENT', final=False)
        elif self._retry.at is not None and now >= self._retry.at:
            self._open()
        self._flushed_at = now

    def _send_edits(self, now):
        sent = self._outbox.take(now, self.limits, self.user_id, self._now_ms())
        if sent is None:
            return False
        self._note(f'> BATCH {sent.event_id}: {len(sent.members)} events, {len(sent.text)} bytes')
        self._send(sent.text)
        return True

    def _send(self, text):
        self._link.send(text)

    def _note(self, text):
        self.log.append((self._wall(), text))

    # Receiving

    def receive(self, budget_s=0.004):
        """Takes in what has come, message by message, until there is no more or time is up."""
        if self._link is None:
            return
        deadline = self._monotonic() + budget_s
        inbox = self._inbox
        while self._link is not None:
            if not inbox:
                inbox.extend(self._link.poll(POLL))
                if not inbox:
                    return
                self._heard_at = self._monotonic()
            self._take(inbox.popleft())
            if self._monotonic() >= deadline:
                return

    def _take(self, event):
        what = event[0]
        if what == 'message':
            self._take_message(event[1])
        elif what == 'garbage':
            self._misunderstood(event[1])
        elif what == 'closed':
            self._closed(*event[1:])
        else:
            self._note('connected')

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

    def _misunderstood(self, reason):
        """Something came that is not as the protocol says. The state makes good for it."""
        self._note(f'not understood: {reason:.200}')
        now = self._monotonic()
        if not self._joined:
            if self._link is not None:
                self._link.abort()
                self._fail('NOT_A_SERVER', final=False)
        elif now >= self._repair_at:
            self._repair_at = now + REPAIR_S
            self.request_sync(whole=True)

    def _closed(self, code, reason, error):
        said, said_text = self._said_why or ('', '')
        if code in FINAL_CLOSE:
            final = FINAL_CLOSE[code]
            self._fail(final, said_text if said == final else reason)
            return
        if code == 1009:
            code = 'MESSAGE_TOO_LARGE'
            self._answers.give_up_largest(code, texts.sentence(code))
            self._place.forget()  # what we hold is not what the server has
        error = error or CLOSE_ERRORS.get(code) or said or 'CONNECTION_LOST'
        self._fail(error, said_text or reason, final=False, slow=error == 'RATE_LIMITED')

    # Joining

    def _welcome(self, message, payload):
        if payload['protocol_version'] != protocol.VERSION:
            self._link.abort()
            self._fail('UNSUPPORTED_VERSION')
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
        self.status = CONNECTED
        self._retry.clear()
        self.error_code = self.error_text = ''
        self._said_why = None
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
            self._link.abort()
            self._fail(code, text, final=code in FINAL_ERRORS)
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
