"""Reads what a service has logged."""

import re
import subprocess
import time
from typing import Final

from indoor_voice.errors import UserError

from . import systemd
from .layout import Role

_WAIT_SECONDS: Final = {Role.SATELLITE: 60.0, Role.SPEECH: 1_800.0}
_LOOK_SECONDS: Final = 0.5


def wait_until_listening(role: Role) -> str | None:
    """Return the pairing code that the service has printed; None if it is paired already.

    Raises `UserError` if it fails, or does not listen in time.
    """
    deadline = time.monotonic() + _WAIT_SECONDS[role]
    failures = systemd.restarts(role)
    while time.monotonic() < deadline:
        text = _journal(role)
        if "Listening " in text:
            return pairing_code(text)
        if systemd.restarts(role) > failures:
            break
        time.sleep(_LOOK_SECONDS)
    raise UserError(f"{role.service} did not start. See why with: indoor-voice logs")


def pairing_code(text: str) -> str | None:
    """Return the last pairing code in a text."""
    codes = re.findall(r"^Pairing code: (\d{3} \d{3})$", text, re.MULTILINE)
    return codes[-1] if codes else None


def _journal(role: Role) -> str:
    """Return what the service has logged since it was last started."""
    invocation = systemd.invocation(role)
    command = ["/usr/bin/journalctl", "--quiet", "--output=cat", "--no-pager"]
    return subprocess.run(  # noqa: S603 - fixed words
        [*command, f"_SYSTEMD_INVOCATION_ID={invocation}"],
        check=False,
        capture_output=True,
        text=True,
    ).stdout
