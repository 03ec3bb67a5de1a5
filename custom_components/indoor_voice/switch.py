"""Mutes a satellite."""

from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from wyoming.event import Event

from .const import DOMAIN
from .entity import SatelliteEntity
from .link.wire import LinkError
from .request import RefusedError

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .data import SatelliteConfigEntry

PARALLEL_UPDATES: Final = 1

_MUTE: Final = SwitchEntityDescription(key="mute")


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: SatelliteConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switch of one satellite."""
    async_add_entities([IndoorVoiceMute(entry, _MUTE)])


class IndoorVoiceMute(SatelliteEntity, SwitchEntity):
    """Closes the microphone; shows what the satellite says, not what it was told."""

    @property
    @override
    def available(self) -> bool:
        """Whether the satellite has said how it fares."""
        return self.coordinator.data.status is not None

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether the microphone is closed."""
        status = self.coordinator.data.status
        return None if status is None else status.muted

    @override
    async def async_turn_on(self, **_kwargs: Any) -> None:
        """Close the microphone."""
        await self._mute(muted=True)

    @override
    async def async_turn_off(self, **_kwargs: Any) -> None:
        """Open the microphone, unless the device itself was told to keep it closed."""
        await self._mute(muted=False)

    async def _mute(self, *, muted: bool) -> None:
        data = self._entry.runtime_data
        try:
            await data.muting.make(
                data.send,
                Event(type="mute", data={"muted": muted}),
                lambda status: status.muted == muted,
            )
        except RefusedError as err:
            if err.code == "muted-on-device":
                raise ServiceValidationError(
                    translation_domain=DOMAIN, translation_key="muted_on_device"
                ) from err
            raise _not_set() from err
        except LinkError as err:
            raise _not_set() from err


def _not_set() -> HomeAssistantError:
    return HomeAssistantError(translation_domain=DOMAIN, translation_key="mute_not_set")
