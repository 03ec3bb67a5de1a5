"""A device's identity for Home Assistant: a random id that is generated once and stored."""

import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from wyoming.event import Event
from wyoming.info import Info

from indoor_voice.errors import UserError
from indoor_voice.state_folder import is_kept, write

from .sealed_file import add_digest, sealed, unsealed

PROTOCOL: Final = 1
_ID_FILE: Final = "id"
_PAIRED: Final = "link/peer.pem"
"""Exists while the device is paired; Home Assistant then knows the device by its id."""
_ID: Final = re.compile(r"[0-9a-f]{32}")


class DeviceKind(StrEnum):
    """What kind of device this is."""

    SATELLITE = "satellite"
    SPEECH = "speech"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A device's id and kind, which it tells anyone who asks."""

    id: str
    kind: DeviceKind

    def as_dict(self) -> dict[str, Any]:
        """Return the `indoor_voice` key of an `info` event."""
        return {"id": self.id, "protocol": PROTOCOL, "kind": str(self.kind)}


def load_identity(state_dir: Path, kind: DeviceKind) -> Identity:
    """Load the id stored in `state_dir`, or generate one the first time; raises `UserError`."""
    path = state_dir / _ID_FILE
    try:
        device_id = _read(path) if is_kept(path) else _make(path)
    except ValueError as err:
        raise UserError(
            f"The id in {path} is missing or damaged. Restore the file from a backup, or start "
            "again with --reset and pair again."
        ) from err
    except OSError as err:
        raise UserError(
            f"Cannot store settings in {state_dir}: {err}. Choose a folder with --state-dir."
        ) from err
    return Identity(id=device_id, kind=kind)


def _read(path: Path) -> str:
    text, _ = unsealed(path.read_bytes())
    device_id = text.decode("ascii").strip()
    if not _ID.fullmatch(device_id):
        raise ValueError("no id")
    add_digest(path)
    return device_id


def _make(path: Path) -> str:
    if is_kept(path.parent / _PAIRED):
        raise ValueError("a paired device has lost its id")
    device_id = secrets.token_hex(16)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write(path, sealed(f"{device_id}\n".encode("ascii")))
    return device_id


def forget_identity(state_dir: Path) -> None:
    """Delete the id, so that the next start generates another; raises `OSError`."""
    (state_dir / _ID_FILE).unlink(missing_ok=True)


def info_event(info: Info, identity: Identity) -> Event:
    """Return the answer to `describe`, with the device's identity added."""
    event = info.event()
    event.data["indoor_voice"] = identity.as_dict()
    return event
