# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Something with the server's name on a bus, in whatever state a test wants."""

import pathlib

from gi.repository import Gio, GLib

from support.bus import MANAGER, NAME, ROOT, Caller
from support.tray import own_name

DATA = pathlib.Path(__file__).resolve().parents[2]


class FakeServer:

    def __init__(self, bus, refuse=None, **properties):
        """`refuse` is a D-Bus error to answer every call with; the rest are properties."""
        self.refuse = refuse
        self.properties = {'State': GLib.Variant('s', 'running'),
                           'JournalState': GLib.Variant('s', 'ok'),
                           'Version': GLib.Variant('s', '9.9')}
        self.properties.update({k: GLib.Variant('s', v) for k, v in properties.items()})
        self.caller = Caller(bus)
        connection = self.caller.connection
        for path, description in ((ROOT, 'src/dbus/object-manager.xml'),
                                  (MANAGER, 'data/org.meerkat.Meerkat1.xml')):
            text = (DATA / description).read_text(encoding='utf-8')
            info = Gio.DBusNodeInfo.new_for_xml(text).interfaces[0]
            connection.register_object(path, info, self._call, lambda *a: self.properties.get(a[4]),
                                       None)
        own_name(connection, NAME)

    def _call(self, _connection, _sender, _path, _interface, method, _parameters, invocation):
        if self.refuse:
            invocation.return_dbus_error(self.refuse, 'No, says the test')
        elif method == 'GetManagedObjects':
            invocation.return_value(GLib.Variant(
                '(a{oa{sa{sv}}})', ({MANAGER: {NAME + '.Manager': self.properties}},)))
        elif method == 'ListSessions':
            invocation.return_value(GLib.Variant('(a(soutb))', ([('shelf', '/', 0, 7, False)],)))

    def change(self, **properties):
        changed = {k: GLib.Variant('s', v) for k, v in properties.items()}
        self.properties.update(changed)
        self.caller.connection.emit_signal(
            None, MANAGER, 'org.freedesktop.DBus.Properties', 'PropertiesChanged',
            GLib.Variant('(sa{sv}as)', (NAME + '.Manager', changed, [])))

    def finish(self):
        self.caller.close()
