# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Random edits of the clients through breaks of every kind: all end with the server's scene.

The real daemon, killed and started again; real sockets, but links and clocks that the test moves.
What is done is repeated with MEERKAT_SEED, though not when the daemon answers; MEERKAT_ROUNDS sets
how many runs there are.
"""

import json
import os
import time

from core import protocol
from core.client import CONNECTED, DISCONNECTED, Client
from core.protocol import SharedObject
from support import tap
from support.case import DaemonTest, seeded
from support.client import new_id
from support.replica import same_scene
from support.websocket import Closed, Timeout

ROUNDS = int(os.environ.get('MEERKAT_ROUNDS', '6'))
STEPS = 800
POOL = 12
PATIENCE_S = 120  # before a test that hangs is a failed one


class SocketLink:
    """A link without a thread: what has arrived is taken when it is asked for."""

    def __init__(self, daemon):
        self.socket = None
        self.events = []
        try:
            self.socket = daemon.connect()
            self.events.append(('open',))
        except OSError as error:
            self.end(None, str(error))

    def end(self, code, reason):
        self.events.append(('closed', code, reason, None))
        if self.socket is not None:
            self.socket.close()
        self.socket = None

    def send(self, text):
        if self.socket is not None:
            try:
                self.socket.send_text(text)
            except Closed:
                pass  # poll tells

    def poll(self, limit):
        while self.socket is not None and len(self.events) < limit:
            try:
                data = self.socket.receive(0)
                self.events.append(('message', json.loads(data), len(data)))
            except Timeout:
                break
            except Closed as closed:
                self.end(closed.code, closed.reason)
        events, self.events = self.events[:limit], self.events[limit:]
        return events

    def close(self, code=1000):
        self.abort()

    def abort(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = None

    def reset(self):
        """The connection dies, with all that is under way."""
        if self.socket is not None:
            self.socket.reset()
            self.end(None, 'reset')


def as_json(item):
    """An object as the server would tell it."""
    place = item.transform
    return {'name': item.name, 'type': item.type, 'asset_id': item.asset_id,
            'asset_library': item.asset_library, 'properties': dict(item.properties),
            'transform': {'position': list(place[:3]), 'rotation': list(place[3:6]),
                          'scale': list(place[6:])}}


class Actor:
    """A user: a client, a clock, and a scene that follows the replica as Blender's would."""

    def __init__(self, test, random, session, name, pool):
        self.random, self.pool, self.name = random, pool, name
        self.now = 100.0
        self.shift = random.choice((0, 0, 0.005, -0.005, 3600, -3600))
        self.link = None
        self.is_busy = True  # who never rests has always something unanswered, and cannot resume
        self.scene = {}
        self.client = Client(name, lambda url: self.new_link(test.daemon),
                             wall=lambda: time.time() + self.shift, monotonic=lambda: self.now)
        self.client.connect('ws://test', session, f'User {name}')

    def new_link(self, daemon):
        self.link = SocketLink(daemon)
        return self.link

    def step(self):
        if self.random.random() < 0.05:
            self.is_busy = not self.is_busy
        what = self.random.random()
        if what < 0.5:
            if self.is_busy:
                self.edit()
        elif what < 0.55:
            living = sorted(self.client.replica.objects)
            ids = self.random.sample(living, self.random.randrange(len(living) + 1))
            self.client.select(ids[0] if ids else None, ids)
        elif what < 0.95:
            self.tick(self.random.choice((0.0, 0.001, 0.016, 0.05, 1.0)))
        elif what < 0.96:
            self.client.request_sync(whole=self.random.random() < 0.5)
        elif what < 0.98:
            self.client.reconnect_now()
        else:
            self.link.reset()

    def tick(self, seconds):
        self.now += seconds
        budget = self.random.choice((0.0, 10.0))  # one message, or all
        self.client.receive(budget)
        self.client.flush()
        self.follow()

    def follow(self):
        """Applies what changed, as the only thing that is looked at."""
        objects = self.client.replica.objects
        for object_id in self.client.changed:
            if object_id in objects:
                self.scene[object_id] = objects[object_id].copy()
            else:
                self.scene.pop(object_id, None)
        for object_id, _, _ in self.client.refused:
            if object_id not in objects:
                self.scene.pop(object_id, None)
        self.client.changed.clear()
        self.client.refused.clear()

    def number(self):
        return self.random.randrange(1000) / 7

    def a_value(self, key):
        if key == 'color':
            return tuple(self.number() for _ in range(3))
        return self.random.randrange(1, 24) / 8

    def an_object(self, object_id):
        kind = self.random.choice(protocol.TYPES)
        asset = ('tree', 'assets.blend') if kind == 'asset_ref' else (None, None)
        return SharedObject(object_id, f'{self.name} {self.number()}', kind,
                            tuple(self.number() for _ in range(9)),
                            {key: self.a_value(key) for key in protocol.PROPERTIES[kind]}, *asset)

    def edit(self):
        client, random = self.client, self.random
        object_id = random.choice(self.pool)
        item = client.replica.objects.get(object_id)
        if object_id in client.changed:
            return  # Blender has not seen that yet
        what = random.random()
        if item is None:
            client.create(self.an_object(object_id))
        elif what < 0.1:
            client.delete(object_id)
        elif what < 0.2:
            client.replace(self.an_object(object_id))
        elif what < 0.5 or (what >= 0.75 and not item.properties):
            client.set_transform(object_id, tuple(self.number() for _ in range(9)))
        elif what < 0.75:
            client.set_name(object_id, f'{self.name} {self.number()}')
        else:
            keys = random.sample(sorted(item.properties),
                                 random.randrange(1, len(item.properties) + 1))
            client.set_properties(object_id, {key: self.a_value(key) for key in keys})
        mine = client.replica.objects.get(object_id)
        if mine is None:
            self.scene.pop(object_id, None)
        else:
            self.scene[object_id] = mine.copy()


