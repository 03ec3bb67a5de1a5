"""Starts the process that decodes music; `decoder.py` describes what is said to it and by it."""

import asyncio
import json
import logging
import socket
import sys
from contextlib import suppress
from ctypes.util import find_library
from importlib.util import find_spec
from types import TracebackType
from typing import Any, Final, Self

_LOGGER = logging.getLogger(__name__)

_DECODER: Final = "indoor_voice.room.music.decoder"
_LINE_BYTES: Final = 64 * 1024


def can_decode() -> bool:
    """Return whether music can be decoded; if only half of what it needs is there, log the rest."""
    if find_spec("mpv") is None:
        return False
    if find_library("mpv") is None:
        _LOGGER.error(
            "Music cannot be played, because libmpv is not installed. On Debian, install it with: "
            "sudo apt install libmpv2"
        )
        return False
    return True


class DecoderProcess:
    """A process that decodes one piece of music, during an `async with` block."""

    def __init__(self, url: str, *, rate: int, start_seconds: float, verify: bool) -> None:
        """Prepare to decode what is at `url` to 16-bit stereo of `rate` samples per second.

        `verify` is whether the certificate of its server must be valid.
        """
        self._play = {"play": url, "rate": rate, "start": start_seconds, "verify": verify}
        self.sound, self._other_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        """Packets of sound; its user closes it."""
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        """Start the process."""
        with self._other_end:
            number = self._other_end.fileno()
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-m", _DECODER, str(number),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,  # it may name what is played
                pass_fds=(number,),
                limit=_LINE_BYTES,
            )  # fmt: skip
        self._tell(self._play)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Kill the process, whatever it does."""
        assert self._process is not None
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    def seek(self, seconds: float) -> None:
        """Go on from another position; a `ready` event follows."""
        self._tell({"seek": seconds})

    async def event(self) -> dict[str, Any] | None:
        """Return the next event, or None after the last one."""
        assert self._process is not None
        assert self._process.stdout is not None
        try:
            line = await self._process.stdout.readline()
            event: dict[str, Any] | None = json.loads(line) if line else None
        except ValueError:  # also of a line that is too long
            return None
        return event

    def _tell(self, command: dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command).encode("utf-8") + b"\n")
