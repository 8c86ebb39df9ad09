# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The acceptance tests of the requirements, spoken with nothing but the events they name."""


from support import tap
from support.case import DaemonTest
from support.client import an_object, place


class PhaseOne(DaemonTest):
    """The server's foundation: two clients, one cube."""

    def test_create_delete_leave(self):
        """A creates and deletes a cube and goes; B sees each of it"""
        a, b = self.connect('user-a'), self.connect('user-b')
        a.send('JOIN_SESSION', {'session_id': 'test-01', 'display_name': 'A'})
        a.expect('FULL_STATE_SYNC')
        b.send('JOIN_SESSION', {'session_id': 'test-01', 'display_name': 'B'})
        sync = b.expect('FULL_STATE_SYNC')['payload']
        self.assertEqual(sync['session_id'], 'test-01')
        self.assertEqual(sync['objects'], {})
        self.assertEqual(set(sync['users']), {'user-a', 'user-b'})

        transform = {'position': [1, 2, 3], 'rotation': [0.5, 0, -0.5], 'scale': [1, 2, 1]}
        cube = an_object(transform=transform)
        a.send('CREATE_OBJECT', cube)
        created = b.expect('OBJECT_CREATED')
        self.assertEqual(created['source_user_id'], 'user-a')
        self.assertEqual(created['payload']['object_id'], cube['object_id'])
        self.assertEqual(created['payload']['transform'], transform)
        self.assertEqual(created['payload']['created_by'], 'user-a')

        a.send('DELETE_OBJECT', {'object_id': cube['object_id']})
        deleted = b.expect('OBJECT_DELETED')['payload']
        self.assertEqual(deleted, {'object_id': cube['object_id'], 'deleted_by': 'user-a'})

        a.close()
        self.assertEqual(b.expect('USER_LEFT')['payload']['user_id'], 'user-a')


