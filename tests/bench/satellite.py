"""A scripted satellite: sends spoken commands in real time and records when events arrive."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from wyoming.audio import AudioChunk, AudioFormat, AudioStart, AudioStop
from wyoming.event import Event, Eventable
from wyoming.info import Attribution, Info, Satellite, SndProgram
from wyoming.ping import Ping, Pong
from wyoming.pipeline import PipelineStage, RunPipeline
from wyoming.snd import Played

from demo.sound import RATE
from demo.voice import noise
from indoor_voice.link.pairing.identity import DeviceKind, info_event, load_identity
from indoor_voice.link.pairing.trust import Trust
from indoor_voice.link.server.server import LinkServer
from indoor_voice.link.wire import Connection

PAIRING_CODE: Final = "492173"
CHUNK_SAMPLES: Final = 320
"""20 ms: the end of speech is sent at most this much later than it is spoken."""
ASKED_BYTES: Final = 2560
"""80 ms, as in our satellite."""
LEAD_SECONDS: Final = 0.5
"""Noise before the speech."""
NOISE_DBFS: Final = -60.0
STREAM_SECONDS: Final = 15.0
ANSWER_SECONDS: Final = 30.0
_US: Final = Attribution(name="Indoor Voice", url="")
_CHUNK_SECONDS: Final = CHUNK_SAMPLES / RATE


class NoAnswerError(Exception):
    """A turn failed or had no answer."""


@dataclass(slots=True)
class Heard:
    """One turn as its satellite sees it. Times are seconds since 1970."""

    speech_ended: float
    """When the last sample of speech was spoken."""
    arrived: dict[str, float] = field(default_factory=dict)
    """When the first event of each type arrived."""


class ScriptedSatellite:
    """A satellite without a room, on a port of 127.0.0.1, that serves any client.

    It describes itself as one of ours, which software of other vendors ignores.
    """

    def __init__(self, state_dir: Path, *, protected: bool) -> None:
        self.port = 0
        self._identity = load_identity(state_dir, DeviceKind.SATELLITE)
        self._trust = Trust.load(state_dir) if protected else None
        self._controller: Connection | None = None
        self._connected = asyncio.Event()
        self._turn = 0
        self._heard: Heard | None = None
        self._told = asyncio.Condition()
        self._noise = np.frombuffer(noise(STREAM_SECONDS, level_dbfs=NOISE_DBFS), "<i2")

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Accept connections while the block runs."""
        server = LinkServer("127.0.0.1", 0, self._serve, trust=self._trust, code=PAIRING_CODE)
        async with server:
            self.port = server.port
            yield

    async def wait_until_connected(self) -> None:
        """Wait until Home Assistant has become the controller of this satellite."""
        async with asyncio.timeout(ANSWER_SECONDS):
            await self._connected.wait()

    async def say(self, speech: bytes) -> Heard:
        """Take a turn with `speech` (16 kHz, 16 bit, mono); raises `NoAnswerError`."""
        self._turn += 1
        run = RunPipeline(start_stage=PipelineStage.ASR, end_stage=PipelineStage.TTS).event()
        run.data["turn"] = self._turn
        stream = self._stream(np.frombuffer(speech, "<i2"))
        began = time.time()
        self._heard = heard = Heard(began + LEAD_SECONDS + len(speech) / 2 / RATE)
        await self._send(run)
        await self._send(AudioStart(rate=RATE, width=2, channels=1))
        for start in range(0, stream.size, CHUNK_SAMPLES):
            await asyncio.sleep(began + start / RATE + _CHUNK_SECONDS - time.time())
            if {"voice-stopped", "transcript", "error"} & heard.arrived.keys():
                break
            audio = stream[start : start + CHUNK_SAMPLES].tobytes()
            await self._send(AudioChunk(rate=RATE, width=2, channels=1, audio=audio))
        await self._send(AudioStop())
        await self._wait_for_answer(heard)
        return heard

    async def ask(self, sound: bytes) -> None:
        """Take a turn as fast as Home Assistant answers; raises `NoAnswerError`."""
        self._turn += 1
        run = RunPipeline(start_stage=PipelineStage.ASR, end_stage=PipelineStage.TTS).event()
        run.data["turn"] = self._turn
        self._heard = heard = Heard(time.time())
        await self._send(run)
        await self._send(AudioStart(rate=RATE, width=2, channels=1))
        for start in range(0, len(sound), ASKED_BYTES):
            audio = sound[start : start + ASKED_BYTES]
            await self._send(AudioChunk(rate=RATE, width=2, channels=1, audio=audio))
        await self._send(AudioStop())
        await self._wait_for_answer(heard)

    async def _wait_for_answer(self, heard: Heard) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS), self._told:
                await self._told.wait_for(lambda: {"audio-stop", "error"} & heard.arrived.keys())
        except TimeoutError as err:
            raise NoAnswerError("no answer came") from err
        if "error" in heard.arrived or "audio-chunk" not in heard.arrived:
            raise NoAnswerError("the turn failed")

    def _stream(self, speech: np.ndarray) -> np.ndarray:
        stream = self._noise.astype(np.int32)
        begin = round(LEAD_SECONDS * RATE)
        stream[begin : begin + speech.size] += speech
        return np.clip(stream, -32768, 32767).astype("<i2")

    async def _serve(self, connection: Connection) -> None:
        try:
            while True:
                event = await connection.receive()
                match event.type:
                    case "describe":
                        await connection.send(self._description())
                    case "ping":
                        await connection.send(Pong(Ping.from_event(event).text))
                    case "run-satellite":
                        self._controller = connection
                        self._connected.set()
                    case _:
                        await self._note(event)
        finally:
            if connection is self._controller:
                self._controller = None
                self._connected.clear()

    async def _note(self, event: Event) -> None:
        if self._heard is not None:
            self._heard.arrived.setdefault(event.type, time.time())
        if event.type == "audio-stop":
            await self._send(Played())
        async with self._told:
            self._told.notify_all()

    async def _send(self, message: Event | Eventable) -> None:
        if self._controller is None:
            raise NoAnswerError("Home Assistant is not connected")
        await self._controller.send(message)

    def _description(self) -> Event:
        info = Info(
            satellite=Satellite(
                name="Scripted satellite",
                attribution=_US,
                installed=True,
                description=None,
                version="1",
                area=None,
                has_vad=False,
                active_wake_words=[],
                max_active_wake_words=0,
                supports_trigger=True,
            ),
            snd=[
                SndProgram(
                    name="loudspeaker",
                    attribution=_US,
                    installed=True,
                    description=None,
                    version="1",
                    snd_format=AudioFormat(rate=22050, width=2, channels=1),
                )
            ],
        )
        return info_event(info, self._identity)
