# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The kinds of objects that are shared: what an object is, how one is made, what its data says."""

from array import array

import bpy
from mathutils import Matrix

from . import assets
from .core import protocol, shapes

LIGHTS = {'POINT': 'point_light', 'SUN': 'sun_light'}

# Property of the protocol -> attribute of the camera or light.
ATTRIBUTES = {
    'camera': {'focal_length': 'lens', 'sensor_width': 'sensor_width',
               'clip_start': 'clip_start', 'clip_end': 'clip_end'},
    'point_light': {'color': 'color', 'power': 'energy', 'radius': 'shadow_soft_size'},
    'sun_light': {'color': 'color', 'intensity': 'energy', 'angle': 'angle'},
}

MESH_NAMES = {'cube': 'Cube', 'sphere': 'Sphere', 'cylinder': 'Cylinder'}
MESH_KINDS = tuple(MESH_NAMES)

NOT_SHARED = {
    'CURVE': 'curves are not shared',
    'CURVES': 'hair curves are not shared',
    'SURFACE': 'surfaces are not shared',
    'META': 'metaballs are not shared',
    'FONT': 'text objects are not shared',
    'ARMATURE': 'armatures are not shared',
    'LATTICE': 'lattices are not shared',
    'GPENCIL': 'grease pencil is not shared',
    'GREASEPENCIL': 'grease pencil is not shared',
    'SPEAKER': 'speakers are not shared',
    'LIGHT_PROBE': 'light probes are not shared',
    'VOLUME': 'volumes are not shared',
    'POINTCLOUD': 'point clouds are not shared',
}
ONLY_PERSPECTIVE = 'only perspective cameras are shared'
ONLY_POINT_AND_SUN = 'only point lights and suns are shared'
EMPTY = 'empties are not shared, only assets of the libraries'
LINKED = 'linked from a library directly; place it as an asset to share it'
UNKNOWN = 'this type of object is not shared'


class Identity:
    """What an object is: `kind` of the protocol or None with the `reason`; for meshes the 4x4
    matrix `affine` that makes its mesh out of the shared one, None if they are the same; for
    assets `asset_library` and `asset_id`."""

    __slots__ = ('kind', 'reason', 'affine', 'asset_library', 'asset_id')

    def __init__(self, kind, reason='', affine=None, asset_library=None, asset_id=None):
        self.kind = kind
        self.reason = reason
        self.affine = affine
        self.asset_library = asset_library
        self.asset_id = asset_id


def identify(obj):
    """The Identity of a Blender object, by what it is and never by its name."""
    if obj.library is not None or obj.override_library is not None:
        return Identity(None, LINKED)
    if obj.type == 'MESH':
        return _identify_mesh(obj.data)
    if obj.type == 'CAMERA':
        if obj.data.type != 'PERSP':
            return Identity(None, ONLY_PERSPECTIVE)
        return Identity('camera')
    if obj.type == 'LIGHT':
        kind = LIGHTS.get(obj.data.type)
        return Identity(kind, '' if kind else ONLY_POINT_AND_SUN)
    if obj.type == 'EMPTY':
        reference = assets.reference_of(obj)
        if reference is None:
            return Identity(None, EMPTY)
        return Identity('asset_ref', asset_library=reference[0], asset_id=reference[1])
    return Identity(None, NOT_SHARED.get(obj.type, UNKNOWN))


def _identify_mesh(mesh):
    kind, reason = shapes.kind_of_counts(*_counts(mesh))
    if kind is None:
        return Identity(None, reason)
    vertices = [0.0] * (3 * len(mesh.vertices))
    mesh.vertices.foreach_get('co', vertices)
    kind, affine = shapes.recognise(vertices, len(mesh.edges),
                                    (len(mesh.polygons), len(mesh.loops)))
    if kind is None:
        return Identity(None, affine)
    if affine is not None:
        affine = _upright(kind, Matrix((affine[0:4], affine[4:8], affine[8:12],
                                        (0.0, 0.0, 0.0, 1.0))))
    return Identity(kind, affine=affine)


def _counts(mesh):
    return len(mesh.vertices), len(mesh.edges), len(mesh.polygons), len(mesh.loops)


def _upright(kind, affine):
    """A cube is the same seen in its centre's mirror, as Blender's startup cube is numbered: rather
    that than a transform that mirrors. None for the identity."""
    if kind == 'cube' and affine.determinant() < 0.0:
        affine = affine @ Matrix.Diagonal((-1.0, -1.0, -1.0, 1.0))
        if affine == Matrix.Identity(4):
            return None
    return affine


def fingerprint(obj):
    """Something cheap that is another when the mesh of `obj` was exchanged or reshaped."""
    if obj.type != 'MESH':
        return None
    mesh = obj.data
    counts = _counts(mesh)
    if shapes.kind_of_counts(*counts)[0] is None:
        return counts
    vertices = array('f', bytes(12 * counts[0]))
    mesh.vertices.foreach_get('co', vertices)
    return counts, hash(vertices.tobytes())


