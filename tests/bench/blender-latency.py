#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Measures two real Blenders in one room: how late the one sees what the other moves, what the
add-on's Python takes, and how long joining lasts.

    tests/bench/blender-latency.py [--daemon FILE] [--addon ZIP] [--objects N,N,…] [--rounds N]
                                   [--json FILE]

Beside each figure stands that of a control: the same Blenders at the same time, an object that is
not shared, sent as a UDP datagram and set by timers of the same rates. Blocks of both take turns.
Intervals are 95 % bootstrap confidence intervals. MEERKAT_BLENDER chooses the versions, as in the
tests. Nothing here passes or fails.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests'))

from bench.measure import fill  # noqa: E402
from support import blender as harness  # noqa: E402
from support.blender import Blender  # noqa: E402
from support.client import Client, place  # noqa: E402
from support.daemon import Daemon  # noqa: E402

PROBE = (ROOT / 'tests/bench/blender_probe.py').read_text(encoding='utf-8')
ARMS = ('meerkat', 'control')
SETTLED = 1e-4
QUANTILES = (0.5, 0.95, 0.99)
JUMPS = 20  # in a block
DRAGS = 5
DRAG_STEPS = 30
REPEATS = 400  # of the bootstrap
SESSION = 'bench'


# Figures


def quantile(ordered, q):
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def describe(values):
    """{'p50': [value, low, high], …, 'n': count} of seconds, in milliseconds."""
    if not values:
        return {'n': 0}
    chance = random.Random(1)
    samples = [sorted(chance.choices(values, k=len(values))) for _ in range(REPEATS)]
    result = {'n': len(values)}
    for q in QUANTILES:
        guesses = sorted(quantile(sample, q) for sample in samples)
        result[f'p{q * 100:.0f}'] = [round(value * 1000, 3) for value in (
            quantile(sorted(values), q), quantile(guesses, 0.025), quantile(guesses, 0.975))]
    return result


def words(figures):
    if not figures['n']:
        return 'nothing measured'
    return '  '.join(f'{name} {value:8.3f} ({low:.3f}..{high:.3f})' for name, (value, low, high)
                     in ((name, figures[name]) for name in ('p50', 'p95', 'p99')))


class Report:
    """What is measured: a line for people at once, and all of it for --json."""

    def __init__(self, objects):
        self.rows = []
        self.objects = objects

    def add(self, what, values, arm='meerkat', missed=0):
        figures = describe(values)
        self.rows.append({'objects': self.objects, 'what': what, 'arm': arm, 'missed': missed,
                          'ms': figures})
        lost = f', {missed} never came' if missed else ''
        print(f'{self.objects:6}  {what:34} {arm:8} {words(figures)}  n={figures["n"]}{lost}',
              flush=True)


# The two Blenders


def start(url):
    blender = Blender(view='TEXT_EDITOR', size=(320, 240))
    blender.run('for obj in list(bpy.data.objects): bpy.data.objects.remove(obj)')
    blender.run(PROBE)
    blender.run('session, joins = meerkat.state.session, []')
    blender.run('''
        def connect():
            bpy.ops.meerkat.connect(server_url=url, session=room, display_name='Bench',
                                    scene='CURRENT')
    ''', url=url, room=SESSION)
    return blender


def join(blender, count):
    """Seconds until a Blender that shows nothing yet shows the whole session."""
    blender.run('joins.clear(); time_join(session, count, joins, connect)', count=count)
    blender.wait_until('joins', timeout=120, show='[session.client.status, session.status_text]')
    return blender.run('result = joins[0]')


def leave(blender):
    """Disconnects and empties the file."""
    blender.run('''
        bpy.ops.meerkat.disconnect()
        bpy.data.batch_remove(list(bpy.data.objects) + list(bpy.data.meshes)
                              + list(bpy.data.collections))
    ''')


