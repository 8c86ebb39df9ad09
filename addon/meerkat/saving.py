# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Save Scene: a copy of the open file that needs neither Meerkat nor, packed, the asset libraries.

The open file, its name, its unsaved changes and its undo steps stay as they are.
"""

import json
import os
import subprocess
import tempfile
import time

import bpy
from bpy.app.translations import pgettext_iface as tr

from . import libraries
from .assets import WRAPPER
from .entries import TAG

SYNC_TIMEOUT = 5.0     # seconds to wait for the server's answer
PACK_TIMEOUT = 1800.0  # seconds until the Blender that packs is taken for stuck

MARK = 'Packed for Meerkat: '

# Run by a Blender in the background that has opened the copy. It tells, after the mark, which
# libraries are not in the file after all, and which of their pictures are not.
PACK = f'''
import bpy, json
try:
    bpy.ops.file.pack_libraries()
except RuntimeError as error:
    print(error)
bpy.context.preferences.filepaths.save_version = 0
bpy.ops.wm.save_mainfile()
outside = [library.filepath for library in bpy.data.libraries
           if library.packed_file is None and not getattr(library, "is_archive", False)]
pictures = [image.name for image in bpy.data.images
            if image.library is not None and image.source != "GENERATED" and image.filepath
            and not image.packed_files]
print("\\n{MARK}" + json.dumps([outside, pictures]))
'''


class SaveError(Exception):
    """Nothing was saved; the text says why, to the user."""


class Report:
    """What came of it: the `path` that was written, whether libraries were `packed`, and `warnings`
    (sentences)."""

    __slots__ = ('path', 'packed', 'warnings')

    def __init__(self, path):
        self.path = path
        self.packed = False
        self.warnings = []


def save(filepath, pack_libraries, session):
    """Writes the copy to `filepath` and returns a Report, or raises SaveError and leaves what is
    there. `session` is the state.Session; if it is connected, its server is asked first, and it
    goes on while the libraries are packed."""
    path = _destination(filepath)
    report = Report(path)
    if bpy.data.is_dirty:
        _keep_unsaved()
    _synchronise(session, report)
    partial = _partial_for(path)
    try:
        _write(partial)
        _check(partial)
        if pack_libraries and bpy.data.libraries:
            _pack(partial, session, report)
            _check(partial)
        os.replace(partial, path)
    except OSError as error:
        raise SaveError(_because(path, error)) from error
    finally:
        if os.path.exists(partial):
            os.unlink(partial)
    if session.stage is not None and session.stage.missing:
        report.warnings.append(tr('Assets that are missing here are boxes in the copy: {reasons}')
                               .format(reasons=_shorten(set(session.stage.missing.values()))))
    return report


def _destination(filepath):
    """The absolute path to write to; refuses what must not be overwritten."""
    if not filepath:
        raise SaveError(tr('Choose a file to save the scene to'))
    if filepath.startswith('//') and not bpy.data.filepath:
        raise SaveError(tr('The open file has no folder yet: choose one for the copy'))
    path = os.path.realpath(bpy.path.abspath(filepath))
    if os.path.isdir(path):
        raise SaveError(tr('{path} is a folder: add a file name').format(path=path))
    path = bpy.path.ensure_ext(path, '.blend')
    if not os.path.isdir(os.path.dirname(path)):
        raise SaveError(tr('There is no folder {path}').format(path=os.path.dirname(path)))
    if os.path.isdir(path) or os.path.exists(path) and not os.path.isfile(path):
        raise SaveError(tr('{path} is not a file').format(path=path))
    if libraries.is_same_file(path, bpy.data.filepath):
        raise SaveError(tr('This is the open file itself: save the scene under another name'))
    for library in bpy.data.libraries:
        if libraries.is_same_file(path, libraries.path_of(library)):
            raise SaveError(tr('{path} is an asset library of this scene: '
                               'save the scene under another name').format(path=path))
    return path


def _synchronise(session, report):
    """Waits until the scene is what the server has."""
    client = session.client
    if client.status == 'DISCONNECTED':
        return
    if client.status == 'CONNECTED':
        before = client.synced_at
        client.request_sync()
        session.pump(lambda: client.synced_at != before and not client.changed, SYNC_TIMEOUT)
        if client.synced_at != before:
            return
    report.warnings.append(tr('The server did not answer: what others did last may be missing'))


def _partial_for(path):
    """Where to write what shall be `path` once it is whole: beside it, so on the same disk, and
    where paths relative to the file are the same. Makes sure that files can be made there."""
    try:
        handle, partial = tempfile.mkstemp('.blend', '.meerkat-', os.path.dirname(path))
        os.close(handle)
        os.unlink(partial)  # or Blender would keep it as the previous version
    except OSError as error:
        raise SaveError(_because(path, error)) from error
    return partial


def _because(path, error):
    return tr('{path} cannot be written: {reason}').format(
        path=path, reason=error.strerror or error)


def _write(partial):
    """Writes the copy without what the add-on has put into the data."""
    taken = []
    try:
        for datablocks in (bpy.data.objects, bpy.data.collections):
            for datablock in datablocks:
                if datablock.library is None:
                    taken += [(datablock, tag, datablock.pop(tag))
                              for tag in (TAG, WRAPPER) if tag in datablock]
        bpy.ops.wm.save_as_mainfile(filepath=partial, copy=True, check_existing=False)
    except RuntimeError as error:
        raise SaveError(tr('Blender could not write the copy: {reason}').format(
            reason=str(error).removeprefix('Error: ').strip())) from error
    finally:
        for datablock, tag, value in taken:
            try:
                datablock[tag] = value
            except ReferenceError:  # somebody's handler removed it
                pass


def _keep_unsaved():
    """Blender 3.4 forgets that the open file has unsaved changes once it is back from writing a
    copy, and would quit without a question. Reminds it then, without adding an undo step."""
    def remind():
        if not bpy.data.is_dirty:
            preferences = bpy.context.preferences
            steps, is_dirty = preferences.edit.undo_steps, preferences.is_dirty
            preferences.edit.undo_steps = 0
            try:
                bpy.ops.ed.undo_push()
            finally:
                preferences.edit.undo_steps = steps
                preferences.is_dirty = is_dirty

    bpy.app.timers.register(remind, first_interval=0.1)


def _check(partial):
    """Blender does not notice that the disk is full while it writes a compressed file."""
    try:
        with bpy.data.libraries.load(partial):
            pass
    except OSError as error:
        raise SaveError(tr('Blender did not write the whole copy. Is the disk full?')) from error


def _pack(partial, session, report):
    """Lets another Blender pack the libraries into the copy: here it could not be undone."""
    program = _program()
    if not os.path.isfile(program):
        report.warnings.append(tr('The libraries are not packed: '
                                  'this Blender does not know where its program is'))
        return
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [program, '--background', '--factory-startup', '--disable-autoexec',
             partial, '--python-exit-code', '3', '--python-expr', PACK],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        try:
            _wait(process, session)
        finally:
            process.kill()
            process.wait()
        output.seek(0)
        lines = output.read().decode(errors='replace').splitlines()
    told = [line for line in lines if line.startswith(MARK)]
    if process.returncode != 0 or not told:
        raise SaveError(tr('The libraries could not be packed, so nothing was saved; '
                           'it may work without Pack Libraries. Blender said: {answer}').format(
                               answer=' / '.join([line for line in lines if 'Error' in line][-2:])))
    outside, pictures = json.loads(told[-1][len(MARK):])
    report.packed = True
    if outside:
        report.warnings.append(tr('These libraries could not be packed: {names}').format(
            names=_shorten(outside)))
    if pictures:
        report.warnings.append(tr('These pictures of the libraries are in files of their own and '
                                  'could not be packed: {names}').format(
                                      names=_shorten(pictures)))


def _program():
    return bpy.app.binary_path


def _wait(process, session):
    """Until the process ends or has taken too long."""
    deadline = time.monotonic() + PACK_TIMEOUT
    while process.poll() is None and time.monotonic() < deadline:
        if session.client.status == 'DISCONNECTED':
            time.sleep(0.05)
        else:
            session.pump(lambda: process.poll() is not None, 1.0)


def _shorten(texts, most=5):
    """The texts as a list for a sentence, with the number of those that are left out."""
    texts = sorted(texts)
    more = f' (+{len(texts) - most})' if len(texts) > most else ''
    return ', '.join(texts[:most]) + more
