# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""RFC 6455, case by case, in the order of the Autobahn test suite's sections.

The server is no echo server: that a message arrived is seen in the answer to a HEARTBEAT, and that
it arrived as it was sent in the name of an object that another user is told. Each case is run
twice: the bytes at once, and one by one.
"""

import json
import socket
import struct
import unittest

from support import tap
from support.case import DaemonTest
from support.client import Client, an_object
from support.daemon import Daemon
from support.websocket import (BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Closed, Timeout,
                               encode_frame as frame)

HEARTBEAT = b'{"event_type":"HEARTBEAT"}'
# Longer input is sent in pieces of this odd size instead of byte by byte.
BYTEWISE_LIMIT = 3000
ODD_SIZE = 997


def padded(size):
    """A HEARTBEAT of so many bytes."""
    empty = b'{"event_type":"HEARTBEAT","x":""}'
    return empty[:-2] + b'*' * (size - len(empty)) + empty[-2:]


def split(data, size):
    """The data as a fragmented text message with parts of that size."""
    parts = [data[i:i + size] for i in range(0, len(data), size)] or [b'']
    return b''.join(frame(TEXT if i == 0 else CONTINUATION, part, fin=i == len(parts) - 1)
                    for i, part in enumerate(parts))


def close_frame(code=None, reason=b''):
    return frame(CLOSE, b'' if code is None else struct.pack('!H', code) + reason)


class Rfc6455(unittest.TestCase):
    """One daemon for all cases of a section; every case on a connection of its own."""

    @classmethod
    def setUpClass(cls):
        cls.daemon = Daemon()
        cls.addClassCleanup(cls.daemon.finish)
        cls.watcher = Client(cls.daemon, 'watcher')
        cls.watcher.join('rfc')

    def each_way(self, label, data, check):
        """Sends the data to a joined client in each way, and has the client checked."""
        for size in (len(data) or 1, 1 if len(data) <= BYTEWISE_LIMIT else ODD_SIZE):
            with self.subTest(label, pieces=size):
                client = Client(self.daemon)
                try:
                    client.join('rfc')
                    client.barrier()
                    try:
                        client.ws.send_slowly(data, size)
                    except (Closed, Timeout):
                        pass  # it was closed before all was sent
                    check(client)
                finally:
                    client.close()

    def next_answer(self, client):
        """The next message that is an answer and not somebody else's coming and going."""
        while True:
            message = client.receive()
            if message['event_type'] not in ('USER_JOINED', 'USER_LEFT', 'NAME_UPDATED'):
                return message

    def heard(self, label, data, count=1):
        """The data holds so many HEARTBEATs, and the connection lives on."""
        def check(client):
            for _ in range(count):
                self.assertEqual(self.next_answer(client)['event_type'], 'HEARTBEAT_ACK')
            client.ws.send_frame(TEXT, HEARTBEAT)
            self.assertEqual(self.next_answer(client)['event_type'], 'HEARTBEAT_ACK')
        self.each_way(label, data, check)

    def failed(self, label, data, *codes, heard=0):
        """The connection is failed with one of the codes, after so many answers."""
        def check(client):
            answers = [m['event_type'] for m in client.expect_closed()]
            self.assertEqual(answers.count('HEARTBEAT_ACK'), heard)
            self.assertIn(client.closed.code, codes)
            client.ws.sock.shutdown(socket.SHUT_WR)
            self.ends(client)
        self.each_way(label, data, check)

    def ends(self, client):
        """After the close frame comes the end of the stream (RFC 6455 7.1.1)."""
        with self.assertRaises(Closed) as end:
            client.ws.receive_frame()
        self.assertIsNone(end.exception.code)

    def control(self, client, opcode):
        """The next control frame of this kind."""
        while True:
            got = client.ws.receive_frame()
            if got.opcode == opcode:
                return got
            self.assertIn(got.opcode, (TEXT, PING), 'an unexpected frame')


