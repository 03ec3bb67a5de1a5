"""Measures the marks of critical words: what they find, and what is left after silencing.

`python -m tests.bench.critical` marks sentences as text, then as a recogniser writes them when the
project's own voice speaks them, and silences those with numbers as the panel does. The recogniser
listens to the result: digits that it still hears are counted. `--text` leaves the speech out.
"""

import argparse
import base64
import json
import subprocess
import wave
from collections import Counter
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import soxr
from numpy.typing import NDArray

from custom_components.indoor_voice.privacy.marking.english import ENGLISH
from custom_components.indoor_voice.privacy.marking.marks import find
from custom_components.indoor_voice.privacy.marking.numbers import runs
from indoor_voice.speech.models import find_model, find_voice
from indoor_voice.speech.recognition.whisper import Whisper
from indoor_voice.speech.synthesis.piper import Synthesiser
from tests.critical_sentences import LANGUAGES, NUMBERS, Sentence, sentences

RATE: Final = 16_000
_WAKE_WORD: Final = "Hey Jarvis."
_HISS: Final = 0.001
_GAP_SECONDS: Final = 0.4
_ORDINARY: Final = 4
"""Only each fourth ordinary sentence is spoken."""
_SILENCE: Final = Path(__file__).parents[1] / "panel-units" / "silence.js"

Audio = NDArray[np.float32]


class Spoken(NamedTuple):
    """A sentence that was spoken, and what the recogniser made of it."""

    sentence: Sentence
    heard: str
    recording: Audio
    """With the wake word before it, as the microphone hears it."""


class Voice:
    """The project's own voice, without its random variation."""

    def __init__(self) -> None:
        self._synthesiser = Synthesiser([find_voice(None, "en", Path("unused"))])
        self._voice = self._synthesiser.choose(None)
        config = self._voice.voice.config
        config.noise_scale = config.noise_w_scale = 0.0

    def speak(self, text: str) -> Audio:
        """Return a text as 16 kHz."""
        pieces = self._synthesiser.prepare(text, self._voice)
        spoken = np.concatenate([self._synthesiser.speak(piece, self._voice) for piece in pieces])
        return np.asarray(0.3 * soxr.resample(spoken, self._voice.rate, RATE), np.float32)


def with_hiss(*parts: Audio | float) -> Audio:
    """Return sounds, and pauses in seconds, as a microphone would record them."""
    joined = np.concatenate(
        [
            np.zeros(round(one * RATE), np.float32) if isinstance(one, float) else one
            for one in parts
        ]
    )
    hiss = _HISS * np.random.default_rng(0).normal(size=joined.size)
    return np.asarray(joined + hiss, np.float32)


def silenced(recordings: Sequence[tuple[Audio, str]]) -> list[Audio]:
    """Return recordings as the panel plays them; each comes with its transcript in English."""
    lines = [
        json.dumps(
            {
                "sound": base64.b64encode(_wav(audio)).decode(),
                "words": {"transcript": text, "spans": find(text, "en").spans},
            }
        )
        for audio, text in recordings
    ]
    command = ["node", str(_SILENCE)]
    asked = "\n".join(lines).encode()
    result = subprocess.run(command, input=asked, capture_output=True, check=True)  # noqa: S603 - our own command
    return [_samples(base64.b64decode(line)) for line in result.stdout.split()]


def digits_left(secret: str, heard: str) -> int:
    """Return how many digits of a number are heard, in their order."""
    wanted = "".join(run.digits for run in runs(secret, ENGLISH))
    found = "".join(run.digits for run in runs(heard, ENGLISH))
    row = [0] * (len(found) + 1)
    for digit in wanted:
        before = row
        row = [0]
        for at, other in enumerate(found):
            row.append(before[at] + 1 if digit == other else max(before[at + 1], row[at]))
    return row[-1]


def mark_texts(texts: Iterable[tuple[Sentence, str]], language: str) -> list[str]:
    """Return the share of sentences that are marked, by their kind, as lines of Markdown."""
    marked: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for sentence, text in texts:
        total[sentence.kind] += 1
        marked[sentence.kind] += bool(find(text, language).marks)
    return [f"| {kind} | {marked[kind]} of {total[kind]} |" for kind in total]


