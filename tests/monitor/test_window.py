# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The window: what it shows of a running server, and that a screen reader finds it."""

from support import tap
from support.bus import until
from support.desktop import MonitorTest, PATH


class WindowTest(MonitorTest):

    def test_list(self):
        """Sessions are listed as they come, with their people and figures"""
        self.join('anna', session='kitchen', display_name='Anna').create(ack=True)
        self.open()
        self.wait_seen('1 person in 1 session', 'kitchen', '1 person · 1 object · revision 1')
        bob = self.join('bob', session='kitchen', display_name='Bruno')
        self.join('carl', session='garden', display_name='Chiyo')
        self.wait_seen('3 people in 2 sessions', 'garden', '2 people · 1 object · revision 1')
        bob.create(ack=True)
        self.wait_seen('2 people · 2 objects · revision 2')
        bob.close()
        self.wait_seen('2 people in 2 sessions', '1 person · 2 objects · revision 2')

    def test_stored(self):
        """A session stays in the list when the last has left"""
        anna = self.join('anna', session='kitchen')
        anna.create(ack=True)
        self.open()
        self.wait_seen('1 person in 1 session')
        anna.close()
        self.wait_seen('Nobody is here', 'Stored · revision 1')

    def test_session_page(self):
        """A session's page shows its people, and what they have selected"""
        anna = self.join('anna', session='kitchen', display_name='Anna')
        self.join('bob', session='kitchen', display_name='<b>Bruno</b> & co')
        cube = anna.create(ack=True)
        self.open()
        self.act('open-session', 'kitchen')
        self.wait_seen('kitchen – Meerkat', 'Anna', '<b>Bruno</b> & co', 'Host · since',
                       'nothing selected', 'Messages per Second', 'Server Latency: slowest')
        anna.send('SELECT_OBJECT', {'object_id': cube})
        self.wait_seen(f'has selected {cube[:8]}')
        until(lambda: f'has selected {cube}' in [item['description'] for item in self.people.tree()],
              'the whole id')
        self.join('carl', session='kitchen', display_name='Chiyo')
        self.wait_seen('Remove Chiyo from the session', '3 people')

    def test_labels(self):
        """Everything that can be pressed has a name"""
        self.join('anna', session='kitchen', display_name='Anna')
        self.open()
        self.act('open-session', 'kitchen')
        self.wait_seen('Remove Anna from the session')
        pressable = [item for item in self.people.tree()
                     if item['role'] in ('push button', 'toggle button', 'entry', 'switch')]
        self.assertGreater(len(pressable), 8)
        for item in pressable:
            self.assertTrue(item['name'] and not item['name'].startswith(('Gtk', 'Adw', 'Mon')), item)
            self.assertNotIn('_', item['name'])

    def test_once(self):
        """Starting it twice raises the first"""
        self.open()
        second = self.monitor.spawn()
        self.assertEqual(second.wait(20), 0)
        self.assertIsNone(self.monitor.process.poll())

    def test_quit(self):
        """It quits"""
        self.open()
        self.act('quit')
        until(lambda: self.monitor.process.poll() is not None, 'the end')
        self.assertEqual(self.monitor.process.returncode, 0)


if __name__ == '__main__':
    tap.main()
