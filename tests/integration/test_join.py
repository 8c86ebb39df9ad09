# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""How a client comes in and goes: WELCOME, JOIN_SESSION, LEAVE_SESSION."""

import json

from support import tap
from support.case import DaemonTest
from support.client import Closed, new_id


class Welcome(DaemonTest):

    def test_welcome(self):
        """The first message tells what server this is and what it takes"""
        welcome = self.connect().welcome
        self.assertEqual(welcome['source_user_id'], 'server')
        payload = welcome['payload']
        self.assertEqual(payload['protocol_version'], 1)
        self.assertIsInstance(payload['server_version'], str)
        self.assertLess(abs(payload['server_time'] - welcome['timestamp']), 1000)
        self.assertIn('batch', payload['capabilities'])
        self.assertIn('chunks', payload['capabilities'])
        self.assertEqual(payload['limits']['max_message_size'], 1048576)

    def test_limits_follow_the_flags(self):
        """The limits in WELCOME are the daemon's"""
        daemon = self.start('--max-message-size', '5000', '--max-users-per-session', '3')
        limits = self.connect(daemon=daemon).welcome['payload']['limits']
        self.assertEqual(limits['max_message_size'], 5000)
        self.assertEqual(limits['max_users_per_session'], 3)


class Join(DaemonTest):

    def test_first_is_host(self):
        """Who joins first creates the session and is its host"""
        a = self.join('a', display_name='Ada')
        self.assertEqual(a.sync['kind'], 'FULL_STATE_SYNC')
        self.assertEqual(a.sync['session_id'], 'test')
        self.assertEqual(a.sync['host_user_id'], 'a')
        self.assertEqual(a.sync['revision'], 0)
        self.assertEqual(a.sync['objects'], {})
        self.assertRegex(a.sync['epoch'], '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$')
        self.assertEqual(a.sync['you']['user_id'], 'a')
        self.assertTrue(a.sync['you']['resume_token'])
        me = a.sync['users']['a']
        self.assertEqual(me['display_name'], 'Ada')
        self.assertEqual(me['color'], a.sync['you']['color'])
        self.assertIsNone(me['selected_object'])
        self.assertEqual(me['selected_objects'], [])
        self.assertLess(abs(me['connected_at'] - a.now()), 60000)

    def test_others_are_told(self):
        """USER_JOINED goes to the others, not to the one who joined"""
        a = self.join('a')
        b = self.join('b', display_name='Ben')
        told = a.next('USER_JOINED')
        self.assertEqual(told['source_user_id'], 'b')
        self.assertEqual(told['payload'], {'user_id': 'b', 'display_name': 'Ben',
                                           'color': b.sync['you']['color']})
        self.assertNotIn('revision', told)
        self.assertEqual(b.sync['host_user_id'], 'a')
        self.assertEqual(set(b.sync['users']), {'a', 'b'})
        self.assert_quiet(a, b)

    def test_colours_differ(self):
        """Ten users have ten colours"""
        colours = {tuple(self.join(f'u{i}').sync['you']['color']) for i in range(10)}
        self.assertEqual(len(colours), 10)
        for colour in colours:
            self.assertTrue(all(isinstance(v, int) and 0 <= v <= 255 for v in colour))

    def test_sessions_are_apart(self):
        """What happens in one session is not told in another"""
        a, b = self.join('a', 'one'), self.join('b', 'two')
        a.create(ack=True)
        self.assert_quiet(b)
        self.assertEqual(b.full_sync()['objects'], {})

    def test_same_user_in_two_sessions(self):
        """A user_id is unique within its session only"""
        self.join('a', 'one')
        self.assertEqual(set(self.join('a', 'two').sync['users']), {'a'})

    def test_user_ids_are_compared_byte_by_byte(self):
        """A and a are two users, and any printable ASCII is an id"""
        self.join('A')
        self.join('a')
        strange = ' !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'
        self.assertEqual(set(self.join(strange).sync['users']), {'A', 'a', strange})

    def test_longest_names(self):
        """64 characters are not too many, and characters are not bytes"""
        user, session, shown = 'u' * 64, 's' * 64, '\U0001F9A6' * 64
        a = self.join(user, session, display_name=shown)
        self.assertEqual(a.sync['users'][user]['display_name'], shown)

    def test_unknown_members_are_ignored(self):
        """Capabilities, members and a client's name that the server does not know do no harm"""
        a = self.join('a', capabilities=['batch', 'telepathy'], future=[1, {'x': None}],
                      payload={'client': {'name': 'test', 'version': '1', 'os': 'x'},
                               'protocol_version': 1, 'more': {}})
        self.assertEqual(a.sync['kind'], 'FULL_STATE_SYNC')

    def test_null_members_are_absent(self):
        """null means "not given" """
        a = self.connect('a')
        a.send_join(payload={'protocol_version': None, 'capabilities': None, 'resume': None,
                             'resume_token': None, 'client': None}, event_id=None)
        self.assertEqual(a.read_sync()['kind'], 'FULL_STATE_SYNC')

    def test_without_timestamp(self):
        """A client without a clock may join and edit"""
        a, b = self.join('a', timestamp=...), self.join('b')
        a.create(ack=False)
        b.expect('OBJECT_CREATED')

    def test_unsupported_version(self):
        """A protocol version that is not spoken is refused, and named"""
        a = self.connect('a')
        a.send_join(payload={'protocol_version': 2})
        a.expect_error('UNSUPPORTED_VERSION', '1')
        a.join()

    def test_join_again_is_a_sync(self):
        """JOIN of the session one is in asks for the state; nobody else notices"""
        a, b = self.join('a'), self.join('b')
        cube = a.create(ack=True)
        a.barrier()
        again = a.join()
        self.assertEqual(again['kind'], 'FULL_STATE_SYNC')
        self.assertIn(cube, again['objects'])
        self.assertEqual([m['event_type'] for m in b.barrier()], ['OBJECT_CREATED'])

    def test_join_of_another(self):
        """JOIN of a second session is refused; LEAVE first helps"""
        a = self.join('a', 'one')
        a.send_join('two')
        a.expect_error('ALREADY_JOINED')
        a.send('LEAVE_SESSION')
        self.assertEqual(a.join('two')['session_id'], 'two')


