# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Makes a man page of its template: @name@ is what --set says, and two pages get their main part from
what they describe: @KEYS@ from the default configuration file, @INTERFACES@ from the D-Bus XML."""

import argparse
import re
import xml.etree.ElementTree as ET

EMITS = 'org.freedesktop.DBus.Property.EmitsChangedSignal'


def roff(text):
    """Text that no formatter takes for a request, each sentence on a line of its own."""
    text = re.sub(r'`([^`]*)`', r'\\fI\1\\fR', text.replace('\\', '\\e'))
    text = re.sub(r'(?<=[.!?]) +', '\n', text)
    return '\n'.join('\\&' + line if line[:1] in ('.', "'") else line for line in text.split('\n'))


def unwrap(lines):
    return ' '.join(line.strip() for line in lines)


# The configuration file


def keys(path):
    """Each commented key of the file, below its heading and with the comment above it."""
    out, comment, pending = [], [], []
    with open(path, encoding='utf-8') as file:
        lines = file.read().split('[meerkatd]\n')[1].splitlines()
    for line in lines + ['']:
        key = re.fullmatch(r'#([a-z][a-z-]*)=(.*)', line)
        if key:
            pending.append((key[1], key[2]))
            continue
        if pending:
            out.append('.It ' + ' , '.join(f'Ic {name} Ns = Ns {value or chr(92) + "&"}'
                                           for name, value in pending))
            out.append(roff(unwrap(comment)))
            comment, pending = [], []
        if line.startswith('## '):
            out += ['.El'] if out else []
            out += [f'.Sh {line[3:].upper()}', '.Bl -tag -width Ds']
        elif line.startswith('# '):
            if not out:
                out += ['.Sh KEYS', '.Bl -tag -width Ds']
            comment.append(line[2:])
    return '\n'.join(out + ['.El'])


# The D-Bus interfaces


class Documented:
    """A doc comment: the name, what is said of arguments, and the rest."""

    def __init__(self, text):
        name, _, rest = text.strip().partition(':')
        self.name = name.strip()
        self.arguments, self.paragraphs = {}, []
        for paragraph in re.split(r'\n\s*\n', rest.strip('\n')):
            if paragraph.lstrip().startswith('@'):
                for item in re.split(r'(?m)^\s*@', paragraph)[1:]:
                    argument, _, said = item.partition(':')
                    self.arguments[argument] = unwrap(said.splitlines())
            elif paragraph.strip():
                self.paragraphs.append(unwrap(paragraph.splitlines()))


def members(parent):
    """The elements of a node, each with the comment before it."""
    comment = None
    for child in parent:
        if child.tag is ET.Comment:
            comment = child.text
        elif child.tag != 'annotation':
            if comment is None:
                raise SystemExit(f'{child.tag} {child.get("name")} has no comment')
            said, comment = Documented(comment), None
            if said.name != child.get('name'):
                raise SystemExit(f'the comment of {child.get("name")} is called {said.name}')
            yield child, said


def paragraphs(said):
    return '\n.Pp\n'.join(roff(text) for text in said.paragraphs)


def arguments(element, direction):
    return ', '.join(f'\\fI{arg.get("name")}\\fR {arg.get("type")}' for arg in element.iter('arg')
                     if arg.get('direction', direction) == direction)


def call(element, said):
    """A method or a signal."""
    given, returned = arguments(element, 'in'), arguments(element, 'out')
    if element.tag == 'signal':
        given, returned = returned, ''
    head = f'.It \\fB{element.get("name")}\\fR ( {given} )' if given else (
        f'.It \\fB{element.get("name")}\\fR ()')
    out = [head + (f' \\(-> {returned}' if returned else '')]
    if said.paragraphs:
        out.append(paragraphs(said))
    if said.arguments:
        out += ['.Bl -tag -width Ds -compact']
        for name, text in said.arguments.items():
            out += [f'.It Ar {name}', roff(text)]
        out.append('.El')
    return out


def prop(element, said):
    emits = [a.get('value') for a in element.iter('annotation') if a.get('name') == EMITS]
    note = {'const': '\nNever changes.', 'false': '\nChanges are not signalled.'}
    return [f'.It \\fB{element.get("name")}\\fR {element.get("type")}',
            paragraphs(said) + note.get(emits[0] if emits else 'true', '')]


def interface(element, said):
    out = [f'.Sh {element.get("name")}', f'{roff(said.arguments["short_description"])}.',
           paragraphs(said)]
    for title, tag, describe in (('Methods', 'method', call), ('Signals', 'signal', call),
                                 ('Properties', 'property', prop)):
        found = [line for child, what in members(element) if child.tag == tag
                 for line in describe(child, what)]
        if found:
            out += [f'.Ss {title}', '.Bl -tag -width Ds', *found, '.El']
    return out


def overview(text):
    """The comment at the head: paragraphs, and lists of a name and what it means."""
    out = ['.Sh DESCRIPTION']
    for number, paragraph in enumerate(re.split(r'\n\s*\n', text.split('developers\n', 1)[1].strip())):
        lines = paragraph.splitlines()
        rows = [line.strip() for line in lines if line.startswith('    ')]
        out += ['.Pp'] if number else []
        out.append(roff(unwrap(line for line in lines if not line.startswith('    '))))
        if rows:
            out.append('.Bl -tag -width Ds')
            for row in rows:
                name, said = re.split(r'\s{2,}', row, maxsplit=1)
                out += [f'.It {name}', roff(said)]
            out.append('.El')
    return out


def interfaces(path):
    with open(path, encoding='utf-8') as file:
        text = file.read()
    root = ET.fromstring(text.encode(), ET.XMLParser(target=ET.TreeBuilder(insert_comments=True)))
    out = overview(re.search(r'<!--(.*?)-->', text, re.DOTALL)[1])
    for element, said in members(root):
        out += interface(element, said)
    return '\n'.join(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--set', action='append', default=[], metavar='NAME=VALUE')
    parser.add_argument('--config', help='the default configuration file')
    parser.add_argument('--xml', help='the D-Bus introspection XML')
    parser.add_argument('template')
    parser.add_argument('output')
    args = parser.parse_args()
    values = dict(item.split('=', 1) for item in args.set)
    if args.config:
        values['KEYS'] = keys(args.config)
    if args.xml:
        values['INTERFACES'] = interfaces(args.xml)
    with open(args.template, encoding='utf-8') as file:
        page = re.sub(r'@(\w+)@', lambda match: values[match[1]], file.read())
    with open(args.output, 'w', encoding='utf-8') as file:
        file.write(page)


if __name__ == '__main__':
    main()
