"""Serves one disguise request: a recording in, the same with another voice out."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event, Eventable

from indoor_voice.speech.errors import RequestError
from indoor_voice.speech.pcm import (
    RECOGNITION_RATE,
    SENT_WIDTH,
    IncomingAudio,
    chunks_of,
    converted,
)
from indoor_voice.speech.worker import Worker

from .voice import disguised, draw_disguise

MAX_SOUND_SECONDS: Final = 17.0
"""Longest recording: a turn's 15 s with the pre-roll."""
DISGUISE_SECONDS: Final = 30.0
"""From the end of the audio, including the wait for other requests."""
_MAX_SAMPLES: Final = round(MAX_SOUND_SECONDS * RECOGNITION_RATE)

Send = Callable[[Event | Eventable], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Disguise:
    """The request that begins with this event: audio follows it."""

    @staticmethod
    def from_event(_: Event) -> "Disguise":
        """Parse the event, which has no content."""
        return Disguise()


class Disguising:
    """Takes a recording and answers with it in another voice.

    Pass the audio to `start`, `chunk` and `stop`. `run` sends the answer, of which it returns the
    last event.
    """

    def __init__(self, worker: Worker, listen_seconds: float, send: Send) -> None:
        """Accept a request; the audio must end within `listen_seconds`."""
        self._worker = worker
        self._listen_seconds = listen_seconds
        self._send = send
        self._incoming: IncomingAudio | None = None
        self._pieces: list[NDArray[np.float32]] = []
        self._samples = 0
        self._complete = asyncio.Event()

    def start(self, audio: AudioStart) -> None:
        """Set the audio's format; raises `RequestError` (`bad-audio`)."""
        self._incoming = IncomingAudio(audio.rate, audio.width, audio.channels)

    async def chunk(self, audio: AudioChunk) -> None:
        """Add a chunk of audio; raises `RequestError` (`bad-audio`, `bad-request`)."""
        self._add(converted(self._incoming, audio))

    async def stop(self) -> None:
        """Begin to disguise what has arrived; raises `RequestError` (`bad-audio`)."""
        if self._incoming is not None:
            self._add(self._incoming.flush())
        self._complete.set()

    def _add(self, audio: NDArray[np.float32]) -> None:
        if self._complete.is_set():
            return
        self._samples += len(audio)
        if self._samples > _MAX_SAMPLES:
            raise RequestError("bad-audio", f"A recording lasts at most {MAX_SOUND_SECONDS:.0f} s")
        self._pieces.append(audio)

    async def run(self) -> Eventable:
        """Send the disguised recording and return the last event; raises `RequestError`."""
        with self._worker.place():
            await self._wait_for_end()
            sound = await self._disguise()
        await self._send(AudioStart(rate=RECOGNITION_RATE, width=SENT_WIDTH, channels=1))
        for chunk in chunks_of(sound, RECOGNITION_RATE):
            await self._send(chunk)
        return AudioStop()

    async def _wait_for_end(self) -> None:
        try:
            async with asyncio.timeout(self._listen_seconds):
                await self._complete.wait()
        except TimeoutError as err:
            raise RequestError("too-late", "The audio did not end in time") from err

    async def _disguise(self) -> NDArray[np.float32]:
        sound = np.concatenate([np.empty(0, np.float32), *self._pieces])
        self._pieces.clear()
        try:
            async with asyncio.timeout(DISGUISE_SECONDS):
                return await self._worker.run(disguised, sound, draw_disguise())
        except TimeoutError as err:
            raise RequestError("too-late", "The disguise took too long") from err
