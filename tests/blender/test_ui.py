# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What users see and click, in real windows; the other users are plain clients.

With MEERKAT_IMAGES=docs/images the pictures of the user guide are made anew:

    MEERKAT_IMAGES=$PWD/docs/images meson test -C build blender-ui
"""

import re
import unittest

from support import tap
from support.blender import ROOT, BlenderError
from support.client import place
from support.window import PICTURES, ROOM, WindowTest, count

WM = 'bpy.context.window_manager.meerkat'
GUIDE = ROOT / 'docs' / 'user-guide.md'
ORANGE = (255, 191, 77)  # the text of a placeholder's label


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
        with self.assertRaisesRegex(BlenderError, 'Room “shot 1”: .*1 to 64 letters'):
            self.anna.run("with override(): bpy.ops.meerkat.connect('INVOKE_DEFAULT', "
                          "session='shot 1')")
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
        tooltips = self.anna.run('''
            from types import SimpleNamespace as Properties
            result = [bpy.types.MEERKAT_OT_frame_user.description(
                bpy.context, Properties(user_id=user.user_id)) for user in users]
        '''.replace('users]', f'{WM}.users]'))
        self.assertEqual(tooltips[0], 'Anna (you) is the host of the room (★)')
        self.assertEqual(tooltips[1:], ['Ben has selected: table +1. Click to look at it',
                                        'Chiara has selected: lamp. Click to look at it'])
        self.picture('panel-connected', 'UI', 740)

    def test_large_scene(self):
        """While it arrives and is built the panel says how far that is."""
        self.open_tab()
        ben = self.other('Ben')
        for n in range(3000):
            ben.create('cube', transform=place(n % 50, n // 50, 0))
        ben.barrier()
        self.anna.run('''
            factors = []
            def bar(layout, factor, text, draw=meerkat.widgets.progress_bar):
                factors.append(factor)
                draw(layout, factor, text)
            meerkat.widgets.progress_bar = bar
        ''')
        self.enter(self.anna, 'Anna', ROOM)
        self.anna.wait_until('len(bpy.context.scene.objects) == 3003', timeout=60)
        factors = self.anna.run('result = factors')
        self.assertGreater(len(set(factors)), 1, factors)
        self.assertEqual(factors, sorted(factors))
        self.anna.wait_until(f'{WM}.progress == 1')

    def test_diagnostics_are_on_the_clipboard(self):
        """The button copies the whole report."""
        self.anna.run('bpy.ops.meerkat.copy_diagnostics()')
        text = self.anna.run('result = bpy.context.window_manager.clipboard')
        self.assertTrue(text.startswith('Meerkat diagnostics\n'), text[:100])
        self.assertIn('## Log', text)

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

    def test_search_for_an_asset(self):
        """The field lists what the libraries have; some letters are enough to find one."""
        path = str(self.anna.folder / 'props.blend')
        self.anna.run('''
            made = {bpy.data.collections.new(name) for name in ('chair', 'oak_tree', 'table')}
            for collection in made:
                collection.objects.link(bpy.data.objects['Cube'])
            bpy.data.libraries.write(path, made)
            bpy.data.batch_remove(made)
            meerkat.preferences.get().libraries.add().path = path
        ''', path=path)
        self.enter(self.anna, 'Anna', ROOM)
        x, y, width, height = self.anna.region('VIEW_3D', 'WINDOW')
        self.anna.move_mouse(x + 250, y + height / 2)
        # The panel comes up with its first field under the mouse.
        self.anna.run("with override(): bpy.ops.wm.call_panel(name='MEERKAT_PT_assets')")
        self.draw()
        self.anna.click(x + 250, y + height / 2)
        for letter in 'tree':
            self.anna.key(letter.upper(), unicode=letter)
        self.picture('search')
        self.anna.key('RET')
        self.assertEqual(self.anna.run(f'result = {WM}.asset'), 'oak_tree (props.blend)')
        self.anna.run('with override(): bpy.ops.meerkat.place_asset()')
        self.assertEqual(self.anna.run('result = bpy.context.object.instance_collection.name'),
                         'oak_tree')

    def test_preferences(self):
        """They are drawn, with every list in use; what is wrong in them is marked."""
        self.anna.run('''
            prefs = meerkat.preferences.get()
            server = prefs.servers.add()
            server.name, server.url = 'Studio', 'ws://studio.example.org:8080'
            for path in ('/nowhere/props.blend', '/tmp', ''):
                prefs.libraries.add().path = path
            bpy.context.preferences.filepaths.asset_libraries[0].path = '/nowhere/assets'
            server = prefs.servers.add()
            server.name, server.url = 'Mail', 'ftp://mail.example.org'
            told = []
            def wrapped(layout, context, text, icon='NONE', wrap=meerkat.widgets.wrapped):
                told.append(text)
                wrap(layout, context, text, icon)
            meerkat.widgets.wrapped = wrapped
            meerkat.preferences.remember_room('ws://127.0.0.1:8080', 'shot-01')
            with override():
                bpy.ops.meerkat.open_preferences()
        ''')
        self.anna.wait_until('len(bpy.context.window_manager.windows) == 2')
        self.anna.run('with override(): '
                      'bpy.ops.wm.redraw_timer(type="DRAW_WIN_SWAP", iterations=2)')
        told = ' '.join(dict.fromkeys(self.anna.run('result = told')))
        for words in ('There is no file /nowhere/props.blend', '/tmp is a folder',
                      'Choose a .blend file', 'This is not the address of a server'):
            self.assertIn(words, told)
        self.anna.run("prefs.libraries.clear(); prefs.servers.remove(1); told.clear()")
        self.anna.run('with override(): '
                      'bpy.ops.wm.redraw_timer(type="DRAW_WIN_SWAP", iterations=2)')
        self.assertEqual(self.anna.run('result = told'), [])


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


if __name__ == '__main__':
    tap.main()
