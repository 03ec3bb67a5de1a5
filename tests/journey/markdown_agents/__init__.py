"""A test-only integration with conversation agents that answer as language models do."""

from itertools import batched
from typing import TYPE_CHECKING, Final, Literal, override

from homeassistant.components import conversation
from homeassistant.components.conversation.const import DATA_COMPONENT

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeassistant.components.conversation.chat_log import AssistantContentDeltaDict
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.typing import ConfigType

_WEATHER: Final = """\
## The weather 🌦

- It is **warm** outside, `21.5 °C`
- The [tickets](https://www.example.com/buy?kind=family) cost *$12.50*
- Dinner is at __18:00__
"""
_WEATHER_NOW: Final = """\
## The weather 🌦

It is **warm** [outside](https://www.example.com/weather?id=home), `21.5 °C`
"""
"""Long enough for Home Assistant to pass it on before it is complete."""
_QUESTION: Final = "Shall I say: turn on the bedroom light?"
_PIECE_CHARACTERS: Final = 3
"""A token of a language model is about as long, and divides marks and numbers."""


class _Agent(conversation.ConversationEntity):
    """Gives the same answer to everything, which streams if it has several pieces."""

    def __init__(self, name: str, *pieces: str) -> None:
        self._attr_name = name
        self._attr_supports_streaming = len(pieces) > 1
        self._pieces = pieces

    @property
    @override
    def supported_languages(self) -> list[str] | Literal["*"]:
        return "*"

    @override
    async def _async_handle_message(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> conversation.ConversationResult:
        async for _ in chat_log.async_add_delta_content_stream(self.entity_id, self._answer()):
            pass
        return conversation.async_get_result_from_chat_log(user_input, chat_log)

    async def _answer(self) -> AsyncGenerator[AssistantContentDeltaDict]:
        yield {"role": "assistant"}
        for piece in self._pieces:
            yield {"content": piece}


class _AskingAgent(_Agent):
    """Asks a question that contains a command, and thanks for any reply."""

    @override
    async def _async_handle_message(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> conversation.ConversationResult:
        said = [each.content for each in chat_log.content if each.role == "assistant"]
        self._pieces = ("Thank you.",) if said[-1:] == [_QUESTION] else (_QUESTION,)
        return await super()._async_handle_message(user_input, chat_log)


async def async_setup(hass: HomeAssistant, _config: ConfigType) -> bool:
    """Add the agents `conversation.at_once`, `conversation.in_pieces` and `conversation.asking`."""
    await hass.data[DATA_COMPONENT].async_add_entities(
        [
            _Agent("At once", _WEATHER),
            _AskingAgent("Asking"),
            _Agent(
                "In pieces", *map("".join, batched(_WEATHER_NOW, _PIECE_CHARACTERS, strict=False))
            ),
        ]
    )
    return True
