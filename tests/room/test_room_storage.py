"""A mute survives changes to the state folder while the satellite is running."""

import shutil
from pathlib import Path

import pytest

from indoor_voice.errors import UserError
from indoor_voice.room import storage as module
from indoor_voice.room.mute import Mute
from indoor_voice.room.mute_file import read_mute
from indoor_voice.room.settings import Settings
from indoor_voice.room.storage import Storage
from tests.waiting import until

MUTED = Mute(on_device=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def settings(folder: Path) -> Settings:
    settings = Settings(folder, ["a"])
    settings.save_mute(MUTED)
    return settings


def delete(folder: Path, target: str) -> None:
    if target == "folder":
        shutil.rmtree(folder)
    else:
        next(folder.glob("muted*")).unlink()


@pytest.mark.parametrize("target", ["folder", "file"])
async def test_a_deleted_mute_is_saved_again(
    settings: Settings, folder: Path, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.05)
    async with Storage(settings, lambda: None):
        delete(folder, target)
        assert not read_mute(folder).muted
        await until(lambda: read_mute(folder) == MUTED, seconds=20)


def test_muting_again_restores_a_deleted_mute(settings: Settings, folder: Path) -> None:
    shutil.rmtree(folder)
    settings.save_mute(MUTED)
    assert read_mute(folder) == MUTED


def test_a_file_in_place_of_the_folder_counts_as_muted(settings: Settings, folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("in the way")
    assert read_mute(folder).muted
    with pytest.raises(UserError):
        settings.save_mute(Mute())
    assert settings.mute == MUTED
