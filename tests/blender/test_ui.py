# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What users see and click, in real windows; the other users are plain clients.

With MEERKAT_IMAGES=docs/images the pictures of the user guide are made anew:

    MEERKAT_IMAGES=$PWD/docs/images meson test -C build blender-ui
"""

import os
import re
import subprocess
import unittest

from support import tap
from support.blender import ROOT, BlenderError, BlenderTest, display
from support.client import place

WM = 'bpy.context.window_manager.meerkat'
ROOM = 'shot-01'
GUIDE = ROOT / 'docs' / 'user-guide.md'
IMAGES = os.environ.get('MEERKAT_IMAGES')
PICTURES = {'panel-disconnected', 'panel-connected', 'panel-reconnecting', 'connect-dialog',
            'overlay-selections', 'overlay-placeholder'}
ORANGE = (255, 191, 77)  # the text of a placeholder's label


class WindowTest(BlenderTest):
    """A test with one Blender that shows a 3D view and its sidebar."""

    window = (1000, 900)

    def setUp(self):
        super().setUp()
        self.anna = self.blender(view='3D', size=self.window)
        self.anna.run('''
            bpy.context.preferences.system.viewport_aa = 'OFF'
            drawn = []
            main = bpy.types.MEERKAT_PT_main
            for status in ('disconnected', 'connecting', 'connected', 'reconnecting'):
                def watched(self, context, draw=getattr(main, 'draw_' + status), status=status):
                    draw(self, context)
                    drawn.append(status)
                setattr(main, 'draw_' + status, watched)
            for area in bpy.context.window_manager.windows[0].screen.areas:
                if area.type == 'VIEW_3D':
                    area.spaces[0].show_region_ui = True
                    area.spaces[0].show_region_toolbar = False
        ''')

    def open_tab(self):
        """Clicks down the sidebar's tabs until Meerkat's panel is drawn."""
        self.draw()
        left, bottom, width, height = self.anna.region('VIEW_3D', 'UI')
        for down in range(10, height, 25):
            self.anna.click(left + width - 12, bottom + height - down)
            self.draw()
            if self.anna.run('result = bool(drawn)'):
                return
        self.fail('The tab is nowhere')

    def draw(self):
        self.anna.run('with override(): '
                      'bpy.ops.wm.redraw_timer(type="DRAW_WIN_SWAP", iterations=1)')

    def drawn_now(self):
        """Which faces of the main panel are drawn at the moment."""
        self.anna.run('drawn.clear()')
        self.draw()
        return set(self.anna.run('result = drawn'))

    def picture(self, name, region=None, top=None):
        """Takes a picture of the 3D view, or of one region of it, or of the uppermost `top` pixels
        of that, and returns its path. Those of the guide are kept, in fewer colours."""
        self.draw()
        x, y, width, height = self.anna.region('VIEW_3D', region) if region else self.anna.run('''
            found = next(a for a in bpy.context.window_manager.windows[0].screen.areas
                         if a.type == 'VIEW_3D')
            result = [found.x, found.y, found.width, found.height]
        ''')
        cut = height - (top or height)
        left, bottom = self.anna.place
        path = self.anna.folder / f'{name}.png'
        display().screenshot(path, (left + x, bottom + y + cut), (width, height - cut))
        if IMAGES and name in PICTURES:
            subprocess.run(['convert', path, '-strip', '+dither', '-colors', '128',
                            os.path.join(IMAGES, f'{name}.png')], check=True)
        return path

    def picture_until(self, name, is_right, complaint):
        """Takes a picture until it shows what it should."""
        for _ in range(40):
            path = self.picture(name)
            if is_right(path):
                return
        self.fail(f'{complaint}: {path}')

    def other(self, name, **more):
        """Another user, who is in the room."""
        client = self.join(display_name=name, session=ROOM, **more)
        client.name = name
        client.color = tuple(client.sync['users'][client.user_id]['color'])
        return client

    def wait_for_objects(self, *ids):
        self.anna.wait_until('all(meerkat.state.session.stage.object_of(i) for i in ids)', ids=ids)


def count(path, color, tolerance=12):
    """How many pixels of a picture have about this colour."""
    raw = subprocess.run(['convert', str(path), '-depth', '8', 'rgb:-'], check=True,
                         stdout=subprocess.PIPE).stdout
    return sum(abs(raw[i] - color[0]) <= tolerance and abs(raw[i + 1] - color[1]) <= tolerance
               and abs(raw[i + 2] - color[2]) <= tolerance for i in range(0, len(raw), 3))


class TestGuide(unittest.TestCase):
    """The user guide's pictures are the ones that are made here."""

    def test_pictures(self):
        shown = set(re.findall(r'\(images/([^)]+)\.png\)', GUIDE.read_text(encoding='utf-8')))
        self.assertEqual(shown, PICTURES)
        for name in shown:
            self.assertTrue((GUIDE.parent / 'images' / f'{name}.png').exists(), name)


