# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What a desktop is told of the monitor is as its rules want it."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ET

from support import tap

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = pathlib.Path(os.environ['GSETTINGS_SCHEMA_DIR'])
ID = 'org.meerkat.Monitor'


class DataTest(unittest.TestCase):

    def run_tool(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout + done.stderr

    @unittest.skipUnless(shutil.which('desktop-file-validate'), 'needs desktop-file-utils')
    def test_entry(self):
        """The desktop file is valid, and there is nothing to say about it"""
        self.assertEqual(self.run_tool('desktop-file-validate', str(BUILT / f'{ID}.desktop')), '')

    @unittest.skipUnless(shutil.which('appstreamcli'), 'needs appstream')
    def test_metainfo(self):
        """The metainfo is valid"""
        self.run_tool('appstreamcli', 'validate', '--no-net', '--explain',
                      str(BUILT / f'{ID}.metainfo.xml'))

    @unittest.skipUnless(shutil.which('appstreamcli'), 'needs appstream')
    def test_published(self):
        """With a homepage the metainfo has pictures, which are in the documents; without one, neither"""
        with tempfile.TemporaryDirectory() as folder:
            for homepage, n_pictures in (('', 0), ('https://example.org/meerkat/', 3)):
                target = pathlib.Path(folder, f'{ID}.metainfo.xml')
                self.run_tool(sys.executable, str(ROOT / 'data/set-homepage'),
                              str(BUILT / f'{ID}.metainfo.texts.xml'), str(target), homepage)
                self.run_tool('appstreamcli', 'validate', '--no-net', str(target))
                images = [image.text for image in ET.parse(target).iter('image')]
                self.assertEqual(len(images), n_pictures)
                for image in images:
                    self.assertTrue(image.startswith('https://example.org/meerkat/images/'), image)
                    self.assertTrue((ROOT / 'docs/images' / image.rsplit('/', 1)[1]).is_file(), image)
                self.assertNotIn('@HOMEPAGE@', target.read_text(encoding='utf-8'))

    def test_version(self):
        """The version, and nothing beside it"""
        said = self.run_tool(*os.environ['MEERKAT_MONITOR'].split(), '--version')
        self.assertRegex(said, r'^meerkat-monitor \S+\n$')

    def test_schema(self):
        """The settings are valid, and each key is used"""
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.run_tool('glib-compile-schemas', '--strict', '--dry-run',
                                           str(ROOT / 'data')), '')
        sources = ''.join(path.read_text() for path in (ROOT / 'src/monitor').glob('*.c'))
        for key in ET.parse(ROOT / f'data/{ID}.gschema.xml').iter('key'):
            self.assertIn(f'"{key.get("name")}"', sources)

    def test_icons(self):
        """Every icon that the monitor names is there, or is one of the desktop's"""
        ours = {path.stem for path in (ROOT / 'data/icons').rglob('*.svg')}
        texts = ''.join(path.read_text() for path in (ROOT / 'src/monitor').rglob('*.[cu]*'))
        named = set(re.findall(r'org\.meerkat\.Monitor[a-z-]*-symbolic', texts))
        self.assertEqual(named | {ID}, ours)
        for path in (ROOT / 'data/icons').rglob('*.svg'):
            ET.parse(path)

    def test_templates(self):
        """Every .ui file is in the resources"""
        listed = {pathlib.Path(e.text).name for e in
                  ET.parse(ROOT / 'src/monitor/meerkat-monitor.gresource.xml').iter('file')}
        self.assertEqual(listed - {'style.css'},
                         {path.name for path in (ROOT / 'src/monitor').rglob('*.ui')})


if __name__ == '__main__':
    tap.main()
