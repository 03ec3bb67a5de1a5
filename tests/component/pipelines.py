"""What a user ticks when adding a speech server."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry


def request_pipeline(
    hass: HomeAssistant, entry: MockConfigEntry, *, create: bool, prefer: bool
) -> None:
    wishes = {"create_pipeline": create, "prefer_pipeline": prefer}
    hass.config_entries.async_update_entry(entry, data={**entry.data, "pipeline": wishes})
