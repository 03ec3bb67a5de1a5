"""The commands that are spoken to all assistants."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Command:
    """A sentence, and the intent that Home Assistant must recognise in the transcript."""

    sentence: str
    intent: str


COMMANDS: Final = (
    Command("Turn on the bedroom light.", "HassTurnOn"),
    Command("What is the temperature in the living room?", "HassClimateGetTemperature"),
    Command("Close the bedroom blinds.", "HassTurnOff"),
    Command("Set the thermostat to 21 degrees.", "HassClimateSetTemperature"),
    Command("Turn off the bedroom light.", "HassTurnOff"),
    Command("Open the bedroom blinds.", "HassTurnOn"),
    Command("Turn on the living room light.", "HassTurnOn"),
    Command("Set the living room brightness to fifty percent.", "HassLightSet"),
    Command("Turn on the fan.", "HassTurnOn"),
    Command("Turn off the living room light.", "HassTurnOff"),
)
"""None changes only the satellite's own area, so Home Assistant answers each in words."""
