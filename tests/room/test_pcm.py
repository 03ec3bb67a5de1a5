"""Conversion between PCM formats."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indoor_voice.room.sound.pcm import Converter, PcmFormat

TONE_HERTZ = 440.0


def tone(pcm_format: PcmFormat, seconds: float = 0.5) -> bytes:
    time = np.arange(round(seconds * pcm_format.rate)) / pcm_format.rate
    mono = 0.5 * np.sin(2 * np.pi * TONE_HERTZ * time)
    wide = np.repeat(mono, pcm_format.channels)
    if pcm_format.width == 1:
        return bytes(((wide * 127) + 128).astype(np.uint8).tobytes())
    scaled = (wide * (2 ** (8 * pcm_format.width - 1) - 1)).astype("<i4")
    return bytes(scaled.view(np.uint8).reshape(-1, 4)[:, : pcm_format.width].tobytes())


@given(
    source=st.builds(
        PcmFormat,
        rate=st.sampled_from([8_000, 16_000, 22_050, 44_100, 48_000]),
        width=st.integers(1, 4),
        channels=st.integers(1, 3),
    ),
    rate=st.sampled_from([16_000, 48_000]),
    piece_bytes=st.integers(100, 5_000),
)
@settings(max_examples=40, deadline=None)
def test_a_tone_is_preserved_however_it_is_split_into_pieces(
    source: PcmFormat, rate: int, piece_bytes: int
) -> None:
    pcm, converter = tone(source), Converter(source, rate)
    pieces = [
        converter.convert(pcm[start : start + piece_bytes])
        for start in range(0, len(pcm), piece_bytes)
    ]
    samples = np.concatenate([*pieces, converter.finish()]) / 32_768
    assert len(samples) == pytest.approx(rate / 2, abs=2)
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.argmax(spectrum) * rate / len(samples) == pytest.approx(TONE_HERTZ, abs=3)
    middle = samples[len(samples) // 4 : -len(samples) // 4]
    assert np.abs(middle).max() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("rate", "width", "channels"), [(0, 2, 1), (16_000, 0, 1), (16_000, 2, 0), (10**9, 2, 1)]
)
def test_an_unplayable_format_is_refused(rate: int, width: int, channels: int) -> None:
    with pytest.raises(ValueError, match="cannot be played"):
        PcmFormat(rate=rate, width=width, channels=channels)
