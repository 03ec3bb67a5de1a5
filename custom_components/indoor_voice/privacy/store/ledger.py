"""The tamper-evident record of who kept, heard, allowed and deleted what.

The people in it must be able to rely on it even though the administrator can write the database
file. Each way of changing it is met by one part of the construction:

- *Edit, remove, add or move a row*: each row contains its own number and the hash of the row
  before it, so the following row no longer fits.
- *Also recompute all later hashes*: each row has a code (HMAC) made with the household's seed,
  which is not in the database.
- *Remove the oldest rows, as ageing does*: the row before the oldest one that remains is signed,
  as the anchor.
- *Cut off the newest rows*: what remains fits together. It disagrees with the store's seal
  (`store_seal`), and with every signed head that a browser or an exported copy remembers.
- *Make a new ledger with the stolen seed*: nothing here prevents it, but it disagrees with the
  remembered heads.

The codes are only for Home Assistant's own check. Heads, anchors and copies are signed (Ed25519),
so that anybody can check them without the seed.

People read only the rows about themselves. A copy also contains the hashes of all other rows, so
that copies of different people and times can be compared. Each row contains a random salt, without
which others' rows could be guessed and the guesses checked against their hashes.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import rfc8785
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey

from ..people import DAY_SECONDS
from ..strict_json import texts_of
from .database import CorruptStoreError
from .ledger_rows import (
    ABOUT_ALL,
    Broken,
    Copy,
    Entry,
    Row,
    RowKind,
    SignedAnchor,
    SignedHead,
    Verification,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ..people import PersonId
    from .database import Database

ROW_LIFE_SECONDS: Final = 400 * DAY_SECONDS
"""A consent holds for at most a year; the rows about it outlive it a little."""

_AGE_EVERY_SECONDS: Final = DAY_SECONDS
MAX_SEQ: Final = 2**53 - 1
"""The largest integer of canonical JSON (RFC 8785)."""

_HEAD: Final = b"indoor-voice ledger head 1\0"
_COPY: Final = b"indoor-voice ledger copy 1\0"
_ANCHOR: Final = b"indoor-voice ledger anchor 1\0"
_MAC_KEY: Final = b"indoor-voice ledger rows 1\0"
_SEAL_KEY: Final = b"indoor-voice ledger seal 1\0"

_PAGE_ROWS: Final = 500
_SALT_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class _Point:
    """The place of a row in the chain."""

    seq: int
    hash: bytes
    time: float

    def message(self, context: bytes) -> bytes:
        """Return the message that is signed for this place."""
        return context + rfc8785.dumps(
            {"hash": self.hash.hex(), "seq": self.seq, "time": self.time}
        )


_BEGINNING: Final = _Point(0, bytes(32), 0.0)
"""The place before the very first row."""


class Ledger:
    """Appends, ages, reads and verifies rows; raises `StoreError`.

    `append` and `age` must be called within a transaction.
    """

    def __init__(self, database: Database, seed: bytes) -> None:
        """Use the household's seed, 32 bytes, which must not be in the store."""
        self._database = database
        self._signing = SigningKey(seed)
        self._aged: float | None = None
        self._mac_key = hashlib.sha256(_MAC_KEY + seed).digest()
        self._seal_key = hashlib.sha256(_SEAL_KEY + seed).digest()

    def append(self, time: float, entry: Entry) -> Row:
        """Record an event as the newest row."""
        last = self._last()
        row = Row(
            seq=last.seq + 1,
            time=time,
            kind=entry.kind,
            actor=entry.actor,
            subjects=entry.subjects,
            room=entry.room,
            detail=entry.detail,
        )
        text = _canonical(row, last.hash)
        digest = hashlib.sha256(text).digest()
        self._database.write(
            "INSERT INTO ledger VALUES (?, ?, ?, ?)",
            (row.seq, text.decode(), digest, self._mac(digest)),
        )
        return row

    def age(self, now: float, before: float) -> int:
        """Remove rows from before a time, at the first call and then once a day; returns how many.

        The removal is recorded, and the newest removed row is signed as the anchor.
        """
        if self._aged is not None and now < self._aged + _AGE_EVERY_SECONDS:
            return 0
        self._aged = now
        if (end := self._end_of_life(before)) is None:
            return 0
        anchor = _Point(end.seq, end.hash, now)
        signature = self._signing.sign(anchor.message(_ANCHOR)).signature
        self._database.write("DELETE FROM ledger_anchor")
        self._database.write(
            "INSERT INTO ledger_anchor VALUES (1, ?, ?, ?, ?)",
            (anchor.seq, anchor.hash, anchor.time, signature),
        )
        removed = self._database.write("DELETE FROM ledger WHERE seq <= ?", (end.seq,))
        self.append(now, Entry(kind=RowKind.AGED, detail={"rows": removed}))
        return removed

    def rows_about(
        self,
        person: PersonId,
        *,
        before: int = MAX_SEQ + 1,
        limit: int | None = None,
        kinds: Collection[RowKind] = frozenset(RowKind),
    ) -> list[Row]:
        """Return at most `limit` rows by or about a person, newest first.

        Only rows of the given kinds whose number is below `before` are returned.
        """
        rows = self._about(person, before, kinds, _PAGE_ROWS if limit is None else limit)
        return [row for row, _ in islice(rows, limit)]

    def _about(
        self,
        person: PersonId,
        before: int = MAX_SEQ + 1,
        kinds: Collection[RowKind] = frozenset(RowKind),
        page_rows: int = _PAGE_ROWS,
    ) -> Iterator[tuple[Row, str]]:
        """Yield the authentic rows by or about a person, each with its stored text."""
        # SQLite only preselects by text; the loop below decides on the parsed rows.
        about = [rfc8785.dumps(person).decode(), *map(_kind_in_text, sorted(ABOUT_ALL))]
        of_kind = [] if len(kinds) == len(RowKind) else list(map(_kind_in_text, sorted(kinds)))
        sql = (
            f"SELECT seq, row, hash, mac FROM ledger WHERE seq < ? AND {_any_in_row(about)}"  # noqa: S608 - only placeholders
            f" AND {_any_in_row(of_kind)} ORDER BY seq DESC LIMIT ?"
        )
        while page := self._database.read(sql, (before, *about, *of_kind, page_rows)):
            for seq, text, digest, mac in page:
                before = seq
                row = _row(text) if self._genuine(text, digest, mac) else None
                if row is None or row.seq != seq:
                    continue
                mine = person == row.actor or person in row.subjects or row.kind in ABOUT_ALL
                if mine and row.kind in kinds:
                    yield row, text

    def head(self) -> SignedHead:
        """Return the signed number and hash of the newest row."""
        last = self._last()
        return SignedHead(
            seq=last.seq,
            hash=last.hash,
            time=last.time,
            signature=self._signing.sign(last.message(_HEAD)).signature,
            public=bytes(self._signing.verify_key),
        )

    def newest_row(self) -> int:
        """Return the number of the newest row, or 0 without rows."""
        return self._last().seq

    def copy(self, person: PersonId) -> Copy:
        """Return a person's signed copy, which anybody can check."""
        rows, head, verification = tuple(self._about(person)), self.head(), self.verify()
        anchors = self._database.read("SELECT seq, hash, time, signature FROM ledger_anchor")
        anchor = next(
            (
                SignedAnchor(seq=seq, hash=digest, time=time, signature=signature)
                for seq, digest, time, signature in anchors
            ),
            None,
        )
        hashes = self._database.read("SELECT hash FROM ledger ORDER BY seq")
        chain = b"".join(digest for (digest,) in hashes)
        statement: dict[str, Any] = {
            "chain": hashlib.sha256(chain).hexdigest(),
            "person": person,
            "rows": [row.seq for row, _ in rows],
            "verification": asdict(verification),
        }
        return Copy(
            person=person,
            rows=rows,
            chain=chain,
            anchor=anchor,
            head=head,
            verification=verification,
            signature=self._signing.sign(_COPY + rfc8785.dumps(statement)).signature,
        )

    def code(self, content: bytes) -> bytes:
        """Return the code of other contents of the store; making one takes the seed."""
        return hmac.digest(self._seal_key, content, "sha256")

    def verify(self, heads: Iterable[SignedHead] = ()) -> Verification:
        """Check every row, and that earlier heads agree with the rows.

        If the rows fit together but disagree with a head, somebody with the seed replaced them, or
        rows were cut off: `first_broken` is then the head's row, or the first one that is missing.
        """
        point, anchored = self._start()
        begin, since = point.seq + 1, None
        last, digest, hashes = point.seq, point.hash, {point.seq: point.hash}

        def result(broken: int | None = None, reason: Broken | None = None) -> Verification:
            rows = last - begin + 1
            return Verification(
                ok=reason is None,
                rows=rows,
                first=begin if rows else None,
                since=since,
                first_broken=broken,
                reason=reason,
            )

        if not anchored:
            return result(begin, Broken.FORGED)
        for seq, text, hash_, mac in self._database.read("SELECT * FROM ledger ORDER BY seq"):
            if reason := self._fault(last + 1, digest, (seq, text, hash_, mac)):
                return result(last + 1, reason)
            last, digest = seq, hash_
            hashes[seq] = hash_
            if since is None and (row := _row(text)) is not None:
                since = row.time
        for head in heads:
            if reason := self._disagreement(head, hashes):
                return result(min(head.seq, last + 1), reason)
        return result()

    def _fault(
        self, seq: int, previous: bytes, stored: tuple[int, str, bytes, bytes]
    ) -> Broken | None:
        """Return what is wrong with a stored row that should have this number and predecessor."""
        stored_seq, text, digest, mac = stored
        if stored_seq != seq:
            return Broken.MISSING
        if hashlib.sha256(text.encode()).digest() != digest:
            return Broken.EDITED
        if not hmac.compare_digest(self._mac(digest), mac):
            return Broken.FORGED
        content = json.loads(text)  # authentic, so `append` wrote it
        if content["seq"] != seq or content["previous"] != previous.hex():
            return Broken.MISSING
        return None

    def _disagreement(self, head: SignedHead, hashes: Mapping[int, bytes]) -> Broken | None:
        """Return how an earlier head disagrees with the rows."""
        point = _Point(head.seq, head.hash, head.time)
        if head.public != bytes(self._signing.verify_key) or not self._signed(
            point, _HEAD, head.signature
        ):
            return Broken.FORGED
        if head.seq > max(hashes):
            return Broken.MISSING
        if hashes.get(head.seq, head.hash) != head.hash:  # aged rows can't be compared
            return Broken.EDITED
        return None

    def _start(self) -> tuple[_Point, bool]:
        """Return the place before the oldest row, and whether it is authentic."""
        rows = self._database.read("SELECT seq, hash, time, signature FROM ledger_anchor")
        if not rows:
            return _BEGINNING, True
        ((seq, digest, time, signature),) = rows
        anchor = _Point(seq, digest, time)
        return anchor, self._signed(anchor, _ANCHOR, signature)

    def _last(self) -> _Point:
        """Return the place of the newest row, or the one before the oldest without rows."""
        rows = self._database.read(
            "SELECT seq, hash, row FROM ledger ORDER BY seq DESC LIMIT 1",
        )
        if not rows:
            return self._start()[0]
        ((seq, digest, text),) = rows
        if seq >= MAX_SEQ:
            raise CorruptStoreError(self._database.path)
        return _Point(seq, digest, row.time if (row := _row(text)) else 0.0)

    def _end_of_life(self, before: float) -> _Point | None:
        """Return the newest row that is too old, ignoring rows that were tampered with."""
        end, last = None, -1
        while rows := self._database.read(
            "SELECT * FROM ledger WHERE seq > ? ORDER BY seq LIMIT ?", (last, _PAGE_ROWS)
        ):
            for seq, text, digest, mac in rows:
                last = seq
                if not self._genuine(text, digest, mac) or (row := _row(text)) is None:
                    continue
                if row.time > before:
                    return end
                end = _Point(seq, digest, before)
        return end

    def _genuine(self, text: str, digest: bytes, mac: bytes) -> bool:
        """Return whether the text of a row is as it was written."""
        genuine = hashlib.sha256(text.encode()).digest() == digest
        return genuine and hmac.compare_digest(self._mac(digest), mac)

    def _mac(self, digest: bytes) -> bytes:
        return hmac.digest(self._mac_key, digest, "sha256")

    def _signed(self, point: _Point, context: bytes, signature: bytes) -> bool:
        try:
            self._signing.verify_key.verify(point.message(context), signature)
        except CryptoError, ValueError:
            return False
        return True


