# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""bpy.ops.meerkat and what goes with it, as a script meets them, in the background."""

import re

from support import tap
from support.blender import ROOT, BlenderError, BlenderTest

WM = 'bpy.context.window_manager.meerkat'


class TestOperators(BlenderTest):
    """What scripts call, and what they read."""

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
        """It is refused with a sentence that names the field, and nothing happens."""
        connect = 'bpy.ops.meerkat.connect(server_url=url, session=session, display_name=name)'
        good = {'url': self.url(), 'session': 'x', 'name': 'Anna'}
        for field, wrong, *words in (
                ('session', '', 'session: Type the name of a room'),
                ('session', 'shot 1', 'session “shot 1”: ', '1 to 64 letters'),
                ('session', 'x' * 65, 'session “xxx', '1 to 64 letters'),
                ('name', 'x' * 65, 'display_name “xxx', '1 to 64 characters'),
                ('name', 'a\nb', 'display_name “a', '1 to 64 characters'),
                ('url', 'ftp://nowhere', 'server_url “ftp://nowhere”: ', 'ws://, wss://, http://'),
                ('url', 'non sense', 'server_url “non sense”: ', 'ws://, wss://, http://'),
                ('url', 'nonsense', 'server_url “nonsense”: ', 'ws://, wss://, http://'),
                ('url', 'ws://studio:port', 'server_url “ws://studio:port”: ', ':port')):
            self.refused(connect, *words, **dict(good, **{field: wrong}))
        if not self.anna.run("result = getattr(bpy.app, 'online_access', True)"):  # 4.2 and later
            self.refused(connect, 'Allow Online Access', url='ws://192.0.2.1:8080', session='x',
                         name='Anna')
        self.refused("meerkat.preferences.get().session = ''\nbpy.ops.meerkat.connect()",
                     'session: Type')
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

    def test_only_rooms_that_were_entered_are_recent(self):
        """A room is remembered when its scene arrives: not with a typing error in the address."""
        recent = ('result = [[room.server_url, room.session] '
                  'for room in meerkat.preferences.get().recent_rooms]')
        self.anna.run('''
            bpy.ops.meerkat.connect(server_url='ws://127.0.0.1:9', session='x', display_name='A')
            bpy.ops.meerkat.wait(until='CONNECTED', timeout=600)
        ''')
        self.assertEqual(self.anna.run(recent), [])
        for user in range(10):
            self.join(f'user-{user}', session='full')
        self.anna.run("bpy.ops.meerkat.connect(server_url=url, session='full', display_name='A')\n"
                      "bpy.ops.meerkat.wait(until='CONNECTED', timeout=600)", url=self.url())
        self.assertEqual(self.anna.run(recent), [])
        self.enter(self.anna, 'Anna', 'shot-07')
        self.assertEqual(self.anna.run(recent), [[self.url(), 'shot-07']])

    def test_ages(self):
        """In words that stay on one line."""
        for seconds, text in ((0, 'just now'), (3, '3 s ago'), (59.9, '59 s ago'),
                              (60, '1 min ago'), (119, '1 min ago'), (3599, '59 min ago'),
                              (3600, '1 h ago'), (172800, '2 days ago')):
            told = self.anna.run('result = meerkat.widgets.ago(seconds)', seconds=seconds)
            self.assertEqual(told.replace('\N{NO-BREAK SPACE}', ' '), text)
            self.assertFalse(seconds and ' ' in told, told)

    def test_lines(self):
        """A text in lines: between words, and within one that is too long."""
        for text, width, lines in (
                ('one two three', 8, ['one two', 'three']), ('', 8, ['']),
                ('see /a/long/path.blend', 8, ['see', '/a/long/', 'path.ble', 'nd']),
                ('12\N{NO-BREAK SPACE}s ago', 6, ['12\N{NO-BREAK SPACE}s', 'ago'])):
            self.assertEqual(self.anna.run('result = meerkat.widgets.lines_of(text, width, len)',
                                           text=text, width=width), lines)

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
            translations = import_module(meerkat.__name__ + '.translations')
            translations.unregister()
            sys.modules.pop(translations.GENERATED, None)
            path = os.path.join(os.path.dirname(meerkat.__file__), 'locale_data.py')
            with open(path, 'w') as file:
                file.write("TEXTS = {'de': {'Only you see this.': 'Nur du siehst das.'}}\\n"
                           "PLURALS = {'de': ('n > 2', {'1 change': ('wenig', '{count} Sachen')})}")
            invalidate_caches()
            translations.register()
            view = bpy.context.preferences.view
            view.use_translate_interface = True
            view.language = 'de_DE'
        ''')
        say = """
            from bpy.app.translations import pgettext_iface
            result = [pgettext_iface('Only you see this.'),
                      *(translations.counted(n, '1 change', '{count} changes') for n in (2, 3))]
        """
        self.assertEqual(self.anna.run(say), ['Nur du siehst das.', 'wenig', '3 Sachen'])
        self.anna.run('translations.unregister()\nos.unlink(path)')
        self.assertEqual(self.anna.run(say), ['Only you see this.', '2 changes', '3 changes'])

    def test_tooltips(self):
        """Whatever a mouse can rest on, and whatever a script can be shown, says what it is."""
        silent = self.anna.run('''
            shown = {name: getattr(bpy.ops.meerkat, name).get_rna_type()
                     for name in dir(bpy.ops.meerkat)}
            shown['preferences'] = meerkat.preferences.get().bl_rna
            shown['state'] = bpy.context.window_manager.meerkat.bl_rna
            for rows, prefs in (('users', False), ('local_objects', False), ('warnings', False),
                                ('servers', True), ('recent_rooms', True), ('libraries', True)):
                owner = shown['preferences' if prefs else 'state']
                shown[rows] = owner.properties[rows].fixed_type
            result = [name for name in dir(bpy.ops.meerkat) if not shown[name].description]
            result += [f'{name}.{prop.identifier}' for name, rna in shown.items()
                       for prop in rna.properties if not prop.description and not prop.is_hidden
                       and prop.identifier not in ('rna_type', 'bl_idname')]
        ''')
        self.assertEqual(silent, [])

    def test_every_error_has_a_sentence(self):
        """Each code of the protocol, in words that name no code."""
        text = (ROOT / 'docs' / 'protocol.md').read_text(encoding='utf-8')
        table = text[text.index('## Errors'):]
        codes = re.findall(r'^\| `([A-Z_]+)`', table, re.MULTILINE)
        self.assertGreater(len(codes), 15)
        for code in codes:
            sentence = self.anna.run('result = meerkat.core.texts.sentence(code)', code=code)
            self.assertNotIn(code, sentence)
            self.assertIn(' ', sentence, code)

    def test_new_room(self):
        """Who makes a room by entering it is told so; who comes later is not."""
        self.enter(self.anna, 'Anna', 'new')
        self.anna.wait_until('any("first here" in text for _, text in '
                             'meerkat.state.session.notices)')
        self.anna.run('bpy.ops.meerkat.disconnect()\nmeerkat.state.session.notices.clear()')
        self.join(session='old').create('cube', ack=True)
        self.enter(self.anna, 'Anna', 'old')
        self.anna.run("bpy.ops.meerkat.wait(until='SENT')")
        self.assertEqual(self.anna.run('result = meerkat.state.session.client.is_first'), False)
        self.assertEqual(self.anna.run('result = [text for _, text in '
                                       'meerkat.state.session.notices]'), [])

    def test_state_can_only_be_read(self):
        """A script cannot make the state say what is not so."""
        for name in ('status', 'progress', 'session', 'revision', 'pending'):
            self.assertTrue(self.anna.run(
                f"result = {WM}.bl_rna.properties['{name}'].is_readonly"), name)


if __name__ == '__main__':
    tap.main()
