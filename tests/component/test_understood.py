"""A turn that an agent only talked about counts as an accident."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.conversation.chat_log import (
    DATA_CHAT_LOGS,
    ChatLog,
    ToolResultContent,
)
from homeassistant.helpers import intent, llm
from homeassistant.util import dt as dt_util

from custom_components.indoor_voice.turn.understood import led_to_something

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

FAILED: dict[str, Any] = {"error": "HomeAssistantError", "error_text": "no"}


def ended(response: intent.IntentResponse, *, locally: bool = False) -> dict[str, Any]:
    output = {"response": response.as_dict(), "conversation_id": "one"}
    return {"processed_locally": locally, "intent_output": output}


def answered(
    hass: HomeAssistant, *results: llm.ToolResult, locally: bool = False, late: bool = True
) -> bool:
    """Return whether an agent's answer, after these tool results, led to something."""
    since = dt_util.utcnow()
    log = ChatLog(hass, "one")
    log.content += [
        ToolResultContent(agent_id="agent", tool_call_id="1", tool_name="tool", result=result)
        for result in results
    ]
    hass.data[DATA_CHAT_LOGS] = {"one": log}
    response = intent.IntentResponse(language="en")
    response.async_set_speech("I am not sure what you mean.")
    return led_to_something(
        hass, ended(response, locally=locally), since if late else since + timedelta(seconds=60)
    )


async def test_talk_alone_led_to_nothing(hass: HomeAssistant) -> None:
    assert not answered(hass)


@pytest.mark.parametrize(
    "data",
    [
        {"result": "21 degrees"},
        {"response_type": "action_done", "data": {"success": [{"name": "x"}], "failed": []}},
        {"response_type": "query_answer", "data": {"success": [], "failed": []}},
    ],
)
async def test_a_tool_that_worked_did_something(hass: HomeAssistant, data: Any) -> None:
    assert answered(hass, llm.ToolResult(data=data))
    assert answered(hass, llm.ToolResult(data=FAILED, error=True), llm.ToolResult(data=data))


@pytest.mark.parametrize(
    "result",
    [
        llm.ToolResult(data=FAILED, error=True),
        llm.ToolResult(data=FAILED),
        llm.ToolResult(data={"success": False}),
        llm.ToolResult(data={"isError": True}),
        llm.ToolResult(data={"response_type": "error"}),
        llm.ToolResult(data={"data": {"success": [], "failed": [{"name": "x"}]}}),
    ],
)
async def test_a_tool_that_failed_did_nothing(hass: HomeAssistant, result: llm.ToolResult) -> None:
    assert not answered(hass, result)


async def test_what_was_done_earlier_in_the_conversation_does_not_count(
    hass: HomeAssistant,
) -> None:
    assert not answered(hass, llm.ToolResult(data={"result": 1}), late=False)


async def test_home_assistants_own_sentences_are_understood(hass: HomeAssistant) -> None:
    assert answered(hass, locally=True)


async def test_a_target_counts_and_an_error_does_not(hass: HomeAssistant) -> None:
    response = intent.IntentResponse(language="en")
    response.async_set_results(
        [intent.IntentResponseTarget(name="Light", type=intent.IntentResponseTargetType.ENTITY)]
    )
    assert led_to_something(hass, ended(response), dt_util.utcnow())
    response.async_set_error(intent.IntentResponseErrorCode.NO_INTENT_MATCH, "no")
    assert not led_to_something(hass, ended(response, locally=True), dt_util.utcnow())


@pytest.mark.parametrize("name", ["HassNevermind", "HassRespond"])
@pytest.mark.parametrize("locally", [True, False])
async def test_an_intent_that_only_talks_did_nothing(
    hass: HomeAssistant, name: str, *, locally: bool
) -> None:
    log = ChatLog(hass, "one")
    response = intent.IntentResponse(language="en")
    done = llm.ToolResult(data={"response_type": "action_done", "data": {"success": []}})
    log.content.append(
        ToolResultContent(agent_id="agent", tool_call_id="1", tool_name=name, result=done)
    )
    hass.data[DATA_CHAT_LOGS] = {"one": log}
    since = log.content[-1].created
    assert not led_to_something(hass, ended(response, locally=locally), since)
    log.content.append(
        ToolResultContent(agent_id="agent", tool_call_id="2", tool_name="HassTurnOn", result=done)
    )
    assert led_to_something(hass, ended(response, locally=locally), since)


@pytest.mark.parametrize("locally", [True, False])
async def test_what_reached_none_of_its_targets_did_nothing(
    hass: HomeAssistant, *, locally: bool
) -> None:
    response = intent.IntentResponse(language="en")
    response.async_set_results(
        success_results=[],
        failed_results=[
            intent.IntentResponseTarget(name="Light", type=intent.IntentResponseTargetType.ENTITY)
        ],
    )
    assert not led_to_something(hass, ended(response, locally=locally), dt_util.utcnow())
