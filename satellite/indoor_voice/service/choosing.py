"""Lets the user choose a microphone and a loudspeaker by hearing them."""

import sys
from collections.abc import Callable
from contextlib import closing
from typing import Final

from indoor_voice.errors import UserError
from indoor_voice.room.doctor.hearing import dbfs, play, rms
from indoor_voice.room.sound.cues import Cue, cue_samples
from indoor_voice.room.sound.devices import (
    Device,
    DeviceLostError,
    Direction,
    find_device,
    list_devices,
)
from indoor_voice.room.sound.microphone import DeviceMicrophone
from indoor_voice.room.sound.pcm import BLOCK_SECONDS, RATE, Samples

_METER_SECONDS: Final = 5.0
_METER_WIDTH: Final = 40
_QUIETEST_DBFS: Final = -70.0
"""Where the meter begins."""
_TEST_VOLUME: Final = 0.5


def choose_microphone() -> str:
    """Ask until the user sees that a microphone hears them, and return its name."""
    return _choose(Direction.INPUT, _show_level, "Did the bar move as you spoke?")


def choose_loudspeaker() -> str:
    """Ask until the user hears a loudspeaker, and return its name."""
    return _choose(Direction.OUTPUT, _play_sound, "Did you hear two rising notes?")


def lasting_name(device: Device, others: list[Device]) -> str:
    """Return a part of the device's name that outlasts a restart.

    ALSA puts a number behind it, such as `(hw:1,0)`, that depends on what else is plugged in.
    """
    name = device.name.partition(" (hw:")[0]
    found = [it for it in others if name.casefold() in it.name.casefold()]
    return name if found == [device] else device.name


def meter(block: Samples) -> str:
    """Return a bar that shows the level of a sound of shape (samples,)."""
    share = (dbfs(rms(block)) - _QUIETEST_DBFS) / -_QUIETEST_DBFS
    filled = round(_METER_WIDTH * min(max(share, 0.0), 1.0))
    return f"[{'#' * filled}{' ' * (_METER_WIDTH - filled)}]"


def ask(question: str, default: str) -> str:
    """Ask a question at the terminal and return the answer."""
    answer = input(f"{question} [{default}] ").strip()
    return answer or default


def agrees(question: str) -> bool:
    """Ask a question to which Enter means yes."""
    return ask(question, "Y/n").casefold() in ("y/n", "y", "yes")


def _choose(direction: Direction, try_out: Callable[[str], None], question: str) -> str:
    devices = list_devices(direction)
    suggested = _suggested(direction, devices)
    while True:
        _say(f"\nThe {direction.noun}s of this machine:")
        for device in devices:
            _say(f"  {device.index}: {device.name}")
        chosen = ask(f"Which {direction.noun}?", str(suggested.index))
        found = next((it for it in devices if str(it.index) == chosen), None)
        if found is None:
            _say(f"There is no {direction.noun} {chosen}.")
            continue
        suggested = found
        try:
            try_out(str(found.index))
        except DeviceLostError as err:
            _say(f"It can't be used: {err}")
            continue
        if agrees(question):
            return lasting_name(found, devices)


def _suggested(direction: Direction, devices: list[Device]) -> Device:
    """Return the system's default, or the first device; raises `UserError` if there is none."""
    try:
        return find_device(direction, None)
    except UserError:
        if not devices:
            raise
        return devices[0]


def _show_level(query: str) -> None:
    _say("Speak now:")
    with closing(DeviceMicrophone(query).blocks()) as blocks:
        for _ in range(round(_METER_SECONDS / BLOCK_SECONDS)):
            sys.stdout.write(f"\r{meter(next(blocks))}")
            sys.stdout.flush()
    _say("")


def _play_sound(query: str) -> None:
    play(cue_samples(Cue.HEARD, RATE, _TEST_VOLUME), query)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
