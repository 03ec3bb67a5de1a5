"""Tells whether a conversation agent did something, or only answered."""

from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.conversation.chat_log import DATA_CHAT_LOGS, ToolResultContent
from homeassistant.helpers.intent import (
    INTENT_NEVERMIND,
    INTENT_RESPOND,
    IntentResponseTargetType,
    IntentResponseType,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from homeassistant.core import HomeAssistant

_TALK: Final = frozenset({INTENT_NEVERMIND, INTENT_RESPOND})
"""Intents that do nothing but answer."""
_PLACES: Final = (IntentResponseTargetType.AREA, IntentResponseTargetType.FLOOR)


def led_to_something(hass: HomeAssistant, data: Mapping[str, Any], since: datetime | None) -> bool:
    """Tell it by what the pipeline says at the end of an intent, which began at `since`.

    Home Assistant's own sentences match or they do not; a few of them only talk. Any other agent
    finds an answer to whatever it is given, and Home Assistant calls that done: there it takes a
    target that was reached, or a tool that worked.
    """
    response = data["intent_output"]["response"]
    if response["response_type"] == IntentResponseType.ERROR.value:
        return False
    if _reached(response["data"]):
        return True
    if response["data"].get("failed"):
        return False
    used = list(_tools_used(hass, data["intent_output"]["conversation_id"], since))
    if data.get("processed_locally", False):
        return not used or any(content.tool_name not in _TALK for content in used)
    return any(_worked(content) for content in used)


def _tools_used(
    hass: HomeAssistant, conversation: str, since: datetime | None
) -> Iterator[ToolResultContent]:
    """Yield what came of tools, and of Home Assistant's own intents, from `since` on.

    What was said earlier in the same conversation stands there, too.
    """
    log = hass.data.get(DATA_CHAT_LOGS, {}).get(conversation)
    if log is None or since is None:
        return
    for content in log.content:
        if isinstance(content, ToolResultContent) and content.created >= since:
            yield content


def _reached(targets: Mapping[str, Any]) -> bool:
    """Tell whether a target was reached.

    Home Assistant counts an area as reached where it was found, also if nothing in it obeyed.
    """
    reached = targets.get("success") or []
    if not targets.get("failed"):
        return bool(reached)
    return any(target.get("type") not in _PLACES for target in reached)


def _worked(content: ToolResultContent) -> bool:
    """Tell whether a tool did what it is for."""
    result = content.result
    return content.tool_name not in _TALK and not result.error and _tells_success(result.data)


def _tells_success(said: object) -> bool:
    """Tell whether an answer tells of success; each kind of tool tells of failure in its way."""
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
    return not isinstance(result, dict) or _tells_success(result)
