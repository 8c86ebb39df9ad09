# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The bound scene and the shared one, kept equal.

Two ways, once per tick each: `collect` looks at what Blender says was touched and tells the client
what its user did (watch.py); `apply` makes the objects of all ids that the client reports as
changed equal to the replica, whatever happened to them. An undo is neither: undo.py sorts it out.
"""

import time

import bpy
from bpy.app.translations import pgettext_iface as tr

from . import assets, holds, kinds, placement, undo, watch
from .core import motion, protocol
from .entries import TAG, Entries, Entry, Local
from .graves import Graves

COLLECTION = 'Meerkat'

# Of a tick's time, in seconds: enough for some thousand transforms, too little to be felt. A large
# scene that arrives may take more, its user is waiting for it.
BUDGET = 0.008
BULK_BUDGET = 0.05
BULK = 500
# If more than this change at once they hop: gliding costs three times as much, and in a crowd nobody
# sees it.
MOST_GLIDING = 250
# Seconds until objects of a scene that is still arriving are shown all the same.
LONGEST_BIRTH = 2.0

REMOVED = ('Somebody removed “{name}”. It was yours before you shared it: it is kept in the file, in '
           'the collection “Meerkat Removed”.')


class Stage:
    """Keeps one Blender scene equal to what a core.client.Client knows."""

    def __init__(self, scene, client, warn):
        """`warn(key, text)` shows a text to the user once per key."""
        self.scene = scene
        self.client = client
        self.warn = warn
        self.entries = Entries()
        self.locals = {}
        self.remarks = {}
        self.missing = {}
        self.motion = motion.Motion()
        self.holds = holds.Holds()
        self.graves = Graves()
        self.watch = watch.Watch(self)
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
        self._glides = True
        self._collection_name = None
        self._scene_trace = SceneTrace(scene)
        self._todo = {}
        self._unlinked = None  # assets of the first sync: linked one library per tick
        self._born = []
        self._born_at = 0.0
        self._parented = set()
        self._placed = set()  # pointers of what was placed in this tick

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
        return len(self._todo)

    def is_alive(self):
        """Whether the bound scene still exists."""
        return self.scene is not None and watch.is_alive(self.scene)

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
            self.set_local(obj, watch.KEPT, kept=True)
        self._todo.update(dict.fromkeys(objects))
        self._unlinked = [(shared.asset_library, shared.asset_id) for shared in objects.values()
                          if shared.type == 'asset_ref']
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
        self.private = Private()
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
        self._todo.update(dict.fromkeys(self.holds.look(now)))
        self.graves.look()

    def apply(self, now):
        """Makes the scene equal to the replica, as far as a tick's time reaches."""
        changed = self.client.changed
        if changed:
            self._todo.update(dict.fromkeys(changed))
            changed.clear()
        if self._unlinked and assets.prefetch(self._unlinked):
            return
        self._unlinked = None
        if self._todo:
            self._work_off(now)
        for object_id, values, done in self.motion.step(now):
            entry = self.entries.get(object_id)
            if entry is not None and not self.is_held(entry):
                self.place(entry, values)
        if self._parented and self._placed:
            self._keep_children()
        self._placed.clear()
        if self._wants_undo_step and not self._todo:
            self._wants_undo_step = False
            push_undo_step()

    def _work_off(self, now):
        budget = BULK_BUDGET if len(self._todo) > BULK else BUDGET
        deadline = time.perf_counter() + budget
        objects = self.client.replica.objects
        waiting, doomed = [], []
        self._glides = len(self._todo) + len(self.motion) <= MOST_GLIDING
        maker = kinds.Maker()
        while self._todo and time.perf_counter() < deadline:
            object_id = next(iter(self._todo))
            del self._todo[object_id]
            shared = objects.get(object_id)
            entry = self.entries.get(object_id)
            try:
                if shared is None:
                    if entry is not None:
                        doomed.append(entry)
                elif entry is None:
                    self._create(shared, maker)
                elif self.is_held(entry):
                    waiting.append(object_id)
                elif not self._is_same_actor(entry, shared):
                    self._take_away([entry])
                    self._create(shared, maker)
                else:
                    self._update(entry, shared, now)
            except ReferenceError:  # somebody has just removed it: the watch will find out
                self.watch.structure_changed = True
        self._take_away(doomed)
        if not self._todo or now - self._born_at > LONGEST_BIRTH:
            self._born_at = now
            self._link_born()
        self._todo.update(dict.fromkeys(waiting))

    def is_held(self, entry):
        """Whether the user has it in hand."""
        if entry.id in self.holds:
            return True
        return self.holds.grabbing and entry.linked and entry.obj.select_get()

    # One object

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

    def untrack(self, entry, reason):
        """Leaves the object where it is, as a local one."""
        self.drop(entry)
        if TAG in entry.obj:
            del entry.obj[TAG]
        self.set_local(entry.obj, reason, kept=True)

    def drop(self, entry):
        """Stops looking after the object of `entry`, which may be gone already."""
        self.entries.remove(entry)
        if entry.uid is not None:
            self.former_uids[entry.id] = entry.uid
        self.motion.drop(entry.id)
        self.holds.drop(entry.id)
        self.missing.pop(entry.id, None)
        self.remarks.pop(entry.id, None)
        self._parented.discard(entry.id)
        self.generation += 1

    def set_local(self, obj, reason, kept=False):
        """Lists `obj` as not shared."""
        self.locals[obj.as_pointer()] = Local(obj, reason, kept)
        if kept:
            self.private.add(obj)
        self.generation += 1

    def redo_later(self, object_id):
        """Has `apply` look at that id again."""
        self._todo[object_id] = None

    def remark(self, entry, reason):
        """Lists a shared object as not wholly shared; '' takes that back."""
        if reason:
            self.remarks[entry.id] = reason
        else:
            self.remarks.pop(entry.id, None)
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
        obj = entry.obj
        entry.direct = placement.is_direct(obj, entry.affine)
        entry.matrix = placement.matrix(obj)
        if obj.parent is not None:
            self._parented.add(entry.id)
        else:
            self._parented.discard(entry.id)

    def place(self, entry, values):
        """Puts the object of `entry` at these nine numbers and takes what it shows as known."""
        obj = entry.obj
        self._placed.add(entry.pointer)
        try:
            placement.write(obj, values, entry.affine, entry.direct, entry.wire)
            # What is direct has no parent: this is hot, and that half of the work can be spared.
            entry.matrix = obj.matrix_basis.copy() if entry.direct else placement.matrix(obj)
        except ReferenceError:
            self.watch.structure_changed = True
            return
        entry.wire = values

    def _create(self, shared, maker):
        obj, reason = maker.make(shared)
        entry = Entry(shared.id, obj, shared.type, own=False)
        entry.asset = (shared.asset_library, shared.asset_id)
        obj[TAG] = shared.id
        kinds.write_properties(obj, shared.type, shared.properties, {})
        placement.write(obj, shared.transform, None, True, None)
        entry.linked = False
        entry.shared_name = shared.name
        entry.wire = shared.transform
        entry.fingerprint = kinds.fingerprint(obj)
        self.reread(entry)
        self.entries.add(entry)
        self.born_tagged.add(shared.id)
        self._born.append(entry)
        self.note_missing(shared.id, reason)

    def _link_born(self):
        if not self._born:
            return
        collection = self.collection()
        while self._born:
            entry = self._born.pop()
            if watch.is_alive(entry.obj):
                collection.objects.link(entry.obj)
                entry.linked = True
            else:  # purged as an orphan before it was in any scene
                self.drop(entry)
                self.redo_later(entry.id)

    def _is_same_actor(self, entry, shared):
        return entry.kind == shared.type and (
            entry.kind != 'asset_ref' or entry.asset == (shared.asset_library, shared.asset_id))

    def _update(self, entry, shared, now):
        if entry.shared_name != shared.name:
            self._rename(entry, shared.name)
        if entry.properties and not protocol.same(entry.properties, shared.properties):
            kinds.write_properties(entry.obj, entry.kind, shared.properties, entry.properties)
            entry.properties = kinds.read_properties(entry.obj, entry.kind)
        if entry.wire != shared.transform or entry.id in self.motion:
            self._aim(entry, shared.transform, now)

    def _aim(self, entry, values, now):
        if self.remarks.get(entry.id) == watch.ANIMATED:
            return
        if entry.id in self.watch.selected:
            self.holds.replacing(entry.id, entry.matrix)
        if self._glides and entry.wire is not None:
            self.motion.aim(entry.id, entry.wire, values, now)
        else:
            self.motion.drop(entry.id)
            self.place(entry, values)

    def _rename(self, entry, name):
        entry.obj.name = name
        entry.rename(entry.obj.name)
        entry.shared_name = name
        self.generation += 1

    def _keep_children(self):
        """What is shared is where objects are in the world: a child whose parent was moved by
        somebody else stays where it was."""
        for object_id in list(self._parented):
            entry = self.entries.get(object_id)
            if entry is None or entry.wire is None or self.is_held(entry):
                continue
            try:
                if self._was_carried(entry.obj) and placement.matrix(entry.obj) != entry.matrix:
                    self.place(entry, entry.wire)
            except ReferenceError:
                self.watch.structure_changed = True

    def _was_carried(self, obj):
        """Whether something that carries `obj` was placed in this tick."""
        parent = obj.parent
        while parent is not None:
            if parent.as_pointer() in self._placed:
                return True
            parent = parent.parent
        return False

    def _take_away(self, entries):
        objects = []
        for entry in entries:
            self.drop(entry)
            if entry in self._born:
                self._born.remove(entry)
            if watch.is_alive(entry.obj):
                objects.append((entry.id, entry.obj))
        self.remove_objects(objects)

    def remove_objects(self, objects):
        """Takes objects, (id, object) each, out of the scene. What its user had before it was
        shared is not freed but set aside."""
        free, keep = [], []
        for object_id, obj in objects:
            if object_id in self.brought_along:
                keep.append(obj)
                self.warn('removed:' + object_id, tr(REMOVED).format(name=obj.name))
            else:
                free.append(obj)
        if free:
            self.graves.remove(self.scene, free)
        if keep:
            self.graves.set_aside(self.scene, keep)

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

    def refuse(self, object_id, reason):
        """Makes an object local that the server does not take."""
        entry = self.entries.get(object_id)
        if entry is not None and entry.obj is not None:
            self.untrack(entry, reason)

    # After an undo no reference is what it was

    def forget_references(self, redone):
        """Lets go of all Blender objects; the next `collect` finds them again."""
        self.undone = redone
        self._todo.update(dict.fromkeys(entry.id for entry in self._born))
        for entry in self._born:
            self.entries.remove(entry)
        self._born.clear()
        self.motion = motion.Motion()
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
            self.scene = new_scene(self._scene_trace.name)
            self._scene_trace = SceneTrace(self.scene)
            self._wants_undo_step = True
        undo.repair(self, redone, is_new)


