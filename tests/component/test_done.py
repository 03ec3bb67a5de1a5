"""What was done is kept with the words: what happened to what."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.conversation.chat_log import (
    DATA_CHAT_LOGS,
    ChatLog,
    ToolResultContent,
)
from homeassistant.helpers import intent, llm
from homeassistant.util import dt as dt_util

from custom_components.indoor_voice.turn.done import (
    _ASKED,
    _IN_DOMAIN,
    _WHAT,
    Done,
    what_was_done,
)

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

PANEL = Path(__file__).parents[2] / "custom_components" / "indoor_voice" / "panel"
LIGHT = {"name": "Kitchen light", "type": "entity", "id": "light.kitchen"}
LAMP = {"name": "Lamp", "type": "entity", "id": "light.lamp"}
KITCHEN = {"name": "Kitchen", "type": "area", "id": "kitchen"}


def answer(*targets: Any, **fields: Any) -> dict[str, Any]:
    """Return the answer of an intent that reached some targets."""
    return {"response_type": "action_done", "data": {"success": list(targets)}, **fields}


def done(
    hass: HomeAssistant, *used: tuple[str, Any], named: list[dict[str, Any]] | None = None
) -> list[Done]:
    """Return what a turn did that used these intents, and that says to have reached `named`."""
    since = dt_util.utcnow()
    log = ChatLog(hass, "one")
    log.content += [
        ToolResultContent(
            agent_id="agent", tool_call_id="1", tool_name=tool, result=llm.ToolResult(data=data)
        )
        for tool, data in used
    ]
    hass.data[DATA_CHAT_LOGS] = {"one": log}
    response = {"data": {"success": named or []}}
    return what_was_done(
        hass, {"intent_output": {"response": response, "conversation_id": "one"}}, since
    )


@pytest.mark.parametrize(
    ("tool", "entity", "what"),
    [
        ("HassTurnOn", "light.kitchen", "on"),
        ("HassTurnOff", "light.kitchen", "off"),
        ("assist__HassTurnOff", "switch.kettle", "off"),
        ("HassToggle", "light.kitchen", "toggled"),
        ("HassTurnOn", "cover.blinds", "opened"),
        ("HassTurnOff", "valve.garden", "closed"),
        ("HassTurnOn", "lock.door", "locked"),
        ("HassTurnOff", "lock.door", "unlocked"),
        ("HassTurnOn", "scene.evening", "started"),
        ("HassTurnOn", "button.bell", "pressed"),
        ("HassSetPosition", "cover.blinds", "set"),
        ("HassLightSet", "light.kitchen", "set"),
    ],
)
async def test_what_happened_is_told_of_each_target(
    hass: HomeAssistant, tool: str, entity: str, what: str
) -> None:
    target = {"name": "It", "type": "entity", "id": entity}
    assert done(hass, (tool, answer(target))) == [{"name": "It", "what": what}]


async def test_each_of_several_commands_is_told_in_order(hass: HomeAssistant) -> None:
    found = done(hass, ("HassTurnOff", answer(LIGHT)), ("HassTurnOn", answer(LAMP)))
    assert found == [{"name": "Kitchen light", "what": "off"}, {"name": "Lamp", "what": "on"}]


async def test_an_area_is_told_only_if_nothing_in_it_is(hass: HomeAssistant) -> None:
    assert done(hass, ("HassTurnOn", answer(KITCHEN, LIGHT))) == [
        {"name": "Kitchen light", "what": "on"}
    ]
    assert done(hass, ("HassTurnOn", answer(KITCHEN))) == [{"name": "Kitchen", "what": "on"}]


async def test_what_was_only_asked_for_was_not_changed(hass: HomeAssistant) -> None:
    asked = answer(LIGHT, response_type="query_answer")
    assert done(hass, ("HassGetState", asked)) == [{"name": "Kitchen light", "what": "asked"}]


async def test_what_failed_was_not_done(hass: HomeAssistant) -> None:
    failed = ("HassTurnOff", {"error": "HomeAssistantError"})
    assert done(hass, failed, ("HassTurnOn", answer(LAMP))) == [{"name": "Lamp", "what": "on"}]


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"data": None},
        {"data": {"success": "yes"}},
        {"data": {"success": ["Lamp", {"id": "light.lamp"}, {"name": 7}]}},
        {"result": "21 degrees"},
    ],
)
async def test_other_tools_only_leave_the_names_that_home_assistant_has(
    hass: HomeAssistant, odd: Any
) -> None:
    assert done(hass, ("weather", odd)) == []
    assert done(hass, ("weather", odd), named=[LAMP]) == [{"name": "Lamp"}]
    assert done(hass, ("HassVacuumStart", answer(LAMP))) == [{"name": "Lamp"}]


def test_the_panel_has_a_text_for_each_thing_that_can_be_done() -> None:
    codes = {*_WHAT.values(), *_IN_DOMAIN.values(), _ASKED}
    types = (PANEL / "api.d.ts").read_text(encoding="utf-8")
    found = re.search(r"^export type What =(.*?);$", types, re.MULTILINE | re.DOTALL)
    assert found
    assert set(re.findall(r'"([^"]+)"', found[1])) == codes
    texts = json.loads((PANEL / "translations" / "en.json").read_text(encoding="utf-8"))["done"]
    assert texts.keys() == codes
    assert all("{name}" in text for text in texts.values())


async def test_real_intents_answer_as_expected(hass: HomeAssistant) -> None:
    response = intent.IntentResponse(language="en")
    response.async_set_results(
        [
            intent.IntentResponseTarget(
                name="Lamp", type=intent.IntentResponseTargetType.ENTITY, id="light.lamp"
            )
        ]
    )
    found = done(hass, ("HassTurnOn", llm.IntentResponseDict(response)))
    assert found == [{"name": "Lamp", "what": "on"}]
