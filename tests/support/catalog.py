# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Reads .po files, as far as the tests want to know them."""

import ast
import dataclasses


@dataclasses.dataclass
class Entry:
    """A text and its translation: one form, or as many as the language has."""
    text: str = ''
    context: str = None
    plural: str = ''
    forms: list = dataclasses.field(default_factory=list)
    flags: set = dataclasses.field(default_factory=set)
    obsolete: bool = False

    @property
    def key(self):
        return self.context, self.text, self.plural


def read(path):
    """The entries of a catalog, without its head."""
    entries, entry, field = [], None, None
    for line in path.read_text(encoding='utf-8').splitlines() + ['']:
        obsolete = line.startswith('#~')
        line = line.removeprefix('#~').strip()
        if not line:
            if entry is not None and (entry.text or entry.context):
                entries.append(entry)
            entry = None
            continue
        entry = entry or Entry()
        entry.obsolete |= obsolete
        if line.startswith('#'):
            if line.startswith('#,'):
                entry.flags |= {flag.strip() for flag in line[2:].split(',')}
            continue
        if line.startswith('msg'):
            keyword, line = line.split(' ', 1)
            if keyword.startswith('msgstr'):
                field = 'forms'
                entry.forms.append('')
            else:
                field = {'msgid': 'text', 'msgctxt': 'context', 'msgid_plural': 'plural'}[keyword]
                setattr(entry, field, '')
        part = ast.literal_eval(line)
        if field == 'forms':
            entry.forms[-1] += part
        else:
            setattr(entry, field, getattr(entry, field) + part)
    return entries
