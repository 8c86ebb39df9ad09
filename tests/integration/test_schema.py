# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Every message the daemon sends fits docs/messages.schema.json, and all that is in there is sent.

One life of the daemon provokes every event, every member and every error code; what it said is
then held against the schema in both directions.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from support import tap
from support.case import DaemonTest
from support.client import OBJECT_TYPES, PROPERTIES, Client, Closed, an_object, new_id, place

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[2] / 'docs' / 'messages.schema.json')
                    .read_text(encoding='utf-8'))
DEFINITIONS = SCHEMA['$defs']
# What has a definition of another name than its own, because clients have a message of that name.
RENAMED = {'BATCH': 'serverBatch'}
# These hold whole messages, which are looked at by themselves.
MESSAGES = ('#/$defs/told', '#/$defs/change', '#/$defs/serverMessage')
# Nothing that a client does may lead to the first; when a session is closed, nobody is left to be
# told the second.
UNPROVOKED = {'INTERNAL', 'closed'}
# These take a disk that is full.
DEGRADED = {'DURABILITY_DEGRADED', 'DURABILITY_RESTORED', 'durable'}


def resolve(schema):
    return DEFINITIONS[schema['$ref'].rsplit('/', 1)[1]] if '$ref' in schema else schema


def members(schema, path=''):
    """The paths of all members that a schema names; [] are the items of lists, {} those of maps."""
    if schema.get('$ref') in MESSAGES:
        return
    found = [schema] if '$ref' not in schema else [resolve(schema), {k: v for k, v in schema.items()
                                                                      if k != '$ref'}]
    for part in found:
        for name, inner in part.get('properties', {}).items():
            yield f'{path}.{name}'
            if isinstance(inner, dict):
                yield from members(inner, f'{path}.{name}')
        if isinstance(part.get('items'), dict):
            yield from members(part['items'], f'{path}[]')
        if isinstance(part.get('additionalProperties'), dict):
            yield from members(part['additionalProperties'], f'{path}{{}}')
        if part is not schema and '$ref' in part:
            yield from members({'$ref': part['$ref']}, path)


