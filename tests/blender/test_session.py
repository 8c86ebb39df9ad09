# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Coming, staying and going: breaks, refusals, other files, quitting."""

import os

from support import scenes, tap
from support.blender import BlenderTest

WM = 'bpy.context.window_manager.meerkat'
EMPTY = 'bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)'


class TestSession(BlenderTest):

    def enter_empty(self, name='Anna', session='test', **how):
        """A Blender in the background with an empty scene, in the room."""
        blender = self.blender(background=True, **how)
        blender.run(EMPTY)
        self.enter(blender, name, session)
        return blender

    def settle(self, *blenders):
        for blender in blenders:
            blender.run("bpy.ops.meerkat.wait(until='SENT', timeout=10.0)")
        return scenes.wait_settled(self, blenders)

    def say(self, blender):
        """What a script can see of the session."""
        return blender.run(f'result = [{WM}.status, {WM}.error_code, {WM}.status_text]')

    def fixed_port(self):
        self.daemon.flags += ['--listen', f'127.0.0.1:{self.daemon.port}']


class TestBreaks(TestSession):

    def test_edits_made_while_the_server_was_away(self):
        """Killed and started again: what both did meanwhile is there, the later write wins."""
        anna, ben = self.enter_empty('Anna'), self.enter_empty('Ben')
        anna.run('''
            for name in ('kept', 'moved', 'deleted', 'both'):
                bpy.ops.meerkat.add(type='CUBE', location=(0, 0, 0))
                bpy.context.object.name = name
        ''')
        self.settle(anna, ben)
        self.fixed_port()
        self.daemon.kill()
        for blender in (anna, ben):
            blender.wait_until(f"{WM}.status == 'RECONNECTING'")
        anna.run('''
            bpy.data.objects['moved'].location = (1, 2, 3)
            bpy.data.objects['both'].location = (1, 1, 1)
            bpy.data.objects.remove(bpy.data.objects['deleted'])
            bpy.ops.mesh.primitive_uv_sphere_add(location=(7, 0, 0))
            for _ in range(3): bpy.ops.meerkat.tick()
        ''')
        self.assertGreater(anna.run(f'result = {WM}.pending'), 3)
        ben.run('''
            bpy.data.objects['both'].location = (2, 2, 2)
            bpy.data.objects['kept'].name = 'renamed'
            for _ in range(3): bpy.ops.meerkat.tick()
        ''')
        self.daemon.restart(kill=True)
        for blender in (anna, ben):
            blender.wait_until(f"{WM}.status == 'CONNECTED'", 60)
        server = self.settle(anna, ben)
        places = {item['name']: item['transform']['position'] for item in server.values()}
        self.assertEqual(places, {'renamed': [0, 0, 0], 'moved': [1, 2, 3], 'both': [2, 2, 2],
                                  'Sphere': [7, 0, 0]})

    def test_users_see_each_other_come_and_go(self):
        """The list of users says who is there, and which of them is oneself."""
        anna, ben = self.enter_empty('Anna'), self.enter_empty('Ben')
        users = f'{{u.name: u.is_me for u in {WM}.users}}'
        anna.wait_until(f"{users} == {{'Anna': True, 'Ben': False}}", show=users)
        ben.run('bpy.ops.meerkat.disconnect()')
        anna.wait_until(f"{users} == {{'Anna': True}}", show=users)
        self.enter(ben, 'Ben')
        anna.wait_until(f"{users} == {{'Anna': True, 'Ben': False}}", show=users)
        self.assertNotEqual(*[b.run(f'result = {WM}.user_id') for b in (anna, ben)])

    def test_scene_is_there_again_when_one_comes_back(self):
        """Leave, let others work on, come back: the same objects, brought up to date in place."""
        anna, ben = self.enter_empty('Anna'), self.enter_empty('Ben')
        anna.run("for n in range(3): bpy.ops.meerkat.add(type='CUBE', location=(n, 0, 0))")
        self.settle(anna, ben)
        anna.run("bpy.ops.meerkat.disconnect()\nbefore = list(bpy.context.scene.objects)")
        ben.run("bpy.context.scene.objects[0].location.z = 5\n"
                "bpy.data.objects.remove(bpy.context.scene.objects[1])\n"
                "bpy.ops.meerkat.add(type='SPHERE', location=(9, 0, 0))")
        self.settle(ben)
        self.enter(anna, 'Anna')
        self.assertEqual(len(self.settle(anna, ben)), 3)
        self.assertEqual(anna.run('result = sum(o in before for o in bpy.context.scene.objects)'), 3,
                         'the one that is gone from the room stays, as a local one')
        self.assertEqual(anna.run(f'result = len({WM}.local_objects)'), 1)

    def test_clean_shutdown_of_the_server(self):
        """It says that it goes; the add-on waits for it."""
        anna = self.enter_empty()
        self.fixed_port()
        self.assertEqual(self.daemon.stop(), 0)
        anna.wait_until(f"{WM}.status == 'RECONNECTING'")
        self.daemon.start()
        anna.wait_until(f"{WM}.status == 'CONNECTED'", 60)


