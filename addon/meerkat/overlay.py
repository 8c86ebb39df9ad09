# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What the viewport shows of the others: selections, names, missing assets, who comes and goes.

Boxes are kept from one frame to the next until the scene or somebody's selection has changed. A
drawing callback never raises; after MOST_ERRORS failures it leaves the viewport alone.
"""

import itertools
import time
import traceback

import blf
import bpy
import gpu
from bpy.app.handlers import persistent
from bpy.app.translations import pgettext_iface as tr
from bpy_extras import view3d_utils
from gpu_extras.batch import batch_for_shader
from mathutils import Matrix, Vector

from . import preferences, state, widgets

BOX_SCALE = 1.05  # so that a box does not flicker on the faces of what is in it
LINE_WIDTH = 2.0  # pixels
HIDDEN_ALPHA = 0.25  # of a box's edges behind something
TEXT_SIZE = 12  # points
NOTICE_SECONDS = 6.0
FADE_STEPS = 4  # redraws that a notice's fading costs
MOST_LABELS = 100
MOST_MEMBERS = 2000  # of a collection that are measured
MOST_ERRORS = 10

EDGES = ((0, 1), (1, 2), (2, 3), (3, 0), (4, 5), (5, 6), (6, 7), (7, 4),
         (0, 4), (1, 5), (2, 6), (3, 7))
UNIT_BOX = ((-1, -1, -1), (-1, -1, 1), (-1, 1, 1), (-1, 1, -1),
            (1, -1, -1), (1, -1, 1), (1, 1, 1), (1, 1, -1))

_handles = []
_cache = {'boxes': None, 'collections': {}, 'generation': None, 'presence': None, 'notices': []}
_errors = 0


# Bounds

def _box(low, high):
    """The corners between two opposite ones, in the order of Object.bound_box."""
    return [Vector((high[0] if x > 0 else low[0], high[1] if y > 0 else low[1],
                    high[2] if z > 0 else low[2])) for x, y, z in UNIT_BOX]


def _local_corners(obj, depth=0):
    """Eight corners around an object in its own space."""
    if obj.type == 'EMPTY' and obj.instance_type == 'COLLECTION' and obj.instance_collection:
        return _collection_corners(obj.instance_collection, depth)
    if obj.type == 'EMPTY':
        size = obj.empty_display_size
        return _box((-size,) * 3, (size,) * 3)
    if obj.type == 'CAMERA':
        return _camera_corners(obj.data)
    if obj.type == 'LIGHT':
        return _box((-0.3,) * 3, (0.3,) * 3)
    return [Vector(corner) for corner in obj.bound_box]


def _camera_corners(camera):
    """Its pyramid: the frame, and four times the point from which it looks."""
    frame = [corner * camera.display_size for corner in camera.view_frame(
        scene=state.session.scene)]
    low, high = (list(map(pick, zip(*frame))) for pick in (min, max))
    return [Vector() if corner.z > low[2] / 2 else corner
            for corner in _box(low, (high[0], high[1], 0.0))]


def _collection_corners(collection, depth):
    key = collection.name_full
    corners = _cache['collections'].get(key)
    if corners is None:
        offset = Matrix.Translation(-collection.instance_offset)
        points = []
        for member in list(collection.all_objects)[:MOST_MEMBERS] if depth < 4 else ():
            place = offset @ member.matrix_world
            points += [place @ corner for corner in _local_corners(member, depth + 1)]
        low = [min(axis) for axis in zip(*points)] if points else (-1, -1, -1)
        high = [max(axis) for axis in zip(*points)] if points else (1, 1, 1)
        corners = _cache['collections'][key] = _box(low, high)
    return corners


def world_corners(obj):
    """Eight corners around an object in the world, a little off it."""
    corners = _local_corners(obj)
    middle = sum(corners, Vector()) / 8
    return [obj.matrix_world @ (middle + BOX_SCALE * (corner - middle)) for corner in corners]


# What is to be drawn

def _is_shown(context):
    session = state.session
    return (session.stage is not None and session.scene == context.scene
            and context.space_data.overlay.show_overlays)


def _others():
    client = state.session.client
    return [user for user in client.replica.users.values() if user.user_id != client.user_id]


def _visible_object(object_id):
    obj = state.session.stage.object_of(object_id)
    return obj if obj is not None and obj.visible_get() else None


def _boxes():
    """[(color, batch, name, place of the label)] of each user who has something selected."""
    if _cache['boxes'] is None:
        _cache['boxes'] = [box for box in map(_box_of_user, _others()) if box is not None]
    return _cache['boxes']


def _box_of_user(user):
    lines = []
    place = None
    for object_id in user.selection:
        obj = _visible_object(object_id)
        if obj is None:
            continue
        corners = world_corners(obj)
        lines += [corners[end] for edge in EDGES for end in edge]
        if place is None or object_id == user.selected:
            middle = sum(corners, Vector()) / 8
            place = Vector((middle.x, middle.y, max(corner.z for corner in corners)))
    if not lines:
        return None
    batch = batch_for_shader(_shader('POLYLINE_UNIFORM_COLOR'), 'LINES', {'pos': lines})
    return [c / 255 for c in user.color], batch, user.name, place


def _shader(name):
    return gpu.shader.from_builtin(name)


# Drawing

def _guarded(draw):
    """The callback of a draw handler: leaves the GPU's state as it was, counts what fails."""
    def callback():
        global _errors
        if _errors >= MOST_ERRORS:
            return
        blend, depth = gpu.state.blend_get(), gpu.state.depth_test_get()
        try:
            draw(bpy.context)
        except Exception:
            _errors += 1
            if _errors == 1:
                traceback.print_exc()
            if _errors == MOST_ERRORS:
                state.session.warn('overlay', tr(
                    'The drawing of what others have selected failed several times and is off. '
                    'The console says why.'))
        finally:
            gpu.state.blend_set(blend)
            gpu.state.depth_test_set(depth)
    return callback


