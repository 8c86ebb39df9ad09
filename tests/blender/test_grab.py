# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""A person at mouse and keyboard of a real window, while somebody else works on the same objects."""

import time

from support import scenes, tap
from support.blender import BlenderTest

WM = 'bpy.context.window_manager.meerkat'


class TestGrab(BlenderTest):
    """Anna has a window with a 3D view; Ben does his part without one."""

    def setUp(self):
        super().setUp()
        self.anna = self.blender(view='3D')
        self.ben = self.blender(background=True)
        self.anna.run('bpy.context.preferences.system.viewport_aa = "OFF"')
        self.enter(self.anna, 'Anna', scene='NEW')
        self.ben.run('bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)')
        self.enter(self.ben, 'Ben')
        self.anna.run("with override(): bpy.ops.meerkat.add('EXEC_DEFAULT', True, type='CUBE', location=(0, 0, 0))")
        self.cube = next(iter(self.settle()))
        x, y, width, height = self.anna.region()
        self.middle = x + width // 2, y + height // 2

    def settle(self):
        self.anna.wait_until(f'{WM}.pending == 0')
        self.ben.run("bpy.ops.meerkat.wait(until='SENT', timeout=10.0)")
        return scenes.wait_settled(self, (self.anna, self.ben))

    def ben_does(self, source):
        """Runs Python in Ben's Blender, where `cube` is the object, and sends what came of it."""
        self.ben.run("cube = next((o for o in bpy.context.scene.objects "
                     "if o.get('meerkat_id') == object_id), None)\n" + source
                     + "\nbpy.ops.meerkat.wait(until='SENT', timeout=10.0)", object_id=self.cube)

    def position(self, blender):
        return blender.run("result = next((list(o.location) for o in bpy.context.scene.objects "
                           "if o.get('meerkat_id') == object_id), None)", object_id=self.cube)

    def pull(self, *steps):
        """Moves the mouse, as far as each of these pixels from the middle of the view."""
        for step in steps:
            self.anna.move_mouse(self.middle[0] + step, self.middle[1])
            time.sleep(0.1)

    def grab(self, *steps):
        """Selects the cube, presses G, and pulls."""
        self.anna.run("bpy.ops.object.select_all(action='DESELECT')\n"
                      "cube = next(o for o in bpy.context.scene.objects "
                      "if o.get('meerkat_id') == object_id)\n"
                      "cube.select_set(True); bpy.context.view_layer.objects.active = cube",
                      object_id=self.cube)
        self.pull(0)
        self.anna.key('G')
        self.pull(*steps)

    def test_the_others_see_the_drag_and_where_it_ends(self):
        """While the mouse moves, and exactly when it is let go."""
        self.grab(10, 20, 30)
        self.ben.wait_until('max(abs(v) for v in next(iter(bpy.context.scene.objects)).location)'
                            ' > 0.01')
        seen = self.position(self.ben)
        self.pull(60, 90)
        self.anna.key('LEFTMOUSE')
        server = self.settle()
        end = server[self.cube]['transform']['position']
        self.assertNotEqual(end, [0, 0, 0])
        self.assertFalse(scenes.near(seen, end))

    def test_escape_takes_it_back_for_everybody(self):
        """Esc restores the old place, and the others see that."""
        self.grab(10, 40, 70)
        self.ben.wait_until('max(abs(v) for v in next(iter(bpy.context.scene.objects)).location)'
                            ' > 0.01')
        self.anna.key('ESC')
        server = self.settle()
        self.assertEqual(server[self.cube]['transform']['position'], [0, 0, 0])

    def test_remote_move_during_a_drag_that_ends_by_click(self):
        """The object stays in the hand, and where it is let go is the last word."""
        self.grab(10, 40)
        self.ben_does('cube.location = (0, 0, 7)')
        self.pull(50, 60)
        self.anna.key('LEFTMOUSE')
        server = self.settle()
        self.assertNotEqual(server[self.cube]['transform']['position'], [0, 0, 7])

    def test_remote_move_during_a_drag_that_ends_by_escape(self):
        """Who takes their own drag back leaves what the other one has done since."""
        self.grab(10, 40)
        self.anna.wait_until(f'{WM}.pending == 0')
        self.ben_does('cube.location = (0, 0, 7)')
        time.sleep(0.2)
        self.anna.key('ESC')
        server = self.settle()
        self.assertEqual(server[self.cube]['transform']['position'], [0, 0, 7])

    def test_remote_move_before_the_drag_has_moved(self):
        """G, somebody else moves it, then the mouse moves, then Esc."""
        self.grab()
        self.ben_does('cube.location = (0, 0, 7)')
        time.sleep(0.3)
        self.pull(10, 40)
        self.anna.key('ESC')
        server = self.settle()
        self.assertEqual(server[self.cube]['transform']['position'], [0, 0, 7])

    def test_remote_delete_during_a_drag(self):
        """It disappears under the hand, and nothing crashes, however the drag ends."""
        for end in ('LEFTMOUSE', 'ESC'):
            with self.subTest(end):
                self.anna.run("with override(): bpy.ops.meerkat.add('EXEC_DEFAULT', True, type='SPHERE')")
                self.cube = next(k for k, i in self.settle().items() if i['type'] == 'sphere')
                self.grab(10, 40)
                self.ben_does('bpy.data.objects.remove(cube)')
                self.anna.wait_until("not any(o.get('meerkat_id') == object_id "
                                     "for o in bpy.context.scene.objects)", object_id=self.cube)
                self.pull(50, 60)
                self.anna.key(end)
                self.pull(70, 80)
                self.assertNotIn(self.cube, self.settle())
                self.anna.run("bpy.ops.object.select_all(action='SELECT')\n"
                              "bpy.ops.object.select_all(action='DESELECT')")

    def test_remote_delete_of_what_one_works_in(self):
        """Edited, sculpted or painted, with a tool under way: it goes when one leaves the mode."""
        for mode, keys in (('EDIT', [dict(name='G')]), ('EDIT', [dict(name='B', ctrl=True)]), ('SCULPT', []),
                           ('WEIGHT_PAINT', [])):
            with self.subTest(f'{mode} {keys}'):
                self.anna.run("with override(): bpy.ops.meerkat.add('EXEC_DEFAULT', True, "
                              "type='CUBE', location=(0, 0, 0))")
                before = self.settle()
                self.cube = self.anna.run("result = bpy.context.object['meerkat_id']")
                self.anna.run('with override(): bpy.ops.object.mode_set("EXEC_DEFAULT", True, '
                              'mode=mode)', mode=mode)
                self.pull(0)
                for key in keys:
                    self.anna.key(**key)
                if not keys:
                    self.anna.simulate(dict(type='LEFTMOUSE'))
                self.pull(10, 30)
                self.ben_does('bpy.data.objects.remove(cube)')
                self.anna.wait_until('any("removed it" in o.reason for o in '
                                     f'{WM}.local_objects)')
                self.pull(40, 60)
                self.anna.simulate(dict(type='LEFTMOUSE', value='PRESS' if keys else 'RELEASE'))
                self.anna.simulate(dict(type='LEFTMOUSE', value='RELEASE'))
                self.assertTrue(self.position(self.anna))
                self.anna.key('Z', ctrl=True)  # which may leave the mode
                self.anna.run('if bpy.context.mode != "OBJECT":\n    with override(): '
                              'bpy.ops.object.mode_set("EXEC_DEFAULT", True, mode="OBJECT")')
                self.anna.wait_until("not any(o.get('meerkat_id') == object_id "
                                     "for o in bpy.context.scene.objects)", object_id=self.cube)
                self.assertEqual(self.settle().keys(), before.keys() - {self.cube})
                self.anna.key('Z', ctrl=True)
                self.assertEqual(self.settle().keys(), before.keys() - {self.cube})

    def test_remote_delete_of_the_camera_through_which_one_flies(self):
        """The tool that moves it is no transform."""
        self.anna.run('''
            with override():
                bpy.ops.meerkat.add('EXEC_DEFAULT', True, type='CAMERA', location=(0, 0, 9))
                bpy.context.scene.camera = bpy.context.object
                bpy.ops.object.select_all(action='DESELECT')
                bpy.context.view_layer.objects.active = None
                bpy.ops.view3d.view_camera()
                bpy.context.space_data.lock_camera = True
        ''')
        self.cube = next(k for k, i in self.settle().items() if i['type'] == 'camera')
        self.pull(0)
        self.anna.run('with override(): bpy.ops.view3d.fly("INVOKE_DEFAULT")')
        self.pull(30, 60)
        self.ben_does('bpy.data.objects.remove(cube)')
        self.anna.wait_until("not any(o.get('meerkat_id') == object_id "
                             "for o in bpy.context.scene.objects)", object_id=self.cube)
        self.pull(70, 90, 20)
        self.anna.key('LEFTMOUSE')
        self.pull(10)
        self.assertNotIn(self.cube, self.settle())

    def test_whole_state_during_a_drag(self):
        """A sync that arrives in the middle changes nothing in the hand."""
        for end in ('LEFTMOUSE', 'ESC'):
            with self.subTest(end):
                self.grab(10, 40)
                self.anna.run('bpy.ops.meerkat.resync()')
                self.ben_does("bpy.ops.meerkat.add(type='CUBE', location=(5, 5, 5))")
                self.pull(50, 60)
                self.anna.key(end)
                self.settle()

    def test_server_killed_during_a_drag(self):
        """What was dragged while the server was away is there when it is back."""
        self.grab(10, 40)
        self.daemon.flags += ['--listen', f'127.0.0.1:{self.daemon.port}']
        self.daemon.kill()
        self.pull(50, 60)
        self.anna.wait_until(f"{WM}.status == 'RECONNECTING'")
        self.pull(70, 90)
        self.anna.key('LEFTMOUSE')
        self.daemon.restart(kill=True)
        for blender in (self.anna, self.ben):
            blender.wait_until(f"{WM}.status == 'CONNECTED'", 60)
        self.settle()

    def test_shift_d_and_delete_by_key(self):
        """Shift+D grabs the copy at once; X asks and deletes."""
        self.grab()
        self.anna.key('ESC')
        self.anna.key('D', shift=True)
        self.pull(30, 60)
        self.anna.key('LEFTMOUSE')
        self.assertEqual(len(self.settle()), 2)
        self.anna.key('DEL')
        server = self.settle()
        self.assertEqual(list(server), [self.cube])

    def test_undo_digs_up_what_was_removed(self):
        """It is taken away again, and if another step is made before it is freed, also out of that."""
        self.anna.run("with override(): bpy.ops.object.light_add('EXEC_DEFAULT', True, type='SUN')")
        self.cube = next(k for k, i in self.settle().items() if i['type'] == 'sun_light')
        self.ben_does('bpy.data.objects.remove(cube)')
        before = self.settle()
        self.assertNotIn(self.cube, before)
        self.anna.run('''
            with override():
                bpy.ops.ed.undo_push(message='one')
                bpy.ops.ed.undo()
                meerkat.state.session.tick()
                bpy.ops.ed.undo_push(message='two')
        ''')
        self.settle()
        self.anna.run('''
            with override():
                bpy.ops.ed.undo_push(message='three')
                bpy.ops.ed.undo()
        ''')
        self.assertEqual(self.settle().keys(), before.keys())
        self.anna.run("with override():\n"
                      "    for action in ('SELECT', 'DESELECT'):\n"
                      "        bpy.ops.object.select_all('EXEC_DEFAULT', True, action=action)")
        orphans = '[(o.name, o.users) for o in bpy.data.objects if o.users == 0]'
        self.anna.wait_until(f'not {orphans}', show=orphans)

    def test_undo_by_key(self):
        """Ctrl+Z and Ctrl+Shift+Z after a drag."""
        self.anna.run("with override(): bpy.ops.ed.undo_push(message='before')")
        self.grab(10, 60)
        self.anna.key('LEFTMOUSE')
        moved = self.settle()[self.cube]['transform']
        self.anna.key('Z', ctrl=True)
        server = self.settle()
        self.assertEqual(server[self.cube]['transform']['position'], [0, 0, 0])
        self.anna.key('Z', ctrl=True, shift=True)
        self.assertEqual(self.settle()[self.cube]['transform'], moved)

    def test_adjust_last_operation(self):
        """Blender undoes and repeats the operator; for the others it is one object that changes."""
        self.anna.run("with override(): "
                      "bpy.ops.mesh.primitive_cylinder_add('INVOKE_DEFAULT', True, radius=1)")
        before = self.settle()
        self.assertEqual(len(before), 2)
        for radius in (2, 3):
            self.anna.run('''
                operator = bpy.context.window_manager.operators[-1]
                operator.properties.radius = radius
                with override(): bpy.ops.ed.undo_redo('EXEC_DEFAULT', True)
            ''', radius=radius)
            self.ben.wait_until("any(abs(o.scale.x - radius) < 1e-4 "
                                "for o in bpy.context.scene.objects)", radius=radius)
            self.assertEqual(self.settle().keys(), before.keys())


if __name__ == '__main__':
    tap.main()
