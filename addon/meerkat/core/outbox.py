# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What is to be sent, and what was sent and is not answered.

Edits wait here by register, in the order in which they were made; a newer one of the same register
takes the place of the older. Every message is a BATCH under one event_id, and is kept until its
answer comes, so that it can be sent again, unchanged, over the next connection.
"""

from collections import OrderedDict
from itertools import islice

from . import messages
from .protocol import LIMITS, NAME, TRANSFORM
from .replica import CREATED, DELETED, EXISTS, REPLACED

RATE = 30            # how often a second an object is sent while it is being changed
LARGE = 1 / 4        # of what the server takes in one message: part of something big
MAX_LARGE = 2        # unanswered ones: the server reads no faster, whatever is sent
MAX_UNANSWERED = 64  # of any kind: two seconds of dragging
FILL = 3 / 4         # of the longest message that the server takes
SPARE_RATE = 0.8     # of the messages per second that the server takes


def _size(limits):
    return limits['max_message_size'] or LIMITS['max_message_size']


def _count(limits):
    return limits['max_batch_events'] or LIMITS['max_batch_events']


def _existence(object_id, item, entry):
    if entry.value == DELETED:
        return messages.delete_object(object_id, entry.time)
    text = messages.create_object(item, entry.time)
    if entry.value == REPLACED:
        text = messages.delete_object(object_id, entry.time) + ',' + text
    return text


class Sent:
    """A message that is not answered. `members` has for each of its events the object's id, the
    registers that it writes, and whether it deletes what was there under that id; `told` has why
    some of them were refused, by index: (code, text)."""

    __slots__ = ('event_id', 'text', 'members', 'is_large', 'told')

    def __init__(self, event_id, text, members, is_large):
        self.event_id = event_id
        self.text = text
        self.members = members
        self.is_large = is_large
        self.told = {}


class Outbox:

    def __init__(self, replica):
        self.unanswered = {}  # event_id -> Sent, oldest first
        self._replica = replica
        self._last_id = 0
        self._n_large = 0
        self._ready = OrderedDict()  # (object_id, register) -> None, by the time of the edit
        self._held = {}              # the same for objects that were sent a moment ago
        self._resting = set()        # ids of these
        self._slot = 0
        self._next_at = 0.0
        self._selection = None       # (active, ids, time) that is still to be sent

    def clear(self):
        """Forgets everything but the event ids that are used up."""
        self.unanswered.clear()
        self._n_large = 0
        self._ready.clear()
        self._held.clear()
        self._selection = None

    def add(self, object_id, register):
        """A register has a value to be sent."""
        key = object_id, register
        if register != EXISTS and object_id in self._resting:
            self._held.pop(key, None)
            self._held[key] = None
        else:
            self._ready[key] = None
            self._ready.move_to_end(key)

    def select(self, active, ids, time):
        """What the user has selected is to be told."""
        self._selection = active, ids, time

    def wake(self, now):
        """Lets the objects go on that have rested since the last message about them."""
        slot = int(now * RATE)
        if slot != self._slot:
            self._slot = slot
            self._resting.clear()
            self._ready.update(self._held)
            self._held.clear()

    def hurry(self):
        """Lets everything go on at once, however often that is."""
        self._slot = None
        self.wake(0.0)
        self._next_at = 0.0

    def is_full(self):
        """Whether an answer must come before anything else is sent."""
        return self._n_large >= MAX_LARGE or len(self.unanswered) >= MAX_UNANSWERED

    def take(self, now, limits, user_id, timestamp):
        """The next message as a Sent, which counts as unanswered from here on; None if nothing is
        due. `now` is monotonic, in seconds."""
        if not (self._ready or self._selection) or now < self._next_at or self.is_full():
            return None

        self._last_id += 1
        event_id = str(self._last_id)
        events, members = self._take_events(event_id, limits)
        if not self._ready and self._selection is not None:
            active, ids, time = self._selection
            self._selection = None
            events.append(self._select(active, ids, time, limits))
            members.append((active, (), False))
        if not events:
            return None

        text = messages.batch(events, event_id, user_id, timestamp)
        is_large = (len(members) > LARGE * _count(limits)
                    or len(text) > LARGE * _size(limits))
        sent = self.unanswered[event_id] = Sent(event_id, text, members, is_large)
        self._n_large += is_large
        if limits['message_rate']:
            self._next_at = now + 1 / (SPARE_RATE * limits['message_rate'])
        return sent

    def _take_events(self, event_id, limits):
        ready, pending, objects = self._ready, self._replica.pending, self._replica.objects
        most = max(1, _count(limits) - 2)  # a replacement is two, and a selection
        space = FILL * _size(limits)
        events, members = [], []
        for key in list(islice(ready, most)):
            if len(members) >= most:
                break
            object_id, register = key
            mine = pending.get(object_id)
            entry = None if mine is None else mine.get(register)
            if entry is None or entry.event_id is not None:
                del ready[key]  # it went with another one, or a deletion came after it
                continue

            # Also what somebody has deleted meanwhile: an earlier write of ours may be under way,
            # and which of them counts if the object is made anew is for the server to say.
            registers = (register,)
            if register == TRANSFORM:
                text = messages.update_transform(object_id, entry.value, entry.time)
            elif register == NAME:
                text = messages.update_name(object_id, entry.value, entry.time)
            elif register == EXISTS:
                text = _existence(object_id, objects.get(object_id), entry)
            else:
                registers = tuple(r for r, e in mine.items() if e.event_id is None
                                  and e.time == entry.time and r not in (TRANSFORM, NAME, EXISTS))
                text = messages.update_properties(
                    object_id, {r: mine[r].value for r in registers}, entry.time)

            space -= len(text) + 1
            if space < 0 and events:
                break
            del ready[key]
            for written in registers:
                mine[written].event_id = event_id
            events.append(text)
            if register == EXISTS:
                member = object_id, registers, entry.value != CREATED
            else:
                member = object_id, registers, False
                self._resting.add(object_id)
            members.append(member)
            if register == EXISTS and entry.value == REPLACED:  # these are two events
                members.append(member)
        return events, members

    def _select(self, active, ids, time, limits):
        objects = self._replica.objects
        most = limits['max_selected'] or len(ids)
        most = max(0, min(most, int((1 - FILL) * _size(limits)) // 40 - 8))
        ids = [object_id for object_id in ids if object_id in objects][:most]
        return messages.select_object(active if active in objects else None, ids, time)

    def answered(self, event_id):
        """The message that this answers, which is now done; None if there is none."""
        sent = self.unanswered.pop(event_id, None)
        if sent is not None and sent.is_large:
            self._n_large -= 1
        return sent
