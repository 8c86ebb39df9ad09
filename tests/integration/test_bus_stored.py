# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What is stored, over the bus: export, history, backup, and the archive of closed sessions."""

import contextlib
import json
import os
import sqlite3
import tempfile
import threading

from gi.repository import GLib

from support import tap
from support.bus import BusTest, MANAGER, until
from support.client import an_object, place

INVALID = 'org.freedesktop.DBus.Error.InvalidArgs'


def variant(signature, *arguments):
    return GLib.Variant(signature, arguments)


@contextlib.contextmanager
def look_into(path):
    """The database while no daemon has it."""
    database = sqlite3.connect(path)
    try:
        with database:
            yield database
    finally:
        database.close()


def lines(text):
    return [json.loads(line) for line in text.decode().splitlines()]


class StoredTest(BusTest):

    def setUp(self):
        super().setUp()
        self.anna = self.join('anna', session='stage')

    def export(self, session='stage'):
        (revision,), text = self.caller.read('Export', '(sh)', session)
        document = json.loads(text)
        self.assertEqual(document['revision'], revision)
        return document

    def history(self, session='stage', since=0):
        return lines(self.caller.read('History', '(sth)', session, since)[1])

    def do_things(self, client, n=20):
        """A few of everything, all of it on disk at the end."""
        objects = [client.create(kind, name=f'{kind} {i}')
                   for i in range(n) for kind in ('cube', 'camera', 'point_light', 'asset_ref')]
        for i, object_id in enumerate(objects):
            client.send('UPDATE_TRANSFORM', {'object_id': object_id, 'transform': place(i, 0.1)})
        client.send('UPDATE_PROPERTIES', {'object_id': objects[1],
                                          'properties': {'focal_length': 85}})
        client.send('UPDATE_NAME', {'object_id': objects[0], 'name': 'Häuschen "1"'})
        client.acked('DELETE_OBJECT', {'object_id': objects[2]})
        return objects

    def empty_the_house(self):
        self.anna.close()
        self.wait_users(0)


