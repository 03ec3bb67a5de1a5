"""Files that say who a device is, with a digest: damage never makes another one of it."""

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
    """Return text with its digest below, which readers of PEM pass over."""
    return text + _DIGEST + hashlib.sha256(text).hexdigest().encode("ascii") + b"\n"


def unsealed(content: bytes) -> tuple[bytes, bool]:
    """Return the text above a digest, and whether there is one; raises `ValueError` on damage."""
    text, mark, _ = content.partition(_DIGEST)
    if mark and content != sealed(text):
        raise ValueError("another digest")
    return text, bool(mark)


def read_certificate_file(path: Path) -> bytes:
    """Return the DER of the certificate in a file; raises `OSError`, `ValueError` on damage.

    A file of a version that wrote no digest is checked by its certificate's own signature.
    """
    pem, has_digest = unsealed(path.read_bytes())
    found = _CERTIFICATE.search(pem)
    if found is None:
        raise ValueError("no certificate")
    der = ssl.PEM_cert_to_DER_cert(found[0].decode("ascii"))
    if not has_digest:
        # Once after an update, and 19 MB of memory.
        from .certificate import check_signature  # noqa: PLC0415

        check_signature(der)
    return der


def add_digest(path: Path) -> None:
    """Seal a file of a version that wrote no digest, after it was found whole.

    What cannot be written now is sealed at a later start. Raises `ValueError` on damage, and
    `OSError` where the file cannot be read.
    """
    text, has_digest = unsealed(path.read_bytes())
    if not has_digest:
        with suppress(OSError):
            write(path, sealed(text))
