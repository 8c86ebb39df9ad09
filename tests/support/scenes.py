# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Compares what Blenders show with what the server has, without the add-on's own eyes.

A mesh stands where its vertices are in the world, whatever parents, rotation modes or applied
transforms lead there.
"""

import math
import re
import time

# For Blender.run(): {meerkat_id: what is to be seen of it} of the open scene.
READ_SCENE = '''
from mathutils import Vector
bpy.context.view_layer.update()
KINDS = {8: 'cube', 482: 'sphere', 64: 'cylinder'}
def look(obj):
    seen = {'name': obj.name, 'position': tuple(obj.matrix_world.translation)}
    if obj.type == 'MESH':
        seen['type'] = KINDS.get(len(obj.data.vertices), 'mesh')
        seen['points'] = [tuple(obj.matrix_world @ v.co) for v in obj.data.vertices]
    else:
        seen['axes'] = [tuple(obj.matrix_world @ Vector(p))
                           for p in ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1))]
    if obj.type == 'LIGHT':
        seen['type'] = {'POINT': 'point_light', 'SUN': 'sun_light'}.get(obj.data.type)
        seen['color'] = tuple(obj.data.color)
        if obj.data.type == 'POINT':
            seen.update(power=obj.data.energy, radius=obj.data.shadow_soft_size)
        else:
            seen.update(intensity=obj.data.energy, angle=obj.data.angle)
    if obj.type == 'CAMERA':
        data = obj.data
        seen.update(type='camera', focal_length=data.lens, sensor_width=data.sensor_width,
                    clip_start=data.clip_start, clip_end=data.clip_end)
    if obj.type == 'EMPTY':
        seen['type'] = 'asset_ref'
        seen['asset_id'] = obj.instance_collection.name if obj.instance_collection else None
    return seen
result = {'objects': {}, 'tags': 0, 'orphans': []}
for obj in bpy.context.scene.objects:
    if 'meerkat_id' in obj:
        result['tags'] += 1
        result['objects'][obj['meerkat_id']] = look(obj)
result['orphans'] = [o.name for o in bpy.data.objects if o.users == 0]
'''

# Points of each shape that are vertices of it, and tell how it is turned.
SHAPES = {
    'cube': [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)],
    'sphere': [(0, 0, 1), (0, 0, -1), (1, 0, 0), (0, 1, 0), (-1, 0, 0)],
    'cylinder': [(x, y, z) for x, y in ((0, 1), (1, 0), (0, -1)) for z in (-1, 1)],
}

PROPERTIES = ('color', 'power', 'radius', 'intensity', 'angle', 'focal_length', 'sensor_width',
              'clip_start', 'clip_end')


def read(blender):
    """What a Blender shows: {meerkat_id: …}. Fails if two objects carry one id."""
    seen = blender.run(READ_SCENE)
    if seen['tags'] != len(seen['objects']):
        raise AssertionError(f'{seen["tags"]} objects carry {len(seen["objects"])} ids')
    return seen['objects']


def difference(seen, server):
    """The first thing in which a Blender's scene is not the server's `objects`; '' if none."""
    if seen.keys() != server.keys():
        return (f'missing {sorted(server.keys() - seen.keys())}, '
                f'too many {sorted(seen.keys() - server.keys())}')
    for object_id, shared in server.items():
        problem = object_difference(seen[object_id], shared)
        if problem:
            return f'{object_id} ({shared["name"]}): {problem}'
    return ''


def object_difference(seen, shared):
    """What is different, in words; '' if nothing."""
    if seen.get('type') != shared['type']:
        return f'type {seen.get("type")}, server {shared["type"]}'
    if not same_name(seen['name'], shared['name']):
        return f'name {seen["name"]!r}, server {shared["name"]!r}'
    for key in PROPERTIES:
        if key in shared['properties'] and not near(seen[key], shared['properties'][key]):
            return f'{key} {seen[key]}, server {shared["properties"][key]}'
    matrix = matrix_of(shared['transform'])
    if shared['type'] in ('cube', 'sphere', 'cylinder'):
        expected = [transformed(matrix, point) for point in SHAPES[shared['type']]]
        if not same_points(seen['points'], expected):
            return f'points {seen["points"]}, server {expected}'
        return ''
    expected = [transformed(matrix, p) for p in ((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1))]
    if not near(seen['axes'], expected):
        return f'axes {seen["axes"]}, server {expected}'
    return ''


def same_name(local, shared):
    """Equal but for a suffix or a cut that a file needs."""
    base = re.sub(r'\.\d{3,}$', '', local)
    return local == shared or shared.startswith(base) or base == re.sub(r'\.\d{3,}$', '', shared)


def near(a, b):
    """Within 1e-4 · max(1, |v|), whatever is nested how deep."""
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(near, a, b))
    return abs(a - b) <= 1e-4 * max(1.0, abs(a), abs(b))


def matrix_of(transform):
    """Rows of the 3x4 matrix of a transform of the protocol: T · Rz · Ry · Rx · S."""
    (px, py, pz), (x, y, z), scale = (transform[k] for k in ('position', 'rotation', 'scale'))
    cx, sx, cy, sy, cz, sz = (f(a) for a in (x, y, z) for f in (math.cos, math.sin))
    rotation = ((cy * cz, sx * sy * cz - cx * sz, cx * sy * cz + sx * sz),
                (cy * sz, sx * sy * sz + cx * cz, cx * sy * sz - sx * cz),
                (-sy, sx * cy, cx * cy))
    return [(*(r * s for r, s in zip(row, scale)), p)
            for row, p in zip(rotation, (px, py, pz))]


def transformed(matrix, point):
    """A point through such a matrix."""
    return tuple(sum(m * c for m, c in zip(row, (*point, 1.0))) for row in matrix)


def same_points(seen, expected):
    """Whether every expected point is among those that are seen."""
    return all(any(near(point, other) for other in seen) for point in expected)


def wait_settled(test, blenders, session='test', timeout=15):
    """Waits until every Blender has sent all it has to say and shows what the server has.

    Returns the server's objects.
    """
    deadline = time.monotonic() + timeout
    for blender in blenders:
        blender.wait_until('bpy.context.window_manager.meerkat.pending == 0', timeout)
    while True:
        for blender in blenders:
            if blender.background:
                blender.run('bpy.ops.meerkat.tick()')
        server = test.state(session)['objects']
        problems = [difference(read(blender), server) for blender in blenders]
        if not any(problems):
            return server
        if time.monotonic() > deadline:
            test.fail('\n'.join(f'Blender {number}: {problem}'
                                for number, problem in enumerate(problems) if problem))
        time.sleep(0.1)
