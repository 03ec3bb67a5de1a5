"""Listeners from outside a room get what its people chose, made by our own speech server."""

import asyncio
import io
import json
import wave
from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import async_write_event

from custom_components.indoor_voice.privacy.consent.consent import Purpose
from custom_components.indoor_voice.voice_commands.execute import async_execute
from custom_components.indoor_voice.voice_commands.sentences import Command

from .logins import KITCHEN, SECRET, WEEK, Home, ask, notice, refused

if TYPE_CHECKING:
    from pytest_homeassistant_custom_component.common import MockConfigEntry

    from tests.privacy.listener import Listener

    from .peers import FakeSpeech

RATE = 16_000
BARELY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Kitchen:
    """Ada and Ben are expected in the kitchen; both named Cleo, who isn't."""

    home: Home
    cleos_key: Listener

    async def choose(self, disguise: str) -> None:
        """Let both choose what Cleo gets."""
        for login in (self.home.ada, self.home.ben):
            await login.ask(
                "consent/give",
                purpose="listen",
                rooms=[KITCHEN],
                listeners=[self.home.cleo.id],
                notice_sha256=notice(Purpose.LISTEN),
                valid_seconds=WEEK,
                disguise=disguise,
            )

    async def heard(self) -> tuple[str, dict[str, Any], bytes]:
        """Open the only recording as Cleo; return its form, its words and its samples."""
        async with self.home.cleo.connection() as client:
            (listed,) = (await ask(client, "recordings/list"))["recordings"]
            fields = {"recording": listed["recording"], "why": "own"}
            words = await ask(client, "recordings/open", part="words", **fields)
            if listed["disguise"] == "words":
                code = await refused(client, "recordings/open", part="sound", **fields)
                assert code == "not_allowed: not-a-listener"
                return "words", json.loads(self.unsealed(words, "words")), b""
            sound = await ask(client, "recordings/open", part="sound", **fields)
        assert listed["disguise"] == words["disguise"] == sound["disguise"]
        with wave.open(io.BytesIO(self.unsealed(sound, "sound"))) as file:
            assert file.getframerate() == RATE
            samples = file.readframes(file.getnframes())
        return listed["disguise"], json.loads(self.unsealed(words, "words")), samples

    def unsealed(self, answer: dict[str, Any], part: str) -> bytes:
        form = part if answer["disguise"] == "none" else f"{part} {answer['disguise']}"
        key, ciphertext = b64decode(answer["key"]), b64decode(answer["ciphertext"])
        return self.cleos_key.open(key, answer["id"], form, ciphertext)


async def in_stereo(_: FakeSpeech, writer: asyncio.StreamWriter) -> None:
    for message in (AudioStart(RATE, 2, 2), AudioChunk(RATE, 2, 2, bytes(400)), AudioStop()):
        await async_write_event(message.event(), writer)


@pytest.fixture
async def kitchen(home: Home, speech: FakeSpeech, speech_entry: MockConfigEntry) -> Kitchen:
    assert await home.hass.config_entries.async_setup(speech_entry.entry_id)
    await home.hass.async_block_till_done()
    await home.cleo.agree_to_be_left_out(KITCHEN)
    await home.ada.ask("setup/expect", room=KITCHEN, people=[home.ada.id, home.ben.id])
    for login in (home.ada, home.ben):
        await login.agree(KITCHEN)
        await login.name(KITCHEN, home.cleo)
    return Kitchen(home, await home.cleo.add_listening_key())


async def test_without_a_choice_the_assistant_says_the_words_again(
    kitchen: Kitchen, speech: FakeSpeech
) -> None:
    await kitchen.home.say()
    form, words, samples = await kitchen.heard()
    assert (form, words["transcript"]) == ("respoken", SECRET)
    assert samples == b"\x01\x02" * (RATE // 10) * 2, "what the server spoke"
    (request,) = speech.of_type("synthesize")
    assert request.data["text"] == SECRET
    room, _ = await kitchen.home.cleo.ask("rooms")
    assert room["disguise"] == "respoken"


async def test_a_changed_voice_is_made_by_the_server_of_the_sound(
    kitchen: Kitchen, speech: FakeSpeech
) -> None:
    await kitchen.choose("voice")
    await kitchen.home.say()
    form, words, _ = await kitchen.heard()
    assert (form, words["transcript"]) == ("words", SECRET), "an older server can't"


@pytest.mark.parametrize("choice", ["words", "none"])
async def test_nothing_is_made_where_it_is_not_needed(
    kitchen: Kitchen, speech: FakeSpeech, choice: str
) -> None:
    await kitchen.choose(choice)
    await kitchen.home.say()
    assert (await kitchen.heard())[0] == choice
    assert speech.of_type("synthesize") == []


@pytest.mark.parametrize("fault", ["away", "refuses", "other format"])
async def test_what_cannot_be_made_leaves_the_words(
    kitchen: Kitchen, speech: FakeSpeech, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    match fault:
        case "away":
            await speech.stop()
        case "refuses":
            speech.busy = True
        case _:
            speech.synthesise = in_stereo
    await kitchen.home.say()
    form, words, _ = await kitchen.heard()
    assert (form, words["transcript"]) == ("words", SECRET)
    assert SECRET not in caplog.text


@pytest.mark.parametrize("how", ["by voice", "by action"])
async def test_deleting_does_not_wait_for_a_slow_server_and_misses_nothing(
    kitchen: Kitchen, speech: FakeSpeech, how: str
) -> None:
    asked, stuck = asyncio.Event(), asyncio.Event()

    async def never(*_: object) -> None:
        asked.set()
        await stuck.wait()

    speech.synthesise = never
    home = kitchen.home
    saying = home.hass.async_create_task(home.say())
    await asked.wait()
    async with asyncio.timeout(BARELY_SECONDS):
        if how == "by voice":
            await async_execute(home.hass, Command.DELETE_LAST, KITCHEN, "en")
        else:
            await home.ada.act("delete_recordings")
    await saying
    stuck.set()
    totals = await home.keeper.run(lambda household: household.totals())
    assert (totals.captured, totals.kept, totals.deleted) == (1, 1, 1)
