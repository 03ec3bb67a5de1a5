"""What the household says of itself, as JSON for its people."""

from base64 import b64decode, b64encode
from dataclasses import asdict
from typing import TYPE_CHECKING

from .privacy.ledger import Row, SignedHead
from .privacy.reading import members_of, number_of, text_of

if TYPE_CHECKING:
    from homeassistant.util.json import JsonObjectType

_HEAD = {"seq", "hash", "time", "signature", "public"}


def row_json(row: Row) -> JsonObjectType:
    """Return a row of the ledger."""
    return {**asdict(row), "subjects": sorted(row.subjects), "detail": dict(row.detail)}


def head_json(head: SignedHead) -> JsonObjectType:
    """Return a signed head, bytes in base64."""
    return {
        "seq": head.seq,
        "hash": b64encode(head.hash).decode(),
        "time": head.time,
        "signature": b64encode(head.signature).decode(),
        "public": b64encode(head.public).decode(),
    }


def head_of(data: object) -> SignedHead:
    """Read a signed head, strictly; raises `ValueError`."""
    head = members_of(data, _HEAD)
    seq = head["seq"]
    if not isinstance(seq, int):
        raise ValueError("Expected a whole number")  # noqa: TRY004 - one error for nonsense
    return SignedHead(
        seq=seq,
        hash=_bytes_of(head["hash"]),
        time=number_of(head["time"]),
        signature=_bytes_of(head["signature"]),
        public=_bytes_of(head["public"]),
    )


def _bytes_of(data: object) -> bytes:
    return b64decode(text_of(data), validate=True)
