"""A mute is never lost, whatever happens to the folder and whenever the power fails."""

import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from indoor_voice.room import mute_file
from indoor_voice.room.mute import Mute
from indoor_voice.room.mute_file import load_mute, read_mute, save_mute
from indoor_voice.room.settings import Settings

MUTES = [
    Mute(),
    Mute(by_home_assistant=True),
    Mute(on_device=True),
    Mute(by_home_assistant=True, on_device=True),
]
UNKNOWN = Mute(on_device=True)


def used_unmuted_folder(folder: Path) -> Path:
    assert load_mute(folder) == Mute()
    (folder / "id").write_text("0" * 32)
    return folder


def test_in_a_new_folder_the_microphone_is_open_and_stays_so(tmp_path: Path) -> None:
    folder = used_unmuted_folder(tmp_path / "new")
    assert load_mute(folder) == Mute()


def test_reading_changes_nothing(tmp_path: Path) -> None:
    assert read_mute(tmp_path) == Mute()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mute", MUTES)
def test_removing_any_file_never_unmutes(tmp_path: Path, mute: Mute) -> None:
    folder = used_unmuted_folder(tmp_path)
    save_mute(folder, mute)
    for path in list(folder.iterdir()):
        content = path.read_bytes()
        path.unlink()
        assert load_mute(folder).muted or not mute.muted
        path.write_bytes(content)


@pytest.mark.parametrize("mute", MUTES)
def test_overwriting_files_does_not_change_the_mute(tmp_path: Path, mute: Mute) -> None:
    folder = used_unmuted_folder(tmp_path)
    save_mute(folder, mute)
    for path in folder.iterdir():
        path.write_bytes(b"\0\xff" * 700)
    assert Settings(folder, ["a"]).mute == mute


def test_a_missing_file_mutes_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = used_unmuted_folder(tmp_path)
    (folder / "microphone-open").unlink()
    assert load_mute(folder) == UNKNOWN
    assert "so it is muted" in caplog.text
    save_mute(folder, Mute())
    assert load_mute(folder) == Mute()


def test_contradicting_files_mute(tmp_path: Path) -> None:
    folder = used_unmuted_folder(tmp_path)
    (folder / "muted-by-home-assistant").touch()
    assert load_mute(folder) == UNKNOWN
    save_mute(folder, Mute(by_home_assistant=True))
    assert load_mute(folder) == Mute(by_home_assistant=True)


def test_an_unreadable_folder_mutes(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert load_mute(tmp_path / "file") == UNKNOWN


def test_an_unmute_that_does_not_reach_the_disk_is_reverted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = used_unmuted_folder(tmp_path)
    save_mute(folder, Mute(on_device=True))

    def fail(_: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(mute_file, "sync", fail)
    with pytest.raises(OSError, match="Input/output"):
        save_mute(folder, Mute())
    assert load_mute(folder).muted


_KILLED_PROGRAM = """
import os, signal, sys
from pathlib import Path
from indoor_voice.room.mute_file import save_mute
from indoor_voice.room.mute import Mute

remaining = int(sys.argv[2])

def deadly(call):
    def step(*arguments, **keywords):
        global remaining
        remaining -= 1
        if remaining < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **keywords)
    return step

for name in ("open", "close", "fsync", "rename", "unlink"):
    setattr(os, name, deadly(getattr(os, name)))
save_mute(Path(sys.argv[1]), Mute(by_home_assistant=sys.argv[3] == "True",
                                  on_device=sys.argv[4] == "True"))
"""


def save_and_die(folder: Path, mute: Mute, steps: int) -> bool:
    """Save it in a process that is killed after some system calls; return whether it was killed."""
    process = subprocess.run(  # noqa: S603 - fixed command
        [sys.executable, "-c", _KILLED_PROGRAM, str(folder), str(steps),
         str(mute.by_home_assistant), str(mute.on_device)],
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert process.returncode in (0, -signal.SIGKILL)
    return process.returncode != 0


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize(("before", "after"), [(0, 2), (2, 0), (1, 3), (3, 0), (0, 1)])
def test_after_a_kill_at_any_step_the_mute_is_the_previous_or_the_new_one(
    tmp_path: Path, before: int, after: int, *, lost: bool
) -> None:
    for steps in itertools.count():
        folder = used_unmuted_folder(tmp_path / str(steps))
        save_mute(folder, MUTES[before])
        if lost:
            for mute in MUTES:
                (folder / mute_file.FILE_NAMES[mute]).unlink(missing_ok=True)
        previous = UNKNOWN if lost else MUTES[before]
        killed = save_and_die(folder, MUTES[after], steps)
        assert load_mute(folder) in ((previous, MUTES[after]) if killed else (MUTES[after],))
        if not killed:
            break
