# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What the documents promise: examples fit the schema, links lead somewhere, commands exist."""

import copy
import json
import pathlib
import re
import subprocess
import unittest

import jsonschema

from support import tap

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROTOCOL = ROOT / 'docs' / 'protocol.md'
SCHEMA = json.loads((ROOT / 'docs' / 'messages.schema.json').read_text(encoding='utf-8'))

FENCE = re.compile(r'^```(?P<info>[^\n`]*)\n(?P<body>.*?)^```$', re.MULTILINE | re.DOTALL)
LINK = re.compile(r'(?<!!)\[[^\]\[]*\]\((?P<target>[^)\s]+)\)')
HEADING = re.compile(r'^#{1,6} (?P<text>.+)$', re.MULTILINE)
# Paths of one machine that must not slip into the repository; written so that this file is clean.
MACHINE_PATH = re.compile(r'(?<![\w.$}])/(?:work|root|home/[a-z]+|Users)/|\.\./shared' + r'\b')


def validator(definition):
    """A validator for one of the schema's definitions."""
    return jsonschema.Draft202012Validator({**SCHEMA, 'anyOf': [{'$ref': f'#/$defs/{definition}'}]})


def repository_files():
    """Every file that is in the repository, or would be with the next `git add`."""
    command = ['git', '-C', str(ROOT), 'ls-files', '-z', '--cached', '--others', '--exclude-standard']
    listed = subprocess.run(command, check=True, capture_output=True).stdout.decode().split('\0')
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def documents():
    return [path for path in repository_files() if path.suffix == '.md']


def examples():
    """(definition, value) of every ```json block of the protocol."""
    names = {'client': 'clientMessage', 'server': 'serverMessage'}
    for match in FENCE.finditer(PROTOCOL.read_text(encoding='utf-8')):
        kind, _, role = match['info'].strip().partition(' ')
        if kind == 'json':
            yield names.get(role, role), json.loads(match['body'])


def event_types(definition):
    return set(SCHEMA['$defs'][definition]['properties']['event_type']['enum'])


def anchors(text):
    """The fragments that a page's headings can be linked by."""
    prose = FENCE.sub('', text)
    return {
        re.sub(r'[^\w\- ]', '', heading['text'].strip().lower()).replace(' ', '-')
        for heading in HEADING.finditer(prose)
    }


