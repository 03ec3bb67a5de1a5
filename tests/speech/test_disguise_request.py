"""Tests for disguising a recording over a real socket."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.info import Describe
from wyoming.ping import Ping
from wyoming.tts import Synthesize

from indoor_voice.speech.disguise import request
from indoor_voice.speech.disguise.request import MAX_SOUND_SECONDS
from indoor_voice.speech.disguise.voice import VoiceDisguise
from indoor_voice.speech.recognition.request import Limits
from tests.speech.speaking import RATE, Audio, Client, Connect, Say, Serve, pcm, pieces, silence

DISGUISE = Event("disguise")
START = AudioStart(rate=RATE, width=2, channels=1)
ANSWERS = ("audio-stop", "error")


async def ask(client: Client, sound: Audio) -> list[Event]:
    """Return the events of the answer."""
    await client.send(DISGUISE, START)
    await client.stream(sound, stop=True)
    return await client.receive_until(*ANSWERS)


def sound_in(events: list[Event]) -> bytes:
    assert events[-1].type == "audio-stop", events[-1].data
    return b"".join(event.payload or b"" for event in events)


async def test_a_recording_is_answered_in_another_voice(client: Client, say: Say) -> None:
    spoken = say("Turn on the light.", after_seconds=0.3)
    first, second = [await ask(client, spoken) for _ in range(2)]
    assert first[0].type == "audio-start"
    assert {event.type for event in first[1:-1]} == {"audio-chunk"}
    for event in first[:-1]:
        assert {key: event.data[key] for key in ("rate", "width", "channels")} == {
            "rate": RATE,
            "width": 2,
            "channels": 1,
        }
    assert len(sound_in(first)) == len(sound_in(second)) == 2 * len(spoken)
    assert len({sound_in(first), sound_in(second), pcm(spoken)}) == 3


async def test_a_server_says_that_it_can(client: Client) -> None:
    await client.send(Describe())
    assert (await client.receive("info")).data["indoor_voice"]["disguise"] is True


async def test_another_format_is_converted(client: Client) -> None:
    seconds = 0.5
    await client.send(DISGUISE, AudioStart(rate=48_000, width=3, channels=2))
    audio = bytes(round(48_000 * seconds) * 6)
    for piece in pieces(audio, 6 * 4000):
        await client.send(AudioChunk(rate=48_000, width=3, channels=2, audio=piece))
    await client.send(AudioStop())
    answer = sound_in(await client.receive_until(*ANSWERS))
    assert len(answer) == pytest.approx(2 * RATE * seconds, abs=4)


@pytest.mark.parametrize("before", [(DISGUISE,), (DISGUISE, START)])
async def test_nothing_is_answered_with_nothing(client: Client, before: tuple[Any, ...]) -> None:
    await client.send(*before, AudioStop())
    events = await client.receive_until(*ANSWERS)
    assert [event.type for event in events] == ["audio-start", "audio-stop"]


async def test_the_longest_recording_is_disguised_and_a_longer_one_refused(
    client: Client, fake: "Fake"
) -> None:
    longest = silence(MAX_SOUND_SECONDS)
    assert len(sound_in(await ask(client, longest))) == 2 * len(longest)
    await client.send(DISGUISE, START)
    await client.stream(np.append(longest, np.float32(0)))
    assert (await client.receive(*ANSWERS)).data["code"] == "bad-audio"
    # The connection serves the next request.
    assert sound_in(await ask(client, silence(0.1)))


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([Event("audio-start", {"rate": 1, "width": 2, "channels": 1})], "bad-audio"),
        ([Event("audio-start", {"rate": RATE, "width": 5, "channels": 1})], "bad-audio"),
        ([Event("audio-start", {"rate": "16000", "width": 2, "channels": 1})], "bad-audio"),
        ([Event("audio-start", {})], "bad-request"),
        ([AudioChunk(RATE, 2, 1, bytes(2)).event()], "bad-request"),
        ([START.event(), AudioChunk(RATE, 2, 1, bytes(3)).event()], "bad-audio"),
        ([START.event(), AudioChunk(RATE, 2, 2, bytes(4)).event()], "bad-audio"),
        ([DISGUISE], "bad-request"),
        ([Synthesize(text="Hello.").event()], "bad-request"),
        ([Event("transcribe", {})], "bad-request"),
    ],
)
async def test_requests_that_cannot_be_met(client: Client, events: list[Event], code: str) -> None:
    await client.send(DISGUISE, *events)
    assert (await client.receive(*ANSWERS)).data["code"] == code
    assert sound_in(await ask(client, silence(0.1)))


async def test_audio_that_never_ends_is_refused(serve: Serve, connect: Connect) -> None:
    async with serve(limits=Limits(listen_seconds=0.3)) as port, connect(port) as client:
        await client.send(DISGUISE, START)
        assert (await client.receive(*ANSWERS)).data["code"] == "too-late"


class Fake:
    """Takes the place of the method, and can be made to wait or to fail."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.go_on.set()
        self.calls = 0
        self.fails = False

    def __call__(self, sound: Audio, _: VoiceDisguise) -> Audio:
        self.calls += 1
        self.go_on.wait(30)
        if self.fails:
            raise RuntimeError("they said: zyzzyva")
        return sound


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    fake = Fake()
    monkeypatch.setattr(request, "disguised", fake)
    yield fake
    fake.go_on.set()


async def test_a_disguise_that_takes_too_long_is_refused(
    client: Client, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request, "DISGUISE_SECONDS", 0.2)
    fake.go_on.clear()
    events = await ask(client, silence(0.1))
    assert events[-1].data["code"] == "too-late"
    fake.go_on.set()
    await client.send(Ping())
    assert (await client.receive(*ANSWERS, "pong")).type == "pong", "no sound follows"


async def test_a_disguise_that_breaks_answers_failed(
    client: Client, fake: Fake, caplog: pytest.LogCaptureFixture
) -> None:
    fake.fails = True
    assert (await ask(client, silence(0.1)))[-1].data["code"] == "failed"
    assert "RuntimeError" in caplog.text
    assert "zyzzyva" not in caplog.text


async def test_who_is_too_many_is_told_and_who_leaves_makes_room(
    serve: Serve, connect: Connect, fake: Fake
) -> None:
    fake.go_on.clear()
    async with serve(places=1) as port:
        async with connect(port) as first:
            await first.send(DISGUISE, START)
            await first.stream(silence(0.1), stop=True)
            await first.send(Ping())
            await first.receive("pong")
            async with connect(port) as second:
                assert (await ask(second, silence(0.1)))[-1].data["code"] == "busy"
            async with connect(port) as other:  # recognition has places of its own
                await other.begin_speaking()
                await other.send(AudioStop())
                assert (await other.receive("transcript", "error")).type == "transcript"
        fake.go_on.set()
        async with asyncio.timeout(20):
            while True:
                async with connect(port) as client:
                    if (await ask(client, silence(0.1)))[-1].type == "audio-stop":
                        return
