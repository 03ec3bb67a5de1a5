"""What the keeper receives of a turn, and what it never receives."""

import asyncio
import io
import wave
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from homeassistant.components.tts.const import DATA_TTS_MANAGER
from wyoming.asr import Transcript
from wyoming.event import Event, async_write_event

from custom_components.indoor_voice.household.keeper import Keeper
from custom_components.indoor_voice.privacy.consent.rules import DropReason
from custom_components.indoor_voice.privacy.household import Household
from custom_components.indoor_voice.privacy.store.sealing import Part
from custom_components.indoor_voice.turn import runner
from custom_components.indoor_voice.turn.turn import Turn
from tests.waiting import until

from .keeping import (
    Inhabitant,
    keeper_of,
    set_up_household,
    totals,
)
from .peers import SATELLITE_ID, SECOND_BYTES, FakeSatellite, FakeSpeech, Peer
from .spoken_turns import ada, dropped, ends, kept, say
from .waiting import reaches

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

__all__ = ["ada"]


async def test_what_was_understood_is_kept_with_its_sound_and_words(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, ada: Inhabitant
) -> None:
    sound = bytes(range(256)) * 125
    await say(satellite, sound)
    await ends(house, satellite)
    await kept(house, ada)
    (recording,) = await ada.recordings(house)
    assert (recording.room, recording.seconds) == (SATELLITE_ID, 1.0)
    words = await ada.words(house, recording)
    assert words["transcript"] == "turn on the kitchen light"
    assert words["language"] == "en"
    assert words["answer"]
    assert words["done"] == [{"name": "kitchen light", "what": "on"}]
    with wave.open(io.BytesIO(await ada.open(house, recording, Part.SOUND))) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (16000, 2, 1)
        assert file.readframes(file.getnframes()) == sound
    assert await totals(house) == (1, {})


async def test_no_more_than_a_turn_can_have_is_held(
    house: HomeAssistant, satellite: FakeSatellite, ada: Inhabitant
) -> None:
    await say(satellite, bytes(17 * SECOND_BYTES))
    await ends(house, satellite)
    await kept(house, ada)
    (recording,) = await ada.recordings(house)
    assert recording.seconds <= 15.0


async def test_what_follows_the_end_of_speech_is_not_held(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, ada: Inhabitant
) -> None:
    speech.ends_early_after_bytes = SECOND_BYTES
    satellite.plays = False
    await satellite.begin_turn()
    await satellite.speak(1.0, stop=False)
    await satellite.wait_for("audio-stop")
    await satellite.speak(2.0)
    await satellite.send(Event(type="played"))
    await ends(house, satellite)
    await kept(house, ada)
    (recording,) = await ada.recordings(house)
    assert recording.seconds == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize(
    "transcript",
    [
        *("", "make the purple elephant dance", "open the gate"),
        # These match sentences of Home Assistant's own that only answer.
        *("never mind", "hello"),
    ],
)
async def test_of_an_accident_only_that_it_happened_reaches_the_store(
    house: HomeAssistant,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    ada: Inhabitant,
    transcript: str,
) -> None:
    speech.transcript = transcript
    with patch.object(Household, "turn_ended", autospec=True) as ended:
        await say(satellite)
        await ends(house, satellite)
        await until(lambda: ended.call_args_list)
    ((_, turn),) = (call.args for call in ended.call_args_list)
    assert not turn.understood
    assert (turn.sound, turn.words, turn.features) == (b"", {}, b"")


async def test_an_accident_is_counted(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, ada: Inhabitant
) -> None:
    speech.transcript = ""
    await say(satellite)
    await ends(house, satellite)
    await dropped(house, DropReason.ACCIDENT)


async def test_a_turn_that_was_given_up_is_an_accident(
    house: HomeAssistant, satellite: FakeSatellite, ada: Inhabitant
) -> None:
    satellite.plays = False
    turn = await say(satellite)
    await satellite.wait_for("audio-stop")
    await satellite.send(
        Event(type="error", data={"text": "", "code": "turn-given-up", "turn": turn})
    )
    await dropped(house, DropReason.ACCIDENT)