@_guarded
def _draw_boxes(context):
    if not _is_shown(context) or not preferences.get().show_selections:
        return
    boxes = _boxes()
    if not boxes:
        return
    shader = _shader('POLYLINE_UNIFORM_COLOR')
    shader.bind()
    shader.uniform_float('viewportSize', gpu.state.viewport_get()[2:])
    shader.uniform_float('lineWidth', LINE_WIDTH * context.preferences.system.pixel_size)
    gpu.state.blend_set('ALPHA')
    for test, alpha in (('NONE', HIDDEN_ALPHA), ('LESS_EQUAL', 1.0)):
        gpu.state.depth_test_set(test)
        for color, batch, _, _ in boxes:
            shader.uniform_float('color', (*color, alpha))
            batch.draw(shader)


@_guarded
def _draw_texts(context):
    if not _is_shown(context):
        return
    prefs = preferences.get()
    gpu.state.blend_set('ALPHA')
    gpu.state.depth_test_set('NONE')
    if prefs.show_names:
        _draw_names(context)
    if prefs.show_placeholders:
        _draw_placeholders(context)
    if prefs.show_notices:
        _draw_notices(context)


def _draw_names(context):
    used = {}  # labels at one place go above each other
    for color, _, name, place in _boxes()[:MOST_LABELS]:
        at = _on_screen(context, place)
        if at is None:
            continue
        key = (round(at.x), round(at.y))
        level = used[key] = used.get(key, -1) + 1
        height = _text_size(context) * 1.7
        _draw_label(context, name, at.x, at.y + 4 + level * height, color)


def _draw_placeholders(context):
    session = state.session
    for object_id in itertools.islice(session.stage.missing, MOST_LABELS):
        obj = _visible_object(object_id)
        shared = session.client.replica.objects.get(object_id)
        at = obj and _on_screen(context, obj.matrix_world.translation)
        if at and shared is not None:
            text = tr('{asset}: missing here ({library})').format(
                asset=shared.asset_id, library=shared.asset_library)
            _draw_label(context, text, at.x, at.y, (0.1, 0.1, 0.1), (1.0, 0.75, 0.3))


def _on_screen(context, place):
    return view3d_utils.location_3d_to_region_2d(context.region, context.region_data, place)


def _text_size(context):
    return TEXT_SIZE * context.preferences.system.ui_scale


