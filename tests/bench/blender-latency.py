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
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests'))

from bench.measure import fill  # noqa: E402
from support.blender import Blender, versions  # noqa: E402
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


def quantile(values, q):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def interval(guesses):
    """The middle 95 % of what the bootstrap says."""
    return quantile(guesses, 0.025), quantile(guesses, 0.975)


def resampled(values, chance):
    return chance.choices(values, k=len(values))


def describe(values):
    """{'p50': [value, low, high], …} of seconds, in milliseconds."""
    chance = random.Random(1)
    samples = [resampled(values, chance) for _ in range(REPEATS)]
    return {f'p{q * 100:.0f}': [
        round(value * 1000, 3) for value in (
            quantile(values, q), *interval([quantile(sample, q) for sample in samples]))]
        for q in QUANTILES}


def difference(values, others):
    """The same of how much the quantiles of the first are above those of the second."""
    chance = random.Random(2)
    pairs = [(resampled(values, chance), resampled(others, chance)) for _ in range(REPEATS)]
    return {f'p{q * 100:.0f}': [
        round(value * 1000, 3) for value in (
            quantile(values, q) - quantile(others, q),
            *interval([quantile(v, q) - quantile(o, q) for v, o in pairs]))]
        for q in QUANTILES}


class Report:
    """What is measured: a line for people at once, and all of it for --json."""

    def __init__(self, objects):
        self.objects = objects
        self.rows = []

    def add(self, what, of, values):
        """`values` in seconds; None is one that never came."""
        known = [value for value in values if value is not None]
        figures = describe(known) if known else {}
        self._put(what, of, figures, n=len(known), missed=len(values) - len(known))

    def compare(self, what, values, others):
        self.add(what, 'Meerkat', values)
        self.add(what, 'control', others)
        values, others = ([v for v in side if v is not None] for side in (values, others))
        if values and others:
            self._put(what, 'difference', difference(values, others))

    def _put(self, what, of, figures, **counts):
        self.rows.append({'objects': self.objects, 'what': what, 'of': of, 'ms': figures, **counts})
        cells = ''.join(f'{value:10.2f} {f"({low:.2f}..{high:.2f})":20}'
                        for value, low, high in figures.values())
        notes = [f'n={counts["n"]}'] if 'n' in counts else []
        if counts.get('missed'):
            notes.append(f'{counts["missed"]} never came')
        print(f'{self.objects:6}  {what:36} {of:10} {cells} {", ".join(notes)}'.rstrip(),
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
    report.add('join, until all is shown', 'Meerkat', times)
    ports = [blender.run('result = probe.port') for blender in blenders]
    for blender, port in zip(blenders, reversed(ports)):
        blender.run('probe.peer = port', port=port)
    return blenders


def play(mover, watcher, arm, steps):
    """Moves the arm's object in one Blender; returns the moves, and what the other one saw."""
    watcher.run('probe.begin()')
    mover.run('probe.begin(); probe.go(arm, steps)', arm=arm, steps=steps)
    time.sleep(sum(pause for _, pause in steps))
    mover.wait_until('not probe.plan', timeout=120)
    time.sleep(1)
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


def drag_steps(chance, pause):
    steps = []
    value = 0.0
    for _ in range(DRAGS):
        direction = chance.choice((-1, 1)) * chance.uniform(0.05, 0.15)
        for _ in range(DRAG_STEPS):
            value += direction
            steps.append((value, 1 / 30))
        steps[-1] = (value, pause + chance.uniform(0, 1 / 30))
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


def rest_after(blenders, last):
    """How long to wait between jumps, so that each has come to rest before the next."""
    steps = [(-1.0, 1.5), (1.0, 1.5)] * 3
    moves, log = play(*blenders, 'control', steps)
    times = [settled for _, settled in jump_times(moves, log, last)]
    return max(0.3, 3 * max(settled or 1.5 for settled in times)), moves[-1][1]


def measure_motion(blenders, rounds, report):
    chance = random.Random(7)
    found = {(arm, what): [] for arm in ARMS for what in (
        'jump: first motion', 'jump: settled', 'drag: first motion', 'drag: settled',
        'drag: each value reached')}
    for blender in blenders:
        for arm in ARMS:
            blender.run('probe.objects[arm].location.x = 0.0', arm=arm)
    time.sleep(2)
    last = dict.fromkeys(ARMS, 0.0)
    pause, last['control'] = rest_after(blenders, last['control'])
    updates = []
    for _ in range(rounds):
        for arm in ARMS:
            moves, log = play(*blenders, arm, jump_steps(chance, pause))
            for begun, settled in jump_times(moves, log, last[arm]):
                found[arm, 'jump: first motion'].append(begun)
                found[arm, 'jump: settled'].append(settled)
            last[arm] = moves[-1][1]
            updates += blenders[1].run('result = probe.updates')
        for arm in ARMS:
            steps = [(last[arm] + value, wait) for value, wait in drag_steps(chance, pause)]
            moves, log = play(*blenders, arm, steps)
            ends, late = drag_times(moves, log, last[arm])
            found[arm, 'drag: first motion'] += [begun for begun, _ in ends]
            found[arm, 'drag: settled'] += [settled for _, settled in ends]
            found[arm, 'drag: each value reached'] += late
            last[arm] = moves[-1][1]
    for what in dict.fromkeys(what for _, what in found):
        report.compare(what, *(found[arm, what] for arm in ARMS))
    report.add('evaluation, one object moved', 'Blender', updates)


# What the add-on takes


def measure_idle(blender, report):
    blender.run('probe.begin()')
    time.sleep(5)
    ticks = blender.run('result = probe.ticks')
    report.add('tick, nothing happens', 'Meerkat', [wall for wall, _, _ in ticks])
    report.add('tick, nothing happens: CPU', 'Meerkat', [cpu for _, cpu, _ in ticks])


def measure_incoming(daemon, blender, report, turning):
    """A third user moves up to 1,000 objects at once, again and again."""
    client = Client(daemon)
    client.join(SESSION, capabilities=['batch'])
    ids = list(client.sync['objects'])[:1000]
    blender.run('probe.begin()')
    for burst in range(30):
        events = []
        for number, object_id in enumerate(ids):
            transform = place(burst * 0.1, number * 3.0, 0.0)
            if turning:
                transform['rotation'] = [0.0, 0.0, burst * 0.1 + number]
            events.append(('UPDATE_TRANSFORM', {'object_id': object_id, 'transform': transform}))
        client.acked_batch(events)
        time.sleep(0.3)
    client.close()
    ticks, updates = blender.run('result = probe.ticks, probe.updates')
    what = f'{len(ids)} {"turn" if turning else "move"} at once'
    first_ticks = [tick for tick in ticks if tick[2]]
    later = [tick for tick, before in zip(ticks[1:], ticks) if before[2] and not tick[2]]
    for when, chosen in (('tick', first_ticks), ('the tick after', later)):
        report.add(f'{what}: {when}', 'Meerkat', [wall for wall, _, _ in chosen])
        report.add(f'{what}: {when}, CPU', 'Meerkat', [cpu for _, cpu, _ in chosen])
    report.add(f'{what}: evaluation', 'Blender', updates)


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
    heads = ''.join(f'{f"p{q * 100:.0f}":>10} {"(95 %)":20}' for q in QUANTILES)
    print(f'objects {"what, in ms":36} {"of":10} {heads}')
    for size in sizes:
        rows += measure(size, options.rounds)
        print(f'{size:6}  the machine was busy with {os.getloadavg()[1]:.1f} tasks at a time of late',
              flush=True)
    if options.json:
        with open(options.json, 'w', encoding='utf-8') as file:
            json.dump({'blender': versions(), 'rounds': options.rounds, 'rows': rows}, file,
                      indent=1)


if __name__ == '__main__':
    main()