def pair(daemon, count, report):
    """Fills the session, lets two Blenders join, and tells how long that took."""
    fill(daemon, SESSION, count).close()
    url = f'ws://{daemon.host}:{daemon.port}/ws'
    blenders = [start(url), start(url)]
    times = []
    for _ in range(3):
        for blender in blenders:
            times.append(join(blender, count))
        for blender in blenders:
            leave(blender)
    for blender in blenders:
        times.append(join(blender, count))
        blender.run("probe = Probe(session, 'Object 0')")
    report.add('join, until all is shown', times)
    ports = [blender.run('result = probe.port') for blender in blenders]
    for blender, port in zip(blenders, reversed(ports)):
        blender.run('probe.peer = port', port=port)
    return blenders


def play(mover, watcher, arm, steps):
    """Moves the arm's object in one Blender; returns the moves, and what the other one saw."""
    watcher.run('probe.begin()')
    mover.run('probe.begin(); probe.go(arm, steps)', arm=arm, steps=steps)
    time.sleep(sum(pause for _, pause in steps))
    mover.wait_until('not probe.plan')
    time.sleep(0.5)
    moves, log = (blender.run(f'result = [e for e in probe.{name} if e[1] == arm]', arm=arm)
                  for blender, name in ((mover, 'moves'), (watcher, 'log')))
    return [(at, value) for at, _, value in moves], [(at, value) for at, _, value in log]


def first(log, since, until, condition):
    """Seconds from `since` to the first moment before `until` of which the condition is true."""
    return next((at - since for at, value in log if since < at < until and condition(value)), None)


# Jumps, each after the one before has come to rest


def jump_steps(chance, pause):
    """Values far from each other, at moments that do not keep step with any timer."""
    side = 1
    steps = []
    for _ in range(JUMPS):
        side = -side
        steps.append((side * chance.uniform(1, 5), pause + chance.uniform(0, 1 / 30)))
    return steps


def jump_times(moves, log, before):
    """[(first motion, settled)] of each jump; None where it never came."""
    ends = [at for at, _ in moves[1:]] + [float('inf')]
    result = []
    for (at, value), end in zip(moves, ends):
        result.append((first(log, at, end, lambda x: abs(x - before) > SETTLED),
                       first(log, at, end, lambda x: abs(x - value) <= SETTLED)))
        before = value
    return result


# Drags: thirty values a second, as from a hand


def drag_steps(chance):
    steps = []
    value = 0.0
    for _ in range(DRAGS):
        direction = chance.choice((-1, 1)) * chance.uniform(0.05, 0.15)
        for _ in range(DRAG_STEPS):
            value += direction
            steps.append((value, 1 / 30))
        steps[-1] = (value, 0.5 + chance.uniform(0, 1 / 30))
    return steps


def drag_times(moves, log, before):
    """Of each drag (first motion, settled), and of each value how late it was reached or passed."""
    ends, late = [], []
    for begin in range(0, len(moves), DRAG_STEPS):
        drag = moves[begin:begin + DRAG_STEPS]
        following = moves[begin + DRAG_STEPS:begin + DRAG_STEPS + 1]
        until = following[0][0] if following else float('inf')
        sign = 1 if drag[-1][1] > before else -1
        ends.append((first(log, drag[0][0], until, lambda x: abs(x - before) > SETTLED),
                     first(log, drag[-1][0], until, lambda x: abs(x - drag[-1][1]) <= SETTLED)))
        late += [first(log, at, until, lambda x: sign * (x - value) >= -SETTLED)
                 for at, value in drag]
        before = drag[-1][1]
    return ends, late


