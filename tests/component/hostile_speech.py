"""Speech servers that break the protocol."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

from wyoming.audio import AudioChunk
from wyoming.event import Event, async_write_event

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .peers import Peer

START = {"rate": 22050, "width": 2, "channels": 1}


LOUD = AudioChunk(22050, 2, 1, b"\x05\x00" * 128_000)
"""256 KB, 6 s."""


def start(**changed: Any) -> Event:
    return Event(type="audio-start", data=START | changed)


async def endless(peer: Peer, writer: asyncio.StreamWriter) -> None:
    await async_write_event(start(), writer)
    while True:
        await async_write_event(LOUD.event(), writer)
        await asyncio.sleep(0)  # Home Assistant is in the same loop


def sending(*answers: Event) -> Callable[[Peer, asyncio.StreamWriter], Awaitable[None]]:
    async def script(peer: Peer, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await async_write_event(answer, writer)

    return script


def ascii_event(type_: str, text: str) -> bytes:
    # wyoming's own writer can't send lone surrogates.
    return json.dumps({"type": type_, "data": {"text": text}}).encode("ascii") + b"\n"


def raw(data: bytes) -> Callable[[Peer, asyncio.StreamWriter], Awaitable[None]]:
    async def script(peer: Peer, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return script
