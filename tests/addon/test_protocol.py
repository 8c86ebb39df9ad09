# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Values, objects and messages: what is let in, what is said, and that the schema allows it."""

import json
import math
import unittest

from core import messages, protocol, texts
from core.protocol import MALFORMED, SharedObject, User
from support import tap
from support.case import as_float32

ID = '0b6e7a52-1f0e-4e0a-9f57-3f4d1f6f0c11'
BIG = 3.4028234663852886e38  # the largest float32, which the wire does not take


def told(**more):
    """An object as the server tells it."""
    value = {'object_id': ID, 'name': 'Würfel', 'type': 'cube', 'asset_id': None,
             'asset_library': None, 'properties': {},
             'transform': {'position': [1, 2.5, 3], 'rotation': [0, 0, 0], 'scale': [1, 1, 1]},
             'created_by': 'anna', 'last_updated_by': 'ben', 'last_updated_at': 17, 'revision': 4}
    value.update(more)
    return value


class Values(unittest.TestCase):

    def test_transform(self):
        """Nine finite numbers, as float32"""
        clean = protocol.clean_transform([0.1, 2, 3, 0, 0, 0, 1, 1, 1])
        self.assertEqual(clean, (as_float32(0.1), 2.0, 3.0, 0, 0, 0, 1, 1, 1))
        self.assertIsInstance(clean[1], float)
        for bad in (math.nan, math.inf, -math.inf, 1e39, BIG, -BIG, 'x', None):
            with self.subTest(bad=bad), self.assertRaises(ValueError):
                protocol.clean_transform([0, 0, 0, bad, 0, 0, 1, 1, 1])
        for size in (0, 8, 10):
            with self.subTest(size=size), self.assertRaises(ValueError):
                protocol.clean_transform([1] * size)
        self.assertEqual(protocol.clean_transform([3.4e38] * 9)[0], as_float32(3.4e38))

    def test_properties(self):
        """Each in its range, and the sentence names it"""
        good = {'color': (0, 0.5, 7), 'power': -50, 'radius': 0}
        self.assertEqual(protocol.clean_properties('point_light', good),
                         {'color': (0, 0.5, 7), 'power': -50, 'radius': 0})
        self.assertEqual(protocol.clean_property('angle', math.pi), as_float32(math.pi))
        bad = [('camera', 'focal_length', 0), ('camera', 'clip_start', -1),
               ('camera', 'sensor_width', 1e-50), ('point_light', 'radius', -0.1),
               ('point_light', 'color', (1, -1, 0)), ('point_light', 'color', (1, 1)),
               ('point_light', 'power', math.nan), ('sun_light', 'angle', 3.2),
               ('sun_light', 'angle', -0.1), ('sun_light', 'intensity', math.inf),
               ('sun_light', 'intensity', 'bright'), ('sun_light', 'power', 1), ('cube', 'size', 2)]
        for kind, key, value in bad:
            with self.subTest(key=key, value=value), self.assertRaisesRegex(ValueError, key):
                protocol.clean_properties(kind, {key: value})

    def test_names(self):
        """1 to 255 bytes, no control characters, no halves of characters"""
        for good in ('a', 'ü' * 127, 'x' * 255, '😀', ' '):
            self.assertEqual(protocol.clean_name(good), good)
        for bad in ('', 'ü' * 128, 'a\n', 'a\x7f', 'a\x85', 'a\x00', '\ud83d', None, 7):
            with self.subTest(bad=bad):
                self.assertIsNone(protocol.clean_name(bad))
        for good in ('shot-01', 'a' * 64, 'A.b_c'):
            self.assertTrue(protocol.is_session_id(good))
        for bad in ('', 'a' * 65, 'a b', 'ä', 'a/b', 'a\n'):
            self.assertFalse(protocol.is_session_id(bad), bad)
        for good in ('Ada', '😀' * 64):
            self.assertTrue(protocol.is_display_name(good))
        for bad in ('', '😀' * 65, 'a\tb'):
            self.assertFalse(protocol.is_display_name(bad), bad)

    def test_same(self):
        """Equal as float32"""
        self.assertTrue(protocol.same(0.1, as_float32(0.1)))
        self.assertTrue(protocol.same({'c': (0.1, 1)}, {'c': [as_float32(0.1), 1.0]}))
        self.assertFalse(protocol.same(0.1, 0.1000001))
        self.assertFalse(protocol.same((1, 2), (1, 2, 3)))
        self.assertFalse(protocol.same({'a': 1}, {'b': 1}))
        self.assertFalse(protocol.same('1', 1))


