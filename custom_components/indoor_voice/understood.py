"""Tells whether a conversation agent did something, or only answered."""

from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.conversation.chat_log import DATA_CHAT_LOGS, ToolResultContent
from homeassistant.helpers.intent import IntentResponseTargetType, IntentResponseType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from homeassistant.core import HomeAssistant

_PLACES: Final = (IntentResponseTargetType.AREA, IntentResponseTargetType.FLOOR)


def led_to_something(hass: HomeAssistant, data: Mapping[str, Any], since: datetime | None) -> bool:
    """Tell it by what the pipeline says at the end of an intent, which began at `since`.

    Home Assistant's own sentences match or they do not. Any other agent finds an answer to
    whatever it is given, and Home Assistant calls that done: there it takes a target that was
    reached, or a tool that worked.
    """
    response = data["intent_output"]["response"]
    if response["response_type"] == IntentResponseType.ERROR.value:
        return False
    if response["data"].get("failed") and not _reached(response["data"]):
        return False
    if data.get("processed_locally", False):
        return True
    if _reached(response["data"]):
        return True
    log = hass.data.get(DATA_CHAT_LOGS, {}).get(data["intent_output"]["conversation_id"])
    # What was said earlier in the same conversation stands there, too.
    return log is not None and any(
        isinstance(content, ToolResultContent)
        and since is not None
        and content.created >= since
        and not content.result.error
        and _worked(content.result.data)
        for content in log.content
    )


def _reached(targets: Mapping[str, Any]) -> bool:
    """Tell whether a target was reached.

    Home Assistant counts an area as reached where it was found, also if nothing in it obeyed.
    """
    reached = targets.get("success") or []
    if not targets.get("failed"):
        return bool(reached)
    return any(target.get("type") not in _PLACES for target in reached)


def _worked(said: object) -> bool:
    """Tell whether a tool did what it is for; each kind of tool has its way to say that not."""
    if not isinstance(said, dict):
        return False
    if any(said.get(name) for name in ("error", "isError", "is_error")):
        return False
    if said.get("success") is False or said.get("response_type") == IntentResponseType.ERROR.value:
        return False
    targets = said.get("data")
    if isinstance(targets, dict) and targets.get("failed") and not _reached(targets):
        return False
    # What a script answers with stands in what its tool does.
    result = said.get("result")
    return not isinstance(result, dict) or _worked(result)
