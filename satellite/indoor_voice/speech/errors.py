"""Errors that are sent in place of an answer."""

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
    """A request can't be answered; `code` is one of the wire protocol's error codes."""

    def __init__(self, code: Code, text: str) -> None:
        """Give the reason as a code for software and as a text for people."""
        super().__init__(text)
        self.code = code

    def event(self) -> Error:
        """Return the `error` event."""
        return Error(text=str(self), code=self.code)


def too_busy() -> RequestError:
    """Return the error for a request that finds no free place."""
    return RequestError("busy", "Too many requests at once; try again in a moment")
