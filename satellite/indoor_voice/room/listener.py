"""The ears: hears and looks for wake words in a thread of its own, in order, for ever."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from types import TracebackType
from typing import Final, Self

from indoor_voice.errors import UserError

from .audio import Samples
from .devices import DeviceLostError, refresh
from .microphone import Microphone
from .wake_models import WakeModel
from .wake_word import Detector

_LOGGER = logging.getLogger(__name__)

_BACKOFF_SECONDS: Final = (1.0, 2.0, 5.0, 10.0)
"""Between attempts to open a microphone that is gone; the last one goes on."""

Heard = Callable[[Samples, str | None], None]
"""Takes a block and the wake word that it completes, if any."""


class Listener:
    """Listens while its `async with` block runs, whether the microphone is there or not."""

    def __init__(self, microphone: Microphone, detector: Detector, on_heard: Heard) -> None:
        """Prepare to call `on_heard` in the event loop for each block."""
        self._microphone = microphone
        self._detector = detector
        self._on_heard = on_heard
        self._loop = asyncio.get_running_loop()
        self._chosen: Sequence[WakeModel] | None = None
        self._failures = 0
        self._closing = threading.Event()
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
        self._closing.set()
        await asyncio.to_thread(self._thread.join, 5.0)

    def choose(self, models: Sequence[WakeModel]) -> None:
        """Listen for these wake words from the next block on."""
        self._chosen = models

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._listen()
            except DeviceLostError as err:
                if self._failures == 0:
                    _LOGGER.error("The microphone cannot be used, trying again: %s", err)  # noqa: TRY400 - the message says it all
                self._pause()
            except Exception:
                # A satellite that is deaf and says nothing is worse than one that tries again.
                _LOGGER.exception("Listening failed, trying again")
                self._pause()

    def _pause(self) -> None:
        pause = _BACKOFF_SECONDS[min(self._failures, len(_BACKOFF_SECONDS) - 1)]
        self._failures += 1
        self._closing.wait(pause)
        refresh()

    def _listen(self) -> None:
        """Listen until closed; raises `DeviceLostError`."""
        self._detector.reset()
        with closing(self._microphone.blocks()) as blocks:
            for block in blocks:
                if self._failures:
                    _LOGGER.info("The microphone works again")
                    self._failures = 0
                if self._closing.is_set():
                    return
                self._hear(block)

    def _hear(self, block: Samples) -> None:
        chosen, self._chosen = self._chosen, None
        if chosen is not None:
            try:
                self._detector.choose(chosen)
            except UserError as err:
                _LOGGER.error("%s", err)  # noqa: TRY400 - the message says it all
        self._loop.call_soon_threadsafe(self._on_heard, block, self._detector.hear(block))
