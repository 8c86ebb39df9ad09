# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The link against the real daemon, and against everything else that may answer."""

import asyncio
import base64
import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
import unittest
from unittest import mock

from core import texts, tls, websocket_client
from core.websocket_client import WebSocketLink, complete_url, decode
from support import tap
from support.case import DaemonTest
from support.websocket import ACCEPT_SUFFIX

try:
    import websockets
except ImportError:
    websockets = None

PATIENCE_S = 60


class Addresses(unittest.TestCase):

    def test_completed(self):
        """What people type, and what is meant"""
        for typed, meant in (
                ('studio', 'ws://studio:8080/ws'), (' studio:9000 ', 'ws://studio:9000/ws'),
                ('10.0.0.7', 'ws://10.0.0.7:8080/ws'), ('localhost', 'ws://localhost:8080/ws'),
                ('ws://studio', 'ws://studio:8080/ws'), ('http://studio/', 'ws://studio:8080/ws'),
                ('HTTP://Studio:81', 'ws://studio:81/ws'), ('wss://studio/ws', 'wss://studio/ws'),
                ('https://studio.example.com', 'wss://studio.example.com/ws'),
                ('https://studio:8443/meerkat/ws', 'wss://studio:8443/meerkat/ws'),
                ('::1', 'ws://[::1]:8080/ws'), ('[::1]:81', 'ws://[::1]:81/ws'),
                ('my_host-1', 'ws://my_host-1:8080/ws'),
                ('müller.example', 'ws://xn--mller-kva.example:8080/ws')):
            with self.subTest(typed=typed):
                self.assertEqual(complete_url(typed), meant)

    def test_refused(self):
        """What is no address"""
        for typed in ('', ' ', 'ftp://studio', 'a b', 'studio:port', 'studio:99999', 'ws://',
                      'ws://user:secret@studio', 'ws://studio/ws?x=1', 'ws://studio/#a', ':8080',
                      'studio:80:80', '[::1', 'a,b', 'x' * 70 + '.example', '//studio', 'a\nb'):
            with self.subTest(typed=typed), self.assertRaises(ValueError):
                complete_url(typed)


class Decoding(unittest.TestCase):

    def test_decode(self):
        """JSON, and what is none"""
        self.assertEqual(decode('{"a":[1]}'), ('message', {'a': [1]}, 9))
        for garbage in (b'{}', '', '{', '[NaN]', '{"a":Infinity}', '[' * 100000):
            with self.subTest(garbage=garbage[:20]):
                self.assertEqual(decode(garbage)[0], 'garbage')

    def test_import(self):
        """The library is not needed to load the module"""
        code = ('import sys; import core.websocket_client; '
                'sys.exit(any(name.split(".")[0] == "websockets" for name in sys.modules))')
        subprocess.run([sys.executable, '-c', code], check=True)


class Server:
    """Whatever is no Meerkat: takes one connection and lets a function talk to it."""

    def __init__(self, talk):
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.port = self.listener.getsockname()[1]
        self.talk = talk
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            connection, _ = self.listener.accept()
            self.listener.close()
            with connection:
                connection.settimeout(PATIENCE_S)
                self.talk(connection)
        except OSError:
            pass

    def close(self):
        self.listener.close()


def read_head(connection):
    data = b''
    while b'\r\n\r\n' not in data:
        part = connection.recv(4096)
        if not part:
            raise OSError('gone')
        data += part
    return data


def answer(text):
    """Answers the request with some bytes."""
    def talk(connection):
        read_head(connection)
        connection.sendall(text)
    return talk


def upgrade(connection):
    for line in read_head(connection).decode().split('\r\n'):
        name, _, value = line.partition(': ')
        if name.lower() == 'sec-websocket-key':
            accept = base64.b64encode(hashlib.sha1(value.encode() + ACCEPT_SUFFIX).digest())
    connection.sendall(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n'
                       b'Connection: Upgrade\r\nSec-WebSocket-Accept: ' + accept + b'\r\n\r\n')


def text_frame(data):
    return b'\x81\x7f' + len(data).to_bytes(8, 'big') + data


