"""Protects the links to the devices with our own certificate and theirs."""

import logging
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import CONF_HOST
from homeassistant.core import callback
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.singleton import singleton
from homeassistant.helpers.storage import STORAGE_DIR
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_CERTIFICATE, CONF_KIND, DOMAIN, EntryKind
from ..link import tls
from ..link.certificate import CertificateError, KeyFault, OwnCertificate, load_or_make
from ..link.pairing import unpair
from ..link.wire import LinkError
from .entries import address_of

if TYPE_CHECKING:
    from ssl import SSLContext

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

_LOGGER = logging.getLogger(__name__)

KEY_FILE: Final = f"{DOMAIN}.link.pem"
"""In `.storage`, which is part of backups: a restored Home Assistant is still paired."""

_KEY_ISSUE: Final = "link_key_unusable"
"""The issue's id; its text depends on the fault."""
_KEY_ISSUES: Final = {
    KeyFault.UNREADABLE: "link_key_unreadable",
    KeyFault.DAMAGED: "link_key_damaged",
}
_KEY_MESSAGES: Final = {
    KeyFault.UNREADABLE: "key_unreadable",
    KeyFault.DAMAGED: "key_damaged",
    KeyFault.PEER: "certificate_unusable",
}

_OWN_CERTIFICATE: Final = HassKey[OwnCertificate](f"{DOMAIN}_certificate")


@singleton(_OWN_CERTIFICATE, async_=True)
async def async_own_certificate(hass: HomeAssistant) -> OwnCertificate:
    """Return this Home Assistant's certificate, the same for all devices.

    Raises `CertificateError`; a repair issue then says what to do, until the file can be read.
    """
    path = Path(_key_path(hass))
    try:
        own = await hass.async_add_executor_job(load_or_make, path)
    except CertificateError as err:
        ir.async_create_issue(
            hass,
            DOMAIN,
            _KEY_ISSUE,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=_KEY_ISSUES[err.fault],
            translation_placeholders={"path": str(path)},
        )
        raise
    ir.async_delete_issue(hass, DOMAIN, _KEY_ISSUE)
    return own


async def async_pinned_context(hass: HomeAssistant, certificate: str) -> SSLContext:
    """Return a context that connects only to the device with that certificate (PEM).

    Raises `CertificateError`.
    """
    own = await async_own_certificate(hass)
    try:
        return await hass.async_add_executor_job(tls.pinned, own, certificate)
    except (OSError, ValueError) as err:
        raise CertificateError(KeyFault.PEER, "the device's certificate cannot be used") from err


async def async_tls_context(hass: HomeAssistant, entry: ConfigEntry[Any]) -> SSLContext | None:
    """Return the context for connecting to the entry's device; None for a plain connection.

    Only speech servers of other vendors use a plain connection. Raises `ConfigEntryError`.
    """
    if entry.data[CONF_KIND] == EntryKind.SPEECH and CONF_CERTIFICATE not in entry.data:
        return None
    try:
        return await async_pinned_context(hass, entry.data[CONF_CERTIFICATE])
    except CertificateError as err:
        raise ConfigEntryError(
            translation_domain=DOMAIN,
            translation_key=_KEY_MESSAGES[err.fault],
            translation_placeholders={"path": _key_path(hass), "title": entry.title},
        ) from err


@callback
def async_update_protection_issue(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Report speech that travels through the network unencrypted."""
    if CONF_CERTIFICATE in entry.data or _is_loopback(entry.data[CONF_HOST]):
        ir.async_delete_issue(hass, DOMAIN, _issue_id(entry))
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _issue_id(entry),
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key="unprotected",
        translation_placeholders={"title": entry.title, "address": str(address_of(entry))},
    )


async def async_unpair(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Delete the pairing of a removed entry, also on the device if it can be reached."""
    ir.async_delete_issue(hass, DOMAIN, _issue_id(entry))
    if CONF_CERTIFICATE not in entry.data:
        return
    try:
        tls_context = await async_pinned_context(hass, entry.data[CONF_CERTIFICATE])
        await unpair(address_of(entry), tls_context)
    except (LinkError, CertificateError) as err:
        _LOGGER.warning(
            "Could not tell %s that it was removed (%s). Before it can be paired again, run"
            " `indoor-voice %s --reset` on it",
            entry.title,
            err,
            entry.data[CONF_KIND],
        )


def _key_path(hass: HomeAssistant) -> str:
    return hass.config.path(STORAGE_DIR, KEY_FILE)


def _issue_id(entry: ConfigEntry[Any]) -> str:
    return f"unprotected_{entry.entry_id}"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
