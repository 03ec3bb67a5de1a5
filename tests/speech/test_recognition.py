"""Tests for recognition over a real socket with a real recogniser."""

import asyncio
import gc
import re
import threading
from typing import Any

import numpy as np
import pytest
import soxr
from wyoming.asr import Transcribe
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.info import Describe
from wyoming.ping import Ping

from indoor_voice.link.wire import PeerGoneError
from indoor_voice.speech.recognition.engine import Heard, Origin
from indoor_voice.speech.recognition.request import Limits
from indoor_voice.speech.recognition.whisper import Whisper
from tests.speech.speaking import RATE, Audio, Client, Connect, Say, Serve, pcm, pieces, silence
from tests.waiting import until

COMMANDS = [
    "Turn off all the lights in the living room.",
    "What's the temperature outside?",
    "Close the garage door.",
    "Play some music in the kitchen.",
    "What time is it?",
    "Open the blinds in the office.",
    "Cancel the timer.",
    "How many lights are on?",
    "Turn on the fan in the guest room.",
    "What's on my shopping list?",
]
COMMAND = "Turn off the lights in the living room."


def words(text: str) -> list[str]:
    return re.sub(r"[^a-z0-9 ]", "", text.lower()).split()


async def test_commands_are_understood(client: Client, say: Say) -> None:
    wrong = spoken = 0
    for command in COMMANDS:
        text = await client.transcribe(say(command, after_seconds=1.0))
        spoken += len(words(command))
        wrong += len(set(words(command)) ^ set(words(text)))
    assert wrong / spoken < 0.1


async def test_the_server_finds_the_end_by_itself(client: Client, say: Say) -> None:
    await client.begin_speaking()
    await client.stream(say(COMMAND, after_seconds=1.0))
    events = await client.receive_until("transcript", "error")
    assert [event.type for event in events] == ["voice-started", "voice-stopped", "transcript"]
    assert 100 < events[0].data["timestamp"] < 700
    assert words(events[-1].data["text"]) == words(COMMAND)
    # Audio that was still in transit when the transcript was sent is ignored.
    await client.stream(silence(0.5), stop=True)
    await client.send(Ping(text="still there"))
    assert (await client.receive("pong", "error")).data["text"] == "still there"


async def test_the_client_may_end_the_audio(client: Client, say: Say) -> None:
    text = await client.transcribe(say(COMMAND, after_seconds=0.02), stop=True)
    assert words(text) == words(COMMAND)


async def test_a_pause_inside_a_command_does_not_end_it(client: Client, say: Say) -> None:
    audio = say("Turn off the lights", "in the living room.", gap_seconds=0.4, after_seconds=1.0)
    assert words(await client.transcribe(audio)) == words(COMMAND)


@pytest.mark.parametrize("gap_seconds", [0.02, 0.4, 1.5])
async def test_the_wake_phrase_is_no_command(client: Client, say: Say, gap_seconds: float) -> None:
    audio = say("Hey Jarvis!", COMMAND, gap_seconds=gap_seconds, after_seconds=1.0)
    text = await client.transcribe(audio, context={"wake_word_phrase": "hey jarvis"})
    assert words(text) == words(COMMAND)


async def test_only_the_wake_phrase_is_nothing(client: Client, say: Say) -> None:
    audio = say("Hey Jarvis!", after_seconds=6.0)
    assert await client.transcribe(audio, context={"wake_word_phrase": "hey jarvis"}) == ""


