"""Repair flows for issues that can be fixed from within Home Assistant."""

from typing import TYPE_CHECKING

from homeassistant.components.repairs import RepairsFlow

from .const import DOMAIN, HOUSEHOLD_ID
from .household.store import async_delete_store
from .household.store_issues import ISSUE_CORRUPT, store_path

if TYPE_CHECKING:
    import probatio as vol
    from homeassistant.components.repairs import RepairsFlowResult
    from homeassistant.core import HomeAssistant
else:
    import voluptuous as vol  # an alias that Home Assistant sets up


async def async_create_fix_flow(
    _hass: HomeAssistant, issue_id: str, _data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the flow that fixes an issue."""
    assert issue_id == ISSUE_CORRUPT, "no other issue is marked as fixable"
    return ReplaceStoreFlow()


class ReplaceStoreFlow(RepairsFlow):
    """Replaces an unreadable store with an empty one."""

    async def async_step_init(self, _input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Go to the confirmation, whatever started the flow."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Explain what will be lost, and replace the store once the user confirms."""
        if user_input is None:
            return self.async_show_form(
                step_id="confirm",
                data_schema=vol.Schema({}),
                description_placeholders={"path": str(store_path(self.hass))},
            )
        entries = self.hass.config_entries
        entry = entries.async_entry_for_domain_unique_id(DOMAIN, HOUSEHOLD_ID)
        if entry is None or entry.disabled_by is not None:
            return self.async_abort(reason="not_set_up")
        await entries.async_unload(entry.entry_id)
        await async_delete_store(self.hass)
        await entries.async_setup(entry.entry_id)
        return self.async_create_entry(data={})
