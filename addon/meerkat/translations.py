# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Hands the translations, if the package has any, to Blender.

`locale_data.py` is generated from the .po files when the package is built and holds
TRANSLATIONS = {locale: {(context, msgid): msgstr}}, with Blender's names for the locales.
"""

import importlib
import importlib.util

import bpy

GENERATED = f'{__package__}.locale_data'


def register():
    if importlib.util.find_spec(GENERATED) is not None:
        bpy.app.translations.register(__package__, importlib.import_module(GENERATED).TRANSLATIONS)


def unregister():
    if importlib.util.find_spec(GENERATED) is not None:
        bpy.app.translations.unregister(__package__)
