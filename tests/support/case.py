# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The ground of all tests here: a daemon per test, and clients that are put away after it."""

import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest

from support.client import Client
from support.daemon import Daemon
from support.replica import same_scene


class DaemonTest(unittest.TestCase):
    """A test with a daemon of its own, started with `flags`.

    At the end the daemon must still run, end with 0, and have logged nothing alarming.
    """

    flags = ()
    maxDiff = None

    def setUp(self):
        self.daemon = self.start(*self.flags)

    def start(self, *flags, **how):
        """Another daemon; it is checked and ended like the first."""
        daemon = Daemon(*flags, **how)
        self.addCleanup(daemon.finish)
        return daemon

    def start_encrypted(self, *flags, **how):
        """Another daemon, which speaks TLS as `localhost`, and the file of its certificate. Skips
        the test if none can be made."""
        if shutil.which('openssl') is None:
            self.skipTest('openssl is not installed')
        folder = tempfile.mkdtemp(prefix='meerkat-test-')
        self.addCleanup(shutil.rmtree, folder)
        key, certificate = (os.path.join(folder, name) for name in ('key', 'certificate'))
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key,
                        '-out', certificate, '-subj', '/CN=localhost',
                        '-addext', 'subjectAltName=DNS:localhost'],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self.start('--tls-certificate', certificate, '--tls-key', key, *flags,
                          **how), certificate

    def connect(self, user_id=None, daemon=None, **how):
        """A client that has not joined."""
        client = Client(daemon or self.daemon, user_id, **how)
        self.addCleanup(client.close)
        return client

    def join(self, user_id=None, session='test', daemon=None, shift=0, replica=None, how=None,
             **more):
        """A client that has joined; `how` goes to the socket, the rest to the JOIN."""
        client = self.connect(user_id, daemon, shift=shift, replica=replica, **(how or {}))
        client.join(session, **more)
        return client

    def state(self, session='test', daemon=None):
        """The session as somebody new sees it."""
        client = self.join(session=session, daemon=daemon)
        sync = client.sync
        client.send('LEAVE_SESSION')
        client.barrier()
        client.close()
        return sync

    def later(self):
        """Lets some milliseconds pass, so that what is written next is later by every clock.

        Times have millisecond resolution, and within one the greater user_id wins.
        """
        time.sleep(0.005)

    def assert_quiet(self, *clients):
        """Nothing is under way to these clients."""
        for client in clients:
            self.assertEqual(client.barrier(), [], f'to {client.user_id}')

    def assert_same_scene(self, seen, server, whose=''):
        """Two maps of objects are equal in all that users see."""
        difference = same_scene(seen, server)
        if difference:
            self.fail(f'{whose} differs from the server: {difference}')

    def assert_transform(self, transform, expected):
        for part in ('position', 'rotation', 'scale'):
            self.assertEqual([as_float32(v) for v in transform[part]],
                             [as_float32(v) for v in expected[part]], part)


def as_float32(number):
    """What is left of a number in Blender."""
    return struct.unpack('f', struct.pack('f', number))[0]


def seeded(name='MEERKAT_SEED'):
    """A random generator whose seed is printed, and can be given again."""
    seed = os.environ.get(name) or str(random.SystemRandom().randrange(1 << 32))
    print(f'{name}={seed}', file=sys.stderr, flush=True)
    return random.Random(int(seed))
