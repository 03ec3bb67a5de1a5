"""Announces an app of Home Assistant OS, with its pairing code, through the Supervisor.

The Supervisor shows such a message to Home Assistant alone, so the code needs no human to carry it;
docs/link.md says why that is sound.
"""

import asyncio
import json
import logging
import os
import socket
from typing import Final, Self

from .pairing.identity import Identity

_LOGGER = logging.getLogger(__name__)

TOKEN_VARIABLE: Final = "SUPERVISOR_TOKEN"  # noqa: S105 - the name of a variable
_URL: Final = "http://supervisor/discovery"
_SERVICE: Final = "indoor_voice"
_SECONDS: Final = 10.0
_AGAIN_SECONDS: Final = 30.0


class SupervisorAnnouncement:
    """Tells each new pairing code to Home Assistant; does nothing outside an app."""

    def __init__(self, identity: Identity, port: int) -> None:
        """Prepare to announce that `identity` listens on `port` of this app."""
        self._identity = identity
        self._port = port
        self._token = os.environ.get(TOKEN_VARIABLE)
        self._telling: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Start announcing."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop announcing."""
        self._stop()

    def update(self, code: str | None) -> None:
        """Announce another pairing code; None means that the device is paired and needs none."""
        self._stop()
        if self._token is not None and code is not None:
            self._telling = asyncio.create_task(self._tell(self._token, code))

    def _stop(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None

    async def _tell(self, token: str, code: str) -> None:
        """Send the message until the Supervisor takes it."""
        message = {
            "service": _SERVICE,
            "config": {
                "host": socket.gethostname(),
                "port": self._port,
                "id": self._identity.id,
                "kind": str(self._identity.kind),
                "code": code,
            },
        }
        warned = False
        while True:
            try:
                await asyncio.to_thread(_post, token, message)
            except (OSError, ValueError) as err:  # ValueError: no valid answer
                if not warned:
                    _LOGGER.warning(
                        "The Supervisor can't tell Home Assistant about this app: %s. Add it in "
                        "Home Assistant by its address and pairing code.",
                        err,
                    )
                warned = True
            else:
                return
            await asyncio.sleep(_AGAIN_SECONDS)


def _post(token: str, message: object) -> None:
    """Send a message to the Supervisor; raises `OSError` unless it takes it."""
    import urllib.request  # noqa: PLC0415 - heavy, and needed in apps only

    request = urllib.request.Request(
        _URL,
        data=json.dumps(message).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=_SECONDS):  # noqa: S310
        pass
