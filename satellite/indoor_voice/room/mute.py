"""Tracks who muted the satellite: a mute on the device can only be undone on the device."""

from dataclasses import dataclass, replace
from typing import Self


class MutedOnDeviceError(Exception):
    """Home Assistant tried to unmute a satellite that was muted on the device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Who has muted the microphone, if anybody."""

    by_home_assistant: bool = False
    on_device: bool = False

    @property
    def muted(self) -> bool:
        """Whether the microphone must stay closed."""
        return self.by_home_assistant or self.on_device

    def with_home_assistant(self, muted: bool) -> Self:  # noqa: FBT001 - as in the event
        """Return the state after Home Assistant mutes or unmutes; raises `MutedOnDeviceError`."""
        if self.on_device and not muted:
            raise MutedOnDeviceError("It was muted on the device itself; unmute it there")
        return replace(self, by_home_assistant=muted)

    def with_device(self, muted: bool) -> Self:  # noqa: FBT001 - the state of a switch
        """Return the state after somebody mutes or unmutes at the device, which always wins."""
        return replace(self, by_home_assistant=self.by_home_assistant and muted, on_device=muted)
