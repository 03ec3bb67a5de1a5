"""The short sounds."""

import numpy as np
import pytest

from indoor_voice.room.sound.cues import DEFAULT_VOLUME, Cue, cue_samples


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
@pytest.mark.parametrize("cue", list(Cue))
def test_a_cue_is_short_modest_and_does_not_click(cue: Cue, rate: int) -> None:
    samples = cue_samples(cue, rate) / 32_768
    assert 0.1 < len(samples) / rate < 0.65
    peak = np.abs(samples).max()
    assert DEFAULT_VOLUME * 0.5 < peak <= DEFAULT_VOLUME
    assert samples[0] == samples[-1] == 0
    # No step is steeper than in the highest note at full volume, so nothing clicks.
    assert np.abs(np.diff(samples)).max() < DEFAULT_VOLUME * 2 * np.pi * 1_400 / rate * 1.2


def test_the_cue_that_invites_to_speak_is_short() -> None:
    assert len(cue_samples(Cue.HEARD, 16_000)) <= 0.2 * 16_000


def test_volume_zero_is_silence() -> None:
    assert not cue_samples(Cue.FAILED, 16_000, 0.0).any()


def test_each_cue_sounds_different() -> None:
    assert len({cue_samples(cue, 16_000).tobytes() for cue in Cue}) == len(Cue)
