# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Takes pictures of every page, light and dark. Run by hand:

    LANGUAGE=de PYTHONPATH=tests /usr/bin/python3 tests/monitor/pictures.py FOLDER

with MEERKATD, MEERKAT_MONITOR, GSETTINGS_SCHEMA_DIR and XDG_DATA_DIRS as in meson.build beside it. The
language goes into the names of the files, but for English.
"""

import os
import signal
import sys
import time

from support import tap
from support.bus import until
from support.client import place
from support.desktop import PATH, Monitor, MonitorTest

FOLDER = sys.argv.pop(1) if len(sys.argv) > 1 else '.'
LANGUAGE = os.environ.get('LANGUAGE', '')
PEOPLE = [('anna', 'kitchen', 'Anna'), ('bruno', 'kitchen', 'Bruno'), ('chiyo', 'kitchen', 'Chiyo'),
          ('dmitri', 'garden-night', 'Dmitri'), ('elodie', 'garden-night', 'Élodie'),
          ('farid', 'chase_12', 'Farid')]
SCHEMES = {'': 'prefer-light', '-dark': 'prefer-dark'}
MOVING_SECONDS = 20


class Pictures(MonitorTest):

    size = '900x640'
    manager = True

    def monitor_of(self, scheme, **how):
        """A monitor that fills the display; the last one is put away."""
        env = {'ADW_DEBUG_COLOR_SCHEME': SCHEMES[scheme], 'LC_ALL': 'C.UTF-8', 'LANGUAGE': LANGUAGE}
        monitor = Monitor(self.display, self.bus, env=env, **how)
        self.monitor = monitor
        until(self.has_monitor, 'the monitor')
        until(self.active, 'the window')
        return monitor

    def shoot(self, name, scheme):
        end = time.monotonic() + 1.2
        while time.monotonic() < end:  # until nothing fades any more
            self.pump()
            time.sleep(0.05)
        language = f'-{LANGUAGE}' if LANGUAGE else ''
        self.display.tool('import', '-window', 'root',
                          os.path.join(FOLDER, f'monitor-{name}{scheme}{language}.png'))

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

    def test_pictures(self):
        """All pages"""
        clients = self.people_at_work()
        for scheme in SCHEMES:
            monitor = self.monitor_of(scheme, accessible=False)
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
            monitor = self.monitor_of(scheme, accessible=False)
            until(lambda: self.action('closed-sessions', PATH + '/window/1')[0], 'the server')
            self.act_in_window('closed-sessions')
            self.shoot('closed', scheme)
            self.key('Escape')
            self.clients = []
            self.daemon.process.send_signal(signal.SIGKILL)
            self.daemon.process.wait()
            self.shoot('stopped', scheme)
            monitor.finish()
            monitor = self.monitor_of(scheme, accessible=False)
            self.shoot('absent', scheme)
            monitor.finish()
            self.daemon.start()
        self.wait_for_daemon()


tap.main()