class Leave(DaemonTest):

    def reasons(self, client):
        return [(m['payload']['user_id'], m['payload']['reason'])
                for m in client.barrier() if m['event_type'] == 'USER_LEFT']

    def test_leave_keeps_the_socket(self):
        """LEAVE_SESSION tells the others; the socket may join again"""
        a, b = self.join('a'), self.join('b')
        b.send('LEAVE_SESSION')
        left = a.expect('USER_LEFT')
        self.assertEqual(left['source_user_id'], 'b')
        self.assertEqual(left['payload'], {'user_id': 'b', 'reason': 'left'})
        b.send('HEARTBEAT')
        b.expect_error('NOT_JOINED')
        b.join()
        self.assertEqual(a.next('USER_JOINED')['payload']['user_id'], 'b')

    def test_nothing_comes_after_leaving(self):
        """Who has left is told nothing of the session"""
        a, b = self.join('a'), self.join('b')
        b.send('LEAVE_SESSION')
        b.barrier()
        a.create(ack=True)
        self.assert_quiet(b)

    def test_leave_without_payload(self):
        """LEAVE_SESSION needs no payload"""
        for payload in (None, ...):
            a = self.join('a')
            message = a.envelope('LEAVE_SESSION')
            message['payload'] = payload
            a.ws.send_text(json.dumps(
                {k: v for k, v in message.items() if v is not ...}))
            self.assert_quiet(a)
            a.send('HEARTBEAT')
            a.expect_error('NOT_JOINED')

    def test_disconnect(self):
        """A close frame, an end of stream and a reset are all "disconnected" """
        a = self.join('a')
        b, c, d = self.join('b'), self.join('c'), self.join('d')
        a.barrier()
        b.ws.send_close()
        self.assertEqual(b.ws.wait_closed().code, 1000)
        c.ws.close()
        d.ws.reset()
        seen = {a.expect('USER_LEFT')['payload']['user_id']: None for _ in range(3)}
        self.assertEqual(set(seen), {'b', 'c', 'd'})
        for message in a.messages:
            if message['event_type'] == 'USER_LEFT':
                self.assertEqual(message['payload']['reason'], 'disconnected')

    def test_first_leaves(self):
        """An absent host stays the host"""
        a, b = self.join('a'), self.join('b')
        a.close()
        b.expect('USER_LEFT')
        self.assertEqual(b.full_sync()['host_user_id'], 'a')
        self.assertEqual(set(b.sync['users']), {'b'})

    def test_forgotten_when_it_never_changed(self):
        """A session in which nothing was ever made has no memory of its host"""
        a = self.join('a')
        epoch = a.sync['epoch']
        a.send('LEAVE_SESSION')
        a.barrier()
        b = self.join('b')
        self.assertEqual(b.sync['host_user_id'], 'b')
        self.assertNotEqual(b.sync['epoch'], epoch)

    def test_comes_and_goes_many_times(self):
        """Joining and leaving leaves nothing behind"""
        a = self.join('a')
        b = self.connect('b')
        for _ in range(100):
            b.join()
            b.send('LEAVE_SESSION')
        b.barrier()
        events = [m['event_type'] for m in a.barrier()]
        self.assertEqual(events, ['USER_JOINED', 'USER_LEFT'] * 100)
        self.assertEqual(set(a.full_sync()['users']), {'a'})


