# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What becomes of our messages: acknowledged, refused, or given up."""

from .replica import EXISTS


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
        for object_id, registers, deletes in sent.members:
            self._replica.settle(object_id, registers, sent.event_id)
            if deletes and payload['revision'] > synced_to:
                self._replica.deselect(object_id)
        return sent

    def refuse(self, payload, code, text):
        """Takes an ERROR, of a message or of one event in it. False if it answers none of ours."""
        event_id, index = payload.get('event_id'), payload.get('index')
        if index is None:
            sent = self._outbox.answered(event_id)
            members = () if sent is None else sent.members
        else:  # the ACK of the whole message follows
            sent = self._outbox.unanswered.get(event_id)
            members = () if sent is None else sent.members[index:index + 1]
        if sent is None:
            return False
        if index is not None:
            sent.told.add(index)
        self._settle(sent, members, code, text)
        return True

    def give_up_largest(self, code, text):
        """One of our messages was larger than the server takes, and would be so again."""
        if self._outbox.unanswered:
            largest = max(self._outbox.unanswered.values(), key=lambda sent: len(sent.text))
            self._outbox.answered(largest.event_id)
            self._settle(largest, largest.members, code, text)

    def _settle(self, sent, members, code, text):
        for object_id, registers, _ in members:
            self._replica.settle(object_id, registers, sent.event_id)
            self._undo(object_id, registers, code, text)

    def _undo(self, object_id, registers, code, text):
        """A write came to nothing; unless the object is gone, the server tells what is so."""
        if code == 'OBJECT_NOT_FOUND':
            self._replica.remove(object_id, None)
        elif registers == (EXISTS,) and code != 'OBJECT_EXISTS':
            if self._replica.withdraw(object_id) is not None:
                self.refused.append((object_id, code, text))
        elif registers and object_id in self._replica.objects:
            self.refused.append((object_id, code, text))
