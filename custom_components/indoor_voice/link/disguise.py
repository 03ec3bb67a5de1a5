"""Requests to a speech server to disguise the voice in a recording."""

import asyncio
from typing import TYPE_CHECKING, Final

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event

from .client import Bounds, connected
from .refusal import ServerRefusedError, code_of
from .wire import FrameError, LinkError

if TYPE_CHECKING:
    import ssl

    from .client import Address
    from .wire import Connection

TOTAL_SECONDS: Final = 60.0
"""From the request to the end of the answer; nobody waits for it but the recording."""
MAX_SOUND_SECONDS: Final = 17.0
"""Longest recording that a server of ours takes: a turn's 15 s with the pre-roll."""
MAX_EVENTS: Final = 2000
"""Events accepted in an answer; a server of ours sends four for each second of sound."""
BOUNDS: Final = Bounds(data_bytes=16 * 1024, payload_bytes=256 * 1024)

_RATE, _WIDTH, _CHANNELS = 16000, 2, 1
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
        upload = asyncio.create_task(_upload(connection, sound))
        try:
            return await _answer(connection, len(sound))
        finally:
            upload.cancel()
            await asyncio.gather(upload, return_exceptions=True)


async def _upload(connection: Connection, sound: bytes) -> None:
    try:
        await connection.send(Event("disguise"))
        await connection.send(AudioStart(_RATE, _WIDTH, _CHANNELS))
        for start in range(0, len(sound), _CHUNK_BYTES):
            piece = sound[start : start + _CHUNK_BYTES]
            await connection.send(AudioChunk(_RATE, _WIDTH, _CHANNELS, piece))
        await connection.send(AudioStop())
    except LinkError:
        # The server may have answered before it closed the connection; `_answer` finds out.
        return


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
    if values != (_RATE, _WIDTH, _CHANNELS):
        raise FrameError("the server sent sound in another format")
