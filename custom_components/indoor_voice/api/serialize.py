"""What the household says of itself, as JSON for its people."""

from base64 import b64decode, b64encode
from dataclasses import asdict
from typing import TYPE_CHECKING

from ..privacy.store.ledger_rows import Copy, Row, SignedHead
from ..privacy.strict_json import members_of, number_of, text_of

if TYPE_CHECKING:
    from homeassistant.util.json import JsonObjectType

    from ..privacy.types import Opened

_HEAD = {"seq", "hash", "time", "signature", "public"}


def row_json(row: Row) -> JsonObjectType:
    """Return a row of the ledger."""
    return {**asdict(row), "subjects": sorted(row.subjects), "detail": dict(row.detail)}


def head_json(head: SignedHead) -> JsonObjectType:
    """Return a signed head, bytes in base64."""
    return {
        "seq": head.seq,
        "hash": as_text(head.hash),
        "time": head.time,
        "signature": as_text(head.signature),
        "public": as_text(head.public),
    }


def copy_json(copy: Copy) -> JsonObjectType:
    """Return a copy of the ledger as docs/keeping.md describes it, bytes in base64."""
    anchor = copy.anchor
    return {
        "format": "indoor-voice ledger copy 1",
        "person": copy.person,
        "rows": [{**row_json(row), "text": text} for row, text in copy.rows],
        "chain": as_text(copy.chain),
        "anchor": None
        if anchor is None
        else {
            "seq": anchor.seq,
            "hash": as_text(anchor.hash),
            "time": anchor.time,
            "signature": as_text(anchor.signature),
        },
        "head": head_json(copy.head),
        "verification": asdict(copy.verification),
        "signature": as_text(copy.signature),
    }


def head_of(data: object) -> SignedHead:
    """Read a signed head, strictly; raises `ValueError`."""
    head = members_of(data, _HEAD)
    seq = head["seq"]
    if not isinstance(seq, int):
        raise ValueError("Expected a whole number")  # noqa: TRY004 - one error for nonsense
    return SignedHead(
        seq=seq,
        hash=as_bytes(head["hash"]),
        time=number_of(head["time"]),
        signature=as_bytes(head["signature"]),
        public=as_bytes(head["public"]),
    )


def opened_json(opened: Opened) -> JsonObjectType:
    """Return what a listener needs to open a part of a recording."""
    return {
        "id": opened.recording,
        "key": as_text(opened.key),
        "ciphertext": as_text(opened.ciphertext),
    }


def as_text(data: bytes) -> str:
    """Return bytes in base64."""
    return b64encode(data).decode()


def as_bytes(data: object) -> bytes:
    """Read base64, strictly; raises `ValueError`."""
    return b64decode(text_of(data), validate=True)
