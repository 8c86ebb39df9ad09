# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""No text that people read is left without a mark that has it translated."""

import ast
import pathlib
import re
import sys
import unittest
import xml.etree.ElementTree

from support import tap

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'addon'))
sys.dont_write_bytecode = True
import messages  # noqa: E402

# What is a text of two words or more, whatever it is for.
WORDS = re.compile(r"[A-Za-z]{2,}[,.:]? [a-z]")

# C: a string, or several that the compiler puts together; comments, to be taken out before.
STRINGS = re.compile(r'"(?:[^"\\\n]|\\.)*"(?:\s*(?:[A-Z][A-Z0-9_]+\s*)?"(?:[^"\\\n]|\\.)*")*')
COMMENT = re.compile(r'/\*.*?\*/|^#\s*(?:include|define)[^\n]*', re.DOTALL | re.MULTILINE)
TRANSLATED = re.compile(r'\b(?:_|N_|C_|NC_|ngettext) \((?:[^()"]|"(?:[^"\\\n]|\\.)*")*$')
# What is for programs or for developers.
UNSEEN = re.compile(r'\b(?:g_(?:warning|debug|message|critical|error|log\w*|assert\w*)|mk_log\w*|'
                    r'g_return_\w+|g_param_spec_\w+|g_dbus_method_invocation_return_\w+|'
                    r'G_STATIC_ASSERT) \([^;{}]*$')
# What draws or prints what it is given, in whatever few words.
SHOWING = re.compile(r'\b(?:puts|fputs|printf|fprintf|g_print|g_printerr|'
                     r'gtk_label_(?:new|set_\w+)|gtk_button_(?:new_with_\w+|set_label)|'
                     r'gtk_window_set_title|gtk_widget_set_tooltip_\w+|g_notification_(?:new|set_body)|'
                     r'adw_\w+_(?:new|set_title|set_subtitle|set_description|set_heading|set_body)) '
                     r'\((?:[^()";{}]|\([^()]*\)|"[^"\n]*")*$')

# Properties and attributes of interface files that show a text.
SHOWN = {'label', 'title', 'subtitle', 'description', 'tooltip-text', 'placeholder-text', 'text',
         'heading', 'body', 'secondary-text'}


def unmarked_in_c(source):
    """(line, text) of strings that look like words and are not marked."""
    source = COMMENT.sub(lambda match: re.sub(r'[^\n]', ' ', match[0]), source)
    for match in STRINGS.finditer(source):
        before = source[max(0, match.start() - 600):match.start()]
        if TRANSLATED.search(before) or UNSEEN.search(before):
            continue
        text = ''.join(ast.literal_eval(part)
                       for part in re.findall(r'"(?:[^"\\\n]|\\.)*"', match[0]))
        plain = re.sub(r'%[-\d.*]*(?:l|ll)?[a-zA-Z]|\033\[\w*|meerkat(?:ctl|d|-monitor)|--?[a-z][a-z-]*', '', text)
        if WORDS.search(plain) or (SHOWING.search(before) and re.search(r'[A-Za-z]{2,}', plain)):
            yield source.count('\n', 0, match.start()) + 1, text


def unmarked_in_ui(path):
    """Texts of an interface file that are not translatable."""
    for element in xml.etree.ElementTree.parse(path).iter():
        if (element.tag in ('property', 'attribute') and element.get('name') in SHOWN
                and re.search(r'[A-Za-z]{2,}', element.text or '')
                and element.get('translatable') != 'yes'):
            yield element.text


def unmarked_in_python(source):
    """(line, text) of strings that look like words and that messages.find() does not know."""
    tree = ast.parse(source)
    known = {text for message in messages.find(source) for text in (message.text, message.plural)}
    silent = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
            silent.add(node.body[0].value)
        elif isinstance(node, ast.JoinedStr):  # the script for another Blender; labels have no words
            silent |= set(node.values) if any('import ' in str(getattr(part, 'value', ''))
                                              for part in node.values) else set()
    for node in ast.walk(tree):
        if (isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in silent
                and node.value not in known and WORDS.search(node.value)):
            yield node.lineno, node.value


class TestMarks(unittest.TestCase):
    maxDiff = None

    # No words for people, or people's own: (file, text)
    allowed = {
        ('addon/meerkat/__init__.py', 'The Meerkat developers'),
        ('addon/meerkat/preferences.py', 'New server'),  # a name, until the user gives another
        ('src/monitor/mon-application.c', 'The Meerkat developers'),
        ('src/monitor/mon-application.c', '© 2026 The Meerkat developers'),
        ('addon/meerkat/saving.py', 'Packed for Meerkat: '),  # from one Blender to another
    }

    def check(self, path, found):
        name = path.relative_to(ROOT).as_posix()
        self.assertEqual([item for item in found if (name, item[1]) not in self.allowed], [], name)

    def test_c(self):
        """In what people run: the command line and the monitor"""
        for folder in ('ctl', 'monitor'):
            for path in sorted((ROOT / 'src' / folder).glob('**/*.c')):
                with self.subTest(path.name):
                    self.check(path, unmarked_in_c(path.read_text(encoding='utf-8')))

    def test_ui(self):
        """In interface files"""
        for path in sorted((ROOT / 'src').glob('**/*.ui')):
            with self.subTest(path.name):
                self.assertEqual(list(unmarked_in_ui(path)), [])

    def test_addon(self):
        """In the add-on, but for the report for helpers and what core says to other modules"""
        for path in sorted((ROOT / 'addon/meerkat').glob('**/*.py')):
            if path.name != 'diagnostics.py' and path.parent.name != 'core':
                with self.subTest(path.name):
                    self.check(path, unmarked_in_python(path.read_text(encoding='utf-8')))

    def test_scan(self):
        """The search itself: it finds what is not marked, and nothing else"""
        found = list(unmarked_in_c('''
          g_print ("Saved\\n");
          gtk_label_new (wide ? "Nobody" : name);
          say (self, "it has begun");
          printf ("%s: %u\\n", _ ("There it is"), n);
          /* a comment "with a text in it" */
          g_warning ("nothing for people");
          puts (ngettext ("one thing here", "many things here", n));
          g_variant_new ("(ss)", "a", "b");
        '''))
        self.assertEqual([text for _, text in found], ['Saved\n', 'Nobody', 'it has begun'])
        found = list(unmarked_in_python('def f(self):\n  """A docstring of words."""\n'
                                        '  self.fail("it has failed")\n  tr("it has worked")\n'))
        self.assertEqual(found, [(3, 'it has failed')])


if __name__ == '__main__':
    tap.main()
