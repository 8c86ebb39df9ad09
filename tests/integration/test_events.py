# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What becomes of each edit: the event that others see, and the object that is kept."""

from support import tap
from support.case import DaemonTest
from support.client import IDENTITY, OBJECT_TYPES, PROPERTIES, an_object, new_id, place

FLOAT_MAX = 3.4028234e38
DEFAULTS = {
    'camera': {'focal_length': 50, 'sensor_width': 36, 'clip_start': 0.1, 'clip_end': 1000},
    'point_light': {'color': [1, 1, 1]},
    'sun_light': {'color': [1, 1, 1]},
}


class Create(DaemonTest):

    def setUp(self):
        super().setUp()
        self.a, self.b = self.join('a'), self.join('b')
        self.a.barrier()

    def test_every_type(self):
        """Each type arrives whole, and is kept as it arrived"""
        revision = 0
        for kind in OBJECT_TYPES:
            with self.subTest(kind):
                wanted = an_object(kind=kind, name=f'my {kind}', transform=place(1, 2, 3))
                before = self.a.now()
                self.a.send('CREATE_OBJECT', wanted)
                told = self.b.next('OBJECT_CREATED')
                revision += 1
                self.assertEqual(told['revision'], revision)
                self.assertEqual(told['source_user_id'], 'a')
                got = told['payload']
                self.assertEqual(set(got), {
                    'object_id', 'name', 'type', 'asset_id', 'asset_library', 'transform',
                    'properties', 'created_by', 'last_updated_by', 'last_updated_at', 'revision'})
                for key in ('object_id', 'name', 'type'):
                    self.assertEqual(got[key], wanted[key])
                self.assertEqual(got['properties'], wanted.get('properties', {}))
                self.assertEqual(got['asset_id'], wanted.get('asset_id'))
                self.assertEqual(got['asset_library'], wanted.get('asset_library'))
                self.assertEqual((got['created_by'], got['last_updated_by']), ('a', 'a'))
                self.assertEqual(got['revision'], revision)
                self.assertLess(abs(got['last_updated_at'] - before), 60000)
                self.assertEqual(self.state()['objects'][got['object_id']], got)
                self.b.barrier()

    def test_defaults(self):
        """A missing transform is the identity, missing properties are Blender's"""
        for kind in OBJECT_TYPES:
            with self.subTest(kind):
                wanted = an_object(kind=kind)
                wanted.pop('transform')
                wanted.pop('properties', None)
                self.a.send('CREATE_OBJECT', wanted)
                got = self.b.next('OBJECT_CREATED')['payload']
                self.assertEqual(got['transform'], IDENTITY)
                self.assertEqual(set(got['properties']), set(PROPERTIES.get(kind, {})))
                for key, value in DEFAULTS.get(kind, {}).items():
                    self.assertEqual(got['properties'][key], value)

    def test_some_properties(self):
        """Those that are given are taken, the others are the defaults"""
        self.a.send('CREATE_OBJECT', an_object(kind='camera', properties={'focal_length': 85}))
        got = self.b.next('OBJECT_CREATED')['payload']['properties']
        self.assertEqual(got, dict(DEFAULTS['camera'], focal_length=85))

    def test_null_is_absent(self):
        """Optional members may be null"""
        self.a.send('CREATE_OBJECT', an_object(asset_id=None, asset_library=None, transform=None,
                                               properties=None))
        got = self.b.next('OBJECT_CREATED')['payload']
        self.assertEqual((got['transform'], got['properties']), (IDENTITY, {}))

    def test_names_are_text(self):
        """Any name of 1 to 255 bytes is kept as it is, also one that somebody else has"""
        for name in ('x', 'Würfel', '骰子', '🦦', 'a"b\\c/d', ' ', 'é' * 127, 'n' * 255,
                     'Cube.001', 'x'):
            with self.subTest(name):
                self.a.send('CREATE_OBJECT', an_object(name=name))
                self.assertEqual(self.b.next('OBJECT_CREATED')['payload']['name'], name)

    def test_ids_are_compared_byte_by_byte(self):
        """Upper and lower case of a UUID are two objects"""
        lower = '0123abcd-0000-4000-8000-0123456789ab'
        for object_id in (lower, lower.upper()):
            self.a.send('CREATE_OBJECT', an_object(object_id))
            self.assertEqual(self.b.next('OBJECT_CREATED')['payload']['object_id'], object_id)
        self.assertEqual(set(self.a.full_sync()['objects']), {lower, lower.upper()})

    def test_unknown_members_are_ignored(self):
        """What the server does not know is neither kept nor told"""
        self.a.send('CREATE_OBJECT', an_object(material='gold'), colour='red')
        told = self.b.next('OBJECT_CREATED')
        self.assertNotIn('material', told['payload'])
        self.assertNotIn('colour', told)


