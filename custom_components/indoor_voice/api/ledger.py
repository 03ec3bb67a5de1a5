"""WebSocket commands that read and verify the ledger."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from ..privacy.store.ledger_rows import LISTENING, RowKind
from .command import Call, Commands
from .serialize import copy_json, head_json, head_of, row_json

if TYPE_CHECKING:
    import probatio as vol

    from ..privacy.household import Household
    from ..privacy.store.ledger_rows import Row
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

_MOST_HEADS: Final = 100
_MOST_ROWS: Final = 500
_LISTENING_OF: Final = ("others", "mine")
_ROWS_ABOUT: Final = ("everything", "listening", *_LISTENING_OF)
"""The `about` values of `ledger/rows`: all rows, or those about listening, by anyone or by some."""

ledger_command: Final = Commands()


@ledger_command(
    "ledger/rows",
    {
        vol.Optional("before", default=2**53): vol.All(int, vol.Range(min=0, max=2**53)),
        vol.Optional("limit", default=_MOST_ROWS): vol.All(int, vol.Range(min=1, max=_MOST_ROWS)),
        vol.Optional("about", default="everything"): vol.In(_ROWS_ABOUT),
    },
)
async def _rows(call: Call) -> object:
    """Return the newest rows about the caller, before a given row."""
    person, about, limit = call.person, call.data["about"], call.data["limit"]
    kinds = frozenset(RowKind) if about == "everything" else LISTENING

    def is_wanted(row: Row) -> bool:
        return about not in _LISTENING_OF or (row.actor == person) == (about == "mine")

    def read(household: Household) -> list[Row]:
        found: list[Row] = []
        before = call.data["before"]
        while len(found) < limit and (
            page := household.rows(person, before=before, limit=limit, kinds=kinds)
        ):
            found += filter(is_wanted, page)
            before = page[-1].seq
        return found[:limit]

    return [row_json(row) for row in await call.keeper.run(read)]


@ledger_command("ledger/head")
async def _head(call: Call) -> object:
    """Return the signed head, which the caller can keep and later pass to `ledger/verify`."""
    return head_json(await call.keeper.run(lambda household: household.head()))


@ledger_command("ledger/copy")
async def _copy(call: Call) -> object:
    """Return a copy of the ledger rows about the caller, which anybody can verify."""
    return copy_json(await call.keeper.run(lambda household: household.copy(call.person)))


@ledger_command(
    "ledger/verify",
    {vol.Optional("heads", default=list): vol.All([dict], vol.Length(max=_MOST_HEADS))},
)
async def _verify(call: Call) -> object:
    """Verify the whole ledger, and compare it with signed heads that were given out earlier."""
    heads = [head_of(head) for head in call.data["heads"]]
    return asdict(await call.keeper.run(lambda household: household.verify(heads)))
