"""The lamp is lit before any sound is queued, and until what has not left is dropped."""

from collections import deque

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
        self.sent: list[tuple[Event, bool]] = []
        """With whether the lamp was lit."""
        self.lit = False

    def send(self, event: Event) -> None:
        self.queue.append(event)

    def drop_audio(self) -> None:
        self.queue = deque(event for event in self.queue if event.type != "audio-chunk")

    def carry(self) -> None:
        while self.queue:
            self.sent.append((self.queue.popleft(), self.lit))


def take_step(step: str, sending: Sending, wire: Wire) -> None:
    """Open, send, close or carry, if that is possible now."""
    match step:
        case "open" if not sending.is_open:
            sending.open([BLOCK, BLOCK])
        case "send":
            sending.send(BLOCK)
        case "close" if sending.is_open:
            sending.close()
        case "carry":
            wire.carry()


@given(st.lists(st.sampled_from(["open", "send", "close", "carry"]), max_size=30))
def test_no_sound_leaves_with_a_dark_lamp(steps: list[str]) -> None:
    wire = Wire()

    def show() -> None:
        wire.lit = sending.is_open

    sending = Sending(wire, None, show)
    for step in steps:
        take_step(step, sending, wire)
        assert wire.lit is sending.is_open
    wire.carry()
    assert all(lit for event, lit in wire.sent if event.type == "audio-chunk")


def test_nothing_is_sent_while_it_is_closed() -> None:
    wire = Wire()
    sending = Sending(wire, None, lambda: None)
    sending.send(BLOCK)
    assert not wire.queue
