"""Base classes of the integration's entities."""

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN
from .devices.coordinator import SatelliteCoordinator, SpeechCoordinator
from .devices.entries import device_key
from .devices.request import SatelliteRefusedError
from .household.keeper import KEEPER, SIGNAL_HOUSEHOLD
from .link.rate_limit import LogThrottle
from .link.wire import LinkError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.helpers.entity import EntityDescription
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .data import SatelliteConfigEntry, SpeechConfigEntry
    from .household.keeper import HouseholdConfigEntry, Keeper, View
    from .privacy.household import Household
    from .privacy.types import Actor

_LOGGER: Final = logging.getLogger(__name__)

_CHECK_SECONDS: Final = 1.0
"""How long a failure may be held up: a server that is gone, rather than hung, is found out soon."""


def satellite_device(entry: SatelliteConfigEntry) -> DeviceInfo:
    """Return the device registry's information about a satellite."""
    satellite = entry.runtime_data.peer.info.satellite
    return DeviceInfo(
        identifiers={(DOMAIN, device_key(entry))},
        manufacturer=(satellite and satellite.attribution.name) or None,
        model="Satellite",
        name=entry.title,
        suggested_area=(satellite and satellite.area) or None,
        sw_version=entry.runtime_data.peer.version,
    )


def household_device(entry: HouseholdConfigEntry) -> DeviceInfo:
    """Return the device registry's information about the household."""
    return DeviceInfo(
        entry_type=DeviceEntryType.SERVICE,
        identifiers={(DOMAIN, device_key(entry))},
        model="Household",
        name=entry.title,
    )


class KeepingEntity(Entity):
    """An entity of the household or of a satellite that shows or controls what is kept."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self, entry: ConfigEntry[Any], description: EntityDescription, device: DeviceInfo
    ) -> None:
        """Initialize the entity that `description` describes."""
        self._entry = entry
        self.entity_description = description
        self._attr_translation_key = description.key
        self._attr_unique_id = f"{device_key(entry)}-{description.key}"
        self._attr_device_info = device

    @override
    async def async_added_to_hass(self) -> None:
        """Subscribe to changes of the household."""
        await super().async_added_to_hass()
        self.async_on_remove(
            async_dispatcher_connect(self.hass, SIGNAL_HOUSEHOLD, self.async_write_ha_state)
        )

    @property
    def _keeper(self) -> Keeper | None:
        return self.hass.data.get(KEEPER)

    @property
    def _view(self) -> View | None:
        """The household's state; None if there is no household or its store cannot be used."""
        return None if self._keeper is None else self._keeper.view

    @property
    @override
    def available(self) -> bool:
        """Whether there is a household with a usable store."""
        return self._view is not None

    async def _run(self, work: Callable[[Household, Actor], object]) -> None:
        """Run work on the household on behalf of the user who called the action.

        Raises `HomeAssistantError` if the store cannot be used.
        """
        keeper = self._keeper
        assert keeper is not None, "Home Assistant calls no actions of unavailable entities"
        actor = keeper.actor(self._context.user_id if self._context else None, "action")
        await keeper.run(lambda household: work(household, actor))


class SatelliteEntity(CoordinatorEntity[SatelliteCoordinator]):
    """An entity that shows a satellite's connection, status or last turn."""

    _attr_has_entity_name = True

    def __init__(self, entry: SatelliteConfigEntry, description: EntityDescription) -> None:
        """Initialize the entity that `description` describes."""
        super().__init__(entry.runtime_data.health)
        self._entry = entry
        self.entity_description = description
        self._attr_translation_key = description.key
        self._attr_unique_id = f"{device_key(entry)}-{description.key}"
        self._attr_device_info = satellite_device(entry)


class SatelliteSetting(SatelliteEntity):
    """Shows and changes the setting of a satellite that its description's key names.

    It shows the satellite's own report, not the last command.
    """

    @property
    def _reported(self) -> Any:  # noqa: ANN401 - of the setting's type
        settings = self.coordinator.data.settings
        return None if settings is None else getattr(settings, self.entity_description.key)

    @property
    @override
    def available(self) -> bool:
        """Whether the satellite is connected and has the setting."""
        return self._reported is not None

    async def _change(self, value: object) -> None:
        """Change it; raises `HomeAssistantError`."""
        try:
            await self._entry.runtime_data.change_setting(self.entity_description.key, value)
        except (LinkError, SatelliteRefusedError) as err:
            failed = isinstance(err, SatelliteRefusedError) and err.code == "failed"
            raise HomeAssistantError(
                translation_domain=DOMAIN,
                translation_key="setting_not_kept" if failed else "setting_not_changed",
            ) from err


@callback
def add_settings[D: EntityDescription](
    entry: SatelliteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[SatelliteConfigEntry, D], SatelliteSetting],
    descriptions: Iterable[D],
) -> None:
    """Add an entity for each setting as soon as the satellite reports that it has it."""
    data = entry.runtime_data
    missing = {description.key: description for description in descriptions}

    @callback
    def add_reported() -> None:
        settings = data.health.data.settings
        found = [key for key in missing if getattr(settings, key, None) is not None]
        async_add_entities(make(entry, missing.pop(key)) for key in found)

    add_reported()
    entry.async_on_unload(data.health.async_add_listener(add_reported))


class SpeechEntity(CoordinatorEntity[SpeechCoordinator]):
    """An entity that is available while its speech server answers."""

    _attr_has_entity_name = True

    def __init__(self, entry: SpeechConfigEntry) -> None:
        """Initialize the entity of a speech server's config entry."""
        super().__init__(entry.runtime_data.coordinator)
        self._entry = entry
        self._attr_unique_id = device_key(entry)
        self._log = LogThrottle()
        peer = self.coordinator.data
        program = peer.software
        self._attr_device_info = DeviceInfo(
            entry_type=DeviceEntryType.SERVICE,
            identifiers={(DOMAIN, device_key(entry))},
            manufacturer=(program and program.attribution.name) or None,
            model=(program and program.name) or None,
            name=entry.title,
            sw_version=peer.version,
        )

    def _warn(self, message: str, reason: object) -> None:
        """Log a server's failure, at most once a minute, without anything that it sent."""
        self._log.warn(_LOGGER, "%s %s: %s", self.entity_id, message, reason)

    async def _request_failed(self, outcome: str) -> None:
        """Count a failure, and check whether the server still answers.

        Waits for that a moment, so that whoever is told of the failure knows if the server is away.
        """
        self._entry.runtime_data.counts[outcome] += 1
        # The entity itself may have been removed in the meantime.
        check = self._entry.async_create_background_task(
            self.coordinator.hass, self.coordinator.async_refresh(), f"{DOMAIN} refresh"
        )
        await asyncio.wait([check], timeout=_CHECK_SECONDS)


class SpeechServerEntity(SpeechEntity):
    """An entity about a speech server itself, which remains available while the server is gone."""

    def __init__(self, entry: SpeechConfigEntry, description: EntityDescription) -> None:
        """Initialize the entity that `description` describes."""
        super().__init__(entry)
        self.entity_description = description
        self._attr_translation_key = description.key
        self._attr_unique_id = f"{device_key(entry)}-{description.key}"

    @property
    @override
    def available(self) -> bool:
        """Always true: it shows that the server is gone, or what does not change meanwhile."""
        return True
