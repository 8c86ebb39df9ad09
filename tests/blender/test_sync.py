# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Two Blenders in the background and a real daemon: what one user does, the other one sees."""

import json

from support import scenes, tap
from support.blender import BlenderTest

WM = 'bpy.context.window_manager.meerkat'


class TestSync(BlenderTest):
    """What can be done without a mouse."""

    def setUp(self):
        super().setUp()
        self.anna, self.ben = self.pair()

    def pair(self):
        """Two Blenders in the room, each with an empty scene."""
        pair = [self.blender(background=True) for _ in range(2)]
        for blender, name in zip(pair, ('Anna', 'Ben')):
            blender.run("bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)\n"
                        "bpy.ops.ed.undo_push(message='start')")
            self.enter(blender, name)
        return pair

    def settle(self, *blenders):
        for blender in blenders or (self.anna, self.ben):
            blender.run("bpy.ops.meerkat.wait(until='SENT', timeout=10.0)")
        return scenes.wait_settled(self, blenders or (self.anna, self.ben))

    def test_buttons_make_every_type(self):
        """Each type made with Meerkat's own operator is there on the other side, with its place."""
        kinds = {'CUBE': 'cube', 'SPHERE': 'sphere', 'CYLINDER': 'cylinder', 'CAMERA': 'camera',
                 'POINT_LIGHT': 'point_light', 'SUN_LIGHT': 'sun_light'}
        for number, kind in enumerate(kinds):
            self.anna.run('bpy.ops.meerkat.add(type=kind, location=(n, 2, 3))', kind=kind, n=number)
        server = self.settle()
        self.assertEqual(sorted(item['type'] for item in server.values()), sorted(kinds.values()))
        self.assertEqual(sorted(item['transform']['position'] for item in server.values()),
                         [[n, 2, 3] for n in range(6)])

    def test_whole_turns(self):
        """They are what an animator has typed: sent and shown as they are, though they look the
        same, also where no matrix tells the difference."""
        self.anna.run("bpy.ops.meerkat.add(type='CUBE', location=(0, 0, 0))\n"
                      "cube = bpy.context.object")
        self.settle()
        angles = self.anna.run('''
            def is_unseen(angle):
                """Whether a turn more shows in no matrix."""
                cube.rotation_euler.z = angle
                before = cube.matrix_basis.copy()
                cube.rotation_euler.z = angle + math.tau
                return before == cube.matrix_basis

            import math
            angle = next(n / 317 for n in range(1, 4000) if is_unseen(n / 317))
            cube.rotation_euler.z = 0
            result = [angle, angle + math.tau, angle, angle - math.tau]
        ''')
        for angle in angles:
            self.anna.run('cube.rotation_euler.z = angle', angle=angle)
            item, = self.settle().values()
            self.assertAlmostEqual(item['transform']['rotation'][2], angle, 5)
            self.ben.run("bpy.ops.meerkat.wait(until='SENT', timeout=10.0)")
            self.ben.wait_until('abs(bpy.context.scene.objects[0].rotation_euler.z - angle) < 1e-5',
                                angle=angle)

    def test_blenders_own_operators(self):
        """Shift+A makes what is shared, whatever it is called; other sizes are in the scale."""
        self.anna.run('''
            bpy.ops.mesh.primitive_cube_add(size=1, location=(1, 0, 0))
            bpy.context.object.name = 'Sphere'
            bpy.ops.mesh.primitive_uv_sphere_add(radius=3, location=(2, 0, 0), rotation=(1, 2, 3))
            bpy.ops.mesh.primitive_cylinder_add(radius=0.5, depth=4, location=(3, 0, 0))
            bpy.ops.object.camera_add(location=(4, 0, 0), rotation=(0.5, 0, 1))
            bpy.ops.object.light_add(type='POINT', location=(5, 0, 0))
            bpy.ops.object.light_add(type='SUN', location=(6, 0, 0))
        ''')
        server = self.settle()
        by_type = {item['type']: item for item in server.values()}
        self.assertEqual(len(by_type), 6)
        self.assertEqual(by_type['cube']['transform']['scale'], [0.5, 0.5, 0.5])
        self.assertEqual(by_type['cube']['name'], 'Sphere')
        self.assertTrue(scenes.near(by_type['sphere']['transform']['scale'], [3, 3, 3]))
        self.assertEqual(by_type['cylinder']['transform']['scale'], [0.5, 0.5, 2])

    def test_what_is_not_shared_is_listed(self):
        """Other things stay local, and the list says why."""
        self.anna.run('''
            bpy.ops.mesh.primitive_monkey_add()
            bpy.ops.mesh.primitive_uv_sphere_add(segments=16)
            bpy.ops.object.light_add(type='SPOT')
            bpy.ops.object.empty_add()
            bpy.ops.object.camera_add()
            bpy.context.object.data.type = 'ORTHO'
        ''')
        self.settle()
        local = self.anna.run(f'result = {{o.name: o.reason for o in {WM}.local_objects}}')
        self.assertEqual(set(local), {'Suzanne', 'Sphere', 'Spot', 'Empty', 'Camera'})
        self.assertEqual(len(self.state()['objects']), 0)
        self.assertTrue(all(local.values()), local)

    def test_edits(self):
        """Transforms, properties and names go both ways."""
        self.anna.run("bpy.ops.meerkat.add(type='POINT_LIGHT', location=(0, 0, 0))\n"
                      "bpy.ops.meerkat.add(type='CAMERA', location=(0, 0, 0))")
        self.settle()
        self.ben.run('''
            light = next(o for o in bpy.context.scene.objects if o.type == 'LIGHT')
            camera = next(o for o in bpy.context.scene.objects if o.type == 'CAMERA')
            light.location = (1, 2, 3)
            light.rotation_euler = (0, 0, 7)
            light.scale = (-1, 1, 1)
            light.data.energy = 42
            light.data.color = (1, 0.5, 0.25)
            light.name = 'key light'
            camera.data.lens = 85
            camera.data.clip_end = 50
        ''')
        server = self.settle()
        light = next(item for item in server.values() if item['type'] == 'point_light')
        self.assertEqual(light['transform'], {'position': [1, 2, 3], 'rotation': [0, 0, 7],
                                              'scale': [-1, 1, 1]})
        self.assertEqual(light['properties']['power'], 42)
        self.assertEqual(light['name'], 'key light')
        self.assertEqual(self.anna.run("result = 'key light' in bpy.data.objects"), True)
        self.assertEqual(self.anna.run("result = bpy.data.objects['key light'].rotation_euler.z"), 7)

    def test_no_echo(self):
        """What was received is not sent back."""
        self.anna.run("bpy.ops.meerkat.add(type='CUBE', location=(0, 0, 0))")
        server = self.settle()
        watcher = self.join('watcher')
        self.anna.run("bpy.context.object.location = (0.1, 0.2, 0.3)\n"
                      "bpy.context.object.rotation_euler = (0.1, 1.2, 2.3)")
        self.settle()
        self.ben.run('for _ in range(50): bpy.ops.meerkat.tick()')
        object_id = next(iter(server))
        changes = [m for m in watcher.barrier() if m['event_type'] == 'TRANSFORM_UPDATED']
        authors = {m['source_user_id'] for m in changes if m['payload']['object_id'] == object_id}
        self.assertEqual(authors, {self.anna.run(f'result = {WM}.user_id')})

    def test_delete(self):
        """Deleted on either side, it is gone on both, data and all."""
        self.anna.run("for _ in range(3): bpy.ops.meerkat.add(type='CUBE', location=(0, 0, 0))")
        self.settle()
        self.ben.run("bpy.data.objects.remove(bpy.context.scene.objects[0])")
        self.assertEqual(len(self.settle()), 2)
        self.anna.run("bpy.ops.object.select_all(action='SELECT')\nbpy.ops.object.delete()")
        self.assertEqual(len(self.settle()), 0)
        for blender in (self.anna, self.ben):
            self.assertEqual(blender.run('result = [o.name for o in bpy.data.objects]'), [])

    def test_duplicate_gets_an_id_of_its_own(self):
        """Shift+D copies the custom property; the copy is another object."""
        self.anna.run("bpy.ops.meerkat.add(type='SUN_LIGHT', location=(0, 0, 0))")
        self.settle()
        self.anna.run("bpy.ops.object.duplicate_move(TRANSFORM_OT_translate={'value': (1, 0, 0)})")
        server = self.settle()
        self.assertEqual(len(server), 2)
        self.assertEqual(sorted(i['transform']['position'][0] for i in server.values()), [0, 1])

    def test_linked_duplicate(self):
        """Alt+D: an edit of the shared light is one of both; a remote edit of one is of that one."""
        self.anna.run("bpy.ops.meerkat.add(type='POINT_LIGHT', location=(0, 0, 0))")
        self.settle()
        self.anna.run("bpy.ops.object.duplicate_move_linked("
                      "TRANSFORM_OT_translate={'value': (1, 0, 0)})")
        self.settle()
        self.anna.run('bpy.context.object.data.energy = 77')
        server = self.settle()
        self.assertEqual([i['properties']['power'] for i in server.values()], [77, 77])
        self.ben.run("bpy.context.scene.objects[0].data.energy = 5")
        server = self.settle()
        self.assertEqual(sorted(i['properties']['power'] for i in server.values()), [5, 77])

    def test_applied_transforms_change_nothing_for_others(self):
        """Ctrl+A moves the transform into the mesh: it still stands where it stood."""
        self.anna.run('''
            bpy.ops.mesh.primitive_cube_add(location=(1, 2, 3), rotation=(0.3, 0.2, 0.1))
            bpy.context.object.scale = (1, 2, 3)
        ''')
        before = self.settle()
        self.anna.run('bpy.ops.object.transform_apply()')
        after = self.settle()
        self.assertEqual(before.keys(), after.keys())
        self.ben.run('bpy.context.scene.objects[0].location.x += 5')
        self.settle()
        self.anna.run('bpy.context.object.rotation_euler.z = 1')
        self.settle()

    def test_apply_on_the_receiving_side(self):
        """What was received can be applied too: its mesh is its own."""
        self.anna.run("for n in range(2): bpy.ops.meerkat.add(type='CUBE', location=(n, 0, 0))")
        self.settle()
        self.ben.run('''
            bpy.ops.object.select_all(action='SELECT')
            bpy.context.view_layer.objects.active = bpy.context.scene.objects[0]
            bpy.ops.transform.resize(value=(2, 3, 4))
            bpy.ops.object.transform_apply(location=False, rotation=False, scale=True)
        ''')
        self.settle()

    def test_parents(self):
        """A child's place is its place in the world, on both sides and both ways."""
        self.anna.run('''
            bpy.ops.mesh.primitive_cube_add(location=(5, 0, 0), rotation=(0, 0, 1))
            parent = bpy.context.object
            bpy.ops.mesh.primitive_cube_add(location=(0, 5, 0))
            child = bpy.context.object
            child.parent = parent
            child.location = (1, 1, 0)
        ''')
        self.settle()
        self.anna.run('parent.location.z = 4')
        self.settle()
        self.ben.run("for o in bpy.context.scene.objects: o.location.x += 1")
        self.settle()
        self.ben.run("max(bpy.context.scene.objects, key=lambda o: o.location.x).location.y = -3")
        self.settle()
        self.anna.run('bpy.data.objects.remove(parent)')
        self.settle()

    def test_rotation_modes(self):
        """Quaternions, axis and angle, other orders: what is shared is XYZ Euler."""
        self.anna.run('''
            for mode in ('QUATERNION', 'AXIS_ANGLE', 'ZYX', 'YXZ'):
                bpy.ops.mesh.primitive_cube_add()
                bpy.context.object.rotation_mode = mode
                bpy.context.object.name = mode
            o = bpy.data.objects['QUATERNION']; o.rotation_quaternion = (0.5, 0.5, -0.5, 0.5)
            o = bpy.data.objects['AXIS_ANGLE']; o.rotation_axis_angle = (2, 1, 1, 0)
            o = bpy.data.objects['ZYX']; o.rotation_euler = (0.4, 0.5, 0.6)
            o = bpy.data.objects['YXZ']; o.rotation_euler = (-0.4, 1.5, 0.6)
        ''')
        self.settle()
        self.ben.run('for o in bpy.context.scene.objects: o.rotation_euler = (0.1, 0.2, 0.3)')
        self.settle()
        self.assertEqual(set(self.anna.run('result = [o.rotation_mode for o in bpy.data.objects]')),
                         {'QUATERNION', 'AXIS_ANGLE', 'ZYX', 'YXZ'})

    def test_names_that_clash(self):
        """The suffix that a file needs is nobody's rename."""
        for blender in (self.anna, self.ben):
            blender.run("bpy.ops.mesh.primitive_cube_add()\nbpy.context.object.name = 'tree'")
        server = self.settle()
        self.assertEqual([item['name'] for item in server.values()], ['tree', 'tree'])
        self.ben.run("next(o for o in bpy.data.objects if o.name == 'tree').name = 'oak'")
        server = self.settle()
        self.assertEqual(sorted(item['name'] for item in server.values()), ['oak', 'tree'])

    def test_long_names_are_kept(self):
        """Blender 3.4 cuts names at 63 bytes; the others do not get the stump."""
        other = self.join('other')
        name = 'ü' * 40
        object_id = '00000000-0000-4000-8000-000000000001'
        other.send('CREATE_OBJECT', {'object_id': object_id, 'type': 'cube', 'name': name})
        other.barrier()
        self.settle()
        self.anna.run('bpy.context.scene.objects[0].location.x = 3')
        self.assertEqual(self.settle()[object_id]['name'], name)

    def test_type_changes_in_place(self):
        """A point light made a sun keeps its id."""
        self.anna.run("bpy.ops.meerkat.add(type='POINT_LIGHT', location=(1, 0, 0))")
        before = self.settle()
        self.anna.run("bpy.context.object.data.type = 'SUN'")
        after = self.settle()
        self.assertEqual(before.keys(), after.keys())
        self.assertEqual([item['type'] for item in after.values()], ['sun_light'])

    def test_animation_is_not_sent(self):
        """Keyframes, and what they move while the time line runs, stay here."""
        self.anna.run('''
            bpy.ops.mesh.primitive_cube_add()
            cube = bpy.context.object
        ''')
        self.settle()
        revision = self.state()['revision']
        self.anna.run('''
            cube.keyframe_insert('location', frame=1)
            cube.location.x = 9
            cube.keyframe_insert('location', frame=20)
            for frame in range(1, 20):
                bpy.context.scene.frame_set(frame)
                bpy.ops.meerkat.tick()
        ''')
        self.assertLessEqual(self.state()['revision'], revision + 1)
        local = self.anna.run(f'result = {{o.name: o.reason for o in {WM}.local_objects}}')
        self.assertIn('animated', local['Cube'])

    def test_values_that_cannot_be_sent(self):
        """What is not a number stays here, is listed, and stops nothing else."""
        self.anna.run('''
            bpy.ops.mesh.primitive_cube_add()
            bad = bpy.context.object
            bpy.ops.mesh.primitive_cube_add()
            good = bpy.context.object
        ''')
        self.settle()
        self.anna.run("bad.location.x = float('nan')\ngood.location.x = 5")
        self.anna.wait_until(f'{WM}.pending == 0 and good.location.x == 5')
        self.ben.wait_until('any(o.location.x == 5 for o in bpy.context.scene.objects)')
        local = self.anna.run(f'result = {{o.name: o.reason for o in {WM}.local_objects}}')
        self.assertEqual(len(local), 1, json.dumps(local))
        self.anna.run('bad.location.x = 1')
        self.settle()


