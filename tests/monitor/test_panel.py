# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The icon in a real panel: it is drawn, a click on it opens the window, its menu opens."""

import os
import shutil
import subprocess
import tempfile
import unittest

from gi.repository import GLib

from support import tap
from support.bus import until
from support.desktop import MonitorTest

NEEDED = ('xfce4-panel', 'xfwm4', 'xdotool', 'import', 'convert')

PANEL = '''<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0"><property name="configver" type="int" value="2"/>
<property name="panels" type="array"><value type="int" value="1"/><property name="panel-1" type="empty">
<property name="position" type="string" value="p=6;x=0;y=0"/><property name="length" type="uint" value="100"/>
<property name="position-locked" type="bool" value="true"/><property name="size" type="uint" value="32"/>
<property name="plugin-ids" type="array"><value type="int" value="1"/><value type="int" value="2"/></property>
</property></property><property name="plugins" type="empty">
<property name="plugin-1" type="string" value="separator"><property name="expand" type="bool" value="true"/></property>
<property name="plugin-2" type="string" value="systray"/></property></channel>
'''


@unittest.skipUnless(all(shutil.which(program) for program in NEEDED), f'needs {NEEDED}')
class PanelTest(MonitorTest):

    manager = True

    def setUp(self):
        super().setUp()
        self.home = tempfile.mkdtemp(prefix='meerkat-panel-')
        self.addCleanup(shutil.rmtree, self.home, True)
        folder = self.home + '/.config/xfce4/xfconf/xfce-perchannel-xml'
        os.makedirs(folder)
        with open(folder + '/xfce4-panel.xml', 'w', encoding='ascii') as file:
            file.write(PANEL)
        env = dict(self.bus.env, HOME=self.home, XDG_CONFIG_HOME=self.home + '/.config',
                   XDG_CACHE_HOME=self.home + '/.cache', NO_AT_BRIDGE='1')
        for xfconfd in ('/usr/lib/x86_64-linux-gnu/xfce4/xfconf/xfconfd',
                        '/usr/lib/aarch64-linux-gnu/xfce4/xfconf/xfconfd'):
            if os.path.exists(xfconfd):
                self.display.run(xfconfd, env=env)
        self.display.run('xfce4-panel', '--disable-wm-check', env=env)

    def has(self, name):
        return self.caller.call('/org/freedesktop/DBus', 'org.freedesktop.DBus.NameHasOwner',
                                GLib.Variant('(s)', (name,)),
                                name='org.freedesktop.DBus')[0]

    def shot(self, name):
        path = os.path.join(self.home, name)
        self.display.shoot(path)
        return path

    def is_drawn(self, path, where='x24+0+0'):
        """Whether there is something: the panel at the upper edge, or a menu below it."""
        return float(self.display.tool('convert', path, '-crop', where, '-format', '%[fx:mean]',
                                       'info:')) > 0.02

    def difference(self, before, after):
        """Where two pictures differ at the right end of the panel: (x, y) of the middle, or None."""
        corner = ['-crop', '100x60+900+0', '+repage']
        found = subprocess.run(
            ['convert', before, after, *corner, '-compose', 'difference', '-composite', '-threshold',
             '8%', '-trim', '-format', '%w %h %X %Y', 'info:'], capture_output=True, text=True,
            check=False)
        numbers = found.stdout.split()
        if len(numbers) != 4 or int(numbers[0]) <= 4:
            return None
        width, height, x, y = map(int, numbers)
        return 900 + x + width // 2, y + height // 2

    def test_panel(self):
        """The icon is drawn; a click on it opens the window"""
        until(lambda: self.has('org.kde.StatusNotifierWatcher'), 'the panel')
        until(lambda: self.is_drawn(self.shot('empty.png')), 'the panel to be drawn')
        empty = self.shot('empty.png')
        self.open('--hidden', accessible=False)
        place = until(lambda: self.difference(empty, self.shot('icon.png')), 'the icon to be drawn')
        self.assertLess(place[1], 60)
        self.display.tool('xdotool', 'mousemove', *map(str, place), 'click', '3')
        until(lambda: self.is_drawn(self.shot('menu.png'), 'x40+0+60'), 'the menu')
        self.key('Escape')
        self.display.tool('xdotool', 'mousemove', *map(str, place), 'click', '1')
        until(self.windows, 'the window')


if __name__ == '__main__':
    tap.main()
