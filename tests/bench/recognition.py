"""Compares models for speech recognition on commands, each in a process of its own.

`python -m tests.bench.recognition` measures the models that packages bring, and those named, such
as `faster-whisper:small.en` or `sherpa-onnx:FOLDER`. The project's own voice speaks the commands,
fast and slowly, in silence and in noise; `--recordings FOLDER` takes recordings instead, whose
`manifest.json` lists a `path` and what it `says` for each. Nothing that is heard is printed.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import soxr
from numpy.typing import NDArray

from indoor_voice.speech.models import find_model, find_voice
from indoor_voice.speech.recognition.engine import Recogniser
from tests.moonshine import make_moonshine_tiny
from tests.process_status import memory_bytes

RATE: Final = 16_000
SENTENCES: Final = (
    "Turn on the bedroom light.",
    "What is the temperature in the living room?",
    "Close the garage door.",
    "Play some music in the kitchen.",
    "Open the blinds in the office.",
    "Is the washing machine still running?",
    "Turn off all the lights upstairs.",
    "Lock the front door.",
    "What's on my shopping list?",
    "Set the lamp on the desk to blue.",
    "Pause the music.",
    "Start the vacuum cleaner.",
    "How warm is it in the greenhouse?",
    "Dim the lights in the dining room.",
    "Remind me to water the plants.",
    "Cancel the timer.",
    "Make the hallway a little brighter.",
    "Did somebody leave the back door open?",
    "Add bread and butter to the shopping list.",
    "Good night.",
)
"""Without numbers, which engines write in different ways."""
SPEEDS: Final = (0.8, 1.25)
"""Relative durations, in turn: faster and slower than the voice usually speaks."""
NOISES: Final = {"quiet": None, "noise 10 dB": 10.0, "noise 5 dB": 5.0}
"""By how much speech is louder than pink noise."""
_AFTER_SECONDS: Final = 0.2
"""Silence after which the speech server begins to read."""
_HISS: Final = 0.001
_WARM_UPS: Final = 3


class Clip(NamedTuple):
    """A recorded command."""

    kind: str
    says: str
    audio: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What one model made of the commands."""

    word_errors: dict[str, float]
    """Words that were missing, wrong or too many, as a share of those spoken, by kind of clip."""
    right: float
    """Share of commands without such a word."""
    seconds: float
    """Median time for a command."""
    cpu_seconds: float
    """Mean processor time for a command."""
    peak_mb: float
    """Resident memory in 10**6 bytes, at its highest, without the clips."""


def spoken_clips() -> Iterator[Clip]:
    """Yield the sentences as Piper speaks them, the same in each run."""
    from indoor_voice.speech.synthesis.piper import Synthesiser  # noqa: PLC0415 - memory counts

    rng = np.random.default_rng(0)
    files = [find_voice(None, "en", Path("unused"))]
    voices = [Synthesiser(files, length_scale=speed) for speed in SPEEDS]
    for number, sentence in enumerate(SENTENCES):
        synthesiser = voices[number % len(voices)]
        voice = synthesiser.choose(None)
        config = voice.voice.config
        config.noise_scale = config.noise_w_scale = 0.0  # its random variation
        pieces = synthesiser.prepare(sentence, voice)
        spoken = np.concatenate([synthesiser.speak(piece, voice) for piece in pieces])
        audio = 0.3 * soxr.resample(spoken, voice.rate, RATE)
        audio = np.concatenate([audio, np.zeros(round(_AFTER_SECONDS * RATE))])
        power = float(np.mean(np.square(audio)))
        for kind, decibels in NOISES.items():
            noise = _HISS * rng.normal(size=audio.size)
            if decibels is not None:
                noise = _pink(rng, audio.size) * np.sqrt(power / 10 ** (decibels / 10))
            yield Clip(kind, sentence, np.asarray(audio + noise, np.float32))


def _pink(rng: np.random.Generator, samples: int) -> NDArray[np.float64]:
    """Return noise with equal power in each octave, and a mean power of 1."""
    spectrum = np.fft.rfft(rng.normal(size=samples))
    spectrum /= np.sqrt(np.maximum(np.arange(spectrum.size), 1))
    noise = np.fft.irfft(spectrum, samples)
    return np.asarray(noise / noise.std())


def recorded_clips(folder: Path) -> Iterator[Clip]:
    """Yield the recordings in a folder of which the manifest tells what they say."""
    for entry in json.loads((folder / "manifest.json").read_text(encoding="utf-8")):
        if entry["says"]:
            command = ("ffmpeg", "-v", "error", "-i", str(folder / entry["path"]))
            as_samples = ("-f", "s16le", "-ar", str(RATE), "-ac", "1", "-")
            result = subprocess.run([*command, *as_samples], capture_output=True, check=True)  # noqa: S603 - our own command
            audio = np.frombuffer(result.stdout, "<i2") / 32768
            kind = entry.get("group", "recorded")
            yield Clip(kind, entry["says"], audio.astype(np.float32))


