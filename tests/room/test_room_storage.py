"""That the microphone is closed outlasts what happens to the folder while the satellite runs."""

import shutil
from pathlib import Path

import pytest

from indoor_voice.errors import UserError
from indoor_voice.room import storage as module
from indoor_voice.room.kept_mute import read_mute
from indoor_voice.room.mute import Mute
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
    settings.keep_mute(MUTED)
    return settings


def lose(folder: Path, what: str) -> None:
    if what == "folder":
        shutil.rmtree(folder)
    else:
        next(folder.glob("muted*")).unlink()


@pytest.mark.parametrize("lost", ["folder", "file"])
async def test_a_mute_that_somebody_removed_is_kept_again(
    settings: Settings, folder: Path, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.05)
    async with Storage(settings, lambda: None):
        lose(folder, lost)
        assert not read_mute(folder).muted
        await until(lambda: read_mute(folder) == MUTED, seconds=20)


def test_to_mute_again_keeps_what_somebody_removed(settings: Settings, folder: Path) -> None:
    shutil.rmtree(folder)
    settings.keep_mute(MUTED)
    assert read_mute(folder) == MUTED


def test_where_a_file_took_the_place_of_the_folder_nothing_opens(
    settings: Settings, folder: Path
) -> None:
    shutil.rmtree(folder)
    folder.write_text("in the way")
    assert read_mute(folder).muted
    with pytest.raises(UserError):
        settings.keep_mute(Mute())
    assert settings.mute == MUTED
