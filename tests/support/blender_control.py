# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The end of support.blender that runs inside Blender.

Connects to the test and runs what it sends, one piece of Python at a time, on the main thread:
from a timer where there is a window, else in a loop that never returns (without a window timers do
not fire, and Blender ends with its startup script).

Arguments behind `--`: the port, the add-on's module, 'on' if it is to be enabled, and the view.
"""

import json
import queue
import socket
import sys
import threading
import traceback

import bpy

INTERVAL = 0.02
PORT, MODULE, ENABLE, VIEW = sys.argv[sys.argv.index('--') + 1:]


def override(area='VIEW_3D', region='WINDOW'):
    """A context for operators: the first window, and its first area of that type if it has one."""
    window = bpy.context.window_manager.windows[0]
    for candidate in window.screen.areas:
        if candidate.type == area:
            found = next(r for r in candidate.regions if r.type == region)
            return bpy.context.temp_override(window=window, area=candidate, region=found)
    return bpy.context.temp_override(window=window)


class Control:
    """Takes requests from the socket, one JSON object a line, and answers each with a line."""

    def __init__(self):
        self.socket = socket.create_connection(('127.0.0.1', int(PORT)))
        self.requests = queue.SimpleQueue()
        self.names = {'bpy': bpy, 'override': override}
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        """The thread: what it puts last is None."""
        with self.socket.makefile('r', encoding='utf-8') as lines:
            for line in lines:
                self.requests.put(json.loads(line))
        self.requests.put(None)

    def answer(self, request):
        """Runs one request; False at the end, which comes when the test has gone, too."""
        if request is None or 'quit' in request:
            return False
        names = self.names
        if MODULE in sys.modules:
            names['meerkat'] = sys.modules[MODULE]
        names.update(request['values'])
        names.pop('result', None)
        try:
            exec(compile(request['source'], '<test>', 'exec'), names)
            reply = json.dumps({'result': names.get('result')}, default=list)
        except Exception:
            reply = json.dumps({'error': traceback.format_exc()})
        self.socket.sendall(reply.encode() + b'\n')
        return True

    def step(self):
        """The timer: one request a turn, because between turns Blender deals with events."""
        try:
            request = self.requests.get_nowait()
        except queue.Empty:
            return INTERVAL
        if self.answer(request):
            return 0.0
        with override():
            bpy.ops.wm.quit_blender()
        return None

    def loop(self):
        while self.answer(self.requests.get()):
            pass


def prepare():
    preferences = bpy.context.preferences
    preferences.view.show_splash = False
    preferences.system.viewport_aa = 'OFF'
    preferences.filepaths.use_auto_save_temporary_files = False
    if VIEW != '3D':
        for screen in bpy.data.screens:
            for area in screen.areas:
                area.type = VIEW
    if ENABLE == 'on':
        bpy.ops.preferences.addon_enable(module=MODULE)


def main():
    control = Control()
    prepare()
    control.socket.sendall(b'{"result": null}\n')
    if bpy.app.background:
        control.loop()
    else:
        bpy.app.timers.register(control.step, persistent=True)


main()
