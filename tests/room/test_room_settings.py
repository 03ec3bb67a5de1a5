"""Saved settings, and who can mute and unmute."""

from pathlib import Path

import pytest

from indoor_voice.errors import UserError
from indoor_voice.room.mute import Mute, MutedOnDeviceError
from indoor_voice.room.settings import Settings, forget_settings

MUTES = [
    Mute(),
    Mute(by_home_assistant=True),
    Mute(on_device=True),
    Mute(by_home_assistant=True, on_device=True),
]


def save_choice(folder: Path, requested: list[str], chosen: list[str]) -> None:
    settings = Settings(folder, requested)
    settings.wake_words = chosen
    settings.save_choices()


def test_a_choice_is_saved(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert Settings(folder, ["hey_jarvis"]).wake_words is None
    save_choice(folder, ["hey_jarvis"], ["alexa", "hey_marvin"])
    assert Settings(folder, ["hey_jarvis"]).wake_words == ["alexa", "hey_marvin"]


def test_a_new_command_line_ends_the_choice_and_not_the_mute(tmp_path: Path) -> None:
    settings = Settings(tmp_path, ["hey_jarvis"])
    settings.wake_words = ["alexa"]
    settings.save_choices()
    settings.save_mute(Mute(on_device=True))
    reloaded = Settings(tmp_path, ["hey_marvin"])
    assert reloaded.wake_words is None
    assert reloaded.mute == Mute(on_device=True)


def test_sensitivities_are_saved_until_the_command_line_changes(tmp_path: Path) -> None:
    settings = Settings(tmp_path, ["alexa"], {"alexa": 0.3})
    assert settings.sensitivities == {"alexa": 0.3}
    settings.sensitivities = {"alexa": 1.0, "hey_jarvis": 0.0}
    settings.wake_words = ["alexa"]
    settings.save_choices()
    assert Settings(tmp_path, ["alexa"], {"alexa": 0.3}).sensitivities == settings.sensitivities
    assert Settings(tmp_path, ["alexa"], {"alexa": 0.6}).sensitivities == {"alexa": 0.6}


@pytest.mark.parametrize("mute", MUTES)
def test_mute_survives_a_restart(tmp_path: Path, mute: Mute) -> None:
    settings = Settings(tmp_path, ["a"])
    settings.save_mute(mute)
    assert Settings(tmp_path, ["a"]).mute == mute
    assert Settings(tmp_path, ["a"]).wake_words is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"{}",
        b'{"asked_for": ["a"], "wake_words": 3}',
        b'{"asked_for": ["b"], "wake_words": [], "sensitivities": {"a": 2}}',
        b'{"asked_for": ["a"], "wake_words": null, "mute": {"on_device": 0}}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_a_corrupt_file_drops_the_choice_and_mutes(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "settings.json").write_bytes(content)
    settings = Settings(tmp_path, ["a"])
    assert settings.wake_words is None
    assert settings.mute == Mute(on_device=True)
    settings.wake_words = ["b"]
    settings.save_choices()
    settings.save_mute(Mute())
    assert Settings(tmp_path, ["a"]).wake_words == ["b"]
    assert Settings(tmp_path, ["a"]).mute == Mute()


def test_an_unwritable_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="--state-dir"):
        save_choice(tmp_path / "file" / "folder", ["a"], ["b"])


def test_a_reset_forgets(tmp_path: Path) -> None:
    save_choice(tmp_path, ["a"], ["b"])
    forget_settings(tmp_path)
    forget_settings(tmp_path)
    assert Settings(tmp_path, ["a"]).wake_words is None


@pytest.mark.parametrize("mute", MUTES)
@pytest.mark.parametrize("muted", [True, False])
def test_a_change_at_the_device_always_wins(mute: Mute, *, muted: bool) -> None:
    assert mute.with_device(muted).muted is muted
    assert mute.with_device(muted).on_device is muted


@pytest.mark.parametrize("mute", MUTES)
def test_home_assistant_unmutes_what_it_muted_and_nothing_else(mute: Mute) -> None:
    assert mute.with_home_assistant(True).muted
    assert mute.with_home_assistant(True).on_device is mute.on_device
    if mute.on_device:
        with pytest.raises(MutedOnDeviceError):
            mute.with_home_assistant(False)
    else:
        assert not mute.with_home_assistant(False).muted
