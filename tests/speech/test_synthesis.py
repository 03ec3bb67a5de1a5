"""Tests for synthesis over a real socket with a real voice."""

import asyncio
import re
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from wyoming.event import Event
from wyoming.ping import Ping
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeVoice,
)

from indoor_voice.speech.recognition.whisper import Whisper
from indoor_voice.speech.synthesis.piper import Speaker, Synthesiser
from indoor_voice.speech.synthesis.request import MAX_TEXT_CHARACTERS
from tests.speech.speaking import RATE, Audio, Client, Connect, Serve


def sound(events: list[Event]) -> Audio:
    payloads = [event.payload or b"" for event in events if event.type == "audio-chunk"]
    return np.frombuffer(b"".join(payloads), "<i2").astype(np.float32) / np.float32(32768)


def shape(events: list[Event]) -> list[str]:
    """Return the types of events, collapsing repetitions."""
    types = [event.type for event in events]
    return [kind for i, kind in enumerate(types) if i == 0 or types[i - 1] != kind]


async def test_a_sentence_is_spoken(client: Client, recogniser: Whisper) -> None:
    await client.send(Synthesize(text="The kitchen light is on.", context={"rate": RATE}))
    events = await client.receive_until("audio-stop", "error")
    assert shape(events) == ["audio-start", "audio-chunk", "audio-stop"]
    assert {
        (event.data["rate"], event.data["width"], event.data["channels"]) for event in events[:-1]
    } == {(RATE, 2, 1)}
    heard = recogniser.recognise(sound(events), "en").best
    assert re.sub(r"\W+", " ", heard.lower()).strip() == "the kitchen light is on"


@pytest.mark.parametrize("rate", [8_000, 22_050, 48_000])
async def test_the_rate_that_was_asked_for(client: Client, rate: int) -> None:
    await client.send(Synthesize(text="Good morning. Good night.", context={"rate": rate}))
    events = await client.receive_until("audio-stop", "error")
    assert events[0].data["rate"] == rate
    audio = sound(events)
    assert 1.0 < len(audio) / rate < 4.0
    assert np.abs(audio).max() > 0.3


@pytest.mark.parametrize("text", ["", " \n", "...", "?! …", "🙂"])
async def test_nothing_to_say_is_no_error(client: Client, text: str) -> None:
    await client.send(Synthesize(text=text))
    events = await client.receive_until("audio-stop", "error")
    assert [event.type for event in events] == ["audio-start", "audio-stop"]


async def test_a_text_that_is_too_long(client: Client) -> None:
    await client.send(Synthesize(text="a" * (MAX_TEXT_CHARACTERS + 1)))
    event = await client.receive("audio-start", "error")
    if event.type == "audio-start":
        event = await client.receive("error")
    assert event.data["code"] == "text-too-long"


class InstantSynthesiser(Synthesiser):
    """Speaks each sentence as a short tone, and can be made to wait before one of them."""

    def __init__(self, real: Synthesiser) -> None:
        self.voices = real.voices
        self._default = real.choose(None)
        self.spoken: list[str] = []
        self.wait_before = ""
        self.go_on = threading.Event()

    def prepare(self, sentence: str, _: Speaker) -> list[Sequence[str]]:
        return [[sentence]]

    def speak(self, piece: Sequence[str], _: Speaker) -> Audio:
        (sentence,) = piece
        if self.wait_before and self.wait_before in sentence:
            self.go_on.wait(30)
        self.spoken.append(sentence)
        return np.full(1000, 0.5, np.float32)


@pytest.fixture
def instant(synthesiser: Synthesiser) -> Any:
    instant = InstantSynthesiser(synthesiser)
    yield instant
    instant.go_on.set()


async def test_a_text_of_10_000_characters_is_spoken_whole(
    serve: Serve, connect: Connect, instant: InstantSynthesiser
) -> None:
    text = "It is a fine day, is it not? " * 345
    async with serve(synthesiser=instant) as port, connect(port) as client:
        await client.send(Synthesize(text=text[:MAX_TEXT_CHARACTERS]))
        events = await client.receive_until("audio-stop", "error")
    assert events[-1].type == "audio-stop"
    assert " ".join(instant.spoken) == text[:MAX_TEXT_CHARACTERS].strip()


async def test_the_first_sentence_is_heard_before_the_last_is_spoken(
    serve: Serve, connect: Connect, instant: InstantSynthesiser
) -> None:
    instant.wait_before = "last"
    async with serve(synthesiser=instant) as port, connect(port) as client:
        await client.send(Synthesize(text="This is first. This is last."))
        await client.receive("audio-chunk")
        assert instant.spoken == ["This is first."]
        instant.go_on.set()
        await client.receive("audio-stop")


