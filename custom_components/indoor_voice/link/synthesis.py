"""Text-to-speech requests to a speech server, whose answers are bounded in size, sound and time.

The bounds are enforced here because Home Assistant caches all speech that it is given for minutes.
"""

import asyncio
from typing import TYPE_CHECKING, Any, Final

from wyoming.audio import AudioChunk, AudioFormat, AudioStart
from wyoming.error import Error
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeVoice,
)

from .client import Bounds, connected
from .refusal import ServerRefusedError, code_of
from .text import encodable
from .wire import FrameError, LinkError, PeerGoneError

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, AsyncIterable, Mapping

    from wyoming.event import Event, Eventable

    from .client import Address
    from .wire import Connection

SILENCE_SECONDS: Final = 15.0
"""Longest wait for the next sound once the server has all of the text."""
TEXT_SECONDS: Final = 120.0
"""Longest wait for the next text or sound; a language model may use tools in between."""

MAX_SOUND_SECONDS: Final = 600.0
"""Longest speech of a text, and longest wait from the end of the text to that of the speech."""
_SOUND_SECONDS: Final = 10.0
_SOUND_SECONDS_PER_CHARACTER: Final = 1.0
"""Speech has 10 to 20 characters a second; digits, spoken slowly, have two."""
_EVENTS: Final = 500
_EVENTS_PER_SECOND: Final = 100
"""Per second of sound: servers of other vendors send pieces of a few hundredths of a second."""

_RATES: Final = range(8000, 48_001)
_WIDTHS_BYTES: Final = (1, 2, 3, 4)
_CHANNELS: Final = (1, 2)
BOUNDS: Final = Bounds(data_bytes=16 * 1024, payload_bytes=1024 * 1024)


class TextError(Exception):
    """The text to be spoken broke off."""


async def whole_text(
    message: str, voice: SynthesizeVoice | None, context: dict[str, Any] | None
) -> AsyncGenerator[Eventable]:
    """Yield the request for the speech of a complete text."""
    yield Synthesize(text=encodable(message), voice=voice, context=context)


async def streamed_text(
    messages: AsyncIterable[str], voice: SynthesizeVoice | None, context: dict[str, Any] | None
) -> AsyncGenerator[Eventable]:
    """Yield the request for speech that starts before the text is complete."""
    yield SynthesizeStart(voice=voice, context=context)
    async for message in messages:
        if text := encodable(message):
            yield SynthesizeChunk(text=text)
    yield SynthesizeStop()


async def speech(
    address: Address,
    tls_context: ssl.SSLContext | None,
    text: AsyncGenerator[Eventable],
    last: type[Eventable],
) -> AsyncGenerator[AudioFormat | bytes]:
    """Send a text to the server and yield the format of its speech once, then whole frames.

    `last` is the event that ends the speech. The messages of the errors contain nothing of the
    text.

    Raises:
        ServerRefusedError: The server answered with an error.
        LinkError: The server can't be reached, or its answer can't be speech.
        TextError: The text broke off.
    """
    async with connected(address, tls_context, BOUNDS) as connection:
        request = _Request(connection, text)
        try:
            async for sound in request.sound(last):
                yield sound
        finally:
            await request.end()


class _Request:
    """Sends a text to a server and receives its speech."""

    def __init__(self, connection: Connection, text: AsyncGenerator[Eventable]) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._characters = 0
        self._speakable = False
        """Whether the text has letters or digits."""
        self._progress = self._loop.time()
        """When text or sound last arrived."""
        self._sending = asyncio.create_task(self._send(text))
        self._text_ended = 0.0
        self._format: AudioFormat | None = None
        self._sound_seconds = 0.0
        self._events = 0

    async def sound(self, last: type[Eventable]) -> AsyncGenerator[AudioFormat | bytes]:
        while True:
            event = await self._receive()
            self._count()
            if last.is_type(event.type):
                if self._format is None or (self._speakable and not self._sound_seconds):
                    raise FrameError("the server sent no sound")
                return
            if Error.is_type(event.type):
                raise ServerRefusedError(code_of(event))
            if AudioStart.is_type(event.type):
                begun, self._format = self._format is not None, self._checked(event)
                if not begun:
                    yield self._format
            elif AudioChunk.is_type(event.type) and event.payload:
                self._take(self._checked(event), event.payload)
                yield event.payload

    async def end(self) -> None:
        self._sending.cancel()
        await asyncio.gather(self._sending, return_exceptions=True)

    async def _send(self, text: AsyncGenerator[Eventable]) -> None:
        try:
            async for event in text:
                if isinstance(event, Synthesize | SynthesizeChunk):
                    self._characters += len(event.text)
                    self._speakable = self._speakable or any(map(str.isalnum, event.text))
                self._progress = self._loop.time()
                await self._connection.send(event)
        except LinkError:
            pass  # receiving the sound fails, too
        finally:
            self._text_ended = self._progress = self._loop.time()

    async def _receive(self) -> Event:
        """Wait for the next event, until the deadline for text or sound."""
        receiving = asyncio.ensure_future(self._connection.receive())
        try:
            if not self._sending.done():
                async with asyncio.timeout_at(self._progress + TEXT_SECONDS):
                    await asyncio.wait(
                        (receiving, self._sending), return_when=asyncio.FIRST_COMPLETED
                    )
            if not self._sending.done():
                return await receiving
            if self._sending.exception() is not None:
                raise TextError("the text broke off")
            deadline = min(self._progress + SILENCE_SECONDS, self._text_ended + MAX_SOUND_SECONDS)
            async with asyncio.timeout_at(deadline):
                return await receiving
        except TimeoutError as err:
            raise PeerGoneError("the server stopped sending") from err
        finally:
            receiving.cancel()

    def _count(self) -> None:
        self._events += 1
        if self._events > _EVENTS + _EVENTS_PER_SECOND * self._sound_seconds:
            raise FrameError("the server sent a flood of events")

    def _checked(self, event: Event) -> AudioFormat:
        """Return the format of an event; raises `FrameError` if it has changed."""
        audio_format = _format(event.data)
        if self._format not in (None, audio_format):
            raise FrameError("the server changed the format of its sound")
        return audio_format

    def _take(self, audio_format: AudioFormat, payload: bytes) -> None:
        if self._format is None:
            raise FrameError("the server sent sound before its format")
        frame_bytes = audio_format.width * audio_format.channels
        if len(payload) % frame_bytes:
            raise FrameError("the server sent half a sample")
        self._progress = self._loop.time()
        self._sound_seconds += len(payload) / frame_bytes / audio_format.rate
        most = _SOUND_SECONDS + _SOUND_SECONDS_PER_CHARACTER * self._characters
        if self._sound_seconds > min(most, MAX_SOUND_SECONDS):
            raise FrameError("the server sent more sound than the text can have")


def _format(data: Mapping[str, Any]) -> AudioFormat:
    rate, width, channels = (data.get(key) for key in ("rate", "width", "channels"))
    for value, possible in ((rate, _RATES), (width, _WIDTHS_BYTES), (channels, _CHANNELS)):
        if isinstance(value, bool) or not isinstance(value, int) or value not in possible:
            raise FrameError("the server sent an impossible format")
    assert isinstance(rate, int)
    assert isinstance(width, int)
    assert isinstance(channels, int)
    return AudioFormat(rate=rate, width=width, channels=channels)
