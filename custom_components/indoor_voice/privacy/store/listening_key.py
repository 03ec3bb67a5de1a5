"""A person's listening key as Home Assistant stores it: locked with the person's passphrase.

docs/sealing.md specifies how it is made and unlocked, which happens only in the person's browser.
"""

from dataclasses import dataclass
from typing import Final

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_ABYTES,
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    crypto_box_SECRETKEYBYTES,
    crypto_pwhash_SALTBYTES,
)

from ..strict_json import (
    base64_of,
    bytes_of,
    members_of,
    whole_number_of,
)
from .sealing import is_public_key

MIN_OPS: Final = 2
MAX_OPS: Final = 16
MIN_MEMORY_BYTES: Final = 64 * 1024**2
"""With `MIN_OPS`: libsodium's interactive limits, and RFC 9106's choice for little memory."""
MAX_MEMORY_BYTES: Final = 1024**3
"""The browser of a phone can't allocate more."""

_LOCKED_BYTES: Final = crypto_box_SECRETKEYBYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES
_LOCK: Final = {"salt", "ops", "memory_bytes", "nonce", "locked"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A private key, encrypted with a key that Argon2id derives from a secret.

    The secret is a passphrase or a recovery code.
    """

    salt: bytes
    ops: int
    memory_bytes: int
    nonce: bytes
    locked: bytes

    def __post_init__(self) -> None:
        """Raise `ValueError` for an invalid or weak lock."""
        if not (
            len(self.salt) == crypto_pwhash_SALTBYTES
            and MIN_OPS <= self.ops <= MAX_OPS
            and MIN_MEMORY_BYTES <= self.memory_bytes <= MAX_MEMORY_BYTES
            and len(self.nonce) == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
            and len(self.locked) == _LOCKED_BYTES
        ):
            raise ValueError("The lock is invalid or too weak")

    @classmethod
    def from_json(cls, data: object) -> Lock:
        """Read a lock; raises `ValueError`."""
        members = members_of(data, _LOCK)
        return Lock(
            salt=bytes_of(members["salt"]),
            ops=whole_number_of(members["ops"]),
            memory_bytes=whole_number_of(members["memory_bytes"]),
            nonce=bytes_of(members["nonce"]),
            locked=bytes_of(members["locked"]),
        )

    def to_json(self) -> dict[str, object]:
        """Return the lock as JSON types, bytes in Base64."""
        return {
            "salt": base64_of(self.salt),
            "ops": self.ops,
            "memory_bytes": self.memory_bytes,
            "nonce": base64_of(self.nonce),
            "locked": base64_of(self.locked),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedKey(Lock):
    """A listening key: its public half, and its private half locked with the passphrase."""

    public: bytes
    recovery: Lock | None = None
    """The private half again, locked with the recovery code."""

    def __post_init__(self) -> None:
        """Raise `ValueError` for an invalid or weak locked key."""
        Lock.__post_init__(self)  # super() fails, because slots=True replaces the class
        if not is_public_key(self.public):
            raise ValueError("The public key is invalid")

    def to_json(self) -> dict[str, object]:
        """Return the locked key as JSON types, bytes in Base64."""
        return {
            "public": base64_of(self.public),
            **Lock.to_json(self),
            "recovery": self.recovery.to_json() if self.recovery else None,
        }

    @classmethod
    def from_json(cls, data: object) -> LockedKey:
        """Read a locked key; raises `ValueError`."""
        members = members_of(data, {*_LOCK, "public", "recovery"})
        recovery = members["recovery"]
        lock = Lock.from_json({name: members[name] for name in _LOCK})
        return LockedKey(
            public=bytes_of(members["public"]),
            salt=lock.salt,
            ops=lock.ops,
            memory_bytes=lock.memory_bytes,
            nonce=lock.nonce,
            locked=lock.locked,
            recovery=None if recovery is None else Lock.from_json(recovery),
        )
