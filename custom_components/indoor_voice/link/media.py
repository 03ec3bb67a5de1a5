"""What a satellite plays, as it tells in a `media` event, and what it is told to play."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from wyoming.event import Event

from .timers import ContentError

_MAX_SECONDS: Final = 366 * 24 * 3600
_MAX_NUMBER: Final = 2**53


class MediaState(StrEnum):
    """What a satellite's music player does."""

    IDLE = "idle"
    BUFFERING = "buffering"
    PLAYING = "playing"
    PAUSED = "paused"


class MediaError(StrEnum):
    """Why something ended early or could not be played."""

    NOT_FOUND = "media-not-found"
    REFUSED = "media-refused"
    UNREACHABLE = "media-unreachable"
    UNPLAYABLE = "media-unplayable"
    WITHOUT_SOUND = "media-without-sound"
    STALLED = "media-stalled"
    LOUDSPEAKER_LOST = "media-loudspeaker-lost"
    FAILED = "media-failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaStatus:
    """A satellite's report on its music player."""

    state: MediaState
    number: int | None
    """The number of the latest thing that it was told to play."""
    position_seconds: float | None
    duration_seconds: float | None
    """None if it is unknown, or never ends; then no position can be chosen."""
    volume: float
    """0 to 1."""
    muted: bool
    error: MediaError | None


def media_status(event: Event) -> MediaStatus:
    """Return the status in a `media` event; raises `ContentError`."""
    data = event.data
    try:
        state = MediaState(str(data.get("state")))
    except ValueError as err:
        raise ContentError("state must be idle, buffering, playing or paused") from err
    volume = _number(data.get("volume"), 1)
    number, muted, error = data.get("number"), data.get("muted"), data.get("error")
    if volume is None or not isinstance(muted, bool):
        raise ContentError("volume and muted are needed")
    if isinstance(number, bool) or not isinstance(number, int | None):
        raise ContentError("number must be a whole number")
    if number is not None and abs(number) > _MAX_NUMBER:
        raise ContentError("number is too large")
    return MediaStatus(
        state=state,
        number=number,
        position_seconds=_number(data.get("position_seconds"), _MAX_SECONDS),
        duration_seconds=_number(data.get("duration_seconds"), _MAX_SECONDS),
        volume=volume,
        muted=muted,
        error=_error(error),
    )


def media_play(url: str, number: int, *, verify: bool) -> Event:
    """Return the event that makes a satellite play what is at `url`.

    `verify` is whether the certificate of its server must be valid.
    """
    return Event("media-play", {"url": url, "number": number, "verify": verify})


def media_pause() -> Event:
    """Return the event that pauses what plays."""
    return Event("media-pause")


def media_resume() -> Event:
    """Return the event that resumes what is paused."""
    return Event("media-resume")


def media_stop() -> Event:
    """Return the event that stops what plays."""
    return Event("media-stop")


def media_seek(position_seconds: float) -> Event:
    """Return the event that goes on from another position."""
    return Event("media-seek", {"position_seconds": position_seconds})


def media_volume(volume: float) -> Event:
    """Return the event that sets the volume, 0 to 1, of all that a satellite's player plays."""
    return Event("media-volume", {"volume": volume})


def media_mute(*, muted: bool) -> Event:
    """Return the event that makes what a satellite's player plays inaudible, or audible again."""
    return Event("media-volume", {"muted": muted})


def _number(value: object, most: float) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ContentError("times and the volume must be numbers")
    if not math.isfinite(value) or not 0 <= value <= most:
        raise ContentError("times and the volume must be within their limits")
    return float(value)


def _error(code: object) -> MediaError | None:
    if code is None:
        return None
    # Like any code that is not on the page, it counts as failed.
    return next((error for error in MediaError if error == code), MediaError.FAILED)
