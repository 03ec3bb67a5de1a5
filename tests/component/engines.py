"""Engines of other integrations, which declare where they work."""

from typing import TYPE_CHECKING, Any

from homeassistant.components import conversation, stt
from homeassistant.components.assist_pipeline.pipeline import (
    async_get_pipeline,
    async_update_pipeline,
)
from homeassistant.components.conversation.const import DATA_COMPONENT
from homeassistant.config_entries import ConfigFlow
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockPlatform,
    mock_config_flow,
    mock_integration,
    mock_platform,
)

from custom_components.indoor_voice import DONE

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.const import Platform
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity import Entity
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback


class Recogniser(stt.SpeechToTextEntity):
    """Returns the same text for any speech, and counts its calls."""

    _attr_name = "Recogniser"
    _attr_unique_id = "engine"

    def __init__(self) -> None:
        self.asked = 0

    @property
    def supported_languages(self) -> list[str]:
        return ["en"]

    @property
    def supported_formats(self) -> list[stt.AudioFormats]:
        return [stt.AudioFormats.WAV]

    @property
    def supported_codecs(self) -> list[stt.AudioCodecs]:
        return [stt.AudioCodecs.PCM]

    @property
    def supported_bit_rates(self) -> list[stt.AudioBitRates]:
        return [stt.AudioBitRates.BITRATE_16]

    @property
    def supported_sample_rates(self) -> list[stt.AudioSampleRates]:
        return [stt.AudioSampleRates.SAMPLERATE_16000]

    @property
    def supported_channels(self) -> list[stt.AudioChannels]:
        return [stt.AudioChannels.CHANNEL_MONO]

    async def async_process_audio_stream(
        self,
        metadata: stt.SpeechMetadata,  # noqa: ARG002 - Home Assistant's signature
        stream: AsyncIterable[bytes],
    ) -> stt.SpeechResult:
        self.asked += 1
        async for _ in stream:
            pass
        return stt.SpeechResult("what time is it", stt.SpeechResultState.SUCCESS)


class Agent(conversation.ConversationEntity):
    """Gives an empty answer."""

    _attr_name = "Agent"
    _attr_unique_id = "engine"

    @property
    def supported_languages(self) -> list[str]:
        return ["en"]


async def add_engine(
    hass: HomeAssistant,
    engine: Entity,
    platform: Platform,
    iot_class: str | None,
    data: dict[str, Any] | None = None,
) -> None:
    """Set up another integration, named `elsewhere`, with one engine."""

    async def set_up(hass: HomeAssistant, entry: ConfigEntry[Any]) -> bool | None:
        await hass.config_entries.async_forward_entry_setups(entry, [platform])
        return DONE

    async def unload(hass: HomeAssistant, entry: ConfigEntry[Any]) -> bool | None:
        assert await hass.config_entries.async_unload_platforms(entry, [platform])
        return DONE

    async def add(
        _hass: HomeAssistant, _entry: ConfigEntry[Any], add: AddConfigEntryEntitiesCallback
    ) -> None:
        add([engine])

    manifest = {} if iot_class is None else {"iot_class": iot_class}
    module = MockModule(
        "elsewhere",
        async_setup_entry=set_up,
        async_unload_entry=unload,
        partial_manifest=manifest,
    )
    mock_integration(hass, module)
    mock_platform(hass, "elsewhere.config_flow")
    mock_platform(hass, f"elsewhere.{platform}", MockPlatform(async_setup_entry=add))
    entry = MockConfigEntry(domain="elsewhere", data=data or {})
    entry.add_to_hass(hass)
    with mock_config_flow("elsewhere", ConfigFlow):
        assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def converse_with(hass: HomeAssistant, agent: conversation.ConversationEntity) -> None:
    """Make the assistant use this conversation agent only."""
    await hass.data[DATA_COMPONENT].async_add_entities([agent])
    await use(hass, conversation_engine=agent.entity_id, prefer_local_intents=False)


async def use(hass: HomeAssistant, **engines: Any) -> None:
    """Make the assistant use other engines."""
    await async_update_pipeline(hass, async_get_pipeline(hass), **engines)
