# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What the product promises, done as its users would: real windows, a real daemon, no pumping.
Beside test_session.py, which does in the background what needs no window.

Windows show a text editor where nothing is to be seen: that costs no drawing. Where one Blender is
enough, the others in the room are plain clients.
"""

import http.server
import threading
import time

from support import scenes, tap
from support.blender import BlenderTest
from support.client import flatten, place

WM = 'bpy.context.window_manager.meerkat'
CHANGES = ('OBJECT_CREATED', 'OBJECT_DELETED', 'TRANSFORM_UPDATED', 'PROPERTIES_UPDATED',
           'NAME_UPDATED')

# What every Blender here begins with: nothing in the scene, and a way to find shared objects.
EMPTY = '''
    bpy.data.batch_remove(list(bpy.data.objects))

    def of(object_id):
        """The object of that id in the open scene, or None."""
        return next((o for o in bpy.context.scene.objects if o.get('meerkat_id') == object_id), None)

    def names():
        return sorted(o.name for o in bpy.context.scene.objects)
'''

LIBRARY = '''
    mesh = bpy.data.meshes.new('Wood')
    mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
    wood = bpy.data.objects.new('Wood', mesh)
    oak = bpy.data.collections.new('oak_tree')
    oak.objects.link(wood)
    oak.asset_mark()
    bpy.data.libraries.write(path, {oak}, fake_user=True)
    bpy.data.batch_remove([oak, wood, mesh])
'''

# A small picture by an engine that needs no graphics; `during` is for what is seen meanwhile.
PREPARE_RENDER = '''
    import time
    scene = bpy.context.scene
    scene.camera = of(camera)
    scene.render.engine = 'CYCLES'
    scene.cycles.samples = 1
    scene.cycles.use_denoising = False
    scene.render.resolution_x = scene.render.resolution_y = 16
    scene.render.threads_mode, scene.render.threads = 'FIXED', 1
    bpy.context.preferences.view.render_display_type = 'NONE'
    slow = True
    during = []
'''


class AcceptanceTest(BlenderTest):
    """Helpers for the rest."""

    def person(self, name, session='test', **how):
        """A Blender of its own with an empty scene, in the room."""
        blender = self.blender(**how)
        blender.run(EMPTY)
        self.enter(blender, name, session)
        return blender

    def settle(self, *blenders):
        """Waits until all of them show what the server has; returns that."""
        return scenes.wait_settled(self, blenders, timeout=30)

    def wait_for(self, blender, object_id):
        blender.wait_until('of(object_id) is not None', object_id=object_id)

    def expect_left(self, watcher, name='Anna'):
        """Waits until a plain client hears that somebody of that name left; returns the reason."""
        ids = {message['payload']['user_id'] for message in flatten(watcher.messages)
               if message['payload'].get('display_name') == name}
        ids |= {user_id for user_id, user in watcher.sync['users'].items()
                if user['display_name'] == name}
        left = watcher.expect('USER_LEFT', lambda m: m['payload']['user_id'] in ids)
        return left['payload']['reason']

    def keep_the_port(self):
        """A daemon that is started again is to be found at the same address."""
        self.daemon.flags += ['--listen', f'127.0.0.1:{self.daemon.port}']

    def changes(self, client):
        """What has changed in the scene since this client looked last."""
        return [message for message in flatten(client.barrier())
                if message['event_type'] in CHANGES]


class TestLayout(AcceptanceTest):
    """Objects come, move, change and go (the product's phases 3 and 4), in two windows."""

    def setUp(self):
        super().setUp()
        self.anna, self.ben = self.person('Anna'), self.person('Ben')

    def test_every_type_is_made_and_deleted_both_ways(self):
        """Buttons on one side, the asset of a library, and X on the other side."""
        library = self.anna.folder / 'props.blend'
        self.anna.run(LIBRARY, path=str(library))
        for blender in (self.anna, self.ben):
            blender.run('meerkat.preferences.get().libraries.add().path = path', path=str(library))
        for maker, other in ((self.anna, self.ben), (self.ben, self.anna)):
            maker.run('''
                with override():
                    for number, kind in enumerate(('CUBE', 'SPHERE', 'CYLINDER', 'CAMERA',
                                                   'POINT_LIGHT', 'SUN_LIGHT')):
                        bpy.ops.meerkat.add(type=kind, location=(number, 0, 0))
                    bpy.ops.meerkat.place_asset(asset='oak_tree', location=(7, 8, 9))
            ''')
            other.wait_until('len(bpy.context.scene.objects) == 7')
            server = self.settle(self.anna, self.ben)
            self.assertEqual({item['type'] for item in server.values()},
                             {'cube', 'sphere', 'cylinder', 'camera', 'point_light', 'sun_light',
                              'asset_ref'})
            self.assertEqual(other.run('''
                tree = next(o for o in bpy.context.scene.objects if o.type == 'EMPTY')
                result = [tree.instance_collection.name, tree.instance_collection.library.name,
                          list(tree.location)]
            '''), ['oak_tree', 'props.blend', [7, 8, 9]])
            other.run('''
                with override():
                    bpy.ops.object.select_all(action='SELECT')
                    bpy.ops.object.delete()
            ''')
            maker.wait_until('not bpy.context.scene.objects', show='names()')
            self.assertEqual(self.settle(self.anna, self.ben), {})
            for blender in (self.anna, self.ben):
                self.assertEqual(blender.run('''
                    with override():  # what might be in a hand is freed after an operator
                        bpy.ops.mesh.primitive_monkey_add('EXEC_DEFAULT', True)
                        bpy.ops.object.delete('EXEC_DEFAULT', True)
                    result = None
                '''), None)
                blender.wait_until('not bpy.data.objects or [o.name for o in bpy.data.objects] '
                                   '== ["Wood"]', show='[o.name for o in bpy.data.objects]')

    def test_a_drag_is_smooth_and_no_flood(self):
        """The other one sees many places between, never one backwards; 30 a second are sent."""
        watcher = self.join('watcher')
        self.anna.run("with override(): bpy.ops.meerkat.add(type='CUBE', location=(0, 0, 0))")
        object_id = next(iter(self.settle(self.anna, self.ben)))
        self.changes(watcher)
        self.ben.run('''
            seen = []
            def note_place():
                x = of(object_id).location.x
                if not seen or x != seen[-1]:
                    seen.append(x)
                return 0.005
            bpy.app.timers.register(note_place)
        ''', object_id=object_id)
        self.anna.run('''
            dragged = True
            def drag():
                of(object_id).location.x += 0.01
                return 0.005 if dragged else None
            bpy.app.timers.register(drag)
        ''', object_id=object_id)
        self.ben.wait_until('len(seen) > 60', 120)
        self.anna.run('dragged = False')
        server = self.settle(self.anna, self.ben)
        seen = self.ben.run('bpy.app.timers.unregister(note_place); result = seen')
        self.assertEqual(seen, sorted(seen))
        end = server[object_id]['transform']['position'][0]
        self.assertTrue(scenes.near(seen[-1], end), (seen[-1], end))
        sent = [m for m in self.changes(watcher) if m['event_type'] == 'TRANSFORM_UPDATED']
        self.assertEqual({m['source_user_id'] for m in sent},
                         {self.anna.run(f'result = {WM}.user_id')})
        seconds = (sent[-1]['timestamp'] - sent[0]['timestamp']) / 1000
        self.assertGreater(len(sent), 5)
        self.assertLessEqual(len(sent), 30 * seconds + 3)

    def test_colour_focal_length_and_name(self):
        """Seen by the other one without any pumping, whoever made the object."""
        self.anna.run('''
            with override():
                bpy.ops.meerkat.add(type='POINT_LIGHT', location=(0, 0, 0))
                bpy.ops.meerkat.add(type='CAMERA', location=(1, 0, 0))
        ''')
        self.settle(self.anna, self.ben)
        for editor, other, value in ((self.anna, self.ben, 0.25), (self.ben, self.anna, 0.75)):
            editor.run('''
                for obj in bpy.context.scene.objects:
                    if obj.type == 'LIGHT':
                        obj.data.color = (value, 0.5, 1)
                        obj.name = f'hero light {value}'
                    else:
                        obj.data.lens = 100 * value
            ''', value=value)
            other.wait_until('bpy.data.objects.get(f"hero light {value}")', value=value,
                             show='names()')
            server = self.settle(self.anna, self.ben)
            properties = {item['type']: item['properties'] for item in server.values()}
            self.assertEqual(properties['point_light']['color'][0], value)
            self.assertEqual(properties['camera']['focal_length'], 100 * value)


class TestRoom(AcceptanceTest):
    """Who is there, and coming back (the product's phase 5)."""

    def test_leave_and_come_back(self):
        """The others see it in their list; the scene is kept, and is whole for who comes back."""
        anna, ben = self.person('Anna'), self.person('Ben')
        users = f'sorted(user.name for user in {WM}.users)'
        for blender in (anna, ben):
            blender.wait_until(f"{users} == ['Anna', 'Ben']", show=users)
        anna.run("with override(): bpy.ops.meerkat.add(type='CUBE', location=(0, 0, 0))")
        cube = next(iter(self.settle(anna, ben)))
        ben.wait_until(f'any(user.selected == cube for user in {WM}.users)', cube=cube)
        anna.run('bpy.ops.meerkat.disconnect()')
        ben.wait_until(f"{users} == ['Ben']", show=users)
        ben.run('''
            of(cube).location.z = 3
            with override(): bpy.ops.meerkat.add(type='SPHERE', location=(5, 5, 5))
        ''', cube=cube)
        self.settle(ben)
        self.enter(anna, 'Anna')
        ben.wait_until(f"{users} == ['Anna', 'Ben']", show=users)
        self.assertEqual(len(self.settle(anna, ben)), 2)
        for blender in (anna, ben):
            blender.run('bpy.ops.meerkat.disconnect()')
        self.enter(anna, 'Anna')
        self.assertEqual(len(self.settle(anna)), 2)

    def test_save_scene(self):
        """The file holds all that is in the room, and opens in a Blender without the add-on."""
        anna = self.person('Anna')
        other = self.join('other')
        for kind in ('cube', 'camera', 'point_light', 'sun_light'):
            other.create(kind, name=f'the {kind}', transform=place(1, 2, 3), ack=True)
        anna.wait_until('len(bpy.context.scene.objects) == 4')
        path = anna.folder / 'saved.blend'
        anna.run('with override(): bpy.ops.meerkat.save_scene(filepath=path)', path=str(path))
        self.assertEqual(anna.run(f'result = {WM}.status'), 'CONNECTED')
        self.settle(anna)
        plain = self.blender(background=True, addon=None)
        self.assertEqual(plain.run('''
            bpy.ops.wm.open_mainfile(filepath=path)
            result = sorted([o.name, *o.location] for o in bpy.context.scene.objects)
        ''', path=str(path)), [[f'the {kind}', 1, 2, 3]
                               for kind in ('camera', 'cube', 'point_light', 'sun_light')])

    def test_two_on_one_computer(self):
        """Two Blenders with the same settings are two users."""
        anna = self.person('Anna', background=True)
        anna.run('bpy.ops.wm.save_userpref()')
        again = self.person('Anna', background=True, version=anna.version, home=anna.home,
                            factory=False)
        ids = [blender.run(f'result = {WM}.user_id') for blender in (anna, again)]
        self.assertNotEqual(*ids)
        anna.wait_until(f'sorted(u.user_id for u in {WM}.users) == sorted(ids)', ids=ids)


class TestBreaks(AcceptanceTest):
    """The server goes away, or works hard."""

    def test_both_were_away(self):
        """After kill -9 each tells what it did meanwhile: what was done last counts, whoever comes
        back first, and what one deleted stays deleted."""
        anna, ben = self.person('Anna'), self.person('Ben')
        self.keep_the_port()
        for first, second in ((anna, ben), (ben, anna)):
            self.both_were_away(anna, ben, first, second)

    def both_were_away(self, anna, ben, first, second):
        other = self.join('other')
        moved, named, gone, fought = [other.create('cube', name=name, ack=True)
                                      for name in ('moved', 'named', 'gone', 'fought')]
        other.close()
        before = self.settle(anna, ben)
        self.daemon.kill()
        for blender in (anna, ben):
            blender.wait_until(f"{WM}.status == 'RECONNECTING'")

        def do(blender, source):
            pending = blender.run(f'result = {WM}.pending')
            blender.run(source, moved=moved, named=named, gone=gone, fought=fought)
            blender.wait_until(f'{WM}.pending > pending', pending=pending)
            self.later()

        do(anna, 'of(moved).location = (1, 0, 0)')
        do(ben, 'of(moved).location = (2, 0, 0)')
        do(ben, 'of(named).name = "as Ben says"')
        do(anna, 'of(named).name = "as Anna says"')
        do(anna, 'bpy.data.objects.remove(of(gone))')
        do(anna, 'bpy.data.objects.remove(of(fought))')
        do(ben, 'of(fought).location = (3, 0, 0)')
        do(anna, "with override(): bpy.ops.meerkat.add(type='CUBE', location=(8, 0, 0))")
        do(ben, "with override(): bpy.ops.meerkat.add(type='SPHERE', location=(9, 0, 0))")

        self.daemon.restart(kill=True)
        for blender in (first, second):
            blender.run('bpy.ops.meerkat.reconnect_now()')
            blender.wait_until(f"{WM}.status == 'CONNECTED' and {WM}.pending == 0", 60)
        server = self.settle(anna, ben)
        self.assertEqual(server[moved]['transform']['position'], [2, 0, 0])
        self.assertEqual(server[named]['name'], 'as Anna says')
        self.assertNotIn(gone, server)
        self.assertNotIn(fought, server)
        self.assertEqual(len(server), len(before))

    def test_not_a_server(self):
        """A web server that is none of ours; then the right address can be typed."""
        web = http.server.HTTPServer(('127.0.0.1', 0), http.server.BaseHTTPRequestHandler)
        thread = threading.Thread(target=web.serve_forever)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(web.server_close)
        self.addCleanup(web.shutdown)
        anna = self.blender()
        anna.run(EMPTY)
        anna.run("bpy.ops.meerkat.connect(server_url=url, session='test', display_name='Anna')",
                 url=f'http://127.0.0.1:{web.server_port}')
        anna.wait_until(f"{WM}.status == 'DISCONNECTED'")
        self.assertEqual(anna.run(f'result = {WM}.error_code'), 'NOT_A_SERVER')
        self.assertIn('not a Meerkat server', anna.run(f'result = {WM}.status_text'))
        self.enter(anna, 'Anna')

    def test_transform_spam(self):
        """Five who send as fast as they can: the server serves on, Blender follows to the end."""
        anna = self.person('Anna')
        spammers = [self.join() for _ in range(5)]
        cubes = [spammer.create('cube', ack=True) for spammer in spammers]
        for number in range(600):
            for spammer, cube in zip(spammers, cubes):
                spammer.send('UPDATE_TRANSFORM',
                             {'object_id': cube, 'transform': place(number, number / 7, 0)})
                spammer.pump()
        for spammer in spammers:
            spammer.barrier()
        server = self.settle(anna)
        for cube in cubes:
            self.assertEqual(server[cube]['transform']['position'][0], 599)
        metrics = self.daemon.metrics()
        self.assertGreaterEqual(metrics['transform_updates_total'], 3000)
        for name in ('active_sessions', 'active_connections', 'messages_received_total',
                     'messages_sent_total', 'p50_ms', 'rss_bytes'):
            self.assertGreater(metrics[name], 0, name)


class TestFiles(AcceptanceTest):
    """Opening, saving, quitting: each does the obvious thing, and loses nothing."""

    def cube(self, blender, location=(0, 0, 0)):
        """Makes a cube and returns its id."""
        blender.run("with override(): bpy.ops.meerkat.add(type='CUBE', location=location)",
                    location=location)
        return next(key for key, item in self.settle(blender).items()
                    if item['transform']['position'] == list(location))

    def test_saved_and_opened_again(self):
        """In the same room the objects are taken up where they are; in another one they stay as
        local ones, without the old ids."""
        anna = self.person('Anna')
        cube = self.cube(anna)
        anna.run("of(cube).name = 'hero'", cube=cube)
        server = self.settle(anna)
        path = str(anna.folder / 'mine.blend')
        reopen = '''
            bpy.ops.wm.open_mainfile(filepath=path, load_ui=False)
            hero = bpy.data.objects['hero']
            hero['mark'] = 'mine'
        '''
        anna.run('bpy.ops.wm.save_as_mainfile(filepath=path)', path=path)
        self.assertEqual(anna.run(f'result = {WM}.status'), 'CONNECTED')
        other = self.join('other')
        other.acked('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place(4, 5, 6)})
        anna.run(reopen, path=path)
        self.enter(anna, 'Anna')
        anna.wait_until("list(bpy.data.objects['hero'].location) == [4, 5, 6]",
                        show="list(bpy.data.objects['hero'].location)")
        self.assertEqual(anna.run("result = [[o.name, o.get('mark')] for o in bpy.data.objects]"),
                         [['hero', 'mine']])
        self.assertEqual(self.settle(anna).keys(), server.keys())

        anna.run('bpy.ops.meerkat.disconnect()')
        anna.run(reopen, path=path)
        self.enter(anna, 'Anna', session='another')
        self.assertEqual(anna.run("result = [[o.name, o.get('meerkat_id')] "
                                  "for o in bpy.data.objects]"), [['hero', None]])
        anna.wait_until(f"[o.name for o in {WM}.local_objects] == ['hero']",
                        show=f'[o.name for o in {WM}.local_objects]')
        self.assertEqual(self.state('another')['objects'], {})

    def test_quit_after_an_edit(self):
        """What was done just before quitting is with the server, and the others see who left."""
        anna = self.person('Anna')
        watcher = self.join('watcher')
        cube = self.cube(anna)
        anna.run('''
            def last():
                of(cube).location.x = 5
                bpy.context.view_layer.update()
                with override():
                    bpy.ops.wm.quit_blender()
            bpy.app.timers.register(last)
        ''', cube=cube)
        self.assertEqual(self.expect_left(watcher), 'left')
        self.assertEqual(self.state()['objects'][cube]['transform']['position'], [5, 0, 0])

    def test_script_leaves_after_an_edit(self):
        """A script need not wait before it leaves."""
        anna = self.person('Anna', background=True)
        other = self.join('other')
        cube = other.create('cube', ack=True)
        self.wait_for(anna, cube)
        anna.run('of(cube).location.x = 5\n'
                 'bpy.ops.meerkat.disconnect()', cube=cube)
        self.expect_left(other)
        self.assertEqual(self.state()['objects'][cube]['transform']['position'], [5, 0, 0])

    def test_off_and_on(self):
        """The add-on is switched off in the room and on again: the objects are the same."""
        anna = self.person('Anna')
        watcher = self.join('watcher')
        cube = self.cube(anna)
        anna.run("bpy.ops.preferences.addon_disable(module=module)", module=anna.module)
        self.expect_left(watcher)
        anna.run('''
            of(cube)['mark'] = 'mine'
            bpy.ops.preferences.addon_enable(module=module)
        ''', cube=cube, module=anna.module)
        self.enter(anna, 'Anna')
        self.settle(anna)
        self.assertEqual(anna.run("result = [[o['meerkat_id'], o.get('mark')] "
                                  "for o in bpy.data.objects]"), [[cube, 'mine']])
        anna.run('of(cube).location.x = 2', cube=cube)
        watcher.expect('TRANSFORM_UPDATED')


class TestScene(AcceptanceTest):
    """One Blender's scene is more than what is shared of it."""

    def setUp(self):
        super().setUp()
        self.anna = self.person('Anna', background=True)
        self.other = self.join('other')

    def create(self, **more):
        """An object of somebody else that Anna has."""
        object_id = self.other.create(ack=True, **more)
        self.wait_for(self.anna, object_id)
        self.other.barrier()
        return object_id

    def move(self, object_id, *position):
        """Somebody else moves it."""
        self.other.acked('UPDATE_TRANSFORM', {'object_id': object_id,
                                              'transform': place(*position)})

    def tick(self):
        """Lets Anna's Blender do what it has to."""
        self.anna.run("for _ in range(5): bpy.ops.meerkat.tick()\n"
                      "bpy.ops.meerkat.wait(until='SENT')")

    def test_hidden_and_excluded(self):
        """What is not shown is not gone, and is kept up to date both ways."""
        for hide in ('obj.hide_set(True)', 'obj.hide_viewport = True',
                     'obj.users_collection[0].hide_viewport = True',
                     'layer().hide_viewport = True', 'layer().exclude = True'):
            with self.subTest(hide):
                cube = self.create()
                self.anna.run('''
                    obj = of(cube)
                    def layer():
                        name = obj.users_collection[0].name
                        return bpy.context.view_layer.layer_collection.children[name]
                ''', cube=cube)
                self.anna.run(hide)
                self.tick()
                self.move(cube, 1, 2, 3)
                self.anna.wait_until('list(obj.location) == [1, 2, 3]',
                                     show='list(obj.location)')
                self.anna.run('obj.location.x = 9')
                self.tick()
                self.anna.run('''
                    obj.users_collection[0].hide_viewport = obj.hide_viewport = False
                    layer().hide_viewport = layer().exclude = False
                    obj.hide_set(False)
                ''')
                self.tick()
                server = self.state()['objects']
                self.assertIn(cube, server)
                self.assertEqual(server[cube]['transform']['position'], [9, 2, 3])
                self.assertEqual(self.anna.run('result = list(obj.matrix_world.translation)'),
                                 [9, 2, 3])

    def test_another_collection(self):
        """To sort objects into collections is no deletion, and nobody else's business."""
        cube = self.create()
        self.anna.run('''
            props = bpy.data.collections.new('Props')
            bpy.context.scene.collection.children.link(props)
            obj = of(cube)
            bpy.context.view_layer.objects.active = obj
            obj.select_set(True)
            index = list(bpy.context.scene.collection.children).index(props) + 1
            bpy.ops.object.move_to_collection(collection_index=index)
        ''', cube=cube)
        self.tick()
        self.assertEqual(self.anna.run('result = [c.name for c in obj.users_collection]'),
                         ['Props'])
        self.assertEqual(self.changes(self.other), [])
        self.move(cube, 1, 0, 0)
        self.anna.wait_until('obj.location.x == 1')
        self.anna.run('bpy.data.collections.remove(props)')
        self.tick()
        self.assertNotIn(cube, self.state()['objects'])

    def test_in_two_scenes(self):
        """An object is in the room as long as it is in the room's scene."""
        cube = self.create()
        self.anna.run('''
            obj = of(cube)
            second = bpy.data.scenes.new('Second')
            second.collection.objects.link(obj)
        ''', cube=cube)
        self.tick()
        self.anna.run('second.collection.objects.unlink(obj)')
        self.tick()
        self.assertEqual(self.changes(self.other), [])
        self.anna.run('''
            second.collection.objects.link(obj)
            bpy.context.view_layer.objects.active = obj
            obj.select_set(True)
            bpy.ops.object.delete()
        ''')
        self.tick()
        self.assertEqual([m['event_type'] for m in self.changes(self.other)], ['OBJECT_DELETED'])
        self.assertEqual(self.anna.run('result = [o.name for o in second.objects]'), ['Cube'])

    def test_remote_deletion_of_an_object_in_two_scenes(self):
        """It goes from the room's scene, and stays where its user has put it besides."""
        cube = self.create()
        self.anna.run('''
            second = bpy.data.scenes.new('Second')
            second.collection.objects.link(of(cube))
        ''', cube=cube)
        self.tick()
        self.other.acked('DELETE_OBJECT', {'object_id': cube})
        self.anna.wait_until('not names()', show='names()')
        self.tick()
        self.assertEqual(self.anna.run('result = [o.name for o in second.objects]'), ['Cube'])

    def test_linked_data(self):
        """What is linked from a file directly stays as it is, and the list says why; in the place of
        a scene of another file, which cannot be changed, the room gets one of its own."""
        path = str(self.anna.folder / 'film.blend')
        self.anna.run('''
            film = bpy.data.scenes.new('Film')
            prop = bpy.data.objects.new('prop', bpy.data.lights.new('prop', 'POINT'))
            film.collection.objects.link(prop)
            bpy.data.libraries.write(path, {film}, fake_user=True)
            bpy.data.batch_remove([film, prop, prop.data])
            with bpy.data.libraries.load(path, link=True) as (there, here):
                here.objects, here.scenes = ['prop'], ['Film']
            bpy.context.scene.collection.objects.link(here.objects[0])
        ''', path=path)
        self.tick()
        self.assertEqual(self.changes(self.other), [])
        self.assertIn('linked', self.anna.run(
            f'result = next(o.reason for o in {WM}.local_objects if o.name == "prop")'))
        self.create()
        self.anna.run("bpy.ops.meerkat.disconnect()\n"
                      "bpy.context.window.scene = next(s for s in bpy.data.scenes if s.library)")
        self.enter(self.anna, 'Anna')
        self.anna.wait_until('len(bpy.context.scene.objects) == 1')
        self.assertEqual(self.anna.run('result = [s.name for s in bpy.data.scenes]'),
                         ['Scene', 'test', 'Film'])

    def test_light_of_a_type_that_is_not_shared(self):
        """A sun made an area light stays what it was for the others, and can become a sun again."""
        self.anna.run("bpy.ops.meerkat.add(type='SUN_LIGHT', location=(0, 0, 0))\n"
                      "sun = bpy.context.object")
        self.tick()
        sun = next(iter(self.state()['objects']))
        self.anna.run("sun.data.type = 'AREA'\nsun.location.x = 1")
        self.tick()
        self.other.acked('UPDATE_PROPERTIES', {'object_id': sun,
                                               'properties': {'angle': 0.5, 'intensity': 3}})
        self.tick()
        item = self.state()['objects'][sun]
        self.assertEqual((item['type'], item['transform']['position']), ('sun_light', [1, 0, 0]))
        self.anna.run("sun.data.type = 'SUN'\nsun.data.energy = 4")
        self.tick()
        self.assertEqual(self.settle(self.anna)[sun]['properties']['intensity'], 4)

    def test_render_by_a_script(self):
        """Also where Blender waits for it, and a tick comes in between."""
        cube, camera = self.create(), self.create(kind='camera')
        self.anna.run(PREPARE_RENDER, camera=camera)
        self.other.barrier()
        begun = self.anna.folder / 'begun'
        rendering = threading.Thread(target=self.anna.run, args=('''
            def work(*_):
                client = meerkat.state.session.client
                open(begun, 'w').close()
                while client.replica.objects[cube].transform[0] != 5:
                    meerkat.state.session.tick()
                    time.sleep(0.01)
                for _ in range(50):
                    meerkat.state.session.tick()
                during.append(of(cube).location.x)
            bpy.app.handlers.render_pre.append(work)
            bpy.ops.render.render()
            bpy.app.handlers.render_pre.remove(work)
        ''',), kwargs={'cube': cube, 'begun': str(begun)})
        rendering.start()
        while rendering.is_alive() and not begun.exists():
            time.sleep(0.01)
        self.other.send('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place(5, 0, 0)})
        rendering.join()
        self.assertEqual(self.anna.run('result = during'), [0])
        self.anna.wait_until('of(cube).location.x == 5', cube=cube)
        self.assertEqual(self.changes(self.other), [])


class TestUndoBesideOthers(AcceptanceTest):
    """Blender's undo knows nothing of what came from outside. It must not crash, and takes back
    what its user did."""

    def setUp(self):
        super().setUp()
        self.anna = self.person('Anna')
        self.other = self.join('other')
        self.anna.run("def step(): \n"
                      "    with override(): bpy.ops.ed.undo_push(message='step')")

    def travel(self, *steps):
        for step in steps:
            self.anna.run(f'with override(): bpy.ops.ed.{step}()')
            self.anna.run('')
        return self.settle(self.anna)

    def test_object_that_came_since(self):
        """What others made since one's last action is in no undo step."""
        self.other.create(ack=True)
        self.anna.wait_until('len(names()) == 1')
        for _ in range(3):
            self.anna.run('step()')
        cubes = {self.other.create(ack=True) for _ in range(10)}
        self.anna.wait_until('len(names()) == 11')
        for steps in (('undo', 'undo'), ('redo',), ('undo',), ('redo', 'redo')):
            self.assertLess(cubes, self.travel(*steps).keys())
        settings = self.anna.run('result = [bpy.context.preferences.view.show_developer_ui, '
                                 'bpy.context.preferences.experimental.use_undo_legacy]')
        self.assertEqual(settings, [False, False])

    def test_data_that_was_made_single(self):
        """A remote edit of one of two that share a light gives it a light of its own."""
        self.anna.run('''
            with override():
                bpy.ops.meerkat.add('EXEC_DEFAULT', True, type='POINT_LIGHT', location=(0, 0, 0))
                bpy.ops.object.duplicate_move_linked('EXEC_DEFAULT', True)
        ''')
        light = next(iter(self.settle(self.anna)))
        for _ in range(3):
            self.anna.run('step()')
        self.other.acked('UPDATE_PROPERTIES', {'object_id': light, 'properties': {'power': 7}})
        self.anna.wait_until('of(light).data.energy == 7', light=light)
        self.assertEqual(self.travel('undo', 'undo', 'redo')[light]['properties']['power'], 7)

    def test_after_leaving(self):
        """What came from others is the user's now, and survives the undo of what came later."""
        for _ in range(3):
            self.anna.run('step()')
        self.other.create(ack=True)
        self.anna.wait_until('len(names()) == 1')
        self.anna.run('bpy.ops.meerkat.disconnect()')
        self.anna.run('''
            bpy.context.scene.objects[0].location.x = 5
            step()
            with override(): bpy.ops.ed.undo()
        ''')
        self.assertEqual(self.anna.run('result = [o.location.x for o in bpy.context.scene.objects]'),
                         [0])
        for _ in range(3):
            self.anna.run('with override(): bpy.ops.ed.undo()')

    def test_type_of_a_light(self):
        """Its change is undone and redone under the same id; somebody else's change is not."""
        self.anna.run("with override(): bpy.ops.meerkat.add('EXEC_DEFAULT', True, "
                      "type='POINT_LIGHT', location=(0, 0, 0))")
        light = next(iter(self.settle(self.anna)))
        self.anna.run("of(light).data.type = 'SUN'; step()", light=light)
        self.assertEqual(self.settle(self.anna)[light]['type'], 'sun_light')
        self.other.acked('UPDATE_TRANSFORM', {'object_id': light, 'transform': place(1, 2, 3)})
        self.anna.wait_until('of(light).location.x == 1', light=light)
        for step, kind in (('undo', 'point_light'), ('redo', 'sun_light')):
            item = self.travel(step)[light]
            self.assertEqual((item['type'], item['transform']['position']), (kind, [1, 2, 3]))
        self.anna.run("of(light).data.color = (1, 0, 0); step()", light=light)
        self.settle(self.anna)
        self.other.acked_batch([
            ('DELETE_OBJECT', {'object_id': light}),
            ('CREATE_OBJECT', {'object_id': light, 'name': 'Light', 'type': 'point_light'})])
        self.anna.wait_until("of(light).data.type == 'POINT'", light=light)
        for steps in (('undo', 'undo'), ('redo',)):
            self.assertEqual(self.travel(*steps)[light]['type'], 'point_light')


class TestTime(AcceptanceTest):
    """Rendering and playback."""

    def setUp(self):
        super().setUp()
        self.anna = self.person('Anna')
        self.other = self.join('other')
        self.cube = self.other.create(ack=True)
        self.camera = self.other.create('camera', ack=True, transform=place(0, 0, 9))
        self.wait_for(self.anna, self.camera)
        self.wait_for(self.anna, self.cube)

    def test_render_in_a_window(self):
        """While it renders nothing of the scene is changed; afterwards all of it; and nothing is
        sent because of it."""
        self.anna.run(PREPARE_RENDER, camera=self.camera)
        self.anna.run('''
            def wait(*_):
                while slow:
                    time.sleep(0.01)
            bpy.app.handlers.render_pre.append(wait)
            with override():
                bpy.ops.render.render('INVOKE_DEFAULT')
        ''')
        self.anna.wait_until("bpy.app.is_job_running('RENDER')")
        self.other.barrier()
        self.other.acked('UPDATE_TRANSFORM', {'object_id': self.cube, 'transform': place(5, 0, 0)})
        sphere = self.other.create('sphere', ack=True)
        self.other.acked('DELETE_OBJECT', {'object_id': self.camera})
        self.anna.wait_until('sphere in meerkat.state.session.client.replica.objects '
                             'and camera not in meerkat.state.session.client.replica.objects',
                             sphere=sphere, camera=self.camera)
        self.assertEqual(self.anna.run('''
            result = [bpy.app.is_job_running('RENDER'), of(cube).location.x,
                      of(sphere) is None, of(camera) is None]
        ''', cube=self.cube), [True, 0, True, False])
        self.anna.run('slow = False')
        self.anna.wait_until("not bpy.app.is_job_running('RENDER')")
        self.assertEqual(self.settle(self.anna).keys(), {self.cube, sphere})
        self.assertEqual(self.changes(self.other), [])

    def test_playback(self):
        """The time line runs: what moves by itself is not sent, what others do arrives."""
        self.anna.run('''
            sphere = of(cube).copy()
            sphere.data = sphere.data.copy()
            bpy.context.scene.collection.objects.link(sphere)
            sphere.keyframe_insert('location', frame=1)
            sphere.location.x = 9
            sphere.keyframe_insert('location', frame=50)
        ''', cube=self.cube)
        self.anna.wait_until("sphere.get('meerkat_id') not in (None, cube) and "
                             f"{WM}.pending == 0", cube=self.cube)
        self.other.barrier()
        self.anna.run('''
            frames = set()
            bpy.app.handlers.frame_change_post.append(lambda scene, _: frames.add(scene.frame_current))
            with override(): bpy.ops.screen.animation_play()
        ''')
        self.anna.wait_until('len(frames) > 5')
        self.other.acked('UPDATE_TRANSFORM', {'object_id': self.cube, 'transform': place(5, 0, 0)})
        self.anna.wait_until('of(cube).location.x == 5', cube=self.cube)
        self.anna.run('frames.clear()')
        self.anna.wait_until('len(frames) > 5')
        self.anna.run('with override(): bpy.ops.screen.animation_cancel()')
        self.assertEqual(self.changes(self.other), [])


if __name__ == '__main__':
    tap.main()
