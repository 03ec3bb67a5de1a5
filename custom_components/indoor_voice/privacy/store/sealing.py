"""Sealing a recording to those who may hear it; nothing here, nor in Home Assistant, can open one.

docs/sealing.md gives the format.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    crypto_box_PUBLICKEYBYTES,
    crypto_box_seal,
    crypto_box_SEALBYTES,
    crypto_box_SECRETKEYBYTES,
    crypto_scalarmult,
)
from nacl.exceptions import CryptoError
from nacl.utils import random

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..people import PersonId

type RecordingId = str
"""Random; it says nothing of its recording, and is part of what is sealed."""

VERDICT_BLOCK_BYTES: Final = 512
VERDICT_MOST_BLOCKS: Final = 8
"""Verdicts are padded, so that their size tells next to nothing."""

_RECORDING: Final = b"indoor-voice clip 1\0"


class Part(StrEnum):
    """What can be opened of a recording, one without the other."""

    WORDS = "words"
    SOUND = "sound"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRecording:
    """A recording that only its listeners can open."""

    words: bytes
    sound: bytes
    keys: Mapping[PersonId, bytes]
    """The recording's key, sealed to each listener."""


def seal(
    recording: RecordingId, words: bytes, sound: bytes, listeners: Mapping[PersonId, bytes]
) -> SealedRecording:
    """Seal words (JSON) and sound (WAV) to the public keys of those who may open them.

    Raises `ValueError` when nobody may, or a public key is none (see `is_public_key`).
    """
    if not listeners:
        raise ValueError("a recording that nobody may open is not sealed but dropped")
    if not all(map(is_public_key, listeners.values())):
        raise ValueError("a public key is none")
    key = random(crypto_aead_xchacha20poly1305_ietf_KEYBYTES)
    return SealedRecording(
        words=_encrypt(words, _context(recording, Part.WORDS), key),
        sound=_encrypt(sound, _context(recording, Part.SOUND), key),
        keys={person: crypto_box_seal(key, public) for person, public in listeners.items()},
    )


def is_verdict(sealed: bytes) -> bool:
    """Tell whether it is as long as a verdict that was padded and sealed (docs/sealing.md)."""
    blocks, rest = divmod(len(sealed) - crypto_box_SEALBYTES, VERDICT_BLOCK_BYTES)
    return rest == 0 and 1 <= blocks <= VERDICT_MOST_BLOCKS


def is_public_key(public: bytes) -> bool:
    """Tell whether recordings can be sealed to it: 32 bytes, and not a point of low order."""
    if len(public) != crypto_box_PUBLICKEYBYTES:
        return False
    try:
        crypto_scalarmult(b"\1" * crypto_box_SECRETKEYBYTES, public)
    except CryptoError:
        return False
    return True


def _context(recording: RecordingId, part: Part) -> bytes:
    """Return what binds a ciphertext to its recording and part."""
    return _RECORDING + recording.encode() + b"\0" + part.encode()


def _encrypt(content: bytes, context: bytes, key: bytes) -> bytes:
    nonce = random(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
    return nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(content, context, nonce, key)
