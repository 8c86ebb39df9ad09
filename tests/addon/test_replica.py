# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The rule of the pending register, event by event."""

import unittest

from core.protocol import MALFORMED, SharedObject
from core.replica import CREATED, DELETED, EXISTS, MAX_TOMBSTONES, REPLACED, Replica
from support import tap

A = '00000000-0000-4000-8000-00000000000a'
B = '00000000-0000-4000-8000-00000000000b'


def place(x):
    return {'position': [x, 0, 0], 'rotation': [0, 0, 0], 'scale': [1, 1, 1]}


def at(x):
    return (float(x), 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0)


def told(object_id=A, kind='cube', x=0, name='Cube', by='ben', properties=None):
    return {'object_id': object_id, 'name': name, 'type': kind, 'asset_id': None,
            'asset_library': None, 'transform': place(x), 'properties': properties or {},
            'created_by': by, 'last_updated_by': by, 'last_updated_at': 1, 'revision': 1}


class Base(unittest.TestCase):

    def setUp(self):
        self.replica = Replica('me')
        self.objects = self.replica.objects

    def hear(self, kind, payload, by='ben', time=50):
        self.assertTrue(self.replica.apply(kind, {
            'event_type': kind, 'source_user_id': by, 'timestamp': time, 'payload': payload}))

    def have(self, **how):
        self.hear('OBJECT_CREATED', told(**how))
        self.replica.changed.clear()

    def move(self, x, object_id=A, by='ben'):
        self.hear('TRANSFORM_UPDATED', {'object_id': object_id, 'transform': place(x)}, by)

    def write(self, register, value, object_id=A):
        return self.replica.write(object_id, register, value, 10, 12)

    def send(self, event_id, object_id=A):
        """What waits of an object is sent."""
        for entry in self.replica.pending[object_id].values():
            entry.event_id = entry.event_id or event_id

    def answer(self, event_id, *registers, object_id=A):
        self.replica.settle(object_id, registers, event_id)

    def changed(self):
        changed = set(self.replica.changed)
        self.replica.changed.clear()
        return changed


class Registers(Base):

    def test_remote_change(self):
        """A change of somebody else is taken over and noted"""
        self.have()
        self.move(3)
        self.hear('NAME_UPDATED', {'object_id': A, 'name': 'Box'}, by='anna', time=60)
        item = self.objects[A]
        self.assertEqual((item.transform, item.name), (at(3), 'Box'))
        self.assertEqual((item.updated_by, item.updated_at), ('anna', 60))
        self.assertEqual(item.writers, {'transform': 'ben', 'name': 'anna'})
        self.assertEqual(self.changed(), {A})

    def test_waiting_wins(self):
        """Before the answer nothing is applied over what we wrote, sent or not"""
        self.have()
        self.assertEqual(self.write('transform', at(1)), 'transform')
        self.move(2)
        self.assertEqual(self.objects[A].transform, at(1))
        self.send('1')
        self.move(3)
        self.assertEqual(self.objects[A].transform, at(1))
        self.assertEqual(self.changed(), set())
        self.answer('1', 'transform')
        self.assertFalse(self.replica.pending)
        self.move(4)
        self.assertEqual(self.objects[A].transform, at(4))
        self.assertEqual(self.replica.n_pending, 0)

    def test_last_answer_counts(self):
        """The answer to an older write of the same register changes nothing"""
        self.have()
        self.write('transform', at(1))
        self.send('1')
        self.write('transform', at(2))
        self.answer('1', 'transform')
        self.move(9)
        self.assertEqual(self.objects[A].transform, at(2))
        self.assertEqual(self.replica.n_pending, 1)

    def test_other_registers(self):
        """Only what we wrote is held"""
        self.have(kind='sun_light')
        self.write('intensity', 5.0)
        self.hear('PROPERTIES_UPDATED', {'object_id': A, 'properties': {
            'color': [1, 0, 0], 'intensity': 7, 'angle': 0.5}})
        self.assertEqual(self.objects[A].properties,
                         {'color': (1, 0, 0), 'intensity': 5, 'angle': 0.5})
        self.assertEqual(self.objects[A].writers,
                         {'intensity': 'me', 'color': 'ben', 'angle': 'ben'})

    def test_whole_set_of_properties(self):
        """A property that is told again as it was is not written by who is told of"""
        self.have(kind='sun_light')
        self.hear('PROPERTIES_UPDATED', {'object_id': A, 'properties': {
            'color': [1, 1, 1], 'intensity': 7, 'angle': self.objects[A].get('angle')}})
        self.assertEqual(self.objects[A].writers, {'intensity': 'ben'})

    def test_correction(self):
        """A correction counts like any remote value, but does not tell who wrote"""
        self.have()
        self.write('transform', at(1))
        self.answer('x', 'transform')
        self.move(2, by='server')
        self.assertEqual(self.objects[A].transform, at(1))
        self.send('1')
        self.answer('1', 'transform')
        self.move(2, by='server')
        item = self.objects[A]
        self.assertEqual((item.transform, item.writers['transform'], item.updated_by),
                         (at(2), 'server', 'me'))

    def test_same_value(self):
        """What is so already is no edit"""
        self.have()
        self.assertIsNone(self.write('transform', at(0)))
        self.assertIsNone(self.write('name', 'x', object_id=B))
        self.assertFalse(self.replica.pending)

    def test_malformed(self):
        """A broken event raises, and changes nothing"""
        self.have(kind='camera')
        for kind, payload in (('TRANSFORM_UPDATED', {'object_id': A, 'transform': {}}),
                              ('TRANSFORM_UPDATED', {'transform': place(1)}),
                              ('TRANSFORM_UPDATED', None), ('NAME_UPDATED', {'object_id': A}),
                              ('NAME_UPDATED', {'object_id': A, 'name': 'a\n'}),
                              ('PROPERTIES_UPDATED', {'object_id': A, 'properties': 3}),
                              ('OBJECT_CREATED', {}), ('OBJECT_DELETED', {'object_id': []}),
                              ('USER_JOINED', {'user_id': 'x'}), ('USER_SELECTED', {})):
            with self.subTest(kind=kind, payload=payload), self.assertRaises(MALFORMED):
                self.hear(kind, payload)
        self.assertEqual(self.objects[A].transform, at(0))
        self.assertFalse(self.replica.changed)

    def test_unknown(self):
        """An event of a later version is nobody's"""
        self.assertFalse(self.replica.apply('OBJECT_LOCKED', {}))


