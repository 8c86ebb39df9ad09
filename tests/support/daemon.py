# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""A meerkatd of our own: started, watched, stopped, killed, started again."""

import ctypes
import http.client
import json
import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import tempfile
import time

from support.websocket import WebSocket

LISTENING = re.compile(r'^meerkatd (\S+) listening on (wss?)://(.+):(\d+)/ws$')
# What a healthy daemon never writes, whatever is done to it.
ALARMING = re.compile(r'CRITICAL|assertion .*failed|Sanitizer|runtime error:|-WARNING \*\*|'
                      r'Segmentation|stack smashing|double free')
START_TIMEOUT = 60
STOP_TIMEOUT = 30


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def command():
    """The daemon under test; MEERKATD may begin with a wrapper such as valgrind."""
    return shlex.split(os.environ.get('MEERKATD', 'meerkatd'))


class Daemon:
    """A running meerkatd. `defaults=False` leaves out the flags that make tests quick."""

    def __init__(self, *flags, state_dir=None, defaults=True, env=None, start=True):
        self.flags = list(flags)
        self.env = dict(env or {})
        self.defaults = defaults
        self.scratch = tempfile.mkdtemp(prefix='meerkat-test-')
        self.state_dir = state_dir or os.path.join(self.scratch, 'state')
        self.stderr_path = os.path.join(self.scratch, 'stderr')
        self.process = None
        self.addresses = []
        self.expect_alarm = False
        if start:
            self.start()

    def arguments(self):
        names = {flag.split('=')[0] for flag in self.flags}
        wanted = [('--listen', '127.0.0.1:0'), ('--bus', 'none'), ('--state-dir', self.state_dir)]
        if self.defaults:
            wanted += [('--metrics-listen', 'main'), ('--connection-rate', '0'),
                       ('--message-rate', '0')]
        given = [item for pair in wanted if pair[0] not in names for item in pair]
        return command() + given + self.flags

    def start(self):
        """Starts it and waits for its address."""
        os.makedirs(self.state_dir, exist_ok=True)
        env = dict(os.environ, G_DEBUG='fatal-criticals', **self.env)
        env.pop('LISTEN_FDS', None)
        stderr = open(self.stderr_path, 'ab')
        self.process = subprocess.Popen(
            self.arguments(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr,
            env=env, preexec_fn=_die_with_parent)
        stderr.close()
        os.set_blocking(self.process.stdout.fileno(), False)
        self.output = ''
        wanted = max(1, sum(flag == '--listen' or flag.startswith('--listen=')
                            for flag in self.flags))
        self.wait_output(lambda text: len(listening_lines(text)) >= wanted)
        self.addresses = listening_lines(self.output)
        _, _, self.host, self.port = self.addresses[0]

    def wait_output(self, done, timeout=START_TIMEOUT):
        """Reads the standard output until `done(output)`."""
        deadline = time.monotonic() + timeout
        while not done(self.output):
            ready, _, _ = select.select([self.process.stdout], [], [],
                                        max(0.0, deadline - time.monotonic()))
            chunk = self.process.stdout.read() if ready else None
            if not chunk:
                self.process.poll()
                raise AssertionError(f'meerkatd did not start (exit {self.process.returncode}), '
                                     f'stdout {self.output!r}, stderr {self.stderr()!r}')
            self.output += chunk.decode()

    # Ends

    def stop(self, number=signal.SIGTERM, timeout=STOP_TIMEOUT):
        """Asks it to end and waits; returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f'meerkatd did not end within {timeout} s') from None

    def kill(self):
        """kill -9."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def restart(self, kill=False):
        """Ends it and starts it on the same state directory."""
        if kill:
            self.kill()
        else:
            self.assert_clean(self.stop())
        self.process.stdout.close()
        self.start()

    def finish(self):
        """The end of a test: it must still run, end cleanly and have complained of nothing."""
        try:
            if self.process is not None:
                alive = self.process.poll() is None
                status = self.stop()
                if not alive:
                    raise AssertionError(f'meerkatd had died with {status}: '
                                         f'{self.stderr()[-4000:]}')
                self.assert_clean(status)
        finally:
            self.discard()

    def assert_clean(self, status):
        log = self.stderr()
        alarms = [] if self.expect_alarm else [l for l in log.splitlines() if ALARMING.search(l)]
        if status != 0 or alarms:
            raise AssertionError(f'meerkatd ended with {status}, alarms {alarms[:10]}, '
                                 f'end of log: {log[-3000:]}')

    def discard(self):
        if self.process is not None:
            self.kill()
            self.process.stdout.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    # What is to be seen

    def stderr(self):
        with open(self.stderr_path, encoding='utf-8', errors='replace') as file:
            return file.read()

    def alive(self):
        return self.process.poll() is None

    def rss(self):
        """Resident memory in bytes."""
        with open(f'/proc/{self.process.pid}/status', encoding='ascii') as file:
            return int(re.search(r'VmRSS:\s+(\d+) kB', file.read()).group(1)) * 1024

    def is_instrumented(self):
        """Whether its memory says nothing: a sanitizer or valgrind is in there."""
        with open(f'/proc/{self.process.pid}/maps', encoding='ascii', errors='replace') as file:
            text = file.read()
        return 'libasan' in text or 'valgrind' in text or 'libclang_rt' in text

    def connect(self, **how):
        """A WebSocket to it."""
        return WebSocket(how.pop('host', self.host), how.pop('port', self.port), **how)

    def http(self, method, path, headers=None, body=None, port=None, host=None):
        """One HTTP request; returns (status, headers with lower-case names, body)."""
        connection = http.client.HTTPConnection(host or self.host, port or self.port, timeout=20)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            data = response.read()
            return response.status, {k.lower(): v for k, v in response.getheaders()}, data
        finally:
            connection.close()

    def metrics(self):
        status, _, body = self.http('GET', '/metrics', {'Accept': 'application/json'})
        if status != 200:
            raise AssertionError(f'/metrics answered {status}: {body!r}')
        return json.loads(body)

    def wait_metrics(self, condition, timeout=30):
        """Asks for the metrics until they fulfil the condition."""
        deadline = time.monotonic() + timeout
        while True:
            metrics = self.metrics()
            if condition(metrics):
                return metrics
            if time.monotonic() > deadline:
                raise AssertionError(f'the metrics never came to that: {metrics}')
            time.sleep(0.02)


def listening_lines(text):
    """The addresses in the output: [(version, scheme, host, port)]."""
    found = [LISTENING.match(line) for line in text.split('\n')[:-1]]
    return [(m[1], m[2], m[3].strip('[]'), int(m[4])) for m in found if m]
