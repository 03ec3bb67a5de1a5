"""A model's one thread, and the bounded line before it."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial
from typing import Final, TypeVar

from indoor_voice.memory import give_back

from .errors import too_busy

T = TypeVar("T")

MAX_WAIT_SECONDS: Final = 5.0
"""What somebody may have to wait for others at most; who would wait longer is told at once."""
_REST_SECONDS: Final = 1.0
"""Without work, after which the memory that it took is given back."""
_LONGER_PART: Final = 0.2
_SHORTER_PART: Final = 0.05
"""Of the latest piece of work in what one is expected to take: the long ones are waited for."""


class Worker:
    """Runs one piece of work after the other, away from the event loop.

    Its thread is a daemon: a model that hangs must not keep the process from ending.
    """

    def __init__(
        self, name: str, places: int = 1, *, max_wait_seconds: float = MAX_WAIT_SECONDS
    ) -> None:
        """Start the thread.

        At most `places` requests may be in progress at once, and fewer where the last of them
        would be kept waiting for the others for more than `max_wait_seconds`.
        """
        self._places = places
        self._held = 0
        self._max_wait_seconds = max_wait_seconds
        self._usual_seconds = 0.0
        self._began: float | None = None
        self._work: queue.SimpleQueue[tuple[Future[object], Callable[[], object]]]
        self._work = queue.SimpleQueue()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place for one request; raises `RequestError` (`busy`) when there is none."""
        if self._held >= self._places or self._expected_wait() > self._max_wait_seconds:
            raise too_busy()
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1

    async def run(self, function: Callable[..., T], /, *arguments: object) -> T:
        """Run `function` in the thread and return its result.

        Work that is cancelled before its turn is never done; work that is cancelled in its turn
        is finished and its result dropped.
        """
        future: Future[T] = Future()
        self._work.put((future, partial(function, *arguments)))  # type: ignore[arg-type]  # Future is invariant
        return await asyncio.wrap_future(future)

    def _expected_wait(self) -> float:
        """Return the seconds until everybody who holds a place has been served once."""
        began = self._began
        running = 0.0 if began is None else time.monotonic() - began
        return self._held * max(self._usual_seconds, running)

    def _run(self) -> None:
        while True:
            future, function = self._next()
            if not future.set_running_or_notify_cancel():
                continue
            self._began = time.monotonic()
            try:
                future.set_result(function())
            except BaseException as err:  # noqa: BLE001 - belongs to whoever waits for the result
                future.set_exception(err)
            took = time.monotonic() - self._began
            self._began = None
            part = _LONGER_PART if took > self._usual_seconds else _SHORTER_PART
            self._usual_seconds += part * (took - self._usual_seconds)
            # The next piece of work may be hours away, and this one holds what somebody said.
            del future, function

    def _next(self) -> tuple[Future[object], Callable[[], object]]:
        with suppress(queue.Empty):
            return self._work.get(timeout=_REST_SECONDS)
        give_back()
        return self._work.get()
