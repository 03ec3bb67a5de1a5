"""Contacts an entry's device, and handles failures: re-authentication and retries."""

import asyncio
import random
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import callback
from homeassistant.exceptions import ConfigEntryError
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..link.client import (
    Address,
    BusyError,
    ClosedError,
    Peer,
    SlowError,
    UntrustedError,
    WrongDeviceError,
    probe,
)
from ..link.wire import LinkError, PeerGoneError
from .entries import address_of
from .rediscovery import async_look_elsewhere
from .trust import async_tls_context

if TYPE_CHECKING:
    from collections.abc import Generator
    from ssl import SSLContext

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant
    from homeassistant.exceptions import HomeAssistantError

_RETRYING: Final = HassKey[set[str]](f"{DOMAIN}_retrying")
_BEING_PAIRED: Final = HassKey[set[str]](f"{DOMAIN}_being_paired")

PAUSE_SECONDS: Final = (1.2, 2.4)
"""Range of the pause between two attempts; random, so that devices are not tried all at once."""


async def async_probe_entry(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    address: Address,
    tls_context: SSLContext | None,
    failure: type[HomeAssistantError],
) -> Peer:
    """Return the description of the entry's device; raises `failure` with the reason.

    If the device and Home Assistant no longer trust each other, the user is asked to pair them
    again, and Home Assistant keeps trying, so that an impostor at the address can't keep the real
    device out for long.
    """
    try:
        peer = await probe(address, tls_context, entry.unique_id)
    except LinkError as err:
        match err:
            case UntrustedError():
                entry.async_start_reauth(hass)
                reason = "not_trusted"
            case WrongDeviceError():
                reason = "another_device"
            case BusyError() | ClosedError() | SlowError() | PeerGoneError():
                reason = "too_busy"
            case _:
                reason = "not_connected"
        raise failure(
            translation_domain=DOMAIN,
            translation_key=reason,
            translation_placeholders={"address": str(address)},
        ) from err
    abort_reauth(hass, entry)
    return peer


@callback
def abort_reauth(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Withdraw the request to pair a device that trusts us: something else was at its address."""
    if entry.entry_id not in hass.data.get(_BEING_PAIRED, ()):
        for flow in list(entry.async_get_active_flows(hass, {SOURCE_REAUTH})):
            hass.config_entries.flow.async_abort(flow["flow_id"])


@contextmanager
def being_paired(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Generator[None]:
    """Keep the re-authentication flow of an entry open during a block."""
    entries = hass.data.setdefault(_BEING_PAIRED, set())
    entries.add(entry.entry_id)
    try:
        yield
    finally:
        entries.discard(entry.entry_id)


@callback
def retry_when_reachable(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Reload the entry as soon as its device answers; Home Assistant would wait up to 80 s."""
    retrying = hass.data.setdefault(_RETRYING, set())
    if entry.entry_id not in retrying:
        retrying.add(entry.entry_id)
        task = hass.async_create_background_task(
            _async_retry_when_reachable(hass, entry), f"{DOMAIN} waiting for {entry.entry_id}"
        )
        task.add_done_callback(lambda _: retrying.discard(entry.entry_id))


async def _async_retry_when_reachable(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    while True:
        await asyncio.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311 - no secret
        if entry.state not in (ConfigEntryState.SETUP_RETRY, ConfigEntryState.SETUP_IN_PROGRESS):
            return
        try:
            tls_context = await async_tls_context(hass, entry)
            await probe(address_of(entry), tls_context, entry.unique_id)
        except LinkError:
            if not await async_look_elsewhere(hass, entry, tls_context):
                continue
        except ConfigEntryError:
            continue
        hass.config_entries.async_schedule_reload(entry.entry_id)
        return
