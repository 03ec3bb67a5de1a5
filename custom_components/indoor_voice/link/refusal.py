"""What a peer answers in place of what it was asked for."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from wyoming.event import Event

BUSY: Final = "busy"
OTHER: Final = "failed"
_CODES: Final = frozenset(
    {
        BUSY,
        OTHER,
        "bad-audio",
        "bad-request",
        "muted",
        "muted-on-device",
        "not-paired",
        "text-too-long",
        "too-late",
        "turn-given-up",
        "unknown-language",
        "unknown-model",
        "unknown-voice",
        "unknown-wake-word",
    }
)
"""Those of docs/wire.md."""


class ServerRefusedError(Exception):
    """A speech server answered with an error; `code` is one that docs/wire.md has."""

    def __init__(self, code: str) -> None:
        """Name the reason."""
        super().__init__(code)
        self.code = code


def code_of(error: Event) -> str:
    """Return the code of an `error`; one that we do not know is the general one."""
    code = error.data.get("code")
    return code if isinstance(code, str) and code in _CODES else OTHER
