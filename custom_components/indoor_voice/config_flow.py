"""Config flow for satellites, speech servers and the household."""

from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.config_entries import (
    SOURCE_SYSTEM,
    ConfigFlowContext,
    ConfigFlowResult,
)
from homeassistant.const import CONF_PORT
from homeassistant.core import callback
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.exceptions import ConfigEntryError
from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .assistant.device_names import async_default_name, async_title
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
from .devices.address_form import (
    address_data,
    address_schema,
    announced_addresses,
    entered_address,
)
from .devices.app import AnnouncedApp, announced_app
from .devices.candidate import CandidateDevice, UnusableDeviceError, async_known_entry
from .devices.connecting import being_paired
from .devices.entries import address_of, device_entries, household_entry
from .devices.placement import placed_name
from .devices.rediscovery import async_moved
from .devices.trust import async_tls_context
from .household.keeper import is_household
from .household.migration import ENTRY_MINOR_VERSION
from .household.options_flow import HouseholdOptionsFlow, SatelliteOptionsFlow
from .link.client import DEVICE_ID, PROTOCOL
from .turn.room_step import RoomStep

if TYPE_CHECKING:
    from collections.abc import Mapping

    import probatio as vol
    from homeassistant.config_entries import ConfigEntry, OptionsFlow
    from homeassistant.helpers.service_info.hassio import HassioServiceInfo
    from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

    from .data import IndoorVoiceConfigEntry
    from .link.client import Address
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

UNPROTECTED: Final = "unprotected"

_CODE_SCHEMA = vol.Schema(
    {
        # Phones show digits for a telephone number, and browsers fill in no number of their own.
        vol.Required(CONF_CODE): TextSelector(
            TextSelectorConfig(type=TextSelectorType.TEL, autocomplete="one-time-code")
        )
    }
)

_PIPELINE_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_CREATE_PIPELINE, default=True): bool,
        vol.Required(CONF_PREFER_PIPELINE, default=True): bool,
    }
)


