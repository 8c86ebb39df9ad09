# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Four people work at random in one room, and at the end they all have the same scene.

Each has a real window, two of them a 3D view and a mouse. Connections break, the daemon is killed,
and what somebody has in hand is deleted by somebody else. MEERKAT_SEED repeats a run as far as
timing lets it; MEERKAT_SOAK_SECONDS says how long it is. Ten minutes:

    MEERKAT_SOAK_SECONDS=600 meson test -C build --suite soak --timeout-multiplier 0
"""

import os
import random
import re
import sys
import threading
import time
from collections import Counter

from support import scenes, tap
from support.blender import BlenderTest
from support.case import seeded
from support.client import flatten
from support.websocket import Closed

SECONDS = float(os.environ.get('MEERKAT_SOAK_SECONDS', 60))
WM = 'bpy.context.window_manager.meerkat'
UUID = re.compile(r'[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}')
MOST_OBJECTS = 40

# In each Blender: what a person can do. Objects are chosen by numbers from 0 to 1. Each function
# returns the objects that it was about. Scaling is uniform: children of what is not are sheared,
# and that is not shared.
PRELUDE = '''
    import faulthandler
    import time
    from collections import deque

    faulthandler.enable()  # where in Python it was, if Blender crashes
    GO = ('EXEC_DEFAULT', True)  # with an undo step, as if a person did it
    trace = deque(maxlen=20000)

    def traced(cls, name, id_of):
        original = getattr(cls, name)
        def method(self, *args):
            trace.append((time.time(), name, id_of(*args), repr(args[1:])[:160]))
            return original(self, *args)
        setattr(cls, name, method)

    client = meerkat.state.session.client
    for name in ('delete', 'set_transform', 'set_properties', 'set_name'):
        traced(type(client), name, lambda object_id, *_: object_id)
    for name in ('create', 'replace'):
        traced(type(client), name, lambda item: f'{item.id} {item.type} {item.name!r}')

    def shared():
        return sorted((o for o in bpy.context.scene.objects if 'meerkat_id' in o),
                      key=lambda o: o['meerkat_id'])

    def take(*picks):
        """Selects some of what there is; the last one is active."""
        there = shared()
        bpy.ops.object.select_all(action='DESELECT')
        if not there:
            raise RuntimeError('there is nothing')
        chosen = [there[int(pick * len(there))] for pick in picks]
        for obj in chosen:
            obj.select_set(True)
        bpy.context.view_layer.objects.active = chosen[-1]
        return chosen

    def choose(picks):
        return take(*picks)

    def push(name):
        bpy.ops.ed.undo_push(message=name)

    def add_by_button(kind, location):
        bpy.ops.meerkat.add(*GO, type=kind, location=location)
        return [bpy.context.object]

    def add_by_blender(kind, location, turn):
        where = dict(location=location, rotation=turn)
        {'CUBE': lambda: bpy.ops.mesh.primitive_cube_add(*GO, size=1.5, **where),
         'SPHERE': lambda: bpy.ops.mesh.primitive_uv_sphere_add(*GO, **where),
         'CYLINDER': lambda: bpy.ops.mesh.primitive_cylinder_add(*GO, **where),
         'CAMERA': lambda: bpy.ops.object.camera_add(*GO, **where),
         'POINT_LIGHT': lambda: bpy.ops.object.light_add(*GO, type='POINT', **where),
         'SUN_LIGHT': lambda: bpy.ops.object.light_add(*GO, type='SUN', **where)}[kind]()
        return [bpy.context.object]

    def duplicate(picks, by, linked):
        take(*picks)
        operator = (bpy.ops.object.duplicate_move_linked if linked
                    else bpy.ops.object.duplicate_move)
        operator(*GO, TRANSFORM_OT_translate={'value': by})
        return bpy.context.selected_objects

    def delete(picks):
        gone = [(o.name, o['meerkat_id']) for o in take(*picks)]
        bpy.ops.object.delete(*GO)
        return gone

    def delete_one(object_id):
        """What somebody else has in hand."""
        found = next((o for o in shared() if o['meerkat_id'] == object_id), None)
        if found is None:
            raise RuntimeError('it is not there any more')
        bpy.ops.object.select_all(action='DESELECT')
        found.select_set(True)
        gone = [(found.name, object_id)]
        bpy.ops.object.delete(*GO)
        return gone

    def translate(picks, by):
        chosen = take(*picks)
        bpy.ops.transform.translate(*GO, value=by)
        return chosen

    def rotate(picks, angle, axis):
        chosen = take(*picks)
        bpy.ops.transform.rotate(*GO, value=angle, orient_axis=axis)
        return chosen

    def resize(picks, mirror):
        chosen = take(*picks)
        size = max(chosen[-1].dimensions) or 2 * abs(chosen[-1].scale.x)
        factor = (0.5 if size > 2 else 1.75) * (-1 if mirror else 1)
        bpy.ops.transform.resize(*GO, value=(factor,) * 3)
        return chosen

    def nudge(picks, by):
        """As by typing into the sidebar."""
        chosen = take(*picks)
        chosen[-1].location.x += by
        chosen[-1].rotation_euler.z += by
        push('nudge')
        return chosen

    def undo():
        bpy.ops.ed.undo()
        return []

    def redo():
        bpy.ops.ed.redo()
        return []

    def rename(picks, name):
        chosen = take(*picks)
        chosen[-1].name = name
        push('rename')
        return chosen

    def edit(pick, value, color):
        there = [o for o in shared() if o.type in ('LIGHT', 'CAMERA')]
        if not there:
            raise RuntimeError('there is no light and no camera')
        obj = there[int(pick * len(there))]
        if obj.type == 'CAMERA':
            obj.data.lens = 20 + value
            obj.data.clip_end = 100 + value
        else:
            obj.data.energy = value
            obj.data.color = color
        push('edit')
        return [obj]

    def change_type(pick):
        there = [o for o in shared() if o.type == 'LIGHT']
        if not there:
            raise RuntimeError('there is no light')
        obj = there[int(pick * len(there))]
        obj.data.type = {'POINT': 'SUN', 'SUN': 'POINT'}[obj.data.type]
        push('change type')
        return [obj]

    def parent(picks, keep):
        chosen = take(*picks)
        bpy.ops.object.parent_set(*GO, type='OBJECT', keep_transform=keep)
        return chosen

    def unparent(picks, kind):
        chosen = take(*picks)
        bpy.ops.object.parent_clear(*GO, type=kind)
        return chosen

    def apply(picks, location, rotation, scale):
        chosen = take(*picks)
        bpy.ops.object.transform_apply(*GO, location=location, rotation=rotation, scale=scale)
        return chosen

    def drop():
        """The network breaks."""
        link = client._link
        if link is None or link._socket is None:
            raise RuntimeError('there is no connection')
        link._socket.transport.abort()
        return []

    def resync(whole):
        client.request_sync(whole=whole)
        return []

    def come_back():
        client.reconnect_now()
        return []

    def let_go():
        bpy.ops.object.select_all(*GO, action='SELECT')
        bpy.ops.object.select_all(*GO, action='DESELECT')
        return []

    def leftovers():
        """Objects that nobody sees, and those that are not shared."""
        scene = bpy.context.scene.objects
        return [(o.name, o.get('meerkat_id'), o.users) for o in bpy.data.objects
                if o.name not in scene or 'meerkat_id' not in o]

    def do(function, **numbers):
        """[[name, id or None] of each object, or why it could not be done]."""
        try:
            with override():
                about = function(**numbers)
        except RuntimeError as error:
            return str(error).strip()
        return [[o.name, o.get('meerkat_id')] if isinstance(o, bpy.types.Object) else o
                for o in about]
'''

KINDS = ('CUBE', 'SPHERE', 'CYLINDER', 'CAMERA', 'POINT_LIGHT', 'SUN_LIGHT')
NAMES = ('tree', 'oak', 'chair', 'tree.001', 'a lamp', 'Ähre')

# Drawing is the most expensive part, and of no interest here.
CHEAP = '''
    for area in bpy.context.window_manager.windows[0].screen.areas:
        if area.type == 'VIEW_3D':
            area.spaces[0].shading.type = 'WIREFRAME'
            area.spaces[0].overlay.show_overlays = False
            area.spaces[0].show_gizmo = False
        else:
            area.type = 'TEXT_EDITOR'
'''


class Person:
    """Somebody at a Blender who does one thing after the other."""

    def __init__(self, name, blender, soak, seed):
        self.name = name
        self.blender = blender
        self.soak = soak
        self.rng = random.Random(f'{seed} {name}')
        self.has_mouse = False
        self.held = None

    def work(self, deadline):
        """Until the deadline; what goes wrong ends it for all."""
        try:
            while time.monotonic() < deadline and not self.soak.trouble:
                self.act()
                time.sleep(self.rng.uniform(0.0, 0.25))
        except Exception as error:
            self.soak.trouble.append((self.name, error))

    def picks(self):
        return [self.rng.random() for _ in range(self.rng.choice((1, 1, 1, 2, 3)))]

    def place(self, far=8):
        return [round(self.rng.uniform(-far, far), 3) for _ in range(3)]

    def act(self):
        """Does something; the frequent things are what people do most."""
        rng = self.rng
        actions = {self.add: 5, self.copy: 3, self.delete: 3, self.move: 10, self.change: 6,
                   self.relate: 3, self.travel: 6, self.connection: 1}
        if self.has_mouse:
            actions[self.grab] = 6
        rng.choices(list(actions), actions.values())[0]()

    def do(self, function, **numbers):
        """Has a function of the prelude run, and takes down what it did."""
        at = time.time()
        done = 'never came back'
        try:
            done = self.blender.run(f'result = do({function}, **numbers)', numbers=numbers)
        finally:
            self.soak.note(at, self.name, function, numbers, done)
        return done

    def add(self):
        if self.soak.is_crowded():
            self.delete()
        elif self.rng.random() < 0.5:
            self.do('add_by_button', kind=self.rng.choice(KINDS), location=self.place())
        else:
            self.do('add_by_blender', kind=self.rng.choice(KINDS), location=self.place(),
                    turn=self.place(3))

    def copy(self):
        if self.soak.is_crowded():
            self.delete()
        else:
            self.do('duplicate', picks=self.picks(), by=self.place(3),
                    linked=self.rng.random() < 0.4)

    def delete(self):
        held = [person.held for person in self.soak.people if person.held]
        if held and self.rng.random() < 0.7:
            self.do('delete_one', object_id=self.rng.choice(held))
        else:
            self.do('delete', picks=self.picks())

    def move(self):
        rng = self.rng
        how = rng.randrange(4)
        if how == 0:
            self.do('translate', picks=self.picks(), by=self.place(3))
        elif how == 1:
            self.do('rotate', picks=self.picks(), angle=round(rng.uniform(-3, 3), 3),
                    axis=rng.choice('XYZ'))
        elif how == 2:
            self.do('resize', picks=self.picks(), mirror=rng.random() < 0.2)
        else:
            self.do('nudge', picks=self.picks(), by=round(rng.uniform(-2, 2), 3))

    def change(self):
        rng = self.rng
        how = rng.randrange(4)
        if how == 0:
            self.do('rename', picks=self.picks(), name=rng.choice(NAMES))
        elif how == 1:
            self.do('change_type', pick=rng.random())
        else:
            self.do('edit', pick=rng.random(), value=round(rng.uniform(1, 90), 2),
                    color=[round(rng.random(), 3) for _ in range(3)])

    def relate(self):
        rng = self.rng
        how = rng.randrange(3)
        if how == 0:
            self.do('parent', picks=[rng.random(), rng.random()], keep=rng.random() < 0.7)
        elif how == 1:
            self.do('unparent', picks=self.picks(),
                    kind=rng.choice(('CLEAR', 'CLEAR_KEEP_TRANSFORM')))
        else:
            which = [rng.random() < 0.6 for _ in range(3)]
            self.do('apply', picks=self.picks(), location=which[0], rotation=which[1],
                    scale=which[2])

    def travel(self):
        """Through the history: some steps back, perhaps some forth."""
        for _ in range(self.rng.choice((1, 1, 2, 3))):
            self.step('undo')
        for _ in range(self.rng.choice((0, 0, 1, 2))):
            self.step('redo')

    def step(self, function):
        if self.has_mouse:
            self.blender.move_mouse(*self.middle())
            self.blender.key('Z', ctrl=True, shift=function == 'redo')
            self.soak.note(time.time(), self.name, f'{function} by key', {}, [])
        else:
            self.do(function)
        time.sleep(self.rng.choice((0.0, 0.05, 0.2)))

    def connection(self):
        how = self.rng.randrange(3)
        if how == 0:
            self.do('drop')
            time.sleep(self.rng.uniform(0.0, 0.5))
            self.do('come_back')
        else:
            self.do('resync', whole=how == 1)

    def middle(self):
        x, y, width, height = self.view
        return x + width // 2, y + height // 2

    def grab(self):
        """G, R or S, some pulling, and a click or Esc."""
        rng = self.rng
        x, y = self.middle()
        taken = self.do('choose', picks=self.picks())
        if isinstance(taken, str):
            return
        self.held = taken[-1][1]
        key, end = rng.choice('GGGRS'), rng.choice(('LEFTMOUSE', 'LEFTMOUSE', 'ESC'))
        at = time.time()
        self.blender.move_mouse(x + 20, y)
        self.blender.key(key)
        for _ in range(rng.randint(0, 6)):
            self.blender.move_mouse(x + rng.randint(-60, 60), y + rng.randint(-60, 60))
            time.sleep(rng.uniform(0.0, 0.15))
        self.blender.key(end)
        self.soak.note(at, self.name, f'grab {key} {end}', {}, taken)
        self.held = None


class TestSoak(BlenderTest):
    """All at once."""

    def setUp(self):
        super().setUp()
        self.trouble = []
        self.history = []
        self.told = []
        self.n_objects = 0
        self.done = Counter()
        self.failed_operations = Counter()
        self.daemon.flags += ['--listen', f'127.0.0.1:{self.daemon.port}']

    def note(self, at, name, function, numbers, done):
        """Takes down what somebody did; called from several threads."""
        (self.failed_operations if isinstance(done, str) else self.done)[function] += 1
        self.history.append((at, name, function, numbers, done))

    def is_crowded(self):
        return self.n_objects >= MOST_OBJECTS

    def test_soak(self):
        """Everything that four people do at once, and the network and the server besides."""
        rng = seeded()
        seed = rng.random()
        self.people = []
        for name, view in (('Anna', '3D'), ('Ben', 'TEXT_EDITOR'), ('Chiara', '3D'),
                           ('Dan', 'TEXT_EDITOR')):
            blender = self.blender(view=view, size=(480, 400))
            blender.run(CHEAP)
            blender.run('bpy.data.batch_remove(list(bpy.data.objects))\n'
                        'with override(): bpy.ops.ed.undo_push(message="start")')
            blender.run(PRELUDE)
            self.enter(blender, name)
            person = Person(name, blender, self, seed)
            if view == '3D':
                person.has_mouse = True
                person.view = blender.region()
            self.people.append(person)
        try:
            self.work(rng)
            self.settle()
        except AssertionError as problem:
            raise AssertionError(f'{problem}\n{self.report(str(problem))}') from None
        print('done:', dict(self.done), '\nin vain:', dict(self.failed_operations), file=sys.stderr)

    def work(self, rng):
        """Lets all of them work, watches over the server, and kills it now and then."""
        watcher = self.join('00000000-0000-4000-8000-000000000000')
        self.n_objects = len(watcher.sync['objects'])
        deadline = time.monotonic() + SECONDS
        threads = [threading.Thread(target=person.work, args=(deadline,))
                   for person in self.people]
        for thread in threads:
            thread.start()
        kill_at = time.monotonic() + rng.uniform(10, 30)
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.05)
            if time.monotonic() > kill_at:
                self.daemon.kill()
                self.note(time.time(), 'the server', 'is killed', {}, [])
                time.sleep(rng.uniform(0, 3))
                self.daemon.restart(kill=True)
                kill_at = time.monotonic() + rng.uniform(20, 60)
            try:
                self.hear(watcher.pump())
            except Closed:
                watcher = self.join(watcher.user_id)
                self.n_objects = len(watcher.sync['objects'])
        for thread in threads:
            thread.join()
        for name, error in self.trouble:
            raise AssertionError(f'{name}: {error}')
        self.watcher = watcher

    def hear(self, messages):
        """What the server tells everybody."""
        for message in flatten(messages):
            if 'object_id' in message['payload'] and message['event_type'] != 'USER_SELECTED':
                self.told.append((time.time(), message))
                self.n_objects += {'OBJECT_CREATED': 1, 'OBJECT_DELETED': -1}.get(
                    message['event_type'], 0)

    def settle(self):
        """Waits until nobody has anything to say, and compares."""
        blenders = [person.blender for person in self.people]
        for blender in blenders:
            blender.run('client.reconnect_now()')
            blender.wait_until(f"{WM}.status == 'CONNECTED'", 90)
        server = scenes.wait_settled(self, blenders, timeout=40)
        print(f'{len(server)} objects at the end', file=sys.stderr)
        for person in self.people:
            # What might have been in a hand is freed when an operator has ended.
            person.do('let_go')
            try:
                person.blender.wait_until('not leftovers()', show='leftovers()')
            except AssertionError as problem:
                raise AssertionError(f'{person.name}: {problem}') from None
        self.hear(self.watcher.barrier())
        time.sleep(2)
        still = [m for m in flatten(self.watcher.barrier()) if m['event_type'] != 'USER_SELECTED']
        self.assertEqual(still, [], 'somebody goes on sending')

    # When it failed

    def report(self, problem):
        """All that is known of the objects that are named in the problem."""
        lines = ['Who is who: ' + ', '.join(
            f'{person.name} {self.ask(person, "result = client.user_id")}'
            for person in self.people)]
        for object_id in dict.fromkeys(UUID.findall(problem)):
            lines += ['', f'== {object_id}', *self.story_of(object_id)]
        lines += ['', '== The last operations', *map(line, self.history[-80:])]
        for person in self.people:
            log = self.ask(person, 'result = [list(item) for item in client.log]') or []
            lines += ['', f'== {person.name}: log of the client',
                      *(f'{clock(at)} {text}' for at, text in log)]
        return '\n'.join(lines)

    def story_of(self, object_id):
        """Who did what to an object, and who told whom, by the time."""
        story = [(item[0], line(item)) for item in self.history
                 if object_id in repr(item) or item[2].startswith(('undo', 'redo', 'is killed',
                                                                   'drop'))]
        story += [(at, f'{clock(at)} the server: {message}') for at, message in self.told
                  if object_id in repr(message)]
        for person in self.people:
            for at, what, whom, how in self.ask(person, 'result = [list(t) for t in trace]') or []:
                if object_id in whom:
                    story.append((at, f'{clock(at)} {person.name} says: {what} {whom} {how}'))
        return [text for _, text in sorted(story)]

    def ask(self, person, source):
        """None if that Blender is gone."""
        try:
            return person.blender.run(source) if person.blender.alive() else None
        except AssertionError:
            return None


def clock(at):
    """Seconds and milliseconds of a time."""
    return time.strftime('%H:%M:%S', time.localtime(at)) + f'.{int(at * 1000) % 1000:03}'


def line(item):
    """An operation in a line."""
    at, name, function, numbers, done = item
    return f'{clock(at)} {name}: {function} {numbers} -> {done}'


if __name__ == '__main__':
    tap.main()
