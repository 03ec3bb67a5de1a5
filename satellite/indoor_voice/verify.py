"""Checks a copy of the ledger of what is kept, without Home Assistant and without a network.

Written after docs/keeping.md alone, as anybody could.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from indoor_voice.errors import UserError

if TYPE_CHECKING:
    import argparse

_FORMAT: Final = "indoor-voice ledger copy 1"
_HASH_BYTES: Final = 32
_MAX_WHOLE: Final = 10**21
_COPY: Final = {
    "format", "person", "rows", "chain", "anchor", "head", "verification", "signature",
}  # fmt: skip
_ANCHOR: Final = {"seq", "hash", "time", "signature"}
_HEAD: Final = {*_ANCHOR, "public"}
_SHOWN: Final = ("seq", "time", "kind", "actor", "subjects", "room", "detail")


class CopyError(UserError):
    """A copy is not as it was given out; the message says what does not fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A copy that fits together."""

    person: str
    rows: int
    """How many rows it shows."""

    first: int
    last: int
    """The numbers of the oldest and the newest row that the ledger then had."""

    hashes: dict[int, str]
    public: str


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to `indoor-voice`."""
    parser = commands.add_parser(
        "verify",
        help="check a copy of the ledger of what is kept",
        description="Check a copy of the ledger, as the panel saves it, and whether it agrees with"
        " copies from before.",
    )
    parser.add_argument("file", type=Path, help="the copy")
    parser.add_argument("earlier", type=Path, nargs="*", help="copies from before")
    parser.set_defaults(run=_run)


def _run(arguments: "argparse.Namespace") -> None:
    copy = check(_read(arguments.file))
    for path in arguments.earlier:
        agree(check(_read(path)), copy, str(path))
    print(  # noqa: T201 - the answer
        f"The copy is as it was given out: rows {copy.first} to {copy.last} fit together, and the "
        f"{copy.rows} that it shows are among them.\nIt is signed by the key {copy.public}: the "
        "copies of one household have the same, also those that others keep."
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise UserError(f"{path} cannot be read: {err}") from err


def check(text: str) -> Checked:
    """Check a copy.

    Raises:
        CopyError: for what does not fit.
    """
    try:
        copy = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        return _check(copy)
    except (KeyError, TypeError, ValueError, RecursionError, AttributeError) as err:
        raise CopyError("This is no copy of a ledger, or one that was changed") from err


def agree(earlier: Checked, later: Checked, name: str) -> None:
    """See that a later copy is of the same ledger as an earlier one; raises `CopyError`."""
    if earlier.public != later.public:
        raise CopyError(f"{name} is signed by another key: the ledger was begun anew")
    if earlier.last > later.last:
        raise CopyError(f"The ledger ends before row {earlier.last}, which {name} has")
    for seq in sorted(earlier.hashes.keys() & later.hashes.keys()):
        if earlier.hashes[seq] != later.hashes[seq]:
            raise CopyError(f"Row {seq} is another one than in {name}")


def _check(copy: dict[str, Any]) -> Checked:
    _require(copy.keys() == _COPY and copy["format"] == _FORMAT, "It is no copy of a ledger")
    head, anchor = copy["head"], copy["anchor"]
    _require(head.keys() == _HEAD, "Its head is none")
    public = _bytes(head["public"])
    _check_point("head", head, public)
    before, start = 0, bytes(_HASH_BYTES)
    if anchor is not None:
        _require(anchor.keys() == _ANCHOR, "Its anchor is none")
        _check_point("anchor", anchor, public)
        before, start = anchor["seq"], _bytes(anchor["hash"])
    chain = _bytes(copy["chain"])
    hashes = [chain[at : at + _HASH_BYTES] for at in range(0, len(chain), _HASH_BYTES)]
    last = before + len(hashes)
    _require(last == head["seq"], "Rows are missing, or there are too many")
    _require([start, *hashes][-1] == _bytes(head["hash"]), "The newest row is not that of the head")
    statement = {
        "chain": hashlib.sha256(chain).hexdigest(),
        "person": copy["person"],
        "rows": [row["seq"] for row in copy["rows"]],
        "verification": copy["verification"],
    }
    signed = _FORMAT.encode() + b"\0" + _canonical(statement)
    _require(_signed(public, signed, copy["signature"]), "It was changed: its signature is wrong")
    for row in copy["rows"]:
        _require(isinstance(row["seq"], int), "A row has no number")
        _check_row(row, before, [start, *hashes])
    _require(
        copy["verification"]["ok"] is True,
        f"Home Assistant itself found row {copy['verification']['first_broken']} changed",
    )
    return Checked(
        person=copy["person"],
        rows=len(copy["rows"]),
        first=before + 1,
        last=last,
        hashes={before + at: digest.hex() for at, digest in enumerate([start, *hashes])},
        public=public.hex(),
    )


def _check_point(kind: str, point: dict[str, Any], public: bytes) -> None:
    """See that a row's number, hash and time were signed as a head or an anchor."""
    content = {"hash": _bytes(point["hash"]).hex(), "seq": point["seq"], "time": point["time"]}
    signed = b"indoor-voice ledger %s 1\0" % kind.encode() + _canonical(content)
    _require(_signed(public, signed, point["signature"]), f"Its {kind} was changed")


def _check_row(row: dict[str, Any], before: int, hashes: list[bytes]) -> None:
    """See that a row is the one in the chain, and follows the one before it."""
    place = row["seq"] - before
    _require(0 < place < len(hashes), f"There is no row {row['seq']}")
    digest = hashlib.sha256(row["text"].encode()).digest()
    _require(digest == hashes[place], f"Row {row['seq']} is not as it was written")
    content = json.loads(row["text"])
    _require(content["seq"] == row["seq"], f"Row {row['seq']} is another one")
    _require(
        content["previous"] == hashes[place - 1].hex(),
        f"Row {row['seq']} does not follow the one before it",
    )
    shown = {name: content[name] for name in _SHOWN} | {"text": row["text"]}
    _require(
        _canonical(shown) == _canonical(row), f"Row {row['seq']} says something else than its text"
    )


def _require(holds: bool, problem: str) -> None:  # noqa: FBT001 - what is required
    if not holds:
        raise CopyError(problem)


def _signed(public: bytes, content: bytes, signature: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(_bytes(signature), content)
    except InvalidSignature:
        return False
    return True


def _bytes(text: str) -> bytes:
    raw = b64decode(text, validate=True)
    if b64encode(raw).decode() != text:
        raise ValueError("Base64 that nobody would write so")
    return raw


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("A name stands twice in one object")
    return found


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")


def _canonical(value: object) -> bytes:
    """Return JSON as RFC 8785 writes it, with names in ASCII and numbers as they occur here."""
    return _written(value).encode()


def _written(value: object) -> str:
    match value:
        case dict():
            members = (f"{_written(name)}:{_written(value[name])}" for name in sorted(value))
            return "{" + ",".join(members) + "}"
        case list():
            return "[" + ",".join(map(_written, value)) + "]"
        case float() if value.is_integer() and abs(value) < _MAX_WHOLE:
            return str(int(value))
        case float() if "e" in repr(value):
            raise ValueError("No number that a ledger has")
    return json.dumps(value, ensure_ascii=False)
