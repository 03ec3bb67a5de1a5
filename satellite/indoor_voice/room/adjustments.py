"""What Home Assistant can adjust on a satellite: the settings, their bounds and their defaults.

This is the only list of them. The command line, the wire, the saved file and the parts that
settings change all use it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, Final, Protocol

from .language import DEFAULT_LANGUAGE, checked_language


class NoiseSuppression(StrEnum):
    """How much steady noise is removed from the sound that is sent."""

    OFF = "off"
    SLIGHT = "slight"
    MEDIUM = "medium"
    STRONG = "strong"
    STRONGEST = "strongest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The bounds of a number, both included."""

    lowest: float
    highest: float

    def checked(self, value: object) -> float:
        """Return the value as a number; raises `ValueError` if it is none within the bounds."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError("must be a number")  # noqa: TRY004 - callers catch one class
        if not self.lowest <= value <= self.highest:
            raise ValueError(f"must be between {self.lowest:g} and {self.highest:g}")
        return float(value)


VOLUME: Final = Bounds(lowest=0.1, highest=1.0)
"""Never silent, because a failure must be heard."""
CUE_VOLUME: Final = Bounds(lowest=0.0, highest=1.0)
MICROPHONE_GAIN_DB: Final = Bounds(lowest=-20.0, highest=30.0)
LED_BRIGHTNESS: Final = Bounds(lowest=0.05, highest=1.0)
"""Never dark, because people must see that sound is being sent."""
DEFAULT_LED_BRIGHTNESS: Final = 0.2
"""Easily seen by day, and not glaring at night."""


def _checked_noise_suppression(value: object) -> NoiseSuppression:
    if value not in list(NoiseSuppression):
        raise ValueError(f"must be one of {', '.join(NoiseSuppression)}")
    return NoiseSuppression(str(value))


def _checked_switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - callers catch one class
    return value


_CHECKS: Final[Mapping[str, Callable[[object], Any]]] = {
    "volume": VOLUME.checked,
    "cue_volume": CUE_VOLUME.checked,
    "microphone_gain_db": MICROPHONE_GAIN_DB.checked,
    "led_brightness": LED_BRIGHTNESS.checked,
    "noise_suppression": _checked_noise_suppression,
    "echo_cancelling": _checked_switch,
    "thinking_sound": _checked_switch,
    "continued_conversation": _checked_switch,
    "language": checked_language,
}
"""Each returns a possible value of its setting, and raises `ValueError` for others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustments:
    """The value of each setting; None for one that this satellite does not have."""

    volume: float = 1.0
    """Of everything that it plays. 0.5 sounds half as loud as 1, which changes nothing."""
    cue_volume: float = 0.2
    """Peak of the cues, where 1.0 is full scale: about -14 dBFS, quieter than speech."""
    microphone_gain_db: float = 0.0
    """Of everything that it hears, after its own voice has been removed."""
    led_brightness: float | None = None
    noise_suppression: NoiseSuppression | None = None
    """Of what it sends; wake words are heard in the original sound."""
    echo_cancelling: bool | None = None
    thinking_sound: bool = False
    """Whether a soft sound is repeated while an answer takes its time."""
    continued_conversation: bool = True
    """Whether the microphone opens after an answer that is a question; Home Assistant heeds it."""
    language: str = DEFAULT_LANGUAGE
    """Of the recorded sentences; Home Assistant sets it, so that nobody needs to."""

    def as_data(self) -> dict[str, Any]:
        """Return the settings that this satellite has, by name."""
        values = ((each.name, getattr(self, each.name)) for each in fields(self))
        return {name: value for name, value in values if value is not None}

    def changed(self, data: Mapping[str, object]) -> "Adjustments":
        """Return the settings with other values; raises `ValueError`, and then none is taken."""
        values = {}
        for name, value in data.items():
            if name not in self.as_data():
                raise ValueError(f"there is no setting {name[:40]!r}")
            try:
                values[name] = _CHECKS[name](value)
            except ValueError as err:
                raise ValueError(f"{name} {err}") from err
        return replace(self, **values)

    def with_choices(
        self, chosen: Mapping[str, object], asked_for: Mapping[str, object]
    ) -> "Adjustments":
        """Return the settings with those chosen when the command line asked for `asked_for`.

        Where the command line asks for something else now, that counts. What is no value of a
        setting of this satellite is left out.
        """
        result = self
        for name, value in self.as_data().items():
            if name in chosen and asked_for.get(name) == value:
                try:
                    result = result.changed({name: chosen[name]})
                except ValueError:
                    continue
        return result


def first_adjustments(
    options: Mapping[str, object],
    *,
    cancels_echo: bool | None,
    suppresses_noise: bool,
    dims_lamp: bool,
    language: str = DEFAULT_LANGUAGE,
) -> Adjustments:
    """Return the settings that the options of the command line ask for.

    `cancels_echo` is None, and the others are false, if the satellite cannot.
    """
    has = Adjustments(
        led_brightness=DEFAULT_LED_BRIGHTNESS if dims_lamp else None,
        language=language,
        noise_suppression=NoiseSuppression.OFF if suppresses_noise else None,
        echo_cancelling=cancels_echo,
    )
    names = ("volume", "cue_volume", "microphone_gain_db", "led_brightness", "noise_suppression")
    asked_for: dict[str, object] = {
        name: options[name]
        for name in names
        if options.get(name) is not None and name in has.as_data()
    }
    return has.changed(asked_for)


class Adjustable(Protocol):
    """A part of the satellite that settings change."""

    def adjust(self, adjustments: Adjustments) -> None:
        """Use these settings from now on; called in the event loop."""
        ...
