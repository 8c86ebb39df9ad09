# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Takes pictures of every page, light and dark. Run by hand:

    LANGUAGE=de PYTHONPATH=tests /usr/bin/python3 tests/monitor/pictures.py FOLDER [TEST...]

with MEERKATD, MEERKAT_MONITOR, GSETTINGS_SCHEMA_DIR and XDG_DATA_DIRS as in meson.build beside it. The
language goes into the names of the files, but for English; CATALOGS=build/po
PRELOAD=build/tests/libset-locale-dir.so has its texts without installing them. It needs xfwm4, xdotool and
ImageMagick; for Japanese and Chinese also a font such as Debian's fonts-noto-cjk; to be root for a full disk;
and pngquant, if it is there, makes the files smaller.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from support import tap
from support.bus import Bus, until
from support.client import place
from support.desktop import PATH, Monitor, MonitorTest
from support.fake_server import FakeServer

FOLDER = sys.argv.pop(1) if len(sys.argv) > 1 else '.'
LANGUAGE = os.environ.get('LANGUAGE', '')
PEOPLE = [('anna', 'kitchen', 'Anna'), ('bruno', 'kitchen', 'Bruno'), ('chiyo', 'kitchen', 'Chiyo'),
          ('dmitri', 'garden-night', 'Dmitri'), ('elodie', 'garden-night', 'Élodie'),
          ('farid', 'chase_12', 'Farid')]
SCHEMES = {'': 'prefer-light', '-dark': 'prefer-dark'}
MOVING_SECONDS = 20


class PictureTest(MonitorTest):

    size = '900x640'
    manager = True
    clients = ()

    def monitor_of(self, scheme, env=None, **how):
        """A monitor that fills the display."""
        env = dict(env or {}, ADW_DEBUG_COLOR_SCHEME=SCHEMES[scheme], LC_ALL='C.UTF-8', LANGUAGE=LANGUAGE)
        if 'CATALOGS' in os.environ:
            env.update(MEERKAT_LOCALE_DIR=os.environ['CATALOGS'], LD_PRELOAD=os.environ['PRELOAD'])
        monitor = Monitor(self.display, self.bus, env=env, **how)
        self.addCleanup(monitor.finish)
        self.monitor = monitor
        until(self.has_monitor, 'the monitor')
        until(self.active, 'the window')
        self.display.tool('xdotool', 'mousemove', '0', '0')  # away from what has a tooltip
        return monitor

    def shoot(self, name, scheme):
        end = time.monotonic() + 1.2
        until(lambda: self.pump() or time.monotonic() > end, 'fading to end')
        language = f'-{LANGUAGE}' if LANGUAGE else ''
        path = os.path.join(FOLDER, f'monitor-{name}{scheme}{language}.png')
        self.display.shoot(path)
        if shutil.which('pngquant'):
            self.display.tool('pngquant', '--force', '--strip', '--output', path, '128', path)

    def pump(self):
        """Lets everybody answer, who else would be taken for dead."""
        for client, _ in self.clients:
            client.pump()

    def people_at_work(self):
        self.clients = clients = []
        for user, session, name in PEOPLE:
            client = self.join(user, session=session, display_name=name,
                               payload={'client': {'name': 'blender-addon', 'version': '0.1.0'}})
            cubes = [client.create(ack=True) for _ in range(3)]
            client.send('SELECT_OBJECT', {'object_id': cubes[0]})
            clients.append((client, cubes))
        return clients

    def move(self, clients, seconds):
        end = time.monotonic() + seconds
        n = 0
        while time.monotonic() < end:
            for i, (client, cubes) in enumerate(clients):
                n += 1
                if n % (2 + i) < 2:
                    client.send('UPDATE_TRANSFORM', {'object_id': cubes[n % 3],
                                                     'transform': place(n % 7, i, 0)})
            self.pump()
            time.sleep(0.02 + 0.03 * (int(end - time.monotonic()) % 3))


