"""The two ways in which Home Assistant connects, and nothing in between; see docs/link.md."""

import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .certificate import OwnCertificate


def pinned(own: OwnCertificate, peer: str) -> ssl.SSLContext:
    """Trust the certificate `peer` (PEM) only, and show our own.

    Raises `ssl.SSLError` when `peer` is no certificate. Blocks: it reads our key.
    """
    context = _context()
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=peer)
    context.load_cert_chain(own.path)
    return context


def for_pairing() -> ssl.SSLContext:
    """Talk to whoever answers: who that is, pairing finds out. Shows no certificate."""
    context = _context()
    context.verify_mode = ssl.CERT_NONE
    return context


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False  # devices are known by their certificates, not by names
    return context
