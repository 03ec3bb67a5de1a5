"""Seal a recording to the listening keys of the people who may hear it.

docs/sealing.md specifies the format. Neither this module nor any other in Home Assistant can open
what is sealed here: the private keys are in browsers, or locked by passphrases that Home
Assistant never learns. An administrator, or a thief of the disk, gets ciphertexts and locked keys.

- Each recording has a key of its own, which is sealed to each listener and then forgotten.
  Withdrawing permission from one listener means deleting one sealed key. To erase a recording it
  is enough to delete all of them: nothing was ever stored in clear.
- What listeners from outside the room get in disguise has another key, sealed to them. They never
  have the key to the sound as it was.
- Sealing needs only public keys (`crypto_box_seal`), so there is no sealing secret that somebody
  could steal. The price is that recordings are not signed: root can seal a forged one.
- The recording's id and the part are authenticated with each ciphertext. If somebody with access
  to the store puts another recording's sound in place of this one's, it does not open.
- Points of low order are refused as public keys. The secret that they lead to is known to
  everybody, so anybody could open what is sealed to them.
"""

from dataclasses import dataclass, field
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

    from ..consent.disguise import Disguise
    from ..people import PersonId

type RecordingId = str
"""A random text, which is authenticated with the recording's ciphertexts."""

VERDICT_BLOCK_BYTES: Final = 512
VERDICT_MOST_BLOCKS: Final = 8
"""Verdicts are padded to whole blocks, so that their size reveals next to nothing."""

_RECORDING: Final = b"indoor-voice clip 1\0"


class Part(StrEnum):
    """The parts of a recording, each of which can be opened without the other."""

    WORDS = "words"
    SOUND = "sound"


_FEATURES: Final = "features"
"""Not a part that anybody is asked for: it goes with the words, to those who teach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a recording holds, in clear."""

    words: bytes = field(repr=False)
    """JSON."""
    sound: bytes = field(repr=False)
    """A WAV file."""
    features: bytes = field(default=b"", repr=False)
    """What the wake word sounded like; empty if that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRecording:
    """A recording that only its listeners can open."""

    words: bytes
    sound: bytes
    features: bytes | None
    keys: Mapping[PersonId, bytes]
    """The recording's key, sealed to each listener."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedDisguise:
    """What listeners from outside get of a recording; only they can open it."""

    disguise: Disguise
    words: bytes
    sound: bytes | None
    keys: Mapping[PersonId, bytes]
    """The key of this form, sealed to each of them."""


def seal(
    recording: RecordingId, content: Content, listeners: Mapping[PersonId, bytes]
) -> SealedRecording:
    """Seal a recording to the public keys of the listeners.

    Without listeners, nobody can open what is returned.

    Raises:
        ValueError: `is_public_key` refuses a public key.
    """
    key = random(crypto_aead_xchacha20poly1305_ietf_KEYBYTES)
    return SealedRecording(
        words=_encrypt(content.words, _context(recording, Part.WORDS), key),
        sound=_encrypt(content.sound, _context(recording, Part.SOUND), key),
        features=(
            _encrypt(content.features, _context(recording, _FEATURES), key)
            if content.features
            else None
        ),
        keys=_sealed_keys(key, listeners),
    )


def seal_disguise(
    recording: RecordingId,
    disguise: Disguise,
    words: bytes,
    sound: bytes | None,
    outsiders: Mapping[PersonId, bytes],
) -> SealedDisguise:
    """Seal what listeners from outside get of a recording, with a key of its own.

    The disguise is authenticated with each part, so that none is taken for another.

    Raises:
        ValueError: `is_public_key` refuses a public key.
    """
    key = random(crypto_aead_xchacha20poly1305_ietf_KEYBYTES)

    def encrypt(part: Part, content: bytes) -> bytes:
        return _encrypt(content, _context(recording, f"{part} {disguise}"), key)

    return SealedDisguise(
        disguise=disguise,
        words=encrypt(Part.WORDS, words),
        sound=None if sound is None else encrypt(Part.SOUND, sound),
        keys=_sealed_keys(key, outsiders),
    )


def _sealed_keys(key: bytes, listeners: Mapping[PersonId, bytes]) -> dict[PersonId, bytes]:
    if not all(map(is_public_key, listeners.values())):
        raise ValueError("A listener's public key is invalid")
    return {person: crypto_box_seal(key, public) for person, public in listeners.items()}


def is_verdict(sealed: bytes) -> bool:
    """Return whether the length is that of a padded and sealed verdict (docs/sealing.md)."""
    blocks, rest = divmod(len(sealed) - crypto_box_SEALBYTES, VERDICT_BLOCK_BYTES)
    return rest == 0 and 1 <= blocks <= VERDICT_MOST_BLOCKS


def is_public_key(public: bytes) -> bool:
    """Return whether recordings can be sealed to a key: 32 bytes and not a point of low order."""
    if len(public) != crypto_box_PUBLICKEYBYTES:
        return False
    try:
        crypto_scalarmult(b"\1" * crypto_box_SECRETKEYBYTES, public)
    except CryptoError:
        return False
    return True


def _context(recording: RecordingId, part: str) -> bytes:
    """Return the associated data that binds a ciphertext to its recording and part."""
    return _RECORDING + recording.encode() + b"\0" + part.encode()


def _encrypt(content: bytes, context: bytes, key: bytes) -> bytes:
    nonce = random(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
    return nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(content, context, nonce, key)
