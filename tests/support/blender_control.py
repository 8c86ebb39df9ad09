# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The end of support.blender that runs inside Blender.

Connects to the test and runs what it sends, one piece of Python at a time, on the main thread:
from a timer where there is a window, else in a loop that never returns (without a window timers do
not fire, and Blender ends with its startup script).

Arguments behind `--`: the port, the add-on's module, 'on' if it is to be enabled, and the view.
"""

import json
import select
import socket
import sys
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
    """Takes requests from the socket, one JSON object a line, and answers each with a line.

    Without a thread: Blender may crash if one is awake while an operator runs (ADR-0024).
    """

    def __init__(self):
        self.socket = socket.create_connection(('127.0.0.1', int(PORT)))
        self.data = b''
        self.names = {'bpy': bpy, 'override': override}

    def request(self, timeout):
        """The next request; None if none has come after so many seconds (None: waits for it). When
        the test has gone, it is one to quit."""
        while b'\n' not in self.data:
            if not select.select([self.socket], [], [], timeout)[0]:
                return None
            part = self.socket.recv(1 << 20)
            if not part:
                return {'quit': True}
            self.data += part
        line, _, self.data = self.data.partition(b'\n')
        return json.loads(line)

    def answer(self, request):
        """Runs one request; False at the end."""
        if 'quit' in request:
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
        request = self.request(0)
        if request is None:
            return INTERVAL
        if self.answer(request):
            return 0.0
        with override():
            bpy.ops.wm.quit_blender()
        return None

    def loop(self):
        while self.answer(self.request(None)):
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
