#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""After an undo everybody is who they were."""

import unittest

from core.matching import Found, Known, Tombstone, match
from support import tap
from support.case import seeded

KINDS = ('cube', 'sphere', 'camera')


def cube(key, name, tag=None, uid=None, kind='cube'):
    return Found(key, uid, name, tag, kind)


class Rules(unittest.TestCase):

    def check(self, found, known=None, graves=None, **wanted):
        result = match(found, known or {}, graves or {})
        expected = {'matched': {}, 'lost': [], 'revived': [], 'foreign': [], 'new': [], **wanted}
        self.assertEqual(vars(result), expected)

    def test_nothing(self):
        self.check([])
        self.check([], {'a': Known(None, 'Cube', 'cube')}, lost=['a'])
        self.check([cube(1, 'Cube')], new=[1])

    def test_tag(self):
        """A tag that one object carries says who it is, whatever it is called"""
        self.check([cube(1, 'Other', 'a')], {'a': Known(None, 'Cube', 'cube')}, matched={'a': 1})

    def test_uid_before_tag(self):
        """A copy still has the tag of the original; its uid says who it is"""
        self.check([cube(1, 'Cube', 'a', 11), cube(2, 'Cube.001', 'a', 12)],
                   {'a': Known(11, 'Cube', 'cube'), 'b': Known(12, 'Cube.001', 'cube')},
                   matched={'a': 1, 'b': 2})
        self.check([cube(2, 'Cube', 'a', 12), cube(1, 'Cube.001', 'a', 11)],
                   {'a': Known(11, 'Cube', 'cube'), 'b': Known(12, 'Cube.001', 'cube')},
                   matched={'a': 1, 'b': 2})

    def test_earlier_name(self):
        """The undo of a rename brings back the name that it had; a present name goes before one"""
        self.check([cube(1, 'Cube')], {'a': Known(None, 'Hero', 'cube', ('Cube',))},
                   matched={'a': 1})
        self.check([cube(1, 'Cube')], {'b': Known(None, 'Cube', 'cube'),
                                       'a': Known(None, 'Hero', 'cube', ('Cube',))},
                   matched={'b': 1}, lost=['a'])

    def test_who_was_born_with_a_tag(self):
        """An object that always carried its tag is none that has not got it, whatever its name"""
        known = {'b': Known(None, 'Cube', 'cube', (), True)}
        self.check([cube(1, 'Cube')], known, {'a': Tombstone('Cube', 'cube', True)},
                   revived=[('a', 1)], lost=['b'])
        self.check([cube(1, 'Cube')], known, lost=['b'], new=[1])
        self.check([cube(1, 'Other', 'b')], known, matched={'b': 1})

    def test_uid_of_a_deleted_one(self):
        """The redo of an add: the uid says which of the deleted ones it was"""
        self.check([cube(1, 'Cube', None, 7)], {},
                   {'a': Tombstone('Cube', 'cube', True, 7), 'b': Tombstone('Cube', 'cube', True, 8)},
                   revived=[('a', 1)])

    def test_copy_without_uid(self):
        """Among those with the same tag, names say who they are"""
        self.check([cube(1, 'Cube', 'a'), cube(2, 'Cube.001', 'a')],
                   {'a': Known(None, 'Cube', 'cube'), 'b': Known(None, 'Cube.001', 'cube')},
                   matched={'a': 1, 'b': 2})

    def test_copy_of_a_renamed_one(self):
        """The undo of a rename: the copy is known by its name, so the other one is the original"""
        self.check([cube(1, 'Cube', 'a'), cube(2, 'Cube.001', 'a')],
                   {'a': Known(None, 'Hero', 'cube'), 'b': Known(None, 'Cube.001', 'cube')},
                   matched={'a': 1, 'b': 2})
        self.check([cube(1, 'Cube', 'a'), cube(2, 'Cube.001', 'a')],
                   {'a': Known(None, 'Hero', 'cube')}, matched={'a': 1}, new=[2])

    def test_copy_of_an_edited_one(self):
        """A name tells originals from copies even where the kind is none that is shared"""
        self.check([cube(1, 'Cube.001', 'a'), cube(2, 'Cube', 'a', kind=None)],
                   {'a': Known(None, 'Cube', 'cube')}, matched={'a': 2}, new=[1])

    def test_undo_and_redo_of_a_duplicate(self):
        self.check([cube(1, 'Cube', 'a')],
                   {'a': Known(None, 'Cube', 'cube'), 'b': Known(None, 'Cube.001', 'cube')},
                   matched={'a': 1}, lost=['b'])
        self.check([cube(1, 'Cube', 'a'), cube(2, 'Cube.001', 'a')],
                   {'a': Known(None, 'Cube', 'cube')}, {'b': Tombstone('Cube.001', 'cube', True)},
                   matched={'a': 1}, revived=[('b', 2)])

    def test_undo_of_a_delete(self):
        self.check([cube(1, 'Cube', 'a')], graves={'a': Tombstone('Cube', 'cube', True)},
                   revived=[('a', 1)])
        self.check([cube(1, 'Cube')], graves={'a': Tombstone('Cube', 'cube', True)},
                   revived=[('a', 1)])

    def test_deleted_by_another(self):
        """Nobody's deletion but one's own is undone"""
        self.check([cube(1, 'Cube', 'a')], graves={'a': Tombstone('Cube', 'cube', False)},
                   foreign=[('a', 1)])
        self.check([cube(1, 'Cube')], graves={'a': Tombstone('Cube', 'cube', False)},
                   foreign=[('a', 1)])

    def test_tag_was_lost(self):
        """The tag was set after the operator's own undo step: name and kind are left"""
        self.check([cube(1, 'Cube'), cube(2, 'Sphere', kind='sphere')],
                   {'a': Known(None, 'Cube', 'cube'), 'b': Known(None, 'Sphere', 'sphere')},
                   matched={'a': 1, 'b': 2})

    def test_name_of_another_kind(self):
        self.check([cube(1, 'Cube', kind='sphere'), cube(2, 'Sphere', kind=None)],
                   {'a': Known(None, 'Cube', 'cube'), 'b': Known(None, 'Sphere', 'sphere')},
                   lost=['a', 'b'], new=[1, 2])

    def test_living_before_dead_and_mine_before_others(self):
        graves = {'x': Tombstone('Cube', 'cube', True), 'y': Tombstone('Cube', 'cube', True),
                  'z': Tombstone('Cube', 'cube', False)}
        self.check([cube(1, 'Cube')], {'a': Known(None, 'Cube', 'cube')}, graves, matched={'a': 1})
        self.check([cube(1, 'Cube')], {}, graves, revived=[('y', 1)])

    def test_a_grave_opens_once(self):
        self.check([cube(1, 'A', 'a'), cube(2, 'B', 'a'), cube(3, 'C', 'a')],
                   graves={'a': Tombstone('B', 'cube', True)}, revived=[('a', 2)], new=[1, 3])

    def test_the_grave_of_that_name_is_empty(self):
        graves = {'x': Tombstone('Cube', 'cube', True), 'y': Tombstone('Cube', 'cube', True)}
        self.check([cube(1, 'Ball', 'y'), cube(2, 'Cube')], graves=graves,
                   revived=[('y', 1), ('x', 2)])

    def test_unknown_tag(self):
        """A tag from another session is none"""
        self.check([cube(1, 'Cube', 'q'), cube(2, 'Ball', 'q')],
                   {'a': Known(None, 'Cube', 'cube')}, matched={'a': 1}, new=[2])

    def test_uids_do_not_stand_for_missing_ones(self):
        self.check([cube(1, 'X', uid=None), cube(2, 'Y', uid=7)],
                   {'a': Known(None, 'Cube', 'cube'), 'b': Known(9, 'Cube.001', 'cube')},
                   lost=['a', 'b'], new=[1, 2])


