"""Makes and checks the certificates of the link: ECDSA P-256, self-signed, without expiry."""

import datetime as dt
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_NAME: Final = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "indoor-voice")])
# The certificate must be valid on a Raspberry Pi whose clock isn't set, too.
_FIRST_DAY: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LAST_DAY: Final = dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)


def make_key_and_certificate() -> bytes:
    """Make a private key and its certificate, both as PEM."""
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
    return key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ) + certificate.public_bytes(Encoding.PEM)


def read_certificate(pem: bytes) -> bytes:
    """Return the DER of the one certificate in `pem`; raises `ValueError` unless it is P-256."""
    try:
        (certificate,) = x509.load_pem_x509_certificates(pem)
        key = certificate.public_key()
    except Exception as err:  # the parsers raise more than they document
        raise ValueError("not readable") from err
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("not for a P-256 key")  # noqa: TRY004 - callers expect one type
    return certificate.public_bytes(Encoding.DER)


def check_signature(der: bytes) -> None:
    """Raise `ValueError` unless a DER certificate is intact, i.e. signed by its own key."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        certificate.verify_directly_issued_by(certificate)
    except Exception as err:  # the parsers raise more than they document
        raise ValueError("damaged") from err
