# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""event_id: an ACK, and a retry that does no harm."""

from support import tap
from support.case import DaemonTest
from support.client import an_object, new_id, place


class Ack(DaemonTest):

    def setUp(self):
        super().setUp()
        self.a, self.b = self.join('a'), self.join('b')
        self.a.barrier()

    def assert_ack(self, ack, event_id, revision, **more):
        self.assertEqual(ack, {'event_id': event_id, 'revision': revision, **more})

    def test_every_edit(self):
        """Each edit is acknowledged with the revision it got; nobody else sees the ACK"""
        lamp = an_object(kind='point_light')
        object_id = lamp['object_id']
        edits = (('CREATE_OBJECT', lamp),
                 ('UPDATE_TRANSFORM', {'object_id': object_id, 'transform': place(1)}),
                 ('UPDATE_PROPERTIES', {'object_id': object_id, 'properties': {'power': 3}}),
                 ('UPDATE_NAME', {'object_id': object_id, 'name': 'n'}),
                 ('DELETE_OBJECT', {'object_id': object_id}))
        for revision, (kind, payload) in enumerate(edits, 1):
            event_id = new_id()
            self.a.send(kind, payload, event_id=event_id)
            message = self.a.next('ACK')
            self.assertEqual(message['source_user_id'], 'server')
            self.assert_ack(message['payload'], event_id, revision)
        told = [m['event_type'] for m in self.b.barrier()]
        self.assertEqual(told, ['OBJECT_CREATED', 'TRANSFORM_UPDATED', 'PROPERTIES_UPDATED',
                                'NAME_UPDATED', 'OBJECT_DELETED'])

    def test_retry(self):
        """The same event_id from the same user gets the same ACK and changes nothing"""
        cube = self.a.create(ack=True)
        move = ('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place(1)})
        self.a.send(*move, event_id='m1')
        self.assert_ack(self.a.expect_ack('m1'), 'm1', 2)
        self.a.send(*move, event_id='m1')
        self.assert_ack(self.a.expect_ack('m1'), 'm1', 2)
        self.assert_quiet(self.a)
        self.later()
        self.b.acked('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place(9)})
        self.a.barrier()
        self.b.barrier()
        self.a.send(*move, event_id='m1')
        self.assert_ack(self.a.expect_ack('m1'), 'm1', 2)
        stands = self.a.next('TRANSFORM_UPDATED')['payload']  # another wrote it since
        self.assertIs(stands['correction'], True)
        self.assert_transform(stands['transform'], place(9))
        self.assert_quiet(self.a, self.b)
        state = self.state()
        self.assertEqual(state['revision'], 3)
        self.assert_transform(state['objects'][cube]['transform'], place(9))

    def test_retry_with_another_content(self):
        """What counts is the id: the first outcome stands"""
        cube = self.a.create(ack=True)
        self.a.send('UPDATE_NAME', {'object_id': cube, 'name': 'one'}, event_id='n')
        self.a.send('UPDATE_NAME', {'object_id': cube, 'name': 'two'}, event_id='n')
        self.assertEqual([self.a.expect_ack('n')['revision'] for _ in range(2)], [2, 2])
        self.assertEqual(self.state()['objects'][cube]['name'], 'one')

    def test_ids_are_per_user(self):
        """Two users may use the same event_id"""
        for revision, client in enumerate((self.a, self.b), 1):
            client.send('CREATE_OBJECT', an_object(), event_id='same')
            self.assert_ack(client.expect_ack('same'), 'same', revision)

    def test_retry_on_another_connection(self):
        """A user who comes back may retry"""
        cube = an_object()
        self.a.send('CREATE_OBJECT', cube, event_id='c')
        self.a.expect_ack('c')
        self.a.close()
        self.b.expect('USER_LEFT')
        again = self.join('a')
        again.send('CREATE_OBJECT', cube, event_id='c')
        self.assert_ack(again.expect_ack('c'), 'c', 1)
        self.assertNotIn('ERROR', [m['event_type'] for m in again.barrier()])

    def test_retry_after_restart(self):
        """Outcomes are remembered across a clean end and kill -9"""
        cube = self.a.create(ack=True)
        lamp = an_object(kind='sun_light')
        sent = [('CREATE_OBJECT', lamp, 'e1'),
                ('UPDATE_NAME', {'object_id': cube, 'name': 'renamed'}, 'e2'),
                ('UPDATE_NAME', {'object_id': cube, 'name': 'renamed'}, 'no-op'),
                ('DELETE_OBJECT', {'object_id': lamp['object_id']}, 'e3')]
        for kind, payload, event_id in sent:
            self.a.send(kind, payload, event_id=event_id)
        first = [self.a.expect_ack(event_id) for *_, event_id in sent]
        for kill in (True, False):
            with self.subTest(kill=kill):
                before = self.state()
                self.daemon.restart(kill=kill)
                again = self.join('a')
                for kind, payload, event_id in sent:
                    again.send(kind, payload, event_id=event_id)
                self.assertEqual([again.expect_ack(event_id) for *_, event_id in sent], first)
                after = self.state()
                self.assertEqual((after['revision'], after['objects']),
                                 (before['revision'], before['objects']))

    def test_no_op(self):
        """A write of what is there is acknowledged with the current revision"""
        cube = self.a.create(ack=True)
        ack = self.a.acked('UPDATE_NAME', {'object_id': cube, 'name': 'Cube'})
        self.assertEqual(ack['revision'], 1)
        ack = self.a.acked('DELETE_OBJECT', {'object_id': new_id()})
        self.assertEqual(ack['revision'], 1)

    def test_selection(self):
        """A selection with an event_id is acknowledged too"""
        cube = self.a.create(ack=True)
        self.assertEqual(self.a.acked('SELECT_OBJECT', {'object_id': cube})['revision'], 1)

    def test_errors_are_not_remembered(self):
        """A refused event may be tried again under its id"""
        cube = an_object()
        rename = ('UPDATE_NAME', {'object_id': cube['object_id'], 'name': 'later'})
        self.a.send(*rename, event_id='r')
        error = self.a.expect_error('OBJECT_NOT_FOUND')
        self.assertEqual((error['event_id'], error['object_id']), ('r', cube['object_id']))
        self.assertNotIn('ACK', [m['event_type'] for m in self.a.barrier()])
        self.a.send('CREATE_OBJECT', cube)
        self.a.send(*rename, event_id='r')
        self.assert_ack(self.a.expect_ack('r'), 'r', 2)

    def test_errors_carry_the_id(self):
        """Whatever is wrong with it, the ERROR says which event it was"""
        for payload in ({'object_id': 'x'}, {}, None):
            self.a.send('UPDATE_NAME', payload, event_id='bad')
            self.assertEqual(self.a.expect_error('INVALID_PAYLOAD')['event_id'], 'bad')

    def test_length(self):
        """64 characters are an id, 65 are not, nor is none"""
        for event_id in ('i' * 64, 'ü' * 64, 'x'):
            self.a.send('CREATE_OBJECT', an_object(), event_id=event_id)
            self.a.expect_ack(event_id)
        for event_id in ('i' * 65, '', 7, ['x']):
            self.a.send('CREATE_OBJECT', an_object(), event_id=event_id)
            self.a.expect_error('INVALID_PAYLOAD', 'event_id')
        self.assertEqual(self.state()['revision'], 3)

    def test_order(self):
        """ACKs come in the order of the edits, and keep their place among the others' events"""
        cube = self.b.create(ack=True)
        self.a.expect('OBJECT_CREATED')
        self.later()
        ids = [f'e{i}' for i in range(20)]
        for i, event_id in enumerate(ids):
            self.a.send('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place(i + 1)},
                        event_id=event_id)
            self.b.send('UPDATE_NAME', {'object_id': cube, 'name': f'n{i}'})
        self.b.barrier()
        told = self.a.barrier()
        revisions = [m['payload']['revision'] if m['event_type'] == 'ACK' else m['revision']
                     for m in told]
        self.assertEqual(revisions, list(range(2, 42)))
        self.assertEqual([m['payload']['event_id'] for m in told if m['event_type'] == 'ACK'], ids)


class Batches(DaemonTest):

    def setUp(self):
        super().setUp()
        self.a, self.b = self.join('a'), self.join('b')
        self.a.barrier()

    def test_one_ack(self):
        """One event_id on a BATCH is one ACK with the highest revision"""
        self.a.batch([('CREATE_OBJECT', an_object()) for _ in range(5)], event_id='all')
        self.assertEqual(self.a.next('ACK')['payload'], {'event_id': 'all', 'revision': 5})
        self.assert_quiet(self.a)

    def test_failed(self):
        """What was refused is listed by index, and told by ERROR with that index"""
        cube = an_object()
        events = [('CREATE_OBJECT', cube),
                  ('UPDATE_NAME', {'object_id': new_id(), 'name': 'nobody'}),
                  ('UPDATE_NAME', {'object_id': cube['object_id'], 'name': 'yes'}),
                  ('CREATE_OBJECT', cube),
                  ('UPDATE_TRANSFORM', {'object_id': cube['object_id'], 'transform': 7})]
        self.a.batch(events, event_id='mixed')
        messages = self.a.barrier()
        errors = [m['payload'] for m in messages if m['event_type'] == 'ERROR']
        self.assertEqual([(e['index'], e['code']) for e in errors],
                         [(1, 'OBJECT_NOT_FOUND'), (3, 'OBJECT_EXISTS'), (4, 'INVALID_PAYLOAD')])
        acks = [m['payload'] for m in messages if m['event_type'] == 'ACK']
        expected = {'event_id': 'mixed', 'revision': 2, 'failed': [1, 3, 4]}
        self.assertEqual(acks, [expected])
        for kill in (None, True):
            if kill:
                self.daemon.restart(kill=True)
                self.a = self.join('a')
            self.a.batch(events, event_id='mixed')
            self.assertEqual(self.a.expect_ack('mixed'), expected)
            self.assertEqual(self.state()['revision'], 2)

    def test_nothing_worked(self):
        """A BATCH of which all failed is acknowledged with the current revision"""
        self.a.create(ack=True)
        ack = self.a.acked_batch([('UPDATE_NAME', {'object_id': new_id(), 'name': 'n'})] * 2)
        self.assertEqual((ack['revision'], ack['failed']), (1, [0, 1]))

    def test_errors_without_an_id(self):
        """Without event_id there is no ACK, only the ERRORs"""
        self.a.batch([('UPDATE_NAME', {'object_id': new_id(), 'name': 'n'}),
                      ('CREATE_OBJECT', an_object())])
        error = self.a.expect_error('OBJECT_NOT_FOUND')
        self.assertEqual(error['index'], 0)
        self.assertNotIn('ACK', [m['event_type'] for m in self.a.barrier()])


class Others(DaemonTest):
    """Messages that are no edits."""

    def test_every_message_that_asks(self):
        """A heartbeat, a request, a kick and a leave are acknowledged after their own answer"""
        a, b = self.join('a'), self.join('b')
        a.expect('USER_JOINED')
        a.send('HEARTBEAT', event_id='heartbeat')
        self.assertEqual([a.receive()['event_type'] for _ in range(2)], ['HEARTBEAT_ACK', 'ACK'])
        a.send('REQUEST_STATE_SYNC', {'revision': 0}, event_id='request')
        self.assertEqual([a.receive()['event_type'] for _ in range(2)], ['UP_TO_DATE', 'ACK'])
        a.send('KICK_USER', {'user_id': b.user_id}, event_id='kick')
        self.assertEqual(a.expect_ack('kick')['revision'], 0)
        a.send('KICK_USER', {'user_id': b.user_id}, event_id='again')
        self.assertEqual(a.expect('ERROR')['payload']['event_id'], 'again')
        a.send('LEAVE_SESSION', event_id='leave')
        a.expect_ack('leave')

    def test_close(self):
        """A close is told, then acknowledged"""
        a = self.join('a')
        a.send('CLOSE_SESSION', event_id='close')
        self.assertEqual([a.receive()['event_type'] for _ in range(2)], ['SESSION_CLOSED', 'ACK'])
        a.expect_closed(4003)


if __name__ == '__main__':
    tap.main()
