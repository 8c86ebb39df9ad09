# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What is wrong with what somebody typed: a sentence that says what is allowed, or ''."""

import re

from bpy.app.translations import pgettext_iface as tr

from .core import protocol, texts, websocket_client


def address(text):
    """Of the address of a server."""
    if not text:
        return tr('Type the address of a server')
    try:
        websocket_client.complete_url(text)
    except ValueError:
        return tr(texts.SENTENCES['BAD_URL'])
    return ''


def is_lone_word(text):
    """Whether an address is one word only, which may be a computer's name, or just any word."""
    return re.fullmatch(r'[\w-]+', text) is not None and text != 'localhost'


def room(text):
    """Of the name of a room."""
    if not text:
        return tr('Type the name of a room')
    return '' if protocol.is_session_id(text) else tr(texts.SENTENCES['BAD_SESSION'])


def display_name(text):
    """Of the name of a user."""
    return '' if protocol.is_display_name(text) else tr(texts.SENTENCES['BAD_DISPLAY_NAME'])


OF_FIELD = {'server_url': address, 'session': room, 'display_name': display_name}
