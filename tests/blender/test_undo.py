# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Ctrl+Z beside others: only one's own actions are undone.

Operators that are called from a script make an undo step only with `True` as second argument.
"""

from support import scenes, tap
from support.blender import BlenderTest

UNDO = 'bpy.ops.ed.undo()'
REDO = 'bpy.ops.ed.redo()'
ADD = "bpy.ops.mesh.primitive_cube_add('EXEC_DEFAULT', True, location=(x, 0, 0))"
MOVE = "bpy.ops.transform.translate('EXEC_DEFAULT', True, value=(0, y, 0))"
DELETE = "bpy.ops.object.delete('EXEC_DEFAULT', True)"


class TestUndo(BlenderTest):
    """Anna undoes; Ben is somebody else."""

    def setUp(self):
        super().setUp()
        self.anna, self.ben = [self.blender(background=True) for _ in range(2)]
        for blender, name in ((self.anna, 'Anna'), (self.ben, 'Ben')):
            blender.run('bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)')
            self.enter(blender, name)
            blender.run("bpy.ops.ed.undo_push(message='start')")

    def settle(self):
        for blender in (self.anna, self.ben):
            blender.run("bpy.ops.meerkat.wait(until='SENT', timeout=10.0)")
        return scenes.wait_settled(self, (self.anna, self.ben))

    def do(self, blender, *steps, **values):
        """Runs each step, with time between for the add-on, as between two actions of a person."""
        for step in steps:
            blender.run(step, **values)
            blender.run('for _ in range(5): bpy.ops.meerkat.tick()')

    def test_undo_and_redo_of_a_move(self):
        """The others see it go back, and forth again."""
        self.do(self.anna, ADD, MOVE, x=1, y=2)
        self.settle()
        self.do(self.anna, UNDO)
        self.assertEqual([i['transform']['position'] for i in self.settle().values()], [[1, 0, 0]])
        self.do(self.anna, REDO)
        self.assertEqual([i['transform']['position'] for i in self.settle().values()], [[1, 2, 0]])

    def test_undo_and_redo_of_an_add(self):
        """It is gone for everybody, and back with the same id."""
        self.do(self.anna, ADD, x=1)
        before = self.settle()
        self.do(self.anna, UNDO)
        self.assertEqual(self.settle(), {})
        self.do(self.anna, REDO)
        self.assertEqual(self.settle().keys(), before.keys())

    def test_undo_of_ones_own_deletion(self):
        """What one has deleted comes back under the id that it had; redo deletes it again."""
        self.do(self.anna, ADD, x=1)
        before = self.settle()
        self.do(self.anna, DELETE)
        self.assertEqual(self.settle(), {})
        self.do(self.anna, UNDO)
        self.assertEqual(self.settle().keys(), before.keys())
        self.do(self.anna, REDO)
        self.assertEqual(self.settle(), {})

    def test_undo_of_deleting_what_somebody_else_made(self):
        """Also then."""
        self.do(self.ben, ADD, x=1)
        before = self.settle()
        self.do(self.anna, ADD, "bpy.ops.object.select_all('EXEC_DEFAULT', True, action='SELECT')",
                x=2)
        both = self.settle()
        self.do(self.anna, DELETE)
        self.assertEqual(self.settle(), {})
        self.do(self.anna, UNDO)
        after = self.settle()
        self.assertEqual(after.keys(), both.keys())
        self.assertLess(before.keys(), after.keys())
        self.do(self.anna, REDO)
        self.assertEqual(self.settle(), {})

    def test_remote_object_survives_undo(self):
        """Blender's undo takes away what came from outside since; it comes back."""
        self.do(self.anna, ADD, x=1)
        self.do(self.ben, ADD, x=5)
        before = self.settle()
        self.do(self.anna, MOVE, y=3)
        self.do(self.anna, UNDO)
        self.assertEqual(self.settle().keys(), before.keys())
        self.do(self.anna, UNDO)
        left = self.settle()
        self.assertEqual([i['transform']['position'] for i in left.values()], [[5, 0, 0]])
        self.do(self.anna, REDO, REDO)
        after = self.settle()
        self.assertEqual(after.keys(), before.keys())

    def test_remote_move_survives_undo_and_redo(self):
        """What somebody else has moved stays where they put it."""
        self.do(self.anna, ADD, x=1)
        self.settle()
        self.do(self.anna, "bpy.ops.mesh.primitive_uv_sphere_add('EXEC_DEFAULT', True)")
        server = self.settle()
        cube = next(k for k, i in server.items() if i['type'] == 'cube')
        self.do(self.ben, "for o in bpy.data.objects:\n"
                          "    if o['meerkat_id'] == cube: o.location = (9, 9, 9)", cube=cube)
        self.settle()
        for step in (UNDO, UNDO, REDO, REDO, UNDO):
            self.do(self.anna, step)
            server = self.settle()
            if cube in server:
                self.assertEqual(server[cube]['transform']['position'], [9, 9, 9], step)

    def test_remote_delete_is_not_revived(self):
        """What somebody else has deleted stays deleted."""
        self.do(self.anna, ADD, MOVE, x=1, y=1)
        self.settle()
        self.do(self.ben, "bpy.data.objects.remove(bpy.context.scene.objects[0])")
        self.assertEqual(self.settle(), {})
        for step in (UNDO, REDO):
            self.do(self.anna, step)
            self.assertEqual(self.settle(), {})
        self.assertEqual(self.anna.run('result = len(bpy.context.scene.objects)'), 0)

    def test_ids_survive(self):
        """Every object keeps its id, though Blender forgets the tag that came after its push."""
        for x in range(3):
            self.do(self.anna, ADD, x=x)
        before = self.settle()
        self.do(self.anna, MOVE, y=1)
        for step in (UNDO, REDO, UNDO, REDO):
            self.do(self.anna, step)
            self.assertEqual(self.settle().keys(), before.keys())

    def test_undo_of_a_rename_and_of_a_property(self):
        """They go back too."""
        self.do(self.anna, "bpy.ops.object.light_add('EXEC_DEFAULT', True, type='POINT')",
                "light = bpy.context.object; light.name = 'key'; light.data.energy = 5; "
                "bpy.ops.ed.undo_push(message='edit')")
        self.settle()
        self.do(self.anna, UNDO)
        item, = self.settle().values()
        self.assertEqual(item['name'], 'Point')
        self.assertEqual(item['properties']['power'], 10)
        self.do(self.anna, REDO)
        item, = self.settle().values()
        self.assertEqual((item['name'], item['properties']['power']), ('key', 5))

    def test_duplicates(self):
        """Original and copy carry one tag in the undo step; each finds its own id again."""
        self.do(self.anna, ADD, x=1)
        self.do(self.anna, "bpy.ops.object.duplicate_move('EXEC_DEFAULT', True, "
                           "TRANSFORM_OT_translate={'value': (4, 0, 0)})")
        before = self.settle()
        self.do(self.anna, MOVE, y=1)
        moved = self.settle()
        self.do(self.anna, UNDO)
        after = self.settle()
        self.assertEqual({k: i['transform'] for k, i in after.items()},
                         {k: i['transform'] for k, i in before.items()})
        self.do(self.anna, REDO)
        self.assertEqual({k: i['transform'] for k, i in self.settle().items()},
                         {k: i['transform'] for k, i in moved.items()})

    def test_what_is_kept_beside_is_not_published(self):
        """Deleted and back, or renamed and back: it is still nobody else's."""
        for step in ("bpy.data.objects.remove(private)", "private.name = 'other'"):
            with self.subTest(step):
                self.anna.run('''
                    bpy.ops.meerkat.disconnect()
                    bpy.ops.mesh.primitive_cube_add()
                    private = bpy.context.object
                    bpy.ops.ed.undo_push(message='before')
                ''')
                self.enter(self.anna, 'Anna')
                self.do(self.anna, "bpy.ops.ed.undo_push(message='in')",
                        step + "; bpy.ops.ed.undo_push(message='step')", UNDO)
                self.assertEqual(self.settle(), {})

    def test_a_value_that_is_no_number(self):
        """One bad object neither stops the repair after an undo nor keeps its user in the room."""
        self.do(self.anna, ADD, ADD, x=1)
        self.settle()
        self.do(self.anna, "bpy.context.object.location.x = float('nan'); "
                           "bpy.ops.ed.undo_push(message='nan')", MOVE, UNDO, y=1)
        self.anna.run("bpy.ops.meerkat.disconnect()")
        self.assertEqual(self.anna.run(
            'result = bpy.context.window_manager.meerkat.status'), 'DISCONNECTED')
        self.assertEqual(len(self.state()['objects']), 2)

    def test_a_renamed_scene(self):
        """The room stays in its scene when an undo takes back its name."""
        self.do(self.anna, ADD, x=1)
        self.do(self.anna, "bpy.context.scene.name = 'Shot'; "
                           "bpy.ops.ed.undo_push(message='name')", MOVE, UNDO, UNDO, y=1)
        self.settle()
        self.assertEqual(self.anna.run('result = len(bpy.data.scenes)'), 1)

    def test_local_objects_stay_local(self):
        """An undo does not put on stage what was kept beside."""
        self.do(self.anna, "bpy.ops.mesh.primitive_monkey_add('EXEC_DEFAULT', True)")
        self.do(self.anna, ADD, x=1)
        self.settle()
        self.do(self.anna, MOVE, y=1)
        self.do(self.anna, UNDO)
        self.assertEqual(len(self.settle()), 1)


if __name__ == '__main__':
    tap.main()
