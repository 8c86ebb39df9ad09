# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The man pages say what the programs do: options, commands, keys, the bus, and no formatter complains."""

import os
import pathlib
import re
import shutil
import subprocess
import unittest
import xml.etree.ElementTree as ET

from support import tap

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILT = pathlib.Path(os.environ['MEERKAT_MANUALS'])
MACRO = re.compile(r'\b(?:Fl|Ar|Op|Cm|Ic|Ns|Pa|Ev) ')


def page(name):
    return (BUILT / name).read_text(encoding='utf-8')


def help_of(variable):
    """What --help prints, with what was wrapped put together again."""
    text = subprocess.run([os.environ[variable], '--help'], check=True, capture_output=True,
                          text=True, env={**os.environ, 'LC_ALL': 'C.UTF-8'}).stdout
    return re.sub(r'\n {20,}', ' ', text)


def items(text):
    """The heads of a page's lists, without markup, with what is said below them."""
    for match in re.finditer(r'^\.It (.*)\n((?:(?!\.It |\.El).*\n)*)', text, re.MULTILINE):
        yield plain(match[1]), plain(match[2])


def plain(text):
    """Text without the macros that occur in these pages."""
    text = re.sub(r'Op ([^\n]*)$', r'[\1]', text, flags=re.MULTILINE)
    text = text.replace('Oo ', '[').replace(' Oc', ']')
    text = text.replace('Fl Fl ', '--').replace(' Ns = Ns ', '=').replace(' Ns | Ns Cm ', '|')
    text = re.sub(r'^\.(?=[A-Z])', '', MACRO.sub('', text), flags=re.MULTILINE)
    return ' '.join(text.replace('\\&', '').split())


class Lint(unittest.TestCase):

    @unittest.skipUnless(shutil.which('mandoc'), 'needs mandoc')
    def test_mandoc(self):
        """mandoc has nothing to complain about"""
        pages = sorted(BUILT.glob('*.[1-8]'))
        self.assertGreaterEqual(len(pages), 4)
        for path in pages:
            run = subprocess.run(['mandoc', '-T', 'lint', '-W', 'warning', str(path)],
                                 capture_output=True, text=True, check=False)
            self.assertEqual((run.returncode, run.stdout), (0, ''), path.name)

    def test_templates(self):
        """Every template is built, and none is left with a hole"""
        names = {path.name.removesuffix('.in') for path in (ROOT / 'docs/man').glob('*.in')}
        self.assertEqual(names, {path.name for path in BUILT.glob('*.[1-8]')})
        for name in names:
            self.assertNotRegex(page(name), r'@\w+@')

    def test_references(self):
        """Pages of our own that others refer to are there"""
        names = {path.name for path in BUILT.glob('*.[1-8]')}
        for name in names:
            for other, section in re.findall(r'^\.Xr (\S*[Mm]eerkat\S*) (\d)', page(name), re.MULTILINE):
                self.assertIn(f'{other}.{section}', names, name)


