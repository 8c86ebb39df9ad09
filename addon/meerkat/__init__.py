# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Meerkat: several people lay out one scene together, live. Here it is switched on and off."""

import glob
import importlib
import os
import site
import sys
import traceback

import bpy

bl_info = {
    'name': 'Meerkat',
    'author': 'The Meerkat developers',
    'version': (0, 0, 0),  # the build writes the project's
    'blender': (3, 4, 0),
    'location': '3D Viewport > Sidebar > Meerkat',
    'description': 'Lay out one scene together, live',
    'category': 'Scene',
}

# Taken here, because Blender puts something else in the place of an extension's bl_info.
VERSION = '.'.join(map(str, bl_info['version']))

# In the order in which they are registered; each has register() and unregister().
MODULES = ('preferences', 'properties', 'operators', 'panels', 'overlay', 'event_handlers', 'state',
           'translations')

_registered = []


def register():
    """Switches all of it on, or, if a part fails, none of it."""
    _put_libraries_first()
    try:
        for name in MODULES:
            module = importlib.import_module('.' + name, __package__)
            _registered.append(module)
            module.register()
    except BaseException:
        unregister()
        raise


def unregister():
    """Switches it off, and lets the next register() read the files anew, as after an update."""
    while _registered:
        try:
            _registered.pop().unregister()
        except Exception:  # what else is registered must go all the same
            traceback.print_exc()
    for name in [name for name in sys.modules if name.startswith(__package__ + '.')]:
        del sys.modules[name]
        # Else `from . import` would go on finding the old one.
        globals().pop(name[len(__package__) + 1:], None)
    sys.path[:] = [path for path in sys.path if path not in _wheels()]


def _put_libraries_first():
    """Lets Python find the libraries that came along before a system's copies of other versions."""
    if not __package__.startswith('bl_ext.'):
        sys.path[:0] = _wheels()
        return
    # Blender unpacks the wheels of an extension. The folder is last until Blender starts again, and
    # from then on before the system's: that is where it goes.
    unpacked = [path for path in sys.path
                if path.startswith(bpy.utils.user_resource('EXTENSIONS', path='.local') + os.sep)]
    others = [path for path in sys.path if path not in unpacked]
    system = site.getsitepackages()
    place = next((i for i, path in enumerate(others) if path in system), len(others))
    sys.path[:] = others[:place] + unpacked + others[place:]


def _wheels():
    """The wheels of an add-on, which Python reads as they are."""
    return glob.glob(os.path.join(os.path.dirname(__file__), 'wheels', '*.whl'))
