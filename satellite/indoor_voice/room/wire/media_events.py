"""Converts between the events for music, as in docs/wire.md, and the music player."""

import math
from typing import Any, Final
from urllib.parse import urlsplit

from wyoming.event import Event

from indoor_voice.room.music.player import MusicPlayer, Piece

TYPES: Final = frozenset(
    {"media-play", "media-pause", "media-resume", "media-stop", "media-seek", "media-volume"}
)
_MAX_URL: Final = 8_192
"""In characters: that of a signed address with a long path."""
_MAX_NUMBER: Final = 2**53
_MAX_SECONDS: Final = 366 * 24 * 3600.0
_SCHEMES: Final = ("http", "https")


def apply(event: Event, music: MusicPlayer) -> None:
    """Do with the music what an event of one of `TYPES` says.

    Raises:
        ValueError: the content is invalid for the type. The message has nothing of the address.
        NotSeekableError: the position cannot be chosen.
    """
    match event.type:
        case "media-play":
            music.play(_piece(event.data))
        case "media-pause":
            music.pause()
        case "media-resume":
            music.resume()
        case "media-stop":
            music.stop()
        case "media-seek":
            music.seek(_number(event.data, "position_seconds", _MAX_SECONDS))
        case "media-volume":
            _set_level(event.data, music)


def media(music: MusicPlayer) -> Event:
    """Return the event that tells what the music player does."""
    return Event(
        "media",
        {
            "state": music.state.value,
            "number": music.number,
            "position_seconds": _rounded(music.position_seconds),
            "duration_seconds": _rounded(music.duration_seconds),
            "volume": music.level.volume,
            "muted": music.level.muted,
            "error": None if music.fault is None else music.fault.value,
        },
    )


def _piece(data: dict[str, Any]) -> Piece:
    url = data.get("url")
    if not isinstance(url, str) or len(url) > _MAX_URL:
        raise ValueError(f"url must be a text of at most {_MAX_URL} characters")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError("url must be an address") from None
    if parts.scheme not in _SCHEMES or not parts.hostname or not url.isprintable():
        raise ValueError("url must begin with http:// or https://")
    number = data.get("number")
    if isinstance(number, bool) or not isinstance(number, int) or abs(number) > _MAX_NUMBER:
        raise ValueError("number must be a whole number")
    return Piece(number=number, url=url, verify=_boolean(data, "verify"))


def _set_level(data: dict[str, Any], music: MusicPlayer) -> None:
    volume = _number(data, "volume", 1.0) if "volume" in data else music.level.volume
    muted = _boolean(data, "muted") if "muted" in data else music.level.muted
    music.set_level(volume, muted=muted)


def _number(data: dict[str, Any], key: str, most: float) -> float:
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{key} must be a number")
    if not 0 <= value <= most:
        raise ValueError(f"{key} must be between 0 and {most:g}")
    return float(value)


def _boolean(data: dict[str, Any], key: str) -> bool:
    value = data.get(key)
    if not isinstance(value, bool):
        raise ValueError(f"{key} must be true or false")  # noqa: TRY004 - callers catch one class
    return value


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 2)
