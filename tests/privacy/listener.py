"""Does in Python what the panel does: creates, locks and unlocks keys, and opens recordings."""

import json
import secrets
import unicodedata
from base64 import b32encode
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_box_keypair,
    crypto_box_seal,
    crypto_box_seal_open,
    crypto_scalarmult_base,
)
from nacl.pwhash import argon2id

from custom_components.indoor_voice.privacy.store.listening_key import (
    MIN_MEMORY_BYTES,
    MIN_OPS,
    Lock,
    LockedKey,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

_CONTEXT: Final = b"indoor-voice listening key 1\0"
_NONCE_BYTES: Final = 24
_MISREAD: Final = str.maketrans({"0": "O", "1": "I", "8": "B", "-": None, " ": None})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A person with an unlocked key. Failures raise `nacl.exceptions.CryptoError`."""

    private: bytes
    locked: LockedKey
    recovery_code: str | None = None

    @classmethod
    def create(
        cls, passphrase: str, *, ops: int = MIN_OPS, memory_bytes: int = MIN_MEMORY_BYTES
    ) -> Listener:
        public, private = crypto_box_keypair()
        code = b32encode(secrets.token_bytes(16)).decode().rstrip("=")
        lock = lock_private(private, public, _words(passphrase), ops, memory_bytes)
        locked = LockedKey(
            public=public,
            salt=lock.salt,
            ops=lock.ops,
            memory_bytes=lock.memory_bytes,
            nonce=lock.nonce,
            locked=lock.locked,
            recovery=lock_private(private, public, code.encode(), ops, memory_bytes),
        )
        shown = "-".join(code[at : at + 4] for at in range(0, len(code), 4))
        return cls(private=private, locked=locked, recovery_code=shown)

    @classmethod
    def quick(cls) -> Listener:
        """Create a listener with a fake lock, for tests that unlock nothing."""
        public, private = crypto_box_keypair()
        locked = LockedKey(
            public=public,
            salt=bytes(16),
            ops=MIN_OPS,
            memory_bytes=MIN_MEMORY_BYTES,
            nonce=bytes(_NONCE_BYTES),
            locked=bytes(48),
        )
        return cls(private=private, locked=locked)

    @classmethod
    def unlock(cls, locked: LockedKey, passphrase: str) -> Listener:
        return cls(private=_unlocked(locked, locked.public, _words(passphrase)), locked=locked)

    @classmethod
    def recover(cls, locked: LockedKey, code: str) -> Listener:
        assert locked.recovery
        typed = code.upper().translate(_MISREAD).encode()
        return cls(private=_unlocked(locked.recovery, locked.public, typed), locked=locked)

    @property
    def public(self) -> bytes:
        return self.locked.public

    def with_public(self, public: bytes) -> Listener:
        """Replace the public key, as a lying server would."""
        return replace(self, locked=replace(self.locked, public=public))

    def open(self, sealed_key: bytes, recording: str, part: str, ciphertext: bytes) -> bytes:
        key = crypto_box_seal_open(sealed_key, self.public, self.private)
        context = b"indoor-voice clip 1\0" + recording.encode() + b"\0" + part.encode()
        nonce, sealed = ciphertext[:_NONCE_BYTES], ciphertext[_NONCE_BYTES:]
        return crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, context, nonce, key)

    def unseal(self, verdict: bytes) -> bytes:
        return crypto_box_seal_open(verdict, self.public, self.private)


def seal_verdict(
    recording: str, verdict: str, words: str | None, readers: Iterable[bytes]
) -> dict[bytes, bytes]:
    """Seal a verdict on a recording to its readers, given by their public keys."""
    content = json.dumps(
        {"clip": recording, "verdict": verdict, "words": words}, ensure_ascii=False
    )
    padded = content.encode()
    padded += b" " * (-len(padded) % 512)
    return {public: crypto_box_seal(padded, public) for public in readers}


def lock_private(
    private: bytes,
    public: bytes,
    secret: bytes,
    ops: int = MIN_OPS,
    memory_bytes: int = MIN_MEMORY_BYTES,
    *,
    salt: bytes | None = None,
    nonce: bytes | None = None,
) -> Lock:
    salt = salt or secrets.token_bytes(16)
    nonce = nonce or secrets.token_bytes(_NONCE_BYTES)
    key = argon2id.kdf(32, secret, salt, ops, memory_bytes)
    locked = crypto_aead_xchacha20poly1305_ietf_encrypt(private, _CONTEXT + public, nonce, key)
    return Lock(salt=salt, ops=ops, memory_bytes=memory_bytes, nonce=nonce, locked=locked)


def _unlocked(lock: Lock, public: bytes, secret: bytes) -> bytes:
    key = argon2id.kdf(32, secret, lock.salt, lock.ops, lock.memory_bytes)
    private = crypto_aead_xchacha20poly1305_ietf_decrypt(
        lock.locked, _CONTEXT + public, lock.nonce, key
    )
    assert crypto_scalarmult_base(private) == public
    return private


def _words(passphrase: str) -> bytes:
    return unicodedata.normalize("NFKC", passphrase).encode()
