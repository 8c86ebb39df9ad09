# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The zip that users install: what is in it, and what Blender's own tool says of it."""

import ast
import base64
import hashlib
import importlib.metadata
import io
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib
import unittest
import zipfile

from support import blender, tap

PACKAGE = blender.ROOT / 'addon' / 'package.py'
SOURCE = blender.ROOT / 'addon' / 'meerkat'


class TestZip(unittest.TestCase):
    """What stands in the zip."""

    @classmethod
    def setUpClass(cls):
        cls.path = pathlib.Path(blender.addon_zip())
        cls.version = re.fullmatch(r'meerkat-addon-(.+)\.zip', cls.path.name).group(1)
        with zipfile.ZipFile(cls.path) as archive:
            cls.members = {name: archive.read(name) for name in archive.namelist()}
            cls.infos = archive.infolist()
        cls.manifest = tomllib.loads(cls.members['meerkat/blender_manifest.toml'].decode())

    def test_one_folder_with_all_sources(self):
        """All lies in meerkat/: every source, nothing compiled, no tests."""
        self.assertEqual({name.split('/')[0] for name in self.members}, {'meerkat'})
        sources = {f'meerkat/{path.relative_to(SOURCE).as_posix()}'
                   for path in SOURCE.rglob('*.py')}
        wheel = f'meerkat/{self.manifest["wheels"][0][2:]}'
        self.assertEqual(set(self.members),
                         sources | {wheel, 'meerkat/LICENSE', 'meerkat/blender_manifest.toml',
                                    'meerkat/locale_data.py'})

    def test_version(self):
        """The project's version stands in what each Blender reads."""
        tree = ast.parse(self.members['meerkat/__init__.py'])
        info = next(ast.literal_eval(node.value) for node in tree.body
                    if isinstance(node, ast.Assign) and node.targets[0].id == 'bl_info')
        self.assertEqual('.'.join(str(part) for part in info['version']), self.version)
        self.assertEqual(info['blender'], (3, 4, 0))
        self.assertEqual(self.manifest['version'], self.version)
        self.assertEqual(self.manifest['id'], 'meerkat')

    def test_permissions(self):
        """What it may do is told, in the length that Blender shows."""
        self.assertEqual(set(self.manifest['permissions']), {'network', 'files', 'clipboard'})
        for reason in self.manifest['permissions'].values():
            self.assertLessEqual(len(reason), 64)

    def test_wheel(self):
        """One wheel for every system: Python only, its record true, its license with it."""
        self.assertEqual(len(self.manifest['wheels']), 1)
        name = self.manifest['wheels'][0]
        version = importlib.metadata.version('websockets')
        self.assertEqual(name, f'./wheels/websockets-{version}-py3-none-any.whl')
        with zipfile.ZipFile(io.BytesIO(self.members[f'meerkat/{name[2:]}'])) as wheel:
            names = wheel.namelist()
            info = f'websockets-{version}.dist-info'
            rows = [line.split(',') for line in wheel.read(f'{info}/RECORD').decode().splitlines()]
            self.assertEqual({row[0] for row in rows}, set(names))
            for path, digest, size in rows:
                data = wheel.read(path)
                if path != f'{info}/RECORD':
                    actual = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode()
                    self.assertEqual([digest, int(size)],
                                     ['sha256=' + actual.rstrip('='), len(data)], path)
        self.assertTrue({f'{info}/LICENSE', f'{info}/METADATA', f'{info}/WHEEL',
                         'websockets/__init__.py'} <= set(names))
        self.assertEqual({os.path.splitext(name)[1] for name in names}, {'.py', ''})

    def test_fixed_times(self):
        """Sorted, without times and owners of whoever built it."""
        self.assertEqual([info.filename for info in self.infos], sorted(self.members))
        self.assertEqual({info.date_time for info in self.infos}, {(1980, 1, 1, 0, 0, 0)})
        self.assertEqual({info.external_attr >> 16 for info in self.infos}, {0o100644})

    def build(self, folder, *arguments):
        output = os.path.join(folder, self.path.name)
        catalogs = self.path.parent.glob('po/*/LC_MESSAGES/meerkat.mo')
        done = subprocess.run(
            [sys.executable, PACKAGE, '--version', self.version, '--output', output,
             '--license', blender.ROOT / 'LICENSE', '--catalogs', *catalogs, *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        return done, output

    def test_built_again(self):
        """The same sources give the same bytes."""
        with tempfile.TemporaryDirectory() as folder:
            done, output = self.build(folder)
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertEqual(hashlib.sha256(pathlib.Path(output).read_bytes()).hexdigest(),
                             hashlib.sha256(self.path.read_bytes()).hexdigest())

    def test_bad_version(self):
        """A version that Blender could not read is refused."""
        with tempfile.TemporaryDirectory() as folder:
            done, output = self.build(folder, '--version', '1.0-beta')
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("must be three numbers, not '1.0-beta'", done.stdout)
            self.assertFalse(os.path.exists(output))


class TestExtensionTool(unittest.TestCase):
    """What Blender's extension tool says of the zip."""

    def validate(self, path):
        done = subprocess.run([blender.ROOT / 'tools' / 'extension-tool', 'validate', path],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        if done.returncode == 77:
            self.skipTest(done.stdout.splitlines()[-1])
        return done

    def test_valid(self):
        """It is a valid extension."""
        done = self.validate(blender.addon_zip())
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn('Success', done.stdout)

    def test_refused(self):
        """The tool does look: a zip with a wrong manifest is refused."""
        with zipfile.ZipFile(blender.addon_zip()) as archive:
            members = [(name, archive.read(name)) for name in archive.namelist()]
        broken = blender.scratch() / 'broken.zip'
        with zipfile.ZipFile(broken, 'w') as archive:
            for name, data in members:
                archive.writestr(name, data.replace(b'Connect to the', b'Connect, ' * 8))
        done = self.validate(broken)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn('permissions', done.stdout)


if __name__ == '__main__':
    tap.main()
