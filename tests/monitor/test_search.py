# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Sessions are found from the shell's search."""

from gi.repository import GLib

from support import tap
from support.bus import until
from support.desktop import NAME, PATH, MonitorTest

PROVIDER = 'org.gnome.Shell.SearchProvider2'


class SearchTest(MonitorTest):

    manager = True

    def ask(self, method, signature, *arguments):
        return self.caller.call(PATH + '/SearchProvider', f'{PROVIDER}.{method}',
                                GLib.Variant(signature, arguments), name=NAME)

    def test_search(self):
        """By name, also in the moment in which it is started for that; a result opens its page"""
        self.join('anna', session='Kitchen_1', display_name='Anna').create(ack=True)
        self.join('bob', session='kitchen_2').create(ack=True)
        self.open('--gapplication-service', accessible=False)
        found = self.ask('GetInitialResultSet', '(as)', ['KITCHEN'])[0]
        self.assertEqual(sorted(found), ['Kitchen_1', 'kitchen_2'])
        self.assertEqual(self.ask('GetSubsearchResultSet', '(asas)', found, ['kitchen', '1'])[0],
                         ['Kitchen_1'])
        meta, = self.ask('GetResultMetas', '(as)', ['Kitchen_1', 'no such'])[0]
        self.assertEqual((meta['id'], meta['name'], meta['description']),
                         ('Kitchen_1', 'Kitchen_1', '1 person'))
        self.assertEqual(self.ask('GetInitialResultSet', '(as)', ['garden'])[0], [])
        self.assertEqual(self.windows(), [])
        self.ask('ActivateResult', '(sasu)', 'Kitchen_1', ['kitchen'], 0)
        until(lambda: 'Kitchen_1' in self.display.tool(
            'xdotool', 'search', '--onlyvisible', '--class', 'meerkat-monitor', 'getwindowname')
            if self.windows() else False, 'the page of the session')


if __name__ == '__main__':
    tap.main()
