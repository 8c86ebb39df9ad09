# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Real Blenders for tests: with a window on a display of our own, or in the background.

    class TestCubes(BlenderTest):
        def test_cube(self):
            anna, ben = self.blender(), self.blender()
            self.enter(anna, "Anna")
            self.enter(ben, "Ben")
            anna.run("bpy.ops.meerkat.add(type='CUBE')")
            ben.wait_until("len(bpy.context.scene.objects) == 1")

MEERKAT_BLENDER says which versions: 3.4, 4.3, 5.2, or a mixture such as 3.4+4.3, of which the
Blenders of a test take turns. Without it: the one that is installed. One that is not installed
comes from tools/blender-chroot. MEERKAT_ADDON is the zip; without it, what `ninja -C build` made.
"""

import atexit
import ctypes
import functools
import glob
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import textwrap
import time
import unittest

from support.case import DaemonTest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHROOT = ROOT / 'tools' / 'blender-chroot'
CONTROL = pathlib.Path(__file__).with_name('blender_control.py')
TIMEOUT = 120
TRACEBACK = re.compile(r'^.*Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*.*$',
                       re.MULTILINE)


class BlenderError(AssertionError):
    """What was run in Blender raised, or Blender is gone."""


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


@functools.lru_cache(maxsize=None)
def installed_version():
    """'3.4' or so; None if there is no Blender on this machine."""
    if shutil.which('blender') is None:
        return None
    text = subprocess.run(['blender', '--version'], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    return re.search(r'Blender (\d+\.\d+)', text).group(1)


def versions():
    """The versions that this run is about; skips the test if there are none."""
    wanted = os.environ.get('MEERKAT_BLENDER') or installed_version()
    if wanted is None:
        raise unittest.SkipTest('Blender is not installed')
    return wanted.split('+')


def command(version):
    """How to start that Blender."""
    return ['blender'] if version == installed_version() else [str(CHROOT), version, 'blender']


def has_extensions(version):
    """Whether it installs add-ons as extensions (4.2), which go by another module name."""
    return tuple(int(part) for part in version.split('.')) >= (4, 2)


def addon_zip():
    """The add-on as it is given to users."""
    path = os.environ.get('MEERKAT_ADDON')
    found = [path] if path else sorted(glob.glob(str(ROOT / 'build' / 'meerkat-addon-*.zip')))
    if not found:
        raise AssertionError('The add-on is not built: run `ninja -C build addon`')
    return found[-1]


@functools.lru_cache(maxsize=None)
def scratch():
    """A folder for this program, the same for all Blenders (/tmp is); gone at its end."""
    folder = tempfile.mkdtemp(prefix='meerkat-blender-', dir='/tmp')
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return pathlib.Path(folder)


def environment(home, **more):
    """The variables for a Blender that knows nothing of the user's settings."""
    kept = {name: os.environ[name] for name in ('PATH', 'MEERKAT_CHROOTS') if name in os.environ}
    os.makedirs(home / 'tmp', exist_ok=True)
    return dict(kept, HOME=str(home), LC_ALL='C.UTF-8', LIBGL_ALWAYS_SOFTWARE='1',
                TMPDIR=str(home / 'tmp'), TEMP=str(home / 'tmp'), TMP=str(home / 'tmp'),
                XDG_CONFIG_HOME=str(home / 'config'), XDG_CACHE_HOME=str(home / 'cache'),
                BLENDER_USER_CONFIG=str(home / 'config'),
                BLENDER_USER_SCRIPTS=str(home / 'scripts'),
                BLENDER_USER_EXTENSIONS=str(home / 'extensions'), **more)


@functools.lru_cache(maxsize=None)
def home_with_addon(version, zip_path):
    """A home in which that Blender has installed the zip; to be copied, not to be used."""
    home = scratch() / f'home-{version}'
    home.mkdir()
    copy = home / os.path.basename(zip_path)
    shutil.copy(zip_path, copy)
    if has_extensions(version):
        how = ['--command', 'extension', 'install-file', '--repo', 'user_default', str(copy)]
    else:
        how = ['--background', '--factory-startup', '--python-exit-code', '3', '--python-expr',
               f'import bpy; bpy.ops.preferences.addon_install(filepath={str(copy)!r})']
    done = subprocess.run(command(version) + how, env=environment(home), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, preexec_fn=_die_with_parent, check=False)
    if done.returncode != 0 or TRACEBACK.search(done.stdout):
        raise AssertionError(f'Blender {version} did not install {zip_path} '
                             f'(exit {done.returncode}):\n{done.stdout}')
    return home


