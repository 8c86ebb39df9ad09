# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What the other tests here rely on: that nothing that goes wrong in a Blender passes unnoticed."""

import os
import signal
import subprocess
import sys
import time

from support import tap
from support.blender import BlenderError, BlenderTest, scratch

LOCATION = 'result = bpy.data.objects["Cube"].matrix_world.translation'
CRASH = 'import ctypes; ctypes.string_at(0)'
# A Blender is started by a program of its own, which tells its process id and waits. It is killed
# and so cannot clean up; we can.
CHILD = '''
import pathlib, sys, time
from support import blender
blender.scratch = lambda: pathlib.Path(sys.argv[1])
print(blender.Blender(addon=None, background=True).process.pid, flush=True)
time.sleep(600)
'''


class TestHarness(BlenderTest):
    """Blenders without the add-on."""

    def test_run(self):
        """Values go in, the result comes out, as they are; later runs see earlier ones."""
        for background in (True, False):
            blender = self.blender(addon=None, background=background)
            blender.run('def double(x): return x * 2')
            seen = blender.run('result = [double(n), name]', n=21, name='Ä"\n')
            self.assertEqual(seen, [42, 'Ä"\n'])
            self.assertIsNone(blender.run('pass'))
            self.assertEqual(blender.run(LOCATION), [0, 0, 0])

    def test_exception(self):
        """What raises in Blender fails the test, and Blender goes on."""
        blender = self.blender(addon=None, background=True)
        with self.assertRaisesRegex(BlenderError, 'ZeroDivisionError'):
            blender.run('1 / 0')
        self.assertEqual(blender.run('result = 1'), 1)

    def test_crash(self):
        """A crash is told as one, at once."""
        for background in (True, False):
            blender = self.blender(addon=None, background=background)
            with self.assertRaisesRegex(BlenderError, 'crashed: segmentation fault'):
                blender.run(CRASH)

    def test_crash_while_unwatched(self):
        """One that happens after the last step fails the test as well."""
        blender = self.blender(addon=None)
        blender.run(f"def crash():\n    {CRASH}\nbpy.app.timers.register(crash)")
        blender.process.wait(60)
        with self.assertRaisesRegex(BlenderError, 'crashed: segmentation fault'):
            blender.finish()

    def test_traceback(self):
        """A timer's exception, which Blender only prints, fails the test unless it is expected."""
        source = '''
            def fail():
                raise ValueError('on purpose')
            bpy.app.timers.register(fail)
        '''
        blender = self.blender(addon=None)
        blender.run(source)
        blender.wait_until('not bpy.app.timers.is_registered(fail)')
        with self.assertRaisesRegex(BlenderError, 'ValueError: on purpose'):
            blender.quit()
        other = self.blender(addon=None)
        other.run(source)
        other.wait_until('not bpy.app.timers.is_registered(fail)')
        other.allow('ValueError: on purpose')

    def test_wait(self):
        """What never comes true fails with what is there instead."""
        blender = self.blender(addon=None, background=True)
        with self.assertRaisesRegex(AssertionError, r'never came true .*len\(bpy.* but: 3'):
            blender.wait_until('len(bpy.data.objects) == 4', timeout=0.1,
                               show='len(bpy.data.objects)')

    def test_hands(self):
        """A drag that is confirmed by a click, one that is given up by Esc, and undo."""
        blender = self.blender(addon=None, view='3D')
        x, y, width, height = blender.region()
        middle = (x + width / 2, y + height / 2)
        for _ in range(3):
            blender.move_mouse(*middle)
            blender.key('G')
            blender.move_mouse(middle[0] + 50, middle[1])
            self.assertNotEqual(blender.run(LOCATION), [0, 0, 0])
            blender.key('ESC')
            self.assertEqual(blender.run(LOCATION), [0, 0, 0])
            blender.move_mouse(*middle)
            blender.key('G')
            blender.key('X')
            blender.key('TWO', unicode='2')
            blender.click(*middle)
            self.assertEqual(blender.run(LOCATION), [2, 0, 0])
            blender.key('Z', ctrl=True)
            self.assertEqual(blender.run(LOCATION), [0, 0, 0])

    def test_another_file(self):
        """Opening another file does not end what drives it."""
        for background in (True, False):
            blender = self.blender(addon=None, background=background)
            path = str(blender.folder / 'other.blend')
            blender.run('bpy.ops.wm.save_as_mainfile(filepath=path)', path=path)
            blender.run('''
                with override():
                    bpy.ops.wm.open_mainfile(filepath=path)
            ''', path=path)
            self.assertEqual(blender.run('result = bpy.data.filepath'), path)

    def test_screenshot(self):
        """Two windows are beside each other, and each is on its own picture."""
        first = self.blender(addon=None, size=(640, 480))
        second = self.blender(addon=None, size=(800, 500))
        for blender, size in ((first, '640x480'), (second, '800x500')):
            path = blender.folder / 'window.png'
            blender.screenshot(path)
            seen = subprocess.run(['identify', '-format', '%wx%h %k', path], text=True, check=True,
                                  stdout=subprocess.PIPE).stdout.split()
            self.assertEqual(seen[0], size)
            self.assertGreater(int(seen[1]), 20)  # colours: it is no empty rectangle

    def test_dies_with_the_test(self):
        """A test that is killed leaves no Blender behind."""
        child = subprocess.Popen([sys.executable, '-c', CHILD, str(scratch())],
                                 stdout=subprocess.PIPE, text=True)
        pid = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        deadline = time.monotonic() + 60
        while os.path.exists(f'/proc/{pid}'):
            self.assertLess(time.monotonic(), deadline, 'Blender is still there')
            time.sleep(0.05)


if __name__ == '__main__':
    tap.main()
