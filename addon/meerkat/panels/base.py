# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What panels have in common."""

from .. import state, translations


class Panel:
    bl_space_type = 'VIEW_3D'
    bl_region_type = 'UI'
    bl_category = 'Meerkat'
    bl_translation_context = translations.CONTEXT


class SubPanel(Panel):
    bl_parent_id = 'MEERKAT_PT_main'
    only_in_room = True

    @classmethod
    def poll(cls, context):
        return not cls.only_in_room or is_in_room()


def is_in_room():
    return state.session.client.status in ('CONNECTED', 'RECONNECTING')
