# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What the measurements share: a team of clients in one epoll loop, and figures in words."""

import json
import re
import select
import time

from support.client import Client, an_object
from support.websocket import encode_frame

SENT_AT = re.compile(rb'"sent_at":(\d+)')


def quantile(values, q):
    ordered = sorted(values)
    return ordered[int(q * (len(ordered) - 1))] if ordered else float('nan')


def summary(values, unit='ms', scale=1000):
    """The usual quantiles of a list of seconds."""
    return (f'median {quantile(values, 0.5) * scale:.3f} {unit}, p95 {quantile(values, 0.95) * scale:.3f}, '
            f'p99 {quantile(values, 0.99) * scale:.3f}, max {max(values) * scale:.3f} (n={len(values)})')


class Member:
    """A client of a team: its object, and the bytes that move it."""

    def __init__(self, daemon, session, capabilities):
        self.client = Client(daemon)
        self.client.join(session, capabilities=capabilities)
        self.object = self.client.create(ack=True)
        self.sock = self.client.ws.sock
        self.count = 0

    def move(self):
        """Sends one UPDATE_TRANSFORM that carries the moment of sending, in microseconds."""
        self.count += 1
        place = {'position': [self.count * 0.01, 1.5, -2.25], 'rotation': [0.1, 0.2, 0.3],
                 'scale': [1, 1, 1]}
        envelope = {'event_type': 'UPDATE_TRANSFORM', 'timestamp': int(time.time() * 1000),
                    'source_user_id': self.client.user_id,
                    'payload': {'object_id': self.object, 'transform': place, 'sent_at': 0}}
        text = json.dumps(envelope)
        stamp = str(int(time.monotonic() * 1e6))
        frame = encode_frame(1, text.replace('"sent_at": 0', f'"sent_at": {stamp}').encode())
        self.sock.sendall(frame)


class Team:
    """Some clients in one session; each moves its own object and sees the others'."""

    def __init__(self, daemon, size=5, rate=30, session='team', capabilities=('batch',)):
        self.members = [Member(daemon, session, list(capabilities)) for _ in range(size)]
        self.rate = rate
        self.epoll = select.epoll()
        self.by_fd = {}
        for member in self.members:
            member.client.barrier()
            member.sock.setblocking(True)
            self.epoll.register(member.sock.fileno(), select.EPOLLIN)
            self.by_fd[member.sock.fileno()] = member

    def run(self, seconds):
        """Works for a while; returns how long each move took to each of the others, in seconds."""
        delays = []
        start = time.monotonic() + 0.05
        interval = 1 / self.rate
        due = [(start + i * interval / len(self.members), member)
               for i, member in enumerate(self.members)]
        end = start + seconds
        while True:
            at, member = min(due, key=lambda item: item[0])
            now = time.monotonic()
            if now >= end + 0.3:
                return delays
            if now >= at and at < end:
                member.move()
                due[due.index((at, member))] = (at + interval, member)
                continue
            wait = max(0.0, min(at, end + 0.3) - now) if at < end else end + 0.3 - now
            for fd, _ in self.epoll.poll(max(0.0, wait)):
                data = self.by_fd[fd].sock.recv(1 << 20)
                if not data:
                    raise AssertionError('a member of the team was disconnected')
                arrived = time.monotonic()
                delays += [arrived - int(sent) / 1e6 for sent in SENT_AT.findall(data)]

    def close(self):
        self.epoll.close()
        for member in self.members:
            member.client.close()


def fill(daemon, session, count):
    """A session with that many objects; returns the client that made them, still in it."""
    client = Client(daemon)
    client.join(session, capabilities=['batch', 'chunks'])
    for first in range(0, count, 500):
        events = [('CREATE_OBJECT', an_object(name=f'Object {n}'))
                  for n in range(first, min(first + 500, count))]
        client.acked_batch(events)
    return client
