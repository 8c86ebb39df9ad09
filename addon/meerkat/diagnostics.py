# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""A report on this Blender's session for whoever helps its user. No tokens, no passwords.

In English whatever the language of the interface: it is read by developers.
"""

import collections
import platform
import sys
import time
from urllib.parse import urlsplit, urlunsplit

import bpy

from . import VERSION, preferences, state

REASONS = 10


def report():
    """The report, as text of several sections."""
    client = state.session.client
    sections = (('Versions', _versions()), ('Settings', _settings()), ('Session', _session(client)),
                ('Warnings', state.session.warnings.values()), ('Local objects', _local_objects()),
                ('Missing assets', _missing()), ('Log', _log(client)))
    lines = ['Meerkat diagnostics']
    for title, rows in sections:
        lines += ['', f'## {title}']
        lines += [f'{row[0]}: {row[1]}' if isinstance(row, tuple) else str(row)
                  for row in rows] or ['none']
    return '\n'.join(lines) + '\n'


def without_secrets(url):
    """An address without user name, password, query and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return '(not an address)'
    return urlunsplit((parts.scheme, parts.netloc.rpartition('@')[2], parts.path, '', ''))


def _versions():
    # Whatever was loaded: a system's copy in place of the add-on's explains a lot.
    websockets = sys.modules.get('websockets')
    return [
        ('Blender', f'{bpy.app.version_string} ({bpy.app.build_hash.decode()})'),
        ('Add-on', VERSION),
        ('Package', __package__),
        ('websockets', getattr(getattr(websockets, 'version', None), 'version', 'not loaded')),
        ('websockets from', getattr(websockets, '__file__', 'not loaded')),
        ('Python', sys.version.replace('\n', ' ')),
        ('Platform', platform.platform()),
        ('Window', 'none (background)' if bpy.app.background else 'yes'),
    ]


def _settings():
    prefs = preferences.get()
    rows = [(field, without_secrets(preferences.value(field)) if field == 'server_url'
             else preferences.value(field)) for field in preferences.VARIABLES]
    rows += [('set by the environment', ', '.join(
        filter(None, map(preferences.variable, preferences.VARIABLES))) or 'nothing')]
    rows += [('library', path) for path in preferences.library_paths()]
    rows += [(field, getattr(prefs, field)) for field in (
        'show_selections', 'show_names', 'show_placeholders', 'show_notices')]
    rows += [('online access', getattr(bpy.app, 'online_access', 'no such preference')),
             ('global undo', bpy.context.preferences.edit.use_global_undo)]
    return rows


def _session(client):
    session = state.session
    rows = [('status', client.status), ('status text', session.status_text),
            ('error', f'{client.error_code} {client.error_text}'.strip() or 'none'),
            ('server', without_secrets(client.url or '')), ('room', client.session_id)]
    rows += [(field.replace('_', ' '), getattr(client, field)) for field in (
        'user_id', 'host_user_id', 'epoch', 'revision', 'server_version', 'limits', 'degraded',
        'latency_ms', 'clock_offset_ms', 'pending', 'attempt', 'retry_in', 'progress')]
    rows += [('users', len(client.replica.users)), ('shared objects', len(client.replica.objects)),
             ('scene', session.scene.name if session.scene is not None else 'none'),
             ('scenes in the file', len(bpy.data.scenes)),
             ('objects in the file', len(bpy.data.objects))]
    return rows


def _local_objects():
    counts = collections.Counter(state.session.local_objects.values())
    return [(f'{count} objects', reason) for reason, count in counts.most_common(REASONS)]


def _log(client):
    """Times in UTC, as the server's log has them."""
    return [f'{time.strftime("%H:%M:%S", time.gmtime(when))}.{int(when * 1000) % 1000:03} {text}'
            for when, text in client.log]


def _missing():
    stage = state.session.stage
    counts = collections.Counter(stage.missing.values() if stage is not None else ())
    return [(f'{count} objects', reason) for reason, count in counts.most_common(REASONS)]


