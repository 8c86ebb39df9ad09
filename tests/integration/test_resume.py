# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Coming back: DELTA_SYNC, chunks, epochs."""

import json

from support import tap
from support.case import DaemonTest
from support.client import an_object, flatten, new_id, place
from support.clock import ClockTest
from support.replica import AcknowledgedReplica

CHUNK_LIMIT = 256 * 1024


class Scene(DaemonTest):
    """A session with so many objects that a delta is smaller than all of it."""

    def setUp(self):
        super().setUp()
        self.a = self.join('a')
        self.objects = [an_object(name=f'o{i}') for i in range(60)]
        self.ids = [o['object_id'] for o in self.objects]
        self.a.acked_batch([('CREATE_OBJECT', o) for o in self.objects])
        self.b = self.join('b')

    def come_back(self, point, name='b', **more):
        return self.join(name, resume=point, **more)

    def leave(self):
        """b goes and remembers where it was."""
        self.b.barrier()
        point = self.b.resume_point()
        self.b.send('LEAVE_SESSION')
        self.b.barrier()
        self.b.close()
        return point


class Delta(Scene):

    def test_nothing_happened(self):
        """A resume at the head gets no events"""
        point = self.leave()
        sync = self.come_back(point).sync
        self.assertEqual(sync['kind'], 'DELTA_SYNC')
        self.assertEqual(set(sync), {'kind', 'session_id', 'epoch', 'revision', 'users',
                                     'host_user_id', 'you', 'from_revision', 'to_revision',
                                     'events'})
        self.assertEqual(sync['events'], [])
        self.assertEqual((sync['from_revision'], sync['to_revision'], sync['revision']),
                         (60, 60, 60))
        self.assertEqual(sync['epoch'], point['epoch'])
        self.assertEqual(set(sync['users']), {'a', 'b'})
        self.assertEqual(sync['host_user_id'], 'a')

    def test_what_happened(self):
        """The events since then, in order, own ones included"""
        self.b.barrier()
        point = self.b.resume_point()
        self.b.acked('UPDATE_NAME', {'object_id': self.ids[0], 'name': 'mine'})
        self.leave()
        new = self.a.create('camera', ack=True)
        self.a.acked('DELETE_OBJECT', {'object_id': self.ids[1]})
        self.a.acked('UPDATE_TRANSFORM', {'object_id': self.ids[2], 'transform': place(3)})
        sync = self.come_back(point).sync
        self.assertEqual(sync['kind'], 'DELTA_SYNC')
        self.assertEqual((sync['from_revision'], sync['to_revision']), (60, 64))
        told = [(e['event_type'], e['payload']['object_id'], e['revision'], e['source_user_id'])
                for e in sync['events']]
        self.assertEqual(told, [('NAME_UPDATED', self.ids[0], 61, 'b'),
                                ('OBJECT_CREATED', new, 62, 'a'),
                                ('OBJECT_DELETED', self.ids[1], 63, 'a'),
                                ('TRANSFORM_UPDATED', self.ids[2], 64, 'a')])

    def test_coalesced(self):
        """Of many writes to one register only the last is told"""
        point = self.leave()
        for i in range(30):
            self.a.send('UPDATE_TRANSFORM', {'object_id': self.ids[0], 'transform': place(i + 1)})
        self.a.barrier()
        events = self.come_back(point).sync['events']
        self.assertEqual(len(events), 1)
        self.assert_transform(events[0]['payload']['transform'], place(30))
        self.assertEqual(events[0]['revision'], 90)

    def test_replica(self):
        """Whatever happened, old scene plus delta is the new scene"""
        self.b.close()
        self.a.expect('USER_LEFT')
        replica = AcknowledgedReplica('b')
        self.b = self.join('b', replica=replica)
        point = self.leave()
        gone = self.a.create(ack=True)
        self.a.acked('DELETE_OBJECT', {'object_id': gone})
        self.a.acked_batch([
            ('DELETE_OBJECT', {'object_id': self.ids[0]}),
            ('CREATE_OBJECT', an_object(self.ids[0], 'sun_light', 'was a cube')),
            ('UPDATE_PROPERTIES', {'object_id': self.ids[0], 'properties': {'intensity': 7}}),
            ('UPDATE_NAME', {'object_id': self.ids[3], 'name': 'renamed'}),
            ('UPDATE_TRANSFORM', {'object_id': self.ids[3], 'transform': place(3)}),
            ('UPDATE_TRANSFORM', {'object_id': self.ids[4], 'transform': place(4)}),
            ('DELETE_OBJECT', {'object_id': self.ids[4]})])
        again = self.come_back(point, replica=replica)
        self.assertEqual(again.sync['kind'], 'DELTA_SYNC')
        self.assert_same_scene(replica.view(), self.state()['objects'])

    def test_continues_after_it(self):
        """After the delta the stream goes on where it ended"""
        point = self.leave()
        self.a.acked('UPDATE_NAME', {'object_id': self.ids[0], 'name': 'one'})
        again = self.come_back(point)
        self.a.acked('UPDATE_NAME', {'object_id': self.ids[0], 'name': 'two'})
        self.assertEqual(again.next('NAME_UPDATED')['revision'], again.sync['to_revision'] + 1)

    def test_whole_if_smaller(self):
        """When more changed than there is, the whole state comes"""
        point = self.leave()
        self.a.acked_batch([('DELETE_OBJECT', {'object_id': i}) for i in self.ids])
        self.a.create(ack=True)
        self.assertEqual(self.come_back(point).sync['kind'], 'FULL_STATE_SYNC')

    def test_another_epoch(self):
        """An epoch that is not this one's gets the whole state"""
        point = self.leave()
        for epoch in (new_id(), 'nonsense'):
            with self.subTest(epoch):
                client = self.come_back({'epoch': epoch, 'revision': point['revision']}, new_id())
                self.assertEqual(client.sync['kind'], 'FULL_STATE_SYNC')
                self.assertEqual(client.sync['epoch'], point['epoch'])

    def test_revision_zero(self):
        """A resume from the very start is a resume"""
        point = self.leave()
        sync = self.come_back({'epoch': point['epoch'], 'revision': 0}).sync
        self.assertEqual(len(sync.get('objects') or sync['events']), 60)

    def test_beyond_the_head(self):
        """Who knows more than the server proves a loss: a new epoch begins, for everybody"""
        point = self.leave()
        again = self.come_back({'epoch': point['epoch'], 'revision': point['revision'] + 1})
        self.assertEqual(again.sync['kind'], 'FULL_STATE_SYNC')
        self.assertNotEqual(again.sync['epoch'], point['epoch'])
        notice = self.a.expect('NOTICE')['payload']
        self.assertEqual(notice['epoch'], again.sync['epoch'])
        self.assertEqual(self.a.full_sync()['epoch'], again.sync['epoch'])
        third = self.come_back(point, 'c')
        self.assertEqual(third.sync['kind'], 'FULL_STATE_SYNC')

    def test_history_ends(self):
        """Beyond --history-events there is no resume"""
        daemon = self.start('--history-events', '50', '--snapshot-every', '10')
        a = self.join('a', daemon=daemon)
        ids = [a.create() for _ in range(30)]
        old = a.resume_point()
        for i in range(400):
            a.send('UPDATE_TRANSFORM', {'object_id': ids[i % 30], 'transform': place(i + 1)})
            if i % 100 == 99:
                a.barrier()
        b = self.join('b', daemon=daemon, resume=old)
        self.assertEqual(b.sync['kind'], 'FULL_STATE_SYNC')
        recent = {'epoch': old['epoch'], 'revision': b.sync['revision'] - 2}
        self.assertEqual(self.join('c', daemon=daemon, resume=recent).sync['kind'], 'DELTA_SYNC')


