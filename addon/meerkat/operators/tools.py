# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Saving a copy, the report for whoever helps, and ways into the preferences."""

import os

import bpy
from bpy.app.translations import pgettext_iface as tr
from bpy.props import BoolProperty, StringProperty

from .. import diagnostics, preferences, properties, saving, state
from .base import Operator


class MEERKAT_OT_save_scene(Operator, bpy.types.Operator):
    """Save a copy of the scene that opens without Meerkat. Your own file stays as it is"""
    bl_idname = 'meerkat.save_scene'
    bl_label = 'Save Scene…'
    bl_options = {'REGISTER'}

    filepath: StringProperty(name='File', subtype='FILE_PATH', options={'SKIP_SAVE'},
                             description='Where to put the copy')
    filter_glob: StringProperty(default='*.blend', options={'HIDDEN'})
    pack_libraries: BoolProperty(
        name='Pack Libraries', default=True,
        description='Put the asset libraries into the file, so that it opens without them')

    def invoke(self, context, event):
        if not self.filepath:
            folder = os.path.dirname(bpy.data.filepath) or os.path.expanduser('~')
            name = state.session.client.session_id or 'scene'
            self.filepath = os.path.join(folder, f'{name}.blend')
        context.window_manager.fileselect_add(self)
        return {'RUNNING_MODAL'}

    def execute(self, context):
        try:
            report = saving.save(self.filepath, self.pack_libraries, state.session)
        except saving.SaveError as error:
            return self.fail(str(error))
        properties.refresh()
        for warning in report.warnings:
            self.report({'WARNING'}, warning)
        self.report({'INFO'}, tr('Saved {path}').format(path=report.path))
        return {'FINISHED'}


class MEERKAT_OT_copy_diagnostics(Operator, bpy.types.Operator):
    """Copy a report for whoever helps you: versions, settings, the last messages, no secrets"""
    bl_idname = 'meerkat.copy_diagnostics'
    bl_label = 'Copy Diagnostics'

    def execute(self, context):
        context.window_manager.clipboard = diagnostics.report()
        self.report({'INFO'}, tr('The report is on the clipboard'))
        return {'FINISHED'}


class MEERKAT_OT_open_preferences(Operator, bpy.types.Operator):
    """Open Meerkat's preferences: name, servers, asset libraries"""
    bl_idname = 'meerkat.open_preferences'
    bl_label = 'Preferences…'

    def execute(self, context):
        bpy.ops.preferences.addon_show(module=preferences.__package__)
        return {'FINISHED'}


class MEERKAT_OT_allow_online(Operator, bpy.types.Operator):
    """Open the place in Blender's preferences where Allow Online Access is"""
    bl_idname = 'meerkat.allow_online'
    bl_label = 'Open Preferences'

    def execute(self, context):
        bpy.ops.screen.userpref_show(section='SYSTEM')
        return {'FINISHED'}


CLASSES = (MEERKAT_OT_save_scene, MEERKAT_OT_copy_diagnostics, MEERKAT_OT_open_preferences,
           MEERKAT_OT_allow_online)
