"""Plays a sound on a satellite: paced to the loudspeaker, and until it has been heard."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Final

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event, Eventable

from ..link.synthesis import MAX_SOUND_SECONDS, SILENCE_SECONDS
from ..link.wire import LinkError
from .sound import SoundError

CHUNK_BYTES: Final = 4096
AHEAD_SECONDS: Final = 5.0
"""How far sending runs ahead of the loudspeaker. A connection whose peer accepts nothing for 10 s
is closed, so a satellite must not be sent much more than it can buffer."""
PLAYED_MARGIN_SECONDS: Final = 5.0
"""Allowance for the loudspeaker's delay, after which the sound counts as heard."""


STOPPED_SECONDS: Final = 0.5
"""A sound that is over by more than this before its time was stopped by somebody in the room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a sound may take, in seconds."""

    source: float
    """Longest wait for the source's next chunk."""

    length: float
    """Longest sound; anything beyond is cut."""

    dry: float = 60.0
    """Longest total time in which the loudspeaker has nothing to play. Without it, a source that
    trickles would block the speaking queue for hours."""


ANSWER: Final = Patience(source=60.0, length=MAX_SOUND_SECONDS, dry=300.0)
"""A language model may think between two sentences."""
SPEECH: Final = Patience(source=SILENCE_SECONDS + 5, length=MAX_SOUND_SECONDS)
"""For a text that is complete: our speech servers time out first and give a reason."""
MEDIA: Final = Patience(source=15.0, length=300.0)
"""Media can be endless."""
TONE: Final = Patience(source=3.0, length=10.0, dry=3.0)
"""A tone must not hold up the announcement that follows it."""

type Send = Callable[[Event | Eventable], Awaitable[None]]


class CutOffError(Exception):
    """The satellite or its loudspeaker was lost before the sound ended."""


class Playback:
    """Sends one sound to a satellite's loudspeaker."""

    def __init__(self, send: Send, patience: Patience) -> None:
        """Initialize with the function that sends events, which may raise `LinkError`."""
        self._send = send
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._heard = asyncio.Event()
        self._interrupted = False
        self._lost = False
        self._ends_at = 0.0
        """When the loudspeaker will have played everything sent so far, in loop time."""
        self.stopped = False
        """Whether somebody in the room stopped it."""
        self._dry_seconds = 0.0
        """How long it has had nothing to play."""

    def interrupt(self) -> None:
        """Stop sending, and stop waiting for the sound to be heard."""
        self._interrupted = True
        self._heard.set()

    def lose(self) -> None:
        """Record that the satellite or its loudspeaker is gone."""
        self._lost = True
        self.interrupt()

    def note_heard(self) -> None:
        """Record that the sound has left the loudspeaker, or was stopped in the room."""
        self.stopped = self._loop.time() < self._ends_at - STOPPED_SECONDS
        self._heard.set()

    async def play(
        self, chunks: AsyncGenerator[AudioChunk], broken: Event | Eventable | None
    ) -> bool:
        """Send the sound, wait until it has been heard, and return whether all of it was sent.

        If the source fails midway, its error is raised and the satellite is sent `broken` instead
        of the sound's end, so that nobody takes half of it for the whole. Also raises `SoundError`
        if there is nothing to play or the source stalls, `CutOffError` if the loudspeaker is gone,
        and `LinkError` if the satellite is.
        """
        started = False
        left_seconds = self._patience.length
        try:
            async with aclosing(chunks):
                while left_seconds > 0 and (chunk := await self._next(chunks)) is not None:
                    if self._interrupted:
                        # Perhaps before it began. Beginning now would close a turn's stream.
                        break
                    if not started:
                        await self._send(AudioStart(chunk.rate, chunk.width, chunk.channels))
                        started = True
                    left_seconds -= chunk.seconds
                    await self._send_paced(chunk)
                    if self._interrupted:
                        break
            self._raise_if_lost()
        except asyncio.CancelledError:
            await self._send_last(AudioStop() if started else None)
            raise
        except Exception:
            await self._send_last(broken if started else None)
            raise
        if self._interrupted:
            return False
        if not started:
            raise SoundError("there was nothing to play")
        await self._send(AudioStop())
        await self._wait_until(max(self._ends_at, self._loop.time()) + PLAYED_MARGIN_SECONDS)
        self._raise_if_lost()
        return not self._interrupted

    def _raise_if_lost(self) -> None:
        if self._lost:
            raise CutOffError("the satellite or its loudspeaker is gone")

    async def _send_last(self, message: Event | Eventable | None) -> None:
        if message is not None:
            with suppress(LinkError):
                await self._send(message)

    async def _next(self, chunks: AsyncGenerator[AudioChunk]) -> AudioChunk | None:
        dry_from = max(self._loop.time(), self._ends_at)
        try:
            async with asyncio.timeout(self._patience.source):
                chunk = await anext(chunks, None)
        except TimeoutError as err:
            raise SoundError("the sound stalled") from err
        self._dry_seconds += max(0.0, self._loop.time() - dry_from)
        if self._dry_seconds > self._patience.dry:
            raise SoundError("the sound came too slowly")
        return chunk

    async def _send_paced(self, chunk: AudioChunk) -> None:
        frame_bytes = chunk.width * chunk.channels
        step_bytes = CHUNK_BYTES // frame_bytes * frame_bytes
        for start in range(0, len(chunk.audio), step_bytes):
            if self._interrupted:
                return
            piece = AudioChunk(
                rate=chunk.rate,
                width=chunk.width,
                channels=chunk.channels,
                audio=chunk.audio[start : start + step_bytes],
            )
            await self._send(piece)
            self._ends_at = max(self._ends_at, self._loop.time()) + piece.seconds
            await self._wait_until(self._ends_at - AHEAD_SECONDS)

    async def _wait_until(self, when: float) -> None:
        """Wait until a loop time, or until the sound has been heard or is interrupted."""
        if when > self._loop.time():
            with suppress(TimeoutError):
                async with asyncio.timeout_at(when):
                    await self._heard.wait()