class Requirements(DaemonTest):
    """Section 7 of the requirements, as far as it is the server's."""

    def test_scene_outlives_its_users(self):
        """All leave and come back: the scene is as it was"""
        a, b = self.join('a', 'shot-01'), self.join('b', 'shot-01')
        a.create(name='hero', ack=True)
        b.create('camera', name='cam', ack=True)
        before = self.state('shot-01')['objects']
        a.close()
        b.close()
        self.daemon.wait_metrics(lambda m: m['active_connections'] == 0)
        after = self.state('shot-01')['objects']
        self.assertEqual(after, before)
        self.assertEqual(len(after), 2)

    def test_every_edit_reaches_the_other(self):
        """Transform, properties, name and selection of every kind of object"""
        a, b = self.join('a'), self.join('b')
        lamp = a.create('point_light', name='Lamp')
        b.expect('OBJECT_CREATED')
        a.send('UPDATE_TRANSFORM', {'object_id': lamp, 'transform': place(4, 5, 6)})
        told = b.expect('TRANSFORM_UPDATED')['payload']
        self.assertEqual((told['object_id'], told['updated_by']), (lamp, 'a'))
        self.assert_transform(told['transform'], place(4, 5, 6))
        a.send('UPDATE_PROPERTIES', {'object_id': lamp, 'properties': {'color': [0, 1, 0]}})
        told = b.expect('PROPERTIES_UPDATED')['payload']
        self.assertEqual((told['properties']['color'], told['updated_by']), ([0, 1, 0], 'a'))
        a.send('UPDATE_NAME', {'object_id': lamp, 'name': 'key_light'})
        told = b.expect('NAME_UPDATED')['payload']
        self.assertEqual((told['name'], told['updated_by']), ('key_light', 'a'))
        a.send('SELECT_OBJECT', {'object_id': lamp})
        told = b.expect('USER_SELECTED')['payload']
        self.assertEqual((told['user_id'], told['object_id']), ('a', lamp))
        a.send('SELECT_OBJECT', {'object_id': None})
        self.assertIsNone(b.expect('USER_SELECTED')['payload']['object_id'])

    def test_asset_reference(self):
        """An asset is named, never sent"""
        a, b = self.join('a'), self.join('b')
        a.create('asset_ref', name='Tree', asset_id='oak_tree', asset_library='assets.blend')
        told = b.expect('OBJECT_CREATED')['payload']
        self.assertEqual((told['type'], told['asset_id'], told['asset_library']),
                         ('asset_ref', 'oak_tree', 'assets.blend'))

    def test_delete_of_nothing(self):
        """A DELETE before its CREATE, and a second DELETE, do nothing and break nothing"""
        a, b = self.join('a'), self.join('b')
        cube = an_object()
        b.send('DELETE_OBJECT', {'object_id': cube['object_id']})
        b.barrier()
        a.send('CREATE_OBJECT', cube)
        b.expect('OBJECT_CREATED')
        self.assertIn(cube['object_id'], self.state()['objects'])
        a.send('DELETE_OBJECT', {'object_id': cube['object_id']})
        b.expect('OBJECT_DELETED')
        b.send('DELETE_OBJECT', {'object_id': cube['object_id']})
        self.assertNotIn('ERROR', [m['event_type'] for m in b.barrier()])
        self.assertNotIn('OBJECT_DELETED', [m['event_type'] for m in a.barrier()])

    def test_users_panel(self):
        """Names and colours of who is there, who comes and who goes"""
        a = self.join('a', display_name='Ada')
        b = self.join('b', display_name='Ben')
        told = a.expect('USER_JOINED')['payload']
        self.assertEqual((told['user_id'], told['display_name']), ('b', 'Ben'))
        self.assertEqual(b.sync['users']['a']['display_name'], 'Ada')
        self.assertNotEqual(b.sync['users']['a']['color'], told['color'])
        b.send('LEAVE_SESSION')
        self.assertEqual(a.expect('USER_LEFT')['payload']['user_id'], 'b')

    def test_last_write_wins(self):
        """Of two moves of one object the later stays, for everybody"""
        a, b, c = self.join('a'), self.join('b'), self.join('c')
        cube = a.create(ack=True)
        a.acked('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place(1)})
        b.acked('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place(2)})
        c.barrier()
        self.assert_transform(self.state()['objects'][cube]['transform'], place(2))

    def test_eleventh_user(self):
        """Ten users fit into a session; the eleventh is told so and may stay connected"""
        for i in range(10):
            self.join(f'user-{i}')
        late = self.connect('user-10')
        late.send_join()
        late.expect_error('SESSION_FULL')
        late.join('another')

    def test_two_hundred_objects(self):
        """A join of a scene of 200 objects gets all of them"""
        a = self.join('a')
        objects = [an_object(transform=place(i)) for i in range(200)]
        for item in objects:
            a.send('CREATE_OBJECT', item)
        a.barrier()
        self.assert_same_scene({o['object_id']: dict(o, asset_id=None) for o in objects},
                               self.state()['objects'])


class PhaseSix(DaemonTest):
    """Durability and observability."""

    def test_crash_recovery(self):
        """kill -9 with two clients; both come back to all their objects"""
        a, b = self.join('a', 'stage'), self.join('b', 'stage')
        for client in (a, b):
            for kind in ('cube', 'camera', 'sun_light'):
                client.create(kind, ack=True)
        a.barrier()
        before = a.full_sync()['objects']
        self.assertEqual(len(before), 6)
        self.daemon.restart(kill=True)
        for name in ('a', 'b'):
            client = self.connect(name)
            client.send('JOIN_SESSION', {'session_id': 'stage', 'display_name': name})
            self.assertEqual(client.expect('FULL_STATE_SYNC')['payload']['objects'], before)

    def test_metrics(self):
        """/metrics is valid JSON and has counted"""
        a, b = self.join('a'), self.join('b')
        cube = a.create()
        for i in range(10):
            a.send('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place(i + 1)})
        a.barrier()
        b.barrier()
        metrics = self.daemon.metrics()
        self.assertEqual(metrics['active_sessions'], 1)
        self.assertEqual(metrics['active_connections'], 2)
        self.assertGreater(metrics['messages_received_total'], 10)
        self.assertGreater(metrics['messages_sent_total'], 10)
        self.assertGreaterEqual(metrics['transform_updates_total'], 10)
        self.assertGreater(metrics['events_journaled_total'], 10)
        for name in ('msg_per_sec', 'p50_ms', 'p95_ms', 'p99_ms'):
            self.assertGreaterEqual(metrics[name], 0)

    def test_ten_thousand_events(self):
        """10,000 events are there after a crash"""
        a = self.join('a')
        cubes = [a.create() for _ in range(10)]
        for round_ in range(10):
            a.acked_batch([('UPDATE_TRANSFORM', {'object_id': cubes[i % 10],
                                                 'transform': place(round_ + 1, i)})
                           for i in range(1000)])
        before = self.state()
        self.assertEqual(before['revision'], 10 + 10 * 1000)
        self.daemon.restart(kill=True)
        after = self.state()
        self.assertEqual((after['revision'], after['objects']),
                         (before['revision'], before['objects']))


if __name__ == '__main__':
    tap.main()
