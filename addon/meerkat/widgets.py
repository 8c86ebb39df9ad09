# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Small things that panels and the status bar are made of."""

import functools
import re
import traceback

import blf
import bpy
import bpy.utils.previews
from bpy.app.translations import pgettext_iface as tr

from . import state, wording

DISC = 32  # pixels of a coloured disc; Blender scales it down to an icon
MARGINS = 70  # of a panel with the tabs beside it and a box in it, in unscaled pixels
ICON = 22
GREEN, AMBER, RED, GREY = (87, 187, 95), (230, 170, 40), (220, 80, 70), (128, 128, 128)

# What is not broken: a word, a letter of scripts that write no spaces, with what must not begin a line.
PIECES = re.compile('[^ \u2e80-\uffef]+[、。，．：；？！）」』】]*|[\u2e80-\uffef][、。，．：；？！）」』】ー]*| ')

# Up to how many seconds it is told in which unit, and how.
AGES = ((60, 1, '{count} s ago'), (3600, 60, '{count} min ago'), (172800, 3600, '{count} h ago'))

_discs = None
_failed = set()


def guarded(draw):
    """A draw function that never raises: it shows that it failed, and prints why, once."""
    @functools.wraps(draw)
    def wrapper(self, context):
        try:
            draw(self, context)
        except Exception:
            if draw.__qualname__ not in _failed:
                _failed.add(draw.__qualname__)
                traceback.print_exc()
            self.layout.label(text='Meerkat could not draw this; the console says why',
                              icon='ERROR')
    return wrapper


def disc(color):
    """The icon of a disc in a colour of 0..255 sRGB numbers, for `icon_value`."""
    global _discs
    if _discs is None:
        _discs = bpy.utils.previews.new()
    key = '{:02x}{:02x}{:02x}'.format(*color)
    if key not in _discs:
        icon = _discs.new(key)
        icon.icon_size = (DISC, DISC)
        icon.icon_pixels_float = _disc_pixels(tuple(c / 255 for c in color))
    return _discs[key].icon_id


def _disc_pixels(rgb):
    middle, radius = (DISC - 1) / 2, DISC * 0.36
    pixels = []
    for y in range(DISC):
        for x in range(DISC):
            distance = ((x - middle) ** 2 + (y - middle) ** 2) ** 0.5
            alpha = min(1.0, max(0.0, radius + 0.5 - distance))
            pixels += (*(part * alpha for part in rgb), alpha)  # premultiplied, as Blender draws
    return pixels


def wrapped(layout, context, text, icon='NONE'):
    """A text in as many lines as the width of the region asks for."""
    system = context.preferences.system
    width = context.region.width if context.region else 260 * system.ui_scale
    width -= (MARGINS if icon == 'NONE' else MARGINS + ICON) * system.ui_scale
    column = layout.column(align=True)
    column.scale_y = 0.8
    for index, line in enumerate(lines_in(context, text, width)):
        column.label(text=line, icon=icon if index == 0 or icon == 'NONE' else 'BLANK1',
                     translate=False)


def lines_in(context, text, width):
    """The text in lines that are no longer than so many pixels as Blender writes them."""
    points = context.preferences.ui_styles[0].widget.points
    blf.size(0, points * context.preferences.system.ui_scale)
    return lines_of(text, width, lambda part: blf.dimensions(0, part)[0])


def lines_of(text, width, measure):
    """The text in lines no longer than `width`; `measure(part)` is how long a part is. A word that
    is too long, such as a path, is broken where it must be."""
    lines, space = [''], ''
    for piece in PIECES.findall(text):
        if piece == ' ':
            space = ' '
            continue
        longer = lines[-1] + space + piece if lines[-1] else piece
        space = ''
        if measure(longer) <= width:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append('')
        while measure(piece) > width and len(piece) > 1:
            fits = next(end for end in range(len(piece) - 1, 0, -1)
                        if end == 1 or measure(piece[:end]) <= width)
            lines[-1:] = [piece[:fits], '']
            piece = piece[fits:]
        lines[-1] = piece
    return lines


def progress_bar(layout, factor, text):
    """How far something is, by Blender's own bar where there is one (4.0)."""
    if hasattr(layout, 'progress'):
        layout.progress(factor=factor, type='BAR', text=text, translate=False)
    else:
        full = round(factor * 12)
        layout.label(text=f'{"█" * full}{"░" * (12 - full)}  {text}', translate=False)


def percent(factor):
    return wording.unbroken(f'{round(100 * factor)} %')


def ago(seconds):
    """An age in words, for "last changed by Anna, 12 s ago"."""
    if seconds < 3:
        return tr('just now')
    for limit, unit, text in AGES:
        if seconds < limit:
            return wording.unbroken(tr(text).format(count=int(seconds / unit)))
    return wording.unbroken(tr('{count} days ago').format(count=int(seconds / 86400)))


def users():
    """Everybody in the room, oneself first."""
    client = state.session.client
    return sorted(client.replica.users.values(),
                  key=lambda user: (user.user_id != client.user_id, user.name.casefold()))


def user_name(user_id):
    """How a user is called here: 'you', the name, or that the user has left."""
    client = state.session.client
    if user_id == client.user_id:
        return tr('you')
    user = client.replica.users.get(user_id)
    return user.name if user else tr('somebody who has left')


def register():
    _failed.clear()


def unregister():
    global _discs
    if _discs is not None:
        bpy.utils.previews.remove(_discs)
        _discs = None
