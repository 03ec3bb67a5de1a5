"""Selects for a satellite: its assistant, and how it and its speech server hear."""

from typing import TYPE_CHECKING, Final, override

from homeassistant.components.assist_pipeline.select import (
    AssistPipelineSelect,
    VadSensitivitySelect,
)
from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from wyoming.wake import Detect

from .assistant.assistants import FIRST, SECOND, second_wake_word
from .const import DOMAIN
from .devices.entries import device_key
from .devices.request import SatelliteRefusedError
from .entity import SatelliteEntity, SatelliteSetting, add_settings, satellite_device
from .link.client import SENSITIVITIES
from .link.settings import NOISE_SUPPRESSIONS
from .link.wire import LinkError
from .turn.wake_words import sensitive_wake_words

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
    from wyoming.info import WakeModel

    from .data import SatelliteConfigEntry

PARALLEL_UPDATES: Final = 0

_NOISE_SUPPRESSION: Final = SelectEntityDescription(
    key="noise_suppression",
    entity_category=EntityCategory.CONFIG,
    options=list(NOISE_SUPPRESSIONS),
)

_SECOND_WAKE_WORD: Final = SelectEntityDescription(
    key="second_wake_word", entity_category=EntityCategory.CONFIG
)
_NO_WAKE_WORD: Final = "none"


async def async_setup_entry(
    hass: HomeAssistant,
    entry: SatelliteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the selects of a satellite."""
    async_add_entities(
        [
            IndoorVoicePipelineSelect(hass, entry, FIRST),
            IndoorVoicePipelineSelect(hass, entry, SECOND),
            IndoorVoiceSecondWakeWordSelect(entry, _SECOND_WAKE_WORD),
            IndoorVoiceVadSensitivitySelect(hass, entry),
        ]
    )
    add_settings(entry, async_add_entities, IndoorVoiceChoice, [_NOISE_SUPPRESSION])
    data, known = entry.runtime_data, set[str]()

    @callback
    def add_chosen_wake_words() -> None:
        new = [model for model in sensitive_wake_words(data.peer) if model.name not in known]
        known.update(model.name for model in new)
        async_add_entities(IndoorVoiceWakeSensitivitySelect(entry, model) for model in new)

    add_chosen_wake_words()
    entry.async_on_unload(data.health.async_add_listener(add_chosen_wake_words))


class IndoorVoiceChoice(SatelliteSetting, SelectEntity):
    """A choice that is made on the satellite; shows the satellite's own report."""

    @property
    @override
    def current_option(self) -> str | None:
        """The satellite's choice."""
        choice: str | None = self._reported
        return choice

    @override
    async def async_select_option(self, option: str) -> None:
        """Change the satellite's choice."""
        await self._change(option)


class IndoorVoicePipelineSelect(AssistPipelineSelect):
    """Selects one of the satellite's assistants."""

    _attr_has_entity_name = True

    def __init__(self, hass: HomeAssistant, entry: SatelliteConfigEntry, assistant: int) -> None:
        """Initialize the select of a satellite's config entry."""
        super().__init__(hass, DOMAIN, device_key(entry), assistant)
        self._attr_device_info = satellite_device(entry)


class IndoorVoiceSecondWakeWordSelect(SatelliteEntity, SelectEntity):
    """Selects the wake word of the second assistant; shows the satellite's own report."""

    @property
    @override
    def available(self) -> bool:
        """Whether the satellite is connected and listens for a wake word."""
        data = self._entry.runtime_data
        return data.is_reachable and bool(data.peer.active_wake_words)

    @property
    @override
    def options(self) -> list[str]:
        """The phrases of all wake words but the first."""
        first = self._entry.runtime_data.peer.active_wake_words[:1]
        phrases = self._phrases()
        return [_NO_WAKE_WORD, *(phrases[name] for name in phrases if name not in first)]

    @property
    @override
    def current_option(self) -> str:
        """The phrase of the second wake word."""
        second = second_wake_word(self._entry.runtime_data.peer)
        return _NO_WAKE_WORD if second is None else self._phrases().get(second, second)

    def _phrases(self) -> dict[str, str]:
        return {
            model.name: model.phrase or model.name
            for program in self._entry.runtime_data.peer.info.wake
            for model in program.models
        }

    @override
    async def async_select_option(self, option: str) -> None:
        """Listen for another second wake word, or for none."""
        data = self._entry.runtime_data
        active = data.peer.active_wake_words
        wanted = active[:1]
        if option != _NO_WAKE_WORD:
            second = next(name for name, phrase in self._phrases().items() if phrase == option)
            wanted += [second, *(word for word in active[2:] if word != second)]
        try:
            await data.wake_words.make(
                data.send, Detect(wanted), lambda peer: peer.active_wake_words == wanted
            )
        except (LinkError, SatelliteRefusedError) as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="wake_words_not_set"
            ) from err


class IndoorVoiceVadSensitivitySelect(VadSensitivitySelect):
    """Selects how long a pause ends the speech."""

    _attr_has_entity_name = True

    def __init__(self, hass: HomeAssistant, entry: SatelliteConfigEntry) -> None:
        """Initialize the select of a satellite's config entry."""
        super().__init__(hass, device_key(entry))
        self._attr_device_info = satellite_device(entry)


class IndoorVoiceWakeSensitivitySelect(SatelliteEntity, SelectEntity):
    """Selects how readily a satellite wakes for a wake word; shows the satellite's own report."""

    def __init__(self, entry: SatelliteConfigEntry, wake_word: WakeModel) -> None:
        """Initialize the select of a wake word of a satellite."""
        key = "wake_sensitivity"
        super().__init__(
            entry, SelectEntityDescription(key=key, entity_category=EntityCategory.CONFIG)
        )
        self._attr_options = list(SENSITIVITIES)
        self._wake_word = wake_word.name
        self._attr_unique_id = f"{device_key(entry)}-{key}-{wake_word.name}"
        self._attr_translation_placeholders = {"wake_word": wake_word.phrase or wake_word.name}

    @property
    @override
    def available(self) -> bool:
        """Whether the satellite is connected and listens for the wake word."""
        data = self._entry.runtime_data
        return data.is_reachable and any(
            model.name == self._wake_word for model in sensitive_wake_words(data.peer)
        )

    @property
    @override
    def current_option(self) -> str | None:
        """The satellite's sensitivity; None if it is a number from its command line."""
        level = self._entry.runtime_data.peer.wake_sensitivities.get(self._wake_word)
        return level if isinstance(level, str) else None

    @override
    async def async_select_option(self, option: str) -> None:
        """Change the satellite's sensitivity, and leave its choice of wake words as it is."""
        data, word = self._entry.runtime_data, self._wake_word
        event = Detect(data.peer.active_wake_words).event()
        event.data["wake_sensitivities"] = {word: option}
        try:
            await data.wake_words.make(
                data.send, event, lambda peer: peer.wake_sensitivities.get(word) == option
            )
        except (LinkError, SatelliteRefusedError) as err:
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="sensitivity_not_set"
            ) from err
