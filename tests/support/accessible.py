# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Reads the accessibility tree of the monitor, as a screen reader does.

A program of its own, because the library keeps to the bus that it found first. A line of JSON comes in
for each question, and one goes out for each answer.
"""

import json
import sys

import gi
gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, GLib  # noqa: E402

STATES = ('FOCUSED', 'SENSITIVE', 'SHOWING', 'CHECKED', 'SELECTED', 'ENABLED')


def walk(item, depth=0):
    """The item and all below it that is showing."""
    try:
        states = item.get_state_set()
        if depth > 1 and not states.contains(Atspi.StateType.VISIBLE):
            return
        yield item
        for i in range(item.get_child_count()):
            child = item.get_child_at_index(i)
            if child is not None and depth < 60:
                yield from walk(child, depth + 1)
    except GLib.Error:
        return  # it went away while we looked


def applications():
    desktop = Atspi.get_desktop(0)
    for i in range(desktop.get_child_count()):
        item = desktop.get_child_at_index(i)
        if item is not None and 'meerkat' in (item.get_name() or '').lower():
            yield item


def describe(item):
    states = item.get_state_set()
    return {
        'role': item.get_role_name(),
        'name': item.get_name() or '',
        'description': item.get_description() or '',
        'states': [s for s in STATES if states.contains(getattr(Atspi.StateType, s))],
    }


def tree():
    found = []
    for application in applications():
        for item in walk(application):
            try:
                found.append(describe(item))
            except GLib.Error:
                pass
    return found


def click(role, name):
    for application in applications():
        for item in walk(application):
            try:
                if item.get_role_name() == role and item.get_name() == name:
                    if not item.get_state_set().contains(Atspi.StateType.SENSITIVE):
                        continue
                    if Atspi.Action.do_action(item, 0):
                        return True
            except (GLib.Error, AttributeError, TypeError):
                pass
    return False


def main():
    Atspi.set_timeout(3000, 3000)
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        # What it remembers it does not always forget in time.
        for application in applications():
            application.clear_cache()
        while GLib.MainContext.default().iteration(False):
            pass
        print(json.dumps({'tree': tree, 'click': click}[name](*arguments)), flush=True)


main()
