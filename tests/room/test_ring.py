from hypothesis import given
from hypothesis import strategies as st

from indoor_voice.room.sound.pcm import BLOCK_SECONDS
from indoor_voice.room.sound.pre_roll import PreRoll
from tests.room.room_parts import block


@given(st.floats(0.01, 3), st.integers(0, 100))
def test_a_ring_remembers_the_latest_blocks_and_no_more(seconds: float, heard: int) -> None:
    ring = PreRoll(seconds)
    for value in range(heard):
        ring.add(block(value))
        assert len(ring) * BLOCK_SECONDS < seconds + BLOCK_SECONDS
    remembered = [int(heard_block[0]) for heard_block in ring.drain()]
    assert remembered == list(range(heard))[-len(remembered) :]
    assert len(remembered) * BLOCK_SECONDS >= min(seconds, heard * BLOCK_SECONDS) - 1e-9
    assert len(ring) == 0
