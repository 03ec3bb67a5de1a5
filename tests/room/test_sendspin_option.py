"""The option --sendspin: what it accepts, what it needs, and what it keeps."""

import asyncio
import stat
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from indoor_voice import cli
from indoor_voice.errors import UserError
from indoor_voice.room.music import sendspin
from indoor_voice.room.music.sendspin import sendspin_speaker, shown_name
from indoor_voice.room.music.sendspin.address import server_url
from indoor_voice.room.music.sendspin.state import SendspinState, forget_sendspin
from tests.room.room_parts import FakeLoudspeaker


class Version(NamedTuple):
    major: int
    minor: int


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("192.168.1.20", "ws://192.168.1.20:8927/sendspin"),
        ("music.local:9000", "ws://music.local:9000/sendspin"),
        ("[fd00::1]", "ws://[fd00::1]:8927/sendspin"),
        ("wss://music.example/other", "wss://music.example:8927/other"),
    ],
)
def test_an_address_becomes_a_url(address: str, url: str) -> None:
    assert server_url(address) == url


@pytest.mark.parametrize(
    "address", ["", "http://music.local", "user:word@music.local", "music.local:99999", "a b"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        server_url(address)


def test_the_command_line_says_what_it_takes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["satellite", "--sendspin", "http://music.local"])
    assert "neither off nor auto nor an address" in capsys.readouterr().err


def test_an_old_python_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", Version(3, 11))
    with pytest.raises(UserError, match=r"needs Python 3.12 or newer, and this is Python 3.11"):
        sendspin_speaker(
            "auto", name="", state_dir=tmp_path, music=None, loudspeaker=FakeLoudspeaker()
        )


def test_a_missing_extra_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", Version(3, 14))
    monkeypatch.setattr(sendspin, "find_spec", lambda _: None)
    with pytest.raises(UserError, match=r"indoor-voice\[music\]"):
        sendspin_speaker(
            "auto", name="", state_dir=tmp_path, music=None, loudspeaker=FakeLoudspeaker()
        )


def test_nothing_is_needed_for_what_is_off(tmp_path: Path) -> None:
    assert (
        sendspin_speaker(
            "off", name="", state_dir=tmp_path, music=None, loudspeaker=FakeLoudspeaker()
        )
        is None
    )
    assert not list(tmp_path.iterdir())


def test_the_player_is_named_after_its_room() -> None:
    assert shown_name("Satellite", "Kitchen") == "Kitchen Satellite"
    assert shown_name("Kitchen speaker", None) == "Kitchen speaker"


def test_the_key_is_kept_for_its_owner_only_and_forgotten(tmp_path: Path) -> None:
    key = SendspinState(tmp_path).key
    assert SendspinState(tmp_path).key == key
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    forget_sendspin(tmp_path)
    assert SendspinState(tmp_path).key != key


@pytest.mark.parametrize("content", ["", "[]", '{"key": "AAAA", "output_delay_ms": 0}', "{}"])
def test_a_damaged_key_is_not_replaced(tmp_path: Path, content: str) -> None:
    (tmp_path / "sendspin.json").write_text(content, encoding="ascii")
    with pytest.raises(UserError, match=r"sendspin\.json is damaged"):
        SendspinState(tmp_path)
    assert (tmp_path / "sendspin.json").read_text(encoding="ascii") == content


async def test_a_server_that_announces_itself_is_found() -> None:
    process = await asyncio.create_subprocess_exec(
        "unshare", "--net", "--map-root-user",
        sys.executable, "-m", "tests.room.announced_sendspin",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
