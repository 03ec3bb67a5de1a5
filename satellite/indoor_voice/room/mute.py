"""Who has muted the satellite: only the device itself can take back what was done on it."""

from dataclasses import dataclass, replace
from typing import Self


class MutedOnDeviceError(Exception):
    """Home Assistant asks to unmute what somebody muted on the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Why the microphone is closed, if it is."""

    by_home_assistant: bool = False
    on_device: bool = False

    @property
    def muted(self) -> bool:
        """Whether the microphone must be closed."""
        return self.by_home_assistant or self.on_device

    def asked(self, muted: bool) -> Self:  # noqa: FBT001 - the event's own
        """Do what Home Assistant asks for; raises `MutedOnDeviceError`."""
        if self.on_device and not muted:
            raise MutedOnDeviceError("Somebody muted the device itself; unmute it there")
        return replace(self, by_home_assistant=muted)

    def switched(self, muted: bool) -> Self:  # noqa: FBT001 - what its users have in hand
        """Do what somebody wants who stands beside the device: that goes before all else."""
        return replace(self, by_home_assistant=self.by_home_assistant and muted, on_device=muted)