class Export(StoredTest):

    def test_is_what_clients_see(self):
        """From memory, from disk and from the archive: what a sync says"""
        self.do_things(self.anna)
        sync = self.anna.full_sync()
        wanted = {k: sync[k] for k in ('session_id', 'epoch', 'revision', 'host_user_id', 'objects')}

        def seen():
            document = self.export()
            created_at = document.pop('created_at')
            self.assertIsInstance(created_at, int)
            return document
        self.assertEqual(seen(), wanted)
        with tempfile.TemporaryFile() as file:
            result = self.caller.session('stage', 'Export', '(h)', 0, fds=[file.fileno()])
            self.assertEqual(result, (wanted['revision'],))
            file.seek(0)
            self.assertEqual(json.load(file)['objects'], wanted['objects'])
        self.daemon.restart()
        self.wait_for_daemon()
        self.assertEqual(seen(), wanted)
        self.assertFalse(self.caller.manager('ListSessions')[0][0][4], 'it was not loaded for it')
        self.caller.manager('CloseSession', '(ss)', 'stage', '')
        self.assertEqual(seen(), wanted)

    def test_equal_texts(self):
        """The same session gives the same text, byte by byte"""
        self.do_things(self.anna, 5)
        before = self.caller.read('Export', '(sh)', 'stage')
        self.daemon.restart()
        self.wait_for_daemon()
        self.assertEqual(self.caller.read('Export', '(sh)', 'stage'), before)

    def test_large(self):
        """Several thousand objects, through a pipe that is read slowly, while somebody edits"""
        for _ in range(5):
            self.anna.acked_batch([('CREATE_OBJECT', an_object()) for _ in range(1000)])
        first, = [o for o in list(self.anna.full_sync()['objects'])[:1]]
        source, target = os.pipe()
        finish = self.caller.start(MANAGER, 'org.meerkat.Meerkat1.Manager.Export',
                                   variant('(sh)', 'stage', 0), fds=[target])
        os.close(target)
        parts = [os.read(source, 10)]
        for i in range(50):
            self.anna.acked('UPDATE_TRANSFORM', {'object_id': first, 'transform': place(i + 1)})
            parts.append(os.read(source, 100))
        while parts[-1]:
            until(lambda: True, 'a turn')
            parts.append(os.read(source, 65536))
        os.close(source)
        document = json.loads(b''.join(parts))
        self.assertEqual(finish(), (document['revision'],))
        self.assertEqual(len(document['objects']), 5000)

    def test_somebody_enters_meanwhile(self):
        """A stored session that wakes up while it is read: still one moment of it"""
        for _ in range(4):
            self.anna.acked_batch([('CREATE_OBJECT', an_object()) for _ in range(1000)])
        for turn in range(4):
            self.daemon.restart()
            self.wait_for_daemon()
            with tempfile.TemporaryFile() as file:
                finish = self.caller.start(MANAGER, 'org.meerkat.Meerkat1.Manager.Export',
                                           variant('(sh)', 'stage', 0), fds=[file.fileno()])
                late = self.join(f'late{turn}', session='stage')
                while not finish.answers:
                    late.create()
                    until(lambda: True, 'a turn')
                (revision,) = finish()
                file.seek(0)
                document = json.load(file)
            late.barrier()
            self.assertEqual(document['revision'], revision)
            self.assertEqual(len(document['objects']), revision)

    def test_errors(self):
        """No such session; a descriptor that cannot be written; none; a pipe nobody reads"""
        with tempfile.TemporaryFile() as file:
            fd = file.fileno()
            self.assert_refused('NoSuchSession', self.caller.manager, 'Export', '(sh)', 'other', 0,
                                fds=[fd])
            self.assert_refused('NoSuchSession', self.caller.manager, 'History', '(sth)', 'other',
                                0, 0, fds=[fd])
            for handle in (1, -1, 99):
                self.assert_refused(INVALID, self.caller.manager, 'Export', '(sh)', 'stage',
                                    handle, fds=[fd])
        self.assert_refused(INVALID, self.caller.manager, 'Backup', '(h)', 0)
        with open('/dev/null', 'rb') as file:
            self.assert_refused(INVALID, self.caller.manager, 'Export', '(sh)', 'stage', 0,
                                fds=[file.fileno()], words=['written'])
        source, target = os.pipe()
        os.close(source)
        self.assert_refused('Failed', self.caller.manager, 'Export', '(sh)', 'stage', 0,
                            fds=[target], words=['Broken pipe'])
        os.close(target)
        with open('/dev/full', 'wb') as file:
            self.assert_refused('Failed', self.caller.manager, 'Export', '(sh)', 'stage', 0,
                                fds=[file.fileno()], words=['No space'])

    def test_descriptor_is_given_back(self):
        """A descriptor of ours is as it was when the call returns"""
        source, target = os.pipe()
        self.caller.manager('Export', '(sh)', 'stage', 0, fds=[target])
        self.assertTrue(os.get_blocking(target))
        os.close(target)
        os.close(source)

    def test_many_at_a_time(self):
        """More exports than there are threads, all of them right; descriptors do not leak"""
        self.do_things(self.anna, 5)
        wanted = self.export()
        def count():
            return len(os.listdir(f'/proc/{self.daemon.process.pid}/fd'))
        before = count()
        for _ in range(3):
            files = [tempfile.TemporaryFile() for _ in range(12)]
            finishes = [self.caller.start(MANAGER, 'org.meerkat.Meerkat1.Manager.Export',
                                          variant('(sh)', 'stage', 0), fds=[f.fileno()])
                        for f in files]
            for finish, file in zip(finishes, files):
                finish()
                file.seek(0)
                self.assertEqual(json.load(file), wanted)
                file.close()
        until(lambda: count() <= before, 'the descriptors to be closed')

    def test_too_many_at_a_time(self):
        """Who lets calls pile up is refused more"""
        self.do_things(self.anna, 200)
        pipes = [os.pipe() for _ in range(24)]
        finishes = [self.caller.start(MANAGER, 'org.meerkat.Meerkat1.Manager.Export',
                                      variant('(sh)', 'stage', 0), fds=[target])
                    for _, target in pipes]
        until(lambda: sum(bool(f.answers) for f in finishes) == 8, 'some to be refused')
        for finish in finishes:
            if finish.answers:
                self.assertEqual(finish.answers[0].name, 'org.freedesktop.DBus.Error.LimitsExceeded')
        for source, target in pipes:
            os.close(source)
            os.close(target)
        until(lambda: all(f.answers for f in finishes), 'the end of all')
        self.export()