class Restart(Scene):

    def test_epoch_survives(self):
        """Clean and crashed restarts keep the epoch, and a resume across them works"""
        for kill in (False, True):
            with self.subTest(kill=kill):
                self.a.acked('UPDATE_NAME', {'object_id': self.ids[0], 'name': f'before {kill}'})
                self.b.barrier()
                point = self.b.resume_point()
                self.a.acked('UPDATE_NAME', {'object_id': self.ids[1], 'name': f'unseen {kill}'})
                self.a.acked('DELETE_OBJECT', {'object_id': self.ids.pop()})
                self.daemon.restart(kill=kill)
                self.b = self.come_back(point)
                self.assertEqual(self.b.sync['kind'], 'DELTA_SYNC')
                self.assertEqual(self.b.sync['epoch'], point['epoch'])
                self.assertEqual([e['event_type'] for e in self.b.sync['events']],
                                 ['NAME_UPDATED', 'OBJECT_DELETED'])
                self.a = self.join('a')

    def test_all_leave(self):
        """An empty session that was put away is found again by the next JOIN"""
        point = self.leave()
        self.a.send('LEAVE_SESSION')
        self.a.barrier()
        self.a.close()
        self.daemon.wait_metrics(lambda m: m['active_sessions'] == 0)
        self.assertEqual(self.come_back(point).sync['kind'], 'DELTA_SYNC')


class PutAway(ClockTest):

    def test_loaded_again(self):
        """A session that was empty for long is the same when somebody comes back"""
        a = self.join('a')
        ids = [a.create(ack=True) for _ in range(30)]
        point = a.resume_point()
        a.send('DELETE_OBJECT', {'object_id': ids[0]}, event_id='gone')
        ack = a.expect_ack('gone')
        before = a.full_sync()
        a.close()
        for minutes in (2, 4, 6):
            self.move_clocks(monotonic=minutes * 60)
            self.daemon.wait_metrics(lambda m: m['active_connections'] == 0)
            self.daemon.wait_metrics(lambda m: m['uptime_s'] > minutes * 60)
            b = self.join('a', resume=point, token=a.token)
            self.assertEqual((b.sync['kind'], b.sync['epoch']), ('DELTA_SYNC', before['epoch']))
            self.assertEqual([e['event_type'] for e in b.sync['events']], ['OBJECT_DELETED'])
            b.send('DELETE_OBJECT', {'object_id': ids[0]}, event_id='gone')
            self.assertEqual(b.expect_ack('gone'), ack)
            self.assertEqual(b.full_sync()['objects'], before['objects'])
            b.close()