class Display:
    """An Xvfb that takes a free number by itself, with places for several windows."""

    size = (2600, 1700)

    def __init__(self):
        if shutil.which('Xvfb') is None:
            raise unittest.SkipTest('Xvfb is not installed')
        reader, writer = os.pipe()
        self.process = subprocess.Popen(
            ['Xvfb', '-displayfd', str(writer), '-screen', '0', '{}x{}x24'.format(*self.size),
             '-nolisten', 'tcp', '-noreset'], pass_fds=[writer], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=_die_with_parent)
        os.close(writer)
        with open(reader, encoding='ascii') as file:
            self.name = ':' + file.readline().strip()
        if self.name == ':':
            raise AssertionError(f'Xvfb did not start (exit {self.process.wait()})')
        self.taken = []

    def place(self, size):
        """The lower left corner of a free rectangle of that size, which is then taken."""
        width, height = size
        for y in range(0, self.size[1] - height + 1, 20):
            for x in range(0, self.size[0] - width + 1, 20):
                if all(x + width <= a or a + w <= x or y + height <= b or b + h <= y
                       for a, b, w, h in self.taken):
                    self.taken.append((x, y, width, height))
                    return x, y
        raise AssertionError(f'No room for a window of {width}x{height} on {self.name}')

    def free(self, place, size):
        self.taken.remove((*place, *size))

    def screenshot(self, path, place=None, size=None):
        """Saves what is to be seen, or a rectangle of it, `place` from the lower left."""
        crop = []
        if place is not None:
            top = self.size[1] - place[1] - size[1]
            crop = ['-crop', f'{size[0]}x{size[1]}+{place[0]}+{top}', '+repage']
        subprocess.run(['import', '-display', self.name, '-window', 'root', *crop, str(path)],
                       check=True)

    def close(self):
        self.process.terminate()
        self.process.wait()


@functools.lru_cache(maxsize=None)
def display():
    """The one display of this program."""
    made = Display()
    atexit.register(made.close)
    return made


