# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Who is who after an undo or a redo.

Blender then brings back a file as it was once: objects without the tag they got since, objects with
the tag of the object of which they are copies, and objects that were deleted meanwhile.
"""

from collections import Counter
from typing import Hashable, NamedTuple, Optional


class Found(NamedTuple):
    """An object of the scene as it is now. `uid`: Blender's session_uid, where it has one; `tag`:
    the id it carries; `kind`: None if it is nothing that is shared, or is to be known by its uid or
    tag only."""
    key: Hashable
    uid: Optional[int]
    name: str
    tag: Optional[str]
    kind: Optional[str]


class Known(NamedTuple):
    """A shared object as it was in the scene before; `aliases`: names that it had earlier, the
    oldest first; `tagged`: it carried its tag from the start, so that without it it cannot be it."""
    uid: Optional[int]
    name: str
    kind: str
    aliases: tuple = ()
    tagged: bool = False


class Tombstone(NamedTuple):
    """A shared object that was deleted; `mine`: by this user; `tagged` as in Known."""
    name: str
    kind: str
    mine: bool
    uid: Optional[int] = None
    tagged: bool = False


class Result:
    """Every found object is in one of `matched`, `revived`, `foreign` and `new`, once."""

    def __init__(self):
        self.matched = {}  # id -> key: a known object
        self.lost = []  # ids of known objects that are gone
        self.revived = []  # (id, key): this user had deleted it
        self.foreign = []  # (id, key): somebody else had deleted it
        self.new = []  # keys


def match(found, known, tombstones):
    """Says of each object in the list `found` who it is.

    `known`: id -> Known, `tombstones`: id -> Tombstone, oldest first; no id is in both. What tells
    more goes first: the uid; a tag that no other object carries; the name among those that carry
    the same tag; name and kind.
    """
    matching = _Matching(known, tombstones)
    rest = matching.by_uid(found)
    rest = matching.by_only_tag(rest)
    rest = matching.by_tag_and_name(rest)
    rest = matching.by_name(rest)
    rest = matching.by_tag(rest)
    result = matching.result
    result.new = [one.key for one in rest]
    result.lost = [object_id for object_id in known if object_id not in result.matched]
    return result


class _Matching:
    """Each step takes the objects that are still unknown, and returns those that remain so."""

    def __init__(self, known, tombstones):
        self.known = known
        self.tombstones = tombstones
        self.taken = set()
        self.result = Result()

    def by_uid(self, found):
        ids = {one.uid: object_id for people in (self.tombstones, self.known)
               for object_id, one in people.items() if one.uid is not None}
        return [one for one in found if not self._take(ids.get(one.uid), one)]

    def by_only_tag(self, found):
        carriers = Counter(one.tag for one in found)
        return [one for one in found if carriers[one.tag] > 1 or not self._take(one.tag, one)]

    def by_tag_and_name(self, found):
        return [one for one in found
                if self._name_of(one.tag) != one.name or not self._take(one.tag, one)]

    def by_name(self, found):
        ids = {}
        # Where names are not unique: what is there before what was deleted, what this user deleted
        # before what others did, the last deleted first.
        for mine in (False, True):
            ids.update(((grave.name, grave.kind), object_id)
                       for object_id, grave in self.tombstones.items()
                       if grave.mine == mine and not grave.tagged
                       and object_id not in self.taken)
        free = [(object_id, known) for object_id, known in self.known.items()
                if not known.tagged and object_id not in self.taken]
        ids.update(((alias, known.kind), object_id) for object_id, known in free
                   for alias in known.aliases)
        ids.update(((known.name, known.kind), object_id) for object_id, known in free)
        return [one for one in found if not self._take(ids.get((one.name, one.kind)), one)]

    def by_tag(self, found):
        return [one for one in found if not self._take(one.tag, one)]

    def _name_of(self, object_id):
        known = self.known.get(object_id) or self.tombstones.get(object_id)
        return known.name if known else None

    def _take(self, object_id, one):
        """Lets `one` be the object of that id, unless there is none or somebody else is it."""
        if object_id in self.taken:
            return False
        if object_id in self.known:
            self.result.matched[object_id] = one.key
        elif object_id not in self.tombstones:
            return False
        elif self.tombstones[object_id].mine:
            self.result.revived.append((object_id, one.key))
        else:
            self.result.foreign.append((object_id, one.key))
        self.taken.add(object_id)
        return True