class PagesTest(PictureTest):

    def test_pictures(self):
        """All pages"""
        clients = self.people_at_work()
        for scheme in SCHEMES:
            monitor = self.monitor_of(scheme)
            self.act('open-session', 'kitchen')
            self.move(clients, MOVING_SECONDS)
            self.shoot('session', scheme)
            self.act_in_window('kick', 'bruno')
            self.shoot('remove', scheme)
            self.key('Return')
            self.shoot('undo', scheme)
            self.key('ctrl+z')
            self.act_in_window('show-overview')
            self.shoot('server', scheme)
            self.act_in_window('show-help-overlay')
            self.shoot('shortcuts', scheme)
            self.key('Escape')
            self.act('preferences')
            self.shoot('preferences', scheme)
            monitor.finish()
        self.pump()
        self.caller.manager('CloseSession', '(ss)', 'garden-night', 'The shot is done')
        self.clients = clients[:3] + clients[5:]
        for scheme in SCHEMES:
            monitor = self.monitor_of(scheme)
            until(lambda: self.action('closed-sessions', PATH + '/window/1')[0], 'the server')
            self.act_in_window('closed-sessions')
            self.shoot('closed', scheme)
            self.key('Escape')
            self.clients = []
            self.daemon.process.send_signal(signal.SIGKILL)
            self.daemon.process.wait()
            self.shoot('stopped', scheme)
            monitor.finish()
            monitor = self.monitor_of(scheme)
            self.shoot('absent', scheme)
            monitor.finish()
            self.daemon.start()
        self.wait_for_daemon()


class NarrowTest(PictureTest):

    size = '360x640'

    def test_narrow(self):
        """As narrow as it gets"""
        clients = self.people_at_work()
        for scheme in SCHEMES:
            monitor = self.monitor_of(scheme, settings={'window-size': '(360, 640)'})
            self.shoot('narrow-list', scheme)
            self.act('open-session', 'kitchen')
            self.move(clients, MOVING_SECONDS)
            self.shoot('narrow-session', scheme)
            self.act_in_window('show-overview')
            self.shoot('narrow-server', scheme)
            monitor.finish()


class StatesTest(PictureTest):
    """Servers that only say how they are."""

    def test_states(self):
        """Pages of a server that cannot be looked at"""
        system = Bus('system')
        self.addCleanup(system.finish)
        pages = {'starting': {'State': 'starting'},
                 'denied': {'refuse': 'org.freedesktop.DBus.Error.AccessDenied'},
                 'failed': {'refuse': 'org.meerkat.Meerkat1.Error.Failed'}}
        for page, how in pages.items():
            server = FakeServer(system, **how)
            for scheme in SCHEMES:
                monitor = self.monitor_of(scheme, system.env, settings={'bus': "'system'"})
                self.shoot(page, scheme)
                monitor.finish()
            server.finish()
        for scheme in SCHEMES:
            monitor = self.monitor_of(scheme, settings={'bus': "'system'"})
            self.shoot('no-bus', scheme)
            monitor.finish()


@unittest.skipUnless(os.geteuid() == 0, 'needs root to mount a small disk')
class DegradedTest(PictureTest):

    def start(self, *flags, **how):
        self.disk = tempfile.mkdtemp(prefix='meerkat-disk-')
        self.addCleanup(os.rmdir, self.disk)
        subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=6m', 'none', self.disk], check=True)
        self.addCleanup(subprocess.run, ['umount', '-l', self.disk], check=False)
        return super().start(*flags, state_dir=os.path.join(self.disk, 'state'), **how)

    def test_degraded(self):
        """A server that cannot write to its disk"""
        clients = self.people_at_work()
        ballast = os.path.join(self.disk, 'ballast')
        with open(ballast, 'wb', buffering=0) as file:
            try:
                while file.write(b'x' * 4096):
                    pass
            except OSError:
                pass
        until(lambda: self.move(clients, 0.5) or 'degraded' in self.daemon.http('GET', '/healthz')[2].decode(),
              'the disk to be missed')
        for scheme in SCHEMES:
            monitor = self.monitor_of(scheme)
            self.act('open-session', 'kitchen')
            self.move(clients, MOVING_SECONDS)
            self.shoot('degraded', scheme)
            monitor.finish()
        os.unlink(ballast)


tap.main()
