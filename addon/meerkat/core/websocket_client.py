# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""A WebSocket connection, and the addresses that people type.

`WebSocketLink` is the link that core.client speaks of. The `websockets` library is imported when it
is needed; its old client (up to version 13) and its new one take the same calls as used here.
"""

import asyncio
import errno
import ipaddress
import json
import re
import socket
import ssl
from collections import deque
from urllib.parse import urlsplit

from . import tls
from .event_loop import SteppedLoop

SCHEMES = {'ws': 'ws', 'wss': 'wss', 'http': 'ws', 'https': 'wss'}
DEFAULT_PORT = 8080
PORTS = {'ws': 80, 'wss': 443}  # of an address without one
DEFAULT_PATH = '/ws'
OPEN_TIMEOUT_S = 10
CLOSE_TIMEOUT_S = 1
MAX_MESSAGE = 1 << 28    # a whole scene without chunks, many times over
MAX_DECODED = 1 << 18    # characters in one poll: a few milliseconds of JSON

_HOST = re.compile(r'[^\s\x00-\x20/?#@:\[\]\\<>"{}|^`%,;]+')
_ERRNO = re.compile(r'Errno (\d+)')
_REASONS = {
    errno.ECONNREFUSED: 'REFUSED',
    errno.ETIMEDOUT: 'TIMEOUT',
    errno.ENETUNREACH: 'UNREACHABLE',
    errno.EHOSTUNREACH: 'UNREACHABLE',
}
_STATUSES = (403, 404, 429, 503)


def complete_url(text):
    """The whole URL of what somebody typed: 'host', 'host:port', 'ws://…', 'https://…' …

    Raises ValueError if that is no address.
    """
    text = text.strip()
    if not text.isprintable():
        raise ValueError(f'an address has no control characters: {text!r}')
    scheme, separator, rest = text.partition('://')
    if not separator:
        scheme, rest = 'ws', text
        if _is_ipv6(text):
            rest = f'[{text}]'
    scheme = SCHEMES.get(scheme.lower())
    if scheme is None:
        raise ValueError(f'an address begins with ws://, wss://, http:// or https://, not {text!r}')

    parts = urlsplit(f'{scheme}://{rest}')
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError(f'an address has a host, a port and a path only: {text!r}')
    host = _clean_host(parts.hostname or '')
    port = parts.port  # raises ValueError itself
    if port is None and scheme == 'ws':
        port = DEFAULT_PORT
    path = DEFAULT_PATH if parts.path in ('', '/') else parts.path
    return f'{scheme}://{host}{"" if port is None else f":{port}"}{path}'


def _is_ipv6(text):
    try:
        return ipaddress.ip_address(text).version == 6
    except ValueError:
        return False


def _clean_host(host):
    if _is_ipv6(host):
        return f'[{host}]'
    if not _HOST.fullmatch(host):
        raise ValueError(f'not the name of a computer: {host!r}')
    try:
        return host.encode('idna').decode()
    except UnicodeError:
        raise ValueError(f'not the name of a computer: {host!r}') from None


def _refuse_constant(name):
    raise ValueError(f'{name} is no JSON')


def decode(data):
    """The link's event for a frame that came."""
    if not isinstance(data, str):
        return 'garbage', 'a binary frame'
    try:
        return 'message', json.loads(data, parse_constant=_refuse_constant), len(data)
    except (ValueError, RecursionError) as error:
        return 'garbage', str(error)


def explain(error):
    """(code, detail) of why a connection did not come to be."""
    status = tls.http_status(error)
    if status is not None:
        return (f'HTTP_{status}' if status in _STATUSES else 'HTTP_OTHER'), f'HTTP {status}'
    if isinstance(error, ssl.SSLError):
        return 'TLS_FAILED', getattr(error, 'verify_message', '') or error.reason or str(error)
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return 'NAME_NOT_FOUND', str(error)
    if isinstance(error, (asyncio.TimeoutError, TimeoutError)):
        return 'TIMEOUT', ''
    if isinstance(error, OSError):
        # Several addresses were tried: asyncio then says it in the text only.
        number = error.errno or next(iter(map(int, _ERRNO.findall(str(error)))), None)
        return _REASONS.get(number, 'UNREACHABLE'), str(error)
    return 'NOT_A_SERVER', str(error)


