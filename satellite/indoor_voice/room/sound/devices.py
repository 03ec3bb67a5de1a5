"""Finds and opens sound devices through PortAudio, which allows only one thread at a time."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from indoor_voice.errors import UserError

try:
    import sounddevice as sd  # type: ignore[import-untyped]  # it ships no types
except OSError as err:
    raise UserError(
        "PortAudio is not installed. On Debian, install it with: sudo apt install libportaudio2"
    ) from err

SoundError: Final[type[Exception]] = sd.PortAudioError

_LOCK: Final = threading.Lock()
_open_streams = 0


class DeviceLostError(Exception):
    """A sound device cannot be used; the message says why."""


class Direction(StrEnum):
    """The direction of a sound device."""

    INPUT = "input"
    OUTPUT = "output"

    @property
    def noun(self) -> str:
        """The word that users see, and the name of the option."""
        return {Direction.INPUT: "microphone", Direction.OUTPUT: "loudspeaker"}[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A microphone or loudspeaker."""

    index: int
    name: str
    channels: int
    rate: int
    """Preferred sample rate, in samples per second."""


def list_devices(direction: Direction) -> list[Device]:
    """Return the devices for a direction; raises `UserError` if PortAudio cannot list them."""
    try:
        with _LOCK:
            devices = [_device(entry, direction) for entry in sd.query_devices()]
    except SoundError as err:
        raise UserError(f"Cannot list the sound devices: {_reason(err)}.") from err
    return [device for device in devices if device.channels > 0]


def find_device(direction: Direction, query: str | None) -> Device:
    """Find a device by its index or part of its name; None selects the system default.

    Raises:
        UserError: there is no such device; the message lists the available ones.
    """
    devices = list_devices(direction)
    found: Device | None = None
    if query is None:
        default = sd.default.device[direction is Direction.OUTPUT]
        found = next((device for device in devices if device.index == default), None)
    elif query.isdecimal():
        found = next((device for device in devices if device.index == int(query)), None)
    else:
        found = next((d for d in devices if query.casefold() in d.name.casefold()), None)
    if found is not None:
        return found
    missing = f"no {direction.noun}" if query is None else f"no {direction.noun} {query!r}"
    known = "; ".join(f"{device.index}: {device.name}" for device in devices)
    advice = (
        f"Choose one with --{direction.noun}: {known}."
        if known
        else "Is it plugged in, and is this user in the group audio?"
    )
    raise UserError(f"There is {missing}. {advice}")


def device_format(device: Device, *, stereo: bool = False) -> tuple[int, int]:
    """Return the sample rate and channels to open `device` with: mono if it supports that.

    With `stereo`, two channels are preferred.
    """
    if stereo and device.channels > 1:
        return device.rate, 2
    try:
        sd.check_output_settings(
            device=device.index, channels=1, dtype="int16", samplerate=device.rate
        )
    except SoundError:
        return device.rate, min(device.channels, 2)
    return device.rate, 1


def refresh() -> None:
    """Restart PortAudio, which otherwise sees only the devices that existed when it started.

    Does nothing while a stream is open, because that would end the stream.
    """
    with _LOCK:
        if _open_streams == 0:
            # According to PortAudio's maintainers, this is the only way. Failures show up when a
            # device is next used.
            with suppress(SoundError):
                sd._terminate()  # noqa: SLF001
            with suppress(SoundError):
                sd._initialize()  # noqa: SLF001


@contextmanager
def running(make_stream: Callable[[], Any]) -> Iterator[Any]:
    """Create a stream, run it during the block and close it; raises `DeviceLostError`."""
    global _open_streams  # noqa: PLW0603 - PortAudio is global, too
    try:
        with _LOCK:
            stream = make_stream()
            _open_streams += 1
    except (SoundError, ValueError) as err:
        raise DeviceLostError(_reason(err)) from err
    try:
        stream.start()
        yield stream
    except SoundError as err:
        raise DeviceLostError(_reason(err)) from err
    finally:
        with _LOCK:
            stream.close()
            _open_streams -= 1


def _reason(err: Exception) -> str:
    return str(err.args[0]) if err.args else type(err).__name__


def _device(entry: dict[str, Any], direction: Direction) -> Device:
    return Device(
        index=entry["index"],
        name=entry["name"],
        channels=entry[f"max_{direction}_channels"],
        rate=round(entry["default_samplerate"]),
    )
