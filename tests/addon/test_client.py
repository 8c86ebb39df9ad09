# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The client against a scripted server: joining, sending, answers, breaks. Time moves by hand."""

import json
import math
import unittest

from core import texts
from core.client import CONNECTED, CONNECTING, DISCONNECTED, RECONNECTING, Client
from core.protocol import SharedObject
from support import tap

ME = 'me'
EPOCH = 'epoch-1'


def an_id(number):
    return f'00000000-0000-4000-8000-{number:012x}'


A, B, C = an_id(1), an_id(2), an_id(3)


def place(x):
    return {'position': [x, 0, 0], 'rotation': [0, 0, 0], 'scale': [1, 1, 1]}


def at(x):
    return (float(x), 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0)


def told(object_id, kind='cube', x=0, name='Cube', by='ben', properties=None):
    return {'object_id': object_id, 'name': name, 'type': kind, 'asset_id': None,
            'asset_library': None, 'transform': place(x), 'properties': properties or {},
            'created_by': by, 'last_updated_by': by, 'last_updated_at': 1, 'revision': 1}


def person(name='Ada', selected=()):
    return {'display_name': name, 'color': [1, 2, 3], 'connected_at': 5,
            'selected_object': selected[0] if selected else None,
            'selected_objects': list(selected)}


def event(kind, payload, by='ben', **more):
    return {'event_type': kind, 'timestamp': 50, 'source_user_id': by, 'payload': payload, **more}


class Link:
    """What the client has said, and what it is going to be told."""

    def __init__(self, url):
        self.url = url
        self.said = []
        self.events = [('open',)]
        self.ended = None

    def send(self, text):
        self.said.append(json.loads(text))

    def poll(self, limit):
        events, self.events = self.events[:limit], self.events[limit:]
        return events

    def close(self, code=1000):
        self.ended = code

    def abort(self):
        self.ended = 'aborted'

    def take(self, kind=None):
        """What was said since the last call, of one kind."""
        said, self.said = self.said, []
        return [m for m in said if kind is None or m['event_type'] == kind]


