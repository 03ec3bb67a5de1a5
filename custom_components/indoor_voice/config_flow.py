"""Adding, finding and moving satellites and speech servers."""

from typing import TYPE_CHECKING, Any, override

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.helpers.selector import TextSelector

from .const import (
    CONF_CREATE_PIPELINE,
    CONF_KIND,
    CONF_PIPELINE,
    CONF_PREFER_PIPELINE,
    DEFAULT_PORTS,
    DOMAIN,
    Kind,
)
from .link.client import PROTOCOL, Address, Peer, UnreachableError, probe
from .link.wire import LinkError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import probatio as vol
    from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

_PORT = vol.All(vol.Coerce(int), vol.Range(min=1, max=65535))

_PIPELINE_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_CREATE_PIPELINE, default=True): bool,
        vol.Required(CONF_PREFER_PIPELINE, default=True): bool,
    }
)


class _RefusedError(Exception):
    """The device cannot be used; `reason` is a key of the flow's errors and abort reasons."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class IndoorVoiceConfigFlow(ConfigFlow, domain=DOMAIN):
    """Asks where a device listens and what it is before anything is saved."""

    _kind: Kind
    _address: Address
    _peer: Peer

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Let the user say what to add."""
        return self.async_show_menu(step_id="user", menu_options=list(Kind))

    async def async_step_satellite(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where the satellite listens."""
        return await self._async_ask_address(Kind.SATELLITE, user_input)

    async def async_step_speech(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask where the speech server listens."""
        return await self._async_ask_address(Kind.SPEECH, user_input)

    async def _async_ask_address(
        self, kind: Kind, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                await self._async_examine(kind, _address(user_input))
            except _RefusedError as err:
                errors["base"] = err.reason
            else:
                await self._async_identify()
                return await self._async_accept()
        return self.async_show_form(
            step_id=kind,
            data_schema=_address_schema(user_input or {CONF_PORT: DEFAULT_PORTS[kind]}),
            errors=errors,
        )

    async def async_step_pipeline(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer to make an assistant of the speech server."""
        if user_input is None:
            return self.async_show_form(step_id="pipeline", data_schema=_PIPELINE_SCHEMA)
        return self._create_entry({CONF_PIPELINE: user_input})

    @override
    async def async_step_zeroconf(self, discovery_info: ZeroconfServiceInfo) -> ConfigFlowResult:
        """Handle a device that announces itself in the network."""
        device_id = discovery_info.properties.get("id")
        protocol = discovery_info.properties.get("protocol")
        kind = discovery_info.properties.get("kind")
        if (
            not isinstance(device_id, str)
            or not isinstance(protocol, str)
            or not protocol.isdecimal()
            or kind not in list(Kind)
            or discovery_info.port is None
        ):
            return self.async_abort(reason="invalid_discovery")
        address = Address(host=discovery_info.host, port=discovery_info.port)
        await self.async_set_unique_id(device_id)
        self._abort_if_unique_id_configured(
            updates={CONF_HOST: address.host, CONF_PORT: address.port}
        )
        if int(protocol) > PROTOCOL:
            return self.async_abort(reason="newer_protocol")
        try:
            await self._async_examine(Kind(kind), address)
        except _RefusedError as err:
            return self.async_abort(reason=err.reason)
        if self._peer.device_id != device_id:
            return self.async_abort(reason="another_device")
        self.context["title_placeholders"] = {"name": self._title}
        return await self.async_step_zeroconf_confirm()

    async def async_step_zeroconf_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Let the user confirm what was found."""
        if user_input is None:
            self._set_confirm_only()
            return self.async_show_form(
                step_id="zeroconf_confirm",
                description_placeholders={"name": self._title, "address": str(self._address)},
            )
        return await self._async_accept()

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Let a device move to another address."""
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                await self._async_examine(Kind(entry.data[CONF_KIND]), _address(user_input))
            except _RefusedError as err:
                errors["base"] = err.reason
            else:
                if self._peer.device_id != entry.unique_id:
                    return self.async_abort(reason="another_device")
                address = {CONF_HOST: self._address.host, CONF_PORT: self._address.port}
                self._async_abort_entries_match(address)
                return self.async_update_reload_and_abort(entry, data_updates=address)
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=_address_schema(user_input or entry.data),
            errors=errors,
        )

    async def _async_examine(self, kind: Kind, address: Address) -> None:
        """Find out what listens at `address`; raises `_RefusedError` unless it is a `kind`."""
        try:
            peer = await probe(address)
        except UnreachableError as err:
            raise _RefusedError("cannot_connect") from err
        except LinkError as err:
            raise _RefusedError("not_wyoming") from err
        if peer.protocol is not None and peer.protocol > PROTOCOL:
            raise _RefusedError("newer_protocol")
        is_speech = bool(peer.info.asr or peer.info.tts)
        if kind is Kind.SATELLITE and peer.info.satellite is None:
            raise _RefusedError("is_speech_server" if is_speech else "no_satellite")
        if kind is Kind.SPEECH and not is_speech:
            raise _RefusedError("is_satellite" if peer.info.satellite else "no_speech")
        self._kind, self._address, self._peer = kind, address, peer

    async def _async_identify(self) -> None:
        """Abort when the device is set up already."""
        address = {CONF_HOST: self._address.host, CONF_PORT: self._address.port}
        if self._peer.device_id is None:
            self._async_abort_entries_match(address)
            return
        await self.async_set_unique_id(self._peer.device_id, raise_on_progress=False)
        self._abort_if_unique_id_configured(updates=address)

    async def _async_accept(self) -> ConfigFlowResult:
        """Save, after the questions that only a whole speech server raises."""
        if self._kind is Kind.SPEECH and self._peer.info.asr and self._peer.info.tts:
            return await self.async_step_pipeline()
        return self._create_entry({})

    def _create_entry(self, extra: Mapping[str, Any]) -> ConfigFlowResult:
        return self.async_create_entry(
            title=self._title,
            data={
                CONF_HOST: self._address.host,
                CONF_PORT: self._address.port,
                CONF_KIND: self._kind,
                **extra,
            },
        )

    @property
    def _title(self) -> str:
        info = self._peer.info
        if info.satellite is not None and self._kind is Kind.SATELLITE:
            return info.satellite.name
        models = [model.name for program in info.asr for model in program.models]
        programs = [program.name for program in (*info.asr, *info.tts)]
        return f"Speech server ({(models or programs)[0]})"


def _address(user_input: Mapping[str, Any]) -> Address:
    return Address(host=user_input[CONF_HOST].strip(), port=user_input[CONF_PORT])


def _address_schema(defaults: Mapping[str, Any]) -> vol.Schema:
    host = vol.Required(CONF_HOST, default=defaults.get(CONF_HOST, vol.UNDEFINED))
    return vol.Schema(
        {host: TextSelector(), vol.Required(CONF_PORT, default=defaults[CONF_PORT]): _PORT}
    )
