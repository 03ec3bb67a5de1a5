"""Adding, pairing, finding and moving satellites and speech servers; adding the household."""

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.config_entries import (
    SOURCE_SYSTEM,
    ConfigFlow,
    ConfigFlowContext,
    ConfigFlowResult,
)
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import callback
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers.selector import TextSelector

from .assistant.phrases import async_sentence
from .const import (
    CONF_CERTIFICATE,
    CONF_CODE,
    CONF_CREATE_PIPELINE,
    CONF_KIND,
    CONF_PIPELINE,
    CONF_PREFER_PIPELINE,
    DEFAULT_PORTS,
    DOMAIN,
    HOUSEHOLD_ID,
    HOUSEHOLD_TITLE,
    EntryKind,
)
from .devices.connecting import being_paired
from .devices.entries import household_entry
from .devices.rediscovery import async_moved
from .devices.trust import async_own_certificate, async_pinned_context, async_tls_context
from .household.keeper import is_household
from .household.options_flow import HouseholdOptionsFlow, SatelliteOptionsFlow
from .link.certificate import CertificateError
from .link.client import (
    DEVICE_ID,
    PROTOCOL,
    Address,
    ClosedError,
    NotOursError,
    Peer,
    UnreachableError,
    UntrustedError,
    probe,
)
from .link.pairing import (
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
from .link.reaching import first_that_answers
from .link.secret import CODE
from .link.text import without_links
from .link.wire import LinkError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ssl import SSLContext

    import probatio as vol
    from homeassistant.config_entries import ConfigEntry, OptionsFlow
    from homeassistant.core import HomeAssistant
    from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

    from .data import IndoorVoiceConfigEntry
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

UNPROTECTED: Final = "unprotected"

_PORT = vol.All(vol.Coerce(int), vol.Range(min=1, max=65535))

_CODE_SCHEMA = vol.Schema({vol.Required(CONF_CODE): TextSelector()})

_PIPELINE_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_CREATE_PIPELINE, default=True): bool,
        vol.Required(CONF_PREFER_PIPELINE, default=True): bool,
    }
)

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
"""The keys of the flow's errors and abort reasons; the first that fits holds."""


