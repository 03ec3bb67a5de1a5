"""A satellite that has taken many turns holds no more than one that has taken few."""

from pathlib import Path

from tests.bench.many_turns import measure

MOST_MB = 10.0
COME_AND_GO = 2
"""Threads of the sound system while the loudspeaker is open."""


async def test_neither_memory_nor_threads_grow_with_turns(folder: Path) -> None:
    _, few, many = await measure(folder / "many-turns", turns=60, every=30)
    assert many.threads <= few.threads + COME_AND_GO
    assert many.rss_mb - few.rss_mb < MOST_MB
