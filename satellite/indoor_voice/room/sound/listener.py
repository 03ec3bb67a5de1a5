"""The ears: hears and looks for wake words in a thread of its own, in order, until told to rest."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from types import TracebackType
from typing import Final, Self

from indoor_voice.errors import UserError

from .devices import DeviceLostError, refresh
from .microphone import Microphone
from .pcm import Samples
from .wake_models import WakeModel
from .wake_word import Detector

_LOGGER = logging.getLogger(__name__)

_BACKOFF_SECONDS: Final = (1.0, 2.0, 5.0, 10.0)
"""Between attempts to open a microphone that is gone; the last one goes on."""
_CLOSE_SECONDS: Final = 5.0
"""Longer than a microphone that gives nothing is waited for."""

_READY_SECONDS: Final = 5.0
"""Longer than a microphone that takes its time to open is waited for."""

Heard = Callable[[Samples, str | None], None]
"""Takes a block and the wake word that it completes, if any."""


class Listener:
    """Listens while its `async with` block runs, whether the microphone is there or not.

    While it rests the microphone is closed, and of what was heard before nothing is left: neither
    in the detector nor on its way to `on_heard`.
    """

    def __init__(
        self,
        microphone: Microphone,
        detector: Detector,
        on_heard: Heard,
        on_change: Callable[[], None],
    ) -> None:
        """Prepare to call `on_heard` in the event loop for each block, `on_change` on `works`."""
        self.works = True
        """Whether the microphone could be used when it was last wanted."""
        self._microphone = microphone
        self._detector = detector
        self._on_heard = on_heard
        self._on_change = on_change
        self._loop = asyncio.get_running_loop()
        self._chosen: Sequence[WakeModel] | None = None
        self._failures = 0
        self._changed = threading.Condition()
        self._closing = False
        self._resting = False
        self._era = 0
        """Grows with each rest: what was heard in an earlier one is not told any more."""
        self._closed = threading.Event()
        self._closed.set()
        self._ready = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    async def __aenter__(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the microphone."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join, _CLOSE_SECONDS)

    def choose(self, models: Sequence[WakeModel]) -> None:
        """Listen for these wake words from the next block on."""
        self._chosen = models

    def rest(self, *, resting: bool) -> None:
        """Close the microphone, a block later at most, or open it again."""
        with self._changed:
            if resting and not self._resting:
                self._era += 1
            self._resting = resting
            self._changed.notify()

    async def until_ready(self) -> None:
        """Wait until a wake word would be found, the microphone fails or is not wanted."""
        if not self._resting:
            with suppress(TimeoutError):
                async with asyncio.timeout(_READY_SECONDS):
                    await self._ready.wait()

    async def until_closed(self) -> bool:
        """Wait until the microphone is closed, but not for ever; tell whether it is."""
        return await asyncio.to_thread(self._closed.wait, _CLOSE_SECONDS)

    def _run(self) -> None:
        while (era := self._wait_until_wanted()) is not None:
            try:
                self._listen(era)
            except DeviceLostError as err:
                if self._failures == 0:
                    _LOGGER.error("The microphone cannot be used, trying again: %s", err)  # noqa: TRY400 - the message says it all
                self._pause()
            except Exception:
                # A satellite that is deaf and says nothing is worse than one that tries again.
                _LOGGER.exception("Listening failed, trying again")
                self._pause()

    def _wait_until_wanted(self) -> int | None:
        """Return the era in which to listen, or None to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or not self._resting)
            if self._closing:
                return None
            self._closed.clear()
            return self._era

    def _pause(self) -> None:
        pause = _BACKOFF_SECONDS[min(self._failures, len(_BACKOFF_SECONDS) - 1)]
        self._failures += 1
        self._loop.call_soon_threadsafe(self._note, False)
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._resting, pause)
        refresh()

    def _listen(self, era: int) -> None:
        """Listen until it is time to rest or to close; raises `DeviceLostError`."""
        try:
            with closing(self._microphone.blocks()) as blocks:
                for block in blocks:
                    if self._failures:
                        _LOGGER.info("The microphone works again")
                        self._failures = 0
                        self._loop.call_soon_threadsafe(self._note, True)
                    if self._closing or self._era != era:
                        return
                    self._hear(block, era)
        finally:
            self._detector.reset()
            self._closed.set()

    def _hear(self, block: Samples, era: int) -> None:
        chosen, self._chosen = self._chosen, None
        if chosen is not None:
            try:
                self._detector.choose(chosen)
            except UserError as err:
                _LOGGER.error("%s", err)  # noqa: TRY400 - the message says it all
        self._loop.call_soon_threadsafe(self._tell, era, block, self._detector.hear(block))

    # In the event loop

    def _tell(self, era: int, block: Samples, wake_word: str | None) -> None:
        if self._detector.ready:
            self._ready.set()
        if era == self._era and not self._resting:
            self._on_heard(block, wake_word)

    def _note(self, works: bool) -> None:  # noqa: FBT001 - called by the loop
        self._ready.set()
        if works is not self.works:
            self.works = works
            self._on_change()
