# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What only the host may do: close the session, send somebody away."""

from support import tap
from support.case import DaemonTest
from support.client import an_object
from support.clock import ClockTest


def try_join(client, session='test', **more):
    """The code of the ERROR that a JOIN gets, or None."""
    client.send_join(session, **more)
    while True:
        message = client.receive()
        if message['event_type'] == 'ERROR':
            return message['payload']['code']
        if message['event_type'].endswith('_SYNC'):
            client.sync = message['payload']
            client.token = client.sync['you']['resume_token']
            return None


class Close(DaemonTest):

    def setUp(self):
        super().setUp()
        self.host, self.guest = self.join('host'), self.join('guest')
        self.host.create(ack=True)
        self.host.barrier()
        self.guest.barrier()

    def test_close(self):
        """Everybody is told why, and closed with 4003"""
        epoch = self.host.sync['epoch']
        self.host.send('CLOSE_SESSION', {'reason': 'lunch'})
        for client in (self.guest, self.host):
            messages = client.expect_closed(4003)
            closed = [m for m in messages if m['event_type'] == 'SESSION_CLOSED']
            self.assertEqual([m['payload'] for m in closed], [{'reason': 'lunch'}])
        for name in ('host', 'guest'):
            self.assertEqual(try_join(self.connect(name)), 'SESSION_CLOSED')
        stranger = self.join('stranger')
        self.assertEqual((stranger.sync['revision'], stranger.sync['objects']), (0, {}))
        self.assertEqual(stranger.sync['host_user_id'], 'stranger')
        self.assertNotEqual(stranger.sync['epoch'], epoch)

    def test_refused_also_in_the_new_session(self):
        """Former users stay away for a minute even if the name lives again"""
        self.host.send('CLOSE_SESSION')
        self.guest.expect_closed(4003)
        self.join('stranger')
        self.assertEqual(try_join(self.connect('guest')), 'SESSION_CLOSED')
        self.assertIsNone(try_join(self.connect('guest'), 'elsewhere'))

    def test_without_a_reason(self):
        """A reason is optional, and so is the payload"""
        self.host.send('CLOSE_SESSION', {'reason': None})
        messages = self.guest.expect_closed(4003)
        self.assertIsInstance(messages[-1]['payload']['reason'], str)

    def test_guests_may_not(self):
        """FORBIDDEN for anybody else, and nothing happens"""
        self.guest.send('CLOSE_SESSION', {'reason': 'mutiny'})
        self.guest.expect_error('FORBIDDEN')
        self.guest.send('KICK_USER', {'user_id': 'host'})
        self.guest.expect_error('FORBIDDEN')
        self.assert_quiet(self.host)

    def test_closed_for_good(self):
        """A closed session does not come back with a restart"""
        self.host.send('CLOSE_SESSION')
        self.guest.expect_closed(4003)
        self.host.expect_closed(4003)
        for kill in (True, False):
            self.daemon.restart(kill=kill)
            stranger = self.join('stranger')
            self.assertEqual(stranger.sync['objects'], {})
            stranger.close()

    def test_what_was_under_way_is_told(self):
        """Edits before the close reach the others before it"""
        self.host.send('CREATE_OBJECT', an_object(name='last'))
        self.host.send('CLOSE_SESSION')
        kinds = [m['event_type'] for m in self.guest.expect_closed(4003)]
        self.assertLess(kinds.index('OBJECT_CREATED'), kinds.index('SESSION_CLOSED'))


