"""A person's listening key as Home Assistant holds it: locked, by what only the person knows.

docs/sealing.md says how it is made and unlocked, which happens in the person's browser alone.
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
"""With `MIN_OPS` what libsodium recommends for interactive use, and RFC 9106 for little memory."""
MAX_MEMORY_BYTES: Final = 1024**3
"""More than this a telephone's browser cannot give."""

_LOCKED_BYTES: Final = crypto_box_SECRETKEYBYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES
_LOCK: Final = {"salt", "ops", "memory_bytes", "nonce", "locked"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A private key, encrypted with what Argon2id makes of a passphrase or recovery code."""

    salt: bytes
    ops: int
    memory_bytes: int
    nonce: bytes
    locked: bytes

    def __post_init__(self) -> None:
        """Refuse what is no lock or a weak one, by `ValueError`."""
        if not (
            len(self.salt) == crypto_pwhash_SALTBYTES
            and MIN_OPS <= self.ops <= MAX_OPS
            and MIN_MEMORY_BYTES <= self.memory_bytes <= MAX_MEMORY_BYTES
            and len(self.nonce) == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
            and len(self.locked) == _LOCKED_BYTES
        ):
            raise ValueError("no lock, or one that is too weak")

    @classmethod
    def from_json(cls, data: object) -> Lock:
        """Read it, strictly; raises `ValueError`."""
        members = members_of(data, _LOCK)
        return Lock(
            salt=bytes_of(members["salt"]),
            ops=whole_number_of(members["ops"]),
            memory_bytes=whole_number_of(members["memory_bytes"]),
            nonce=bytes_of(members["nonce"]),
            locked=bytes_of(members["locked"]),
        )

    def to_json(self) -> dict[str, object]:
        """Return it as JSON, bytes in base64."""
        return {
            "salt": base64_of(self.salt),
            "ops": self.ops,
            "memory_bytes": self.memory_bytes,
            "nonce": base64_of(self.nonce),
            "locked": base64_of(self.locked),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedKey(Lock):
    """A listening key: its public half, and its private half locked by the passphrase."""

    public: bytes
    recovery: Lock | None = None
    """The private half once more, locked by the recovery code."""

    def __post_init__(self) -> None:
        """Refuse what is no locked key or a weak one, by `ValueError`."""
        Lock.__post_init__(self)  # slots make a class of their own, which super() does not know
        if not is_public_key(self.public):
            raise ValueError("no public key")

    def to_json(self) -> dict[str, object]:
        """Return it as JSON, bytes in base64."""
        return {
            "public": base64_of(self.public),
            **Lock.to_json(self),
            "recovery": self.recovery.to_json() if self.recovery else None,
        }

    @classmethod
    def from_json(cls, data: object) -> LockedKey:
        """Read it, strictly; raises `ValueError`."""
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
