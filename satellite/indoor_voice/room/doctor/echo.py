"""Checks what cancelling echoes would remove on this hardware."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from indoor_voice.errors import UserError
from indoor_voice.room.sound.devices import DeviceLostError
from indoor_voice.room.sound.echo.alignment import SPAN_SAMPLES
from indoor_voice.room.sound.echo.canceller import EchoCanceller
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, RATE, Samples

from .finding import Finding
from .hearing import BackgroundMicrophone, dbfs, play, rms

SUBJECT: Final = "echo"
_HISS_SECONDS: Final = 3.0
"""Twice as long as the canceller needs to learn from noise."""
_HISS_RMS: Final = 1_000.0
_MEASURED_SECONDS: Final = 1.0
"""The last part of the hiss, in which is measured."""
_HELPS_DB: Final = 6.0
"""Removed by less, the echo of speech still hides a person who speaks as loudly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoPath:
    """How the microphone hears the loudspeaker."""

    delay_seconds: float
    level_dbfs: float
    removed_db: float
    """By how much cancelling reduces the level."""


def check_echo(microphone: BackgroundMicrophone, query: str | None) -> Finding:
    """Play a hiss and check what cancelling removes of it; raises `DeviceLostError`."""
    try:
        canceller = EchoCanceller()
    except UserError as err:
        return Finding.unknown(SUBJECT, "it is not cancelled", str(err))
    microphone.discard()
    try:
        play(hiss(), query)
    except DeviceLostError as err:
        return Finding.unknown(SUBJECT, f"nothing can be played: {err}")
    heard = microphone.record(_HISS_SECONDS + SPAN_SAMPLES / RATE)
    return judge_echo(measure_echo(heard, canceller))


def measure_echo(heard: Samples, canceller: EchoCanceller) -> EchoPath | None:
    """Measure the echo of the hiss, played as `heard` began; None if it is not in there."""
    canceller.begin(RATE)
    canceller.add(hiss())
    blocks = heard[: heard.size - heard.size % BLOCK_SAMPLES].reshape(-1, BLOCK_SAMPLES)
    rest: list[Samples] = []
    lag: int | None = None
    for block in blocks:
        rest.append(canceller.process(block))
        lag = canceller.lag if lag is None else lag
    if lag is None:
        return None
    end = lag + round(_HISS_SECONDS * RATE)
    measured = slice(end - round(_MEASURED_SECONDS * RATE), end)
    level = dbfs(rms(heard[measured]))
    return EchoPath(
        delay_seconds=lag / RATE,
        level_dbfs=level,
        removed_db=level - dbfs(rms(np.concatenate(rest)[measured])),
    )


def judge_echo(path: EchoPath | None) -> Finding:
    """Say whether cancelling helps."""
    if path is None:
        return Finding.good(SUBJECT, "the microphone hears none, so there is nothing to cancel")
    seen = (
        f"heard {path.delay_seconds * 1000:.0f} ms later at {path.level_dbfs:.0f} dBFS; cancelling "
        f"removes {path.removed_db:.0f} dB"
    )
    if path.removed_db >= _HELPS_DB:
        return Finding.good(SUBJECT, f"{seen}, so it helps")
    return Finding.unknown(
        SUBJECT,
        f"{seen}, so it hardly helps",
        "Turn the loudspeaker down. Turn off what changes the microphone's sound, for example "
        "automatic gain control in alsamixer.",
    )


def hiss() -> Samples:
    """Return the test sound: noise, because it contains all frequencies and teaches quickly."""
    length = round(_HISS_SECONDS * RATE)
    time_seconds = np.arange(length) / RATE
    fade = np.clip(np.minimum(time_seconds, time_seconds[::-1]) / 0.05, 0, 1)
    noise = np.random.default_rng(0).standard_normal(length) * _HISS_RMS
    samples: Samples = (noise * fade).astype(np.int16)
    return samples
