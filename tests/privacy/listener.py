"""A person who listens: does in Python what the panel does, with Home Assistant's types of keys."""

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nacl.bindings import crypto_box_keypair, crypto_box_seal, crypto_box_seal_open

from custom_components.indoor_voice.privacy.store.listening_key import (
    MIN_MEMORY_BYTES,
    MIN_OPS,
    Lock,
    LockedKey,
)
from demo.listening_key import ListeningKey, create_key, recover_key, unlock_key

if TYPE_CHECKING:
    from collections.abc import Iterable


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
        key, locked, code = create_key(passphrase, ops=ops, memory_bytes=memory_bytes)
        return cls(private=key.private, locked=LockedKey.from_json(locked), recovery_code=code)

    @classmethod
    def quick(cls) -> Listener:
        """Create a listener with a fake lock, for tests that unlock nothing."""
        public, private = crypto_box_keypair()
        locked = LockedKey(
            public=public,
            salt=bytes(16),
            ops=MIN_OPS,
            memory_bytes=MIN_MEMORY_BYTES,
            nonce=bytes(24),
            locked=bytes(48),
        )
        return cls(private=private, locked=locked)

    @classmethod
    def unlock(cls, locked: LockedKey, passphrase: str) -> Listener:
        return cls(private=unlock_key(locked.to_json(), passphrase).private, locked=locked)

    @classmethod
    def recover(cls, locked: LockedKey, code: str) -> Listener:
        return cls(private=recover_key(locked.to_json(), code).private, locked=locked)

    @property
    def public(self) -> bytes:
        return self.locked.public

    def with_public(self, public: bytes) -> Listener:
        """Replace the public key, as a lying server would."""
        return replace(self, locked=replace(self.locked, public=public))

    def open(self, sealed_key: bytes, recording: str, part: str, ciphertext: bytes) -> bytes:
        key = ListeningKey(public=self.public, private=self.private)
        return key.open(sealed_key, recording, part, ciphertext)

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
    key = ListeningKey(public=public, private=private)
    return Lock.from_json(
        key.lock(secret, ops=ops, memory_bytes=memory_bytes, salt=salt, nonce=nonce)
    )