class TestRefusals(TestSession):

    def test_eleventh_user(self):
        """The room is full: a sentence, no crash, and nothing in the scene has changed."""
        for number in range(10):
            self.join(f'user-{number}')
        late = self.blender(background=True)
        late.run('bpy.ops.meerkat.connect(server_url=url, session="test", display_name="Late")',
                 url=self.url())
        late.wait_until(f"{WM}.error_code == 'SESSION_FULL'", show=f'{WM}.status_text')
        status, _, text = self.say(late)
        self.assertEqual(status, 'DISCONNECTED')
        self.assertIn('full', text)
        self.assertEqual(late.run('result = len(bpy.context.scene.objects)'), 3)

    def test_kicked(self):
        """Removed by the host: the reason is shown, and nothing reconnects by itself."""
        host = self.join('host')
        anna = self.enter_empty()
        user = anna.run(f'result = {WM}.user_id')
        host.send('KICK_USER', {'user_id': user, 'reason': 'wrong room'})
        anna.wait_until(f"{WM}.status == 'DISCONNECTED'")
        _, code, text = self.say(anna)
        self.assertEqual(code, 'KICKED')
        self.assertIn('wrong room', text)
        anna.run('for _ in range(50): bpy.ops.meerkat.tick()')
        self.assertEqual(self.say(anna)[0], 'DISCONNECTED')

    def test_room_closed(self):
        """The same when the host closes the room."""
        host = self.join('host')
        anna = self.enter_empty()
        anna.run("bpy.ops.meerkat.add(type='CUBE', location=(0, 0, 0))")
        self.settle(anna)
        host.send('CLOSE_SESSION', {'reason': 'done'})
        anna.wait_until(f"{WM}.status == 'DISCONNECTED'")
        self.assertEqual(self.say(anna)[1], 'SESSION_CLOSED')
        self.assertEqual(anna.run('result = len(bpy.context.scene.objects)'), 1)

    def test_addresses_that_lead_nowhere(self):
        """Each has a sentence of its own."""
        anna = self.blender(background=True)
        for url, code in (('ws://127.0.0.1:1', 'REFUSED'),
                          (f'wss://127.0.0.1:{self.daemon.port}', 'NO_TLS'),
                          (f'http://127.0.0.1:{self.daemon.port}/nothing', 'HTTP_404')):
            with self.subTest(url):
                anna.run('bpy.ops.meerkat.connect(server_url=url, session="test", '
                         'display_name="Anna")', url=url)
                anna.wait_until(f"{WM}.status == 'DISCONNECTED' and {WM}.error_code == code",
                                show=f'[{WM}.status, {WM}.error_code]', code=code)