class Convergence(DaemonTest):

    def until(self, condition, actors, seconds=0.02):
        """Lets all of them tick until that is so."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            for actor in actors:
                actor.tick(seconds)
            if time.monotonic() > deadline:
                self.fail([(actor.name, actor.client.status, actor.client.pending,
                            list(actor.client.log)[-20:]) for actor in actors])
            time.sleep(0.001)

    def settle(self, actors):
        """Everybody is there, and has said and heard everything."""
        self.until(lambda: all(a.client.status == CONNECTED and not a.client.pending
                               for a in actors), actors, 0.5)
        for _ in range(2):
            for actor in actors:
                actor.client.latency_ms = None
                actor.tick(6.0)
            self.until(lambda: all(a.client.latency_ms is not None for a in actors), actors)

    def break_something(self, random, actors):
        """The daemon dies, or everybody's connection."""
        if random.random() < 0.6:
            self.daemon.kill()
            self.daemon.process.stdout.close()
            for _ in range(random.randrange(60)):
                random.choice(actors).step()
            self.daemon.start()
        else:
            for actor in actors:
                actor.link.reset()

    def compare(self, actors, session):
        truth = self.state(session)
        for actor in actors:
            replica = actor.client.replica
            self.assertEqual((replica.n_pending, replica.pending), (0, {}), actor.name)
            self.assertEqual(actor.client._outbox.unanswered, {}, actor.name)
            seen = {i: as_json(item) for i, item in replica.objects.items()}
            self.assert_same_scene(seen, truth['objects'], actor.name)
            scene = {i: as_json(item) for i, item in actor.scene.items()}
            self.assertEqual(same_scene(scene, seen), '', f'the scene of {actor.name}')
            self.assertEqual(actor.client.revision, truth['revision'], actor.name)
            for other in actors:
                if other is not actor:
                    user = replica.users[other.name]
                    facts = truth['users'][other.name]
                    self.assertEqual(
                        (user.selected, sorted(user.selection)),
                        (facts['selected_object'], sorted(facts['selected_objects'])),
                        f'what {actor.name} sees that {other.name} has selected')

    def run_round(self, random, session):
        pool = [new_id() for _ in range(POOL)]
        actors = [Actor(self, random, session, f'{session}-{i}', pool) for i in range(4)]
        self.until(lambda: all(a.client.status == CONNECTED for a in actors), actors)
        for _ in range(STEPS):
            if random.random() < 0.01:
                self.break_something(random, actors)
            random.choice(actors).step()
            if random.random() < 0.3:
                time.sleep(0.002)  # the daemon's disk takes its time: let some answers come
        self.settle(actors)
        self.compare(actors, session)
        for actor in actors:
            self.assertEqual([text for _, text in actor.client.log if 'not understood' in text], [])
            actor.client.disconnect()
            self.assertEqual(actor.client.status, DISCONNECTED)

    def test_random_edits_and_breaks(self):
        """Random edits, lost connections, a killed daemon: one scene in the end"""
        random = seeded()
        for number in range(ROUNDS):
            with self.subTest(round=number):
                self.run_round(random, f'round-{number}')


if __name__ == '__main__':
    tap.main()
