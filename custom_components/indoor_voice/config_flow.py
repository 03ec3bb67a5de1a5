"""Config flow for satellites, speech servers and the household."""

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
from .devices.candidate import CandidateDevice, UnusableDeviceError
from .devices.connecting import being_paired
from .devices.entries import household_entry
from .devices.rediscovery import async_moved
from .devices.trust import async_tls_context
from .household.keeper import is_household
from .household.options_flow import HouseholdOptionsFlow, SatelliteOptionsFlow
from .link.client import DEVICE_ID, PROTOCOL, Address
from .link.text import without_links

if TYPE_CHECKING:
    from collections.abc import Mapping

    import probatio as vol
    from homeassistant.config_entries import ConfigEntry, OptionsFlow
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


class IndoorVoiceConfigFlow(ConfigFlow, domain=DOMAIN):
    """Finds a device, pairs with it and examines it before an entry is saved."""

    _device: CandidateDevice | None = None

    @classmethod
    @callback
    @override
    def async_supports_options_flow(cls, config_entry: ConfigEntry[Any]) -> bool:
        """Return whether an entry has options; a speech server has none."""
        return config_entry.data.get(CONF_KIND) in (EntryKind.SATELLITE, EntryKind.HOUSEHOLD)

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry[Any]) -> OptionsFlow:
        """Return the flow for the options about keeping."""
        return HouseholdOptionsFlow() if is_household(config_entry) else SatelliteOptionsFlow()

    @callback
    @override
    def async_remove(self) -> None:
        """Unpair a device that was paired in a flow that the user then abandoned."""
        if self._device is not None and self._device.has_unsaved_pairing:
            self.hass.async_create_background_task(self._device.async_unpair(), f"{DOMAIN} unpair")

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the menu of what can be added."""
        kinds = DEFAULT_PORTS if household_entry(self.hass) else EntryKind
        return self.async_show_menu(step_id="user", menu_options=[*kinds, UNPROTECTED])

    async def async_step_household(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Explain that setting up the household keeps nothing yet."""
        if user_input is None:
            return self.async_show_form(step_id=EntryKind.HOUSEHOLD, data_schema=vol.Schema({}))
        return await self.async_step_system({})

    async def async_step_system(self, _data: dict[str, Any] | None) -> ConfigFlowResult:
        """Set up the household, with nothing kept."""
        await self.async_set_unique_id(HOUSEHOLD_ID)
        self._abort_if_unique_id_configured()
        return self.async_create_entry(title=HOUSEHOLD_TITLE, data={CONF_KIND: EntryKind.HOUSEHOLD})

    async def async_step_satellite(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the satellite's address."""
        return await self._async_ask_address(EntryKind.SATELLITE, user_input)

    async def async_step_speech(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the speech server's address."""
        return await self._async_ask_address(EntryKind.SPEECH, user_input)

    async def _async_ask_address(
        self, kind: EntryKind, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        problem: UnusableDeviceError | None = None
        if user_input is not None:
            try:
                self._device = await CandidateDevice.async_find(
                    self.hass, kind, _address(user_input)
                )
            except UnusableDeviceError as err:
                problem = err
            else:
                return await self.async_step_pair()
        defaults = user_input or {CONF_PORT: DEFAULT_PORTS[kind]}
        return self._show_form(
            kind, _address_schema(defaults), problem, command=_reset_command(kind)
        )

    async def async_step_unprotected(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the address of a speech server of another vendor."""
        problem: UnusableDeviceError | None = None
        if user_input is not None:
            device = CandidateDevice(self.hass, EntryKind.SPEECH, _address(user_input))
            try:
                await device.async_examine(None)
            except UnusableDeviceError as err:
                problem = err
            else:
                return await self._async_accept(device)
        defaults = user_input or {CONF_PORT: DEFAULT_PORTS[EntryKind.SPEECH]}
        return self._show_form(UNPROTECTED, _address_schema(defaults), problem)

    async def async_step_pair(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the pairing code that the device speaks or prints."""
        device = self._device
        assert device is not None, "only a device that was found can be paired"
        problem: UnusableDeviceError | None = None
        if user_input is not None:
            try:
                await device.async_pair(user_input[CONF_CODE])
            except UnusableDeviceError as err:
                problem = err
            else:
                return await self._async_accept(device)
        return self._show_form(
            "pair",
            _CODE_SCHEMA,
            problem,
            name=await self._async_default_name(device),
            command=_reset_command(device.kind),
        )

    async def async_step_pipeline(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer to make an Assist pipeline with the speech server."""
        if user_input is None:
            return self.async_show_form(step_id="pipeline", data_schema=_PIPELINE_SCHEMA)
        assert self._device is not None, "only a device that was examined can get a pipeline"
        return await self._async_create_entry(self._device, {CONF_PIPELINE: user_input})

    @override
    async def async_step_zeroconf(self, discovery_info: ZeroconfServiceInfo) -> ConfigFlowResult:
        """Handle a device that announces itself on the network."""
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
        addresses = _announced_addresses(discovery_info, discovery_info.port)
        entry: IndoorVoiceConfigEntry | None = await self.async_set_unique_id(device_id)
        if entry is not None:
            moved = await self._async_moved(entry, addresses)
            self._abort_if_unique_id_configured(updates=_address_data(moved) if moved else None)
        if int(protocol) > PROTOCOL:
            return self.async_abort(reason="newer_protocol")
        if paired == "1":
            return self.async_abort(
                reason="already_paired",
                description_placeholders={"command": _reset_command(EntryKind(kind))},
            )
        try:
            device = await CandidateDevice.async_find(self.hass, EntryKind(kind), *addresses)
        except UnusableDeviceError as err:
            return self.async_abort(
                reason=err.reason,
                description_placeholders={"command": _reset_command(EntryKind(kind))},
            )
        self._device = device
        self.context["title_placeholders"] = {"name": await self._async_default_name(device)}
        return await self.async_step_pair()

    async def _async_moved(
        self, entry: IndoorVoiceConfigEntry, addresses: list[Address]
    ) -> Address | None:
        """Return the new address of a known device, or None if it has not moved."""
        try:
            return await async_moved(entry, await async_tls_context(self.hass, entry), addresses)
        except ConfigEntryError:
            return None

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Pair again with a device that no longer trusts us or has a new key."""
        self._device = CandidateDevice(
            self.hass,
            EntryKind(entry_data[CONF_KIND]),
            _address(entry_data),
            entry_data.get(CONF_CERTIFICATE),
        )
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the device's new pairing code."""
        device = self._device
        assert device is not None, "the step before has set it"
        problem: UnusableDeviceError | None = None
        entry: IndoorVoiceConfigEntry = self._get_reauth_entry()
        if user_input is not None:
            try:
                with being_paired(self.hass, entry):
                    await device.async_pair(user_input[CONF_CODE])
            except UnusableDeviceError as err:
                problem = err
            else:
                if device.peer.device_id != entry.unique_id:
                    return self.async_abort(reason="another_device")
                device.has_unsaved_pairing = False
                return self.async_update_reload_and_abort(
                    entry, data_updates={CONF_CERTIFICATE: device.certificate}
                )
        return self._show_form(
            "reauth_confirm",
            _CODE_SCHEMA,
            problem,
            name=entry.title,
            command=_reset_command(device.kind),
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a device's new address."""
        entry: IndoorVoiceConfigEntry = self._get_reconfigure_entry()
        if is_household(entry):
            return self.async_abort(reason="no_address")
        problem: UnusableDeviceError | None = None
        if user_input is not None:
            kind, address = EntryKind(entry.data[CONF_KIND]), _address(user_input)
            device = CandidateDevice(self.hass, kind, address)
            try:
                await device.async_examine(await async_tls_context(self.hass, entry))
            except UnusableDeviceError as err:
                problem = err
            else:
                if entry.unique_id not in (None, device.peer.device_id):
                    return self.async_abort(reason="another_device")
                self._async_abort_entries_match(_address_data(address))
                return self.async_update_reload_and_abort(
                    entry, data_updates=_address_data(address)
                )
        return self._show_form("reconfigure", _address_schema(user_input or entry.data), problem)

    async def _async_accept(self, device: CandidateDevice) -> ConfigFlowResult:
        """Continue with an examined device: ask about a pipeline, or save the entry."""
        self._device = device
        await self._async_abort_if_known(device)
        info = device.peer.info
        if device.kind is EntryKind.SPEECH and info.asr and info.tts:
            return await self.async_step_pipeline()
        if device.kind is EntryKind.SATELLITE:
            # Before the satellite, so that the ledger begins with it. If there is a household
            # already, this flow aborts.
            context = ConfigFlowContext(source=SOURCE_SYSTEM)
            await self.hass.config_entries.flow.async_init(DOMAIN, context=context)
        return await self._async_create_entry(device, {})

    async def _async_abort_if_known(self, device: CandidateDevice) -> None:
        """Abort if the device is already set up, and update its entry."""
        address = _address_data(device.address)
        if device.certificate is None:
            self._async_abort_entries_match(address)
            return
        entry = await self.async_set_unique_id(device.peer.device_id, raise_on_progress=False)
        device.has_unsaved_pairing = entry is None
        self._abort_if_unique_id_configured({**address, CONF_CERTIFICATE: device.certificate})

    async def _async_create_entry(
        self, device: CandidateDevice, extra: Mapping[str, Any]
    ) -> ConfigFlowResult:
        device.has_unsaved_pairing = False
        data = {**_address_data(device.address), CONF_KIND: device.kind, **extra}
        if device.certificate is not None:
            data[CONF_CERTIFICATE] = device.certificate
        return self.async_create_entry(title=await self._async_title(device), data=data)

    def _show_form(
        self, step_id: str, schema: vol.Schema, problem: UnusableDeviceError | None, **texts: str
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=schema,
            errors={"base": problem.reason} if problem else {},
            description_placeholders=texts | (problem.placeholders if problem else {}),
        )

    async def _async_title(self, device: CandidateDevice) -> str:
        info = device.peer.info
        if info.satellite is not None:
            return without_links(info.satellite.name) or await self._async_default_name(device)
        models = [model.name for program in info.asr for model in program.models]
        programs = [program.name for program in (*info.asr, *info.tts)]
        shown = next(filter(None, map(without_links, (*models, *programs))), device.address.host)
        return f"Speech server ({shown})"

    async def _async_default_name(self, device: CandidateDevice) -> str:
        """Return a name, in Home Assistant's language, for a device whose own is not known."""
        is_satellite = device.kind is EntryKind.SATELLITE
        key = "common.satellite_at" if is_satellite else "common.speech_server_at"
        language = self.hass.config.language
        return await async_sentence(self.hass, key, language, host=device.address.host)


def _reset_command(kind: EntryKind) -> str:
    """Return the command that makes a device forget its pairing."""
    return f"indoor-voice {kind} --reset"


def _address_data(address: Address) -> dict[str, Any]:
    return {CONF_HOST: address.host, CONF_PORT: address.port}


def _announced_addresses(info: ZeroconfServiceInfo, port: int) -> list[Address]:
    """Return the addresses that a device announces, in Home Assistant's order."""
    hosts = dict.fromkeys([info.host, *(str(ip) for ip in info.ip_addresses)])
    return [Address(host=host, port=port) for host in hosts if not host.startswith("fe80:")]


def _address(data: Mapping[str, Any]) -> Address:
    return Address(host=data[CONF_HOST].strip(), port=data[CONF_PORT])


def _address_schema(defaults: Mapping[str, Any]) -> vol.Schema:
    host = vol.Required(CONF_HOST, default=defaults.get(CONF_HOST, vol.UNDEFINED))
    return vol.Schema(
        {host: TextSelector(), vol.Required(CONF_PORT, default=defaults[CONF_PORT]): _PORT}
    )
