"""No word of a command or answer is logged at the normal level, whatever fails."""

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal
from unittest.mock import patch

import pytest
from homeassistant.components import conversation, tts
from homeassistant.components.conversation import async_get_result_from_chat_log
from homeassistant.components.tts.const import DATA_COMPONENT as TTS_COMPONENT
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import intent
from wyoming.event import Event

from custom_components.indoor_voice.assistant.log_filter import WITHHELD
from custom_components.indoor_voice.link import synthesis
from custom_components.indoor_voice.turn import playback
from tests.waiting import until

from .announcing import announce, ask
from .cutting_off import (
    closed_after_a_second,
    closed_after_the_header,
    closed_at_once,
    failed_after_a_second,
    killed_after_a_second,
)
from .engines import converse_with, use
from .hostile_speech import ascii_event, endless, raw, sending
from .waiting import reaches

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.typing import WebSocketGenerator

    from .peers import FakeSatellite, FakeSpeech, Peer

RARE = "zanzibar"


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log, configured as Home Assistant does."""
    caplog.set_level(logging.INFO)
    return caplog


class Agent(conversation.ConversationEntity):
    """Answers with the rare word, or raises an error that contains it."""

    _attr_name = "Agent"

    def __init__(self) -> None:
        self.fail: Callable[[conversation.ConversationInput, conversation.ChatLog], Any] | None
        self.fail = None
        self.says = f"The key to the {RARE} lies under the mat in the hall"

    @property
    def supported_languages(self) -> list[str] | Literal["*"]:
        return "*"

    async def _async_handle_message(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> conversation.ConversationResult:
        if self.fail is not None:
            return self.fail(user_input, chat_log)  # type: ignore[no-any-return]
        response = intent.IntentResponse(language=user_input.language)
        response.async_set_speech(self.says)
        return conversation.ConversationResult(response=response)


class Engine(tts.TextToSpeechEntity):
    """An engine of another vendor, which repeats the text in its errors or returns nothing."""

    _attr_name = "Engine"
    _attr_default_language = "en"

    def __init__(self, error: type[Exception] | None) -> None:
        self._attr_supported_languages = ["en"]
        self._error = error

    async def async_get_tts_audio(self, message: str, *_: Any, **__: Any) -> tts.TtsAudioType:
        if self._error is not None:
            raise self._error(f"cannot speak {message}")
        return None, None


@pytest.fixture
async def agent(house: HomeAssistant) -> Agent:
    agent = Agent()
    await converse_with(house, agent)
    return agent


async def turn(house: HomeAssistant, satellite: FakeSatellite) -> None:
    """Take a turn, and wait until it and its answer have ended."""
    number = await satellite.begin_turn(None)
    await satellite.speak(0.2)
    await until(lambda: _is_over(satellite, number))
    await reaches(house, "idle")


def _is_over(satellite: FakeSatellite, number: int) -> bool:
    events = {e.type: e for e in list(satellite.received) if e.data.get("turn") == number}
    ended = events.get("pipeline-ended")
    return ended is not None and (
        not ended.data["answer"] or "audio-stop" in events or "error" in events
    )


def no_word(log: pytest.LogCaptureFixture) -> None:
    found = [line for line in log.text.splitlines() if RARE in line.lower()]
    assert not found


async def hang(peer: Peer, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def test_a_synthesis_that_fails(
    house: HomeAssistant,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    agent: Agent,
    log: pytest.LogCaptureFixture,
) -> None:
    refused = Event(type="error", data={"code": RARE, "text": RARE})
    for script in (
        closed_at_once,
        closed_after_the_header,
        closed_after_a_second,
        failed_after_a_second,
        killed_after_a_second,
        sending(refused),
        endless,
        hang,
    ):
        speech.synthesise = script
        with (
            patch.object(synthesis, "SILENCE_SECONDS", 0.3),
            patch.object(playback, "AHEAD_SECONDS", 60.0),
            patch.object(playback, "PLAYED_MARGIN_SECONDS", 0.1),
        ):
            await turn(house, satellite)
            with pytest.raises(HomeAssistantError) as failure:
                await announce(house, message=f"The {RARE} is ready")
            assert RARE not in str(failure.value)
    no_word(log)
    assert f"Error getting audio for {WITHHELD}" in log.text


@pytest.mark.parametrize("error", [HomeAssistantError, ValueError, None])
async def test_a_synthesis_of_somebody_elses_that_fails(
    house: HomeAssistant,
    satellite: FakeSatellite,
    agent: Agent,
    log: pytest.LogCaptureFixture,
    error: type[Exception] | None,
) -> None:
    engine = Engine(error)
    await house.data[TTS_COMPONENT].async_add_entities([engine])
    await use(house, tts_engine=engine.entity_id, tts_voice=None)
    await turn(house, satellite)
    with pytest.raises(HomeAssistantError) as failure:
        await announce(house, message=f"The {RARE} is ready")
    assert RARE not in str(failure.value)
    assert failure.value.__cause__ is None
    no_word(log)


async def test_a_recognition_that_fails(
    house: HomeAssistant,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    log: pytest.LogCaptureFixture,
) -> None:
    for script in (
        raw(ascii_event("transcript", RARE * 200)),
        raw(ascii_event("transcript", RARE)[:-5]),
        raw(ascii_event("transcript", RARE)[:-3] + b"\n"),
        raw(ascii_event("transcript", f"{RARE} \ud800")),
        raw(ascii_event(RARE, RARE) + ascii_event("transcript", RARE)),
        sending(Event(type="error", data={"code": RARE, "text": RARE})),
    ):

        async def once(peer: Peer, writer: asyncio.StreamWriter, script: Any = script) -> None:
            await script(peer, writer)
            writer.close()

        speech.recognise = once
        await turn(house, satellite)
    no_word(log)


async def test_an_agent_that_fails(
    house: HomeAssistant, satellite: FakeSatellite, agent: Agent, log: pytest.LogCaptureFixture
) -> None:
    def crash(user_input: conversation.ConversationInput, _: Any) -> Any:
        raise RuntimeError(f"no idea what {RARE} is: {user_input.text}")

    def refuse(user_input: conversation.ConversationInput, _: Any) -> Any:
        response = intent.IntentResponse(language=user_input.language)
        response.async_set_error(intent.IntentResponseErrorCode.UNKNOWN, f"What is {RARE}?")
        return conversation.ConversationResult(response=response)

    for fail in (crash, refuse, async_get_result_from_chat_log):
        agent.fail = fail
        await turn(house, satellite)
    no_word(log)
    assert f"RuntimeError {WITHHELD}" in log.text


async def test_home_assistants_own_agent_that_fails(
    house: HomeAssistant,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    log: pytest.LogCaptureFixture,
) -> None:
    class Handler(intent.IntentHandler):
        intent_type = "HassShoppingListAddItem"

        def __init__(self, error: type[Exception]) -> None:
            self._error = error

        async def async_handle(self, intent_obj: intent.Intent) -> intent.IntentResponse:
            raise self._error(f"cannot do that: {intent_obj.text_input}")

    for sentence in (f"turn on the {RARE}", f"cancel the {RARE} timer", f"broadcast {RARE}"):
        speech.transcript = sentence
        await turn(house, satellite)
    speech.transcript = f"add {RARE} to my shopping list"
    for error in (intent.IntentHandleError, HomeAssistantError, ValueError):
        intent.async_register(house, Handler(error))
        await turn(house, satellite)
    no_word(log)
    assert WITHHELD in log.text


async def test_a_question_whose_answer_is_none(
    house: HomeAssistant,
    satellite: FakeSatellite,
    speech: FakeSpeech,
    log: pytest.LogCaptureFixture,
) -> None:
    speech.transcript = f"the {RARE} one"
    task = asyncio.create_task(ask(house))
    await satellite.wait_for("run-pipeline")
    await satellite.speak(0.2)
    assert (await task)["sentence"] == speech.transcript
    no_word(log)


async def test_an_answer_that_cannot_be_shown(
    house: HomeAssistant,
    satellite: FakeSatellite,
    agent: Agent,
    hass_ws_client: WebSocketGenerator,
    log: pytest.LogCaptureFixture,
) -> None:
    agent.says = f"The {RARE} \ud800 is here"
    client = await hass_ws_client(house)
    await client.send_json_auto_id(
        {
            "type": "assist_pipeline/run",
            "start_stage": "intent",
            "end_stage": "intent",
            "input": {"text": RARE},
        }
    )
    with suppress(TimeoutError):
        async with asyncio.timeout(0.5):
            while True:
                await client.receive_json()
    await turn(house, satellite)
    no_word(log)


async def test_at_debug_nothing_is_withheld(
    house: HomeAssistant, speech: FakeSpeech, log: pytest.LogCaptureFixture
) -> None:
    speech.synthesise = closed_at_once
    log.set_level(logging.DEBUG, "homeassistant.components.tts")
    with pytest.raises(HomeAssistantError):
        await announce(house, message=f"The {RARE} is ready")
    assert f"Error getting audio for The {RARE} is ready" in log.text