class Daemon(unittest.TestCase):

    def test_options(self):
        """Every option with its argument and its default, in the order of --help"""
        wanted = []
        for name, argument, rest in re.findall(r'^  (--[a-z-]+)((?: \S+)?) {2,}(.*)$',
                                               help_of('MEERKATD'), re.MULTILINE):
            initial = re.search(r'\[([^][]*(?:\[[^]]*\][^][]*)*)\]$', rest)
            wanted.append((name + argument, initial[1] if initial else None))
        self.assertGreater(len(wanted), 20)
        seen = []
        for head, said in items(page('meerkatd.8').partition('.Sh SIGNALS')[0]):
            initial = re.search(r'Default: (.*?)\.?$', said)
            seen.append((head, initial[1].replace(' ,', ',') if initial else None))
        self.assertEqual([head for head, _ in seen], [head for head, _ in wanted])
        for (head, initial), (_, real) in zip(seen, wanted):
            if head.startswith('--state-dir') or head.startswith('--config'):
                continue  # names of the environment and of files, written with other marks
            self.assertEqual(initial, real, head)

    def test_keys(self):
        """Every key of the configuration file, with its default"""
        text = (ROOT / 'data/meerkat.conf').read_text(encoding='utf-8')
        wanted = re.findall(r'^#([a-z-]+=.*)$', text, re.MULTILINE)
        keys = page('meerkat.conf.5').partition('.Sh FILES')[0]
        seen = [key for head, _ in items(keys) for key in head.split(' , ')]
        self.assertEqual(seen, wanted)

    def test_files_and_signals(self):
        """What is said of exit statuses is so"""
        for arguments, status in ((['--version'], 0), (['--nonsense'], 2),
                                  (['--state-dir', '/dev/null/x', '--bus', 'none'], 1)):
            run = subprocess.run([os.environ['MEERKATD'], *arguments], capture_output=True,
                                 check=False, timeout=60)
            self.assertEqual(run.returncode, status)


class Ctl(unittest.TestCase):

    def test_commands(self):
        """Every command with its arguments, in the order of --help"""
        listed = help_of('MEERKATCTL').partition('Commands:\n')[2].partition('\n\n')[0]
        wanted = [re.split(r' {2,}', line.strip())[0] for line in listed.splitlines()]
        commands = page('meerkatctl.1').partition('.Ss Commands')[2].partition('.Sh ')[0]
        self.assertEqual([head for head, _ in items(commands)], wanted)

    def test_options(self):
        """Every option"""
        listed = help_of('MEERKATCTL').partition('Options:\n')[2].partition('\n\n')[0]
        wanted = set(re.findall(r'--[a-z]+', listed))
        options = page('meerkatctl.1').partition('.Ss Options')[2].partition('.Ss ')[0]
        self.assertEqual({name for head, _ in items(options) for name in re.findall(r'--[a-z]+', head)},
                         wanted)


class Bench(unittest.TestCase):

    def test_options(self):
        """Every option with its argument and its default, in the order of --help"""
        wanted = []
        for name, argument, rest in re.findall(r'^  (--[a-z-]+)((?: [A-Z]+)?) +(\S.*)$',
                                               help_of('MEERKAT_BENCH'), re.MULTILINE):
            initial = re.search(r'\[(\d+)\]$', rest)
            wanted.append((name + argument, initial[1] if initial else None))
        self.assertGreater(len(wanted), 15)
        options = page('meerkat-bench.1').partition('.Ss Options')[2].partition('.Sh ')[0]
        seen = []
        for head, said in items(options):
            initial = re.search(r'Default: (\d+)\.', said)
            seen.append((head, initial[1] if initial else None))
        self.assertEqual(seen, wanted)


class Bus(unittest.TestCase):

    def test_members(self):
        """Every interface, and in it every method, signal and property with its types"""
        text = page('org.meerkat.Meerkat1.5')
        for interface in ET.parse(ROOT / 'data/org.meerkat.Meerkat1.xml').iter('interface'):
            section = re.search(rf'^\.Sh {re.escape(interface.get("name"))}\n(.*?)^\.Sh ', text,
                                re.MULTILINE | re.DOTALL)[1]
            heads = re.findall(r'^\.It \\fB(\w+)\\fR(.*)$', section, re.MULTILINE)
            self.assertEqual([name for name, _ in heads],
                             [m.get('name') for kind in ('method', 'signal', 'property')
                              for m in interface.findall(kind)])
            for member in interface:
                if member.tag == 'annotation':
                    continue
                said = dict(heads)[member.get('name')]
                types = [a.get('type') for a in member.iter('arg')] or [member.get('type')]
                if types != [None]:
                    shown = re.sub(r'\\fI\w+\\fR|\\\(->| [()](?= |$)| \(\)|,', ' ', said).split()
                    self.assertEqual(shown, types, member.get('name'))


if __name__ == '__main__':
    tap.main()
