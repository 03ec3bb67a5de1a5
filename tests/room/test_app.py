"""A satellite or speech server as an app of Home Assistant OS: its configuration and its user."""

import argparse
import json
import os
import pwd
import sys
from pathlib import Path
from typing import Any

import pytest

from indoor_voice import cli
from indoor_voice.configuration import configure
from indoor_voice.errors import UserError
from indoor_voice.service import app
from indoor_voice.service.layout import Role


def configured(role: Role, options: dict[str, Any], patch: pytest.MonkeyPatch) -> Any:
    for name, value in app.variables_of(role, options).items():
        patch.setenv(name, value)
    arguments = cli.make_parser().parse_args([role])
    configure(arguments, [])
    return arguments


def test_the_configuration_sets_what_options_set(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"area": "Living room", "wake_word": ["alexa", "okay_nabu"], "no_cues": True,
               "microphone_gain": -3.5, "verbose": False}  # fmt: skip
    arguments = configured(Role.SATELLITE, options, monkeypatch)
    assert arguments.area == "Living room"
    assert arguments.wake_word == ["alexa", "okay_nabu"]
    assert arguments.no_cues
    assert not arguments.verbose
    assert arguments.microphone_gain_db == pytest.approx(-3.5)
    speech = configured(Role.SPEECH, {"language": "de", "beam_size": 1}, monkeypatch)
    assert (speech.language, speech.beam_size) == ("de", 1)


def test_what_is_empty_counts_as_not_set() -> None:
    assert app.variables_of(Role.SPEECH, {"model": "", "voice": [], "threads": None}) == {}


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_configuration_that_cannot_be_read_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "options.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UserError, match=r"options\.json"):
        app.read_options(path)


class Process:
    """Records what the process would change in itself, in order."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.calls: list[tuple[Any, ...]] = []
        own = pwd.getpwuid(os.getuid())
        patch.setattr(pwd, "getpwnam", lambda name: {app.USER: own}[name])
        for name in ("chown", "initgroups", "setgid", "setuid", "execve"):
            patch.setattr(os, name, lambda *given, name=name: self.calls.append((name, *given)))


def test_it_gives_up_root_before_it_becomes_the_speech_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "options.json").write_text(json.dumps({"language": "de"}))
    monkeypatch.setattr(app, "DATA", tmp_path)
    monkeypatch.setattr(sys, "argv", ["/opt/indoor-voice/bin/indoor-voice", "app", "speech"])
    process = Process(monkeypatch)
    app.run(argparse.Namespace(role=Role.SPEECH))
    names = [name for name, *_ in process.calls]
    assert names == ["chown", "chown", "initgroups", "setgid", "setuid", "execve"]
    _, program, words, environment = process.calls[-1]
    assert program == "/opt/indoor-voice/bin/indoor-voice"
    folders = [f"--state-dir={tmp_path}/state", f"--data-dir={tmp_path}/models"]
    assert words == [program, "speech", *folders]
    assert environment["INDOOR_VOICE_SPEECH_LANGUAGE"] == "de"
    assert environment["HOME"] == f"{tmp_path}/state"
    for folder in ("state", "models"):
        assert (tmp_path / folder).stat().st_mode & 0o777 == 0o700
    cli.make_parser().parse_args(words[1:])


def test_outside_a_container_it_says_where_it_belongs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "options.json").write_text("{}")
    monkeypatch.setattr(app, "DATA", tmp_path)
    monkeypatch.setattr(app, "USER", "nobody-of-this-name")
    with pytest.raises(UserError, match="as root in the app's container"):
        app.run(argparse.Namespace(role=Role.SATELLITE))