class Existence(Base):

    def item(self, kind='cube', name='mine'):
        return SharedObject(A, name, kind)

    def test_create(self):
        """Our own creation stands until it is answered"""
        self.replica.create(self.item(), 10)
        self.assertTrue(self.replica.is_pending(A, 'transform'))
        self.hear('OBJECT_CREATED', told(name='theirs'))
        self.hear('OBJECT_DELETED', {'object_id': A, 'deleted_by': 'ben'})
        self.move(3)
        self.assertEqual((self.objects[A].name, self.objects[A].transform), ('mine', at(0)))
        self.send('1')
        self.answer('1', EXISTS)
        self.hear('OBJECT_CREATED', told(name='theirs'), by='server')
        self.assertEqual(self.objects[A].name, 'theirs')

    def test_edit_of_what_waits(self):
        """An edit goes into a creation that was not sent yet"""
        self.replica.create(self.item(), 10)
        self.assertEqual(self.write('transform', at(1)), EXISTS)
        self.assertEqual(self.replica.n_pending, 1)
        self.send('1')
        self.assertEqual(self.write('transform', at(2)), 'transform')
        self.assertEqual(self.replica.n_pending, 2)
        self.answer('1', EXISTS)
        self.assertEqual(self.replica.n_pending, 1)

    def test_delete(self):
        """Our deletion covers all that was written before, and stands"""
        self.have()
        self.write('transform', at(1))
        self.write('name', 'x')
        self.replica.delete(A, 11)
        self.assertEqual(self.replica.n_pending, 1)
        self.hear('OBJECT_CREATED', told(name='theirs'))
        self.move(2)
        self.assertNotIn(A, self.objects)
        self.assertEqual(self.replica.tombstones[A][0], 'me')
        self.assertIsNone(self.replica.delete(A, 12))

    def existence(self):
        return self.replica.pending[A][EXISTS].value

    def test_what_is_said(self):
        """Deletion and creation of one id before anything is sent"""
        self.replica.create(self.item(), 10)
        self.assertEqual(self.existence(), CREATED)
        self.replica.delete(A, 11)
        self.assertEqual(self.existence(), DELETED)
        self.replica.create(self.item(), 12)
        self.assertEqual(self.existence(), REPLACED)
        self.assertNotIn(A, self.replica.tombstones)
        self.replica.create(self.item('sphere'), 13)
        self.assertEqual(self.existence(), REPLACED)

    def test_replace(self):
        """Another type in the place of an object"""
        self.have()
        self.replica.create(self.item('sphere'), 10)
        self.assertEqual(self.existence(), REPLACED)
        self.send('1')
        self.replica.delete(A, 11)
        self.replica.create(self.item(), 12)
        self.assertEqual(self.existence(), REPLACED)

    def test_remote_deletion(self):
        """An object goes, with a note of who deleted it"""
        self.have()
        self.hear('OBJECT_DELETED', {'object_id': A, 'deleted_by': 'ben'})
        self.assertEqual((dict(self.objects), self.changed()), ({}, {A}))
        self.assertEqual(self.replica.tombstones[A][0], 'ben')
        self.hear('OBJECT_DELETED', {'object_id': A, 'deleted_by': 'ben'})
        self.assertEqual(self.changed(), set())

    def test_pending_over_a_new_object(self):
        """What is unanswered stays pending over a deletion, and stands in the next of that id"""
        self.have()
        self.write('transform', at(1))
        self.send('1')
        self.hear('OBJECT_DELETED', {'object_id': A, 'deleted_by': 'ben'})
        self.hear('OBJECT_CREATED', told(x=5, name='new'))
        self.assertEqual((self.objects[A].transform, self.objects[A].name), (at(1), 'new'))
        self.answer('1', 'transform')
        self.move(6)
        self.assertEqual(self.objects[A].transform, at(6))

    def test_pending_of_another_type(self):
        """A property that the new object does not have is not laid over it"""
        self.have(kind='camera')
        self.write('focal_length', 20.0)
        self.hear('OBJECT_DELETED', {'object_id': A, 'deleted_by': 'ben'})
        self.hear('OBJECT_CREATED', told(kind='cube'))
        self.assertEqual(self.objects[A].properties, {})

    def test_tombstones_are_bounded(self):
        """The oldest go"""
        for number in range(MAX_TOMBSTONES + 5):
            object_id = f'00000000-0000-4000-8000-{number:012x}'
            self.hear('OBJECT_CREATED', told(object_id))
            self.hear('OBJECT_DELETED', {'object_id': object_id, 'deleted_by': 'ben'})
        self.assertEqual(len(self.replica.tombstones), MAX_TOMBSTONES)
        self.assertIn(object_id, self.replica.tombstones)


