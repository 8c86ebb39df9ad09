# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Save Scene: a copy that stands alone, an open file that stays as it is, and all that can fail."""

import os
import shutil
import unittest

from support import tap
from support.blender import Blender, BlenderTest, versions

PRELUDE = '''
    import importlib, os, time
    from types import SimpleNamespace
    saving = importlib.import_module(meerkat.__name__ + '.saving')
    assets = importlib.import_module(meerkat.__name__ + '.assets')

    class Session:
        """What saving needs of a session. Its server answers the third tick, or never."""

        def __init__(self, status='DISCONNECTED', answers=True, missing={}):
            self.client = SimpleNamespace(status=status, synced_at=0, changed=set(),
                                          request_sync=self.request_sync)
            self.stage = SimpleNamespace(missing=missing)
            self.answers = answers
            self.requests = self.ticks = 0

        def request_sync(self):
            self.requests += 1

        def pump(self, until, timeout):
            for _ in range(1000):
                self.ticks += 1
                if self.answers and self.ticks == 3:
                    self.client.synced_at += 1
                if until():
                    return True
                time.sleep(0.002)
            return False

    def triangle(name):
        mesh = bpy.data.meshes.new(name)
        mesh.from_pydata([(0, 0, 0), (1, 0, 0), (0, 1, 0)], [], [(0, 1, 2)])
        return bpy.data.objects.new(name, mesh)

    def write_library(path, picture=None):
        chair = bpy.data.collections.new('Chair')
        seat, lamp = triangle('Seat'), triangle('Lamp')
        chair.objects.link(seat)
        lamp.location = 4, 5, 6
        made = [chair, seat, lamp]
        if picture:
            image = bpy.data.images.new('Oak', 4, 4)
            image.filepath_raw, image.file_format = picture, 'PNG'
            image.save()
            image.source = 'FILE'
            image.filepath = picture
            material = bpy.data.materials.new('Oak')
            material.use_nodes = True
            node = material.node_tree.nodes.new('ShaderNodeTexImage')
            node.image = image
            seat.data.materials.append(material)
            made += [material, image]
        bpy.data.libraries.write(path, set(made), fake_user=True)
        bpy.data.batch_remove(made + [seat.data, lamp.data])

    def put(name, data, location=(0, 0, 0)):
        obj = bpy.data.objects.new(name, data)
        obj.location = location
        obj['meerkat_id'] = 'id of ' + name
        bpy.context.scene.collection.objects.link(obj)
        return obj

    def place(name, asset, location):
        empty = put(name, None, location)
        empty.instance_type = 'COLLECTION'
        empty.instance_collection, reason = assets.instance('props.blend', asset)
        assert empty.instance_collection is not None, reason

    def build(library):
        """One object of each kind, tagged."""
        for obj in list(bpy.data.objects):
            bpy.data.objects.remove(obj)
        assets.configure([library])
        put('kiste', triangle('T').data, (1, 2, 3)).scale = 1, 2, -3
        camera = put('shot', bpy.data.cameras.new('shot'), (4, 5, 6))
        camera.data.lens = 35
        camera.rotation_euler = 0.5, 0.25, -1
        put('bulb', bpy.data.lights.new('bulb', 'POINT')).data.energy = 77
        put('sun', bpy.data.lights.new('sun', 'SUN')).data.energy = 5
        place('chair', 'Chair', (7, 0, 0))
        place('lamp', 'Lamp', (8, 0, 0))

    def tags():
        return {datablock.name: [datablock[key] for key in datablock.keys() if 'meerkat' in key]
                for datablocks in (bpy.data.objects, bpy.data.collections)
                for datablock in datablocks}

    def save(path, pack=True, session=None):
        """The report as [packed, warnings], or the reason why nothing was saved."""
        try:
            report = saving.save(path, pack, session or Session())
        except saving.SaveError as error:
            return str(error)
        return [report.path, report.packed, report.warnings]
'''

