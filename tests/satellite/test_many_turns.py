"""A satellite uses no more memory after many turns than after few."""

from pathlib import Path

from tests.bench.many_turns import measure

MAX_GROWTH_MB = 10.0
SOUND_THREADS = 2
"""Threads that the sound system adds while the loudspeaker is open."""


async def test_neither_memory_nor_threads_grow_with_turns(folder: Path) -> None:
    _, few, many = await measure(folder / "many-turns", turns=60, every=30)
    assert many.threads <= few.threads + SOUND_THREADS
    assert many.rss_mb - few.rss_mb < MAX_GROWTH_MB
