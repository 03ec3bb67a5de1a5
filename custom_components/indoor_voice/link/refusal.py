"""The errors with which a peer answers a request."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wyoming.event import Event

BUSY: Final = "busy"
OTHER: Final = "failed"
_CODES: Final = frozenset(
    {
        BUSY,
        OTHER,
        "alarm-passed",
        "bad-audio",
        "bad-request",
        "muted",
        "muted-on-device",
        "no-music",
        "not-paired",
        "not-seekable",
        "text-too-long",
        "too-late",
        "too-many-alarms",
        "turn-given-up",
        "unknown-alarm",
        "unknown-language",
        "unknown-model",
        "unknown-time-zone",
        "unknown-voice",
        "unknown-wake-word",
    }
)
"""The error codes of docs/wire.md."""


class ServerRefusedError(Exception):
    """A speech server answered with an error; `code` is one of docs/wire.md."""

    def __init__(self, code: str) -> None:
        """Initialize with the error code."""
        super().__init__(code)
        self.code = code


def code_of(error: Event) -> str:
    """Return the code of an `error`, or the general code if it is unknown."""
    code = error.data.get("code")
    return code if isinstance(code, str) and code in _CODES else OTHER
