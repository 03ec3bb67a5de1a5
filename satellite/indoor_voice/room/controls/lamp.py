"""The states of a lamp on the device."""

from enum import StrEnum


class Lamp(StrEnum):
    """What a lamp shows."""

    DARK = "dark"
    """Off: the satellite only listens for the wake word."""
    STREAMING = "streaming"
    """On: sound leaves the device."""
    MUTED = "muted"
    """Blinking: the satellite is muted."""