async def test_a_stream_of_text(client: Client, recogniser: Whisper) -> None:
    await client.send(SynthesizeStart(context={"rate": RATE}))
    await client.send(
        *(SynthesizeChunk(text=text) for text in ("The door is op", "en. The", " li"))
    )
    # The first sentence is spoken before the text is complete.
    events = [await client.receive("audio-start"), await client.receive("audio-chunk")]
    await client.send(
        SynthesizeChunk(text="ght is off."),
        Synthesize(text="The door is open. The light is off."),
        SynthesizeStop(),
    )
    events += await client.receive_until("synthesize-stopped", "error")
    assert shape(events) == ["audio-start", "audio-chunk", "audio-stop", "synthesize-stopped"]
    heard = recogniser.recognise(sound(events), "en").best.lower()
    assert re.findall(r"\w+", heard) == ["the", "door", "is", "open", "the", "light", "is", "off"]


async def test_a_stream_that_becomes_too_long(
    serve: Serve, connect: Connect, instant: InstantSynthesiser
) -> None:
    async with serve(synthesiser=instant) as port, connect(port) as client:
        await client.send(SynthesizeStart())
        for _ in range(11):
            await client.send(SynthesizeChunk(text="a " * 500))
        assert (await client.receive("error", "audio-stop")).data["code"] == "text-too-long"
        await client.send(SynthesizeChunk(text="more"), SynthesizeStop(), Synthesize(text="Hello."))
        events = await client.receive_until("audio-stop", "error")
        assert events[-1].type == "audio-stop"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"text": "Hello.", "voice": {"name": "nobody"}}, "unknown-voice"),
        ({"text": "Hello.", "voice": {"language": "de"}}, "unknown-voice"),
        (
            {"text": "Hello.", "voice": {"name": "en_US-joe-medium", "speaker": "bob"}},
            "unknown-voice",
        ),
        ({"text": "Hello.", "voice": "joe"}, "bad-request"),
        ({"text": "Hello.", "voice": {"name": 7}}, "bad-request"),
        ({"text": 7}, "bad-request"),
        ({}, "bad-request"),
        ({"text": "Hello.", "context": {"rate": 7}}, "bad-request"),
        ({"text": "Hello.", "context": {"rate": "16000"}}, "bad-request"),
        ({"text": "Hello.", "context": {"rate": 10**30}}, "bad-request"),
    ],
)
async def test_requests_that_cannot_be_met(client: Client, data: dict[str, Any], code: str) -> None:
    await client.send(Event(type="synthesize", data=data))
    assert (await client.receive("error", "audio-start")).data["code"] == code
    await client.send(Synthesize(text="Hello."))
    await client.receive("audio-stop")


async def test_a_voice_by_name_and_by_language(client: Client) -> None:
    for voice in (SynthesizeVoice(name="en_US-joe-medium"), SynthesizeVoice(language="en-GB")):
        await client.send(Synthesize(text="Hello.", voice=voice))
        assert (await client.receive("audio-stop", "error")).type == "audio-stop"


async def test_pieces_without_a_beginning(client: Client) -> None:
    await client.send(SynthesizeChunk(text="Hello."))
    assert (await client.receive("error")).data["code"] == "bad-request"


async def test_a_voice_that_breaks_logs_no_word(
    serve: Serve, connect: Connect, instant: InstantSynthesiser, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(piece: Sequence[str], _: Speaker) -> Audio:
        raise ValueError(f"cannot say {piece[0]}")

    instant.speak = fail  # type: ignore[method-assign]
    async with serve(synthesiser=instant) as port, connect(port) as client:
        await client.send(Synthesize(text="A zyzzyva."))
        assert (await client.receive("error")).data["code"] == "failed"
    assert "A request failed: ValueError" in caplog.text
    assert "zyzzyva" not in caplog.text


async def test_two_at_once_on_one_connection(
    serve: Serve, connect: Connect, instant: InstantSynthesiser
) -> None:
    instant.wait_before = "one"
    async with serve(synthesiser=instant) as port, connect(port) as client:
        await client.send(Synthesize(text="This is one."), Synthesize(text="This is two."))
        assert (await client.receive("error", "audio-stop")).data["code"] == "bad-request"


async def test_a_queue_has_an_end_and_who_leaves_makes_room(
    serve: Serve, connect: Connect, instant: InstantSynthesiser
) -> None:
    instant.wait_before = "Wait"
    async with serve(synthesiser=instant, places=1) as port:
        async with connect(port) as first:
            await first.send(Synthesize(text="Wait. Then this."))
            await first.receive("audio-start")
            async with connect(port) as second:
                await second.send(Synthesize(text="Hello."))
                answer = await second.receive("error", "audio-start")
                assert answer.data["code"] == "busy"
                # A ping is still answered.
                async with connect(port) as third:
                    await third.send(Ping())
                    await third.receive("pong")
        async with asyncio.timeout(20):
            while True:
                async with connect(port) as client:
                    await client.send(Synthesize(text="Hello."))
                    if (await client.receive("error", "audio-start")).type == "audio-start":
                        instant.go_on.set()
                        await client.receive("audio-stop")
                        break
        assert "Then this." not in instant.spoken
