"""Finds out whether this machine has a microphone and a loudspeaker, before anything is started."""

from contextlib import closing

from indoor_voice.errors import UserError

_ADVICE = """\
Is one plugged in, is it the default in your system's sound settings, and are you in the group
audio? Without --mic the demo needs no sound devices: a voice speaks into a virtual room."""


def missing_device() -> str | None:
    """Return which device is missing or unusable and what to do, or None if both are there."""
    try:
        # Raises an error without PortAudio.
        from indoor_voice.room.sound.devices import (  # noqa: PLC0415
            DeviceLostError,
            Direction,
            find_device,
        )
        from indoor_voice.room.sound.microphone import DeviceMicrophone  # noqa: PLC0415
    except UserError as err:
        return str(err)
    for direction in Direction:
        try:
            find_device(direction, None)
        except UserError:
            return f"No {direction.noun} was found.\n{_ADVICE}"
    try:
        with closing(DeviceMicrophone(None).blocks()) as blocks:
            next(blocks)
    except DeviceLostError as err:
        return f"The microphone cannot be used: {err}.\n{_ADVICE}"
    return None
