"""Only what the people in a room agree to keep is stored, and nothing else anywhere."""

import asyncio
import io
import json
import random
import sqlite3
import tarfile
import wave
from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from demo.home_assistant import RequestError, Socket
from demo.house import House
from demo.turns import Turn, Watcher, take_turn
from demo.voice import Person
from tests.listening import must_hear
from tests.privacy.listener import Listener
from tests.waiting import until

from .agreeing import agreed, recordings_of
from .files import WRITTEN_SECONDS, contents, files_containing, forms_of

WORDS = ("pineapple", "elephant", "umbrella", "chocolate", "telescope", "crocodile")
PIECE_BYTES = 64


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def listener(house: House) -> AsyncIterator[Listener]:
    """The owner, who lives alone, has a key and consents to keeping during these tests."""
    async with agreed(house) as listener:
        yield listener


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def nothing_left_for_the_next_test(house: House) -> AsyncIterator[None]:
    yield
    await house.home_assistant.action("indoor_voice.delete_recordings")


async def say(house: House, person: Person, watcher: Watcher, sentence: str) -> Turn:
    return await take_turn(house, "Kitchen", person.speech(sentence), watcher=watcher)


async def say_canary(house: House, person: Person, watcher: Watcher) -> str:
    """Say an understood command with a random word, and return the word."""
    for word in random.sample(WORDS, len(WORDS)):
        turn = await say(house, person, watcher, f"Hey Jarvis, what time is it for the {word}?")
        if turn.run is not None and word in (turn.run.transcript or "").lower():
            return word
        await house.home_assistant.action("indoor_voice.delete_recordings")
    pytest.fail("no word was recognised")


async def wait_for_recordings(socket: Socket, count: int) -> list[dict[str, Any]]:
    return await until(lambda: recordings_of(socket), lambda recordings: len(recordings) == count)


async def opened(socket: Socket, listener: Listener, recording: str, part: str) -> bytes:
    answer = await socket.call(
        "indoor_voice/recordings/open", recording=recording, part=part, why="own"
    )
    key, ciphertext = b64decode(answer["key"]), b64decode(answer["ciphertext"])
    return listener.open(key, answer["id"], part, ciphertext)


async def back_up(house: House) -> Path:
    """Make an unencrypted backup of everything, and return its path."""
    folder = house.home_assistant.folder / "backups"
    before = set(folder.glob("*.tar"))
    await house.home_assistant.call("backup/generate", agent_ids=["backup.local"], name="canary")

    async def made() -> tuple[str, set[Path]]:
        state = (await house.home_assistant.call("backup/info"))["state"]
        return state, set(folder.glob("*.tar")) - before

    _, backups = await until(made, lambda it: it[0] == "idle" and bool(it[1]), seconds=110)
    return backups.pop()


def pieces_of(ciphertext: bytes) -> list[bytes]:
    """Return pieces from all over a ciphertext.

    The store divides what is long among its pages, so any one piece can stand in two places.
    """
    step = len(ciphertext) // 8
    return [ciphertext[at : at + PIECE_BYTES] for at in range(0, 8 * step, step)]


async def test_nothing_is_kept_unless_somebody_wants_it(
    house: House, person: Person, watcher: Watcher
) -> None:
    await say(house, person, watcher, "Hey Jarvis, turn on the bedroom light.")
    async with house.home_assistant.websocket() as socket:
        for room in await socket.call("indoor_voice/rooms"):
            assert room["keeps_for_seconds"] == 0
        totals = await socket.call("indoor_voice/household/totals")
        assert totals["recordings"] == 0
        with pytest.raises(RequestError, match="unknown-recording"):
            await socket.call(
                "indoor_voice/recordings/open", recording="0" * 32, part="sound", why="own"
            )
    store = next(house.home_assistant.folder.glob(".cache/indoor_voice/*.sqlite"))
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        sqlite3.connect(f"file:{store}?mode=ro", uri=True).execute("SELECT * FROM clip")


async def test_what_is_kept_is_found_through_the_listening_key_and_nowhere_else(
    house: House, person: Person, watcher: Watcher, listener: Listener, folder: Path
) -> None:
    word = await say_canary(house, person, watcher)
    async with house.home_assistant.websocket() as socket:
        newest = (await socket.call("indoor_voice/ledger/head"))["seq"]
        recordings = await wait_for_recordings(socket, 1)
        words = await opened(socket, listener, recordings[0]["recording"], "words")
        assert word in json.loads(words)["transcript"].lower()
        with wave.open(
            io.BytesIO(await opened(socket, listener, recordings[0]["recording"], "sound"))
        ) as wav:
            sound = wav.readframes(wav.getnframes())
        loudest = max(range(0, len(sound) - 64, 64), key=lambda at: max(sound[at : at + 64]))
        needles = [*forms_of(word), sound[loudest : loudest + 64]]

        await asyncio.sleep(WRITTEN_SECONDS)
        backup = await back_up(house)
        assert tarfile.is_tarfile(backup)
        assert files_containing(folder, needles) == []

        names = [name for name, _ in contents(backup.parent)]
        assert any("home-assistant_v2.db" in name for name in names), (
            "the backup contains the recorder"
        )
        assert not any("household" in name for name in names), (
            "the backup does not contain recordings"
        )
        store = next(house.home_assistant.folder.glob(".cache/indoor_voice/*.sqlite"))
        answer = await socket.call(
            "indoor_voice/recordings/open",
            recording=recordings[0]["recording"],
            part="sound",
            why="own",
        )
        sealed = pieces_of(b64decode(answer["ciphertext"]))
        assert files_containing(store.parent, sealed), "the search works"

        answer = await socket.call(
            "indoor_voice/recordings/delete", recordings=[recordings[0]["recording"]]
        )
        assert answer == {"deleted": 1}
        await asyncio.sleep(WRITTEN_SECONDS)
        assert files_containing(folder, [*needles, *sealed]) == []
        rows = await socket.call("indoor_voice/ledger/rows")
        kinds = [row["kind"] for row in rows if row["seq"] > newest]
        assert kinds.count("opened") == 3
        assert {"kept", "deleted"} <= {row["kind"] for row in rows}
        assert (await socket.call("indoor_voice/ledger/verify"))["ok"]


async def test_anyone_in_the_room_can_have_it_deleted(
    house: House, person: Person, watcher: Watcher, listener: Listener
) -> None:
    await say_canary(house, person, watcher)
    async with house.home_assistant.websocket() as socket:
        await wait_for_recordings(socket, 1)
        turn = await say(house, person, watcher, "Hey Jarvis, who can hear me?")
        must_hear(turn.answer_audio, "demo")
        turn = await say(house, person, watcher, "Hey Jarvis, delete what I just said.")
        must_hear(turn.answer_audio, "deleted")
        assert await recordings_of(socket) == []


async def test_the_assistant_works_as_ever_while_things_are_kept(
    house: House, person: Person, watcher: Watcher, listener: Listener
) -> None:
    turn = await say(house, person, watcher, "Hey Jarvis, turn on the bedroom light.")
    assert await house.home_assistant.state("light.bedroom_light") == "on"
    must_hear(turn.answer_audio, "turned on the light")
    turn = await say(house, person, watcher, "Hey Jarvis, purple monkeys dishwasher.")
    async with house.home_assistant.websocket() as socket:
        # A turn that was not understood is not kept.
        await wait_for_recordings(socket, 1)
