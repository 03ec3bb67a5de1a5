"""Pairing: how two sides that share six spoken digits come to trust each other's certificates.

CPace (draft-irtf-cfrg-cpace) over the prime-order subgroup of edwards25519, with libsodium: who
does not know the digits learns nothing about them but whether one guess was right. Both sides
multiply a generator that is hashed from the digits by a random scalar, and the other's product by
the same scalar. Nothing that depends on the digits is ever added to or taken from what the other
side sent, so no message can be chosen for which the right digits lead to the identity, or to any
other special case: a message is good or bad whatever the digits are, all else takes libsodium
equally long, and the digits decide no branch. (In SPAKE2, which this replaces, the right guess
could be made to end in the identity, and was seen to be answered sooner.)

Both certificates' fingerprints are hashed into the generator, so a stranger between the two sides
makes their keys differ. This module stands in the integration and in the distribution
`indoor-voice`, byte for byte the same; docs/link.md has test vectors.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PAIRING_PROTOCOL: Final = 2
"""The version of the steps of pairing; 1 was SPAKE2. What is paired stays so."""
CODE: Final = re.compile(r"[0-9]{6}")
MESSAGE_BYTES: Final = 32
CONFIRMATION_BYTES: Final = 32
_DOMAIN: Final = b"indoor-voice pairing 2"
_BLOCK_BYTES: Final = 128
"""What SHA-512 takes in at once."""


class Role(StrEnum):
    """Which end of the pairing this is."""

    INITIATOR = "initiator"
    """Home Assistant, where the digits are typed in."""
    RESPONDER = "responder"
    """The device that speaks or prints them."""


class PairingError(Exception):
    """The other side's message cannot come from an honest pairing."""


@dataclass(frozen=True, slots=True)
class Confirmations:
    """Proofs that both sides have the same key, each of 32 bytes."""

    of_initiator: bytes
    of_responder: bytes


def fingerprint(certificate: bytes) -> bytes:
    """Return the SHA-256 of a certificate in DER, 32 bytes."""
    return hashlib.sha256(certificate).digest()


def entrance_name(initiator: bytes, responder: bytes) -> str:
    """Return the server name by which a paired initiator is told from a crowd; of fingerprints.

    It is no proof: whoever listens to the network reads it. Whoever only connects does not know
    the initiator's certificate, which is shown to the paired responder alone.
    """
    return hashlib.sha256(b"indoor-voice entrance 1" + initiator + responder).hexdigest()[:32]


def matches(expected: bytes, received: bytes) -> bool:
    """Compare two confirmations in constant time."""
    return hmac.compare_digest(expected, received)


def check_message(message: bytes) -> None:
    """Raise `PairingError` unless a message is a point of the subgroup, and not the identity."""
    # Only who pairs needs it: memory that a paired device does without.
    from nacl.bindings import crypto_core_ed25519_is_valid_point  # noqa: PLC0415

    if len(message) != MESSAGE_BYTES or not crypto_core_ed25519_is_valid_point(message):
        raise PairingError("the pairing message is not one of the other side's")


class Exchange:
    """One attempt to pair; good for one code and one answer."""

    def __init__(self, role: Role, code: str, initiator: bytes, responder: bytes) -> None:
        """Begin with six digits and both fingerprints, as this side knows them."""
        if not CODE.fullmatch(code):
            raise ValueError("a pairing code has six digits")
        from nacl.bindings import crypto_core_ed25519_scalar_reduce  # noqa: PLC0415

        self._role = role
        self._fingerprints = initiator + responder
        self._generator = generator(code, initiator, responder)
        self._use(crypto_core_ed25519_scalar_reduce(secrets.token_bytes(64)))

    def _use(self, scalar: bytes) -> None:
        self._scalar = scalar
        self.message = _multiply(scalar, self._generator)
        """32 bytes for the other side."""

    def finish(self, message: bytes) -> Confirmations:
        """Take in the other side's message; raises `PairingError`."""
        check_message(message)
        if message == self.message:
            raise PairingError("the pairing message is our own")
        messages = (self.message, message)
        first, second = messages if self._role is Role.INITIATOR else reversed(messages)
        key = session_key(_multiply(self._scalar, message), first, second)
        return confirmations(key, self._fingerprints)


def generator(code: str, initiator: bytes, responder: bytes) -> bytes:
    """Hash a code and both fingerprints to a point of the subgroup, 32 bytes."""
    from nacl.bindings import crypto_core_ed25519_from_uniform  # noqa: PLC0415

    identities = concatenated(b"initiator", initiator, b"responder", responder)
    text = generator_string(_DOMAIN, code.encode("ascii"), identities, b"")
    return crypto_core_ed25519_from_uniform(hashlib.sha512(text).digest()[:32])


def generator_string(domain: bytes, password: bytes, identities: bytes, session: bytes) -> bytes:
    """Return the draft's `generator_string(DSI, PRS, CI, sid)` for SHA-512.

    The zeros fill the first block that is hashed, so that what follows never shares one with the
    password.
    """
    taken = len(concatenated(domain, password))
    zeros = bytes(max(0, _BLOCK_BYTES - 1 - taken))
    return concatenated(domain, password, zeros, identities, session)


def session_key(shared: bytes, first: bytes, second: bytes) -> bytes:
    """Return the draft's ISK, 64 bytes, of the shared point and the initiator's message first."""
    head = concatenated(_DOMAIN + b"_ISK", b"", shared)
    return hashlib.sha512(head + concatenated(first, b"", second, b"")).digest()


def concatenated(*parts: bytes) -> bytes:
    """Join parts, each after its length: the draft's `lv_cat`.

    Its lengths are LEB128, which is one byte up to 127; raises `ValueError` beyond, for nothing
    here is longer.
    """
    if any(len(part) >= _BLOCK_BYTES for part in parts):
        raise ValueError("a part has at most 127 bytes")
    return b"".join(bytes([len(part)]) + part for part in parts)


def confirmations(key: bytes, fingerprints: bytes) -> Confirmations:
    """Derive both confirmations from the session key and both fingerprints, initiator's first."""
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    def confirmation(role: Role) -> bytes:
        info = b" ".join((_DOMAIN, role.encode("ascii"), fingerprints))
        return HKDF(algorithm=SHA256(), length=CONFIRMATION_BYTES, salt=None, info=info).derive(key)

    return Confirmations(confirmation(Role.INITIATOR), confirmation(Role.RESPONDER))


def _multiply(scalar: bytes, point: bytes) -> bytes:
    from nacl.bindings import crypto_scalarmult_ed25519_noclamp  # noqa: PLC0415

    return crypto_scalarmult_ed25519_noclamp(scalar, point)
