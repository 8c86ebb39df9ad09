# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Every way to be wrong: the code, the words, and that the connection lives on."""

import json

from support import tap
from support.case import DaemonTest
from support.client import an_object, new_id, place

MALFORMED = {
    'nothing': '',
    'spaces': '  \n ',
    'a word': 'hello',
    'a number': '7',
    'a string': '"x"',
    'null': 'null',
    'an array': '[]',
    'unfinished': '{"event_type": "HEARTBEAT"',
    'two values': '{} {}',
    'trailing text': '{"event_type": "HEARTBEAT"} x',
    'trailing comma': '{"event_type": "HEARTBEAT",}',
    'missing colon': '{"event_type" "HEARTBEAT"}',
    'missing comma': '{"event_type": "HEARTBEAT" "payload": {}}',
    'single quotes': "{'event_type': 'HEARTBEAT'}",
    'bare key': '{event_type: "HEARTBEAT"}',
    'a comment': '{"event_type": "HEARTBEAT" /* now */}',
    'a line comment': '{"event_type": "HEARTBEAT"} // now',
    'hexadecimal': '{"event_type": "HEARTBEAT", "timestamp": 0x10}',
    'leading zero': '{"event_type": "HEARTBEAT", "timestamp": 01}',
    'leading plus': '{"event_type": "HEARTBEAT", "timestamp": +1}',
    'no digit before the point': '{"event_type": "HEARTBEAT", "timestamp": .5}',
    'no digit after the point': '{"event_type": "HEARTBEAT", "timestamp": 1.}',
    'no exponent': '{"event_type": "HEARTBEAT", "timestamp": 1e}',
    'NaN': '{"event_type": "HEARTBEAT", "timestamp": NaN}',
    'Infinity': '{"event_type": "HEARTBEAT", "timestamp": Infinity}',
    'True': '{"event_type": "HEARTBEAT", "payload": True}',
    'unknown escape': '{"event_type": "HEART\\xBEAT"}',
    'short escape': '{"event_type": "HEART\\u12"}',
    'control character': '{"event_type": "HEART\tBEAT"}',
    'unfinished string': '{"event_type": "HEARTBEAT',
    'a byte order mark': '\ufeff{"event_type": "HEARTBEAT"}',
    'other white space': '{"event_type":\u00a0"HEARTBEAT"}',
    'too deep': '{"event_type": "HEARTBEAT", "payload": ' + '[' * 32 + ']' * 32 + '}',
    'very deep': '[' * 80000,
    'no event_type': '{"payload": {}}',
    'event_type is a number': '{"event_type": 7}',
    'event_type is null': '{"event_type": null}',
}

UUID = '00000000-0000-4000-8000-000000000000'


class Malformed(DaemonTest):

    def test_malformed(self):
        """What is no message gets MALFORMED_MESSAGE, before and after JOIN"""
        fresh, joined = self.connect(), self.join('a')
        for name, text in MALFORMED.items():
            for client in (fresh, joined):
                with self.subTest(name, joined=client is joined):
                    client.send_text(text)
                    error = client.expect_error('MALFORMED_MESSAGE')
                    self.assertTrue(error['message'])
        self.assert_quiet(fresh, joined)

    def test_deep_enough(self):
        """32 levels are not too many"""
        a = self.join('a')
        a.send_text('{"event_type": "HEARTBEAT", "x": ' + '[' * 31 + ']' * 31 + '}')
        a.next('HEARTBEAT_ACK')

    def test_white_space_and_escapes(self):
        """All that RFC 8259 allows is understood"""
        a, b = self.join('a'), self.join('b')
        text = ('\r\n\t {"event_type" :\t"CREATE_\\u004fBJECT" , "payload":{"object_id":"%s",'
                '"name":"\\u00fc\\ud83e\\udda6\\n\\"\\\\\\/","type":"cube",'
                '"transform":{"position":[1E0,-0.5e+1,20e-1],"rotation":[0,-0,0.0],'
                '"scale":[1,1,1]}}}\n')
        a.send_text(text.replace('\\n\\"', '\\"') % UUID)
        got = b.expect('OBJECT_CREATED')['payload']
        self.assertEqual(got['name'], 'ü🦦"\\/')
        self.assertEqual(got['transform']['position'], [1, -5, 2])

    def test_repeated_key(self):
        """A key that is there twice does no harm"""
        a = self.join('a')
        a.send_text('{"event_type": "X", "event_type": "HEARTBEAT"}')
        self.assertIn(a.receive()['event_type'], ('HEARTBEAT_ACK', 'ERROR'))
        self.assert_quiet(a)

    def test_unknown_event(self):
        """UNKNOWN_EVENT names it, and nothing else happens"""
        a, b = self.join('a'), self.join('b')
        a.barrier()
        for name in ('DANCE', 'join_session', 'OBJECT_CREATED', 'WELCOME', '', 'X' * 10000):
            with self.subTest(name):
                a.send(name, {'object_id': UUID}, event_id='e')
                error = a.expect_error('UNKNOWN_EVENT')
                self.assertEqual(error.get('event_id'), 'e')
        self.assert_quiet(a, b)

    def test_errors_are_told_to_the_sender_only(self):
        """Nobody else hears of another's mistakes"""
        a, b = self.join('a'), self.join('b')
        a.barrier()
        for text in MALFORMED.values():
            a.send_text(text)
        a.send('CREATE_OBJECT', {})
        a.barrier()
        self.assert_quiet(b)


