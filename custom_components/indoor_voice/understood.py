"""Tells whether a conversation agent did something, or only answered."""

from typing import TYPE_CHECKING, Any

from homeassistant.components.conversation.chat_log import DATA_CHAT_LOGS, ToolResultContent
from homeassistant.helpers.intent import IntentResponseType

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from homeassistant.core import HomeAssistant


def led_to_something(hass: HomeAssistant, data: Mapping[str, Any], since: datetime | None) -> bool:
    """Tell it by what the pipeline says at the end of an intent, which began at `since`.

    Home Assistant's own sentences match or they do not. Any other agent finds an answer to
    whatever it is given, and Home Assistant calls that done: there it takes a target that was
    reached, or a tool that worked.
    """
    response = data["intent_output"]["response"]
    if response["response_type"] == IntentResponseType.ERROR.value:
        return False
    if data.get("processed_locally", False):
        return True
    if response["data"].get("success"):
        return True
    log = hass.data.get(DATA_CHAT_LOGS, {}).get(data["intent_output"]["conversation_id"])
    # What was said earlier in the same conversation stands there, too.
    return log is not None and any(
        isinstance(content, ToolResultContent)
        and since is not None
        and content.created >= since
        and _worked(content)
        for content in log.content
    )


def _worked(content: ToolResultContent) -> bool:
    """Tell whether a tool did what it is for; each kind of tool has its way to say that not."""
    result = content.result
    said = result.data
    if result.error or not isinstance(said, dict):
        return False
    if any(said.get(name) for name in ("error", "isError", "is_error")):
        return False
    if said.get("success") is False or said.get("response_type") == IntentResponseType.ERROR.value:
        return False
    targets = said.get("data")
    reached = not isinstance(targets, dict) or targets.get("success") or not targets.get("failed")
    return bool(reached)