def measure(recogniser: Recogniser, clips: Sequence[Clip]) -> Measured:
    """Let a model read all clips, one after the other."""
    wrong: dict[str, int] = {}
    spoken: dict[str, int] = {}
    right = 0
    seconds: list[float] = []
    for clip in clips[:_WARM_UPS]:
        recogniser.recognise(clip.audio, "en")
    cpu_began = time.process_time()
    for clip in clips:
        began = time.perf_counter()
        heard = recogniser.recognise(clip.audio, "en")
        seconds.append(time.perf_counter() - began)
        wanted = words(clip.says)
        errors = count_errors(wanted, words(heard.best))
        wrong[clip.kind] = wrong.get(clip.kind, 0) + errors
        spoken[clip.kind] = spoken.get(clip.kind, 0) + len(wanted)
        right += errors == 0
    cpu_seconds = time.process_time() - cpu_began
    return Measured(
        word_errors={kind: wrong[kind] / spoken[kind] for kind in wrong},
        right=right / len(clips),
        seconds=float(np.median(seconds)),
        cpu_seconds=cpu_seconds / len(clips),
        peak_mb=(memory_bytes(os.getpid(), "VmHWM") - sum(it.audio.nbytes for it in clips)) / 1e6,
    )


def words(text: str) -> list[str]:
    """Return a text's words, without case and punctuation."""
    return re.sub(r"[^a-z0-9 ]", "", text.lower()).split()


def count_errors(wanted: Sequence[str], heard: Sequence[str]) -> int:
    """Return how many words must be added, removed or replaced."""
    row = list(range(len(heard) + 1))
    for number, word in enumerate(wanted, 1):
        before, row[0] = row[0], number
        for at, other in enumerate(heard, 1):
            before, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, before + (word != other))
    return row[-1]


def load_model(model: str) -> Recogniser:
    """Load a model that is given by its engine and name or folder; raises `UserError`."""
    engine, _, name = model.partition(":")
    data_dir = Path(tempfile.gettempdir()) / "indoor-voice-bench"
    # Import only one of them, because the other's memory would count.
    if engine == "sherpa-onnx":
        from indoor_voice.speech.recognition.sherpa import Sherpa  # noqa: PLC0415
        from indoor_voice.speech.recognition.sherpa_models import find_sherpa_model  # noqa: PLC0415

        return Sherpa(find_sherpa_model(name, "en", data_dir), language="en")
    from indoor_voice.speech.recognition.whisper import Whisper  # noqa: PLC0415

    return Whisper(find_model(name, "en", data_dir), language="en")


def lines(measured: dict[str, Measured]) -> Iterable[str]:
    """Return the results as lines of Markdown."""
    kinds = list(next(iter(measured.values())).word_errors)
    head = ("model", *kinds, "commands right", "seconds", "CPU-seconds", "MB")
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for model, result in measured.items():
        cells = (
            *(f"{100 * result.word_errors[kind]:.1f} %" for kind in kinds),
            f"{100 * result.right:.0f} %",
            f"{result.seconds:.2f}",
            f"{result.cpu_seconds:.2f}",
            f"{result.peak_mb:.0f}",
        )
        yield f"| {model} | {' | '.join(cells)} |"


def _measure_apart(model: str, clips: Path) -> Measured:
    command = [sys.executable, "-m", "tests.bench.recognition", model, "--clips", str(clips)]
    result = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603 - our own command
    return Measured(**json.loads(result.stdout))


def _save(path: Path, clips: Sequence[Clip]) -> None:
    arrays: dict[str, Any] = {f"{number}": clip.audio for number, clip in enumerate(clips)}
    told = json.dumps([(clip.kind, clip.says) for clip in clips])
    np.savez(path, told=np.array(told), **arrays)


def _saved(path: Path) -> list[Clip]:
    with np.load(path) as arrays:
        told = json.loads(str(arrays["told"]))
        return [Clip(kind, says, arrays[f"{number}"]) for number, (kind, says) in enumerate(told)]


def main() -> None:
    """Print a table of the models."""
    parser = argparse.ArgumentParser(prog="tests.bench.recognition", description=__doc__)
    parser.add_argument("models", nargs="*", metavar="ENGINE:MODEL", help="also measure this model")
    parser.add_argument("--recordings", type=Path, metavar="FOLDER", help="read these instead")
    parser.add_argument("--clips", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.clips is not None:
        result = measure(load_model(arguments.models[0]), _saved(arguments.clips))
        sys.stdout.write(json.dumps(asdict(result)))
        return
    with tempfile.TemporaryDirectory(prefix="indoor-voice-") as folder:
        moonshine = make_moonshine_tiny(Path(folder) / "moonshine-tiny")
        of_packages = ("faster-whisper:tiny.en", f"sherpa-onnx:{moonshine}")
        recordings = arguments.recordings
        clips = list(spoken_clips() if recordings is None else recorded_clips(recordings))
        saved = Path(folder) / "clips.npz"
        _save(saved, clips)
        load_before = os.getloadavg()[0]
        measured = {
            model.replace(f"{folder}/", ""): _measure_apart(model, saved)
            for model in (*of_packages, *arguments.models)
        }
    words_spoken = sum(len(words(clip.says)) for clip in clips)
    load = f"load {load_before:.1f} to {os.getloadavg()[0]:.1f}"
    head = f"{len(clips)} clips, {words_spoken} words, {os.cpu_count()} cores, {load}"
    sys.stdout.write("\n".join((head, *lines(measured), "")))


if __name__ == "__main__":
    main()
