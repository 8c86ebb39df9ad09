# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""A Blender that ended, well or badly, and what Blender itself has kept of its file: no object is
lost, none is there twice, and what others did since is there."""

from support import scenes, tap
from support.blender import BlenderTest
from support.client import place

WM = 'bpy.context.window_manager.meerkat'
EMPTY = 'bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)'


class TestRecovery(BlenderTest):

    def setUp(self):
        super().setUp()
        self.anna = self.blender()
        self.anna.run(EMPTY)
        self.enter(self.anna)
        self.anna.run('''
            with override():
                bpy.ops.meerkat.add(type='CUBE', location=(1, 0, 0))
                bpy.ops.mesh.primitive_uv_sphere_add(location=(2, 0, 0))
            bpy.ops.meerkat.tick()
            with override():
                bpy.ops.meerkat.add(True, type='CAMERA', location=(3, 0, 0))
        ''')
        self.before = scenes.wait_settled(self, [self.anna])
        self.assertEqual(len(self.before), 3)

    def work_on(self):
        """Meanwhile somebody else moves one object, deletes one and makes one."""
        ben = self.join('ben')
        cube, sphere, camera = sorted(
            self.before, key=lambda i: self.before[i]['transform']['position'])
        ben.send('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place(1, 5, 0)})
        ben.send('DELETE_OBJECT', {'object_id': camera})
        new = ben.create('cylinder', ack=True, transform=place(4, 0, 0))
        ben.close()
        return {cube, sphere, new}

    def assert_taken_up(self, blender, ids):
        """The room is entered: exactly its objects are in the scene; what is gone from the room
        stays as a local one."""
        self.assertEqual(blender.run(f'result = {WM}.status'), 'DISCONNECTED')
        self.assertEqual(blender.run('result = len(bpy.context.scene.objects)'), 3)
        self.enter(blender)
        self.assertEqual(set(scenes.wait_settled(self, [blender])), ids)
        self.assertEqual(blender.run(f'result = [o.name for o in {WM}.local_objects]'), ['Camera'])
        self.assertEqual(blender.run('result = len(bpy.context.scene.objects)'), 4)

    def test_last_session(self):
        """Blender keeps what was open when it was quit: File, Recover, Last Session."""
        self.anna.quit()
        ids = self.work_on()
        again = self.blender(version=self.anna.version, home=self.anna.home)
        again.run('bpy.ops.wm.recover_last_session()')
        self.assert_taken_up(again, ids)

    def test_auto_save(self):
        """It keeps a copy now and then, too: File, Recover, Auto Save, after a crash, in a Blender
        that is in another room already."""
        path = str(self.anna.folder / 'layout_autosave.blend')
        self.anna.run('bpy.ops.wm.save_as_mainfile(filepath=path, copy=True)', path=path)
        self.assertEqual(self.anna.run(f'result = {WM}.status'), 'CONNECTED', 'no other file')
        self.anna.kill()
        ids = self.work_on()
        again = self.blender(version=self.anna.version)
        self.enter(again, session='another')
        again.run('bpy.ops.wm.recover_auto_save(filepath=path)', path=path)
        self.assert_taken_up(again, ids)
        self.assertEqual(self.state('another')['objects'], {})


if __name__ == '__main__':
    tap.main()
