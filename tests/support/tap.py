# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""Runs the unittest cases of a file and tells of each as TAP, for meson's `protocol: 'tap'`."""

import os
import signal
import sys
import unittest


class TapResult(unittest.TestResult):
    """Prints one line per test as it ends; a test with failed subtests fails once."""

    def __init__(self, out):
        super().__init__()
        self.out = out
        self.number = 0
        self.trouble = []
        self.skip = None

    def startTest(self, test):
        super().startTest(test)
        self.trouble = []
        self.skip = None

    def addError(self, test, err):
        super().addError(test, err)
        text = self._exc_info_to_string(err, test)
        if not isinstance(test, unittest.TestCase):  # setUpClass, tearDownClass
            for part in text.rstrip().splitlines():
                self._print(f'# {part}')
            self._print(f'Bail out! {test.id()}')
        self.trouble.append(text)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.trouble.append(self._exc_info_to_string(err, test))

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            text = self._exc_info_to_string(err, test)
            self.trouble.append(f'{subtest._subDescription()}\n{text}')

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.skip = reason

    def stopTest(self, test):
        super().stopTest(test)
        self.number += 1
        name = test.id().split('.', 1)[-1]
        summary = (test.shortDescription() or '').replace('#', '')
        line = f'{self.number} - {name} {summary}'.rstrip()
        if self.trouble:
            self._print(f'not ok {line}')
            for text in self.trouble:
                for part in text.rstrip().splitlines():
                    self._print(f'# {part}')
        elif self.skip is not None:
            self._print(f'ok {line} # SKIP {self.skip}')
        else:
            self._print(f'ok {line}')

    def _print(self, text):
        print(text, file=self.out, flush=True)


def _stop(*_):
    raise SystemExit(1)


def _flatten(suite):
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from _flatten(item)
        else:
            yield item


def main():
    """Runs every test of the main module, or those whose names contain one of the arguments."""
    signal.signal(signal.SIGTERM, _stop)
    out = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)  # what a test prints is no TAP
    loaded = unittest.defaultTestLoader.loadTestsFromModule(sys.modules['__main__'])
    wanted = sys.argv[1:]
    suite = unittest.TestSuite(test for test in _flatten(loaded)
                               if not wanted or any(w in test.id() for w in wanted))
    print(f'1..{suite.countTestCases()}', file=out, flush=True)
    result = TapResult(out)
    suite.run(result)
    out.close()
    sys.exit(0 if result.wasSuccessful() else 1)
