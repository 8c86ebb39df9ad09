# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Who wins when two write the same, and that everybody ends up with the same."""

from support import tap
from support.case import DaemonTest
from support.client import an_object, place
from support.clock import ClockTest


# How many ms later a write must be to be later for certain: the offset between two clocks is known only
# as well as the JOIN was quick that it was measured with.
LATER = 500


class Conflict(DaemonTest):

    def setUp(self):
        super().setUp()
        self.a, self.b, self.w = self.join('a'), self.join('b'), self.join('w')
        self.x = self.w.create(ack=True)
        self.settle()

    def settle(self):
        """Everybody has heard of everything, and it is past."""
        for client in (self.a, self.b, self.w):
            client.barrier()
        self.later()

    def move(self, client, x, object_id=None, **more):
        if 'timestamp' not in more:
            self.later()
        client.send('UPDATE_TRANSFORM', {'object_id': object_id or self.x, 'transform': place(x)},
                    **more)

    def value(self, object_id=None):
        return self.state()['objects'][object_id or self.x]['transform']['position'][0]

    def offset(self, client):
        """How much the server adds to this client's timestamps: seen in the event's time."""
        mark = self.w.create(ack=True)
        self.later()
        stamp = client.now()
        self.wait_for(stamp + 100)  # or else it might count as in the future
        self.move(client, 1, mark, timestamp=stamp)
        event = self.w.expect('TRANSFORM_UPDATED',
                              lambda m: m['payload']['object_id'] == mark)
        return event['timestamp'] - stamp

    def wait_for(self, moment):
        """Until the server's clock has passed a moment."""
        while True:
            self.w.send('HEARTBEAT', timestamp=...)
            if self.w.expect('HEARTBEAT_ACK')['payload']['server_time'] > moment:
                return


class EffectiveTime(Conflict):

    def test_older_write_loses(self):
        """An earlier write loses, and its author is corrected; the others hear nothing"""
        x = self.b.create(ack=True)
        self.settle()
        stamp = self.a.now()
        self.wait_for(stamp + LATER)
        self.move(self.b, 2, x)
        self.a.expect('TRANSFORM_UPDATED')
        self.w.expect('TRANSFORM_UPDATED')
        before = self.daemon.metrics()
        self.move(self.a, 1, x, timestamp=stamp)
        told = self.a.next('TRANSFORM_UPDATED')
        self.assertEqual(told['source_user_id'], 'server')
        self.assertEqual(told['payload']['updated_by'], 'server')
        self.assertIs(told['payload']['correction'], True)
        self.assert_transform(told['payload']['transform'], place(2))
        self.assert_quiet(self.a, self.b, self.w)
        self.assertEqual(self.value(x), 2)
        stale = [k for k in before if 'stale' in k]
        self.assertTrue(stale, 'no count of stale writes in the metrics')
        self.assertEqual(self.daemon.metrics()[stale[0]], before[stale[0]] + 1)

    def test_wrong_clocks_are_evened_out(self):
        """A client whose clock is an hour off, in either direction, is nobody's better or worse"""
        for shift in (3600_000, -3600_000, 20 * 365 * 86400_000):
            with self.subTest(shift):
                wrong = self.join(shift=shift)
                self.settle()
                self.move(wrong, 1)
                self.assert_transform(self.a.expect('TRANSFORM_UPDATED')['payload']['transform'],
                                      place(1))
                self.move(self.b, 2)
                self.b.barrier()
                self.assertEqual(self.value(), 2)
                self.move(wrong, 3)
                wrong.barrier()
                self.assertEqual(self.value(), 3)

    def test_heartbeat_measures_again(self):
        """A clock that is set back while connected is right again after a HEARTBEAT"""
        self.move(self.b, 1)
        self.b.barrier()
        self.a.shift = -7200_000
        self.a.send('HEARTBEAT')
        self.a.expect('HEARTBEAT_ACK')
        self.move(self.a, 2)
        self.a.barrier()
        self.assertEqual(self.value(), 2)

    def test_never_before_ones_own_last(self):
        """An author's own order holds, whatever the timestamps say"""
        self.later()
        now = self.a.now()
        self.move(self.a, 1, timestamp=now)
        self.move(self.a, 2, timestamp=now - 100_000)
        self.move(self.a, 3, timestamp=1)
        self.a.barrier()
        self.assertEqual(self.value(), 3)

    def test_never_after_the_server(self):
        """A timestamp in the future counts as now, and wins nothing that comes later"""
        self.move(self.a, 1, timestamp=self.a.now() + 10**9)
        self.a.barrier()
        self.move(self.b, 2)
        self.b.barrier()
        self.assertEqual(self.value(), 2)

    def test_no_timestamp_is_arrival(self):
        """Without a timestamp the moment of arrival counts"""
        self.move(self.b, 1)
        self.b.barrier()
        self.later()
        self.move(self.a, 2, timestamp=...)
        self.a.barrier()
        self.assertEqual(self.value(), 2)
        self.move(self.a, 3, timestamp=None)
        self.a.barrier()
        self.assertEqual(self.value(), 3)

    def test_equal_times(self):
        """At the same moment the greater user_id wins, in either order"""
        offsets = {c: self.offset(c) for c in (self.a, self.b)}
        for first, second in ((self.a, self.b), (self.b, self.a)):
            with self.subTest(first=first.user_id):
                created = self.w.now()
                x = self.w.create(ack=True)
                moment = self.w.full_sync()['objects'][x]['last_updated_at'] + 20
                self.assertLess(abs(moment - created), 60000)
                self.wait_for(moment + 100)
                self.settle()
                self.move(first, 1, x, timestamp=moment - offsets[first])
                first.barrier()
                self.move(second, 2, x, timestamp=moment - offsets[second])
                second.barrier()
                self.assertEqual(self.value(x), 2 if second is self.b else 1)

    def test_equal_times_of_one_user(self):
        """At the same moment an author's later write wins"""
        stamp = self.a.now()
        for x in (1, 2, 3):
            self.move(self.a, x, timestamp=stamp)
        self.a.barrier()
        self.assertEqual(self.value(), 3)

    def test_last_updated_at_is_the_effective_time(self):
        """What is told of the time of a change is when it counted"""
        self.move(self.a, 5)
        told = self.w.expect('TRANSFORM_UPDATED')
        kept = self.state()['objects'][self.x]
        self.assertEqual(kept['last_updated_at'], told['timestamp'])
        self.assertEqual(kept['last_updated_by'], 'a')


