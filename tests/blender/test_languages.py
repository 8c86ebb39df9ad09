# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The add-on in other languages, in a real window: what it says, and whether that fits."""

from support import tap
from support.client import place
from support.window import ROOM, WindowTest

WM = 'bpy.context.window_manager.meerkat'

# As Blender 3.4 and 5.2 call them, and what is expected of some texts in them.
LANGUAGES = {
    'de': (('de_DE',), 'Verbinden', '1 Objekt', '2 Objekte'),
    'ja': (('ja_JP',), '接続', '1 個のオブジェクト', '2 個のオブジェクト'),
    'fr': (('fr_FR',), 'Se connecter', '1 objet', '2 objets'),
    'es': (('es',), 'Conectar', '1 objeto', '2 objetos'),
    'zh_CN': (('zh_HANS', 'zh_CN'), '连接', '1 个物体', '2 个物体'),
}


class TestLanguages(WindowTest):
    """One Blender, whose language is changed while it runs."""

    def speak(self, language):
        self.anna.run('''
            view = bpy.context.preferences.view
            view.language = next(name for name in names if name in bpy.app.translations.locales)
            view.use_translate_interface = view.use_translate_tooltips = True
        ''', names=LANGUAGES[language][0])

    def test_texts(self):
        """Labels, sentences, numbers, errors and lines"""
        for check in (self.check_numbers, self.check_errors, self.check_lines, self.check_english):
            with self.subTest(check.__name__):
                check()

    def check_numbers(self):
        """Labels in the add-on's own context, and numbers"""
        for language, (_, connect, one, many) in LANGUAGES.items():
            with self.subTest(language):
                self.speak(language)
                self.assertEqual(self.anna.run('''
                    from bpy.app.translations import pgettext_iface
                    operator = bpy.ops.meerkat.connect.get_rna_type()
                    counted = meerkat.translations.counted
                    result = [pgettext_iface(operator.name, operator.translation_context),
                              counted(1, '1 object', '{count} objects'),
                              counted(2, '1 object', '{count} objects')]
                '''), [connect, one, many])

    def check_english(self):
        """Whoever has switched translation off reads English, numbers too"""
        self.speak('de')
        self.anna.run('bpy.context.preferences.view.use_translate_interface = False')
        self.assertEqual(self.anna.run('''
            result = [meerkat.wording.status(meerkat.state.session.client),
                      meerkat.translations.counted(2, '1 object', '{count} objects')]
        '''), ['Not connected', '2 objects'])

    def check_errors(self):
        """What the core says in English is translated where it is shown, its detail is not"""
        self.speak('de')
        self.assertEqual(self.anna.run('''
            result = [meerkat.wording.known('The room was closed (good night)'),
                      meerkat.wording.known('The server does not let you in (403)'),
                      meerkat.wording.known('something else')]
        '''), ['Der Raum wurde geschlossen (good night)', 'Der Server lässt Sie nicht herein (403)',
               'something else'])

    def test_drawn(self):
        """All faces of the panel are drawn in each language without a complaint"""
        self.open_tab()
        for language in LANGUAGES:
            with self.subTest(language):
                self.speak(language)
                self.assertEqual(self.drawn_now(), {'disconnected'})
                self.picture(f'{language}-disconnected', 'UI')
        self.enter(self.anna, 'Anna', ROOM)
        ben = self.other('Ben')
        cube = ben.create('cube', ack=True, name='table', transform=place(1, 0, 0))
        ben.create('asset_ref', ack=True, asset_id='chair', asset_library='kit.blend')
        self.wait_for_objects(cube)
        ben.send('SELECT_OBJECT', {'object_id': cube, 'object_ids': [cube]})
        self.anna.wait_until(f"[u.selected for u in {WM}.users] == ['', cube]", cube=cube)
        for language in LANGUAGES:
            with self.subTest(language):
                self.speak(language)
                self.assertEqual(self.drawn_now(), {'connected'})
                self.picture(f'{language}-connected')

    def check_lines(self):
        """Where there are no spaces lines end at any letter, but none begins with a full stop"""
        self.assertEqual(self.anna.run("""
            result = meerkat.widgets.lines_of('Blender を開く。終わり', 9, len)
        """), ['Blender を', '開く。終わり'])
        self.assertEqual(self.anna.run("""
            result = meerkat.widgets.lines_of('開く。', 2, len)
        """), ['開', 'く。'])


if __name__ == '__main__':
    tap.main()