class Chunks(DaemonTest):

    def setUp(self):
        super().setUp()
        self.a = self.join('a')
        self.objects = {}
        for _ in range(3):
            some = [an_object(kind='camera', name='ü' * 100) for _ in range(1000)]
            self.a.acked_batch([('CREATE_OBJECT', o) for o in some])
            self.objects.update((o['object_id'], dict(o, asset_id=None)) for o in some)

    def test_chunks(self):
        """With the capability a sync comes in pieces of at most 256 KiB"""
        b = self.join('b', capabilities=['chunks'])
        head = next(m for m in b.messages if m['event_type'] == 'FULL_STATE_SYNC')
        self.assertNotIn('objects', head['payload'])
        self.assertEqual(head['payload']['object_count'], 3000)
        self.assertEqual(b.sync['end_revision'], head['payload']['revision'])
        self.assertGreater(len(b.sync['chunks']), 3)
        for chunk in b.sync['chunks']:
            self.assertLessEqual(len(json.dumps(chunk, ensure_ascii=False,
                                                separators=(',', ':')).encode()), CHUNK_LIMIT)
        self.assert_same_scene(b.sync['objects'], self.objects)

    def test_whole(self):
        """Without it, it comes in one"""
        self.assert_same_scene(self.join('b').sync['objects'], self.objects)

    def test_nothing_between(self):
        """While pieces are under way nothing else of the session comes, and nothing is lost"""
        some = list(self.objects)
        for capabilities in (['chunks'], ['chunks', 'batch']):
            with self.subTest(capabilities):
                replica = AcknowledgedReplica('b')
                b = self.connect('b', replica=replica, receive_buffer=4096)
                for i in range(20):
                    self.a.send('UPDATE_TRANSFORM', {'object_id': some[i], 'transform': place(i)})
                b.send_join(capabilities=capabilities)
                for i in range(200):
                    self.a.send('UPDATE_TRANSFORM',
                                {'object_id': some[i], 'transform': place(7, i)})
                self.a.barrier()
                b.read_sync()  # which fails at anything that is no chunk
                b.barrier()
                self.assert_same_scene(replica.view(), self.state()['objects'])
                b.send('LEAVE_SESSION')
                b.barrier()

    def test_empty(self):
        """An empty session has no chunks, but an end"""
        b = self.join('b', 'empty', capabilities=['chunks'])
        self.assertEqual((b.sync['object_count'], b.sync['objects']), (0, {}))

    def test_delta_is_not_chunked(self):
        """A resume is a DELTA_SYNC with or without the capability"""
        b = self.join('b', capabilities=['chunks'])
        point = b.resume_point()
        again = self.join('b', capabilities=['chunks'], resume=point, token=b.token)
        self.assertEqual(again.sync['kind'], 'DELTA_SYNC')


class Request(Scene):

    def test_merged(self):
        """At most one sync a second: later requests are one request"""
        for _ in range(20):
            self.b.send('REQUEST_STATE_SYNC')
        self.a.acked('UPDATE_NAME', {'object_id': self.ids[0], 'name': 'meanwhile'})
        self.b.send('REQUEST_STATE_SYNC')
        count = 1
        while self.b.read_sync()['objects'][self.ids[0]]['name'] != 'meanwhile':
            count += 1
        self.assertLess(count, 5)
        self.assertEqual([m for m in self.b.barrier() if 'SYNC' in m['event_type']], [])

    def test_with_a_revision(self):
        """Up to date, behind, and ahead"""
        self.b.barrier()
        self.b.send('REQUEST_STATE_SYNC', {'revision': 60})
        self.assertEqual(self.b.next('UP_TO_DATE')['payload'], {'revision': 60})
        self.b.send('REQUEST_STATE_SYNC', {'revision': 59})
        self.assertEqual(self.b.read_sync()['revision'], 60)
        self.b.send('REQUEST_STATE_SYNC', {'revision': None})
        self.assertEqual(len(self.b.read_sync()['objects']), 60)

    def test_keeps_its_place(self):
        """A sync shows what came before it, and the stream after it what came later"""
        replica = AcknowledgedReplica('b')
        self.b.send('LEAVE_SESSION')
        self.b = self.join('b', replica=replica, capabilities=['batch'], token=self.b.token)
        for i in range(100):
            self.a.send('UPDATE_TRANSFORM', {'object_id': self.ids[i % 60], 'transform': place(i)})
            if i % 10 == 0:
                self.b.send('REQUEST_STATE_SYNC')
        self.a.barrier()
        before = len(self.b.messages)
        self.b.barrier()
        position = 0
        for message in flatten(self.b.messages[before:]):
            if 'revision' in message:
                self.assertGreater(message['revision'], position)
                position = message['revision']
            elif message['event_type'] == 'FULL_STATE_SYNC':
                position = message['payload']['revision']
        self.assert_same_scene(replica.view(), self.state()['objects'])


if __name__ == '__main__':
    tap.main()
