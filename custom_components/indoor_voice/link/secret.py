"""Pairing: two sides that share a six-digit code come to trust each other's certificates.

This is CPace (draft-irtf-cfrg-cpace) over the prime-order subgroup of edwards25519, using
libsodium. An attacker who doesn't know the code learns only whether one guess was right.

Both sides hash the code to a generator, multiply it by a random scalar, exchange the products, and
multiply the other side's product by the same scalar. Nothing that depends on the code is ever added
to or subtracted from a received message. An attacker therefore can't choose a message for which the
right code leads to the identity or any other special case: whether a message is valid doesn't
depend on the code, everything else takes libsodium the same time, and no branch depends on the
code. (In SPAKE2, which CPace replaced here, the right guess could be made to end in the identity,
and was measurably answered sooner.)

The fingerprints of both certificates are hashed into the generator, so that a man in the middle
makes the two keys differ. The integration and the distribution `indoor-voice` have identical
copies of this module. docs/link.md has test vectors.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PAIRING_PROTOCOL: Final = 2
"""Version of the pairing handshake; 1 was SPAKE2. A new version leaves existing pairings valid."""
CODE: Final = re.compile(r"[0-9]{6}")
MESSAGE_BYTES: Final = 32
CONFIRMATION_BYTES: Final = 32
_DOMAIN: Final = b"indoor-voice pairing 2"
_BLOCK_BYTES: Final = 128
"""Block size of SHA-512."""


class Role(StrEnum):
    """A side of the pairing."""

    INITIATOR = "initiator"
    """Home Assistant, where the user types the code."""
    RESPONDER = "responder"
    """The device that speaks or prints the code."""


class PairingError(Exception):
    """The other side's message can't come from an honest pairing."""


@dataclass(frozen=True, slots=True)
class Confirmations:
    """Proofs that both sides have the same key, 32 bytes each."""

    of_initiator: bytes
    of_responder: bytes


def fingerprint(certificate: bytes) -> bytes:
    """Return the SHA-256 of a DER certificate, 32 bytes."""
    return hashlib.sha256(certificate).digest()


def entrance_name(initiator: bytes, responder: bytes) -> str:
    """Return the TLS server name that tells a paired initiator from a crowd of strangers.

    It is derived from both fingerprints and proves nothing: anyone who listens to the network can
    read it. A stranger who only connects can't know it, because the initiator shows its
    certificate to the paired responder alone.
    """
    return hashlib.sha256(b"indoor-voice entrance 1" + initiator + responder).hexdigest()[:32]


def matches(expected: bytes, received: bytes) -> bool:
    """Compare two confirmations in constant time."""
    return hmac.compare_digest(expected, received)


def check_message(message: bytes) -> None:
    """Raise `PairingError` unless a message is a point of the subgroup other than the identity."""
    # Imported late, to save memory on a device that is already paired.
    from nacl.bindings import crypto_core_ed25519_is_valid_point  # noqa: PLC0415

    if len(message) != MESSAGE_BYTES or not crypto_core_ed25519_is_valid_point(message):
        raise PairingError("the pairing message is not a valid point")


class Exchange:
    """One pairing attempt, for one code and one answer."""

    def __init__(
        self,
        role: Role,
        code: str,
        initiator: bytes,
        responder: bytes,
        scalar: bytes | None = None,
    ) -> None:
        """Start with the code and both fingerprints, as this side knows them.

        The scalar is random unless given; only the test vectors give it.
        """
        if not CODE.fullmatch(code):
            raise ValueError("a pairing code has six digits")
        from nacl.bindings import crypto_core_ed25519_scalar_reduce  # noqa: PLC0415

        self._role = role
        self._fingerprints = initiator + responder
        self._generator = generator(code, initiator, responder)
        if scalar is None:
            scalar = crypto_core_ed25519_scalar_reduce(secrets.token_bytes(64))
        self._scalar = scalar
        self.message = _multiply(scalar, self._generator)
        """What to send to the other side, 32 bytes."""

    def finish(self, message: bytes) -> Confirmations:
        """Derive the confirmations from the other side's message; raises `PairingError`."""
        check_message(message)
        if message == self.message:
            raise PairingError("the pairing message is a copy of our own")
        messages = (self.message, message)
        first, second = messages if self._role is Role.INITIATOR else reversed(messages)
        key = session_key(_multiply(self._scalar, message), first, second)
        return confirmations(key, self._fingerprints)


def generator(code: str, initiator: bytes, responder: bytes) -> bytes:
    """Hash a code and both fingerprints to a point of the subgroup, encoded in 32 bytes."""
    from nacl.bindings import crypto_core_ed25519_from_uniform  # noqa: PLC0415

    identities = concatenated(b"initiator", initiator, b"responder", responder)
    text = generator_string(_DOMAIN, code.encode("ascii"), identities, b"")
    return crypto_core_ed25519_from_uniform(hashlib.sha512(text).digest()[:32])


def generator_string(domain: bytes, password: bytes, identities: bytes, session: bytes) -> bytes:
    """Return the draft's `generator_string(DSI, PRS, CI, sid)` for SHA-512.

    Zeros fill the first hash block, so that nothing after it shares a block with the password.
    """
    used = len(concatenated(domain, password))
    zeros = bytes(max(0, _BLOCK_BYTES - 1 - used))
    return concatenated(domain, password, zeros, identities, session)


def session_key(shared: bytes, first: bytes, second: bytes) -> bytes:
    """Return the draft's ISK, 64 bytes; `first` is the initiator's message."""
    head = concatenated(_DOMAIN + b"_ISK", b"", shared)
    return hashlib.sha512(head + concatenated(first, b"", second, b"")).digest()


def concatenated(*parts: bytes) -> bytes:
    """Join length-prefixed parts, as the draft's `lv_cat` does.

    Lengths are LEB128, which is one byte up to 127. Raises `ValueError` for longer parts, which
    don't occur here.
    """
    if any(len(part) >= _BLOCK_BYTES for part in parts):
        raise ValueError("a part has at most 127 bytes")
    return b"".join(bytes([len(part)]) + part for part in parts)


def confirmations(key: bytes, fingerprints: bytes) -> Confirmations:
    """Derive both confirmations from the session key and the fingerprints, initiator's first."""
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    def confirmation(role: Role) -> bytes:
        info = b" ".join((_DOMAIN, role.encode("ascii"), fingerprints))
        return HKDF(algorithm=SHA256(), length=CONFIRMATION_BYTES, salt=None, info=info).derive(key)

    return Confirmations(confirmation(Role.INITIATOR), confirmation(Role.RESPONDER))


def _multiply(scalar: bytes, point: bytes) -> bytes:
    from nacl.bindings import crypto_scalarmult_ed25519_noclamp  # noqa: PLC0415

    return crypto_scalarmult_ed25519_noclamp(scalar, point)
