#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""meerkat-bench: every delivery is counted, and it says clearly what it cannot do."""

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import xml.etree.ElementTree

from support import tap
from support.daemon import Daemon, command

BENCH = os.environ.get('MEERKAT_BENCH', 'meerkat-bench')
TIMEOUT = 200


class BenchTest(unittest.TestCase):
    """Runs the program; what it starts has its files in a folder of the test."""

    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='meerkat-test-')
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def environment(self):
        return dict(os.environ, TMPDIR=self.folder, LC_ALL='C.UTF-8')

    def run_bench(self, *arguments, status=0):
        """Runs it to its end; returns what it said on stdout and on stderr."""
        done = subprocess.run([BENCH, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=TIMEOUT, env=self.environment(), check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(os.listdir(self.folder), [], 'it leaves files')
        return done.stdout, done.stderr

    def run_json(self, *arguments):
        out, err = self.run_bench('--json', *arguments)
        result = json.loads(out)
        self.assertEqual(err, '')
        self.check(result)
        return result

    def check(self, result):
        """What is true of every run: nothing is lost, and nothing is counted twice."""
        self.assertEqual(result['delivered'] + result['superseded'], result['expected'])
        for what in ('lost', 'repeated', 'foreign', 'errors'):
            self.assertEqual(result[what], 0, what)
        self.assertEqual(result['latency_ms']['count'], result['expected'])
        self.assertGreater(result['latency_ms']['p50'], 0)
        self.assertGreater(result['bytes_received'], 0)


class Counts(BenchTest):
    def test_batches(self):
        """Five people, two seconds: what is sent arrives at each of the others"""
        result = self.run_json('--duration', '2', '--warm-up', '0.5')
        self.assertEqual(result['sent'], 5 * 30 * 2)
        self.assertEqual(result['expected'], 5 * 30 * 2 * 4)
        self.assertEqual(result['join_ms']['count'], 5)
        self.assertGreater(result['server']['cpu_us_per_event'], 0)
        self.assertGreater(result['server']['rss_bytes'], 0)
        self.assertGreaterEqual(result['server']['commit_p99_ms'], 0)
        self.assertEqual(result['harness']['late_ms']['count'], 5 * 30 * 2)

    def test_without_batches(self):
        result = self.run_json('--no-batch', '--duration', '2', '--warm-up', '0')
        self.assertEqual(result['sent'], 5 * 30 * 2)
        self.assertEqual(result['expected'], 5 * 30 * 2 * 4)
        self.assertGreaterEqual(result['frames_received'], result['delivered'])

    @unittest.skipUnless(shutil.which('openssl'), 'needs openssl')
    def test_tls(self):
        result = self.run_json('--tls', '--duration', '1', '--warm-up', '0.2')
        self.assertTrue(result['tls'])
        self.assertEqual(result['expected'], 5 * 30 * 4)

    def test_sessions_and_objects(self):
        """Three sessions, of 3, 2 and 2 people, each of whom moves three objects at once"""
        result = self.run_json('--clients', '7', '--sessions', '3', '--objects', '3', '--rate', '10',
                               '--duration', '1', '--warm-up', '0.2')
        self.assertEqual(result['sent'], 7 * 10 * 3)
        self.assertEqual(result['expected'], (3 * 2 + 2 + 2) * 10 * 3)

    def test_guests(self):
        """Idle ones, a scene, some who come at once, some who come and go, one who does not read"""
        result = self.run_json('--idle', '23', '--scene', '700', '--storm', '12', '--churn', '20',
                               '--stuck', '1', '--duration', '2', '--warm-up', '0.2')
        self.assertEqual(result['expected'], 5 * 30 * 2 * 4)
        self.assertGreater(result['join_ms']['count'], 12)
        self.assertGreater(result['storm_ms'], 0)
        self.assertGreater(result['guest_events'], 0)

    def test_one(self):
        """Alone there is nobody to deliver to, and that is no failure"""
        out, _ = self.run_bench('--json', '--clients', '1', '--duration', '0.5', '--warm-up', '0')
        result = json.loads(out)
        self.assertEqual((result['sent'], result['expected'], result['delivered']), (15, 0, 0))

    def test_running_server(self):
        daemon = Daemon('--max-users-per-session', '0')
        self.addCleanup(daemon.finish)
        result = self.run_json('--url', f'ws://127.0.0.1:{daemon.port}/ws', '--duration', '1',
                               '--warm-up', '0')
        self.assertNotIn('server', result)

    def test_for_people(self):
        out, _ = self.run_bench('--duration', '1', '--warm-up', '0')
        lines = out.splitlines()
        self.assertEqual(lines[0], 'Clients: 5 | Rate: 30Hz | Duration: 1s')
        self.assertEqual(lines[1].split(), ['Messages', 'sent:', '150'])
        self.assertIn(' of 600 due, ', lines[2])
        self.assertRegex(lines[3], r'^Latency p50: [\d.]+ms \| p95: [\d.]+ms \| p99: [\d.]+ms')
        self.assertIn('us of CPU per delivered event', out)
        self.assertIn('This program:', out)


class Commands(BenchTest):
    def test_suite(self):
        plot = os.path.join(os.path.dirname(self.folder), f'{os.path.basename(self.folder)}.svg')
        self.addCleanup(os.unlink, plot)
        out, _ = self.run_bench('suite', 'team', 'drag', '--json', '--duration', '0.5', '--warm-up', '0',
                                '--plot', plot)
        results = json.loads(out)
        self.assertEqual(list(results), ['team', 'drag'])
        for result in results.values():
            self.check(result)
        self.assertEqual(results['drag']['objects'], 200)
        picture = xml.etree.ElementTree.parse(plot).getroot()
        self.assertEqual(picture.tag, '{http://www.w3.org/2000/svg}svg')

    def test_suite_as_table(self):
        out, _ = self.run_bench('suite', 'team', '--duration', '0.5', '--warm-up', '0')
        head, row = out.splitlines()
        self.assertTrue(head.startswith('scenario '))
        self.assertTrue(row.startswith('team '))

    def test_compare(self):
        """Any server that speaks the protocol; here it is the same one"""
        other = os.path.join(self.folder, 'other')
        self.addCleanup(shutil.rmtree, other, ignore_errors=True)
        done = subprocess.run(
            [BENCH, 'compare', '--json', '--rounds', '1', '--duration', '0.2', '--warm-up', '0', '--',
             *command(), '--listen', '127.0.0.1:0', '--bus', 'none', '--metrics-listen', 'off',
             '--state-dir', other, '--max-users-per-session', '0', '--connection-rate', '0'],
            capture_output=True, text=True, timeout=TIMEOUT, env=self.environment(), check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        result = json.loads(done.stdout)
        self.assertEqual(list(result), ['5', '50', '100'])
        for team in result.values():
            self.assertEqual(list(team), ['meerkatd', 'meerkatd_no_batch', 'other'])
            for side in team.values():
                self.assertGreater(side['delivered'], 0)
                self.assertGreater(side['cpu_us_per_event'], 0)

    def test_help(self):
        out, _ = self.run_bench('--help')
        for word in ('--clients N', '--no-batch', 'suite', 'compare', 'storm'):
            self.assertIn(word, out)
        for line in out.splitlines():
            self.assertLessEqual(len(line), 100)
        self.assertRegex(self.run_bench('--version')[0], r'^meerkat-bench \d+\.\d+\.\d+\n$')


class Failures(BenchTest):
    def test_wrong_options(self):
        for arguments, text in (
                (['--clients', '0'], '--clients: "0" is not a whole number from 1 to 100000'),
                (['--clients', '1.5'], '--clients: "1.5" is not a whole number from 1 to 100000'),
                (['--rate', 'fast'], '--rate: "fast" is not a number from 0.1 to 1000'),
                (['--rate', 'nan'], '--rate: "nan" is not a number from 0.1 to 1000'),
                (['--objects', '1001'], '--objects: "1001" is not a whole number from 1 to 1000'),
                (['--clients'], '--clients'),
                (['--sessions', '6'], '--sessions: 6 sessions need as many clients; there are 5'),
                (['--clients', '1000', '--rate', '900'], '--rate: 1000 clients at 900 Hz are 900000'),
                (['--frobnicate'], '--frobnicate'),
                (['benchmark'], 'there is no command "benchmark"'),
                (['--url', 'ws://127.0.0.1:1/ws', '--tls'], '--url: --tls is for a server that is'),
                (['--url', 'ws://127.0.0.1:1/ws', '--', '--tick', '8'], '--url: what stands behind'),
                (['suite', 'nonsense'], 'there is no scenario "nonsense"'),
                (['suite', '--clients', '5'], '--clients'),
                (['suite', 'drag', '--plot', 'x.svg'], '--plot: none of these scenarios is drawn'),
                (['compare'], 'compare: the command of the other server is missing'),
                (['compare', 'node'], 'compare takes no "node"')):
            with self.subTest(arguments=arguments):
                out, err = self.run_bench(*arguments, status=2)
                self.assertTrue(err.startswith('meerkat-bench: '), err)
                self.assertIn(text, err)
                self.assertEqual(out, '')

    @unittest.skipIf(resource.getrlimit(resource.RLIMIT_NOFILE)[1] > 300000, 'needs a limit')
    def test_too_many_connections(self):
        _, err = self.run_bench('--clients', '100000', '--rate', '1', '--idle', '100000',
                                '--storm', '100000', status=2)
        self.assertIn('300000 connections are more than the limit on open files', err)

    def test_bad_urls(self):
        for url in ('http://127.0.0.1/', '127.0.0.1:8080', 'ws://', 'nonsense'):
            with self.subTest(url=url):
                _, err = self.run_bench('--url', url, status=1)
                self.assertIn(f'"{url}" is not an address such as ws://', err)

    def test_nobody_there(self):
        with socket.create_server(('127.0.0.1', 0)) as taken:
            port = taken.getsockname()[1]
        _, err = self.run_bench('--url', f'ws://127.0.0.1:{port}/ws', status=1)
        self.assertIn('efused', err)

    def test_no_websocket(self):
        """A server that is one, but not there"""
        daemon = Daemon()
        self.addCleanup(daemon.finish)
        _, err = self.run_bench('--url', f'ws://127.0.0.1:{daemon.port}/elsewhere', status=1)
        self.assertIn('did not upgrade to a WebSocket: HTTP/1.1 404', err)

    def test_limits(self):
        """A server with the usual limits says why it does not let everybody in"""
        daemon = Daemon()
        self.addCleanup(daemon.finish)
        _, err = self.run_bench('--url', f'ws://127.0.0.1:{daemon.port}/ws', '--clients', '11', status=1)
        self.assertIn('SESSION_FULL', err)

    def test_server_refuses_option(self):
        _, err = self.run_bench('--', '--tick', 'never', status=1)
        self.assertIn('--tick', err)
        self.assertIn('the server ended', err)

    def test_no_such_server(self):
        _, err = self.run_bench('compare', '--', '/nowhere/server', status=1)
        self.assertIn('/nowhere/server', err)

    def start_long(self, *arguments):
        process = subprocess.Popen([BENCH, '--duration', '600', '--warm-up', '0', *arguments],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=self.environment())
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def test_server_dies(self):
        daemon = Daemon()
        self.addCleanup(daemon.discard)
        process = self.start_long('--url', f'ws://127.0.0.1:{daemon.port}/ws')
        daemon.wait_metrics(lambda metrics: metrics['transform_updates_total'] > 10)
        daemon.kill()
        _, err = process.communicate(timeout=TIMEOUT)
        self.assertEqual(process.returncode, 1)
        self.assertRegex(err, r'^meerkat-bench: client \d+: ')

    def test_interrupted(self):
        """Ctrl+C puts away what was started"""
        process = self.start_long()
        deadline = time.monotonic() + TIMEOUT
        while not any('state' in folders for _, folders, _ in os.walk(self.folder)):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=TIMEOUT)
        self.assertEqual(process.returncode, 1)
        self.assertIn('interrupted', err)
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == '__main__':
    tap.main()