class TestFullRoom(TestSession):
    flags = ('--max-objects-per-session', '2')
    refusals = "sum('TOO_MANY_OBJECTS' in text for _, text in meerkat.state.session.client.log)"

    def local(self, blender):
        return blender.run(f'result = {{o.name: o.reason for o in {WM}.local_objects}}')

    def test_what_the_room_does_not_take(self):
        """It stays, as a local object, with the reason; nobody asks again, whatever is done to it,
        until its user does."""
        anna = self.enter_empty()
        anna.run("bpy.ops.ed.undo_push(message='start')")
        for x in range(3):
            anna.run("bpy.ops.mesh.primitive_cube_add('EXEC_DEFAULT', True, location=(x, 0, 0))\n"
                     "bpy.ops.meerkat.wait(until='SENT', timeout=10.0)", x=x)
        first = self.state()['objects']
        for step in ('', "bpy.ops.transform.translate('EXEC_DEFAULT', True, value=(0, 5, 0))",
                     'bpy.ops.ed.undo()', 'bpy.ops.ed.undo()', 'bpy.ops.ed.redo()',
                     'bpy.ops.ed.redo()'):
            with self.subTest(step):
                anna.run(step)
                anna.run("bpy.ops.meerkat.wait(until='SENT', timeout=10.0)")
                self.assertEqual(self.state()['objects'], first)
                self.assertEqual(anna.run(f'result = {self.refusals}'), 1)
        self.assertEqual(anna.run('result = [len(bpy.context.scene.objects), '
                                  "sum('meerkat_id' in o for o in bpy.data.objects)]"), [3, 2])
        (name, reason), = self.local(anna).items()
        self.assertEqual(name, 'Cube.002')
        self.assertIn('cannot hold more objects', reason)

        anna.run("bpy.data.objects.remove(bpy.data.objects['Cube'])\n"
                 "bpy.ops.meerkat.wait(until='SENT', timeout=10.0)\n"
                 "bpy.ops.meerkat.share_scene()")
        self.assertEqual(sorted(item['name'] for item in self.settle(anna).values()),
                         ['Cube.001', 'Cube.002'])
        self.assertEqual(self.local(anna), {})


class TestConnecting(TestSession):

    def press_connect(self, blender):
        blender.run("bpy.ops.meerkat.connect(server_url=url, session='test', display_name='Anna', "
                    "scene='CURRENT')", url=self.url())

    def test_another_scene_is_shown_before_the_first_sync(self):
        """The room is in the scene in which Connect was pressed."""
        self.join('host').send('CREATE_OBJECT', {
            'object_id': '00000000-0000-4000-8000-000000000001', 'name': 'a', 'type': 'cube'})
        anna = self.blender(background=True)
        anna.run(EMPTY)
        self.press_connect(anna)
        anna.run("other = bpy.data.scenes.new('Other')\n"
                 "bpy.context.window_manager.windows[0].scene = other")
        anna.wait_until("len(bpy.data.scenes['Scene'].objects) == 1")
        self.assertEqual(anna.run('result = [bpy.context.scene.name, len(other.objects)]'),
                         ['Other', 0])

    def test_the_scene_is_gone_before_the_first_sync(self):
        """Then one does not enter, and is told why."""
        anna = self.blender(background=True)
        self.press_connect(anna)
        anna.run("bpy.data.scenes.new('Other')\n"
                 "bpy.data.scenes.remove(bpy.data.scenes['Scene'])")
        anna.wait_until(f"{WM}.status == 'DISCONNECTED'")
        self.assertTrue(anna.run(f"result = any('scene' in w.text for w in {WM}.warnings)"))