class Section1Framing(Rfc6455):

    def test_text(self):
        """1.1: text of every form of length"""
        for size in (40, 125, 126, 127, 128, 65535, 65536):
            self.heard(size, frame(TEXT, padded(size)))

    def test_empty(self):
        """1.1.1: an empty message is a message (though not one of ours)"""
        def check(client):
            self.assertEqual(self.next_answer(client)['payload']['code'], 'MALFORMED_MESSAGE')
        self.each_way('empty', frame(TEXT, b''), check)

    def test_binary(self):
        """1.2: binary messages are refused with 1003 (RFC 6455 7.4.1), of whatever size"""
        for size in (0, 125, 126, 127, 128, 65535, 65536):
            self.failed(size, frame(BINARY, b'\xfe' * size), 1003)

    def test_masks(self):
        """Any mask, also zero; but there must be one (5.1)"""
        for key in (b'\0\0\0\0', b'\xff\xff\xff\xff', b'\1\2\3\4'):
            self.heard(key, frame(TEXT, HEARTBEAT, key=key))
        for opcode in (TEXT, PING, CLOSE):
            self.failed(opcode, frame(opcode, b'', mask=False) + frame(TEXT, HEARTBEAT), 1002)
        self.failed('after one', frame(TEXT, HEARTBEAT) + frame(TEXT, HEARTBEAT, mask=False), 1002,
                    heard=1)

    def test_lengths(self):
        """5.2: a length has as few bytes as will do, and its top bit is 0"""
        def check(client):  # a receiver may be lenient, but not confused
            try:
                self.assertEqual(self.next_answer(client)['event_type'], 'HEARTBEAT_ACK')
            except Closed as closed:
                self.assertEqual(closed.code, 1002)
        for label, size, form in (('16 for 7', 100, '16'), ('64 for 7', 100, '64'),
                                  ('64 for 16', 1000, '64')):
            self.each_way(label, frame(TEXT, padded(size), length=(form, size)), check)
        self.failed('top bit', frame(TEXT, b'', length=('64', 1 << 63)), 1002, 1009)


class Section2Pings(Rfc6455):

    def ponged(self, label, data, *payloads):
        def check(client):
            for payload in payloads:
                self.assertEqual(self.control(client, PONG).payload, payload)
            client.barrier()
        self.each_way(label, data, check)

    def test_payloads(self):
        """2.1 to 2.4: a ping is answered with what it carried"""
        for payload in (b'', b'Hello', b'\x00\xff\xfe\xfd\xfc\xfb\x00\xff', b'x' * 125):
            self.ponged(len(payload), frame(PING, payload), payload)

    def test_too_long(self):
        """2.5: a control frame has at most 125 bytes (5.5)"""
        self.failed(126, frame(PING, b'x' * 126), 1002)
        self.failed(70000, frame(PING, b'x' * 70000), 1002)

    def test_unsolicited_pong(self):
        """2.7 to 2.9: pongs that nobody asked for are nothing"""
        self.heard('pong', frame(PONG) + frame(TEXT, HEARTBEAT))
        self.heard('with payload', frame(PONG, b'unsolicited') + frame(TEXT, HEARTBEAT))
        self.ponged('and a ping', frame(PONG, b'x') + frame(PING, b'ping payload'), b'ping payload')

    def test_ten(self):
        """2.10, 2.11: ten pings are answered in order; the last at least, if some are merged"""
        data = b''.join(frame(PING, b'payload-%d' % i) for i in range(10))
        def check(client):
            seen = []
            while not seen or seen[-1] != b'payload-9':
                seen.append(self.control(client, PONG).payload)
            self.assertEqual(seen, sorted(set(seen)))
        self.each_way('ten', data, check)


