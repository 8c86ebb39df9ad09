# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Assets: links collections of the libraries into the open file for empties to instance.

An asset is a collection of its library, or else an object. Always linked, never appended, and once
however often it is placed. An object gets a local collection around it whose instance offset is the
object's own origin, so that the empty stands where the object does.

Nothing here is kept in Python: undo, redo and reloading invalidate such references.
"""

import os

import bpy
from bpy.app.translations import pgettext_iface as tr

from . import libraries
from .libraries import available, changed, configure, forget, problems  # noqa: F401  for the others

# On the local collections around linked objects: lets them be found again.
WRAPPER = 'meerkat_asset'

LOOK_INTERVAL = 2.0  # seconds between two looks at the files

_next_look = 0.0


def instance(asset_library, asset_id):
    """The collection that an empty instances to show this asset, and ''; or None and the reason.

    Links it if it is not linked yet, which takes as long as reading it from the file does.
    """
    path, reason = libraries.find(asset_library)
    if path is None:
        return None, reason
    collection = _linked(path, asset_id)
    if collection is None:
        reason = _link(path, [asset_id])
        collection = _linked(path, asset_id)
    if collection is None:
        return None, reason or tr('{name} must be reloaded').format(name=asset_library)
    return collection, ''


def prefetch(references):
    """Links what of these (asset_library, asset_id) is not linked yet, all of one library at once.

    Returns whether more is to be linked: one library per call, so that nobody waits for long.
    What cannot be linked is passed over; instance() says why.
    """
    wanted = {}
    for asset_library, asset_id in dict.fromkeys(references):
        path, _ = libraries.find(asset_library)
        if path is not None and _linked(path, asset_id) is None:
            contents = libraries.contents(path)
            if asset_id in contents.collections or asset_id in contents.objects:
                wanted.setdefault(path, []).append(asset_id)
    for path, names in wanted.items():
        _link(path, names)
        return len(wanted) > 1
    return False


def reference_of(obj):
    """(asset_library, asset_id) of an empty that shows an asset, or None for all else."""
    if obj.type != 'EMPTY' or obj.instance_type != 'COLLECTION':
        return None
    collection = obj.instance_collection
    if collection is None:
        return None
    asset = collection if collection.library is not None else _wrapped(collection)
    if asset is None:
        return None
    return os.path.basename(libraries.path_of(asset.library)), asset.name


def refresh():
    """Reads again what has changed on disk, linked libraries too, if Blender may have the new file.

    Invalidates all Python references to linked data, and must not happen while the user holds an
    object. Afterwards instance() may answer differently for every reference.
    """
    forget()
    for path in {libraries.path_of(library) for library in bpy.data.libraries}:
        if _is_outdated(path) and not libraries.trouble(path):
            _library(path).reload()
            libraries.note_linked(path)
    for collection in bpy.data.collections:
        if WRAPPER in collection and len(collection.objects) == 1:
            collection.instance_offset = _origin(collection.objects[0])


def follow(stage, now):
    """Lets the stage show what is on the disk: looks at the files every now and then, and reads
    them again when the user holds nothing. Returns whether something was read."""
    global _next_look
    if now < _next_look or stage.holds or stage.holds.grabbing:
        return False
    _next_look = now + LOOK_INTERVAL
    if not changed():
        return False
    refresh()
    stage.refresh_assets()
    return True


def _library(path):
    """The bpy.types.Library of that file, or None. In Blender 5 one may have copies of its data
    packed into the file beside it, as a library of their own: those are left alone."""
    for library in bpy.data.libraries:
        if libraries.path_of(library) == path and not getattr(library, 'is_archive', False):
            return library
    return None


def _is_outdated(path):
    library = _library(path)
    if library is None or library.packed_file is not None:
        return False
    return libraries.is_newer_than_linked(path) or any(
        isinstance(datablock, (bpy.types.Collection, bpy.types.Object)) and _is_stub(datablock)
        for datablock in library.users_id)


def _linked(path, asset_id):
    """The collection to instance for an asset that is linked already, or None."""
    library = _library(path)
    if library is None:
        return None
    key = asset_id, library.filepath
    collection = bpy.data.collections.get(key)
    if collection is not None:
        return None if _is_stub(collection) else collection
    obj = bpy.data.objects.get(key)
    if obj is None or _is_stub(obj):
        return None
    return _wrapper(obj)


def _is_stub(datablock):
    """Whether this linked collection or object stands for one that its library did not have.
    Blender 3.4 does not say; there it is an empty collection or an empty."""
    if hasattr(datablock, 'is_missing'):
        return datablock.is_missing
    if isinstance(datablock, bpy.types.Collection):
        return not datablock.objects and not datablock.children
    if datablock.type != 'EMPTY':
        return False
    contents = libraries.contents(libraries.path_of(datablock.library))
    return datablock.name not in contents.objects


def _link(path, names):
    """Links those names of a library. Returns why they could not be, or ''."""
    reason = libraries.trouble(path)
    if reason:
        return reason
    contents = libraries.contents(path)
    missing = [name for name in names
               if name not in contents.collections and name not in contents.objects]
    if missing:
        return tr('{library} has no asset called {name}').format(
            library=os.path.basename(path), name=', '.join(missing))
    try:
        with bpy.data.libraries.load(path, link=True) as (_, wanted):
            wanted.collections = [name for name in names if name in contents.collections]
            wanted.objects = [name for name in names if name not in contents.collections]
    except OSError as error:
        return tr('{path} cannot be read: {reason}').format(path=path, reason=error)
    libraries.note_linked(path)
    return ''


def _wrapper(obj):
    """The local collection around a linked object; made if there is none yet."""
    for collection in bpy.data.collections:
        if WRAPPER in collection and _wrapped(collection) == obj:
            return collection
    collection = bpy.data.collections.new(obj.name)
    collection.objects.link(obj)
    collection.instance_offset = _origin(obj)
    collection[WRAPPER] = True
    return collection


def _wrapped(collection):
    """The linked object that a local collection shows at its origin and nothing else, or None."""
    if collection.library is not None or collection.override_library is not None:
        return None
    if len(collection.objects) != 1 or collection.children:
        return None
    obj = collection.objects[0]
    if obj.library is None:
        return None
    origin = _origin(obj)
    is_there = (collection.instance_offset - origin).length <= 1e-6 * (1 + origin.length)
    return obj if is_there else None


def _origin(obj):
    """Where the object's origin is in its library. What matrix_world says may not be computed."""
    matrix = obj.matrix_basis
    while obj.parent is not None:
        matrix = obj.parent.matrix_basis @ obj.matrix_parent_inverse @ matrix
        obj = obj.parent
    return matrix.translation
