#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Cubes, spheres and cylinders are known by their geometry, and nothing else is."""

import math
import struct
import unittest

from core import shapes
from support import tap
from support.case import seeded

IDENTITY = (1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)


def edges_of(faces):
    return {frozenset(pair) for face in faces for pair in zip(face, face[1:] + face[:1])}


def counts(kind):
    _, _, faces = shapes.canonical(kind)
    return len(edges_of(faces)), (len(faces), sum(map(len, faces)))


def as_float32(number):
    return struct.unpack('f', struct.pack('f', number))[0]


def apply(matrix, point):
    rows = matrix[0:4], matrix[4:8], matrix[8:12]
    return tuple(sum(r * p for r, p in zip(row, (*point, 1))) for row in rows)


def moved(kind, matrix=IDENTITY, order=None):
    """The vertices of an affine image of a kind, as Blender would hand them over."""
    vertices = shapes.canonical(kind)[0]
    if order is not None:
        vertices = [vertices[i] for i in order]
    return [as_float32(value) for vertex in vertices for value in apply(matrix, vertex)]


def recognise(kind, vertices):
    return shapes.recognise(vertices, *counts(kind))


def blender_sphere(seam, top, bottom, radius=1.0):
    """A UV sphere in one of the orders in which Blender lists its vertices: meridian by meridian,
    but the vertices of the first are in two groups, and the poles anywhere."""
    def vertex(segment, ring):
        angle, around = ring * math.pi / 16, segment * math.pi / 16
        return (math.sin(angle) * math.sin(around), math.sin(angle) * math.cos(around),
                math.cos(angle))
    vertices = [vertex(0, ring) for ring in seam]
    vertices += [vertex(s, ring) for s in range(1, 32) for ring in range(1, 16)]
    vertices += [vertex(0, ring) for ring in range(1, 16) if ring not in seam]
    for place, pole in sorted(((top, (0, 0, 1)), (bottom, (0, 0, -1)))):
        vertices.insert(place, pole)
    return [as_float32(radius * value) for point in vertices for value in point]


def random_matrix(random, lengths=(0.1, 10), shift=5):
    """Something invertible, sheared and perhaps mirrored."""
    while True:
        rows = [[random.uniform(-1, 1) for _ in range(3)] for _ in range(3)]
        (a, b, c), (d, e, f), (g, h, i) = rows
        if abs(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)) > 0.1:
            break
    size = random.uniform(*lengths)
    return tuple(value * size for row in rows
                 for value in (*row, random.uniform(-shift, shift)))


class Canonical(unittest.TestCase):
    def test_counts(self):
        self.assertEqual(counts('cube'), (12, (6, 24)))
        self.assertEqual(counts('sphere'), (992, (512, 1984)))
        self.assertEqual(counts('cylinder'), (96, (34, 192)))

    def test_measures(self):
        for kind, size in (('cube', (2, 2, 2)), ('sphere', (2, 2, 2)), ('cylinder', (2, 2, 2))):
            vertices = shapes.canonical(kind)[0]
            for axis, wanted in zip(zip(*vertices), size):
                self.assertEqual((min(axis), max(axis)), (-wanted / 2, wanted / 2), kind)
            self.assertEqual(len(set(vertices)), len(vertices))
        for vertex in shapes.canonical('sphere')[0]:
            self.assertAlmostEqual(math.hypot(*vertex), 1, 6)
        for x, y, z in shapes.canonical('cylinder')[0]:
            self.assertAlmostEqual(math.hypot(x, y), 1, 6)
            self.assertEqual(abs(z), 1)

    def test_faces_look_outwards_and_close(self):
        for kind in shapes.KINDS:
            vertices, edges, faces = shapes.canonical(kind)
            self.assertEqual(edges, [])
            directed = [pair for face in faces for pair in zip(face, face[1:] + face[:1])]
            self.assertEqual(len(directed), len(set(directed)), kind)
            self.assertEqual({(b, a) for a, b in directed}, set(directed), kind)
            for face in faces:
                a, b, c = (vertices[i] for i in face[:3])
                u, v = [p - q for p, q in zip(b, a)], [p - q for p, q in zip(c, b)]
                normal = (u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2],
                          u[0] * v[1] - u[1] * v[0])
                middle = [sum(vertices[i][axis] for i in face) for axis in range(3)]
                self.assertGreater(sum(n * m for n, m in zip(normal, middle)), 0, (kind, face))

    def test_another_kind(self):
        with self.assertRaises(KeyError):
            shapes.canonical('torus')


