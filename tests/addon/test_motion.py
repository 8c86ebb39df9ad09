#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""What others move glides, arrives in time, and ends where it belongs."""

import math
import unittest

from core.motion import DURATION, Motion, euler_to_quaternion, quaternion_to_euler
from support import tap
from support.case import seeded

HOME = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0)


def there(position=(0.0, 0.0, 0.0), rotation=(0.0, 0.0, 0.0), scale=(1.0, 1.0, 1.0)):
    return (*position, *rotation, *scale)


def angle_between(euler, other):
    """Radians of the turn from one rotation to the other."""
    dot = sum(p * q for p, q in zip(euler_to_quaternion(euler), euler_to_quaternion(other)))
    return 2 * math.acos(min(1.0, abs(dot)))


def ticking(motion, rate, since=0.0, ticks=3):
    """Ticks in which nothing moves; returns the time of the next one."""
    for tick in range(ticks):
        motion.step(since + tick / rate)
    return since + ticks / rate


class Gliding(unittest.TestCase):

    def setUp(self):
        self.motion = Motion()

    def run_to_end(self, now, rate=60, current=HOME):
        """The transforms of the one object that moves, from tick to tick."""
        seen = []
        while len(self.motion):
            [(_, current, done)] = self.motion.step(now)
            seen.append(current)
            self.assertEqual(done, 'a' not in self.motion)
            now += 1 / rate
        return seen

    def test_first_tick_moves(self):
        """A third of the way is done in the tick in which the value arrives"""
        for rate in (30, 60, 144):
            motion = Motion()
            now = ticking(motion, rate)
            motion.aim('a', HOME, there((3.0, -6.0, 9.0)), now)
            [(name, values, done)] = motion.step(now)
            self.assertEqual((name, done), ('a', False))
            for value, whole in zip(values, (3.0, -6.0, 9.0)):
                self.assertGreaterEqual(value / whole, 1 / 3 - 1e-9)
                self.assertLess(value / whole, 1)
            self.assertEqual(values[3:], HOME[3:])

    def test_in_time_and_exact(self):
        """At any rate of ticks the end comes within the duration, if there is a tick then"""
        random = seeded()
        for rate in (5, 10, 19, 21, 25, 30, 50, 60, 100, 240):
            for _ in range(10):
                motion = Motion()
                now = ticking(motion, rate)
                target = tuple(random.uniform(-9, 9) for _ in range(9))
                arrival = now
                motion.aim('a', HOME, target, arrival)
                while True:
                    [(_, values, done)] = motion.step(now)
                    if done:
                        break
                    now += 1 / rate
                self.assertEqual(values, target)
                self.assertLessEqual(now - arrival, DURATION + 1e-9, f'{rate} Hz')
                self.assertEqual(list(motion.step(now)), [])
                self.assertEqual((len(motion), 'a' in motion), (0, False))

    def test_slow_ticks(self):
        """Where the next tick would be too late there is no gliding"""
        now = ticking(self.motion, 5)
        self.motion.aim('a', HOME, there((1.0, 2.0, 3.0)), now)
        self.assertEqual(list(self.motion.step(now)), [('a', there((1.0, 2.0, 3.0)), True)])

    def test_even_steps_of_a_drag(self):
        """Updates at 30 Hz, ticks at 60 Hz: the same way in every tick"""
        now = ticking(self.motion, 60)
        place, steps = HOME, []
        for tick in range(60):
            if tick % 2 == 0:
                self.motion.aim('a', place, there((tick / 2 + 1.0, 0.0, 0.0)), now)
            [(_, reached, _)] = self.motion.step(now)
            steps.append(reached[0] - place[0])
            place = reached
            now += 1 / 60
        for step in steps[30:]:
            self.assertAlmostEqual(step, 0.5, 4)

    def test_new_target_under_way(self):
        now = ticking(self.motion, 60)
        self.motion.aim('a', HOME, there((9.0, 0.0, 0.0)), now)
        [(_, reached, _)] = self.motion.step(now)
        now += 1 / 60
        self.motion.aim('a', reached, there((reached[0], 3.0, 0.0)), now)
        self.assertEqual(len(self.motion), 1)
        seen = self.run_to_end(now)
        self.assertTrue(all(values[0] == reached[0] for values in seen))
        self.assertEqual(seen[-1], there((reached[0], 3.0, 0.0)))

    def test_no_way_at_all(self):
        now = ticking(self.motion, 60)
        self.motion.aim('a', HOME, HOME, now)
        self.assertEqual(set(self.run_to_end(now)), {HOME})

    def test_scale(self):
        now = ticking(self.motion, 60)
        self.motion.aim('a', HOME, there(scale=(4.0, 1.0, -2.0)), now)
        seen = self.run_to_end(now)
        self.assertEqual(seen[-1], there(scale=(4.0, 1.0, -2.0)))
        for values in seen[:-1]:
            part = (values[6] - 1) / 3
            self.assertTrue(0.3 < part < 1)
            self.assertAlmostEqual(values[8], 1 - 3 * part)
            self.assertEqual(values[3:6], (0.0, 0.0, 0.0))

    def test_rounding_is_no_turn(self):
        """What Blender made 32-bit floats of is taken as it was sent"""
        now = ticking(self.motion, 60)
        sent = there((1.0, 0.0, 0.0), (0.1, 20.2, -0.3), (0.7, 1.1, 1.3))
        kept = there((0.0, 0.0, 0.0), (0.10000000149, 20.200000762939453, -0.300000011920929),
                     (0.699999988079071, 1.100000023841858, 1.2999999523162842))
        self.motion.aim('a', kept, sent, now)
        for values in self.run_to_end(now):
            self.assertEqual(values[3:], sent[3:])


