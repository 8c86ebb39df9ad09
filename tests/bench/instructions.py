#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""How many instructions each part of an edit's way through the server takes.

    tests/bench/instructions.py BUILD [PHASE…]

Runs bench-path under callgrind, each phase with two numbers of repetitions; the difference is what
the phase costs, without getting ready. System calls count for nothing here. With the same build the
same figures come out each time.
"""

import os
import re
import subprocess
import sys

# Phase: repetitions, receivers or parts that one repetition is for, and what a unit is called.
PHASES = {
    'read': (2000, 1, 'message'),
    'parse': (4000, 1, 'message'),
    'edit': (4000, 1, 'event'),
    'encode': (4000, 1, 'event'),
    'journal': (4000, 1, 'event, with its edit'),
    'team-batch': (4000, 99, 'delivery, 100 users with batches'),
    'team-single': (2000, 99, 'delivery, 100 users without'),
    'small-team': (2000, 4, 'delivery, 5 users with batches'),
    'send': (2000, 1, 'frame of 14 kB that is shared'),
    'send-many': (500, 50, 'frame of 280 bytes, 50 at a time'),
    'idle': (20, 1000, 'connection and second, idle'),
    'join': (20, 10000, 'object, join to a scene at rest'),
    'sync': (4, 10000, 'object, state of a scene that changes'),
    'delete': (250, 1, 'object that ten have selected among 1,000, one by one'),
    'delete-many': (250, 1, 'object that ten have selected among 1,000, at once'),
}


def count(program, phase, repetitions):
    command = ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', program, phase,
               str(repetitions)]
    environment = dict(os.environ, G_SLICE='always-malloc', LC_ALL='C')
    run = subprocess.run(command, stderr=subprocess.PIPE, text=True, env=environment, check=True)
    return int(re.search(r'Collected : (\d+)', run.stderr).group(1))


def main():
    if len(sys.argv) < 2 or any(phase not in PHASES for phase in sys.argv[2:]):
        print(__doc__)
        print('Phases:', *PHASES)
        return 2
    program = os.path.join(sys.argv[1], 'tests/bench/bench-path')
    for phase in sys.argv[2:] or PHASES:
        repetitions, parts, unit = PHASES[phase]
        spent = count(program, phase, 2 * repetitions) - count(program, phase, repetitions)
        print(f'{phase:12} {spent / repetitions:12,.0f} {spent / repetitions / parts:10,.1f} per {unit}',
              flush=True)
    return 0


if __name__ == '__main__':
    sys.exit(main())