class World:
    """A scene with a history of undo steps, as Blender keeps it, and its users."""

    def __init__(self, random, has_uids):
        self.random = random
        self.has_uids = has_uids
        self.count = 0
        self.scene = {}  # object number -> [name, tag, kind]
        self.known = {}  # id -> object number: the truth
        self.graves = {}  # id -> (object number, Tombstone)
        self.steps = [{}]

    def names(self):
        return {name for name, _, _ in self.scene.values()}

    def free_name(self, base):
        name, number = base, 0
        while name in self.names():
            number += 1
            name = f'{base}.{number:03}'
        return name

    def push(self):
        self.steps.append({number: list(what) for number, what in self.scene.items()})

    def tag_new(self, number):
        self.count += 1
        object_id = f'id{self.count}'
        self.scene[number][1] = object_id
        self.known[object_id] = number

    def add(self, mine):
        self.count += 1
        kind = self.random.choice(KINDS)
        self.scene[self.count] = [self.free_name(kind), None, kind]
        number = self.count
        if mine:
            self.push()  # the operator's own step comes before the tag
        self.tag_new(number)

    def duplicate(self):
        if not self.scene:
            return
        name, tag, kind = self.scene[self.random.choice(list(self.scene))]
        self.count += 1
        number = self.count
        self.scene[number] = [self.free_name(name.split('.')[0]), tag, kind]
        self.push()
        self.tag_new(number)

    def delete(self, mine):
        if not self.known:
            return
        object_id = self.random.choice(list(self.known))
        number = self.known.pop(object_id)
        name, _, kind = self.scene.pop(number)
        self.graves[object_id] = number, Tombstone(name, kind, mine)
        if mine:
            self.push()

    def rename(self):
        if not self.scene:
            return
        number = self.random.choice(list(self.scene))
        self.scene[number][0] = self.free_name(self.random.choice('ABCDEF'))
        self.push()

    def undo(self, step):
        """What is found in that step, and who is known before it."""
        known = {object_id: Known(number if self.has_uids else None, self.scene[number][0],
                                  self.scene[number][2])
                 for object_id, number in self.known.items()}
        found = [Found(number, number if self.has_uids else None, *what)
                 for number, what in self.steps[step].items()]
        self.random.shuffle(found)
        return found, known, {object_id: grave for object_id, (_, grave) in self.graves.items()}


