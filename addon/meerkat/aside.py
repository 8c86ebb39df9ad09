# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What was its user's before it was shared, and was then removed by somebody else: it is taken out of
the scene but kept in the file, in a collection that no scene shows."""

import bpy
from bpy.app.translations import pgettext_iface as tr

from . import graves
from .entries import TAG

COLLECTION = 'Meerkat Removed'
# Seconds between two looks at whether that collection still holds what was put there.
LOOK_INTERVAL = 1.0
MOST_NAMES = 3

ONE = ('Somebody removed “{name}”. It was yours before you shared it: it is kept in the file, in the '
       'collection “Meerkat Removed”.')
MANY = ('Somebody removed {count} objects ({names}, …). They were yours before you shared them: they '
        'are kept in the file, in the collection “Meerkat Removed”.')


class Aside:
    """Keeps such objects, and warns as long as there are any. `warn(key, text)` as in Stage."""

    def __init__(self, warn):
        self._warn = warn
        self._names = {}  # of what is there, in the order in which it came
        self._next_look = 0.0

    def put(self, scene, objects):
        """Takes `objects` out of `scene` and keeps them."""
        collection = bpy.data.collections.get(COLLECTION)
        if collection is None:
            collection = bpy.data.collections.new(COLLECTION)
            collection.use_fake_user = True
        graves.take_out(scene, objects)
        for obj in objects:
            if TAG in obj:
                del obj[TAG]
            collection.objects.link(obj)
            self._names[obj.name] = None
        self._tell()

    def look(self, now):
        """Stops warning of what its user has taken back or thrown away."""
        if not self._names or now < self._next_look:
            return
        self._next_look = now + LOOK_INTERVAL
        collection = bpy.data.collections.get(COLLECTION)
        there = {obj.name for obj in collection.objects} if collection is not None else ()
        gone = [name for name in self._names if name not in there]
        for name in gone:
            del self._names[name]
        if gone:
            self._tell()

    def _tell(self):
        names = list(self._names)
        if not names:
            self._warn('removed', '')
        elif len(names) == 1:
            self._warn('removed', tr(ONE).format(name=names[0]))
        else:
            self._warn('removed', tr(MANY).format(count=len(names),
                                                  names=', '.join(names[:MOST_NAMES])))
