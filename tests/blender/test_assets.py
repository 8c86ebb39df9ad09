# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Asset libraries: what is in them, linking, and everything that can be wrong with a file."""

import os
import shutil
import unittest

from support import tap
from support.blender import Blender, BlenderTest, versions

# Chair: a collection, marked as an asset; Attic: one that is not. Lamp: an object at (4, 5, 6), two
# above its parent.
PRELUDE = '''
    import importlib, os
    from mathutils import Matrix, Vector
    assets = importlib.import_module(meerkat.__name__ + '.assets')

    def triangle(name, size=1.0):
        mesh = bpy.data.meshes.new(name)
        mesh.from_pydata([(0, 0, 0), (size, 0, 0), (0, size, 0)], [], [(0, 1, 2)])
        return bpy.data.objects.new(name, mesh)

    def write_library(path, collection='Chair', lamp='Lamp', size=1.0, x=4):
        chair = bpy.data.collections.new(collection)
        seat, pole, light = triangle('Seat', size), triangle('Pole'), triangle(lamp)
        chair.objects.link(seat)
        pole.location = x, 5, 4
        light.parent = pole
        light.location = 0, 0, 2
        others = [bpy.data.collections.new(name) for name in ('Attic', '.Hidden')]
        chair.asset_mark()
        made = [seat, pole, light, chair, *others]
        bpy.data.libraries.write(path, set(made), fake_user=True)
        bpy.data.batch_remove(made + [obj.data for obj in made[:3]])

    def place(library, name):
        collection, reason = assets.instance(library, name)
        assert collection is not None, reason
        empty = bpy.data.objects.new(name.lower(), None)
        empty.instance_type = 'COLLECTION'
        empty.instance_collection = collection
        bpy.context.scene.collection.objects.link(empty)
        return empty

    def shown(empty):
        """What the empty shows: [name, place, number of vertices, width]."""
        graph = bpy.context.evaluated_depsgraph_get()
        return [[i.object.name, list(i.matrix_world.translation), len(i.object.data.vertices),
                 i.object.data.vertices[1].co.x]
                for i in graph.object_instances if i.is_instance and i.parent.original == empty]

    def reason(library, name):
        collection, text = assets.instance(library, name)
        return None if collection is not None else text
'''