def fits(obj, identity, shared):
    """Whether `obj`, whose Identity that is, can stand for the shared object: its type, not its
    values. A placeholder fits every asset."""
    if shared.type == 'asset_ref':
        return obj.type == 'EMPTY' and (identity.kind is None or (
            (identity.asset_library, identity.asset_id)
            == (shared.asset_library, shared.asset_id)))
    return identity.kind == shared.type


# Making

def make(shared):
    """A new object for a shared one, in no collection yet, without its transform and properties.

    Returns it with '' or with the reason why only a placeholder could be made of an asset.
    """
    reason = ''
    if shared.type == 'asset_ref':
        obj = bpy.data.objects.new(shared.name, None)
        reason = furnish(obj, shared)
    else:
        obj = bpy.data.objects.new(shared.name, make_data(shared.type, shared.name))
    return obj, reason


def make_data(kind, name):
    """New mesh, camera or light of that kind."""
    if kind == 'camera':
        return bpy.data.cameras.new(name)
    if kind == 'point_light':
        return bpy.data.lights.new(name, 'POINT')
    if kind == 'sun_light':
        return bpy.data.lights.new(name, 'SUN')
    mesh = bpy.data.meshes.new(name)
    vertices, edges, faces = shapes.canonical(kind)
    mesh.from_pydata(vertices, edges, faces)
    return mesh


class Maker:
    """Makes objects, many at once: their meshes are copies of the first one of each kind.

    To be used within one tick, before anybody can change that first one.
    """

    def __init__(self):
        self._meshes = {}

    def make(self, shared):
        """Like the function of that name."""
        if shared.type not in MESH_KINDS:
            return make(shared)
        first = self._meshes.get(shared.type)
        # No name for the copy: to give one costs more the more meshes there are.
        mesh = make_data(shared.type, MESH_NAMES[shared.type]) if first is None else first.copy()
        self._meshes.setdefault(shared.type, mesh)
        return bpy.data.objects.new(shared.name, mesh), ''


def furnish(empty, shared):
    """Lets an empty show its asset, or be a placeholder: returns the reason for that, or ''."""
    collection, reason = assets.instance(shared.asset_library, shared.asset_id)
    if collection is None:
        empty.instance_type = 'NONE'
        empty.instance_collection = None
        empty.empty_display_type = 'CUBE'
        empty.empty_display_size = 1.0
        return reason
    empty.empty_display_type = 'PLAIN_AXES'
    empty.instance_type = 'COLLECTION'
    empty.instance_collection = collection
    return ''


# Properties

def read_properties(obj, kind):
    """The properties of `obj` as the protocol has them; {} for kinds without any. A light of a type
    that is not shared may lack some."""
    attributes = ATTRIBUTES.get(kind)
    if attributes is None:
        return {}
    data = obj.data
    values = {key: getattr(data, name) for key, name in attributes.items() if hasattr(data, name)}
    if 'color' in values:
        values['color'] = values['color'][:]
    return values


def write_properties(obj, kind, properties, last):
    """Sets what differs from `last`. Data that several objects share is made this one's own first,
    so that what is said of one of them does not change the others."""
    attributes = ATTRIBUTES.get(kind)
    if attributes is None:
        return
    changed = {key: value for key, value in properties.items()
               if hasattr(obj.data, attributes.get(key, ''))
               and not protocol.same(last.get(key), value)}
    if not changed:
        return
    if obj.data.users > 1 or obj.data.library is not None:
        obj.data = obj.data.copy()
    for key, value in changed.items():
        setattr(obj.data, attributes[key], value)


# Animation

TRANSFORM_PATHS = ('location', 'rotation', 'scale', 'delta_')


def animates_transform(obj):
    """Whether keyframes, drivers or a simulation move `obj` or something that carries it."""
    while obj is not None:
        if any(path.startswith(TRANSFORM_PATHS) for path in _animated_paths(obj)):
            return True
        if obj.rigid_body is not None and obj.rigid_body.type == 'ACTIVE':
            return True
        obj = obj.parent
    return False


def animates_property(obj, kind, key):
    """Whether keyframes or drivers change that property of the object's data."""
    name = ATTRIBUTES[kind][key]
    return any(path == name for path in _animated_paths(obj.data))


def _animated_paths(datablock):
    animation = datablock.animation_data
    if animation is None:
        return
    for curve in animation.drivers:
        yield curve.data_path
    actions = [animation.action] + [strip.action for track in animation.nla_tracks
                                    for strip in track.strips]
    for action in actions:
        if action is not None:
            for curve in _curves(action):
                yield curve.data_path


def _curves(action):
    """F-curves of an action; since Blender 5 they are only in the channel bags of its layers."""
    if hasattr(action, 'fcurves'):
        return list(action.fcurves)
    return [curve for layer in action.layers for strip in layer.strips
            for bag in strip.channelbags for curve in bag.fcurves]
