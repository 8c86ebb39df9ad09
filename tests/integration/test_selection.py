# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Who has selected what."""

from support import tap
from support.case import DaemonTest
from support.client import new_id


class Selection(DaemonTest):

    def setUp(self):
        super().setUp()
        self.a, self.b = self.join('a'), self.join('b')
        self.x, self.y, self.z = (self.a.create(ack=True) for _ in range(3))
        self.a.barrier()
        self.b.barrier()

    def told(self):
        return self.b.expect('USER_SELECTED')

    def kept(self, user='a'):
        facts = self.state()['users'][user]
        return facts['selected_object'], facts['selected_objects']

    def test_one(self):
        """One object, then none"""
        self.a.send('SELECT_OBJECT', {'object_id': self.x})
        told = self.told()
        self.assertEqual(told['source_user_id'], 'a')
        self.assertEqual(told['payload'],
                         {'user_id': 'a', 'object_id': self.x, 'object_ids': [self.x]})
        self.assertNotIn('revision', told)
        self.assertEqual(self.kept(), (self.x, [self.x]))
        self.a.send('SELECT_OBJECT', {'object_id': None})
        self.b.barrier()
        self.assertEqual(self.kept(), (None, []))

    def test_several(self):
        """An active object among several"""
        self.a.send('SELECT_OBJECT', {'object_id': self.y, 'object_ids': [self.x, self.y, self.z]})
        told = self.told()['payload']
        self.assertEqual(told['object_id'], self.y)
        self.assertEqual(set(told['object_ids']), {self.x, self.y, self.z})
        active, ids = self.kept()
        self.assertEqual((active, set(ids)), (self.y, {self.x, self.y, self.z}))

    def test_several_without_active(self):
        """Selected objects need no active one; repetitions count once"""
        self.a.send('SELECT_OBJECT', {'object_id': None, 'object_ids': [self.x, self.z, self.x]})
        told = self.told()['payload']
        self.assertIsNone(told['object_id'])
        self.assertEqual(sorted(told['object_ids']), sorted([self.x, self.z]))

    def test_active_is_selected(self):
        """The active object counts as selected"""
        self.a.send('SELECT_OBJECT', {'object_id': self.x, 'object_ids': [self.y]})
        self.assertEqual(set(self.told()['payload']['object_ids']), {self.x, self.y})

    def test_no_revision(self):
        """A selection is no change of the scene"""
        before = self.state()['revision']
        self.a.send('SELECT_OBJECT', {'object_id': self.x})
        self.told()
        self.assertEqual(self.state()['revision'], before)

    def test_order(self):
        """A selection keeps its place among edits"""
        self.a.send('UPDATE_NAME', {'object_id': self.x, 'name': 'one'})
        self.a.send('SELECT_OBJECT', {'object_id': self.x})
        self.a.send('UPDATE_NAME', {'object_id': self.x, 'name': 'two'})
        self.assertEqual([self.b.receive()['event_type'] for _ in range(3)],
                         ['NAME_UPDATED', 'USER_SELECTED', 'NAME_UPDATED'])

    def test_deletion_clears(self):
        """A deleted object is selected by nobody"""
        self.a.send('SELECT_OBJECT', {'object_id': self.x, 'object_ids': [self.x, self.y]})
        self.b.send('SELECT_OBJECT', {'object_id': self.x})
        self.a.barrier()
        self.b.barrier()
        self.b.send('DELETE_OBJECT', {'object_id': self.x})
        self.a.expect('OBJECT_DELETED')
        users = self.state()['users']
        self.assertEqual((users['a']['selected_object'], users['a']['selected_objects']),
                         (None, [self.y]))
        self.assertEqual((users['b']['selected_object'], users['b']['selected_objects']),
                         (None, []))

    def test_gone_or_unknown_is_not_kept(self):
        """Nobody is ever shown with an object selected that does not exist"""
        self.a.send('DELETE_OBJECT', {'object_id': self.x})
        self.a.send('SELECT_OBJECT', {'object_id': self.x,
                                      'object_ids': [self.x, self.y, new_id()]})
        self.a.barrier()
        state = self.state()
        self.assertLessEqual(set(state['users']['a']['selected_objects']), set(state['objects']))
        self.assertIn(state['users']['a']['selected_object'], [None, *state['objects']])

    def test_leaving_clears(self):
        """Who comes back has nothing selected"""
        self.a.send('SELECT_OBJECT', {'object_id': self.x})
        self.a.send('LEAVE_SESSION')
        self.a.join()
        self.assertEqual(self.kept(), (None, []))

    def test_thousand(self):
        """1000 objects may be selected, 1001 not"""
        ids = [new_id() for _ in range(999)]
        self.a.acked_batch([('CREATE_OBJECT', {'object_id': i, 'name': 'n', 'type': 'cube'})
                            for i in ids])
        self.b.barrier()
        ids.append(self.x)
        self.a.send('SELECT_OBJECT', {'object_id': self.x, 'object_ids': ids})
        self.assertEqual(len(self.told()['payload']['object_ids']), 1000)
        self.a.send('SELECT_OBJECT', {'object_id': self.x, 'object_ids': ids + [self.y]})
        self.a.expect_error('INVALID_PAYLOAD', 'object_ids', '1000')
        self.assertEqual(len(self.kept()[1]), 1000)


if __name__ == '__main__':
    tap.main()