class History(StoredTest):

    def test_all_of_it(self):
        """Every change, in order, as the others were told"""
        bob = self.join('bob', session='stage')
        self.do_things(self.anna)
        bob.barrier()
        told = [m for m in bob.messages if 'revision' in m and m['event_type'] != 'HEARTBEAT_ACK'
                and not m['event_type'].endswith('_SYNC')]
        history = self.history()
        self.assertEqual([e['revision'] for e in history], list(range(1, len(history) + 1)))
        self.assertEqual(len(history), self.anna.full_sync()['revision'])
        for event, seen in zip(history, told):
            if event['event_type'] == 'PROPERTIES_UPDATED':
                self.assertEqual(event['payload']['properties'], {'focal_length': 85})
                seen = dict(seen, payload=dict(seen['payload'],
                                               properties=event['payload']['properties']))
            self.assertEqual(event, seen)

    def test_since(self):
        """What came after a revision, also after a restart and a close"""
        self.do_things(self.anna)
        whole = self.history()
        for how in ('live', 'stored', 'closed'):
            with self.subTest(how):
                if how == 'stored':
                    self.daemon.restart()
                    self.wait_for_daemon()
                if how == 'closed':
                    self.caller.manager('CloseSession', '(ss)', 'stage', '')
                self.assertEqual(self.history(since=0), whole)
                self.assertEqual(self.history(since=100), whole[100:])
                self.assertEqual(self.history(since=len(whole)), [])
                self.assertEqual(self.history(since=2**64 - 1), [])

    def test_while_somebody_edits(self):
        """No gap and nothing that is not on disk, however many edits come meanwhile"""
        cube = self.anna.create(ack=True)
        for turn in range(5):
            for i in range(300):
                self.anna.send('UPDATE_TRANSFORM', {'object_id': cube,
                                                    'transform': place(i, turn + 1)})
            history = self.history()
            self.assertEqual([e['revision'] for e in history], list(range(1, len(history) + 1)))
        self.anna.barrier()
        self.assertEqual(len(self.history()), 1501)


