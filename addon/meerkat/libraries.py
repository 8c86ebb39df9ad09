# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Which asset libraries there are on this computer, and what is in them, without loading them.

A library is known by its bare file name: that is all that the others in a room say of it. The name
is looked up among the files that the user named, then among the libraries that the open file is
linked to, then in the folders of Blender's own asset libraries. No path is ever made of it.
"""

import os

import bpy
from bpy.app.translations import pgettext_iface as tr

from . import gate

# Bounds on what is searched in the folders of Blender's own asset libraries.
MAX_FOLDERS = 100
MAX_FILES = 100

KINDS = ('collections', 'objects')

_chosen = []    # absolute paths, as configure() was given them
_folders = None  # {folder of Blender's asset libraries: its stamp}, None until searched
_found = []     # absolute paths of the .blend files in them
_listing = None  # what available() told, None until it is asked
_contents = {}  # {path: (stamp, Contents)}
_stamps = None  # {path: stamp} when changed() last looked
_linked = {}    # {path: stamp that the file had when it was linked, or first seen so}


class Contents:
    """What is in a library file: the sets `collections` and `objects` of names and `assets`, all of
    them in the order to show them; `uses`, paths of the files that it is linked to itself; or the
    sentence `trouble` why it cannot be linked."""

    __slots__ = ('collections', 'objects', 'assets', 'uses', 'trouble')

    def __init__(self, collections=(), objects=(), marked=(), uses=(), trouble=''):
        self.collections = frozenset(collections)
        self.objects = frozenset(objects)
        ordered = dict.fromkeys(marked)
        ordered.update(dict.fromkeys(sorted(collections)))
        ordered.update(dict.fromkeys(sorted(objects)))
        self.assets = tuple(name for name in ordered if not name.startswith('.'))
        self.uses = uses
        self.trouble = trouble


def configure(paths):
    """Takes the library files that the user named (absolute paths) instead of the earlier ones."""
    global _chosen, _stamps
    _chosen = list(dict.fromkeys(os.path.normpath(path) for path in paths if path))
    _stamps = None
    forget()


def forget():
    """Forgets which files there are; they are looked for again when somebody asks."""
    global _folders, _listing
    _folders = None
    _found.clear()
    _listing = None


def changed():
    """Whether a library appeared, vanished or was written since the last call, or the preferences
    were changed. Looks at dates and sizes only; what changed is read again by the next reader."""
    global _stamps, _listing
    if _folders is None:
        _search()
    stamps = {path: _stamp(path) for path in (*_chosen, *_linked_paths(), *_folders)}
    for path in _linked_paths():
        _linked.setdefault(path, stamps[path])
    if stamps == _stamps:
        return False
    if any(_folders[folder] != stamps[folder] for folder in _folders):
        forget()
    _stamps = stamps
    _listing = None
    return True


def available():
    """All that can be placed: [(file name of the library, name of the asset)], what is marked as an
    asset first in each library, then collections, then objects. The first call after forget(), or
    after changed() was true, opens the files that are new or changed."""
    global _listing
    if _listing is not None:
        return _listing
    names = dict.fromkeys(
        os.path.basename(path)
        for path in (*_chosen, *_linked_paths(), *_asset_library_files()))
    _listing = []
    for name in names:
        path, _ = find(name)
        if path is not None and not trouble(path):
            _listing += [(name, asset) for asset in contents(path).assets]
    return _listing


def problems():
    """Why library files that the user named cannot be used: [(path, sentence)]."""
    found = []
    for path in _chosen:
        _, reason = find(os.path.basename(path))
        reason = reason or trouble(path)
        if reason:
            found.append((path, reason))
    return found


def find(name):
    """Path of the library with that bare file name and '', or None and the reason."""
    if not name or '..' in name or any(c in name for c in '/\\\0'):
        return None, tr('"{name}" is not the name of a library file').format(name=name)
    for paths in (_chosen, _linked_paths(), _asset_library_files()):
        matches = [path for path in paths if os.path.basename(path) == name]
        if len(matches) > 1:
            return None, tr('There are several libraries called {name}: {paths}').format(
                name=name, paths=', '.join(matches))
        if matches:
            return matches[0], ''
    return None, tr('The library {name} is not among your asset libraries').format(name=name)


def contents(path):
    """The Contents of the library file at `path`; read again only after the file has changed."""
    if is_same_file(path, bpy.data.filepath):
        return Contents(trouble=tr('{name} is the file that you have open').format(
            name=os.path.basename(path)))
    stamp = _stamp(path)
    known = _contents.get(path)
    if known is not None and known[0] == stamp:
        return known[1]
    reason = gate.refusal(path)
    result = Contents(trouble=reason) if reason else _read(path)
    _contents[path] = stamp, result
    return result


def trouble(path):
    """Why Blender must not link from the library file at `path` now, or ''."""
    found = contents(path)
    if found.trouble:
        return found.trouble
    for other in found.uses:
        reason = gate.newer(other)
        if reason:
            return tr('{name} is linked to another file: {reason}').format(
                name=os.path.basename(path), reason=reason)
    return ''


def note_linked(path):
    """Remembers that what is linked from this file is what is in it now."""
    _linked[path] = _stamp(path)


def is_newer_than_linked(path):
    """Whether the file was written after it was linked."""
    return _linked.setdefault(path, _stamp(path)) != _stamp(path)


def path_of(library):
    """Absolute path of the file of a bpy.types.Library."""
    return os.path.normpath(bpy.path.abspath(library.filepath))


def is_same_file(path, other):
    """Whether both paths are of one existing file; an empty path is of none."""
    try:
        return os.path.samefile(path, other)
    except OSError:
        return False


def _read(path):
    try:
        with bpy.data.libraries.load(path, link=True, assets_only=True) as (marked, _):
            first = [name for kind in KINDS for name in sorted(getattr(marked, kind))]
        with bpy.data.libraries.load(path, link=True) as (names, _):
            return Contents(names.collections, names.objects, first, gate.used_by(path))
    except OSError:
        return Contents(trouble=tr(gate.UNREADABLE).format(name=os.path.basename(path)))


def _stamp(path):
    try:
        status = os.stat(path)
        return status.st_mtime_ns, status.st_size
    except OSError:
        return None


def _linked_paths():
    return list(dict.fromkeys(path_of(library) for library in bpy.data.libraries))


def _asset_library_files():
    if _folders is None:
        _search()
    return _found


def _search():
    """Finds the .blend files in Blender's own asset libraries, near the top first."""
    global _folders
    _folders = {}
    _found.clear()
    waiting = [os.path.normpath(bpy.path.abspath(library.path))
               for library in bpy.context.preferences.filepaths.asset_libraries if library.path]
    for folder in waiting:  # grows while it is walked
        if len(_folders) == MAX_FOLDERS:
            return
        if folder in _folders:
            continue
        _folders[folder] = _stamp(folder)
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if entry.name.startswith('.'):
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            elif entry.name.endswith('.blend') and len(_found) < MAX_FILES:
                _found.append(entry.path)