class Recognised(unittest.TestCase):
    def assert_maps(self, matrix, kind, vertices):
        """`matrix` makes the canonical mesh to these points, in whatever order."""
        found = sorted(zip(*[iter(vertices)] * 3))
        size = max(max(axis) - min(axis) for axis in zip(*found))
        magnitude = max(map(abs, vertices))
        wanted = [apply(matrix, vertex) for vertex in shapes.canonical(kind)[0]]
        for point in wanted:
            near = min(max(abs(p - q) for p, q in zip(point, other)) for other in found)
            self.assertLess(near, 5e-5 * size + 1e-6 * magnitude, kind)

    def test_what_we_make(self):
        for kind in shapes.KINDS:
            self.assertEqual(recognise(kind, moved(kind)), (kind, None))

    def test_almost_what_we_make(self):
        random = seeded()
        for kind in shapes.KINDS:
            vertices = [v + random.uniform(-3e-7, 3e-7) for v in moved(kind)]
            self.assertEqual(recognise(kind, vertices), (kind, None))

    def test_affine_images_in_order(self):
        """The very map comes back, mirrored and sheared ones too."""
        random = seeded()
        for kind in shapes.KINDS:
            for _ in range(20):
                matrix = random_matrix(random)
                found, affine = recognise(kind, moved(kind, matrix))
                self.assertEqual(found, kind, affine)
                for m, a in zip(matrix, affine):
                    self.assertAlmostEqual(m, a, delta=1e-5)

    def test_any_order(self):
        random = seeded()
        for kind in ('cube', 'sphere'):
            order = list(range(len(shapes.canonical(kind)[0])))
            for _ in range(20):
                random.shuffle(order)
                matrix = random_matrix(random)
                vertices = moved(kind, matrix, order)
                found, affine = recognise(kind, vertices)
                self.assertEqual(found, kind, affine)
                self.assert_maps(affine, kind, vertices)

    def test_any_order_closest_to_identity(self):
        random = seeded()
        for kind, degrees in (('cube', 40), ('sphere', 5)):
            order = list(range(len(shapes.canonical(kind)[0])))
            for _ in range(10):
                random.shuffle(order)
                angle = math.radians(random.uniform(-degrees, degrees))
                cos, sin = math.cos(angle), math.sin(angle)
                matrix = (2 * cos, -sin, 0, 3, 2 * sin, cos, 0, 4, 0, 0, 1, 5)
                found, affine = recognise(kind, moved(kind, matrix, order))
                self.assertEqual(found, kind, affine)
                for m, a in zip(matrix, affine):
                    self.assertAlmostEqual(m, a, delta=1e-4)
                self.assertEqual(recognise(kind, moved(kind, order=order)), (kind, None))

    def test_spheres_as_blender_lists_them(self):
        """Radius and version change the order."""
        for seam, top, bottom, radius in (
                ((3, 5, 7, 8, 9, 11), 81, 307, 1), ((3, 5, 7, 8, 9, 11), 0, 7, 1),
                ((1, 3, 4, 6, 8, 10, 11, 12, 13), 325, 264, 0.3),
                ((1, 3, 4, 6, 7, 8, 9, 11, 12, 13, 15), 327, 266, 100)):
            vertices = blender_sphere(seam, top, bottom, radius)
            found, affine = recognise('sphere', vertices)
            self.assertEqual(found, 'sphere', affine)
            for m, a in zip((radius, 0, 0, 0, 0, radius, 0, 0, 0, 0, radius, 0),
                            affine or IDENTITY):
                self.assertAlmostEqual(m, a, delta=1e-6 * radius)

    def test_large_small_far_and_thin(self):
        for kind in shapes.KINDS:
            for size in (1e-4, 1, 1e5):
                for shift in (0, size, 1e3 * size):
                    matrix = (size, 0, 0, shift, 0, size / 2, 0, -shift,
                              0, 0, size * 1e-3, shift / 2)
                    found, affine = recognise(kind, moved(kind, matrix))
                    self.assertEqual(found, kind, (size, shift, affine))
                    for m, a in zip(matrix, affine):
                        self.assertAlmostEqual(m, a, delta=1e-6 * (size + shift))

    def test_an_array_will_do(self):
        from array import array
        self.assertEqual(recognise('cube', array('f', moved('cube'))), ('cube', None))


