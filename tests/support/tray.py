# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""A panel without pixels: the watcher and host of StatusNotifierItems, and a notification daemon."""

from gi.repository import Gio, GLib

from support.bus import Caller, until

WATCHER = 'org.kde.StatusNotifierWatcher'
ITEM = 'org.kde.StatusNotifierItem'
MENU = 'com.canonical.dbusmenu'
PROPERTIES = 'org.freedesktop.DBus.Properties'

WATCHER_XML = '''<node><interface name="org.kde.StatusNotifierWatcher">
<method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
<method name="RegisterStatusNotifierHost"><arg type="s" direction="in"/></method>
<property name="RegisteredStatusNotifierItems" type="as" access="read"/>
<property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
<property name="ProtocolVersion" type="i" access="read"/>
<signal name="StatusNotifierHostRegistered"/></interface></node>'''

NOTIFICATIONS_XML = '''<node><interface name="org.freedesktop.Notifications">
<method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/>
<arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
<arg type="as" direction="in"/><arg type="a{sv}" direction="in"/><arg type="i" direction="in"/>
<arg type="u" direction="out"/></method>
<method name="CloseNotification"><arg type="u" direction="in"/></method>
<method name="GetCapabilities"><arg type="as" direction="out"/></method>
<method name="GetServerInformation"><arg type="s" direction="out"/><arg type="s" direction="out"/>
<arg type="s" direction="out"/><arg type="s" direction="out"/></method>
<signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
<signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal></interface></node>'''


def own_name(connection, name):
    connection.call_sync('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus',
                         'RequestName', GLib.Variant('(su)', (name, 0)), None,
                         Gio.DBusCallFlags.NONE, -1, None)


class Panel:
    """Takes an icon, and looks at it as a panel does."""

    def __init__(self, bus):
        self.caller = Caller(bus)
        self.connection = self.caller.connection
        self.item = None  # (name, path)
        self.asked = False  # whether there is anybody who shows it
        info = Gio.DBusNodeInfo.new_for_xml(WATCHER_XML).interfaces[0]
        self.connection.register_object('/StatusNotifierWatcher', info, self._call, self._get, None)
        own_name(self.connection, WATCHER)

    def _call(self, _connection, sender, _path, _interface, method, parameters, invocation):
        invocation.return_value(None)
        if method == 'RegisterStatusNotifierItem':
            text = parameters.unpack()[0]
            self.item = (sender, text) if text.startswith('/') else (text, '/StatusNotifierItem')

    def _get(self, _connection, _sender, _path, _interface, name):
        self.asked = self.asked or name == 'IsStatusNotifierHostRegistered'
        return {'RegisteredStatusNotifierItems': GLib.Variant('as', []),
                'IsStatusNotifierHostRegistered': GLib.Variant('b', True),
                'ProtocolVersion': GLib.Variant('i', 0)}[name]

    def wait_item(self):
        until(lambda: self.item and self.asked, 'an icon for the tray')
        self.properties()  # its answer comes after ours was heard

    def properties(self):
        name, path = self.item
        return self.caller.call(path, f'{PROPERTIES}.GetAll', GLib.Variant('(s)', (ITEM,)),
                                name=name)[0]

    def menu(self):
        """The entries as (number, properties)."""
        layout = self.caller.call(self.properties()['Menu'], f'{MENU}.GetLayout',
                                  GLib.Variant('(iias)', (0, -1, [])), name=self.item[0])[1]
        return [(child[0], child[1]) for child in layout[2]]

    def labels(self):
        return [entry.get('label', '-').replace('__', '\0').replace('_', '').replace('\0', '_')
                for _, entry in self.menu()]

    def click(self, label):
        number = next(n for n, entry in self.menu()
                      if entry.get('label', '').replace('_', '').startswith(label))
        self.caller.call(self.properties()['Menu'], f'{MENU}.Event',
                         GLib.Variant('(isvu)', (number, 'clicked', GLib.Variant('i', 0), 0)),
                         name=self.item[0])

    def activate(self):
        name, path = self.item
        self.caller.call(path, f'{ITEM}.Activate', GLib.Variant('(ii)', (0, 0)), name=name)

    def finish(self):
        self.caller.close()


class Notifications:
    """Keeps what would have been shown, as (title, body)."""

    def __init__(self, bus):
        self.caller = Caller(bus)
        self.shown = []
        info = Gio.DBusNodeInfo.new_for_xml(NOTIFICATIONS_XML).interfaces[0]
        self.caller.connection.register_object('/org/freedesktop/Notifications', info, self._call,
                                               None, None)
        own_name(self.caller.connection, 'org.freedesktop.Notifications')

    def _call(self, _connection, _sender, _path, _interface, method, parameters, invocation):
        if method == 'Notify':
            self.shown.append(parameters.unpack()[3:5])
            invocation.return_value(GLib.Variant('(u)', (len(self.shown),)))
        elif method == 'GetCapabilities':
            invocation.return_value(GLib.Variant('(as)', (['actions', 'body'],)))
        elif method == 'GetServerInformation':
            invocation.return_value(GLib.Variant('(ssss)', ('test', 'test', '1', '1.2')))
        else:
            invocation.return_value(None)

    def wait(self, title):
        """The body of the notification with that title."""
        return until(lambda: [body or ' ' for t, body in self.shown if t == title],
                     f'a notification {title!r}; shown: {self.shown}')[0]

    def finish(self):
        self.caller.close()
