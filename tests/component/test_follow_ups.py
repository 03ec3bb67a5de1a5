"""An answer that is a question opens the microphone, after it has been heard."""

from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from wyoming.event import Event

from custom_components.indoor_voice.turn import follow_ups, playback
from tests.waiting import until

from .language_model import LanguageModel, add_language_model
from .waiting import CONNECTION, reaches, shows

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .peers import FakeSatellite, FakeSpeech

SWITCH = "switch.kitchen_kitchen_satellite_listen_after_a_question"


@pytest.fixture
async def agent(house: HomeAssistant, satellite: FakeSatellite) -> LanguageModel:
    """An agent that asks back, with a satellite that listens then."""
    await shows(house, CONNECTION, lambda state: state == "on")
    await satellite.report_settings(continued_conversation=True)
    await shows(house, SWITCH, lambda state: state == "on")
    agent = await add_language_model(house)
    agent.answer = "Shall I turn on the kitchen light?"
    return agent


async def take_turn(satellite: FakeSatellite, wake_word: str | None = "hey_jarvis") -> None:
    await satellite.begin_turn(wake_word)
    await satellite.speak()


async def has_ended(house: HomeAssistant, satellite: FakeSatellite, turns: int) -> None:
    await satellite.wait_for("audio-stop", turns)
    await satellite.wait_for("pipeline-ended", turns)
    await reaches(house, "idle")
    await house.async_block_till_done(wait_background_tasks=False)


async def test_questions_keep_the_conversation_open(
    house: HomeAssistant, satellite: FakeSatellite, agent: LanguageModel
) -> None:
    await take_turn(satellite)
    for follow_up in range(1, 6):
        await satellite.wait_for("run-pipeline", follow_up)
        types = [event.type for event in satellite.received]
        assert types.count("audio-stop") == follow_up, "it opens only after what was asked is heard"
        await satellite.speak()
    await satellite.wait_for("run-pipeline", 6)
    assert len(agent.asked) == 6
    assert len(set(agent.conversations)) == 1


async def test_an_answer_that_asks_nothing_ends_it(
    house: HomeAssistant, satellite: FakeSatellite, agent: LanguageModel
) -> None:
    await take_turn(satellite)
    await satellite.wait_for("run-pipeline")
    agent.answer = "All right."
    await satellite.speak()
    await has_ended(house, satellite, 2)
    assert len(satellite.of_type("run-pipeline")) == 1


async def test_it_can_be_switched_off(
    house: HomeAssistant, satellite: FakeSatellite, agent: LanguageModel
) -> None:
    data = {"entity_id": SWITCH}
    await house.services.async_call("switch", "turn_off", data, blocking=True)
    await take_turn(satellite)
    await has_ended(house, satellite, 1)
    assert not satellite.of_type("run-pipeline")


async def test_a_muted_satellite_stays_closed(
    house: HomeAssistant, satellite: FakeSatellite, agent: LanguageModel
) -> None:
    satellite.plays = False
    await take_turn(satellite)
    await satellite.wait_for("audio-stop")
    await satellite.report_status(muted=True)
    await satellite.send(Event("played"))
    await has_ended(house, satellite, 1)
    assert not satellite.of_type("run-pipeline")


async def test_an_answer_that_nobody_heard_asks_nothing(
    house: HomeAssistant, satellite: FakeSatellite, agent: LanguageModel
) -> None:
    satellite.is_heard = False
    await take_turn(satellite)
    await has_ended(house, satellite, 1)
    assert not satellite.of_type("run-pipeline")


async def test_an_answer_that_somebody_stopped_asks_nothing(
    house: HomeAssistant, satellite: FakeSatellite, agent: LanguageModel
) -> None:
    with patch.object(playback, "STOPPED_SECONDS", 0.0):  # it plays nothing, and says so at once
        await take_turn(satellite)
        await has_ended(house, satellite, 1)
    assert not satellite.of_type("run-pipeline")


async def test_the_wake_word_during_a_question_begins_a_turn_in_the_same_conversation(
    house: HomeAssistant, satellite: FakeSatellite, agent: LanguageModel
) -> None:
    satellite.plays = False
    await take_turn(satellite)
    await satellite.wait_for("audio-stop")
    agent.answer = "All right."
    satellite.plays = True
    await take_turn(satellite)
    await has_ended(house, satellite, 2)
    assert not satellite.of_type("run-pipeline")
    assert len(set(agent.conversations)) == 1


async def test_silence_closes_the_microphone(
    house: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech, agent: LanguageModel
) -> None:
    with patch.object(follow_ups, "SILENCE_SECONDS", 0.2):
        await take_turn(satellite)
        await satellite.wait_for("run-pipeline")
        speech.transcript = ""
        await satellite.speak(stop=False)
        error = await satellite.wait_for("error")
    assert error.data["code"] == "stt-no-text-recognized"
    await until(lambda: len(agent.asked), lambda asked: asked == 1)
    await reaches(house, "idle")
