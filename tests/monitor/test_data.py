# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What a desktop is told of the monitor is as its rules want it."""

import os
import pathlib
import re
import shutil
import subprocess
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
