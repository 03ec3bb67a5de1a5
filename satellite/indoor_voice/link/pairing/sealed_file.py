"""Files of the device's identity with a digest, so that damage is detected.

Without it, a damaged file could turn the device into another one.
"""

import hashlib
import re
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Final

from indoor_voice.state_folder import write

_CERTIFICATE: Final = re.compile(
    b"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL
)
_DIGEST: Final = b"SHA-256 of the above: "


def sealed(text: bytes) -> bytes:
    """Return text followed by its digest, which PEM parsers ignore."""
    return text + _DIGEST + hashlib.sha256(text).hexdigest().encode("ascii") + b"\n"


def unsealed(content: bytes) -> tuple[bytes, bool]:
    """Return the text without its digest, and whether there was one.

    Raises `ValueError` when the digest doesn't match.
    """
    text, mark, _ = content.partition(_DIGEST)
    if mark and content != sealed(text):
        raise ValueError("the digest doesn't match")
    return text, bool(mark)


def read_certificate_file(path: Path) -> bytes:
    """Return the DER of the certificate in a file.

    A file from a version that wrote no digest is checked by the certificate's own signature.

    Raises:
        OSError: The file can't be read.
        ValueError: The file is damaged.
    """
    pem, has_digest = unsealed(path.read_bytes())
    found = _CERTIFICATE.search(pem)
    if found is None:
        raise ValueError("no certificate")
    der = ssl.PEM_cert_to_DER_cert(found[0].decode("ascii"))
    if not has_digest:
        # Needed once after an update, and takes 19 MB of memory.
        from .certificate import check_signature  # noqa: PLC0415

        check_signature(der)
    return der


def add_digest(path: Path) -> None:
    """Add a digest to an intact file from a version that wrote none.

    If the file can't be written now, a later start tries again.

    Raises:
        OSError: The file can't be read.
        ValueError: The file is damaged.
    """
    text, has_digest = unsealed(path.read_bytes())
    if not has_digest:
        with suppress(OSError):
            write(path, sealed(text))
