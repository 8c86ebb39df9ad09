# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Meerkat developers
"""An asyncio loop that has no thread of its own: it goes on when it is told to, and never waits.

Blender up to Python 3.11 crashes if a Python thread is awake while an operator runs that a script
called in a context of its own (docs/decisions/0024-no-threads.md).
"""

import asyncio
import socket
import threading

# In one go: a bound, so that a peer who never stops cannot keep Blender.
MOST_ROUNDS = 64


class SteppedLoop(asyncio.SelectorEventLoop):
    """Runs what is due within `advance`. Names are looked up in a thread that only waits for the
    answer, because no system can be asked for them without waiting."""

    def __init__(self):
        super().__init__()
        self._is_due = False

    def call_soon(self, callback, *args, context=None):
        """As in asyncio; notes that there is something to do."""
        self._is_due = True
        return super().call_soon(callback, *args, context=context)

    def advance(self, until):
        """Does all that can be done without waiting, or as much of it as makes `until()` true."""
        for _ in range(MOST_ROUNDS):
            self._is_due = False
            super().call_soon(self.stop)
            self._run(self.run_forever)
            if not self._is_due or until():
                return

    def finish(self, timeout):
        """Cancels what is under way, gives it so many seconds to end, and closes the loop."""
        tasks = asyncio.all_tasks(self)
        for task in tasks:
            task.cancel()
        self.wait(tasks, timeout)
        self.close()

    def wait(self, tasks, timeout):
        """Waits until these tasks are done, but no more seconds than that."""
        if tasks:
            self._run(self.run_until_complete, asyncio.wait(tasks, timeout=timeout))

    def _run(self, run, *arguments):
        # Whoever calls us may be in a loop of their own; one cannot run within another.
        outer = asyncio._get_running_loop()
        asyncio._set_running_loop(None)
        try:
            return run(*arguments)
        finally:
            asyncio._set_running_loop(outer)

    async def getaddrinfo(self, host, port, **how):
        """As in asyncio, but in a thread for which nobody waits when Blender quits."""
        answer = self.create_future()
        threading.Thread(target=self._look_up, args=(answer, host, port, how), name='meerkat-name',
                         daemon=True).start()
        return await answer

    def _look_up(self, answer, host, port, how):
        try:
            settle, outcome = _settle, socket.getaddrinfo(host, port, **how)
        except (OSError, UnicodeError) as error:
            settle, outcome = _fail, error
        try:
            self.call_soon_threadsafe(settle, answer, outcome)
        except RuntimeError:
            pass  # the loop is closed: nobody wants to know any more


def _settle(answer, outcome):
    if not answer.done():
        answer.set_result(outcome)


def _fail(answer, error):
    if not answer.done():
        answer.set_exception(error)
