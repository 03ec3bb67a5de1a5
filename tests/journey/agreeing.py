"""Lets the people of the house agree to keeping, through the panel's API."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from demo.home_assistant import Socket
from demo.house import House
from demo.people import Login
from tests.privacy.listener import Listener

SENTENCES = """\
language: en
intents:
  HassGetCurrentTime:
    data:
      - sentences: ["what time is it (for|on|in) [the] {anything}"]
lists:
  anything:
    wildcard: true
"""
"""A command that can contain any word, and does not store it."""


async def recordings_of(socket: Socket) -> list[dict[str, Any]]:
    recordings: list[dict[str, Any]] = (await socket.call("indoor_voice/recordings/list"))[
        "recordings"
    ]
    return recordings


@asynccontextmanager
async def agreed(house: House) -> AsyncIterator[Listener]:
    """Give the owner, who lives alone, a listening key and consent during the block."""
    home_assistant = house.home_assistant
    sentences = home_assistant.folder / "custom_sentences" / "en"
    sentences.mkdir(parents=True)
    (sentences / "anything.yaml").write_text(SENTENCES, encoding="utf-8")
    await home_assistant.action("conversation.reload")
    await _allow(house, "week")
    owner = await Login.owner(home_assistant)
    listener = Listener.quick()
    await owner.ask("key/create", key=listener.locked.to_json())
    rooms = [room["room"] for room in await owner.ask("rooms")]
    assert len(rooms) == len(house.rooms)
    await owner.agree(rooms)
    for room_name in house.rooms:
        await house.wait_until_idle(room_name)
    yield listener
    async with home_assistant.websocket() as socket:
        await socket.call("indoor_voice/consent/withdraw", purpose="keep")
        assert await recordings_of(socket) == []
        await socket.call("indoor_voice/key/remove")
    await _allow(house, "nothing")
    shutil.rmtree(sentences.parent)


async def _allow(house: House, retention: str) -> None:
    await house.home_assistant.set_household("retention", retention_seconds=retention, max_hours=1)
