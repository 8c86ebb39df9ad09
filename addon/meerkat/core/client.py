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
from .member import Member
from .retry import Retry

DISCONNECTED, CONNECTING, CONNECTED, RECONNECTING = (
    'DISCONNECTED', 'CONNECTING', 'CONNECTED', 'RECONNECTING')

HEARTBEAT_S = 5.0
SILENCE_S = 30.0
REPAIR_S = 10.0      # how often at most the state is asked for because something was not understood
POLL = 64

# Close codes after which nobody reconnects by himself, and what they mean.
FINAL_CLOSE = {4001: 'REPLACED', 4002: 'KICKED', 4003: 'SESSION_CLOSED'}
CLOSE_ERRORS = {1001: 'SERVER_SHUTTING_DOWN', 1009: 'MESSAGE_TOO_LARGE', 4008: 'RATE_LIMITED',
                4009: 'TOO_SLOW'}


class Client(Member):
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
        super().__init__(user_id, wall, monotonic, version)
        self._link_factory = link_factory
        self._reset()

    def _reset(self):
        """As before the first connection to a session."""
        self.status = DISCONNECTED
        self.error_code = self.error_text = ''
        self._link = None
        self._inbox = deque()
        self._retry = Retry()
        self._forget_session()

    def _forget_connection(self):
        super()._forget_connection()
        self._heard_at = self._flushed_at = self._monotonic()
        self._heartbeat_at = self._repair_at = 0.0

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

    def _give_up(self, code, detail='', final=True):
        self._link.abort()
        self._fail(code, detail, final)

    def _entered(self):
        self.status = CONNECTED
        self._retry.clear()
        self.error_code = self.error_text = ''

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
                self._give_up('SERVER_SILENT', final=False)
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

    def _misunderstood(self, reason):
        """Something came that is not as the protocol says. The state makes good for it."""
        self._note(f'not understood: {reason:.200}')
        now = self._monotonic()
        if not self._joined:
            if self._link is not None:
                self._give_up('NOT_A_SERVER', final=False)
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
