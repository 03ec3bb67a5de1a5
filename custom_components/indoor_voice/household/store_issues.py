"""Where the household's store is, and what the user is told where it cannot be used."""

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
"""The first that fits holds."""


def store_path(hass: HomeAssistant) -> Path:
    """Return where the store is; a name that Home Assistant's and the Supervisor's backups skip."""
    return Path(hass.config.cache_path(DOMAIN, "household.log.sqlite"))


def _issue_of(err: StoreError | None) -> str:
    return next((issue for kind, issue in _ISSUES if isinstance(err, kind)), _ISSUE_UNAVAILABLE)


@callback
def show_store_error(hass: HomeAssistant, err: StoreError) -> None:
    """Say what is wrong and what to do, until it is mended."""
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
    """Take back what is mended."""
    for _, issue in _ISSUES:
        if issue != but:
            ir.async_delete_issue(hass, DOMAIN, issue)


@callback
def show_found_keys(hass: HomeAssistant, names: Collection[str]) -> None:
    """Say whose listening keys are not those that they made; of nobody any more, take it back."""
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
    """Say whose settings make no sense, so that nothing is kept; None takes it back."""
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
    """Return the error for whoever asked for something; None: the store was not even opened."""
    return HomeAssistantError(translation_domain=DOMAIN, translation_key=_issue_of(err))