async def test_a_turn_whose_satellite_was_lost_is_an_accident(
    house: HomeAssistant, satellite: FakeSatellite, ada: Inhabitant
) -> None:
    await satellite.begin_turn()
    await reaches(house, "listening")
    satellite.drop()
    await dropped(house, DropReason.ACCIDENT)


async def test_a_turn_that_failed_is_an_accident(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, ada: Inhabitant
) -> None:
    async def refuse(peer: Peer, writer: asyncio.StreamWriter) -> None:
        await async_write_event(Event(type="error", data={"code": "busy", "text": ""}), writer)

    speech.recognise = refuse
    await say(satellite)
    await ends(house, satellite)
    await dropped(house, DropReason.ACCIDENT)


async def test_a_turn_that_is_replaced_before_it_is_understood_is_an_accident(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, ada: Inhabitant
) -> None:
    async def hang(peer: Peer, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    speech.recognise = hang
    await say(satellite)
    await speech.wait_for("transcribe")
    await satellite.begin_turn("alexa")
    await dropped(house, DropReason.ACCIDENT)


async def test_an_answer_that_is_cut_short_leaves_a_turn_that_was_understood(
    house: HomeAssistant, satellite: FakeSatellite, ada: Inhabitant
) -> None:
    satellite.plays = False
    await say(satellite)
    await satellite.wait_for("audio-stop")
    await satellite.begin_turn("alexa")
    await kept(house, ada)


async def test_nothing_is_held_of_a_turn_that_is_over(
    house: HomeAssistant, satellite: FakeSatellite, ada: Inhabitant
) -> None:
    made: list[Turn] = []

    def note(**what: Any) -> Turn:
        made.append(Turn(**what))
        return made[-1]

    with patch.object(runner, "Turn", note):
        await say(satellite)
        await satellite.wait_for("audio-stop")
        await ends(house, satellite)
    assert [turn.capture for turn in made] == [None]


@pytest.mark.parametrize("household", [False, True])
async def test_where_nothing_is_kept_nothing_is_held(
    house: HomeAssistant, satellite: FakeSatellite, *, household: bool
) -> None:
    if household:
        await set_up_household(house)
    made: list[Turn] = []

    def note(**what: Any) -> Turn:
        made.append(Turn(**what))
        return made[-1]

    with (
        patch.object(runner, "Turn", note),
        patch.object(Keeper, "async_turn_ended", side_effect=AssertionError) as ended,
    ):
        await satellite.begin_turn()
        await reaches(house, "listening")
        assert [turn.capture for turn in made] == [None]
        await satellite.speak()
        await ends(house, satellite)
    ended.assert_not_called()


async def test_a_store_that_fails_lets_the_turn_go_on(
    house: HomeAssistant, satellite: FakeSatellite, ada: Inhabitant
) -> None:
    async def fail(_work: object) -> None:
        raise RuntimeError("turn on the kitchen light")

    with patch.object(keeper_of(house), "run", fail):
        turn = await say(satellite)
        await ends(house, satellite)
    assert "error" not in satellite.of_turn(turn)
    assert not await ada.recordings(house)


async def test_the_answer_is_left_in_no_file(
    house: HomeAssistant, satellite: FakeSatellite
) -> None:
    manager = house.data[DATA_TTS_MANAGER]
    original = manager.async_cache_message_in_memory
    with patch.object(manager, "async_cache_message_in_memory", side_effect=original) as made:
        await say(satellite)
        await ends(house, satellite)
    assert [call.kwargs["use_file_cache"] for call in made.call_args_list] == [False]


async def test_late_text_changes_nothing(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, ada: Inhabitant
) -> None:
    """A cancelled turn is dropped, even if its text arrives later."""
    asked, wakes_up = asyncio.Event(), asyncio.Event()

    async def late(peer: Peer, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await wakes_up.wait()
        await async_write_event(Transcript(text=speech.transcript).event(), writer)

    speech.recognise = late
    turn = await say(satellite)
    await asyncio.wait_for(asked.wait(), 5)
    await satellite.send(
        Event(type="error", data={"text": "", "code": "turn-given-up", "turn": turn})
    )
    await dropped(house, DropReason.ACCIDENT)
    wakes_up.set()
    await house.async_block_till_done()
    assert not await ada.recordings(house)
