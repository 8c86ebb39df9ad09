# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What tests say inside a machine that boot-machine has booted: units, their journal, the server."""

import pathlib
import pwd
import shutil
import socket
import subprocess
import time
import unittest

from support.client import Client
from support.websocket import WebSocket

SERVICE = 'meerkatd.service'
SOCKET = 'meerkatd.socket'
USER = 'meerkat'
STATE = pathlib.Path('/var/lib/meerkat')
WAIT = 60.0


def run(*command, check=True, **how):
    """Runs a command; returns what it printed, standard error too."""
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True, check=False,
                          stderr=subprocess.STDOUT, timeout=WAIT, **how)
    if check and done.returncode != 0:
        raise AssertionError(f'{command} ended with {done.returncode}: {done.stdout}')
    return done.stdout


def status_of(*command, **how):
    """Runs a command; returns its exit status and what it printed."""
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True, check=False,
                          stderr=subprocess.STDOUT, timeout=WAIT, **how)
    return done.returncode, done.stdout


def systemctl(*arguments, **how):
    return run('systemctl', *arguments, **how)


def show(name, unit=SERVICE):
    """A property of a unit."""
    return systemctl('show', '--value', '-p', name, unit).strip()


def drop_ins(unit):
    return pathlib.Path(f'/run/systemd/system/{unit}.d')


def main_pid():
    return int(show('MainPID'))


def until(condition, what):
    """Waits until the condition holds; returns what it gave."""
    deadline = time.monotonic() + WAIT
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f'waited for {what}')
        time.sleep(0.05)


def until_active(state='active', unit=SERVICE):
    until(lambda: show('ActiveState', unit) == state, f'{unit} to be {state}')


class Server:
    """Where clients of tests connect to."""

    def __init__(self, port=8080):
        self.port = port

    def connect(self, **how):
        return WebSocket('127.0.0.1', self.port, **how)


class MachineTest(unittest.TestCase):
    """A test that begins with a server that was never started."""

    maxDiff = None
    config = pathlib.Path('/etc/meerkat/meerkat.conf')  # of an installation below /usr

    def setUp(self):
        self.clear()
        self.addCleanup(self.clear)
        self.cursor = run('journalctl', '--quiet', '--lines=0', '--show-cursor').split('cursor: ')[1].strip()

    def clear(self):
        systemctl('stop', SOCKET, SERVICE)
        systemctl('disable', '--quiet', SOCKET, SERVICE)
        for unit in (SOCKET, SERVICE):
            shutil.rmtree(drop_ins(unit), ignore_errors=True)
        self.config.unlink(missing_ok=True)
        for path in STATE.iterdir():
            path.unlink()
        systemctl('daemon-reload')
        systemctl('reset-failed')

    def journal(self, unit=SERVICE):
        """What the unit, and systemd about it, has said in this test."""
        run('journalctl', '--sync')
        return run('journalctl', '--quiet', '--output=cat', f'--after-cursor={self.cursor}',
                   f'--unit={unit}')

    def set(self, unit=SERVICE, **settings):
        """A drop-in for [Service] or [Socket]."""
        folder = drop_ins(unit)
        folder.mkdir(parents=True, exist_ok=True)
        lines = [f'[{unit.split(".")[1].capitalize()}]']
        lines += [f'{name}={value}' for name, value in settings.items()]
        (folder / 'test.conf').write_text('\n'.join(lines) + '\n')
        systemctl('daemon-reload')

    def configure(self, *lines):
        self.config.parent.mkdir(exist_ok=True)
        self.config.write_text('\n'.join(['[meerkatd]', *lines]) + '\n')

    def start(self):
        systemctl('start', SERVICE)

    def connect(self, user_id=None, port=8080, **how):
        client = Client(Server(port), user_id, **how)
        self.addCleanup(client.close)
        return client

    def join(self, user_id=None, session='stage', port=8080, how=None, **more):
        client = self.connect(user_id, port, **(how or {}))
        client.join(session, **more)
        return client

    def assert_refused(self, port=8080):
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(('127.0.0.1', port), 10).close()


def uid(name=USER):
    return pwd.getpwnam(name).pw_uid
