"""Decides whether a conversation agent did something or only answered."""

from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.conversation.chat_log import DATA_CHAT_LOGS, ToolResultContent
from homeassistant.helpers.intent import (
    INTENT_NEVERMIND,
    INTENT_RESPOND,
    IntentResponseErrorCode,
    IntentResponseTargetType,
    IntentResponseType,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from homeassistant.core import HomeAssistant

_TALK: Final = frozenset({INTENT_NEVERMIND, INTENT_RESPOND})
"""Intents that only answer."""
PLACES: Final = (IntentResponseTargetType.AREA, IntentResponseTargetType.FLOOR)
"""Types of targets that count as reached even if nothing in them responded."""


def matched_an_intent(output: Mapping[str, Any]) -> bool:
    """Return whether the conversation agent found an intent, by its `intent_output`."""
    code: str | None = output["response"]["data"].get("code")
    return code != IntentResponseErrorCode.NO_INTENT_MATCH


def led_to_something(hass: HomeAssistant, data: Mapping[str, Any], since: datetime | None) -> bool:
    """Return whether an intent that started at `since` did something, by its end event's data.

    Home Assistant's own sentences either match or don't, and a few of them only talk. Any other
    agent answers whatever it is given, and Home Assistant reports that as done, so for those
    agents a target must have been reached or a tool must have succeeded.
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


def tools_that_worked(
    hass: HomeAssistant, conversation: str, since: datetime | None
) -> Iterator[ToolResultContent]:
    """Yield the results, from `since` on, of tools that succeeded and do more than talk."""
    yield from filter(_worked, _tools_used(hass, conversation, since))


def _tools_used(
    hass: HomeAssistant, conversation: str, since: datetime | None
) -> Iterator[ToolResultContent]:
    """Yield the results of tools and of Home Assistant's own intents from `since` on.

    The chat log also holds earlier turns of the same conversation.
    """
    log = hass.data.get(DATA_CHAT_LOGS, {}).get(conversation)
    if log is None or since is None:
        return
    for content in log.content:
        if isinstance(content, ToolResultContent) and content.created >= since:
            yield content


def _reached(targets: Mapping[str, Any]) -> bool:
    """Return whether a target was reached.

    Home Assistant counts an area as reached if it exists, even if nothing in it responded.
    """
    reached = targets.get("success") or []
    if not targets.get("failed"):
        return bool(reached)
    return any(target.get("type") not in PLACES for target in reached)


def _worked(content: ToolResultContent) -> bool:
    """Return whether a tool succeeded and does more than talk."""
    result = content.result
    return content.tool_name not in _TALK and not result.error and _reports_success(result.data)


def _reports_success(answer: object) -> bool:
    """Return whether a tool's answer reports success; kinds of tools report failure differently."""
    if not isinstance(answer, dict):
        return False
    if any(answer.get(name) for name in ("error", "isError", "is_error")):
        return False
    is_error = answer.get("response_type") == IntentResponseType.ERROR.value
    if is_error or answer.get("success") is False:
        return False
    targets = answer.get("data")
    if isinstance(targets, dict) and targets.get("failed") and not _reached(targets):
        return False
    # A script's own answer is nested in that of its tool.
    result = answer.get("result")
    return not isinstance(result, dict) or _reports_success(result)
