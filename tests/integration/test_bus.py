# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The objects on the bus: what they say, when they come and go, what can be done to them."""

import os
import time
import xml.etree.ElementTree as ET

from gi.repository import GLib

from support import tap
from support.bus import MANAGER, NAME, OBJECT_MANAGER, ROOT, BusTest, session_path, user_path
from support.client import place

XML = os.path.join(os.path.dirname(__file__), '../../data/org.meerkat.Meerkat1.xml')
DENIED = 'org.freedesktop.DBus.Error.AccessDenied'
INVALID = 'org.freedesktop.DBus.Error.InvalidArgs'
UNKNOWN_OBJECT = ('org.freedesktop.DBus.Error.UnknownObject',
                  'org.freedesktop.DBus.Error.UnknownMethod')


def describe(node):
    """The members of the interfaces in an introspection, with types and annotations."""
    found = {}
    for interface in node.iter('interface'):
        members = found.setdefault(interface.get('name'), {})
        for member in interface:
            if member.tag == 'annotation':
                continue
            emits = [a.get('value') for a in member.iter('annotation')
                     if a.get('name').endswith('EmitsChangedSignal')]
            members[member.tag, member.get('name')] = (
                member.get('type'), member.get('access'),
                [(a.get('type'), a.get('direction')) for a in member.iter('arg')], emits)
    return found


class Objects(BusTest):

    def introspect(self, path):
        text, = self.caller.call(path, 'org.freedesktop.DBus.Introspectable.Introspect')
        return ET.fromstring(text)

    def test_as_described(self):
        """Introspection says what the description in data/ says"""
        self.join('anna', session='stage')
        wanted = describe(ET.parse(XML).getroot())
        seen = {}
        self.wait_users(1)
        for path in (MANAGER, session_path('stage'), user_path('stage', 'anna')):
            seen.update(describe(self.introspect(path)))
        self.assertEqual({k: v for k, v in seen.items() if k.startswith(NAME)}, wanted)

    def test_tree(self):
        """Every object can be found from the root"""
        self.join('anna', session='1st stage'.replace(' ', '.'))
        self.wait_users(1)
        found, left = set(), ['/']
        while left:
            path = left.pop()
            node = self.introspect(path)
            if any(i.get('name').startswith(NAME) for i in node.iter('interface')):
                found.add(path)
            left += [path.rstrip('/') + '/' + n.get('name') for n in node.findall('node')]
        self.assertEqual(found, set(self.caller.objects()))
        self.assertIn('/org/meerkat/Meerkat1/Session/_31st_2estage/User/anna', found)

    def test_properties(self):
        """Every property of every object, one by one, all at once, and in the list of objects"""
        anna = self.join('anna', session='stage', display_name='Anna',
                         payload={'client': {'name': 'Blender', 'version': '4.3'}})
        anna.create(ack=True)
        anna.create(ack=True)
        cube = anna.create(ack=True)
        self.join('2nd', session='stage', display_name='Otto')
        anna.send('SELECT_OBJECT', {'object_id': cube})
        anna.barrier()
        self.wait_users(2)

        manager = self.caller.get_all(MANAGER, 'Manager')
        session = self.caller.get_all(session_path('stage'), 'Session')
        users = [self.caller.get_all(user_path('stage', u), 'User') for u in ('anna', '2nd')]
        now = time.time() * 1e6
        self.assertEqual(manager['Version'], self.daemon.addresses[0][0])
        self.assertEqual(manager['ProtocolVersion'], 1)
        self.assertEqual((manager['State'], manager['JournalState']), ('running', 'ok'))
        self.assertEqual(manager['ListenUris'],
                         [f'ws://{self.daemon.host}:{self.daemon.port}/ws'])
        self.assertEqual([manager[n] for n in ('SessionCount', 'StoredSessionCount', 'UserCount',
                                               'ConnectionCount')], [1, 1, 2, 2])
        self.assertEqual((manager['MaxSessions'], manager['MaxUsersPerSession']), (20, 10))
        self.assertEqual(manager['EventsJournaled'], 3)
        self.assertGreaterEqual(manager['MessagesReceived'], 6)
        self.assertGreaterEqual(manager['MessagesSent'], 6)
        self.assertGreater(manager['LatencyP50USec'], 0)
        self.assertGreaterEqual(manager['LatencyP99USec'], manager['LatencyP50USec'])

        sync = anna.sync
        self.assertEqual((session['Id'], session['Epoch'], session['HostUserId']),
                         ('stage', sync['epoch'], 'anna'))
        self.assertEqual([session[n] for n in ('UserCount', 'ObjectCount', 'Revision')], [2, 3, 3])
        self.assertGreater(session['JournalBytes'], 0)
        for when in (manager['StartedAtUSec'], session['CreatedAtUSec'],
                     session['LastActivityUSec'], users[0]['JoinedAtUSec']):
            self.assertTrue(now - 600e6 < when <= now, when)

        self.assertEqual([u['Id'] for u in users], ['anna', '2nd'])
        self.assertEqual([u['Session'] for u in users], 2 * [session_path('stage')])
        self.assertEqual([u['DisplayName'] for u in users], ['Anna', 'Otto'])
        self.assertEqual([list(u['Color']) for u in users],
                         [list(self.state('stage')['users'][u]['color']) for u in ('anna', '2nd')])
        self.assertEqual([u['SelectedObject'] for u in users], [cube, ''])
        self.assertEqual([(u['ClientName'], u['ClientVersion']) for u in users],
                         [('Blender', '4.3'), ('', '')])

    def test_three_ways_to_the_same(self):
        """Get, GetAll and GetManagedObjects agree"""
        anna = self.join('anna', session='stage')
        anna.create(ack=True)
        self.wait_users(1)
        for path, interfaces in self.caller.objects().items():
            (interface, listed), = interfaces.items()
            short = interface.rsplit('.', 1)[1]
            whole = self.caller.get_all(path, short)
            single = {name: self.caller.get(path, short, name) for name in whole}
            self.assertEqual(whole, single)
            self.assertEqual(whole, listed)

    def test_read_only(self):
        """No property can be set"""
        self.assert_refused(INVALID, self.caller.call, MANAGER,
                            'org.freedesktop.DBus.Properties.Set',
                            GLib.Variant('(ssv)', (f'{NAME}.Manager', 'State',
                                                   GLib.Variant('s', 'stopping'))))

    def test_unknown_objects(self):
        """What is not there is not there, whatever the path"""
        self.join('anna', session='stage')
        self.wait_users(1)
        for path in (session_path('other'), user_path('stage', 'bob'), user_path('other', 'anna'),
                     session_path('stage') + '/User', session_path('stage') + '/Peers/anna',
                     ROOT + '/Session', user_path('stage', 'anna') + '/x'):
            with self.subTest(path):
                for method in ('org.freedesktop.DBus.Properties.GetAll',):
                    with self.assertRaises(Exception) as caught:
                        self.caller.call(path, method, GLib.Variant('(s)', (f'{NAME}.Session',)))
                    self.assertIn(caught.exception.name, UNKNOWN_OBJECT + (INVALID,))


