"""The repair issues that a user sees."""

from typing import TYPE_CHECKING

from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.indoor_voice.assistant import locality
from custom_components.indoor_voice.const import DOMAIN

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant


def issues(hass: HomeAssistant) -> list[str]:
    return [key for domain, key in ir.async_get(hass).issues if domain == DOMAIN]


def titles_by_issue(hass: HomeAssistant) -> dict[str, str]:
    """Return the title of the entry that each repair issue is about, by translation key."""
    return {
        str(issue.translation_key): (issue.translation_placeholders or {}).get("title", "")
        for (domain, _), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN
    }


async def check_locality_again(hass: HomeAssistant) -> None:
    async_fire_time_changed(hass, dt_util.utcnow() + locality.CHECK_INTERVAL)
    await hass.async_block_till_done()
