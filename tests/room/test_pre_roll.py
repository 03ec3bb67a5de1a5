"""The pre-roll buffer."""

from hypothesis import given
from hypothesis import strategies as st

from indoor_voice.room.sound.pcm import BLOCK_SECONDS
from indoor_voice.room.sound.pre_roll import PreRoll
from tests.room.room_parts import block


@given(st.floats(0.01, 3), st.integers(0, 100))
def test_the_buffer_keeps_the_latest_blocks_and_no_more(seconds: float, heard: int) -> None:
    pre_roll = PreRoll(seconds)
    for value in range(heard):
        pre_roll.add(block(value))
        assert len(pre_roll) * BLOCK_SECONDS < seconds + BLOCK_SECONDS
    kept = [int(heard_block[0]) for heard_block in pre_roll.drain()]
    assert kept == list(range(heard))[-len(kept) :]
    assert len(kept) * BLOCK_SECONDS >= min(seconds, heard * BLOCK_SECONDS) - 1e-9
    assert len(pre_roll) == 0