class IndoorVoiceConfigFlow(RoomStep, domain=DOMAIN):
    """Finds a device, pairs with it and examines it before an entry is saved."""

    MINOR_VERSION = ENTRY_MINOR_VERSION

    _device: CandidateDevice | None = None
    _app: AnnouncedApp | None = None

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
        """Show the menu of what can be added, or go on with a satellite that was added."""
        if "entry_id" in self.context:
            return await self.async_step_room()
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
        if (entry := await self.async_set_unique_id(HOUSEHOLD_ID)) is not None:
            self._abort_as_known(entry, None)
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
                    self.hass, kind, entered_address(user_input)
                )
            except UnusableDeviceError as err:
                if err.reason == "already_paired":
                    await self._async_abort_if_paired_here(entered_address(user_input))
                problem = err
            else:
                return await self._async_ask_code(self._device, None)
        defaults = user_input or {CONF_PORT: DEFAULT_PORTS[kind]}
        return self._show_form(kind, address_schema(defaults), problem, kind)

    async def async_step_unprotected(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the address of a speech server of another vendor."""
        problem: UnusableDeviceError | None = None
        if user_input is not None:
            device = CandidateDevice(self.hass, EntryKind.SPEECH, entered_address(user_input))
            try:
                await device.async_examine(None)
            except UnusableDeviceError as err:
                problem = err
            else:
                return await self._async_accept(device)
        defaults = user_input or {CONF_PORT: DEFAULT_PORTS[EntryKind.SPEECH]}
        return self._show_form(UNPROTECTED, address_schema(defaults), problem, EntryKind.SPEECH)

    async def async_step_pair_satellite(self, user_input: dict[str, Any]) -> ConfigFlowResult:
        """Pair with the satellite by the code that it speaks."""
        assert self._device is not None, "only a device that was found can be paired"
        return await self._async_ask_code(self._device, user_input)

    async def async_step_pair_speech(self, user_input: dict[str, Any]) -> ConfigFlowResult:
        """Pair with the speech server by the code that it prints."""
        assert self._device is not None, "only a device that was found can be paired"
        return await self._async_ask_code(self._device, user_input)

    async def _async_ask_code(
        self, device: CandidateDevice, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        problem: UnusableDeviceError | None = None
        if user_input is not None:
            try:
                await device.async_pair(user_input[CONF_CODE])
            except UnusableDeviceError as err:
                problem = err
            else:
                return await self._async_accept(device)
        name = await async_default_name(self.hass, device)
        return self._show_form(f"pair_{device.kind}", _CODE_SCHEMA, problem, device.kind, name=name)

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
        addresses = announced_addresses(discovery_info, discovery_info.port)
        if (entry := await self.async_set_unique_id(device_id)) is not None:
            await self._async_abort_as_announced(entry, addresses)
        if int(protocol) > PROTOCOL:
            return self.async_abort(reason="newer_protocol")
        if paired == "1":
            return self.async_abort(
                reason="already_paired", description_placeholders=_commands(EntryKind(kind))
            )
        try:
            device = await CandidateDevice.async_find(self.hass, EntryKind(kind), *addresses)
        except UnusableDeviceError as err:
            return self.async_abort(
                reason=err.reason, description_placeholders=_commands(EntryKind(kind))
            )
        self._device = device
        self.context["title_placeholders"] = {"name": await async_default_name(self.hass, device)}
        return await self._async_ask_code(device, None)

    @override
    async def async_step_hassio(self, discovery_info: HassioServiceInfo) -> ConfigFlowResult:
        """Handle an app that announces itself, with its pairing code, by the Supervisor."""
        if (app := announced_app(discovery_info.config)) is None:
            return self.async_abort(reason="invalid_discovery")
        entry = await self.async_set_unique_id(app.device_id, raise_on_progress=False)
        if entry is not None:
            await self._async_abort_as_announced(entry, [app.address])
        # Those that know no code, or an older one.
        for flow in self._async_in_progress(include_uninitialized=True):
            if flow["context"].get("unique_id") == app.device_id:
                self.hass.config_entries.flow.async_abort(flow["flow_id"])
        try:
            device = await CandidateDevice.async_find(self.hass, app.kind, app.address)
        except UnusableDeviceError as err:
            return self.async_abort(reason=err.reason, description_placeholders=_commands(app.kind))
        self._device, self._app = device, app
        self.context["title_placeholders"] = {"name": discovery_info.name}
        return await self.async_step_app()

    async def async_step_app(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Pair with an app as soon as the user agrees; its code is known already."""
        assert self._device is not None, "the step before has set both"
        assert self._app is not None, "the step before has set both"
        if user_input is None:
            names = self.context["title_placeholders"]
            return self.async_show_form(step_id="app", description_placeholders=names)
        return await self._async_ask_code(self._device, {CONF_CODE: self._app.code})

    async def _async_abort_as_announced(
        self, entry: IndoorVoiceConfigEntry, addresses: list[Address]
    ) -> None:
        """Abort because a known device is announced, and note its address if it has moved."""
        try:
            tls_context = await async_tls_context(self.hass, entry)
            moved = await async_moved(entry, tls_context, addresses)
        except ConfigEntryError:
            moved = None
        self._abort_as_known(entry, address_data(moved) if moved else None)

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """Pair again with a device that no longer trusts us or has a new key."""
        self._device = CandidateDevice(
            self.hass,
            EntryKind(entry_data[CONF_KIND]),
            entered_address(entry_data),
            entry_data.get(CONF_CERTIFICATE),
        )
        return await self._async_ask_new_code(self._device, None)

    async def async_step_reauth_satellite(self, user_input: dict[str, Any]) -> ConfigFlowResult:
        """Pair again with a satellite."""
        assert self._device is not None, "the step before has set it"
        return await self._async_ask_new_code(self._device, user_input)

    async def async_step_reauth_speech(self, user_input: dict[str, Any]) -> ConfigFlowResult:
        """Pair again with a speech server."""
        assert self._device is not None, "the step before has set it"
        return await self._async_ask_new_code(self._device, user_input)

    async def _async_ask_new_code(
        self, device: CandidateDevice, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
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
        kind, name = EntryKind(entry.data[CONF_KIND]), placed_name(self.hass, entry)
        return self._show_form(f"reauth_{kind}", _CODE_SCHEMA, problem, kind, name=name)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a device's new address."""
        entry: IndoorVoiceConfigEntry = self._get_reconfigure_entry()
        if is_household(entry):
            return self.async_abort(reason="no_address")
        problem: UnusableDeviceError | None = None
        kind = EntryKind(entry.data[CONF_KIND])
        if user_input is not None:
            address = entered_address(user_input)
            device = CandidateDevice(self.hass, kind, address)
            try:
                await device.async_examine(await async_tls_context(self.hass, entry))
            except UnusableDeviceError as err:
                problem = err
            else:
                if entry.unique_id not in (None, device.peer.device_id):
                    return self.async_abort(reason="another_device")
                self._abort_if_address_is_taken(address)
                return self.async_update_reload_and_abort(entry, data_updates=address_data(address))
        schema = address_schema(user_input or entry.data)
        return self._show_form("reconfigure", schema, problem, kind)

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
        if device.certificate is None:
            self._abort_if_address_is_taken(device.address)
            return
        entry = await self.async_set_unique_id(device.peer.device_id, raise_on_progress=False)
        device.has_unsaved_pairing = entry is None
        if entry is not None:
            updates = {**address_data(device.address), CONF_CERTIFICATE: device.certificate}
            self._abort_as_known(entry, updates)

    async def _async_abort_if_paired_here(self, address: Address) -> None:
        """Abort if the paired device that answers at an address is one of ours."""
        if (entry := await async_known_entry(self.hass, address)) is not None:
            await self.async_set_unique_id(entry.unique_id, raise_on_progress=False)
            self._abort_as_known(entry, address_data(address))

    def _abort_as_known(self, entry: ConfigEntry[Any], updates: dict[str, Any] | None) -> None:
        """Abort because the device of this entry is set up, and update the entry."""
        name = placed_name(self.hass, entry)
        self._abort_if_unique_id_configured(updates, description_placeholders={"name": name})

    def _abort_if_address_is_taken(self, address: Address) -> None:
        """Abort if another entry has this address."""
        for entry in device_entries(self.hass):
            if address_of(entry) == address and entry.entry_id != self.context.get("entry_id"):
                name = placed_name(self.hass, entry)
                raise AbortFlow("already_configured", {"name": name})

    async def _async_create_entry(
        self, device: CandidateDevice, extra: Mapping[str, Any]
    ) -> ConfigFlowResult:
        device.has_unsaved_pairing = False
        data = {**address_data(device.address), CONF_KIND: device.kind, **extra}
        if device.certificate is not None:
            data[CONF_CERTIFICATE] = device.certificate
        return self.async_create_entry(title=await async_title(self.hass, device), data=data)

    def _show_form(
        self,
        step_id: str,
        schema: vol.Schema,
        problem: UnusableDeviceError | None,
        kind: EntryKind,
        **texts: str,
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=schema,
            errors={"base": problem.reason} if problem else {},
            description_placeholders={
                **_commands(kind),
                **texts,
                **(problem.placeholders if problem else {}),
            },
        )


def _commands(kind: EntryKind) -> dict[str, str]:
    """Return the commands, for texts, that give a device a new code and that reset it."""
    pair = "indoor-voice pair" if kind is EntryKind.SATELLITE else f"indoor-voice pair {kind}"
    return {"pair_command": pair, "reset_command": f"indoor-voice {kind} --reset"}
