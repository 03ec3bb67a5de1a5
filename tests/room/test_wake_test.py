"""`indoor-voice wake-test`, with real models and speech from Piper."""

import json
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from indoor_voice.cli import main
from indoor_voice.room.sound.pcm import RATE, Samples
from indoor_voice.room.sound.wake_models import built_in_models, model_folder
from indoor_voice.room.sound.wake_rules import rules_of

Say = Callable[[str], Samples]


def write(path: Path, sound: Samples, rate: int = RATE) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(sound.tobytes())


@pytest.fixture
def folder(tmp_path: Path, say: Say) -> Path:
    write(tmp_path / "alexa" / "1.wav", say("Alexa!"))
    write(tmp_path / "alexa" / "2.wav", say("Good morning."))
    write(tmp_path / "lexus" / "1.wav", say("A Lexus."))
    write(tmp_path / "speech" / "1.wav", say("What time is it?"))
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, list[str]]:
    """Return the columns of each line, by its label."""
    lines = capsys.readouterr().out.splitlines()
    return {line[:24].strip(): line[24:].split("  ") for line in lines}


def cells(table: dict[str, list[str]], label: str) -> list[str]:
    return [cell.strip() for cell in table[label] if cell.strip()]


def test_it_counts_what_is_found_and_what_else_is_accepted(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["wake-test", str(folder), "--quick"]) == 0
    table = printed(capsys)
    assert cells(table, "alexa") == ["slight", "default", "strong"]
    assert cells(table, "found, quiet") == ["1 of 2"] * 3
    assert cells(table, '"lexus"')[1:] == ["1 of 1", "1 of 1"]
    assert '"speech"' not in table
    assert float(cells(table, "CPU-seconds per second")[0]) > 0


def test_every_condition_is_tried(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wake-test", str(folder), "--wake-word=alexa"]) == 0
    table = printed(capsys)
    conditions = [label for label in table if label.startswith("found")]
    assert len(conditions) == 8
    assert cells(table, "found, soft")[2] == "1 of 2"


def test_a_manifest_says_what_is_spoken(
    tmp_path: Path, say: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "a.wav", say("Hey Marvin!"), rate=RATE)
    rows = [{"path": "a.wav", "says": "Hey, Marvin!"}]
    (tmp_path / "manifest.json").write_text(json.dumps(rows))
    assert main(["wake-test", str(tmp_path), "--quick"]) == 0
    assert cells(printed(capsys), "found, quiet") == ["1 of 1"] * 3


def test_a_model_of_the_user_may_have_another_name(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own_v1.onnx"
    own.write_bytes((model_folder() / "alexa_v0.1.onnx").read_bytes())
    assert main(["wake-test", str(folder), f"--wake-word={own}", "--says=Alexa", "--quick"]) == 0
    assert cells(printed(capsys), "found, quiet") == ["1 of 2"] * 3


def test_what_cannot_be_read_is_named_and_left_out(
    folder: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "alexa" / "3.wav").write_bytes(b"no sound")
    write(folder / "alexa" / "4.wav", np.zeros((10,), np.int16))
    assert main(["wake-test", str(folder), "--quick"]) == 0
    assert cells(printed(capsys), "found, quiet") == ["1 of 2"] * 3
    assert "3.wav" in caplog.text
    assert "4.wav" in caplog.text


def test_a_cut_model_is_named_and_the_others_are_measured(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "cut.onnx"
    cut.write_bytes((model_folder() / "alexa_v0.1.onnx").read_bytes()[:1000])
    arguments = ["--quick", f"--wake-word={cut}", "--wake-word=alexa"]
    assert main(["wake-test", str(folder), *arguments]) == 1
    result = capsys.readouterr()
    assert "1 of 2" in result.out
    assert "cut.onnx" in result.err
    assert "copy or download it again" in result.err


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "There is no sound"),
        ({"alexa/1.wav": b""}, "None of the 1 files"),
        ({"manifest.json": b"{"}, "Cannot read"),
        ({"manifest.json": b'{"path": 1}'}, "manifest.json"),
        ({"manifest.json": b'[{"path": "../none.wav", "says": "alexa"}]'}, "None of the 1 files"),
    ],
)
def test_a_folder_without_sound_is_explained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], files: dict[str, bytes], message: str
) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    assert main(["wake-test", str(tmp_path), "--quick"]) == 1
    assert message in capsys.readouterr().err


def test_a_missing_folder_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wake-test", str(tmp_path / "none")]) == 1
    assert "no folder" in capsys.readouterr().err


def test_the_rules_stand_for_every_built_in_wake_word() -> None:
    """And a higher sensitivity accepts whatever a lower one does."""
    scores = [it / 50 for it in range(51)]
    for model in built_in_models().values():
        rules = [rules_of(model).rule(number) for number in (0, 0.25, 0.5, 0.75, 1)]
        for micro in scores if model.micro else [0.0]:
            for opened in scores if model.open else [0.0]:
                accepted = [rule.accepts(micro, opened) for rule in rules]
                assert accepted == sorted(accepted), (model.name, micro, opened)
