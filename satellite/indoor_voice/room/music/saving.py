"""Saves what changes, as long as it can be saved."""

import asyncio
import logging
from collections.abc import Callable

from indoor_voice.errors import UserError
from indoor_voice.room.clockwork.tasks import Save

_LOGGER = logging.getLogger(__name__)


async def save_changes(
    changed: asyncio.Event, save: Save, snapshot: Callable[[], Callable[[], None]]
) -> None:
    """Save the latest state after each change, until cancelled.

    `snapshot` returns a function for a thread, which saves the present state and raises
    `UserError`.
    """
    while True:
        await changed.wait()
        changed.clear()
        try:
            await save(snapshot())
        except UserError as err:
            _LOGGER.debug("%s", err)  # the satellite's status tells it
