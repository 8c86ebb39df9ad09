# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What others move arrives 30 times a second: here it is made to glide instead of hop.

A transform is a tuple of nine floats: position, XYZ Euler angles in radians (the matrix is
Rz·Ry·Rx), scale.
"""

import math

DURATION = 0.05  # seconds: no object arrives later after its target did
FIRST = 1 / 3  # how much of the way is behind it at once; the rest takes its part of the duration
# Rotation and scale that differ by no more than 32-bit floats do are taken as they are.
TOLERANCE = 2.0 ** -20
# Where the sine of half the angle is smaller, a straight line is as good as an arc.
SMALL_ANGLE = 1e-4


class Motion:
    """Moves objects to where they belong within DURATION, and ends at the very value.

    Times are seconds of a monotonic clock. An id is whatever the caller knows its objects by.
    """

    def __init__(self):
        self._moves = {}
        self._last_step = -math.inf

    def __len__(self):
        return len(self._moves)

    def __contains__(self, object_id):
        return object_id in self._moves

    def aim(self, object_id, current, target, now):
        """Lets an object that is at `current` go to `target`, wherever it was bound for before."""
        x, y, z = current[:3]
        tail = target[3:]
        turn = None if _same(current[3:], tail) else _Turn(current, target)
        self._moves[object_id] = (now, x, y, z, target[0] - x, target[1] - y, target[2] - z, tail,
                                  turn, target)

    def step(self, now):
        """Where the objects are by now: a list of (id, transform, done).

        To be called once per tick, whether anything moves or not: what the next tick, if it comes
        as late as this one did, would find late is at its target at once. What is done is
        forgotten.
        """
        until = now + (now - self._last_step) - DURATION
        self._last_step = now
        places = []
        arrived = []
        for object_id, (began, x, y, z, dx, dy, dz, tail, turn, target) in self._moves.items():
            part = FIRST + (now - began) / DURATION
            if part >= 1 or began < until:
                places.append((object_id, target, True))
                arrived.append(object_id)
            else:
                if turn is not None:
                    tail = turn.at(part)
                places.append((object_id, (x + dx * part, y + dy * part, z + dz * part, *tail),
                               False))
        for object_id in arrived:
            del self._moves[object_id]
        return places

    def drop(self, object_id):
        """Forgets an object; it stays where it is."""
        self._moves.pop(object_id, None)

    def finish(self, object_id):
        """Forgets an object and returns its target; None if it is not moving."""
        move = self._moves.pop(object_id, None)
        return None if move is None else move[-1]


def _same(values, others):
    return values == others or all(abs(v - o) <= TOLERANCE * max(1.0, abs(o))
                                   for v, o in zip(values, others))


class _Turn:
    """How rotation and scale go from one transform to another: the short way and evenly."""

    __slots__ = ('euler', 'scale', 'growth', 'start', 'end', 'angle')

    def __init__(self, current, target):
        self.euler = current[3:6]
        self.scale = current[6:9]
        self.growth = target[6] - current[6], target[7] - current[7], target[8] - current[8]
        self.start = None
        if not _same(self.euler, target[3:6]):
            self.start = w, x, y, z = euler_to_quaternion(self.euler)
            self.end = v, i, j, k = euler_to_quaternion(target[3:6])
            cosine = w * v + x * i + y * j + z * k
            if cosine < 0:
                self.end = -v, -i, -j, -k
            self.angle = math.acos(min(1.0, abs(cosine)))

    def at(self, part):
        """Euler angles and scale after that part of the way."""
        if self.start is not None:
            sine = math.sin(self.angle)
            if sine < SMALL_ANGLE:
                a, b = 1 - part, part
            else:
                a = math.sin((1 - part) * self.angle) / sine
                b = math.sin(part * self.angle) / sine
            w, x, y, z = self.start
            v, i, j, k = self.end
            self.euler = quaternion_to_euler(a * w + b * v, a * x + b * i, a * y + b * j,
                                             a * z + b * k, self.euler)
        x, y, z = self.scale
        dx, dy, dz = self.growth
        return (*self.euler, x + dx * part, y + dy * part, z + dz * part)


def euler_to_quaternion(euler):
    """The rotation of XYZ Euler angles as (w, x, y, z) of length 1."""
    x, y, z = euler
    cx, cy, cz = math.cos(x / 2), math.cos(y / 2), math.cos(z / 2)
    sx, sy, sz = math.sin(x / 2), math.sin(y / 2), math.sin(z / 2)
    return (cx * cy * cz + sx * sy * sz, sx * cy * cz - cx * sy * sz,
            cx * sy * cz + sx * cy * sz, cx * cy * sz - sx * sy * cz)


def quaternion_to_euler(w, x, y, z, near):
    """The XYZ Euler angles of a rotation, of all that say the same those closest to `near`."""
    near_x, near_y, near_z = near
    sine = 2 * (w * y - x * z)
    forward, aside = 1 - 2 * (y * y + z * z), 2 * (x * y + w * z)
    cosine = math.sqrt(forward * forward + aside * aside)
    pitch = math.atan2(sine, cosine)
    if cosine > 1e-6:
        roll = math.atan2(2 * (y * z + w * x), 1 - 2 * (x * x + y * y))
        yaw = math.atan2(aside, forward)
        if abs(roll - near_x) + abs(pitch - near_y) + abs(yaw - near_z) < 1:
            return roll, pitch, yaw
    else:
        # X and Z turn about the same axis here; Z stays what it was.
        yaw = near_z
        roll = 2 * math.atan2(x, w) + math.copysign(1.0, sine) * yaw
    ways = [[angle + math.tau * round((n - angle) / math.tau) for angle, n in zip(way, near)]
            for way in ((roll, pitch, yaw), (roll + math.pi, math.pi - pitch, yaw + math.pi))]
    return min(ways, key=lambda way: sum(abs(angle - n) for angle, n in zip(way, near)))
