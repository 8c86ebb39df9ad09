# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What operators have in common: a greyed button says why, and what fails says what is wrong."""

import bpy
from bpy.app.translations import pgettext_iface as tr

from .. import state, translations
from ..panels.base import is_in_room


def connected_problem():
    return '' if is_in_room() else tr('Connect to a room first')


def online_problem():
    status = state.session.client.status
    if status == 'RECONNECTING':
        return tr('The connection is lost at the moment')
    return '' if status == 'CONNECTED' else tr('Connect to a room first')


def host_problem():
    client = state.session.client
    if client.host_user_id != client.user_id:
        return online_problem() or tr('Only the host of the room can do this')
    return online_problem()


def editing_problem():
    """Why no object can be added now."""
    session = state.session
    if connected_problem():
        return connected_problem()
    if session.stage is None or session.scene is None:
        return tr('The scene has not arrived yet')
    if session.scene != bpy.context.scene:
        return tr('The room is in the scene “{scene}”').format(scene=session.scene.name)
    if bpy.context.mode != 'OBJECT':
        return tr('Go back to Object Mode first')
    return ''


class Operator(bpy.types.Operator):
    """An operator whose greyed button says why. `problem()` returns a sentence, or ''."""
    bl_options = {'INTERNAL'}
    bl_translation_context = translations.CONTEXT
    problem = staticmethod(lambda: '')

    @classmethod
    def poll(cls, context):
        text = cls.problem()
        if text:
            cls.poll_message_set(text)
        return not text

    def ask(self, context, width):
        """Opens a dialog. Its button says what it does, where Blender lets it (4.1), or OK."""
        manager = context.window_manager
        known = manager.bl_rna.functions['invoke_props_dialog'].parameters
        more = {'confirm_text': tr(self.bl_label)} if 'confirm_text' in known else {}
        return manager.invoke_props_dialog(self, width=width, **more)

    def fail(self, text):
        self.report({'ERROR'}, text)
        return {'CANCELLED'}