class Registers(Conflict):

    def test_registers_are_apart(self):
        """An old rename does not lose against a new move"""
        self.later()
        stamp = self.a.now()
        self.wait_for(stamp + LATER)
        self.move(self.b, 2)
        self.b.barrier()
        self.a.send('UPDATE_NAME', {'object_id': self.x, 'name': 'old'}, timestamp=stamp)
        self.a.barrier()
        item = self.state()['objects'][self.x]
        self.assertEqual((item['name'], item['transform']['position'][0]), ('old', 2))

    def test_each_property_is_a_register(self):
        """Of one message some properties may win and others lose"""
        lamp = self.w.create('point_light', ack=True)
        self.later()
        stamp = self.a.now()
        self.wait_for(stamp + LATER)
        self.b.send('UPDATE_PROPERTIES', {'object_id': lamp, 'properties': {'power': 9}})
        self.b.barrier()
        self.settle()
        both = {'power': 1, 'radius': 4}
        self.a.send('UPDATE_PROPERTIES', {'object_id': lamp, 'properties': both}, timestamp=stamp)
        told = self.w.expect('PROPERTIES_UPDATED')['payload']['properties']
        self.assertEqual((told['power'], told['radius']), (9, 4))
        corrected = self.a.next('PROPERTIES_UPDATED')['payload']
        self.assertIs(corrected['correction'], True)
        values = corrected['properties']
        self.assertEqual((values['power'], values['radius']), (9, 4))
        kept = self.state()['objects'][lamp]['properties']
        self.assertEqual((kept['power'], kept['radius']), (9, 4))

    def test_delete_wins_on_arrival(self):
        """A DELETE has no time: an old one removes a newer object"""
        self.later()
        stamp = self.a.now()
        self.wait_for(stamp + LATER)
        self.move(self.b, 2)
        self.b.barrier()
        self.a.send('DELETE_OBJECT', {'object_id': self.x}, timestamp=stamp)
        self.a.barrier()
        self.assertNotIn(self.x, self.state()['objects'])

    def test_update_of_a_deleted_object(self):
        """An edit that crosses a deletion is refused, and nothing comes back to life"""
        self.b.send('DELETE_OBJECT', {'object_id': self.x})
        self.b.barrier()
        for kind, payload in (('UPDATE_TRANSFORM', {'transform': place(1)}),
                              ('UPDATE_NAME', {'name': 'n'}),
                              ('UPDATE_PROPERTIES', {'properties': {}})):
            self.a.send(kind, {'object_id': self.x, **payload})
            error = self.a.expect_error('OBJECT_NOT_FOUND')
            self.assertEqual(error['object_id'], self.x)
        self.a.barrier()
        self.assertNotIn(self.x, self.state()['objects'])