class State(DaemonTest):
    """Right messages at the wrong time."""

    def test_before_join(self):
        """Everything but JOIN_SESSION is NOT_JOINED"""
        a = self.connect('a')
        for kind, payload in (('CREATE_OBJECT', an_object()),
                              ('DELETE_OBJECT', {'object_id': UUID}),
                              ('UPDATE_TRANSFORM', {'object_id': UUID, 'transform': place()}),
                              ('UPDATE_PROPERTIES', {'object_id': UUID, 'properties': {}}),
                              ('UPDATE_NAME', {'object_id': UUID, 'name': 'n'}),
                              ('SELECT_OBJECT', {'object_id': None}), ('LEAVE_SESSION', {}),
                              ('REQUEST_STATE_SYNC', {}), ('HEARTBEAT', {}), ('CLOSE_SESSION', {}),
                              ('KICK_USER', {'user_id': 'b'}), ('BATCH', {'events': []})):
            with self.subTest(kind):
                a.send(kind, payload)
                a.expect_error('NOT_JOINED')
        a.join()

    def test_already_joined(self):
        """ALREADY_JOINED for a second session"""
        a = self.join('a', 'one')
        a.send_join('two')
        a.expect_error('ALREADY_JOINED')
        a.send('HEARTBEAT')
        a.next('HEARTBEAT_ACK')

    def test_objects(self):
        """OBJECT_EXISTS, OBJECT_NOT_FOUND and CONFLICT name the object"""
        a, b = self.join('a'), self.join('b')
        cube = b.create(ack=True)
        gone = new_id()
        b.acked('UPDATE_NAME', {'object_id': cube, 'name': 'n'})
        a.barrier()
        for code, object_id, kind, payload, more in (
                ('OBJECT_EXISTS', cube, 'CREATE_OBJECT', an_object(cube), {}),
                ('OBJECT_NOT_FOUND', gone, 'UPDATE_NAME', {'object_id': gone, 'name': 'x'}, {}),
                ('CONFLICT', cube, 'UPDATE_NAME', {'object_id': cube, 'name': 'x'},
                 {'base_revision': 1})):
            with self.subTest(code):
                a.send(kind, payload, **more)
                self.assertEqual(a.expect_error(code)['object_id'], object_id)
                a.barrier()

    def test_envelope(self):
        """Errors come from the server, with a time and without a revision"""
        a = self.join('a')
        a.send('DANCE')
        error = a.next('ERROR')
        self.assertEqual(error['source_user_id'], 'server')
        self.assertLess(abs(error['timestamp'] - a.now()), 60000)
        self.assertNotIn('revision', error)


BAD_NUMBERS = {'a string': '1', 'null': None, 'true': True, 'an array': [1], 'an object': {},
               'too great': 3.5e38, 'too small': -3.5e38}
BAD_TEXTS = {'a number': 7, 'true': True, 'an array': ['x'], 'an object': {}}
BAD_IDS = {'empty': '', 'a word': 'cube', 'short': UUID[:-1], 'long': UUID + '0',
           'braces': '{' + UUID + '}', 'no dashes': UUID.replace('-', ''),
           'not hexadecimal': 'g' + UUID[1:], 'spaces': ' ' + UUID[1:],
           'wide digits': '０' + UUID[1:]}


def with_vector(part, index, value):
    transform = place()
    transform[part][index] = value
    return transform


