"""Findings of the doctor; tests/satellite/test_doctor.py runs it with real sound."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indoor_voice import cli
from indoor_voice.errors import UserError
from indoor_voice.link.pairing.trust import Trust
from indoor_voice.room.doctor.finding import Finding, Outcome
from indoor_voice.room.doctor.hearing import judge_level
from indoor_voice.room.doctor.surroundings import (
    check_clock,
    check_lamps,
    check_network,
    check_pairing,
    check_speech,
    check_storage,
)
from indoor_voice.room.mute import Mute
from indoor_voice.room.mute_file import save_mute

FACTS: dict[str, Any] = {
    "port": 10700,
    "muted": False,
    "connected": True,
    "protected": True,
    "paired": True,
    "locked": False,
    "code": None,
}


def noise(level: float) -> np.ndarray[Any, np.dtype[np.int16]]:
    sound = np.random.default_rng(0).normal(0, level, 32_000)
    return np.clip(sound, -32768, 32767).astype(np.int16)


@pytest.mark.parametrize(
    ("level", "outcome", "seen"),
    [
        (0, Outcome.FAIL, "only silence"),
        (2, Outcome.FAIL, "too quiet"),
        (100, Outcome.PASS, "level -50 dBFS"),
        (3_000, Outcome.PASS, "level -21 dBFS"),
        (30_000, Outcome.FAIL, "overdriven"),
    ],
)
def test_the_level_of_the_microphone(level: int, outcome: Outcome, seen: str) -> None:
    finding = judge_level(noise(level), "USB microphone")
    assert finding.outcome is outcome
    assert seen in finding.seen
    assert finding.advice.endswith((".", "--microphone.")) or outcome is Outcome.PASS


def test_a_clock_that_was_never_set() -> None:
    assert check_clock(1_000.0).outcome is Outcome.FAIL
    assert check_clock(1_800_000_000.0).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("facts", "outcome", "seen"),
    [
        ({}, Outcome.PASS, "connected"),
        ({"connected": False}, Outcome.FAIL, "not connected"),
        ({"paired": False, "code": "492173"}, Outcome.FAIL, "492 173"),
        ({"paired": False, "code": "492173", "locked": True}, Outcome.FAIL, "locked"),
        ({"protected": False, "paired": False}, Outcome.SKIP, "unprotected"),
    ],
)
def test_pairing_of_a_running_satellite(
    facts: dict[str, Any], outcome: Outcome, seen: str, tmp_path: Path
) -> None:
    finding = check_pairing(FACTS | facts, tmp_path)
    assert finding.outcome is outcome
    assert seen in finding.seen


def test_pairing_of_a_stopped_satellite(tmp_path: Path) -> None:
    assert "no satellite has run" in check_pairing(None, tmp_path / "never").seen
    assert not (tmp_path / "never").exists()
    trust = Trust.load(tmp_path)
    assert "not paired yet" in check_pairing(None, tmp_path).seen
    trust.accept(trust.certificate)
    assert check_pairing(None, tmp_path).seen.endswith("; paired")
    (tmp_path / "link" / "own.pem").write_text("damaged")
    assert check_pairing(None, tmp_path).outcome is Outcome.FAIL


def test_whether_settings_can_be_saved(tmp_path: Path) -> None:
    assert check_storage(None, tmp_path / "never").outcome is Outcome.PASS
    assert check_storage(FACTS, tmp_path).outcome is Outcome.PASS
    finding = check_storage(FACTS | {"storage": False}, tmp_path)
    assert finding.outcome is Outcome.FAIL
    assert str(tmp_path) in finding.seen
    assert "could not write" in finding.seen
    assert finding.advice


def test_lamps() -> None:
    assert check_lamps(None).outcome is Outcome.SKIP
    assert "has none" in check_lamps(FACTS).seen
    finding = check_lamps(FACTS | {"lamps": {"LED on pin 22": True, "3 APA102": True}})
    assert finding.outcome is Outcome.PASS
    assert "LED on pin 22, 3 APA102" in finding.seen
    finding = check_lamps(FACTS | {"lamps": {"LED on pin 22": True, "3 APA102": False}})
    assert finding.outcome is Outcome.FAIL
    assert "LED" not in finding.seen
    assert "log" in finding.advice


@pytest.fixture
def used_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_used_by_another_program(used_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = ["192.0.2.7"]
    monkeypatch.setattr("indoor_voice.room.doctor.surroundings.own_addresses", lambda: addresses)
    assert check_network(None, used_port).outcome is Outcome.FAIL
    assert check_network(FACTS, used_port).outcome is Outcome.PASS
    addresses.clear()
    assert "no address" in check_network(FACTS, used_port).seen


def test_speech(used_port: int) -> None:
    assert check_speech(f"127.0.0.1:{used_port}").outcome is Outcome.PASS
    assert check_speech("127.0.0.1:9").outcome is Outcome.FAIL
    assert check_speech("[::1]:9").outcome is Outcome.FAIL
    for nonsense in ("speech", "speech:", ":10701", "speech:99999", "speech:x"):
        with pytest.raises(UserError, match="HOST:PORT"):
            check_speech(nonsense)


def test_a_finding_has_a_line_and_a_next_step() -> None:
    assert str(Finding.bad("clock", "it is late", "Sleep.")).splitlines() == [
        "FAIL  clock       it is late",
        "                  → Sleep.",
    ]


def test_missing_devices_are_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sounddevice.query_devices", list)
    assert cli.main(["doctor", f"--state-dir={tmp_path}", "--port=0"]) == 1
    out, err = capsys.readouterr()
    assert "FAIL  microphone  not found" in out
    assert "FAIL  loudspeaker not found" in out
    assert "PASS  clock" in out
    assert "checks failed" in err


def test_a_muted_microphone_stays_closed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("sounddevice.query_devices", list)
    monkeypatch.setattr("sounddevice.RawInputStream", forbidden)
    save_mute(tmp_path, Mute(by_home_assistant=True))
    cli.main(["doctor", f"--state-dir={tmp_path}", "--port=0"])
    assert "SKIP  microphone  muted" in capsys.readouterr().out