class Changes(BusTest):

    def test_coming_and_going(self):
        """Objects are told of in order, with all their properties, and so are their ends"""
        anna = self.join('anna', session='stage')
        self.caller.wait_signal('UserJoined')
        path, user = session_path('stage'), user_path('stage', 'anna')
        added = [s for s in self.caller.signals if s[2] == 'InterfacesAdded']
        self.assertEqual([s[3][0] for s in added], [path, user])
        self.assertEqual(added[0][3][1].keys(), {f'{NAME}.Session'})
        self.assertEqual(added[1][3][1][f'{NAME}.User']['Id'], 'anna')
        names = self.caller.names()
        self.assertEqual(names[:3], [(ROOT, 'InterfacesAdded'), (ROOT, 'InterfacesAdded'),
                                     (path, 'UserJoined')])
        anna.send('LEAVE_SESSION')
        self.caller.wait_signal('InterfacesRemoved', lambda _, args: args[0] == path)
        heard = [(p, m, a) for p, i, m, a in self.caller.signals if i != 'org.freedesktop.DBus.'
                 'Properties']
        self.assertEqual(heard, [(path, 'UserLeft', ('anna', 'left')),
                                 (ROOT, 'InterfacesRemoved', (user, [f'{NAME}.User'])),
                                 (ROOT, 'InterfacesRemoved', (path, [f'{NAME}.Session']))])
        self.assertEqual(list(self.caller.objects()), [MANAGER])

    def test_reasons(self):
        """UserLeft says why"""
        anna = self.join('anna', session='stage')
        self.join('bob', session='stage').close()
        self.caller.wait_signal('UserLeft', lambda _, a: a == ('bob', 'disconnected'))
        self.join('carl', session='stage')
        anna.send('KICK_USER', {'user_id': 'carl'})
        self.caller.wait_signal('UserLeft', lambda _, a: a == ('carl', 'kicked'))
        anna.create(ack=True)
        anna.send('CLOSE_SESSION', {'reason': 'lunch'})
        self.caller.wait_signal('UserLeft', lambda _, a: a == ('anna', 'closed'))
        path, args = self.caller.wait_signal('SessionClosed')
        self.assertEqual((path, args), (MANAGER, ('stage', 'lunch')))

    def test_counts_are_told(self):
        """UserCount and SessionCount, of the session and of the daemon"""
        def told(path, name, value):
            self.caller.wait_signal('PropertiesChanged',
                                    lambda p, a: p == path and a[1].get(name) == value)
        self.join('anna', session='stage')
        told(MANAGER, 'SessionCount', 1)
        bob = self.join('bob', session='stage')
        told(MANAGER, 'UserCount', 2)
        told(session_path('stage'), 'UserCount', 2)
        self.caller.signals.clear()
        bob.close()
        told(session_path('stage'), 'UserCount', 1)

    def test_new_host(self):
        """Another host is told of"""
        anna = self.join('anna', session='stage')
        self.join('bob', session='stage')
        anna.close()
        self.caller.wait_signal('UserLeft')
        self.join('anna2', session='stage', token=anna.token)
        self.caller.wait_signal('PropertiesChanged',
                                lambda _, a: a[1].get('HostUserId') == 'anna2')

    def test_new_epoch(self):
        """A new epoch is told of"""
        anna = self.join('anna', session='stage')
        anna.create(ack=True)
        self.join('bob', session='stage',
                  resume={'epoch': anna.sync['epoch'], 'revision': 1000})
        path, args = self.caller.wait_signal('PropertiesChanged', lambda _, a: 'Epoch' in a[1])
        self.assertEqual(path, session_path('stage'))
        self.assertEqual(args[1]['Epoch'], self.state('stage')['epoch'])

    def test_edits_are_not_told(self):
        """Nothing goes over the bus for edits and selections, however many"""
        anna, bob = self.join('anna', session='stage'), self.join('bob', session='stage')
        cube = anna.create(ack=True)
        self.wait_users(2)
        self.caller.names()
        for i in range(1, 301):
            anna.send('UPDATE_TRANSFORM', {'object_id': cube, 'transform': place(i)})
            bob.send('SELECT_OBJECT', {'object_id': cube if i % 2 else None})
        anna.barrier()
        bob.barrier()
        self.assertEqual(self.caller.names(), [])
        self.assertEqual(self.caller.get(session_path('stage'), 'Session', 'Revision'), 301)

    def test_same_name_again(self):
        """A session that is closed makes room for the next of its name"""
        for turn in range(3):
            anna = self.join(f'anna{turn}', session='stage')
            anna.create(ack=True)
            self.caller.manager('CloseSession', '(ss)', 'stage', '')
            anna.expect_closed(4003)
            self.assertEqual(list(self.caller.objects()), [MANAGER])
        self.assertEqual(len(self.caller.manager('ListClosed')[0]), 3)

    def test_list_while_things_change(self):
        """Who asks for all objects misses nothing that happens meanwhile"""
        for i in range(4):
            self.join(f'user{i}', session=f'stage{i}')
        self.wait_users(4)
        for i in range(4, 8):
            other = self.call_from()
            finish = other.start(ROOT, f'{OBJECT_MANAGER}.GetManagedObjects')
            late = self.join(f'user{i}', session='stage0')
            self.caller.manager('KickUser', '(sss)', f'stage{i - 4}', f'user{i - 4}', '')
            known = set(finish()[0])
            later = self.caller.objects()
            other.settle()
            for _, _, member, args in other.signals:
                if member == 'InterfacesAdded':
                    known.add(args[0])
                elif member == 'InterfacesRemoved':
                    known.discard(args[0])
            self.assertEqual(known, set(later))
            late.barrier()


