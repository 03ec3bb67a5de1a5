"""Describes what a conversation agent did, for the people who may read a recording's words.

Home Assistant's answer to a command names what was reached, but not what was done to it. That is
known only from the intents that the agent used.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NotRequired, TypedDict

from homeassistant.helpers.intent import (
    INTENT_SET_POSITION,
    INTENT_STOP_MOVING,
    INTENT_TOGGLE,
    INTENT_TURN_OFF,
    INTENT_TURN_ON,
    IntentResponseTargetType,
    IntentResponseType,
)

from .understood import PLACES, tools_that_worked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from homeassistant.core import HomeAssistant


class Done(TypedDict):
    """One thing that was reached, and what was done to it."""

    name: str
    what: NotRequired[str]
    """A code that the panel has a text for; missing if only the name is known."""


_ASKED: Final = "asked"
"""Nothing was changed: somebody asked for a state."""

_WHAT: Final = {
    INTENT_TURN_ON: "on",
    INTENT_TURN_OFF: "off",
    INTENT_TOGGLE: "toggled",
    INTENT_STOP_MOVING: "stopped",
    "HassOpenCover": "opened",
    "HassCloseCover": "closed",
    INTENT_SET_POSITION: "set",
    "HassClimateSetFanMode": "set",
    "HassClimateSetTemperature": "set",
    "HassFanSetSpeed": "set",
    "HassHumidifierMode": "set",
    "HassHumidifierSetpoint": "set",
    "HassLightSet": "set",
    "HassSetVolume": "set",
    "HassSetVolumeRelative": "set",
}
"""What each intent does. Others are not described: their targets are only named."""

_IN_DOMAIN: Final = {
    ("on", "button"): "pressed",
    ("on", "input_button"): "pressed",
    ("on", "cover"): "opened",
    ("off", "cover"): "closed",
    ("on", "valve"): "opened",
    ("off", "valve"): "closed",
    ("on", "lock"): "locked",
    ("off", "lock"): "unlocked",
    ("on", "scene"): "started",
    ("on", "script"): "started",
}
"""What turning on and off means where Home Assistant doesn't take it literally."""


def what_was_done(
    hass: HomeAssistant, data: Mapping[str, Any], since: datetime | None
) -> list[Done]:
    """Return what an intent that started at `since` did, by its end event's data."""
    output = data["intent_output"]
    done = [
        one
        for used in tools_that_worked(hass, output["conversation_id"], since)
        for one in _done_by(used.tool_name, used.result.data)
    ]
    if done:
        return done
    return [Done(name=target["name"]) for target in output["response"]["data"].get("success", [])]


def _done_by(tool: str, answer: object) -> Iterator[Done]:
    """Yield what an intent did, by its answer; nothing for other tools."""
    if not isinstance(answer, Mapping) or not isinstance(data := answer.get("data"), Mapping):
        return
    # An agent with several sets of tools puts the name of the set first.
    what = _WHAT.get(tool.rpartition("__")[2])
    if answer.get("response_type") == IntentResponseType.QUERY_ANSWER.value:
        what = _ASKED
    for target in _things(data.get("success")):
        meant = _IN_DOMAIN.get((what or "", _domain(target)), what)
        yield Done(name=target["name"]) if meant is None else Done(name=target["name"], what=meant)


def _things(targets: object) -> Iterable[Mapping[str, Any]]:
    """Return the targets with a name. An area is left out if something in it was reached."""
    if not isinstance(targets, list):
        return ()
    named = [
        target
        for target in targets
        if isinstance(target, Mapping) and isinstance(target.get("name"), str)
    ]
    return [target for target in named if target.get("type") not in PLACES] or named


def _domain(target: Mapping[str, Any]) -> str:
    if target.get("type") != IntentResponseTargetType.ENTITY:
        return ""
    return str(target.get("id")).partition(".")[0]