class Private:
    """Who is not to be shared, in a way that outlives an undo: names and uids that objects have or
    had which their user keeps beside the session."""

    def __init__(self):
        self._names = set()
        self._uids = set()

    def add(self, obj):
        """Notes an object as it is called now."""
        self._names.add(obj.name)
        self._uids.add(getattr(obj, 'session_uid', obj.name))

    def has(self, obj):
        """Whether it is one of them; without uids (Blender 3.4) as far as names tell."""
        return getattr(obj, 'session_uid', obj.name) in self._uids or (
            not hasattr(obj, 'session_uid') and obj.name in self._names)


class SceneTrace:
    """Finds the bound scene again after an undo, which may have renamed or removed it."""

    def __init__(self, scene):
        self.name = scene.name
        self._names = [scene.name]
        self._uid = getattr(scene, 'session_uid', None)

    def follow(self, scene):
        """Takes note of how it is called now."""
        if scene.name != self.name:
            self.name = scene.name
            self._names.append(scene.name)

    def find(self, known):
        """The scene by its uid, else by the ids in `known` that its objects carry, else by a name
        that it had; or None."""
        scenes = list(bpy.data.scenes)
        if self._uid is not None:
            return next((scene for scene in scenes if scene.session_uid == self._uid), None)
        counts = [sum(obj.get(TAG) in known for obj in scene.objects) for scene in scenes]
        if any(counts):
            return scenes[counts.index(max(counts))]
        return next((bpy.data.scenes[name] for name in reversed(self._names)
                     if name in bpy.data.scenes), None)


def new_scene(name):
    """An empty scene for a room, shown in the window, with the world of the one shown before."""
    shown = bpy.context.scene
    scene = bpy.data.scenes.new(name)
    scene.world = shown.world
    windows = bpy.context.window_manager.windows
    window = bpy.context.window or (windows[0] if windows else None)
    if window is not None:
        window.scene = scene
    return scene


def push_undo_step():
    """Lets the next undo go back to here: entering a room is nobody's action to undo, and what an
    undo takes away of the room would have to be built anew."""
    windows = bpy.context.window_manager.windows
    if bpy.app.background or not windows:
        return
    with bpy.context.temp_override(window=windows[0]):
        bpy.ops.ed.undo_push(message='Meerkat')