class Section3ReservedBits(Rfc6455):

    def test_reserved_bits(self):
        """3.1 to 3.7: none was negotiated, so none may be set"""
        for rsv in range(1, 8):
            self.failed(rsv, frame(TEXT, HEARTBEAT, rsv=rsv), 1002)
            self.failed(f'{rsv} after a message',
                        frame(TEXT, HEARTBEAT) + frame(TEXT, HEARTBEAT, rsv=rsv), 1002, heard=1)
            self.failed(f'{rsv} on a ping', frame(PING, rsv=rsv), 1002)
            self.failed(f'{rsv} on a pong', frame(PONG, rsv=rsv), 1002)
            self.failed(f'{rsv} on a close', frame(CLOSE, struct.pack('!H', 1000), rsv=rsv), 1002)
            self.failed(f'{rsv} on a continuation', frame(TEXT, HEARTBEAT[:9], fin=False)
                        + frame(CONTINUATION, HEARTBEAT[9:], rsv=rsv), 1002)


class Section4Opcodes(Rfc6455):

    def test_reserved_opcodes(self):
        """4.1, 4.2: 3 to 7 and 11 to 15 mean nothing"""
        for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
            self.failed(opcode, frame(opcode), 1002)
            self.failed(f'{opcode} with payload', frame(opcode, b'reserved'), 1002)
            self.failed(f'{opcode} after a message', frame(TEXT, HEARTBEAT) + frame(opcode)
                        + frame(PING), 1002, heard=1)
            self.failed(f'{opcode} in a message', frame(TEXT, HEARTBEAT[:5], fin=False)
                        + frame(opcode, HEARTBEAT[5:]), 1002)


class Section5Fragmentation(Rfc6455):

    def test_fragmented_control(self):
        """5.1, 5.2: control frames are whole"""
        for opcode in (PING, PONG, CLOSE):
            self.failed(opcode, frame(opcode, b'\x03\xe8', fin=False) + frame(CONTINUATION), 1002)

    def test_fragments(self):
        """5.3 to 5.5: a message in parts, also empty ones, is one message"""
        for size in (1, 2, 7, 13, 25):
            self.heard(size, split(HEARTBEAT, size))
        self.heard('empty parts', frame(TEXT, b'', fin=False) + frame(CONTINUATION, b'', fin=False)
                   + frame(CONTINUATION, HEARTBEAT, fin=False) + frame(CONTINUATION, b''))

    def test_control_between(self):
        """5.6 to 5.8, 5.19, 5.20: pings between the parts are answered at once"""
        data = (frame(TEXT, HEARTBEAT[:5], fin=False) + frame(PING, b'1') + frame(PONG)
                + frame(CONTINUATION, HEARTBEAT[5:9], fin=False) + frame(PING, b'2'))
        def check(client):
            self.assertEqual(self.control(client, PONG).payload, b'1')
            self.assertEqual(self.control(client, PONG).payload, b'2')
            client.ws.send_frame(CONTINUATION, HEARTBEAT[9:])
            self.assertEqual(self.next_answer(client)['event_type'], 'HEARTBEAT_ACK')
        self.each_way('pings', data, check)

    def test_nothing_to_continue(self):
        """5.9 to 5.14: a continuation needs a beginning"""
        for fin in (True, False):
            self.failed(fin, frame(CONTINUATION, HEARTBEAT, fin=fin) + frame(TEXT, HEARTBEAT), 1002)
        self.failed('after a message', split(HEARTBEAT, 9) + frame(CONTINUATION, b'x'), 1002,
                    heard=1)

    def test_new_before_the_end(self):
        """5.15 to 5.18: a message must end before the next begins"""
        for opcode in (TEXT, BINARY):
            self.failed(opcode, frame(TEXT, HEARTBEAT[:9], fin=False) + frame(opcode, HEARTBEAT),
                        1002)
            self.failed(f'{opcode} in parts', frame(TEXT, HEARTBEAT[:9], fin=False)
                        + frame(opcode, HEARTBEAT, fin=False), 1002)


VALID = ('κόσμε', 'Hello-µ@ßöäüàá-UTF-8!!', '\u00a0', '\u07ff', '\u0800', '\ud7ff', '\ue000',
         '\uffff', '\U00010000', '\U0010ffff', '\ufdd0', '\ufffe', '\ufffd', '\U0001fffe', '🦦' * 20)
