"""The lamp is lit before any sound is queued, and until none can leave any more."""

from collections import deque
from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from wyoming.event import Event

from indoor_voice.room.sending import Sending
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES

BLOCK = np.ones((BLOCK_SAMPLES,), np.int16)


class Wire:
    """A wire that may be slow: it carries events away only when it is asked to."""

    def __init__(self) -> None:
        self.queue: deque[Event] = deque()
        self.buffer: deque[Event] = deque()
        """What has been written and can't be dropped any more."""
        self.on_gone: list[Callable[[], None]] = []
        self.sent: list[tuple[Event, bool]] = []
        """With whether the lamp was lit."""
        self.lit = False

    def send(self, event: Event) -> None:
        self.queue.append(event)

    def end_audio(self, event: Event, on_gone: Callable[[], None]) -> None:
        self.queue = deque(queued for queued in self.queue if queued.type != "audio-chunk")
        self.queue.append(event)
        self.on_gone.append(on_gone)

    def write(self) -> None:
        self.buffer += self.queue
        self.queue.clear()

    def carry(self) -> None:
        self.write()
        while self.buffer:
            self.sent.append((self.buffer.popleft(), self.lit))
        gone, self.on_gone = self.on_gone, []
        for on_gone in gone:
            on_gone()


def take_step(step: str, sending: Sending, wire: Wire) -> None:
    """Open, send, close, write or carry, if that is possible now."""
    match step:
        case "open" if not sending.is_open:
            sending.open([BLOCK, BLOCK])
        case "send":
            sending.send(BLOCK)
        case "close" if sending.is_open:
            sending.close()
        case "write":
            wire.write()
        case "carry":
            wire.carry()


@given(st.lists(st.sampled_from(["open", "send", "close", "write", "carry"]), max_size=30))
def test_no_sound_leaves_with_a_dark_lamp(steps: list[str]) -> None:
    wire = Wire()

    def show() -> None:
        wire.lit = sending.is_under_way

    sending = Sending(wire, None, show)
    for step in steps:
        take_step(step, sending, wire)
        assert wire.lit is (sending.is_open or bool(wire.on_gone))
    wire.carry()
    assert wire.lit is sending.is_open
    assert all(lit for event, lit in wire.sent if event.type == "audio-chunk")


def test_nothing_is_sent_while_it_is_closed() -> None:
    wire = Wire()
    sending = Sending(wire, None, lambda: None)
    sending.send(BLOCK)
    assert not wire.queue