def hidden(texts: Iterable[Sentence], language: str) -> str:
    """Return in how many sentences all that must be masked is masked."""
    whole = total = 0
    for sentence in texts:
        if sentence.secrets:
            covered = {
                at for start, end in find(sentence.text, language).spans for at in range(start, end)
            }
            wanted = {
                at
                for start, end in sentence.secrets
                for at in range(start, end)
                if sentence.text[at].isalnum()
            }
            whole += wanted <= covered
            total += 1
    return f"| number masked wholly | {whole} of {total} |"


def speak_all(texts: Sequence[Sentence], recogniser: Whisper) -> list[Spoken]:
    """Let the voice speak sentences, and the recogniser write them down."""
    voice = Voice()
    wake_word = voice.speak(_WAKE_WORD)
    spoken = []
    for sentence in texts:
        said = voice.speak(sentence.text)
        heard = recogniser.recognise(with_hiss(0.2, said, 0.3), "en").best
        recording = with_hiss(0.5, wake_word, _GAP_SECONDS, said, 0.8)
        spoken.append(Spoken(sentence, heard, recording))
    return spoken


def silence_all(spoken: Sequence[Spoken], recogniser: Whisper) -> Iterable[str]:
    """Silence what is marked, and yield what is heard then, as lines of Markdown."""
    marked = [one for one in spoken if one.sentence.kind in NUMBERS and find(one.heard, "en").spans]
    played = silenced([(one.recording, one.heard) for one in marked])
    total = before = after = recordings = 0
    kept = words = 0
    for one, audio in zip(marked, played, strict=True):
        secret = " ".join(one.sentence.text[start:end] for start, end in one.sentence.secrets)
        heard = recogniser.recognise(audio, "en").best if audio.any() else ""
        left = digits_left(secret, heard)
        total += digits_left(secret, secret)
        before += digits_left(secret, one.heard)
        after += left
        recordings += left > 0
        kept += int(np.count_nonzero(audio))
        words += audio.size
    yield f"| recordings with a masked number | {len(marked)} |"
    yield f"| digits heard before | {before} of {total} |"
    yield f"| digits heard when silenced | {after} of {total}, in {recordings} recordings |"
    yield f"| sound that is left | {100 * kept / words:.0f} % |"


def _wav(audio: Audio) -> bytes:
    with BytesIO() as file:
        with wave.open(file, "wb") as writer:
            writer.setframerate(RATE)
            writer.setsampwidth(2)
            writer.setnchannels(1)
            writer.writeframes((np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes())
        return file.getvalue()


def _samples(file: bytes) -> Audio:
    with wave.open(BytesIO(file)) as reader:
        samples = np.frombuffer(reader.readframes(reader.getnframes()), "<i2")
    return np.asarray(samples / 32768, np.float32)


def main() -> None:
    """Print tables: as text, as recognised, and silenced."""
    parser = argparse.ArgumentParser(prog="tests.bench.critical", description=__doc__)
    parser.add_argument("--text", action="store_true", help="leave out what needs speech")
    arguments = parser.parse_args()
    for language in LANGUAGES:
        for unseen in (False, True):
            texts = sentences(language, unseen=unseen)
            print(f"\n{language}, {'unseen' if unseen else 'seen'}")  # noqa: T201
            for line in (
                *mark_texts(((one, one.text) for one in texts), language),
                hidden(texts, language),
            ):
                print(line)  # noqa: T201
    if arguments.text:
        return
    recogniser = Whisper(find_model(None, "en", Path("unused")), language="en")
    everything = [*sentences("en"), *sentences("en", unseen=True)]
    critical = [one for one in everything if one.kind != "ordinary"]
    ordinary = [one for one in everything if one.kind == "ordinary"][::_ORDINARY]
    spoken = speak_all([*critical, *ordinary], recogniser)
    print("\nas the recogniser writes it")  # noqa: T201
    for line in mark_texts(((one.sentence, one.heard) for one in spoken), "en"):
        print(line)  # noqa: T201
    print("\nsilenced")  # noqa: T201
    for line in silence_all(spoken, recogniser):
        print(line)  # noqa: T201


if __name__ == "__main__":
    main()
