"""The two ways in which Home Assistant connects, and nothing in between; see docs/link.md."""

import ssl
from typing import TYPE_CHECKING

from .secret import entrance_name, fingerprint

if TYPE_CHECKING:
    from .certificate import OwnCertificate


class LinkContext(ssl.SSLContext):
    """A context that knows which certificate it was made for."""

    peer_certificate: bytes | None = None
    """The only one that may be shown, DER; None where pairing finds out who answers."""

    entrance_name: str = ""
    """What tells a device, before all else, that we are no stranger; see docs/link.md."""


def pinned(own: OwnCertificate, peer: str) -> LinkContext:
    """Trust the certificate `peer` (PEM) only, and show our own.

    OpenSSL takes `peer` for an anchor, and so would let in whoever shows a certificate that it
    has signed; `client.connected` compares what was shown.

    Raises `ValueError` or `ssl.SSLError` when `peer` is no certificate. Blocks: it reads our key.
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
    """Talk to whoever answers: who that is, pairing finds out. Shows no certificate."""
    context = _context()
    context.verify_mode = ssl.CERT_NONE
    return context


def _context() -> LinkContext:
    context = LinkContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False  # devices are known by their certificates, not by names
    return context