class AssetsTest(unittest.TestCase):
    """With one Blender in the background, and a library `props.blend`."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        versions()

    def setUp(self):
        self.blender = self.start()
        self.folder = str(self.blender.folder)
        self.path = self.write('props.blend')
        self.configure(self.path)

    def start(self, **how):
        blender = Blender(background=True, **how)
        self.addCleanup(blender.finish)
        blender.run(PRELUDE)
        return blender

    def file(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, **how):
        """Writes a library, later than an earlier one of that name by the file's date."""
        path = self.file(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        before = os.stat(path).st_mtime_ns if os.path.exists(path) else None
        self.blender.run('write_library(path, **how)', path=path, how=how)
        if before is not None:
            os.utime(path, ns=(before + 10**9, before + 10**9))
        return path

    def configure(self, *paths):
        self.blender.run('assets.configure(paths)', paths=paths)

    def reason(self, library, name='Chair'):
        return self.blender.run('result = reason(library, name)', library=library, name=name)

    def available(self):
        return self.blender.run('result = [list(item) for item in assets.available()]')


class TestContents(AssetsTest):
    """What libraries there are, and what is in them."""

    def test_available(self):
        """What is marked as an asset comes first, then collections, then objects; all without
        loading anything."""
        path = self.write('sets.blend', collection='Zoo')
        self.configure(self.path, path)
        self.assertEqual(self.available(), [
            ['props.blend', 'Chair'], ['props.blend', 'Attic'], ['props.blend', 'Lamp'],
            ['props.blend', 'Pole'], ['props.blend', 'Seat'],
            ['sets.blend', 'Zoo'], ['sets.blend', 'Attic'], ['sets.blend', 'Lamp'],
            ['sets.blend', 'Pole'], ['sets.blend', 'Seat']])
        self.assertEqual(self.blender.run('result = len(bpy.data.libraries)'), 0)

    def test_follows_the_disk(self):
        """A file that is written anew is read anew, once changed() has noticed."""
        self.assertTrue(self.blender.run('result = assets.changed()'))
        self.assertFalse(self.blender.run('result = assets.changed()'))
        self.assertEqual(self.available()[0], ['props.blend', 'Chair'])
        self.write('props.blend', collection='Table')
        self.assertTrue(self.blender.run('result = assets.changed()'))
        self.assertFalse(self.blender.run('result = assets.changed()'))
        self.assertEqual(self.available()[0], ['props.blend', 'Table'])

    def test_blenders_own_libraries(self):
        """The files in Blender's asset libraries are there too, those in the preferences before
        them."""
        self.write('own/deep/sets.blend', collection='Zoo')
        self.write('own/props.blend', collection='Other')
        self.blender.run('''
            bpy.ops.preferences.asset_library_add(directory=folder)
            assets.forget()
        ''', folder=self.file('own'))
        names = [name for _, name in self.available()]
        self.assertEqual([name for name in names if name in ('Chair', 'Zoo', 'Other')],
                         ['Chair', 'Zoo'])
        self.assertIsNone(self.reason('sets.blend', 'Zoo'))
        self.assertIn('no asset called Other', self.reason('props.blend', 'Other'))

    def test_new_file_in_blenders_own_library(self):
        """A file that is put into a folder of an asset library is found."""
        os.mkdir(self.file('own'))
        self.blender.run('''
            bpy.ops.preferences.asset_library_add(directory=folder)
            assets.forget()
            assets.changed()
        ''', folder=self.file('own'))
        self.assertIn('is not among your asset libraries', self.reason('sets.blend', 'Zoo'))
        self.write('own/sets.blend', collection='Zoo')
        self.assertTrue(self.blender.run('result = assets.changed()'))
        self.assertIsNone(self.reason('sets.blend', 'Zoo'))

    def test_problems(self):
        """What is wrong with files of the preferences is told with their paths."""
        gone = self.file('gone.blend')
        self.configure(self.path, gone)
        self.assertEqual(self.blender.run('result = [list(item) for item in assets.problems()]'),
                         [[gone, f'There is no file {gone}']])


class TestLinking(AssetsTest):
    """Placing assets."""

    def test_collection(self):
        """It is linked, not appended, and shown where the empty is."""
        linked, path, seen = self.blender.run('''
            empty = place('props.blend', 'Chair')
            empty.location = 1, 2, 3
            collection = empty.instance_collection
            result = [collection.library is not None, collection.library.filepath, shown(empty)]
        ''')
        self.assertTrue(linked)
        self.assertEqual(path, self.path)
        self.assertEqual(seen, [['Seat', [1, 2, 3], 3, 1]])

    def test_object(self):
        """An object stands with its own origin where the empty is, not where its library has it."""
        seen, scene = self.blender.run('''
            empty = place('props.blend', 'Lamp')
            empty.location = 1, 2, 3
            result = [shown(empty), [obj.name for obj in bpy.context.scene.objects
                                     if obj.library is not None]]
        ''')
        self.assertEqual(seen, [['Lamp', [1, 2, 3], 3, 1]])
        self.assertEqual(scene, [])

    def test_linked_once(self):
        """However often it is placed, a library is opened once and its data are there once."""
        loads, chairs, lamps, wrappers, libraries = self.blender.run('''
            from unittest import mock
            with mock.patch.object(assets, '_link', wraps=assets._link) as link:
                for _ in range(150):
                    place('props.blend', 'Chair')
                    place('props.blend', 'Lamp')
            linked = lambda datablocks, name: len(
                [d for d in datablocks if d.library is not None and d.name == name])
            result = [link.call_count, linked(bpy.data.collections, 'Chair'),
                      linked(bpy.data.objects, 'Lamp'),
                      len([c for c in bpy.data.collections if assets.WRAPPER in c]),
                      len(bpy.data.libraries)]
        ''')
        self.assertEqual([loads, chairs, lamps, wrappers, libraries], [2, 1, 1, 1, 1])

    def test_prefetch(self):
        """All that is wanted of a library is linked at once, one library at a time."""
        self.configure(self.path, self.write('sets.blend', collection='Zoo'))
        self.assertEqual(self.blender.run('''
            wanted = [('props.blend', 'Chair'), ('props.blend', 'Lamp'), ('sets.blend', 'Zoo'),
                      ('sets.blend', 'Nothing'), ('gone.blend', 'Chair')] * 100
            result = []
            for _ in range(3):
                more = assets.prefetch(wanted)
                result.append([more, sorted(library.name for library in bpy.data.libraries)])
        '''), [[True, ['props.blend']], [False, ['props.blend', 'sets.blend']],
               [False, ['props.blend', 'sets.blend']]])
        self.assertTrue(self.blender.run('''
            from unittest import mock
            with mock.patch.object(assets, '_link', side_effect=AssertionError):
                result = all(assets.instance(*item)[0]
                             for item in wanted[:3])
        '''))

    def test_reference(self):
        """What is placed says which asset it is, also in a file that was saved and opened again."""
        ask = '''
            result = [assets.reference_of(bpy.data.objects[name]) for name in ('chair', 'lamp')]
        '''
        wanted = [['props.blend', 'Chair'], ['props.blend', 'Lamp']]
        self.blender.run('''
            place('props.blend', 'Chair')
            place('props.blend', 'Lamp')
        ''')
        self.assertEqual(self.blender.run(ask), wanted)
        self.blender.run('''
            bpy.ops.wm.save_as_mainfile(filepath=path)
            bpy.ops.wm.open_mainfile(filepath=path)
        ''', path=self.file('scene.blend'))
        self.assertEqual(self.blender.run(ask), wanted)
        self.assertEqual(self.blender.run('''
            place('props.blend', 'Lamp')
            result = len([c for c in bpy.data.collections if assets.WRAPPER in c])
        '''), 1)

    def test_no_reference(self):
        """What is no asset says so: a plain empty, a collection of the file, an offset of the
        user's, anything else."""
        self.assertEqual(self.blender.run('''
            plain = bpy.data.objects.new('plain', None)
            local = bpy.data.objects.new('local', None)
            local.instance_type = 'COLLECTION'
            local.instance_collection = bpy.data.collections.new('of this file')
            local.instance_collection.objects.link(triangle('T'))
            moved = place('props.blend', 'Lamp')
            moved.instance_collection.instance_offset.x += 1
            result = [assets.reference_of(obj) for obj in (plain, local, moved, triangle('T'))]
        '''), [None] * 4)

    def test_undo(self):
        """After undo has taken the linked data away, it is linked again."""
        self.assertEqual(self.blender.run('''
            bpy.ops.ed.undo_push(message='before')
            place('props.blend', 'Lamp')
            bpy.ops.ed.undo_push(message='after')
            bpy.ops.ed.undo()
            result = shown(place('props.blend', 'Lamp'))
        '''), [['Lamp', [0, 0, 0], 3, 1]])


class TestRefusals(AssetsTest):
    """Everything that is not there or must not be linked: a sentence, no crash, nothing linked."""

    def tearDown(self):
        self.assertEqual(self.blender.run('result = len(bpy.data.libraries)'), 0)

    def test_names(self):
        """A library is a bare file name, whatever somebody sends."""
        for name in ('', '../props.blend', self.path, 'a/b.blend', 'a\\b.blend', '..', '\0'):
            with self.subTest(name=name):
                self.assertEqual(self.reason(name), f'"{name}" is not the name of a library file')

    def test_missing_library(self):
        """One that nobody named here."""
        self.assertEqual(self.reason('gone.blend'),
                         'The library gone.blend is not among your asset libraries')

    def test_missing_file(self):
        """One that was named and is not there."""
        path = self.file('gone.blend')
        self.configure(path)
        self.assertEqual(self.reason('gone.blend'), f'There is no file {path}')

    def test_missing_asset(self):
        """A name that the library does not have."""
        self.assertEqual(self.reason('props.blend', 'Sofa'), 'props.blend has no asset called Sofa')

    def test_two_of_one_name(self):
        """Which of them is meant nobody can know."""
        other = self.write('other/props.blend')
        self.configure(self.path, other)
        self.assertEqual(self.reason('props.blend'),
                         f'There are several libraries called props.blend: {self.path}, {other}')
        self.assertEqual(self.available(), [])
        self.configure(self.path, self.path)
        self.assertIsNotNone(self.available())

    def test_no_library(self):
        """Folders, pipes and files of another kind."""
        os.mkdir(self.file('folder.blend'))
        os.mkfifo(self.file('pipe.blend'))
        with open(self.path, 'rb') as file:
            whole = file.read()
        for name, content in (('empty.blend', b''), ('text.blend', b'once upon a time'),
                              ('head.blend', whole[:12]), ('cut.blend', whole[:len(whole) // 2])):
            with open(self.file(name), 'wb') as file:
                file.write(content)
        for name, reason in (('folder.blend', 'is a folder: name a .blend file in it'),
                             ('pipe.blend', 'is not a file'),
                             ('empty.blend', 'is not a .blend file that this Blender can read'),
                             ('text.blend', 'is not a .blend file that this Blender can read'),
                             ('head.blend', 'is not a .blend file that this Blender can read'),
                             ('cut.blend', 'is not a .blend file that this Blender can read')):
            with self.subTest(name=name):
                self.configure(self.file(name))
                self.assertIn(reason, self.reason(name))
                self.assertEqual(self.available(), [])

    def test_open_file(self):
        """A file cannot be linked to itself: some Blenders crash when they try."""
        self.blender.run('bpy.ops.wm.open_mainfile(filepath=path)', path=self.path)
        self.assertEqual(self.reason('props.blend'), 'props.blend is the file that you have open')
        self.blender.run('bpy.ops.wm.read_homefile(use_empty=True)')
        self.assertIsNone(self.reason('props.blend'))
        self.blender.run('bpy.ops.wm.read_homefile(use_empty=True)')

    def test_header_of_a_newer_blender(self):
        """Blender 3.4 crashes on a file that 4.3 saved, so it is not given one."""
        with open(self.path, 'rb') as file:
            whole = file.read()
        newer = self.file('newer.blend')
        with open(newer, 'wb') as file:
            file.write(b'BLENDER-v999' + whole[12:])
        self.configure(newer)
        self.assertIn('was saved by a newer Blender (9.99)', self.reason('newer.blend'))

    def test_linked_to_a_newer_one(self):
        """Nor is it given one of its own version that is linked to such a file; that is looked at
        whenever something is to be linked."""
        self.blender.run('''
            room = bpy.data.collections.new('Room')
            room.objects.link(place('props.blend', 'Chair'))
            bpy.data.libraries.write(path, {room}, fake_user=True, path_remap='RELATIVE')
            bpy.ops.wm.read_homefile(use_empty=True)
            assets.configure([path])
        ''', path=self.file('sets.blend'))
        with open(self.path, 'r+b') as file:
            older = file.read(12)
            file.seek(0)
            file.write(b'BLENDER-v999')
        self.assertIn('sets.blend is linked to another file: props.blend was saved by a newer '
                      'Blender (9.99)', self.reason('sets.blend', 'Room'))
        self.assertEqual(self.available(), [])
        self.assertEqual(self.blender.run('result = len(bpy.data.libraries)'), 0)
        with open(self.path, 'r+b') as file:
            file.write(older)
        self.assertIsNone(self.reason('sets.blend', 'Room'))
        self.blender.run('bpy.ops.wm.read_homefile(use_empty=True)')

    def test_newer_blender(self):
        """The same with a library that a newer Blender really saved."""
        others = [version for version in versions() if version != self.blender.version]
        if not others:
            self.skipTest('needs two versions, for instance MEERKAT_BLENDER=3.4+4.3')
        older, newer = sorted([self.blender.version, others[0]])
        path = self.file('shared.blend')
        self.start(version=newer).run('write_library(path)', path=path)
        reason = self.start(version=older).run('''
            assets.configure([path])
            result = reason('shared.blend', 'Chair')
        ''', path=path)
        self.assertIn(f'shared.blend was saved by a newer Blender ({newer})', reason)


class TestChanges(AssetsTest):
    """Libraries that come, go and change while they are in use."""

    def refresh(self):
        self.assertTrue(self.blender.run('result = assets.changed()'))
        self.blender.run('assets.refresh()')

    def test_appears(self):
        """A file that is put where it was missed is used."""
        path = self.file('late.blend')
        self.configure(path)
        self.blender.run('assets.changed()')
        self.assertIn('There is no file', self.reason('late.blend'))
        self.write('late.blend')
        self.refresh()
        self.assertIsNone(self.reason('late.blend'))

    def test_written_anew(self):
        """What is placed shows what is in the new file."""
        self.blender.run('''
            chair, lamp = place('props.blend', 'Chair'), place('props.blend', 'Lamp')
            assets.changed()
        ''')
        self.write('props.blend', size=7.0, x=40)
        self.refresh()
        self.assertEqual(self.blender.run('result = [shown(chair), shown(lamp)]'),
                         [[['Seat', [0, 0, 0], 3, 7]], [['Lamp', [0, 0, 0], 3, 1]]])

    def test_asset_is_taken_out(self):
        """It cannot be placed any more."""
        self.blender.run('''
            place('props.blend', 'Chair')
            place('props.blend', 'Lamp')
            assets.changed()
        ''')
        self.write('props.blend', collection='Table', lamp='Light')
        self.refresh()
        self.assertEqual(self.reason('props.blend'), 'props.blend has no asset called Chair')
        self.assertEqual(self.reason('props.blend', 'Lamp'), 'props.blend has no asset called Lamp')
        self.assertIsNone(self.reason('props.blend', 'Table'))

    def test_half_a_file(self):
        """A file that is no library any more, or a newer Blender's, is not read again: what was
        linked from it stays."""
        with open(self.path, 'rb') as file:
            whole = file.read()
        self.blender.run('''
            chair = place('props.blend', 'Chair')
            assets.changed()
        ''')
        for content in (whole[:len(whole) // 2], b'BLENDER-v999' + whole[12:]):
            with open(self.path, 'wb') as file:
                file.write(content)
            self.refresh()
            self.assertEqual(self.blender.run('result = shown(chair)'), [['Seat', [0, 0, 0], 3, 1]])
            self.assertIsNone(self.reason('props.blend'))
        os.unlink(self.path)
        self.refresh()
        self.assertEqual(self.blender.run('result = shown(chair)'), [['Seat', [0, 0, 0], 3, 1]])

    def test_missing_when_opened(self):
        """A scene that was opened without its library shows it when it is back."""
        scene, away = self.file('scene.blend'), self.file('away')
        self.blender.run('''
            place('props.blend', 'Chair')
            place('props.blend', 'Lamp')
            bpy.ops.wm.save_as_mainfile(filepath=path)
        ''', path=scene)
        shutil.move(self.path, away)
        self.blender.run('''
            bpy.ops.wm.open_mainfile(filepath=path)
            assets.forget()
            assets.changed()
        ''', path=scene)
        self.assertIn('There is no file', self.reason('props.blend'))
        self.assertIn('There is no file', self.reason('props.blend', 'Lamp'))
        shutil.move(away, self.path)
        self.refresh()
        self.assertIsNone(self.reason('props.blend'))
        self.assertEqual(self.blender.run('''
            result = [shown(bpy.data.objects[name]) for name in ('chair', 'lamp')]
        '''), [[['Seat', [0, 0, 0], 3, 1]], [['Lamp', [0, 0, 0], 3, 1]]])


class TestTogether(BlenderTest):
    """Two users in a room, each with the libraries of their own computer."""

    def enter_with(self, name, *paths):
        blender = self.blender(background=True)
        blender.run(PRELUDE)
        blender.run('''
            libraries = bpy.context.preferences.addons[meerkat.__name__].preferences.libraries
            for path in paths:
                libraries.add().path = path
        ''', paths=paths)
        self.enter(blender, name)
        return blender

    def setUp(self):
        super().setUp()
        self.anna = self.enter_with('Anna')
        self.path = str(self.anna.folder / 'props.blend')
        self.anna.run('''
            write_library(path)
            libraries.add().path = path
        ''', path=self.path)

    def place(self, asset):
        self.anna.run("bpy.ops.meerkat.place_asset(asset=asset, library='props.blend', "
                      "location=(1, 2, 3)); bpy.ops.meerkat.wait(until='SENT')", asset=asset)

    SEE = 'shown(bpy.context.scene.objects[name])'

    def test_seen(self):
        """What one places the other sees, at the same place, linked from a library of one's own."""
        os.mkdir(self.anna.folder / 'ben')
        other = shutil.copy(self.path, self.anna.folder / 'ben' / 'props.blend')
        ben = self.enter_with('Ben', str(other))
        for asset, part in (('Chair', 'Seat'), ('Lamp', 'Lamp')):
            self.place(asset)
            ben.wait_until('name in bpy.context.scene.objects', name=asset)
            self.assertEqual(ben.run(f'result = {self.SEE}', name=asset), [[part, [1, 2, 3], 3, 1]])
        self.assertEqual(ben.run('result = [library.filepath for library in bpy.data.libraries]'),
                         [str(other)])

    def test_missing(self):
        """Who has no such library sees a box with the name, is warned, and sees the asset when the
        library is there."""
        other = self.anna.folder / 'ben' / 'props.blend'
        os.mkdir(other.parent)
        ben = self.enter_with('Ben', str(other))
        self.place('Chair')
        ben.wait_until("'Chair' in bpy.context.scene.objects")
        self.assertEqual(ben.run('''
            box = bpy.context.scene.objects['Chair']
            result = [box.empty_display_type, box.empty_display_size, list(box.location)]
        '''), ['CUBE', 1, [1, 2, 3]])
        self.assertIn(f'There is no file {other}', ben.run(
            "result = ' '.join(w.text for w in bpy.context.window_manager.meerkat.warnings)"))
        shutil.copy(self.path, other)
        ben.wait_until(f"{self.SEE} == [['Seat', [1, 2, 3], 3, 1]]", name='Chair')
        self.assertEqual(ben.run("result = len(bpy.context.window_manager.meerkat.warnings)"), 0)


if __name__ == '__main__':
    tap.main()
