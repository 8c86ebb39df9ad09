# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Readers that stop, and peers that fall silent."""

import time

from support import tap
from support.case import DaemonTest
from support.client import Closed, Timeout, flatten, place
from support.clock import ClockTest
from support.replica import AcknowledgedReplica
from support.websocket import PING

OBJECTS = 200
ROOM = 20 << 20  # bytes by which the daemon's memory may grow


class SlowReaders(DaemonTest):

    def setUp(self):
        super().setUp()
        self.writer = self.join('writer')
        self.reader = self.join('reader')
        self.ids = [self.writer.create() for _ in range(OBJECTS)]
        self.writer.barrier()
        self.reader.barrier()
        self.round = 0

    def stop_reading(self, name, capabilities):
        """A client that reads nothing more, and the writer's edits until its way is blocked."""
        replica = AcknowledgedReplica(name)
        slow = self.join(name, replica=replica, capabilities=capabilities,
                         how={'receive_buffer': 4096})
        blocked = self.daemon.metrics()['slow_consumers'] + 1
        while self.daemon.metrics()['slow_consumers'] < blocked:
            self.write()
        return slow

    def write(self):
        """Renames everything, with names as long as can be; the quick reader keeps up."""
        self.round += 1
        events = [('UPDATE_NAME', {'object_id': i, 'name': f'{self.round:0255}'}) for i in self.ids]
        self.writer.acked_batch(events)
        seen = [e for e in flatten(self.reader.barrier()) if e['event_type'] == 'NAME_UPDATED']
        self.assertEqual(len(seen), len(self.ids))

    def test_gets_the_rest(self):
        """Others go on meanwhile; when it reads again it gets what matters, and no more"""
        for name, capabilities in (('plain', []), ('frames', ['batch']),
                                   ('chunks', ['batch', 'chunks'])):
            with self.subTest(name):
                slow = self.stop_reading(name, capabilities)
                before = self.daemon.rss()
                for _ in range(100):
                    self.write()
                if not self.daemon.is_instrumented():
                    self.assertLess(self.daemon.rss() - before, ROOM)
                gone, kept = self.ids.pop(0), self.ids[0]
                new = self.writer.create('camera', ack=True)
                self.writer.acked('DELETE_OBJECT', {'object_id': gone})
                self.writer.acked('UPDATE_TRANSFORM',
                                  {'object_id': kept, 'transform': place(1, 2, 3)})
                self.writer.send('SELECT_OBJECT', {'object_id': kept})
                self.writer.barrier()
                self.reader.barrier()
                slow.barrier(timeout=60)
                self.assertLess(len(list(flatten(slow.messages))), self.round * OBJECTS)
                state = self.state()
                self.assertIn(new, state['objects'])
                self.assert_same_scene(slow.replica.view(), state['objects'])
                self.assertEqual(slow.replica.seen_selections()['writer'], (kept, [kept]))
                self.assertEqual(slow.replica.revision, state['revision'])
                # and then it is as quick as any other
                self.writer.acked('UPDATE_NAME', {'object_id': kept, 'name': 'now'})
                told = [e for e in flatten(slow.barrier()) if e['event_type'] == 'NAME_UPDATED']
                self.assertEqual([e['payload']['name'] for e in told], ['now'])
                self.reader.barrier()
                slow.send('LEAVE_SESSION')
                slow.barrier()

    def test_given_up(self):
        """Who takes nothing for 15 s is closed with 4009; it may come back and resume"""
        slow = self.stop_reading('slow', ['batch'])
        point = {'epoch': slow.sync['epoch'], 'revision': slow.sync['revision']}
        deadline = time.monotonic() + 60
        while True:  # in the middle of the edits of the others
            self.write()
            try:
                self.writer.expect('USER_LEFT', timeout=0.3)
                break
            except Timeout:
                self.assertLess(time.monotonic(), deadline, 'it was never given up')
        self.daemon.wait_metrics(lambda m: m['slow_consumers'] == 0)
        replica = slow.replica
        slow.replica = None
        try:
            while True:
                slow.receive(timeout=20)
        except Closed as closed:
            # If the buffers were full in the middle of a frame, no close frame can follow.
            self.assertIn(closed.code, (4009, None))
        again = self.join('slow', token=slow.token, resume=point, replica=replica)
        self.assertIn(again.sync['kind'], ('DELTA_SYNC', 'FULL_STATE_SYNC'))
        again.barrier()
        self.assert_same_scene(replica.view(), self.state()['objects'])

    def test_slow_at_the_join(self):
        """A big scene goes to a slow reader without holding up the others"""
        for _ in range(4):
            self.ids += [self.writer.create(name='x' * 255) for _ in range(1000)]
            self.writer.barrier()
        self.reader.barrier()
        slow = [self.connect(f'slow-{i}', receive_buffer=4096,
                             replica=AcknowledgedReplica(f'slow-{i}')) for i in range(5)]
        before = self.daemon.rss()
        for i, client in enumerate(slow):
            client.send_join(capabilities=['chunks'] if i % 2 else [])
        for i in range(50):
            self.writer.acked('UPDATE_TRANSFORM',
                              {'object_id': self.ids[i], 'transform': place(i + 1)})
        if not self.daemon.is_instrumented():
            self.assertLess(self.daemon.rss() - before, ROOM)
        for client in slow:
            client.read_sync(timeout=60)
            client.barrier()
            self.assert_same_scene(client.replica.view(), self.state()['objects'])


class Silence(ClockTest):
    """Pings every 20 s, and the end after 60 s of silence; the daemon's clock is set forward."""

    def forward(self, seconds):
        self.ahead = getattr(self, 'ahead', 0) + seconds
        self.move_clocks(self.ahead, self.ahead)
        self.daemon.http('GET', '/healthz')  # wakes it

    def test_pings(self):
        """An idle client is pinged"""
        a = self.join('a')
        a.ws.answer_pings = False
        self.forward(21)
        self.assertEqual(a.ws.receive_frame().opcode, PING)

    def test_who_answers_stays(self):
        """Answers to pings are sign of life enough"""
        a = self.join('a')
        for _ in range(10):
            self.forward(21)
            try:
                while True:
                    a.receive(0.3)
            except Timeout:
                pass
        self.assert_quiet(a)

    def test_who_does_not_is_dropped(self):
        """A peer that is silent for 60 s is gone, for the others too"""
        a, dead = self.join('a'), self.join('dead')
        dead.ws.answer_pings = False
        a.expect('USER_JOINED')
        for _ in range(4):
            self.forward(21)
            try:
                message = a.receive(0.3)
                break
            except Timeout:
                a.barrier()
        else:
            message = a.expect('USER_LEFT')
        self.assertEqual(message['payload'], {'user_id': 'dead', 'reason': 'disconnected'})
        dead.expect_closed()


if __name__ == '__main__':
    tap.main()
