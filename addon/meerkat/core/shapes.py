# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The three meshes that are shared: made anew, and recognised by their geometry.

Cube: edge 2. Sphere: UV sphere, 32 segments, 16 rings, radius 1. Cylinder: 32 sides, radius 1,
depth 2, one n-gon as each cap. All are centred; the cylinder and the poles of the sphere stand
along Z. Blender 3.4, 4.3 and 5.2 make the same cube and cylinder, vertex by vertex. The order of a
UV sphere's vertices depends on the version and on the radius.
"""

import functools
import math
import struct
from itertools import permutations, product
from operator import mul

KINDS = ('cube', 'sphere', 'cylinder')

# Why a mesh is not shared.
OTHER = 'this mesh is no cube, sphere (32 x 16) or cylinder (32 sides)'
EDITED = 'this mesh was edited: it is no cube, sphere (32 x 16) or cylinder (32 sides) any more'
OTHER_SPHERE = 'only spheres of 32 segments and 16 rings are shared'
OTHER_CYLINDER = 'only cylinders of 32 sides with n-gon caps are shared'
FLAT = 'this mesh is flat'

# (vertices, edges, faces, corners)
_KIND_OF_COUNTS = {
    (8, 12, 6, 24): 'cube',
    (482, 992, 512, 1984): 'sphere',
    (64, 96, 34, 192): 'cylinder',
}

SEGMENTS = 32
RINGS = 16
STEP = 2 * math.pi / SEGMENTS  # also the angle between two rings

# How far a vertex may be from where it belongs: of the mesh's half size, and of the coordinates
# themselves, which are 32-bit floats.
TOLERANCE = 1e-5
ROUNDING = 2.0 ** -22
# An affine map this close to the identity is what rounding makes of it.
IDENTITY_TOLERANCE = 1e-6
# A mesh whose thickness is less than this part of its size is flat.
THINNEST = 1e-5


def canonical(kind):
    """The mesh of `kind` as (vertices, edges, faces), for `Mesh.from_pydata`.

    Vertices are float32 values, faces are seen from outside; the edges are those of the faces, and
    none are listed. Raises KeyError for another kind.
    """
    vertices, faces = {'cube': _cube, 'sphere': _sphere, 'cylinder': _cylinder}[kind]()
    return [tuple(map(_as_float32, vertex)) for vertex in vertices], [], faces


def kind_of_counts(vertices, edges, faces, corners):
    """Which kind a mesh with so many of each may be of: (kind, ''), or (None, reason)."""
    kind = _KIND_OF_COUNTS.get((vertices, edges, faces, corners))
    if kind is not None:
        return kind, ''
    sides = faces - 2
    if faces >= 5 and (vertices, edges, corners) == (2 * sides, 3 * sides, 6 * sides):
        return None, OTHER_CYLINDER
    segments = faces - vertices + 2
    if segments >= 3 and faces % segments == 0:
        rings = faces // segments
        if (edges, corners) == (segments * (2 * rings - 1), segments * (4 * rings - 2)):
            # Three rings make a cylinder with triangles as caps too, two of them a cone.
            if rings > 3:
                return None, OTHER_SPHERE
            if rings == 3:
                return None, OTHER_CYLINDER
    return None, OTHER


def recognise(vertices, edge_count, polygons):
    """Which kind a mesh is of: (kind, A), or (None, reason).

    `vertices`: their coordinates as one flat sequence; `polygons`: (their number, the number of
    their corners). A is what maps the canonical mesh to this one, three rows of four numbers in one
    tuple, or None if it is the canonical mesh itself. Of several such maps (a cube may lie in 48
    ways) it is the one that keeps the order of the vertices; failing that, the one closest to the
    identity. What the faces look like between the vertices is not looked at.
    """
    kind, reason = kind_of_counts(len(vertices) // 3, edge_count, *polygons)
    if kind is None:
        return None, reason
    return _fit(kind, tuple(vertices))


@functools.lru_cache(maxsize=16)
def _fit(kind, vertices):
    """What `recognise` answers; remembered, for many objects have the very same mesh."""
    if vertices == _flat(kind):
        return kind, None
    if not all(map(math.isfinite, vertices)):
        return None, EDITED
    xs, ys, zs = vertices[0::3], vertices[1::3], vertices[2::3]
    matrix = _from_order(kind, xs, ys, zs)
    if not _is_flat(matrix) and _fits_in_order(kind, matrix, xs, ys, zs):
        return kind, _unless_identity(matrix)
    if kind == 'cylinder':
        return None, _edited_or_flat(xs, ys, zs)
    matrix = _from_cube(xs, ys, zs) if kind == 'cube' else _from_sphere(xs, ys, zs)
    if matrix is None or _is_flat(matrix):
        return None, _edited_or_flat(xs, ys, zs)
    if kind == 'sphere' and not _fits_sphere(matrix, xs, ys, zs):
        return None, EDITED
    return kind, _unless_identity(matrix)


# The canonical meshes


def _cube():
    vertices = list(product((-1, 1), repeat=3))
    faces = [(0, 1, 3, 2), (2, 3, 7, 6), (6, 7, 5, 4), (4, 5, 1, 0), (2, 6, 4, 0), (7, 3, 1, 5)]
    return vertices, faces


def _sphere():
    """From the upper pole ring by ring to the lower one."""
    vertices = [(0, 0, 1)]
    for ring in range(1, RINGS):
        vertices += [_on_sphere(ring, segment) for segment in range(SEGMENTS)]
    vertices.append((0, 0, -1))
    last = len(vertices) - 1
    faces = []
    for here in range(SEGMENTS):
        there = (here + 1) % SEGMENTS
        faces.append((0, 1 + here, 1 + there))
        for above in range(1, last - SEGMENTS, SEGMENTS):
            below = above + SEGMENTS
            faces.append((above + here, below + here, below + there, above + there))
        faces.append((last, last - SEGMENTS + there, last - SEGMENTS + here))
    return vertices, faces


def _on_sphere(ring, segment):
    radius = _sin(ring)
    return radius * _sin(segment + SEGMENTS // 4), radius * _sin(segment), _sin(RINGS // 2 - ring)


def _cylinder():
    vertices = []
    for side in range(SEGMENTS):
        x, y = _sin(side), _sin(side + SEGMENTS // 4)
        vertices += [(x, y, -1), (x, y, 1)]
    count = len(vertices)
    faces = [(i, i + 1, (i + 3) % count, (i + 2) % count) for i in range(0, count, 2)]
    faces.append(tuple(range(count - 1, 0, -2)))
    faces.append(tuple(range(0, count, 2)))
    return vertices, faces


def _sin(steps):
    """The sine of so many steps, exact where it is 0 or 1 or -1."""
    steps %= SEGMENTS
    if steps > SEGMENTS // 2:
        return -_sin(steps - SEGMENTS // 2)
    return math.sin(min(steps, SEGMENTS // 2 - steps) * STEP)


def _as_float32(number):
    return struct.unpack('f', struct.pack('f', number))[0]


@functools.lru_cache(maxsize=None)
def _flat(kind):
    """The canonical coordinates in one sequence."""
    return tuple(number for vertex in canonical(kind)[0] for number in vertex)


# Affine maps: three rows (x, y, z, origin) in a tuple of 12


def _from_columns(a, b, c, origin):
    return (a[0], b[0], c[0], origin[0], a[1], b[1], c[1], origin[1], a[2], b[2], c[2], origin[2])


def _determinant(a, b, c):
    return (a[0] * (b[1] * c[2] - b[2] * c[1]) - b[0] * (a[1] * c[2] - a[2] * c[1])
            + c[0] * (a[1] * b[2] - a[2] * b[1]))


def _is_flat(matrix):
    a, b, c = matrix[0::4], matrix[1::4], matrix[2::4]
    lengths = sorted(math.hypot(*column) for column in (a, b, c))
    # The volume of the box that these span, over its largest face: its thickness.
    return not abs(_determinant(a, b, c)) > THINNEST * lengths[2] * lengths[2] * lengths[1]


def _unless_identity(matrix):
    identity = (1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)
    if all(abs(m - i) <= IDENTITY_TOLERANCE for m, i in zip(matrix, identity)):
        return None
    return matrix


def _reach(xs, ys, zs):
    """How far a vertex may be from its place in a mesh with these vertices."""
    size = max(max(axis) - min(axis) for axis in (xs, ys, zs)) / 2
    magnitude = max(max(map(abs, axis)) for axis in (xs, ys, zs))
    return TOLERANCE * size + ROUNDING * magnitude


# Vertices in canonical order


@functools.lru_cache(maxsize=None)
def _axes(kind):
    """Indices of the vertices in which the map is read: pairs (to, from) along X, Y and Z.

    The cube has none on its axes: there the ends of three edges are as good.
    """
    if kind == 'cube':
        return (4, 0), (2, 0), (1, 0)
    if kind == 'cylinder':
        quarter = SEGMENTS // 2
        return (quarter, 3 * quarter), (0, 2 * quarter), (1, 0)
    equator = 1 + (RINGS // 2 - 1) * SEGMENTS
    quarter = SEGMENTS // 4
    return (equator, equator + 2 * quarter), (equator + quarter, equator + 3 * quarter), (0, 481)


def _from_order(kind, xs, ys, zs):
    """The map if the vertices are in canonical order. Whether they are is to be looked at."""
    columns = [[(axis[to] - axis[start]) / 2 for axis in (xs, ys, zs)]
               for to, start in _axes(kind)]
    return _from_columns(*columns, [math.fsum(axis) / len(axis) for axis in (xs, ys, zs)])


def _fits_in_order(kind, matrix, xs, ys, zs):
    reach = _reach(xs, ys, zs)
    m00, m01, m02, m03, m10, m11, m12, m13, m20, m21, m22, m23 = matrix
    flat = _flat(kind)
    for x, y, z, u, v, w in zip(flat[0::3], flat[1::3], flat[2::3], xs, ys, zs):
        if (abs(m00 * x + m01 * y + m02 * z + m03 - u) > reach
                or abs(m10 * x + m11 * y + m12 * z + m13 - v) > reach
                or abs(m20 * x + m21 * y + m22 * z + m23 - w) > reach):
            return False
    return True


# Vertices in any order


def _from_cube(xs, ys, zs):
    """The map closest to the identity that makes the cube to these eight points, or None."""
    reach = 4 * _reach(xs, ys, zs)
    origin = [math.fsum(axis) / 8 for axis in (xs, ys, zs)]
    points = [[p - o for p, o in zip(point, origin)] for point in zip(xs, ys, zs)]

    def near(p, q):
        return all(abs(a - b) <= reach for a, b in zip(p, q))

    # Four pairs of opposite corners …
    corners = []
    while points:
        corner = points.pop()
        opposite = [-c for c in corner]
        partner = next((i for i, point in enumerate(points) if near(point, opposite)), None)
        if partner is None:
            return None
        del points[partner]
        corners.append(corner)
    # … of which one is the sum of its three neighbours.
    corner = corners.pop()
    for signs in product((1, -1), repeat=3):
        neighbours = [[sign * c for c in other] for sign, other in zip(signs, corners)]
        if near([sum(axis) for axis in zip(*neighbours)], corner):
            break
    else:
        return None
    half_edges = [[(c - n) / 2 for c, n in zip(corner, neighbour)] for neighbour in neighbours]
    candidates = [[[sign * c for c in column] for sign, column in zip(signs, columns)]
                  for columns in permutations(half_edges)
                  for signs in product((1, -1), repeat=3)]
    best = max((c for c in candidates if _determinant(*c) >= 0),
               key=lambda c: c[0][0] + c[1][1] + c[2][2])
    return _from_columns(*best, origin)


def _from_sphere(xs, ys, zs):
    """The map closest to the identity that may make the sphere to these points, or None.

    The inverse of the points' covariance measures distances in which every affine image of the
    sphere is the same: the poles are nearest to the centre, the equator is farthest.
    """
    count = len(xs)
    origin = [math.fsum(axis) / count for axis in (xs, ys, zs)]
    xs, ys, zs = ([value - centre for value in axis]
                  for axis, centre in zip((xs, ys, zs), origin))
    metric = _inverse_of_symmetric(*(math.fsum(map(mul, p, q)) for p, q in (
        (xs, xs), (xs, ys), (xs, zs), (ys, ys), (ys, zs), (zs, zs))))
    if metric is None:
        return None
    xx, xy, xz, yy, yz, zz = metric
    distances = [xx * x * x + yy * y * y + zz * z * z + 2 * (xy * x * y + xz * x * z + yz * y * z)
                 for x, y, z in zip(xs, ys, zs)]
    i, j = distances.index(min(distances)), distances.index(max(distances))
    pole = (xs[i], ys[i], zs[i])
    a = (xs[j], ys[j], zs[j])
    # A quarter turn from `a` along the equator: right-angled to both in this metric.
    gradient = [(xx * p[0] + xy * p[1] + xz * p[2], xy * p[0] + yy * p[1] + yz * p[2],
                 xz * p[0] + yz * p[1] + zz * p[2]) for p in (pole, a)]
    b = _cross(*gradient)
    length = xx * b[0] * b[0] + yy * b[1] * b[1] + zz * b[2] * b[2] + 2 * (
        xy * b[0] * b[1] + xz * b[0] * b[2] + yz * b[1] * b[2])
    if not length > 0:
        return None
    scale = math.sqrt(distances[j] / length)
    b = [scale * c for c in b]
    candidates = []
    for z in (pole, [-c for c in pole]):
        if _determinant(a, b, z) < 0:
            b = [-c for c in b]
        # The phase, in whole steps, at which X and Y are closest to where they belong.
        phase = round(math.atan2(b[0] - a[1], a[0] + b[1]) / STEP) * STEP
        sine, cosine = math.sin(phase), math.cos(phase)
        candidates.append(([cosine * p + sine * q for p, q in zip(a, b)],
                           [cosine * q - sine * p for p, q in zip(a, b)], z))
    best = max(candidates, key=lambda c: c[0][0] + c[1][1] + c[2][2])
    return _from_columns(*best, origin)


def _fits_sphere(matrix, xs, ys, zs):
    """Whether these points are those of the sphere under this map, each once."""
    reach = 2 * _reach(xs, ys, zs)
    a, b, c, origin = matrix[0::4], matrix[1::4], matrix[2::4], matrix[3::4]
    determinant = _determinant(a, b, c)
    rows = [[p / determinant for p in _cross(*pair)] for pair in ((b, c), (c, a), (a, b))]
    (i00, i01, i02), (i10, i11, i12), (i20, i21, i22) = rows
    m00, m01, m02, m03, m10, m11, m12, m13, m20, m21, m22, m23 = matrix
    table = _sphere_by_place()
    seen = set()
    for u, v, w in zip(xs, ys, zs):
        x, y, z = u - origin[0], v - origin[1], w - origin[2]
        height = i20 * x + i21 * y + i22 * z
        ring = round(math.acos(max(-1.0, min(1.0, height))) / STEP)
        place = ring
        if 0 < ring < RINGS:
            place += 100 * (round(math.atan2(i10 * x + i11 * y + i12 * z,
                                             i00 * x + i01 * y + i02 * z) / STEP) % SEGMENTS)
        seen.add(place)
        x, y, z = table[place]
        if (abs(m00 * x + m01 * y + m02 * z + m03 - u) > reach
                or abs(m10 * x + m11 * y + m12 * z + m13 - v) > reach
                or abs(m20 * x + m21 * y + m22 * z + m23 - w) > reach):
            return False
    return len(seen) == len(table)


@functools.lru_cache(maxsize=None)
def _sphere_by_place():
    """ring + 100 * segment -> canonical coordinates; the poles have segment 0."""
    table = {0: (0.0, 0.0, 1.0), RINGS: (0.0, 0.0, -1.0)}
    for ring in range(1, RINGS):
        for segment in range(SEGMENTS):
            table[ring + 100 * segment] = _on_sphere(ring, segment)
    return table


def _edited_or_flat(xs, ys, zs):
    """The reason for a mesh that has the right counts and is no affine image."""
    count = len(xs)
    xs, ys, zs = ([value - math.fsum(axis) / count for value in axis] for axis in (xs, ys, zs))
    spread = [math.fsum(map(mul, p, q)) for p, q in (
        (xs, xs), (xs, ys), (xs, zs), (ys, ys), (ys, zs), (zs, zs))]
    return FLAT if _inverse_of_symmetric(*spread) is None else EDITED


def _inverse_of_symmetric(xx, xy, xz, yy, yz, zz):
    """The inverse of the covariance of points, as its upper half; None if they are in one plane."""
    a, b, c = (xx, xy, xz), (xy, yy, yz), (xz, yz, zz)
    determinant = _determinant(a, b, c)
    largest = xx + yy + zz
    minors = (yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy,
              xx * zz - xz * xz, xy * xz - xx * yz, xx * yy - xy * xy)
    # The least spread of the three over the largest, squared like all of these.
    if not determinant > (THINNEST * THINNEST) * largest * max(minors[0], minors[3], minors[5]):
        return None
    return [minor / determinant for minor in minors]


def _cross(p, q):
    return (p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0])
