"""Checks of what a satellite hears, and of whether it hears itself."""

import queue
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any, Final

import numpy as np
import sounddevice as sd  # type: ignore[import-untyped]  # it ships no types

from indoor_voice.errors import UserError
from indoor_voice.room.sound.devices import DeviceLostError, Direction, find_device, running
from indoor_voice.room.sound.loudspeaker import device_format
from indoor_voice.room.sound.microphone import Microphone
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, RATE, Converter, PcmFormat, Samples
from indoor_voice.room.sound.prompts import spoken_wake_word
from indoor_voice.room.sound.wake_models import WakeModel
from indoor_voice.room.sound.wake_word import DEFAULT_THRESHOLD, Detector

from .finding import Finding

LISTEN_SECONDS: Final = 2.0
_SETTLE_SECONDS: Final = 0.4
"""What a microphone gives first, a click or the beginning of its gain control, is not counted."""
_FULL_SCALE: Final = 32768
_SILENCE_DBFS: Final = -84.0
"""Peak: 2 of 32,768, less than the noise of any microphone."""
_CLIPPED: Final = 32_700
_CLIPPED_SHARE: Final = 0.001
_QUIET_DBFS: Final = -70.0
"""A room's own noise through a microphone that is set right is louder than this."""
TONE_HERTZ: Final = 1_000.0
_TONE_SECONDS: Final = 1.0
_TONE_PEAK: Final = 0.25
_AUDIBLE_DB: Final = 10.0
"""By so much the tone must stand out of what else is heard at its frequency."""
_AFTER_SECONDS: Final = 1.2
"""For what was played to be heard: latencies of both devices, and the detector's."""


