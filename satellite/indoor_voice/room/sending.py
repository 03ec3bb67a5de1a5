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

    def end_audio(self, event: Event, on_gone: Callable[[], None]) -> None:
        """Drop the queued sound, queue an event, and call when no sound can leave any more."""
        ...


class Sending:
    """Sends sound while it is open.

    The lamp is lit before the first sound is queued. It goes dark when all that has not been
    dropped has arrived, or cannot leave any more.
    """

    def __init__(
        self, wire: Wire, suppressor: NoiseSuppressor | None, on_change: Callable[[], None]
    ) -> None:
        """Prepare to send to `wire`; `on_change` must set the lamp by `is_under_way`."""
        self._wire = wire
        self._suppressor = suppressor
        self._on_change = on_change
        self._is_open = False
        self._ending = 0
        """Closed streams of which some sound may still be under way."""

    @property
    def is_open(self) -> bool:
        """Whether it takes sound to send."""
        return self._is_open

    @property
    def is_under_way(self) -> bool:
        """Whether sound may leave the device."""
        return self._is_open or self._ending > 0

    def open(self, earlier: Iterable[Samples]) -> None:
        """Begin with the sound of `earlier`, blocks of shape (1280,)."""
        self._is_open = True
        self._on_change()
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
        """End without the sound that is still queued."""
        self._is_open = False
        self._ending += 1
        self._wire.end_audio(events.audio_stop(), self._note_gone)

    def _note_gone(self) -> None:
        self._ending -= 1
        self._on_change()