class RandomScenes(unittest.TestCase):

    def worlds(self, has_uids):
        random = seeded()
        for _ in range(400):
            world = World(random, has_uids)
            for _ in range(random.randrange(1, 25)):
                act = random.randrange(10)
                if act < 3:
                    world.add(True)
                elif act < 5:
                    world.add(False)
                elif act < 7:
                    world.duplicate()
                elif act < 9:
                    world.delete(act == 7)
                else:
                    world.rename()
            yield random, world, random.randrange(len(world.steps))

    def check_is_partition(self, found, known, graves, result):
        """Everyone is somebody once, and nobody is two"""
        keys = [*result.matched.values(), *(key for _, key in result.revived + result.foreign),
                *result.new]
        self.assertEqual(sorted(keys), sorted(one.key for one in found))
        self.assertEqual(set(result.matched) | set(result.lost), set(known))
        self.assertEqual(len(result.matched) + len(result.lost), len(known))
        revived = [object_id for object_id, _ in result.revived]
        self.assertEqual(len(revived), len(set(revived)))
        for object_id in revived:
            self.assertTrue(graves[object_id].mine)
        self.assertLessEqual(len(result.foreign), sum(not grave.mine for grave in graves.values()))

    def test_with_uids(self):
        """With uids everybody who is known is found, and nobody else is taken for them"""
        for _, world, step in self.worlds(True):
            found, known, graves = world.undo(step)
            result = match(found, known, graves)
            self.check_is_partition(found, known, graves, result)
            here = {one.key for one in found}
            for object_id, number in world.known.items():
                if number in here:
                    self.assertEqual(result.matched.get(object_id), number)

    def test_without_uids(self):
        for _, world, step in self.worlds(False):
            found, known, graves = world.undo(step)
            self.check_is_partition(found, known, graves, match(found, known, graves))

    def test_the_last_step(self):
        """The last step before now, where nothing was renamed or deleted since: everybody is found
        without uids too"""
        for _, world, _ in self.worlds(False):
            world.add(True)
            world.duplicate()
            found, known, graves = world.undo(-1)
            result = match(found, known, graves)
            self.assertEqual(result.matched, world.known)
            self.assertEqual((result.lost, result.revived, result.foreign, result.new),
                             ([], [], [], []))

    def test_any_order_of_what_is_found(self):
        """With uids or different names the order in which Blender lists objects means nothing"""
        for random, world, step in self.worlds(True):
            found, known, graves = world.undo(step)
            first = match(found, known, graves)
            random.shuffle(found)
            self.assertEqual(match(found, known, graves).matched, first.matched)


if __name__ == '__main__':
    tap.main()
