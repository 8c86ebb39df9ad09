# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""kill -9 under load, again and again: what anybody was told is there afterwards.

MEERKAT_KILLS sets how often. Every writer numbers its edits, so that a scene tells exactly which
of them it holds.
"""

import json
import os

from support import tap
from support.case import DaemonTest, seeded
from support.client import Closed, Timeout, an_object, flatten, new_id, place

KILLS = int(os.environ.get('MEERKAT_KILLS', '30'))
OBJECTS = 4


class Ledger:
    """What anybody was told about the session, across all the kills."""

    def __init__(self, test):
        self.test = test
        self.events = {}     # revision -> what it was, without the time of telling
        self.highest = 0     # revision
        self.values = {}     # (object, register) -> (revision, value) as last told
        self.living = {}     # object -> (revision, whether it lives)
        self.doomed = set()  # objects whose deletion was asked for
        self.acknowledged = {}  # (object, register) -> highest number that got an ACK

    def told(self, event):
        """An event with a revision was received by somebody."""
        revision = event['revision']
        payload = {k: v for k, v in event['payload'].items() if k != 'sent_at'}
        content = (event['event_type'], event['source_user_id'],
                   json.dumps(payload, sort_keys=True))
        known = self.events.setdefault(revision, content)
        self.test.assertEqual(known, content, f'revision {revision} means two things')
        self.highest = max(self.highest, revision)
        object_id = payload['object_id']
        if event['event_type'] in ('OBJECT_CREATED', 'OBJECT_DELETED'):
            self.keep(self.living, object_id, revision, event['event_type'] == 'OBJECT_CREATED')
        if event['event_type'] == 'TRANSFORM_UPDATED':
            self.keep(self.values, (object_id, 'transform'), revision,
                      payload['transform']['position'][0])
        if event['event_type'] == 'NAME_UPDATED':
            self.keep(self.values, (object_id, 'name'), revision, int(payload['name']))

    @staticmethod
    def keep(table, key, revision, value):
        if revision >= table.get(key, (0, None))[0]:
            table[key] = (revision, value)

    def check(self, state):
        """The state after a restart holds all of it."""
        test, objects = self.test, state['objects']
        test.assertGreaterEqual(state['revision'], self.highest)
        for object_id, (_, lives) in self.living.items():
            if object_id not in objects:
                test.assertTrue(not lives or object_id in self.doomed,
                                f'{object_id} was told of and is gone')
            elif not lives:
                test.fail(f'{object_id} was deleted and is back')
        for (object_id, register), (_, number) in list(self.values.items()):
            self.check_number(objects, object_id, register, number, 'told')
        for (object_id, register), number in self.acknowledged.items():
            self.check_number(objects, object_id, register, number, 'acknowledged')

    def check_number(self, objects, object_id, register, number, how):
        if object_id in objects:
            item = objects[object_id]
            has = item['transform']['position'][0] if register == 'transform' else int(item['name'])
            self.test.assertGreaterEqual(has, number, f'{register} of {object_id} was {how}')


class Writer:
    """A user who edits objects of its own: numbers that only grow."""

    def __init__(self, test, ledger, name, kind):
        self.test, self.ledger, self.name, self.kind = test, ledger, name, kind
        self.objects = []
        self.number = 0
        self.waiting = {}  # event_id -> [(object, register, number)]
        self.client = None
        self.point = None

    def join(self):
        self.client = self.test.connect(self.name)
        self.client.join(resume=self.point,
                         capabilities=['batch'] if self.kind == 'batch' else None)
        self.waiting = {}

    def step(self, random):
        """Sends something."""
        self.number += 1
        if len(self.objects) < OBJECTS:
            item = an_object(name=str(self.number), transform=place(self.number))
            self.objects.append(item['object_id'])
            self.say([('CREATE_OBJECT', item, None)])
        elif random.random() < 0.05:
            gone = self.objects.pop(0)
            self.ledger.doomed.add(gone)
            self.say([('DELETE_OBJECT', {'object_id': gone}, None)])
        else:
            self.say([self.an_edit(random) for _ in range(20 if self.kind == 'batch' else 1)])

    def an_edit(self, random):
        self.number += 1
        object_id = random.choice(self.objects)
        if random.random() < 0.5:
            return ('UPDATE_TRANSFORM', {'object_id': object_id, 'transform': place(self.number)},
                    (object_id, 'transform', self.number))
        return ('UPDATE_NAME', {'object_id': object_id, 'name': str(self.number)},
                (object_id, 'name', self.number))

    def say(self, edits):
        more = {}
        if self.kind != 'plain':
            more['event_id'] = new_id()
            self.waiting[more['event_id']] = [mark for *_, mark in edits if mark]
        if len(edits) == 1:
            self.client.send(edits[0][0], edits[0][1], **more)
        else:
            self.client.batch([(kind, payload) for kind, payload, _ in edits], **more)

    def listen(self, timeout=0.0):
        """Takes in one message; False if there is none."""
        try:
            message = self.client.receive(timeout)
        except Timeout:
            return False
        for event in flatten([message]):
            if 'revision' in event and not event['payload'].get('correction'):
                self.ledger.told(event)
        if message['event_type'] == 'BATCH':
            self.ledger.highest = max(self.ledger.highest, message['revision'])
        if message['event_type'] == 'ACK':
            payload = message['payload']
            self.ledger.highest = max(self.ledger.highest, payload['revision'])
            for object_id, register, number in self.waiting.pop(payload['event_id'], []):
                key = object_id, register
                self.ledger.acknowledged[key] = max(self.ledger.acknowledged.get(key, 0), number)
        return True

    def listen_to_the_end(self):
        """After the kill: what had been sent still counts."""
        try:
            while self.listen(5):
                pass
        except Closed:
            pass


class Watcher(Writer):
    """A plain client that only reads, resumes, and counts that no revision is left out."""

    def __init__(self, test, ledger):
        super().__init__(test, ledger, 'watcher', 'plain')
        self.next = None

    def join(self):
        super().join()
        sync = self.client.sync
        if self.point is not None and self.point['revision'] > 0:  # else there was nothing to lose
            self.test.assertEqual(sync['epoch'], self.point['epoch'], 'the epoch changed')
        for event in sync.get('events', []):
            self.ledger.highest = max(self.ledger.highest, event['revision'])
        self.next = sync['revision'] + 1
        self.point = {'epoch': sync['epoch'], 'revision': sync['revision']}
        self.client.messages.clear()

    def step(self, random):
        pass

    def listen(self, timeout=0.0):
        heard = super().listen(timeout)
        if heard:
            revision = self.client.messages.pop().get('revision')
            if revision is not None:
                self.test.assertEqual(revision, self.next, 'a gap')
                self.next += 1
                self.point['revision'] = revision
        return heard


class Kill(DaemonTest):

    def test_kill(self):
        """Everything acknowledged or seen survives; no revision twice, no gap, one epoch"""
        random = seeded()
        ledger = Ledger(self)
        watcher = Watcher(self, ledger)
        writers = [Writer(self, ledger, 'acked', 'event_id'),
                   Writer(self, ledger, 'batch', 'batch'),
                   Writer(self, ledger, 'plain', 'plain')]
        everybody = [watcher, *writers]
        for kill in range(KILLS):
            for one in everybody:
                one.join()
            for _ in range(random.randrange(5, 120)):
                try:
                    random.choice(writers).step(random)
                    while random.choice(everybody).listen():
                        pass
                except Closed:
                    self.fail(f'a connection ended by itself: {self.daemon.stderr()[-2000:]}')
            for _ in range(random.randrange(60)):  # so that much is under way
                random.choice(writers).step(random)
            self.daemon.kill()
            for one in everybody:
                one.listen_to_the_end()
                one.client.close()
            self.daemon.process.stdout.close()
            self.daemon.start()
            ledger.check(self.state())
        self.assertGreater(ledger.highest, KILLS)


if __name__ == '__main__':
    tap.main()
