# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The bound scene and the shared one, kept equal.

Two ways, once per tick each: `collect` looks at what Blender says was touched and tells the client
what its user did (watch.py); `apply` makes the objects of all ids that the client reports as
changed equal to the replica (show.py). An undo is neither: undo.py sorts it out.
"""

import bpy

from . import aside, holds, kinds, placement, reasons, scenes, undo, watch
from .entries import TAG, Entries, Entry, Local, is_alive
from .graves import Graves
from .private import Private
from .show import Show

COLLECTION = 'Meerkat'


class Stage:
    """Keeps one Blender scene equal to what a core.client.Client knows."""

    def __init__(self, scene, client, warn):
        """`warn(key, text)` shows a text to the user once per key; '' takes it away."""
        self.scene = scene
        self.client = client
        self.entries = Entries()
        self.locals = {}
        self.remarks = {}
        self.missing = {}
        self.holds = holds.Holds()
        self.graves = Graves()
        self.aside = aside.Aside(warn)
        self.watch = watch.Watch(self)
        self.show = Show(self)
        self.adopted = False
        self.undone = None
        # Of objects that are or were there: who carried the tag from the start, and the uid of
        # each (undo.py).
        self.born_tagged = set()
        self.former_uids = {}
        self.private = Private()
        # Ids of objects that their user had before they were shared: they are never freed.
        self.brought_along = set()
        self.generation = 0
        self._scene_is_lost = False
        self._wants_undo_step = True
        self._collection_name = None
        self._scene_trace = scenes.SceneTrace(scene)

    # For others to ask

    def object_of(self, object_id):
        """The Blender object of a shared one, or None."""
        entry = self.entries.get(object_id)
        return entry.obj if entry is not None else None

    def id_of(self, obj):
        """The shared id of a Blender object, or None."""
        entry = self.entries.of_pointer(obj.as_pointer()) if obj is not None else None
        return entry.id if entry is not None else None

    @property
    def local(self):
        """Name -> reason, of what is not shared, or not wholly."""
        result = {local.name: local.reason for local in self.locals.values()}
        for object_id, reason in self.remarks.items():
            entry = self.entries.get(object_id)
            if entry is not None:
                result[entry.name] = reason
        return result

    @property
    def backlog(self):
        """How many objects wait to be made equal to the replica."""
        return len(self.show)

    def is_alive(self):
        """Whether the bound scene still exists."""
        return self.scene is not None and is_alive(self.scene)

    def is_held(self, entry):
        """Whether the user has it in hand."""
        if entry.id in self.holds:
            return True
        return self.holds.grabbing and entry.linked and entry.obj.select_get()

    # The beginning

    def adopt(self):
        """Looks at the scene as it is when the first sync has come: tagged objects of this session
        become its objects, all others lose their tag and stay local."""
        objects = self.client.replica.objects
        for obj in self.scene.objects:
            tag = obj.get(TAG)
            shared = objects.get(tag) if isinstance(tag, str) else None
            if shared is not None and tag not in self.entries and self._adopt(obj, shared):
                continue
            if tag is not None:
                del obj[TAG]
            self.set_local(obj, reasons.KEPT, kept=True)
        self.show.whole_scene(objects)
        self.adopted = True

    def _adopt(self, obj, shared):
        identity = kinds.identify(obj)
        if not kinds.fits(obj, identity, shared):
            return False
        self.track(obj, shared, own=False, affine=identity.affine)
        self.born_tagged.add(shared.id)
        if shared.type == 'asset_ref' and identity.kind is None:
            self.note_missing(shared.id, kinds.furnish(obj, shared))
        return True

    def share_all(self):
        """Puts every supported object of the scene on stage."""
        self._repair()
        for local in list(self.locals.values()):
            local.kept = False
            self.watch.newcomers.append((local.obj, False))
        self.locals.clear()
        self.private.clear()
        self.generation += 1

    def add(self, shared):
        """Makes an object that the user asked for, shares it, returns it: linked and active."""
        self._repair()
        obj, reason = kinds.make(shared)
        kinds.write_properties(obj, shared.type, shared.properties, {})
        placement.write(obj, shared.transform, None, True, None)
        self.collection().objects.link(obj)
        if shared.properties:
            shared.properties = kinds.read_properties(obj, shared.type)
        self.client.create(shared)
        entry = self.track(obj, shared, own=True)
        self.born_tagged.add(shared.id)
        entry.wire = shared.transform
        self.note_missing(shared.id, reason)
        return obj

    # Once per tick

    def collect(self, now):
        """Tells the client what the user did since the last tick."""
        self._repair()
        self._scene_trace.follow(self.scene)
        self.watch.collect(now)
        self.show.later(self.holds.look(now))
        self.graves.look()
        self.aside.look(now)

    def apply(self, now):
        """Makes the scene equal to the replica, as far as a tick's time reaches."""
        changed = self.client.changed
        if changed:
            self.show.later(changed)
            changed.clear()
        if self.show.apply(now) and self._wants_undo_step:
            self._wants_undo_step = False
            scenes.push_undo_step()

    def redo_later(self, object_id):
        """Has `apply` look at that id again."""
        self.show.later((object_id,))

    # Who is there

    def track(self, obj, shared, own, affine=None):
        """Begins to look after `obj` as the object of `shared`; returns the Entry.

        `own`: its user made it here and now; else they had it before. `affine` as in Identity.
        """
        entry = Entry(shared.id, obj, shared.type, own)
        entry.asset = (shared.asset_library, shared.asset_id)
        entry.affine = affine
        if not own:
            self.brought_along.add(shared.id)
        entry.fingerprint = kinds.fingerprint(obj)
        obj[TAG] = shared.id
        entry.shared_name = shared.name
        self.reread(entry)
        self.entries.add(entry)
        self.locals.pop(entry.pointer, None)
        self.generation += 1
        return entry

    def drop(self, entry):
        """Stops looking after the object of `entry`, which may be gone already."""
        self.entries.remove(entry)
        if entry.uid is not None:
            self.former_uids[entry.id] = entry.uid
        self.show.drop(entry)
        self.holds.drop(entry.id)
        self.missing.pop(entry.id, None)
        self.remarks.pop(entry.id, None)
        self.generation += 1

    def refuse(self, object_id, reason):
        """Makes an object local that the server does not take, until its user shares the scene."""
        self.private.refuse(object_id, reason)
        entry = self.entries.get(object_id)
        if entry is None or entry.obj is None:
            return
        self.drop(entry)
        if TAG in entry.obj:
            del entry.obj[TAG]
        self.set_local(entry.obj, reason, kept=True)

    def set_local(self, obj, reason, kept=False):
        """Lists `obj` as not shared."""
        self.locals[obj.as_pointer()] = Local(obj, reason, kept)
        if kept:
            self.private.add(obj, reason)
        self.generation += 1

    def remove_objects(self, objects):
        """Takes objects, (id, object) each, out of the scene. What its user had before it was
        shared is not freed but set aside."""
        free, keep = [], []
        for object_id, obj in objects:
            obj[TAG] = object_id  # an undo may have taken it, and without it no sweep would find it
            (keep if object_id in self.brought_along else free).append(obj)
        if free:
            self.graves.remove(self.scene, free)
        if keep:
            self.aside.put(self.scene, keep)

    # What is known of them

    def remark(self, entry, reason):
        """Lists a shared object as not wholly shared; '' takes that back."""
        if self.remarks.get(entry.id, '') == reason:
            return
        if reason:
            self.remarks[entry.id] = reason
        else:
            del self.remarks[entry.id]
        self.generation += 1

    def note_missing(self, object_id, reason):
        """Lists an asset as a placeholder; '' takes that back."""
        if reason:
            self.missing[object_id] = reason
            self.generation += 1
        elif self.missing.pop(object_id, None) is not None:
            self.generation += 1

    def recognise(self, entry):
        """Looks at the mesh of `entry`; returns its Identity."""
        entry.fingerprint = kinds.fingerprint(entry.obj)
        identity = kinds.identify(entry.obj)
        if identity.kind is not None:
            entry.affine = identity.affine
        return identity

    def reread(self, entry):
        """Takes what the object shows now as known."""
        self.reread_place(entry)
        entry.properties = kinds.read_properties(entry.obj, entry.kind)
        entry.rename(entry.obj.name)

    def reread_place(self, entry):
        """Takes where the object is now as known."""
        entry.direct = placement.is_direct(entry.obj, entry.affine)
        entry.seen = placement.seen(entry.obj)
        self.show.note_parent(entry)

    # Around it

    def collection(self):
        """The collection for received objects, in the bound scene; made when there is none."""
        children = self.scene.collection.children
        if self._collection_name is not None and self._collection_name in children:
            return children[self._collection_name]
        collection = next((child for child in children
                           if child.library is None and child.name.split('.')[0] == COLLECTION),
                          None)
        if collection is None:
            collection = bpy.data.collections.new(COLLECTION)
            children.link(collection)
        self._collection_name = collection.name
        return collection

    def refresh_assets(self):
        """Shows the assets as the libraries have them now: one that was missing may be there, and
        one that was there may be missing."""
        for entry in self.entries:
            shared = self.client.replica.objects.get(entry.id)
            if entry.kind == 'asset_ref' and shared is not None and entry.obj is not None \
                    and not self.is_held(entry):
                self.note_missing(entry.id, kinds.furnish(entry.obj, shared))

    # After an undo no reference is what it was

    def forget_references(self, redone):
        """Lets go of all Blender objects; the next `collect` finds them again."""
        self.undone = redone
        self.show.forget_references()
        self.holds.clear()
        self.graves.forget()
        self.entries.clear_pointers()
        self.watch.forget_references()
        self.scene = self._scene_trace.find(self.entries.by_id)
        self._scene_is_lost = self.scene is None

    def _repair(self):
        if self.undone is None:
            return
        redone, self.undone = self.undone, None
        is_new, self._scene_is_lost = self._scene_is_lost, False
        if is_new:
            self.scene = scenes.new_scene(self._scene_trace.name)
            self._scene_trace = scenes.SceneTrace(self.scene)
            self._wants_undo_step = True
        undo.repair(self, redone, is_new)
