"""A recording is sealed to its listeners, and to nobody else; as docs/sealing.md says."""

import re
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_box_seal_open
from nacl.exceptions import CryptoError

from custom_components.indoor_voice.privacy.store.listening_key import Lock, LockedKey
from custom_components.indoor_voice.privacy.store.sealing import (
    Content,
    SealedRecording,
    is_public_key,
    seal,
)

from .listener import Listener, lock_private

if TYPE_CHECKING:
    from collections.abc import Callable

DOCUMENT = Path(__file__).parents[2] / "docs" / "sealing.md"
ANN, BEN, EVE = Listener.quick(), Listener.quick(), Listener.quick()
WORDS, SOUND = b'{"said": "turn on the light"}', b"RIFF" + bytes(range(256)) * 40
FEATURES = bytes(range(96)) * 24
CONTENT = Content(words=WORDS, sound=SOUND, features=FEATURES)


def sealed(recording: str = "c1") -> SealedRecording:
    return seal(recording, CONTENT, {"ann": ANN.public, "ben": BEN.public})


@pytest.mark.parametrize(("name", "listener"), [("ann", ANN), ("ben", BEN)])
def test_each_listener_opens_all_of_it(name: str, listener: Listener) -> None:
    recording = sealed()
    assert recording.features is not None
    assert listener.open(recording.keys[name], "c1", "features", recording.features) == FEATURES
    assert recording.keys.keys() == {"ann", "ben"}
    assert listener.open(recording.keys[name], "c1", "words", recording.words) == WORDS
    assert listener.open(recording.keys[name], "c1", "sound", recording.sound) == SOUND


@pytest.mark.parametrize("name", ["ann", "ben"])
def test_nobody_else_opens_it(name: str) -> None:
    with pytest.raises(CryptoError):
        EVE.open(sealed().keys[name], "c1", "words", sealed().words)


def test_nothing_of_one_recording_passes_as_another() -> None:
    one, other = sealed(), sealed()
    mine, bens, words = one.keys["ann"], one.keys["ben"], one.words
    for key, recording, part, ciphertext in (
        (mine, "c2", "words", words),
        (mine, "c1", "sound", words),
        (other.keys["ann"], "c1", "words", words),
        (bens, "c1", "words", words),
        (mine, "c1", "words", other.words[:24] + words[24:]),
    ):
        with pytest.raises(CryptoError):
            ANN.open(key, recording, part, ciphertext)


@given(at=st.integers(0, len(WORDS) + 39), bit=st.integers(0, 7))
def test_a_flipped_bit_is_found(at: int, bit: int) -> None:
    recording = sealed()
    flipped = bytearray(recording.words)
    flipped[at] ^= 1 << bit
    with pytest.raises(CryptoError):
        ANN.open(recording.keys["ann"], "c1", "words", bytes(flipped))


def test_no_two_recordings_share_a_key_or_a_nonce_and_nothing_shows_through() -> None:
    recordings = [sealed() for _ in range(20)]
    keys = {
        crypto_box_seal_open(recording.keys["ann"], ANN.public, ANN.private)
        for recording in recordings
    }
    assert len(keys) == len(recordings)
    assert (
        len({part[:24] for recording in recordings for part in (recording.words, recording.sound)})
        == 40
    )
    for recording in recordings:
        stored = b"".join((recording.words, recording.sound, *recording.keys.values()))
        assert not any(key in stored for key in keys)
        assert b"light" not in stored
        assert b"RIFF" not in stored


def test_it_is_not_sealed_to_what_is_no_key() -> None:
    for listeners in ({"ann": b"short"}, {"ann": ANN.public, "ben": bytes(32)}):
        with pytest.raises(ValueError, match=r"listener|public key"):
            seal("c1", CONTENT, listeners)


@pytest.mark.parametrize(
    "public",
    [
        b"",
        bytes(32),
        b"\1" + bytes(31),
        bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
        bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    ],
)
def test_points_of_low_order_are_no_keys(public: bytes) -> None:
    assert is_public_key(ANN.public)
    assert not is_public_key(public)


# Test vectors of docs/sealing.md


def vectors() -> dict[str, dict[str, str]]:
    text = DOCUMENT.read_text(encoding="utf-8").partition("## Test vectors")[2]
    titled = re.compile(r"^### (.+)$", re.MULTILINE).split(text)
    line = re.compile(r"^    ([\w ]+?) += (.+)$", re.MULTILINE)
    return {
        title: dict(line.findall(block))
        for title, block in zip(titled[1::2], titled[2::2], strict=True)
    }


def of_page(title: str) -> Callable[[str], bytes]:
    return lambda name: bytes.fromhex(vectors()[title][name])


def locked_of_page() -> LockedKey:
    values, raw = vectors()["A listening key"], of_page("A listening key")
    ops, memory_bytes = int(values["ops"]), int(values["memory_bytes"])
    return LockedKey(
        public=raw("public"),
        salt=raw("salt"),
        ops=ops,
        memory_bytes=memory_bytes,
        nonce=raw("nonce"),
        locked=raw("locked"),
        recovery=Lock(
            salt=raw("recovery salt"),
            ops=ops,
            memory_bytes=memory_bytes,
            nonce=raw("recovery nonce"),
            locked=raw("recovery locked"),
        ),
    )


def test_the_page_locks_a_key_as_we_do() -> None:
    values, raw = vectors()["A listening key"], of_page("A listening key")
    locked = locked_of_page()
    assert Listener.unlock(locked, values["passphrase"]).private == raw("private")
    assert Listener.recover(locked, values["recovery code"]).private == raw("private")
    again = lock_private(
        raw("private"),
        raw("public"),
        values["passphrase"].encode(),
        locked.ops,
        locked.memory_bytes,
        salt=locked.salt,
        nonce=locked.nonce,
    )
    assert again.locked == locked.locked


def test_the_page_opens_a_recording_as_we_do() -> None:
    recording, raw = vectors()["A recording"], of_page("A recording")
    listener = Listener(private=of_page("A listening key")("private"), locked=locked_of_page())
    assert crypto_box_seal_open(raw("sealed key"), listener.public, listener.private) == raw("key")
    for part in ("words", "sound"):
        opened = listener.open(raw("sealed key"), recording["id"], part, raw(f"{part} sealed"))
        assert opened == raw(part)
    for one, other in permutations(("words", "sound")):
        with pytest.raises(CryptoError):
            listener.open(raw("sealed key"), recording["id"], one, raw(f"{other} sealed"))
