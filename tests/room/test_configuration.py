"""Settings from a file and from variables, and what is said about wrong ones."""

import argparse
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from indoor_voice import cli
from indoor_voice.configuration import changed, configure
from indoor_voice.errors import UserError
from indoor_voice.service.settings_file import example_text

Settings = Callable[..., argparse.Namespace]


@pytest.fixture
def read(tmp_path: Path) -> Settings:
    def read(content: str, *typed: str, command: str = "satellite") -> argparse.Namespace:
        path = tmp_path / "indoor-voice.toml"
        path.write_text(content)
        words = [f"--config={path}", *typed]
        arguments = cli.make_parser().parse_args([command, *words])
        configure(arguments, words)
        return arguments

    return read


def test_the_file_sets_what_options_set(read: Settings) -> None:
    arguments = read(
        """
        [speech]
        language = "de"
        [satellite]
        area = "Kitchen"
        port = 10800
        volume = 0.5
        no-cues = true
        wake-word = ["alexa", "hey_jarvis"]
        state-dir = "/tmp/state"
        """
    )
    assert (arguments.area, arguments.port, arguments.volume) == ("Kitchen", 10800, 0.5)
    assert arguments.no_cues
    assert arguments.wake_word == ["alexa", "hey_jarvis"]
    assert arguments.state_dir == Path("/tmp/state")  # noqa: S108 - nothing is written there
    assert arguments.name == "Satellite"


def test_what_is_typed_comes_before_variables_and_these_before_the_file(
    read: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = '[satellite]\narea = "file"\nname = "file"\nport = 1\nwake-word = "alexa"\n'
    monkeypatch.setenv("INDOOR_VOICE_SATELLITE_NAME", "variable")
    monkeypatch.setenv("INDOOR_VOICE_SATELLITE_AREA", "variable")
    monkeypatch.setenv("INDOOR_VOICE_SATELLITE_NO_CUES", "true")
    monkeypatch.setenv("INDOOR_VOICE_SPEECH_PORT", "2")
    arguments = read(content, "--area", "typed", "--wake-word=okay_nabu")
    assert (arguments.area, arguments.name, arguments.port) == ("typed", "variable", 1)
    assert arguments.wake_word == ["okay_nabu"]
    assert arguments.no_cues


def test_a_default_that_is_typed_counts_as_typed(read: Settings) -> None:
    assert read("[satellite]\nport = 1\n", "--port=10700").port == 10700


def test_the_doctor_uses_the_sound_devices_of_the_satellite(read: Settings) -> None:
    content = '[satellite]\nmicrophone = "USB"\nwake-word = ["alexa"]\narea = "Kitchen"\n'
    arguments = read(content, command="doctor")
    assert arguments.microphone == "USB"
    assert arguments.wake_word == "hey_jarvis"


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("[satellite]\n\nvolume = 7", 3, "volume can't be '7'"),
        ("[speech]\nport = 1\n\n[satellite]\nport = 99999", 5, "port can't be '99999': must be"),
        ('[satellite]\nled-pin = "two"', 2, "led-pin can't be 'two': it must be a number"),
        ('[satellite]\nstop-word = "maybe"', 2, "can't be 'maybe', only off, on"),
        ('[satellite]\nno-cues = "yes"', 2, "no-cues must be true or false"),
        ("[satellite]\narea = true", 2, "area must be text or a number"),
        ('[satellite]\narea = ["a", "b"]', 2, "area must be a single value"),
        ("[satellite]\n# volumne = 1\nvolumne = 1", 3, "volumne is no setting of [satellite]"),
        ("[satellite]\nreset = true", 2, "reset is no setting"),
        ("[satellite]\nvolume == 1", 2, "Cannot read"),
    ],
)
def test_a_wrong_value_is_named_with_its_line(
    read: Settings, content: str, line: int, said: str
) -> None:
    with pytest.raises(UserError) as caught:
        read(content)
    assert f"line {line}" in str(caught.value)
    assert said in str(caught.value)


def test_an_unknown_table_is_named(read: Settings) -> None:
    with pytest.raises(UserError, match=r"\[satelite\] is unknown"):
        read("[satelite]\nvolume = 1")


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none.toml"
    assert cli.main(["satellite", "--list-wake-words", "--config", str(path)]) == 1
    assert f"Cannot read the settings in {path}: No such file" in capsys.readouterr().err


def test_a_wrong_variable_is_named(read: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INDOOR_VOICE_SATELLITE_VOLUME", "loud")
    with pytest.raises(UserError, match="INDOOR_VOICE_SATELLITE_VOLUME can't be 'loud'"):
        read("")


def test_a_wrong_file_is_an_error_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[satellite]\nvolume = 7\n")
    monkeypatch.setenv("INDOOR_VOICE_CONFIG", str(path))
    assert cli.main(["satellite", "--list-wake-words"]) == 1
    assert f"{path}, line 2: volume" in capsys.readouterr().err


def test_the_example_has_every_setting_and_sets_only_what_was_chosen(read: Settings) -> None:
    text = example_text({"satellite": {"area": "Kitchen"}})
    assert tomllib.loads(text) == {"satellite": {"area": "Kitchen"}, "speech": {}}
    assert read(text).area == "Kitchen"
    assert "# volume = " in text
    assert "# length-scale = 1.0" in text
    assert "reset" not in [line.split(" = ")[0].lstrip("# ") for line in text.splitlines()]


def test_a_setting_is_changed_where_it_stands() -> None:
    text = example_text({"satellite": {"area": "Kitchen"}})
    changed_text = changed(changed(text, "satellite", "area", "Bath"), "speech", "language", "de")
    assert tomllib.loads(changed_text) == {
        "satellite": {"area": "Bath"},
        "speech": {"language": "de"},
    }
    assert len(changed_text.splitlines()) == len(text.splitlines())
    awkward = 'Anna\'s "den" \\ äö'
    assert tomllib.loads(changed("", "satellite", "area", awkward)) == {
        "satellite": {"area": awkward}
    }
    assert tomllib.loads(changed("[satellite]\n[speech]", "satellite", "area", "Bath")) == {
        "satellite": {"area": "Bath"},
        "speech": {},
    }
