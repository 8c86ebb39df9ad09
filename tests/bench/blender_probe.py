# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The part of blender-latency.py that runs inside both Blenders.

Two objects are driven by turns: a shared one, and a control that is not shared but sent and set by
the plainest thing that could work: a UDP datagram, by timers of the same rates as the add-on's. All
moments are those of time.monotonic(), which both Blenders have in common.
"""

import math
import socket
import time

import bpy

TICK = 1 / 60
SEND = 1 / 30
ARMS = ('meerkat', 'control')


class Probe:
    """Drives the objects or watches them; and measures what the add-on takes."""

    def __init__(self, session, shared_name):
        self.session = session
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', 0))
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]
        self.peer = None
        self.objects = {'meerkat': bpy.data.objects[shared_name],
                        'control': self.make_control()}
        self.seen = {arm: obj.location.x for arm, obj in self.objects.items()}
        self.sent = self.seen['control']
        self.sent_at = -math.inf
        self.log = []
        self.moves = []
        self.plan = []
        self.updates = []
        self.ticks = []
        self.notes = self.notes_cpu = 0.0
        self.update_began = 0.0
        self.arrived = False
        self.hook()
        bpy.app.handlers.depsgraph_update_pre.append(self.before_update)
        bpy.app.handlers.depsgraph_update_post.append(self.after_update)
        bpy.app.timers.register(self.carry, persistent=True)
        bpy.app.timers.register(self.drive, persistent=True)

    def make_control(self):
        """A mesh that is not shared: one edge."""
        mesh = bpy.data.meshes.new('control')
        mesh.from_pydata([(0, 0, 0), (1, 0, 0)], [(0, 1)], [])
        obj = bpy.data.objects.new('control', mesh)
        bpy.context.scene.collection.objects.link(obj)
        return obj

    # The control

    def carry(self):
        """The timer: takes what the other one sent, and sends what was moved here."""
        obj = self.objects['control']
        value = None
        while True:
            try:
                value = float(self.socket.recv(64))
            except BlockingIOError:
                break
        if value is not None:
            obj.location.x = value
            self.sent = obj.location.x
        now = time.monotonic()
        if obj.location.x != self.sent and now >= self.sent_at + SEND:
            self.sent, self.sent_at = obj.location.x, now
            self.socket.sendto(repr(self.sent).encode(), ('127.0.0.1', self.peer))
        return TICK

    # Driving

    def go(self, arm, steps):
        """Moves an object along X: `steps` are pairs of a value and the seconds until the next."""
        self.plan = [(arm, value, pause) for value, pause in reversed(steps)]

    def drive(self):
        if not self.plan:
            return SEND
        arm, value, pause = self.plan.pop()
        self.moves.append((time.monotonic(), arm, value))
        self.objects[arm].location.x = value
        return pause

    # Watching

    def before_update(self, *_):
        self.update_began = time.perf_counter()

    def after_update(self, *_):
        now = time.monotonic()
        self.updates.append(time.perf_counter() - self.update_began)
        for arm, obj in self.objects.items():
            value = obj.location.x
            if value != self.seen[arm]:
                self.seen[arm] = value
                self.log.append((now, arm, value))

    # The add-on's own time

    def hook(self):
        """Takes the time of each tick, with that of the handler since the tick before."""
        session = self.session
        tick, receive, note = session.tick, session.client.receive, session.stage.watch.note

        def timed_tick():
            self.arrived = False
            began, began_cpu = time.perf_counter(), time.thread_time()
            tick()
            ended, ended_cpu = time.perf_counter(), time.thread_time()
            self.ticks.append((ended - began + self.notes,
                               ended_cpu - began_cpu + self.notes_cpu, self.arrived))
            self.notes = self.notes_cpu = 0.0

        def watched_receive(*arguments):
            receive(*arguments)
            self.arrived = bool(session.client.changed)

        def timed_note(*arguments):
            began, began_cpu = time.perf_counter(), time.thread_time()
            note(*arguments)
            self.notes += time.perf_counter() - began
            self.notes_cpu += time.thread_time() - began_cpu

        session.tick = timed_tick
        session.client.receive = watched_receive
        session.stage.watch.note = timed_note

    def begin(self):
        """Forgets all that was measured."""
        self.log, self.moves, self.ticks, self.updates = [], [], [], []


def time_join(session, count, log, connect):
    """Connects, and appends to `log` the seconds until the whole scene is there."""
    began = time.monotonic()
    connect()

    def look():
        stage = session.stage
        if stage is None or not stage.adopted or len(stage.entries) < count or stage.backlog:
            return 0.0
        log.append(time.monotonic() - began)
        return None

    bpy.app.timers.register(look)
