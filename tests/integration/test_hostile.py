# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Attacks that have brought other servers down: others go on working, memory does not grow."""

import json
import os
import socket
import time

from support import tap
from support.case import DaemonTest
from support.client import Closed, Timeout, an_object, new_id, place
from support.websocket import (BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Refused, WebSocket,
                               encode_frame)

ROOM = 20 << 20  # bytes by which the daemon's memory may grow
UPGRADE = ('GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
           'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n')


class Hose:
    """A connection that is fed without end and never waited for."""

    def __init__(self, sock, data):
        self.sock = sock
        self.sock.setblocking(False)
        self.data = data
        self.offset = 0
        self.sent = 0
        self.got = b''
        self.open = True

    def push(self, most):
        """Sends as much as goes without waiting, at most so much."""
        try:
            while most > 0 and self.open:
                if self.offset == len(self.data):
                    self.offset = 0
                count = self.sock.send(self.data[self.offset:self.offset + min(most, 65536)])
                self.offset += count
                self.sent += count
                most -= count
        except BlockingIOError:
            pass
        except OSError:
            self.open = False

    def drain(self):
        """Reads what is there; keeps the end of it."""
        try:
            while self.open:
                chunk = self.sock.recv(65536)
                self.got = self.got[-4096:] + chunk
                self.open = bool(chunk)
        except BlockingIOError:
            pass
        except OSError:
            self.open = False


