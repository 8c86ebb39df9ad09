# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The sessions at a terminal that docs/admin.md shows: each command is given again, and answers the
same but for numbers, times and ids."""

import os
import pathlib
import re
import shutil
import subprocess
import unittest

from support import tap
from support.bus import BusTest
from support.client import an_object, place

ADMIN = pathlib.Path(__file__).resolve().parents[2] / 'docs/admin.md'
COMMAND = re.compile(r'^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)', re.MULTILINE)


def transcripts(section, program):
    """(command, answer) of that program in a section of the guide."""
    text = ADMIN.read_text(encoding='utf-8').partition(f'\n## {section}\n')[2].partition('\n## ')[0]
    for block in re.findall(r'^```\n(.*?)^```$', text, re.MULTILINE | re.DOTALL):
        for command, answer in COMMAND.findall(block):
            if command.startswith(program + ' '):
                yield command, answer


def masked(text):
    """Text without what differs from one time to the next, and without its layout."""
    text = re.sub(r'\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b', 'UUID', text)
    text = re.sub(r'  [0-9a-f]{8}  ', '  OBJECT  ', text)
    text = re.sub(r'(?<![\w_-])\d+(?:[.:-]\d+)*(?![\w-])', 'N', text)
    return ' '.join(text.split())


class Transcripts(BusTest):

    def setUp(self):
        super().setUp()
        self.env = {**os.environ, **self.bus.env, 'LC_ALL': 'C.UTF-8', 'TZ': 'UTC', 'SYSTEMD_COLORS': '0',
                    'DBUS_SYSTEM_BUS_ADDRESS': 'unix:path=/nonexistent',
                    'PATH': os.path.dirname(os.path.abspath(os.environ['MEERKATCTL'])) + ':'
                            + os.environ['PATH']}

    def set_the_stage(self, anna, bob):
        """Two people, two objects, four changes in shot-010."""
        first = self.join(anna, session='shot-010', display_name='Anna',
                          payload={'client': {'name': 'Blender', 'version': '4.3.2'}})
        cube, light = an_object(name='Cube'), an_object(kind='point_light', name='Key light')
        first.acked('CREATE_OBJECT', cube)
        first.acked('CREATE_OBJECT', light)
        first.acked('UPDATE_TRANSFORM', {'object_id': cube['object_id'], 'transform': place(1, 2, 3)})
        first.acked('UPDATE_PROPERTIES', {'object_id': light['object_id'], 'properties': {'power': 5}})
        first.send('SELECT_OBJECT', {'object_id': light['object_id']})
        first.barrier()
        self.join(bob, session='shot-010', display_name='Bob')
        self.wait_users(2)

    def assert_true(self, section, program, least):
        """Gives the commands one after the other; what is done offline is done at the end."""
        count = 0
        for command, answer in transcripts(section, program):
            with self.subTest(command):
                if '/var/lib/meerkat' in command:
                    self.assertEqual(self.daemon.stop(), 0)
                    command = command.replace('/var/lib/meerkat', self.daemon.state_dir)
                run = subprocess.run(['bash', '-c', command], env=self.env, text=True, check=False,
                                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, timeout=60)
                self.assertEqual(masked(run.stdout), masked(answer))
            count += 1
        self.assertGreaterEqual(count, least)

    def test_meerkatctl(self):
        """meerkatctl"""
        self.set_the_stage('anna', 'b0b5')
        carl = self.join('carl', session='shot-020')
        carl.create(ack=True)
        self.wait_users(3)
        self.assert_true('meerkatctl', 'meerkatctl', 7)
        self.daemon.process.stdout.close()
        self.daemon.start()

    @unittest.skipUnless(shutil.which('gdbus'), 'needs gdbus')
    def test_gdbus(self):
        """gdbus, and what it heard meanwhile"""
        self.set_the_stage('5f0c7a52-anna', '91d2b6e0-bob')
        self.caller.names()
        self.assert_true('The bus', 'gdbus', 4)
        text = ADMIN.read_text(encoding='utf-8')
        told = re.findall(r'^/org/\S+: (\S+) \(', text, re.MULTILINE)
        self.caller.settle()
        self.assertEqual(sorted(f'{interface}.{member}' for _, interface, member, _ in
                                self.caller.signals), sorted(told))

    @unittest.skipUnless(shutil.which('busctl'), 'needs busctl')
    def test_busctl(self):
        """busctl"""
        self.set_the_stage('5f0c7a52-anna', '91d2b6e0-bob')
        self.caller.manager('KickUser', '(sss)', 'shot-010', 'Bob', '')
        self.assert_true('The bus', 'busctl', 3)


if __name__ == '__main__':
    tap.main()
