# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Real proxies with the configurations of deploy/, a real daemon behind them, and clients that speak
wss to them."""

import base64
import http.client
import json
import re
import unittest

from support import tap
from support.case import DaemonTest
from support.client import Client, an_object
from support.proxy import DEPLOY, Caddy, Nginx
from support.websocket import Refused


class Through:
    """What must work through any proxy."""

    flags = ('--connection-rate', '0')
    kind = None

    def setUp(self):
        super().setUp()
        self.proxy = self.put_before(self.daemon)

    def put_before(self, daemon, **how):
        proxy = self.kind(daemon.port, **how)
        self.addCleanup(proxy.finish)
        return proxy

    def enter(self, user_id, proxy=None, **more):
        """A client that joins through the proxy."""
        client = Client(proxy or self.proxy, user_id)
        self.addCleanup(client.close)
        client.join(**more)
        return client

    def test_large_messages(self):
        """Long messages to the server, and a large scene from it"""
        a = self.enter('a')
        a.send('HEARTBEAT', {'x': 'y' * 500000})
        a.expect('HEARTBEAT_ACK')
        for _ in range(4):
            a.acked_batch([('CREATE_OBJECT', an_object(name='n' * 250)) for _ in range(500)])
        b = self.enter('b')
        self.assertEqual(len(b.sync['objects']), 2000)
        self.assertGreater(len(json.dumps(b.sync)), 1000000)
        c = self.enter('c', capabilities=['chunks'])
        self.assert_same_scene(c.sync['objects'], b.sync['objects'])

    def test_both_ways(self):
        """Edits reach the others, in order and at once"""
        a, b = self.enter('a'), self.enter('b')
        ids = [a.create() for _ in range(100)]
        self.assertEqual([b.expect('OBJECT_CREATED')['payload']['object_id'] for _ in ids], ids)
        a.send('LEAVE_SESSION')
        self.assertEqual(b.expect('USER_LEFT')['payload']['reason'], 'left')

    def test_close_codes(self):
        """Why the server closes is told"""
        a, b = self.enter('a'), self.enter('b')
        a.send('KICK_USER', {'user_id': 'b', 'reason': 'too loud'})
        b.expect_closed(4002)

    def test_daemon_restarts(self):
        """502 while the daemon is away; then clients resume where they were"""
        a = self.enter('a')
        for _ in range(50):
            a.create(ack=True)
        point, token = a.resume_point(), a.token
        self.assertEqual(self.daemon.stop(), 0)
        a.expect_closed(1001)
        self.assertEqual(self.proxy.get('/healthz')[0], 502)
        with self.assertRaises(Refused) as refused:
            self.proxy.connect()
        self.assertEqual(refused.exception.status, 502)

        self.daemon.flags += ['--listen', f'127.0.0.1:{self.daemon.port}']
        self.daemon.process.stdout.close()
        self.daemon.start()
        back = self.enter('a', resume=point, token=token)
        self.assertEqual((back.sync['kind'], back.sync['events']), ('DELTA_SYNC', []))

    def test_refusals_pass(self):
        """What the daemon refuses is refused, with its own words"""
        full = self.start('--max-connections', '1')
        proxy = self.put_before(full)
        self.enter('a', proxy)
        with self.assertRaises(Refused) as refused:
            proxy.connect()
        self.assertEqual(refused.exception.status, 503)
        self.assertIn(b'error', refused.exception.body)

    def test_paths(self):
        """Health is there for everybody, the metrics are not, and http leads to https"""
        status, _, body = self.proxy.get('/healthz')
        self.assertEqual((status, json.loads(body)), (200, {'status': 'ok'}))
        for path in ('/metrics', '/', '/ws/', '/nothing'):
            self.assertEqual(self.proxy.get(path)[0], 404, path)
        plain = http.client.HTTPConnection('127.0.0.1', self.proxy.plain_port, timeout=20)
        plain.request('GET', '/ws', headers={'Host': 'localhost'})
        answer = plain.getresponse()
        self.assertIn(answer.status, (301, 308))
        self.assertTrue(answer.getheader('Location').startswith('https://localhost'))
        plain.close()

    def test_origins(self):
        """A page of the proxy's own host may connect, another may not"""
        self.proxy.connect(headers=[f'Origin: https://localhost:{self.proxy.port}']).close()
        with self.assertRaises(Refused) as refused:
            self.proxy.connect(headers=['Origin: https://evil.example'])
        self.assertEqual(refused.exception.status, 403)

    def is_limited(self, proxy, tries=18, **how):
        """Whether the daemon refuses one of so many connections; that many the proxy takes."""
        for _ in range(tries):
            try:
                proxy.connect(**how).close()
            except Refused as refused:
                self.assertEqual(refused.status, 429)
                self.assertIn('retry-after', refused.headers)
                return True
        return False

    def test_limits_count_clients(self):
        """The daemon's limits are each client's own, and nobody can pretend to be another one"""
        daemon = self.start('--connection-rate', '1', '--trusted-proxy', '127.0.0.1')
        proxy = self.put_before(daemon)
        self.assertTrue(self.is_limited(proxy, source='127.0.0.2'))
        self.assertTrue(self.is_limited(proxy, 4, source='127.0.0.2',
                                        headers=['X-Forwarded-For: 192.0.2.77']))
        self.assertFalse(self.is_limited(proxy, 1, source='127.0.0.3'))

    def test_secret_path(self):
        """A path that only some know leads to the server, and the usual one nowhere"""
        proxy = self.put_before(self.daemon, path='/9f2c41d07be8/ws')
        proxy.connect(path='/9f2c41d07be8/ws').close()
        with self.assertRaises(Refused) as refused:
            proxy.connect()
        self.assertEqual(refused.exception.status, 404)
        self.assertEqual(proxy.get('/healthz')[0], 200)

    def test_passwords(self):
        """With the lines for it turned on, only who knows the password gets in"""
        proxy = self.put_before(self.daemon, password='carrot')
        for given, status in ((None, 401), ('anna:wrong', 401), ('anna:carrot', None)):
            with self.subTest(given):
                headers = [] if given is None else [
                    f'Authorization: Basic {base64.b64encode(given.encode()).decode()}']
                if status is None:
                    proxy.connect(headers=headers).close()
                    continue
                with self.assertRaises(Refused) as refused:
                    proxy.connect(headers=headers)
                self.assertEqual(refused.exception.status, status)


@unittest.skipUnless(Nginx.program, 'needs nginx')
class WithNginx(Through, DaemonTest):
    kind = Nginx

    def test_own_limit(self):
        """nginx limits by itself, too"""
        connection = http.client.HTTPSConnection('localhost', self.proxy.port, timeout=20,
                                                 context=self.proxy.context)
        self.addCleanup(connection.close)
        for _ in range(2000):
            connection.request('GET', '/ws')
            answer = connection.getresponse()
            answer.read()
            if answer.status == 429:
                return
        self.fail('2000 requests in a row were let through')

    def test_quiet_clients_stay(self):
        """It waits longer for the daemon than the daemon lets pass between two pings"""
        text = (DEPLOY / 'nginx.conf').read_text(encoding='utf-8')
        for side in ('read', 'send'):
            hours = re.search(rf'^\s+proxy_{side}_timeout (\d+)h;$', text, re.MULTILINE)
            self.assertGreaterEqual(int(hours[1]), 1)


@unittest.skipUnless(Caddy.program, 'needs caddy')
class WithCaddy(Through, DaemonTest):
    kind = Caddy


if __name__ == '__main__':
    tap.main()