class TestPanel(WindowTest):
    """The tab in the sidebar."""

    def test_disconnected(self):
        """Before: server, room, name, Connect."""
        self.anna.run('''
            prefs = meerkat.preferences.get()
            prefs.session = room
            prefs.display_name = 'Anna'
        ''', room=ROOM)
        self.open_tab()
        self.assertEqual(self.drawn_now(), {'disconnected'})
        self.picture('panel-disconnected', 'UI', 270)

    def test_no_server(self):
        """A server that is not there: a sentence in the panel, and one can try again."""
        self.open_tab()
        self.anna.run("bpy.ops.meerkat.connect(server_url='ws://127.0.0.1:9', session='test', "
                      "display_name='Anna')")
        self.anna.wait_until(f"{WM}.status == 'DISCONNECTED' and {WM}.error_code == 'REFUSED'",
                             show=f'[{WM}.status, {WM}.error_code]')
        self.assertEqual(self.drawn_now(), {'disconnected'})
        self.picture('panel-error', 'UI')
        self.assertTrue(self.anna.run('result = bpy.ops.meerkat.connect.poll()'))

    def test_connected(self):
        """In the room: who is there, what they have selected; refreshed without a click."""
        self.open_tab()
        self.enter(self.anna, 'Anna', ROOM)
        ben, chiara = self.other('Ben'), self.other('Chiara')
        cube = ben.create('cube', ack=True, name='table')
        lamp = chiara.create('point_light', ack=True, name='lamp', transform=place(2, 1, 3))
        self.wait_for_objects(cube, lamp)
        ben.send('SELECT_OBJECT', {'object_id': cube, 'object_ids': [cube, lamp]})
        chiara.send('SELECT_OBJECT', {'object_id': lamp, 'object_ids': [lamp]})
        self.anna.wait_until(f'[u.selected for u in {WM}.users] == ["", cube, lamp]',
                             show=f'[[u.name, u.selected] for u in {WM}.users]', cube=cube,
                             lamp=lamp)
        self.anna.run('''
            obj = meerkat.state.session.stage.object_of(cube)
            bpy.context.view_layer.objects.active = obj
            result = meerkat.panels.words.active_object_text(bpy.context)
        ''', cube=cube)
        self.assertEqual(self.drawn_now(), {'connected'})
        users = self.anna.run(f'result = [[u.name, u.is_me, [round(c * 255) for c in u.color]] '
                              f'for u in {WM}.users]')
        self.assertEqual(users[1:], [['Ben', False, list(ben.color)],
                                     ['Chiara', False, list(chiara.color)]])
        self.assertEqual(users[0][:2], ['Anna', True])
        text = self.anna.run('result = meerkat.panels.words.active_object_text(bpy.context)')
        self.assertIn('Ben', text)
        self.picture('panel-connected', 'UI', 740)

    def test_connection_lost(self):
        """Reconnecting: the panel says so, counts down, and lets one give up."""
        self.open_tab()
        self.enter(self.anna, 'Anna', ROOM)
        self.daemon.kill()
        self.anna.wait_until(f"{WM}.status == 'RECONNECTING'", timeout=60)
        self.anna.run("bpy.ops.meerkat.add(type='CUBE')")
        self.anna.wait_until(f'{WM}.pending == 1')
        self.assertEqual(self.drawn_now(), {'reconnecting'})
        self.picture('panel-reconnecting', 'UI', 420)
        self.anna.run('bpy.ops.meerkat.disconnect()')
        self.assertEqual(self.drawn_now(), {'disconnected'})
        self.assertEqual(self.anna.run("result = 'Cube' in bpy.context.scene.objects"), True)
        self.daemon.start()

    def test_status_bar_without_a_panel(self):
        """The line in the status bar follows the room while no panel is open."""
        self.anna.run('''
            lines = []
            def note(self, context):
                lines.append(meerkat.panels.words.status_bar_text())
            bpy.types.STATUSBAR_HT_header.append(note)
            for area in bpy.context.window_manager.windows[0].screen.areas:
                if area.type == 'VIEW_3D':
                    area.spaces[0].show_region_ui = False
                    area.spaces[0].region_3d.view_distance = 11
        ''')
        self.enter(self.anna, 'Anna', ROOM)
        self.anna.wait_until("lines and lines[-1].startswith('1 person')", show='lines[-3:]')
        self.other('Ben')
        self.anna.wait_until("lines[-1].startswith('2 people')", show='lines[-3:]')
        self.anna.run('bpy.types.STATUSBAR_HT_header.remove(note)')

    def test_dialogs_that_ask(self):
        """Removing somebody and closing the room ask first; Esc is no."""
        self.enter(self.anna, 'Anna', ROOM)
        ben = self.other('Ben')
        x, y, width, height = self.anna.region('VIEW_3D', 'WINDOW')
        for call in ("kick_user('INVOKE_DEFAULT', user_id=user)", "close_room('INVOKE_DEFAULT')"):
            self.anna.move_mouse(x + width / 2, y + height / 2)
            self.anna.run(f'with override(): bpy.ops.meerkat.{call}', user=ben.user_id)
            self.picture(f'ask-{call[:4]}')
            self.anna.key('ESC')
            self.assertEqual(self.anna.run(f'result = [{WM}.status, len({WM}.users)]'),
                             ['CONNECTED', 2])
        self.anna.run("with override(): bpy.ops.meerkat.kick_user('INVOKE_DEFAULT', user_id=user)",
                      user=ben.user_id)
        self.anna.key('RET')
        ben.expect_closed(4002)

    def test_tab_can_be_renamed(self):
        """The panels move to the tab that the preferences name."""
        self.open_tab()
        self.anna.run("meerkat.preferences.get().category = 'Team'")
        self.anna.run('drawn.clear()')
        self.open_tab()
        self.assertEqual(self.anna.run('result = bpy.types.MEERKAT_PT_users.bl_category'), 'Team')

    def test_dialog_offers_a_scene_of_its_own(self):
        """Connect with objects in the scene asks; Enter takes the safe answer, a new scene."""
        self.anna.run('''
            prefs = meerkat.preferences.get()
            prefs.server_url, prefs.session, prefs.display_name = url, 'shot-02', 'Anna'
        ''', url=self.url())
        self.open_tab()
        x, y, width, height = self.anna.region('VIEW_3D', 'WINDOW')
        self.anna.move_mouse(x + width / 2, y + height / 2)
        self.anna.run("with override(): bpy.ops.meerkat.connect('INVOKE_DEFAULT')")
        self.picture('connect-dialog')
        self.assertEqual(self.anna.run(f'result = {WM}.status'), 'DISCONNECTED')
        self.anna.key('RET')
        self.anna.wait_until("bpy.context.window.scene.name == 'shot-02'",
                             show='[s.name for s in bpy.data.scenes]')
        self.assertEqual(self.anna.run("result = len(bpy.data.scenes['Scene'].objects)"), 3)
        self.assertEqual(self.anna.run("result = len(bpy.data.scenes['shot-02'].objects)"), 0)

    def test_dialog_is_left_out_where_nothing_is_at_stake(self):
        """An empty scene is simply used."""
        self.anna.run('''
            prefs = meerkat.preferences.get()
            prefs.server_url, prefs.session, prefs.display_name = url, 'shot-02', 'Anna'
            for obj in list(bpy.context.scene.objects):
                bpy.data.objects.remove(obj)
            with override():
                bpy.ops.meerkat.connect('INVOKE_DEFAULT')
        ''', url=self.url())
        self.anna.wait_until(f"{WM}.status == 'CONNECTED'")
        self.assertEqual(self.anna.run('result = len(bpy.data.scenes)'), 1)

    def test_preferences(self):
        """They are drawn, with every list in use."""
        self.anna.run('''
            prefs = meerkat.preferences.get()
            server = prefs.servers.add()
            server.name, server.url = 'Studio', 'ws://studio.example.org:8080'
            prefs.libraries.add().path = '/nowhere/props.blend'
            meerkat.preferences.remember_room('ws://127.0.0.1:8080', 'shot-01')
            with override():
                bpy.ops.meerkat.open_preferences()
        ''')
        self.anna.wait_until('len(bpy.context.window_manager.windows) == 2')
        self.anna.run('with override(): '
                      'bpy.ops.wm.redraw_timer(type="DRAW_WIN_SWAP", iterations=2)')