class Turning(unittest.TestCase):

    def turn(self, start, end, rate=60):
        motion = Motion()
        now = ticking(motion, rate)
        motion.aim('a', there(rotation=start), there(rotation=end), now)
        seen = [start]
        while len(motion):
            [(_, values, _)] = motion.step(now)
            seen.append(values[3:6])
            now += 1 / rate
        self.assertEqual(seen[-1], end)
        return seen

    def test_short_way_and_evenly(self):
        random = seeded()
        for _ in range(200):
            start = tuple(random.uniform(-4, 4) for _ in range(3))
            end = tuple(random.uniform(-4, 4) for _ in range(3))
            whole = angle_between(start, end)
            seen = self.turn(start, end, 240)
            turned = [angle_between(start, euler) for euler in seen]
            left = [angle_between(euler, end) for euler in seen]
            for before, after in zip(turned, turned[1:]):
                self.assertLess(before, after + 1e-6)
            for so_far, rest in zip(turned, left):
                self.assertAlmostEqual(so_far + rest, whole, 5)
            # Evenly: after the hop of the first tick every tick turns the same.
            steps = [after - before for before, after in zip(turned[1:], turned[2:-1])]
            self.assertLess(max(steps) - min(steps), 1e-5)

    def test_angles_do_not_jump(self):
        """The Euler angles on the way are those near the last ones, in whatever turn they are"""
        random = seeded()
        for _ in range(200):
            start = tuple(random.uniform(-20, 20) for _ in range(3))
            end = tuple(angle + random.uniform(-0.1, 0.1) for angle in start)
            if abs(math.cos(start[1])) < 0.5:
                continue  # there small turns do need large angles
            seen = self.turn(start, end)
            for before, after in zip(seen, seen[1:]):
                for angle, next_angle in zip(before, after):
                    self.assertLess(abs(next_angle - angle), 0.5)

    def test_whole_turns_more(self):
        """Half a turn and several whole ones: it goes the short way, and says the angle as sent"""
        end = (0.0, 0.0, math.pi / 2 + 6 * math.pi)
        for euler in self.turn((0.0, 0.0, 0.0), end)[:-1]:
            self.assertTrue(-1e-9 <= euler[2] <= math.pi / 2 + 1e-9, euler)

    def test_whole_turns_only(self):
        for euler in self.turn((0.1, 0.2, 0.3), (0.1, 0.2, 0.3 + 4 * math.pi))[:-1]:
            self.assertLess(angle_between(euler, (0.1, 0.2, 0.3)), 1e-6)

    def test_half_turn(self):
        for euler in self.turn((0.0, 0.0, 0.0), (0.0, 0.0, math.pi))[1:-1]:
            self.assertAlmostEqual(euler[0], 0)
            self.assertAlmostEqual(euler[1], 0)
            self.assertTrue(math.pi / 3 - 1e-6 < abs(euler[2]) < math.pi)

    def test_euler_and_back(self):
        random = seeded()
        for _ in range(500):
            near = tuple(random.uniform(-30, 30) for _ in range(3))
            euler = quaternion_to_euler(*euler_to_quaternion(near), near)
            self.assertLess(angle_between(euler, near), 1e-6)
            if abs(math.cos(near[1])) > 1e-3:
                for angle, other in zip(euler, near):
                    self.assertAlmostEqual(angle, other, 5)

    def test_straight_up_and_down(self):
        """Where X and Z are one axis, angles are still right and near"""
        random = seeded()
        for pitch in (math.pi / 2, -math.pi / 2, 5 * math.pi / 2):
            for _ in range(50):
                near = (random.uniform(-9, 9), pitch, random.uniform(-9, 9))
                euler = quaternion_to_euler(*euler_to_quaternion(near), near)
                self.assertLess(angle_between(euler, near), 1e-5)
                for angle, other in zip(euler, near):
                    self.assertAlmostEqual(angle, other, 4)

    def test_quaternion_means_what_the_protocol_says(self):
        """First about X, then about Y, then about Z"""
        def turned(euler, point):
            w, x, y, z = euler_to_quaternion(euler)
            u = (x, y, z)
            dot = sum(p * q for p, q in zip(u, point))
            cross = (u[1] * point[2] - u[2] * point[1], u[2] * point[0] - u[0] * point[2],
                     u[0] * point[1] - u[1] * point[0])
            square = w * w - x * x - y * y - z * z
            return tuple(square * p + 2 * dot * a + 2 * w * c for p, a, c in zip(point, u, cross))
        quarter = math.pi / 2
        for euler, point, wanted in (((0, 0, quarter), (1, 0, 0), (0, 1, 0)),
                                     ((quarter, 0, quarter), (0, 1, 0), (0, 0, 1)),
                                     ((quarter, quarter, 0), (0, 1, 0), (1, 0, 0)),
                                     ((0, quarter, quarter), (1, 0, 0), (0, 0, -1))):
            for value, other in zip(turned(euler, point), wanted):
                self.assertAlmostEqual(value, other)


