"""Microphone thread: reads blocks and detects wake words and "stop" until paused."""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from types import TracebackType
from typing import Final, Self

from .devices import DeviceLostError, refresh
from .household_verifier import Features
from .microphone import Microphone
from .own_sound import OwnSound
from .pcm import Samples
from .stop_word import StopWord
from .wake_models import WakeModel
from .wake_word import Detector

_LOGGER = logging.getLogger(__name__)

BACKOFF_SECONDS: Final = (1.0, 2.0, 5.0, 10.0)
"""Delays between attempts to reopen a lost microphone; the last one repeats."""
_CLOSE_SECONDS: Final = 5.0
"""Longer than it takes to notice that a microphone delivers nothing."""
_READY_SECONDS: Final = 5.0
"""Longer than a slow microphone takes to open."""

BlockHandler = Callable[[Samples, str | None, Features | None], None]
"""Receives a block, the wake word that it completes, if any, and its features, if wanted."""


class Listener:
    """Listens during an `async with` block, reopening the microphone whenever it is lost.

    Pausing closes the microphone and discards everything heard before: the detector is reset, and
    blocks still on their way to `on_block` are dropped.
    """

    def __init__(  # noqa: PLR0913 - what it hears with, and whom it tells
        self,
        microphone: Microphone,
        detector: Detector,
        own_sound: OwnSound,
        on_block: BlockHandler,
        on_change: Callable[[], None],
        *,
        stop_word: StopWord | None = None,
        on_stop: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare to call `on_block` and, when `works` changes, `on_change` in the event loop.

        Wake words in `own_sound` are ignored. `on_stop` is called when `stop_word` is heard.
        """
        self.works = True
        """Whether the microphone worked when it was last needed."""
        self._microphone = microphone
        self._detector = detector
        self._own_sound = own_sound
        self._stop_word = stop_word
        self._on_stop = on_stop
        self._on_block = on_block
        self._on_change = on_change
        self._loop = asyncio.get_running_loop()
        self._next_choice: tuple[Sequence[WakeModel], Mapping[str, float]] | None = None
        self._failures = 0
        self._changed = threading.Condition()
        self._closing = False
        self._paused = False
        self._generation = 0
        """Incremented with each pause: blocks of an earlier generation are dropped."""
        self._closed = threading.Event()
        self._closed.set()
        self._ready = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    async def __aenter__(self) -> Self:
        """Start listening."""
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

    def choose(self, models: Sequence[WakeModel], sensitivities: Mapping[str, float]) -> None:
        """Listen for these wake words from the next block on, with sensitivities of 0 to 1."""
        self._next_choice = (models, sensitivities)

    def set_paused(self, *, paused: bool) -> None:
        """Close the microphone, at most one block later, or reopen it."""
        with self._changed:
            if paused and not self._paused:
                self._generation += 1
            self._paused = paused
            self._changed.notify()

    @property
    def suspects(self) -> bool:
        """Whether the latest sound might belong to a wake word that is not clearly heard."""
        return self._detector.suspects

    async def until_ready(self) -> None:
        """Wait until wake words can be detected, or the microphone fails or is paused."""
        if not self._paused:
            with suppress(TimeoutError):
                async with asyncio.timeout(_READY_SECONDS):
                    await self._ready.wait()

    async def until_closed(self) -> bool:
        """Wait for the microphone to close, with a timeout, and return whether it did."""
        return await asyncio.to_thread(self._closed.wait, _CLOSE_SECONDS)

    def _run(self) -> None:
        while (generation := self._wait_until_needed()) is not None:
            try:
                self._listen(generation)
            except DeviceLostError as err:
                if self._failures == 0:
                    _LOGGER.error("The microphone cannot be used, trying again: %s", err)  # noqa: TRY400 - the message is for users
                self._back_off()
            except Exception:
                # Keep trying, because otherwise the satellite would be silently deaf.
                _LOGGER.exception("Listening failed, trying again")
                self._back_off()

    def _wait_until_needed(self) -> int | None:
        """Wait until not paused and return the current generation, or None when closing."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or not self._paused)
            if self._closing:
                return None
            self._closed.clear()
            return self._generation

    def _back_off(self) -> None:
        delay = BACKOFF_SECONDS[min(self._failures, len(BACKOFF_SECONDS) - 1)]
        self._failures += 1
        self._loop.call_soon_threadsafe(self._set_works, False)
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._paused, delay)
        refresh()

    def _listen(self, generation: int) -> None:
        """Listen until paused or closed; raises `DeviceLostError`."""
        try:
            with closing(self._microphone.blocks()) as blocks:
                for block in blocks:
                    if self._failures:
                        _LOGGER.info("The microphone works again")
                        self._failures = 0
                        self._loop.call_soon_threadsafe(self._set_works, True)
                    if self._closing or self._generation != generation:
                        return
                    self._process(block, generation)
        finally:
            self._detector.reset()
            self._own_sound.discard()
            if self._stop_word is not None:
                self._stop_word.discard()
            self._closed.set()

    def _process(self, block: Samples, generation: int) -> None:
        choice, self._next_choice = self._next_choice, None
        if choice is not None:
            self._detector.choose(*choice)
            self._own_sound.choose(choice[0])
        self._own_sound.listen()
        wake_word = self._detector.hear(block)
        if wake_word is not None and self._own_sound.explains_wake_word():
            _LOGGER.debug("Ignoring the wake word %s, which the satellite itself played", wake_word)
            wake_word = None
        if self._stop_word is not None and self._stop_word.hear(block):
            self._loop.call_soon_threadsafe(self._deliver_stop, generation)
        features = None if wake_word is None else self._detector.features
        self._loop.call_soon_threadsafe(self._deliver, generation, block, wake_word, features)

    # In the event loop

    def _deliver(
        self,
        generation: int,
        block: Samples,
        wake_word: str | None,
        features: Features | None,
    ) -> None:
        if self._detector.ready:
            self._ready.set()
        if generation == self._generation and not self._paused:
            self._on_block(block, wake_word, features)

    def _deliver_stop(self, generation: int) -> None:
        if generation == self._generation and not self._paused:
            self._on_stop()

    def _set_works(self, works: bool) -> None:  # noqa: FBT001 - called by the loop
        self._ready.set()
        if works is not self.works:
            self.works = works
            self._on_change()
