# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The day after: a backup that was made while five people edited becomes the server, elsewhere, and
those who were connected to the old one meet it."""

import json
import os
import shutil
import subprocess
import tempfile
import threading

from support import tap
from support.bus import BusTest, until
from support.case import seeded
from support.client import an_object, new_id, place
from support.replica import AcknowledgedReplica, Replica, same_scene

PEOPLE = 5
BEFORE, AFTER = 300, 100  # changes before the backup and after it, at least


class Restore(BusTest):

    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp(prefix='meerkat-restore-')
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.random = seeded()

    def ctl(self, *arguments):
        run = subprocess.run([os.environ['MEERKATCTL'], *arguments], check=False, text=True,
                             capture_output=True, timeout=60, env={**os.environ, **self.bus.env})
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout

    def export(self):
        return json.loads(self.ctl('export', 'crowd'))

    def edit(self, client):
        """Something of everything; what somebody else has deleted meanwhile is refused."""
        known = list(client.replica.view())
        kind = self.random.choice(('CREATE_OBJECT', 'UPDATE_TRANSFORM', 'UPDATE_TRANSFORM',
                                   'UPDATE_NAME', 'UPDATE_PROPERTIES', 'DELETE_OBJECT'))
        if kind == 'CREATE_OBJECT' or len(known) < 10:
            client.send('CREATE_OBJECT', an_object(kind='point_light'), event_id=new_id())
            return
        payload = {'object_id': self.random.choice(known)}
        if kind == 'UPDATE_TRANSFORM':
            payload['transform'] = place(self.random.random(), self.random.random())
        elif kind == 'UPDATE_NAME':
            payload['name'] = f'lamp {self.random.random()}'
        elif kind == 'UPDATE_PROPERTIES':
            payload['properties'] = {'power': self.random.random()}
        client.send(kind, payload, event_id=new_id())

    def edit_on(self, clients, stop):
        while not stop.is_set():
            for client in clients:
                self.edit(client)
            for client in clients:
                client.barrier()

    def back_up_while_editing(self, clients):
        """Returns the path of the backup."""
        path, stop = os.path.join(self.folder, 'backup'), threading.Event()
        thread = threading.Thread(target=self.edit_on, args=(clients, stop))

        def has_come_to(revision):
            return lambda: not thread.is_alive() or clients[0].replica.revision >= revision
        thread.start()
        try:
            until(has_come_to(BEFORE), 'edits before the backup')
            self.ctl('backup', path)
            until(has_come_to(clients[0].replica.revision + AFTER), 'edits after it')
        finally:
            stop.set()
            thread.join()
        return path

    def revision_of(self, backup):
        document = json.loads(self.ctl('--json', 'verify', '--backup', backup))
        self.assertEqual(document['Problems'], [])
        session, = document['Sessions']
        return session['Revision']

    def replayed(self, revision):
        """The scene that the live server had then, from its history."""
        replica = Replica('nobody')
        for line in self.ctl('--json', 'history', 'crowd').splitlines():
            event = json.loads(line)
            if event['revision'] <= revision:
                replica.heard(event)
        return replica.objects

    def serve(self, backup, name):
        """A new server with what is in the backup."""
        folder = os.path.join(self.folder, name)
        self.ctl('restore', backup, '--state-dir', folder)
        return self.start('--bus', 'none', state_dir=folder)

    def come_back(self, client, daemon):
        """The same client, with the scene that it has, at another server."""
        back = self.connect(client.user_id, daemon, replica=client.replica)
        back.join('crowd', resume=client.resume_point(), token=client.token)
        return back

    def assert_together(self, clients, daemon):
        for client in clients:
            client.barrier()
        server = self.state('crowd', daemon)['objects']
        for client in clients:
            client.barrier()
            self.assert_same_scene(client.replica.view(), server, client.user_id)

    def test_the_day_after(self):
        """As the live server was at one moment; everybody begins anew there and stays together"""
        clients = [self.join(f'u{i}', session='crowd', replica=AcknowledgedReplica(f'u{i}'))
                   for i in range(PEOPLE)]
        early = self.join('early', session='crowd', replica=AcknowledgedReplica('early'))
        early.barrier()
        backup = self.back_up_while_editing(clients)
        revision = self.revision_of(backup)
        head = self.export()
        self.assertGreaterEqual(revision, BEFORE)
        self.assertLess(revision, head['revision'])
        wanted = self.replayed(revision)
        self.assertNotEqual(same_scene(wanted, head['objects']), '')

        restored = self.serve(backup, 'elsewhere')
        seen = self.state('crowd', restored)
        self.assertEqual(seen['revision'], revision)
        self.assert_same_scene(seen['objects'], wanted)
        self.assertEqual(self.daemon.stop(), 0)
        back = [self.come_back(client, restored) for client in (*clients, early)]
        for client in back:
            self.assertEqual(client.sync['kind'], 'FULL_STATE_SYNC')
            self.assertEqual(client.sync['epoch'], seen['epoch'])
            self.assertNotEqual(client.sync['epoch'], head['epoch'])
        self.assert_together(back, restored)
        for _ in range(20):
            for client in back:
                self.edit(client)
        self.assert_together(back, restored)
        self.daemon.process.stdout.close()
        self.daemon.start()

    def test_at_rest(self):
        """Equal to the export of the live server, but for the epoch"""
        clients = [self.join(f'u{i}', session='crowd', replica=AcknowledgedReplica(f'u{i}'))
                   for i in range(PEOPLE)]
        for _ in range(20):
            for client in clients:
                self.edit(client)
        for client in clients:
            client.barrier()
        live, path = self.export(), os.path.join(self.folder, 'backup')
        self.ctl('backup', path)
        self.assertEqual(self.revision_of(path), live['revision'])
        restored = self.serve(path, 'elsewhere')
        seen = self.state('crowd', restored)
        self.assertEqual(seen['objects'], live['objects'])
        self.assertEqual(seen['revision'], live['revision'])
        self.assertNotEqual(seen['epoch'], live['epoch'])


if __name__ == '__main__':
    tap.main()