class Corrections(Conflict):

    def test_create_of_a_living_id(self):
        """OBJECT_EXISTS, and the author gets the object that is there"""
        self.a.send('CREATE_OBJECT', an_object(self.x, 'camera', 'mine'))
        error = self.a.expect_error('OBJECT_EXISTS')
        self.assertEqual(error['object_id'], self.x)
        got = self.a.next('OBJECT_CREATED')['payload']
        self.assertEqual((got['object_id'], got['type'], got['created_by']), (self.x, 'cube', 'w'))
        self.assertIs(got['correction'], True)
        self.assert_quiet(self.a, self.b)

    def test_invalid_is_corrected(self):
        """An edit that is refused as invalid is put right at its author"""
        cases = (('UPDATE_TRANSFORM', {'transform': place(1e39)}, 'TRANSFORM_UPDATED'),
                 ('UPDATE_TRANSFORM', {'transform': {'position': [1, 2]}}, 'TRANSFORM_UPDATED'),
                 ('UPDATE_NAME', {'name': ''}, 'NAME_UPDATED'))
        for kind, payload, event in cases:
            with self.subTest(kind):
                self.a.send(kind, {'object_id': self.x, **payload})
                self.a.expect_error('INVALID_PAYLOAD')
                told = self.a.next(event)['payload']
                self.assertEqual((told['updated_by'], told['correction']), ('server', True))
        lamp = self.w.create('point_light', ack=True)
        self.settle()
        self.a.send('UPDATE_PROPERTIES', {'object_id': lamp, 'properties': {'radius': -1}})
        self.a.expect_error('INVALID_PAYLOAD')
        told = self.a.next('PROPERTIES_UPDATED')['payload']
        self.assertEqual((told['properties']['radius'], told['correction']), (0.5, True))
        self.settle()

    def test_superseding_a_value_just_told(self):
        """A plain author whose write follows another's is told how it ended; others as usual"""
        x = self.b.create(ack=True)
        self.settle()
        self.move(self.b, 1, x)
        self.a.next('TRANSFORM_UPDATED')
        self.w.next('TRANSFORM_UPDATED')
        self.move(self.a, 2, x)
        told = self.a.next('TRANSFORM_UPDATED')['payload']
        self.assertEqual((told['updated_by'], told['correction']), ('server', True))
        self.assert_transform(told['transform'], place(2))
        for other in (self.b, self.w):
            told = other.next('TRANSFORM_UPDATED')['payload']
            self.assertEqual(told['updated_by'], 'a')
            self.assertNotIn('correction', told)

    def test_not_with_event_id(self):
        """An author that uses event_id needs no such correction"""
        self.move(self.b, 1)
        self.a.expect('TRANSFORM_UPDATED')
        self.later()
        self.a.acked('UPDATE_TRANSFORM', {'object_id': self.x, 'transform': place(2)})
        self.assert_quiet(self.a)

    def test_not_without_another(self):
        """Who edits alone is never corrected"""
        own = self.a.create()
        for i in range(20):
            self.move(self.a, i, own)
            self.a.send('UPDATE_NAME', {'object_id': own, 'name': f'n{i}'})
        self.assert_quiet(self.a)

    def test_stale_with_event_id(self):
        """A stale write is acknowledged, and corrected"""
        self.later()
        stamp = self.a.now()
        self.wait_for(stamp + LATER)
        self.move(self.b, 2)
        self.a.expect('TRANSFORM_UPDATED')
        self.move(self.a, 1, timestamp=stamp, event_id='late')
        got = {m['event_type']: m['payload'] for m in self.a.barrier()}
        self.assertEqual(set(got), {'ACK', 'TRANSFORM_UPDATED'})
        self.assertIs(got['TRANSFORM_UPDATED']['correction'], True)
        self.assert_transform(got['TRANSFORM_UPDATED']['transform'], place(2))
        self.assertEqual(got['ACK']['revision'], self.state()['revision'])


