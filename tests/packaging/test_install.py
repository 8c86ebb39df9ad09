# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""`meson install` and `ninja uninstall`: what is there afterwards, and what is left."""

import fnmatch
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from support import tap

SOURCE = pathlib.Path(os.environ['MEERKAT_SOURCE'])

# All that is installed, below the prefix.
INSTALLED = '''
bin/meerkat-bench
bin/meerkatctl
bin/meerkatd
lib/systemd/system/meerkatd.service
lib/systemd/system/meerkatd.socket
lib/systemd/user/meerkatd.service
lib/systemd/user/meerkatd.socket
lib/sysusers.d/meerkat.conf
lib/tmpfiles.d/meerkat.conf
share/bash-completion/completions/meerkatctl
share/dbus-1/interfaces/org.meerkat.Meerkat1.xml
share/dbus-1/services/org.meerkat.Meerkat1.service
share/dbus-1/system-services/org.meerkat.Meerkat1.service
share/dbus-1/system.d/org.meerkat.Meerkat1.conf
share/doc/meerkat/meerkat.conf
share/locale/*/LC_MESSAGES/meerkat.mo
share/man/man1/meerkatctl.1
share/man/man5/meerkat.conf.5
share/man/man5/org.meerkat.Meerkat1.5
share/man/man8/meerkatd.8
share/polkit-1/actions/org.meerkat.meerkat1.policy
share/zsh/site-functions/_meerkatctl
'''.split()

# What is installed where the tools to make it are there.
OPTIONAL = '''
bin/meerkat-monitor
share/applications/*.desktop
share/dbus-1/services/org.meerkat.Monitor.service
share/gnome-shell/search-providers/org.meerkat.Monitor.search-provider.ini
share/glib-2.0/schemas/org.meerkat.Monitor.gschema.xml
share/icons/hicolor/*/apps/*
share/man/man1/meerkat-bench.1
share/man/man1/meerkat-monitor.1
share/metainfo/*.xml
'''.split()


def files_below(root):
    """All files and links below a folder, and all folders that are empty."""
    found = []
    for folder, folders, names in os.walk(root):
        if not folders and not names and folder != str(root):
            found.append(folder + '/')
        # The settings of all programs, compiled into one file that belongs to none of them.
        found += [os.path.join(folder, name) for name in names if name != 'gschemas.compiled']
    return sorted(os.path.relpath(path, root) + ('/' if path.endswith('/') else '')
                  for path in found)


class Version(unittest.TestCase):

    def test_package(self):
        """The package has the version of the programs in it"""
        first = (SOURCE / 'debian/changelog').read_text().split('\n')[0]
        self.assertTrue(first.startswith(f'meerkat ({os.environ["MEERKAT_VERSION"]}-'), first)


class Install(unittest.TestCase):
    """A build folder of its own, whose prefix is a new folder. Only what is installed is built."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(tempfile.mkdtemp(prefix='meerkat-install-'))
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        cls.prefix = cls.scratch / 'prefix'
        cls.build = cls.scratch / 'build'
        cls.run_tool('meson', 'setup', cls.build, SOURCE, f'--prefix={cls.prefix}', '--buildtype=plain')
        targets = json.loads(cls.run_tool('meson', 'introspect', '--targets', cls.build))
        wanted = [os.path.relpath(name, cls.build) for target in targets if target['installed']
                  for name in target['filename']]
        cls.run_tool('ninja', '-C', cls.build, *wanted)

    def setUp(self):
        self.addCleanup(shutil.rmtree, self.prefix, ignore_errors=True)

    @staticmethod
    def run_tool(*command, env=None):
        done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True, check=False,
                              stderr=subprocess.STDOUT, env=dict(os.environ, **(env or {})))
        if done.returncode != 0:
            raise AssertionError(f'{command} failed:\n{done.stdout[-4000:]}')
        return done.stdout

    def install(self, destdir=None):
        env = {'DESTDIR': str(destdir)} if destdir else {}
        self.run_tool('meson', 'install', '-C', self.build, '--no-rebuild', env=env)

    def uninstall(self):
        self.run_tool('ninja', '-C', self.build, 'uninstall')

    def assert_installed(self, root):
        found = files_below(root)
        extra = [path for path in found
                 if not any(fnmatch.fnmatch(path, pattern) for pattern in INSTALLED + OPTIONAL)]
        self.assertEqual([], extra, 'installed, but on no list of this test')
        self.assertEqual([], [pattern for pattern in INSTALLED if not fnmatch.filter(found, pattern)],
                         'not installed')

    def test_prefix(self):
        """Into a prefix: all of it and no more, the programs run, and nothing is left"""
        self.install()
        self.assert_installed(self.prefix)
        for name in ('meerkatd', 'meerkatctl'):
            said = self.run_tool(self.prefix / 'bin' / name, '--version')
            self.assertEqual(said, f'{name} {os.environ["MEERKAT_VERSION"]}\n')
        self.assertIn(f'{self.prefix}/etc/meerkat/meerkat.conf',
                      self.run_tool(self.prefix / 'bin/meerkatd', '--help'))
        for kind in ('system', 'user'):
            unit = self.prefix / f'lib/systemd/{kind}/meerkatd.service'
            self.assertIn(f'ExecStart={self.prefix}/bin/meerkatd --bus', unit.read_text())
        self.uninstall()
        self.assertEqual([], files_below(self.prefix))

    def test_destdir(self):
        """With DESTDIR: nothing outside of it, and no word of it in what is installed"""
        destdir = self.scratch / 'destdir'
        self.install(destdir)
        self.assertFalse(self.prefix.exists())
        self.assert_installed(destdir / self.prefix.relative_to('/'))
        self.assertEqual(files_below(destdir),
                         [str(self.prefix.relative_to('/') / name) for name
                          in files_below(destdir / self.prefix.relative_to('/'))])
        for path in files_below(destdir):
            self.assertNotIn(str(destdir).encode(), (destdir / path).read_bytes(), path)
        self.uninstall()
        self.assertEqual([], files_below(destdir))

    def test_again(self):
        """A second installation leaves what somebody put into the configuration"""
        config = self.prefix / 'etc/meerkat/meerkat.conf'
        self.install()
        config.parent.mkdir(parents=True)
        config.write_text('[meerkatd]\nmax-sessions=7\n')
        self.install()
        self.assertEqual(config.read_text(), '[meerkatd]\nmax-sessions=7\n')
        self.uninstall()
        left = [path for path in files_below(self.prefix) if not path.endswith('/')]
        self.assertEqual(left, ['etc/meerkat/meerkat.conf'])


if __name__ == '__main__':
    tap.main()
