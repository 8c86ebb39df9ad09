# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The programs speak the user's language, count as it does, and tell programs the same in any."""

import json
import os
import pathlib
import subprocess
import unittest
import unicodedata

from support import tap
from support.bus import BusTest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GERMAN = 'de'
LANGUAGES = ('de', 'es', 'fr', 'ja', 'zh_CN')


def speak(program, *arguments, language='', env=None):
    """Runs one of ours, see run_in()."""
    return run_in(language, os.environ[program], *arguments, env=env)


def run_in(language, *command, env=None):
    """Runs a command as somebody of that language does; English without one."""
    preload = [path for path in (os.environ.get('LD_PRELOAD'), os.environ['MEERKAT_SET_LOCALE_DIR'])
               if path]
    return subprocess.run(
        command, text=True, capture_output=True, check=False, timeout=60,
        stdin=subprocess.DEVNULL,
        env={**os.environ, 'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/nonexistent',
             'DBUS_SYSTEM_BUS_ADDRESS': 'unix:path=/nonexistent', 'TZ': 'UTC', **(env or {}),
             'LD_PRELOAD': ':'.join(preload), 'LC_ALL': 'C.UTF-8', 'LANGUAGE': language})


def width(text):
    """Columns of a terminal."""
    return sum(2 if unicodedata.east_asian_width(c) in 'WF' else 1 for c in text)


class TestHelp(unittest.TestCase):

    def test_help(self):
        """The help is in each language, and fits into 100 columns"""
        for program in ('MEERKATCTL', 'MEERKATD'):
            english = speak(program, '--help').stdout
            for language in LANGUAGES:
                with self.subTest(program, language=language):
                    run = speak(program, '--help', language=language)
                    self.assertEqual((run.returncode, run.stderr), (0, ''))
                    self.assertNotEqual(run.stdout, english)
                    self.assertEqual(len([line for line in run.stdout.splitlines()
                                          if line.startswith('  --')]),
                                     len([line for line in english.splitlines()
                                          if line.startswith('  --')]))
                    self.assertEqual([line for line in run.stdout.splitlines() if width(line) > 100],
                                     [])

    def test_german(self):
        """German is German"""
        self.assertIn('Sitzung', speak('MEERKATCTL', '--help', language=GERMAN).stdout)
        self.assertIn('Aufruf: meerkatd', speak('MEERKATD', '--help', language=GERMAN).stdout)
        self.assertEqual(speak('MEERKATCTL', 'fly', language=GERMAN).stderr,
                         'meerkatctl: einen Befehl »fly« gibt es nicht; siehe meerkatctl --help\n')

    def test_completion(self):
        """bash completes the commands in each language"""
        folder = os.path.dirname(os.environ['MEERKATCTL'])
        code = (f'source {ROOT}/data/completions/meerkatctl; COMP_WORDS=(meerkatctl st); COMP_CWORD=1;'
                ' _meerkatctl; echo "${COMPREPLY[@]}"')
        for language in ('', *LANGUAGES):
            with self.subTest(language):
                run = run_in(language, 'bash', '-c', code,
                             env={'PATH': f'{folder}:{os.environ["PATH"]}'})
                self.assertEqual((run.stdout, run.stderr), ('status\n', ''))

    def test_log(self):
        """What the server says of its options when it refuses to start stays English"""
        self.assertEqual(speak('MEERKATD', '--tick', 'x', language=GERMAN).stderr,
                         speak('MEERKATD', '--tick', 'x').stderr)


class TestAdministration(BusTest):

    def ctl(self, *arguments, language=GERMAN):
        return speak('MEERKATCTL', *arguments, language=language, env=self.bus.env)

    def test_plurals(self):
        """One connection and two, as each language counts them"""
        self.join('anna', session='stage')
        self.wait_users(1)
        self.assertIn('1 über 1 Verbindung\n', self.ctl('status').stdout)
        self.assertIn('1 sur 1 connexion\n', self.ctl('status', language='fr').stdout)
        self.join('bob', session='stage')
        self.wait_users(2)
        self.assertIn('2 über 2 Verbindungen\n', self.ctl('status').stdout)
        self.assertIn('2 sur 2 connexions\n', self.ctl('status', language='fr').stdout)

    def test_columns(self):
        """Columns stand below each other, also where letters are twice as wide"""
        self.join('anna', session='stage', display_name='アンナ')
        self.wait_users(1)
        for language in LANGUAGES:
            with self.subTest(language):
                titles, line = self.ctl('list', language=language).stdout.splitlines()
                first = titles.split()[1]
                self.assertEqual(width(titles[:titles.index(first)]), width(line[:line.index('1')]))

    def test_errors(self):
        """What the server refuses is told in one's language, with its own words behind"""
        run = self.ctl('show', 'nowhere')
        self.assertEqual(run.returncode, 3)
        self.assertRegex(run.stderr, r'^meerkatctl: eine solche Sitzung gibt es nicht \(.+nowhere.*\)\n$')

    def test_for_programs(self):
        """--json is the same in every language, down to the errors"""
        self.join('anna', session='stage')
        self.wait_users(1)
        for arguments in (('list',), ('show', 'stage'), ('users', 'stage'), ('show', 'nowhere')):
            with self.subTest(arguments):
                english = self.ctl('--json', *arguments, language='')
                german = self.ctl('--json', *arguments)
                self.assertEqual((german.returncode, german.stderr), (english.returncode, english.stderr))
                if english.returncode == 0:
                    self.assertEqual(steady(german.stdout), steady(english.stdout))


def steady(text):
    """JSON without what changes by itself."""
    def clean(value):
        if isinstance(value, dict):
            return {name: clean(part) for name, part in value.items()
                    if 'USec' not in name and 'PerSec' not in name and 'Bytes' not in name}
        return [clean(part) for part in value] if isinstance(value, list) else value
    return clean(json.loads(text))


if __name__ == '__main__':
    tap.main()
