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


@given(st.integers(0, 40), st.integers(0, 10))
def test_what_was_there_at_a_mark_waits_with_what_follows_for_a_while(
    before: int, after: int
) -> None:
    usual, waiting = 10, 3
    pre_roll = PreRoll(usual * BLOCK_SECONDS, waiting * BLOCK_SECONDS)
    for value in range(before):
        pre_roll.add(block(value))
    pre_roll.mark()
    for value in range(before, before + after):
        pre_roll.add(block(value))
    most = usual + (after if after <= waiting else 0)
    heard = list(range(before + after))
    assert [int(kept[0]) for kept in pre_roll.drain()] == heard[-most:]
