"""Carries the sound of a satellite's microphone to the pipeline."""

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

MAX_STREAM_SECONDS: Final = 15.0
"""Longest sound that is accepted; a satellite closes its microphone by then."""
STREAM_DEADLINE_SECONDS: Final = 20.0
"""Longest time to wait for that sound, so that no pipeline waits indefinitely."""
_BYTES_PER_SECOND: Final = 32_000


class MicrophoneStream:
    """Carries a satellite's sound (16 kHz, 16 bit, mono) to the pipeline, bounded."""

    def __init__(self) -> None:
        """Initialize an empty, open stream."""
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._remaining_bytes = int(MAX_STREAM_SECONDS * _BYTES_PER_SECOND)
        self._ending: asyncio.TimerHandle | None = None

    def feed(self, audio: bytes) -> None:
        """Add sound; the stream ends when it reaches its bound."""
        if self._remaining_bytes <= 0:
            return
        self._queue.put_nowait(audio[: self._remaining_bytes])
        self._remaining_bytes -= len(audio)
        if self._remaining_bytes <= 0:
            self.end()

    def end_after(self, seconds: float) -> None:
        """End the stream in some seconds, unless `keep_open` is called before."""
        self._ending = asyncio.get_running_loop().call_later(seconds, self.end)

    def keep_open(self) -> None:
        """Let the stream end by its bounds only."""
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None

    def end(self) -> None:
        """End the stream; safe to call again."""
        self.keep_open()
        self._remaining_bytes = 0
        self._queue.put_nowait(None)

    def close(self) -> None:
        """End the stream and drop unread sound, because the turn object may live much longer."""
        self.end()
        self._queue = asyncio.Queue()

    async def read(self) -> AsyncGenerator[bytes]:
        """Yield the sound until the stream ends or its deadline passes."""
        deadline = asyncio.get_running_loop().time() + STREAM_DEADLINE_SECONDS
        while True:
            try:
                async with asyncio.timeout_at(deadline):
                    audio = await self._queue.get()
            except TimeoutError:
                return
            if audio is None:
                return
            if audio:
                yield audio
