# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The one live session of this Blender: client and stage, and the tick that moves them both."""

import gc
import time
import traceback
import uuid
from collections import deque

import bpy
from bpy.app.translations import pgettext_iface as tr

from . import VERSION, assets, preferences, scenes, wording
from .core.client import Client
from .core.websocket_client import WebSocketLink
from .entries import is_alive
from .stage import Stage

INTERVAL = 1 / 60
# Of a tick's time, in seconds, for reading messages; more while a scene arrives, for which its user
# is waiting.
RECEIVE_BUDGET = 0.005
ARRIVAL_BUDGET = 0.05
MAX_NOTICES = 20
# How often Python sleeps while a script waits; a tick costs far less.
NAP = 0.005

OTHER_FILE = 'You left the room because another file was opened.'
SCENE_GONE = 'You left the room because its scene was removed.'
DEFECT = 'Meerkat met a defect and goes on: {error}. Copy Diagnostics tells more.'


class Session:
    """Everything that is alive while connected. There is one, `session`, from the start."""

    def __init__(self):
        # Fresh in every process: two Blenders of one person are two users.
        self.user_id = str(uuid.uuid4())
        self.client = Client(self.user_id, WebSocketLink,
                             version=VERSION)
        self.stage = None
        self.rendering = False
        self.warnings = {}
        self.notices = deque(maxlen=MAX_NOTICES)
        self.last_tick_s = 0.0
        self.ticks = 0
        self._generation = 0
        self._scene_mode = 'CURRENT'
        self._scene_at_connect = None  # and its SceneTrace
        self._shown = None

    # For the interface

    @property
    def ui_generation(self):
        """Raised whenever something that panels show has changed."""
        return self._generation + (self.stage.generation if self.stage is not None else 0)

    @property
    def scene(self):
        """The bound scene, or None."""
        return self.stage.scene if self.stage is not None else None

    @property
    def local_objects(self):
        """Name -> reason, of what is in the bound scene and not shared."""
        return self.stage.local if self.stage is not None else {}

    @property
    def status_text(self):
        """The state of the connection in a line."""
        return wording.status(self.client)

    @property
    def progress(self):
        """0 to 1: how far the scene has arrived and been built."""
        if self.client.status != 'CONNECTED' or self.stage is None:
            return self.client.progress / 2
        total = max(1, len(self.client.replica.objects))
        return 1.0 - min(1.0, self.stage.backlog / total) / 2

    def warn(self, key, text):
        """Shows a text among the warnings until clear_warning(key), or until it is ''."""
        if not text:
            self.clear_warning(key)
        elif self.warnings.get(key) != text:
            self.warnings[key] = text
            self._generation += 1

    def clear_warning(self, key):
        """Takes a warning away."""
        if self.warnings.pop(key, None) is not None:
            self._generation += 1

    def notice(self, text):
        """Shows a text for some seconds."""
        self.notices.append((time.monotonic(), text))
        self._generation += 1

    # Connection

    def connect(self, url, room, display_name, scene_mode='CURRENT'):
        """Begins to connect. `scene_mode` is CURRENT, NEW (a scene of its own for the room) or SHARE
        (CURRENT, and what is in it is put on stage). What failed is in client.error_code."""
        self.disconnect()
        self.rendering = False
        self.warnings.clear()
        self._scene_mode = scene_mode
        scene = bpy.context.scene
        self._scene_at_connect = scene, scenes.SceneTrace(scene)
        self.client.connect(url, room, display_name)
        self._start_timer()
        self._look_at_client()

    def disconnect(self):
        """Leaves the room. The objects stay as they are, with their tags."""
        if self.client.status != 'DISCONNECTED':
            try:
                if self.stage is not None and self.stage.is_alive() and not self.is_rendering():
                    self.stage.collect(time.monotonic())
            except Exception:  # one must be able to leave, whatever is wrong
                traceback.print_exc()
            self.client.disconnect()
        self._drop_stage()
        self._look_at_client()

    def file_is_left(self):
        """The file is about to be closed: nothing of it can be shared any more."""
        if self.client.status != 'DISCONNECTED':
            self.disconnect()
            self.warn('left', tr(OTHER_FILE))

    # The tick

    def tick(self):
        """Everything that is to be done now; called some 60 times a second while connected."""
        start = time.perf_counter()
        try:
            self._tick(time.monotonic())
        except Exception as error:  # a defect in one tick must not end the session
            traceback.print_exc()
            self.client.log.append((time.time(), 'defect: ' + traceback.format_exc(limit=-3)))
            self.warn('defect', tr(DEFECT).format(error=error))
        self.last_tick_s = time.perf_counter() - start
        self.ticks += 1

    def _tick(self, now):
        stage = self.stage
        if stage is not None and stage.undone is None and not stage.is_alive():
            self.disconnect()
            self.warn('left', tr(SCENE_GONE))
            return
        # What is changed during a render may crash it: the replica goes on, the scene waits.
        rendering = self.is_rendering()
        works = stage is not None and stage.adopted and not rendering
        if works:
            stage.collect(now)
            if assets.follow(stage, now):
                preferences.check_libraries()
        self._receive()
        if not rendering:
            self._take_news()
        if self.stage is not None and works:
            self.stage.apply(now)
        self.client.flush()
        self._look_at_client()

    def _receive(self):
        # A message can be thousands of containers that live for a moment, enough to have Python look
        # through all of Blender's for garbage: some tens of milliseconds.
        collects = gc.isenabled()
        gc.disable()
        try:
            self.client.receive(ARRIVAL_BUDGET if self.client.is_arriving else RECEIVE_BUDGET)
        finally:
            if collects:
                gc.enable()

    def pump(self, until, timeout):
        """Ticks until `until()` is true; returns whether it became true within `timeout` seconds.
        For scripts, also in the background, where Blender's timers never fire."""
        deadline = time.monotonic() + timeout
        while True:
            self.tick_for_script()
            if until():
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(NAP)

    def tick_for_script(self):
        """A tick that sees what a script has just changed: Blender itself looks later."""
        bpy.context.view_layer.update()
        self.tick()
        bpy.context.view_layer.update()

    def is_rendering(self):
        """Whether a render is under way."""
        return self.rendering or bpy.app.is_job_running('RENDER')

    def _take_news(self):
        news, self.client.news = self.client.news, []
        for item in news:
            kind = item[0]
            if kind == 'synced':
                self._synced()
            elif kind == 'joined':
                self.notice(wording.joined(item[1].name))
            elif kind == 'left':
                self.notice(wording.left(item[1].name, item[2]))
            elif kind == 'notice':
                self.notice(wording.known(item[2]))
            elif kind == 'closed':
                self.warn('closed', item[1])
            self._generation += 1
        refused, self.client.refused = self.client.refused, []
        for object_id, _, message in refused:
            text = wording.known(message)
            self.notice(text)
            if object_id not in self.client.replica.objects and self.stage is not None:
                self.stage.refuse(object_id, text)

    def _synced(self):
        if self.stage is None:
            scene = self._scene_for_session()
            if scene is None:
                self.disconnect()
                self.warn('left', tr(SCENE_GONE))
                return
            self.stage = Stage(scene, self.client, self.warn)
            preferences.remember_room(self.client.url, self.client.session_id)
        if not self.stage.adopted:
            self.stage.adopt()
            if self._scene_mode == 'SHARE':
                self.stage.share_all()
            if self.client.is_first:
                self.notice(wording.first_here())
        self.stage.watch.tell_selection_again()

    def _scene_for_session(self):
        """The scene in which its user pressed Connect, whatever is shown by now; a new one if that is
        wanted. None if it is gone."""
        scene, trace = self._scene_at_connect
        if not is_alive(scene):
            scene = trace.find()
        # A scene of another file cannot be changed.
        if self._scene_mode == 'NEW' or (scene is not None and scene.library is not None):
            return scenes.new_scene(self.client.session_id)
        return scene

    def _drop_stage(self):
        if self.stage is not None:
            self._generation += self.stage.generation + 1
            self.stage.graves.forget()
            # Blender must never undo past what is in no step (undo.WholeSteps).
            if not self.is_rendering():
                scenes.push_undo_step()
        self.stage = None

    def _look_at_client(self):
        """Notices what panels show of the client."""
        client = self.client
        if client.status == 'DISCONNECTED' and self.stage is not None:
            self._drop_stage()
        retry_in = client.retry_in
        shown = (client.status, client.error_code, client.error_text, client.pending,
                 client.degraded, None if retry_in is None else int(retry_in),
                 int(client.progress * 20))
        if shown != self._shown:
            self._shown = shown
            self._generation += 1

    # The timer

    def _start_timer(self):
        if not bpy.app.background and not bpy.app.timers.is_registered(_timer):
            bpy.app.timers.register(_timer, persistent=True)

    def shut_down(self):
        """Ends everything, at once: the add-on or Blender goes."""
        if bpy.app.timers.is_registered(_timer):
            bpy.app.timers.unregister(_timer)
        self.disconnect()


def _timer():
    # Of a render that fails early nobody is told the end. One that blocks lets no timer run.
    if session.rendering and not bpy.app.is_job_running('RENDER'):
        session.rendering = False
    session.tick()
    return None if session.client.status == 'DISCONNECTED' else INTERVAL


session = Session()


def register():
    """Nothing to do: the session exists from the import on."""


def unregister():
    """Leaves the room."""
    session.shut_down()
