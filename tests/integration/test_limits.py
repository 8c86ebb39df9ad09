# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""How much is taken, and what is answered beyond it."""

import os

from support import tap
from support.case import DaemonTest
from support.client import Closed, an_object, new_id, place
from support.websocket import CONTINUATION, TEXT, Refused


class Users(DaemonTest):

    def test_users_per_session(self):
        """SESSION_FULL until somebody goes; a takeover needs no room"""
        daemon = self.start('--max-users-per-session', '3')
        users = [self.join(f'u{i}', daemon=daemon) for i in range(3)]
        late = self.connect('late', daemon)
        late.send_join()
        late.expect_error('SESSION_FULL', '3')
        self.join('u1', daemon=daemon, token=users[1].token)
        late.join('elsewhere')
        late.send('LEAVE_SESSION')
        users[2].send('LEAVE_SESSION')
        users[2].barrier()
        late.join()

    def test_no_limit(self):
        """0 is no limit"""
        daemon = self.start('--max-users-per-session', '0', '--max-sessions', '0')
        for i in range(40):
            self.join(f'u{i}', daemon=daemon)
            self.join(f'u{i}', f's{i}', daemon=daemon)


class Sessions(DaemonTest):
    flags = ('--max-sessions', '2')

    def test_sessions(self):
        """TOO_MANY_SESSIONS for a new name; one that is stored may be entered"""
        old = self.join('o', 'old')
        old.create(ack=True)
        old.send('LEAVE_SESSION')
        old.barrier()
        self.join('a', 'one')
        two = self.join('b', 'two')
        late = self.connect('late')
        late.send_join('three')
        late.expect_error('TOO_MANY_SESSIONS', '2')
        self.join('x', 'one')
        self.assertEqual(len(old.join('old')['objects']), 1)
        old.send('LEAVE_SESSION')
        two.send('LEAVE_SESSION')
        old.barrier()
        two.barrier()
        late.join('three')

    def test_default(self):
        """20 sessions by default"""
        daemon = self.start()
        for i in range(20):
            self.join('a', f's{i}', daemon=daemon)
        late = self.connect('late', daemon)
        late.send_join('one-more')
        late.expect_error('TOO_MANY_SESSIONS', '20')


class StoredSessions(DaemonTest):
    flags = ('--max-stored-sessions', '3')

    def test_stored_sessions(self):
        """Names that are kept count; one that never changed is not kept"""
        a = self.connect('a')
        for i in range(10):
            a.join(f'empty-{i}')
            a.send('LEAVE_SESSION')
        for i in range(3):
            a.join(f's{i}')
            a.create(ack=True)
            a.send('LEAVE_SESSION')
        a.send_join('s3')
        a.expect_error('TOO_MANY_SESSIONS', '3')
        self.assertEqual(len(a.join('s1')['objects']), 1)

    def test_closed_sessions(self):
        """Nobody fills the disk by closing what they have filled; a restart forgets nothing"""
        a = self.connect('a')
        for i in range(3):
            a.join(f's{i}')
            a.create(ack=True)
            a.send('CLOSE_SESSION')
            a.expect_closed(4003)
            a = self.connect(f'a{i}')
        self.daemon.wait_metrics(lambda m: m['closed_sessions'] == 3)
        for kill in (False, True):
            a.send_join('s3')
            a.expect_error('TOO_MANY_SESSIONS', 'purge')
            self.daemon.restart(kill=kill)
            a = self.connect('a')
        self.assertEqual(self.daemon.metrics()['closed_sessions'], 3)
        self.assertEqual(self.daemon.metrics()['stored_sessions'], 0)


class Objects(DaemonTest):
    flags = ('--max-objects-per-session', '5')

    def test_objects(self):
        """TOO_MANY_OBJECTS, until one is deleted"""
        a, b = self.join('a'), self.join('b')
        ids = [a.create() for _ in range(5)]
        extra = an_object()
        a.barrier()
        b.barrier()
        a.send('CREATE_OBJECT', extra)
        error = a.expect_error('TOO_MANY_OBJECTS', '5')
        self.assertEqual(error['object_id'], extra['object_id'])
        a.barrier()
        self.assert_quiet(b)
        ack = a.acked_batch([('CREATE_OBJECT', extra), ('DELETE_OBJECT', {'object_id': ids[0]}),
                             ('CREATE_OBJECT', extra), ('CREATE_OBJECT', an_object())])
        self.assertEqual(ack['failed'], [0, 3])
        self.assertEqual(set(self.state()['objects']), {*ids[1:], extra['object_id']})


class Connections(DaemonTest):

    def test_connection_rate(self):
        """Beyond the rate an address gets 429 with Retry-After; others do not"""
        daemon = self.start('--connection-rate', '5')
        refused = None
        for _ in range(200):
            try:
                self.connect(daemon=daemon)
            except Refused as answer:
                refused = answer
                break
        self.assertIsNotNone(refused, '200 connections at once were all let in')
        self.assertEqual(refused.status, 429)
        self.assertGreaterEqual(int(refused.headers['retry-after']), 1)
        self.connect(daemon=daemon, source='127.0.0.2').join()

    def test_connections(self):
        """Beyond --max-connections it is 503, until one goes"""
        daemon = self.start('--max-connections', '5')
        clients = [self.connect(daemon=daemon) for _ in range(5)]
        with self.assertRaises(Refused) as refused:
            self.connect(daemon=daemon)
        self.assertEqual(refused.exception.status, 503)
        clients[0].ws.send_close()
        clients[0].ws.wait_closed()
        clients[0].close()
        while True:
            try:
                self.connect(daemon=daemon).join()
                break
            except Refused as answer:
                self.assertEqual(answer.status, 503)
        for client in clients[1:]:
            client.join()


