# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The disk is full, and then it is not: nothing stops, and nothing is lost that need not be."""

import json
import os
import subprocess
import tempfile
import unittest

from support import tap
from support.case import DaemonTest
from support.client import place
from support.replica import AcknowledgedReplica

DISK_SIZE = '6m'


def number_in(name):
    """Which of the renames it is; 0 before the first."""
    return 0 if name == 'Cube' else int(name[1:])


@unittest.skipUnless(os.geteuid() == 0, 'needs root to mount a small disk')
class FullDisk(DaemonTest):

    def setUp(self):
        self.disk = tempfile.mkdtemp(prefix='meerkat-disk-')
        self.addCleanup(os.rmdir, self.disk)
        mounted = subprocess.run(
            ['mount', '-t', 'tmpfs', '-o', f'size={DISK_SIZE}', 'none', self.disk],
            capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            self.skipTest(f'cannot mount: {mounted.stderr.strip()}')
        self.addCleanup(subprocess.run, ['umount', '-l', self.disk], check=False)
        self.daemon = self.start(state_dir=os.path.join(self.disk, 'state'))
        self.a, self.b = self.join('a'), self.join('b')
        self.cube = self.a.create(ack=True)
        self.lamp = self.b.create('point_light', ack=True)
        self.a.barrier()
        self.b.barrier()

    def fill(self):
        """Takes all that is left of the disk."""
        with open(os.path.join(self.disk, 'ballast'), 'wb', buffering=0) as file:
            try:
                while file.write(b'x' * 4096):
                    pass
            except OSError:
                pass

    def free(self):
        os.unlink(os.path.join(self.disk, 'ballast'))

    def degrade(self):
        """Edits until the disk is full; returns what a was told, and the last safe number."""
        self.fill()
        safe, number = 0, 0
        while True:
            number += 1
            self.a.send('UPDATE_NAME', {'object_id': self.cube, 'name': f'n{number:0200}'},
                        event_id=f'e{number}')
            error = None
            while True:
                message = self.a.receive()
                if message['event_type'] == 'ERROR':
                    error = message['payload']
                elif message['event_type'] == 'ACK':
                    break
            if error is not None or 'durable' in message['payload']:
                break
            safe = number
        if error is None:
            error = self.a.expect('ERROR')['payload']
        self.assertIs(message['payload']['durable'], False)
        return error, safe

    def health(self):
        status, _, body = self.daemon.http('GET', '/healthz')
        return status, json.loads(body)

    def wait_restored(self):
        while self.health()[0] != 200:
            self.b.barrier()

    def test_degraded_and_restored(self):
        """Full: all are told, and edits go on. Free: all are told, and nothing is lost"""
        epoch = self.a.sync['epoch']
        error, _ = self.degrade()
        self.assertEqual(error['code'], 'DURABILITY_DEGRADED')
        self.assertNotEqual(error['epoch'], epoch)
        told = next(m['payload'] for m in self.b.barrier() if m['event_type'] == 'ERROR')
        self.assertEqual((told['code'], told['epoch']), ('DURABILITY_DEGRADED', error['epoch']))
        status, body = self.health()
        self.assertEqual((status, body['status']), (503, 'degraded'))
        self.assertTrue(body['reason'])
        self.assertTrue(self.daemon.metrics().get('journal_degraded'))
        self.assertRegex(self.daemon.stderr(), '(?i)warning.*journal')

        # life goes on, and nothing piles up
        self.later()
        self.b.send('UPDATE_TRANSFORM', {'object_id': self.cube, 'transform': place(3)})
        self.assert_transform(self.a.expect('TRANSFORM_UPDATED')['payload']['transform'], place(3))
        ack = self.a.acked('UPDATE_NAME', {'object_id': self.lamp, 'name': 'meanwhile'})
        self.assertIs(ack['durable'], False)
        newcomer = self.join('c')
        self.assertEqual(newcomer.sync['objects'][self.lamp]['name'], 'meanwhile')
        self.assertEqual(newcomer.sync['epoch'], error['epoch'])
        before = self.daemon.rss()
        for round_ in range(40):
            self.a.acked_batch([('UPDATE_NAME', {'object_id': self.cube, 'name': f'{i:0255}'})
                                for i in range(round_ * 500, round_ * 500 + 500)])
            self.b.pump()
            newcomer.pump()
        if not self.daemon.is_instrumented():
            self.assertLess(self.daemon.rss() - before, 20 << 20)

        self.free()
        for client in (self.a, self.b, newcomer):
            notice = client.expect('NOTICE', timeout=60)['payload']
            self.assertEqual(notice['code'], 'DURABILITY_RESTORED')
        self.assertEqual(self.health(), (200, {'status': 'ok'}))
        ack = self.a.acked('UPDATE_NAME', {'object_id': self.cube, 'name': 'safe again'})
        self.assertNotIn('durable', ack)
        state = self.state()
        self.daemon.restart(kill=True)
        after = self.state()
        self.assertEqual((after['revision'], after['objects'], after['epoch']),
                         (state['revision'], state['objects'], state['epoch']))
        self.assertEqual(after['objects'][self.cube]['name'], 'safe again')

    def test_crash_while_degraded(self):
        """What was acknowledged as durable survives; nobody resumes onto what was lost"""
        error, safe = self.degrade()
        self.later()
        self.b.send('UPDATE_TRANSFORM', {'object_id': self.cube, 'transform': place(3)})
        self.a.expect('TRANSFORM_UPDATED')
        lost = {'epoch': error['epoch'], 'revision': self.a.messages[-1]['revision']}
        old = {'epoch': self.a.sync['epoch'], 'revision': safe + 2}
        self.daemon.kill()
        self.free()
        self.daemon.start()
        writer = self.join('w')  # whose edits get the numbers of those that were lost
        for i in range(10):
            writer.acked('UPDATE_TRANSFORM', {'object_id': self.lamp, 'transform': place(i + 1)})
        again = self.join('a', resume=lost)
        self.assertEqual(again.sync['kind'], 'FULL_STATE_SYNC')
        self.assertNotEqual(again.sync['epoch'], error['epoch'])
        self.assertEqual(set(again.sync['objects']), {self.cube, self.lamp})
        self.assertGreaterEqual(number_in(again.sync['objects'][self.cube]['name']), safe)
        other = self.join('b', resume=old)
        if other.sync['kind'] == 'DELTA_SYNC':
            self.assertEqual(other.sync['epoch'], old['epoch'])

    def test_replicas(self):
        """Who stays connected through it has the same scene in the end"""
        replica = AcknowledgedReplica('r')
        reader = self.join('r', replica=replica, capabilities=['batch'])
        self.degrade()
        for i in range(100):
            self.b.send('UPDATE_TRANSFORM', {'object_id': self.lamp, 'transform': place(i + 1)})
        self.b.barrier()
        self.free()
        self.wait_restored()
        self.b.acked('UPDATE_NAME', {'object_id': self.lamp, 'name': 'end'})
        reader.barrier()
        self.assert_same_scene(replica.view(), self.state()['objects'])
        self.assertEqual(replica.epoch, self.state()['epoch'])

    def test_clean_end_while_degraded(self):
        """SIGTERM on a full disk still ends; what was durable is there afterwards"""
        _, safe = self.degrade()
        self.daemon.stop()
        self.free()
        self.daemon.start()
        self.assertGreaterEqual(number_in(self.state()['objects'][self.cube]['name']), safe)

    def test_start_on_a_full_disk(self):
        """A start without room ends with 1 and a clear line, or serves; it breaks nothing"""
        self.a.barrier()
        self.daemon.stop()
        self.fill()
        try:
            self.daemon.start()
        except AssertionError:
            self.assertEqual(self.daemon.process.poll(), 1)
        else:
            self.assertEqual(set(self.state()['objects']), {self.cube, self.lamp})
            self.daemon.stop()
        self.free()
        self.daemon.start()
        self.assertEqual(set(self.state()['objects']), {self.cube, self.lamp})


if __name__ == '__main__':
    tap.main()
