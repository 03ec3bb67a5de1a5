"""The `indoor-voice verify` command: checks copies of the ledger offline, without Home Assistant.

It follows only the specification in docs/keeping.md and shares no code with the integration, so
it is an independent check that anybody could write.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

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
    """A ledger copy is damaged or was changed; the message says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedCopy:
    """A ledger copy that passed all checks."""

    person: str
    rows: int
    """Number of rows that it shows in full."""

    first: int
    last: int
    """Numbers of the oldest and newest row in the ledger at that time."""

    hashes: dict[int, str]
    """Hex digest of each row by its number."""
    public: str
    """The public key of the signatures, in hex."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its options."""
    parser = commands.add_parser(
        "verify",
        help="check a copy of the ledger",
        description="Check a copy of the ledger saved from the panel, and whether it is consistent "
        "with earlier copies.",
    )
    parser.add_argument("file", type=Path, help="copy to check")
    parser.add_argument("earlier", type=Path, nargs="*", help="earlier copies to compare it with")
    parser.set_defaults(run=_run)


def _run(arguments: "argparse.Namespace") -> None:
    copy = check(_read(arguments.file))
    for path in arguments.earlier:
        agree(check(_read(path)), copy, str(path))
    print(  # noqa: T201 - command output
        f"The copy is intact: rows {copy.first} to {copy.last} form an unbroken chain, which "
        f"includes the {copy.rows} rows shown.\nIt is signed with the key {copy.public}. All "
        "copies from one household have the same key, including those saved by other people."
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise UserError(f"Cannot read {path}: {err}") from err


def check(text: str) -> CheckedCopy:
    """Check a ledger copy.

    Raises:
        CopyError: it is not a valid copy.
    """
    try:
        copy = json.loads(text, object_pairs_hook=_unique_names, parse_constant=_reject_constant)
        return _check(copy)
    except (KeyError, TypeError, ValueError, RecursionError, AttributeError) as err:
        raise CopyError("This is not a copy of a ledger, or it was changed") from err


def agree(earlier: CheckedCopy, later: CheckedCopy, name: str) -> None:
    """Check that a later copy continues the ledger of an earlier one; raises `CopyError`."""
    if earlier.public != later.public:
        raise CopyError(f"{name} is signed with a different key: the ledger was started over")
    if earlier.last > later.last:
        raise CopyError(f"The ledger ends before row {earlier.last}, which is in {name}")
    for seq in sorted(earlier.hashes.keys() & later.hashes.keys()):
        if earlier.hashes[seq] != later.hashes[seq]:
            raise CopyError(f"Row {seq} differs from the one in {name}")


def _check(copy: dict[str, Any]) -> CheckedCopy:
    _require(copy.keys() == _COPY and copy["format"] == _FORMAT, "This is not a copy of a ledger")
    head, anchor = copy["head"], copy["anchor"]
    _require(head.keys() == _HEAD, "Its head is invalid")
    public = _bytes(head["public"])
    _check_point("head", head, public)
    anchored_seq, anchored_hash = 0, bytes(_HASH_BYTES)
    if anchor is not None:
        _require(anchor.keys() == _ANCHOR, "Its anchor is invalid")
        _check_point("anchor", anchor, public)
        anchored_seq, anchored_hash = anchor["seq"], _bytes(anchor["hash"])
    chain = _bytes(copy["chain"])
    hashes = [
        anchored_hash,
        *(chain[at : at + _HASH_BYTES] for at in range(0, len(chain), _HASH_BYTES)),
    ]
    last = anchored_seq + len(hashes) - 1
    _require(last == head["seq"], "It has too few or too many rows")
    _require(hashes[-1] == _bytes(head["hash"]), "Its newest row does not match its head")
    statement = {
        "chain": hashlib.sha256(chain).hexdigest(),
        "person": copy["person"],
        "rows": [row["seq"] for row in copy["rows"]],
        "verification": copy["verification"],
    }
    signed = _FORMAT.encode() + b"\0" + _canonical(statement)
    _require(
        _is_signed(public, signed, copy["signature"]), "It was changed: its signature is wrong"
    )
    for row in copy["rows"]:
        _require(isinstance(row["seq"], int), "A row has no number")
        _check_row(row, anchored_seq, hashes)
    _require(
        copy["verification"]["ok"] is True,
        f"Home Assistant found that row {copy['verification']['first_broken']} was changed",
    )
    return CheckedCopy(
        person=copy["person"],
        rows=len(copy["rows"]),
        first=anchored_seq + 1,
        last=last,
        hashes={seq: digest.hex() for seq, digest in enumerate(hashes, anchored_seq)},
        public=public.hex(),
    )


def _check_point(kind: str, point: dict[str, Any], public: bytes) -> None:
    """Check the signature over the number, hash and time of a head or anchor."""
    content = {"hash": _bytes(point["hash"]).hex(), "seq": point["seq"], "time": point["time"]}
    signed = b"indoor-voice ledger %s 1\0" % kind.encode() + _canonical(content)
    _require(_is_signed(public, signed, point["signature"]), f"Its {kind} was changed")


def _check_row(row: dict[str, Any], anchored_seq: int, hashes: list[bytes]) -> None:
    """Check that a row matches its hash in the chain and follows the previous row.

    `hashes` begins with that of the row numbered `anchored_seq`.
    """
    place = row["seq"] - anchored_seq
    _require(0 < place < len(hashes), f"The chain has no row {row['seq']}")
    digest = hashlib.sha256(row["text"].encode()).digest()
    _require(digest == hashes[place], f"Row {row['seq']} was changed")
    content = json.loads(row["text"])
    _require(content["seq"] == row["seq"], f"Row {row['seq']} has the number of another row")
    _require(
        content["previous"] == hashes[place - 1].hex(),
        f"Row {row['seq']} does not follow the previous row",
    )
    shown = {name: content[name] for name in _SHOWN} | {"text": row["text"]}
    _require(
        _canonical(shown) == _canonical(row), f"Row {row['seq']} does not match its signed text"
    )


def _require(holds: bool, problem: str) -> None:  # noqa: FBT001 - the condition
    if not holds:
        raise CopyError(problem)


def _is_signed(public: bytes, content: bytes, signature: str) -> bool:
    # Imported late, because every command defines the options of all commands.
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PublicKey,
    )

    try:
        Ed25519PublicKey.from_public_bytes(public).verify(_bytes(signature), content)
    except InvalidSignature:
        return False
    return True


def _bytes(text: str) -> bytes:
    raw = b64decode(text, validate=True)
    if b64encode(raw).decode() != text:
        raise ValueError("Base64 that is not canonical")
    return raw


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("An object has the same name twice")
    return members


def _reject_constant(text: str) -> None:
    raise ValueError(f"{text} is not a JSON number")


def _canonical(value: object) -> bytes:
    """Return canonical JSON (RFC 8785), for ASCII names and the numbers that a ledger contains."""
    return _canonical_text(value).encode()


def _canonical_text(value: object) -> str:
    match value:
        case dict():
            members = (
                f"{_canonical_text(name)}:{_canonical_text(value[name])}" for name in sorted(value)
            )
            return "{" + ",".join(members) + "}"
        case list():
            return "[" + ",".join(map(_canonical_text, value)) + "]"
        case float() if value.is_integer() and abs(value) < _MAX_WHOLE:
            return str(int(value))
        case float() if "e" in repr(value):
            raise ValueError("A ledger contains no such number")
    return json.dumps(value, ensure_ascii=False)
