"""What a lamp on the device shows."""

from enum import StrEnum


class Lamp(StrEnum):
    """A lamp that can be lit."""

    DARK = "dark"
    """Only the wake word is listened for."""
    STREAMING = "streaming"
    """Lit: what is heard leaves the device."""
    MUTED = "muted"
    """Blinking: the microphone is closed on purpose."""