# All that is in a file, without the add-on.
DESCRIBE = '''
    bpy.ops.wm.open_mainfile(filepath=path)
    graph = bpy.context.evaluated_depsgraph_get()
    r = lambda values: [round(value, 4) for value in values]
    result = {
        'objects': {obj.name: [obj.type, r(obj.location), r(obj.rotation_euler), r(obj.scale)]
                    for obj in bpy.context.scene.objects},
        'data': [bpy.data.cameras['shot'].lens, bpy.data.lights['bulb'].energy,
                 bpy.data.lights['sun'].energy],
        'shown': sorted([i.parent.name, r(i.matrix_world.translation), len(i.object.data.vertices)]
                        for i in graph.object_instances if i.is_instance and i.object.data),
        'tagged': [datablock.name for collection in (bpy.data.objects, bpy.data.collections,
                                                     bpy.data.scenes, bpy.data.window_managers)
                   for datablock in collection
                   for key in datablock.keys() if 'meerkat' in key],
    }
'''
BUILT = {
    'objects': {
        'kiste': ['MESH', [1, 2, 3], [0, 0, 0], [1, 2, -3]],
        'shot': ['CAMERA', [4, 5, 6], [0.5, 0.25, -1], [1, 1, 1]],
        'bulb': ['LIGHT', [0, 0, 0], [0, 0, 0], [1, 1, 1]],
        'sun': ['LIGHT', [0, 0, 0], [0, 0, 0], [1, 1, 1]],
        'chair': ['EMPTY', [7, 0, 0], [0, 0, 0], [1, 1, 1]],
        'lamp': ['EMPTY', [8, 0, 0], [0, 0, 0], [1, 1, 1]],
    },
    'data': [35, 77, 5],
    'shown': [['chair', [7, 0, 0], 3], ['lamp', [8, 0, 0], 3]],
    'tagged': [],
}


