"""Requests to a speech server to disguise the voice in a recording."""

import asyncio
from typing import TYPE_CHECKING, Final

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event

from .client import Bounds, connected
from .refusal import ServerRefusedError, code_of
from .upload import FORMAT, sound_events, upload
from .wire import FrameError

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator

    from wyoming.event import Eventable

    from .client import Address
    from .wire import Connection

TOTAL_SECONDS: Final = 60.0
"""From the request to the end of the answer; nobody waits for it but the recording."""
MAX_SOUND_SECONDS: Final = 17.0
"""Longest recording that a server of ours takes: a turn's 15 s with the pre-roll."""
MAX_EVENTS: Final = 2000
"""Events accepted in an answer; a server of ours sends four for each second of sound."""
BOUNDS: Final = Bounds(data_bytes=16 * 1024, payload_bytes=256 * 1024)

_CHUNK_BYTES: Final = 8 * 1024


async def async_disguise(
    address: Address, tls_context: ssl.SSLContext | None, sound: bytes
) -> bytes:
    """Return a recording (16 kHz, 16 bit, mono) with another voice, exactly as long as it was.

    The voice is another each time. The messages of the errors contain nothing of the sound.

    Raises:
        ServerRefusedError: The server answered with an error; `bad-audio` for a recording that
            lasts longer than `MAX_SOUND_SECONDS` or ends within a sample.
        LinkError: The server can't be reached, or its answer can't be the recording.
        TimeoutError: The server did not answer in time.
    """
    async with (
        asyncio.timeout(TOTAL_SECONDS),
        connected(address, tls_context, BOUNDS) as connection,
    ):
        # Concurrently: a server that refuses the request does so while sound is still sent.
        sending = asyncio.create_task(upload(connection, _request(sound)))
        try:
            return await _answer(connection, len(sound))
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


async def _request(sound: bytes) -> AsyncGenerator[Event | Eventable]:
    yield Event("disguise")
    async for event in sound_events(_pieces(sound)):
        yield event


async def _pieces(sound: bytes) -> AsyncGenerator[bytes]:
    for start in range(0, len(sound), _CHUNK_BYTES):
        yield sound[start : start + _CHUNK_BYTES]


async def _answer(connection: Connection, expected_bytes: int) -> bytes:
    answer = bytearray()
    begun = False
    for _ in range(MAX_EVENTS):
        event = await connection.receive()
        if Error.is_type(event.type):
            raise ServerRefusedError(code_of(event))
        if AudioStart.is_type(event.type):
            begun = True
            _check_format(event)
        elif AudioChunk.is_type(event.type):
            _check_format(event)
            answer += event.payload or b""
            if len(answer) > expected_bytes:
                raise FrameError("the server sent more sound than the recording has")
        elif AudioStop.is_type(event.type):
            if not begun or len(answer) != expected_bytes:
                raise FrameError("the server sent less sound than the recording has")
            return bytes(answer)
    raise FrameError("the server sent a flood of events")


def _check_format(event: Event) -> None:
    values = tuple(event.data.get(key) for key in ("rate", "width", "channels"))
    if values != FORMAT:
        raise FrameError("the server sent sound in another format")
