"""Reads a folder of sound, with or without a manifest that says what is spoken."""

import json
import logging
import re
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from indoor_voice.errors import UserError
from indoor_voice.room.sound.pcm import RATE, Converter, PcmFormat, Samples

_LOGGER = logging.getLogger(__name__)

MANIFEST: Final = "manifest.json"
NOISE: Final = "noise"
"""The group, or folder, of sound without speech."""
SPEECH: Final = "speech"
"""The group, or folder, of speech that says nothing in particular."""
_SUFFIXES: Final = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a")
_MIN_SAMPLES: Final = RATE // 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A piece of sound."""

    path: Path
    says: str
    """What is spoken, as an identifier such as `hey_jarvis`; empty if that is not known."""
    group: str
    samples: Samples


def read_clips(folder: Path, on_progress: Callable[[int, int], None]) -> list[Clip]:
    """Read all sound in a folder, reporting how many of how many files are read.

    `manifest.json` is a list of objects with `path`, `says` and optionally `group`. Without one,
    the name of a file's folder says what is spoken in it, or else the beginning of its own name.
    A file that cannot be read is logged and left out.

    Raises:
        UserError: there is no sound, or the manifest is not one.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}.")
    listed = list(_listed(folder))
    if not listed:
        raise UserError(
            f"There is no sound in {folder}. Put WAV files there (16 bit), in a folder for each "
            "wake word, such as hey_jarvis, and in others for what must not wake it."
        )
    clips = []
    for number, (path, says, group) in enumerate(listed, 1):
        try:
            samples = read_samples(path)
        except UserError as err:
            _LOGGER.warning("%s", err)
        else:
            clips.append(Clip(path=path, says=says, group=group, samples=samples))
        on_progress(number, len(listed))
    if not clips:
        raise UserError(f"None of the {len(listed)} files in {folder} can be read.")
    return clips


def identifier(text: str) -> str:
    """Return a text as an identifier: "Hey, Jarvis!" as `hey_jarvis`."""
    return "_".join(re.findall(r"[^\W_]+", text.lower()))


def read_samples(path: Path) -> Samples:
    """Read a file as 16 kHz, mono; raises `UserError`."""
    try:
        samples = _wave(path) if path.suffix.lower() == ".wav" else _other(path)
    except UserError:
        raise
    except Exception as err:  # of the decoder, whatever the file makes it raise
        raise UserError(f"Cannot read {path}: {err}") from err
    if samples.size < _MIN_SAMPLES:
        raise UserError(f"{path} has less than 0.1 s of sound.")
    return samples


def _listed(folder: Path) -> Iterator[tuple[Path, str, str]]:
    manifest = folder / MANIFEST
    if manifest.is_file():
        for row in _rows(manifest):
            says = identifier(str(row.get("says") or ""))
            yield folder / row["path"], says, str(row.get("group") or says)
        return
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in _SUFFIXES and path.is_file():
            group = path.parent.name if path.parent != folder else path.stem
            says = "" if group in (NOISE, SPEECH) else identifier(group)
            yield path, says, group


def _rows(manifest: Path) -> list[dict[str, Any]]:
    try:
        rows = json.loads(manifest.read_text(encoding="utf-8"))
        if all(isinstance(row["path"], str) for row in rows):
            return list(rows)
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as err:
        raise UserError(f"Cannot read {manifest}: {err}") from err
    raise UserError(f"{manifest} must be a list of objects with a path and what it says.")


def _wave(path: Path) -> Samples:
    with wave.open(str(path), "rb") as file:
        source = PcmFormat(
            rate=file.getframerate(), width=file.getsampwidth(), channels=file.getnchannels()
        )
        converter = Converter(source, RATE)
        return np.concatenate(
            (converter.convert(file.readframes(file.getnframes())), converter.finish())
        )


def _other(path: Path) -> Samples:
    try:
        import av  # noqa: PLC0415 - only with the extra `speech`
    except ImportError as err:
        raise UserError(
            f"Cannot read {path}: without the extra 'speech', only WAV files can be read."
        ) from err
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(str(path)) as container:
        frames = [
            resampled.to_ndarray()[0]
            for frame in container.decode(audio=0)
            for resampled in resampler.resample(frame)
        ]
        frames += [resampled.to_ndarray()[0] for resampled in resampler.resample(None)]
    samples: Samples = np.concatenate(frames).astype(np.int16, copy=False)
    return samples