def clicks() -> Audio:
    audio = silence(6)
    audio[:: RATE // 2] = 0.9
    return audio


def hum() -> Audio:
    time_seconds = np.arange(6 * RATE) / RATE
    return (0.2 * np.sin(2 * np.pi * 50 * time_seconds)).astype(np.float32)


def hiss() -> Audio:
    return np.random.default_rng(1).normal(0, 0.05, 6 * RATE).astype(np.float32)


@pytest.mark.parametrize("sound", [lambda: np.zeros(6 * RATE, np.float32), clicks, hum, hiss])
async def test_what_is_not_speech_has_no_text(client: Client, sound: Any) -> None:
    audio = sound()
    await client.begin_speaking()
    await client.stream(audio)
    events = await client.receive_until("transcript", "error")
    assert [event.type for event in events] == ["transcript"]
    assert events[0].data["text"] == ""


@pytest.mark.parametrize("sound", [lambda: np.zeros(3 * RATE, np.float32), clicks, hum, hiss])
def test_the_recogniser_invents_nothing(recogniser: Whisper, sound: Any) -> None:
    assert recogniser.recognise(sound(), "en").best == ""


def as_bytes(audio: Audio, width: int) -> bytes:
    audio = np.clip(audio, -1, 1)
    if width == 1:
        return bytes((audio * 127 + 128).astype(np.uint8))
    wide = (audio.astype(np.float64) * (2**31 - 1)).astype("<i4")
    return bytes(wide.view(np.uint8).reshape(-1, 4)[:, 4 - width :].tobytes())


@pytest.mark.parametrize(
    ("rate", "width", "channels"),
    [(8_000, 2, 1), (16_000, 2, 2), (22_050, 4, 1), (44_100, 3, 2), (48_000, 2, 2), (16_000, 1, 1)],
)
async def test_any_format(client: Client, say: Say, rate: int, width: int, channels: int) -> None:
    audio = soxr.resample(say(COMMAND, after_seconds=1.0), RATE, rate)
    data = as_bytes(np.repeat(audio, channels), width)
    audio_format = {"rate": rate, "width": width, "channels": channels}
    await client.send(Transcribe(), AudioStart(**audio_format))
    for piece in pieces(data, 500 * width * channels):
        await client.send(AudioChunk(audio=piece, **audio_format))
    event = await client.receive("transcript", "error")
    assert words(event.data["text"]) == words(COMMAND)


async def test_clipped_audio(client: Client, say: Say) -> None:
    audio = say(COMMAND, after_seconds=1.0) * 10
    assert words(await client.transcribe(audio)) == words(COMMAND)


async def test_one_enormous_chunk(client: Client, say: Say) -> None:
    audio = np.concatenate([say(COMMAND, after_seconds=1.0), silence(4)])
    await client.begin_speaking()
    await client.send(AudioChunk(rate=RATE, width=2, channels=1, audio=pcm(audio)))
    event = await client.receive("transcript", "error")
    assert words(event.data["text"]) == words(COMMAND)


async def test_several_requests_on_one_connection(client: Client, say: Say) -> None:
    for _ in range(2):
        text = await client.transcribe(say(COMMAND, after_seconds=1.0), language="en-GB")
        assert words(text) == words(COMMAND)


@pytest.mark.parametrize(
    ("request_data", "code"),
    [
        ({"language": "de"}, "unknown-language"),
        ({"language": 7}, "bad-request"),
        ({"name": "huge"}, "unknown-model"),
        ({"name": ["tiny.en"]}, "bad-request"),
        ({"context": "hey jarvis"}, "bad-request"),
        ({"context": {"wake_word_phrase": 7}}, "bad-request"),
        ({"transcript_names": [1]}, "bad-request"),
    ],
)
async def test_requests_that_cannot_be_met(
    client: Client, request_data: dict[str, Any], code: str
) -> None:
    await client.send(Event(type="transcribe", data=request_data))
    assert (await client.receive("error", "transcript")).data["code"] == code


@pytest.mark.parametrize(
    "audio_format",
    [
        {"rate": 7_999, "width": 2, "channels": 1},
        {"rate": 192_000, "width": 2, "channels": 1},
        {"rate": 10**30, "width": 2, "channels": 1},
        {"rate": -16_000, "width": 2, "channels": 1},
        {"rate": 16_000.5, "width": 2, "channels": 1},
        {"rate": True, "width": 2, "channels": 1},
        {"rate": "16000", "width": 2, "channels": 1},
        {"rate": 16_000, "width": 0, "channels": 1},
        {"rate": 16_000, "width": 8, "channels": 1},
        {"rate": 16_000, "width": 2, "channels": 0},
        {"rate": 16_000, "width": 2, "channels": 64},
    ],
)
async def test_absurd_formats(client: Client, audio_format: dict[str, Any]) -> None:
    await client.send(Transcribe(), Event(type="audio-start", data=audio_format))
    assert (await client.receive("error", "transcript")).data["code"] == "bad-audio"


async def test_audio_that_ends_within_a_sample(client: Client, say: Say) -> None:
    await client.begin_speaking()
    await client.send(AudioChunk(rate=RATE, width=2, channels=1, audio=b"\0" * 1023))
    assert (await client.receive("error", "transcript")).data["code"] == "bad-audio"
    # The connection can still be used.
    assert words(await client.transcribe(say(COMMAND, after_seconds=1.0))) == words(COMMAND)


async def test_audio_that_changes_its_format(client: Client) -> None:
    await client.begin_speaking()
    await client.send(AudioChunk(rate=48_000, width=2, channels=1, audio=bytes(960)))
    assert (await client.receive("error", "transcript")).data["code"] == "bad-audio"


@pytest.mark.parametrize(
    "events",
    [
        [AudioStart(rate=RATE, width=2, channels=1)],
        [AudioChunk(rate=RATE, width=2, channels=1, audio=bytes(960))],
        [AudioStop()],
        [Transcribe(), AudioChunk(rate=RATE, width=2, channels=1, audio=bytes(960))],
        [Transcribe(), Transcribe()],
        [Event(type="audio-start")],
    ],
)
async def test_events_out_of_order(client: Client, events: list[Any]) -> None:
    await client.send(*events)
    assert (await client.receive("error", "transcript")).data["code"] == "bad-request"
    await client.send(Ping())
    await client.receive("pong")


async def test_audio_that_stops_at_once_is_silence(client: Client) -> None:
    await client.begin_speaking()
    await client.send(AudioStop())
    assert (await client.receive("transcript", "error")).data["text"] == ""


class SlowRecogniser:
    """Hangs until `go_on` is set, like a model on an overloaded machine."""

    name = "slow"
    languages = ("en",)
    origin = Origin(software="none", version="0", url="https://example.org", description="slow")

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.calls = 0

    def language_code(self, language: str | None) -> str | None:
        return language

    def recognise(self, *_: Any) -> Heard:
        self.calls += 1
        self.go_on.wait(30)
        return Heard(("Turn on the light.",))


@pytest.fixture
def slow() -> Any:
    recogniser = SlowRecogniser()
    yield recogniser
    recogniser.go_on.set()


async def test_a_late_transcript_is_refused(
    serve: Serve, connect: Connect, say: Say, slow: SlowRecogniser
) -> None:
    limits = Limits(recognition_seconds=0.3)
    async with serve(recogniser=slow, limits=limits) as port, connect(port) as client:
        await client.begin_speaking()
        await client.stream(say(COMMAND, after_seconds=1.0), stop=True)
        event = await client.receive("transcript", "error")
        assert event.data["code"] == "too-late"
        slow.go_on.set()
        await client.send(Ping())
        # No transcript follows.
        assert (await client.receive("transcript", "error", "pong")).type == "pong"


async def test_audio_that_never_ends_is_refused(serve: Serve, connect: Connect, say: Say) -> None:
    async with serve(limits=Limits(listen_seconds=0.5)) as port, connect(port) as client:
        await client.begin_speaking()
        await client.stream(say(COMMAND, after_seconds=0.02))
        assert (await client.receive("transcript", "error")).data["code"] == "too-late"


async def test_who_asks_for_nothing_is_let_go(serve: Serve, connect: Connect, say: Say) -> None:
    async with serve(limits=Limits(idle_seconds=0.5)) as port, connect(port) as client:
        await client.begin_speaking()
        await asyncio.sleep(1)  # silence within a request doesn't count as idle
        await client.stream(say(COMMAND, after_seconds=1.5))
        assert (await client.receive("transcript", "error")).type == "transcript"
        with pytest.raises(PeerGoneError):
            await client.receive("none")


async def test_a_hung_recogniser_harms_nobody_else(
    serve: Serve, connect: Connect, say: Say, slow: SlowRecogniser
) -> None:
    async with (
        serve(recogniser=slow, places=2) as port,
        connect(port) as first,
        connect(port) as second,
        connect(port) as third,
    ):
        for client in (first, second):
            await client.begin_speaking()
            await client.stream(say(COMMAND, after_seconds=1.0), stop=True)
            await client.receive("voice-stopped")
        await third.send(Transcribe())
        assert (await third.receive("transcript", "error")).data["code"] == "busy"
        async with connect(port) as probe:
            await probe.send(Describe())
            await probe.receive("info", seconds=5)
        # A client that disconnects frees its place.
        await second.connection.close()
        await gets_a_place(connect, port)
        slow.go_on.set()
        assert (await first.receive("transcript")).data["text"] == "Turn on the light."
        # The second client's request was still queued, and is never transcribed.
        assert slow.calls == 1


async def test_rooms_speak_at_the_same_time(serve: Serve, connect: Connect, say: Say) -> None:
    async def speak(port: int, command: str) -> bool:
        async with connect(port) as client:
            text = await client.transcribe(say(command, after_seconds=1.0))
            return words(text) == words(command)

    async with serve() as port:
        results = await asyncio.gather(*(speak(port, command) for command in COMMANDS[:4]))
    assert all(results)


async def test_a_recogniser_that_breaks_answers_failed(
    serve: Serve, connect: Connect, say: Say, caplog: pytest.LogCaptureFixture
) -> None:
    class BrokenRecogniser(SlowRecogniser):
        def recognise(self, *_: Any) -> Heard:
            raise RuntimeError("they said: turn on the light")

    async with serve(recogniser=BrokenRecogniser()) as port, connect(port) as client:
        await client.begin_speaking()
        await client.stream(say(COMMAND, after_seconds=1.0), stop=True)
        assert (await client.receive("transcript", "error")).data["code"] == "failed"
    assert "RuntimeError" in caplog.text
    assert "turn on the light" not in caplog.text


async def test_a_recogniser_that_breaks_in_a_pause_logs_no_word(
    serve: Serve, connect: Connect, say: Say, caplog: pytest.LogCaptureFixture
) -> None:
    class BrokenOnce(SlowRecogniser):
        def recognise(self, *_: Any) -> Heard:
            self.calls += 1
            if self.calls == 1:
                raise RuntimeError("they said: zyzzyva")
            return Heard(("Turn it off.",))

    recogniser = BrokenOnce()
    before = say("Turn off the lights", after_seconds=0.4)
    after = say("in the living room.", before_seconds=0.0, after_seconds=1.5)
    async with serve(recogniser=recogniser) as port, connect(port) as client:
        await client.begin_speaking()
        await client.stream(before)
        await until(lambda: recogniser.calls == 1)
        await client.stream(after)
        event = await client.receive("transcript", "error")
        assert event.type == "transcript", event.data
    gc.collect()
    await asyncio.sleep(0)
    assert "zyzzyva" not in caplog.text


async def test_a_truncated_payload_ends_the_connection_only(
    serve: Serve, connect: Connect, say: Say
) -> None:
    async with serve(places=1) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b'{"type":"transcribe"}\n')
        writer.write(b'{"type":"audio-start","data":{"rate":16000,"width":2,"channels":1}}\n')
        writer.write(b'{"type":"audio-chunk","payload_length":1000}\nonly this')
        await writer.drain()
        writer.close()
        async with asyncio.timeout(5):
            await reader.read()
        await gets_a_place(connect, port)


async def gets_a_place(connect: Connect, port: int) -> None:
    """Retry until a silent request is accepted."""
    async with asyncio.timeout(20):
        while True:
            async with connect(port) as client:
                await client.begin_speaking()
                await client.send(AudioStop())
                answer = await client.receive("transcript", "error")
                if answer.type == "transcript":
                    assert answer.data["text"] == ""
                    return
