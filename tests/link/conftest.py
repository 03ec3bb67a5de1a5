import sys
from pathlib import Path

import pytest

from indoor_voice.link.server import unpaired
from tests.link.initiator import Device, Initiator

# These need Home Assistant or the speech server's models, which need the newest Python.
_NEWEST_ONLY = ["test_contract.py", "test_disguise.py", "test_hostile_home_assistant.py"]
collect_ignore = [] if sys.version_info >= (3, 14) else _NEWEST_ONLY


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path / "device")


@pytest.fixture
def home(tmp_path: Path) -> Initiator:
    return Initiator(tmp_path / "home")


@pytest.fixture
def stranger(tmp_path: Path) -> Initiator:
    return Initiator(tmp_path / "stranger")


@pytest.fixture(autouse=True)
def _short_answer_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer after a tenth of a second; test_pairing_time tests the real delay."""
    monkeypatch.setattr(unpaired, "ANSWER_SECONDS", 0.1)
