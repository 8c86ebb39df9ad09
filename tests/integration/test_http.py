# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What is spoken over HTTP: paths, statuses, the upgrade, TLS, proxies, metrics."""

import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import unittest

from support import tap
from support.case import DaemonTest
from support.client import place
from support.websocket import Refused, WebSocket

METRICS = (
    'active_sessions', 'active_connections', 'connections_by_session', 'messages_received_total',
    'messages_sent_total', 'msg_per_sec', 'transform_updates_total', 'transform_updates_per_sec',
    'p50_ms', 'p95_ms', 'p99_ms', 'journal_commit_p99_ms', 'journal_bytes_by_session',
    'events_journaled_total', 'rejected_total', 'slow_consumers', 'rss_bytes', 'uptime_s')
SAMPLE = re.compile(r'^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\]|\\.)*",?)*)\})? (\S+)$')


def free_port():
    with socket.socket() as sock:
        sock.bind(('127.0.0.1', 0))
        return sock.getsockname()[1]


def exchange(daemon, data, port=None):
    """Sends bytes on a plain connection and returns all that comes back until its end."""
    with socket.create_connection((daemon.host, port or daemon.port), timeout=20) as sock:
        try:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the answer came first
        answer = b''
        try:
            while chunk := sock.recv(65536):
                answer += chunk
        except ConnectionResetError:
            pass
        return answer


