"""Tests that a busy server refuses requests at once instead of answering them late."""

import asyncio
import time
from contextlib import ExitStack, suppress

import pytest
from wyoming.event import Event
from wyoming.info import Describe
from wyoming.ping import Ping
from wyoming.tts import Synthesize

from indoor_voice.link.wire import PeerGoneError
from indoor_voice.speech.errors import RequestError
from indoor_voice.speech.recognition.request import Limits
from indoor_voice.speech.server import PLACES
from indoor_voice.speech.worker import Worker
from tests.speech.speaking import Audio, Connect, Say, Serve

COMMAND = "Turn off the lights in the living room."


async def speak(connect: Connect, port: int, audio: Audio) -> Event:
    async with connect(port) as client:
        await client.begin_speaking()
        with suppress(PeerGoneError):
            await client.stream(audio)
        return await client.receive("transcript", "error", seconds=60)


async def test_sixteen_rooms_at_once_are_answered_or_told_at_once(
    serve: Serve, connect: Connect, say: Say
) -> None:
    audio = say(COMMAND, after_seconds=1.0)
    # This test is not about the speed of the machine that it runs on.
    limits = Limits(recognition_seconds=60, wait_seconds=60)
    async with serve(limits=limits) as port:
        answers = await asyncio.gather(*(speak(connect, port, audio) for _ in range(2 * PLACES)))
    said = [event for event in answers if event.type == "transcript"]
    refused = [event for event in answers if event.type == "error"]
    assert len(said) >= PLACES
    assert {event.data["text"].rstrip(".") for event in said} == {COMMAND.rstrip(".")}
    assert {event.data["code"] for event in refused} <= {"busy"}


async def test_who_is_too_many_is_told_and_closed(serve: Serve, connect: Connect, say: Say) -> None:
    audio = say(COMMAND, after_seconds=0.0)
    async with serve(places=1) as port, connect(port) as first, connect(port) as second:
        await first.begin_speaking()
        await first.stream(audio)
        await first.receive("voice-started")
        # Continue to speak, like a satellite that has not read the refusal yet.
        await second.begin_speaking()
        await second.stream(audio)
        assert (await second.receive("error", "transcript")).data["code"] == "busy"
        with pytest.raises(PeerGoneError):
            await second.receive("none")


async def test_the_probe_is_answered_beyond_all_places(serve: Serve, connect: Connect) -> None:
    async with serve(connections=2) as port, connect(port) as one, connect(port) as two:
        for client in (one, two):
            await client.send(Ping())
            await client.receive("pong")
        for _ in range(20):
            async with connect(port) as probe:
                await probe.send(Describe())
                await probe.receive("info", seconds=5)
        async with connect(port) as third:
            await third.send(Synthesize(text="Hello."))
            assert (await third.receive("error", "audio-start")).data["code"] == "busy"
            with pytest.raises(PeerGoneError):
                await third.receive("none")


def _fill(worker: Worker, held: ExitStack) -> RequestError:
    """Take places until one is refused, before all are taken, and return the refusal."""
    for _ in range(7):
        try:
            held.enter_context(worker.place())
        except RequestError as err:
            return err
    raise AssertionError


async def test_nobody_waits_longer_than_is_worth_waiting() -> None:
    worker = Worker("test", 8, max_wait_seconds=0.5)
    for _ in range(20):
        await worker.run(time.sleep, 0.1)
    with ExitStack() as held:
        refusal = _fill(worker, held)
    assert refusal.code == "busy"
    # A single request is never refused.
    with worker.place():
        pass


async def test_a_hung_model_makes_nobody_wait() -> None:
    worker = Worker("test", 8, max_wait_seconds=0.2)
    hung = asyncio.create_task(worker.run(time.sleep, 1.0))
    await asyncio.sleep(0.5)
    with worker.place(), pytest.raises(RequestError) as refusal, worker.place():
        pass
    assert refusal.value.code == "busy"
    await hung
