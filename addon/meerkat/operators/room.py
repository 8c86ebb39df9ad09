# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What one does in a room, with the room and the people in it."""

import bpy
from bpy.app.translations import pgettext_iface as tr
from bpy.props import StringProperty

from .. import overlay, state, widgets
from ..panels import words
from .base import Operator, connected_problem, host_problem, online_problem

DIALOG_WIDTH = 340  # unscaled pixels
TEXT_WIDTH = DIALOG_WIDTH - 50  # beside its icon and within its margins


class MEERKAT_OT_show_scene(Operator, bpy.types.Operator):
    """Show the scene that is shared in the room"""
    bl_idname = 'meerkat.show_scene'
    bl_label = 'Go There'

    @staticmethod
    def problem():
        return '' if state.session.scene is not None else connected_problem()

    def execute(self, context):
        context.window.scene = state.session.scene
        return {'FINISHED'}


class MEERKAT_OT_frame_user(Operator, bpy.types.Operator):
    """Look at what this user has selected"""
    bl_idname = 'meerkat.frame_user'
    bl_label = 'Look at Selection'

    user_id: StringProperty(name='User Id', options={'SKIP_SAVE'}, description='Whose selection')

    @classmethod
    def description(cls, context, properties):
        client = state.session.client
        user = client.replica.users.get(properties.user_id)
        if user is None:
            return tr(cls.__doc__)
        name = words.name_in_list(client, user)
        sentences = []
        if client.host_user_id == user.user_id:
            sentences.append(tr('{name} is the host of the room (★)').format(name=name))
        if user.selection:
            sentences.append(tr('{name} has selected: {selected}. Click to look at it').format(
                name=name, selected=words.selection_text(client, user)))
        return '. '.join(sentences) or tr('{name} has nothing selected').format(name=name)

    @staticmethod
    def problem():
        if getattr(bpy.context.space_data, 'region_3d', None) is None:
            return tr('This needs a 3D viewport')
        return connected_problem()

    def execute(self, context):
        stage = state.session.stage
        user = state.session.client.replica.users.get(self.user_id)
        if user is None or stage is None:
            return self.fail(tr('This user has left'))
        objects = filter(None, map(stage.object_of, user.selection))
        if not overlay.look_at(context.space_data.region_3d, objects):
            self.report({'INFO'}, tr('{name} has nothing selected').format(name=user.name))
            return {'CANCELLED'}
        return {'FINISHED'}


class MEERKAT_OT_resync(Operator, bpy.types.Operator):
    """Ask the server for what was missed, if you think that your scene is not like the others'"""
    bl_idname = 'meerkat.resync'
    bl_label = 'Resync'
    problem = staticmethod(online_problem)

    def execute(self, context):
        state.session.client.request_sync()
        return {'FINISHED'}


class _Asking(Operator):
    """An operator that asks before it does something that hurts."""
    problem = staticmethod(host_problem)

    def invoke(self, context, event):
        return self.ask(context, DIALOG_WIDTH)

    def draw(self, context):
        column = self.layout.column(align=True)
        width = TEXT_WIDTH * context.preferences.system.ui_scale
        for index, line in enumerate(widgets.lines_in(context, self.question(), width)):
            column.label(text=line, icon='BLANK1' if index else 'QUESTION', translate=False)


class MEERKAT_OT_kick_user(_Asking, bpy.types.Operator):
    """Remove this user from the room. They can come back after a minute"""
    bl_idname = 'meerkat.kick_user'
    bl_label = 'Remove from Room'

    user_id: StringProperty(name='User Id', options={'SKIP_SAVE'}, description='Who')

    def question(self):
        return tr('Remove {name} from the room?').format(name=widgets.user_name(self.user_id))

    def execute(self, context):
        if self.user_id not in state.session.client.replica.users:
            return self.fail(tr('This user has left'))
        state.session.client.kick(self.user_id)
        return {'FINISHED'}


class MEERKAT_OT_close_room(_Asking, bpy.types.Operator):
    """End the room for everybody. Only the host can"""
    bl_idname = 'meerkat.close_room'
    bl_label = 'Close Room for Everybody'

    def question(self):
        return tr('End the room for everybody? What is in it stays in the scenes of those who are '
                  'there now, and is no longer on the server.')

    def execute(self, context):
        state.session.client.close_session()
        return {'FINISHED'}


CLASSES = (MEERKAT_OT_show_scene, MEERKAT_OT_frame_user, MEERKAT_OT_resync, MEERKAT_OT_kick_user,
           MEERKAT_OT_close_room)
