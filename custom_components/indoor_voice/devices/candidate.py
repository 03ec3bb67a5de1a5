"""A device that a config flow pairs with and examines before anything is saved."""

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self

from ..const import CONF_CERTIFICATE, EntryKind
from ..link.certificate import CertificateError
from ..link.client import (
    PROTOCOL,
    Address,
    ClosedError,
    NotOursError,
    Peer,
    UnreachableError,
    UntrustedError,
    probe,
)
from ..link.pairing import (
    AlreadyPairedError,
    DeviceFailedError,
    InTheMiddleError,
    NewerProtocolError,
    OlderProtocolError,
    PairingBusyError,
    PairingPausedError,
    WrongCodeError,
    knock,
    pair,
    unpair,
)
from ..link.reaching import first_that_answers
from ..link.secret import CODE
from ..link.wire import LinkError
from .entries import device_entries
from .trust import async_own_certificate, async_pinned_context

if TYPE_CHECKING:
    from ssl import SSLContext

    from homeassistant.config_entries import ConfigEntry
    from homeassistant.core import HomeAssistant

_REASONS: Final[tuple[tuple[type[LinkError], str], ...]] = (
    (WrongCodeError, "wrong_code"),
    (PairingPausedError, "pairing_paused"),
    (PairingBusyError, "pairing_busy"),
    (AlreadyPairedError, "already_paired"),
    (InTheMiddleError, "in_the_middle"),
    (NewerProtocolError, "newer_protocol"),
    (OlderProtocolError, "older_protocol"),
    (DeviceFailedError, "device_failed"),
    (UntrustedError, "not_trusted"),
    (NotOursError, "not_ours"),
    (ClosedError, "turned_away"),
    (UnreachableError, "cannot_connect"),
    (LinkError, "not_wyoming"),
)
"""The reason for each error of the link; the first match applies."""


class UnusableDeviceError(Exception):
    """The device cannot be used; `reason` is a key of the flow's errors and abort reasons."""

    def __init__(self, reason: str, **numbers: int) -> None:
        """Initialize with a reason and the numbers in its text."""
        super().__init__(reason)
        self.reason = reason
        self.placeholders = {key: str(number) for key, number in numbers.items()}

    @classmethod
    def from_link_error(cls, err: LinkError) -> Self:
        """Return the error for a failure of the link."""
        reason = next(reason for kind, reason in _REASONS if isinstance(err, kind))
        if isinstance(err, WrongCodeError):
            return cls(reason, tries=err.tries)
        if isinstance(err, PairingPausedError):
            return cls(reason, seconds=err.seconds)
        return cls(reason)


class CandidateDevice:
    """A device at an address, to be paired and examined for a config entry."""

    peer: Peer
    """The device's description, once it has been examined."""

    def __init__(
        self, hass: HomeAssistant, kind: EntryKind, address: Address, certificate: str | None = None
    ) -> None:
        """Initialize with what is known of the device; `certificate` is the paired one (PEM)."""
        self._hass = hass
        self.kind = kind
        """What was requested or announced; once the device has been examined, what it is."""
        self.address = address
        self.certificate = certificate
        """Set by pairing; remains None for speech servers of other vendors."""
        self.has_unsaved_pairing = False
        """Whether the device trusts us although no entry has been saved."""

    @classmethod
    async def async_find(
        cls, hass: HomeAssistant, kind: EntryKind, *addresses: Address
    ) -> CandidateDevice:
        """Return the device that can be paired at the first of several addresses to answer.

        Raises `UnusableDeviceError`.
        """
        try:
            return cls(hass, kind, await first_that_answers(addresses, knock))
        except LinkError as err:
            raise UnusableDeviceError.from_link_error(err) from err

    async def async_pair(self, entered: str) -> None:
        """Pair with the device by the code that was entered, and examine it.

        A device that already trusts us is not paired again: perhaps only the step after pairing
        failed, or something else answered at its address for a while. Raises `UnusableDeviceError`.
        """
        code = re.sub(r"[\s-]", "", entered)
        if not CODE.fullmatch(code):
            raise UnusableDeviceError("invalid_code")
        try:
            if self.certificate is not None:
                tls_context = await async_pinned_context(self._hass, self.certificate)
                with suppress(UnusableDeviceError):
                    await self.async_examine(tls_context)
                    return
            own = await async_own_certificate(self._hass)
            try:
                self.certificate = await pair(self.address, code, own.pem)
            except LinkError as err:
                raise UnusableDeviceError.from_link_error(err) from err
            self.has_unsaved_pairing = True
            await self.async_examine(await async_pinned_context(self._hass, self.certificate))
        except CertificateError as err:
            raise UnusableDeviceError("key_unusable") from err

    async def async_examine(self, tls_context: SSLContext | None) -> None:
        """Ask the device for its description; raises `UnusableDeviceError`."""
        try:
            peer = await probe(self.address, tls_context)
        except LinkError as err:
            raise UnusableDeviceError.from_link_error(err) from err
        if peer.protocol is not None and peer.protocol > PROTOCOL:
            raise UnusableDeviceError("newer_protocol")
        if tls_context is not None and peer.device_id is None:
            raise UnusableDeviceError("not_ours")
        if peer.info.satellite is None and not peer.info.asr and not peer.info.tts:
            raise UnusableDeviceError("offers_nothing")
        if tls_context is None and peer.info.satellite is not None:
            raise UnusableDeviceError("is_satellite")
        self.kind = EntryKind.SPEECH if peer.info.satellite is None else EntryKind.SATELLITE
        self.peer = peer

    async def async_unpair(self) -> None:
        """Unpair the device, if it can be reached; otherwise its owner must reset it."""
        if self.certificate is not None:
            with suppress(CertificateError, LinkError):
                tls_context = await async_pinned_context(self._hass, self.certificate)
                await unpair(self.address, tls_context)


async def async_known_entry(hass: HomeAssistant, address: Address) -> ConfigEntry[Any] | None:
    """Return the entry whose paired device answers at an address, however that is spelt."""
    for entry in device_entries(hass):
        if (certificate := entry.data.get(CONF_CERTIFICATE)) is None:
            continue
        with suppress(CertificateError, LinkError):
            await probe(address, await async_pinned_context(hass, certificate), entry.unique_id)
            return entry
    return None
