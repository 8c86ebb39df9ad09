# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The flatpak's manifest: well-formed, and with no more permissions than it needs."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from support import tap

ROOT = pathlib.Path(__file__).resolve().parents[2]
MANIFEST = ROOT / 'flatpak' / 'org.meerkat.Monitor.json'

# What is asked for, and nothing else: each more is a hole in the sandbox that somebody must want.
PERMISSIONS = {
    '--share=ipc',  # shared memory with the X server
    '--socket=wayland',
    '--socket=fallback-x11',
    '--device=dri',  # to draw
    '--talk-name=org.kde.StatusNotifierWatcher',  # the tray
    '--talk-name=org.meerkat.Meerkat1',  # the server of one's own
    '--system-talk-name=org.meerkat.Meerkat1',  # the computer's server
}


class TestManifest(unittest.TestCase):

    def setUp(self):
        self.manifest = json.loads(MANIFEST.read_text(encoding='utf-8'))

    def test_permissions(self):
        """No network, no files, no names but those"""
        self.assertEqual(set(self.manifest['finish-args']), PERMISSIONS)

    def test_names(self):
        """It has the name of its file, and starts the monitor"""
        self.assertEqual(self.manifest['app-id'], MANIFEST.stem)
        self.assertEqual(self.manifest['command'], 'meerkat-monitor')

    def test_options(self):
        """The options that it builds with are there"""
        options = (ROOT / 'meson_options.txt').read_text(encoding='utf-8')
        for module in self.manifest['modules']:
            for option in module.get('config-opts', ()):
                self.assertIn(f"option('{option[2:].split('=')[0]}'", options)

    @unittest.skipUnless(shutil.which('flatpak-builder'), 'needs flatpak-builder')
    def test_well_formed(self):
        """flatpak-builder reads it, and knows every property: it only warns of unknown ones"""
        with tempfile.TemporaryDirectory() as folder:  # it leaves some of its own there
            done = subprocess.run(['flatpak-builder', '--show-manifest', MANIFEST], cwd=folder,
                                  capture_output=True, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        self.assertEqual(json.loads(done.stdout)['id'], MANIFEST.stem)


if __name__ == '__main__':
    tap.main()
