"""How a request is refused over the wire."""

from typing import Literal

from wyoming.error import Error

Code = Literal[
    "bad-audio",
    "bad-request",
    "busy",
    "failed",
    "text-too-long",
    "too-late",
    "unknown-language",
    "unknown-model",
    "unknown-voice",
]


class RequestError(Exception):
    """A request cannot be answered; `code` is one of the wire's."""

    def __init__(self, code: Code, text: str) -> None:
        """Refuse for a reason that software (`code`) and people (`text`) understand."""
        super().__init__(text)
        self.code = code

    def event(self) -> Error:
        """Return the `error` that is sent instead of an answer."""
        return Error(text=str(self), code=self.code)


def too_busy() -> RequestError:
    """Refuse a request for which there is no place now."""
    return RequestError("busy", "Too many requests at once; try again in a moment")