class Base(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.links = []
        self.now = 1000.0
        self.wall = 1795180800.0
        self.client = Client(ME, self.make_link, wall=lambda: self.wall,
                             monotonic=lambda: self.now, version='1.2.3')

    def make_link(self, url):
        self.links.append(Link(url))
        return self.links[-1]

    @property
    def link(self):
        return self.links[-1]

    def hear(self, kind, payload, by='server', **more):
        message = event(kind, payload, by, **more)
        self.link.events.append(('message', message, len(str(message))))
        self.client.receive(1)

    def close(self, code=None, reason='', error=None):
        self.link.events.append(('closed', code, reason, error))
        self.client.receive(1)

    def tick(self, seconds=0.0):
        self.now += seconds
        self.wall += seconds
        self.client.flush()

    def welcome(self, limits=None, **more):
        payload = {'protocol_version': 1, 'server_version': '0.1.0',
                   'server_time': int(self.wall * 1000), 'limits': limits or {},
                   'capabilities': ['batch', 'chunks', 'smell']}
        payload.update(more)
        self.hear('WELCOME', payload)

    def head(self, revision=0, users=None, epoch=EPOCH, token='token'):
        return {'session_id': 'room', 'epoch': epoch, 'revision': revision,
                'users': users or {ME: person()}, 'host_user_id': 'ben',
                'you': {'user_id': ME, 'color': [1, 2, 3], 'resume_token': token}}

    def sync(self, *objects, revision=0, **more):
        payload = self.head(revision, **more)
        payload['objects'] = {value['object_id']: value for value in objects}
        self.hear('FULL_STATE_SYNC', payload)

    def connect(self, *objects, revision=5, limits=None, **more):
        """A client in the room, with these objects."""
        self.client.connect('server', 'room', 'Ada')
        self.welcome(limits)
        self.sync(*objects, revision=revision, **more)
        self.tick()
        self.link.take()
        self.client.changed.clear()
        self.client.news.clear()

    def batch(self):
        """The one BATCH that was said."""
        batches = self.link.take('BATCH')
        self.assertEqual(len(batches), 1)
        return batches[0]

    def edits(self):
        """Sends what waits: [(kind, payload)], and the event_id."""
        self.tick(0.05)
        batch = self.batch()
        return ([(e['event_type'], e['payload']) for e in batch['payload']['events']],
                batch['event_id'])

    def ack(self, event_id, revision=99, **more):
        self.hear('ACK', {'event_id': event_id, 'revision': revision, **more})

    def objects(self):
        return self.client.replica.objects


class Joining(Base):

    def test_join(self):
        """What is said, and what is known afterwards"""
        self.client.connect('server', 'room', 'Ada')
        self.assertEqual((self.client.status, self.link.url), (CONNECTING, 'server'))
        self.client.receive(1)
        self.assertEqual(self.link.said, [])
        self.welcome({'max_users_per_session': 3})
        join, = self.link.take()
        self.assertEqual((join['event_type'], join['source_user_id']), ('JOIN_SESSION', ME))
        self.assertEqual(join['payload'], {
            'session_id': 'room', 'display_name': 'Ada', 'protocol_version': 1,
            'capabilities': ['batch', 'chunks'],
            'client': {'name': 'meerkat-blender', 'version': '1.2.3'}})
        self.sync(told(A), revision=7, users={ME: person(), 'ben': person('Ben', [A])})
        client = self.client
        self.assertEqual((client.status, client.progress, client.revision, client.epoch),
                         (CONNECTED, 1.0, 7, EPOCH))
        self.assertEqual((client.host_user_id, client.server_version), ('ben', '0.1.0'))
        self.assertEqual((client.limits['max_users_per_session'], client.limits['event_rate']),
                         (3, 10000))
        self.assertFalse(client.is_first)
        self.assertEqual(client.changed, {A})
        self.assertEqual(client.news, [('synced', 'full')])
        self.assertEqual(client.replica.users['ben'].selection, (A,))

    def test_first(self):
        """An empty new room says that you are the first"""
        self.connect(revision=0)
        self.assertTrue(self.client.is_first)
        self.connect(revision=0, users={ME: person(), 'ben': person()})
        self.assertFalse(self.client.is_first)

    def test_bad_names(self):
        """Names that the server would refuse are refused here, without a connection"""
        for room, name, code in (('my room', 'Ada', 'BAD_SESSION'), ('', 'Ada', 'BAD_SESSION'),
                                 ('room', '', 'BAD_DISPLAY_NAME')):
            self.client.connect('server', room, name)
            self.assertEqual((self.client.status, self.client.error_code), (DISCONNECTED, code))
            self.assertEqual(self.client.error_text, texts.SENTENCES[code])
        self.assertEqual(self.links, [])

    def assert_failed(self, code, words=''):
        self.assertEqual((self.client.status, self.client.error_code), (DISCONNECTED, code))
        self.assertIn(words, self.client.error_text)
        self.assertIsNone(self.client.retry_in)
        self.assertEqual(self.client.news[-1], ('closed', self.client.error_text))
        self.tick(100)
        self.assertEqual(len(self.links), 1, 'the first connection fails for good')

    def test_no_connection(self):
        """The link's own error is told"""
        self.client.connect('server', 'room', 'Ada')
        self.close(error='REFUSED')
        self.assert_failed('REFUSED', 'Nothing answers')

    def test_refused(self):
        """The server's answer is told, and the connection given up"""
        self.client.connect('server', 'room', 'Ada')
        self.welcome()
        self.hear('ERROR', {'code': 'SESSION_FULL', 'message': 'at most 10'})
        self.assertEqual(self.link.ended, 'aborted')
        self.assert_failed('SESSION_FULL', 'full')

    def test_other_version(self):
        """A server of another protocol"""
        self.client.connect('server', 'room', 'Ada')
        self.welcome(protocol_version=2)
        self.assertEqual(self.link.take(), [])
        self.assert_failed('UNSUPPORTED_VERSION')

    def test_not_a_server(self):
        """Something else that speaks WebSocket"""
        for strange in (('message', {'hello': 'world'}, 9), ('message', [1], 3),
                        ('garbage', 'no JSON'), ('message', event('WELCOME', {}), 9)):
            with self.subTest(strange=strange):
                self.links.clear()
                self.client.connect('server', 'room', 'Ada')
                self.link.events.append(strange)
                self.client.receive(1)
                self.assertEqual(self.link.ended, 'aborted')
                self.assert_failed('NOT_A_SERVER')

    def test_silence(self):
        """A server that takes the connection and says nothing"""
        self.client.connect('server', 'room', 'Ada')
        self.client.receive(1)
        for _ in range(11):
            self.tick(3)
        self.assert_failed('SERVER_SILENT')

    def test_chunks(self):
        """A state in parts is applied when it is whole"""
        self.connect(told(A))
        head = self.head(8)
        head['object_count'] = 4
        self.hear('FULL_STATE_SYNC', head)
        self.hear('STATE_CHUNK', {'objects': {B: told(B)}})
        self.assertEqual((self.client.progress, list(self.objects())), (0.25, [A]))
        self.hear('STATE_CHUNK', {'objects': {i: told(i) for i in (C, an_id(4), an_id(5))}})
        self.assertEqual((self.client.progress, list(self.objects())), (1.0, [A]))
        self.client.set_name(A, 'mine')
        self.hear('STATE_END', {'revision': 8})
        self.assertEqual(set(self.objects()), {B, C, an_id(4), an_id(5)})
        self.assertEqual(self.client.changed, {A, B, C, an_id(4), an_id(5)})
        self.assertEqual((self.client.revision, self.client.news), (8, [('synced', 'resync')]))

    def test_break_within_chunks(self):
        """Half a state is no state"""
        self.connect(told(A))
        self.hear('FULL_STATE_SYNC', {**self.head(8), 'object_count': 2})
        self.hear('STATE_CHUNK', {'objects': {B: told(B)}})
        self.close()
        self.assertEqual((list(self.objects()), self.client.revision), ([A], 5))

    def test_bad_object(self):
        """An object that nobody can read does not cost the others"""
        self.connect(told(A), told(B, kind='torus'), {'object_id': C})
        self.assertEqual((self.client.status, list(self.objects())), (CONNECTED, [A]))

    def test_connect_again(self):
        """Another room begins with nothing of the old one, in the same object"""
        self.connect(told(A))
        self.client.set_name(A, 'x')
        self.client.select(A, [A])
        first = self.link
        self.client.connect('server', 'other', 'Ada')
        self.assertEqual(first.ended, 1000)
        self.assertEqual((self.objects(), self.client.pending, self.client.revision), ({}, 0, 0))
        self.welcome()
        self.assertNotIn('resume', self.link.take()[0]['payload'])
        self.sync()
        self.tick(1)
        self.assertEqual(self.link.take('BATCH'), [])


class Sending(Base):

    def test_events(self):
        """Every kind of edit, as the server wants it"""
        self.connect(told(A), told(B), told(C, 'sun_light'))
        item = SharedObject(an_id(9), 'Tree', 'asset_ref', asset_id='tree', asset_library='a.blend')
        self.client.create(item)
        self.client.delete(A)
        self.assertTrue(self.client.set_transform(B, at(1)))
        self.assertTrue(self.client.set_name(B, 'Box'))
        self.assertTrue(self.client.set_properties(C, {'intensity': 2, 'angle': 0.5}))
        self.client.select(B, [B, C])
        self.assertEqual(self.client.pending, 6)
        edits, event_id = self.edits()
        self.assertEqual([kind for kind, _ in edits], [
            'CREATE_OBJECT', 'DELETE_OBJECT', 'UPDATE_TRANSFORM', 'UPDATE_NAME',
            'UPDATE_PROPERTIES', 'SELECT_OBJECT'])
        payloads = [payload for _, payload in edits]
        self.assertEqual(payloads[0]['asset_library'], 'a.blend')
        self.assertEqual(payloads[2], {'object_id': B, 'transform': place(1)})
        self.assertEqual(payloads[4],
                         {'object_id': C, 'properties': {'intensity': 2, 'angle': 0.5}})
        self.assertEqual(payloads[5], {'object_id': B, 'object_ids': [B, C]})
        self.assertEqual(self.client.pending, 6)
        self.ack(event_id)
        self.assertEqual(self.client.pending, 0)
        self.assertEqual(self.client.writer(B, 'name'), ME)
        self.assertEqual(self.client.writer(B, 'transform'), ME)
        self.assertEqual(self.client.writer(C, 'color'), ME)
        self.assertIsNone(self.client.writer(A, 'name'))

    def test_wrong_input(self):
        """What cannot be shared raises, and nothing is changed or sent"""
        self.connect(told(A, 'camera'))
        for call in (lambda: self.client.set_transform(A, (math.nan,) * 9),
                     lambda: self.client.set_name(A, ''),
                     lambda: self.client.set_properties(A, {'focal_length': 0}),
                     lambda: self.client.set_properties(A, {'power': 3}),
                     lambda: self.client.create(SharedObject(A, 'twice', 'cube')),
                     lambda: self.client.create(SharedObject('x', 'bad id', 'cube'))):
            with self.assertRaises(ValueError):
                call()
        self.assertEqual(self.client.pending, 0)

    def test_gone(self):
        """Edits of what is not there any more are none"""
        self.connect()
        self.assertFalse(self.client.set_transform(A, at(1)))
        self.assertFalse(self.client.set_name(A, 'x'))
        self.assertFalse(self.client.set_properties(A, {'power': 3}))
        self.client.delete(A)
        self.client.replace(SharedObject(A, 'x', 'cube'))
        self.assertEqual((self.client.pending, self.objects()), (0, {}))

    def test_no_change(self):
        """A value that is there already is not sent"""
        self.connect(told(A, x=0.1))
        self.assertFalse(self.client.set_transform(A, at(0.1)))
        self.assertEqual(self.client.pending, 0)

    def test_the_item_stays_the_callers(self):
        """What is given to create() is copied"""
        self.connect()
        item = SharedObject(A, 'mine', 'sun_light')
        self.client.create(item)
        item.set('intensity', 9.0)
        self.assertEqual(self.objects()[A].get('intensity'), 1.0)

    def test_throttle(self):
        """200 objects dragged for a second, at any rate of ticks: 30 messages, the last value"""
        for rate in (20, 30, 60, 144, 500):
            with self.subTest(rate=rate):
                ids = [an_id(n) for n in range(200)]
                self.connect(*map(told, ids))
                sent = []
                for step in range(rate):
                    for object_id in ids:
                        self.client.set_transform(object_id, at(step + 1))
                    self.tick(1 / rate)
                    for batch in self.link.take('BATCH'):
                        self.assertEqual(len(batch['payload']['events']), 200)
                        sent.append(batch)
                        self.ack(batch['event_id'])
                self.assertLessEqual(len(sent), 31)
                self.assertGreaterEqual(len(sent), min(rate, 29))
                self.tick(0.05)
                sent += self.link.take('BATCH')
                values = {e['payload']['object_id']: e['payload']['transform']
                          for e in sent[-1]['payload']['events']}
                self.assertEqual(values, {object_id: place(rate) for object_id in ids})

    def test_one_object_does_not_hold_up_another(self):
        """What was not sent a moment ago goes at once, and so do creation and deletion"""
        self.connect(told(A), told(B))
        self.now = 2000.001
        self.client.set_transform(A, at(1))
        self.tick()
        self.assertEqual(len(self.link.take('BATCH')), 1)
        self.now += 0.013
        self.client.set_transform(A, at(2))
        self.client.set_transform(B, at(2))
        self.tick()
        ids = [e['payload']['object_id'] for e in self.batch()['payload']['events']]
        self.assertEqual(ids, [B])
        self.now += 0.013
        self.client.delete(A)
        self.tick()
        self.assertEqual(self.batch()['payload']['events'][0]['event_type'], 'DELETE_OBJECT')

    def test_bulk(self):
        """A scene goes in batches that the server takes, two at a time"""
        self.connect(limits={'max_batch_events': 1000, 'max_message_size': 100000})
        ids = [an_id(n) for n in range(2500)]
        for object_id in ids:
            self.client.create(SharedObject(object_id, 'x' * 100, 'cube'))
        arrived = []
        waiting = []
        while len(arrived) < 2500:
            self.tick(0.05)
            for batch in self.link.take('BATCH'):
                self.assertLessEqual(len(json.dumps(batch)), 100000)
                waiting.append(batch['event_id'])
                arrived += [e['payload']['object_id'] for e in batch['payload']['events']]
            self.assertLessEqual(len(waiting), 2)
            self.tick(0.05)
            if self.link.said:
                continue
            self.ack(waiting.pop(0))
        self.assertEqual(arrived, ids)
        for event_id in waiting:
            self.ack(event_id)
        self.assertEqual(self.client.pending, 0)

    def test_batch_limit(self):
        """Never more events than the server takes, also with replacements and a selection"""
        ids = [an_id(n) for n in range(40)]
        self.connect(*map(told, ids), limits={'max_batch_events': 10})
        for object_id in ids:
            self.client.replace(SharedObject(object_id, 'new', 'sphere'))
        self.client.select(A, [A])
        while self.client.pending:
            self.tick(0.05)
            batch = self.batch()
            self.assertLessEqual(len(batch['payload']['events']), 10)
            self.ack(batch['event_id'])

    def test_unanswered(self):
        """A server that answers nothing is not flooded"""
        self.connect(told(A))
        for step in range(200):
            self.client.set_transform(A, at(step + 1))
            self.tick(0.05)
        batches = self.link.take('BATCH')
        self.assertLess(len(batches), 100)
        for batch in batches:
            self.ack(batch['event_id'])
        self.assertEqual(self.edits()[0],
                         [('UPDATE_TRANSFORM', {'object_id': A, 'transform': place(200)})])

    def test_message_rate(self):
        """No more messages than the server takes"""
        ids = [an_id(n) for n in range(100)]
        self.connect(*map(told, ids), limits={'message_rate': 10})
        for step in range(100):
            self.client.set_transform(ids[step], at(1))
            self.tick(0.01)
            for batch in self.link.take('BATCH'):
                self.ack(batch['event_id'])
        self.assertLessEqual(int(self.edits()[1]), 10)

    def test_edit_of_what_was_replaced(self):
        """That what was a lamp is a cube now is no news for who has edited the lamp"""
        self.connect(told(A, 'sun_light'))
        self.client.set_properties(A, {'intensity': 3})
        self.hear('BATCH', {'events': [event('OBJECT_DELETED', {'object_id': A}),
                                       event('OBJECT_CREATED', told(A))]})
        edits, event_id = self.edits()
        self.assertEqual([kind for kind, _ in edits], ['UPDATE_PROPERTIES'])
        self.hear('ERROR', {'code': 'INVALID_PAYLOAD', 'message': 'no', 'event_id': event_id,
                            'object_id': A, 'index': 0})
        self.ack(event_id, 6, failed=[0])
        self.assertEqual((self.client.pending, self.client.refused), (0, []))

    def test_edit_of_what_was_deleted(self):
        """An earlier write may be under way: the later one goes after it, and stands if it counts"""
        self.connect(told(A))
        self.client.set_transform(A, at(3))
        self.tick(0.05)
        self.client.set_transform(A, at(4))
        self.hear('OBJECT_DELETED', {'object_id': A, 'deleted_by': 'ben'}, by='ben', revision=6)
        self.tick(0.05)
        self.hear('OBJECT_CREATED', told(A, x=1), by='ben', revision=7)
        self.assertEqual(self.objects()[A].transform, at(4))
        first, second = self.link.take('BATCH')
        self.ack(first['event_id'], 8)
        self.assertEqual(self.objects()[A].transform, at(4))
        self.ack(second['event_id'], 9)
        self.assertEqual((self.objects()[A].transform, self.client.pending), (at(4), 0))


class Selecting(Base):

    def test_after_the_objects(self):
        """A selection goes when all new objects are known"""
        self.connect(limits={'max_batch_events': 12})
        ids = [an_id(n) for n in range(15)]
        for object_id in ids:
            self.client.create(SharedObject(object_id, 'x', 'cube'))
        self.client.select(ids[0], ids)
        first = self.edits()[0]
        self.assertEqual({kind for kind, _ in first}, {'CREATE_OBJECT'})
        self.assertEqual(self.edits()[0][-1],
                         ('SELECT_OBJECT', {'object_id': ids[0], 'object_ids': ids}))

    def test_repeated(self):
        """The same selection is told once, and again after a break"""
        self.connect(told(A), told(B))
        self.client.select(A, [A, B])
        self.assertEqual(self.client.replica.users[ME].selection, (A, B))
        _, event_id = self.edits()
        self.client.select(A, [A, B])
        self.tick(0.05)
        self.assertEqual(self.link.take('BATCH'), [])
        self.ack(event_id)
        self.close()
        self.tick(10)
        self.welcome()
        self.sync(told(A), revision=5)
        self.assertEqual(self.edits()[0], [('SELECT_OBJECT', {'object_id': A, 'object_ids': [A]})])

    def test_bounded(self):
        """No more ids than the server takes"""
        ids = [an_id(n) for n in range(50)]
        self.connect(*map(told, ids), limits={'max_selected': 20})
        self.client.select(ids[0], ids)
        self.assertEqual(self.edits()[0][0][1]['object_ids'], ids[:20])


class Answers(Base):

    def test_stale(self):
        """A write that lost: the correction after the answer is taken"""
        self.connect(told(A))
        self.client.set_transform(A, at(1))
        _, event_id = self.edits()
        self.hear('TRANSFORM_UPDATED', {'object_id': A, 'transform': place(7)}, 'ben', revision=6)
        self.assertEqual((self.objects()[A].transform, self.client.changed), (at(1), set()))
        self.ack(event_id, 6)
        self.hear('TRANSFORM_UPDATED', {'object_id': A, 'transform': place(7), 'correction': True,
                                        'updated_by': 'server'}, revision=6)
        self.assertEqual((self.objects()[A].transform, self.client.changed), (at(7), {A}))
        self.assertEqual(self.client.writer(A, 'transform'), 'server')

    def refuse(self, event_id, code, index=None, object_id=A):
        payload = {'code': code, 'message': 'no', 'event_id': event_id, 'object_id': object_id}
        if index is not None:
            payload['index'] = index
        self.hear('ERROR', payload)

    def test_refused_creation(self):
        """It is nobody's but ours then: the replica is without it"""
        self.connect()
        self.client.create(SharedObject(A, 'a', 'cube'))
        self.client.create(SharedObject(B, 'b', 'cube'))
        _, event_id = self.edits()
        self.client.set_name(B, 'later')
        self.refuse(event_id, 'TOO_MANY_OBJECTS', 1, B)
        self.ack(event_id, 6, failed=[1])
        self.hear('OBJECT_DELETED', {'object_id': B, 'correction': True})
        self.assertEqual(list(self.objects()), [A])
        self.assertEqual(self.client.refused,
                         [(B, 'TOO_MANY_OBJECTS', texts.SENTENCES['TOO_MANY_OBJECTS'])])
        self.assertEqual(self.client.changed, set(), 'the object of the user stays')
        _, event_id = self.edits()
        self.refuse(event_id, 'OBJECT_NOT_FOUND', 0, B)
        self.ack(event_id, 6, failed=[0])
        self.assertEqual((self.client.pending, len(self.client.refused)), (0, 1))

    def test_taken_id(self):
        """The object that lives under the id takes the place of ours"""
        self.connect()
        self.client.create(SharedObject(A, 'mine', 'cube'))
        _, event_id = self.edits()
        self.refuse(event_id, 'OBJECT_EXISTS', 0)
        self.ack(event_id, 6, failed=[0])
        self.hear('OBJECT_CREATED', {**told(A, 'sphere', name='theirs'), 'correction': True})
        self.assertEqual((self.objects()[A].name, self.objects()[A].type), ('theirs', 'sphere'))
        self.assertEqual(self.client.changed, {A})

    def test_deleted_meanwhile(self):
        """An edit of what is gone removes it"""
        self.connect(told(A))
        self.client.set_name(A, 'x')
        _, event_id = self.edits()
        self.refuse(event_id, 'OBJECT_NOT_FOUND', 0)
        self.assertEqual((self.objects(), self.client.changed), ({}, {A}))
        self.ack(event_id, 6, failed=[0])
        self.assertEqual((self.client.pending, self.client.refused), (0, []))

    def test_there_again(self):
        """That an object was not there is an old story when the answer comes a second time"""
        self.connect(told(A))
        self.client.set_name(A, 'x')
        _, event_id = self.edits()
        self.refuse(event_id, 'OBJECT_NOT_FOUND', 0)
        self.close()
        self.tick(40)
        self.welcome()
        self.sync(told(A, name='new'), revision=9)
        self.ack(event_id, 6, failed=[0])
        self.hear('NAME_UPDATED', {'object_id': A, 'name': 'new', 'correction': True})
        self.assertEqual(self.objects()[A].name, 'new')

    def test_invalid(self):
        """A value that the server does not take is told of, and corrected"""
        self.connect(told(A))
        self.client.set_name(A, 'x')
        _, event_id = self.edits()
        self.refuse(event_id, 'INVALID_PAYLOAD', 0)
        self.ack(event_id, 5, failed=[0])
        self.hear('NAME_UPDATED', {'object_id': A, 'name': 'Cube', 'correction': True})
        self.assertEqual(self.client.refused[0][:2], (A, 'INVALID_PAYLOAD'))
        self.assertEqual((self.objects()[A].name, self.client.changed), ('Cube', {A}))

    def test_whole_batch(self):
        """An ERROR without an index answers the whole message"""
        self.connect(told(A))
        self.client.set_name(A, 'x')
        self.client.create(SharedObject(B, 'b', 'cube'))
        _, event_id = self.edits()
        self.refuse(event_id, 'INTERNAL')
        self.assertEqual((self.client.pending, list(self.objects())), (0, [A]))
        self.assertEqual({found[0] for found in self.client.refused}, {A, B})
        self.assertEqual(self.link.take()[-1]['payload'], {}, 'the whole state is asked for')

    def test_refused_long_ago(self):
        """If the reason of a failure was lost, no object of the user is"""
        self.connect()
        self.client.create(SharedObject(A, 'mine', 'cube'))
        _, event_id = self.edits()
        self.close()
        self.tick(40)
        self.welcome()
        self.sync(revision=6)
        self.ack(event_id, 5, failed=[0])
        self.hear('OBJECT_DELETED', {'object_id': A, 'correction': True})
        self.assertEqual((self.objects(), self.client.changed), ({}, set()))
        self.assertEqual(self.client.refused, [(A, 'INTERNAL', texts.SENTENCES['INTERNAL'])])

    def test_second_try(self):
        """What was refused may be taken when it is said again over the next connection"""
        self.connect(told(B))
        self.client.create(SharedObject(A, 'mine', 'cube'))
        _, event_id = self.edits()
        self.refuse(event_id, 'OBJECT_EXISTS', 0)
        self.close()
        self.tick(40)
        self.welcome()
        self.sync(told(B), revision=6)
        self.assertEqual(self.link.take('BATCH')[0]['event_id'], event_id)
        self.ack(event_id, 7)
        self.assertEqual((set(self.objects()), self.client.refused), ({A, B}, []))

    def test_no_answer(self):
        """Messages that the server did not look at are kept"""
        self.connect(told(A))
        self.client.set_name(A, 'x')
        _, event_id = self.edits()
        self.refuse(event_id, 'RATE_LIMITED')
        self.assertEqual(self.client.pending, 1)
        self.close(4008)
        self.assertEqual((self.client.status, self.client.error_code),
                         (RECONNECTING, 'RATE_LIMITED'))
        self.assertGreater(self.client.retry_in, 10)

    def test_errors_of_nothing(self):
        """An ERROR that answers no edit is told"""
        self.connect()
        self.client.kick('ben', 'bye')
        self.assertEqual(self.link.take()[0]['payload'], {'user_id': 'ben', 'reason': 'bye'})
        self.hear('ERROR', {'code': 'FORBIDDEN', 'message': 'only the host'})
        self.assertEqual(self.client.news, [('notice', 'FORBIDDEN', texts.SENTENCES['FORBIDDEN'])])

    def test_own_events(self):
        """What we did ourselves is not news, in a frame for all"""
        self.connect(told(A))
        self.client.set_name(A, 'x')
        _, event_id = self.edits()
        self.ack(event_id, 6)
        self.client.select(A, [A])
        self.hear('BATCH', {'events': [
            event('NAME_UPDATED', {'object_id': A, 'name': 'old'}, ME, revision=6),
            event('USER_SELECTED', {'user_id': ME, 'object_id': None, 'object_ids': []}, ME),
            event('OBJECT_CREATED', told(B), 'ben', revision=7)]}, revision=7)
        self.hear('USER_SELECTED', {'user_id': ME, 'object_id': None, 'object_ids': []}, by=ME)
        self.assertEqual((self.objects()[A].name, self.client.changed), ('x', {B}))
        self.assertEqual(self.client.replica.users[ME].selection, (A,))
        self.assertEqual(self.client.revision, 7)

    def test_deletion_clears_selections(self):
        """What others had selected of a replaced object ends with the answer"""
        self.connect(told(A), users={ME: person(), 'ben': person('Ben', [A])})
        self.client.replace(SharedObject(A, 'new', 'sphere'))
        edits, event_id = self.edits()
        self.assertEqual([kind for kind, _ in edits], ['DELETE_OBJECT', 'CREATE_OBJECT'])
        self.ack(event_id, 7)
        self.assertEqual(self.client.replica.users['ben'].selection, ())


class Disk(Base):

    def test_degraded(self):
        """The server's disk fails, and works again; the epochs are taken over"""
        self.connect(told(A))
        self.hear('ERROR', {'code': 'DURABILITY_DEGRADED', 'message': 'full', 'epoch': 'epoch-2'})
        self.assertTrue(self.client.degraded)
        self.assertEqual(self.client.epoch, 'epoch-2')
        self.assertEqual(self.client.news[0][:2], ('notice', 'DURABILITY_DEGRADED'))
        self.hear('NOTICE', {'code': 'DURABILITY_RESTORED', 'message': 'ok', 'epoch': 'epoch-3'})
        self.assertEqual((self.client.degraded, self.client.epoch), (False, 'epoch-3'))
        self.close()
        self.tick(10)
        self.welcome()
        self.assertEqual(self.link.take()[0]['payload']['resume'],
                         {'epoch': 'epoch-3', 'revision': 5})

    def test_degraded_from_the_start(self):
        """A room can be joined while the disk fails"""
        self.client.connect('server', 'room', 'Ada')
        self.welcome()
        self.hear('ERROR', {'code': 'DURABILITY_DEGRADED', 'message': 'full', 'epoch': EPOCH})
        self.sync(told(A))
        self.assertEqual((self.client.status, self.client.degraded), (CONNECTED, True))

    def test_not_durable(self):
        """An ACK says it too"""
        self.connect(told(A))
        self.client.set_name(A, 'x')
        self.ack(self.edits()[1], 6, durable=False)
        self.assertTrue(self.client.degraded)


class Breaks(Base):

    def rejoin(self):
        """The next attempt succeeds as far as the JOIN, which is returned."""
        self.tick(40)
        self.welcome()
        join, = self.link.take()
        return join['payload']

    def test_schedule(self):
        """2, 4, 8, 16, then every 30 seconds, until it works"""
        self.connect(told(A))
        self.close(1001, 'bye')
        self.assertEqual(self.client.error_code, 'SERVER_SHUTTING_DOWN')
        for attempt, pause in enumerate((2, 4, 8, 16, 30, 30, 30), 1):
            self.assertEqual((self.client.status, self.client.attempt), (RECONNECTING, attempt))
            self.assertGreaterEqual(self.client.retry_in, pause)
            self.assertLessEqual(self.client.retry_in, pause * 1.1)
            self.assertEqual(len(self.links), attempt)
            self.tick(pause - 0.1)
            self.assertEqual(len(self.links), attempt)
            self.tick(0.1 + pause * 0.1)
            self.assertEqual((len(self.links), self.client.retry_in), (attempt + 1, None))
            self.close(error='REFUSED')
            self.assertEqual(self.client.error_code, 'REFUSED')
        self.client.reconnect_now()
        self.tick()
        self.welcome()
        self.sync(told(A), revision=5)
        self.assertEqual((self.client.status, self.client.attempt, self.client.error_code,
                          self.client.error_text), (CONNECTED, 0, '', ''))

    def test_final(self):
        """After these nobody comes back by himself, and the reason is told"""
        for code, kind, payload, error, words in (
                (4001, None, None, 'REPLACED', 'another connection'),
                (4002, 'ERROR', {'code': 'KICKED', 'message': 'bad room'}, 'KICKED', 'bad room'),
                (4003, 'SESSION_CLOSED', {'reason': 'done'}, 'SESSION_CLOSED', 'done')):
            with self.subTest(code=code):
                self.connect(told(A))
                if kind is not None:
                    self.hear(kind, payload)
                self.close(code)
                self.assertEqual((self.client.status, self.client.error_code),
                                 (DISCONNECTED, error))
                self.assertIn(words, self.client.error_text)
                self.assertEqual(self.client.news, [('closed', self.client.error_text)])
                self.assertEqual(list(self.objects()), [A], 'the scene stays')
                count = len(self.links)
                self.tick(100)
                self.assertEqual(len(self.links), count)

    def test_refused_return(self):
        """Some refusals of a JOIN pass, some do not"""
        for code, status in (('SESSION_FULL', RECONNECTING), ('USER_ID_IN_USE', RECONNECTING),
                             ('KICKED', DISCONNECTED), ('SESSION_CLOSED', DISCONNECTED)):
            with self.subTest(code=code):
                self.connect()
                self.close()
                self.rejoin()
                self.hear('ERROR', {'code': code, 'message': 'no'})
                self.assertEqual((self.client.status, self.client.error_code), (status, code))

    def test_resume(self):
        """A place is kept, moves on with what is heard, and comes with the token"""
        self.connect(told(A))
        self.hear('NAME_UPDATED', {'object_id': A, 'name': 'x'}, by='ben', revision=8)
        self.close()
        self.assertEqual(self.rejoin()['resume'], {'epoch': EPOCH, 'revision': 8})
        self.hear('DELTA_SYNC', {
            **self.head(11, token='token-2', users={ME: person(), 'ben': person()}),
            'from_revision': 8, 'to_revision': 11, 'events': [
                event('NAME_UPDATED', {'object_id': A, 'name': 'y'}, revision=9),
                event('OBJECT_CREATED', told(B), ME, revision=11)]})
        self.assertEqual((self.objects()[A].name, set(self.objects())), ('y', {A, B}))
        self.assertEqual(self.client.changed, {A, B})
        self.assertEqual(self.client.news, [('synced', 'delta')])
        self.tick()
        self.hear('HEARTBEAT_ACK', {'server_time': 1, 'revision': 14})
        self.close()
        join = self.rejoin()
        self.assertEqual((join['resume']['revision'], join['resume_token']), (14, 'token-2'))

    def test_place_stays_while_unanswered(self):
        """What was passed over while we waited must be told again"""
        self.connect(told(A))
        self.client.set_name(A, 'mine')
        self.edits()
        self.hear('NAME_UPDATED', {'object_id': A, 'name': 'x'}, by='ben', revision=8)
        self.close()
        self.assertEqual(self.rejoin()['resume']['revision'], 5)

    def test_no_place_after_an_answer(self):
        """The correction that belongs to an answer may be lost: the whole state is asked for"""
        self.connect(told(A))
        self.client.set_name(A, 'mine')
        self.ack(self.edits()[1], 8)
        self.close()
        self.assertNotIn('resume', self.rejoin())
        self.sync(told(A), revision=9)
        self.hear('NAME_UPDATED', {'object_id': A, 'name': 'x'}, by='ben', revision=10)
        self.close()
        self.assertEqual(self.rejoin()['resume']['revision'], 10)

    def test_other_epoch(self):
        """A state of another history makes the old place void"""
        self.connect(told(A))
        self.client.set_name(A, 'mine')
        self.edits()
        self.close()
        self.rejoin()
        self.sync(told(A), revision=3, epoch='epoch-2')
        self.assertEqual((self.client.revision, self.client.epoch), (3, 'epoch-2'))
        self.close()
        self.assertNotIn('resume', self.rejoin())

    def test_unanswered_again(self):
        """What was not answered is said again, unchanged, oldest first, and before all else"""
        self.connect(told(A), told(B))
        self.client.set_name(A, 'a')
        self.tick(0.05)
        self.client.set_name(B, 'b')
        self.tick(0.05)
        sent = self.link.take('BATCH')
        self.assertEqual(len(sent), 2)
        self.close()
        self.client.set_transform(A, at(3))
        self.rejoin()
        self.sync(told(A, name='x', x=1), told(B), revision=9)
        self.assertEqual((self.objects()[A].name, self.objects()[A].transform), ('a', at(3)))
        self.tick(0.05)
        batches = self.link.take('BATCH')
        self.assertEqual(batches[:2], sent)
        self.assertEqual(len(batches), 3)
        self.assertEqual(len({batch['event_id'] for batch in batches}), 3)

    def test_edits_meanwhile(self):
        """What is done offline goes out after the sync, each with its own time, in that order"""
        self.connect(told(A), told(B, 'sun_light'))
        self.close()
        times = []
        for edit in (lambda: self.client.set_name(A, 'first'),
                     lambda: self.client.set_properties(B, {'intensity': 2}),
                     lambda: self.client.set_transform(A, at(1)),
                     lambda: self.client.set_properties(B, {'angle': 0.5}),
                     lambda: self.client.set_name(A, 'second')):
            edit()
            times.append(int(self.wall * 1000))
            self.wall += 60
        self.assertEqual((self.client.status, self.client.pending), (RECONNECTING, 4))
        self.rejoin()
        self.assertEqual(self.link.take('BATCH'), [], 'not before the sync')
        self.sync(told(A), told(B, 'sun_light'), revision=9)
        self.assertEqual(self.objects()[A].name, 'second')
        self.tick(0.05)
        events = self.batch()['payload']['events']
        self.assertEqual([(e['event_type'], e['timestamp']) for e in events], [
            ('UPDATE_PROPERTIES', times[1]), ('UPDATE_TRANSFORM', times[2]),
            ('UPDATE_PROPERTIES', times[3]), ('UPDATE_NAME', times[4])])
        self.assertEqual(events[0]['payload']['properties'], {'intensity': 2})

    def test_created_and_moved_meanwhile(self):
        """A new object goes out as it is in the end"""
        self.connect()
        self.close()
        self.client.create(SharedObject(A, 'a', 'cube'))
        self.client.set_transform(A, at(4))
        self.rejoin()
        self.sync(revision=5)
        edits, _ = self.edits()
        self.assertEqual(len(edits), 1)
        self.assertEqual(edits[0][1]['transform'], place(4))

    def test_too_large(self):
        """What the server could not take is not said again"""
        self.connect(told(A), told(B))
        self.client.set_name(A, 'x' * 200)
        self.tick(0.05)
        self.client.set_name(B, 'b')
        self.tick(0.05)
        self.close(1009)
        self.assertEqual((self.client.status, self.client.pending), (RECONNECTING, 1))
        self.assertEqual(self.client.refused[0][:2], (A, 'MESSAGE_TOO_LARGE'))
        self.assertNotIn('resume', self.rejoin())

    def test_silence(self):
        """30 seconds without a word in spite of our heartbeats: a new connection"""
        self.connect()
        for _ in range(9):
            self.tick(4)
        self.assertEqual((self.links[0].ended, self.client.status), ('aborted', RECONNECTING))
        self.assertEqual(self.client.error_code, 'SERVER_SILENT')

    def test_our_own_silence(self):
        """If it was us who did not listen, the server is given time"""
        self.connect()
        self.tick(120)
        self.assertEqual(self.client.status, CONNECTED)

    def test_heartbeats(self):
        """Every five seconds; the answer tells latency and clock"""
        self.connect()
        self.hear('HEARTBEAT_ACK', {'server_time': 0, 'revision': 5})
        for _ in range(60):
            self.tick(0.5)
            for beat in self.link.take('HEARTBEAT'):
                self.assertEqual(beat['payload'], {'revision': 5})
                self.now += 0.25
                self.wall += 0.25
                self.hear('HEARTBEAT_ACK', {'server_time': (self.wall + 3600) * 1000 - 125,
                                            'revision': 5})
        self.assertEqual(self.client.status, CONNECTED)
        self.assertEqual((self.client.latency_ms, self.client.clock_offset_ms), (250, 3600000))

    def test_disconnect(self):
        """What waits is sent, then goodbye; the scene stays; nothing comes back"""
        self.connect(told(A), told(B))
        self.client.set_name(A, 'a')
        self.tick(0.05)
        self.client.set_name(A, 'b')
        self.client.set_name(B, 'b')
        self.link.take()
        self.client.disconnect()
        said = self.link.take()
        self.assertEqual([m['event_type'] for m in said], ['BATCH', 'LEAVE_SESSION'])
        self.assertEqual(len(said[0]['payload']['events']), 2)
        self.assertEqual((self.link.ended, self.client.status, self.client.error_code),
                         (1000, DISCONNECTED, ''))
        self.assertEqual((set(self.objects()), self.client.replica.users), ({A, B}, {}))
        self.tick(100)
        self.client.receive(1)
        self.assertEqual(len(self.links), 1)
        self.client.disconnect()

    def test_give_up(self):
        """Cancel while reconnecting"""
        self.connect()
        self.close()
        self.client.disconnect()
        self.tick(100)
        self.assertEqual((len(self.links), self.client.status), (1, DISCONNECTED))

    def test_host_again(self):
        """Whoever comes back to a room proves that it was there"""
        self.connect()
        self.client.disconnect()
        self.client.connect('server', 'room', 'Ada')
        self.welcome()
        join, = self.link.take()
        self.assertEqual(join['payload']['resume_token'], 'token')
        self.client.connect('server', 'other', 'Ada')
        self.welcome()
        self.assertNotIn('resume_token', self.link.take()[0]['payload'])


class Strange(Base):

    def test_malformed(self):
        """What is not as it should be is passed over, and the state is asked for, but not often"""
        self.connect(told(A))
        for strange in (('message', [], 2), ('message', None, 4), ('message', {}, 2),
                        ('message', event('TRANSFORM_UPDATED', {'object_id': A}), 9),
                        ('message', event('BATCH', {'events': 7}), 9),
                        ('message', event('BATCH', {'events': [7, event('NAME_UPDATED', {})]}), 9),
                        ('message', event('ACK', {}), 9), ('message', event('ERROR', None), 9),
                        ('message', event('STATE_END', {'revision': 1}), 9),
                        ('message', event('STATE_CHUNK', {'objects': {}}), 9),
                        ('message', event('DELTA_SYNC', {}), 9),
                        ('message', event('NAME_UPDATED', {'object_id': A, 'name': 'x'},
                                          revision='y'), 9),
                        ('garbage', 'no JSON')):
            self.now += 11
            self.link.events.append(strange)
            self.link.events.append(strange)
            with self.subTest(strange=strange):
                self.client.receive(1)
                requests = self.link.take('REQUEST_STATE_SYNC')
                self.assertEqual([r['payload'] for r in requests], [{}])
        self.assertEqual(self.client.status, CONNECTED)
        self.assertLessEqual(len(self.client.log), 100)

    def test_later_versions(self):
        """Unknown events, members and codes do no harm"""
        self.connect(told(A))
        self.hear('USER_WAVED', {'hand': 'left'}, by='ben')
        self.hear('BATCH', {'events': [event('USER_WAVED', {})]})
        self.hear('NOTICE', {'code': 'NEW_NOTICE', 'message': 'something happened'})
        self.hear('ERROR', {'code': 'NEW_CODE', 'message': 'something is wrong'})
        self.assertEqual(self.link.take(), [])
        self.assertEqual(self.client.news, [('notice', 'NEW_NOTICE', 'something happened'),
                                            ('notice', 'NEW_CODE', 'something is wrong')])

    def test_budget(self):
        """When time is up, the rest waits for the next tick"""
        self.connect(*[told(an_id(n)) for n in range(10)])
        for n in range(10):
            self.link.events.append(('message', event(
                'NAME_UPDATED', {'object_id': an_id(n), 'name': 'x'}, revision=6 + n), 9))
        for n in range(10):
            self.client.receive(0)
            self.assertEqual(len(self.client.changed), n + 1)

    def test_request_sync(self):
        """UP_TO_DATE counts as a sync for whoever waits"""
        self.connect()
        before = self.client.synced_at
        self.assertTrue(self.client.request_sync())
        self.assertEqual(self.link.take()[0]['payload'], {'revision': 5})
        self.hear('UP_TO_DATE', {'revision': 5})
        self.assertGreater(self.client.synced_at, before)
        self.close()
        self.assertFalse(self.client.request_sync())


if __name__ == '__main__':
    tap.main()
