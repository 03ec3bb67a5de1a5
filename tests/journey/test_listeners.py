"""Somebody who doesn't belong to the room hears the words again, and never the voice."""

import io
import json
import wave
from base64 import b64decode
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest_asyncio

from demo.house import House
from demo.people import DAY_SECONDS, Login
from demo.sound import RATE
from demo.turns import Watcher, take_turn
from demo.voice import Person
from tests.listening import must_hear
from tests.privacy.listener import Listener
from tests.waiting import until

from .agreeing import agreed
from .kitchen import KITCHEN

COMMAND = "Hey Jarvis, turn on the bedroom light."
SAID = "turn on the bedroom light"


class Heard(NamedTuple):
    """What a listener has opened of a recording."""

    form: str
    transcript: str
    sound: bytes
    """16 kHz, 16 bit, mono."""


class Friend(NamedTuple):
    """Somebody with an account who is expected nowhere, and whom the owner names."""

    owner: Login
    login: Login
    rooms: list[str]
    key: Listener
    owners_key: Listener

    async def named(self, **choice: str) -> None:
        """Let the owner name the friend, and choose what they get."""
        await self.owner.ask(
            "consent/give",
            purpose="listen",
            rooms=self.rooms,
            listeners=[self.login.id],
            notice_sha256=await self.owner.notice("listen"),
            valid_seconds=DAY_SECONDS,
            **choice,
        )

    async def hears(self) -> Heard:
        return await heard(self.login, self.key)

    async def owner_hears(self) -> Heard:
        return await heard(self.owner, self.owners_key)


async def heard(login: Login, key: Listener) -> Heard:
    """Wait for the only recording and open it."""
    async with login.socket() as socket:

        async def listed() -> list[dict[str, Any]]:
            answer: dict[str, Any] = await socket.call("indoor_voice/recordings/list")
            return list(answer["recordings"])

        (recording,) = await until(listed, lambda recordings: len(recordings) == 1)
        parts = {
            part: await socket.call(
                "indoor_voice/recordings/open",
                recording=recording["recording"],
                part=part,
                why="own",
            )
            for part in ("words", "sound")
        }
    form = recording["disguise"]

    def content(part: str) -> bytes:
        sealed_as = part if form == "none" else f"{part} {form}"
        answer = parts[part]
        sealed, ciphertext = b64decode(answer["key"]), b64decode(answer["ciphertext"])
        return key.open(sealed, answer["id"], sealed_as, ciphertext)

    with wave.open(io.BytesIO(content("sound"))) as wav:
        assert wav.getframerate() == RATE
        sound = wav.readframes(wav.getnframes())
    return Heard(form, json.loads(content("words"))["transcript"], sound)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def friend(house: House) -> AsyncIterator[Friend]:
    home_assistant = house.home_assistant
    async with agreed(house) as owners_key:
        await home_assistant.set_household("review", review=True)
        owner = await Login.owner(home_assistant)
        login = await Login.create(home_assistant, "Cleo")
        rooms = [room["room"] for room in await owner.ask("rooms")]
        await login.ask(
            "consent/give",
            purpose="left-out",
            rooms=rooms,
            notice_sha256=await login.notice("left-out"),
            valid_seconds=DAY_SECONDS,
        )
        for room in rooms:
            await owner.ask("setup/expect", room=room, people=[owner.id])
        key = Listener.quick()
        await login.ask("key/create", key=key.locked.to_json())
        yield Friend(owner, login, rooms, key, owners_key)
        await home_assistant.action("indoor_voice.delete_recordings")
        await owner.ask("consent/withdraw", purpose="listen")
        people = (await home_assistant.call("person/list"))["storage"]
        (person,) = [one["id"] for one in people if one["user_id"] == login.id]
        await home_assistant.call("person/delete", person_id=person)
        await home_assistant.call("config/auth/delete", user_id=login.id)
        await home_assistant.set_household("review", review=False)


async def test_the_words_are_spoken_again_by_the_assistant(
    house: House, person: Person, watcher: Watcher, friend: Friend
) -> None:
    await friend.named()
    await take_turn(house, KITCHEN, person.speech(COMMAND), watcher=watcher)
    form, transcript, sound = await friend.hears()
    assert form == "respoken"
    assert SAID in transcript.lower()
    must_hear(sound, SAID)
    own = await friend.owner_hears()
    assert own.form == "none"
    must_hear(own.sound, SAID)
    assert len(sound) != len(own.sound)
    await house.home_assistant.action("indoor_voice.delete_recordings")


async def test_a_changed_voice_says_the_same_words_in_the_same_time(
    house: House, person: Person, watcher: Watcher, friend: Friend
) -> None:
    await friend.named(disguise="voice")
    await take_turn(house, KITCHEN, person.speech(COMMAND), watcher=watcher)
    form, _, sound = await friend.hears()
    assert form == "voice"
    must_hear(sound, SAID)
    own = await friend.owner_hears()
    assert len(sound) == len(own.sound)
    assert sound != own.sound

    await friend.named(disguise="respoken")
    async with friend.login.socket() as socket:
        listed = await socket.call("indoor_voice/recordings/list")
    assert listed["recordings"] == [], "what tells more than the owner wants now is gone"
