"""The last step of a satellite's config flow: its room, and what to say there."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components.http.auth import async_sign_path
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigFlow,
    ConfigFlowContext,
    ConfigFlowResult,
    FlowType,
)
from homeassistant.helpers.selector import AreaSelector

from ..const import CONF_AREA, CONF_KIND, DOMAIN, EntryKind
from ..devices.placement import async_place, device_of
from .first_turn import async_first_words

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

_SCHEMA: Final = vol.Schema({vol.Optional(CONF_AREA): AreaSelector()})
_PICTURE: Final = f"/api/brands/integration/{DOMAIN}/icon.png"
_PICTURE_LIFE: Final = timedelta(minutes=10)
"""How long the address of the picture works."""


class RoomStep(ConfigFlow):
    """Asks for a new satellite's room, in a flow that follows the one that added it.

    A flow that is followed by another is also what keeps Home Assistant's own set-up of voice
    assistants, which recommends its cloud, from opening (docs/decisions/working-room.md).
    """

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Continue with the room of a satellite that was added."""
        entry = result["result"]
        if entry.data[CONF_KIND] == EntryKind.SATELLITE:
            # Flows begun by a user are not listed as waiting for somebody.
            context = ConfigFlowContext(source=SOURCE_USER, entry_id=entry.entry_id)
            flow = await self.hass.config_entries.flow.async_init(DOMAIN, context=context)
            result["next_flow"] = (FlowType.CONFIG_FLOW, flow["flow_id"])
        return result

    async def async_step_room(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the room, then say how to begin."""
        entry = self.hass.config_entries.async_get_entry(self.context["entry_id"])
        if entry is None:
            return self.async_abort(reason="satellite_deleted")
        if user_input is None:
            device = device_of(self.hass, entry)
            schema = self.add_suggested_values_to_schema(
                _SCHEMA, {CONF_AREA: device.area_id if device else None}
            )
            return self.async_show_form(step_id="room", data_schema=schema)
        async_place(self.hass, entry, user_input.get(CONF_AREA))
        reason, words = await async_first_words(self.hass, entry)
        texts = {"picture": async_sign_path(self.hass, _PICTURE, _PICTURE_LIFE), **words}
        return self.async_abort(reason=reason, description_placeholders=texts)
