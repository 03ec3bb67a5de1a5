"""Listening keys as docs/sealing.md specifies them, in Python instead of the panel's JavaScript.

Home Assistant has no code that opens a recording, so this module needs none of the integration's.
"""

import secrets
import unicodedata
from base64 import b32encode, b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_box_keypair,
    crypto_box_seal_open,
    crypto_scalarmult_base,
)
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

MIN_OPS: Final = 2
MIN_MEMORY_BYTES: Final = 64 * 1024**2
"""With `MIN_OPS` the lowest cost of a guess that Home Assistant accepts."""
_CONTEXT: Final = b"indoor-voice listening key 1\0"
_RECORDING: Final = b"indoor-voice clip 1\0"
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 24
_MISREAD: Final = str.maketrans({"0": "O", "1": "I", "8": "B", "-": None, " ": None})


@dataclass(frozen=True, slots=True, kw_only=True)
class ListeningKey:
    """An unlocked listening key."""

    public: bytes
    private: bytes = field(repr=False)

    def open(self, sealed_key: bytes, recording: str, part: str, ciphertext: bytes) -> bytes:
        """Open a part, `words` or `sound`, of a recording; raises `CryptoError`."""
        key = crypto_box_seal_open(sealed_key, self.public, self.private)
        context = _RECORDING + recording.encode() + b"\0" + part.encode()
        nonce, sealed = ciphertext[:_NONCE_BYTES], ciphertext[_NONCE_BYTES:]
        return crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, context, nonce, key)

    def lock(
        self,
        secret: bytes,
        *,
        ops: int = MIN_OPS,
        memory_bytes: int = MIN_MEMORY_BYTES,
        salt: bytes | None = None,
        nonce: bytes | None = None,
    ) -> dict[str, Any]:
        """Lock the private half with a secret; return the lock as JSON types."""
        salt = salt or secrets.token_bytes(_SALT_BYTES)
        nonce = nonce or secrets.token_bytes(_NONCE_BYTES)
        key = argon2id.kdf(32, secret, salt, ops, memory_bytes)
        locked = crypto_aead_xchacha20poly1305_ietf_encrypt(
            self.private, _CONTEXT + self.public, nonce, key
        )
        cost = {"ops": ops, "memory_bytes": memory_bytes}
        return {**cost, "salt": _text(salt), "nonce": _text(nonce), "locked": _text(locked)}


def create_key(
    passphrase: str, *, ops: int = MIN_OPS, memory_bytes: int = MIN_MEMORY_BYTES
) -> tuple[ListeningKey, dict[str, Any], str]:
    """Create a listening key; return it, its locked form as JSON types, and its recovery code."""
    public, private = crypto_box_keypair()
    key = ListeningKey(public=public, private=private)
    code = b32encode(secrets.token_bytes(16)).decode().rstrip("=")
    locked = {
        "public": _text(public),
        **key.lock(secret_of(passphrase), ops=ops, memory_bytes=memory_bytes),
        "recovery": key.lock(code.encode(), ops=ops, memory_bytes=memory_bytes),
    }
    return key, locked, "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def unlock_key(locked: Mapping[str, Any], passphrase: str) -> ListeningKey:
    """Unlock a listening key with its passphrase; raises `CryptoError`."""
    return _unlocked(locked["public"], locked, secret_of(passphrase))


def recover_key(locked: Mapping[str, Any], code: str) -> ListeningKey:
    """Unlock a listening key with its recovery code; raises `CryptoError`."""
    typed = code.upper().translate(_MISREAD).encode()
    return _unlocked(locked["public"], locked["recovery"], typed)


def secret_of(passphrase: str) -> bytes:
    """Return the bytes of a passphrase, which are the same whichever keyboard typed it."""
    return unicodedata.normalize("NFKC", passphrase).encode()


def _unlocked(public_text: str, lock: Mapping[str, Any], secret: bytes) -> ListeningKey:
    public, salt, nonce = b64decode(public_text), b64decode(lock["salt"]), b64decode(lock["nonce"])
    key = argon2id.kdf(32, secret, salt, lock["ops"], lock["memory_bytes"])
    private = crypto_aead_xchacha20poly1305_ietf_decrypt(
        b64decode(lock["locked"]), _CONTEXT + public, nonce, key
    )
    if crypto_scalarmult_base(private) != public:
        raise CryptoError("The private half belongs to another public half")
    return ListeningKey(public=public, private=private)


def _text(content: bytes) -> str:
    return b64encode(content).decode()
