# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""An RFC 6455 client that does exactly what it is told, right or wrong.

It sends whole frames, broken frames, single bytes; it reads one frame at a time. Nothing is
answered by itself, except pings while `answer_pings` is on.
"""

import base64
import hashlib
import os
import socket
import struct
import time
from dataclasses import dataclass

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
ACCEPT_SUFFIX = b'258EAFA5-E914-47DA-95CA-C5AB0DC85B11'


class Timeout(AssertionError):
    """Nothing came in time."""


class Closed(Exception):
    """The server ended the connection: with a close frame, or without (code None)."""

    def __init__(self, code, reason='', how='close frame'):
        super().__init__(f'connection closed: code {code}, reason {reason!r} ({how})')
        self.code = code
        self.reason = reason


class Refused(Exception):
    """The server answered the upgrade with something else than 101."""

    def __init__(self, status, headers, body):
        super().__init__(f'upgrade answered with {status}: {body[:200]!r}')
        self.status = status
        self.headers = headers
        self.body = body


@dataclass
class Frame:
    fin: bool
    rsv: int
    opcode: int
    payload: bytes


def encode_frame(opcode, payload=b'', fin=True, rsv=0, mask=True, key=None, length=None):
    """One frame as bytes. `length` lies about the length: ('7', n), ('16', n) or ('64', n)."""
    first = (0x80 if fin else 0) | (rsv << 4) | opcode
    form, size = length or (None, len(payload))
    bit = 0x80 if mask else 0
    if form == '64' or (form is None and size > 0xFFFF):
        head = struct.pack('!BBQ', first, bit | 127, size)
    elif form == '16' or (form is None and size > 125):
        head = struct.pack('!BBH', first, bit | 126, size)
    else:
        head = struct.pack('!BB', first, bit | size)
    if not mask:
        return head + payload
    key = os.urandom(4) if key is None else key
    return head + key + apply_mask(payload, key)


def apply_mask(payload, key):
    """XOR with the key, by big numbers: Python's fastest way."""
    size = len(payload)
    if size == 0:
        return b''
    stream = (key * (size // 4 + 1))[:size]
    mixed = int.from_bytes(payload, 'big') ^ int.from_bytes(stream, 'big')
    return mixed.to_bytes(size, 'big')


class WebSocket:
    """A connection. The constructor does the handshake."""

    def __init__(self, host, port, path='/ws', headers=(), tls=None, source=None, timeout=20.0,
                 receive_buffer=None, subprotocol=None, server_name='localhost'):
        self.timeout = timeout
        self.answer_pings = True
        self.close_code = None
        self._buffer = bytearray()
        self._parts = []
        self._part_opcode = None
        family = socket.AF_INET6 if ':' in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if receive_buffer is not None:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            if source is not None:
                sock.bind((source, 0))
            sock.settimeout(timeout)
            sock.connect((host, port))
            if tls is not None:
                sock = tls.wrap_socket(sock, server_hostname=server_name)
            self.sock = sock
            self._handshake(host, port, path, list(headers), subprotocol)
        except BaseException:
            sock.close()
            raise

    def _handshake(self, host, port, path, headers, subprotocol):
        key = base64.b64encode(os.urandom(16))
        name = f'[{host}]' if ':' in host else host
        given = {h.split(':', 1)[0].lower() for h in headers}
        lines = [f'GET {path} HTTP/1.1']
        for line in (f'Host: {name}:{port}', 'Upgrade: websocket', 'Connection: Upgrade',
                     'Sec-WebSocket-Version: 13', f'Sec-WebSocket-Key: {key.decode()}'):
            if line.split(':', 1)[0].lower() not in given:
                lines.append(line)
        if subprotocol is not None:
            lines.append(f'Sec-WebSocket-Protocol: {subprotocol}')
        self.send_raw('\r\n'.join(lines + headers + ['', '']).encode())
        status, self.headers = self._read_head()
        if status != 101:
            raise Refused(status, self.headers, self._read_body())
        expected = base64.b64encode(hashlib.sha1(key + ACCEPT_SUFFIX).digest()).decode()
        if self.headers.get('sec-websocket-accept') != expected:
            raise AssertionError('wrong Sec-WebSocket-Accept')
        self.subprotocol = self.headers.get('sec-websocket-protocol')
        self.extensions = self.headers.get('sec-websocket-extensions')

    def _read_head(self):
        deadline = time.monotonic() + self.timeout
        while b'\r\n\r\n' not in self._buffer:
            self._fill(deadline)
        head, _, rest = bytes(self._buffer).partition(b'\r\n\r\n')
        self._buffer = bytearray(rest)
        first, *lines = head.decode('latin-1').split('\r\n')
        headers = {}
        for line in lines:
            name, _, value = line.partition(':')
            headers[name.strip().lower()] = value.strip()
        return int(first.split()[1]), headers

    def _read_body(self):
        deadline = time.monotonic() + self.timeout
        size = int(self.headers.get('content-length', 0))
        try:
            while len(self._buffer) < size:
                self._fill(deadline)
        except Closed:
            pass
        return bytes(self._buffer)

    def _fill(self, deadline):
        """Reads what is there, waiting for it until the deadline."""
        try:
            self.sock.settimeout(max(0.0, deadline - time.monotonic()))
            data = self.sock.recv(1 << 16)
        except (BlockingIOError, TimeoutError):
            raise Timeout('the server sent nothing in time') from None
        except OSError as error:
            if 'Want' in type(error).__name__:
                raise Timeout('the server sent nothing in time') from None
            raise Closed(None, how=f'{error}') from None
        if not data:
            raise Closed(None, how='end of stream')
        self._buffer += data

    # Out

    def send_raw(self, data):
        """Bytes as they are. Raises Closed when the other side is gone."""
        self.sock.settimeout(self.timeout)
        try:
            self.sock.sendall(data)
        except TimeoutError:
            raise Timeout('the server reads nothing') from None
        except OSError as error:
            raise Closed(None, how=f'while sending: {error}') from None

    def send_frame(self, opcode, payload=b'', **how):
        self.send_raw(encode_frame(opcode, payload, **how))

    def send_text(self, text):
        self.send_frame(TEXT, text.encode() if isinstance(text, str) else text)

    def send_slowly(self, data, size=1):
        """The same bytes in pieces of `size`, each its own segment as far as the kernel agrees."""
        for i in range(0, len(data), size):
            self.send_raw(data[i:i + size])

    def send_close(self, code=1000, reason=b''):
        payload = b'' if code is None else struct.pack('!H', code) + reason
        self.send_frame(CLOSE, payload)

    # In

    def receive_frame(self, timeout=None):
        """The next frame. Raises Timeout, or Closed at the end of the stream."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            frame = self._parse_frame()
            if frame is not None:
                return frame
            self._fill(deadline)

    def _parse_frame(self):
        data = self._buffer
        if len(data) < 2:
            return None
        if data[1] & 0x80:
            raise AssertionError('the server masked a frame (RFC 6455 5.1)')
        size, start = data[1] & 0x7F, 2
        if size == 126:
            if len(data) < 4:
                return None
            size, start = struct.unpack_from('!H', data, 2)[0], 4
        elif size == 127:
            if len(data) < 10:
                return None
            size, start = struct.unpack_from('!Q', data, 2)[0], 10
        if len(data) < start + size:
            return None
        first, payload = data[0], bytes(data[start:start + size])
        del data[:start + size]
        return Frame(bool(first & 0x80), (first >> 4) & 7, first & 15, payload)

    def receive(self, timeout=None):
        """The next whole text message as bytes. Answers a close frame, then raises Closed."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            frame = self.receive_frame(max(0.0, deadline - time.monotonic()))
            if frame.rsv:
                raise AssertionError('the server set a reserved bit')
            if frame.opcode == PING:
                if self.answer_pings:
                    self.send_frame(PONG, frame.payload)
            elif frame.opcode == CLOSE:
                self._answer_close(frame.payload)
            elif frame.opcode in (TEXT, CONTINUATION):
                if (frame.opcode == TEXT) != (self._part_opcode is None):
                    raise AssertionError('the server mixed up fragments')
                self._part_opcode = TEXT
                self._parts.append(frame.payload)
                if frame.fin:
                    message = b''.join(self._parts)
                    self._parts, self._part_opcode = [], None
                    return message
            elif frame.opcode != PONG:
                raise AssertionError(f'unexpected opcode {frame.opcode}')

    def _answer_close(self, payload):
        code = struct.unpack('!H', payload[:2])[0] if len(payload) >= 2 else 1005
        reason = payload[2:].decode()
        self.close_code = code
        try:
            self.send_frame(CLOSE, payload[:2])
        except (Closed, Timeout):
            pass
        raise Closed(code, reason)

    def wait_closed(self, timeout=None):
        """Reads on until the server has ended the connection; returns the Closed."""
        deadline = time.monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            try:
                self.receive(max(0.0, deadline - time.monotonic()))
            except Closed as closed:
                return closed

    def close(self):
        """Drops the connection without a close frame."""
        self.sock.close()

    def reset(self):
        """Drops the connection with a TCP reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.sock.close()
