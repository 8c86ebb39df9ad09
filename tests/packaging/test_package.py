# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The Debian packages in a machine that was booted for them; tools/check-package does that."""

import os
import pathlib
import socket
import zipfile

from support import machine, tap
from support.machine import (SERVICE, SOCKET, STATE, MachineTest, main_pid, run, show, status_of,
                             systemctl, until_active)

HERE = pathlib.Path(__file__).parent
SERVER = 'meerkat-server'
ALL = (SERVER, 'meerkat-monitor', 'meerkat-blender', 'meerkat-common')
# Where a package may leave something behind that was not there before.
WATCHED = ('/etc', '/usr', '/lib', '/opt', '/srv', '/var/lib', '/var/cache', '/var/log', '/home')
# What belongs to others: their lists of what is installed, their caches, the journal; and the user,
# which stays.
OF_OTHERS = ('/var/lib/dpkg/', '/var/lib/systemd/', '/var/log/', '/var/cache/', '/var/lib/ucf',
             '/etc/passwd', '/etc/group', '/etc/shadow', '/etc/gshadow', '/etc/.pwd.lock')


def dpkg(*arguments):
    return run('dpkg', *arguments, env=dict(os.environ, DEBIAN_FRONTEND='noninteractive'))


def version(package=SERVER):
    return run('dpkg-query', '--show', '--showformat=${Version}', package)


def is_listening(port=8080):
    with socket.socket() as sock:
        return sock.connect_ex(('127.0.0.1', port)) == 0


def files():
    """All files in the folders that packages write to."""
    found = set()
    for top in WATCHED:
        for folder, folders, names in os.walk(top):
            found |= {os.path.join(folder, name) for name in folders + names}
    return {path for path in found if not path.startswith(OF_OTHERS)}


def setUpModule():
    """Nobody reads man pages here: their index takes longer than the packages."""
    pathlib.Path('/var/lib/man-db/auto-update').unlink(missing_ok=True)


class Packages(MachineTest):
    """Each test begins without the packages, on a system that has never seen them."""

    def clear(self):
        dpkg('--purge', *ALL)
        status_of('userdel', machine.USER)

    def install(self, build, *packages):
        dpkg('--install', *[next((HERE / build).glob(f'{name}_*.deb'))
                            for name in packages or (SERVER,)])

    def test_server(self):
        """The server runs at once, as itself, for this machine alone, and is on the bus"""
        self.install('first')
        self.assertEqual((show('ActiveState'), show('UnitFileState')), ('active', 'enabled'))
        self.assertEqual(os.stat(f'/proc/{main_pid()}').st_uid, machine.uid())
        self.assertEqual((STATE.stat().st_uid, STATE.stat().st_mode & 0o7777),
                         (machine.uid(), 0o700))
        self.join('a')
        self.assertRegex(run('meerkatctl', 'list'), r'stage +1 +0 +active')
        run(HERE / 'debian-test')

    def test_not_for_everybody(self):
        """The socket, and the units of users, are for those who want them"""
        self.install('first')
        self.assertEqual((show('ActiveState', SOCKET), show('UnitFileState', SOCKET)),
                         ('inactive', 'disabled'))
        for unit in (SERVICE, SOCKET):
            self.assertEqual(status_of('systemctl', '--global', 'is-enabled', unit)[1], 'disabled\n')

    def test_others(self):
        """The other packages install, and the add-on is whole"""
        self.install('first', *ALL)
        addon = next(pathlib.Path('/usr/share/meerkat').glob('meerkat-addon-*.zip'))
        with zipfile.ZipFile(addon) as archive:
            self.assertIsNone(archive.testzip())
            self.assertIn('meerkat/__init__.py', archive.namelist())
        self.assertTrue(os.path.exists('/usr/share/locale/de/LC_MESSAGES/meerkat.mo'))

    def test_upgrade(self):
        """An upgrade keeps the sessions and what was configured; clients go on where they were"""
        self.install('first')
        self.configure('max-users-per-session=7')
        systemctl('restart', SERVICE)
        before = self.join('a')
        cube = before.create(ack=True)
        point, old = before.resume_point(), version()
        self.install('second')
        self.assertNotEqual(version(), old)
        before.expect_closed(1001)
        until_active()
        after = self.join('a', resume=point)
        self.assertEqual((after.sync['kind'], after.sync['epoch']),
                         ('DELTA_SYNC', before.sync['epoch']))
        other = self.join('b')
        self.assertIn(cube, other.sync['objects'])
        self.assertEqual(other.welcome['payload']['limits']['max_users_per_session'], 7)

    def test_upgrade_while_off(self):
        """A server that was turned off stays off"""
        self.install('first')
        systemctl('disable', '--quiet', '--now', SERVICE)
        self.install('second')
        self.assertEqual((show('ActiveState'), show('UnitFileState')), ('inactive', 'disabled'))

    def test_remove(self):
        """Removed: it ends, data and configuration stay for the next time"""
        self.install('first')
        self.configure('max-users-per-session=7')
        client = self.join('a')
        cube = client.create(ack=True)
        dpkg('--remove', SERVER)
        client.expect_closed(1001)
        self.assertFalse(is_listening())
        self.assertFalse(os.path.exists('/usr/bin/meerkatd'))
        self.install('second')
        after = self.join('b')
        self.assertIn(cube, after.sync['objects'])
        self.assertEqual(after.welcome['payload']['limits']['max_users_per_session'], 7)

    def test_remove_with_socket(self):
        """So it does where the socket was used"""
        self.install('first')
        systemctl('stop', SERVICE)
        systemctl('enable', '--quiet', '--now', SOCKET)
        self.join('a')
        dpkg('--remove', SERVER)
        self.assertFalse(is_listening())

    def test_verify_as_root(self):
        """A check by root leaves nothing that the server cannot open"""
        self.install('first')
        cube = self.join('a').create(ack=True)
        systemctl('stop', SERVICE)
        self.assertRegex(run('meerkatctl', 'verify', '--state-dir', STATE), r'stage +1 +1 .* ok')
        systemctl('start', SERVICE)
        self.assertIn(cube, self.join('b').sync['objects'])

    def test_purge(self):
        """Purged: nothing is left but the user"""
        before = files()
        self.install('first', *ALL)
        self.configure('max-users-per-session=7')
        systemctl('restart', SERVICE)
        self.join('a').create(ack=True)
        owner = machine.uid()
        dpkg('--purge', *ALL)
        self.assertEqual(owner, machine.uid())
        self.assertEqual([], sorted(files() - before))
        self.assertEqual(status_of('systemctl', 'is-failed', SERVICE)[1], 'inactive\n')


if __name__ == '__main__':
    tap.main()
