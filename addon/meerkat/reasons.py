# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Why an object is not shared, or not wholly; of its kind alone, kinds.py and shapes.py tell."""

KEPT = 'was here before you connected; Share Scene puts it on stage'
ANIMATED = 'it is animated or simulated here: its motion is not shared'
CARRIED = 'it is parented to a bone, vertices or a curve: its place is not shared'
SHEARED = 'it is sheared: the others see the nearest shape without shear'
NOT_FINITE = 'one of its values is not a finite number'
NOT_ALLOWED = 'one of its values is not allowed in a session'
EDITED = 'its mesh was edited: the others still see the shape it had'
GOING = 'somebody has removed it: it goes when you leave its mode'