class Many(unittest.TestCase):

    def test_each_its_own(self):
        random = seeded()
        motion = Motion()
        now = ticking(motion, 60)
        targets, places = {}, {}
        for tick in range(50):
            for _ in range(5):
                name = random.randrange(20)
                targets[name] = tuple(random.uniform(-2, 2) for _ in range(9))
                motion.aim(name, places.get(name, HOME), targets[name], now)
            for name, values, done in motion.step(now):
                places[name] = values
                self.assertEqual(done, name not in motion)
                if done:
                    self.assertEqual(values, targets[name])
            now += 1 / 60
        for _ in range(4):
            places.update((name, values) for name, values, _ in motion.step(now))
            now += 1 / 60
        self.assertEqual(places, targets)

    def test_drop_and_finish(self):
        motion = Motion()
        now = ticking(motion, 60)
        for name in 'abc':
            motion.aim(name, HOME, there((5.0, 0.0, 0.0)), now)
        self.assertEqual(len(motion), 3)
        motion.drop('a')
        motion.drop('a')
        self.assertEqual(motion.finish('b'), there((5.0, 0.0, 0.0)))
        self.assertIsNone(motion.finish('b'))
        self.assertEqual([name for name, _, _ in motion.step(now)], ['c'])
        self.assertNotIn('a', motion)
        self.assertIn('c', motion)

    def test_changes_while_it_is_read(self):
        """Whoever gets the places may drop and aim"""
        motion = Motion()
        now = ticking(motion, 60)
        for name in range(10):
            motion.aim(name, HOME, there((5.0, 0.0, 0.0)), now)
        for name, values, _ in motion.step(now):
            motion.drop(name)
            motion.aim(name + 100, values, HOME, now)
        self.assertEqual(len(motion), 10)


if __name__ == '__main__':
    tap.main()