class KeptHistory(StoredTest):
    flags = ('--history-events', '100', '--snapshot-every', '50')

    def test_what_is_kept(self):
        """Of a history that was cut, what is left"""
        cube = self.anna.create(ack=True)
        for i in range(400):
            self.anna.acked('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place(i + 1)})
        history = self.history()
        revisions = [e['revision'] for e in history]
        self.assertEqual(revisions, list(range(revisions[0], 402)))
        self.assertGreater(revisions[0], 200)
        self.assertEqual(self.history(since=5), history)


class Archive(StoredTest):

    def test_reopen(self):
        """A closed session goes on where it was, for those who were in it too"""
        self.do_things(self.anna)
        before = self.anna.full_sync()
        self.caller.manager('CloseSession', '(ss)', 'stage', '')
        self.anna.expect_closed(4003)
        back = self.connect('anna')
        back.send_join('stage')
        back.expect_error('SESSION_CLOSED')
        self.assertEqual(self.caller.manager('Reopen', '(s)', 'stage'), ())
        self.assertEqual(self.caller.manager('ListClosed')[0], [])
        self.assertEqual([s[0] for s in self.caller.manager('ListSessions')[0]], ['stage'])
        back.join('stage')
        for key in ('objects', 'revision', 'epoch'):
            self.assertEqual(back.sync[key], before[key])
        back.create(ack=True)
        self.daemon.restart(kill=True)
        self.assertEqual(len(self.state('stage')['objects']), len(before['objects']) + 1)

    def test_reopen_the_last(self):
        """Of several closed sessions of a name the one that was closed last is reopened"""
        for turn in range(3):
            client = self.join(f'u{turn}', session='again')
            for _ in range(turn + 1):
                client.create(ack=True)
            self.caller.manager('CloseSession', '(ss)', 'again', str(turn))
            client.expect_closed(4003)
        self.caller.manager('Reopen', '(s)', 'again')
        self.assertEqual(self.export('again')['revision'], 3)
        self.assertEqual([(c[0], c[2]) for c in self.caller.manager('ListClosed')[0]],
                         [('again', '0'), ('again', '1')])

    def test_reopen_refused(self):
        """No closed session of that name, or an open one"""
        self.assert_refused('NoSuchSession', self.caller.manager, 'Reopen', '(s)', 'other')
        self.anna.create(ack=True)
        self.caller.manager('CloseSession', '(ss)', 'stage', '')
        newer = self.join('bob', session='stage')
        self.assert_refused('Failed', self.caller.manager, 'Reopen', '(s)', 'stage',
                            words=['close it first'])
        newer.create(ack=True)
        newer.close()
        self.daemon.restart()
        self.wait_for_daemon()
        self.assert_refused('Failed', self.caller.manager, 'Reopen', '(s)', 'stage',
                            words=['close it first'])

    def test_purge(self):
        """Closed sessions of a name are gone for good, and nothing else is"""
        self.do_things(self.anna)
        self.caller.manager('CloseSession', '(ss)', 'stage', '')
        newer = self.join('bob', session='stage')
        newer.create(ack=True)
        self.caller.manager('CloseSession', '(ss)', 'stage', '')
        other = self.join('carl', session='other')
        other.create(ack=True)
        self.assertEqual(self.caller.manager('Purge', '(s)', 'stage'), ())
        self.assertEqual(self.caller.manager('ListClosed')[0], [])
        self.assert_refused('NoSuchSession', self.caller.manager, 'Purge', '(s)', 'stage')
        self.assert_refused('NoSuchSession', self.caller.manager, 'Purge', '(s)', 'other',
                            words=['must be closed before'])
        self.daemon.stop()
        with look_into(os.path.join(self.daemon.state_dir, 'meerkat.db')) as database:
            for table in ('events', 'objects'):
                self.assertEqual(database.execute(f'SELECT count(*) FROM {table}').fetchone(),
                                 (1,), table)
            self.assertEqual(database.execute('SELECT id FROM sessions').fetchall(), [('other',)])
        self.daemon.process.stdout.close()
        self.daemon.start()

    def test_purge_makes_room(self):
        """Closed sessions count against the limit until they are purged, reopened ones as well"""
        daemon = self.daemon
        for i in range(2):
            client = self.join(f'u{i}', session=f's{i}')
            client.create(ack=True)
            self.caller.manager('CloseSession', '(ss)', f's{i}', '')
        self.assertEqual(daemon.metrics()['closed_sessions'], 2)
        self.caller.manager('Reopen', '(s)', 's1')
        self.assertEqual(daemon.metrics()['closed_sessions'], 1)
        self.caller.manager('Purge', '(s)', 's0')
        self.assertEqual(daemon.metrics()['closed_sessions'], 0)
        self.assertEqual(daemon.metrics()['stored_sessions'], 1)

    def test_purge_is_finished(self):
        """What a crash leaves of a purge is erased at the next start"""
        self.do_things(self.anna)
        self.caller.manager('CloseSession', '(ss)', 'stage', '')
        self.daemon.stop()
        path = os.path.join(self.daemon.state_dir, 'meerkat.db')
        with look_into(path) as database:
            database.execute('UPDATE sessions SET closed_at = -1')
        self.daemon.process.stdout.close()
        self.daemon.start()
        self.wait_for_daemon()
        self.assertEqual(self.caller.manager('ListClosed')[0], [])
        self.daemon.stop()
        with look_into(path) as database:
            for table in ('sessions', 'events', 'objects', 'outcomes'):
                self.assertEqual(database.execute(f'SELECT count(*) FROM {table}').fetchone(), (0,))
        self.daemon.process.stdout.close()
        self.daemon.start()


class Backup(StoredTest):

    def restore(self, text):
        """A daemon on a state directory that holds that database."""
        folder = tempfile.mkdtemp(prefix='meerkat-restored-')
        with open(os.path.join(folder, 'meerkat.db'), 'wb') as file:
            file.write(text)
        return self.start(state_dir=folder)

    def test_is_everything(self):
        """A backup holds all sessions, open and closed, and is a whole database"""
        self.do_things(self.anna)
        carl = self.join('carl', session='closed')
        carl.create(ack=True)
        self.caller.manager('CloseSession', '(ss)', 'closed', 'done')
        wanted = self.export(), self.export('closed')
        result, text = self.caller.read('Backup', '(h)')
        self.assertEqual(result, ())
        self.daemon.stop()
        copy = self.restore(text)
        self.wait_for_daemon()
        self.assertEqual((self.export(), self.export('closed')), wanted)
        self.assertEqual([c[2] for c in self.caller.manager('ListClosed')[0]], ['done'])
        self.assertEqual(os.listdir(copy.state_dir).count('meerkat.db'), 1)
        self.daemon.process.stdout.close()
        copy.stop()
        self.daemon.start()
        copy.process = None

    def test_while_people_edit(self):
        """As of one moment: every session in it is whole and at one of its revisions"""
        stop = threading.Event()
        clients = [self.join(f'u{i}', session=f's{i}') for i in range(4)]
        cubes = [c.create(ack=True) for c in clients]

        def edit():
            turn = 0
            while not stop.is_set():
                turn += 1
                for client, cube in zip(clients, cubes):
                    client.send('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place(turn)})
                    client.send('CREATE_OBJECT', an_object())
                for client in clients:
                    client.barrier()
        thread = threading.Thread(target=edit)
        thread.start()
        try:
            texts = [self.caller.read('Backup', '(h)')[1] for _ in range(3)]
        finally:
            stop.set()
            thread.join()
        self.assertGreater(len(texts[-1]), 0)
        for text in texts:
            with tempfile.NamedTemporaryFile() as file:
                file.write(text)
                file.flush()
                with look_into(file.name) as database:
                    check = database.execute('PRAGMA integrity_check').fetchall()
                    rows = database.execute(
                        'SELECT s.revision, (SELECT count(*) FROM events e WHERE e.session = s.key)'
                        ' FROM sessions s').fetchall()
                self.assertEqual(check, [('ok',)])
                self.assertGreaterEqual(len(rows), 4)
                for revision, events in rows:
                    self.assertEqual(revision, events)

    def test_nothing_is_left(self):
        """No file stays behind in the state directory, also if nobody reads"""
        self.do_things(self.anna)
        source, target = os.pipe()
        os.close(source)
        self.assert_refused('Failed', self.caller.manager, 'Backup', '(h)', 0, fds=[target])
        os.close(target)
        self.caller.read('Backup', '(h)')
        self.assertEqual([n for n in os.listdir(self.daemon.state_dir) if 'backup' in n], [])

    def test_stop_meanwhile(self):
        """A daemon that is to stop does not wait for those who do not read"""
        for _ in range(5):
            self.anna.acked_batch([('CREATE_OBJECT', an_object()) for _ in range(500)])
        pipes = [os.pipe() for _ in range(3)]
        finishes = [self.caller.start(MANAGER, 'org.meerkat.Meerkat1.Manager.Export',
                                      variant('(sh)', 'stage', 0), fds=[p[1]]) for p in pipes]
        for source, _ in pipes:
            os.read(source, 1)
        self.assertEqual(self.daemon.stop(), 0)
        until(lambda: all(f.answers for f in finishes), 'errors for all')
        for pair in pipes:
            for fd in pair:
                os.close(fd)
        self.daemon.process.stdout.close()
        self.daemon.start()




if __name__ == '__main__':
    tap.main()
