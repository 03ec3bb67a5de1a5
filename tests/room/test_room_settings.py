from pathlib import Path

import pytest

from indoor_voice.errors import UserError
from indoor_voice.room.settings import Settings


def test_a_choice_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert Settings(folder, ["hey_jarvis"]).wake_words is None
    Settings(folder, ["hey_jarvis"]).choose(["alexa", "hey_marvin"])
    assert Settings(folder, ["hey_jarvis"]).wake_words == ["alexa", "hey_marvin"]


def test_a_new_command_line_ends_the_choice(tmp_path: Path) -> None:
    Settings(tmp_path, ["hey_jarvis"]).choose(["alexa"])
    assert Settings(tmp_path, ["hey_marvin"]).wake_words is None


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'"x"', b"{}", b'{"asked_for": ["a"], "wake_words": 3}', b"\xff"]
)
def test_a_corrupt_file_is_no_choice(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "settings.json").write_bytes(content)
    settings = Settings(tmp_path, ["a"])
    assert settings.wake_words is None
    settings.choose(["b"])
    assert Settings(tmp_path, ["a"]).wake_words == ["b"]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="--state-dir"):
        Settings(tmp_path / "file" / "folder", ["a"]).choose(["b"])
