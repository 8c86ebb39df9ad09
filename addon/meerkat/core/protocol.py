# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What a scene is made of on the wire: types, properties, values; how they are read and checked.

A *transform* is a tuple of nine floats: position, rotation (XYZ Euler, radians), scale, in world
space. A *register* is what conflicts are decided for: 'transform', 'name', or a property's key. All
numbers in here are float32 values, kept in Python floats, so that equal means equal to Blender.
"""

import re
import struct

VERSION = 1
CAPABILITIES = ('batch', 'chunks')

TYPES = ('cube', 'sphere', 'cylinder', 'camera', 'point_light', 'sun_light', 'asset_ref')
IDENTITY = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0)
MAX_ANGLE = 3.1415928  # half a turn, such that a float32 of pi is within
MAX_NUMBER = 3.4028234e38
TRANSFORM = 'transform'
NAME = 'name'
SERVER = 'server'

LIMITS = {
    'max_message_size': 1048576,
    'message_rate': 100,
    'event_rate': 10000,
    'byte_rate': 4194304,
    'max_users_per_session': 10,
    'max_objects_per_session': 100000,
    'max_batch_events': 1000,
    'max_selected': 1000,
}

# What reading a message that is not as the protocol says may raise.
MALFORMED = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError,
             struct.error)

_NINE = struct.Struct('9f')
_THREE = struct.Struct('3f')
_ONE = struct.Struct('f')
_UUID = re.compile(r'[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}')
_SESSION = re.compile(r'[A-Za-z0-9._-]{1,64}')
_NO_TEXT = re.compile('[\x00-\x1f\x7f-\x9f\ud800-\udfff]')  # controls, halves of characters
_POSITIVE = ('focal_length', 'sensor_width', 'clip_start', 'clip_end')
_NOT_NEGATIVE = ('color', 'radius', 'angle')


def as_float32(number):
    """What is left of a number in Blender. Raises ValueError if it is too large for that."""
    try:
        return _ONE.unpack(_ONE.pack(number))[0]
    except OverflowError:
        raise ValueError(f'{number} is too large') from None


# The properties of each type, with what Blender gives a new one.
PROPERTIES = {
    'cube': {},
    'sphere': {},
    'cylinder': {},
    'camera': {'focal_length': 50.0, 'sensor_width': 36.0, 'clip_start': as_float32(0.1),
               'clip_end': 1000.0},
    'point_light': {'color': (1.0, 1.0, 1.0), 'power': 1000.0, 'radius': as_float32(0.1)},
    'sun_light': {'color': (1.0, 1.0, 1.0), 'intensity': 1.0, 'angle': as_float32(0.00918)},
    'asset_ref': {},
}


def same(a, b):
    """Whether two values (numbers, tuples, dicts, texts) are equal as float32."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b or as_float32(a) == as_float32(b)
    return a == b


def _is_in_range(numbers):
    # A sum that is small enough is that of numbers that are; NaN compares with nothing.
    return (sum(map(abs, numbers)) <= MAX_NUMBER
            or all(abs(number) <= MAX_NUMBER for number in numbers))


def clean_transform(numbers):
    """Nine numbers as a transform. Raises ValueError if one is not finite or too large."""
    try:
        transform = _NINE.unpack(_NINE.pack(*numbers))
    except (struct.error, TypeError, OverflowError):
        raise ValueError(f'not nine numbers that fit into a transform: {numbers!r}') from None
    if not _is_in_range(transform):
        raise ValueError(f'a transform must hold finite numbers: {transform}')
    return transform


def clean_property(key, value):
    """A property's value as float32. Raises ValueError, which names it, if it is not allowed."""
    try:
        if key == 'color':
            value = _THREE.unpack(_THREE.pack(*value))
            numbers = value
        else:
            numbers = _ONE.unpack(_ONE.pack(value))
            value = numbers[0]
    except (struct.error, TypeError, OverflowError):
        raise ValueError(f'{key}: not a number that can be shared: {value!r}') from None
    if not _is_in_range(numbers):
        raise ValueError(f'{key}: must be finite, not {value}')
    if key in _POSITIVE and value <= 0:
        raise ValueError(f'{key}: must be greater than 0, not {value:.9g}')
    if key in _NOT_NEGATIVE and min(numbers) < 0:
        raise ValueError(f'{key}: must be 0 or more, not {min(numbers):.9g}')
    if key == 'angle' and value > MAX_ANGLE:
        raise ValueError(f'angle: must be at most half a turn, not {value:.9g}')
    return value


def clean_properties(kind, values):
    """Those properties as float32. Raises ValueError for what the type does not have or allow."""
    unknown = values.keys() - PROPERTIES[kind].keys()
    if unknown:
        raise ValueError(f'{kind} has no property {min(unknown)}')
    return {key: clean_property(key, value) for key, value in values.items()}


def _is_text(text):
    return isinstance(text, str) and not _NO_TEXT.search(text)


def clean_name(text):
    """The text if it can be an object's name: 1 to 255 bytes, no control characters. Else None."""
    return text if _is_text(text) and 1 <= len(text.encode()) <= 255 else None


def is_object_id(text):
    """Whether it is the text of a UUID."""
    return isinstance(text, str) and _UUID.fullmatch(text) is not None


def is_session_id(text):
    """Whether it can be the name of a session: 1 to 64 of A-Z a-z 0-9 . _ -"""
    return _SESSION.fullmatch(text) is not None


def is_display_name(text):
    """Whether it can be the name of a user: 1 to 64 characters, no control characters."""
    return 1 <= len(text) <= 64 and _is_text(text)


