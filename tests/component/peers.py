"""Scripted satellites and speech servers on real sockets, using wyoming's own reader."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

import pytest
from wyoming.asr import Transcript
from wyoming.audio import AudioChunk, AudioFormat, AudioStart, AudioStop
from wyoming.event import Event, Eventable, async_read_event, async_write_event
from wyoming.info import (
    AsrModel,
    AsrProgram,
    Attribution,
    Info,
    Satellite,
    SndProgram,
    TtsProgram,
    TtsVoice,
    WakeModel,
    WakeProgram,
)
from wyoming.ping import Ping, Pong
from wyoming.tts import SynthesizeStopped

from tests.waiting import PATIENCE_SECONDS

if TYPE_CHECKING:
    import ssl

    from .protection import Protection

SATELLITE_ID = "5a7e" * 8
SPEECH_ID = "5bee" * 8
_US = Attribution(name="Indoor Voice", url="https://example.com")
SECOND_BYTES = 32_000


def _artifact(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "attribution": _US,
        "installed": True,
        "description": None,
        "version": "0.1.0",
    }


def satellite_info(active: list[str] | None = None) -> Info:
    wake_words = [
        WakeModel(languages=["en"], phrase=name.replace("_", " "), **_artifact(name))
        for name in ("hey_jarvis", "alexa")
    ]
    return Info(
        wake=[WakeProgram(models=wake_words, **_artifact("openwakeword"))],
        snd=[
            SndProgram(
                snd_format=AudioFormat(rate=16000, width=2, channels=1), **_artifact("loudspeaker")
            )
        ],
        satellite=Satellite(
            area="Kitchen",
            active_wake_words=active or ["hey_jarvis"],
            max_active_wake_words=2,
            has_vad=False,
            supports_trigger=True,
            **_artifact("Kitchen satellite"),
        ),
    )


def speech_info(
    language: str = "en", *, streaming: bool = True, external_vad: bool = False
) -> Info:
    return Info(
        asr=[
            AsrProgram(
                models=[AsrModel(languages=[language], **_artifact("tiny.en"))],
                requires_external_vad=external_vad,
                **_artifact("faster-whisper"),
            )
        ],
        tts=[
            TtsProgram(
                voices=[
                    TtsVoice(languages=[language], **_artifact("joe")),
                    TtsVoice(languages=[language], **_artifact("lessac")),
                ],
                supports_synthesize_streaming=streaming,
                **_artifact("piper"),
            )
        ],
    )


IDLE_MUSIC: dict[str, Any] = {
    "state": "idle",
    "number": None,
    "position_seconds": None,
    "duration_seconds": None,
    "volume": 0.5,
    "muted": False,
    "error": None,
}


class Peer:
    """Listens on a port of 127.0.0.1 and answers as scripted."""

    kind: str
    id: str | None

    def __init__(self, info: Info, protection: Protection | None) -> None:
        self.info = info
        self.protection = protection
        """None for plain Wyoming."""
        self.protocol = 1
        self.port = 0
        self.connections = 0
        self.received: list[Event] = []
        self._listener: socket.socket | None = None
        self._listening: asyncio.Task[None] | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Condition()
        self.greeting: bytes | None = None
        """Raw bytes sent on each connection instead of any answer."""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        self._listening = asyncio.create_task(self._listen(self._listener))

    async def _listen(self, listener: socket.socket) -> None:
        context = self.protection.context() if self.protection else None
        while True:
            client, _ = await asyncio.get_running_loop().sock_accept(listener)
            task = asyncio.create_task(self._connect(client, context))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connect(self, client: socket.socket, context: ssl.SSLContext | None) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        # A client that is rejected or disconnects is not a fault of this peer.
        with suppress(OSError, asyncio.CancelledError):
            transport, _ = await loop.connect_accepted_socket(lambda: protocol, client, ssl=context)
            await self._serve(reader, asyncio.StreamWriter(transport, protocol, reader, loop))

    async def trust(self, certificate: str | None) -> None:
        """Trust only this certificate from now on, or become unpaired; open connections stay."""
        assert self.protection is not None
        self.protection.trusted = certificate
        if self._listening is not None:
            await self._stop_listening()
            await self.start()

    async def stop(self) -> None:
        await self._stop_listening()
        self.drop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _stop_listening(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
            self._listening = None
        if self._listener is not None:
            self._listener.close()

    def drop(self) -> None:
        """Drop every connection."""
        for writer in self._writers:
            writer.transport.abort()

    def description(self) -> Event:
        event = self.info.event()
        if self.id is not None:
            event.data["indoor_voice"] = {
                "id": self.id,
                "protocol": self.protocol,
                "kind": self.kind,
            }
        return event

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self.connections += 1
        stranger = self.protection is not None and self.protection.trusted is None
        try:
            if self.greeting is not None:
                writer.write(self.greeting)
            while (event := await async_read_event(reader)) is not None:
                if self.greeting is not None:
                    continue
                if stranger:
                    if not await self._answer_stranger(event, writer):
                        break
                    continue
                if event.type == "describe":
                    await async_write_event(self.description(), writer)
                elif event.type == "unpair":
                    await self.trust(None)
                    await async_write_event(Event(type="unpaired"), writer)
                    self.received.append(event)
                elif Ping.is_type(event.type):
                    await async_write_event(Pong().event(), writer)
                else:
                    await self.handle(event, writer)
                    self.received.append(event)
                    async with self._news:
                        self._news.notify_all()
        except asyncio.IncompleteReadError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer_stranger(self, event: Event, writer: asyncio.StreamWriter) -> bool:
        assert self.protection is not None
        answer = self.protection.answer(event)
        if answer is None:
            return False
        if answer.type == "pair-done":
            await self.trust(self.protection.trusted)
        await async_write_event(answer, writer)
        return answer.type not in ("pair-done", "error")

    async def handle(self, event: Event, writer: asyncio.StreamWriter) -> None:
        """Answer one event."""

    async def wait_for(self, type_: str, count: int = 1) -> Event:
        """Wait until `count` events of a type have arrived, and return the last."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._news:
                await self._news.wait_for(lambda: len(self.of_type(type_)) >= count)
        except TimeoutError:
            came = [event.type for event in self.received]
            pytest.fail(f"{type_} has not come {count} times, but {came[-20:]}")
        return self.of_type(type_)[count - 1]

    def of_type(self, type_: str) -> list[Event]:
        return [event for event in self.received if event.type == type_]