class WebSocketLink:
    """A connection that is made from the moment this object is made; `poll` lets it go on.

    All methods return at once, except that `close` waits at most a second for the goodbye.
    """

    def __init__(self, url):
        self._events = deque()         # ('data', frame) for what is to be decoded yet
        self._waiting = deque()        # what is to be sent; None means to close
        self._close_code = 1000
        self._wake = asyncio.Event()
        self._socket = None
        self._loop = SteppedLoop()
        self._task = self._loop.create_task(self._run(url))

    def send(self, text):
        """Sends a message; the order is kept. Nothing happens if the connection is gone."""
        self._waiting.append(text)
        self._go_on()

    def poll(self, limit):
        """What has happened since the last call, at most `limit` events."""
        if not self._events:
            self._go_on()
        events = []
        size = 0
        while self._events and len(events) < limit and size < MAX_DECODED:
            event = self._events.popleft()
            if event[0] == 'data':
                size += len(event[1])
                event = decode(event[1])
            events.append(event)
        if events and events[-1][0] == 'closed':
            self._finish()
        return events

    def close(self, code=1000):
        """Sends what waits, says goodbye and waits for that, but not for long."""
        self._close_code = code
        self._waiting.append(None)
        self._wake.set()
        if not self._loop.is_closed():
            self._loop.wait({self._task}, CLOSE_TIMEOUT_S)
        self.abort()

    def abort(self):
        """Drops the connection."""
        if self._socket is not None:
            self._socket.transport.abort()
        self._finish()

    def _go_on(self):
        if self._waiting:
            self._wake.set()
        if not self._loop.is_closed():
            self._loop.advance(lambda: self._events)

    def _finish(self):
        if not self._loop.is_closed():
            self._loop.finish(CLOSE_TIMEOUT_S)

    async def _run(self, url):
        try:
            await self._live(url)
        except Exception as error:  # whatever it is, the user must be told, and Blender goes on
            self._end(None, f'{type(error).__name__}: {error}', 'CLIENT_DEFECT')

    def _end(self, code, reason, error=None):
        self._events.append(('closed', code, reason, error))

    async def _live(self, text):
        try:
            url = complete_url(text)
        except ValueError as error:
            return self._end(None, str(error), 'BAD_URL')
        try:
            import websockets
        except ImportError as error:
            return self._end(None, str(error), 'NO_WEBSOCKETS')

        parts = urlsplit(url)
        is_secure = parts.scheme == 'wss'
        opening = websockets.connect(
            url, compression=None, max_size=MAX_MESSAGE, ping_interval=None,
            open_timeout=OPEN_TIMEOUT_S, close_timeout=CLOSE_TIMEOUT_S,
            ssl=tls.context() if is_secure else None)
        try:
            self._socket = await tls.connect(opening, is_secure, parts.hostname,
                                             parts.port or PORTS[parts.scheme])
        except tls.Mismatch as error:
            return self._end(None, str(error), error.code)
        except (OSError, asyncio.TimeoutError, EOFError, UnicodeError,
                websockets.exceptions.WebSocketException) as error:
            return self._end(None, *reversed(explain(error)))

        self._events.append(('open',))
        sender = asyncio.create_task(self._send_all())
        try:
            while True:
                self._events.append(('data', await self._socket.recv()))
        except websockets.exceptions.ConnectionClosed as closed:
            frame = closed.rcvd
            self._end(frame and frame.code, frame.reason if frame else str(closed))
        finally:
            sender.cancel()

    async def _send_all(self):
        import websockets
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    text = self._waiting.popleft()
                    if text is None:
                        await self._socket.close(self._close_code)
                        return
                    await self._socket.send(text)
        except websockets.exceptions.ConnectionClosed:
            pass  # the receiving side tells it
        except Exception:
            self._socket.transport.abort()  # and so it does here: half a connection is none
            raise