@unittest.skipIf(websockets is None, 'the websockets library is not installed')
class Links(DaemonTest):

    def link(self, url):
        link = WebSocketLink(url)
        self.addCleanup(link.abort)
        return link

    def wait(self, link, kind):
        """The events until one of this kind came, with that."""
        events = []
        deadline = time.monotonic() + PATIENCE_S
        while not events or events[-1][0] != kind:
            events += link.poll(1)
            if time.monotonic() > deadline:
                self.fail(f'no {kind}, but {events}')
            time.sleep(0.001)
        return events

    def wait_for(self, link, event_type):
        while True:
            message = self.wait(link, 'message')[-1][1]
            if message['event_type'] == event_type:
                return message

    def open(self, user_id):
        link = self.link(f'127.0.0.1:{self.daemon.port}')
        self.assertEqual(self.wait(link, 'message')[0], ('open',))
        link.send(json.dumps({'event_type': 'JOIN_SESSION', 'source_user_id': user_id,
                              'payload': {'session_id': 'test', 'display_name': 'Ada'}}))
        self.wait_for(link, 'FULL_STATE_SYNC')
        return link

    def assert_over(self, link):
        self.assertTrue(link._loop.is_closed(), 'it goes on')

    def test_conversation(self):
        """Messages there and back, in order; what was sent before close() arrives"""
        link = self.open('ada')
        ids = [f'00000000-0000-4000-8000-{n:012x}' for n in range(300)]
        for object_id in ids:
            link.send(json.dumps({'event_type': 'CREATE_OBJECT', 'payload': {
                'object_id': object_id, 'name': 'ü', 'type': 'cube'}}))
        link.send(json.dumps({'event_type': 'HEARTBEAT'}))
        self.assertEqual(self.wait_for(link, 'HEARTBEAT_ACK')['payload']['revision'], 300)
        for object_id in ids:
            link.send(json.dumps({'event_type': 'DELETE_OBJECT',
                                  'payload': {'object_id': object_id}}))
        link.close()
        self.assert_over(link)
        self.assertEqual(self.state()['objects'], {})
        link.send('nobody hears that')
        link.close()
        link.abort()

    def test_threads(self):
        """There are none: Blender may crash if one is awake while an operator runs"""
        before = threading.enumerate()
        link = self.open('ada')
        self.assertEqual(threading.enumerate(), before)
        link.close()
        self.assert_over(link)

    def test_within_a_loop(self):
        """Whoever calls may be in an asyncio loop of their own"""
        async def converse():
            self.open('ada').close()
        asyncio.run(converse())

    def test_shutdown(self):
        """The server's goodbye comes with its code"""
        link = self.open('ada')
        self.daemon.stop()
        code, reason, error = self.wait(link, 'closed')[-1][1:]
        self.assertEqual((code, error), (1001, None))
        self.assert_over(link)
        self.daemon.start()

    def test_kill(self):
        """A connection that just ends has no code"""
        link = self.open('ada')
        self.daemon.kill()
        self.assertEqual(self.wait(link, 'closed')[-1][1::2], (None, None))
        self.assert_over(link)
        self.daemon.start()

    def test_abort(self):
        """Dropped at once, also while it is still being made"""
        link = self.open('ada')
        link.abort()
        self.assert_over(link)
        silent = Server(lambda connection: connection.recv(1 << 20) and connection.recv(1))
        self.addCleanup(silent.close)
        for _ in range(20):
            link = self.link(f'127.0.0.1:{silent.port}')
            link.abort()
            self.assert_over(link)

    def assert_fails(self, url, code, words=''):
        link = self.link(url)
        event = self.wait(link, 'closed')[-1]
        self.assertEqual((event[1], event[3]), (None, code), event)
        self.assertIn(words, event[2])
        self.assertIn(code, texts.LOCAL_CODES)
        self.assert_over(link)

    def assert_server_fails(self, talk, code, scheme='ws', words=''):
        server = Server(talk)
        self.addCleanup(server.close)
        self.assert_fails(f'{scheme}://127.0.0.1:{server.port}', code, words)

    def test_addresses(self):
        """Addresses that lead nowhere"""
        self.assert_fails('a b', 'BAD_URL')
        self.assert_fails('ftp://x', 'BAD_URL', 'wss://')
        self.assert_fails('no-such-computer.invalid', 'NAME_NOT_FOUND')
        with socket.create_server(('127.0.0.1', 0)) as gone:
            port = gone.getsockname()[1]
        self.assert_fails(f'127.0.0.1:{port}', 'REFUSED')
        self.assert_fails(f'localhost:{port}', 'REFUSED')

    def test_http_answers(self):
        """A server that answers, but not with a WebSocket"""
        for status, code in ((403, 'HTTP_403'), (404, 'HTTP_404'), (429, 'HTTP_429'),
                             (503, 'HTTP_503'), (500, 'HTTP_OTHER'), (200, 'HTTP_OTHER')):
            with self.subTest(status=status):
                self.assert_server_fails(answer(
                    f'HTTP/1.1 {status} No\r\nContent-Length: 2\r\n\r\n{{}}'.encode()), code)

    def test_no_http(self):
        """Something else listens there"""
        self.assert_server_fails(answer(b'220 mail.example.com ESMTP\r\n'), 'NOT_A_SERVER')
        self.assert_server_fails(answer(b''), 'NOT_A_SERVER')
        self.assert_server_fails(answer(b'HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\n'
                                        b'Connection: Upgrade\r\n\r\n'), 'NOT_A_SERVER')

    def test_silent(self):
        """A server that takes the connection and says nothing"""
        with mock.patch.object(websocket_client, 'OPEN_TIMEOUT_S', 0.1):
            self.assert_server_fails(lambda connection: connection.recv(1 << 20)
                                     and connection.recv(1), 'TIMEOUT')

    def test_tls(self):
        """A certificate that nobody knows is refused, one that the system knows is not"""
        daemon, certificate = self.start_encrypted()
        self.assert_fails(f'wss://localhost:{daemon.port}', 'TLS_FAILED', 'certificate')
        tls.context.cache_clear()
        self.addCleanup(tls.context.cache_clear)
        with mock.patch.dict(os.environ, SSL_CERT_FILE=certificate), \
                mock.patch.object(daemon, 'host', 'localhost'):
            link = self.link(f'wss://localhost:{daemon.port}')
            self.assertEqual(self.wait(link, 'message')[-1][1]['event_type'], 'WELCOME')
            link.close()

    def test_no_tls(self):
        """wss:// to a server without it: told, instead of waiting for an answer in vain"""
        with mock.patch.object(websocket_client, 'OPEN_TIMEOUT_S', PATIENCE_S):
            self.assert_fails(f'wss://127.0.0.1:{self.daemon.port}', 'NO_TLS')
            self.assert_server_fails(lambda connection: connection.recv(1) and connection.sendall(
                b'HTTP/1.1 400 Bad Request\r\n\r\n'), 'NO_TLS', 'wss')

    def test_hangs_up(self):
        """What answers neither way is no server of ours, and nothing is said of encryption"""
        self.assert_server_fails(lambda connection: connection.recv(1), 'NOT_A_SERVER')
        server = Server(lambda connection: connection.recv(1))
        self.addCleanup(server.close)
        link = self.link(f'wss://127.0.0.1:{server.port}')
        self.assertNotIn(self.wait(link, 'closed')[-1][3], ('NO_TLS', 'TLS_NEEDED'))

    def test_tls_needed(self):
        """ws:// to a server with TLS"""
        daemon, _ = self.start_encrypted()
        self.assert_fails(f'ws://127.0.0.1:{daemon.port}', 'TLS_NEEDED')

    def test_garbage(self):
        """What is no JSON is told as such, and the connection goes on"""
        def talk(connection):
            upgrade(connection)
            connection.sendall(text_frame(b'{]') + b'\x82\x02{}' + text_frame(b'[1]'))
            connection.recv(1)
        server = Server(talk)
        self.addCleanup(server.close)
        link = self.link(f'127.0.0.1:{server.port}')
        kinds = [event[0] for event in self.wait(link, 'message')]
        self.assertEqual(kinds, ['open', 'garbage', 'garbage', 'message'])

    def test_nobody_takes(self):
        """What is not taken is not read either, until it is"""
        messages, size = 400, 1 << 18
        sent = []

        def talk(connection):
            upgrade(connection)
            frame = text_frame(b'"' + b'x' * (size - 2) + b'"')
            for _ in range(messages):
                connection.sendall(frame)
                sent.append(1)
            connection.recv(1)
        server = Server(talk)
        self.addCleanup(server.close)
        link = self.link(f'127.0.0.1:{server.port}')
        self.wait(link, 'message')
        before = -1
        while before != len(sent):  # until the server cannot send any more
            before = len(sent)
            time.sleep(0.2)
        self.assertLess(len(sent), messages)
        taken = 1
        while taken < messages:
            taken += len(self.wait(link, 'message'))
        self.assertEqual(taken, messages)

    def test_sending_fails(self):
        """Nobody goes on with a connection that only hears"""
        link = self.open('ada')
        with mock.patch.object(link._socket, 'send', side_effect=RuntimeError('oh')):
            link.send('{}')
            self.assertEqual(self.wait(link, 'closed')[-1][1::2], (None, None))
        self.assert_over(link)

    def test_no_library(self):
        """The add-on is not whole"""
        with mock.patch.dict(sys.modules, websockets=None):
            self.assert_fails('127.0.0.1:1', 'NO_WEBSOCKETS')

    def test_defect(self):
        """Whatever else goes wrong is told"""
        with mock.patch.object(websocket_client, 'complete_url', side_effect=RuntimeError('oh')):
            self.assert_fails('127.0.0.1:1', 'CLIENT_DEFECT', 'oh')


if __name__ == '__main__':
    tap.main()
