"""Switches that mute or adjust a satellite, or pause keeping in a room or the whole household."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from wyoming.event import Event

from .const import DOMAIN
from .data import is_satellite
from .devices.entries import device_key
from .devices.request import SatelliteRefusedError
from .entity import (
    KeepingEntity,
    SatelliteEntity,
    SatelliteSetting,
    add_settings,
    household_device,
    satellite_device,
)
from .household.keeper import is_household
from .link.wire import LinkError

if TYPE_CHECKING:
    from collections.abc import Callable

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

    from .privacy.household import Household
    from .privacy.people import Pauses, RoomId
    from .privacy.types import Actor

PARALLEL_UPDATES: Final = 1

_MUTE: Final = SwitchEntityDescription(key="mute")
_SETTINGS: Final = tuple(
    SwitchEntityDescription(key=key, entity_category=EntityCategory.CONFIG)
    for key in ("echo_cancelling", "thinking_sound", "continued_conversation")
)


@dataclass(frozen=True, kw_only=True)
class IndoorVoiceSwitchEntityDescription(SwitchEntityDescription):
    """Describes a switch that pauses keeping."""

    value_fn: Callable[[Pauses, RoomId], bool]
    pause_fn: Callable[[Household, Actor, RoomId, bool], None]


_HOUSEHOLD: Final = (
    IndoorVoiceSwitchEntityDescription(
        key="opted_out",
        value_fn=lambda pauses, _room: pauses.household,
        pause_fn=lambda household, actor, _room, on: household.pause(actor=actor, household=on),
    ),
    IndoorVoiceSwitchEntityDescription(
        key="guests",
        value_fn=lambda pauses, _room: pauses.guests_until is not None,
        pause_fn=lambda household, actor, _room, on: household.pause(
            actor=actor, guests_until=math.inf if on else 0.0
        ),
    ),
)

_ROOM: Final = IndoorVoiceSwitchEntityDescription(
    key="room_opted_out",
    value_fn=lambda pauses, room: room in pauses.rooms,
    pause_fn=lambda household, actor, room, on: household.pause(actor=actor, room=(room, on)),
)


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: ConfigEntry[Any],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switches of a satellite or of the household."""
    if is_household(entry):
        device = household_device(entry)
        async_add_entities(IndoorVoicePause(entry, pause, device) for pause in _HOUSEHOLD)
    elif is_satellite(entry):
        opt_out = IndoorVoicePause(entry, _ROOM, satellite_device(entry))
        async_add_entities([IndoorVoiceMute(entry, _MUTE), opt_out])
        add_settings(entry, async_add_entities, IndoorVoiceSetting, _SETTINGS)


class IndoorVoiceMute(SatelliteEntity, SwitchEntity):
    """Mutes the microphone; shows the satellite's own report, not the last command."""

    @property
    @override
    def available(self) -> bool:
        """Whether the satellite has reported its status."""
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
        """Open the microphone, unless it was muted on the device itself."""
        await self._mute(muted=False)

    async def _mute(self, *, muted: bool) -> None:
        data = self._entry.runtime_data
        try:
            await data.muting.make(
                data.send,
                Event(type="mute", data={"muted": muted}),
                # If it is done but can't be stored, an error follows the status.
                lambda status: status.muted == muted and status.mute_kept,
            )
        except SatelliteRefusedError as err:
            if err.code == "muted-on-device":
                raise ServiceValidationError(
                    translation_domain=DOMAIN, translation_key="muted_on_device"
                ) from err
            if err.code == "failed" and self.is_on:
                raise HomeAssistantError(
                    translation_domain=DOMAIN,
                    translation_key="mute_not_kept" if muted else "unmute_not_kept",
                ) from err
            raise _not_set() from err
        except LinkError as err:
            raise _not_set() from err


class IndoorVoiceSetting(SatelliteSetting, SwitchEntity):
    """Switches something on the satellite; shows the satellite's own report."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether it is on."""
        is_on: bool | None = self._reported
        return is_on

    @override
    async def async_turn_on(self, **_kwargs: Any) -> None:
        """Switch it on."""
        await self._change(value=True)

    @override
    async def async_turn_off(self, **_kwargs: Any) -> None:
        """Switch it off."""
        await self._change(value=False)


class IndoorVoicePause(KeepingEntity, SwitchEntity):
    """Pauses keeping while it is on; neither withdraws nor gives any consent."""

    entity_description: IndoorVoiceSwitchEntityDescription

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether this switch pauses keeping."""
        view = self._view
        if view is None:
            return None
        return self.entity_description.value_fn(view.pauses, device_key(self._entry))

    @override
    async def async_turn_on(self, **_kwargs: Any) -> None:
        """Pause keeping from now on."""
        await self._pause(on=True)

    @override
    async def async_turn_off(self, **_kwargs: Any) -> None:
        """Return to what the consents allow."""
        await self._pause(on=False)

    async def _pause(self, *, on: bool) -> None:
        room = device_key(self._entry)
        if not on and await self._is_called_by_visitor():
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key="not_a_person")
        await self._run(
            lambda household, actor: self.entity_description.pause_fn(household, actor, room, on)
        )

    async def _is_called_by_visitor(self) -> bool:
        """Return whether the caller's account belongs to nobody in the household.

        Programs, which have no account or a system account, don't count as visitors.
        """
        user_id = self._context.user_id if self._context else None
        user = await self.hass.auth.async_get_user(user_id) if user_id else None
        keeper = self._keeper
        if user is None or user.system_generated or keeper is None:
            return False
        return keeper.actor(user.id, "action").person is None


def _not_set() -> HomeAssistantError:
    return HomeAssistantError(translation_domain=DOMAIN, translation_key="mute_not_set")
