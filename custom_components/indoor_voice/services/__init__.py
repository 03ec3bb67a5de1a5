"""Home Assistant actions."""

from typing import TYPE_CHECKING

from homeassistant.const import EVENT_CALL_SERVICE
from homeassistant.core import callback

from ..const import DOMAIN
from . import household, satellites

if TYPE_CHECKING:
    from homeassistant.core import Event, HomeAssistant


@callback
def async_register_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    for name, handler, schema, response in (*household.SERVICES, *satellites.SERVICES):
        hass.services.async_register(DOMAIN, name, handler, schema, supports_response=response)

    @callback
    def keep_origin_events(_event: Event) -> None:
        """Do nothing: a listener makes Home Assistant set `origin_event`.

        `household.py` needs it to know who calls.
        """

    hass.bus.async_listen(EVENT_CALL_SERVICE, keep_origin_events)