def _draw_label(context, text, x, y, back, front=None, alpha=1.0, align='CENTER'):
    """A text on a plate; x, y is the middle of its lower edge, or its lower right corner."""
    size = _text_size(context)
    blf.size(0, round(size))
    width = blf.dimensions(0, text)[0]
    pad = round(size * 0.45)
    left = x - width / 2 - pad if align == 'CENTER' else x - width - 2 * pad
    right, top = left + width + 2 * pad, y + size * 1.55
    shader = _shader('UNIFORM_COLOR')
    plate = batch_for_shader(shader, 'TRI_FAN', {
        'pos': [(left, y, 0), (right, y, 0), (right, top, 0), (left, top, 0)]})
    shader.bind()
    shader.uniform_float('color', (*back, alpha))
    plate.draw(shader)
    if front is None:
        is_light = 0.299 * back[0] + 0.587 * back[1] + 0.114 * back[2] > 0.5
        front = (0, 0, 0) if is_light else (1, 1, 1)
    blf.position(0, left + pad, y + size * 0.45, 0)
    blf.color(0, *front, alpha)
    blf.draw(0, text)


def _draw_notices(context):
    right = context.region.width - 12
    if context.preferences.system.use_region_overlap:
        right -= sum(region.width for region in context.area.regions
                     if region.type == 'UI' and region.width > 1 and region.alignment == 'RIGHT')
    y = 14
    for alpha, text in reversed(notices_now()):
        _draw_label(context, text, right, y, (0.1, 0.1, 0.1), (1, 1, 1), alpha, 'RIGHT')
        y += _text_size(context) * 1.8


def notices_now():
    """[(alpha, text)] of those that are still to be seen, oldest first."""
    now = time.monotonic()
    shown = []
    for when, text in state.session.notices:
        left = NOTICE_SECONDS - (now - when)
        if left > 0:
            shown.append((min(FADE_STEPS, int(left * 2) + 1) / FADE_STEPS, text))
    return shown


def look_at(view, objects):
    """Turns a 3D view (RegionView3D) to these objects, as it stands; False if there are none."""
    corners = [corner for obj in objects for corner in world_corners(obj)]
    if not corners:
        return False
    low, high = (Vector(map(pick, zip(*corners))) for pick in (min, max))
    if view.view_perspective == 'CAMERA':
        view.view_perspective = 'PERSP'
    view.view_location = (low + high) / 2
    view.view_distance = max((high - low).length * 1.5, 2.0)
    return True


# When to draw

def refresh():
    """Has the viewports drawn again if who is there, what they have selected, what is missing
    or a notice has changed. Objects that move have Blender draw by themselves."""
    session = state.session
    if session.ui_generation != _cache['generation']:
        _cache['generation'] = session.ui_generation
        presence = _presence(session)
        if presence != _cache['presence']:
            _cache['presence'] = presence
            invalidate()
            tag_redraw()
    notices = notices_now()
    if notices != _cache['notices']:
        _cache['notices'] = notices
        tag_redraw()


def _presence(session):
    if session.stage is None:
        return None
    return ([(user.user_id, user.name, user.color, user.selected, user.selection)
             for user in _others()], list(session.stage.missing))


def invalidate():
    """What is kept does not hold any more."""
    _cache['boxes'] = None


@persistent
def _after_update(scene, depsgraph):
    invalidate()
    if depsgraph.id_type_updated('COLLECTION'):
        _cache['collections'].clear()


@persistent
def _after_load(*_):
    invalidate()
    _cache['collections'].clear()


def tag_redraw():
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == 'VIEW_3D':
                for region in area.regions:
                    if region.type == 'WINDOW':
                        region.tag_redraw()


def register():
    global _errors
    _errors = 0
    _after_load()
    bpy.app.handlers.depsgraph_update_post.append(_after_update)
    bpy.app.handlers.load_post.append(_after_load)
    add = bpy.types.SpaceView3D.draw_handler_add
    _handles.append(add(_draw_boxes, (), 'WINDOW', 'POST_VIEW'))
    _handles.append(add(_draw_texts, (), 'WINDOW', 'POST_PIXEL'))


def unregister():
    while _handles:
        bpy.types.SpaceView3D.draw_handler_remove(_handles.pop(), 'WINDOW')
    bpy.app.handlers.load_post.remove(_after_load)
    bpy.app.handlers.depsgraph_update_post.remove(_after_update)
