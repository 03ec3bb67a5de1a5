"""Addresses as they are entered, announced and stored."""

from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.helpers.selector import TextSelector

from ..link.client import Address

if TYPE_CHECKING:
    from collections.abc import Mapping

    import probatio as vol
    from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

_PORT: Final = vol.All(vol.Coerce(int), vol.Range(min=1, max=65535))


def address_schema(defaults: Mapping[str, Any]) -> vol.Schema:
    """Return the schema of a form that asks for an address; only the port needs a default."""
    host = vol.Required(CONF_HOST, default=defaults.get(CONF_HOST, vol.UNDEFINED))
    return vol.Schema(
        {host: TextSelector(), vol.Required(CONF_PORT, default=defaults[CONF_PORT]): _PORT}
    )


def entered_address(data: Mapping[str, Any]) -> Address:
    """Return the address in the answer to a form or in an entry."""
    return Address(host=data[CONF_HOST].strip(), port=data[CONF_PORT])


def address_data(address: Address) -> dict[str, Any]:
    """Return an address as entries store it."""
    return {CONF_HOST: address.host, CONF_PORT: address.port}


def announced_addresses(info: ZeroconfServiceInfo, port: int) -> list[Address]:
    """Return the addresses that a device announces, in Home Assistant's order."""
    hosts = dict.fromkeys([info.host, *(str(ip) for ip in info.ip_addresses)])
    return [Address(host=host, port=port) for host in hosts if not host.startswith("fe80:")]
