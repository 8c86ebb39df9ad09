# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Clients that misbehave, each in a process of its own while a `with` block lasts."""

import contextlib
import functools
import multiprocessing
import socket
import struct
import time

from support.client import Client, an_object
from support.websocket import Closed, Refused, WebSocket, encode_frame

GONE = (Closed, Refused, OSError, AssertionError)


class Target:
    """Where to connect: what is left of a daemon in another process."""

    def __init__(self, daemon):
        self.host, self.port = daemon.host, daemon.port

    def connect(self, **how):
        return WebSocket(self.host, self.port, **how)


def background(attack):
    """Makes `attack(target)` a context manager that repeats it in a process until the block ends."""

    def repeat(target):
        while True:
            with contextlib.suppress(*GONE):
                attack(target)
            time.sleep(0.005)

    @functools.wraps(attack)
    @contextlib.contextmanager
    def manager(daemon):
        process = multiprocessing.get_context('fork').Process(target=repeat, args=(Target(daemon),),
                                                              daemon=True)
        process.start()
        time.sleep(0.3)
        try:
            yield
        finally:
            process.kill()
            process.join()

    return manager


def pour(target, data, seconds=2.0, **how):
    """Sends the same bytes over and over without reading."""
    ws = target.connect(**how)
    ws.sock.settimeout(0.5)
    end = time.monotonic() + seconds
    with contextlib.suppress(TimeoutError):
        while time.monotonic() < end:
            ws.sock.sendall(data)
    ws.sock.close()


@background
def text_flood(target):
    pour(target, encode_frame(1, b'{"event_type":"HEARTBEAT","payload":{}}') * 500)


@background
def ping_flood(target):
    pour(target, encode_frame(9, b'x' * 100) * 500)


@background
def fragment_flood(target):
    pour(target, (encode_frame(1, b'', fin=False) + encode_frame(0, b'', fin=False) * 999))


@background
def endless_message(target):
    pour(target, encode_frame(1, b'x' * 1000, fin=False) + encode_frame(0, b'x' * 1000, fin=False) * 300)


@background
def deep_json(target):
    pour(target, encode_frame(1, b'[' * 80000) * 10)


@background
def half_sent_requests(target):
    sockets = []
    for _ in range(100):
        sock = socket.create_connection((target.host, target.port))
        sock.sendall(b'GET /ws HTTP/1.1\r\nHost: x\r\nX-Slow: ')
        sockets.append(sock)
    time.sleep(1)
    for sock in sockets:
        sock.close()


@background
def huge_body(target):
    sock = socket.create_connection((target.host, target.port))
    sock.settimeout(2)
    sock.sendall(b'POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 314572800\r\n\r\n')
    for _ in range(300):
        sock.sendall(b'x' * 1048576)
    sock.close()


@background
def reset_in_the_handshake(target):
    for _ in range(20):
        sock = socket.create_connection((target.host, target.port))
        sock.sendall(b'GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                     b'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
                     b'Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n')
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        sock.close()


@background
def reader_that_stops(target):
    client = Client(target, receive_buffer=4096)
    client.join('team')
    time.sleep(60)


@background
def reader_that_stops_and_edits(target):
    client = Client(target, receive_buffer=4096)
    client.join('team')
    made = an_object()
    client.send('CREATE_OBJECT', made)
    client.ws.sock.settimeout(1)
    for n in range(100000):
        client.send('UPDATE_NAME', {'object_id': made['object_id'], 'name': f'{n}'}, event_id=str(n))
        time.sleep(0.012)


@background
def crowd_that_reconnects(target):
    sockets = []
    for _ in range(500):
        sock = socket.create_connection((target.host, target.port))
        sock.sendall(b'GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
                     b'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n')
        sockets.append(sock)
    for sock in sockets:
        sock.recv(1000)
        sock.close()
    time.sleep(0.5)


ALL = [('text flood', text_flood), ('ping flood', ping_flood), ('fragment flood', fragment_flood),
       ('endless message', endless_message), ('80 kB of [', deep_json),
       ('half-sent requests', half_sent_requests), ('300 MB body', huge_body),
       ('resets in the handshake', reset_in_the_handshake), ('reader that stops', reader_that_stops),
       ('reader that stops and edits', reader_that_stops_and_edits),
       ('500 reconnecting at once', crowd_that_reconnects)]
