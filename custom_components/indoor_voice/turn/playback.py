"""Plays sound on a satellite: not faster than it needs it, and until it was heard."""

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
"""How far the sending runs ahead of the loudspeaker; a connection whose peer takes nothing for
10 s is closed, so a satellite must not be sent much more than it keeps."""
PLAYED_MARGIN_SECONDS: Final = 5.0
"""Beyond the length of the sound, for the loudspeaker's delay; then it counts as heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a sound may take, in seconds."""

    source: float
    """For the source to give its next sound."""

    length: float
    """Of the whole; what is longer is cut."""

    dry: float = 60.0
    """For which the loudspeaker may have nothing to play, all breaks together: what drips keeps
    whoever waits for their turn waiting for hours."""


ANSWER: Final = Patience(source=60.0, length=MAX_SOUND_SECONDS, dry=300.0)
"""A language model may think between two sentences."""
SPEECH: Final = Patience(source=SILENCE_SECONDS + 5, length=MAX_SOUND_SECONDS)
"""Of a text that is there: our speech servers give up first, and say why."""
MEDIA: Final = Patience(source=15.0, length=300.0)
"""They may be endless."""
TONE: Final = Patience(source=3.0, length=10.0, dry=3.0)
"""Nobody waits for it who has something to say."""

type Send = Callable[[Event | Eventable], Awaitable[None]]


class CutOffError(Exception):
    """What should have played the sound was gone before its end."""


class Playback:
    """One sound on its way to a satellite's loudspeaker."""

    def __init__(self, send: Send, patience: Patience) -> None:
        """Prepare to send the sound's events through `send`, which may raise `LinkError`."""
        self._send = send
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._heard = asyncio.Event()
        self._interrupted = False
        self._lost = False
        self._ends_at = 0.0
        """When the loudspeaker will have played what was sent, in the loop's time."""
        self._dry_seconds = 0.0
        """For which it had nothing to play."""

    def interrupt(self) -> None:
        """Send no more of the sound, and do not wait for it to be heard."""
        self._interrupted = True
        self._heard.set()

    def lose(self) -> None:
        """Take note that satellite or loudspeaker are gone."""
        self._lost = True
        self.interrupt()

    def heard(self) -> None:
        """Take note that the sound has left the loudspeaker."""
        self._heard.set()

    async def play(
        self, chunks: AsyncGenerator[AudioChunk], broken: Event | Eventable | None
    ) -> bool:
        """Send the sound, wait until it was heard, and return whether it was sent whole.

        When the source fails in the midst of it, its error is raised, and the satellite is sent
        `broken` in place of the sound's end: who hears half of it must not take it for the whole.
        Raises `SoundError` too when there is nothing to play or it does not go on, `CutOffError`
        when the loudspeaker is gone, and `LinkError` when the satellite is.
        """
        started = False
        left_seconds = self._patience.length
        try:
            async with aclosing(chunks):
                while left_seconds > 0 and (chunk := await self._next(chunks)) is not None:
                    if not started:
                        await self._send(AudioStart(chunk.rate, chunk.width, chunk.channels))
                        started = True
                    left_seconds -= chunk.seconds
                    await self._send_paced(chunk)
                    if self._interrupted:
                        break
            self._raise_if_lost()
        except asyncio.CancelledError:
            await self._end(AudioStop() if started else None)
            raise
        except Exception:
            await self._end(broken if started else None)
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

    async def _end(self, message: Event | Eventable | None) -> None:
        if message is not None:
            with suppress(LinkError):
                await self._send(message)

    async def _next(self, chunks: AsyncGenerator[AudioChunk]) -> AudioChunk | None:
        dry_from = max(self._loop.time(), self._ends_at)
        try:
            async with asyncio.timeout(self._patience.source):
                chunk = await anext(chunks, None)
        except TimeoutError as err:
            raise SoundError("the sound did not go on") from err
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
        """Wait for a time of the loop, or until the sound was heard or is not to be."""
        if when > self._loop.time():
            with suppress(TimeoutError):
                async with asyncio.timeout_at(when):
                    await self._heard.wait()