class Refused(unittest.TestCase):
    def test_one_vertex_moved(self):
        random = seeded()
        for kind in shapes.KINDS:
            count = len(shapes.canonical(kind)[0])
            some = [random.randrange(count) for _ in range(9)]
            for index in (0, 1, count // 2, count - 1, *some):
                for matrix in (IDENTITY, random_matrix(random, (100, 100))):
                    vertices = moved(kind, matrix)
                    size = max(map(abs, vertices))
                    vertices[3 * index + random.randrange(3)] += size * 1e-3
                    self.assertEqual(recognise(kind, vertices), (None, shapes.EDITED),
                                     (kind, index, matrix))

    def test_one_vertex_moved_in_any_order(self):
        random = seeded()
        for kind in shapes.KINDS:
            order = list(range(len(shapes.canonical(kind)[0])))
            for _ in range(10):
                random.shuffle(order)
                vertices = moved(kind, random_matrix(random), order)
                vertices[random.randrange(len(vertices))] += 1e-2 * max(map(abs, vertices))
                self.assertEqual(recognise(kind, vertices), (None, shapes.EDITED), kind)

    def test_a_vertex_twice(self):
        order = list(range(482))
        order[100] = 101
        self.assertEqual(recognise('sphere', moved('sphere', order=order)), (None, shapes.EDITED))

    def test_vertices_twice_all_around(self):
        """Centre and spread are those of the sphere, and each vertex is where one belongs"""
        order = list(range(482))[::-1]
        for ring in (5, 11):
            for quarter in range(4):
                place = order.index(1 + 32 * (ring - 1) + 8 * quarter)
                order[place] += 1
        self.assertEqual(recognise('sphere', moved('sphere', order=order)), (None, shapes.EDITED))

    def test_flat(self):
        tilt = (1, 2, 0, 0, 2, -1, 0, 0, 3, 3, 0, 0)
        for kind in shapes.KINDS:
            order = list(range(len(shapes.canonical(kind)[0])))
            for matrix in ((1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0), tilt, (0,) * 12,
                           (1, 0, 0, 7, 0, 1e-7, 0, 8, 0, 0, 1, 9)):
                for way in (order, order[::-1]):
                    self.assertEqual(recognise(kind, moved(kind, matrix, way)),
                                     (None, shapes.FLAT), (kind, matrix))

    def test_not_finite(self):
        for kind in shapes.KINDS:
            for value in (math.nan, math.inf, -math.inf):
                vertices = moved(kind)
                vertices[5] = value
                self.assertEqual(recognise(kind, vertices), (None, shapes.EDITED))

    def test_huge(self):
        """Where squares overflow nothing is raised."""
        for kind in shapes.KINDS:
            vertices = moved(kind, (1e38, 0, 0, 0, 0, 1e38, 0, 0, 0, 0, 1e38, 0))
            self.assertEqual(recognise(kind, vertices)[0], kind)
            self.assertIsNone(recognise(kind, vertices[::-1][:-1] + [-3e38])[0])

    def test_other_counts(self):
        for wanted, *numbers in (
                (shapes.OTHER, 0, 0, 0, 0),
                (shapes.OTHER, 4, 4, 1, 4),            # plane
                (shapes.OTHER, 576, 1152, 576, 2304),  # torus
                (shapes.OTHER, 42, 120, 80, 240),      # ico sphere
                (shapes.OTHER, 26, 48, 24, 96),        # subdivided cube
                (shapes.OTHER, 33, 64, 33, 128),       # cone
                (shapes.OTHER, 32, 32, 0, 0),          # circle
                (shapes.OTHER, 8, 12, 6, 25),
                (shapes.OTHER_SPHERE, 114, 240, 128, 496 - 16),
                (shapes.OTHER_CYLINDER, 32, 48, 18, 96),
                (shapes.OTHER_CYLINDER, 66, 160, 96, 320),  # caps of triangles
                (shapes.OTHER_CYLINDER, 6, 9, 5, 18)):
            self.assertEqual(shapes.kind_of_counts(*numbers), (None, wanted), numbers)
            self.assertEqual(shapes.recognise([0.0] * (3 * numbers[0]), numbers[1], numbers[2:]),
                             (None, wanted))

    def test_something_else_with_these_counts(self):
        """A cone without its tip has as many vertices as a cylinder."""
        vertices = [v * (2 if i % 6 < 2 else 1) for i, v in enumerate(moved('cylinder'))]
        self.assertEqual(recognise('cylinder', vertices), (None, shapes.EDITED))


if __name__ == '__main__':
    tap.main()
