"""Sends the microphone's sound: nothing else puts it on the wire, and it decides the lamp."""

from collections.abc import Callable, Iterable
from typing import Protocol

from wyoming.event import Event

from .sound.noise import NoiseSuppressor
from .sound.pcm import Samples
from .wire import events


class Wire(Protocol):
    """What carries events to Home Assistant."""

    def send(self, event: Event) -> None:
        """Queue an event."""
        ...

    def drop_audio(self) -> None:
        """Drop sound that has not been sent yet."""
        ...


class Sending:
    """Sends sound while it is open.

    The lamp is lit before the first sound is queued, and goes dark after what has not left is
    dropped.
    """

    def __init__(
        self, wire: Wire, suppressor: NoiseSuppressor | None, on_change: Callable[[], None]
    ) -> None:
        """Prepare to send to `wire`; `on_change` must set the lamp by `is_open`."""
        self._wire = wire
        self._suppressor = suppressor
        self._on_change = on_change
        self._is_open = False

    @property
    def is_open(self) -> bool:
        """Whether sound is sent."""
        return self._is_open

    def open(self, earlier: Iterable[Samples]) -> None:
        """Begin with the sound of `earlier`, blocks of shape (1280,)."""
        self._set_open(True)
        self._wire.send(events.audio_start())
        if self._suppressor is not None:
            self._suppressor.begin()
        for block in earlier:
            self.send(block)

    def send(self, block: Samples) -> None:
        """Send a block of the microphone, shape (1280,); does nothing while closed."""
        if not self._is_open:
            return
        if self._suppressor is not None:
            block = self._suppressor.process(block)
        self._wire.send(events.audio_chunk(block))

    def close(self) -> None:
        """End without the sound that has not left yet."""
        self._wire.drop_audio()
        self._wire.send(events.audio_stop())
        self._set_open(False)

    def _set_open(self, is_open: bool) -> None:  # noqa: FBT001 - the state of a switch
        self._is_open = is_open
        self._on_change()
