"""Checks the microphone, and whether it hears the loudspeaker and the wake word."""

import queue
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any, Final

import numpy as np
import sounddevice as sd  # type: ignore[import-untyped]  # it ships no types

from indoor_voice.errors import UserError
from indoor_voice.room.sound.devices import (
    DeviceLostError,
    Direction,
    device_format,
    find_device,
    running,
)
from indoor_voice.room.sound.microphone import Microphone
from indoor_voice.room.sound.pcm import BLOCK_SAMPLES, RATE, Converter, PcmFormat, Samples
from indoor_voice.room.sound.prompts import spoken_wake_word
from indoor_voice.room.sound.wake_models import WakeModel
from indoor_voice.room.sound.wake_word import Detector

from .finding import Finding

LISTEN_SECONDS: Final = 2.0
_SETTLE_SECONDS: Final = 0.4
"""Skipped at first, because a microphone may begin with a click or adjust its gain."""
_FULL_SCALE: Final = 32768
_SILENCE_DBFS: Final = -84.0
"""A peak of 2 out of 32,768, which is less than the noise of any microphone."""
_CLIPPED: Final = 32_700
_CLIPPED_SHARE: Final = 0.001
_QUIET_DBFS: Final = -70.0
"""The background noise of a room is louder than this if the capture volume is right."""
TONE_HERTZ: Final = 1_000.0
_TONE_SECONDS: Final = 1.0
_TONE_PEAK: Final = 0.25
_AUDIBLE_DB: Final = 10.0
"""How much louder than the background the tone must be at its frequency."""
_AFTER_SECONDS: Final = 1.2
"""Time for played sound to be heard: the latencies of both devices and of the detector."""