class _RefusedError(Exception):
    """The device cannot be used; `reason` is a key of the flow's errors and abort reasons."""

    def __init__(self, reason: str, **numbers: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.placeholders = {key: str(number) for key, number in numbers.items()}

    @classmethod
    def because(cls, err: LinkError) -> _RefusedError:
        """Put what went wrong on the link into the flow's words."""
        reason = next(reason for kind, reason in _REASONS if isinstance(err, kind))
        if isinstance(err, WrongCodeError):
            return cls(reason, tries=err.tries)
        if isinstance(err, PairingPausedError):
            return cls(reason, seconds=err.seconds)
        return cls(reason)


class IndoorVoiceConfigFlow(ConfigFlow, domain=DOMAIN):
    """Asks where a device listens, pairs with it, and asks what it is before anything is saved."""

    _kind: EntryKind
    """What was asked for or announced; once the device has described itself, what it is."""
    _address: Address
    _peer: Peer
    _certificate: str | None = None
    """The device's, PEM, once it is known; never set for others' speech servers."""
    _is_paired_in_vain = False
    """The device trusts us, and nothing was saved yet."""

    @classmethod
    @callback
    @override
    def async_supports_options_flow(cls, config_entry: ConfigEntry[Any]) -> bool:
        """Offer options where there are people: a speech server only computes."""
        return config_entry.data.get(CONF_KIND) in (EntryKind.SATELLITE, EntryKind.HOUSEHOLD)

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry[Any]) -> OptionsFlow:
        """Ask what may be kept."""
        return HouseholdOptionsFlow() if is_household(config_entry) else SatelliteOptionsFlow()

    @callback
    @override
    def async_remove(self) -> None:
        """Let a device go that was paired in a dialogue that was then given up."""
        if self._is_paired_in_vain and self._certificate is not None:
            self.hass.async_create_background_task(
                _async_let_go(self.hass, self._address, self._certificate), f"{DOMAIN} unpair"
            )

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Let the user say what to add."""
        kinds = DEFAULT_PORTS if household_entry(self.hass) else EntryKind
        return self.async_show_menu(step_id="user", menu_options=[*kinds, UNPROTECTED])

    async def async_step_household(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say what it means to set the household up: nothing yet."""
        if user_input is None:
            return self.async_show_form(step_id=EntryKind.HOUSEHOLD, data_schema=vol.Schema({}))
        return await self.async_step_system({})

    async def async_step_system(self, _data: dict[str, Any] | None) -> ConfigFlowResult:
        """Set the household up so that nothing is kept."""
        await self.async_set_unique_id(HOUSEHOLD_ID)
        self._abort_if_unique_id_configured()
        return self.async_create_entry(title=HOUSEHOLD_TITLE, data={CONF_KIND: EntryKind.HOUSEHOLD})

    async def async_step_satellite(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where the satellite listens."""
        return await self._async_ask_address(EntryKind.SATELLITE, user_input)

    async def async_step_speech(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where the speech server listens."""
        return await self._async_ask_address(EntryKind.SPEECH, user_input)

    async def _async_ask_address(
        self, kind: EntryKind, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        refusal: _RefusedError | None = None
        if user_input is not None:
            try:
                await self._async_knock(kind, _address(user_input))
            except _RefusedError as err:
                refusal = err
            else:
                return await self.async_step_pair()
        defaults = user_input or {CONF_PORT: DEFAULT_PORTS[kind]}
        return self._show_form(kind, _address_schema(defaults), refusal, command=_reset(kind))

    async def async_step_unprotected(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where somebody else's speech server listens."""
        refusal: _RefusedError | None = None
        if user_input is not None:
            self._address = _address(user_input)
            try:
                await self._async_examine(None)
            except _RefusedError as err:
                refusal = err
            else:
                await self._async_identify()
                return await self._async_accept()
        defaults = user_input or {CONF_PORT: DEFAULT_PORTS[EntryKind.SPEECH]}
        return self._show_form(UNPROTECTED, _address_schema(defaults), refusal)

    async def async_step_pair(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the digits that the device speaks or prints."""
        refusal: _RefusedError | None = None
        if user_input is not None:
            try:
                await self._async_pair(user_input[CONF_CODE])
            except _RefusedError as err:
                refusal = err
            else:
                await self._async_identify()
                return await self._async_accept()
        name = await _async_nameless(self.hass, self._kind, self._address)
        return self._show_form("pair", _CODE_SCHEMA, refusal, name=name, command=_reset(self._kind))

    async def async_step_pipeline(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer to make an assistant of the speech server."""
        if user_input is None:
            return self.async_show_form(step_id="pipeline", data_schema=_PIPELINE_SCHEMA)
        return await self._async_create_entry({CONF_PIPELINE: user_input})

    @override
    async def async_step_zeroconf(self, discovery_info: ZeroconfServiceInfo) -> ConfigFlowResult:
        """Handle a device that announces itself in the network."""
        device_id, protocol, kind, paired = (
            discovery_info.properties.get(key) for key in ("id", "protocol", "kind", "paired")
        )
        if (
            not isinstance(device_id, str)
            or not DEVICE_ID.fullmatch(device_id)
            or not isinstance(protocol, str)
            or not protocol.isdecimal()
            or kind not in list(DEFAULT_PORTS)
            or paired not in ("0", "1")
            or discovery_info.port is None
        ):
            return self.async_abort(reason="invalid_discovery")
        addresses = _addresses(discovery_info, discovery_info.port)
        entry: IndoorVoiceConfigEntry | None = await self.async_set_unique_id(device_id)
        if entry is not None:
            moved = await self._async_moved(entry, addresses)
            self._abort_if_unique_id_configured(updates=_data(moved) if moved else None)
        if int(protocol) > PROTOCOL:
            return self.async_abort(reason="newer_protocol")
        if paired == "1":
            return self.async_abort(
                reason="already_paired",
                description_placeholders={"command": _reset(EntryKind(kind))},
            )
        try:
            await self._async_knock(EntryKind(kind), *addresses)
        except _RefusedError as err:
            return self.async_abort(
                reason=err.reason, description_placeholders={"command": _reset(EntryKind(kind))}
            )
        name = await _async_nameless(self.hass, self._kind, self._address)
        self.context["title_placeholders"] = {"name": name}
        return await self.async_step_pair()

    async def _async_moved(
        self, entry: IndoorVoiceConfigEntry, addresses: list[Address]
    ) -> Address | None:
        """Return where a known device is now, if it is not where it was."""
        try:
            return await async_moved(entry, await async_tls_context(self.hass, entry), addresses)
        except ConfigEntryError:
            return None

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Pair again with a device that does not trust us any more, or has another key."""
        self._kind = EntryKind(entry_data[CONF_KIND])
        self._address = _address(entry_data)
        self._certificate = entry_data.get(CONF_CERTIFICATE)
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the device's new digits."""
        refusal: _RefusedError | None = None
        entry: IndoorVoiceConfigEntry = self._get_reauth_entry()
        if user_input is not None:
            try:
                with being_paired(self.hass, entry):
                    await self._async_pair(user_input[CONF_CODE])
            except _RefusedError as err:
                refusal = err
            else:
                if self._peer.device_id != entry.unique_id:
                    return self.async_abort(reason="another_device")
                self._is_paired_in_vain = False
                return self.async_update_reload_and_abort(
                    entry, data_updates={CONF_CERTIFICATE: self._certificate}
                )
        return self._show_form(
            "reauth_confirm",
            _CODE_SCHEMA,
            refusal,
            name=entry.title,
            command=_reset(self._kind),
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Let a device move to another address."""
        entry: IndoorVoiceConfigEntry = self._get_reconfigure_entry()
        if is_household(entry):
            return self.async_abort(reason="no_address")
        refusal: _RefusedError | None = None
        if user_input is not None:
            self._address = _address(user_input)
            try:
                await self._async_examine(await async_tls_context(self.hass, entry))
            except _RefusedError as err:
                refusal = err
            else:
                if entry.unique_id not in (None, self._peer.device_id):
                    return self.async_abort(reason="another_device")
                self._async_abort_entries_match(_data(self._address))
                return self.async_update_reload_and_abort(entry, data_updates=_data(self._address))
        return self._show_form("reconfigure", _address_schema(user_input or entry.data), refusal)

    async def _async_knock(self, kind: EntryKind, *addresses: Address) -> None:
        """Find out whether and where a device can be paired; raises `_RefusedError`."""
        self._kind = kind
        try:
            self._address = await first_that_answers(addresses, knock)
        except LinkError as err:
            raise _RefusedError.because(err) from err

    async def _async_pair(self, entered: str) -> None:
        """Pair with the device and find out what it is; raises `_RefusedError`.

        A device that trusts us is not paired again: it may have been that only what came after
        the pairing failed, or that somebody else answered in its place for a while.
        """
        code = re.sub(r"[\s-]", "", entered)
        if not CODE.fullmatch(code):
            raise _RefusedError("invalid_code")
        try:
            if self._certificate is not None:
                tls_context = await async_pinned_context(self.hass, self._certificate)
                with suppress(_RefusedError):
                    await self._async_examine(tls_context)
                    return
            own = await async_own_certificate(self.hass)
            try:
                self._certificate = await pair(self._address, code, own.pem)
            except LinkError as err:
                raise _RefusedError.because(err) from err
            self._is_paired_in_vain = True
            await self._async_examine(await async_pinned_context(self.hass, self._certificate))
        except CertificateError as err:
            raise _RefusedError("key_unusable") from err

    async def _async_examine(self, tls_context: SSLContext | None) -> None:
        """Find out what listens at the address; raises `_RefusedError` if it is of no use."""
        try:
            peer = await probe(self._address, tls_context)
        except LinkError as err:
            raise _RefusedError.because(err) from err
        if peer.protocol is not None and peer.protocol > PROTOCOL:
            raise _RefusedError("newer_protocol")
        if tls_context is not None and peer.device_id is None:
            raise _RefusedError("not_ours")
        if peer.info.satellite is None and not peer.info.asr and not peer.info.tts:
            raise _RefusedError("offers_nothing")
        if tls_context is None and peer.info.satellite is not None:
            raise _RefusedError("is_satellite")
        self._kind = EntryKind.SPEECH if peer.info.satellite is None else EntryKind.SATELLITE
        self._peer = peer

    async def _async_identify(self) -> None:
        """Abort when the device is set up already; its entry then learns what changed."""
        known = _data(self._address)
        if self._certificate is None:
            self._async_abort_entries_match(known)
            return
        entry = await self.async_set_unique_id(self._peer.device_id, raise_on_progress=False)
        self._is_paired_in_vain = entry is None
        self._abort_if_unique_id_configured({**known, CONF_CERTIFICATE: self._certificate})

    async def _async_accept(self) -> ConfigFlowResult:
        """Save, after the questions that only a whole speech server raises."""
        if self._kind is EntryKind.SPEECH and self._peer.info.asr and self._peer.info.tts:
            return await self.async_step_pipeline()
        if self._kind is EntryKind.SATELLITE:
            # Before the satellite, so that the ledger begins with it. Where there is a household
            # already, nothing comes of this.
            context = ConfigFlowContext(source=SOURCE_SYSTEM)
            await self.hass.config_entries.flow.async_init(DOMAIN, context=context)
        return await self._async_create_entry({})

    async def _async_create_entry(self, extra: Mapping[str, Any]) -> ConfigFlowResult:
        self._is_paired_in_vain = False
        data = {**_data(self._address), CONF_KIND: self._kind, **extra}
        if self._certificate is not None:
            data[CONF_CERTIFICATE] = self._certificate
        return self.async_create_entry(title=await self._async_title(), data=data)

    def _show_form(
        self, step_id: str, schema: vol.Schema, refusal: _RefusedError | None, **texts: str
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=schema,
            errors={"base": refusal.reason} if refusal else {},
            description_placeholders=texts | (refusal.placeholders if refusal else {}),
        )

    async def _async_title(self) -> str:
        info = self._peer.info
        if info.satellite is not None:
            name = without_links(info.satellite.name)
            return name or await _async_nameless(self.hass, self._kind, self._address)
        models = [model.name for program in info.asr for model in program.models]
        programs = [program.name for program in (*info.asr, *info.tts)]
        shown = next(filter(None, map(without_links, (*models, *programs))), self._address.host)
        return f"Speech server ({shown})"


async def _async_let_go(hass: HomeAssistant, address: Address, certificate: str) -> None:
    # Nobody waits for it; a device that is not reached must be reset by its owner.
    with suppress(CertificateError, LinkError):
        await unpair(address, await async_pinned_context(hass, certificate))


async def _async_nameless(hass: HomeAssistant, kind: EntryKind, address: Address) -> str:
    """Name a device that does not tell us its name yet, in Home Assistant's language."""
    key = "common.satellite_at" if kind is EntryKind.SATELLITE else "common.speech_server_at"
    return await async_sentence(hass, key, hass.config.language, host=address.host)


def _reset(kind: EntryKind) -> str:
    """Return the command that makes a device forget whom it is paired with."""
    return f"indoor-voice {kind} --reset"


def _data(address: Address) -> dict[str, Any]:
    return {CONF_HOST: address.host, CONF_PORT: address.port}


def _addresses(info: ZeroconfServiceInfo, port: int) -> list[Address]:
    """Return where a device says that it is, as Home Assistant orders it."""
    hosts = dict.fromkeys([info.host, *(str(ip) for ip in info.ip_addresses)])
    return [Address(host=host, port=port) for host in hosts if not host.startswith("fe80:")]


def _address(data: Mapping[str, Any]) -> Address:
    return Address(host=data[CONF_HOST].strip(), port=data[CONF_PORT])


def _address_schema(defaults: Mapping[str, Any]) -> vol.Schema:
    host = vol.Required(CONF_HOST, default=defaults.get(CONF_HOST, vol.UNDEFINED))
    return vol.Schema(
        {host: TextSelector(), vol.Required(CONF_PORT, default=defaults[CONF_PORT]): _PORT}
    )
