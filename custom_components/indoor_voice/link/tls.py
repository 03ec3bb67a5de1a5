"""The two TLS contexts with which Home Assistant connects; see docs/link.md."""

import ssl
from typing import TYPE_CHECKING

from .secret import entrance_name, fingerprint

if TYPE_CHECKING:
    from .certificate import OwnCertificate


class LinkContext(ssl.SSLContext):
    """A TLS context that knows which certificate it was made for."""

    peer_certificate: bytes | None = None
    """The only certificate accepted (DER); None for pairing, which verifies the peer itself."""

    entrance_name: str = ""
    """The TLS server name by which a paired device admits us first; see docs/link.md."""


def pinned(own: OwnCertificate, peer: str) -> LinkContext:
    """Return a context that trusts only the certificate `peer` (PEM) and presents our own.

    OpenSSL treats `peer` as a trust anchor, and so would also accept any certificate that `peer`
    has signed. Therefore `client.connected` compares the certificate that was presented.

    Raises `ValueError` or `ssl.SSLError` if `peer` is not a certificate. Blocking: reads our key.
    """
    context = _context()
    context.peer_certificate = ssl.PEM_cert_to_DER_cert(peer)
    context.entrance_name = entrance_name(
        fingerprint(ssl.PEM_cert_to_DER_cert(own.pem)), fingerprint(context.peer_certificate)
    )
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=peer)
    context.load_cert_chain(own.path)
    return context


def for_pairing() -> LinkContext:
    """Return a context for pairing, which verifies the peer itself; presents no certificate."""
    context = _context()
    context.verify_mode = ssl.CERT_NONE
    return context


def _context() -> LinkContext:
    context = LinkContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False  # devices are identified by certificates, not by names
    return context