class Methods(BusTest):

    def setUp(self):
        super().setUp()
        self.anna = self.join('anna', session='stage', display_name='Anna')
        self.anna.create(ack=True)
        self.bob = self.join('bob', session='stage', display_name='Bob')

    def test_list_sessions(self):
        """Sessions with people, empty ones and stored ones"""
        quiet = self.join('carl', session='quiet')
        quiet.create(ack=True)
        quiet.create(ack=True)
        quiet.close()
        self.caller.wait_signal('UserLeft')
        listed = dict((line[0], line[1:]) for line in self.caller.manager('ListSessions')[0])
        self.assertEqual(listed, {'stage': (session_path('stage'), 2, 1, True),
                                  'quiet': ('/', 0, 2, True)})
        self.daemon.restart()
        self.wait_for_daemon()
        listed = dict((line[0], line[1:]) for line in self.caller.manager('ListSessions')[0])
        self.assertEqual(listed, {'stage': ('/', 0, 1, False), 'quiet': ('/', 0, 2, False)})

    def test_get_session(self):
        """The object of a session, if somebody is in it"""
        self.assertEqual(self.caller.manager('GetSession', '(s)', 'stage'),
                         (session_path('stage'),))
        self.assert_refused('NoSuchSession', self.caller.manager, 'GetSession', '(s)', 'other')

    def test_kick(self):
        """All three ways: the client is told why, and the object is gone when it returns"""
        ways = [lambda: self.caller.manager('KickUser', '(sss)', 'stage', 'bob', 'too loud'),
                lambda: self.caller.session('stage', 'KickUser', '(ss)', 'bob2', 'too loud'),
                lambda: self.caller.user('stage', 'bob3', 'Kick', '(s)', 'too loud')]
        for number, way in enumerate(ways, 1):
            with self.subTest(number):
                name = 'bob' if number == 1 else f'bob{number}'
                bob = self.bob if number == 1 else self.join(name, session='stage')
                self.wait_users(2)
                self.caller.signals.clear()
                self.assertEqual(way(), ())
                heard = [a[0] for _, _, m, a in self.caller.before if m == 'InterfacesRemoved']
                self.assertEqual(heard, [user_path('stage', name)])
                before = bob.expect_closed(4002)
                errors = [m['payload'] for m in before if m['event_type'] == 'ERROR']
                self.assertEqual([(e['code'], e['message']) for e in errors],
                                 [('KICKED', 'too loud')])
                self.assertIn('too loud', str(bob.closed))
                again = self.connect(name)
                again.send_join('stage')
                again.expect_error('KICKED')

    def test_kick_by_name(self):
        """A user id, the beginning of one, a display name; the first goes before the others"""
        self.join('bobby', session='stage', display_name='anna')
        self.join('carl', session='stage', display_name='Bob')
        def kick(name):
            return self.caller.manager('KickUser', '(sss)', 'stage', name, '')
        self.assert_refused('AmbiguousUser', kick, 'bo', words=['bob', 'bobby'])
        self.assert_refused('AmbiguousUser', kick, 'Bob', words=['bob', 'carl'])
        self.assert_refused('NoSuchUser', kick, 'nobody')
        self.assert_refused('NoSuchUser', kick, '')
        kick('anna')
        self.anna.expect_closed(4002)
        kick('anna')  # a display name by now
        kick('car')
        kick('Bob')
        messages = self.bob.expect_closed(4002)
        self.assertEqual(messages[-1]['payload']['message'],
                         'an administrator removed you from the session')
        self.wait_users(0)

    def test_no_such(self):
        """NoSuchSession and NoSuchUser"""
        self.assert_refused('NoSuchSession', self.caller.manager, 'KickUser', '(sss)', 'other',
                            'bob', '')
        self.assert_refused('NoSuchUser', self.caller.manager, 'KickUser', '(sss)', 'stage',
                            'carl', '')
        self.assert_refused('NoSuchSession', self.caller.manager, 'CloseSession', '(ss)', 'other',
                            '')
        self.daemon.restart()
        self.wait_for_daemon()
        self.assert_refused('NoSuchUser', self.caller.manager, 'KickUser', '(sss)', 'stage', 'bob',
                            '')

    def test_close(self):
        """Both ways: all are told why, the objects are gone, and it is archived"""
        ways = [lambda: self.caller.manager('CloseSession', '(ss)', 'stage', 'the end'),
                lambda: self.caller.session('stage2', 'Close', '(s)', 'the end')]
        for number, way in enumerate(ways, 1):
            with self.subTest(number):
                name = 'stage' if number == 1 else 'stage2'
                clients = [self.anna, self.bob] if number == 1 else [
                    self.join(u, session=name) for u in ('eve', 'fred')]
                clients[0].create(ack=True)
                self.wait_users(2)
                self.assertEqual(way(), ())
                removed = [a[0] for _, _, m, a in self.caller.before if m == 'InterfacesRemoved']
                self.assertEqual(removed[-1], session_path(name))
                self.assertIn((name, 'the end'),
                              [a for _, _, m, a in self.caller.before if m == 'SessionClosed'])
                for client in clients:
                    told = client.expect_closed(4003)
                    self.assertEqual(told[-1]['payload'], {'reason': 'the end'})
                closed = self.caller.manager('ListClosed')[0]
                self.assertEqual((closed[-1][0], closed[-1][2]), (name, 'the end'))
                self.assertLess(abs(closed[-1][1] / 1e6 - time.time()), 600)
                self.assertEqual(self.caller.manager('ListSessions')[0], [])
                self.caller.signals.clear()

    def test_close_an_empty_one(self):
        """A session with nobody in it, in memory or only on disk"""
        self.anna.close()
        self.bob.close()
        self.wait_users(0)
        self.caller.manager('CloseSession', '(ss)', 'stage', '')
        self.assertEqual([line[0] for line in self.caller.manager('ListClosed')[0]], ['stage'])
        again = self.join('carl', session='other')
        again.create(ack=True)
        self.daemon.restart()
        self.wait_for_daemon()
        self.caller.manager('CloseSession', '(ss)', 'other', '')
        self.assertEqual([line[0] for line in self.caller.manager('ListClosed')[0]],
                         ['stage', 'other'])
        self.assert_refused('NoSuchSession', self.caller.manager, 'CloseSession', '(ss)', 'other',
                            '')
        self.assertEqual(self.state('other')['objects'], {})

    def test_close_for_those_who_do_not_read(self):
        """Somebody who reads nothing does not keep a session open"""
        deaf = self.join('deaf', session='stage')
        self.wait_users(3)
        blob = 'x' * 200
        for _ in range(3000):
            self.anna.send('UPDATE_NAME', {'object_id': self.anna.create(name=blob),
                                           'name': blob[1:]})
        self.anna.barrier()
        self.caller.manager('CloseSession', '(ss)', 'stage', '')
        self.assertEqual(list(self.caller.objects()), [MANAGER])
        deaf.close()

    def test_reasons_are_checked(self):
        """Too long a reason, or one with control characters: InvalidArgs, nothing happens"""
        for reason in ('x' * 256, 'a\nb', '\x07'):
            self.assert_refused(INVALID, self.caller.manager, 'KickUser', '(sss)', 'stage', 'bob',
                                reason, words=['reason'])
            self.assert_refused(INVALID, self.caller.manager, 'CloseSession', '(ss)', 'stage',
                                reason)
            self.assert_refused(INVALID, self.caller.session, 'stage', 'Close', '(s)', reason)
            self.assert_refused(INVALID, self.caller.user, 'stage', 'bob', 'Kick', '(s)', reason)
        for client in (self.anna, self.bob):
            told = [m for m in client.barrier() if m['event_type'] != 'USER_JOINED']
            self.assertEqual(told, [])

    def test_wrong_types(self):
        """Arguments of the wrong type never reach anything"""
        self.assert_refused(INVALID, self.caller.manager, 'KickUser', '(ss)', 'stage', 'bob')
        self.assert_refused(INVALID, self.caller.manager, 'CloseSession', '(u)', 1)

    def test_connection_details(self):
        """Where a user connects from, and how that goes"""
        self.bob.barrier()
        self.wait_users(2)
        details = self.caller.user('stage', 'bob', 'GetConnectionDetails')[0]
        self.assertEqual(details['remote-address'], '127.0.0.1')
        self.assertEqual(details['messages'], 2)
        self.assertEqual(details['buffered-bytes'], 0)
        self.assertLess(abs(details['connected-at'] / 1e6 - time.time()), 600)
        self.assertNotIn('user-agent', details)
        self.assertLessEqual(set(details), {'remote-address', 'connected-at', 'messages',
                                            'buffered-bytes', 'round-trip-usec'})
        self.join('carl', session='stage', how={'headers': ['User-Agent: Blender/4.3']})
        self.wait_users(3)
        details = self.caller.user('stage', 'carl', 'GetConnectionDetails')[0]
        self.assertEqual(details['user-agent'], 'Blender/4.3')


if __name__ == '__main__':
    tap.main()