class FakeSatellite(Peer):
    """A satellite operated by the test."""

    kind = "satellite"

    def __init__(self, protection: Protection | None) -> None:
        super().__init__(satellite_info(), protection)
        self.id = SATELLITE_ID
        self.controller: asyncio.StreamWriter | None = None
        self.plays = True
        """Whether it reports that a sound was played."""
        self.takes_wake_words: bool | None = True
        """None to send no answer."""
        self.turn = 0
        self.starts_turns = True
        """Whether it starts a turn when asked to."""
        self.status = {
            "muted": False,
            "muted_on_device": False,
            "microphone": True,
            "loudspeaker": True,
        }
        self.answers_mute = True
        self.wake_sensitivities: dict[str, Any] = {}
        self.is_heard = True
        """Whether its loudspeaker plays to the end."""
        self.timers: list[dict[str, Any]] = []
        """Those that it lists when it is asked to be controlled."""
        self.alarms: list[dict[str, Any]] | None = None
        """Those that it keeps; None if it knows no alarms."""
        self.happened: list[dict[str, Any]] = []
        """What happened to them, until it is noted."""
        self.refuses_alarms: str | None = None
        """The code of its refusal; empty to give no answer."""
        self.settings: dict[str, Any] = {}
        """Those that it has; it reports none if there are none."""
        self.refuses_settings: str | None = None
        """The code of its refusal; empty to give no answer."""
        self.refuses_verifiers: str | None = None
        """The code of its refusal; empty to give no answer."""
        self.media: dict[str, Any] | None = None
        """What it tells about its music player, if it has one."""
        self.media_fault: str | None = None
        """Why nothing can be played."""

    def description(self) -> Event:
        event = super().description()
        if self.wake_sensitivities:
            event.data["indoor_voice"]["wake_sensitivities"] = self.wake_sensitivities
        if self.media is not None:
            event.data["indoor_voice"]["music"] = True
        return event

    async def handle(self, event: Event, writer: asyncio.StreamWriter) -> None:  # noqa: C901 - a table
        if event.type == "run-satellite":
            self.controller = writer
            await self._report_all()
        elif event.type == "change-settings":
            await self._change_settings(event)
        elif event.type == "set-verifiers":
            await self._answer_verifiers(event)
        elif event.type.startswith("media-"):
            await self.handle_media(event)
        elif event.type.startswith("alarm"):
            await self.handle_alarm(event)
        elif event.type == "mute" and self.answers_mute:
            await self._mute(muted=event.data["muted"])
        elif event.type == "audio-stop" and self.plays:
            data = {} if self.is_heard else {"heard": False}
            await async_write_event(Event(type="played", data=data), writer)
        elif event.type == "run-pipeline" and self.starts_turns:
            await self.begin_turn(None)
        elif event.type == "detect" and self.takes_wake_words is not None:
            if self.takes_wake_words:
                self.info = satellite_info(event.data["names"])
                self.wake_sensitivities |= event.data.get("wake_sensitivities", {})
                await async_write_event(self.description(), writer)
            else:
                await self.send(Event(type="error", data={"code": "unknown-wake-word"}))

    async def _report_all(self) -> None:
        await self.report_status()
        await self.list_timers()
        await self.list_alarms()
        await self.report_settings()
        await self.report_media()

    async def send(self, message: Event | Eventable) -> None:
        assert self.controller is not None
        event = message if isinstance(message, Event) else message.event()
        await async_write_event(event, self.controller)

    async def report_status(self, **values: bool) -> None:
        """Change the status and report it."""
        self.status.update(values)
        await self.send(Event(type="status", data=dict(self.status)))

    async def _mute(self, *, muted: bool) -> None:
        if self.status["muted_on_device"] and not muted:
            await self.send(Event(type="error", data={"code": "muted-on-device", "text": ""}))
        else:
            await self.report_status(muted=muted)

    async def _change_settings(self, event: Event) -> None:
        if self.refuses_settings is None:
            await self.report_settings(**event.data["settings"])
        elif self.refuses_settings:
            data = {"code": self.refuses_settings, "text": ""}
            await self.send(Event(type="error", data=data))

    async def _answer_verifiers(self, event: Event) -> None:
        if self.refuses_verifiers is None:
            await self.send(Event(type="verifiers", data={"words": list(event.data["verifiers"])}))
        elif self.refuses_verifiers:
            data = {"code": self.refuses_verifiers, "text": ""}
            await self.send(Event(type="error", data=data))

    async def report_settings(self, **values: Any) -> None:
        """Change settings and report all, if there are any."""
        self.settings.update(values)
        if self.settings:
            await self.send(Event(type="settings", data={"settings": dict(self.settings)}))

    async def list_timers(self) -> None:
        await self.send(Event(type="timers", data={"timers": self.timers}))

    async def list_alarms(self) -> None:
        """List its alarms, if it keeps any."""
        if self.alarms is not None:
            data = {"alarms": self.alarms, "happened": self.happened}
            await self.send(Event(type="alarms", data=data))

    async def handle_alarm(self, event: Event) -> None:
        assert self.alarms is not None, "it said that it knows no alarms"
        if event.type == "alarms-noted":
            self.happened = [h for h in self.happened if h["number"] > event.data["number"]]
            return
        if self.refuses_alarms is not None:
            if self.refuses_alarms:
                data = {"code": self.refuses_alarms, "text": ""}
                await self.send(Event(type="error", data=data))
            return
        match event.type:
            case "alarm-set":
                moment = None if not event.data["enabled"] else time.time() + 3600
                self._remove_alarm(event)
                self.alarms.append({**event.data, "state": "waiting", "next": moment})
            case "alarm-removed":
                self._remove_alarm(event)
            case "alarm-snoozed":
                for alarm in self.alarms:
                    alarm["state"] = "snoozed"
        await self.list_alarms()

    def _remove_alarm(self, event: Event) -> None:
        assert self.alarms is not None
        self.alarms = [alarm for alarm in self.alarms if alarm["id"] != event.data["id"]]

    async def report_media(self, **values: Any) -> None:
        """Change what it tells about its music player, and tell it."""
        if self.media is not None:
            self.media.update(values)
            await self.send(Event(type="media", data=dict(self.media)))

    async def handle_media(self, event: Event) -> None:
        match event.type:
            case "media-play":
                number = event.data["number"]
                await self.report_media(state="buffering", number=number, error=None)
                if self.media_fault is None:
                    await self.report_media(
                        state="playing", position_seconds=0.0, duration_seconds=180.0
                    )
                else:
                    await self.report_media(state="idle", error=self.media_fault)
            case "media-pause":
                await self.report_media(state="paused")
            case "media-resume":
                await self.report_media(state="playing")
            case "media-stop":
                await self.report_media(state="idle", position_seconds=None, duration_seconds=None)
            case "media-seek":
                await self.report_media(position_seconds=event.data["position_seconds"])
            case "media-volume":
                await self.report_media(**event.data)

    async def send_raw(self, data: bytes) -> None:
        """Send what need not be an event; raises `OSError` if the connection has ended."""
        assert self.controller is not None
        if self.controller.is_closing():
            # asyncio's TLS transport would raise an AttributeError.
            raise ConnectionResetError
        self.controller.write(data)
        await self.controller.drain()

    async def begin_turn(
        self,
        wake_word: str | None = "hey_jarvis",
        *,
        number: int | None = None,
        features: bytes | None = None,
    ) -> int:
        self.turn = self.turn + 1 if number is None else number
        if wake_word is not None:
            await self.send(Event(type="detection", data={"name": wake_word}))
        data: dict[str, Any] = {"start_stage": "asr", "end_stage": "tts", "turn": self.turn}
        if wake_word is not None:
            data["wake_word_name"] = wake_word
        if features is not None:
            data["features"] = {"rows": 12, "columns": 96}
        await self.send(Event(type="run-pipeline", data=data, payload=features))
        return self.turn

    async def speak(self, seconds: float = 1.0, *, stop: bool = True) -> None:
        await self.send(AudioStart(16000, 2, 1))
        for _ in range(int(seconds * 10)):
            await self.send(AudioChunk(16000, 2, 1, bytes(SECOND_BYTES // 10)))
        if stop:
            await self.send(AudioStop())

    def of_turn(self, turn: int) -> list[str]:
        """Return the types of a turn's events, with consecutive sound counted once."""
        types = [event.type for event in self.received if event.data.get("turn") == turn]
        return [t for i, t in enumerate(types) if t != "audio-chunk" or types[i - 1] != t]

    def sound(self) -> bytes:
        return b"".join(event.payload or b"" for event in self.of_type("audio-chunk"))


type Script = Callable[[FakeSpeech, asyncio.StreamWriter], Awaitable[None]]


class FakeSpeech(Peer):
    """A speech server that always recognises `transcript` and speaks a tone."""

    kind = "speech"

    def __init__(self, protection: Protection | None, info: Info | None = None) -> None:
        super().__init__(info or speech_info(), protection)
        self.id = SPEECH_ID
        self.transcript = "turn on the kitchen light"
        self.ends_early_after_bytes: int | None = None
        """Answer during the sound, like a server that detects the end of speech."""
        self.recognise: Script | None = None
        """Runs instead of sending a transcript."""
        self.readings: list[str] | None = None
        """What it asks about before it sends the transcript, if asked to."""
        self.synthesise: Script | None = None
        """Runs instead of sending the tone."""
        self.disguises = False
        """Whether it says that it disguises voices."""
        self.disguise: Script | None = None
        """Runs instead of answering a recording with its samples in reverse."""
        self._recording: bytearray | None = None
        """What it is to disguise, while that arrives."""
        self.rate = 22050
        self._heard_bytes = 0
        self.busy = False
        """Whether it is busy; it still describes itself."""

    def description(self) -> Event:
        event = super().description()
        if self.disguises:
            event.data["indoor_voice"]["disguise"] = True
        return event

    async def handle(self, event: Event, writer: asyncio.StreamWriter) -> None:
        if self.busy:
            await self._refuse(writer)
        elif event.type == "disguise" or self._recording is not None:
            await self._record(event, writer)
        else:
            await self._answer(event, writer)

    async def _record(self, event: Event, writer: asyncio.StreamWriter) -> None:
        """Collect what is to be disguised, then answer."""
        recorded = self._recording or bytearray()
        if event.type == "audio-stop":
            self._recording = None
            await self._disguised(bytes(recorded), writer)
        else:
            self._recording = recorded + (event.payload or b"")

    async def _refuse(self, writer: asyncio.StreamWriter) -> None:
        if not writer.is_closing():
            await async_write_event(Event(type="error", data={"code": "busy", "text": ""}), writer)
            writer.close()

    async def _answer(self, event: Event, writer: asyncio.StreamWriter) -> None:
        match event.type:
            case "transcribe":
                self._heard_bytes = 0
            case "understood" | "audio-stop" if self.readings is not None:
                await self._ask(event, self.readings, writer)
            case "audio-chunk":
                before = self._heard_bytes
                self._heard_bytes += len(event.payload or b"")
                early = self.ends_early_after_bytes
                if early is not None and before < early <= self._heard_bytes:
                    await async_write_event(Event(type="voice-started"), writer)
                    await async_write_event(Event(type="voice-stopped"), writer)
                    await self._transcript(writer)
            case "audio-stop" if self.ends_early_after_bytes is None:
                await self._transcript(writer)
            case "synthesize":
                self.rate = (event.data.get("context") or {}).get("rate", 22050)
                await self.speak_tone(writer)
            case "synthesize-start":
                self.rate = (event.data.get("context") or {}).get("rate", 22050)
            case "synthesize-stop":
                await self.speak_tone(writer)
                if self.synthesise is None:
                    await async_write_event(SynthesizeStopped().event(), writer)

    async def _disguised(self, recording: bytes, writer: asyncio.StreamWriter) -> None:
        if self.disguise is not None:
            await self.disguise(self, writer)
            return
        backwards = b"".join(recording[at : at + 2] for at in range(len(recording) - 2, -1, -2))
        await async_write_event(AudioStart(16000, 2, 1).event(), writer)
        for at in range(0, len(backwards), SECOND_BYTES):
            piece = backwards[at : at + SECOND_BYTES]
            await async_write_event(AudioChunk(16000, 2, 1, piece).event(), writer)
        await async_write_event(AudioStop().event(), writer)

    async def _ask(self, event: Event, readings: list[str], writer: asyncio.StreamWriter) -> None:
        if event.type == "audio-stop":
            question = {"question": 1, "texts": readings}
            await async_write_event(Event(type="readings", data=question), writer)
        else:
            self.transcript = readings[event.data["index"] or 0]
            await self._transcript(writer)

    async def _transcript(self, writer: asyncio.StreamWriter) -> None:
        if self.recognise is not None:
            await self.recognise(self, writer)
        else:
            await async_write_event(Transcript(text=self.transcript).event(), writer)

    async def speak_tone(self, writer: asyncio.StreamWriter) -> None:
        """Speak a tone, or run the script."""
        if self.synthesise is not None:
            await self.synthesise(self, writer)
            return
        await async_write_event(AudioStart(self.rate, 2, 1).event(), writer)
        for _ in range(2):
            chunk = AudioChunk(self.rate, 2, 1, b"\x01\x02" * (self.rate // 10))
            await async_write_event(chunk.event(), writer)
        await async_write_event(AudioStop().event(), writer)