class Objects(unittest.TestCase):

    def test_read(self):
        """An object as the server tells it"""
        item = protocol.read_object(told())
        self.assertEqual((item.id, item.name, item.type), (ID, 'Würfel', 'cube'))
        self.assertEqual(item.transform, (1, 2.5, 3, 0, 0, 0, 1, 1, 1))
        self.assertEqual((item.created_by, item.updated_by, item.updated_at), ('anna', 'ben', 17))

    def test_read_leniently(self):
        """Unknown properties are passed over, missing ones get their defaults"""
        item = protocol.read_object(told(type='camera', properties={'focal_length': 35, 'new': 1}))
        self.assertEqual(item.properties, {**protocol.PROPERTIES['camera'], 'focal_length': 35})

    def test_read_malformed(self):
        """Whatever is wrong raises one of MALFORMED"""
        transform = told()['transform']
        for more in ({'object_id': 'x'}, {'object_id': None}, {'name': 3}, {'name': ''},
                     {'type': 'torus'}, {'type': []}, {'transform': None},
                     {'type': 'camera', 'properties': None},
                     {'transform': {**transform, 'scale': [1, 1]}},
                     {'transform': {**transform, 'scale': [1, 1, 1e400]}},
                     {'transform': {**transform, 'scale': [1, 1, 1e39]}},
                     {'transform': {**transform, 'scale': 'abc'}},
                     {'type': 'asset_ref', 'asset_id': 'tree'}, {'last_updated_at': 'x'},
                     {'type': 'camera', 'properties': {'focal_length': 0}}):
            with self.subTest(more=more), self.assertRaises(MALFORMED):
                protocol.read_object(told(**more))
        for whole in (None, [], 7, 'x', {}):
            with self.subTest(whole=whole), self.assertRaises(MALFORMED):
                protocol.read_object(whole)

    def test_check(self):
        """What cannot be shared is refused before it is sent"""
        SharedObject(ID, 'Tree', 'asset_ref', asset_id='tree', asset_library='a.blend').check()
        for bad in (SharedObject('x', 'a', 'cube'), SharedObject(ID, '', 'cube'),
                    SharedObject(ID, 'a', 'torus'), SharedObject(ID, 'a', 'asset_ref'),
                    SharedObject(ID, 'a', 'cube', asset_id='a', asset_library='b'),
                    SharedObject(ID, 'a', 'cube', (1,) * 8),
                    SharedObject(ID, 'a', 'cube', properties={'power': 1})):
            with self.subTest(bad=bad), self.assertRaises(ValueError):
                bad.check()

    def test_copies(self):
        """A copy is a thing of its own, also its properties"""
        item = SharedObject(ID, 'Lamp', 'sun_light')
        twin = item.copy()
        twin.set('intensity', 3.0)
        twin.set('name', 'Sun')
        twin.writers['name'] = 'x'
        self.assertEqual((item.get('intensity'), item.get('name'), item.writers), (1, 'Lamp', {}))
        self.assertFalse(item.looks_like(twin))
        self.assertTrue(item.looks_like(item.copy()))
        self.assertEqual(protocol.PROPERTIES['sun_light']['intensity'], 1)

    def test_selection(self):
        """What is selected shows as far as it is there"""
        objects = {'a': 1, 'b': 2}
        user = User('u', 'Anna', (1, 2, 3), objects=objects)
        user.select('a', ['a', 'c', 'b'])
        self.assertEqual((user.selected, user.selection), ('a', ('a', 'b')))
        objects['c'] = 3
        self.assertEqual(user.selection, ('a', 'c', 'b'))
        user.deselect('a')
        self.assertEqual((user.selected, user.selection), (None, ('c', 'b')))


