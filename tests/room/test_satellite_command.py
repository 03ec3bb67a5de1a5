"""What `indoor-voice satellite` says to who starts it."""

import argparse
from pathlib import Path

import pytest

from indoor_voice.errors import UserError
from indoor_voice.room import command


def parse(*argv: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers(required=True))
    return parser.parse_args(["satellite", *argv])


def test_the_defaults_need_no_option() -> None:
    arguments = parse()
    assert (arguments.host, arguments.port) == ("0.0.0.0", 10700)
    assert arguments.run is command.run
    assert arguments.name


@pytest.mark.parametrize("option", ["--threshold", "--cue-volume"])
@pytest.mark.parametrize("value", ["2", "-0.1", "loud", "nan"])
def test_a_share_is_between_0_and_1(
    option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(f"{option}={value}")
    assert option in capsys.readouterr().err


def test_wake_words_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = parse("--list-wake-words")
    arguments.run(arguments)
    assert 'hey_jarvis: "hey jarvis"' in capsys.readouterr().out.splitlines()


def test_an_unknown_wake_word_is_an_error_that_helps(tmp_path: Path) -> None:
    arguments = parse("--wake-word", "open_sesame", "--state-dir", str(tmp_path))
    with pytest.raises(UserError, match="hey_jarvis"):
        arguments.run(arguments)
