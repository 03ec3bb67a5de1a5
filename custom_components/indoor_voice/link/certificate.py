"""The key and certificate by which devices recognise this Home Assistant; made once and stored."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.file import write_utf8_file_atomic

if TYPE_CHECKING:
    from pathlib import Path

_NAME: Final = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "indoor-voice")])
# A Raspberry Pi without a clock must be able to connect, too.
_FIRST_DAY: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_DAY: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)

_PRIVATE: Final = 0o600


class KeyFault(StrEnum):
    """The reason why a link can't be protected; each has a translation for users."""

    UNREADABLE = "unreadable"
    """Our key's file cannot be read or written."""

    DAMAGED = "damaged"
    """Our key's file does not hold a key with a matching certificate."""

    PEER = "peer"
    """The device's certificate that was stored at pairing is invalid."""


class CertificateError(Exception):
    """A link cannot be protected; the message is for logs and contains no secret."""

    def __init__(self, fault: KeyFault, message: str) -> None:
        """Initialize with the fault and its description for the log."""
        super().__init__(message)
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCertificate:
    """This Home Assistant's certificate and the location of its private key."""

    path: Path
    """A PEM file with both, readable only by its owner."""

    pem: str
    """The certificate alone; it is public."""


def load_or_make(path: Path) -> OwnCertificate:
    """Read the key and certificate at `path`, or make and store new ones.

    Raises `CertificateError`, whatever is wrong. A file that cannot be read is never replaced,
    because every device would then have to be paired again. Blocking.
    """
    try:
        if not os.path.lexists(path):  # a dangling symlink may become valid again
            write_utf8_file_atomic(str(path), _make(), private=True)
        path.chmod(_PRIVATE)  # a restored backup may have widened the permissions
        content = path.read_bytes()
    except (OSError, HomeAssistantError) as err:
        raise CertificateError(
            KeyFault.UNREADABLE, f"{path} cannot be read or written ({type(err).__name__})"
        ) from err
    try:
        certificate = _read(content)
    except Exception as err:  # the parsers raise more than they document
        raise CertificateError(KeyFault.DAMAGED, f"{path} is damaged") from err
    return OwnCertificate(path=path, pem=certificate.public_bytes(Encoding.PEM).decode("ascii"))


def _read(content: bytes) -> x509.Certificate:
    """Return the certificate that matches the key; a damaged file raises any exception."""
    key = load_pem_private_key(content, password=None)
    (certificate,) = x509.load_pem_x509_certificates(content)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise TypeError("another kind of key")
    if key.public_key() != certificate.public_key():
        raise ValueError("the key of another certificate")
    # It is self-signed, so this shows that no bit of it has changed.
    certificate.verify_directly_issued_by(certificate)
    return certificate


def _make() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_NAME)
        .issuer_name(_NAME)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FIRST_DAY)
        .not_valid_after(_LAST_DAY)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (private + certificate.public_bytes(Encoding.PEM)).decode("ascii")