class Identity(DaemonTest):

    def test_speaking_for_another(self):
        """A message with another source_user_id is refused and does nothing"""
        a, b = self.join('a'), self.join('b')
        a.send('CREATE_OBJECT', {'object_id': new_id(), 'name': 'x', 'type': 'cube'},
               source_user_id='b')
        a.expect_error('USER_MISMATCH')
        self.assertEqual(a.full_sync()['revision'], 0)
        self.assert_quiet(b)

    def test_source_may_be_left_out(self):
        """After JOIN the connection knows who speaks"""
        a, b = self.join('a'), self.join('b')
        a.send('CREATE_OBJECT', {'object_id': new_id(), 'name': 'x', 'type': 'cube'},
               source_user_id=...)
        self.assertEqual(b.expect('OBJECT_CREATED')['source_user_id'], 'a')

    def test_id_in_use(self):
        """A present user_id without its token is refused when its owner answers pings"""
        a = self.join('a')
        thief = self.connect('a')
        thief.send_join()
        a.barrier()  # reads, and so answers the ping
        payload = None
        while payload is None:
            try:
                payload = thief.receive(0.05)
            except AssertionError:
                a.barrier()
        self.assertEqual(payload['payload'].get('code'), 'USER_ID_IN_USE')
        self.assertEqual(set(a.full_sync()['users']), {'a'})

    def test_wrong_token(self):
        """Any other token is as good as none"""
        a = self.join('a')
        thief = self.connect('a')
        thief.send_join(token='0' * len(a.token))
        while True:
            try:
                answer = thief.receive(0.05)
                break
            except AssertionError:
                a.barrier()
        self.assertEqual(answer['payload'].get('code'), 'USER_ID_IN_USE')

    def test_ghost(self):
        """An owner that answers no ping is a ghost: closed, and the JOIN proceeds"""
        watcher = self.join('watcher')
        ghost = self.join('a')
        ghost.ws.answer_pings = False
        a = self.join('a')
        self.assertEqual(set(a.sync['users']), {'a', 'watcher'})
        with self.assertRaises(Closed):
            while True:
                ghost.receive()
        kinds = [m['event_type'] for m in watcher.barrier()]
        self.assertEqual(kinds.count('USER_JOINED') - kinds.count('USER_LEFT'), 1)

    def test_takeover(self):
        """With the token a user takes over: the older socket gets 4001, nobody else notices"""
        watcher, a = self.join('watcher'), self.join('a')
        cube = watcher.create(ack=True)
        a.send('SELECT_OBJECT', {'object_id': cube})
        a.barrier()
        watcher.barrier()
        again = self.join('a', token=a.token)
        a.expect_closed(4001)
        self.assertEqual(again.sync['you']['color'], a.sync['you']['color'])
        self.assertEqual(again.sync['users']['a']['selected_object'], cube)
        self.assert_quiet(watcher)
        again.create()
        self.assertEqual(watcher.next('OBJECT_CREATED')['source_user_id'], 'a')

    def test_takeover_by_delta(self):
        """A takeover may resume"""
        a = self.join('a')
        a.acked_batch([('CREATE_OBJECT', {'object_id': new_id(), 'name': 'x', 'type': 'cube'})
                       for _ in range(50)])
        a.full_sync()
        again = self.join('a', token=a.token, resume=a.resume_point())
        self.assertEqual(again.sync['kind'], 'DELTA_SYNC')
        a.expect_closed(4001)


if __name__ == '__main__':
    tap.main()