INVALID = {
    'lone continuation': b'\x80', 'last continuation': b'\xbf', 'two': b'\x80\xbf',
    'six': b'\x80\xbf' * 3,
    'start of two, then space': b'\xc3 ', 'start of three, then space': b'\xe2 ',
    'start of four, then space': b'\xf0 ', 'start of five': b'\xf8\x88\x80\x80\x80',
    'start of six': b'\xfc\x84\x80\x80\x80\x80', 'cut two': b'\xc3', 'cut three': b'\xe2\x82',
    'cut four': b'\xf0\x9f\xa6', 'fe': b'\xfe', 'ff': b'\xff', 'fe fe ff ff': b'\xfe\xfe\xff\xff',
    'overlong 2': b'\xc0\xaf', 'overlong 3': b'\xe0\x80\xaf', 'overlong 4': b'\xf0\x80\x80\xaf',
    'overlong 5': b'\xf8\x80\x80\x80\xaf', 'overlong 6': b'\xfc\x80\x80\x80\x80\xaf',
    'greatest overlong 2': b'\xc1\xbf', 'greatest overlong 3': b'\xe0\x9f\xbf',
    'greatest overlong 4': b'\xf0\x8f\xbf\xbf', 'overlong NUL 2': b'\xc0\x80',
    'overlong NUL 3': b'\xe0\x80\x80', 'first surrogate': b'\xed\xa0\x80',
    'last surrogate': b'\xed\xbf\xbf',
    'a pair of surrogates': b'\xed\xa0\xbd\xed\xb8\x80', 'beyond the last': b'\xf4\x90\x80\x80',
    'far beyond': b'\xf7\xbf\xbf\xbf',
    'in the middle': 'κόσμε'.encode() + b'\xed\xa0\x80edited',
}


class Section6Utf8(Rfc6455):

    def test_valid(self):
        """6.1, 6.2, 6.5, 6.7, 6.9, 6.11, 6.13, 6.22: every kind of character arrives as it was"""
        for text in VALID:
            for parts in (1000, 1, 3):
                item = an_object(name=f'[{text}]')
                message = {'event_type': 'CREATE_OBJECT', 'payload': item}
                data = split(json.dumps(message, ensure_ascii=False).encode(), parts)

                def check(client):
                    client.barrier()
                    told = self.watcher.expect('OBJECT_CREATED')['payload']
                    self.assertEqual(told['name'], item['name'])
                    self.watcher.send('DELETE_OBJECT', {'object_id': item['object_id']})
                    self.watcher.barrier()
                self.each_way(f'{text} in parts of {parts}', data, check)

    def test_invalid(self):
        """6.3 to 6.21: what is not UTF-8 ends the connection with 1007"""
        for label, data in INVALID.items():
            text = b'{"event_type":"HEARTBEAT","x":"' + data + b'"}'
            self.failed(label, frame(TEXT, text), 1007)
            self.failed(f'{label} in parts', split(text, 1), 1007)
            self.failed(f'{label} alone', frame(TEXT, data), 1007)

    def test_cut_at_the_end(self):
        """6.4: a message that ends within a character"""
        self.failed('cut', split(b'{"x":"\xf0\x9f', 3), 1007)


