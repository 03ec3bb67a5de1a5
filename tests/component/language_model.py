"""A scripted language model, built with Home Assistant's helpers."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, override

from homeassistant.components import conversation
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.const import Platform
from homeassistant.helpers import llm

from .engines import add_engine, use

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from homeassistant.components.conversation.chat_log import AssistantContentDeltaDict
    from homeassistant.core import HomeAssistant
    from homeassistant.util.json import JsonObjectType


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call: one of Home Assistant's tools, by the end of its name, or our own."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)


class OwnTool(llm.Tool):
    """A tool of another integration with a scripted answer."""

    name = "own"
    integration = "elsewhere"

    def __init__(self) -> None:
        self.result: JsonObjectType | Exception = {}

    @override
    async def async_call(
        self, hass: HomeAssistant, tool_input: llm.ToolInput, llm_context: llm.LLMContext
    ) -> llm.ToolResult:
        if isinstance(self.result, Exception):
            raise self.result
        return llm.ToolResult(data=self.result)


class LanguageModel(conversation.ConversationEntity):
    """Calls scripted tools and then answers, like Home Assistant's own language models."""

    _attr_name = "Model"
    _attr_unique_id = "engine"
    _attr_supports_streaming = True
    _attr_supported_features = conversation.ConversationEntityFeature.CONTROL

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answer = "I am not sure what you mean."
        self.own = OwnTool()
        self.asked: list[str] = []
        self.conversations: list[str] = []
        """The conversation to which each text belongs."""

    @property
    @override
    def supported_languages(self) -> list[str] | Literal["*"]:
        return "*"

    @override
    async def _async_handle_message(
        self, user_input: conversation.ConversationInput, chat_log: conversation.ChatLog
    ) -> conversation.ConversationResult:
        self.asked.append(user_input.text)
        self.conversations.append(chat_log.conversation_id)
        await chat_log.async_provide_llm_data(
            user_input.as_llm_context("elsewhere"),
            llm.LLM_API_ASSIST,
            None,
            user_input.extra_system_prompt,
        )
        assert chat_log.llm_api is not None
        chat_log.llm_api.tools.append(self.own)
        answer: list[AssistantContentDeltaDict] = [{"role": "assistant"}, {"content": self.answer}]
        for deltas in (*self._calls(chat_log.llm_api), answer):
            async for _ in chat_log.async_add_delta_content_stream(self.entity_id, _stream(deltas)):
                pass
        return conversation.async_get_result_from_chat_log(user_input, chat_log)

    def _calls(self, api: llm.APIInstance) -> list[list[AssistantContentDeltaDict]]:
        return [
            [
                {"role": "assistant"},
                {"tool_calls": [llm.ToolInput(_full_name(api, call.tool), call.arguments)]},
            ]
            for call in self.calls
        ]


def _full_name(api: llm.APIInstance, name: str) -> str:
    """Return Home Assistant's name of a tool, which may start with its integration."""
    return next((tool.name for tool in api.tools if tool.name.endswith(name)), name)


async def _stream(
    deltas: list[AssistantContentDeltaDict],
) -> AsyncGenerator[AssistantContentDeltaDict]:
    for delta in deltas:
        yield delta


async def add_language_model(hass: HomeAssistant, *exposed: str) -> LanguageModel:
    """Make a language model the only agent, with control of the exposed entities."""
    for entity_id in exposed:
        async_expose_entity(hass, conversation.DOMAIN, entity_id, should_expose=True)
    model = LanguageModel()
    await add_engine(hass, model, Platform.CONVERSATION, "local_polling")
    await use(hass, conversation_engine="conversation.model", prefer_local_intents=False)
    return model
