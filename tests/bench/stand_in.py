"""A simulated speech server: it recognises a different number each time, and answers at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from wyoming.asr import Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event, Eventable
from wyoming.info import AsrModel, AsrProgram, Attribution, Info, TtsProgram, TtsVoice
from wyoming.ping import Ping, Pong
from wyoming.tts import SynthesizeStopped
from wyoming.vad import VoiceStopped

from indoor_voice.link.pairing.identity import DeviceKind, info_event, load_identity
from indoor_voice.link.pairing.trust import Trust
from indoor_voice.link.server.server import LinkServer
from indoor_voice.link.wire import Connection

from .satellite import PAIRING_CODE

SENTENCE: Final = "count"
"""The transcript's text before the number."""
_RATE: Final = 22_050
_MICROPHONE_BYTES_PER_SECOND: Final = 32_000
_PIECE_SECONDS: Final = 0.1
_PLACES: Final = 32
_US: Final = Attribution(name="Indoor Voice", url="")


class StandInSpeech:
    """A simulated speech server on the protected link, on a port of 127.0.0.1."""

    def __init__(
        self, state_dir: Path, speech_seconds: float, *, hears_seconds: float | None = None
    ) -> None:
        """Prepare a server that answers every text with `speech_seconds` of sound.

        With `hears_seconds` it finds the end of speech after that much sound; otherwise whoever
        speaks has to end it.
        """
        self.port = 0
        self.spoken = 0
        """The number of texts spoken."""
        self._heard = 0
        self._hears_seconds = hears_seconds
        self._pieces = round(speech_seconds / _PIECE_SECONDS)
        self._description = info_event(_INFO, load_identity(state_dir, DeviceKind.SPEECH))
        self._trust = Trust.load(state_dir)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Accept connections while the block runs."""
        server = LinkServer(
            "127.0.0.1", 0, self._serve, trust=self._trust, code=PAIRING_CODE, places=_PLACES
        )
        async with server:
            self.port = server.port
            yield

    async def _serve(self, connection: Connection) -> None:
        heard_bytes = 0
        while True:
            event = await connection.receive()
            for answer in self._answers(event):
                await connection.send(answer)
            if self._hears_seconds is None or event.type != "audio-chunk":
                continue
            before, heard_bytes = heard_bytes, heard_bytes + len(event.payload or b"")
            if before < self._hears_seconds * _MICROPHONE_BYTES_PER_SECOND <= heard_bytes:
                await connection.send(VoiceStopped(timestamp=round(self._hears_seconds * 1000)))

    def _answers(self, event: Event) -> list[Event | Eventable]:
        match event.type:
            case "describe":
                return [self._description]
            case "ping":
                return [Pong(Ping.from_event(event).text)]
            case "audio-stop":
                self._heard += 1
                return [Transcript(f"{SENTENCE} {self._heard}")]
            case "synthesize":
                return self._speech()
            case "synthesize-stop":
                return [*self._speech(), SynthesizeStopped()]
        return []

    def _speech(self) -> list[Event | Eventable]:
        self.spoken += 1
        piece = AudioChunk(_RATE, 2, 1, bytes(2 * round(_RATE * _PIECE_SECONDS)))
        return [AudioStart(_RATE, 2, 1), *[piece] * self._pieces, AudioStop()]


_INFO: Final = Info(
    asr=[
        AsrProgram(
            name="recogniser",
            attribution=_US,
            installed=True,
            description=None,
            version="1",
            models=[
                AsrModel(
                    name="none",
                    attribution=_US,
                    installed=True,
                    description=None,
                    version="1",
                    languages=["en"],
                )
            ],
            requires_external_vad=False,
        )
    ],
    tts=[
        TtsProgram(
            name="synthesiser",
            attribution=_US,
            installed=True,
            description=None,
            version="1",
            voices=[
                TtsVoice(
                    name="none",
                    attribution=_US,
                    installed=True,
                    description=None,
                    version="1",
                    languages=["en"],
                )
            ],
            supports_synthesize_streaming=True,
        )
    ],
)
