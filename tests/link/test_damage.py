"""Tests that a damaged file loses nothing or leads to a clear error, never to another device."""

import json
import random
from pathlib import Path

import pytest

from indoor_voice.errors import UserError
from indoor_voice.link.pairing import identity
from indoor_voice.link.pairing.responder import TRIES, Guesses
from indoor_voice.link.pairing.sealed_file import unsealed
from indoor_voice.link.pairing.trust import Trust
from tests.link.initiator import Device, Initiator

KIND = identity.DeviceKind.SATELLITE
GUESSES = Guesses(wrong=2, windows=1)


def damages(whole: bytes, count: int) -> list[bytes]:
    """Return versions of a file with flipped bits, cuts and the like, the same in each run."""
    chance = random.Random(23)  # noqa: S311 - no secret
    made = [b"", b"\x00", b"\xff\xfe", b"{}", b"[]", b"\x00" * len(whole), whole * 2, whole[1:]]
    while len(made) < count:
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 1, 1, 2, 8])):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        made += [bytes(damaged), whole[: chance.randrange(len(whole))]]
    return made


@pytest.fixture
def paired(device: Device, home: Initiator) -> Device:
    identity.load_identity(device.state_dir, KIND)
    device.trust.accept(home.certificate)
    device.trust.keep_address("192.0.2.1")
    device.trust.keep_guesses(GUESSES)
    return device


def identity_of(state_dir: Path) -> tuple[str, bytes, bytes | None]:
    trust = Trust.load(state_dir)
    return identity.load_identity(state_dir, KIND).id, trust.certificate, trust.peer_certificate


@pytest.mark.parametrize("without_digest", [False, True], ids=["", "without a digest"])
@pytest.mark.parametrize("name", ["link/own.pem", "link/peer.pem", "id"])
def test_damage_never_makes_another_device(
    paired: Device, name: str, *, without_digest: bool
) -> None:
    path = paired.state_dir / name
    known = identity_of(paired.state_dir)
    if without_digest:
        path.write_bytes(unsealed(path.read_bytes())[0])
    whole = path.read_bytes()
    for damaged in damages(whole, 120):
        if without_digest and name == "id":
            continue  # nothing to compare the 32 digits with
        path.write_bytes(damaged)
        try:
            assert identity_of(paired.state_dir) == known
        except UserError as err:
            assert "--reset" in str(err)  # noqa: PT017 - either is right
            assert path.read_bytes() == damaged
        path.write_bytes(whole)
    assert identity_of(paired.state_dir) == known
    assert unsealed(path.read_bytes())[1]


def test_a_damaged_memory_gives_no_guesses_and_ends_no_pairing(paired: Device) -> None:
    path = paired.state_dir / "link" / "memory.json"
    known = identity_of(paired.state_dir)
    whole = path.read_bytes()
    for damaged in damages(whole, 300):
        path.write_bytes(damaged)
        assert identity_of(paired.state_dir) == known
        guesses = Trust.load(paired.state_dir).guesses
        if damaged[:1] != b"{" or len(damaged) < len(whole):
            assert guesses == Guesses(wrong=TRIES, pausing=True)


@pytest.mark.parametrize("lost", ["gone", "leads nowhere", "leads to itself"])
@pytest.mark.parametrize("name", ["link/own.pem", "link/peer.pem", "id"])
def test_a_file_that_is_not_there_makes_no_other_device(
    paired: Device, name: str, lost: str
) -> None:
    path = paired.state_dir / name
    known = identity_of(paired.state_dir)
    whole = path.read_bytes()
    path.unlink()
    if lost == "leads nowhere":
        path.symlink_to("/nonexistent/disk/file")
    elif lost == "leads to itself":
        path.symlink_to(path.name)
    elif name == "link/peer.pem":
        assert not Trust.load(paired.state_dir).paired  # as after unpairing
        return
    with pytest.raises(UserError, match="--reset"):
        identity_of(paired.state_dir)
    assert path.is_symlink() or not path.exists()
    path.unlink(missing_ok=True)
    path.write_bytes(whole)
    assert identity_of(paired.state_dir) == known


@pytest.mark.parametrize("value", [0, 1.5, True, [], {}, "kitchen", "%eth0", 10**400, "\ud800"])
@pytest.mark.parametrize("key", ["address", "wrong", "pausing", "windows"])
def test_a_memory_of_other_things_gives_no_guesses(paired: Device, key: str, value: object) -> None:
    path = paired.state_dir / "link" / "memory.json"
    kept = json.loads(path.read_bytes()) | {key: value}
    path.write_text(json.dumps(kept), encoding="ascii")
    guesses = Trust.load(paired.state_dir).guesses
    is_count = key in ("wrong", "windows") and type(value) is int
    if not is_count and (key, value) != ("pausing", True):
        assert guesses == Guesses(wrong=TRIES, pausing=True)


@pytest.mark.parametrize("linked", [False, True])
def test_what_a_reset_cannot_remove_is_said(tmp_path: Path, *, linked: bool) -> None:
    (tmp_path / "id" / "folder").mkdir(parents=True)
    if linked:
        Trust.load(tmp_path)
    with pytest.raises(UserError, match="Cannot remove"):
        Trust.reset(tmp_path)