class Invalid(DaemonTest):
    """Wrong shapes and ranges: INVALID_PAYLOAD, with the name of the field."""

    def setUp(self):
        super().setUp()
        self.a, self.b = self.join('a'), self.join('b')
        self.cube = self.a.create(ack=True)
        self.lamp = self.a.create('point_light', ack=True)
        self.sun = self.a.create('sun_light', ack=True)
        self.camera = self.a.create('camera', ack=True)
        self.b.barrier()
        self.before = self.a.full_sync()['objects']

    def tearDown(self):
        self.assert_quiet(self.b)
        self.assertEqual(self.b.full_sync()['objects'], self.before)

    def refuse(self, label, field, kind, payload, **more):
        with self.subTest(f'{kind} {field}: {label}'):
            self.a.send(kind, payload, **more)
            error = self.a.expect_error('INVALID_PAYLOAD', field)
            self.assertTrue(error['message'].startswith(field), error['message'])
            self.a.asked -= kind == 'HEARTBEAT'  # that one gets no other answer
            extra = [m for m in self.a.barrier() if not m['payload'].get('correction')]
            self.assertEqual(extra, [])

    def test_payload(self):
        """The payload must be an object"""
        for kind in ('CREATE_OBJECT', 'DELETE_OBJECT', 'UPDATE_TRANSFORM', 'UPDATE_PROPERTIES',
                     'UPDATE_NAME', 'SELECT_OBJECT', 'KICK_USER', 'BATCH'):
            for label, payload in (('array', []), ('string', 'x'), ('number', 1), ('true', True)):
                self.refuse(label, 'payload', kind, payload)
        for kind in ('CREATE_OBJECT', 'UPDATE_NAME'):
            message = self.a.envelope(kind)
            del message['payload']
            self.a.send_text(json.dumps(message))
            self.a.expect_error('INVALID_PAYLOAD', 'payload')

    def test_object_ids(self):
        """An object_id is the text of a UUID"""
        rest = {'CREATE_OBJECT': {'name': 'n', 'type': 'cube'}, 'DELETE_OBJECT': {},
                'UPDATE_TRANSFORM': {'transform': place()}, 'UPDATE_PROPERTIES': {'properties': {}},
                'UPDATE_NAME': {'name': 'n'}}
        for kind, others in rest.items():
            self.refuse('missing', 'payload.object_id', kind, others)
            self.refuse('null', 'payload.object_id', kind, {'object_id': None, **others})
            for label, value in {**BAD_IDS, **BAD_TEXTS}.items():
                self.refuse(label, 'payload.object_id', kind, {'object_id': value, **others})
        for label, value in {**BAD_IDS, **BAD_TEXTS}.items():
            self.refuse(label, 'payload.object_id', 'SELECT_OBJECT', {'object_id': value})
            self.refuse(label, 'payload.object_ids[1]', 'SELECT_OBJECT',
                        {'object_id': None, 'object_ids': [self.cube, value]})
        for value in ('x', 7, {}):
            self.refuse('no array', 'payload.object_ids', 'SELECT_OBJECT',
                        {'object_id': None, 'object_ids': value})

    def test_names(self):
        """A name has 1 to 255 bytes and no control characters"""
        bad = {'empty': '', 'too long': 'x' * 256, 'too many bytes': 'é' * 128,
               'new line': 'a\nb', 'NUL': 'a\0b', 'escape': 'a\x1b', 'DEL': 'a\x7f', **BAD_TEXTS}
        for label, value in bad.items():
            self.refuse(label, 'payload.name', 'UPDATE_NAME',
                        {'object_id': self.cube, 'name': value})
            self.refuse(label, 'payload.name', 'CREATE_OBJECT', an_object(name=value))
        for value in (None, ...):
            payload = {'object_id': self.cube, 'name': value}
            self.refuse('missing', 'payload.name', 'UPDATE_NAME',
                        {k: v for k, v in payload.items() if v is not ...})

    def test_lone_surrogates(self):
        """Half of a surrogate pair is no text"""
        for text in ('\\ud800', 'a\\udc00x', '\\ud83e\\ud83e', '\\udda6\\ud83e'):
            for field, message in (
                    ('payload.name', '{"event_type":"UPDATE_NAME","payload":'
                     '{"object_id":"%s","name":"%s"}}' % (self.cube, text)),
                    ('', '{"event_type":"HEARTBEAT","x":"%s"}' % text),
                    ('', '{"event_type":"HEARTBEAT","%s":1}' % text)):
                with self.subTest(text, field=field):
                    self.a.send_text(message)
                    if field:
                        self.a.expect_error('INVALID_PAYLOAD', field)
                    else:  # ignored with what it is in, or refused
                        self.assertIn(self.a.receive()['event_type'], ('HEARTBEAT_ACK', 'ERROR'))
                    self.a.barrier()

    def test_types(self):
        """Only the seven types, in lower case"""
        for label, value in {'unknown': 'cone', 'upper case': 'Cube', 'empty': '', 'null': None,
                             **BAD_TEXTS}.items():
            self.refuse(label, 'payload.type', 'CREATE_OBJECT', an_object(type=value))

    def test_assets(self):
        """An asset_ref needs both names, at most 255 bytes; a library is a file name"""
        for field in ('asset_id', 'asset_library'):
            for label, value in {'null': None, 'empty': '', 'long': 'x' * 256, 'bytes': 'é' * 128,
                                 **BAD_TEXTS}.items():
                self.refuse(label, f'payload.{field}', 'CREATE_OBJECT',
                            an_object(kind='asset_ref', **{field: value}))
        for label, value in {'path': 'dir/a.blend', 'root': '/a.blend', 'up': '../a.blend',
                             'windows': 'C:\\a.blend', 'relative': '//a.blend'}.items():
            self.refuse(label, 'payload.asset_library', 'CREATE_OBJECT',
                        an_object(kind='asset_ref', asset_library=value))

    def test_transforms(self):
        """Three vectors of three finite numbers"""
        def refuse(label, field, transform):
            self.refuse(label, field, 'UPDATE_TRANSFORM',
                        {'object_id': self.cube, 'transform': transform})
        for part in ('position', 'rotation', 'scale'):
            for index in range(3):
                for label, value in BAD_NUMBERS.items():
                    refuse(label, f'payload.transform.{part}[{index}]',
                           with_vector(part, index, value))
            for label, value in (('two', [1, 2]), ('four', [1, 2, 3, 4]), ('none', []),
                                 ('text', 'x'), ('number', 1), ('object', {'x': 1})):
                refuse(label, f'payload.transform.{part}', dict(place(), **{part: value}))
            transform = place()
            del transform[part]
            refuse('missing', f'payload.transform.{part}', transform)
        for label, value in (('array', [1, 2, 3]), ('null', None), ('text', 'x')):
            refuse(label, 'payload.transform', value)
        self.refuse('in a CREATE', 'payload.transform.scale[2]', 'CREATE_OBJECT',
                    an_object(transform=with_vector('scale', 2, 1e39)))
        self.a.send_text('{"event_type":"UPDATE_TRANSFORM","payload":{"object_id":"%s","transform":'
                         '{"position":[1e999,0,0],"rotation":[0,0,0],"scale":[1,1,1]}}}'
                         % self.cube)
        self.a.expect_error('INVALID_PAYLOAD', 'payload.transform.position[0]')

    def test_sent_at(self):
        """sent_at is a number"""
        for label, value in (('text', 'x'), ('array', []), ('true', True)):
            self.refuse(label, 'payload.sent_at', 'UPDATE_TRANSFORM',
                        {'object_id': self.cube, 'transform': place(), 'sent_at': value})

    def test_properties(self):
        """Each property has its shape and range"""
        lengths = ('focal_length', 'sensor_width', 'clip_start', 'clip_end')
        cases = [(self.camera, name, value) for name in lengths
                 for value in (0, -1, 'x', [1], True, 1e39)]
        cases += [(self.lamp, 'radius', v) for v in (-0.1, 'x', 1e39)]
        cases += [(self.lamp, 'power', v) for v in ('x', [], 1e39)]
        cases += [(self.sun, 'angle', v) for v in (-0.1, 3.1416, 'x')]
        cases += [(self.sun, 'intensity', v) for v in ('x', {}, -1e39)]
        cases += [(i, 'color', v) for i in (self.lamp, self.sun)
                  for v in ('red', [1, 1], [1, 1, 1, 1], 1)]
        for object_id, name, value in cases:
            self.refuse(repr(value), f'payload.properties.{name}', 'UPDATE_PROPERTIES',
                        {'object_id': object_id, 'properties': {name: value}})
        for index, value in ((0, -0.1), (1, 'x'), (2, 1e39)):
            color = [1, 1, 1]
            color[index] = value
            self.refuse(repr(value), f'payload.properties.color[{index}]', 'UPDATE_PROPERTIES',
                        {'object_id': self.lamp, 'properties': {'color': color}})
        for value in ([], 'x', None):
            self.refuse(repr(value), 'payload.properties', 'UPDATE_PROPERTIES',
                        {'object_id': self.lamp, 'properties': value})
        self.refuse('in a CREATE', 'payload.properties.radius', 'CREATE_OBJECT',
                    an_object(kind='point_light', properties={'radius': -1}))

    def test_envelope(self):
        """The envelope's own members"""
        rename = ('UPDATE_NAME', {'object_id': self.cube, 'name': 'x'})
        for label, value in {'text': 'now', 'array': [], 'true': True, 'too great': 2**53 + 2,
                             'huge': 10**30}.items():
            self.refuse(label, 'timestamp', *rename, timestamp=value)
        for label, value in {'text': '1', 'negative': -1, 'fraction': 1.5, 'array': [],
                             'too great': 2**53 + 2, 'huge': 10**30}.items():
            self.refuse(label, 'base_revision', *rename, base_revision=value)
        for label, value in {'long': 'x' * 65, 'number': 1, 'array': [], 'empty': ''}.items():
            self.refuse(label, 'event_id', *rename, event_id=value)
        for label, value in {'number': 1, 'array': [], 'object': {}}.items():
            self.refuse(label, 'source_user_id', *rename, source_user_id=value)

    def test_revisions(self):
        """A revision is a whole number"""
        for kind in ('HEARTBEAT', 'REQUEST_STATE_SYNC'):
            for label, value in {'text': '1', 'negative': -1, 'fraction': 0.5, 'array': [],
                                 'too great': 2**53 + 2}.items():
                self.refuse(label, 'payload.revision', kind, {'revision': value})

    def test_host_verbs(self):
        """Reasons are text"""
        for label, value in BAD_TEXTS.items():
            self.refuse(label, 'payload.reason', 'CLOSE_SESSION', {'reason': value})
            self.refuse(label, 'payload.reason', 'KICK_USER',
                        {'user_id': 'nobody', 'reason': value})

    def test_long_integers(self):
        """An integer beyond 2^53 is refused, not rounded"""
        self.a.send_text('{"event_type":"REQUEST_STATE_SYNC",'
                         '"payload":{"revision":9007199254740993}}')
        self.a.expect_error('INVALID_PAYLOAD', 'payload.revision')
        self.a.send_text('{"event_type":"UPDATE_NAME","base_revision":99999999999999999999999,'
                         '"payload":{"object_id":"%s","name":"x"}}' % self.cube)
        self.a.expect_error('INVALID_PAYLOAD', 'base_revision')
        self.a.barrier()


