# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Installing the zip, switching the add-on on and off, and what it leaves behind: nothing."""

import os
import shutil

from support import tap
from support.blender import BlenderTest, addon_zip, has_extensions

# All that an add-on can leave: as one value, to be compared.
TRACES = '''
    def traces():
        handlers = [f'{name}: {f.__module__}.{f.__qualname__}'
                    for name in dir(bpy.app.handlers)
                    if isinstance(getattr(bpy.app.handlers, name), list)
                    for f in getattr(bpy.app.handlers, name)]
        classes = [name for name in dir(bpy.types) if 'meerkat' in name.lower()]
        owners = ('WindowManager', 'Scene', 'Object', 'Collection', 'Material')
        properties = [f'{owner}.{name}' for owner in owners
                      for name in getattr(bpy.types, owner).bl_rna.properties.keys()
                      if 'meerkat' in name.lower()]
        return sorted(handlers + classes + properties)
'''
INSTALL_ADDON = '''
    bpy.ops.preferences.addon_install(filepath=path, overwrite=True)
    bpy.ops.preferences.addon_enable(module=module)
'''
INSTALL_EXTENSION = '''
    with override():
        bpy.ops.extensions.package_install_files(filepath=path, repo='user_default')
'''
OFF = 'bpy.ops.preferences.addon_disable(module=module)'
ON = 'bpy.ops.preferences.addon_enable(module=module)'


class TestInstall(BlenderTest):
    """With the zip as users install it."""

    def test_enabled(self):
        """It is on, and shows its version."""
        blender = self.blender(background=True)
        enabled, version = blender.run('''
            import addon_utils
            result = [module in bpy.context.preferences.addons,
                      addon_utils.module_bl_info(meerkat)['version']]
        ''', module=blender.module)
        self.assertTrue(enabled)
        self.assertEqual(f'meerkat-addon-{".".join(str(part) for part in version)}.zip',
                         os.path.basename(addon_zip()))

    def test_library_is_ours(self):
        """The WebSocket library that is loaded is the one that came along, not the system's."""
        blender = self.blender(background=True)
        path, others = blender.run('''
            import sys, websockets
            from importlib.machinery import PathFinder
            system = [folder for folder in sys.path if folder.endswith('/dist-packages')]
            result = [websockets.__file__, PathFinder.find_spec('websockets', system) is not None]
        ''')
        if not others:
            self.skipTest('this Blender sees no other websockets that it could take')
        where = ('extensions/.local/lib/' if has_extensions(blender.version) else
                 'addons/meerkat/wheels/')
        self.assertIn(str(blender.home), path)
        self.assertIn(where, path)

    def test_light(self):
        """Switching it on opens no connection, starts no thread, and loads no network library."""
        blender = self.blender(background=True)
        threads, loaded = blender.run('''
            import sys, threading
            result = [[t.name for t in threading.enumerate()], 'websockets' in sys.modules]
        ''')
        self.assertEqual(threads, ['MainThread'])
        self.assertFalse(loaded)

    def test_off_and_on(self):
        """Switched off it leaves nothing; on again it is as before; as often as one likes."""
        blender = self.blender(enabled=False)
        blender.run(TRACES)
        before = blender.run('result = traces()')
        blender.run(ON, module=blender.module)
        on = blender.run('result = traces()')
        self.assertGreater(len(on), len(before))
        for _ in range(3):
            blender.run(OFF, module=blender.module)
            self.assertEqual(blender.run('result = traces()'), before)
            left = blender.run('''
                import sys
                result = [name for name in sys.modules if name.startswith(module + '.')]
                result += [path for path in sys.path if '/wheels/' in path]
            ''', module=blender.module)
            self.assertEqual(left, [])
            blender.run(ON, module=blender.module)
            self.assertEqual(blender.run('result = traces()'), on)

    def test_off_while_connected(self):
        """Switched off during a session it leaves the room, and can enter it again."""
        blender = self.blender()
        watcher = self.join()
        self.enter(blender)
        watcher.expect('USER_JOINED')
        blender.run(OFF, module=blender.module)
        watcher.expect('USER_LEFT')
        blender.run('import threading')
        blender.wait_until('threading.active_count() == 1', show='threading.enumerate()')
        blender.run(ON, module=blender.module)
        self.enter(blender)
        watcher.expect('USER_JOINED')

    def test_installed_over(self):
        """An update over an enabled one works without a restart."""
        blender = self.blender()
        blender.run(TRACES)
        before = blender.run('result = traces()')
        blender.run(INSTALL_EXTENSION if has_extensions(blender.version) else INSTALL_ADDON,
                    path=shutil.copy(addon_zip(), blender.folder), module=blender.module)
        self.assertEqual(blender.run('result = traces()'), before)
        self.enter(blender)

    def test_remembered(self):
        """With saved preferences it is there in the next Blender."""
        first = self.blender()
        first.run('bpy.ops.wm.save_userpref()')
        first.quit()
        second = self.blender(version=first.version, home=first.home, factory=False, enabled=False)
        self.assertTrue(second.run('result = module in bpy.context.preferences.addons',
                                   module=second.module))
        self.enter(second)

    def test_quit_while_connected(self):
        """Blender quits at once and cleanly, and the others hear of it."""
        blender = self.blender()
        watcher = self.join()
        self.enter(blender)
        watcher.expect('USER_JOINED')
        blender.quit()
        self.assertEqual(watcher.expect('USER_LEFT')['payload']['reason'], 'left')


if __name__ == '__main__':
    tap.main()
