# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""The meshes that Blender itself makes are recognised, whatever its version and their measures."""

import textwrap

from support import tap
from support.blender import BlenderTest

LOOK = '''
def look(obj=None):
    """(kind, A or the reason) of an object, by default of the active one."""
    mesh = (obj or bpy.context.object).data
    vertices = [0.0] * (3 * len(mesh.vertices))
    mesh.vertices.foreach_get('co', vertices)
    return meerkat.core.shapes.recognise(vertices, len(mesh.edges),
                                         (len(mesh.polygons), len(mesh.loops)))

def edit(operator, **values):
    bpy.ops.object.mode_set(mode='EDIT')
    bpy.ops.mesh.select_all(action='SELECT')
    operator(**values)
    bpy.ops.object.mode_set(mode='OBJECT')

add = bpy.ops.mesh
'''


class Shapes(BlenderTest):

    def setUp(self):
        super().setUp()
        self.one = self.blender(background=True)
        self.one.run(LOOK)

    def look(self, source):
        return self.one.run(textwrap.dedent(source) + '\nresult = look()')

    def assert_map(self, source, kind, wanted):
        found, affine = self.look(source)
        self.assertEqual(found, kind, (source, affine))
        if wanted is None:
            self.assertIsNone(affine, source)
        else:
            for value, other in zip(affine, wanted):
                self.assertAlmostEqual(value, other, 4, source)

    def test_as_they_are_added(self):
        self.assert_map('add.primitive_cube_add()', 'cube', None)
        self.assert_map('add.primitive_uv_sphere_add()', 'sphere', None)
        self.assert_map('add.primitive_cylinder_add()', 'cylinder', None)
        self.assert_map('add.primitive_uv_sphere_add(location=(1, 2, 3), rotation=(1, 2, 3))',
                        'sphere', None)

    def test_other_measures(self):
        """What Adjust Last Operation offers is in the mesh, not in the object"""
        for size in (0.01, 0.3, 1.7, 100):
            for source, kind, half in ((f'add.primitive_cube_add(size={2 * size})', 'cube', size),
                                       (f'add.primitive_uv_sphere_add(radius={size})', 'sphere',
                                        size),
                                       (f'add.primitive_cylinder_add(radius={size}, depth=2)',
                                        'cylinder', 1)):
                self.assert_map(source, kind, (size, 0, 0, 0, 0, size, 0, 0, 0, 0, half, 0))
        self.assert_map('add.primitive_uv_sphere_add(scale=(1, 2, 3))', 'sphere',
                        (1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0))

    def test_applied_and_edited_as_a_whole(self):
        for kind, name in (('cube', 'cube'), ('sphere', 'uv_sphere'), ('cylinder', 'cylinder')):
            self.assert_map(f'''
                add.primitive_{name}_add(location=(3, 4, 5))
                bpy.context.object.scale = (1, 2, 0.5)
                bpy.ops.object.transform_apply(location=True, rotation=True, scale=True)
            ''', kind, (1, 0, 0, 3, 0, 2, 0, 4, 0, 0, 0.5, 5))
            self.assert_map(f'''
                add.primitive_{name}_add()
                edit(bpy.ops.transform.translate, value=(0, 0, 1))
            ''', kind, (1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1))

    def test_edited(self):
        """What is no affine image any more, has other counts, or never was one"""
        for name in ('cube', 'uv_sphere', 'cylinder'):
            for change in ('bpy.context.object.data.vertices[3].co.x += 0.1',
                           'edit(bpy.ops.mesh.subdivide)',
                           'edit(bpy.ops.mesh.delete, type="ONLY_FACE")',
                           'edit(bpy.ops.transform.resize, value=(1, 1, 0))'):
                kind, reason = self.look(f'add.primitive_{name}_add()\n{change}')
                self.assertIsNone(kind, (name, change))
                self.assertTrue(reason)
        for source in ('plane_add()', 'circle_add()', 'cone_add()', 'torus_add()', 'monkey_add()',
                       'ico_sphere_add(subdivisions=3)', 'uv_sphere_add(segments=16)',
                       'cylinder_add(vertices=16)', 'cylinder_add(end_fill_type="TRIFAN")',
                       'cone_add(radius2=0.5)'):
            self.assertIsNone(self.look(f'add.primitive_{source}')[0], source)

    def test_as_we_make_them(self):
        """Ours are valid, flat-shaded, and what they are said to be"""
        for kind in ('cube', 'sphere', 'cylinder'):
            self.assertEqual(self.one.run('''
                mesh = bpy.data.meshes.new('ours')
                mesh.from_pydata(*meerkat.core.shapes.canonical(kind))
                faulty = mesh.validate()
                obj = bpy.data.objects.new('ours', mesh)
                result = faulty, look(obj), any(p.use_smooth for p in mesh.polygons)
            ''', kind=kind), [False, [kind, None], False])


if __name__ == '__main__':
    tap.main()
