"""What can be adjusted on a satellite, as it reports it in a `settings` event."""

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from wyoming.event import Event

from .timers import ContentError

if TYPE_CHECKING:
    from collections.abc import Mapping

NUMBERS: Final = {
    "volume": (0.1, 1.0),
    "cue_volume": (0.0, 1.0),
    "microphone_gain_db": (-20.0, 30.0),
    "led_brightness": (0.05, 1.0),
}
"""Lowest and highest value of each number."""
NOISE_SUPPRESSIONS: Final = ("off", "slight", "medium", "strong", "strongest")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SatelliteSettings:
    """A satellite's settings; None for one that it does not have."""

    volume: float | None = None
    """Of everything that it plays."""

    cue_volume: float | None = None
    microphone_gain_db: float | None = None
    led_brightness: float | None = None
    noise_suppression: str | None = None
    """One of `NOISE_SUPPRESSIONS`."""

    echo_cancelling: bool | None = None
    thinking_sound: bool | None = None
    continued_conversation: bool | None = None
    """Whether its microphone opens after an answer that is a question."""

    language: str | None = None
    """Of the sentences that are recorded on it, such as `de` or `pt-BR`."""


def settings_of(event: Event) -> SatelliteSettings:
    """Return the settings that a satellite reports; raises `ContentError`.

    Settings of a newer satellite that are unknown here are ignored.
    """
    reported = event.data.get("settings")
    if not isinstance(reported, dict):
        raise ContentError("settings must be an object")
    names = [field.name for field in fields(SatelliteSettings)]
    return SatelliteSettings(
        **{name: _checked(name, reported[name]) for name in names if name in reported}
    )


def change_settings(values: Mapping[str, object]) -> Event:
    """Return the event that changes settings of a satellite."""
    return Event("change-settings", {"settings": dict(values)})


def _checked(name: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    if name in NUMBERS:
        lowest, highest = NUMBERS[name]
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not lowest <= value <= highest:
            raise ContentError(f"{name} must be between {lowest:g} and {highest:g}")
        return float(value)
    if name == "noise_suppression":
        if value not in NOISE_SUPPRESSIONS:
            raise ContentError(f"{name} must be one of {', '.join(NOISE_SUPPRESSIONS)}")
        return value
    if name == "language":
        if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
            raise ContentError("language must be a language tag")
        return value
    if not isinstance(value, bool):
        raise ContentError(f"{name} must be true or false")
    return value
