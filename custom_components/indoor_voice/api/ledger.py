"""WebSocket commands that read and verify the ledger."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from ..privacy.store.ledger_rows import LISTENING, RowKind
from .command import Call, Commands
from .serialize import copy_json, head_json, head_of, row_json

if TYPE_CHECKING:
    import probatio as vol
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

_MOST_HEADS: Final = 100
_MOST_ROWS: Final = 500
_ROWS_ABOUT: Final = {"everything": frozenset(RowKind), "listening": LISTENING}
"""The kinds of rows that each `about` value of `ledger/rows` selects."""

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
    data = call.data
    rows = await call.keeper.run(
        lambda household: household.rows(
            call.person,
            before=data["before"],
            limit=data["limit"],
            kinds=_ROWS_ABOUT[data["about"]],
        )
    )
    return [row_json(row) for row in rows]


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