class SavingTest(unittest.TestCase):
    """With one Blender in the background and a scene of all kinds of objects."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        versions()

    def setUp(self):
        self.blender = self.start()
        self.folder = str(self.blender.folder)
        os.mkdir(self.file('libraries'))
        os.mkdir(self.file('saved'))
        self.library = self.file('libraries/props.blend')
        self.path = self.file('saved/copy.blend')
        self.blender.run(PRELUDE)
        self.blender.run('''
            write_library(path)
            build(path)
        ''', path=self.library)

    def start(self, background=True, **how):
        blender = Blender(background=background, **how)
        self.addCleanup(blender.finish)
        return blender

    def file(self, name):
        return os.path.join(self.folder, name)

    def save(self, path=None, pack=True, session='Session()'):
        return self.blender.run(f'result = save(path, pack, {session})',
                                path=self.path if path is None else path, pack=pack)

    def described(self, path=None):
        """What a Blender that never heard of the add-on finds in a file."""
        return self.start(addon=None).run(DESCRIBE, path=path or self.path)

    def saved(self):
        """What is in the folder that is saved to, hidden files too."""
        return sorted(os.listdir(self.file('saved')))


class TestCopy(SavingTest):
    """What is in the copy."""

    def test_stands_alone(self):
        """Everything is there in a Blender without the add-on, with the libraries moved away."""
        self.assertEqual(self.save(), [self.path, True, []])
        shutil.move(self.file('libraries'), self.file('away'))
        self.assertEqual(self.described(), BUILT)
        self.assertEqual(self.saved(), ['copy.blend'])

    def test_not_packed(self):
        """Without packing it needs the library."""
        self.assertEqual(self.save(pack=False), [self.path, False, []])
        self.assertEqual(self.described(), BUILT)
        shutil.move(self.file('libraries'), self.file('away'))
        self.assertEqual(self.described()['shown'], [])

    def test_of_no_libraries(self):
        """Without any library nothing needs packing."""
        self.blender.run('''
            bpy.ops.wm.read_homefile(use_empty=True)
            saving._program = lambda: '/bin/false'
        ''')
        self.assertEqual(self.save(), [self.path, False, []])

    def test_replaces(self):
        """An older copy is replaced; the extension is added where it is missing."""
        with open(self.path, 'w', encoding='ascii') as file:
            file.write('older')
        self.assertEqual(self.save(self.file('saved/copy'))[0], self.path)
        self.assertEqual(self.described(), BUILT)
        self.assertEqual(self.saved(), ['copy.blend'])

    def test_through_a_link(self):
        """A symbolic link stays one."""
        os.symlink('copy.blend', self.file('saved/link.blend'))
        self.assertEqual(self.save(self.file('saved/link.blend'))[0], self.path)
        self.assertTrue(os.path.islink(self.file('saved/link.blend')))
        self.assertEqual(self.saved(), ['copy.blend', 'link.blend'])

    def test_used_again(self):
        """What was packed can be shared again: it still says which assets it shows."""
        self.save()
        self.assertEqual(self.blender.run('''
            bpy.ops.wm.open_mainfile(filepath=path)
            result = [assets.reference_of(bpy.data.objects[name]) for name in ('chair', 'lamp')]
        ''', path=self.path), [['props.blend', 'Chair'], ['props.blend', 'Lamp']])

    def test_missing_assets(self):
        """Boxes that stand for missing assets stay boxes, and it says so."""
        reason = 'The library sofas.blend is not among your asset libraries'
        self.blender.run('''
            box = put('sofa', None, (9, 9, 9))
            box.empty_display_type = 'CUBE'
        ''')
        _, packed, warnings = self.save(session=f'Session(missing={{"1": {reason!r}}})')
        self.assertTrue(packed)
        self.assertEqual(warnings,
                         [f'Assets that are missing here are boxes in the copy: {reason}'])
        self.assertEqual(self.described()['objects']['sofa'][:2], ['EMPTY', [9, 9, 9]])

    def test_missing_library(self):
        """A library of the scene that is not there cannot be packed: the rest is."""
        gone = self.file('libraries/gone.blend')
        self.blender.run('''
            write_library(path)
            assets.configure([path])
            place_from = assets.instance('gone.blend', 'Chair')[0]
            empty = put('gone', None)
            empty.instance_type, empty.instance_collection = 'COLLECTION', place_from
            os.unlink(path)
        ''', path=gone)
        _, packed, warnings = self.save()
        self.assertTrue(packed)
        self.assertEqual(warnings,
                         ['These libraries could not be packed: //../libraries/gone.blend'])
        shutil.move(self.file('libraries'), self.file('away'))
        self.assertEqual(self.described()['shown'], BUILT['shown'])

    def test_pictures(self):
        """Pictures that a library has beside it are not packed with it, and it says so."""
        self.blender.run('''
            write_library(other, picture)
            assets.configure([other])
            empty = put('oak', None)
            empty.instance_type = 'COLLECTION'
            empty.instance_collection = assets.instance('oak.blend', 'Chair')[0]
        ''', other=self.file('libraries/oak.blend'), picture=self.file('libraries/oak.png'))
        _, packed, warnings = self.save()
        self.assertTrue(packed)
        self.assertEqual(warnings, ['These pictures of the libraries are in files of their own and '
                                    'could not be packed: Oak'])


class TestOpenFile(SavingTest):
    """What is open stays as it is."""

    LOOK = '''
        result = [bpy.data.filepath, bpy.data.is_dirty, tags(),
                  [library.filepath for library in bpy.data.libraries],
                  [library.packed_file is None for library in bpy.data.libraries]]
    '''

    def test_untouched(self):
        """Its name, unsaved changes, tags and links, for a file without a name and for one with."""
        before = self.blender.run(self.LOOK)
        self.assertEqual(before[2]['chair'], ['id of chair'])
        self.save()
        self.assertEqual(self.blender.run(self.LOOK), before)
        self.blender.run('bpy.ops.wm.save_as_mainfile(filepath=path)', path=self.file('own.blend'))
        before = self.blender.run(self.LOOK)
        self.assertEqual(before[0], self.file('own.blend'))
        self.save()
        self.assertEqual(self.blender.run(self.LOOK), before)
        self.blender.run('bpy.ops.mesh.primitive_cube_add("EXEC_DEFAULT", True)')
        before = self.blender.run(self.LOOK)
        self.assertTrue(before[1])
        self.save()
        self.assertEqual(self.blender.run(self.LOOK), before)

    def test_keeps_its_tags(self):
        """Saving the open file itself, with Ctrl+S, keeps the tags."""
        self.save()
        self.blender.run('''
            bpy.ops.wm.save_as_mainfile(filepath=path)
            bpy.ops.wm.open_mainfile(filepath=path)
        ''', path=self.file('own.blend'))
        self.assertEqual(self.blender.run('result = tags()["chair"]'), ['id of chair'])

    def test_undo(self):
        """Saving is no step to be undone, and those before it can be."""
        self.assertEqual(self.blender.run('''
            bpy.ops.ed.undo_push(message='start')
            bpy.data.objects['kiste'].location.x = 50
            bpy.ops.ed.undo_push(message='moved')
            save(path)
            bpy.ops.ed.undo()
            first = [bpy.data.objects['kiste'].location.x, tags()['kiste']]
            bpy.ops.ed.redo()
            result = [first, [bpy.data.objects['kiste'].location.x, tags()['kiste']]]
        ''', path=self.path), [[1, ['id of kiste']], [50, ['id of kiste']]])

    def test_in_a_window(self):
        """The same in a Blender with a window, where Ctrl+Z is pressed."""
        self.blender = self.start(background=False)
        self.blender.run(PRELUDE)
        self.blender.run('''
            build(path)
            with override():
                bpy.ops.ed.undo_push(message='start')
            bpy.data.objects['kiste'].location.x = 50
            with override():
                bpy.ops.ed.undo_push(message='moved')
        ''', path=self.library)
        self.blender.wait_until('bpy.data.is_dirty')
        before = self.blender.run(self.LOOK)
        self.assertEqual(self.save(), [self.path, True, []])
        self.blender.run('''
            passed = []
            bpy.app.timers.register(lambda: passed.append(1), first_interval=0.3)
        ''')
        self.blender.wait_until('passed')
        self.assertEqual(self.blender.run(self.LOOK), before)
        self.blender.move_mouse(300, 300)
        self.blender.key('Z', ctrl=True)
        self.blender.wait_until("bpy.data.objects['kiste'].location.x == 1")
        self.assertEqual(self.blender.run('result = tags()'), before[2])

    def test_handler_fails(self):
        """Another add-on that fails, or removes objects, while saving costs no tags."""
        self.blender.allow('a bad day')
        left = self.blender.run('''
            def fail(*args):
                bpy.data.objects.remove(bpy.data.objects['sun'])
                raise ValueError('a bad day')
            bpy.app.handlers.save_pre.append(fail)
            save(path)
            bpy.app.handlers.save_pre.remove(fail)
            result = tags()
        ''', path=self.path)
        self.assertNotIn('sun', left)
        self.assertEqual([left[name] for name in ('kiste', 'shot', 'chair')],
                         [['id of kiste'], ['id of shot'], ['id of chair']])


class TestServer(SavingTest):
    """What is saved is what the server has."""

    def requests(self, session):
        return self.blender.run(f'''
            session = {session}
            report = save(path, False, session)
            result = [session.requests, report[2]]
        ''', path=self.path)

    def test_asks_first(self):
        """A connected client asks for the state, and waits for it."""
        self.assertEqual(self.requests('Session("CONNECTED")'), [1, []])
        self.assertGreaterEqual(self.blender.run('result = session.ticks'), 3)

    def test_no_answer(self):
        """Without an answer it is saved as it is, and says so."""
        requests, warnings = self.requests('Session("CONNECTED", answers=False)')
        self.assertEqual(requests, 1)
        self.assertEqual(warnings,
                         ['The server did not answer: what others did last may be missing'])
        self.assertEqual(self.saved(), ['copy.blend'])

    def test_reconnecting(self):
        """Without a connection nobody is asked."""
        requests, warnings = self.requests('Session("RECONNECTING")')
        self.assertEqual(requests, 0)
        self.assertEqual(len(warnings), 1)

    def test_goes_on(self):
        """The session lives on while the libraries are packed."""
        self.assertGreater(self.blender.run('''
            session = Session('CONNECTED')
            save(path, True, session)
            result = session.ticks
        ''', path=self.path), 10)


class TestFailures(SavingTest):
    """A sentence, and nothing written: neither half a file nor over what is there."""

    def setUp(self):
        super().setUp()
        self.tags = self.blender.run('result = tags()')
        with open(self.path, 'w', encoding='ascii') as file:
            file.write('older')

    def check_nothing_changed(self):
        self.assertEqual(self.saved(), ['copy.blend'])
        with open(self.path, encoding='ascii') as file:
            self.assertEqual(file.read(), 'older')
        self.assertEqual(self.blender.run('result = tags()'), self.tags)

    def test_destinations(self):
        """Places that cannot or must not be written to."""
        os.mkfifo(self.file('pipe.blend'))
        os.mkdir(self.file('folder.blend'))
        os.symlink(self.library, self.file('link.blend'))
        for path, reason in (
                ('', 'Choose a file to save the scene to'),
                ('//copy.blend', 'The open file has no folder yet: choose one for the copy'),
                (self.file('saved'), f'{self.file("saved")} is a folder: add a file name'),
                (self.file('folder'), f'{self.file("folder.blend")} is not a file'),
                (self.file('pipe.blend'), f'{self.file("pipe.blend")} is not a file'),
                (self.file('none/copy.blend'), f'There is no folder {self.file("none")}'),
                (self.library, f'{self.library} is an asset library of this scene: '
                               'save the scene under another name'),
                (self.file('link.blend'), f'{self.library} is an asset library of this scene: '
                                          'save the scene under another name')):
            with self.subTest(path=path):
                self.assertEqual(self.save(path), reason)
        self.assertIn('/proc/copy.blend cannot be written: ', self.save('/proc/copy.blend'))
        self.check_nothing_changed()

    def test_open_file(self):
        """The open file itself is for Ctrl+S."""
        own = self.file('own.blend')
        self.blender.run('bpy.ops.wm.save_as_mainfile(filepath=path)', path=own)
        for path in (own, '//own.blend', '//own'):
            self.assertEqual(self.save(path), 'This is the open file itself: '
                                              'save the scene under another name')
        self.check_nothing_changed()

    def test_disk_full(self):
        """The disk is full while the copy is written, or while it is packed."""
        self.blender.run('''
            import resource, signal
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            free, limit = resource.getrlimit(resource.RLIMIT_FSIZE)

            def fill(size):
                resource.setrlimit(resource.RLIMIT_FSIZE, (size, limit))
        ''')
        unpacked = self.file('unpacked.blend')
        self.save(unpacked, pack=False)
        for where, size in (('written', 20000), ('packed', os.path.getsize(unpacked) + 10000)):
            for pack in (False, True) if where == 'written' else (True,):
                with self.subTest(where=where, pack=pack):
                    reason = self.blender.run('''
                        fill(size)
                        try:
                            result = save(path, pack)
                        finally:
                            fill(free)
                    ''', path=self.path, size=size, pack=pack)
                    self.assertRegex(
                        reason, 'Blender (could not write the|did not write the whole) copy'
                                '|The libraries could not be packed')
                    self.assertNotIn('.meerkat-', reason)
                    self.check_nothing_changed()

    def test_disk_full_unnoticed(self):
        """Blender takes a compressed file that the disk had no room for, for a saved one."""
        self.blender.run('''
            whole = saving._write
            def write(partial):
                whole(partial)
                os.truncate(partial, os.path.getsize(partial) // 2)
            saving._write = write
        ''')
        self.assertEqual(self.save(),
                         'Blender did not write the whole copy. Is the disk full?')
        self.check_nothing_changed()

    def test_packing_fails(self):
        """The Blender that packs does not start, or cannot do it."""
        self.blender.run('saving._program = lambda: "/bin/false"')
        self.assertIn('The libraries could not be packed, so nothing was saved', self.save())
        self.check_nothing_changed()
        self.blender.run('''
            saving._program = lambda: bpy.app.binary_path
            saving.PACK = 'raise RuntimeError("no room")'
        ''')
        self.assertIn('RuntimeError: no room', self.save())
        self.check_nothing_changed()

    def test_no_program(self):
        """A Blender that does not know its own program saves without packing, and says so."""
        self.blender.run('saving._program = lambda: ""')
        path, packed, warnings = self.save()
        self.assertEqual([path, packed], [self.path, False])
        self.assertEqual(warnings, ['The libraries are not packed: '
                                    'this Blender does not know where its program is'])
        self.assertEqual(self.described(), BUILT)


class TestTogether(BlenderTest):
    """With the whole add-on, in a room."""

    def setUp(self):
        super().setUp()
        self.blenders_of = {}
        self.folder = None
        for name in ('Anna', 'Ben'):
            blender = self.blender(background=True)
            self.folder = self.folder or blender.folder
            self.path = str(self.folder / 'props.blend')
            blender.run(PRELUDE)
            blender.run('''
                bpy.ops.wm.read_homefile(use_empty=True)
                if not os.path.exists(path):
                    write_library(path)
                preferences = bpy.context.preferences.addons[meerkat.__name__].preferences
                preferences.libraries.add().path = path
            ''', path=self.path)
            self.enter(blender, name)
            self.blenders_of[name] = blender
        self.anna, self.ben = self.blenders_of.values()

    KINDS = ('CUBE', 'SPHERE', 'CYLINDER', 'CAMERA', 'POINT_LIGHT', 'SUN_LIGHT')

    def test_all_kinds(self):
        """Ben saves what Anna has just made. It opens without the add-on and without the libraries,
        says nothing of Meerkat, and the session has not noticed."""
        copy = str(self.folder / 'copy.blend')
        self.anna.run('''
            for x, kind in enumerate(kinds):
                bpy.ops.meerkat.add(type=kind, location=(x, 1, 2))
            for x, asset in enumerate(('Chair', 'Lamp')):
                bpy.ops.meerkat.place_asset(asset=asset, library='props.blend', location=(x, 5, 0))
            bpy.ops.meerkat.wait(until='SENT')
        ''', kinds=self.KINDS)
        before = self.ben.run('''
            result = [bpy.ops.meerkat.save_scene(filepath=path), bpy.data.filepath,
                      sorted(o['meerkat_id'] for o in bpy.context.scene.objects),
                      bpy.context.window_manager.meerkat.status]
        ''', path=copy)
        self.assertEqual(before[:2], [['FINISHED'], ''])
        self.assertEqual(len(before[2]), 8)
        self.assertEqual(before[3], 'CONNECTED')
        os.rename(self.path, str(self.folder / 'away'))
        stranger = Blender(background=True, addon=None, version=self.ben.version)
        self.addCleanup(stranger.finish)
        seen = stranger.run('''
            bpy.ops.wm.open_mainfile(filepath=path)
            graph = bpy.context.evaluated_depsgraph_get()
            result = [
                sorted([obj.type, [round(x, 3) for x in obj.matrix_world.translation]]
                       for obj in bpy.context.scene.objects),
                sorted([len(i.object.data.vertices), list(i.matrix_world.translation)]
                       for i in graph.object_instances if i.is_instance),
                [[datablock.name, key] for name in dir(bpy.data)
                 if isinstance(getattr(bpy.data, name), bpy.types.bpy_prop_collection)
                 for datablock in getattr(bpy.data, name) for key in datablock.keys()
                 if 'meerkat' in key]]
        ''', path=copy)
        self.assertEqual(seen, [
            [['CAMERA', [3, 1, 2]], ['EMPTY', [0, 5, 0]], ['EMPTY', [1, 5, 0]],
             ['LIGHT', [4, 1, 2]], ['LIGHT', [5, 1, 2]],
             ['MESH', [0, 1, 2]], ['MESH', [1, 1, 2]], ['MESH', [2, 1, 2]]],
            [[3, [0, 5, 0]], [3, [1, 5, 0]]],
            []])
        self.anna.run('''
            bpy.ops.meerkat.add(type='CUBE', location=(9, 9, 9))
            bpy.ops.meerkat.wait(until='SENT')
        ''')
        self.ben.wait_until('len(bpy.context.scene.objects) == 9')


if __name__ == '__main__':
    tap.main()
