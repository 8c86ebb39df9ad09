# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What buttons and scripts can do: bpy.ops.meerkat.*

Operators check what they are given, say what is wrong with it in a sentence, and leave the work to
the session. A greyed button says why in its tooltip.
"""

import bpy

from . import connection, objects, room, scripts, tools

CLASSES = (*connection.CLASSES, *scripts.CLASSES, *objects.CLASSES, *room.CLASSES, *tools.CLASSES)


def register():
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister():
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
