"""Observes turns from outside: what was heard, understood, done and answered, and when."""

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import numpy as np

from .home_assistant import HomeAssistant, RequestError
from .house import House
from .sound import RATE

AUDIBLE: Final = 300
"""16-bit samples above this amplitude (-41 dBFS) are sound, not resampling noise."""
ANSWER_TIMEOUT_SECONDS: Final = 25.0
_QUIET_SECONDS: Final = 0.7
"""An answer has ended when the loudspeaker has been quiet for this long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineRun:
    """What Home Assistant remembers of one run of its pipeline. Times are seconds since 1970."""

    transcript: str | None = field(repr=False)
    answer: str | None = field(repr=False)
    """None also when Home Assistant only acknowledges with a sound."""
    acknowledged: bool
    """True if Home Assistant only played a sound, because all changes were in the same area."""
    error: str | None
    failed: bool
    """True if there was an error, or the conversation agent did not do what it was told."""
    ended: bool
    times: dict[str, float]

    @classmethod
    def from_events(cls, events: list[dict[str, Any]]) -> "PipelineRun":
        """Create a run from its events."""
        data = {event["type"]: event.get("data") or {} for event in events}
        answer = data.get("tts-start", {})
        acknowledged = bool(answer.get("acknowledge_override"))
        error = data.get("error", {}).get("code")
        response = data.get("intent-end", {}).get("intent_output", {}).get("response", {})
        return cls(
            transcript=data.get("stt-end", {}).get("stt_output", {}).get("text"),
            answer=None if acknowledged else answer.get("tts_input"),
            acknowledged=acknowledged,
            error=error,
            failed=error is not None or response.get("response_type") == "error",
            ended="run-end" in data,
            times={
                event["type"]: datetime.fromisoformat(event["timestamp"]).timestamp()
                for event in events
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn in a virtual room. Times are seconds since 1970; audio is 16 kHz, 16 bit, mono."""

    run: PipelineRun | None
    speech_ended: float
    answer_began: float | None
    answer_audio: bytes = field(repr=False)


class Watcher:
    """Finds the runs of the pipeline "Indoor Voice" that have not been seen yet."""

    def __init__(self, home_assistant: HomeAssistant) -> None:
        """Watch a running Home Assistant."""
        self._home_assistant = home_assistant
        self._seen: set[str] = set()

    async def new_runs(self) -> list[PipelineRun]:
        """Return the runs that have ended since the last call, oldest first."""
        pipelines = await self._home_assistant.call("assist_pipeline/pipeline/list")
        runs = []
        for pipeline in pipelines["pipelines"]:
            listed = await self._home_assistant.call(
                "assist_pipeline/pipeline_debug/list", pipeline_id=pipeline["id"]
            )
            for item in listed["pipeline_runs"]:
                run_id = item["pipeline_run_id"]
                if run_id in self._seen:
                    continue
                with contextlib.suppress(RequestError):
                    events = await self._home_assistant.call(
                        "assist_pipeline/pipeline_debug/get",
                        pipeline_id=pipeline["id"],
                        pipeline_run_id=run_id,
                    )
                    run = PipelineRun.from_events(events["events"])
                    if run.ended:
                        self._seen.add(run_id)
                        runs.append(run)
        return runs

    async def next_run(self, timeout_seconds: float) -> PipelineRun | None:
        """Wait at most `timeout_seconds` for the next run to end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                while not (runs := await self.new_runs()):
                    await asyncio.sleep(0.1)
                return runs[-1]
        return None


async def intent_of(home_assistant: HomeAssistant, sentence: str) -> str | None:
    """Return the name of the intent that Home Assistant's agent recognises in a sentence, if any.

    What an integration or automation has added is not an intent, but a sentence trigger.
    """
    answer = await home_assistant.call(
        "conversation/agent/homeassistant/debug", sentences=[sentence], language="en"
    )
    (result,) = answer["results"]
    if not result or not result.get("match"):
        return None
    return result["intent"]["name"] if "intent" in result else "a sentence trigger"


async def take_turn(house: House, room_name: str, audio: bytes, *, watcher: Watcher) -> Turn:
    """Play speech into a room, and wait until its satellite has answered and is quiet."""
    room = house.rooms[room_name]
    async with room.recorded() as recording:
        recording_began = time.time() - len(recording) / (2 * RATE)
        await room.say(audio)
        speech_ended = time.time()
        run = await watcher.next_run(ANSWER_TIMEOUT_SECONDS)
        await house.wait_until_idle(room_name, timeout_seconds=ANSWER_TIMEOUT_SECONDS)
        await wait_until_quiet(recording)
    samples = np.frombuffer(bytes(recording[: len(recording) // 2 * 2]), "<i2")
    begin = round((speech_ended - recording_began) * RATE)
    loud = np.flatnonzero(np.abs(samples[begin:]) > AUDIBLE)
    return Turn(
        run=run,
        speech_ended=speech_ended,
        answer_began=speech_ended + int(loud[0]) / RATE if loud.size else None,
        answer_audio=samples[begin:].tobytes(),
    )


async def wait_until_quiet(recording: bytearray) -> None:
    """Wait until the recorded sound has been quiet for a while, with a timeout."""
    window = 2 * round(_QUIET_SECONDS * RATE)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
            while True:
                await asyncio.sleep(0.1)
                tail = np.frombuffer(bytes(recording[: len(recording) // 2 * 2][-window:]), "<i2")
                if tail.size * 2 >= window and np.abs(tail).max() <= AUDIBLE:
                    return
