# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Every text that people read is in the catalogs, and every catalog is whole and right."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from support import catalog, tap

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'addon'))
sys.dont_write_bytecode = True
import messages  # noqa: E402

PO = ROOT / 'po'
LANGUAGES = [line for line in (PO / 'LINGUAS').read_text().split('\n')
             if line and not line.startswith('#')]
MARK = re.compile(r'\b(?:_|N_|C_|NC_|ngettext) \(\s*"')


def listed():
    lines = (PO / 'POTFILES.in').read_text(encoding='utf-8').splitlines()
    return {line for line in lines if line and not line.startswith('#')}


def extract(files):
    """The entries that the sources have now."""
    with tempfile.TemporaryDirectory() as folder:
        names = pathlib.Path(folder) / 'files'
        names.write_text('\n'.join(sorted(files)) + '\n', encoding='utf-8')
        subprocess.run([PO / 'xgettext', '-D', ROOT, '-p', folder, '-f', names, '-o', 'new.pot',
                        '-k_', '--force-po', *os.environ['MEERKAT_XGETTEXT'].split('\n')], check=True,
                       env={**os.environ, 'GETTEXTDATADIRS': str(PO)}, stderr=subprocess.DEVNULL)
        return catalog.read(pathlib.Path(folder) / 'new.pot')


def has_texts(path):
    """Whether a file has something to translate, by its own marks."""
    text = path.read_text(encoding='utf-8')
    if path.suffix == '.c':
        return MARK.search(text)
    if path.suffix == '.ui':
        return 'translatable="yes"' in text
    return True


class TestCatalogs(unittest.TestCase):

    def test_files(self):
        """Every file with texts is listed, and every listed one has some"""
        there = {path.relative_to(ROOT).as_posix()
                 for pattern in ('src/**/*.c', 'src/**/*.ui', 'data/**/*.desktop.in',
                                 'data/**/*.metainfo.xml.in', 'data/**/*.policy.in')
                 for path in ROOT.glob(pattern) if has_texts(path)}
        there |= {path.relative_to(ROOT).as_posix() for path in ROOT.glob('addon/meerkat/**/*.py')
                  if messages.find(path.read_text(encoding='utf-8'))}
        self.assertEqual(listed(), there)

    def test_up_to_date(self):
        """The catalogs have the texts of the sources: else run tools/update-translations"""
        now = {entry.key for entry in extract(listed())}
        for language in LANGUAGES:
            with self.subTest(language):
                self.assertEqual({entry.key for entry in catalog.read(PO / f'{language}.po')}, now)

    def test_whole(self):
        """Every text is translated, none is in doubt, none is left over"""
        for language in LANGUAGES:
            for entry in catalog.read(PO / f'{language}.po'):
                with self.subTest(language, text=entry.text):
                    self.assertTrue(entry.forms and all(entry.forms))
                    self.assertNotIn('fuzzy', entry.flags)
                    self.assertFalse(entry.obsolete)

    def test_well_formed(self):
        """gettext's own check finds nothing"""
        for language in LANGUAGES:
            with self.subTest(language):
                done = subprocess.run(['msgfmt', '--check', '--output-file=/dev/null',
                                       PO / f'{language}.po'], capture_output=True, text=True,
                                      check=False)
                self.assertEqual((done.returncode, done.stderr), (0, ''))

    def test_same_parts(self):
        """What is filled in, access keys, and spaces at the ends are as in the original"""
        for language in LANGUAGES:
            for entry in catalog.read(PO / f'{language}.po'):
                allowed = [parts(text) for text in (entry.text, entry.plural) if text]
                for form in filter(None, entry.forms):
                    with self.subTest(language, text=entry.text):
                        self.assertIn(parts(form), allowed)


def parts(text):
    """What a translation must have as its original has it."""
    conversions = sorted(re.sub(r'^%\d+\$', '%', part) for part in
                         re.findall(r'%(?:\d+\$)?[-+ 0#]*\d*(?:\.\d+)?(?:l|ll)?[a-zA-Z%]', text))
    if any(part in ('%H', '%Y') for part in conversions):  # a date: every language has its own
        conversions = ['date']
    return (conversions, sorted(re.findall(r'\{\w*\}', text)),
            bool(re.search(r'_[A-Za-z]', text)),
            text[:1] == '\n', text[-1:] == '\n')


if __name__ == '__main__':
    tap.main()
