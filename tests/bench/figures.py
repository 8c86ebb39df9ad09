#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Measures a meerkatd of its own: start, join, edits, and edits while somebody misbehaves.

    tests/bench/figures.py [--daemon FILE] [--make-state FILE] [PART …]

PART is one or more of: start, million, join, edit, hostile; all of them if none is given. Prints
figures for people; nothing here passes or fails.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..'))

from bench import attacks  # noqa: E402
from bench.measure import Team, fill, summary  # noqa: E402
from support.client import Client  # noqa: E402
from support.daemon import Daemon  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def timed_start(*flags, state_dir=None):
    """Starts a daemon; returns it and the seconds until it accepted connections."""
    daemon = Daemon(*flags, state_dir=state_dir, start=False)
    began = time.monotonic()
    daemon.start()
    return daemon, time.monotonic() - began


def measure_start(_):
    times = []
    for _ in range(10):
        daemon, seconds = timed_start()
        rss = daemon.rss()
        times.append(seconds)
        daemon.finish()
    print(f'start with an empty state: {summary(times)}; RSS then {rss / 1e6:.1f} MB')


def measure_million(options):
    if not os.path.exists(options.make_state):
        print(f'million: {options.make_state} is not built; skipped')
        return
    with tempfile.TemporaryDirectory(prefix='meerkat-bench-') as directory:
        subprocess.run([options.make_state, directory, '20', '50000'], check=True,
                       stdout=subprocess.DEVNULL)
        times = []
        for _ in range(5):
            daemon, seconds = timed_start(state_dir=directory)
            times.append(seconds)
            rss = daemon.rss()
            daemon.kill()
            daemon.discard()
        print(f'start with 1,000,000 events in 20 sessions: {summary(times)}; RSS {rss / 1e6:.1f} MB')


def join_once(daemon, session, capabilities):
    """Seconds from sending JOIN_SESSION to the last byte of the sync."""
    client = Client(daemon)
    ws = client.ws
    began = time.monotonic()
    client.send('JOIN_SESSION', {'session_id': session, 'display_name': 'Joiner',
                                 'capabilities': capabilities})
    while True:
        text = ws.receive()
        if b'"STATE_END"' in text[:200] or (b'"FULL_STATE_SYNC"' in text[:200] and not capabilities):
            break
    seconds = time.monotonic() - began
    client.close()
    return seconds


def measure_join(_):
    daemon = Daemon('--max-users-per-session', '0')
    for count in (200, 10000):
        keeper = fill(daemon, f'join-{count}', count)
        for capabilities in ([], ['batch', 'chunks']):
            how = 'in chunks' if capabilities else 'in one message'
            for changed in (True, False):
                times = []
                for _ in range(20):
                    if changed:
                        keeper.create(ack=True)
                    times.append(join_once(daemon, f'join-{count}', capabilities))
                scene = 'just changed' if changed else 'unchanged'
                print(f'join with {count} objects, {how}, scene {scene}: {summary(times)}')
        keeper.close()
    daemon.finish()


def measure_edit(_):
    for capabilities in (['batch'], []):
        daemon = Daemon()
        team = Team(daemon, capabilities=capabilities)
        team.run(1)
        delays = team.run(20)
        metrics = daemon.metrics()
        how = 'with batches' if capabilities else 'without batches'
        print(f'edit, durable, 5 clients at 30 Hz, {how}: {summary(delays)}')
        print(f'  the daemon says: p50 {metrics["p50_ms"]} ms, p99 {metrics["p99_ms"]} ms from arrival '
              f'to the last hand-over, commit p99 {metrics["journal_commit_p99_ms"]} ms')
        team.close()
        daemon.finish()


def measure_hostile(_):
    daemon = Daemon('--message-rate', '100', '--connection-rate', '0')
    team = Team(daemon)
    team.run(1)
    print(f'nobody misbehaves: {summary(team.run(5))}')
    for name, attack in attacks.ALL:
        before = daemon.rss()
        with attack(daemon):
            delays = team.run(6)
        grown = (daemon.rss() - before) / 1e6
        print(f'{name}: others {summary(delays)}; RSS {grown:+.1f} MB', flush=True)
    team.close()
    daemon.finish()


PARTS = {'start': measure_start, 'million': measure_million, 'join': measure_join,
         'edit': measure_edit, 'hostile': measure_hostile}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--daemon', default=os.path.join(ROOT, 'build/src/daemon/meerkatd'),
                        help='the meerkatd to measure (default: %(default)s)')
    parser.add_argument('--make-state', default=os.path.join(ROOT, 'build/tests/crash/make-state'),
                        help='what fills a state directory (default: %(default)s)')
    parser.add_argument('parts', nargs='*', metavar='PART', help=', '.join(PARTS))
    options = parser.parse_args()
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f'unknown part {unknown[0]}; there are {", ".join(PARTS)}')
    os.environ['MEERKATD'] = options.daemon
    for part in options.parts or PARTS:
        PARTS[part](options)


if __name__ == '__main__':
    main()
