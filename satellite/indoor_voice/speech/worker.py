"""Runs a model's work in one thread, behind a queue bounded by waiting time."""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial
from typing import Final, TypeVar

from indoor_voice.memory import REST_SECONDS, trim_heaps

from .errors import too_busy

T = TypeVar("T")

MAX_WAIT_SECONDS: Final = 5.0
"""Longest acceptable wait for other requests; a request that would wait longer is refused."""
_WEIGHT_IF_LONGER: Final = 0.2
_WEIGHT_IF_SHORTER: Final = 0.05
"""Weights of the latest duration in the moving average; long work is what others wait for."""


class Worker:
    """Runs work in order in a thread of its own, outside the event loop.

    It is a daemon thread, so a model that hangs can't keep the process from exiting.
    """

    def __init__(
        self, name: str, places: int = 1, *, max_wait_seconds: float = MAX_WAIT_SECONDS
    ) -> None:
        """Start the thread.

        At most `places` requests are in progress at once, and fewer when a new request would have
        to wait for more than `max_wait_seconds`.
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
        """Hold a place for one request; raises `RequestError` (`busy`) when none is free."""
        if self._held >= self._places or self._expected_wait() > self._max_wait_seconds:
            raise too_busy()
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1

    async def run(self, function: Callable[..., T], /, *arguments: object) -> T:
        """Run `function` in the thread and return its result.

        Work cancelled while it is queued never runs. Work cancelled while it runs is finished, and
        its result is dropped.
        """
        future: Future[T] = Future()
        self._work.put((future, partial(function, *arguments)))  # type: ignore[arg-type]  # Future is invariant
        return await asyncio.wrap_future(future)

    def _expected_wait(self) -> float:
        """Return the seconds until every request that holds a place has been served once."""
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
            except BaseException as err:  # noqa: BLE001 - passed on to the caller of `run`
                future.set_exception(err)
            took = time.monotonic() - self._began
            self._began = None
            weight = _WEIGHT_IF_LONGER if took > self._usual_seconds else _WEIGHT_IF_SHORTER
            self._usual_seconds += weight * (took - self._usual_seconds)
            # The next work may come hours later, and these hold what somebody said.
            del future, function

    def _next(self) -> tuple[Future[object], Callable[[], object]]:
        with suppress(queue.Empty):
            return self._work.get(timeout=REST_SECONDS)
        trim_heaps()
        return self._work.get()
