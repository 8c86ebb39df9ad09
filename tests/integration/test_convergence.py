# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Many write the same things at once, in every way a client may: all end with the same scene.

The random run is repeated with MEERKAT_SEED; MEERKAT_ROUNDS sets how many runs there are.
"""

import os

from support import tap
from support.case import DaemonTest, seeded
from support.client import OBJECT_TYPES, PROPERTIES, Timeout, an_object, new_id
from support.replica import AcknowledgedReplica, Replica

ROUNDS = int(os.environ.get('MEERKAT_ROUNDS', '12'))
STEPS = 500
POOL = 6


class Actor:
    """A user with a kind of client and a clock of its own."""

    def __init__(self, test, random, session, name, pool, capabilities=(), acknowledged=False,
                 batches=False):
        self.test, self.random, self.session = test, random, session
        self.name, self.pool = name, pool
        self.capabilities = list(capabilities)
        self.acknowledged, self.batches = acknowledged, batches
        self.shift = random.choice((0, 0, 5, -5, 3600_000, -3600_000))
        self.replica = self.new_replica()
        self.client = None
        self.join()

    def new_replica(self):
        return (AcknowledgedReplica if self.acknowledged else Replica)(self.name)

    def join(self):
        """A plain client starts anew; one that uses event_id resumes and repeats what is open."""
        resume = token = None
        if not self.acknowledged:
            self.replica = self.new_replica()
        elif self.client is not None:
            resume = {'epoch': self.replica.epoch, 'revision': self.replica.revision}
            token = self.client.token
        self.client = self.test.connect(self.name, shift=self.shift, replica=self.replica)
        self.client.join(self.session, capabilities=self.capabilities, resume=resume, token=token)
        if self.acknowledged:
            for message in list(self.replica.pending.values()):
                message = dict(message)
                self.client.send(message.pop('event_type'), message.pop('payload'), **message)

    def drop(self):
        """The connection dies, with or without what was under way."""
        if self.random.random() < 0.5:
            self.client.ws.reset()
        else:
            self.client.close()
        self.join()

    def step(self):
        what = self.random.random()
        if what < 0.55:
            self.edit()
        elif what < 0.6:
            self.select()
        elif what < 0.97:
            self.listen(self.random.randrange(1, 30))
        elif what < 0.99:
            self.client.send('HEARTBEAT', timestamp=...)
        else:
            self.drop()

    def listen(self, most):
        try:
            for _ in range(most):
                self.client.receive(0)
        except Timeout:
            pass

    def edit(self):
        edits = [self.an_edit()]
        if self.batches and self.random.random() < 0.5:
            edits += [self.an_edit() for _ in range(self.random.randrange(6))]
            if self.random.random() < 0.2:
                edits += self.a_replacement()
        more = {'event_id': new_id()} if self.acknowledged else {}
        if len(edits) == 1:
            self.client.send(*edits[0], **more)
        else:
            self.client.batch(edits, **more)

    def number(self):
        return self.random.randrange(1000) / 8

    def an_object(self, object_id):
        kind = self.random.choice(OBJECT_TYPES)
        transform = {part: [self.number() for _ in range(3)]
                     for part in ('position', 'rotation', 'scale')}
        return an_object(object_id, kind, f'{self.name} {self.number()}', transform)

    def a_replacement(self):
        """A change of type in place."""
        object_id = self.random.choice(self.pool)
        if object_id not in self.replica.view():
            return []
        return [('DELETE_OBJECT', {'object_id': object_id}),
                ('CREATE_OBJECT', self.an_object(object_id))]

    def an_edit(self):
        object_id = self.random.choice(self.pool)
        item = self.replica.view().get(object_id)
        if item is None:
            return 'CREATE_OBJECT', self.an_object(object_id)
        what = self.random.random()
        if what < 0.1:
            return 'DELETE_OBJECT', {'object_id': object_id}
        if what < 0.4 or (what >= 0.7 and item['type'] not in PROPERTIES):
            new = self.an_object(object_id)
            return 'UPDATE_TRANSFORM', {'object_id': object_id, 'transform': new['transform']}
        if what < 0.7:
            return 'UPDATE_NAME', {'object_id': object_id, 'name': f'{self.name} {self.number()}'}
        names = sorted(PROPERTIES[item['type']])
        some = self.random.sample(names, self.random.randrange(1, len(names) + 1))
        values = {name: [self.number() for _ in range(3)] if name == 'color' else
                  self.random.randrange(1, 24) / 8 for name in some}
        return 'UPDATE_PROPERTIES', {'object_id': object_id, 'properties': values}

    def select(self):
        living = sorted(self.replica.view())
        ids = self.random.sample(living, self.random.randrange(len(living) + 1))
        self.client.send('SELECT_OBJECT', {'object_id': ids[0] if ids else None, 'object_ids': ids})


class Convergence(DaemonTest):

    def run_round(self, random, kinds, session='test'):
        pool = [new_id() for _ in range(POOL)]
        actors = [Actor(self, random, session, f'{i}-{name}', pool, **how)
                  for i, (name, how) in enumerate(kinds)]
        for _ in range(STEPS):
            random.choice(actors).step()
        for _ in range(2):
            for actor in actors:
                actor.client.barrier()
        truth = self.state(session)
        for actor in actors:
            actor.client.barrier()
            self.assert_same_scene(actor.replica.view(), truth['objects'], actor.name)
            if not actor.acknowledged:
                continue  # it cannot tell a selection of a deleted object from one of its successor
            self.assertEqual(actor.replica.pending, {}, actor.name)
            selected = {user: (facts['selected_object'], sorted(facts['selected_objects']))
                        for user, facts in truth['users'].items() if user != actor.name}
            seen = actor.replica.seen_selections()
            self.assertEqual({u: s for u, s in seen.items() if u in selected},
                             {u: s for u, s in selected.items() if u in seen}, actor.name)
        for actor in actors:
            actor.client.send('LEAVE_SESSION')
            actor.client.barrier()
            actor.client.close()
        return sum(actor.replica.corrections for actor in actors)

    def run_rounds(self, kinds):
        random = seeded()
        corrections = 0
        for round_ in range(ROUNDS):
            with self.subTest(round=round_):
                corrections += self.run_round(random, kinds, f'round-{round_}')
        self.assertGreater(corrections, 0, 'nothing ever crossed: the test is too tame')

    def test_plain(self):
        """Clients that know the first requirements only"""
        self.run_rounds([('plain', {})] * 4)

    def test_acknowledged(self):
        """Clients that use event_id, and resume"""
        self.run_rounds([('acked', {'acknowledged': True})] * 4)

    def test_frames(self):
        """Clients that take frames and send batches"""
        self.run_rounds([('batch', {'capabilities': ['batch'], 'batches': True}),
                         ('acked-batch', {'capabilities': ['batch', 'chunks'], 'batches': True,
                                          'acknowledged': True})] * 2)

    def test_all_together(self):
        """Every kind at once"""
        self.run_rounds([('plain', {}),
                         ('plain-batches', {'batches': True}),
                         ('batch', {'capabilities': ['batch']}),
                         ('acked', {'acknowledged': True}),
                         ('acked-chunks', {'acknowledged': True, 'capabilities': ['chunks']}),
                         ('acked-batch', {'capabilities': ['batch'], 'batches': True,
                                          'acknowledged': True})])


if __name__ == '__main__':
    tap.main()
