# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Two people who see each other, in two windows: what one clicks the other one sees."""

from support import scenes, tap
from support.window import ROOM, WindowTest, count

WM = 'bpy.context.window_manager.meerkat'
LOOK = '''
    for obj in list(bpy.context.scene.objects):
        bpy.data.objects.remove(obj)
    bpy.context.preferences.system.viewport_aa = 'OFF'
    for area in bpy.context.window_manager.windows[0].screen.areas:
        if area.type == 'VIEW_3D':
            area.spaces[0].show_region_ui = area.spaces[0].show_region_toolbar = False
            area.spaces[0].region_3d.view_distance = 11
            area.spaces[0].region_3d.view_perspective = 'ORTHO'
'''


class TestPresence(WindowTest):

    window = (640, 480)

    def setUp(self):
        super().setUp()
        self.ben = self.blender(view='3D', size=self.window)

    def enter_both(self, **how):
        for blender, name in ((self.anna, 'Anna'), (self.ben, 'Ben')):
            blender.run(LOOK)
            self.enter(blender, name, ROOM, **how)

    def test_click(self):
        """Ben clicks a cube: Anna sees it in a box of Ben's colour, which is the one of her list of
        users; he clicks beside it, and the box is gone."""
        self.enter_both()
        self.ben.run("with override(): bpy.ops.meerkat.add(type='CUBE', location=(0, 0, 0))\n"
                     'bpy.context.object.select_set(False)')
        scenes.wait_settled(self, [self.anna, self.ben], session=ROOM)
        color = self.anna.run(f"result = next([round(c * 255) for c in u.color] for u in {WM}.users "
                              "if u.name == 'Ben')")
        self.picture_until('not-clicked', lambda path: count(path, color) < 5, 'A box too early')
        left, bottom, width, height = self.ben.region()
        self.ben.click(left + width / 2, bottom + height / 2)
        self.ben.wait_until('bpy.context.selected_objects')
        self.picture_until('clicked', lambda path: count(path, color) > 150, 'No box')
        self.ben.click(left + 20, bottom + 20)
        self.ben.wait_until('not bpy.context.selected_objects')
        self.picture_until('clicked-beside', lambda path: count(path, color) < 5, 'The box stays')

    def test_encrypted(self):
        """The same room over TLS, with a certificate that the computer knows."""
        daemon, certificate = self.start_encrypted()
        for blender in (self.anna, self.ben):
            blender.run("import os\nos.environ['SSL_CERT_FILE'] = path", path=certificate)
        self.url = lambda _=None: f'wss://localhost:{daemon.port}'
        self.enter_both()
        self.anna.run("with override(): bpy.ops.meerkat.add(type='CUBE', location=(1, 2, 3))")
        self.ben.wait_until('[tuple(o.location) for o in bpy.context.scene.objects] == [(1, 2, 3)]')
        self.ben.run('bpy.context.scene.objects[0].location.z = 7')
        self.anna.wait_until('bpy.context.object.location.z == 7')


if __name__ == '__main__':
    tap.main()