class BaseRevision(Conflict):

    def setUp(self):
        super().setUp()
        self.base = self.state()['revision']

    def test_conflict(self):
        """Another user's write since N refuses mine; I get the current value"""
        self.move(self.b, 2)
        self.a.expect('TRANSFORM_UPDATED')
        self.move(self.a, 3, base_revision=self.base, event_id='e1')
        error = self.a.expect_error('CONFLICT')
        self.assertEqual((error['object_id'], error['event_id']), (self.x, 'e1'))
        told = self.a.next('TRANSFORM_UPDATED')['payload']
        self.assert_transform(told['transform'], place(2))
        self.assertIs(told['correction'], True)
        self.assertEqual(self.value(), 2)

    def test_up_to_date(self):
        """With the current revision it is accepted"""
        self.move(self.b, 2)
        self.a.expect('TRANSFORM_UPDATED')
        self.move(self.a, 3, base_revision=self.base + 1)
        self.a.barrier()
        self.assertEqual(self.value(), 3)

    def test_another_register(self):
        """Another register's change is no conflict"""
        self.b.send('UPDATE_NAME', {'object_id': self.x, 'name': 'theirs'})
        self.a.expect('NAME_UPDATED')
        self.move(self.a, 3, base_revision=self.base)
        self.a.barrier()
        self.assertEqual(self.value(), 3)

    def test_own_change(self):
        """One's own write since N is no conflict"""
        self.move(self.a, 2)
        self.move(self.a, 3, base_revision=self.base)
        self.a.barrier()
        self.assertEqual(self.value(), 3)

    def test_properties(self):
        """Of properties only those that are written count"""
        lamp = self.w.create('point_light', ack=True)
        base = self.state()['revision']
        self.b.send('UPDATE_PROPERTIES', {'object_id': lamp, 'properties': {'power': 9}})
        self.b.barrier()
        self.a.send('UPDATE_PROPERTIES', {'object_id': lamp, 'properties': {'radius': 2}},
                    base_revision=base)
        self.a.barrier()
        both = {'power': 1, 'radius': 3}
        self.a.send('UPDATE_PROPERTIES', {'object_id': lamp, 'properties': both},
                    base_revision=base)
        self.a.expect_error('CONFLICT')
        kept = self.state()['objects'][lamp]['properties']
        self.assertEqual((kept['power'], kept['radius']), (9, 2))

    def test_delete(self):
        """A DELETE conflicts with any change of the object"""
        self.b.send('UPDATE_NAME', {'object_id': self.x, 'name': 'theirs'})
        self.a.expect('NAME_UPDATED')
        self.a.send('DELETE_OBJECT', {'object_id': self.x}, base_revision=self.base)
        self.a.expect_error('CONFLICT')
        self.assertIn(self.x, self.state()['objects'])
        self.a.barrier()
        self.a.send('DELETE_OBJECT', {'object_id': self.x}, base_revision=self.base + 1)
        self.a.barrier()
        self.assertNotIn(self.x, self.state()['objects'])


class Clock(ClockTest):
    """The wall clock jumps."""

    user = 'b'

    def check_edits_win(self, x):
        """New edits win; while the clock stands still, those of the greater user_id do."""
        for i in range(2):
            self.user = chr(ord(self.user) + 1)
            client = self.join(self.user)
            client.send('UPDATE_TRANSFORM', {'object_id': x, 'transform': place(100 + i)})
            client.barrier()
            self.assertEqual(self.state()['objects'][x]['transform']['position'][0], 100 + i)

    def test_restart_keeps_the_clock(self):
        """After a restart with an earlier clock, new edits are not older than the old ones"""
        self.move_clocks(3600)
        a = self.join('a')
        x = a.create(ack=True)
        a.acked('UPDATE_TRANSFORM', {'object_id': x, 'transform': place(1)})
        for kill in (False, True):
            self.move_clocks(0)
            self.daemon.restart(kill=kill)
            self.check_edits_win(x)

    def test_clock_set_back_while_running(self):
        """The session's clock never goes back"""
        self.move_clocks(3600)
        a = self.join('a')
        x = a.create(ack=True)
        self.move_clocks(0)
        a.send('UPDATE_TRANSFORM', {'object_id': x, 'transform': place(1)})
        a.barrier()
        self.assertEqual(self.state()['objects'][x]['transform']['position'][0], 1)
        self.check_edits_win(x)

    def test_clock_set_forward_while_running(self):
        """A jump forward makes nobody's edits old"""
        a, b = self.join('a'), self.join('b')
        x = a.create(ack=True)
        self.later()
        self.move_clocks(86400)
        for i, client in enumerate((a, b, a, b)):
            client.send('HEARTBEAT')
            client.expect('HEARTBEAT_ACK')
            self.later()
            client.send('UPDATE_TRANSFORM', {'object_id': x, 'transform': place(i + 1)})
            client.barrier()
            self.assertEqual(self.state()['objects'][x]['transform']['position'][0], i + 1)


if __name__ == '__main__':
    tap.main()
