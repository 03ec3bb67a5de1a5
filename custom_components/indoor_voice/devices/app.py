"""An app of Home Assistant OS that announces itself, with its pairing code, by the Supervisor."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from homeassistant.const import CONF_HOST, CONF_PORT

from ..const import CONF_CODE, CONF_KIND, DEFAULT_PORTS, EntryKind
from ..link.client import DEVICE_ID, Address
from ..link.secret import CODE

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_PORT: Final = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncedApp:
    """What an app says of itself."""

    device_id: str
    kind: EntryKind
    address: Address
    code: str
    """The pairing code, which the Supervisor shows to nobody but Home Assistant."""


def announced_app(config: Mapping[str, object]) -> AnnouncedApp | None:
    """Return the app of a message from the Supervisor, or None if the message is not ours."""
    device_id, kind, code = (config.get(key) for key in ("id", CONF_KIND, CONF_CODE))
    host, port = config.get(CONF_HOST), config.get(CONF_PORT)
    if not (isinstance(device_id, str) and DEVICE_ID.fullmatch(device_id)):
        return None
    if not (isinstance(code, str) and CODE.fullmatch(code)) or kind not in list(DEFAULT_PORTS):
        return None
    if not (isinstance(host, str) and host and isinstance(port, int) and 0 < port <= _MAX_PORT):
        return None
    return AnnouncedApp(
        device_id=device_id,
        kind=EntryKind(str(kind)),
        address=Address(host=host, port=port),
        code=code,
    )
