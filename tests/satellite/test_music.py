"""A real satellite plays music in a virtual room, and makes way for an announcement."""

from pathlib import Path

import numpy as np
import pytest
from wyoming.event import Event

from demo.sound import RATE, SoundServer
from indoor_voice.room.music.process import can_decode
from tests.room import media_server
from tests.waiting import events_until, until

from .test_own_voice import announce, satellite

pytestmark = pytest.mark.skipif(not can_decode(), reason="needs libmpv and the extra music")

MUSIC_HZ = 440
ANNOUNCEMENT_HZ = 1_500
ANNOUNCEMENT_SECONDS = 1.5
WINDOW_SECONDS = 0.1


def tone(hertz: float, seconds: float, rate: int) -> bytes:
    wave = np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    return (wave * 8_000).astype("<i2").tobytes()


def levels_db(recording: bytes, hertz: float) -> list[float]:
    """Return the level of a tone in each window, in dB below that of the tones here."""
    samples = np.frombuffer(recording[: len(recording) // 2 * 2], "<i2").astype(float)
    length = round(WINDOW_SECONDS * RATE)
    windows = samples[: samples.size // length * length].reshape(-1, length)
    probe = np.exp(-2j * np.pi * hertz * np.arange(length) / RATE)
    return list(20 * np.log10(np.abs(windows @ probe) * 2 / length / 8_000 + 1e-6))


async def test_an_announcement_is_heard_over_music_which_returns(folder: Path) -> None:
    server = SoundServer(folder / "music")
    mono = np.frombuffer(tone(MUSIC_HZ, 60, media_server.RATE), "<i2")
    with media_server.serving() as media:
        media.answers["/song.wav"] = media_server.file(
            media_server.wav(np.repeat(mono, 2).tobytes())
        )
        async with server.running():
            room = await server.room("parlour")
            async with satellite(room, folder, "alexa") as connection, room.recorded() as heard:
                play = {"url": f"{media.url}/song.wav", "number": 1, "verify": True}
                await connection.send(Event("media-play", play))

                def music_db() -> list[float]:
                    return levels_db(bytes(heard), MUSIC_HZ)

                await until(music_db, lambda db: bool(db) and db[-1] > -1)
                await announce(connection, tone(ANNOUNCEMENT_HZ, ANNOUNCEMENT_SECONDS, RATE))
                await events_until(connection, "played")
                played = len(music_db())
                await until(music_db, lambda db: min(db[played:], default=0) > -25 and db[-1] > -1)
    spoken = levels_db(bytes(heard), ANNOUNCEMENT_HZ)
    during = [music for music, voice in zip(music_db(), spoken, strict=True) if voice > -1]
    assert len(during) * WINDOW_SECONDS == pytest.approx(ANNOUNCEMENT_SECONDS, abs=0.3)
    # It takes 0.1 s to turn it down.
    assert max(during[2:]) < -18
    assert min(during) > -22
