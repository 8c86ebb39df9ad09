# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What scripts need where no timer works for them: tick and wait."""

import bpy
from bpy.props import EnumProperty, FloatProperty

from .. import properties, state, wording
from .base import Operator


class MEERKAT_OT_tick(Operator, bpy.types.Operator):
    """Send and receive what is there. For scripts: with a window this happens by itself"""
    bl_idname = 'meerkat.tick'
    bl_label = 'Tick'

    def execute(self, context):
        state.session.tick_for_script()
        properties.refresh()
        return {'FINISHED'}


class MEERKAT_OT_wait(Operator, bpy.types.Operator):
    """Wait until the room has arrived, or until all changes are with the server. For scripts"""
    bl_idname = 'meerkat.wait'
    bl_label = 'Wait'

    until: EnumProperty(description='What to wait for', items=(
        ('CONNECTED', 'Connected', 'Until the scene of the room has arrived'),
        ('SENT', 'Sent', 'Until the server has acknowledged every change')))
    timeout: FloatProperty(default=10.0, min=0.0, subtype='TIME', description='Seconds')

    def execute(self, context):
        session = state.session
        is_there = {'CONNECTED': session_has_arrived, 'SENT': session_has_sent}[self.until]
        session.pump(lambda: is_there() or session.client.status == 'DISCONNECTED', self.timeout)
        properties.refresh()
        if is_there():
            return {'FINISHED'}
        self.report({'WARNING'},
                    wording.known(session.client.error_text) or session.status_text)
        return {'CANCELLED'}


def session_has_arrived():
    """Whether the scene of the room is here and built."""
    session = state.session
    return (session.client.status == 'CONNECTED' and session.stage is not None
            and session.stage.adopted and not session.stage.backlog)


def session_has_sent():
    """Whether the server has acknowledged all that this user did."""
    return session_has_arrived() and not state.session.client.pending


CLASSES = (MEERKAT_OT_tick, MEERKAT_OT_wait)