class SharedObject:
    """An object of the shared scene.

    `writers` tells who wrote a register last, as far as it is known; times are Unix milliseconds by
    the server's clock.
    """

    __slots__ = ('id', 'name', 'type', 'asset_id', 'asset_library', 'transform', 'properties',
                 'created_by', 'updated_by', 'updated_at', 'writers')

    def __init__(self, id, name, type, transform=IDENTITY, properties=None, asset_id=None,
                 asset_library=None, created_by='', updated_by='', updated_at=0):
        self.id = id
        self.name = name
        self.type = type
        self.transform = transform
        self.properties = {**PROPERTIES.get(type, {}), **(properties or {})}
        self.asset_id = asset_id
        self.asset_library = asset_library
        self.created_by = created_by
        self.updated_by = updated_by
        self.updated_at = updated_at
        self.writers = {}

    def __repr__(self):
        return f'<{self.type} {self.name!r} {self.id}>'

    def copy(self):
        """Another one with the same values."""
        twin = SharedObject(self.id, self.name, self.type, self.transform, self.properties,
                            self.asset_id, self.asset_library, self.created_by, self.updated_by,
                            self.updated_at)
        twin.writers = dict(self.writers)
        return twin

    def get(self, register):
        """The value of a register. Raises KeyError if objects of this type do not have it."""
        if register == TRANSFORM:
            return self.transform
        if register == NAME:
            return self.name
        return self.properties[register]

    def set(self, register, value):
        """Gives a register a clean value."""
        if register == TRANSFORM:
            self.transform = value
        elif register == NAME:
            self.name = value
        else:
            self.properties[register] = value

    def has(self, register):
        """Whether objects of this type have such a register."""
        return register == TRANSFORM or register == NAME or register in self.properties

    def looks_like(self, other):
        """Whether users would see no difference."""
        return (self.transform == other.transform and self.name == other.name
                and self.type == other.type and self.properties == other.properties
                and self.asset_id == other.asset_id
                and self.asset_library == other.asset_library)

    def check(self):
        """Brings the values into their clean form. Raises ValueError if it cannot be shared."""
        if not is_object_id(self.id):
            raise ValueError(f'not a UUID: {self.id!r}')
        if self.type not in PROPERTIES:
            raise ValueError(f'no such type: {self.type!r}')
        if clean_name(self.name) is None:
            raise ValueError(f'a name has 1 to 255 bytes without control characters: {self.name!r}')
        is_asset = self.type == 'asset_ref'
        for text in (self.asset_id, self.asset_library):
            if is_asset and clean_name(text) is None:
                raise ValueError('an asset needs its name and its library: '
                                 f'{self.asset_id!r}, {self.asset_library!r}')
            if not is_asset and text is not None:
                raise ValueError(f'only an asset_ref is from a library, not a {self.type}')
        self.transform = clean_transform(self.transform)
        self.properties = clean_properties(self.type, self.properties)


class User:
    """Somebody in the session. `color` is sRGB, 0 to 255; `connected_at` Unix milliseconds.

    What somebody has selected is kept as it was told, and shown as far as it is among `objects`.
    """

    __slots__ = ('user_id', 'name', 'color', 'connected_at', '_objects', '_selected', '_selection')

    def __init__(self, user_id, name, color, connected_at=0, objects=()):
        self.user_id = user_id
        self.name = name
        self.color = color
        self.connected_at = connected_at
        self._objects = objects
        self.select(None, ())

    def select(self, active, ids):
        """Takes over what the user has selected; `active` may be None."""
        self._selected = active if isinstance(active, str) else None
        self._selection = dict.fromkeys(one for one in ids if isinstance(one, str))

    def deselect(self, object_id):
        """Forgets an object that is gone."""
        if self._selected == object_id:
            self._selected = None
        self._selection.pop(object_id, None)

    @property
    def selected(self):
        """The id of the active object, or None."""
        return self._selected if self._selected in self._objects else None

    @property
    def selection(self):
        """The ids of all that is selected."""
        return tuple(object_id for object_id in self._selection if object_id in self._objects)


# Reading what the server sends. These raise one of MALFORMED.

def read_transform(value):
    """A transform from its JSON."""
    transform = _NINE.unpack(_NINE.pack(*value['position'], *value['rotation'], *value['scale']))
    if not _is_in_range(transform):
        raise ValueError('a transform with numbers that are not finite')
    return transform


def read_properties(kind, value):
    """All properties of a type from their JSON; unknown ones are passed over."""
    return {key: clean_property(key, value[key]) if key in value else default
            for key, default in PROPERTIES[kind].items()}


def read_name(value):
    """An object's name from its JSON."""
    if clean_name(value) is None:
        raise ValueError(f'not a name: {value!r:.80}')
    return value


def read_object(value):
    """A whole object from its JSON."""
    kind = value['type']
    if kind not in PROPERTIES:
        raise ValueError(f'an object of unknown type {kind!r:.80}')
    if not is_object_id(value['object_id']):
        raise ValueError(f'not an object_id: {value["object_id"]!r:.80}')
    asset = (None, None)
    if kind == 'asset_ref':
        asset = read_name(value['asset_id']), read_name(value['asset_library'])
    return SharedObject(value['object_id'], read_name(value['name']), kind,
                        read_transform(value['transform']),
                        read_properties(kind, value['properties']), *asset,
                        str(value['created_by']), str(value['last_updated_by']),
                        int(value['last_updated_at']))


def read_user(user_id, value, objects):
    """A user from the JSON of a sync's `users` or of a USER_JOINED."""
    red, green, blue = (min(max(int(part), 0), 255) for part in value['color'])
    user = User(str(user_id), str(value['display_name']), (red, green, blue),
                int(value.get('connected_at') or 0), objects)
    user.select(value.get('selected_object'), value.get('selected_objects') or ())
    return user
