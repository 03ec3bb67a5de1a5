"""Options flows for what the household and each satellite can keep at most."""

import math
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import ConfigFlowResult, OptionsFlow
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import (
    BooleanSelector,
    DateTimeSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
)
from homeassistant.util import dt as dt_util

from ..const import (
    CONF_EXCLUDED,
    CONF_GUIDANCE,
    CONF_LIMIT,
    CONF_MAX_HOURS,
    CONF_RETENTION,
    CONF_REVIEW,
    CONF_RULED_OUT,
    CONF_STRICT,
)
from ..devices.entries import device_key
from ..privacy.people import DAY_SECONDS, SPEECH_BYTES_PER_HOUR, Ceiling, Room
from .arrangement import UnusableSettingsError, acting_user_id, async_people, ceiling_of, room_of
from .keeper import KEEPER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import probatio as vol

    from ..privacy.people import Person, PersonId
    from .keeper import Keeper
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

CONF_GUESTS: Final = "guests"
CONF_GUESTS_UNTIL: Final = "guests_until"
CONF_MEMBERS: Final = "members"
CONF_OPTED_OUT: Final = "opted_out"

_LIMITS: Final = {
    "nothing": 0,
    "day": int(DAY_SECONDS),
    "week": int(7 * DAY_SECONDS),
    "month": int(30 * DAY_SECONDS),
}
"""The choices for how long recordings are kept, in seconds."""
_MOST_GUIDANCE: Final = 2000
"""Maximum length of the guidance, in characters."""

_OF_HOUSEHOLD: Final = "household"
_LEAST_HOURS: Final = 0.1
_MOST_HOURS: Final = 100.0