class States(Base):

    def state(self, *values):
        from core.protocol import read_object
        self.replica.take_state({value['object_id']: read_object(value) for value in values})

    def test_replaces(self):
        """What is new, gone or different is noted, the rest is not"""
        same = '00000000-0000-4000-8000-00000000000c'
        self.have()
        self.have(object_id=same)
        self.move(4, object_id=same, by='anna')
        self.replica.changed.clear()
        objects = self.objects
        self.state(told(B), told(same, x=4))
        self.assertEqual(self.changed(), {A, B})
        self.assertIs(self.replica.objects, objects)
        self.assertEqual(set(objects), {B, same})
        self.assertEqual(self.replica.tombstones[A][0], None)
        self.assertEqual(objects[same].writers, {'transform': 'anna'}, 'who wrote is still known')
        self.state(told(A), told(B, x=1), told(same, x=4))
        self.assertEqual(self.changed(), {A, B})
        self.assertNotIn(A, self.replica.tombstones)

    def test_pending_stays(self):
        """What we wrote and what we decided is kept over a state"""
        self.have()
        self.write('transform', at(1))
        self.replica.create(SharedObject(B, 'mine', 'cube'), 10)
        self.state(told(A, x=7, name='theirs'))
        self.assertEqual((self.objects[A].transform, self.objects[A].name), (at(1), 'theirs'))
        self.assertEqual(self.objects[B].name, 'mine')
        self.assertEqual(self.changed(), {A})
        self.replica.delete(A, 11)
        self.state(told(A), told(B))
        self.assertEqual((set(self.objects), self.objects[B].name), ({B}, 'mine'))
        self.assertEqual(self.changed(), set())


class People(Base):

    def join(self, user_id='ben'):
        self.hear('USER_JOINED', {'user_id': user_id, 'display_name': 'Ben', 'color': [1, 2, 300]},
                  by=user_id)

    def test_comes_and_goes(self):
        """Users, their colours and the news of them"""
        self.join()
        user = self.replica.users['ben']
        self.assertEqual((user.name, user.color, user.connected_at), ('Ben', (1, 2, 255), 50))
        self.hear('USER_LEFT', {'user_id': 'ben', 'reason': 'kicked'})
        self.hear('USER_LEFT', {'user_id': 'ben', 'reason': 'kicked'})
        self.assertEqual(self.replica.news, [('joined', user), ('left', user, 'kicked')])
        self.assertEqual(self.replica.users, {})

    def test_selection(self):
        """A selection shrinks with the objects, and is not inherited by the next of that id"""
        self.join()
        self.have()
        self.have(object_id=B)
        self.hear('USER_SELECTED', {'user_id': 'ben', 'object_id': A, 'object_ids': [A, B]})
        user = self.replica.users['ben']
        self.assertEqual((user.selected, user.selection), (A, (A, B)))
        self.hear('OBJECT_DELETED', {'object_id': A, 'deleted_by': 'ben'})
        self.replica.create(SharedObject(A, 'mine', 'cube'), 10)
        self.assertEqual((user.selected, user.selection), (None, (B,)))
        self.hear('USER_SELECTED', {'user_id': 'anna', 'object_id': A, 'object_ids': [A]})

    def test_selection_over_our_deletion(self):
        """If our deletion came to nothing, the object is back as it was selected"""
        self.join()
        self.have()
        self.replica.delete(A, 10)
        self.hear('USER_SELECTED', {'user_id': 'ben', 'object_id': A, 'object_ids': [A]})
        user = self.replica.users['ben']
        self.assertEqual((user.selected, user.selection), (None, ()))
        self.send('1')
        self.answer('1', EXISTS)
        self.hear('OBJECT_CREATED', told(), by='server')
        self.assertEqual((user.selected, user.selection), (A, (A,)))


if __name__ == '__main__':
    tap.main()
