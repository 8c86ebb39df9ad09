# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What the session says of itself in whole sentences, translated."""

from bpy.app.translations import pgettext_iface as tr

from .core import texts

LEFT = {
    'left': '{name} has left',
    'disconnected': '{name} has lost the connection',
    'kicked': '{name} was removed from the room',
    'closed': '{name} has left',
}


def unbroken(text):
    """The text with spaces at which no line is broken: a number stays with its unit."""
    return text.replace(' ', '\N{NO-BREAK SPACE}')


def joined(name):
    """Somebody came."""
    return tr('{name} has joined').format(name=name)


def left(name, reason):
    """Somebody went."""
    return tr(LEFT.get(reason, LEFT['left'])).format(name=name)


def first_here():
    """The room was made by joining it."""
    return tr('New room: you are the first here')


def known(text):
    """What `core` says in English, translated: one of its sentences, and what may stand behind it in
    brackets. Any other text is returned as it is."""
    sentence = next((sentence for sentence in texts.SENTENCES.values()
                     if text == sentence or text.startswith(f'{sentence} (')), '')
    return tr(sentence) + text[len(sentence):] if sentence else text


def status(client):
    """The state of the connection in a line."""
    if client.status == 'CONNECTING':
        return tr('Connecting to {server}').format(server=client.url)
    if client.status == 'RECONNECTING':
        if client.retry_in is None:
            return tr('Connection lost. Trying again…')
        seconds = str(max(1, round(client.retry_in)))
        return tr('Connection lost. Trying again in {seconds} s').format(seconds=seconds).replace(
            seconds + ' ', unbroken(seconds + ' '))
    if client.status == 'CONNECTED':
        return tr('In the room {room}').format(room=client.session_id)
    return known(client.error_text) or tr('Not connected')
