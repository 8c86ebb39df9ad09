# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The shared scene as this user sees it: what the server told, and over it our unanswered writes.

The rule (docs/protocol.md, "With event ids"): a register that we wrote is *pending* until the
server has answered our last write of it, and no remote value is applied to it. What came before the
answer is superseded by our write; what comes after it wins.

A write is pending from the moment it is made, also while it still waits to be sent.
"""

from . import protocol
from .protocol import NAME, SERVER, TRANSFORM

EXISTS = 'exists'  # the register that says whether there is such an object at all
MAX_TOMBSTONES = 2000

# The values of EXISTS: what we did, and what is said to the server.
CREATED, DELETED, REPLACED = 'created', 'deleted', 'replaced'


class Pending:
    """A write of ours that the server has not answered.

    `event_id` is None while it waits to be sent; `time` is when it was made, Unix milliseconds.
    """

    __slots__ = ('event_id', 'value', 'time')

    def __init__(self, value, time):
        self.event_id = None
        self.value = value
        self.time = time


class Replica:
    """All objects and users of the session.

    What others change is noted in `changed` (ids of objects to look at, also of those that are
    gone) and `news`; whoever uses them empties them.
    """

    def __init__(self, user_id):
        self.user_id = user_id
        self.objects = {}
        self.users = {}
        self.tombstones = {}  # id -> (who deleted it or None, the object); the newest last
        self.changed = set()
        self.news = []
        self.pending = {}     # id -> {register: Pending}
        self.n_pending = 0
        self._changes = {
            'TRANSFORM_UPDATED': self._transform_updated,
            'PROPERTIES_UPDATED': self._properties_updated,
            'NAME_UPDATED': self._name_updated,
            'OBJECT_CREATED': self._object_created,
            'OBJECT_DELETED': self._object_deleted,
            'USER_JOINED': self._user_joined,
            'USER_LEFT': self._user_left,
            'USER_SELECTED': self._user_selected,
        }

    def clear(self):
        """Forgets everything, as before the first sync."""
        for part in (self.objects, self.users, self.tombstones, self.changed, self.pending):
            part.clear()
        self.n_pending = 0

    # Our own edits. They return the register under which the edit waits, or None.

    def create(self, item, time):
        """Puts an object of ours into the scene, in place of one of that id if there is one."""
        waiting = self._waiting_existence(item.id)
        if waiting is not None:
            value = CREATED if waiting.value == CREATED else REPLACED
        else:
            value = REPLACED if item.id in self.objects else CREATED
        self.objects[item.id] = item
        self.tombstones.pop(item.id, None)
        self._decide(item.id, value, time)
        return EXISTS

    def delete(self, object_id, time):
        """Takes an object out of the scene."""
        item = self.objects.pop(object_id, None)
        if item is None:
            return None
        self._bury(item, self.user_id)
        self._decide(object_id, DELETED, time)
        return EXISTS

    def write(self, object_id, register, value, time, at):
        """Gives a register a clean value. None if it has that already or there is no such object.

        `time` is our clock's, `at` the server's idea of the same moment.
        """
        item = self.objects.get(object_id)
        if item is None or item.get(register) == value:
            return None
        item.set(register, value)
        item.writers[register] = item.updated_by = self.user_id
        item.updated_at = at

        mine = self.pending.get(object_id)
        if mine is None:
            mine = self.pending[object_id] = {}
        existence = mine.get(EXISTS)
        if existence is not None and existence.event_id is None:
            existence.time = time  # the object goes out as it is then
            return EXISTS
        if register not in mine:
            self.n_pending += 1
        mine[register] = Pending(value, time)
        return register

    def _waiting_existence(self, object_id):
        existence = self.pending.get(object_id, {}).get(EXISTS)
        return existence if existence is not None and existence.event_id is None else None

    def _decide(self, object_id, value, time):
        # Whether the object exists covers all that it is.
        self.n_pending += 1 - len(self.pending.get(object_id, ()))
        self.pending[object_id] = {EXISTS: Pending(value, time)}

    # The answers to them

    def settle(self, object_id, registers, event_id):
        """These writes were answered, and the answer counts unless they were written again."""
        mine = self.pending.get(object_id)
        if mine is None:
            return
        for register in registers:
            entry = mine.get(register)
            if entry is not None and entry.event_id == event_id:
                del mine[register]
                self.n_pending -= 1
        if not mine:
            del self.pending[object_id]

    def exists_pending(self, object_id):
        """Whether we created or deleted this object and wait for the answer."""
        return EXISTS in self.pending.get(object_id, ())

    def is_pending(self, object_id, register):
        """Whether the server has still to answer our write of this register."""
        mine = self.pending.get(object_id)
        return mine is not None and (register in mine or EXISTS in mine)

    def withdraw(self, object_id):
        """Takes out an object whose creation was refused, and returns it; nobody else has it."""
        if self.exists_pending(object_id):
            return None
        return self.objects.pop(object_id, None)

    def remove(self, object_id, user_id):
        """Takes out an object that the server does not have any more, unless we made it anew."""
        self.deselect(object_id)
        if self.exists_pending(object_id):
            return
        item = self.objects.pop(object_id, None)
        if item is not None:
            self._bury(item, user_id)
            self.changed.add(object_id)

    def _bury(self, item, user_id):
        self.tombstones.pop(item.id, None)
        self.tombstones[item.id] = user_id, item
        if len(self.tombstones) > MAX_TOMBSTONES:
            del self.tombstones[next(iter(self.tombstones))]

    def deselect(self, object_id):
        """An object is gone, so nobody has it selected any more."""
        for user in self.users.values():
            user.deselect(object_id)

    # What the server tells: these raise one of protocol.MALFORMED

    def apply(self, kind, message):
        """Takes over a change of the scene or of who is there. False if it is none of these."""
        change = self._changes.get(kind)
        if change is None:
            return False
        change(message, message['payload'])
        return True

    def _written(self, item, register, message):
        self.changed.add(item.id)  # first: the message may lack what follows
        source = message['source_user_id']
        item.writers[register] = source
        if source != SERVER:  # a correction only repeats what was known
            item.updated_by = source
            item.updated_at = message['timestamp']

    def _transform_updated(self, message, payload):
        object_id = payload['object_id']
        transform = protocol.read_transform(payload['transform'])
        item = self.objects.get(object_id)
        if item is not None and not self.is_pending(object_id, TRANSFORM):
            item.transform = transform
            self._written(item, TRANSFORM, message)

    def _name_updated(self, message, payload):
        object_id = payload['object_id']
        name = protocol.read_name(payload['name'])
        item = self.objects.get(object_id)
        if item is not None and not self.is_pending(object_id, NAME):
            item.name = name
            self._written(item, NAME, message)

    def _properties_updated(self, message, payload):
        object_id = payload['object_id']
        item = self.objects.get(object_id)
        if item is None:
            return
        told = protocol.read_properties(item.type, payload['properties'])
        for key, value in told.items():
            if value != item.properties[key] and not self.is_pending(object_id, key):
                item.properties[key] = value
                self._written(item, key, message)

    def _object_created(self, message, payload):
        item = protocol.read_object(payload)
        if message['source_user_id'] != SERVER:
            self.deselect(item.id)  # that was an earlier object of this id
        if self._take(item, self.objects.get(item.id)):
            self.tombstones.pop(item.id, None)
            self.objects[item.id] = item

    def _take(self, item, previous):
        """Lays our pending writes over a told object and notes what it changes.

        False if we have decided ourselves whether and how it exists.
        """
        mine = self.pending.get(item.id)
        if mine is not None:
            if EXISTS in mine:
                return False
            for register, entry in mine.items():
                if item.has(register):
                    item.set(register, entry.value)
                    item.writers[register] = self.user_id
        if previous is None or previous.type != item.type:
            self.changed.add(item.id)
            return True
        for register, writer in previous.writers.items():
            if register not in item.writers and previous.get(register) == item.get(register):
                item.writers[register] = writer
        if not item.looks_like(previous):
            self.changed.add(item.id)
        return True

    def _object_deleted(self, message, payload):
        by = payload.get('deleted_by')
        self.remove(payload['object_id'], by if isinstance(by, str) and by != SERVER else None)

    # Who is there

    def _user_joined(self, message, payload):
        user = protocol.read_user(payload['user_id'], payload, self.objects)
        user.connected_at = message['timestamp']
        self.users[user.user_id] = user
        self.news.append(('joined', user))

    def _user_left(self, message, payload):
        user = self.users.pop(payload['user_id'], None)
        if user is not None:
            self.news.append(('left', user, str(payload.get('reason', ''))))

    def _user_selected(self, message, payload):
        user = self.users.get(payload['user_id'])
        if user is not None:
            user.select(payload['object_id'], payload['object_ids'])
            self.news.append(('selected', user.user_id))

    # A whole state

    def take_state(self, told):
        """Replaces all objects by these (id -> SharedObject), except for what is pending."""
        kept = {}
        for object_id, mine in self.pending.items():
            if EXISTS in mine and object_id in self.objects:
                kept[object_id] = self.objects[object_id]
        for object_id, item in told.items():
            if self._take(item, self.objects.get(object_id)):
                self.tombstones.pop(object_id, None)
                kept[object_id] = item
        for object_id, item in self.objects.items():
            if object_id not in kept:
                self._bury(item, None)
                self.changed.add(object_id)
        self.objects.clear()
        self.objects.update(kept)

    def take_users(self, told):
        """Replaces all users by the `users` of a sync."""
        users = {user_id: protocol.read_user(user_id, value, self.objects)
                 for user_id, value in told.items()}
        self.users.clear()
        self.users.update(users)
