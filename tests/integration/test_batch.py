# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""BATCH: many edits in one message, many events in one frame."""

from support import tap
from support.case import DaemonTest
from support.client import an_object, flatten, new_id, place


class FromClient(DaemonTest):

    def setUp(self):
        super().setUp()
        self.a, self.b = self.join('a'), self.join('b')
        self.a.barrier()

    def test_in_order(self):
        """The events of a BATCH are applied one after the other"""
        cube = an_object()
        object_id = cube['object_id']
        self.a.batch([('CREATE_OBJECT', cube),
                      ('UPDATE_NAME', {'object_id': object_id, 'name': 'second'}),
                      ('SELECT_OBJECT', {'object_id': object_id}),
                      ('UPDATE_TRANSFORM', {'object_id': object_id, 'transform': place(4)})])
        self.a.barrier()
        self.assertEqual([m['event_type'] for m in self.b.barrier()],
                         ['OBJECT_CREATED', 'NAME_UPDATED', 'USER_SELECTED', 'TRANSFORM_UPDATED'])
        self.assertEqual(self.state()['users']['a']['selected_object'], object_id)

    def test_nobody_between(self):
        """Of two that send batches at once, one is whole before the other"""
        watcher = self.join('w')
        ids = [self.a.create(ack=True) for _ in range(4)]
        self.a.barrier()
        self.b.barrier()
        watcher.barrier()
        self.later()
        for round_ in range(20):
            for client, pair in ((self.a, ids[:2]), (self.b, ids[2:])):
                client.batch([('UPDATE_NAME', {'object_id': pair[i % 2],
                                               'name': f'{client.user_id} {round_} {i}'})
                              for i in range(10)])
        self.a.barrier()
        self.b.barrier()
        authors = [m['source_user_id'] for m in watcher.barrier()
                   if m['event_type'] == 'NAME_UPDATED']
        self.assertEqual(len(authors), 400)
        for i in range(0, 400, 10):
            self.assertEqual(len(set(authors[i:i + 10])), 1, f'events {i} to {i + 9}')

    def test_bad_one_fails_alone(self):
        """One bad event costs itself only"""
        good = [an_object(), an_object()]
        self.a.batch([('CREATE_OBJECT', good[0]), ('CREATE_OBJECT', {'name': 'no id'}),
                      ('JUMP', {}), ('CREATE_OBJECT', good[1])])
        for index, code in ((1, 'INVALID_PAYLOAD'), (2, 'UNKNOWN_EVENT')):
            self.assertEqual(self.a.expect_error(code)['index'], index)
        self.assertEqual(set(self.state()['objects']), {o['object_id'] for o in good})

    def test_edits_and_selections_only(self):
        """Anything else inside a BATCH is refused, by itself"""
        others = [('JOIN_SESSION', {'session_id': 'x', 'display_name': 'x'}), ('LEAVE_SESSION', {}),
                  ('HEARTBEAT', {}), ('REQUEST_STATE_SYNC', {}), ('CLOSE_SESSION', {}),
                  ('KICK_USER', {'user_id': 'b'}), ('BATCH', {'events': []})]
        cube = an_object()
        self.a.batch(others + [('CREATE_OBJECT', cube)])
        messages = self.a.barrier()
        errors = [m['payload'] for m in messages if m['event_type'] == 'ERROR']
        self.assertEqual([e['index'] for e in errors], list(range(len(others))))
        self.assertEqual(len(messages), len(errors))
        self.assertEqual(self.b.expect('OBJECT_CREATED')['payload']['object_id'], cube['object_id'])
        self.assert_quiet(self.b)

    def test_events_that_are_no_messages(self):
        """What is not even an object is refused by index too"""
        self.a.send('BATCH', {'events': [1, None, [], 'x', {}]})
        messages = self.a.barrier()
        self.assertEqual([m['payload'].get('index') for m in messages], list(range(5)))
        self.assertEqual({m['event_type'] for m in messages}, {'ERROR'})

    def test_size(self):
        """1000 events are taken, 1001 are not, and then none"""
        events = [('CREATE_OBJECT', an_object()) for _ in range(1001)]
        self.a.batch(events)
        self.a.expect_error('INVALID_PAYLOAD', 'events', '1000')
        self.assertEqual(self.state()['revision'], 0)
        self.assertEqual(self.a.acked_batch(events[:1000])['revision'], 1000)
        self.a.batch([])
        self.assert_quiet(self.a)

    def test_no_list(self):
        """A BATCH needs its events"""
        for payload in ({}, {'events': {}}, {'events': 'x'}, {'events': None}):
            self.a.send('BATCH', payload)
            self.a.expect_error('INVALID_PAYLOAD', 'events')

    def test_change_of_type(self):
        """[DELETE, CREATE] of one id changes a type in place"""
        cube = self.a.create(ack=True)
        self.a.batch([('DELETE_OBJECT', {'object_id': cube}),
                      ('CREATE_OBJECT', an_object(cube, 'sphere', 'Ball'))])
        self.a.barrier()
        self.assertEqual([m['event_type'] for m in self.b.barrier()],
                         ['OBJECT_CREATED', 'OBJECT_DELETED', 'OBJECT_CREATED'])
        self.assertEqual(self.state()['objects'][cube]['type'], 'sphere')

    def test_each_has_its_timestamp(self):
        """Events of a BATCH may carry their own timestamps and base revisions"""
        cube = self.b.create(ack=True)
        self.a.expect('OBJECT_CREATED')
        self.later()
        move = self.a.envelope('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place(1)},
                               base_revision=0)
        name = self.a.envelope('UPDATE_NAME', {'object_id': cube, 'name': 'n'}, base_revision=1)
        self.a.batch([move, name])
        self.assertEqual(self.a.expect_error('CONFLICT')['index'], 0)
        self.assertEqual(self.state()['objects'][cube]['name'], 'n')