class TestOverlay(WindowTest):
    """What the viewport shows of others."""

    window = (900, 640)

    def setUp(self):
        super().setUp()
        self.anna.run('''
            for obj in list(bpy.context.scene.objects):
                bpy.data.objects.remove(obj)
            for area in bpy.context.window_manager.windows[0].screen.areas:
                if area.type == 'VIEW_3D':
                    area.spaces[0].show_region_ui = False
                    area.spaces[0].region_3d.view_distance = 11
        ''')
        self.enter(self.anna, 'Anna', ROOM)

    def test_selections_of_two(self):
        """A box in each user's colour around all that they have selected, with their name."""
        ben, chiara = self.other('Ben'), self.other('Chiara')
        ids = [ben.create('cube', ack=True, transform=place(-2, -1, 0)),
               ben.create('sphere', ack=True, transform=place(1, 2, 0)),
               chiara.create('camera', ack=True, transform={
                   'position': [3, -3, 1], 'rotation': [1.2, 0, 0.8], 'scale': [1, 1, 1]})]
        self.wait_for_objects(*ids)
        self.anna.run("for o in bpy.context.selected_objects: o.select_set(False)")
        for client in (ben, chiara):
            self.assertLess(count(self.picture('overlay-none'), client.color), 5, client.name)
        ben.send('SELECT_OBJECT', {'object_id': ids[0], 'object_ids': ids[:2]})
        chiara.send('SELECT_OBJECT', {'object_id': ids[2], 'object_ids': ids[2:]})
        self.picture_until('overlay-selections', lambda path: all(
            count(path, client.color) > 150 for client in (ben, chiara)), 'No boxes')
        named = count(self.picture('overlay-selections'), ben.color)
        self.anna.run("meerkat.preferences.get().show_names = False")
        path = self.picture('overlay-boxes')
        self.assertGreater(count(path, ben.color), 100)
        self.assertGreater(named, count(path, ben.color) + 100, 'the plate behind the name')
        self.anna.run("meerkat.preferences.get().show_selections = False")
        self.assertEqual(count(self.picture('overlay-off'), ben.color), 0)

    def test_box_follows_the_object(self):
        """What is kept from frame to frame is not kept too long."""
        ben = self.other('Ben')
        cube = ben.create('cube', ack=True)
        self.wait_for_objects(cube)
        self.anna.run("for o in bpy.context.selected_objects: o.select_set(False)")
        ben.send('SELECT_OBJECT', {'object_id': cube, 'object_ids': [cube]})
        self.picture_until('box', lambda path: count(path, ben.color) > 100, 'No box')
        ben.send('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place(0, 0, 500)})
        self.picture_until('box-gone', lambda path: count(path, ben.color) == 0,
                           'The box stays where the object was')
        ben.send('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place()})
        self.picture_until('box-back', lambda path: count(path, ben.color) > 100, 'No box')
        ben.send('SELECT_OBJECT', {'object_id': None, 'object_ids': []})
        self.picture_until('box-off', lambda path: count(path, ben.color) == 0,
                           'The box stays after the selection')

    def test_placeholder(self):
        """An asset whose library is not here: a box with a label, in place, under its name."""
        ben = self.other('Ben')
        tree = ben.create('asset_ref', ack=True, name='oak by the door')
        self.wait_for_objects(tree)
        self.anna.run("for o in bpy.context.selected_objects: o.select_set(False)")
        self.anna.wait_until('tree in meerkat.state.session.stage.missing', tree=tree)
        self.picture_until('overlay-placeholder', lambda path: count(path, ORANGE, 40) > 100,
                           'No label')
        self.assertTrue(self.anna.run("result = 'oak by the door' in bpy.context.scene.objects"))
        self.anna.run("meerkat.preferences.get().show_placeholders = False")
        self.assertLess(count(self.picture('placeholder-off'), ORANGE, 40), 50)

    def test_notices(self):
        """Who joins and who leaves is told."""
        ben = self.other('Ben')
        self.anna.wait_until(
            "any('Ben' in text for _, text in meerkat.overlay.notices_now())")
        self.picture('notice')
        ben.close()
        self.anna.wait_until("len([1 for _, text in meerkat.state.session.notices "
                             "if 'Ben' in text]) == 2",
                             show='list(meerkat.state.session.notices)')

    def test_look_at_what_somebody_has_selected(self):
        """A click on a user turns the view to it and leaves one's own selection alone."""
        ben = self.other('Ben')
        cube = ben.create('cube', ack=True, transform=place(50, 60, 7))
        self.wait_for_objects(cube)
        self.anna.run("for o in bpy.context.selected_objects: o.select_set(False)")
        ben.send('SELECT_OBJECT', {'object_id': cube, 'object_ids': [cube]})
        self.anna.wait_until(f'any(u.selected == cube for u in {WM}.users)', cube=cube)
        place_seen = self.anna.run('''
            with override():
                bpy.ops.meerkat.frame_user(user_id=user)
                result = [round(v) for v in bpy.context.space_data.region_3d.view_location]
        ''', user=ben.user_id)
        self.assertEqual(place_seen, [50, 60, 7])
        self.assertEqual(self.anna.run('result = len(bpy.context.selected_objects)'), 0)

    def test_failing_callback_is_switched_off(self):
        """Errors while drawing are counted, and after ten the user is told and left alone."""
        self.anna.allow('a test broke this')
        self.anna.run('''
            calls = []
            def broken(*_):
                calls.append(None)
                raise RuntimeError('a test broke this')
            meerkat.overlay._is_shown = broken
        ''')
        for _ in range(12):
            self.draw()
        self.anna.wait_until(f"any('is off' in w.text for w in {WM}.warnings)",
                             show=f'[w.text for w in {WM}.warnings]')
        self.assertEqual(self.anna.output().count('a test broke this'), 1)
        self.assertEqual(self.anna.run('result = len(calls)'), 10)


class TestOperators(BlenderTest):
    """What scripts call; in the background, but for a clipboard."""

    def setUp(self):
        super().setUp()
        self.anna = self.blender(background=True)

    def refused(self, source, *words, **values):
        """Running this raises, with these words in the message."""
        with self.assertRaises(BlenderError) as caught:
            self.anna.run(source, **values)
        for word in words:
            self.assertIn(word, str(caught.exception))

    def test_wrong_input(self):
        """It is refused with a sentence, and nothing happens."""
        connect = 'bpy.ops.meerkat.connect(server_url=url, session=session, display_name=name)'
        self.refused(connect, 'Type the name of a room', url=self.url(), session='', name='Anna')
        self.refused(connect, '1 to 64 letters', url=self.url(), session='shot 1', name='Anna')
        self.refused(connect, '1 to 64 letters', url=self.url(), session='x' * 65, name='Anna')
        self.refused(connect, '1 to 64 characters', url=self.url(), session='x', name='x' * 65)
        self.refused(connect, '1 to 64 characters', url=self.url(), session='x', name='a\nb')
        if not self.anna.run("result = getattr(bpy.app, 'online_access', True)"):  # 4.2 and later
            self.refused(connect, 'Allow Online Access', url='ws://192.0.2.1:8080', session='x',
                         name='Anna')
        self.assertEqual(self.anna.run(f'result = {WM}.status'), 'DISCONNECTED')
        self.assertEqual(self.anna.run('result = len(meerkat.preferences.get().recent_rooms)'), 0)

    def test_grey_buttons_say_why(self):
        """Out of a room, in the wrong mode, as a guest."""
        for name in ('add', 'place_asset', 'share_scene', 'resync'):
            self.refused(f'bpy.ops.meerkat.{name}()', 'Connect to a room first')
        self.refused('bpy.ops.meerkat.disconnect()', 'You are in no room')
        ben = self.join(display_name='Ben')
        self.enter(self.anna, 'Anna')
        self.refused('bpy.ops.meerkat.connect()', 'disconnect first')
        self.refused('bpy.ops.meerkat.close_room()', 'Only the host')
        self.refused('bpy.ops.meerkat.kick_user(user_id=user)', 'Only the host', user=ben.user_id)
        self.anna.run('''
            bpy.context.view_layer.objects.active = bpy.data.objects['Cube']
            bpy.ops.object.mode_set(mode='EDIT')
        ''')
        self.refused("bpy.ops.meerkat.add(type='CUBE')", 'Object Mode')
        self.anna.run("bpy.ops.object.mode_set(mode='OBJECT')\n"
                      "bpy.context.window.scene = bpy.data.scenes.new('Other')")
        self.refused("bpy.ops.meerkat.add(type='CUBE')", 'The room is in the scene “Scene”')
        self.anna.run('bpy.ops.meerkat.show_scene()')
        self.assertEqual(self.anna.run('result = bpy.context.scene.name'), 'Scene')

    def test_host(self):
        """The first one may remove users, and close the room."""
        self.enter(self.anna, 'Anna')
        ben, chiara = self.join(display_name='Ben'), self.join(display_name='Chiara')
        self.anna.wait_until(f'len({WM}.users) == 3')
        self.anna.run('bpy.ops.meerkat.kick_user(user_id=user)', user=ben.user_id)
        ben.expect_closed(4002)
        self.anna.wait_until(f'len({WM}.users) == 2')
        self.anna.run('bpy.ops.meerkat.close_room()')
        chiara.expect_closed(4003)
        self.anna.wait_until(f"{WM}.status == 'DISCONNECTED'")
        self.assertEqual(self.anna.run(f'result = {WM}.error_code'), 'SESSION_CLOSED')

    def test_add(self):
        """What is added is active, alone selected, and where it was wanted."""
        self.enter(self.anna, 'Anna')
        name, selected, location = self.anna.run('''
            bpy.context.scene.cursor.location = (4, 5, 6)
            bpy.ops.meerkat.add(type='SUN_LIGHT')
            active = bpy.context.view_layer.objects.active
            result = [active.name, [o.name for o in bpy.context.selected_objects],
                      list(active.location)]
        ''')
        self.assertEqual((name, selected, location), ('Sun', ['Sun'], [4, 5, 6]))
        self.assertEqual(self.anna.run('''
            bpy.ops.meerkat.add(type='CUBE', location=(0, 0, 0))
            result = list(bpy.context.view_layer.objects.active.location)
        '''), [0, 0, 0])

    def test_place_asset_that_is_nowhere(self):
        """An asset that no library has is refused before anybody sees it."""
        self.enter(self.anna, 'Anna')
        self.refused('bpy.ops.meerkat.place_asset()', 'Choose an asset first')
        self.refused("bpy.ops.meerkat.place_asset(asset='oak')", 'No asset “oak”')
        self.refused("bpy.ops.meerkat.place_asset(asset='oak', library='trees.blend')",
                     'oak (trees.blend)')

    def test_place_asset(self):
        """From a library of the preferences: by name, or as chosen in the panel."""
        path = str(self.anna.folder / 'props.blend')
        self.anna.run('''
            chair = bpy.data.collections.new('chair')
            chair.objects.link(bpy.data.objects['Cube'])
            bpy.data.libraries.write(path, {chair})
            bpy.data.collections.remove(chair)
            meerkat.preferences.get().libraries.add().path = path
        ''', path=path)
        self.enter(self.anna, 'Anna')
        labels = self.anna.run('result = meerkat.properties.asset_labels()')
        self.assertIn('chair (props.blend)', labels)
        self.anna.run(f'''
            bpy.ops.meerkat.place_asset(asset='chair', location=(1, 2, 3))
            {WM}.asset = 'chair (props.blend)'
            bpy.ops.meerkat.place_asset()
            bpy.ops.meerkat.wait(until='SENT')
        ''')
        self.assertEqual(self.anna.run('result = bpy.context.object.instance_collection.name'),
                         'chair')
        placed = [item for item in self.state()['objects'].values() if item['type'] == 'asset_ref']
        self.assertEqual([(item['name'], item['asset_id'], item['asset_library'])
                          for item in placed], [('chair', 'chair', 'props.blend')] * 2)
        self.assertEqual(sorted(item['transform']['position'] for item in placed),
                         [[0, 0, 0], [1, 2, 3]])

    def test_library_that_is_nowhere(self):
        """The user is told, until it is mended."""
        self.enter(self.anna, 'Anna')
        self.anna.run("meerkat.preferences.get().libraries.add().path = '/nowhere/props.blend'\n"
                      'bpy.ops.meerkat.tick()')
        self.assertEqual(self.anna.run(f"result = ['/nowhere/props.blend' in w.text "
                                       f"for w in {WM}.warnings]"), [True])
        self.anna.run("bpy.ops.meerkat.preference_remove(which='libraries', index=0)\n"
                      'bpy.ops.meerkat.tick()')
        self.assertEqual(self.anna.run(f'result = len({WM}.warnings)'), 0)

    def test_local_objects_and_share_scene(self):
        """What was there before is listed with a reason, until it is shared."""
        self.enter(self.anna, 'Anna')
        names = self.anna.run(f'result = [o.name for o in {WM}.local_objects]')
        self.assertEqual(names, ['Camera', 'Cube', 'Light'])
        reasons = self.anna.run(f'result = [o.reason for o in {WM}.local_objects]')
        self.assertTrue(all(reasons), reasons)
        self.anna.run('bpy.ops.meerkat.share_scene()\n'
                      "bpy.ops.meerkat.wait(until='SENT')")
        self.assertEqual(self.anna.run(f'result = len({WM}.local_objects)'), 0)
        self.assertEqual(len(self.state()['objects']), 3)

    def test_wait_that_is_in_vain(self):
        """It says so by what it returns, and the error is there to be read."""
        code = self.anna.run(f'''
            bpy.ops.meerkat.connect(server_url='ws://127.0.0.1:9', session='x', display_name='A')
            result = [list(bpy.ops.meerkat.wait(until='CONNECTED', timeout=600)), {WM}.error_code]
        ''')
        self.assertEqual(code, [['CANCELLED'], 'REFUSED'])

    def test_environment_goes_first(self):
        """Variables go before the preferences, arguments before the variables."""
        ben = self.blender(background=True, env={
            'MEERKAT_SERVER_URL': self.url(), 'MEERKAT_SESSION': 'from-outside',
            'MEERKAT_DISPLAY_NAME': 'Ben'})
        ben.run('''
            prefs = meerkat.preferences.get()
            prefs.server_url, prefs.session, prefs.display_name = 'ws://127.0.0.1:9', 'x', 'y'
            bpy.ops.meerkat.connect()
            bpy.ops.meerkat.wait(until='CONNECTED')
        ''')
        self.assertEqual(ben.run(f'result = [{WM}.session, {WM}.users[0].name]'),
                         ['from-outside', 'Ben'])
        ben.run("bpy.ops.meerkat.disconnect()\n"
                "bpy.ops.meerkat.connect(session='other')\n"
                "bpy.ops.meerkat.wait(until='CONNECTED')")
        self.assertEqual(ben.run(f'result = {WM}.session'), 'other')

    def test_recent_rooms(self):
        """The newest first, each once, no more than ten."""
        rooms = self.anna.run('''
            for number in range(12):
                meerkat.preferences.remember_room('ws://a', f'room-{number}')
            meerkat.preferences.remember_room('ws://a', 'room-5')
            result = [room.session for room in meerkat.preferences.get().recent_rooms]
        ''')
        self.assertEqual(rooms, ['room-5', 'room-11', 'room-10', 'room-9', 'room-8', 'room-7',
                                 'room-6', 'room-4', 'room-3', 'room-2'])
        rooms = self.anna.run('''
            bpy.ops.meerkat.preference_remove(which='recent_rooms', index=1)
            result = [room.session for room in meerkat.preferences.get().recent_rooms][:2]
        ''')
        self.assertEqual(rooms, ['room-5', 'room-10'])
        self.refused("bpy.ops.meerkat.preference_remove(which='servers', index=3)",
                     'no such entry')

    def test_what_is_this_computer(self):
        """Online access is not asked for where nothing goes online."""
        for url, expected in (('ws://127.0.0.1:8080', True), ('localhost', True),
                              ('ws://[::1]:8080/ws', True), ('127.9.9.9:80', True),
                              ('ws://192.168.1.20:8080', False), ('localhost.evil.org', False),
                              ('wss://127.0.0.1@evil.org', False), ('', False), ('ws://[', False)):
            self.assertEqual(self.anna.run('result = meerkat.preferences.is_loopback(url)',
                                           url=url), expected, url)

    def test_diagnostics(self):
        """The report helps, and holds no secrets."""
        self.enter(self.anna, 'Anna')
        self.anna.run("bpy.ops.meerkat.wait(until='SENT')")
        text, tokens = self.anna.run('''
            from importlib import import_module
            report = import_module(meerkat.__name__ + '.diagnostics').report
            client = meerkat.state.session.client
            result = [report(), list(client._tokens.values())]
        ''')
        for word in (self.anna.run('result = bpy.app.version_string'), 'status: CONNECTED',
                     'websockets', 'revision: 0', 'room: test', '3 objects: '):
            self.assertIn(word, text)
        self.assertEqual(len(tokens), 1)
        self.assertNotIn(tokens[0], text)
        self.assertEqual(self.anna.run('''
            result = import_module(meerkat.__name__ + '.diagnostics').without_secrets(
                'wss://anna:secret@example.org:80/ws?token=secret#secret')
        '''), 'wss://example.org:80/ws')

    def test_files_keep_no_names(self):
        """Who was in the room is not saved with the file."""
        self.enter(self.anna, 'Anna')
        self.join(display_name='Chiara Colleague')
        self.anna.wait_until(f'len({WM}.users) == 2')
        path = self.anna.folder / 'mine.blend'
        self.anna.run('bpy.ops.wm.save_as_mainfile(filepath=path, compress=False)', path=str(path))
        self.assertNotIn(b'Chiara Colleague', path.read_bytes())
        self.anna.wait_until(f'len({WM}.users) == 2')

    def test_translations(self):
        """What a package brings along in its locale_data is what the interface says."""
        self.anna.run('''
            import os, sys
            from importlib import import_module, invalidate_caches
            folder = os.path.dirname(meerkat.__file__)
            with open(os.path.join(folder, 'locale_data.py'), 'w') as file:
                file.write("TRANSLATIONS = {'de_DE': {('*', 'Only you see this.'): "
                           "'Nur du siehst das.'}}")
            invalidate_caches()
            translations = import_module(meerkat.__name__ + '.translations')
            translations.register()
            view = bpy.context.preferences.view
            view.use_translate_interface = True
            view.language = 'de_DE'
        ''')
        say = "result = bpy.app.translations.pgettext_iface('Only you see this.')"
        self.assertEqual(self.anna.run(say), 'Nur du siehst das.')
        self.anna.run('translations.unregister()\n'
                      "os.unlink(os.path.join(folder, 'locale_data.py'))")
        self.assertEqual(self.anna.run(say), 'Only you see this.')

    def test_state_can_only_be_read(self):
        """A script cannot make the state say what is not so."""
        for name in ('status', 'progress', 'session', 'revision', 'pending'):
            self.assertTrue(self.anna.run(
                f"result = {WM}.bl_rna.properties['{name}'].is_readonly"), name)


if __name__ == '__main__':
    tap.main()
