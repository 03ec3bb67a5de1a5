"""A model's one thread, and the bounded line before it."""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from .errors import RequestError

T = TypeVar("T")


class Worker:
    """Runs one piece of work after the other, away from the event loop.

    Its thread is a daemon: a model that hangs must not keep the process from ending.
    """

    def __init__(self, name: str, places: int) -> None:
        """Start the thread; at most `places` requests may be in progress at once."""
        self._places = places
        self._work: queue.SimpleQueue[tuple[Future[object], Callable[[], object]]]
        self._work = queue.SimpleQueue()
        threading.Thread(target=self._run, name=name, daemon=True).start()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place for one request; raises `RequestError` (`busy`) when there is none."""
        if self._places == 0:
            raise RequestError("busy", "Too many requests at once; try again in a moment")
        self._places -= 1
        try:
            yield
        finally:
            self._places += 1

    async def run(self, function: Callable[..., T], /, *arguments: object) -> T:
        """Run `function` in the thread and return its result.

        Work that is cancelled before its turn is never done; work that is cancelled in its turn
        is finished and its result dropped.
        """
        future: Future[T] = Future()
        self._work.put((future, partial(function, *arguments)))  # type: ignore[arg-type]  # Future is invariant
        return await asyncio.wrap_future(future)

    def _run(self) -> None:
        while True:
            future, function = self._work.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(function())
            except BaseException as err:  # noqa: BLE001 - belongs to whoever waits for the result
                future.set_exception(err)
            # The next piece of work may be hours away, and this one holds what somebody said.
            del future, function
