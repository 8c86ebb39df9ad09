# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""meerkatctl, all commands: what it prints, what it returns, and what it does."""

import contextlib
import json
import os
import pty
import re
import shutil
import signal
import sqlite3
import struct
import subprocess
import tempfile
import time
import unittest
import zlib

from support import tap
from support.bus import MANAGER, BusTest, Polkit, until
from support.client import an_object, place
from support.daemon import Daemon

DONE, FAILED, USAGE, NOT_FOUND, NOT_AUTHORISED, NOT_REACHABLE = range(6)
ESCAPE = '\x1b'


class CtlTest(BusTest):

    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp(prefix='meerkat-ctl-')
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def env(self):
        """Where our bus is the only one."""
        return {**os.environ, 'DBUS_SESSION_BUS_ADDRESS': 'unix:path=/nonexistent',
                'DBUS_SYSTEM_BUS_ADDRESS': 'unix:path=/nonexistent', 'TZ': 'UTC', **self.bus.env}

    def run_ctl(self, *arguments, **how):
        return subprocess.run([os.environ['MEERKATCTL'], *arguments], env=self.env(), text=True,
                              capture_output=True, check=False, timeout=60,
                              stdin=subprocess.DEVNULL, cwd=self.folder, **how)

    def ctl(self, *arguments, status=DONE):
        """Runs it; returns what it prints. What is wrong is said on stderr only."""
        run = self.run_ctl(*arguments)
        self.assertEqual(run.returncode, status, f'{arguments}: {run.stdout}{run.stderr}')
        self.assertNotIn(ESCAPE, run.stdout + run.stderr)
        if status == DONE:
            self.assertEqual(run.stderr, '')
            return run.stdout
        self.assertRegex(run.stderr, r'^meerkatctl: [^\n]+\n$')
        return run.stderr

    def json(self, *arguments):
        return json.loads(self.ctl('--json', *arguments))

    def rows(self, *arguments):
        """A table without its titles, as lists of cells."""
        titles, *lines = self.ctl(*arguments).splitlines()
        starts = [m.start() for m in re.finditer(r'\S+', titles)]
        return [[line[a:b].strip() for a, b in zip(starts, starts[1:] + [None])] for line in lines]

    def spawn(self, *arguments):
        """A command that goes on; it is ended after the test."""
        process = subprocess.Popen([os.environ['MEERKATCTL'], *arguments], env=self.env(),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        os.set_blocking(process.stdout.fileno(), False)
        self.addCleanup(self.put_away, process)
        process.seen = ''
        return process

    def put_away(self, process):
        process.kill()
        process.wait()
        process.stdout.close()

    def look_at(self, process):
        process.seen += (process.stdout.read() or b'').decode()
        return process.seen

    def wait_printed(self, process, condition, what):
        until(lambda: condition(self.look_at(process)), f'{what}; printed: {process.seen!r}')


class Looking(CtlTest):

    def setUp(self):
        super().setUp()
        self.anna = self.join('anna', session='shot-010', display_name='Änna 漢字',
                              payload={'client': {'name': 'Blender', 'version': '4.3'}})
        self.cube = self.anna.create(ack=True)
        self.join('bob', session='shot-010', display_name='Bob')
        self.join('carl', session='shot-020', display_name='Carl')
        self.wait_users(3)

    def test_status(self):
        """For people and for programs"""
        text = self.ctl('status')
        for part in ('running', f'ws://{self.daemon.host}:{self.daemon.port}/ws', '2 of 20',
                     '3 on 3 connections', 'ok, 1 change written'):
            self.assertIn(part, text)
        properties = self.caller.get_all(MANAGER, 'Manager')
        self.assertEqual(self.json('status'), properties)

    def test_list(self):
        """Sessions in a table, and with the names of the properties"""
        self.assertEqual(self.rows('list'), [['shot-010', '2', '1', 'active'],
                                             ['shot-020', '1', '0', 'active']])
        first, second = sorted(self.json('list'), key=lambda s: s['Id'])
        self.assertEqual(first, {'Id': 'shot-010', 'UserCount': 2, 'Revision': 1, 'Loaded': True,
                                 'Path': '/org/meerkat/Meerkat1/Session/shot_2d010'})
        self.assertEqual(second['Id'], 'shot-020')
        self.ctl('close', 'shot-010', '--reason', 'wrap')
        (session, closed, reason), = self.rows('list', '--closed')
        self.assertEqual((session, reason), ('shot-010', 'wrap'))
        self.assertRegex(closed, r'^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$')
        only, = self.json('list', '--closed')
        self.assertEqual(only.keys(), {'Id', 'ClosedAtUSec', 'Reason'})

    def test_show_and_users(self):
        """A session and its people; wide and accented names keep the columns"""
        self.anna.send('SELECT_OBJECT', {'object_id': self.cube})
        self.anna.barrier()
        users = self.ctl('users', 'shot-010')
        first, second = users.splitlines()[1:]
        self.assertEqual(first.split()[:4], ['anna', 'Änna', '漢字', '(host)'])
        self.assertIn('Blender 4.3', first)
        self.assertTrue(first.endswith(self.cube))
        self.assertEqual(second.split()[:2], ['bob', 'Bob'])
        self.assertEqual(first.index('Blender') + 2, users.splitlines()[0].index('CLIENT'))
        shown = self.ctl('show', 'shot-010')
        self.assertIn(users, shown)
        self.assertIn(self.anna.sync['epoch'], shown)
        document = self.json('show', 'shot-010')
        path = '/org/meerkat/Meerkat1/Session/shot_2d010'
        people = document.pop('Users')
        self.assertEqual(document, self.caller.get_all(path, 'Session'))
        self.assertEqual(people, self.json('users', 'shot-010'))
        self.assertEqual([p['Id'] for p in people], ['anna', 'bob'])
        self.assertEqual({**people[0], 'Color': tuple(people[0]['Color'])},
                         self.caller.get_all(path + '/User/anna', 'User'))

    def test_on_a_terminal(self):
        """Colours on a terminal and nowhere else, and not if somebody minds"""
        for env, colored in (({'TERM': 'xterm'}, True), ({'TERM': 'dumb'}, False),
                             ({'TERM': 'xterm', 'NO_COLOR': '1'}, False)):
            with self.subTest(env):
                master, slave = pty.openpty()
                base = {k: v for k, v in self.env().items() if k != 'NO_COLOR'}
                subprocess.run([os.environ['MEERKATCTL'], 'list'], env={**base, **env},
                               stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.DEVNULL,
                               check=True, timeout=60)
                os.close(slave)
                text = os.read(master, 65536).decode()
                os.close(master)
                self.assertIn('shot-010', text)
                self.assertEqual(ESCAPE in text, colored)

    def test_usage(self):
        """Wrong usage: 2 and one line"""
        for arguments in ((), ('bogus',), ('list', 'x'), ('kick', 'x'), ('kick', 'x', 'y', 'z'),
                          ('--bus', 'moon', 'list'), ('--bus',), ('list', '--open'), ('show',),
                          ('history', 'x', '--since', 'yesterday'), ('restore', 'x'),
                          ('verify', '--backup', 'x', '--state-dir', 'y'), ('verify', 'x'),
                          ('kick', 'shot-010', 'bob', '--reason', 'x' * 256)):
            with self.subTest(arguments):
                self.ctl(*arguments, status=USAGE)
        self.assertIn('option "--all"', self.ctl('--all', 'list', status=USAGE))
        self.assertEqual(len(self.json('users', 'shot-010')), 2)
        self.assertRegex(self.ctl('--version'), r'^meerkatctl \d')

    def test_help(self):
        """The help names every command"""
        text = self.ctl('--help')
        for command in ('status', 'list', 'show', 'users', 'kick', 'close', 'reopen', 'purge',
                        'export', 'history', 'monitor', 'backup', 'restore', 'verify'):
            self.assertRegex(text, rf'\n  {command} ')

    def test_not_found(self):
        """No such session, no such user: 3"""
        for arguments in (('show', 'other'), ('users', 'other'), ('kick', 'other', 'bob'),
                          ('kick', 'shot-010', 'zoe'), ('close', 'other'), ('reopen', 'other'),
                          ('purge', 'shot-010'), ('export', 'other'), ('history', 'other'),
                          ('export', 'other', self.path('file'))):
            with self.subTest(arguments):
                self.ctl(*arguments, status=NOT_FOUND)
        self.assertEqual(os.listdir(self.folder), [])

    def test_not_reachable(self):
        """No daemon, no bus: 5"""
        other = 'system' if self.kind == 'session' else 'session'
        self.ctl('--bus', other, 'list', status=NOT_REACHABLE)
        self.daemon.stop()
        for command in (['status'], ['list'], ['monitor'], ['backup', self.path('x')],
                        ['history', 'shot-010', '--follow']):
            with self.subTest(command):
                self.ctl(*command, status=NOT_REACHABLE)
        self.bus.stop()
        self.ctl('list', status=NOT_REACHABLE)
        self.bus.start()
        self.daemon.process.stdout.close()
        self.daemon.start()


class Doing(CtlTest):

    def setUp(self):
        super().setUp()
        self.anna = self.join('anna', session='stage', display_name='Anna')
        self.bob = self.join('b0b', session='stage', display_name='Bob')
        self.cube = self.anna.create(ack=True)
        self.wait_users(2)

    def test_kick(self):
        """By display name, with a reason that the client is told"""
        self.assertEqual(self.ctl('kick', 'stage', 'Bob', '--reason', 'too loud'), '')
        told = self.bob.expect_closed(4002)
        self.assertEqual(told[-1]['payload']['message'], 'too loud')
        self.ctl('--json', 'kick', 'stage', 'an')
        self.anna.expect_closed(4002)

    def test_ambiguous(self):
        """A name that fits several is nobody's: 3, and they are listed"""
        self.join('b0b2', session='stage')
        self.wait_users(3)
        said = self.ctl('kick', 'stage', 'b', status=NOT_FOUND)
        self.assertIn('b0b, b0b2', said)

    def test_close_reopen_purge(self):
        """Into the archive, out of it, and gone"""
        self.assertEqual(self.ctl('close', 'stage', '--reason', 'wrap'), '')
        self.assertEqual(self.anna.expect_closed(4003)[-1]['payload'], {'reason': 'wrap'})
        self.assertEqual(self.rows('list'), [])
        self.ctl('reopen', 'stage')
        self.assertEqual(self.rows('list'), [['stage', '0', '1', 'stored']])
        self.assertEqual(self.rows('list', '--closed'), [])
        self.ctl('close', 'stage')
        self.ctl('purge', 'stage')
        self.assertEqual(self.rows('list', '--closed'), [])
        self.ctl('export', 'stage', status=NOT_FOUND)

    def test_export(self):
        """To a file and to a pipe, the same; a file only when it is whole"""
        text = self.ctl('export', 'stage')
        document = json.loads(text)
        self.assertEqual(document['objects'], self.anna.full_sync()['objects'])
        path = self.path('stage.json')
        self.ctl('export', 'stage', path)
        with open(path, encoding='utf-8') as file:
            self.assertEqual(file.read(), text)
        self.assertEqual(os.listdir(self.folder), ['stage.json'])
        self.ctl('export', 'stage', '/nonexistent/file', status=FAILED)
        with open('/dev/full', 'wb') as full:
            run = subprocess.run([os.environ['MEERKATCTL'], 'export', 'stage'], env=self.env(),
                                 stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
        self.assertEqual(run.returncode, FAILED)
        self.assertIn(b'No space left', run.stderr)

    def test_history(self):
        """What happened, for people and as the protocol has it"""
        self.anna.acked('UPDATE_TRANSFORM', {'object_id': self.cube, 'transform': place(1, 2.5)})
        self.anna.acked('UPDATE_NAME', {'object_id': self.cube, 'name': 'Würfel'})
        lamp = self.bob.create('point_light', ack=True)
        self.bob.acked('UPDATE_PROPERTIES', {'object_id': lamp, 'properties': {'power': 7}})
        self.bob.acked('DELETE_OBJECT', {'object_id': self.cube})
        lines = self.ctl('history', 'stage').splitlines()
        self.assertEqual([line.split()[0] for line in lines], ['1', '2', '3', '4', '5', '6'])
        for line, words in zip(lines, ('anna created: cube', 'anna moved to 1 2.5 0',
                                       'anna renamed to "Würfel"', 'b0b created: point_light',
                                       'b0b changed: power', 'b0b deleted')):
            for word in words.split():
                self.assertIn(word, line)
        events = [json.loads(line) for line in self.ctl('--json', 'history', 'stage').splitlines()]
        self.assertEqual([e['revision'] for e in events], [1, 2, 3, 4, 5, 6])
        since = self.ctl('--json', 'history', 'stage', '--since', '4').splitlines()
        self.assertEqual([json.loads(line) for line in since], events[4:])
        self.assertEqual(self.ctl('history', 'stage', '--since', '6'), '')

    def test_history_follow(self):
        """A live view, until the session is closed"""
        process = self.spawn('--json', 'history', 'stage', '--follow')
        self.wait_printed(process, lambda text: text.count('\n') == 1, 'what there was')
        for i in range(20):
            self.anna.acked('UPDATE_TRANSFORM', {'object_id': self.cube,
                                                 'transform': place(i + 1)})
        self.wait_printed(process, lambda text: text.count('\n') == 21, 'what came')
        self.anna.acked('UPDATE_NAME', {'object_id': self.cube, 'name': 'last'})
        self.ctl('close', 'stage')
        self.assertEqual(process.wait(30), DONE)
        revisions = [json.loads(line)['revision'] for line in self.look_at(process).splitlines()]
        self.assertEqual(revisions, list(range(1, 23)))

    def test_follow_until_interrupted(self):
        """Ctrl+C is the way out of a live view, not a failure; a daemon that goes is one"""
        for command in (('history', 'stage', '--follow'), ('monitor',)):
            process = self.spawn('--json', *command)
            if command[0] == 'history':
                self.wait_printed(process, lambda text: '\n' in text, 'the history')
                self.anna.create(ack=True)
                self.wait_printed(process, lambda text: text.count('\n') == 2, 'what came')
            else:
                def joined(text):
                    self.join(session='other').close()
                    time.sleep(0.05)
                    return 'UserJoined' in text
                self.wait_printed(process, joined, 'a signal')
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(30), DONE)
        process = self.spawn('history', 'stage', '--follow')
        self.wait_printed(process, lambda text: '\n' in text, 'the history')
        self.daemon.stop()
        self.assertEqual(process.wait(30), NOT_REACHABLE)
        self.daemon.process.stdout.close()
        self.daemon.start()

    def test_monitor(self):
        """People come and go, sessions begin and end"""
        process = self.spawn('monitor')
        def began(text):
            client = self.join('zoe', session='debut', display_name='Zoë')
            client.send('LEAVE_SESSION')
            client.barrier()
            client.close()
            time.sleep(0.05)
            return 'debut has begun' in text and 'Zoë (zoe) has left (left)' in text
        self.wait_printed(process, began, 'somebody to come and go')
        self.assertIn('debut has begun', process.seen)
        self.assertIn('debut: Zoë joined (zoe)', process.seen)
        self.ctl('close', 'stage', '--reason', 'wrap')
        self.wait_printed(process, lambda text: 'stage was closed: wrap' in text, 'the end')
        self.assertIn('stage: Bob (b0b) has left (closed)', process.seen)

    def test_progress(self):
        """What takes longer than a second is told of on a terminal"""
        master, slave = pty.openpty()
        process = subprocess.Popen([os.environ['MEERKATCTL'], 'export', 'stage'], env=self.env(),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=slave)
        os.close(slave)
        self.assertEqual(process.wait(60), DONE)
        os.close(master)
        os.kill(self.daemon.process.pid, signal.SIGSTOP)
        try:
            master, slave = pty.openpty()
            process = subprocess.Popen([os.environ['MEERKATCTL'], 'close', 'stage'],
                                       env=self.env(), stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=slave)
            os.close(slave)
            text = b''
            while b'Closing' not in text:
                text += os.read(master, 4096)
        finally:
            os.kill(self.daemon.process.pid, signal.SIGCONT)
        self.assertEqual(process.wait(60), DONE)
        os.close(master)


class NotAllowed(CtlTest):
    kind = 'system'

    def test_not_authorised(self):
        """4, and what is free is free"""
        polkit = Polkit(self.bus)
        self.addCleanup(polkit.finish)
        anna = self.join('anna', session='stage')
        anna.create(ack=True)
        self.wait_users(1)
        for arguments in (('kick', 'stage', 'anna'), ('close', 'stage'), ('reopen', 'x'),
                          ('purge', 'x'), ('export', 'stage'), ('history', 'stage'),
                          ('backup', self.path('b'))):
            with self.subTest(arguments):
                said = self.ctl(*arguments, status=NOT_AUTHORISED)
                self.assertIn('org.meerkat.meerkat1.', said)
        self.assertEqual(os.listdir(self.folder), [])
        self.ctl('status')
        self.ctl('--bus', 'system', 'list')
        self.ctl('users', 'stage')


@contextlib.contextmanager
def database(path):
    connection = sqlite3.connect(path)
    try:
        with connection:
            yield connection
    finally:
        connection.close()


class Offline(CtlTest):

    def setUp(self):
        super().setUp()
        self.anna = self.join('anna', session='stage')
        self.objects = [self.anna.create(kind, name=kind)
                        for kind in ('cube', 'camera', 'sphere', 'point_light') * 10]
        for i, object_id in enumerate(self.objects):
            self.anna.send('UPDATE_TRANSFORM', {'object_id': object_id, 'transform': place(i, 1)})
        self.anna.acked('DELETE_OBJECT', {'object_id': self.objects[0]})
        other = self.join('carl', session='other')
        other.create(ack=True)
        other.acked('CREATE_OBJECT', an_object())
        self.database = os.path.join(self.daemon.state_dir, 'meerkat.db')

    def stop(self):
        self.daemon.assert_clean(self.daemon.stop())

    def tearDown(self):
        if not self.daemon.alive():
            self.daemon.process.stdout.close()
            self.daemon.start()

    def verify(self, *arguments, status=DONE):
        run = self.run_ctl('--json', 'verify', *arguments)
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        document = json.loads(run.stdout)
        return {s['Id']: s for s in document['Sessions']}, document['Problems']

    def test_whole(self):
        """A healthy state directory and a backup; neither is changed"""
        backup = self.path('backup')
        self.ctl('backup', backup)
        self.ctl('verify', '--state-dir', self.daemon.state_dir, status=FAILED)  # in use
        self.stop()
        for arguments in (('--state-dir', self.daemon.state_dir), ('--backup', backup)):
            with open(backup, 'rb') as file:
                before = file.read()
            sessions, problems = self.verify(*arguments)
            self.assertEqual(problems, [])
            stage, other = sessions['stage'], sessions['other']
            self.assertEqual((stage['State'], stage['ObjectCount'], stage['Revision'],
                              stage['FirstEvent']), ('ok', 39, 81, 1))
            self.assertEqual((other['State'], other['ObjectCount']), ('ok', 2))
            with open(backup, 'rb') as file:
                self.assertEqual(file.read(), before)
            self.assertEqual(os.listdir(self.folder), ['backup'])
        table = self.rows('verify', '--state-dir', self.daemon.state_dir)
        self.assertEqual(sorted(table), [['other', '2', '2', '1-2', 'ok'],
                                         ['stage', '39', '81', '1-81', 'ok']])

    def test_after_a_crash(self):
        """What a crash leaves can be verified, whatever is still in the log"""
        self.daemon.kill()
        sessions, _ = self.verify('--state-dir', self.daemon.state_dir)
        self.assertEqual(sessions['stage']['ObjectCount'], 39)

    def test_kept_history(self):
        """A history that begins in the middle leads to its snapshot too"""
        self.stop()
        self.daemon.process.stdout.close()
        self.daemon.flags += ['--history-events', '30', '--snapshot-every', '10']
        self.daemon.start()
        anna = self.join('anna2', session='stage')
        for i, object_id in enumerate(self.objects[1:]):
            anna.send('UPDATE_TRANSFORM', {'object_id': object_id, 'transform': place(i, 2)})
        anna.acked('DELETE_OBJECT', {'object_id': self.objects[1]})
        anna.acked('CREATE_OBJECT', an_object(object_id=self.objects[1]))
        self.stop()
        sessions, _ = self.verify('--state-dir', self.daemon.state_dir)
        self.assertGreater(sessions['stage']['FirstEvent'], 50)
        self.assertEqual(sessions['stage']['ObjectCount'], 39)
        with database(self.database) as open_one:
            # A value that the kept history has written, with a checksum that is right.
            change_object(open_one, self.objects[30], b'"position":[29,2,0]',
                          b'"position":[29,2,1]')
        sessions, _ = self.verify('--state-dir', self.daemon.state_dir, status=FAILED)
        self.assertIn(self.objects[30], sessions['stage']['State'])

    def test_damage(self):
        """Planted corruption is found, said of the right session, and of no other"""
        self.stop()
        safe = self.path('safe')
        shutil.copy(self.database, safe)
        key = 'SELECT key FROM sessions WHERE id = "stage"'

        def spoil(statement):
            def do(connection):
                self.assertGreater(connection.execute(statement).rowcount, 0, statement)
            return do
        damages = {
            'an event has other text': spoil(
                "UPDATE events SET data = replace(data, '\"time\":', '\"time\":1')"
                f' WHERE revision = 50 AND session = ({key})'),
            'an event is missing': spoil(
                f'DELETE FROM events WHERE revision = 50 AND session = ({key})'),
            'the last event is missing': spoil(
                f'DELETE FROM events WHERE revision = 81 AND session = ({key})'),
            'two events are exchanged': spoil(
                'UPDATE events SET data = (SELECT data FROM events e WHERE e.session ='
                ' events.session AND e.revision = 51), crc = (SELECT crc FROM events e WHERE'
                f' e.session = events.session AND e.revision = 51) WHERE revision = 50'
                f' AND session = ({key})'),
            'an object has other text': spoil(
                f"UPDATE objects SET data = replace(data, 'camera', 'sphere') WHERE session = ({key})"
                f" AND object_id = '{self.objects[1]}'"),
            'an object is missing': spoil(
                f"DELETE FROM objects WHERE session = ({key}) AND object_id = '{self.objects[1]}'"),
            'the row has another number': spoil(
                'UPDATE sessions SET revision = 80 WHERE id = "stage"'),
            'an object has another value and the right checksum': lambda connection: change_object(
                connection, self.objects[5], b'"position":[5,1,0]', b'"position":[5,1,9]'),
            'an object has another name and the right checksum': lambda connection: change_object(
                connection, self.objects[5], b'"name":"camera"', b'"name":"kamera"'),
        }
        for what, damage in damages.items():
            with self.subTest(what):
                shutil.copy(safe, self.database)
                with database(self.database) as connection:
                    damage(connection)
                for arguments in (('--state-dir', self.daemon.state_dir),
                                  ('--backup', self.database)):
                    sessions, _ = self.verify(*arguments, status=FAILED)
                    self.assertEqual(sessions['stage']['Damaged'], True)
                    self.assertEqual(sessions['other']['State'], 'ok')
        shutil.copy(safe, self.database)
        self.verify('--state-dir', self.daemon.state_dir)

    def test_not_a_database(self):
        """Files that are none of ours: 1, and the file is named"""
        self.stop()
        rubbish = self.path('rubbish')
        with open(rubbish, 'wb') as file:
            file.write(os.urandom(8192))
        foreign = self.path('foreign')
        with database(foreign) as connection:
            connection.execute('CREATE TABLE t (x)')
        empty = self.path('empty')
        with open(empty, 'wb'):
            pass
        self.assertIn('the file is empty', self.ctl('verify', '--backup', empty, status=FAILED))
        for path in (rubbish, foreign, empty, self.path('nothing')):
            with self.subTest(path):
                self.assertIn(path, self.ctl('verify', '--backup', path, status=FAILED))
                self.assertIn(path, self.ctl('restore', path, '--state-dir', self.path('new'),
                                             status=FAILED))
        self.assertFalse(os.path.exists(self.path('new')))
        torn = self.path('torn')
        with open(self.database, 'rb') as whole, open(torn, 'wb') as file:
            file.write(whole.read()[:-8192])
        self.assertNotEqual(self.run_ctl('verify', '--backup', torn).returncode, DONE)
        self.ctl('verify', '--state-dir', self.path('new'), status=FAILED)
        self.assertFalse(os.path.exists(self.path('new')))

    def test_restore(self):
        """Elsewhere: equal to the live export but for its epoch, and clients begin anew"""
        backup = self.path('backup')
        self.ctl('backup', backup)
        live = json.loads(self.ctl('export', 'stage'))
        point = self.anna.resume_point()
        self.anna.acked('DELETE_OBJECT', {'object_id': self.objects[2]})
        target = self.path('state')
        self.assertIn('Restored 2 sessions', self.ctl('restore', backup, '--state-dir', target))
        restored = Daemon('--bus', 'none', state_dir=target)
        try:
            back = self.join('anna', daemon=restored, session='stage', resume=point,
                             token=self.anna.token)
            self.assertEqual(back.sync['kind'], 'FULL_STATE_SYNC')
            self.assertNotEqual(back.sync['epoch'], live['epoch'])
            self.assertEqual(back.sync['objects'], live['objects'])
            self.assertEqual(back.sync['revision'], live['revision'])
            back.acked('DELETE_OBJECT', {'object_id': self.objects[3]})
            back.close()
        finally:
            restored.finish()
        self.verify('--state-dir', target)

    def test_restore_over(self):
        """Where there is something already it is kept; where a daemon runs it is refused"""
        backup = self.path('backup')
        self.ctl('backup', backup)
        self.ctl('restore', backup, '--state-dir', self.daemon.state_dir, status=FAILED)
        self.anna.acked('DELETE_OBJECT', {'object_id': self.objects[2]})
        self.stop()
        with open(self.database, 'rb') as file:
            before = file.read()
        document = self.json('restore', backup, '--state-dir', self.daemon.state_dir)
        self.assertEqual(document['SessionCount'], 2)
        with open(document['Replaced'], 'rb') as file:
            self.assertEqual(file.read(), before)
        self.daemon.process.stdout.close()
        self.daemon.start()
        self.assertIn(self.objects[2], self.state('stage')['objects'])

    def test_backup_while_people_edit(self):
        """Five edit while a backup is made: it verifies, and is one moment of each session"""
        clients = [self.join(f'u{i}', session='crowd') for i in range(5)]
        cubes = [c.create(ack=True) for c in clients]
        for turn in range(3):
            for i in range(100):
                for client, cube in zip(clients, cubes):
                    client.send('UPDATE_TRANSFORM', {'object_id': cube,
                                                     'transform': place(i, turn)})
            self.ctl('backup', self.path(f'b{turn}'))
            sessions, problems = self.verify('--backup', self.path(f'b{turn}'))
            self.assertEqual(problems, [])
            self.assertGreaterEqual(sessions['crowd']['Revision'], 5)

    @unittest.skipUnless(os.geteuid() == 0, 'needs root')
    def test_restore_for_somebody_else(self):
        """What root restores belongs to whom the directory belongs to"""
        backup, target = self.path('backup'), self.path('theirs')
        self.ctl('backup', backup)
        os.mkdir(target)
        os.chown(target, 65534, 65534)
        self.ctl('restore', backup, '--state-dir', target)
        for name in os.listdir(target):
            self.assertEqual(os.stat(os.path.join(target, name)).st_uid, 65534, name)


def checksum(fields):
    """As the journal computes it: numbers as they are, texts after their length."""
    crc = 0
    for field in fields:
        if isinstance(field, bytes):
            crc = zlib.crc32(field, zlib.crc32(struct.pack('<q', len(field)), crc))
        else:
            crc = zlib.crc32(struct.pack('<q', field), crc)
    return crc


def change_object(connection, object_id, before, after):
    """Changes the text of an object in the snapshot, and its checksum with it."""
    key, revision, data = connection.execute(
        'SELECT session, revision, data FROM objects WHERE object_id = ?',
        (object_id,)).fetchone()
    text = data.encode().replace(before, after)
    assert text != data.encode(), data
    crc = checksum([key, object_id.encode(), revision, text])
    connection.execute('UPDATE objects SET data = ?, crc = ? WHERE object_id = ?',
                       (text.decode(), crc, object_id))


class Completion(CtlTest):

    def complete(self, *words):
        """What bash would offer for the last word."""
        script = os.path.join(os.path.dirname(__file__), '../../data/completions/meerkatctl')
        code = (f'source {script}; COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _meerkatctl;'
                ' printf "%s\\n" "${COMPREPLY[@]}"')
        env = self.env()
        env['PATH'] = os.path.dirname(os.environ['MEERKATCTL']) + ':' + env['PATH']
        run = subprocess.run(['bash', '-c', code, 'bash', 'meerkatctl', *words], env=env,
                             text=True, capture_output=True, check=False, timeout=60)
        self.assertEqual(run.stderr, '')
        return sorted(run.stdout.split())

    def test_bash(self):
        """Commands, options, sessions and users, as they are now"""
        anna = self.join('anna', session='stage')
        anna.create(ack=True)
        self.join('bob', session='stage2')
        old = self.join('carl', session='old')
        old.create(ack=True)
        self.wait_users(3)
        self.ctl('close', 'old')
        self.assertEqual(self.complete('st'), ['status'])
        self.assertEqual(len(self.complete('')), 14)
        self.assertEqual(self.complete('show', ''), ['stage', 'stage2'])
        self.assertEqual(self.complete('kick', 'stage', ''), ['anna'])
        self.assertEqual(self.complete('--bus', 'session', 'kick', 'stage2', ''), ['bob'])
        self.assertEqual(self.complete('purge', ''), ['old'])
        self.assertEqual(self.complete('history', '--s'), ['--since'])
        self.assertEqual(self.complete('--bus', 's'), ['session', 'system'])
        self.assertEqual(self.complete('kick', 'stage', 'anna', '--reason', ''), [])

    @unittest.skipUnless(shutil.which('zsh'), 'needs zsh')
    def test_zsh(self):
        """The completion for zsh is at least one that zsh understands"""
        script = os.path.join(os.path.dirname(__file__), '../../data/completions/_meerkatctl')
        run = subprocess.run(['zsh', '-fn', script], capture_output=True, text=True, check=False)
        self.assertEqual((run.returncode, run.stderr), (0, ''))


if __name__ == '__main__':
    tap.main()