def measure_motion(blenders, rounds, report):
    chance = random.Random(7)
    pause = 0.3 if report.objects < 5000 else 0.5
    found = {(arm, what): [] for arm in ARMS for what in (
        'jump: first motion', 'jump: settled', 'drag: first motion', 'drag: settled',
        'drag: each value reached')}
    last = dict.fromkeys(ARMS, 0.0)
    mover, watcher = blenders
    for blender in blenders:  # both objects of both at a known place
        for arm in ARMS:
            blender.run('probe.objects[arm].location.x = 0.0', arm=arm)
    time.sleep(2)
    for _ in range(rounds):
        for arm in ARMS:
            moves, log = play(mover, watcher, arm, jump_steps(chance, pause))
            for begun, settled in jump_times(moves, log, last[arm]):
                found[arm, 'jump: first motion'].append(begun)
                found[arm, 'jump: settled'].append(settled)
            last[arm] = moves[-1][1]
        for arm in ARMS:
            steps = [(last[arm] + value, wait) for value, wait in drag_steps(chance)]
            moves, log = play(mover, watcher, arm, steps)
            ends, late = drag_times(moves, log, last[arm])
            found[arm, 'drag: first motion'] += [begun for begun, _ in ends]
            found[arm, 'drag: settled'] += [settled for _, settled in ends]
            found[arm, 'drag: each value reached'] += late
            last[arm] = moves[-1][1]
    for (arm, what), values in found.items():
        known = [value for value in values if value is not None]
        report.add(what, known, arm, len(values) - len(known))


# What the add-on takes


def measure_idle(blender, report):
    blender.run('probe.begin()')
    time.sleep(4)
    ticks = blender.run('result = probe.ticks')
    report.add('tick, nothing happens', [wall for wall, _, _ in ticks])


def measure_incoming(daemon, blender, report, turning):
    """A third user moves up to 1,000 objects thirty times a second."""
    client = Client(daemon)
    client.join(SESSION, capabilities=['batch'])
    ids = list(client.sync['objects'])[:1000]
    blender.run('probe.begin()')
    for step in range(60):
        began = time.monotonic()
        events = []
        for number, object_id in enumerate(ids):
            transform = place(step * 0.1, number * 3.0, 0.0)
            if turning:
                transform['rotation'] = [0.0, 0.0, step * 0.05 + number]
            events.append(('UPDATE_TRANSFORM', {'object_id': object_id, 'transform': transform}))
        client.batch(events)
        time.sleep(max(0.0, 1 / 30 - (time.monotonic() - began)))
    client.close()
    time.sleep(0.5)
    ticks = blender.run('result = probe.ticks')
    updates = blender.run('result = probe.updates')
    how = 'turn' if turning else 'move'
    report.add(f'tick in which {len(ids)} {how}', [wall for wall, _, arrived in ticks if arrived])
    report.add('  the same, CPU', [cpu for _, cpu, arrived in ticks if arrived])
    report.add('  evaluation meanwhile', updates, 'blender')


def measure(count, rounds):
    report = Report(count)
    daemon = Daemon('--max-objects-per-session', '0')
    blenders = []
    try:
        blenders = pair(daemon, count, report)
        measure_idle(blenders[1], report)
        measure_motion(blenders, rounds, report)
        measure_incoming(daemon, blenders[1], report, False)
        measure_incoming(daemon, blenders[1], report, True)
    finally:
        for blender in blenders:
            blender.kill()
        daemon.discard()
    return report.rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n', maxsplit=1)[0])
    parser.add_argument('--daemon', default=str(ROOT / 'build/src/daemon/meerkatd'),
                        help='the meerkatd (default: %(default)s)')
    parser.add_argument('--addon', help='the zip (default: the one in build/)')
    parser.add_argument('--objects', default='5,300,1000,10000',
                        help='sizes of the scene (default: %(default)s)')
    parser.add_argument('--rounds', type=int, default=5,
                        help='blocks of each kind (default: %(default)s)')
    parser.add_argument('--json', help='also writes all figures to this file')
    options = parser.parse_args()
    try:
        sizes = [int(size) for size in options.objects.split(',')]
    except ValueError:
        sizes = []
    if not sizes or min(sizes) < 1 or options.rounds < 1:
        parser.error('--objects and --rounds take numbers from 1')
    os.environ['MEERKATD'] = options.daemon
    if options.addon:
        os.environ['MEERKAT_ADDON'] = options.addon
    rows = []
    print('objects what (ms)')
    for size in sizes:
        rows += measure(size, options.rounds)
    if options.json:
        with open(options.json, 'w', encoding='utf-8') as file:
            json.dump({'blender': harness.versions(), 'rounds': options.rounds, 'rows': rows}, file,
                      indent=1)


if __name__ == '__main__':
    main()
