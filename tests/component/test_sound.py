"""Decoding WAV files that arrive in pieces."""

import io
import itertools
import struct
import wave
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.indoor_voice.turn.sound import SoundError, wav_sound

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from wyoming.audio import AudioChunk


def wav_file(
    audio: bytes, rate: int = 22050, width: int = 2, channels: int = 1, size: int | None = None
) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setframerate(rate)
        wav.setsampwidth(width)
        wav.setnchannels(channels)
        wav.writeframes(audio)
    data = file.getvalue()
    return data if size is None else data[:40] + struct.pack("<I", size) + data[44:]


async def take(data: bytes, *cuts: int) -> list[AudioChunk]:
    async def pieces() -> AsyncGenerator[bytes]:
        borders = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
        for start, end in itertools.pairwise(borders):
            yield data[start:end]

    return [chunk async for chunk in wav_sound(pieces())]


def run(data: bytes, *cuts: int) -> list[AudioChunk]:
    """Run the generator without an event loop; it only awaits its pieces."""
    steps = take(data, *cuts)
    try:
        steps.send(None)
    except StopIteration as done:
        return list(done.value)
    raise AssertionError("it waited")


FORMATS = st.tuples(
    st.sampled_from([8000, 22050, 48000]), st.sampled_from([1, 2, 3, 4]), st.sampled_from([1, 2])
)


SIZES = st.sampled_from([None, 0xFFFFFFFF])


@given(st.binary(max_size=500), FORMATS, st.lists(st.integers(0, 600), max_size=8), SIZES)
def test_it_is_the_same_however_it_is_cut(
    audio: bytes, audio_format: tuple[int, int, int], cuts: list[int], size: int | None
) -> None:
    _, width, channels = audio_format
    frame = width * channels
    audio = audio[: len(audio) // frame * frame]
    data = wav_file(audio, *audio_format, size=size)
    chunks = run(data, *cuts)
    assert b"".join(chunk.audio for chunk in chunks) == audio
    for chunk in chunks:
        assert (chunk.rate, chunk.width, chunk.channels) == audio_format
        assert len(chunk.audio) % frame == 0


@given(st.binary(max_size=200))
def test_anything_else_is_refused(data: bytes) -> None:
    for start in (b"", b"RIFF....WAVE", b"RIFF....WAVEfmt \x10\0\0\0"):
        try:
            chunks = run(start + data)
        except SoundError:
            continue
        assert chunks


def test_what_follows_the_sound_is_no_sound() -> None:
    data = wav_file(b"\1\2\3\4") + b"LIST\4\0\0\0abcd"
    assert b"".join(chunk.audio for chunk in run(data)) == b"\1\2\3\4"


def test_half_a_file_is_not_the_whole() -> None:
    data = wav_file(bytes(44_100))
    with pytest.raises(SoundError, match="broke off"):
        run(data[: len(data) // 2])
    with pytest.raises(SoundError, match="broke off"):
        run(data[:44])


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFFFDB, 44_100 + 5_000])
def test_a_length_that_was_not_known_or_a_little_wrong_is_no_break(size: int) -> None:
    chunks = run(wav_file(bytes(44_100), size=size))
    assert len(b"".join(chunk.audio for chunk in chunks)) == 44_100


def test_other_chunks_may_come_first() -> None:
    data = wav_file(b"\1\2\3\4")
    data = data[:12] + b"LIST\3\0\0\0abc\0" + data[12:]
    assert b"".join(chunk.audio for chunk in run(data, 20, 23)) == b"\1\2\3\4"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"ID3\4" + bytes(100),
        b"RIFF\0\0\0\0WAVEdata\4\0\0\0abcd",
        b"RIFF\0\0\0\0WAVEjunk\0\0\0\x40",
        wav_file(b"ab").replace(b"\x10\0\0\0\1\0", b"\x10\0\0\0\3\0"),
    ],
)
def test_a_file_without_usable_sound_is_refused(data: bytes) -> None:
    with pytest.raises(SoundError):
        run(data)