class Blender:
    """A running Blender, with the add-on enabled.

    version     '3.4', '4.3', '5.2'; default: the first of this run.
    background  without a window; only wait_until() and `bpy.ops.meerkat.tick()` pump there.
    view        'TEXT_EDITOR': a window that costs nothing, for all that needs timers only;
                '3D': the usual one.
    size        of the window, in pixels.
    addon       the zip that is installed, or None.
    enabled     whether the add-on is switched on by the test's own hand.
    home        a folder to keep (settings, installed add-ons) and use again; default: a fresh one.
    factory     factory settings; else those in `home`.
    env         more environment variables; arguments: more command line.
    """

    def __init__(self, version=None, background=False, view='TEXT_EDITOR', size=(640, 480),
                 addon='default', enabled=True, home=None, factory=True, env=None, arguments=()):
        self.version = version or versions()[0]
        self.background = background
        self.size = size
        self.allowed = []
        self.failed = False
        self.mouse = (0, 0)
        self.place = None
        self.socket = None
        zip_path = addon_zip() if addon == 'default' else addon
        self.module = ('bl_ext.user_default.' if has_extensions(self.version) else '') + 'meerkat'
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='blender-', dir=scratch()))
        self.home = pathlib.Path(home) if home else self.folder / 'home'
        if not self.home.exists():
            if zip_path is None:
                self.home.mkdir(parents=True)
            else:
                shutil.copytree(home_with_addon(self.version, zip_path), self.home, symlinks=True)
        self.output_path = self.folder / 'output'
        arguments = [*arguments, *(['--factory-startup'] if factory else [])]
        self._start('3D' if background else view, zip_path is not None and enabled, env or {},
                    arguments)

    def _start(self, view, enabled, env, arguments):
        script = self.folder / CONTROL.name
        shutil.copy(CONTROL, script)
        line = command(self.version)
        if self.background:
            line += ['--background']
        else:
            env = dict(env, DISPLAY=display().name)
            self.place = display().place(self.size)
            line += ['--no-window-focus', '--enable-event-simulate', '--window-geometry',
                     *(str(n) for n in (*self.place, *self.size))]
        with socket.create_server(('127.0.0.1', 0)) as server:
            line += ['-noaudio', *arguments, '--python-exit-code', '3', '--python', str(script),
                     '--', str(server.getsockname()[1]), self.module, 'on' if enabled else 'off',
                     view]
            with open(self.output_path, 'wb') as output:
                self.process = subprocess.Popen(
                    line, cwd=self.folder, env=environment(self.home, **env),
                    stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                    preexec_fn=_die_with_parent)
            self._accept(server)
        self.answers = self.socket.makefile('r', encoding='utf-8')
        self._read(TIMEOUT)

    def _accept(self, server):
        server.settimeout(0.1)
        deadline = time.monotonic() + TIMEOUT
        while self.socket is None:
            try:
                self.socket, _ = server.accept()
            except TimeoutError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self._fail('did not start')

    # Running Python in it

    def run(self, source, timeout=TIMEOUT, **values):
        """Runs Python on Blender's main thread and returns its variable `result`.

        `values` are variables for it; both ways what JSON can say, and what is like a list.
        It has `bpy`, `meerkat` (the add-on's package), `override(area)` (a context for operators),
        and the variables of earlier runs.
        """
        request = {'source': textwrap.dedent(source), 'values': values}
        try:
            self.socket.sendall(json.dumps(request).encode() + b'\n')
        except OSError:
            self._fail('has gone')
        return self._read(timeout)

    def _read(self, timeout):
        self.socket.settimeout(timeout)
        try:
            line = self.answers.readline()
        except TimeoutError:
            self._fail(f'did not answer within {timeout} s')
        except OSError:
            line = ''
        if not line:
            self._fail('has gone')
        answer = json.loads(line)
        if 'error' in answer:
            raise BlenderError(f'In Blender {self.version}:\n{answer["error"]}')
        return answer['result']

    def wait_until(self, expression, timeout=30, show=None, **values):
        """Waits until a Python expression is true; `show` is one to evaluate for the complaint."""
        source = f'result = bool({expression})'
        if self.background:
            source = ("if hasattr(bpy.types, 'MEERKAT_OT_tick'): bpy.ops.meerkat.tick()\n" + source)
        deadline = time.monotonic() + timeout
        while not self.run(source, **values):
            if time.monotonic() > deadline:
                seen = f', but: {self.run(f"result = repr({show})", **values)}' if show else ''
                raise AssertionError(f'Blender {self.version}: never came true within {timeout} s: '
                                     f'{expression}{seen}')
            time.sleep(0.02)

    # What a person does

    def simulate(self, *events):
        """Events as Window.event_simulate() takes them, as dicts; each is dealt with before the
        next one. x and y are in pixels from the lower left of the window; without them the mouse is
        where it was."""
        for event in events:
            event = {'value': 'PRESS', 'x': self.mouse[0], 'y': self.mouse[1], **event}
            self.mouse = event['x'], event['y']
            self.run('bpy.context.window_manager.windows[0].event_simulate(**event)', event=event)
        self.run('')

    def key(self, name, **more):
        """Presses and releases a key: key('G'), key('Z', ctrl=True), key('TWO', unicode='2')."""
        self.simulate(dict(type=name, **more))
        more.pop('unicode', None)
        self.simulate(dict(type=name, value='RELEASE', **more))

    def move_mouse(self, x, y):
        """Keys go to the region in which the mouse is."""
        self.simulate(dict(type='MOUSEMOVE', value='NOTHING', x=round(x), y=round(y)))

    def click(self, x, y, button='LEFTMOUSE', **modifiers):
        self.move_mouse(x, y)
        self.key(button, **modifiers)

    def region(self, area='VIEW_3D', region='WINDOW'):
        """(x, y, width, height) of the first such region, from the window's lower left."""
        return tuple(self.run('''
            screen = bpy.context.window_manager.windows[0].screen
            found = next(r for a in screen.areas if a.type == area
                         for r in a.regions if r.type == region)
            result = [found.x, found.y, found.width, found.height]
        ''', area=area, region=region))

    def screenshot(self, path):
        """Saves its window as it is on the display."""
        self.run('with override(): bpy.ops.wm.redraw_timer(type="DRAW_WIN_SWAP", iterations=1)')
        display().screenshot(path, self.place, self.size)

    # Ends

    def alive(self):
        return self.process.poll() is None

    def output(self):
        """All that it has printed."""
        return self.output_path.read_text(encoding='utf-8', errors='replace')

    def allow(self, pattern):
        """A traceback in the output is no failure if this regular expression is found in it."""
        self.allowed.append(re.compile(pattern))

    def quit(self, timeout=TIMEOUT):
        """Quits as File > Quit does, and checks that it ended well and complained of nothing."""
        try:
            self.socket.sendall(b'{"quit": true}\n')
        except OSError:
            pass
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._fail(f'did not quit within {timeout} s')
        self._put_away()
        self._check()

    def kill(self):
        """kill -9."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._put_away()

    def finish(self):
        """The end of a test: quit() if it runs; what a killed one printed is checked, too."""
        if self.socket is not None:
            self.quit()
        elif not self.failed:
            self._check_output()

    def _put_away(self):
        if self.socket is not None:
            self.answers.close()
            self.socket.close()
            self.socket = None
        if self.place is not None:
            display().free(self.place, self.size)
            self.place = None

    def _check(self):
        if self.process.returncode != 0:
            self._fail('ended badly')
        self._check_output()

    def _check_output(self):
        for found in TRACEBACK.findall(self.output()):
            if not any(pattern.search(found) for pattern in self.allowed):
                self.failed = True
                raise BlenderError(f'Blender {self.version} printed:\n{found}')

    def _fail(self, what):
        """Ends it, and raises with all that can be known."""
        self.failed = True
        try:
            self.process.wait(2 if self.socket is not None else 0)
        except subprocess.TimeoutExpired:
            pass
        status = self.process.poll()
        self.kill()
        crash = ''.join(path.read_text(errors='replace')
                        for path in (self.home / 'tmp').glob('*.crash.txt'))
        raise BlenderError(f'Blender {self.version} {what} ({describe(status)}); it printed:\n'
                           f'{self.output()[-6000:]}\n{crash[-6000:]}')


def describe(status):
    """An exit status in words."""
    if status is None:
        return 'was running, killed by the test'
    if status in (-signal.SIGSEGV, 128 + signal.SIGSEGV):
        return 'crashed: segmentation fault'
    return f'killed by signal {-status}' if status < 0 else f'exit status {status}'


class BlenderTest(DaemonTest):
    """A test with a daemon of its own and real Blenders."""

    def setUp(self):
        versions()
        super().setUp()
        self.blenders = []

    def blender(self, **how):
        """Another Blender, put away and checked at the end of the test; see Blender."""
        if 'version' not in how:
            how['version'] = versions()[len(self.blenders) % len(versions())]
        made = Blender(**how)
        self.blenders.append(made)
        self.addCleanup(made.finish)
        return made

    def url(self, daemon=None):
        """What a user types to reach the daemon."""
        daemon = daemon or self.daemon
        return f'ws://{daemon.host}:{daemon.port}/ws'

    def enter(self, blender, name='Anna', session='test', scene='CURRENT', daemon=None):
        """Lets a Blender connect, and waits until it has the scene."""
        blender.run('bpy.ops.meerkat.connect(server_url=url, session=session, display_name=name, '
                    'scene=mode)', url=self.url(daemon), session=session, name=name, mode=scene)
        blender.wait_until("bpy.context.window_manager.meerkat.status == 'CONNECTED'",
                           show='[bpy.context.window_manager.meerkat.status, '
                                'bpy.context.window_manager.meerkat.error_code, '
                                'bpy.context.window_manager.meerkat.status_text]')