def paths(value, path, maps):
    """The paths of all members that a value has, in the same notation."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if f'{path}{{}}' in maps:
                yield from paths(inner, f'{path}{{}}', maps)
            else:
                yield f'{path}.{name}'
                yield from paths(inner, f'{path}.{name}', maps)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, dict) and 'event_type' not in inner:
                yield from paths(inner, f'{path}[]', maps)


@unittest.skipIf(jsonschema is None, 'needs python3-jsonschema')
class Schema(DaemonTest):

    def setUp(self):
        self.messages = []
        Client.witness = self.take
        self.addCleanup(setattr, Client, 'witness', None)

    def take(self, message):
        self.messages.append(message)
        if message['event_type'] in ('BATCH', 'DELTA_SYNC'):
            self.messages += message['payload']['events']

    # The life

    def edits(self):
        """Every edit of every type of object, with and without event_id, alone and in a BATCH."""
        a, b = self.join('a'), self.join('b', capabilities=['batch', 'chunks'])
        for kind in OBJECT_TYPES:
            object_id = a.create(kind)
            a.send('UPDATE_TRANSFORM', {'object_id': object_id, 'transform': place(1),
                                        'sent_at': 5})
            a.send('UPDATE_NAME', {'object_id': object_id, 'name': 'n'})
            if kind in PROPERTIES:
                values = {k: [v * 0.5 for v in p] if isinstance(p, list) else p * 0.5
                          for k, p in PROPERTIES[kind].items()}
                a.send('UPDATE_PROPERTIES', {'object_id': object_id, 'properties': values})
            a.send('SELECT_OBJECT', {'object_id': object_id})
        a.barrier()
        b.barrier()
        self.later()
        # corrections of every kind
        b.send('UPDATE_TRANSFORM', {'object_id': object_id, 'transform': place(2)})
        b.send('UPDATE_NAME', {'object_id': object_id, 'name': 'm'})
        b.send('CREATE_OBJECT', an_object(object_id))
        lamp = b.create('point_light')
        b.barrier()
        a.barrier()
        self.later()
        a.send('UPDATE_PROPERTIES', {'object_id': lamp, 'properties': {'radius': 3}})
        a.send('DELETE_OBJECT', {'object_id': lamp})
        a.barrier()
        b.send('DELETE_OBJECT', {'object_id': object_id}, event_id='d')
        b.barrier()
        again = an_object(object_id)
        b.send('CREATE_OBJECT', again)
        b.barrier()
        a.send('DELETE_OBJECT', {'object_id': object_id})
        a.barrier()
        a.batch([('CREATE_OBJECT', an_object()),
                 ('UPDATE_NAME', {'object_id': new_id(), 'name': 'n'})], event_id='mixed')
        a.batch([('CREATE_OBJECT', an_object()) for _ in range(20)])
        a.barrier()
        self.join('d', capabilities=['chunks'])
        b.barrier()
        point = b.resume_point()
        a.send('UPDATE_NAME', {'object_id': next(iter(self.state()['objects'])), 'name': 'delta'})
        a.barrier()
        b = self.join('b', token=b.token, resume=point)
        b.send('REQUEST_STATE_SYNC', {'revision': b.sync['revision']})
        b.barrier()
        self.join('c', resume={'epoch': point['epoch'], 'revision': point['revision'] + 100})
        a.barrier()

    def refusals(self):
        """Every error code that a client can earn."""
        a, b = self.join('host', 'codes'), self.join('guest', 'codes')
        a.send_text('{')
        a.send('DANCE', event_id='e')
        a.send('UPDATE_NAME', {'object_id': 'x'}, event_id='e')
        cube = a.create(ack=True)
        a.send('CREATE_OBJECT', an_object(cube))
        a.send('UPDATE_NAME', {'object_id': new_id(), 'name': 'n'})
        a.send('UPDATE_NAME', {'object_id': cube, 'name': 'n'}, source_user_id='guest')
        a.send_join('other')
        b.barrier()
        self.later()
        b.send('UPDATE_NAME', {'object_id': cube, 'name': 'theirs'})
        b.barrier()
        a.send('UPDATE_NAME', {'object_id': cube, 'name': 'mine'}, base_revision=1)
        b.send('CLOSE_SESSION')
        a.barrier()
        b.barrier()
        thief = self.connect('guest')
        thief.send_join('codes')
        while not thief.pump():
            b.barrier()
        a.send('KICK_USER', {'user_id': 'guest', 'reason': 'r'})
        b.expect_closed(4002)
        thief.send_join('codes')
        thief.expect_error('KICKED')
        thief.send('HEARTBEAT')
        thief.expect_error('NOT_JOINED')
        thief.send_join('new', payload={'protocol_version': 9})
        thief.expect_error('UNSUPPORTED_VERSION')
        leaver = self.join('leaver', 'codes')
        a.expect('USER_JOINED')
        leaver.send('LEAVE_SESSION')
        a.expect('USER_LEFT')
        self.join('ghost', 'codes').ws.reset()
        a.expect('USER_LEFT')
        other = self.join('other', 'codes', capabilities=['batch'])
        a.send('CLOSE_SESSION', {'reason': 'r'})
        a.expect_closed(4003)
        other.expect_closed(4003)
        thief = self.connect('host')
        thief.send_join('codes')
        thief.expect_error('SESSION_CLOSED')

    def limits(self):
        """The codes of the limits, and of the end."""
        daemon = self.start('--max-users-per-session', '1', '--max-sessions', '1',
                            '--message-rate', '20', '--max-objects-per-session', '1',
                            '--max-message-size', '5000')
        a, b = self.join('a', daemon=daemon), self.connect('b', daemon)
        b.send_join()
        b.expect_error('SESSION_FULL')
        b.send_join('two')
        b.expect_error('TOO_MANY_SESSIONS')
        a.create()
        a.create()
        a.expect_error('TOO_MANY_OBJECTS')
        c = self.connect('c', daemon)
        try:
            for _ in range(1000):
                b.send('HEARTBEAT')
        except Closed:
            pass
        b.expect_closed(4008)
        c.send_text('{"x":"' + 'y' * 5000 + '"}')
        c.expect_closed(1009)
        daemon.process.terminate()
        a.expect_closed(1001)
        daemon.process.wait(30)
        daemon.start()

    def full_disk(self):
        """What is said while the disk is full and after; False if no small disk can be had."""
        if os.geteuid() != 0:
            return False
        disk = tempfile.mkdtemp(prefix='meerkat-disk-')
        self.addCleanup(os.rmdir, disk)
        if subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=4m', 'none', disk], check=False,
                          capture_output=True).returncode != 0:
            return False
        self.addCleanup(subprocess.run, ['umount', '-l', disk], check=False)
        daemon = self.start(state_dir=os.path.join(disk, 'state'))
        plain = self.join('p', daemon=daemon)
        a = self.join('a', daemon=daemon, capabilities=['batch'])
        ballast = os.path.join(disk, 'ballast')
        with open(ballast, 'wb', buffering=0) as file:
            try:
                while file.write(b'x' * 4096):
                    pass
            except OSError:
                pass
        while 'durable' not in a.acked('CREATE_OBJECT', an_object(name='x' * 250)):
            pass
        os.unlink(ballast)
        for client in (plain, a):
            while not any(m['event_type'] == 'NOTICE' for m in self.of(client)):
                client.receive(60)
        return True

    @staticmethod
    def of(client):
        for message in client.messages[-3:]:
            yield message
            if message['event_type'] == 'BATCH':
                yield from message['payload']['events']

    # What it said, against the schema

    def test_schema(self):
        """All that is said is in the schema, and all that is in the schema is said"""
        self.daemon = self.start()
        self.edits()
        self.refusals()
        self.limits()
        skipped = set() if self.full_disk() else DEGRADED
        self.check_valid()
        self.check_members(skipped)
        self.check_values(skipped)

    def check_valid(self):
        validator = jsonschema.Draft202012Validator(
            {**SCHEMA, 'anyOf': [{'$ref': '#/$defs/serverMessage'}]})
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        shown = set()
        for message in self.messages:
            error = jsonschema.exceptions.best_match(validator.iter_errors(message))
            if error is not None and (error.message, error.json_path) not in shown:
                shown.add((error.message, error.json_path))
                with self.subTest(message['event_type']):
                    self.fail(f'{error.json_path}: {error.message} in {json.dumps(message)[:1000]}')

    def check_members(self, skipped):
        kinds = DEFINITIONS['serverMessage']['properties']['event_type']['enum']
        for kind in kinds:
            with self.subTest(kind):
                said = [m for m in self.messages if m['event_type'] == kind]
                self.assertTrue(said, 'was never said')
                definition = DEFINITIONS[RENAMED.get(kind, kind)]
                if 'properties' not in definition:
                    definition = resolve(definition)
                payload = definition['properties']['payload']
                wanted = set(members(payload))
                maps = {p[:p.index('{}') + 2] for p in wanted if '{}' in p}
                seen = {p for m in said for p in paths(m['payload'], '', maps)}
                missing = {p for p in wanted - seen if p.rsplit('.', 1)[-1] not in skipped}
                self.assertEqual(missing, set(), 'these members were never said')

    def check_values(self, skipped):
        def allowed(kind, name):
            return DEFINITIONS[kind]['properties']['payload']['properties'][name]['enum']

        def values(kind, name):
            return {m['payload'][name] for m in self.messages if m['event_type'] == kind}
        for what, wanted, said in (
                ('codes', DEFINITIONS['errorCode']['enum'], values('ERROR', 'code')),
                ('notices', allowed('NOTICE', 'code'), values('NOTICE', 'code')),
                ('reasons', allowed('USER_LEFT', 'reason'), values('USER_LEFT', 'reason')),
                ('types', DEFINITIONS['objectType']['enum'], values('OBJECT_CREATED', 'type'))):
            with self.subTest(what):
                self.assertEqual(set(wanted) - said - skipped - UNPROVOKED, set())
        corrected = {m['event_type'] for m in self.messages if m['payload'].get('correction')}
        self.assertEqual(corrected, {'OBJECT_CREATED', 'OBJECT_DELETED', 'TRANSFORM_UPDATED',
                                     'PROPERTIES_UPDATED', 'NAME_UPDATED'})


if __name__ == '__main__':
    tap.main()
