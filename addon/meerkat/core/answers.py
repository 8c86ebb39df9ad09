# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What becomes of our messages: acknowledged, refused, or given up."""

from . import texts
from .replica import EXISTS

# Of a message that was refused over an earlier connection the reason may be lost.
UNKNOWN = 'INTERNAL', texts.sentence('INTERNAL')


class Answers:
    """Settles what is pending, and collects what came to nothing in `refused`: (id, code, text)."""

    def __init__(self, replica, outbox):
        self.refused = []
        self._replica = replica
        self._outbox = outbox

    def acknowledge(self, payload, synced_to):
        """Takes an ACK; returns the message that it answers, or None. `synced_to` is the revision
        of the last sync: what was deleted before it was told there."""
        sent = self._outbox.answered(payload['event_id'])
        if sent is None:
            return None
        self._settle(sent)
        for object_id, _, deletes in sent.members:
            if deletes and payload['revision'] > synced_to:
                self._replica.deselect(object_id)
        for index in payload.get('failed') or ():
            self._undo(sent.members[index], *sent.told.get(index, UNKNOWN))
        return sent

    def refuse(self, payload, code, text):
        """Takes an ERROR, of a message or of one event in it. False if it answers none of ours."""
        event_id, index = payload.get('event_id'), payload.get('index')
        sent = self._outbox.unanswered.get(event_id)
        if sent is None:
            return False
        if index is None:
            self._give_up(sent, code, text)
        else:  # the ACK says whether that is the outcome: over another connection it may not be
            sent.told[index] = code, text
            if code == 'OBJECT_NOT_FOUND':  # here and now; by the ACK it may be there again
                self._replica.remove(sent.members[index][0], None)
        return True

    def give_up_largest(self, code, text):
        """One of our messages was larger than the server takes, and would be so again."""
        if self._outbox.unanswered:
            largest = max(self._outbox.unanswered.values(), key=lambda sent: len(sent.text))
            self._give_up(largest, code, text)

    def _give_up(self, sent, code, text):
        self._outbox.answered(sent.event_id)
        self._settle(sent)
        for member in sent.members:
            self._undo(member, code, text)

    def _settle(self, sent):
        for object_id, registers, _ in sent.members:
            self._replica.settle(object_id, registers, sent.event_id)

    def _undo(self, member, code, text):
        """A write came to nothing; the server tells what is so, unless that is known."""
        object_id, registers, _ = member
        if code == 'OBJECT_NOT_FOUND':
            return
        if registers == (EXISTS,) and code != 'OBJECT_EXISTS':
            if self._replica.withdraw(object_id) is not None:
                self.refused.append((object_id, code, text))
        elif registers and self._has(object_id, registers):
            self.refused.append((object_id, code, text))

    def _has(self, object_id, registers):
        # What a lamp was told is nothing to the cube that somebody has made of it.
        item = self._replica.objects.get(object_id)
        return item is not None and (registers == (EXISTS,) or all(map(item.has, registers)))
