"""Mute is never lost: whatever happens to the folder, and at whatever step the power goes."""

import itertools
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from indoor_voice.room import kept_mute
from indoor_voice.room.kept_mute import keep_mute, load_mute, read_mute
from indoor_voice.room.mute import Mute
from indoor_voice.room.settings import Settings

MUTES = [
    Mute(),
    Mute(by_home_assistant=True),
    Mute(on_device=True),
    Mute(by_home_assistant=True, on_device=True),
]
UNKNOWN = Mute(on_device=True)


def open_and_used(folder: Path) -> Path:
    assert load_mute(folder) == Mute()
    (folder / "id").write_text("0" * 32)
    return folder


def test_in_a_new_folder_the_microphone_is_open_and_stays_so(tmp_path: Path) -> None:
    folder = open_and_used(tmp_path / "new")
    assert load_mute(folder) == Mute()


def test_to_look_changes_nothing(tmp_path: Path) -> None:
    assert read_mute(tmp_path) == Mute()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mute", MUTES)
def test_whatever_is_removed_it_is_not_more_open_than_before(tmp_path: Path, mute: Mute) -> None:
    folder = open_and_used(tmp_path)
    keep_mute(folder, mute)
    for path in list(folder.iterdir()):
        kept = path.read_bytes()
        path.unlink()
        assert load_mute(folder).muted or not mute.muted
        path.write_bytes(kept)


@pytest.mark.parametrize("mute", MUTES)
def test_whatever_is_overwritten_it_is_as_muted_as_before(tmp_path: Path, mute: Mute) -> None:
    folder = open_and_used(tmp_path)
    keep_mute(folder, mute)
    for path in folder.iterdir():
        path.write_bytes(b"\0\xff" * 700)
    assert Settings(folder, ["a"]).mute == mute


def test_a_mute_that_is_missing_is_muted_with_a_notice(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = open_and_used(tmp_path)
    (folder / "microphone-open").unlink()
    assert load_mute(folder) == UNKNOWN
    assert "so it is muted" in caplog.text
    keep_mute(folder, Mute())
    assert load_mute(folder) == Mute()


def test_two_that_contradict_each_other_are_muted(tmp_path: Path) -> None:
    folder = open_and_used(tmp_path)
    (folder / "muted-by-home-assistant").touch()
    assert load_mute(folder) == UNKNOWN
    keep_mute(folder, Mute(by_home_assistant=True))
    assert load_mute(folder) == Mute(by_home_assistant=True)


def test_an_unreadable_folder_is_muted(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert load_mute(tmp_path / "file") == UNKNOWN


def test_an_unmute_that_does_not_reach_the_disk_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = open_and_used(tmp_path)
    keep_mute(folder, Mute(on_device=True))

    def fail(_: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(kept_mute, "sync", fail)
    with pytest.raises(OSError, match="Input/output"):
        keep_mute(folder, Mute())
    assert load_mute(folder).muted


_KILLED = """
import os, signal, sys
from pathlib import Path
from indoor_voice.room.kept_mute import keep_mute
from indoor_voice.room.mute import Mute

left = int(sys.argv[2])

def deadly(call):
    def step(*arguments, **keywords):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **keywords)
    return step

for name in ("open", "close", "fsync", "rename", "unlink"):
    setattr(os, name, deadly(getattr(os, name)))
keep_mute(Path(sys.argv[1]), Mute(by_home_assistant=sys.argv[3] == "True",
                                  on_device=sys.argv[4] == "True"))
"""


def keep_and_die(folder: Path, mute: Mute, steps: int) -> bool:
    """Keep it in another process that is killed after some steps; tell whether it was."""
    process = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", _KILLED, str(folder), str(steps),
         str(mute.by_home_assistant), str(mute.on_device)],
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert process.returncode in (0, -signal.SIGKILL)
    return process.returncode != 0


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize(("before", "after"), [(0, 2), (2, 0), (1, 3), (3, 0), (0, 1)])
def test_killed_at_any_step_it_is_as_before_or_as_wanted(
    tmp_path: Path, before: int, after: int, *, lost: bool
) -> None:
    for steps in itertools.count():
        folder = open_and_used(tmp_path / str(steps))
        keep_mute(folder, MUTES[before])
        if lost:
            for mute in MUTES:
                (folder / kept_mute._NAMES[mute]).unlink(missing_ok=True)
        was = UNKNOWN if lost else MUTES[before]
        killed = keep_and_die(folder, MUTES[after], steps)
        assert load_mute(folder) in ((was, MUTES[after]) if killed else (MUTES[after],))
        if not killed:
            break