def _canonical(row: Row, previous: bytes) -> bytes:
    """Return the bytes of a row that are stored and hashed: canonical JSON (RFC 8785)."""
    return rfc8785.dumps(
        {
            "actor": row.actor,
            "detail": dict(row.detail),
            "kind": row.kind.value,
            "previous": previous.hex(),
            "room": row.room,
            # Copies contain the hashes of others' rows, which could be guessed without a salt.
            "salt": secrets.token_hex(_SALT_BYTES),
            "seq": row.seq,
            "subjects": sorted(row.subjects),
            "time": row.time,
        }
    )


def _kind_in_text(kind: RowKind) -> str:
    """Return the part of a row's stored text that shows its kind."""
    return f'"kind":"{kind}"'


def _any_in_row(texts: Collection[str]) -> str:
    """Return the SQL condition that a row contains one of the texts; true without texts."""
    return f"({' OR '.join('instr(row, ?)' for _ in texts)})" if texts else "TRUE"


def _row(text: str) -> Row | None:
    """Read a stored row; None if it is malformed, which `verify` reports."""
    try:
        content = json.loads(text)
        return Row(
            seq=content["seq"],
            time=float(content["time"]),
            kind=RowKind(content["kind"]),
            actor=content["actor"],
            subjects=texts_of(content["subjects"]),
            room=content["room"],
            detail=content["detail"],
        )
    except KeyError, TypeError, ValueError, RecursionError:
        return None