class Paths(DaemonTest):

    def test_healthz(self):
        """All is well"""
        status, headers, body = self.daemon.http('GET', '/healthz')
        self.assertEqual((status, json.loads(body)), (200, {'status': 'ok'}))
        self.assertIn('application/json', headers['content-type'])

    def test_not_found(self):
        """Anything else is 404 with a JSON error, however it is written"""
        for path in ('/', '/nothing', '/ws/', '/wsx', '/healthz/x', '/..', '/%2e%2e/etc/passwd',
                     '/' + 'x' * 2000, '/?ws', '//ws'):
            with self.subTest(path):
                status, headers, body = self.daemon.http('GET', path)
                self.assertEqual(status, 404)
                self.assertIn('application/json', headers['content-type'])
                self.assertIsInstance(json.loads(body), dict)
                self.assertLess(len(body), 200)

    def test_query_is_ignored(self):
        """A query does not change the path"""
        self.assertEqual(self.daemon.http('GET', '/healthz?x=1')[0], 200)
        self.connect(path='/ws?token=x').join()

    def test_methods(self):
        """Other methods on a known path are 405"""
        for method in ('POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'BREW'):
            for path in ('/healthz', '/ws', '/metrics'):
                with self.subTest(f'{method} {path}'):
                    status, _, body = self.daemon.http(method, path)
                    self.assertEqual(status, 405)
                    self.assertIsInstance(json.loads(body), dict)

    def test_bodies(self):
        """A small body is read and forgotten, one over 64 KiB is 413"""
        self.assertEqual(self.daemon.http('POST', '/healthz', body=b'x' * 1000)[0], 405)
        head = b'POST /healthz HTTP/1.1\r\nHost: x\r\n'
        answer = exchange(self.daemon, head + b'Content-Length: 65537\r\n\r\n' + b'x' * 65537)
        self.assertRegex(answer, rb'^HTTP/1\.1 413 ')
        chunk = b'%x\r\n%s\r\n' % (30000, b'x' * 30000)
        answer = exchange(self.daemon, head + b'Transfer-Encoding: chunked\r\n\r\n' + chunk * 3
                          + b'0\r\n\r\n')
        self.assertRegex(answer, rb'^HTTP/1\.1 4\d\d ')
        self.assertEqual(self.daemon.http('GET', '/healthz')[0], 200)

    def test_nonsense(self):
        """What is no HTTP ends the connection, not the daemon"""
        head = b'GET /healthz HTTP/1.1\r\nHost: x\r\n'
        for data in (b'\r\n\r\n', b'hello\r\n\r\n',
                     b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' * 9,
                     b'GET /healthz HTTP/9.9\r\n\r\n', b'GET  HTTP/1.1\r\n\r\n', b'\0' * 1000,
                     head + b'Content-Length: -1\r\n\r\n',
                     head + b'Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx',
                     head + b'Transfer-Encoding: chunked\r\n\r\nzz\r\n',
                     b'GET /healthz HTTP/1.1\r\n' + b'X: ' + b'y' * 200000 + b'\r\n\r\n',
                     b'GET /' + b'x' * 200000 + b' HTTP/1.1\r\nHost: x\r\n\r\n',
                     b'GET /healthz HTTP/1.1\r\n' + b'X: y\r\n' * 20000 + b'\r\n'):
            exchange(self.daemon, data)
        self.assertEqual(self.daemon.http('GET', '/healthz')[0], 200)

    def test_two_requests_on_one_connection(self):
        """A connection may ask again"""
        connection = http.client.HTTPConnection(self.daemon.host, self.daemon.port, timeout=20)
        self.addCleanup(connection.close)
        for path, status in (('/healthz', 200), ('/nothing', 404), ('/healthz', 200)):
            connection.request('GET', path)
            response = connection.getresponse()
            response.read()
            self.assertEqual(response.status, status)


class Listeners(DaemonTest):

    def test_several(self):
        """Each --listen is told and served; IPv6 too"""
        daemon = self.start('--listen', '127.0.0.1:0', '--listen=[::1]:0')
        self.assertEqual([a[2] for a in daemon.addresses], ['127.0.0.1', '::1'])
        for _, _, host, port in daemon.addresses:
            client = self.connect(daemon=daemon, host=host, port=port)
            client.join()

    def test_metrics_apart(self):
        """The metrics' own listener has the metrics and nothing of the main ones"""
        port = free_port()
        daemon = self.start('--metrics-listen', f'127.0.0.1:{port}')
        self.join('a', 'secret', daemon=daemon).create(ack=True)
        status, _, body = daemon.http('GET', '/metrics', port=port)
        self.assertEqual(status, 200)
        metrics = json.loads(body)
        self.assertEqual(metrics['connections_by_session'], {'secret': 1})
        self.assertGreater(metrics['journal_bytes_by_session']['secret'], 0)
        self.assertEqual(daemon.http('GET', '/metrics')[0], 404)
        self.assertEqual(daemon.http('GET', '/ws', port=port)[0], 404)

    def test_metrics_on_the_main_listener(self):
        """There they tell no names of sessions"""
        self.join('a', 'secret').create(ack=True)
        for accept in ('application/json', 'text/plain'):
            status, _, body = self.daemon.http('GET', '/metrics', {'Accept': accept})
            self.assertEqual(status, 200)
            self.assertNotIn(b'secret', body)

    def test_metrics_off(self):
        """Without a listener there are none"""
        daemon = self.start('--metrics-listen', 'off')
        self.assertEqual(daemon.http('GET', '/metrics')[0], 404)


class Upgrade(DaemonTest):

    def refused(self, status, *headers, **how):
        with self.assertRaises(Refused) as refused:
            self.daemon.connect(headers=headers, **how).close()
        self.assertIn(refused.exception.status, status if isinstance(status, tuple) else (status,))
        return refused.exception

    def test_plain_get(self):
        """GET /ws without an upgrade is told that it needs one"""
        self.assertIn(self.daemon.http('GET', '/ws')[0], (400, 426))

    def test_bad_handshakes(self):
        """RFC 6455 4.2.1: what a handshake must have"""
        self.refused((400, 426), 'Sec-WebSocket-Version: 12')
        self.refused((400, 426), 'Sec-WebSocket-Version: x')
        self.refused((400, 426), 'Sec-WebSocket-Key: short')
        self.refused((400, 426), 'Sec-WebSocket-Key:')
        self.refused((400, 426), 'Upgrade: h2c')
        self.refused((400, 426), 'Connection: keep-alive')
        self.connect().join()

    def test_version_is_named(self):
        """Another version is told the right one (RFC 6455 4.4)"""
        refusal = self.refused((400, 426), 'Sec-WebSocket-Version: 8')
        self.assertEqual(refusal.headers.get('sec-websocket-version'), '13')

    def test_spelling(self):
        """Names of headers and tokens are compared without case, and lists are lists"""
        self.connect(headers=['UPGRADE: WebSocket', 'connection: keep-alive, UPGRADE']).join()

    def test_subprotocol(self):
        """meerkat.v1 is echoed if offered, nothing else is, and none is needed"""
        for offered, echoed in (('meerkat.v1', 'meerkat.v1'), ('chat, meerkat.v1', 'meerkat.v1'),
                                ('chat', None), (None, None), ('meerkat.v2', None)):
            with self.subTest(offered):
                client = self.connect(subprotocol=offered)
                self.assertEqual(client.ws.subprotocol, echoed)
                client.join()

    def test_no_extensions(self):
        """Whatever is offered, no extension is accepted"""
        for offer in ('permessage-deflate', 'permessage-deflate; client_max_window_bits',
                      'x-webkit-deflate-frame',
                      'permessage-deflate; server_no_context_takeover, foo'):
            client = self.connect(headers=[f'Sec-WebSocket-Extensions: {offer}'])
            self.assertIsNone(client.ws.extensions)
            client.join(new := f's-{len(offer)}')
            self.assertEqual(client.sync['session_id'], new)

    def test_origin(self):
        """A browser's page must come from this host or be listed; no Origin is fine"""
        daemon = self.start('--allow-origin', 'https://studio.example', '--allow-origin',
                            'http://localhost:3000')
        host = f'{daemon.host}:{daemon.port}'
        for origin in (f'http://{host}', 'https://studio.example', 'http://localhost:3000'):
            with self.subTest(origin):
                WebSocket(daemon.host, daemon.port, headers=[f'Origin: {origin}']).close()
        for origin in ('https://evil.example', 'null', 'https://studio.example.evil', 'file://',
                       'http://studio.example', 'http://localhost:3001', f'http://x{host}', 'x'):
            with self.subTest(origin):
                with self.assertRaises(Refused) as refused:
                    WebSocket(daemon.host, daemon.port, headers=[f'Origin: {origin}']).close()
                self.assertEqual(refused.exception.status, 403)

    def test_early_data(self):
        """Frames that come with the handshake are heard"""
        client = self.connect()
        frame = bytes([0x81, 0x80 | 2, 0, 0, 0, 0]) + b'{}'
        with socket.create_connection((self.daemon.host, self.daemon.port), timeout=20) as sock:
            sock.sendall(b'GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n'
                         b'Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
                         b'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n'
                         + frame)
            got = b''
            while b'MALFORMED_MESSAGE' not in got:
                chunk = sock.recv(65536)
                self.assertTrue(chunk, got)
                got += chunk
        self.assertIn(b's3pPLMBiTxaQ9kYGzzhZRbK+xOo=', got)
        client.join()


class Timeouts(DaemonTest):

    def test_dawdlers(self):
        """A request that is not finished, and an upgrade without a JOIN, are dropped"""
        half = [socket.create_connection((self.daemon.host, self.daemon.port), timeout=40)
                for _ in range(3)]
        half[0].sendall(b'GET /healthz HTTP/1.1\r\nHost: x\r\n')
        half[1].sendall(b'POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123')
        silent = self.connect('silent')
        busy = self.connect('busy')
        busy.send('HEARTBEAT')
        joined = self.join('joined')
        for sock in half:
            with sock:
                try:
                    while sock.recv(4096):
                        pass
                except ConnectionResetError:
                    pass
        silent.expect_closed(timeout=40)
        busy.expect_closed(timeout=40)
        self.assert_quiet(joined)


@unittest.skipUnless(shutil.which('openssl'), 'needs openssl')
class Tls(DaemonTest):

    def make_certificate(self, name):
        base = os.path.join(self.directory, name)
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
                        '-subj', f'/CN={name}',
                        '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
                        '-keyout', base + '.key', '-out', base + '.crt'],
                       check=True, capture_output=True)
        return base + '.crt', base + '.key'

    def setUp(self):
        self.daemon = self.start(start=False)
        self.directory = self.daemon.scratch
        self.certificate, self.key = self.make_certificate('localhost')
        self.daemon.flags = ['--tls-certificate', self.certificate, '--tls-key', self.key]
        # LeakSanitizer itself crashes in a process that has loaded GnuTLS.
        self.daemon.env['ASAN_OPTIONS'] = 'detect_leaks=0'
        self.daemon.start()
        self.context = ssl.create_default_context(cafile=self.certificate)

    def test_wss(self):
        """wss works, and says so at the start"""
        self.assertEqual(self.daemon.addresses[0][1], 'wss')
        a = self.connect('a', tls=self.context)
        b = self.connect('b', tls=self.context)
        a.join()
        b.join()
        for i in range(50):
            a.create(name='x' * 200)
        for i in range(50):
            b.expect('OBJECT_CREATED')
        a.send('HEARTBEAT', {'x': 'y' * 500000})
        a.expect('HEARTBEAT_ACK')
        a.ws.send_close()
        self.assertEqual(a.ws.wait_closed().code, 1000)

    def test_https(self):
        """So do the other paths"""
        with socket.create_connection((self.daemon.host, self.daemon.port), timeout=20) as raw:
            with self.context.wrap_socket(raw, server_hostname='localhost') as sock:
                sock.sendall(b'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
                answer = b''
                while chunk := sock.recv(65536):
                    answer += chunk
        self.assertRegex(answer, rb'^HTTP/1\.1 200 ')

    def test_plain_text_on_a_tls_port(self):
        """Whoever speaks plain HTTP there gets nothing, and harms nobody"""
        a = self.connect('a', tls=self.context)
        for data in (b'GET /ws HTTP/1.1\r\n\r\n', b'\x16\x03\x01', b'\0' * 5000):
            self.assertNotIn(b'200', exchange(self.daemon, data))
        a.join()

    def test_reset_in_the_handshake(self):
        """Connections that die while they shake hands leave nothing behind"""
        for _ in range(30):
            with socket.create_connection((self.daemon.host, self.daemon.port)) as sock:
                sock.sendall(b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03')
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
        self.connect('a', tls=self.context).join()

    def test_new_certificate(self):
        """SIGHUP takes a new certificate for new connections; old ones stay"""
        old = self.connect('a', tls=self.context)
        old.join()
        certificate, key = self.make_certificate('renewed')
        os.replace(key, self.key)
        os.replace(certificate, self.certificate)
        self.daemon.process.send_signal(1)
        context = ssl.create_default_context(cafile=self.certificate)
        for attempt in range(200):
            try:
                self.connect('b', tls=context).join()
                break
            except ssl.SSLError:
                if attempt == 199:
                    raise
                old.barrier()
        old.barrier()


class Proxies(DaemonTest):
    """The peer address is only to be seen in the connection rate."""

    def is_limited(self, daemon, forwarded, count=60):
        headers = [] if forwarded is None else [f'X-Forwarded-For: {forwarded}']
        for _ in range(count):
            try:
                daemon.connect(headers=headers).close()
            except Refused as refused:
                self.assertEqual(refused.status, 429)
                return True
        return False

    def test_trusted(self):
        """A trusted proxy's X-Forwarded-For is believed: the rightmost address that is no proxy"""
        daemon = self.start('--connection-rate', '2', '--trusted-proxy', '127.0.0.0/8',
                            '--trusted-proxy', '10.0.0.0/8')
        self.assertTrue(self.is_limited(daemon, '192.0.2.1'))
        self.assertTrue(self.is_limited(daemon, '192.0.2.2, 192.0.2.1', 3))
        self.assertTrue(self.is_limited(daemon, '192.0.2.1, 10.1.2.3', 3))
        self.assertFalse(self.is_limited(daemon, '192.0.2.1, 192.0.2.9', 1))
        self.assertFalse(self.is_limited(daemon, '198.51.100.7, 10.0.0.1', 1))

    def test_ipv6_by_64(self):
        """An IPv6 peer is its /64"""
        daemon = self.start('--connection-rate', '2', '--trusted-proxy', '127.0.0.1')
        self.assertTrue(self.is_limited(daemon, '2001:db8:1:1::1'))
        self.assertTrue(self.is_limited(daemon, '2001:db8:1:1:ffff::2', 3))
        self.assertFalse(self.is_limited(daemon, '2001:db8:1:2::1', 1))

    def test_not_trusted(self):
        """From anybody else the header means nothing"""
        daemon = self.start('--connection-rate', '2')
        limited = False
        for i in range(60):
            try:
                daemon.connect(headers=[f'X-Forwarded-For: 192.0.2.{i}']).close()
            except Refused:
                limited = True
                break
        self.assertTrue(limited)

    def test_nonsense(self):
        """A proxy that writes nonsense does no harm"""
        daemon = self.start('--trusted-proxy', '127.0.0.0/8')
        for forwarded in ('', ',', 'unknown', ', , ,', '[::1]:80', '999.1.1.1', 'x' * 5000,
                          '::1%lo'):
            self.connect(daemon=daemon, headers=[f'X-Forwarded-For: {forwarded}']).join()


class Metrics(DaemonTest):

    def setUp(self):
        self.port = free_port()
        self.daemon = self.start('--metrics-listen', f'127.0.0.1:{self.port}')
        self.a, self.b = self.join('a'), self.join('b')
        cube = self.a.create(ack=True)
        for i in range(20):
            self.a.send('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place(i)})
        self.a.send('DANCE')
        self.a.send_text('{')
        self.a.barrier()
        self.b.barrier()

    def get(self, accept=None):
        headers = {} if accept is None else {'Accept': accept}
        status, headers, body = self.daemon.http('GET', '/metrics', headers, port=self.port)
        self.assertEqual(status, 200)
        return headers['content-type'], body.decode()

    def test_json(self):
        """Every member that is promised is there, and has counted"""
        kind, body = self.get()
        self.assertIn('application/json', kind)
        metrics = json.loads(body)
        self.assertEqual([name for name in METRICS if name not in metrics], [])
        self.assertEqual(metrics['active_sessions'], 1)
        self.assertEqual(metrics['active_connections'], 2)
        self.assertEqual(metrics['connections_by_session'], {'test': 2})
        self.assertEqual(metrics['messages_received_total'], 2 + 1 + 20 + 2 + 2)
        self.assertGreaterEqual(metrics['messages_sent_total'], 2 + 2 + 1 + 21 + 3)
        self.assertEqual(metrics['transform_updates_total'], 20)
        self.assertEqual(metrics['events_journaled_total'], 20)  # place(0) changed nothing
        self.assertGreater(metrics['rss_bytes'], 1000000)
        self.assertGreaterEqual(metrics['uptime_s'], 0)
        self.assertEqual(metrics['slow_consumers'], 0)
        self.assertEqual(metrics['rejected_total']['UNKNOWN_EVENT'], 1)
        self.assertEqual(metrics['rejected_total']['MALFORMED_MESSAGE'], 1)
        for name in ('p50_ms', 'p95_ms', 'p99_ms', 'journal_commit_p99_ms', 'msg_per_sec',
                     'transform_updates_per_sec'):
            self.assertGreater(metrics[name], 0, name)

    def test_which(self):
        """JSON unless text is preferred"""
        for accept, text in ((None, False), ('*/*', False), ('application/json', False),
                             ('application/json, text/plain', False),
                             ('text/plain;q=0.5, application/json', False), ('text/html', False),
                             ('text/plain', True), ('text/plain;version=0.0.4', True),
                             ('application/json;q=0.1, text/plain', True),
                             ('application/openmetrics-text', True),
                             ('application/openmetrics-text;version=1.0.0,'
                              'application/openmetrics-text;version=0.0.1;q=0.75,'
                              'text/plain;version=0.0.4;q=0.5,*/*;q=0.1', True)):
            with self.subTest(accept):
                kind, body = self.get(accept)
                self.assertEqual('json' not in kind, text)
                self.assertEqual(not body.startswith('{'), text)

    def parse(self, body):
        """Checks the syntax line by line; returns {name: {labels: value}} and the types."""
        values, types, helps = {}, {}, set()
        for line in body.rstrip('\n').split('\n'):
            if line.startswith('# HELP '):
                helps.add(line.split(' ')[2])
                self.assertGreater(len(line.split(' ', 3)[3]), 5, line)
            elif line.startswith('# TYPE '):
                _, _, name, kind = line.split(' ')
                self.assertNotIn(name, types)
                self.assertIn(kind, ('counter', 'gauge', 'histogram'))
                types[name] = kind
            elif line != '# EOF' and not line.startswith('# UNIT '):
                match = SAMPLE.match(line)
                self.assertTrue(match, f'not a sample: {line!r}')
                labels = match[2] or ''
                self.assertNotIn(labels, values.setdefault(match[1], {}), line)
                values[match[1]][labels] = float(match[3])
        self.assertEqual(set(types), helps)
        return values, types

    def test_prometheus(self):
        """The text is well formed: HELP, TYPE, names with units, cumulative buckets"""
        kind, body = self.get('text/plain')
        self.assertIn('text/plain', kind)
        self.assertTrue(body.endswith('\n'))
        values, types = self.parse(body)
        for name, kind in types.items():
            self.assertTrue(name.startswith('meerkat_'), name)
            if kind == 'counter':
                self.assertTrue(name.endswith('_total'), name)
            if kind == 'histogram':
                self.assertTrue(name.endswith('_seconds'), name)
                buckets = values[name + '_bucket']
                pairs = [(float(re.search('le="([^"]+)"', l)[1]), v) for l, v in buckets.items()]
                self.assertEqual(pairs, sorted(pairs))
                self.assertEqual([v for _, v in pairs], sorted(v for _, v in pairs))
                self.assertEqual(pairs[-1], (float('inf'), values[name + '_count']['']))
                self.assertIn('', values[name + '_sum'])
            else:
                self.assertIn(name, values)
        known = {n for n, k in types.items() if k != 'histogram'}
        known |= {name + suffix for name, kind in types.items() if kind == 'histogram'
                  for suffix in ('_bucket', '_sum', '_count')}
        self.assertEqual(set(values), known)
        self.assertIn('histogram', types.values())

    def test_openmetrics(self):
        """The same as OpenMetrics, which ends with EOF"""
        kind, body = self.get('application/openmetrics-text')
        if 'openmetrics' in kind:
            self.assertTrue(body.endswith('# EOF\n'))
            for name in re.findall(r'^# TYPE (\S+) counter$', body, flags=re.M):
                self.assertFalse(name.endswith('_total'), name)
        else:
            self.parse(body)

    def test_strange_names(self):
        """A session's name is a label as it is"""
        self.join('a', 'a.b_c-D')
        self.assertIn('session="a.b_c-D"', self.get('text/plain')[1])


if __name__ == '__main__':
    tap.main()
