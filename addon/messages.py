# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Finds what is translated in the sources of the add-on.

Much of it Blender translates by itself wherever it shows it, so nothing in the source marks it:
labels, names and descriptions of properties, the items of enumerations, the tooltips that
operators have as docstrings. That is found here by where it stands, as Blender finds its own.
Beside it there is what `tr()` and `counted()` are given, and what a module's CONSTANTS hold: texts
of two words or more, and, where a comment says `# translated`, single words too. Neither keys nor
what is first in a tuple is meant, and never a WORD_LIKE_THIS.
"""

import ast
import dataclasses
import re

FUNCTIONS = {'tr'}
PLURALS = {'counted'}  # of a number, the text for one and the text for many
LABELS = {'text', 'heading'}  # arguments of what draws
NAMES = {'name', 'description'}  # of what makes properties
ATTRIBUTES = {'bl_label', 'bl_description'}
INFO = {'description', 'location'}  # of bl_info
TOOLTIPS = re.compile(r'\w+_(OT|MT)_\w+')
TABLE = re.compile(r'#\s*translated\s*$')
CONSTANT = re.compile(r'[A-Z0-9_]*')
SENTENCE = re.compile(r'(?s)(?=.*\w\W* \W*\w).*\S')  # two words or more, and no space at the end


@dataclasses.dataclass(frozen=True)
class Message:
    """A text of the source, in English: its line, and, if it has one, its plural."""
    line: int
    text: str
    plural: str = ''


def find(source):
    """All messages in the source of a module, in their order."""
    finder = _Finder([number for number, line in enumerate(source.splitlines(), 1)
                      if TABLE.search(line)])
    tree = ast.parse(source)
    finder.constants = {target.id: node.value for node in tree.body if isinstance(node, ast.Assign)
                        for target in node.targets
                        if isinstance(target, ast.Name) and CONSTANT.fullmatch(target.id)}
    finder.visit(tree)
    for value in finder.constants.values():
        finder.add_table(value, SENTENCE)
    return sorted(set(finder.messages), key=lambda message: (message.line, message.text))


class _Finder(ast.NodeVisitor):
    def __init__(self, tables):
        self.messages = []
        self.constants = {}
        self._tables = tables

    def _add(self, node, plural=None):
        """Takes a text; of `a if b else c` both, of what is no text nothing."""
        if isinstance(node, ast.IfExp):
            self._add(node.body)
            self._add(node.orelse)
        elif _is_text(node) and (plural is None or _is_text(plural)):
            self.messages.append(Message(node.lineno, node.value, plural.value if plural else ''))

    def visit_Call(self, node):
        function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(
            node.func, 'id', '')
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        if function in FUNCTIONS and node.args:
            self._add(node.args[0])
        elif function in PLURALS and len(node.args) > 2:
            self._add(node.args[1], node.args[2])
        elif function.endswith('Property'):
            for name in NAMES & keywords.keys():
                self._add(keywords[name])
            items = keywords.get('items')
            if isinstance(items, ast.Subscript):
                items = items.value
            self.add_table(self.constants.get(getattr(items, 'id', ''), items))
        elif not _is_false(keywords.get('translate')):
            for name in LABELS & keywords.keys():
                self._add(keywords[name])
        self.generic_visit(node)

    def visit_ClassDef(self, node):
        if TOOLTIPS.fullmatch(node.name) and ast.get_docstring(node):
            self._add(node.body[0].value)
        self.generic_visit(node)

    def visit_Assign(self, node):
        names = {target.id for target in node.targets if isinstance(target, ast.Name)}
        if names & ATTRIBUTES:
            self._add(node.value)
        elif 'bl_info' in names:
            for key, value in zip(node.value.keys, node.value.values):
                if key.value in INFO:
                    self._add(value)
        elif any(node.lineno <= line <= node.end_lineno for line in self._tables):
            self.add_table(node.value)
        self.generic_visit(node)

    def add_table(self, node, wanted=re.compile('(?s).*')):
        """Takes the texts of a table, as far as they look like what is wanted."""
        if isinstance(node, ast.Dict):
            for value in node.values:
                self.add_table(value, wanted)
        elif isinstance(node, (ast.Tuple, ast.List, ast.Set)):
            for item in node.elts:
                is_row = isinstance(item, ast.Tuple)
                for part in item.elts[1:] if is_row else [item]:
                    self.add_table(part, wanted)
        elif _is_text(node) and wanted.fullmatch(node.value):
            self._add(node)


def _is_text(node):
    return (isinstance(node, ast.Constant) and isinstance(node.value, str)
            and not CONSTANT.fullmatch(node.value))


def _is_false(node):
    return isinstance(node, ast.Constant) and node.value is False
