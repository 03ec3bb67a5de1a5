"""The voice commands about keeping that anyone in a room can use, in complete turns."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from unittest.mock import patch

import pytest
from homeassistant.components import conversation
from homeassistant.components.tts.const import DATA_TTS_MANAGER
from homeassistant.core import Context
from homeassistant.helpers import intent
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util

from custom_components.indoor_voice.assistant.phrases import async_sentence
from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.privacy.consent.consent import Purpose, Terms
from custom_components.indoor_voice.privacy.consent.rules import DropReason
from custom_components.indoor_voice.privacy.household import Household
from custom_components.indoor_voice.privacy.people import Pauses
from custom_components.indoor_voice.privacy.store.database import StoreUnavailableError
from custom_components.indoor_voice.privacy.types import ITSELF, EndedTurn
from custom_components.indoor_voice.voice_commands.execute import async_execute
from custom_components.indoor_voice.voice_commands.recognise import command_in
from custom_components.indoor_voice.voice_commands.sentences import SENTENCES, Command
from tests.waiting import until

from .engines import converse_with
from .keeping import (
    Inhabitant,
    add_consenting_person,
    add_listening_key,
    add_person,
    keeper_of,
    set_time,
    set_up_household,
    wait_for_totals,
)
from .peers import SATELLITE_ID, SECOND_BYTES, FakeSatellite, FakeSpeech
from .waiting import reaches

if TYPE_CHECKING:
    from collections.abc import Generator

    from freezegun.api import FrozenDateTimeFactory
    from homeassistant.core import HomeAssistant

MAX_WORDS = 35
_OF_THE_TURN = {DropReason.ABOUT_KEEPING, DropReason.ACCIDENT}


@pytest.fixture(autouse=True)
def _no_memory(hass: HomeAssistant, _assist: None) -> Generator[None]:
    """Prevent Home Assistant from reusing the sound of an earlier answer."""
    with patch.object(hass.data[DATA_TTS_MANAGER], "mem_cache", DiscardingCache()):
        yield


class DiscardingCache(dict[str, Any]):
    """A cache that stores nothing."""

    def __setitem__(self, key: str, value: Any) -> None:
        """Discard the item."""


@pytest.fixture
async def ada(house: HomeAssistant, satellite: FakeSatellite) -> Inhabitant:
    """The only member, who consents to keeping."""
    await set_up_household(house)
    ada = await add_consenting_person(house, "Ada")
    await house.async_block_till_done()
    await reaches(house, "idle")
    return ada


async def keep(hass: HomeAssistant, count: int = 1) -> None:
    """Keep a recording."""
    turn = EndedTurn(
        room=SATELLITE_ID,
        understood=True,
        about_keeping=False,
        sound=bytes(SECOND_BYTES),
        words={},
    )
    for _ in range(count):
        await keeper_of(hass).async_turn_ended(turn)


async def ask(satellite: FakeSatellite, speech: FakeSpeech, text: str) -> str:
    """Say something, and return the answer."""
    before = len(answers(speech))
    speech.transcript = text
    await satellite.begin_turn(None)  # a repeated wake word would count as heard twice for 2 s
    await satellite.speak(0.2)
    await until(lambda: len(answers(speech)) > before)
    answer = answers(speech)[before]
    assert len(answer.split()) <= MAX_WORDS
    return answer


def answers(speech: FakeSpeech) -> list[str]:
    """Return the answers, without announcements to the room."""
    said = [event.data["text"] for event in speech.of_type("synthesize-chunk")]
    return [text for text in said if not text.startswith("From now on")]


def pauses(hass: HomeAssistant) -> Pauses:
    view = keeper_of(hass).view
    assert view is not None
    return view.pauses


@pytest.mark.parametrize(
    "text",
    [
        "Delete what I just said.",
        "delete what we have said",
        "Erase the last recording!",
        "Delete everything from today.",
        "Delete today's recordings in this room.",
        "delete all todays recordings everywhere",
        "Keep nothing tonight.",
        "Don't keep anything tonight",
        "Stop keeping recordings.",
        "Stop keeping recordings in this room.",
        "stop saving what I say here",
        "What do you keep?",
        "Who can hear me?",
        "Keep recordings again.",
    ],
)
async def test_without_a_household_nothing_is_kept(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, text: str
) -> None:
    assert await ask(satellite, speech, text) == "Nothing is kept here."


@pytest.mark.parametrize(
    "text",
    [
        "delete what",
        "please tell me what you keep in the fridge",
        "who can hear the doorbell",
        "stop",
        "keep the light on",
        "delete what I just said to my mother",
        "delete everything",
    ],
)
def test_other_words_are_no_command(text: str) -> None:
    assert command_in(text) is None


async def test_what_was_just_said_is_deleted(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, ada: Inhabitant
) -> None:
    await keep(house, 2)
    assert "One recording" in await ask(satellite, speech, "Delete what I just said.")
    assert len(await ada.recordings(house)) == 1


async def test_a_turn_that_is_still_answered_is_deleted(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, ada: Inhabitant
) -> None:
    """Even while it is still on its way into the store."""
    satellite.plays = False
    await ask(satellite, speech, "what time is it")
    assert "One recording" in await ask(satellite, speech, "Delete what I just said.")
    assert await ada.recordings(house) == []


async def test_what_was_said_long_ago_is_not_what_was_just_said(
    house: HomeAssistant,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    ada: Inhabitant,
) -> None:
    await keep(house)
    with patch("custom_components.indoor_voice.voice_commands.execute.LAST_SECONDS", -1.0):
        answer = await ask(satellite, speech, "Delete what I just said.")
    assert "nothing to delete" in answer
    assert len(await ada.recordings(house)) == 1


@pytest.mark.parametrize(
    ("text", "room"),
    [
        ("Delete everything from today.", SATELLITE_ID),
        ("Delete today's recordings everywhere.", None),
    ],
)
async def test_what_was_kept_today_is_deleted(
    house: HomeAssistant,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    ada: Inhabitant,
    *,
    text: str,
    room: str | None,
) -> None:
    await keep(house, 3)
    tomorrow = dt_util.start_of_local_day() + timedelta(days=1)
    with patch.object(dt_util, "start_of_local_day", return_value=tomorrow):
        assert "nothing to delete" in await ask(satellite, speech, text)
    with patch.object(Household, "delete_since", autospec=True, return_value=3) as delete:
        assert "3 recordings" in await ask(satellite, speech, text)
    midnight = dt_util.start_of_local_day().timestamp()
    assert delete.call_args.args[1:3] == (room, midnight)
    await ask(satellite, speech, text)
    assert await ada.recordings(house) == []


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2032-11-22 23:10:00-08:00", "2032-11-23 06:00:00-08:00"),
        ("2032-11-22 02:10:00-08:00", "2032-11-22 06:00:00-08:00"),
        ("2032-11-06 23:10:00-07:00", "2032-11-07 06:00:00-08:00"),
    ],
)
async def test_nothing_is_kept_until_the_morning(
    house: HomeAssistant, ada: Inhabitant, freezer: FrozenDateTimeFactory, now: str, until: str
) -> None:
    freezer.move_to(now)
    answer = await async_execute(house, Command.KEEP_NOTHING_TONIGHT, SATELLITE_ID, "en")
    assert "six in the morning" in answer
    ends = dt_util.parse_datetime(until)
    assert ends is not None
    assert pauses(house).guests_until == ends.timestamp()


async def test_nothing_is_kept_tonight_also_where_the_clock_was_turned_back(
    house: HomeAssistant, ada: Inhabitant, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to("2020-11-22 23:10:00-08:00")
    await set_time(house, dt_util.utcnow().timestamp())
    answer = await async_execute(house, Command.KEEP_NOTHING_TONIGHT, SATELLITE_ID, "en")
    assert "until six in the morning" in answer
    six = dt_util.parse_datetime("2020-11-23 06:00:00-08:00")
    assert six is not None
    assert pauses(house).guests_until == pytest.approx(six.timestamp(), abs=1)
    status = await keeper_of(house).run(lambda household: household.status(SATELLITE_ID))
    assert status.paused == "guests"


async def test_nothing_tonight_is_said_in_a_turn_and_never_shortens_what_holds(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, ada: Inhabitant
) -> None:
    assert "six in the morning" in await ask(satellite, speech, "Keep nothing tonight.")
    status = keeper_of(house).status(SATELLITE_ID)
    assert status is not None
    assert status.paused == "guests"
    await keeper_of(house).run(
        lambda household: household.pause(actor=ITSELF, guests_until=float("inf"))
    )
    assert "later than tonight" in await ask(satellite, speech, "Keep nothing tonight.")
    assert pauses(house).guests_until == float("inf")


async def test_a_room_stops_keeping(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, ada: Inhabitant
) -> None:
    await keep(house, 2)
    answer = await ask(satellite, speech, "Stop keeping recordings in this room.")
    assert answer.startswith("Nothing more is kept in this room. 2 earlier recordings are left")
    assert pauses(house) == Pauses(rooms=frozenset({SATELLITE_ID}))
    assert len(await ada.recordings(house)) == 2


async def test_the_house_stops_keeping(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, ada: Inhabitant
) -> None:
    answer = await ask(satellite, speech, "Stop keeping recordings everywhere.")
    assert answer.startswith("Nothing is kept anywhere in the house any more.")
    assert pauses(house) == Pauses(household=True)


async def test_keeping_does_not_begin_by_voice(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, ada: Inhabitant
) -> None:
    await ask(satellite, speech, "Stop keeping recordings.")
    for text in ("Keep recordings again.", "start keeping recordings in this room"):
        assert "You can only stop keeping by voice." in await ask(satellite, speech, text)
    assert pauses(house) == Pauses(rooms=frozenset({SATELLITE_ID}))


async def test_what_is_kept_is_said(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, ada: Inhabitant
) -> None:
    assert await ask(satellite, speech, "What do you keep?") == (
        "What you say to me here is kept for up to 7 days. There are no recordings yet."
    )
    await keep(house)
    assert "one recording" in await ask(satellite, speech, "What do you keep?")
    await keep(house)
    assert "2 recordings" in await ask(satellite, speech, "what is kept in this room")
    await ask(satellite, speech, "stop keeping recordings")
    assert await ask(satellite, speech, "What do you keep?") == (
        "Nothing new is kept here. 2 earlier recordings are left. "
        "Keeping is turned off for this room."
    )


async def test_a_key_is_missed_aloud_and_nobody_without_one_is_said_to_hear(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    bob = await add_person(house, "Bob")
    await set_up_household(house)
    await bob.consent(house)
    assert await ask(satellite, speech, "What do you keep?") == (
        "Nothing is kept here. Nobody who may listen has a listening key yet."
    )
    assert await ask(satellite, speech, "Who can hear me?") == (
        "Nobody can hear recordings from this room."
    )


@pytest.mark.parametrize("reason", sorted(set(DropReason) - _OF_THE_TURN))
async def test_every_reason_has_a_sentence(house: HomeAssistant, reason: DropReason) -> None:
    key = f"common.voice_why_{reason.replace('-', '_')}"
    assert (await async_sentence(house, key, "en")).endswith(".")


async def test_who_can_hear_is_said(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, ada: Inhabitant
) -> None:
    answer = await ask(satellite, speech, "Who can hear me?")
    assert answer == "Only Ada can hear the recordings from this room."
    await ask(satellite, speech, "stop keeping recordings")
    answer = await ask(satellite, speech, "Who can hear me?")
    assert answer == "Nobody can hear recordings from this room."


async def test_names_are_heard_out_in_a_breath(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    people = [
        await add_person(house, f"Person {number} of a very long and noble name")
        for number in range(9)
    ]
    await set_up_household(house)
    for one in people:
        await one.consent(house)
        others = frozenset(other.id for other in people if other is not one)
        rooms = frozenset({SATELLITE_ID})
        await one.give(house, Terms(purpose=Purpose.LISTEN, rooms=rooms, listeners=others))
        await add_listening_key(house, one)
    answer = await ask(satellite, speech, "Who can hear me?")
    assert answer.startswith(
        "Only Person 0 of, Person 1 of, Person 2 of, Person 3 of and 5 more can"
    )
    await keep(house, 12)
    await ask(satellite, speech, "stop keeping recordings")
    assert "earlier" in await ask(satellite, speech, "Who can hear me?")


async def test_two_names_are_joined(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, ada: Inhabitant
) -> None:
    bob = await add_person(house, "Bob")
    await bob.consent(house)
    await add_listening_key(house, bob)
    rooms = frozenset({SATELLITE_ID})
    for one, other in ((ada, bob), (bob, ada)):
        terms = Terms(purpose=Purpose.LISTEN, rooms=rooms, listeners=frozenset({other.id}))
        await one.give(house, terms)
    assert (await ask(satellite, speech, "Who can hear me?")).startswith("Only Ada and Bob can")


async def test_a_command_about_keeping_is_never_kept(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, ada: Inhabitant
) -> None:
    for text in ("What do you keep?", "Who can hear me?", "Delete what I just said."):
        await ask(satellite, speech, text)
        await satellite.wait_for("pipeline-ended", satellite.turn)
    await reaches(house, "idle")
    await wait_for_totals(house, 0, {DropReason.ABOUT_KEEPING: 3})


async def test_a_store_that_fails_is_not_said_to_have_deleted(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, ada: Inhabitant
) -> None:
    with patch(
        "custom_components.indoor_voice.privacy.household.Household.delete_last",
        side_effect=StoreUnavailableError(Path("gone")),
    ):
        answer = await ask(satellite, speech, "Delete what I just said.")
    assert answer.startswith("Sorry, I couldn't do that.")


async def test_elsewhere_than_at_a_satellite_nothing_is_done(
    house: HomeAssistant, ada: Inhabitant
) -> None:
    """A person who types is not in the room, and can delete their recordings in the panel."""
    await keep(house)
    for text in ("delete everything from today everywhere", "stop keeping recordings everywhere"):
        result = await conversation.async_converse(house, text, None, Context())
        assert result.response.speech["plain"]["speech"].startswith("Nothing was done.")
    assert len(await ada.recordings(house)) == 1
    assert pauses(house) == Pauses()


class Chatterbox(conversation.ConversationEntity):
    """An agent other than Home Assistant's own, which always asks back."""

    _attr_name = "Chatterbox"

    def __init__(self) -> None:
        self.heard: list[str] = []

    @property
    def supported_languages(self) -> list[str] | Literal["*"]:
        return "*"

    async def _async_handle_message(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> conversation.ConversationResult:
        await asyncio.sleep(0)
        self.heard.append(user_input.text)
        response = intent.IntentResponse(language=user_input.language)
        response.async_set_speech("And what else?")
        return conversation.ConversationResult(
            response=response,
            conversation_id=chat_log.conversation_id,
            continue_conversation=True,
        )


@pytest.fixture
async def chatterbox(house: HomeAssistant) -> Chatterbox:
    agent = Chatterbox()
    await converse_with(house, agent)
    return agent


async def test_another_agent_is_not_asked(
    house: HomeAssistant,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    ada: Inhabitant,
    chatterbox: Chatterbox,
) -> None:
    await keep(house, 2)
    assert "One recording" in await ask(satellite, speech, "Delete what I just said.")
    assert chatterbox.heard == []
    assert len(await ada.recordings(house)) == 1


async def test_an_agent_that_asked_back_is_not_asked_either(
    house: HomeAssistant,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    ada: Inhabitant,
    chatterbox: Chatterbox,
) -> None:
    await keep(house, 1)
    assert await ask(satellite, speech, "tell me a story") == "And what else?"
    await satellite.wait_for("pipeline-ended")
    await reaches(house, "idle")
    assert "One recording" in await ask(satellite, speech, "Delete what I just said.")
    assert chatterbox.heard == ["tell me a story"]
    assert await ada.recordings(house) == []
    await satellite.wait_for("pipeline-ended", 2)
    await reaches(house, "idle")
    # Afterwards, everything works as before.
    assert "nothing to delete" in await ask(satellite, speech, "Delete what I just said.")
    assert await ask(satellite, speech, "and then") == "And what else?"
    assert await ask(satellite, speech, "and then") == "And what else?"
    assert chatterbox.heard == ["tell me a story", "and then", "and then"]


async def test_the_user_is_told_where_home_assistant_does_not_take_the_commands(
    hass: HomeAssistant, issue_registry: ir.IssueRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    with patch(
        "homeassistant.components.conversation.agent_manager.AgentManager.register_trigger",
        side_effect=AttributeError,
    ):
        assert await async_setup_component(hass, DOMAIN, {})
    assert issue_registry.async_get_issue(DOMAIN, "voice_commands") is not None
    assert caplog.text.count("Voice commands about keeping could not be registered") == 1


def test_every_language_has_every_command() -> None:
    for by_command in SENTENCES.values():
        assert by_command.keys() == set(Command)