class Attack(DaemonTest):
    """Two users work; whatever happens beside them must not disturb them."""

    def setUp(self):
        super().setUp()
        self.a, self.b = self.join('a'), self.join('b')
        self.cube = self.a.create(ack=True)
        self.a.barrier()
        self.b.barrier()
        self.number = 0
        for _ in range(20):  # what a running daemon needs anyway
            self.work()
        self.before = self.daemon.rss()

    def tearDown(self):
        self.work()
        if not self.daemon.is_instrumented():
            self.assertLess(self.daemon.rss() - self.before, ROOM)

    def work(self):
        """An edit of a's reaches b."""
        self.number += 1
        self.a.pump()  # who does not read is not read
        self.a.send('UPDATE_TRANSFORM', {'object_id': self.cube, 'transform': place(self.number)})
        self.b.expect('TRANSFORM_UPDATED', lambda m: m['payload']['object_id'] == self.cube)
        self.a.messages.clear()
        self.b.messages.clear()

    def raw(self, data=b''):
        sock = socket.create_connection((self.daemon.host, self.daemon.port), timeout=20)
        self.addCleanup(sock.close)
        try:
            sock.sendall(data)
        except OSError:
            pass
        return sock

    def flood(self, client, data, total, rounds=150, drain=False):
        """Feeds a joined client's connection while the others work."""
        hose = Hose(client.ws.sock, data)
        for _ in range(rounds):
            hose.push(total // rounds)
            if drain:
                hose.drain()
            self.work()
        return hose


    def until_closed(self, hose):
        """Feeds on until the server has had enough."""
        deadline = time.monotonic() + 60
        while hose.open:
            self.assertLess(time.monotonic(), deadline, 'it was never closed')
            hose.push(1 << 20)
            hose.drain()
            self.work()


class Handshakes(Attack):

    def test_deflate_and_reset(self):
        """Offers of compression by connections that die at once spoil nothing for others"""
        offer = (UPGRADE + 'Sec-WebSocket-Extensions: permessage-deflate; '
                 'client_max_window_bits\r\n\r\n')
        for i in range(200):
            sock = self.raw(offer.encode())
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
            sock.close()
            if i % 20 == 0:
                self.work()
        client = self.connect(headers=['Sec-WebSocket-Extensions: permessage-deflate'])
        self.assertIsNone(client.ws.extensions)
        client.join()

    def test_compressed_frame(self):
        """A compressed frame is refused, however much it would become"""
        bomb = self.join('bomb')
        bomb.ws.send_frame(TEXT, b'\xec\xc1\x01\x01' * 1000, rsv=4)
        bomb.expect_closed(1002)

    def test_half_sent(self):
        """Requests that are never finished take no room from others"""
        socks = [self.raw(UPGRADE.encode()) for _ in range(150)]
        socks += [self.raw(b'GET /healthz HTTP/1.1\r\nX: ' + b'y' * 1000) for _ in range(150)]
        for _ in range(20):
            self.work()
        self.join('c')
        for sock in socks:
            sock.close()

    def test_endless_header(self):
        """Nor do headers without end"""
        for line in (b'X: ' + b'y' * 100 + b'\r\n', b'y' * 1000):
            hose = Hose(self.raw(b'GET /healthz HTTP/1.1\r\n'), line)
            self.until_closed(hose)

    def test_big_bodies(self):
        """Bodies of 300 MB, told or in chunks, are not taken in"""
        heads = (b'POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 314572800\r\n\r\n',
                 b'POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 314572800\r\n\r\n',
                 b'GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 314572800\r\n\r\n',
                 b'POST /ws HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n',
                 (UPGRADE + 'Content-Length: 314572800\r\n\r\n').encode())
        for head in heads:
            data = b'10000\r\n' + b'x' * 65536 + b'\r\n' if b'chunked' in head else b'x' * 65536
            hose = Hose(self.raw(head), data)
            for _ in range(60):
                hose.push(5 << 20)
                self.work()

    def test_five_hundred_at_once(self):
        """500 clients that come back at the same moment all get in"""
        daemon = self.start('--max-users-per-session', '0')
        watcher = self.join('watcher', daemon=daemon)
        watcher.create(ack=True)
        before = None
        for round_ in range(3):
            socks = []
            for i in range(500):
                sock = socket.socket()
                sock.setblocking(False)
                sock.connect_ex((daemon.host, daemon.port))
                socks.append(sock)
            join = json.dumps({'event_type': 'JOIN_SESSION', 'source_user_id': '%s', 'payload': {
                'session_id': 'crowd', 'display_name': 'x'}})
            for i, sock in enumerate(socks):
                sock.settimeout(60)
                sock.sendall(UPGRADE.encode() + b'\r\n'
                             + encode_frame(TEXT, (join % f'{round_}-{i}').encode()))
            for sock in socks:
                got = b''
                while b'FULL_STATE_SYNC' not in got:
                    chunk = sock.recv(65536)
                    self.assertTrue(chunk, got[-500:])
                    got = got[-100:] + chunk
            watcher.create(ack=True)
            for sock in socks:
                sock.close()
            daemon.wait_metrics(lambda m: m['active_connections'] == 1)
            before = before or daemon.rss()
        if not daemon.is_instrumented():
            self.assertLess(daemon.rss() - before, ROOM)


class Frames(Attack):

    def test_pings(self):
        """A flood of pings whose answers are not read"""
        for payload in (b'', b'x' * 125):
            client = self.join(new_id())
            self.flood(client, encode_frame(PING, payload) * 500, 40 << 20)

    def test_pings_read(self):
        """A flood of pings whose answers are read"""
        self.flood(self.join('p'), encode_frame(PING, b'x' * 60) * 500, 40 << 20, drain=True)

    def test_other_control_frames(self):
        """Floods of pongs nobody asked for, and of close frames"""
        for opcode, payload in ((PONG, b''), (PONG, b'x' * 125), (CLOSE, b'\x03\xe8')):
            client = self.join(new_id())
            self.flood(client, encode_frame(opcode, payload) * 500, 20 << 20, rounds=60)

    def test_fragments(self):
        """300 MB of fragments of one message: the connection ends at the size limit"""
        client = self.join('f')
        client.ws.send_frame(TEXT, b'{', fin=False)
        part = encode_frame(CONTINUATION, b' ' * 60000, fin=False)
        hose = self.flood(client, part * 5, 300 << 20)
        self.until_closed(hose)
        self.assertIn(b'MESSAGE_TOO_LARGE', hose.got)

    def test_empty_fragments(self):
        """Fragments without end that carry nothing"""
        for payload in (b'', b' '):
            client = self.join(new_id())
            client.ws.send_frame(TEXT, b'{', fin=False)
            self.flood(client, encode_frame(CONTINUATION, payload, fin=False) * 1000, 40 << 20)

    def test_binary(self):
        """300 MB of binary data"""
        self.flood(self.join('f'), encode_frame(BINARY, b'x' * 500000), 300 << 20, rounds=60)

    def test_told_but_never_sent(self):
        """Many frames of which only the header and some bytes ever come"""
        for i in range(50):
            client = self.connect()
            client.ws.send_raw(b'\x81\xff' + (1 << 20).to_bytes(8, 'big') + b'abcd' + b'x' * 1000)
        for _ in range(20):
            self.work()

    def test_random_bytes(self):
        """Noise after the upgrade ends that connection only"""
        for _ in range(100):
            client = self.connect()
            try:
                client.ws.send_raw(os.urandom(2000))
            except (Closed, Timeout):
                pass
            client.close()
        self.work()


class Messages(Attack):

    def test_text_flood_unread(self):
        """Questions whose answers nobody reads: the asker is not read any further"""
        client = self.join('f')
        text = json.dumps({'event_type': 'HEARTBEAT', 'payload': {}}).encode()
        hose = self.flood(client, encode_frame(TEXT, text) * 500, 60 << 20)
        self.assertLess(hose.sent, 60 << 20)

    def test_text_flood_read(self):
        """Questions whose answers are read"""
        client = self.join('f')
        text = json.dumps({'event_type': 'HEARTBEAT', 'payload': {}}).encode()
        self.flood(client, encode_frame(TEXT, text) * 500, 20 << 20, drain=True)

    def test_errors_unread(self):
        """Nonsense whose ERRORs nobody reads"""
        client = self.connect()
        self.flood(client, encode_frame(TEXT, b'{') * 1000, 40 << 20)

    def test_syncs_unread(self):
        """Requests for big syncs that nobody reads"""
        self.a.acked_batch([('CREATE_OBJECT', an_object(name='x' * 255)) for _ in range(1000)])
        self.b.barrier()
        clients = [self.join(f'f{i}') for i in range(5)]
        text = json.dumps({'event_type': 'REQUEST_STATE_SYNC', 'payload': {}}).encode()
        hoses = [Hose(c.ws.sock, encode_frame(TEXT, text) * 500) for c in clients]
        for _ in range(60):
            for hose in hoses:
                hose.push(100000)
            self.work()

    def test_edit_flood(self):
        """A writer at full speed does not starve another"""
        client = self.join('f')
        ids = [client.create(ack=True) for _ in range(4)]
        events = [{'event_type': 'UPDATE_TRANSFORM', 'payload': {
            'object_id': ids[i % 4], 'transform': place(i + 1)}} for i in range(500)]
        text = json.dumps({'event_type': 'BATCH', 'payload': {'events': events}}).encode()
        self.flood(client, encode_frame(TEXT, text), 40 << 20, drain=True)

    def test_deep(self):
        """80 kB of brackets, bare and inside of messages"""
        client = self.join('f')
        deep = '[' * 80000
        for text in (deep, '{"a":' * 20000, '{"event_type":"HEARTBEAT","payload":' + deep,
                     '{"event_type":"BATCH","payload":{"events":' + deep + ']' * 80000 + '}}'):
            for _ in range(20):
                client.send_text(text)
                client.expect_error('MALFORMED_MESSAGE')
            self.work()

    def test_wide(self):
        """The biggest messages of the smallest parts"""
        client = self.join('f')
        for text in ('{"event_type":"HEARTBEAT","x":[' + '0,' * 500000 + '0]}',
                     '{"event_type":"HEARTBEAT"' + ''.join(f',"{i}":0' for i in range(80000)) + '}',
                     '{"event_type":"HEARTBEAT","x":"' + '\\u0041' * 170000 + '"}',
                     '{"event_type":"HEARTBEAT","x":' + '1' * 1000000 + '}',
                     '{"event_type":"HEARTBEAT","x":[' + '[],' * 300000 + '[]]}'):
            for _ in range(5):
                client.send_text(text)
                while client.receive()['event_type'] not in ('HEARTBEAT_ACK', 'ERROR'):
                    pass
            self.work()

    def test_poison(self):
        """Text that must not get into the journal or to others: the session loads again after it"""
        client = self.join('f')
        for name in ('\\ud800', '\\udc00x', 'a\\u0000b', '\\ufeff', '\\uffff', '\\u202e',
                     '\\ud83d\\ude00'):
            client.send_text('{"event_type":"UPDATE_NAME","payload":{"object_id":"%s","name":"%s"}}'
                             % (self.cube, name))
        client.barrier()
        self.work()
        before = self.state()['objects']
        self.daemon.restart(kill=True)
        self.assertEqual(self.state()['objects'], before)
        self.a, self.b = self.join('a'), self.join('b')

    def test_hostile_numbers(self):
        """Numbers at the edge of what there is"""
        client = self.join('f')
        for number in ('1e400', '-1e400', '1e-400', '9' * 400, '-0', '0e999999999', '1e+308',
                       '0.' + '0' * 1000 + '1', '123456789012345678901234567890'):
            client.send_text('{"event_type":"UPDATE_TRANSFORM","timestamp":%s,"payload":'
                             '{"object_id":"%s","transform":{"position":[%s,0,0],'
                             '"rotation":[0,0,0],"scale":[1,1,1]}}}' % (number, self.cube, number))
            client.barrier()
        self.work()

    def test_readers_that_stop(self):
        """Twenty that read nothing of what is written"""
        daemon = self.start('--max-users-per-session', '0')
        writer, reader = self.join('w', daemon=daemon), self.join('r', daemon=daemon)
        ids = [writer.create() for _ in range(100)]
        deaf = [self.join(f'd{i}', daemon=daemon, how={'receive_buffer': 4096},
                          capabilities=['batch'] if i % 2 else []) for i in range(20)]
        writer.barrier()
        reader.barrier()
        before = daemon.rss()
        for round_ in range(150):
            writer.acked_batch([('UPDATE_NAME', {'object_id': i, 'name': f'{round_:0255}'})
                                for i in ids])
            self.assertTrue(reader.barrier())
            writer.messages.clear()
            reader.messages.clear()
        if not daemon.is_instrumented():
            self.assertLess(daemon.rss() - before, ROOM)
        for client in deaf:
            client.close()


class Comings(Attack):

    def test_connect_and_go(self):
        """Connections that come and go in every state"""
        for i in range(150):
            try:
                sock = WebSocket(self.daemon.host, self.daemon.port)
            except Refused as refused:
                self.fail(str(refused))
            if i % 3 == 1:
                sock.send_text('{"event_type":"JOIN_SESSION","source_user_id":"x%d","payload":'
                               '{"session_id":"s%d","display_name":"x"}}' % (i, i % 5))
            if i % 2:
                sock.reset()
            else:
                sock.close()
            if i % 15 == 0:
                self.work()
        self.daemon.wait_metrics(lambda m: m['active_connections'] == 2)

    def test_many_sessions(self):
        """Names of sessions that are asked for and left leave nothing behind"""
        client = self.connect('f')
        for i in range(500):
            client.join(f'name-{i}')
            client.send('LEAVE_SESSION')
        client.barrier()
        self.assertEqual(self.daemon.metrics()['active_sessions'], 1)


if __name__ == '__main__':
    tap.main()