class Kick(DaemonTest):

    def setUp(self):
        super().setUp()
        self.host, self.guest, self.other = (self.join(n) for n in ('host', 'guest', 'other'))
        self.host.barrier()
        self.other.barrier()

    def test_kick(self):
        """The user is closed with 4002 and refused; the others are told; nobody else is touched"""
        self.host.send('KICK_USER', {'user_id': 'guest', 'reason': 'noise'})
        self.guest.expect_closed(4002)
        for client in (self.host, self.other):
            left = client.expect('USER_LEFT')['payload']
            self.assertEqual(left, {'user_id': 'guest', 'reason': 'kicked'})
        self.assertEqual(try_join(self.connect('guest')), 'KICKED')
        self.assertEqual(try_join(self.connect('guest'), token=self.guest.token), 'KICKED')
        self.assertIsNone(try_join(self.connect('guest'), 'elsewhere'))
        self.assertIsNone(try_join(self.connect('newcomer')))
        self.other.create()
        self.host.expect('OBJECT_CREATED')

    def test_reason(self):
        """The reason reaches the one who is kicked"""
        self.host.send('KICK_USER', {'user_id': 'guest', 'reason': 'noise'})
        messages = self.guest.expect_closed(4002)
        told = [m['payload'].get('message', '') for m in messages if m['event_type'] == 'ERROR']
        self.assertTrue('noise' in self.guest.closed.reason or any('noise' in t for t in told))

    def test_unknown_user(self):
        """Nobody of that name: an ERROR, and nothing else"""
        self.host.send('KICK_USER', {'user_id': 'ghost'})
        error = self.host.expect('ERROR')['payload']
        self.assertIn('user_id', error['message'])
        self.assert_quiet(self.other)

    def test_invalid(self):
        """KICK_USER needs a user_id"""
        for payload in ({}, {'user_id': 7}, {'user_id': ''}, {'user_id': 'u' * 65}):
            self.host.send('KICK_USER', payload)
            self.host.expect_error('INVALID_PAYLOAD', 'user_id')

    def test_before_join(self):
        """Neither is heard before JOIN"""
        client = self.connect('host')
        client.send('CLOSE_SESSION')
        client.expect_error('NOT_JOINED')
        client.send('KICK_USER', {'user_id': 'other'})
        client.expect_error('NOT_JOINED')


class Rights(DaemonTest):

    def setUp(self):
        super().setUp()
        self.host, self.guest = self.join('host'), self.join('guest')
        self.host.create(ack=True)
        self.token = self.host.token
        self.host.send('LEAVE_SESSION')
        self.host.barrier()
        self.host.close()

    def may(self, client):
        client.send('KICK_USER', {'user_id': 'nobody-of-that-name'})
        return client.expect('ERROR')['payload']['code'] != 'FORBIDDEN'

    def test_absent_host_stays_host(self):
        """Nobody inherits the rights"""
        self.assertFalse(self.may(self.guest))
        self.assertEqual(self.guest.full_sync()['host_user_id'], 'host')

    def test_name_is_not_enough(self):
        """The host's user_id without the token has no rights"""
        self.assertFalse(self.may(self.join('host')))

    def test_token(self):
        """With the token the host is the host again"""
        self.assertTrue(self.may(self.join('host', token=self.token)))

    def test_token_of_a_guest(self):
        """Another user's token gives nothing"""
        self.assertFalse(self.may(self.join('host', token=self.guest.token)))

    def test_token_of_the_last_visit(self):
        """Each visit's own token works for the next, also across restarts"""
        token = self.token
        for kill in (False, True, False):
            host = self.join('host', token=token)
            self.assertTrue(self.may(host))
            token = host.token
            self.daemon.restart(kill=kill)
        self.assertTrue(self.may(self.join('host', token=token)))

    def test_takeover_keeps_the_rights(self):
        """A host that takes over its own connection stays host"""
        host = self.join('host', token=self.token)
        again = self.join('host', token=host.token)
        host.expect_closed(4001)
        self.assertTrue(self.may(again))


class AMinuteLater(ClockTest):
    """The refusals end after 60 s; the daemon's clocks are set forward for it."""

    def test_kicked(self):
        """A kicked user may come back"""
        host, guest = self.join('host'), self.join('guest')
        host.create(ack=True)
        host.send('KICK_USER', {'user_id': 'guest'})
        guest.expect_closed(4002)
        self.move_clocks(55, 55)
        self.assertEqual(try_join(self.connect('guest')), 'KICKED')
        self.move_clocks(62, 62)
        guest = self.connect('guest')
        self.assertIsNone(try_join(guest))
        self.assertEqual(len(guest.sync['objects']), 1)

    def test_closed(self):
        """A closed session's users may begin a new one"""
        host = self.join('host')
        host.create(ack=True)
        host.send('CLOSE_SESSION')
        host.expect_closed(4003)
        self.assertEqual(try_join(self.connect('host')), 'SESSION_CLOSED')
        self.move_clocks(62, 62)
        host = self.connect('host')
        self.assertIsNone(try_join(host))
        self.assertEqual(host.sync['objects'], {})


if __name__ == '__main__':
    tap.main()