class Examples(unittest.TestCase):
    def test_schema_is_one(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_references_lead_somewhere(self):
        for reference in set(re.findall(r'"#/\$defs/([^"]+)"', json.dumps(SCHEMA))):
            self.assertIn(reference, SCHEMA['$defs'])

    def test_definitions_are_used(self):
        used = set(re.findall(r'"#/\$defs/([^"]+)"', json.dumps(SCHEMA)))
        self.assertEqual(set(SCHEMA['$defs']) - used, set())

    def test_every_example_is_valid(self):
        for definition, value in examples():
            with self.subTest(definition=definition, event_type=value.get('event_type')):
                self.assertIn(definition, SCHEMA['$defs'])
                found = [error.message for error in validator(definition).iter_errors(value)]
                self.assertEqual(found, [])

    def test_every_event_type_has_an_example(self):
        for definition in ('clientMessage', 'serverMessage'):
            shown = {value['event_type'] for name, value in examples() if name == definition}
            self.assertEqual(event_types(definition) - shown, set())

    def test_every_event_type_is_decided(self):
        for definition in ('clientMessage', 'serverMessage'):
            decided = {
                branch['if']['properties']['event_type']['const']
                for branch in SCHEMA['$defs'][definition]['allOf']
            }
            self.assertEqual(decided, event_types(definition))

    def test_every_code_is_explained(self):
        text = PROTOCOL.read_text(encoding='utf-8')
        for code in SCHEMA['$defs']['errorCode']['enum']:
            self.assertRegex(text, rf'(?m)^\| `{code}` \|')


class Strictness(unittest.TestCase):
    """The schema refuses what it should: a surprise in what the server sends is an error."""

    def test_server_messages_hold_nothing_unknown(self):
        for definition, value in examples():
            if definition != 'serverMessage':
                continue
            for place in ((), ('payload',)):
                changed = copy.deepcopy(value)
                target = changed[place[0]] if place else changed
                target['surprise'] = 1
                with self.subTest(event_type=value['event_type'], place=place):
                    self.assertFalse(validator(definition).is_valid(changed))

    def test_server_messages_miss_nothing(self):
        optional = {'sent_at', 'correction', 'failed', 'durable', 'event_id', 'object_id', 'index', 'epoch'}
        for definition, value in examples():
            if definition != 'serverMessage':
                continue
            always_required = set(value['payload']) - optional
            if value['event_type'] in ('OBJECT_CREATED', 'OBJECT_DELETED', 'USER_SELECTED', 'TRANSFORM_UPDATED'):
                always_required.add('object_id')
            for member in always_required:
                changed = copy.deepcopy(value)
                del changed['payload'][member]
                with self.subTest(event_type=value['event_type'], member=member):
                    self.assertFalse(validator(definition).is_valid(changed))

    def test_client_messages_may_hold_more(self):
        for definition, value in examples():
            if definition == 'clientMessage':
                changed = copy.deepcopy(value)
                changed['surprise'] = 1
                changed['payload']['surprise'] = 1
                self.assertTrue(validator(definition).is_valid(changed))

    def test_a_change_has_a_revision_and_presence_has_none(self):
        for definition, value in examples():
            if definition == 'serverMessage':
                may_have_one = ('BATCH', 'FULL_STATE_SYNC', 'STATE_END', 'DELTA_SYNC')
                if value['event_type'] in may_have_one or value['payload'].get('correction'):
                    continue
                changed = copy.deepcopy(value)
                if changed.pop('revision', None) is None:
                    changed['revision'] = 1
                with self.subTest(event_type=value['event_type']):
                    self.assertFalse(validator(definition).is_valid(changed))


class Documents(unittest.TestCase):
    def test_links_resolve(self):
        for path in documents():
            text = path.read_text(encoding='utf-8')
            for match in LINK.finditer(FENCE.sub('', text)):
                target, _, fragment = match['target'].partition('#')
                if '://' in target or target.startswith('mailto:'):
                    continue
                with self.subTest(document=str(path.relative_to(ROOT)), link=match['target']):
                    linked = (path.parent / target).resolve() if target else path
                    self.assertTrue(linked.exists(), 'leads nowhere')
                    if fragment:
                        self.assertIn(fragment, anchors(linked.read_text(encoding='utf-8')))

    def test_commands_exist(self):
        for name in ('README.md', 'CONTRIBUTING.md'):
            text = (ROOT / name).read_text(encoding='utf-8')
            for script in set(re.findall(r'(?<![\w/])((?:tools|tests|docs|src)/[\w./-]*[\w-])', text)):
                with self.subTest(document=name, path=script):
                    self.assertTrue((ROOT / script).exists())
        for script in ('tools/run.sh', 'tools/check.sh'):
            self.assertTrue((ROOT / script).stat().st_mode & 0o111, f'{script} cannot be run')
            self.assertIn(script, (ROOT / 'README.md').read_text(encoding='utf-8'))

    def test_decisions_are_listed(self):
        folder = ROOT / 'docs' / 'decisions'
        index = (folder / 'README.md').read_text(encoding='utf-8')
        for path in sorted(folder.glob('[0-9]*.md')):
            with self.subTest(decision=path.name):
                self.assertIn(f'({path.name})', index)
                text = path.read_text(encoding='utf-8')
                self.assertRegex(text, rf'\A# ADR-{path.name[:4]}: ')
                for heading in ('## Context', '## Decision', '## Consequences'):
                    self.assertIn(f'\n{heading}\n', text)

    def test_no_machine_paths(self):
        for path in repository_files():
            try:
                text = path.read_text(encoding='utf-8')
            except UnicodeDecodeError:
                continue
            with self.subTest(file=str(path.relative_to(ROOT))):
                self.assertIsNone(MACHINE_PATH.search(text))


if __name__ == '__main__':
    tap.main()
