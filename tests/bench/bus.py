#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Measures what the administration on the bus costs, and what it costs those who edit meanwhile.

    tests/bench/bus.py [--daemon FILE] [--ctl FILE] [--make-state FILE] [--sessions N] [--users N]
                       [--stored N]

200 sessions of 10 users each, 10,000 sessions on disk. Prints figures for people; nothing here passes
or fails.
"""

import argparse
import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from gi.repository import Gio, GLib  # noqa: E402

from bench.measure import Team, summary  # noqa: E402
from support.bus import MANAGER, NAME, OBJECT_MANAGER, PROPERTIES, ROOT, Bus, Caller  # noqa: E402
from support.client import Client  # noqa: E402
from support.daemon import Daemon  # noqa: E402

BUILD = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
                     'build')
SECONDS = 5


def times(function, n):
    """How long it takes each time, in seconds."""
    taken = []
    for _ in range(n):
        began = time.monotonic()
        function()
        taken.append(time.monotonic() - began)
        time.sleep(0.25)
    return taken


def flood(address, what):
    """Calls without end, many at a time, and does not care for the answers."""
    connection = Gio.DBusConnection.new_for_address_sync(
        address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
        | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
    calls = {'objects': (ROOT, OBJECT_MANAGER, 'GetManagedObjects', None),
             'sessions': (MANAGER, f'{NAME}.Manager', 'ListSessions', None),
             'properties': (MANAGER, PROPERTIES, 'GetAll', GLib.Variant('(s)', (f'{NAME}.Manager',)))}
    path, interface, method, parameters = calls[what]
    waiting = [0]

    def answered(_connection, result):
        waiting[0] -= 1
        with contextlib.suppress(GLib.Error):
            connection.call_finish(result)

    while True:
        while waiting[0] < 200:
            waiting[0] += 1
            connection.call(NAME, path, interface, method, parameters, None,
                            Gio.DBusCallFlags.NONE, -1, None, answered)
        GLib.MainContext.default().iteration(True)


@contextlib.contextmanager
def flooding(bus, what, n):
    processes = [subprocess.Popen([sys.executable, __file__, '--flood', what, bus.address])
                 for _ in range(n)]
    time.sleep(0.5)
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def populate(daemon, sessions, users):
    """People who are there and do nothing."""
    clients = []
    for s in range(sessions):
        for u in range(users):
            client = Client(daemon, f'user-{s}-{u}')
            client.send_join(f'stage-{s}', f'User {u}')
            clients.append(client)
        for client in clients[-users:]:
            client.read_sync()
    return clients


def cpu_of(daemon):
    with open(f'/proc/{daemon.process.pid}/stat', encoding='ascii') as file:
        fields = file.read().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def measure(options, bus, daemon, caller):
    team = Team(daemon, size=5, rate=30)
    team.run(1)

    def edits(what):
        before = cpu_of(daemon)
        delays = team.run(SECONDS)
        used = (cpu_of(daemon) - before) / SECONDS
        print(f'edits, {what}: {summary(delays)}; daemon {used:.0%} of a processor', flush=True)

    def run_list():
        subprocess.run([options.ctl, '--bus', 'session', 'list'], check=True,
                       env={**os.environ, **bus.env}, stdout=subprocess.DEVNULL)

    print('meerkatctl list:', summary(times(run_list, 10)), flush=True)
    print('ListSessions:', summary(times(lambda: caller.manager('ListSessions'), 10)), flush=True)
    print('GetManagedObjects:', summary(times(caller.objects, 10)),
          f'{len(caller.objects())} objects', flush=True)
    print('GetAll:', summary(times(lambda: caller.get_all(MANAGER, 'Manager'), 10)), flush=True)
    edits('quiet')
    lister = subprocess.Popen(['sh', '-c', f'while :; do "{options.ctl}" --bus session list'
                               ' >/dev/null; sleep 0.1; done'], env={**os.environ, **bus.env})
    edits('meerkatctl list ten times a second')
    lister.kill()
    lister.wait()
    for what, n in (('objects', 1), ('objects', 4), ('sessions', 4), ('properties', 1),
                    ('properties', 4)):
        with flooding(bus, what, n):
            edits(f'{n} flooding with {what}')
    edits('quiet again')
    team.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--daemon', default=os.path.join(BUILD, 'src/daemon/meerkatd'))
    parser.add_argument('--ctl', default=os.path.join(BUILD, 'src/ctl/meerkatctl'))
    parser.add_argument('--make-state', default=os.path.join(BUILD, 'tests/crash/make-state'))
    parser.add_argument('--sessions', type=int, default=200)
    parser.add_argument('--users', type=int, default=10)
    parser.add_argument('--stored', type=int, default=10000)
    parser.add_argument('--flood', nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.flood:
        flood(options.flood[1], options.flood[0])

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.environ['MEERKATD'] = options.daemon
    with tempfile.TemporaryDirectory(prefix='meerkat-bench-') as folder:
        state = os.path.join(folder, 'state')
        if options.stored:
            subprocess.run([options.make_state, state, str(options.stored), '1', '1'], check=True)
        bus = Bus()
        daemon = Daemon('--bus', 'session', '--max-sessions', '0', '--max-users-per-session', '0',
                        '--max-stored-sessions', '0', '--log-level', 'warning', state_dir=state,
                        env=bus.env)
        try:
            clients = populate(daemon, options.sessions, options.users)
            measure(options, bus, daemon, Caller(bus))
            for client in clients:
                client.close()
        finally:
            daemon.finish()
            bus.finish()


if __name__ == '__main__':
    main()
