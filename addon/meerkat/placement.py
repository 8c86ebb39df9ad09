# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Where an object stands: between Blender's channels and the nine numbers that are shared.

The nine numbers (core.protocol) are world space before constraints, XYZ Euler. An object without
parent and without delta transforms has them in its channels, which are read and written as they
are: decomposing a matrix would lose the rotation of a zero scale and turn a mirrored scale over.
Only where a parent, a delta transform or a mesh that is an affine image of the shared one stands
between, matrices are multiplied, never `matrix_world`, which is stale while an object is hidden.
"""

from mathutils import Euler, Matrix, Quaternion, Vector


def matrix(obj):
    """What the channels of `obj` and its parents say, as a world matrix of one's own.

    None if a bone, a vertex or a curve carries it: then no channel tells where it is.
    """
    result = obj.matrix_basis.copy()
    while obj.parent is not None:
        if obj.parent_type != 'OBJECT':
            return None
        result = obj.parent.matrix_basis @ obj.matrix_parent_inverse @ result
        obj = obj.parent
    return result


def seen(obj):
    """Where `obj` is, to be compared with where it was: `matrix`, and the angles as they are, because
    whole turns show in no matrix."""
    return matrix(obj), obj.rotation_euler[:]


def is_plain(obj):
    """Whether the channels alone say where it is in the world."""
    return (obj.parent is None
            and not any(obj.delta_location)
            and not any(obj.delta_rotation_euler)
            and obj.delta_rotation_quaternion == Quaternion()
            and obj.delta_scale == Vector((1.0, 1.0, 1.0)))


def read(obj, affine, near):
    """The nine numbers, and whether they are only nearly right because the object is sheared.

    `affine` is the 4x4 matrix that makes the object's mesh out of the shared one, None if they are
    the same; `near`, nine numbers or None, is what the Euler angles should be close to.
    None instead of the numbers where `matrix` gives none.
    """
    near = Euler(near[3:6], 'XYZ') if near is not None else Euler()
    if is_plain(obj):
        if affine is None:
            return (*obj.location, *_rotation(obj, near), *obj.scale), False
        if _is_scaling(affine):
            scale = [s * affine[i][i] for i, s in enumerate(obj.scale)]
            return (*obj.location, *_rotation(obj, near), *scale), False
    world = matrix(obj)
    if world is None:
        return None, False
    if affine is not None:
        world = world @ affine
    location, rotation, scale = _decompose(world, near)
    return (*location, *rotation, *scale), _is_sheared(world, location, rotation, scale)


def write(obj, values, affine, direct, last):
    """Puts `obj` where the nine numbers say; `last` is what is known to be there, or None.

    `direct` is what `is_direct` says; then only what differs from `last` is touched.
    """
    if direct:
        if affine is not None:
            values = (*values[:6], *(s / affine[i][i] for i, s in enumerate(values[6:])))
            last = None
        if last is None or values[0:3] != last[0:3]:
            obj.location = values[0:3]
        if last is None or values[3:6] != last[3:6]:
            _write_rotation(obj, values[3:6])
        if last is None or values[6:9] != last[6:9]:
            obj.scale = values[6:9]
        return
    world = Matrix.LocRotScale(Vector(values[0:3]), Euler(values[3:6], 'XYZ'), Vector(values[6:9]))
    if affine is not None:
        world = world @ affine.inverted_safe()
    if obj.parent is not None:
        above = matrix(obj.parent)
        if above is None or obj.parent_type != 'OBJECT':
            return
        world = (above @ obj.matrix_parent_inverse).inverted_safe() @ world
    obj.matrix_basis = world


def is_direct(obj, affine):
    """Whether `write` can use the channels of `obj` directly."""
    return is_plain(obj) and (affine is None or _is_scaling(affine))


def _is_scaling(affine):
    return all(affine[i][j] == 0.0 for i in range(3) for j in range(4) if i != j) and all(
        affine[i][i] > 0.0 for i in range(3))


def _rotation(obj, near):
    mode = obj.rotation_mode
    if mode == 'XYZ':
        return obj.rotation_euler[:]
    if mode == 'QUATERNION':
        quaternion = obj.rotation_quaternion.normalized()
    elif mode == 'AXIS_ANGLE':
        angle, *axis = obj.rotation_axis_angle
        quaternion = Quaternion(axis, angle)
    else:
        quaternion = Euler(obj.rotation_euler, mode).to_quaternion()
    return quaternion.to_euler('XYZ', near)[:]


def _write_rotation(obj, rotation):
    mode = obj.rotation_mode
    if mode == 'XYZ':
        obj.rotation_euler = rotation
        return
    quaternion = Euler(rotation, 'XYZ').to_quaternion()
    if mode == 'QUATERNION':
        obj.rotation_quaternion = quaternion
    elif mode == 'AXIS_ANGLE':
        axis, angle = quaternion.to_axis_angle()
        obj.rotation_axis_angle = (angle, *axis)
    else:
        obj.rotation_euler = quaternion.to_euler(mode, obj.rotation_euler)


def _decompose(world, near):
    """Location, Euler and scale; a mirrored axis stays on the axis that is mirrored.

    Matrix.decompose() negates all three axes of a mirrored matrix, which makes another rotation of
    it each time. One negative axis is enough, and X is what Blender's own mirror tools take.
    """
    columns = [world.col[i].to_3d() for i in range(3)]
    scale = [column.length for column in columns]
    if world.to_3x3().determinant() < 0.0:
        scale[0] = -scale[0]
    rotation = Matrix([column / s if s else Vector() for column, s in zip(columns, scale)])
    rotation.transpose()
    if not all(scale):
        rotation = world.decompose()[1].to_matrix()
    return world.translation, rotation.to_quaternion().to_euler('XYZ', near), scale


def _is_sheared(world, location, rotation, scale):
    exact = Matrix.LocRotScale(location, Euler(rotation, 'XYZ'), Vector(scale))
    size = max(1e-6, *(abs(v) for row in world.to_3x3() for v in row))
    return any(abs(world[i][j] - exact[i][j]) > 1e-3 * size for i in range(3) for j in range(3))
