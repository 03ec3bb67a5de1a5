"""Reaching an entry's device, and what follows when that fails."""

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

_WAITED_FOR: Final = HassKey[set[str]](f"{DOMAIN}_waited_for")
_BEING_PAIRED: Final = HassKey[set[str]](f"{DOMAIN}_being_paired")

PAUSE_SECONDS: Final = (1.2, 2.4)
"""Between two tries, at random: not all devices of a house at the same moment."""


async def async_probe_entry(
    hass: HomeAssistant,
    entry: ConfigEntry[Any],
    address: Address,
    tls_context: SSLContext | None,
    failure: type[HomeAssistantError],
) -> Peer:
    """Return what the entry's device says of itself; raises `failure` with the reason.

    Where the two do not trust each other any more, the user is asked to pair them again, and
    Home Assistant goes on trying: who merely stood in the way keeps nobody out for long.
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
    """Ask no more to pair a device that trusts us: somebody else had only stood in its place."""
    if entry.entry_id not in hass.data.get(_BEING_PAIRED, ()):
        for flow in list(entry.async_get_active_flows(hass, {SOURCE_REAUTH})):
            hass.config_entries.flow.async_abort(flow["flow_id"])


@contextmanager
def being_paired(hass: HomeAssistant, entry: ConfigEntry[Any]) -> Generator[None]:
    """Leave the question to the user who is answering it, for the length of a block."""
    entries = hass.data.setdefault(_BEING_PAIRED, set())
    entries.add(entry.entry_id)
    try:
        yield
    finally:
        entries.discard(entry.entry_id)


@callback
def retry_when_reachable(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Set the entry up as soon as its device answers; Home Assistant waits up to 80 s."""
    waited_for = hass.data.setdefault(_WAITED_FOR, set())
    if entry.entry_id not in waited_for:
        waited_for.add(entry.entry_id)
        task = hass.async_create_background_task(
            _async_retry_when_reachable(hass, entry), f"{DOMAIN} waiting for {entry.entry_id}"
        )
        task.add_done_callback(lambda _: waited_for.discard(entry.entry_id))


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