class Rates(DaemonTest):

    def flood(self, client, count, send):
        """Sends until the server has had enough; returns what it said."""
        try:
            for i in range(count):
                send(i)
        except Closed:
            pass
        return client.expect_closed(4008)

    def test_message_rate(self):
        """Beyond it: RATE_LIMITED and 4008, for this connection only"""
        daemon = self.start('--message-rate', '20')
        a, b = self.join('a', daemon=daemon), self.join('b', daemon=daemon)
        messages = self.flood(a, 2000, lambda i: a.send('HEARTBEAT'))
        answers = [m['event_type'] for m in messages]
        self.assertGreaterEqual(answers.count('HEARTBEAT_ACK'), 35)
        self.assertEqual(messages[-1]['payload']['code'], 'RATE_LIMITED')
        self.assertEqual(b.expect('USER_LEFT')['payload']['reason'], 'disconnected')
        self.join('a', daemon=daemon)

    def test_bad_messages_count(self):
        """What is no message counts as one"""
        daemon = self.start('--message-rate', '20')
        a = self.connect('a', daemon)
        messages = self.flood(a, 2000, lambda i: a.send_text('{'))
        self.assertEqual(messages[-1]['payload']['code'], 'RATE_LIMITED')

    def test_a_burst_is_fine(self):
        """The bucket holds two seconds' worth"""
        daemon = self.start('--message-rate', '100')
        a = self.join('a', daemon=daemon)
        for _ in range(190):
            a.send('HEARTBEAT')
        for _ in range(190):
            a.next('HEARTBEAT_ACK')

    def test_a_batch_is_one_message(self):
        """1000 edits in a BATCH cost one"""
        daemon = self.start('--message-rate', '10')
        a = self.join('a', daemon=daemon)
        for i in range(10):
            a.batch([('CREATE_OBJECT', an_object()) for _ in range(500)])
        self.assertEqual(a.acked_batch([('CREATE_OBJECT', an_object())])['revision'], 5001)

    def test_event_rate(self):
        """Over the event rate the daemon reads later, and refuses nothing"""
        daemon = self.start('--event-rate', '1000')
        a = self.join('a', daemon=daemon)
        cube = a.create()
        for i in range(6):
            a.batch([('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place(i + 1, j)})
                     for j in range(500)])
        self.assertNotIn('ERROR', [m['event_type'] for m in a.barrier(timeout=60)])
        self.assertEqual(a.position, 3001)

    def test_byte_rate(self):
        """Over the byte rate too"""
        daemon = self.start('--byte-rate', '100000')
        a, b = self.join('a', daemon=daemon), self.join('b', daemon=daemon)
        for i in range(8):
            a.send('HEARTBEAT', {'x': 'y' * 50000})
        b.create(ack=True)  # b is not held up
        for i in range(8):
            a.expect('HEARTBEAT_ACK', timeout=60)


class Size(DaemonTest):
    flags = ('--max-message-size', '5000')

    def message(self, size):
        text = '{"event_type": "HEARTBEAT", "x": ""}'
        return text[:-2] + 'x' * (size - len(text)) + text[-2:]

    def test_at_the_limit(self):
        """A message of the limit is fine, one byte more is 1009"""
        a, b = self.join('a'), self.join('b')
        a.send_text(self.message(5000))
        a.expect('HEARTBEAT_ACK')
        a.send_text(self.message(5001))
        messages = a.expect_closed(1009)
        errors = [m['payload']['code'] for m in messages if m['event_type'] == 'ERROR']
        self.assertIn(errors, ([], ['MESSAGE_TOO_LARGE']))
        self.assertEqual(b.expect('USER_LEFT')['payload']['user_id'], 'a')

    def test_bytes_not_characters(self):
        """The size is that of the bytes"""
        a = self.join('a')
        text = '{"event_type": "HEARTBEAT", "x": "%s"}'
        a.send_text(text % ('é' * 2400))
        a.expect('HEARTBEAT_ACK')
        a.send_text(text % ('é' * 2500))
        a.expect_closed(1009)

    def test_fragments(self):
        """Fragments are added up"""
        a = self.join('a')
        data = self.message(5000).encode()
        a.ws.send_frame(TEXT, data[:1000], fin=False)
        a.ws.send_frame(CONTINUATION, data[1000:])
        a.expect('HEARTBEAT_ACK')
        data = self.message(5001).encode()
        a.ws.send_frame(TEXT, data[:1000], fin=False)
        a.ws.send_frame(CONTINUATION, data[1000:])
        a.expect_closed(1009)

    def test_told_by_the_header(self):
        """The length in the header is enough to be closed; the bytes need not come"""
        for form, size in (('64', 2**62), ('64', 2**31), ('16', 60000)):
            a = self.join(new_id())
            a.ws.send_raw(bytes([0x81]) + {'64': bytes([0xFF]), '16': bytes([0xFE])}[form]
                          + size.to_bytes(8 if form == '64' else 2, 'big') + os.urandom(4))
            a.expect_closed(1009)

    def test_default(self):
        """1 MiB by default"""
        daemon = self.start()
        a = self.join('a', daemon=daemon)
        a.send_text(self.message(1048576))
        a.expect('HEARTBEAT_ACK')
        a.send_text(self.message(1048577))
        a.expect_closed(1009)


if __name__ == '__main__':
    tap.main()
