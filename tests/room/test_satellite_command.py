"""The options and error messages of `indoor-voice satellite`."""

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from indoor_voice.errors import UserError
from indoor_voice.link.pairing.identity import DeviceKind, load_identity
from indoor_voice.link.pairing.trust import Trust
from indoor_voice.options import is_protected
from indoor_voice.room import command
from indoor_voice.room.mute import Mute
from indoor_voice.room.settings import Settings


def parse(*argv: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers(required=True))
    return parser.parse_args(["satellite", *argv])


def test_the_defaults_need_no_option() -> None:
    arguments = parse()
    assert (arguments.host, arguments.port) == ("", 10700)
    assert arguments.run is command.run
    assert arguments.name


@pytest.mark.parametrize("option", ["--cue-volume"])
@pytest.mark.parametrize("value", ["2", "-0.1", "loud", "nan"])
def test_a_fraction_is_between_0_and_1(
    option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(f"{option}={value}")
    assert option in capsys.readouterr().err


@pytest.mark.parametrize("value", ["-1", "65536", "99999", "ssh"])
def test_a_port_is_valid(value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(f"--port={value}")
    assert "--port" in capsys.readouterr().err


def test_defining_the_options_of_all_commands_loads_nothing_heavy() -> None:
    code = (
        "import sys; from indoor_voice import cli; cli.make_parser();"
        "assert not {'cryptography', 'nacl', 'numpy', 'onnxruntime', 'zeroconf'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603 - fixed command


def test_wake_words_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = parse("--list-wake-words")
    arguments.run(arguments)
    assert 'hey_jarvis: "hey jarvis"' in capsys.readouterr().out.splitlines()


def test_an_unknown_wake_word_is_an_error_that_helps(tmp_path: Path) -> None:
    arguments = parse("--wake-word", "open_sesame", "--state-dir", str(tmp_path))
    with pytest.raises(UserError, match="hey_jarvis"):
        arguments.run(arguments)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_plain_wyoming_on_loopback_is_a_choice(host: str) -> None:
    assert is_protected(parse(f"--host={host}"))
    assert not is_protected(parse(f"--host={host}", "--insecure-wyoming"))


def test_plain_wyoming_for_the_network_must_be_named_again(tmp_path: Path) -> None:
    arguments = parse("--insecure-wyoming", f"--state-dir={tmp_path}")
    with pytest.raises(UserError, match="--insecure-wyoming-on-my-network"):
        arguments.run(arguments)
    assert not is_protected(parse("--insecure-wyoming-on-my-network"))
    assert is_protected(parse())


def test_a_reset_deletes_everything_and_names_the_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = load_identity(tmp_path, DeviceKind.SATELLITE).id
    trust = Trust.load(tmp_path)
    trust.accept(trust.certificate)
    settings = Settings(tmp_path, ["alexa"])
    settings.mute = Mute(on_device=True)
    settings.save_choices()
    (tmp_path / "music.json").touch()
    arguments = parse("--reset", f"--state-dir={tmp_path}")
    arguments.run(arguments)
    assert str(tmp_path) in capsys.readouterr().out
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert not Settings(tmp_path, ["alexa"]).mute.muted
    assert not Trust.load(tmp_path).paired
    assert Trust.load(tmp_path).certificate != trust.certificate
    assert load_identity(tmp_path, DeviceKind.SATELLITE).id != first


def test_a_reset_of_nothing_is_no_error(tmp_path: Path) -> None:
    arguments = parse("--reset", f"--state-dir={tmp_path / 'never'}")
    arguments.run(arguments)
    assert not (tmp_path / "never").exists()