class TestScenes(BlenderTest):
    """What becomes of what is open when its user connects: a cube, a camera and a light."""

    def setUp(self):
        super().setUp()
        self.anna = self.blender(background=True)

    def settle(self, *blenders):
        for blender in blenders:
            blender.run("bpy.ops.meerkat.wait(until='SENT', timeout=10.0)")
        return scenes.wait_settled(self, blenders)

    def test_keep_beside(self):
        """They stay, nobody else sees them, and the list says why; Share Scene shares them."""
        self.enter(self.anna, scene='CURRENT')
        self.assertEqual(self.settle(self.anna), {})
        local = self.anna.run(f'result = [o.name for o in {WM}.local_objects]')
        self.assertEqual(sorted(local), ['Camera', 'Cube', 'Light'])
        self.anna.run('bpy.context.scene.objects[0].location.x += 1')
        self.assertEqual(self.settle(self.anna), {})
        self.anna.run('bpy.ops.meerkat.share_scene()')
        self.assertEqual(len(self.settle(self.anna)), 3)

    def test_why_a_mesh_is_not_shared(self):
        """As exactly as can be said."""
        self.enter(self.anna, scene='CURRENT')
        self.anna.run("bpy.ops.mesh.primitive_uv_sphere_add(segments=16)\n"
                      "bpy.ops.mesh.primitive_cylinder_add(vertices=12)\n"
                      "bpy.ops.mesh.primitive_monkey_add()\n"
                      "bpy.ops.meerkat.wait(until='SENT', timeout=10.0)")
        reasons = self.anna.run(f'result = {{o.name: o.reason for o in {WM}.local_objects}}')
        self.assertIn('only spheres of 32 segments', reasons['Sphere'])
        self.assertIn('only cylinders of 32 sides', reasons['Cylinder'])
        self.assertIn('this mesh is no cube', reasons['Suzanne'])

    def test_new_scene(self):
        """The room gets a scene of its own, and what was open is as it was."""
        self.enter(self.anna, scene='NEW')
        self.anna.run("bpy.ops.meerkat.add(type='CUBE', location=(0, 0, 0))")
        self.assertEqual(len(self.settle(self.anna)), 1)
        self.assertEqual(sorted(self.anna.run(
            "result = [o.name for o in bpy.data.scenes['Scene'].objects]")),
            ['Camera', 'Cube', 'Light'])

    def test_start_from_this_scene(self):
        """All that can be shared is in the room."""
        self.enter(self.anna, scene='SHARE')
        self.anna.wait_until(f'{WM}.pending == 0 and not len({WM}.local_objects)')
        server = self.settle(self.anna)
        self.assertEqual(sorted(item['type'] for item in server.values()),
                         ['camera', 'cube', 'point_light'])
        cube = next(item for item in server.values() if item['type'] == 'cube')
        self.assertEqual(cube['transform']['rotation'], [0, 0, 0])
        self.assertEqual(cube['transform']['scale'], [1, 1, 1])

    def test_what_was_there_before_is_never_freed(self):
        """A colleague may remove it from the stage, but not from its owner's file."""
        self.enter(self.anna, scene='SHARE')
        self.anna.run("bpy.ops.ed.undo_push(message='start')")
        self.anna.wait_until(f'{WM}.pending == 0 and not len({WM}.local_objects)')
        server = self.settle(self.anna)
        cube = next(k for k, item in server.items() if item['type'] == 'cube')
        other = self.join('other')
        other.send('DELETE_OBJECT', {'object_id': cube})
        other.barrier()
        self.anna.run("bpy.ops.transform.translate('EXEC_DEFAULT', True, value=(0, 0, 0))")
        for step in ('', 'bpy.ops.ed.undo()', 'bpy.ops.ed.redo()'):
            self.anna.run(step)
            self.assertEqual(len(self.settle(self.anna)), 2, step)
            self.assertEqual(self.anna.run(
                "result = [[o.name, len(o.users_scene)] for o in "
                "bpy.data.collections['Meerkat Removed'].objects]"), [['Cube', 0]], step)
        warned = f"any('Meerkat Removed' in w.text for w in {WM}.warnings)"
        self.anna.wait_until(warned)
        self.anna.run("back = bpy.data.collections['Meerkat Removed'].objects[0]\n"
                      "bpy.data.collections['Meerkat Removed'].objects.unlink(back)\n"
                      "bpy.context.scene.collection.objects.link(back)")
        self.anna.wait_until(f'not {warned}')
        self.assertEqual(len(self.settle(self.anna)), 3)


if __name__ == '__main__':
    tap.main()