class Section7Close(Rfc6455):

    def answered(self, label, data, *codes):
        """The server answers the close with a close, and ends the connection."""
        def check(client):
            got = self.control(client, CLOSE)
            code = struct.unpack('!H', got.payload[:2])[0] if got.payload else None
            self.assertIn(code, codes)
            self.ends(client)
        self.each_way(label, data, check)

    def test_close(self):
        """7.1.1: an answer, then a close"""
        def check(client):
            self.assertEqual(self.next_answer(client)['event_type'], 'HEARTBEAT_ACK')
            self.assertEqual(client.ws.wait_closed().code, 1000)
            self.ends(client)
        self.each_way('close', frame(TEXT, HEARTBEAT) + close_frame(1000), check)

    def test_after_the_close(self):
        """7.1.2 to 7.1.6: whatever comes after a close is not heard"""
        for after in (close_frame(1000), frame(PING, b'x'), frame(TEXT, HEARTBEAT),
                      frame(CONTINUATION, b'x'), frame(TEXT, padded(60000))):
            def check(client):
                self.assertEqual(self.control(client, CLOSE).payload, struct.pack('!H', 1000))
                self.ends(client)
            self.each_way(after[:2], close_frame(1000) + after, check)

    def test_within_a_message(self):
        """7.1.5: a close between fragments ends it"""
        self.answered('fragments', frame(TEXT, HEARTBEAT[:9], fin=False) + close_frame(1000), 1000)

    def test_payloads(self):
        """7.3: none, one byte (wrong), a code, a reason, one that is too long"""
        self.answered('none', close_frame(), None, 1000)
        self.failed('one byte', frame(CLOSE, b'\x03'), 1002)
        self.answered('code', close_frame(1000), 1000)
        self.answered('reason', close_frame(1000, b'Hello World!'), 1000)
        self.answered('longest reason', close_frame(1000, b'x' * 123), 1000)
        self.failed('too long', frame(CLOSE, struct.pack('!H', 1000) + b'x' * 124), 1002)

    def test_reason_is_text(self):
        """7.5.1: a reason is UTF-8"""
        self.answered('valid', close_frame(1000, 'κόσμε'.encode()), 1000)
        self.failed('invalid', close_frame(1000, b'\xce\xba\xe1\xbd\xb9\xed\xa0\x80'), 1007, 1002)

    def test_valid_codes(self):
        """7.7: codes that may be sent are sent back"""
        for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999):
            self.answered(code, close_frame(code), code, 1000)

    def test_invalid_codes(self):
        """7.9: codes that may not be sent are errors"""
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535):
            self.failed(code, close_frame(code), 1002)


class Section9Sizes(Rfc6455):

    def test_messages(self):
        """9.1: up to the limit of 1 MiB"""
        for size in (64 << 10, 256 << 10, 1 << 20):
            self.heard(size, frame(TEXT, padded(size)))

    def test_fragments(self):
        """9.3: in fragments of many sizes"""
        for size in (64, 256, 1024, 4096, 65536, 1 << 20):
            self.heard(size, split(padded(256 << 10), size))

    def test_segments(self):
        """9.5: in segments of many sizes"""
        data = frame(TEXT, padded(64 << 10))
        for size in (64, 128, 256, 512, 1024, 2048):
            client = Client(self.daemon)
            client.join('rfc')
            client.ws.send_slowly(data, size)
            client.expect('HEARTBEAT_ACK')
            client.close()

    def test_beyond(self):
        """Beyond it: 1009"""
        self.failed('one frame', frame(TEXT, padded((1 << 20) + 1)), 1009)
        self.failed('fragments', split(padded((1 << 20) + 1), 65536), 1009)


class Section10Misc(DaemonTest):

    def test_byte_by_byte(self):
        """10.1: a whole conversation, from the handshake on, byte by byte"""
        client = self.connect()

        def send(event_type, payload):
            message = json.dumps(client.envelope(event_type, payload)).encode()
            client.ws.send_slowly(frame(TEXT, message))

        send('JOIN_SESSION', {'session_id': 'slow', 'display_name': 'x'})
        client.expect('FULL_STATE_SYNC')
        send('HEARTBEAT', {})
        client.next('HEARTBEAT_ACK')
        client.ws.send_slowly(split(padded(500), 3))
        client.next('HEARTBEAT_ACK')
        client.ws.send_slowly(close_frame(1000))
        self.assertEqual(client.ws.wait_closed().code, 1000)

    def test_many_in_one_segment(self):
        """A thousand messages in one write are a thousand messages"""
        client = self.join('a')
        client.ws.send_raw(frame(TEXT, HEARTBEAT) * 1000)
        for _ in range(1000):
            client.next('HEARTBEAT_ACK')


if __name__ == '__main__':
    tap.main()
