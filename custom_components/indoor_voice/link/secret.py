"""Pairing: how two sides that share six spoken digits come to trust each other's certificates.

SPAKE2 over Ed25519, as the package `spake2` has it: who does not know the digits learns nothing
about them but whether one guess was right. Both certificates' fingerprints are its identities, so
a stranger between the two sides makes their keys differ. This module stands in the integration
and in the distribution `indoor-voice`, byte for byte the same; docs/link.md has test vectors.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

CODE: Final = re.compile(r"[0-9]{6}")
MESSAGE_BYTES: Final = 33
CONFIRMATION_BYTES: Final = 32
_CONTEXT: Final = b"indoor-voice pairing 1"


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


def matches(expected: bytes, received: bytes) -> bool:
    """Compare two confirmations in constant time."""
    return hmac.compare_digest(expected, received)


class Exchange:
    """One attempt to pair; good for one code and one answer."""

    def __init__(self, role: Role, code: str, initiator: bytes, responder: bytes) -> None:
        """Begin with six digits and both fingerprints, as this side knows them."""
        if not CODE.fullmatch(code):
            raise ValueError("a pairing code has six digits")
        # Only who pairs needs these: 19 MB of memory that a paired device does without.
        from spake2 import SPAKE2_A, SPAKE2_B  # noqa: PLC0415

        side = SPAKE2_A if role is Role.INITIATOR else SPAKE2_B
        self._transcript = initiator + responder
        self._spake = side(code.encode("ascii"), idA=initiator, idB=responder)
        self.message: Final[bytes] = self._spake.start()
        """33 bytes for the other side."""

    def finish(self, message: bytes) -> Confirmations:
        """Take in the other side's message; slow (20 ms). Raises `PairingError`."""
        from spake2 import SPAKEError  # noqa: PLC0415
        from spake2.ed25519_basic import NotOnCurve  # noqa: PLC0415

        if len(message) != MESSAGE_BYTES:
            raise PairingError("a pairing message has 33 bytes")
        try:
            key = self._spake.finish(message)
        except (SPAKEError, NotOnCurve, ValueError, AssertionError) as err:
            raise PairingError("the pairing message is not one of the other side's") from err
        return confirmations(key, self._transcript)


def confirmations(key: bytes, transcript: bytes) -> Confirmations:
    """Derive both confirmations from SPAKE2's key and the two fingerprints, initiator's first."""
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    def confirmation(role: Role) -> bytes:
        info = b" ".join((_CONTEXT, role.encode("ascii"), transcript))
        return HKDF(algorithm=SHA256(), length=CONFIRMATION_BYTES, salt=None, info=info).derive(key)

    return Confirmations(confirmation(Role.INITIATOR), confirmation(Role.RESPONDER))
