"""Converts household objects to and from WebSocket JSON."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from ..privacy.store.ledger_rows import Copy, Row, SignedHead
from ..privacy.strict_json import (
    base64_of,
    bytes_of,
    members_of,
    number_of,
    whole_number_of,
)

if TYPE_CHECKING:
    from homeassistant.util.json import JsonObjectType

    from ..privacy.types import Opened

_HEAD = {"seq", "hash", "time", "signature", "public"}


def row_json(row: Row) -> JsonObjectType:
    """Return a ledger row as JSON."""
    return {**asdict(row), "subjects": sorted(row.subjects), "detail": dict(row.detail)}


def head_json(head: SignedHead) -> JsonObjectType:
    """Return a signed head as JSON, with bytes in base64."""
    return {
        "seq": head.seq,
        "hash": base64_of(head.hash),
        "time": head.time,
        "signature": base64_of(head.signature),
        "public": base64_of(head.public),
    }


def copy_json(copy: Copy) -> JsonObjectType:
    """Return a copy of the ledger in the format of docs/keeping.md, with bytes in base64."""
    anchor = copy.anchor
    return {
        "format": "indoor-voice ledger copy 1",
        "person": copy.person,
        "rows": [{**row_json(row), "text": text} for row, text in copy.rows],
        "chain": base64_of(copy.chain),
        "anchor": None
        if anchor is None
        else {
            "seq": anchor.seq,
            "hash": base64_of(anchor.hash),
            "time": anchor.time,
            "signature": base64_of(anchor.signature),
        },
        "head": head_json(copy.head),
        "verification": asdict(copy.verification),
        "signature": base64_of(copy.signature),
    }


def head_of(data: object) -> SignedHead:
    """Parse a signed head strictly; raises `ValueError`."""
    head = members_of(data, _HEAD)
    return SignedHead(
        seq=whole_number_of(head["seq"]),
        hash=bytes_of(head["hash"]),
        time=number_of(head["time"]),
        signature=bytes_of(head["signature"]),
        public=bytes_of(head["public"]),
    )


def opened_json(opened: Opened) -> JsonObjectType:
    """Return what a listener needs to open a part of a recording, as JSON."""
    return {
        "id": opened.recording,
        "key": base64_of(opened.key),
        "ciphertext": base64_of(opened.ciphertext),
        "disguise": opened.disguise,
    }
