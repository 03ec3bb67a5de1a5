"""Sends the sound of a request while its answer is received."""

from typing import TYPE_CHECKING, Final

from wyoming.audio import AudioChunk, AudioStart, AudioStop

from .wire import LinkError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable

    from wyoming.event import Event, Eventable

    from .wire import Connection

FORMAT: Final = (16_000, 2, 1)
"""The rate in Hz, width in bytes and channels of all sound that is sent to a speech server."""


async def sound_events(stream: AsyncIterable[bytes]) -> AsyncGenerator[Eventable]:
    """Yield sound (16 kHz, 16 bit, mono) as events."""
    yield AudioStart(*FORMAT)
    async for audio in stream:
        yield AudioChunk(*FORMAT, audio)
    yield AudioStop()


async def upload(connection: Connection, events: AsyncIterable[Event | Eventable]) -> None:
    """Send events until the server closes the connection; its answer says why it did."""
    try:
        async for event in events:
            await connection.send(event)
    except LinkError:
        return