class Update(DaemonTest):

    def setUp(self):
        super().setUp()
        self.a, self.b = self.join('a'), self.join('b')
        self.ids = {kind: self.a.create(kind) for kind in OBJECT_TYPES}
        self.a.barrier()
        self.b.barrier()
        self.revision = len(self.ids)

    def test_transform(self):
        """A transform of every type, with who and when"""
        transform = {'position': [1.5, -2, 1e6], 'rotation': [7, 0.1, -3], 'scale': [0, -1, 2]}
        for kind, object_id in self.ids.items():
            self.a.send('UPDATE_TRANSFORM', {'object_id': object_id, 'transform': transform})
            told = self.b.next('TRANSFORM_UPDATED')
            self.revision += 1
            self.assertEqual(told['revision'], self.revision)
            self.assertEqual(told['source_user_id'], 'a')
            self.assertEqual(set(told['payload']), {'object_id', 'transform', 'updated_by'})
            self.assertEqual(told['payload']['updated_by'], 'a')
            self.assert_transform(told['payload']['transform'], transform)
        kept = self.b.full_sync()['objects'][object_id]
        self.assert_transform(kept['transform'], transform)
        self.assertEqual((kept['last_updated_by'], kept['revision']), ('a', self.revision))

    def test_sent_at(self):
        """sent_at is handed through"""
        self.a.send('UPDATE_TRANSFORM', {'object_id': self.ids['cube'], 'transform': place(1),
                                         'sent_at': 1708000000123.5})
        self.assertEqual(self.b.next('TRANSFORM_UPDATED')['payload']['sent_at'], 1708000000123.5)

    def test_extreme_numbers(self):
        """The whole range of a float32 is taken"""
        for value in (FLOAT_MAX, -FLOAT_MAX, 1e-45, 0, -0.0, 1e-300, 123456789):
            with self.subTest(value):
                self.a.send('UPDATE_TRANSFORM', {'object_id': self.ids['cube'],
                                                 'transform': place(value, 1, 2)})
                self.a.send('UPDATE_NAME', {'object_id': self.ids['cube'], 'name': f'n{value}'})
                told = self.b.expect('NAME_UPDATED')
                self.assertEqual(told['payload']['name'], f'n{value}')
                kept = self.state()['objects'][self.ids['cube']]
                self.assert_transform(kept['transform'], place(value, 1, 2))

    def test_same_value_changes_nothing(self):
        """A write of what is there, as float32, is no event and no revision"""
        cube, camera = self.ids['cube'], self.ids['camera']
        self.a.send('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place(0.1)})
        self.b.next('TRANSFORM_UPDATED')
        self.a.send('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place(0.1 + 1e-12)})
        self.a.send('UPDATE_NAME', {'object_id': cube, 'name': 'Cube'})
        self.a.send('UPDATE_PROPERTIES', {'object_id': camera, 'properties': {'focal_length': 35}})
        self.a.send('UPDATE_PROPERTIES', {'object_id': camera, 'properties': {}})
        self.a.barrier()
        self.assert_quiet(self.b)
        self.assertEqual(self.b.full_sync()['revision'], self.revision + 1)

    def test_properties_merge(self):
        """Keys that are not given stay; the event carries the whole set"""
        for kind, change in (('camera', {'clip_end': 90}), ('point_light', {'power': 7}),
                             ('sun_light', {'color': [0, 0, 4]})):
            self.a.send('UPDATE_PROPERTIES', {'object_id': self.ids[kind], 'properties': change})
            told = self.b.next('PROPERTIES_UPDATED')['payload']
            self.assertEqual(told, {'object_id': self.ids[kind], 'updated_by': 'a',
                                    'properties': dict(PROPERTIES[kind], **change)})

    def test_property_limits(self):
        """The ends of the ranges are inside"""
        for kind, change in (('sun_light', {'angle': 3.1415928}), ('sun_light', {'angle': 0}),
                             ('point_light', {'radius': 0, 'color': [0, 0, 0]}),
                             ('point_light', {'color': [100, FLOAT_MAX, 0]}),
                             ('point_light', {'power': -5}),
                             ('camera', {'focal_length': 1e-6, 'clip_start': 1e-6})):
            self.a.send('UPDATE_PROPERTIES', {'object_id': self.ids[kind], 'properties': change})
            told = self.b.next('PROPERTIES_UPDATED')['payload']['properties']
            self.assertEqual({key: told[key] for key in change}, change)

    def test_name(self):
        """A name of every kind"""
        for name in ('hero_chair', '日本語', 'x' * 255):
            self.a.send('UPDATE_NAME', {'object_id': self.ids['camera'], 'name': name})
            told = self.b.next('NAME_UPDATED')
            self.assertEqual(told['payload'], {'object_id': self.ids['camera'], 'name': name,
                                               'updated_by': 'a'})

    def test_own_edits_do_not_come_back(self):
        """The author hears nothing of what was accepted"""
        self.a.send('UPDATE_NAME', {'object_id': self.ids['cube'], 'name': 'one'})
        self.a.send('UPDATE_TRANSFORM', {'object_id': self.ids['cube'], 'transform': place(1)})
        self.a.send('DELETE_OBJECT', {'object_id': self.ids['cube']})
        self.assert_quiet(self.a)

    def test_revisions_have_no_gaps(self):
        """Every accepted change is the next revision, whoever made it"""
        watcher = self.join('w')
        for i in range(50):
            author = (self.a, self.b)[i % 2]
            self.later()
            author.send('UPDATE_NAME', {'object_id': self.ids['cube'], 'name': f'name {i}'})
        self.a.barrier()
        self.b.barrier()
        seen = [m['revision'] for m in watcher.barrier() if 'revision' in m]
        self.assertEqual(seen, list(range(self.revision + 1, self.revision + 51)))

    def test_delete_and_again(self):
        """A deleted id may be created again, as another type"""
        cube = self.ids['cube']
        self.a.send('DELETE_OBJECT', {'object_id': cube})
        told = self.b.next('OBJECT_DELETED')
        self.assertEqual(told['payload'], {'object_id': cube, 'deleted_by': 'a'})
        self.assertEqual(told['revision'], self.revision + 1)
        self.b.send('CREATE_OBJECT', an_object(cube, 'sun_light', 'Sun'))
        got = self.a.next('OBJECT_CREATED')['payload']
        self.assertEqual((got['type'], got['created_by'], got['revision']),
                         ('sun_light', 'b', self.revision + 2))

    def test_delete_of_unknown(self):
        """Nothing happens, and nobody is told"""
        self.a.send('DELETE_OBJECT', {'object_id': new_id()})
        self.assert_quiet(self.a, self.b)


class Ask(DaemonTest):

    def test_heartbeat(self):
        """HEARTBEAT_ACK tells the time and how far the stream is"""
        a, b = self.join('a'), self.join('b')
        a.barrier()
        for expected in range(3):
            a.send('HEARTBEAT')
            ack = a.next('HEARTBEAT_ACK')
            self.assertEqual(ack['source_user_id'], 'server')
            self.assertEqual(ack['payload']['revision'], expected)
            self.assertLess(abs(ack['payload']['server_time'] - a.now()), 60000)
            b.create(ack=True)
            a.expect('OBJECT_CREATED')

    def test_heartbeat_keeps_its_place(self):
        """What was asked before an edit of one's own is answered with the revision before it"""
        a = self.join('a')
        a.send('HEARTBEAT')
        a.create()
        a.send('HEARTBEAT')
        self.assertEqual([a.next('HEARTBEAT_ACK')['payload']['revision'] for _ in range(2)], [0, 1])

    def test_sync_on_request(self):
        """REQUEST_STATE_SYNC answers with the state, or that there is nothing new"""
        a, b = self.join('a'), self.join('b')
        a.barrier()
        b.create(ack=True)
        revision = a.expect('OBJECT_CREATED')['revision']
        a.send('REQUEST_STATE_SYNC', {'revision': revision})
        told = a.next('UP_TO_DATE')
        self.assertEqual(told['payload'], {'revision': revision})
        a.send('REQUEST_STATE_SYNC', {'revision': revision - 1})
        self.assertEqual(a.read_sync()['revision'], revision)
        a.send('REQUEST_STATE_SYNC')
        self.assertEqual(len(a.read_sync()['objects']), 1)


if __name__ == '__main__':
    tap.main()
