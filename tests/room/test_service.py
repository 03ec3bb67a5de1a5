"""The services that the installer sets up: their files, and what removes them."""

from pathlib import Path

import numpy as np
import pytest

from indoor_voice import cli, state_folder
from indoor_voice.room.sound.devices import Device
from indoor_voice.service import command, systemd
from indoor_voice.service.choosing import lasting_name, meter
from indoor_voice.service.files import replace
from indoor_voice.service.journal import pairing_code
from indoor_voice.service.layout import Layout, Role
from indoor_voice.service.settings_file import save_settings
from indoor_voice.service.unit import unit_text


def device(index: int, name: str) -> Device:
    return Device(index=index, name=name, channels=1, rate=48_000)


def test_the_name_of_a_device_outlasts_another_order_of_cards() -> None:
    usb = device(0, "USB PnP Sound Device: Audio (hw:1,0)")
    hdmi = device(1, "vc4-hdmi: MAI PCM (hw:0,0)")
    assert lasting_name(usb, [usb, hdmi]) == "USB PnP Sound Device: Audio"
    twin = device(2, "USB PnP Sound Device: Audio (hw:2,0)")
    assert lasting_name(usb, [usb, hdmi, twin]) == usb.name


def test_the_meter_moves_with_the_level() -> None:
    levels = [0, 30, 300, 3_000, 32_767]
    filled = [meter(np.full(1_280, level, np.int16)).count("#") for level in levels]
    assert filled == sorted(set(filled))
    assert (filled[0], filled[-1]) == (0, 40)
    assert len({len(meter(np.full(1_280, level, np.int16))) for level in levels}) == 1


def test_a_service_may_use_only_what_it_needs() -> None:
    satellite, speech = unit_text(Role.SATELLITE), unit_text(Role.SPEECH)
    assert "DeviceAllow=char-alsa rw" in satellite
    assert "PrivateDevices=yes" in speech
    for text in (satellite, speech):
        assert "DynamicUser=yes" in text
        assert "ProtectSystem=strict" in text
        assert "NoNewPrivileges=yes" in text


@pytest.mark.parametrize("role", Role)
def test_the_command_of_a_service_is_valid(role: Role) -> None:
    (line,) = (it for it in unit_text(role).splitlines() if it.startswith("ExecStart="))
    _, *words = line.split()
    assert cli.make_parser().parse_args(words).state_dir.name == role.service


def test_settings_that_the_user_made_survive_another_set_up(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    assert save_settings(layout, {"satellite": {"area": "Kitchen"}})
    assert not save_settings(layout, {"satellite": {"area": "Kitchen"}})
    text = layout.settings.read_text() + "# mine\n"
    layout.settings.write_text(text)
    assert save_settings(layout, {"satellite": {"area": "Bath"}})
    assert layout.settings.read_text() == text.replace('"Kitchen"', '"Bath"')


def test_a_file_is_replaced_only_if_it_differs(tmp_path: Path) -> None:
    path = tmp_path / "etc" / "file"
    assert replace(path, "one")
    before = path.stat()
    assert not replace(path, "one")
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert replace(path, "two")
    assert path.stat().st_mode & 0o777 == 0o644
    assert [it.name for it in path.parent.iterdir()] == ["file"]


def test_the_last_pairing_code_counts() -> None:
    lines = ["Listening for", "Pairing code: 123 456", "Pairing code: 654 321", "Enter it in"]
    assert pairing_code("\n".join(lines)) == "654 321"
    assert pairing_code("Listening for") is None


@pytest.mark.parametrize("keep_state", [False, True])
def test_uninstalling_leaves_nothing_but_what_is_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, keep_state: bool
) -> None:
    monkeypatch.setattr(systemd, "disable", lambda _: None)
    monkeypatch.setattr(systemd, "reload", lambda: None)
    layout = Layout(tmp_path)
    replace(layout.settings, "")
    replace(layout.program / "a" / "bin" / "indoor-voice", "")
    layout.command.parent.mkdir(parents=True)
    layout.command.symlink_to("/opt/indoor-voice/current/bin/indoor-voice")
    for role in Role:
        replace(layout.unit(role), unit_text(role))
        replace(Path(f"{layout.unit(role)}.d") / "override.conf", "[Service]")
        link, folder = layout.state(role)
        replace(folder / "id.json", "{}")
        link.symlink_to(folder)
    command.remove(layout, keep_state=keep_state)
    left = {path.name for path in tmp_path.rglob("*") if path.is_symlink() or path.is_file()}
    kept = {"indoor-voice.toml", "id.json", *(role.service for role in Role)}
    assert left == (kept if keep_state else set())
    command.remove(layout, keep_state=keep_state)


def test_commands_that_change_the_system_need_root(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    for words in (["set-up", "--role=both", "--yes"], ["update"], ["uninstall", "--yes"]):
        assert cli.main(words) == 1
        assert f"sudo indoor-voice {words[0]}" in capsys.readouterr().err


def test_without_a_service_there_is_no_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["status"]) == 1
    assert "no system service" in capsys.readouterr().err


def test_commands_find_the_state_of_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    own = tmp_path / "indoor-voice" / "satellite"
    service = tmp_path / "service"
    monkeypatch.setattr(state_folder, "service_state_dir", lambda _: service)
    assert state_folder.default_state_dir("satellite") == own
    service.symlink_to(tmp_path / "private")
    assert state_folder.default_state_dir("satellite") == service
    own.mkdir(parents=True)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert state_folder.default_state_dir("satellite") == own