class BackgroundMicrophone:
    """Records in a background thread, while something is being played."""

    def __init__(self, microphone: Microphone) -> None:
        """Prepare to record."""
        self._microphone = microphone
        self._blocks: queue.Queue[Samples | DeviceLostError] = queue.Queue()
        self._closing = threading.Event()

    @contextmanager
    def open(self) -> Iterator[None]:
        """Record during the block."""
        self._closing.clear()
        thread = threading.Thread(target=self._run, name="background-microphone", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._closing.set()
            thread.join(5)

    def record(self, seconds: float) -> Samples:
        """Return the next `seconds` of sound; raises `DeviceLostError`."""
        blocks: list[Samples] = []
        for _ in range(round(seconds * RATE / BLOCK_SAMPLES)):
            block = self._blocks.get()
            if isinstance(block, DeviceLostError):
                raise block
            blocks.append(block)
        return np.concatenate(blocks)

    def discard(self) -> None:
        """Discard the sound recorded so far."""
        with suppress(queue.Empty):
            while True:
                self._blocks.get_nowait()

    def _run(self) -> None:
        try:
            with closing(self._microphone.blocks()) as blocks:
                for block in blocks:
                    self._blocks.put(block)
                    if self._closing.is_set():
                        return
        except DeviceLostError as err:
            self._blocks.put(err)


def check_microphone(microphone: BackgroundMicrophone, name: str) -> Finding:
    """Check the level of the microphone; raises `DeviceLostError`."""
    microphone.record(_SETTLE_SECONDS)
    sound = microphone.record(LISTEN_SECONDS)
    return judge_level(sound, name)


def judge_level(sound: Samples, name: str) -> Finding:
    """Check the level of a sound of shape (samples,)."""
    subject = "microphone"
    level, peak = dbfs(rms(sound)), dbfs(float(np.abs(sound.astype(np.int32)).max()))
    if peak <= _SILENCE_DBFS:
        return Finding.bad(
            subject,
            f"{name} delivers only silence",
            "Is it muted, by a switch or in alsamixer? Is it the right one? "
            "List all with: indoor-voice satellite --list-devices. Choose with --microphone.",
        )
    seen = f"{name}, level {level:.0f} dBFS, peak {peak:.0f} dBFS"
    if float(np.mean(np.abs(sound.astype(np.int32)) >= _CLIPPED)) > _CLIPPED_SHARE:
        return Finding.bad(
            subject,
            f"{seen}: it is overdriven",
            "Turn the capture volume down, for example in alsamixer.",
        )
    if level < _QUIET_DBFS:
        return Finding.bad(
            subject,
            f"{seen}: it is too quiet",
            "Turn the capture volume up, for example in alsamixer.",
        )
    return Finding.good(subject, seen)


def check_loudspeaker(microphone: BackgroundMicrophone | None, query: str | None) -> Finding:
    """Play a tone and check whether the microphone hears it; raises `DeviceLostError`."""
    subject = "loudspeaker"
    try:
        name = find_device(Direction.OUTPUT, query).name
    except UserError as err:
        return Finding.bad(subject, "not found", str(err))
    before = np.zeros((0,), np.int16)
    if microphone is not None:
        microphone.discard()
        before = microphone.record(_TONE_SECONDS)
    try:
        play(tone(), query)
    except DeviceLostError as err:
        return Finding.bad(
            subject,
            f"{name} cannot be used: {err}",
            "Is something else using it? Choose another one with --loudspeaker.",
        )
    if microphone is None:
        return Finding.unknown(
            subject, f"{name} accepted a tone, but without a microphone this cannot be verified"
        )
    during = microphone.record(_TONE_SECONDS + _AFTER_SECONDS)
    louder = _loudest_tone(during) - _loudest_tone(before)
    if louder < _AUDIBLE_DB:
        return Finding.bad(
            subject,
            f"{name} accepted a tone, but the microphone did not hear it",
            "If you heard it, the microphone is too far away. If not, is the loudspeaker switched "
            "on, turned up, and the right one? Choose with --loudspeaker.",
        )
    return Finding.good(subject, f"{name}; the microphone heard its tone, {louder:.0f} dB louder")


def check_wake_word(
    microphone: BackgroundMicrophone, model: WakeModel, query: str | None
) -> Finding:
    """Play the wake word and check whether it is detected; raises `DeviceLostError`."""
    subject = "wake word"
    spoken = spoken_wake_word(model.name)
    if spoken is None:
        return Finding.unknown(subject, f'there is no recording of "{model.phrase}" to play')
    detector = Detector([model])
    if detector.faults:
        return Finding.bad(subject, "it cannot be detected", detector.faults[model.name])
    microphone.discard()
    try:
        play(spoken, query)
    except DeviceLostError as err:
        return Finding.unknown(subject, f"it cannot be played: {err}")
    sound = microphone.record(len(spoken) / RATE + _AFTER_SECONDS)
    heard = [
        detector.hear(sound[start : start + BLOCK_SAMPLES])
        for start in range(0, len(sound), BLOCK_SAMPLES)
    ]
    if model.name not in heard:
        return Finding.bad(
            subject,
            f'"{model.phrase}" was played, but not detected',
            "Turn the loudspeaker up. Or say it yourself: if the satellite wakes, it works.",
        )
    return Finding.good(subject, f'"{model.phrase}" was played and detected')


def tone() -> Samples:
    """Return the test tone."""
    time_seconds = np.arange(round(_TONE_SECONDS * RATE)) / RATE
    fade = np.clip(np.minimum(time_seconds, time_seconds[::-1]) / 0.02, 0, 1)
    wave = _TONE_PEAK * (_FULL_SCALE - 1) * fade * np.sin(2 * np.pi * TONE_HERTZ * time_seconds)
    samples: Samples = wave.astype(np.int16)
    return samples


def play(sound: Samples, query: str | None) -> None:
    """Play a sound at 16 kHz to its end; raises `DeviceLostError`."""
    try:
        device = find_device(Direction.OUTPUT, query)
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
        # Fill the buffer with silence, because closing the device cuts off what is unplayed.
        stream.write(bytes(round(rate * (stream.latency + 0.1)) * channels * 2))


def _loudest_tone(sound: Samples) -> float:
    """Return the level of the tone in the piece of 0.2 s where it is loudest, in dB."""
    length = round(0.2 * RATE)
    window = np.hanning(length) * np.exp(-2j * np.pi * TONE_HERTZ * np.arange(length) / RATE)
    strengths = [
        abs(np.dot(sound[start : start + length].astype(np.float64), window)) / length
        for start in range(0, len(sound) - length + 1, length // 2)
    ]
    return dbfs(max(strengths))


def rms(sound: Samples) -> float:
    """Return the root mean square of a sound of shape (samples,)."""
    return float(np.sqrt(np.mean(sound.astype(np.float64) ** 2)))


def dbfs(amplitude: float) -> float:
    """Return an amplitude, where full scale is 32,768, in dB relative to full scale."""
    return 20 * float(np.log10(max(amplitude, 0.5) / _FULL_SCALE))
