# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Which library files Blender may be given: it crashes on some, so they are looked at before.

Blender 3.4 does not survive linking from a file that 4.3 saved, nor from one of its own that is
linked to such a file in turn.
"""

import mmap
import os
import stat

import bpy
from bpy.app.translations import pgettext_iface as tr

from .core import blendfile

UNREADABLE = '{name} is not a .blend file that this Blender can read'

# Longest path in a .blend file, in bytes.
MAX_PATH = 1024


def refusal(path):
    """Why Blender must not open the file at `path` to link from it, or ''."""
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            return tr('{path} is a folder: name a .blend file in it').format(path=path)
        if not stat.S_ISREG(mode):
            return tr('{path} is not a file').format(path=path)
        if blendfile.version(path) is None:
            return tr(UNREADABLE).format(name=os.path.basename(path))
    except (FileNotFoundError, NotADirectoryError):
        return tr('There is no file {path}').format(path=path)
    except OSError as error:
        return tr('{path} cannot be read: {reason}').format(path=path, reason=error.strerror)
    return newer(path)


def newer(path):
    """A sentence if a newer Blender than this one saved the file at `path`, or ''."""
    try:
        if not os.path.isfile(path) or not blendfile.saved_by_newer(path, bpy.app.version[:2]):
            return ''
        version = blendfile.version(path)
    except OSError:
        return ''
    return tr('{name} was saved by a newer Blender ({newer}) than this one ({own})').format(
        name=os.path.basename(path), newer='.'.join(map(str, version)), own=bpy.app.version_string)


def used_by(path):
    """Paths of the files that the .blend file at `path` is linked to, directly or not.

    Searches for them as text, so there may be some that it only mentions. Finds nothing in a
    compressed file. Raises OSError if the file cannot be read.
    """
    found = {}
    with open(path, 'rb') as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        end = data.find(b'.blend\0')
        while end != -1:
            begin = data.rfind(b'\0', max(0, end - MAX_PATH), end) + 1
            text = os.fsdecode(data[begin:end + len('.blend')])
            if text.startswith('//'):
                text = os.path.join(os.path.dirname(path), text[2:].replace('\\', '/'))
            if os.path.isabs(text):
                found[os.path.normpath(text)] = None
            end = data.find(b'.blend\0', end + 1)
    found.pop(path, None)
    return tuple(found)
