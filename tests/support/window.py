# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""A Blender whose 3D view and sidebar are looked at: pictures, and the add-on's tab."""

import os
import subprocess

from support.blender import BlenderTest, display

ROOM = 'shot-01'
IMAGES = os.environ.get('MEERKAT_IMAGES')  # the folder of the user guide's pictures
PICTURES = {'panel-disconnected', 'panel-connected', 'panel-reconnecting', 'connect-dialog',
            'overlay-selections', 'overlay-placeholder'}


class WindowTest(BlenderTest):
    """A test with one Blender that shows a 3D view and its sidebar."""

    window = (1000, 900)

    def setUp(self):
        super().setUp()
        self.anna = self.blender(view='3D', size=self.window)
        self.anna.run('''
            bpy.context.preferences.system.viewport_aa = 'OFF'
            drawn = []
            main = bpy.types.MEERKAT_PT_main
            for status in ('disconnected', 'connecting', 'connected', 'reconnecting'):
                def watched(self, context, draw=getattr(main, 'draw_' + status), status=status):
                    draw(self, context)
                    drawn.append(status)
                setattr(main, 'draw_' + status, watched)
            for area in bpy.context.window_manager.windows[0].screen.areas:
                if area.type == 'VIEW_3D':
                    area.spaces[0].show_region_ui = True
                    area.spaces[0].show_region_toolbar = False
        ''')

    def open_tab(self):
        """Clicks down the sidebar's tabs until Meerkat's panel is drawn."""
        self.draw()
        left, bottom, width, height = self.anna.region('VIEW_3D', 'UI')
        for down in range(10, height, 25):
            self.anna.click(left + width - 12, bottom + height - down)
            self.draw()
            if self.anna.run('result = bool(drawn)'):
                return
        self.fail('The tab is nowhere')

    def draw(self):
        self.anna.run('with override(): '
                      'bpy.ops.wm.redraw_timer(type="DRAW_WIN_SWAP", iterations=1)')

    def drawn_now(self):
        """Which faces of the main panel are drawn at the moment."""
        self.anna.run('drawn.clear()')
        self.draw()
        return set(self.anna.run('result = drawn'))

    def picture(self, name, region=None, top=None):
        """Takes a picture of the 3D view, or of one region of it, or of the uppermost `top` pixels
        of that, and returns its path. Those of the guide are kept, in fewer colours."""
        self.draw()
        x, y, width, height = self.anna.region('VIEW_3D', region) if region else self.anna.run('''
            found = next(a for a in bpy.context.window_manager.windows[0].screen.areas
                         if a.type == 'VIEW_3D')
            result = [found.x, found.y, found.width, found.height]
        ''')
        cut = height - (top or height)
        left, bottom = self.anna.place
        path = self.anna.folder / f'{name}.png'
        display().screenshot(path, (left + x, bottom + y + cut), (width, height - cut))
        if IMAGES and name in PICTURES:
            subprocess.run(['convert', path, '-strip', '+dither', '-colors', '128',
                            os.path.join(IMAGES, f'{name}.png')], check=True)
        return path

    def picture_until(self, name, is_right, complaint):
        """Takes a picture until it shows what it should."""
        for _ in range(40):
            path = self.picture(name)
            if is_right(path):
                return
        self.fail(f'{complaint}: {path}')

    def other(self, name, **more):
        """Another user, who is in the room."""
        client = self.join(display_name=name, session=ROOM, **more)
        client.name = name
        client.color = tuple(client.sync['users'][client.user_id]['color'])
        return client

    def wait_for_objects(self, *ids):
        self.anna.wait_until('all(meerkat.state.session.stage.object_of(i) for i in ids)', ids=ids)


def count(path, color, tolerance=12):
    """How many pixels of a picture have about this colour."""
    raw = subprocess.run(['convert', str(path), '-depth', '8', 'rgb:-'], check=True,
                         stdout=subprocess.PIPE).stdout
    return sum(abs(raw[i] - color[0]) <= tolerance and abs(raw[i + 1] - color[1]) <= tolerance
               and abs(raw[i + 2] - color[2]) <= tolerance for i in range(0, len(raw), 3))
