"""A name that is misheard is reviewed and taught, then understood, and unlearned again."""

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from custom_components.indoor_voice.privacy.consent.consent import Purpose
from custom_components.indoor_voice.privacy.consent.notices import CURRENT
from demo.home_assistant import Socket
from demo.house import House
from demo.turns import Watcher, take_turn
from demo.voice import Person
from tests.privacy.listener import Listener, seal_verdict
from tests.waiting import until

from .agreeing import agreed
from .files import WRITTEN_SECONDS, files_containing, forms_of
from .kitchen import KITCHEN

LIGHT = "light.bedroom_light"
MEANT = "turn on the bedroom light"
CANARY = "zyzzyvaquux"
"""Stands in what the reviewer writes, and not in what is learned from it."""
WEEK_SECONDS = 7 * 24 * 3600


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def listener(house: House) -> AsyncIterator[Listener]:
    """The owner, who lives alone, has a key and consents to keeping and teaching."""
    async with agreed(house) as listener, house.home_assistant.websocket() as socket:
        rooms = [room["room"] for room in await socket.call("indoor_voice/rooms")]
        await socket.call(
            "indoor_voice/consent/give",
            purpose="teach",
            rooms=rooms,
            notice_sha256=CURRENT[Purpose.TEACH, "en"].sha256,
            valid_seconds=WEEK_SECONDS,
        )
        yield listener
        await house.home_assistant.action("indoor_voice.delete_recordings")


async def test_a_misheard_name_is_reviewed_taught_understood_and_unlearned(
    house: House, person: Person, watcher: Watcher, listener: Listener
) -> None:
    # No such thing is here, and tiny.en hears "robot off" or "row bore up".
    audio = person.speech("Hey Jarvis, turn on the Roborock.")
    failed = await take_turn(house, KITCHEN, audio, watcher=watcher)
    assert failed.run is not None
    assert failed.run.failed
    heard = " ".join((failed.run.transcript or "").strip(" .!?").split())
    await take_turn(house, KITCHEN, person.speech("Hey Jarvis, that was wrong."), watcher=watcher)
    async with house.home_assistant.websocket() as socket:
        assert await review(socket, listener) == failed.run.transcript
        (evidence,) = (await socket.call("indoor_voice/teach/evidence"))["evidence"]
        assert evidence["teachable"]
        await asyncio.sleep(WRITTEN_SECONDS)
        assert files_containing(house.home_assistant.folder, forms_of(CANARY)) == []
        await socket.call(
            "indoor_voice/lessons/approve",
            kind="correction",
            content={"heard": heard, "meant": MEANT, "language": "en"},
            recordings=[evidence["recording"]],
        )
        understood = await take_turn(house, KITCHEN, audio, watcher=watcher)
        assert understood.run is not None
        assert not understood.run.failed
        assert await house.home_assistant.state(LIGHT) == "on"

        await socket.call("indoor_voice/consent/withdraw", purpose="teach")
        assert (await socket.call("indoor_voice/lessons/list"))["lessons"] == []
    await house.home_assistant.action("light.turn_off", entity_id=LIGHT)
    forgotten = await take_turn(house, KITCHEN, audio, watcher=watcher)
    assert forgotten.run is not None
    assert forgotten.run.failed
    assert await house.home_assistant.state(LIGHT) == "off"


async def review(socket: Socket, listener: Listener) -> str:
    """Say what was meant in the only recording; return what was heard."""

    async def next_name() -> str | None:
        shown: dict[str, Any] = await socket.call("indoor_voice/review/next")
        return shown.get("recording")

    name = await until(next_name)
    await socket.call("indoor_voice/review/open", recording=name, part="sound")
    words = await socket.call("indoor_voice/review/open", recording=name, part="words")
    key, ciphertext = b64decode(words["key"]), b64decode(words["ciphertext"])
    content = json.loads(listener.open(key, words["id"], "words", ciphertext))
    assert content["reported"]
    sealed = seal_verdict(
        words["id"], "wrong-words", f"{MEANT} {CANARY}", map(b64decode, words["readers"])
    )
    await socket.call(
        "indoor_voice/review/verdict",
        recording=name,
        verdict="wrong-words",
        sealed={
            b64encode(reader).decode(): b64encode(verdict).decode()
            for reader, verdict in sealed.items()
        },
    )
    transcript: str = content["transcript"]
    return transcript
