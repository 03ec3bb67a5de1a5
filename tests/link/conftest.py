import sys
from pathlib import Path

import pytest

from indoor_voice.link.server import unpaired
from tests.link.initiator import Device, Initiator

# The integration's end needs Home Assistant, and so its Python; the speech server its models.
_NEWEST_ONLY = ["test_contract.py", "test_hostile_home_assistant.py"]
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
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer after a tenth of a second; what it is for, test_pairing_time tries."""
    monkeypatch.setattr(unpaired, "ANSWER_SECONDS", 0.1)