class InvalidJoin(DaemonTest):
    """JOIN_SESSION, field by field; the connection may try again."""

    def refuse(self, label, field, payload=None, **more):
        with self.subTest(f'{field}: {label}'):
            self.client.send_join(payload=payload, **more)
            self.client.expect_error('INVALID_PAYLOAD', field)

    def test_join(self):
        """Every field of a JOIN"""
        self.client = self.connect('a')
        for label, value in {'empty': '', 'long': 's' * 65, 'slash': 'a/b', 'space': 'a b',
                             'umlaut': 'ü', 'NUL': 'a\0', 'null': None, **BAD_TEXTS}.items():
            self.refuse(label, 'payload.session_id', {'session_id': value})
        for label, value in {'empty': '', 'long': 'n' * 65, 'long otters': '🦦' * 65,
                             'new line': 'a\nb', 'NUL': 'a\0', 'null': None, **BAD_TEXTS}.items():
            self.refuse(label, 'payload.display_name', {'display_name': value})
        for label, value in {'empty': '', 'long': 'u' * 65, 'umlaut': 'ü', 'new line': 'a\n',
                             'missing': ..., 'number': 7, 'null': None}.items():
            self.refuse(label, 'source_user_id', source_user_id=value)
        for label, value in {'text': 'batch', 'number': 1, 'object': {}}.items():
            self.refuse(label, 'payload.capabilities', {'capabilities': value})
        self.refuse('number', 'payload.capabilities[1]', {'capabilities': ['batch', 1]})
        self.refuse('text', 'payload.resume', {'resume': 'x'})
        self.refuse('no epoch', 'payload.resume.epoch', {'resume': {'revision': 1}})
        self.refuse('no revision', 'payload.resume.revision', {'resume': {'epoch': new_id()}})
        self.refuse('negative', 'payload.resume.revision',
                    {'resume': {'epoch': new_id(), 'revision': -1}})
        self.refuse('too great', 'payload.resume.revision',
                    {'resume': {'epoch': new_id(), 'revision': 2**53 + 2}})
        self.refuse('number', 'payload.resume_token', {'resume_token': 7})
        self.refuse('text', 'payload.client', {'client': 'blender'})
        for label, value in (('text', 'one'), ('array', [1])):
            self.refuse(label, 'payload.protocol_version', {'protocol_version': value})
        self.client.send('JOIN_SESSION', [])
        self.client.expect_error('INVALID_PAYLOAD', 'payload')
        for version in (0, 2, 99):
            self.client.send_join(payload={'protocol_version': version})
            self.client.expect_error('UNSUPPORTED_VERSION')
        self.client.join()


if __name__ == '__main__':
    tap.main()