class HouseholdOptionsFlow(OptionsFlow):
    """Sets the administrator's ceiling; people give their consent in the panel."""

    async def async_step_init(self, _input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the menu of settings."""
        if KEEPER not in self.hass.data:
            return self.async_abort(reason="not_set_up")
        steps = ["retention", "opt_out", "review", "guidance", "strict"]
        return self.async_show_menu(step_id="init", menu_options=steps)

    async def async_step_retention(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask how long recordings can be kept, and how many hours of speech in all."""
        if user_input is not None:
            seconds = _LIMITS[user_input[CONF_RETENTION]]
            return self._save({**user_input, CONF_RETENTION: seconds})
        ceiling = self._ceiling()
        limit, hours = _name_of(ceiling.retention_seconds), _shown_hours(ceiling.max_bytes)
        return self.async_show_form(
            step_id="retention",
            data_schema=vol.Schema(
                {
                    vol.Required(CONF_RETENTION, default=limit): _limits(_LIMITS),
                    vol.Required(CONF_MAX_HOURS, default=hours): _hours(),
                }
            ),
        )

    async def async_step_opt_out(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whether to keep nothing for now, regardless of consents."""
        keeper = self.hass.data[KEEPER]
        errors = {}
        if user_input is not None:
            try:
                await _async_pause(keeper, user_input)
            except ValueError:
                errors[CONF_GUESTS_UNTIL] = "in_the_past"
            except HomeAssistantError:
                errors["base"] = "store"
            else:
                return self._save({})
        if keeper.view is None:
            return self.async_abort(reason="store")
        pauses = keeper.view.pauses
        until = pauses.guests_until
        suggested = {} if until in (None, math.inf) else {CONF_GUESTS_UNTIL: _local(until)}
        schema = vol.Schema(
            {
                vol.Required(CONF_OPTED_OUT, default=pauses.household): BooleanSelector(),
                vol.Required(CONF_GUESTS, default=until is not None): BooleanSelector(),
                vol.Optional(CONF_GUESTS_UNTIL): DateTimeSelector(),
            }
        )
        return self.async_show_form(
            step_id="opt_out",
            data_schema=self.add_suggested_values_to_schema(schema, user_input or suggested),
            errors=errors,
        )

    async def async_step_review(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask whether people other than a room's members can listen, and who never can."""
        ceiling = self._ceiling()
        people = await async_people(self.hass) or {}
        accounts = {key: person for key, person in people.items() if person.has_account}
        if user_input is not None:
            # People who were ruled out stay ruled out while their account is missing.
            gone = sorted(ceiling.ruled_out - accounts.keys())
            return self._save({**user_input, CONF_RULED_OUT: [*user_input[CONF_RULED_OUT], *gone]})
        ruled_out = [key for key in accounts if key in ceiling.ruled_out]
        return self.async_show_form(
            step_id="review",
            data_schema=vol.Schema(
                {
                    vol.Required(CONF_REVIEW, default=ceiling.review): BooleanSelector(),
                    vol.Optional(CONF_RULED_OUT, default=ruled_out): _choice_of(accounts),
                }
            ),
        )

    async def async_step_guidance(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask whom listeners should contact if something in a review troubles them."""
        if user_input is not None:
            guidance = user_input.get(CONF_GUIDANCE, "").strip()[:_MOST_GUIDANCE]
            return self._save({CONF_GUIDANCE: guidance})
        guidance = self.config_entry.options.get(CONF_GUIDANCE, "")
        schema = vol.Schema(
            {vol.Optional(CONF_GUIDANCE): TextSelector(TextSelectorConfig(multiline=True))}
        )
        return self.async_show_form(
            step_id="guidance",
            data_schema=self.add_suggested_values_to_schema(schema, {CONF_GUIDANCE: guidance}),
        )

    async def async_step_strict(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask whether to allow only services that run locally."""
        if user_input is not None:
            return self._save(user_input)
        strict = self.config_entry.options.get(CONF_STRICT, False)
        return self.async_show_form(
            step_id="strict",
            data_schema=vol.Schema({vol.Required(CONF_STRICT, default=strict): BooleanSelector()}),
        )

    def _ceiling(self) -> Ceiling:
        """Return the ceiling; invalid settings allow nothing until they are replaced."""
        try:
            return ceiling_of(self.config_entry.options)
        except ValueError:
            return Ceiling()

    def _save(self, changes: Mapping[str, Any]) -> ConfigFlowResult:
        return self.async_create_entry(data={**self.config_entry.options, **changes})


class SatelliteOptionsFlow(OptionsFlow):
    """Sets a room's members and any limit that is stricter than the household's."""

    async def async_step_init(self, _input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Start the flow if there is a household."""
        if KEEPER not in self.hass.data:
            return self.async_abort(reason="no_household")
        return await self.async_step_room()

    async def async_step_room(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the room's members, limit and opt-out."""
        keeper = self.hass.data[KEEPER]
        people = await async_people(self.hass) or {}
        try:
            room = room_of(self.hass, self.config_entry)
        except UnusableSettingsError:  # saving the form replaces the invalid settings
            room = Room(id=device_key(self.config_entry), name=self.config_entry.title)
        errors = {}
        if user_input is not None:
            opt_out = (room.id, user_input[CONF_OPTED_OUT])
            actor = keeper.actor(acting_user_id(), "options")
            try:
                await keeper.run(lambda household: household.pause(actor=actor, room=opt_out))
            except HomeAssistantError:
                errors["base"] = "store"
            else:
                return self.async_create_entry(data=_satellite_options(user_input, people))
        if keeper.view is None:
            return self.async_abort(reason="store")
        limits = [_OF_HOUSEHOLD, *_LIMITS]
        limit = _OF_HOUSEHOLD if room.limit_seconds is None else _name_of(room.limit_seconds)
        members = [key for key in people if key not in room.excluded]
        opted_out = room.id in keeper.view.pauses.rooms
        return self.async_show_form(
            step_id="room",
            data_schema=vol.Schema(
                {
                    vol.Optional(CONF_MEMBERS, default=members): _choice_of(people),
                    vol.Required(CONF_LIMIT, default=limit): _limits(limits),
                    vol.Required(CONF_OPTED_OUT, default=opted_out): BooleanSelector(),
                }
            ),
            errors=errors,
        )


def _satellite_options(
    user_input: Mapping[str, Any], people: Mapping[PersonId, Person]
) -> dict[str, Any]:
    options: dict[str, Any] = {
        CONF_EXCLUDED: [key for key in people if key not in user_input[CONF_MEMBERS]]
    }
    if user_input[CONF_LIMIT] != _OF_HOUSEHOLD:
        options[CONF_LIMIT] = _LIMITS[user_input[CONF_LIMIT]]
    return options


async def _async_pause(keeper: Keeper, user_input: Mapping[str, Any]) -> None:
    """Set the opt-out and guest mode; raises `ValueError` if guest mode would already be over."""
    until = 0.0  # ends guest mode
    if user_input[CONF_GUESTS]:
        entered = user_input.get(CONF_GUESTS_UNTIL)
        until = math.inf if entered is None else _timestamp(entered)
    actor = keeper.actor(acting_user_id(), "options")
    await keeper.run(
        lambda household: household.pause(
            actor=actor, household=user_input[CONF_OPTED_OUT], guests_until=until
        )
    )


def _timestamp(entered: str) -> float:
    """Return a local time as seconds since 1970; raises `ValueError` if it has passed."""
    time = dt_util.parse_datetime(entered, raise_on_error=True)
    local = time.replace(tzinfo=dt_util.get_default_time_zone())
    if local <= dt_util.utcnow():
        raise ValueError
    return local.timestamp()


def _local(timestamp: float | None) -> str:
    assert timestamp is not None
    return dt_util.as_local(dt_util.utc_from_timestamp(timestamp)).strftime("%Y-%m-%d %H:%M:%S")


def _name_of(seconds: float) -> str:
    return next((name for name, limit in _LIMITS.items() if limit == seconds), "nothing")


def _shown_hours(max_bytes: int) -> float:
    """Return a size as hours of speech, as the form can show and accept them."""
    hours = round(max_bytes / SPEECH_BYTES_PER_HOUR, 1)
    return min(max(hours, _LEAST_HOURS), _MOST_HOURS)


def _hours() -> NumberSelector:
    return NumberSelector(
        NumberSelectorConfig(
            min=_LEAST_HOURS, max=_MOST_HOURS, step=0.1, mode=NumberSelectorMode.BOX
        )
    )


def _limits(names: Iterable[str]) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=list(names), mode=SelectSelectorMode.LIST, translation_key="limit"
        )
    )


def _choice_of(people: Mapping[PersonId, Person]) -> SelectSelector:
    options = [SelectOptionDict(value=key, label=one.name) for key, one in people.items()]
    config = SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.LIST)
    return SelectSelector(config)