class FromServer(DaemonTest):

    def setUp(self):
        super().setUp()
        self.a = self.join('a', capabilities=['batch'])
        self.b = self.join('b', capabilities=['batch'])
        self.plain = self.join('plain')
        self.ids = [self.plain.create(ack=True) for _ in range(10)]
        for client in (self.a, self.b, self.plain):
            client.barrier()
        self.later()

    def moves(self, count, start=0):
        return [('UPDATE_TRANSFORM', {'object_id': self.ids[i % 10],
                                      'transform': place(start + i + 1)})
                for i in range(count)]

    def test_frames(self):
        """Many events come in few frames, whose revision tells how far they go"""
        self.a.acked_batch(self.moves(10))
        messages = self.b.barrier()
        self.assertLess(len(messages), 10)
        events = list(flatten(messages))
        self.assertEqual([e['revision'] for e in events], list(range(11, 21)))
        frames = [m for m in messages if m['event_type'] == 'BATCH']
        self.assertTrue(frames)
        for frame in frames:
            self.assertEqual(frame['revision'], frame['payload']['events'][-1]['revision'])
            self.assertEqual(frame['source_user_id'], 'server')

    def test_coalesced(self):
        """In a frame only the last transform of one object by one user stays"""
        x = self.ids[0]
        self.a.acked_batch([('UPDATE_TRANSFORM', {'object_id': x, 'transform': place(i + 1)})
                            for i in range(500)])
        events = list(flatten(self.b.barrier()))
        self.assertLess(len(events), 500)
        self.assert_transform(events[-1]['payload']['transform'], place(500))
        self.assertEqual(events[-1]['revision'], 510)

    def test_names_are_not_coalesced_away(self):
        """The last name and the last transform both arrive"""
        x = self.ids[0]
        self.a.acked_batch([event for i in range(100) for event in (
            ('UPDATE_TRANSFORM', {'object_id': x, 'transform': place(i + 1)}),
            ('UPDATE_NAME', {'object_id': x, 'name': f'n{i}'}))])
        last = {e['event_type']: e['payload'] for e in flatten(self.b.barrier())}
        self.assertEqual(last['NAME_UPDATED']['name'], 'n99')
        self.assert_transform(last['TRANSFORM_UPDATED']['transform'], place(100))

    def test_plain_client(self):
        """Without the capability it is one frame per event, and never one's own"""
        self.a.acked_batch(self.moves(10))
        self.plain.acked('UPDATE_NAME', {'object_id': self.ids[0], 'name': 'own'})
        messages = self.plain.messages[-11:]
        self.assertEqual([m['event_type'] for m in messages], ['TRANSFORM_UPDATED'] * 10 + ['ACK'])
        self.assertNotIn('BATCH', [m['event_type'] for m in self.plain.messages])
        self.assertNotIn('plain', [m['source_user_id'] for m in self.plain.messages])

    def test_order_of_what_is_inside(self):
        """Presence keeps its place inside a frame"""
        self.a.acked_batch([('UPDATE_NAME', {'object_id': self.ids[0], 'name': 'one'}),
                            ('SELECT_OBJECT', {'object_id': self.ids[0]}),
                            ('UPDATE_NAME', {'object_id': self.ids[1], 'name': 'two'})])
        self.assertEqual([e['event_type'] for e in flatten(self.b.barrier())],
                         ['NAME_UPDATED', 'USER_SELECTED', 'NAME_UPDATED'])

    def test_under_load(self):
        """While frames are held back for a tick, everything arrives, in order"""
        for round_ in range(40):
            self.a.batch(self.moves(100, round_ * 100))
        self.a.barrier()
        positions = [m['revision'] for m in flatten(self.b.barrier()) if 'revision' in m]
        self.assertEqual(positions, sorted(positions))
        self.assertEqual(positions[-1], 10 + 4000)

    def test_tick_zero(self):
        """--tick 0 never holds an event back, and loses none"""
        daemon = self.start('--tick', '0')
        a, b = self.join('a', daemon=daemon), self.join('b', daemon=daemon, capabilities=['batch'])
        x = a.create(ack=True)
        names = []
        for i in range(2000):
            a.send('UPDATE_NAME', {'object_id': x, 'name': f'n{i}'})
            if i % 100 == 99:
                a.barrier()
                names += [e['payload']['name'] for e in flatten(b.barrier())
                          if e['event_type'] == 'NAME_UPDATED']
        self.assertEqual(names, [f'n{i}' for i in range(2000)])

    def test_unknown_id_in_a_frame(self):
        """Answers are outside of frames"""
        self.a.send('UPDATE_NAME', {'object_id': new_id(), 'name': 'n'}, event_id='e')
        self.assertEqual(self.a.receive()['event_type'], 'ERROR')


if __name__ == '__main__':
    tap.main()