class Ears:
    """Hears in the background while something else goes on."""

    def __init__(self, microphone: Microphone) -> None:
        """Prepare to hear."""
        self._microphone = microphone
        self._heard: queue.Queue[Samples | DeviceLostError] = queue.Queue()
        self._closing = threading.Event()

    @contextmanager
    def open(self) -> Iterator[None]:
        """Hear during the block."""
        self._closing.clear()
        thread = threading.Thread(target=self._run, name="ears", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._closing.set()
            thread.join(5)

    def hear(self, seconds: float) -> Samples:
        """Return the sound of the next so many seconds; raises `DeviceLostError`."""
        blocks: list[Samples] = []
        for _ in range(round(seconds * RATE / BLOCK_SAMPLES)):
            block = self._heard.get()
            if isinstance(block, DeviceLostError):
                raise block
            blocks.append(block)
        return np.concatenate(blocks)

    def forget(self) -> None:
        """Leave out what has been heard and not been asked for."""
        with suppress(queue.Empty):
            while True:
                self._heard.get_nowait()

    def _run(self) -> None:
        try:
            with closing(self._microphone.blocks()) as blocks:
                for block in blocks:
                    self._heard.put(block)
                    if self._closing.is_set():
                        return
        except DeviceLostError as err:
            self._heard.put(err)


def check_microphone(ears: Ears, name: str) -> Finding:
    """Judge the level of what the microphone hears; raises `DeviceLostError`."""
    ears.hear(_SETTLE_SECONDS)
    sound = ears.hear(LISTEN_SECONDS)
    return judge_level(sound, name)


def judge_level(sound: Samples, name: str) -> Finding:
    """Judge the level of a recording, shape (samples,)."""
    subject = "microphone"
    level, peak = _dbfs(_rms(sound)), _dbfs(float(np.abs(sound.astype(np.int32)).max()))
    if peak <= _SILENCE_DBFS:
        return Finding.bad(
            subject,
            f"{name} gives only silence",
            "Is it muted, by a switch or in alsamixer? Is it the right one? "
            "indoor-voice satellite --list-devices shows them all; choose with --microphone.",
        )
    seen = f"{name}, level {level:.0f} dBFS, peak {peak:.0f} dBFS"
    if float(np.mean(np.abs(sound.astype(np.int32)) >= _CLIPPED)) > _CLIPPED_SHARE:
        return Finding.bad(
            subject, f"{seen}: it is overdriven", "Turn the capture volume down, as in alsamixer."
        )
    if level < _QUIET_DBFS:
        return Finding.bad(
            subject, f"{seen}: it is too quiet", "Turn the capture volume up, as in alsamixer."
        )
    return Finding.good(subject, seen)


def check_loudspeaker(ears: Ears | None, wish: str | None) -> Finding:
    """Play a tone and find out whether the microphone hears it; raises `DeviceLostError`."""
    subject = "loudspeaker"
    try:
        name = find_device(Direction.OUTPUT, wish).name
    except UserError as err:
        return Finding.bad(subject, "there is none", str(err))
    before = np.zeros((0,), np.int16)
    if ears is not None:
        ears.forget()
        before = ears.hear(_TONE_SECONDS)
    try:
        play(tone(), wish)
    except DeviceLostError as err:
        return Finding.bad(
            subject,
            f"{name} cannot be used: {err}",
            "Does something else use it? Choose another with --loudspeaker.",
        )
    if ears is None:
        return Finding.unknown(
            subject, f"{name} took a tone; without a microphone nobody knows whether it sounded"
        )
    during = ears.hear(_TONE_SECONDS + _AFTER_SECONDS)
    louder = _loudest_tone(during) - _loudest_tone(before)
    if louder < _AUDIBLE_DB:
        return Finding.bad(
            subject,
            f"{name} took a tone, and the microphone did not hear it",
            "Did you hear it? Then the microphone is too far away. If not: is it switched on, "
            "turned up, and the right one? Choose with --loudspeaker.",
        )
    return Finding.good(subject, f"{name}; the microphone heard its tone, {louder:.0f} dB louder")


def check_wake_word(ears: Ears, model: WakeModel, wish: str | None) -> Finding:
    """Say the wake word and find out whether it is found; raises `DeviceLostError`."""
    subject = "wake word"
    said = spoken_wake_word(model.name)
    if said is None:
        return Finding.unknown(subject, f'nobody has recorded "{model.phrase}" for this check')
    detector = Detector([model])
    ears.forget()
    try:
        play(said, wish)
    except DeviceLostError as err:
        return Finding.unknown(subject, f"it cannot be said: {err}")
    sound = ears.hear(len(said) / RATE + _AFTER_SECONDS)
    score = max(
        detector.scores(sound[start : start + BLOCK_SAMPLES])[model.name]
        for start in range(0, len(sound), BLOCK_SAMPLES)
    )
    if score < DEFAULT_THRESHOLD:
        return Finding.bad(
            subject,
            f'"{model.phrase}" was said and not found (score {score:.2f} of 1)',
            "Turn the loudspeaker up; or say it yourself, and all is well if the satellite wakes.",
        )
    return Finding.good(subject, f'"{model.phrase}" was said and found (score {score:.2f} of 1)')


def tone() -> Samples:
    """Return the tone that is played."""
    time_seconds = np.arange(round(_TONE_SECONDS * RATE)) / RATE
    fade = np.clip(np.minimum(time_seconds, time_seconds[::-1]) / 0.02, 0, 1)
    wave = _TONE_PEAK * (_FULL_SCALE - 1) * fade * np.sin(2 * np.pi * TONE_HERTZ * time_seconds)
    samples: Samples = wave.astype(np.int16)
    return samples


def play(sound: Samples, wish: str | None) -> None:
    """Play a recording at 16 kHz to its end; raises `DeviceLostError`."""
    try:
        device = find_device(Direction.OUTPUT, wish)
    except UserError as err:
        raise DeviceLostError(str(err)) from err
    rate, channels = device_format(device)
    converter = Converter(PcmFormat(rate=RATE, width=2, channels=1), rate)
    converted = np.concatenate(
        [converter.convert(sound.astype("<i2", copy=False).tobytes()), converter.finish()]
    )

    def make_stream() -> Any:  # noqa: ANN401 - sounddevice has no types
        return sd.RawOutputStream(
            device=device.index, samplerate=rate, channels=channels, dtype="int16", latency=0.1
        )

    with running(make_stream) as stream:
        stream.write(np.repeat(converted, channels).astype("<i2").tobytes())
        # Closing it would cut off what it has not played.
        stream.write(bytes(round(rate * (stream.latency + 0.1)) * channels * 2))


def _loudest_tone(sound: Samples) -> float:
    """Return the level of the tone in the piece of 0.2 s where it is loudest, in dB."""
    length = round(0.2 * RATE)
    window = np.hanning(length) * np.exp(-2j * np.pi * TONE_HERTZ * np.arange(length) / RATE)
    strengths = [
        abs(np.dot(sound[start : start + length].astype(np.float64), window)) / length
        for start in range(0, len(sound) - length + 1, length // 2)
    ]
    return _dbfs(max(strengths))


def _rms(sound: Samples) -> float:
    return float(np.sqrt(np.mean(sound.astype(np.float64) ** 2)))


def _dbfs(amplitude: float) -> float:
    return 20 * float(np.log10(max(amplitude, 0.5) / _FULL_SCALE))