class Messages(unittest.TestCase):

    def test_numbers_survive(self):
        """A float32 comes back from the text of a transform as it was"""
        values = (0.1, -1e-38, 3.4028232e38, 1 / 3, math.pi, -0.0, 1e10, 16777217, 123456.789)
        transform = protocol.clean_transform(values)
        payload = json.loads(messages.update_transform(ID, transform, 5))['payload']['transform']
        self.assertEqual(protocol.read_transform(payload), transform)

    def test_batch(self):
        """A BATCH of every kind of edit"""
        lamp = SharedObject(ID, 'Lämp "1"\\', 'sun_light')
        tree = SharedObject(ID, 'Tree', 'asset_ref', asset_id='tree', asset_library='a.blend')
        events = [messages.create_object(lamp, 1), messages.create_object(tree, 2),
                  messages.delete_object(ID, 3), messages.update_name(ID, '\U0001f600', 4),
                  messages.update_properties(ID, {'color': (1, 0.5, 0)}, 5),
                  messages.update_transform(ID, protocol.IDENTITY, 6),
                  messages.select_object(None, [ID], 7)]
        message = json.loads(messages.batch(events, '9', 'me "x"', 8))
        self.assertEqual((message['event_type'], message['event_id'], message['source_user_id'],
                          message['timestamp']), ('BATCH', '9', 'me "x"', 8))
        found = message['payload']['events']
        self.assertEqual([e['timestamp'] for e in found], [1, 2, 3, 4, 5, 6, 7])
        self.assertEqual(found[0]['payload']['name'], 'Lämp "1"\\')
        self.assertEqual(found[1]['payload']['asset_library'], 'a.blend')
        self.assertNotIn('asset_id', found[0]['payload'])
        self.assertEqual(found[4]['payload']['properties'], {'color': [1, 0.5, 0]})
        self.assertEqual(found[6]['payload'], {'object_id': None, 'object_ids': [ID]})

    def test_no_nan(self):
        """What is no JSON is never sent"""
        with self.assertRaises(ValueError):
            messages.encode({'x': math.nan})


class Texts(unittest.TestCase):

    def test_every_code_of_the_protocol(self):
        """Each has a sentence; one that is new is told in the server's words"""
        for code in ('MALFORMED_MESSAGE', 'UNKNOWN_EVENT', 'INVALID_PAYLOAD', 'NOT_JOINED',
                     'ALREADY_JOINED', 'USER_MISMATCH', 'USER_ID_IN_USE', 'SESSION_FULL',
                     'TOO_MANY_SESSIONS', 'TOO_MANY_OBJECTS', 'OBJECT_EXISTS', 'OBJECT_NOT_FOUND',
                     'CONFLICT', 'RATE_LIMITED', 'MESSAGE_TOO_LARGE', 'UNSUPPORTED_VERSION',
                     'FORBIDDEN', 'DURABILITY_DEGRADED', 'KICKED', 'SESSION_CLOSED',
                     'SERVER_SHUTTING_DOWN', 'INTERNAL', 'DURABILITY_RESTORED', 'EPOCH_CHANGED'):
            self.assertNotIn(code, texts.LOCAL_CODES)
            self.assertNotIn(code, texts.sentence(code))
        self.assertEqual(texts.sentence('NEW_CODE', 'no such luck'), 'no such luck')
        self.assertEqual(texts.sentence('NEW_CODE'), 'NEW_CODE')

    def test_details(self):
        """What the server said is added where it helps"""
        self.assertEqual(texts.sentence('KICKED', 'wrong room'),
                         'You were removed from the room (wrong room)')
        self.assertNotIn('wrong', texts.sentence('SESSION_FULL', 'wrong'))
        self.assertEqual(texts.sentence('KICKED', translate=lambda text: 'Rausgeworfen'),
                         'Rausgeworfen')


if __name__ == '__main__':
    tap.main()
