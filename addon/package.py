#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Makes the zip that users install: the same bytes from the same files, whenever and wherever.

It serves Blender 3.4 and later as an add-on and 4.2 and later as an extension. Both expect what it
needs inside; the WebSocket library comes along as a wheel, made from the installed
python3-websockets without its compiled parts, so that one wheel fits every system and every Python.

Usage: package.py --version VERSION --license FILE --output ZIP [--catalogs MO...] [--depfile FILE]
"""

import argparse
import base64
import gettext
import hashlib
import importlib.metadata
import io
import pathlib
import re
import sys
import zipfile

sys.dont_write_bytecode = True
import messages  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parent / 'meerkat'
MANIFEST = 'blender_manifest.toml'
LOCALE_DATA = 'locale_data.py'
LIBRARY = 'websockets'
DEBIAN_LICENSE = pathlib.Path('/usr/share/doc/python3-websockets/copyright')
TIME = (1980, 1, 1, 0, 0, 0)  # the first that a zip can say


def make_zip(members):
    """The bytes of a zip with these (name, bytes), in order of their names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, 'w') as archive:
        for name, data in sorted(members):
            info = zipfile.ZipInfo(name, TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o100644 << 16
            info.create_system = 3
            archive.writestr(info, data)
    return buffer.getvalue()


def make_wheel():
    """The library as (file name of the wheel, its bytes, files that it was made from)."""
    try:
        found = importlib.metadata.distribution(LIBRARY)
    except importlib.metadata.PackageNotFoundError:
        raise SystemExit(f'package.py: {sys.executable} has no {LIBRARY}; '
                         'install python3-websockets') from None
    root = pathlib.Path(found.locate_file('.')).resolve()
    files = sorted((root / LIBRARY).rglob('*.py'))
    info = f'{LIBRARY}-{found.version}.dist-info'
    members = [(path.relative_to(root).as_posix(), path.read_bytes()) for path in files]
    members += [(f'{info}/METADATA', (found.read_text('METADATA') or
                                      found.read_text('PKG-INFO')).encode()),
                (f'{info}/WHEEL', b'Wheel-Version: 1.0\nGenerator: meerkat\n'
                                  b'Root-Is-Purelib: true\nTag: py3-none-any\n'),
                (f'{info}/LICENSE', read_license(found))]
    record = ''.join(f'{name},sha256={digest(data)},{len(data)}\n'
                     for name, data in sorted(members))
    members.append((f'{info}/RECORD', f'{record}{info}/RECORD,,\n'.encode()))
    return f'{LIBRARY}-{found.version}-py3-none-any.whl', make_zip(members), files


def digest(data):
    """As a wheel's RECORD wants it."""
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()


def read_license(found):
    """The library's own terms, which have to go wherever it goes."""
    for path in found.files or ():
        if path.name == 'LICENSE':
            return pathlib.Path(path.locate()).read_bytes()
    if DEBIAN_LICENSE.exists():
        return DEBIAN_LICENSE.read_bytes()
    raise SystemExit(f'package.py: there is no license text of {LIBRARY}; '
                     'reinstall python3-websockets')


def is_part(path):
    """Whether a file of the source folder belongs into the zip."""
    inside = path.relative_to(SOURCE).parts
    return path.is_file() and path.suffix in ('.py', '.toml') and '__pycache__' not in inside


def replace_once(text, old, new, where):
    if text.count(old) != 1:
        raise SystemExit(f'package.py: {where} must have {old!r} once')
    return text.replace(old, new)


def make_members(version, wheel_name):
    """The add-on's own files as (name, bytes) with the version in them, and where they are."""
    numbers = [int(part) for part in version.split('.')]
    files = sorted(path for path in SOURCE.rglob('*') if is_part(path))
    members = {path.relative_to(SOURCE).as_posix(): path.read_bytes() for path in files}
    for name, old, new in (('__init__.py', "'version': (0, 0, 0)", f"'version': {tuple(numbers)}"),
                           (MANIFEST, '@VERSION@', version), (MANIFEST, '@WHEEL@', wheel_name)):
        members[name] = replace_once(members[name].decode(), old, new, SOURCE / name).encode()
    return members, files


def make_locale_data(catalogs, sources):
    """The module with the translations of what is in these sources, from compiled catalogs.

    Blender reads no catalogs of add-ons.
    """
    wanted = sorted({(message.text, message.plural) for path in sources if path.suffix == '.py'
                     for message in messages.find(path.read_text(encoding='utf-8'))})
    lines = ['"""Made from the catalogs when the add-on was packed."""', '', 'TEXTS, PLURALS = {}, {}']
    for path in sorted(catalogs):
        with path.open('rb') as file:
            catalog = gettext.GNUTranslations(file)
        entries = catalog._catalog  # what Python itself looks it up in
        formula, n_forms = read_plural_rule(catalog)
        language = path.parent.parent.name
        lines += [f'TEXTS[{language!r}] = {{',
                  *(f'    {text!r}: {entries[text]!r},' for text, plural in wanted
                    if not plural and text in entries),
                  '}', f'PLURALS[{language!r}] = {formula!r}, {{',
                  *(f'    {text!r}: {tuple(entries[text, form] for form in range(n_forms))!r},'
                    for text, plural in wanted if plural and (text, 0) in entries),
                  '}']
    return ('\n'.join(lines) + '\n').encode()


def read_plural_rule(catalog):
    """The rule as a C expression of n, and how many forms there are."""
    rule = catalog.info()['plural-forms']
    found = re.fullmatch(r'nplurals=(\d+); plural=(.+?);?', rule)
    if found is None:
        raise SystemExit(f'package.py: a catalog has the strange plural rule {rule!r}')
    return found[2], int(found[1])


def make_depfile(output, files):
    """The folders are named too: a new file changes their time."""
    folders = {folder for path in files for folder in path.parents
               if SOURCE in (folder, *folder.parents)}
    names = [str(path).replace(' ', r'\ ') for path in sorted({*files, *folders})]
    return f'{output}: ' + ' '.join(names) + '\n'


def main():
    parser = argparse.ArgumentParser(description='Makes the zip of the add-on.')
    parser.add_argument('--version', required=True, help='three numbers, as in meson.build')
    parser.add_argument('--license', required=True, type=pathlib.Path, help='our license')
    parser.add_argument('--output', required=True, type=pathlib.Path, help='the zip')
    parser.add_argument('--catalogs', nargs='*', default=[], type=pathlib.Path,
                        help='LANGUAGE/LC_MESSAGES/meerkat.mo of each language')
    parser.add_argument('--depfile', type=pathlib.Path, help='what it was made from, for ninja')
    options = parser.parse_args()
    if not re.fullmatch(r'\d+\.\d+\.\d+', options.version):
        parser.error(f'--version must be three numbers, not {options.version!r}')

    wheel_name, wheel, wheel_files = make_wheel()
    members, files = make_members(options.version, wheel_name)
    members['LICENSE'] = options.license.read_bytes()
    members[f'wheels/{wheel_name}'] = wheel
    members[LOCALE_DATA] = make_locale_data(options.catalogs, files)
    options.output.write_bytes(make_zip((f'meerkat/{name}', data)
                                        for name, data in members.items()))
    if options.depfile:
        files += [*wheel_files, pathlib.Path(messages.__file__)]
        options.depfile.write_text(make_depfile(options.output, files), encoding='utf-8')


if __name__ == '__main__':
    main()