class TestFiles(TestSession):

    def test_saved_file_is_adopted_in_its_room_and_nowhere_else(self):
        """Ctrl+S keeps the ids. In the same room the objects are those of the room; in another one
        they lose their ids and stay."""
        anna = self.enter_empty()
        path = os.path.join(str(anna.folder), 'layout.blend')
        anna.run("for n in range(3): bpy.ops.meerkat.add(type='CUBE', location=(n, 0, 0))")
        before = self.settle(anna)
        anna.run('bpy.ops.wm.save_as_mainfile(filepath=path)\nbpy.ops.meerkat.disconnect()\n'
                 'bpy.ops.wm.open_mainfile(filepath=path)', path=path)
        self.enter(anna)
        self.assertEqual(self.settle(anna).keys(), before.keys())
        self.assertEqual(anna.run('result = len(bpy.data.objects)'), 3)
        anna.run('bpy.ops.meerkat.disconnect()')
        self.enter(anna, session='another')
        anna.run('bpy.ops.meerkat.wait(until="SENT")')
        self.assertEqual(self.state('another')['objects'], {})
        self.assertEqual(anna.run("result = [len(bpy.data.objects), "
                                  "sum('meerkat_id' in o for o in bpy.data.objects)]"), [3, 0])

    def test_opening_another_file_leaves_the_room(self):
        """It says so, and what was done last is sent."""
        anna = self.enter_empty()
        anna.run("bpy.ops.meerkat.add(type='CUBE', location=(1, 2, 3))\n" + EMPTY
                 + '\nbpy.ops.meerkat.tick()')
        self.assertEqual(self.say(anna)[0], 'DISCONNECTED')
        self.assertTrue(anna.run(f"result = any('another file' in w.text for w in {WM}.warnings)"))
        item, = self.wait_for_objects(1)
        self.assertEqual(item['transform']['position'], [1, 2, 3])

    def test_quitting(self):
        """The others see it at once, and the last edit is there."""
        watcher = self.join('watcher')
        anna = self.enter_empty()
        anna.run("bpy.ops.meerkat.add(type='CUBE', location=(3, 2, 1))")
        anna.quit()
        watcher.expect('USER_LEFT', lambda message: message['payload']['reason'] == 'left')
        item, = self.wait_for_objects(1)
        self.assertEqual(item['transform']['position'], [3, 2, 1])

    def test_disabling_the_add_on(self):
        """It leaves the room; enabled again, it can enter."""
        anna = self.enter_empty()
        watcher = self.join('watcher')
        anna.run('bpy.ops.preferences.addon_disable(module=module)', module=anna.module)
        watcher.expect('USER_LEFT')
        anna.run('bpy.ops.preferences.addon_enable(module=module)', module=anna.module)
        self.enter(anna)

    def test_removing_the_scene(self):
        """The room's scene is removed: one leaves, nothing is deleted for the others."""
        anna = self.blender(background=True)
        self.enter(anna, scene='NEW')
        anna.run("bpy.ops.meerkat.add(type='CUBE', location=(0, 0, 0))")
        before = self.settle(anna)
        anna.run("bpy.data.scenes.remove(bpy.context.scene)\nbpy.ops.meerkat.tick()")
        self.assertEqual(self.say(anna)[0], 'DISCONNECTED')
        self.assertEqual(self.state()['objects'].keys(), before.keys())

    def wait_for_objects(self, count):
        """The server's objects, as soon as there are so many."""
        for _ in range(100):
            objects = self.state()['objects']
            if len(objects) == count:
                return list(objects.values())
            self.later()
        return self.fail(f'{len(objects)} objects instead of {count}')


class TestStays(TestSession):

    def test_hidden_and_excluded_is_not_deleted(self):
        """Nor is an object that was moved to another collection."""
        anna, ben = self.enter_empty('Anna'), self.enter_empty('Ben')
        anna.run("for n in range(3): bpy.ops.meerkat.add(type='CUBE', location=(n, 0, 0))")
        before = self.settle(anna, ben)
        anna.run('''
            first, second, third = bpy.context.scene.objects
            first.hide_viewport = True
            second.hide_set(True)
            other = bpy.data.collections.new('Other')
            bpy.context.scene.collection.children.link(other)
            for collection in third.users_collection: collection.objects.unlink(third)
            other.objects.link(third)
            bpy.ops.meerkat.tick()
            bpy.context.view_layer.layer_collection.children['Other'].exclude = True
        ''')
        self.assertEqual(self.settle(anna, ben).keys(), before.keys())
        ben.run('for o in bpy.context.scene.objects: o.location.z = 4')
        ben.run("bpy.ops.meerkat.wait(until='SENT', timeout=10.0)")
        anna.wait_until('all(o.location.z == 4 for o in (first, second, third))')
        self.settle(ben)

    def test_local_child_of_a_removed_object_keeps_its_place(self):
        """What is not shared does not jump when what carries it is removed by somebody else."""
        anna, ben = self.enter_empty('Anna'), self.enter_empty('Ben')
        anna.run('''
            bpy.ops.meerkat.add(type='CUBE', location=(5, 0, 0))
            parent = bpy.context.object
            bpy.ops.object.empty_add()
            child = bpy.context.object
            child.parent = parent
            child.location = (1, 1, 0)
            bpy.context.view_layer.update()
        ''')
        self.settle(anna, ben)
        ben.run('bpy.data.objects.remove(bpy.context.scene.objects[0])')
        self.settle(anna, ben)
        self.assertEqual(anna.run('result = [child.parent is None, list(child.location)]'),
                         [True, [6, 1, 0]])


if __name__ == '__main__':
    tap.main()
