"""Plays sound on a satellite: not faster than it needs it, and until it was heard."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Final

from homeassistant.exceptions import HomeAssistantError
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Eventable

from .link.wire import LinkError
from .sound import SoundError

CHUNK_BYTES: Final = 4096
AHEAD_SECONDS: Final = 5.0
"""How far the sending runs ahead of the loudspeaker; a connection whose peer takes nothing for
10 s is closed, so a satellite must not be sent much more than it keeps."""
SOURCE_TIMEOUT_SECONDS: Final = 60.0
"""For the source to give its next sound; a language model may think between two sentences."""
PLAYED_MARGIN_SECONDS: Final = 5.0
"""Beyond the length of the sound, for the loudspeaker's delay; then it counts as heard."""
MAX_SECONDS: Final = 300.0
"""The longest sound that is played; media may be endless."""

type Send = Callable[[Eventable], Awaitable[None]]


class Playback:
    """One sound on its way to a satellite's loudspeaker."""

    def __init__(self, send: Send) -> None:
        """Prepare to send the sound's events through `send`, which may raise `LinkError`."""
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._heard = asyncio.Event()
        self._interrupted = False
        self._ends_at = 0.0
        """When the loudspeaker will have played what was sent, in the loop's time."""

    def interrupt(self) -> None:
        """Send no more of the sound, and do not wait for it to be heard."""
        self._interrupted = True
        self._heard.set()

    def heard(self) -> None:
        """Take note that the sound has left the loudspeaker."""
        self._heard.set()

    async def play(self, chunks: AsyncGenerator[AudioChunk]) -> bool:
        """Send the sound, wait until it was heard, and return whether it was sent whole.

        Raises `SoundError` or `HomeAssistantError` when the source fails, after the sound on the
        satellite was ended, and `LinkError` when the satellite is gone.
        """
        started = False
        left_seconds = MAX_SECONDS
        try:
            async with aclosing(chunks):
                while left_seconds > 0 and (chunk := await self._next(chunks)) is not None:
                    if not started:
                        await self._send(AudioStart(chunk.rate, chunk.width, chunk.channels))
                        started = True
                    left_seconds -= chunk.seconds
                    await self._send_paced(chunk)
                    if self._interrupted:
                        return False
        except SoundError, HomeAssistantError, asyncio.CancelledError:
            if started:
                with suppress(LinkError):
                    await self._send(AudioStop())
            raise
        if not started:
            raise SoundError("there was nothing to play")
        await self._send(AudioStop())
        await self._wait_until(max(self._ends_at, self._loop.time()) + PLAYED_MARGIN_SECONDS)
        return not self._interrupted

    async def _next(self, chunks: AsyncGenerator[AudioChunk]) -> AudioChunk | None:
        try:
            async with asyncio.timeout(SOURCE_TIMEOUT_SECONDS):
                return await anext(chunks, None)
        except TimeoutError as err:
            raise SoundError("the sound did not go on") from err

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
