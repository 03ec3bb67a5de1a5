"""The path of the household's store, and the repair issues for what makes it unusable."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN
from ..privacy.store.database import (
    CorruptStoreError,
    NewerStoreError,
    StoreError,
    StoreFullError,
    StoreReadOnlyError,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from homeassistant.core import HomeAssistant

ISSUE_CORRUPT: Final = "store_corrupt"
_ISSUE_UNAVAILABLE: Final = "store_unavailable"
_ISSUE_KEYS: Final = "keys_found"
_ISSUE_SETTINGS: Final = "settings_unusable"
_ISSUES: Final[tuple[tuple[type[StoreError], str], ...]] = (
    (CorruptStoreError, ISSUE_CORRUPT),
    (NewerStoreError, "store_newer"),
    (StoreFullError, "store_full"),
    (StoreReadOnlyError, "store_read_only"),
    (StoreError, _ISSUE_UNAVAILABLE),
)
"""The first match applies."""


def store_path(hass: HomeAssistant) -> Path:
    """Return the store's path, which Home Assistant's and the Supervisor's backups skip."""
    return Path(hass.config.cache_path(DOMAIN, "household.log.sqlite"))


def _issue_of(err: StoreError | None) -> str:
    return next((issue for kind, issue in _ISSUES if isinstance(err, kind)), _ISSUE_UNAVAILABLE)


@callback
def show_store_error(hass: HomeAssistant, err: StoreError) -> None:
    """Create the issue for a store error, replacing any other."""
    current = _issue_of(err)
    withdraw_store_errors(hass, but=current)
    ir.async_create_issue(
        hass,
        DOMAIN,
        current,
        is_fixable=current == ISSUE_CORRUPT,
        severity=ir.IssueSeverity.ERROR,
        translation_key=current,
        translation_placeholders={"path": str(store_path(hass))},
    )


@callback
def withdraw_store_errors(hass: HomeAssistant, *, but: str | None = None) -> None:
    """Delete the issues for store errors, except `but`."""
    for _, issue in _ISSUES:
        if issue != but:
            ir.async_delete_issue(hass, DOMAIN, issue)


@callback
def show_found_keys(hass: HomeAssistant, names: Collection[str]) -> None:
    """Report people whose listening key is not their own; no names delete the issue."""
    if not names:
        ir.async_delete_issue(hass, DOMAIN, _ISSUE_KEYS)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _ISSUE_KEYS,
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=_ISSUE_KEYS,
        translation_placeholders={"people": ", ".join(sorted(names))},
    )


@callback
def show_unusable_settings(hass: HomeAssistant, title: str | None) -> None:
    """Report that an entry's settings are invalid, so nothing is kept; None deletes the issue."""
    if title is None:
        ir.async_delete_issue(hass, DOMAIN, _ISSUE_SETTINGS)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _ISSUE_SETTINGS,
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key=_ISSUE_SETTINGS,
        translation_placeholders={"title": title},
    )


def store_failure(err: StoreError | None) -> HomeAssistantError:
    """Return the error for the caller; `err` is None if the store was never opened."""
    return HomeAssistantError(translation_domain=DOMAIN, translation_key=_issue_of(err))
