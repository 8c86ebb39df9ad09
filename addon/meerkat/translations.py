# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Hands the translations, if the package has any, to Blender, and counts in every language.

`locale_data.py` is made from the catalogs when the add-on is packed; there is none in the sources.
"""

import gettext
import importlib
import importlib.util

import bpy

GENERATED = f'{__package__}.locale_data'

# Blender's own translations go before an add-on's, and mean something else by some of its words.
# What has this context is looked up here alone.
CONTEXT = 'Meerkat'

# What Blender 4.0 and later call a language that had another name before.
NEW_NAMES = {'zh_CN': 'zh_HANS'}

_plurals = {}  # {language: (function from a number to the form, {text for one: forms})}


def counted(count, one, many):
    """'1 change' or '3 changes', translated: `one` and `many` are the English texts, and {count} is
    filled in."""
    index, forms = _plurals.get(_language(), (None, {}))
    if one in forms:
        return forms[one][index(count)].format(count=count)
    return (one if count == 1 else many).format(count=count)


def _language():
    """As the catalogs call the language of the interface, or ''."""
    if not bpy.context.preferences.view.use_translate_interface:
        return ''
    locale = bpy.app.translations.locale
    return locale if locale in _plurals else locale.split('_')[0]


def register():
    if importlib.util.find_spec(GENERATED) is None:
        return
    data = importlib.import_module(GENERATED)
    texts = {}
    for language, entries in data.TEXTS.items():
        formula, forms = data.PLURALS[language]
        for name in filter(None, (language, NEW_NAMES.get(language))):
            texts[name] = {(context, text): entry for text, entry in entries.items()
                           for context in (bpy.app.translations.contexts.default, CONTEXT)}
            _plurals[name] = gettext.c2py(formula), forms
    bpy.app.translations.register(__package__, texts)


def unregister():
    if _plurals:
        bpy.app.translations.unregister(__package__)
        _plurals.clear()
