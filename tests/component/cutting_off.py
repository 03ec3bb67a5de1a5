"""Answers that end too early."""

from typing import TYPE_CHECKING

from wyoming.event import Event, async_write_event

if TYPE_CHECKING:
    import asyncio

    from .peers import Peer

START = {"rate": 16000, "width": 2, "channels": 1}


async def send_event(
    writer: asyncio.StreamWriter, type_: str, payload: bytes | None = None
) -> None:
    await async_write_event(Event(type=type_, data=dict(START), payload=payload), writer)


async def closed_at_once(peer: Peer, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def closed_after_the_header(peer: Peer, writer: asyncio.StreamWriter) -> None:
    await send_event(writer, "audio-start")
    writer.close()


async def closed_after_a_second(peer: Peer, writer: asyncio.StreamWriter) -> None:
    await send_event(writer, "audio-start")
    await send_event(writer, "audio-chunk", bytes(32_000))
    writer.close()


async def failed_after_a_second(peer: Peer, writer: asyncio.StreamWriter) -> None:
    await send_event(writer, "audio-start")
    await send_event(writer, "audio-chunk", bytes(32_000))
    await async_write_event(Event(type="error", data={"code": "failed"}), writer)


async def killed_after_a_second(peer: Peer, writer: asyncio.StreamWriter) -> None:
    await send_event(writer, "audio-start")
    await send_event(writer, "audio-chunk", bytes(32_000))
    writer.transport.abort()
