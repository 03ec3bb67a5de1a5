"""Finds and opens sound devices through PortAudio, one thread at a time as it wants."""

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
        "PortAudio is missing. Install it, on Debian with: sudo apt install libportaudio2"
    ) from err

SoundError: Final[type[Exception]] = sd.PortAudioError

_LOCK: Final = threading.Lock()
_open_streams = 0


class DeviceLostError(Exception):
    """A sound device cannot be used, now or any more; its message says why."""


class Direction(StrEnum):
    """Which way the sound goes."""

    INPUT = "input"
    OUTPUT = "output"

    @property
    def noun(self) -> str:
        """What users call it."""
        return {Direction.INPUT: "microphone", Direction.OUTPUT: "loudspeaker"}[self]


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A microphone or loudspeaker."""

    index: int
    name: str
    channels: int
    rate: int
    """What the device prefers, in samples per second."""


def list_devices(kind: Direction) -> list[Device]:
    """Return the devices of a kind; raises `UserError` when PortAudio cannot tell."""
    try:
        with _LOCK:
            devices = [_device(entry, kind) for entry in sd.query_devices()]
    except SoundError as err:
        raise UserError(f"The sound devices cannot be listed: {_reason(err)}.") from err
    return [device for device in devices if device.channels > 0]


def find_device(kind: Direction, wish: str | None) -> Device:
    """Find the device that the user means: an index, a part of a name, or None for the system's.

    Raises:
        UserError: there is none; the message lists those that exist.
    """
    devices = list_devices(kind)
    found: Device | None = None
    if wish is None:
        default = sd.default.device[kind is Direction.OUTPUT]
        found = next((device for device in devices if device.index == default), None)
    elif wish.isdecimal():
        found = next((device for device in devices if device.index == int(wish)), None)
    else:
        found = next((d for d in devices if wish.casefold() in d.name.casefold()), None)
    if found is not None:
        return found
    missing = f"no {kind.noun}" if wish is None else f"no {kind.noun} {wish!r}"
    known = "; ".join(f"{device.index}: {device.name}" for device in devices)
    advice = (
        f"Choose one with --{kind.noun}: {known}."
        if known
        else "Is it plugged in, and may this user use it (group audio)?"
    )
    raise UserError(f"There is {missing}. {advice}")


def refresh() -> None:
    """Look for devices again: PortAudio sees only those that were there when it was started.

    Does nothing while a stream is open, because that would end it.
    """
    with _LOCK:
        if _open_streams == 0:
            # The only way, by its maintainers' own words. What fails now shows in the next look.
            with suppress(SoundError):
                sd._terminate()  # noqa: SLF001
            with suppress(SoundError):
                sd._initialize()  # noqa: SLF001


@contextmanager
def running(make_stream: Callable[[], Any]) -> Iterator[Any]:
    """Make a stream, run it during the block, and close it; raises `DeviceLostError`."""
    global _open_streams  # noqa: PLW0603 - PortAudio is one per process, too
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


def _device(entry: dict[str, Any], kind: Direction) -> Device:
    return Device(
        index=entry["index"],
        name=entry["name"],
        channels=entry[f"max_{kind}_channels"],
        rate=round(entry["default_samplerate"]),
    )
