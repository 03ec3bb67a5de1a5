"""Tests for the worker thread and its bounded queue."""

import asyncio
import threading

import pytest

from indoor_voice.speech.errors import RequestError
from indoor_voice.speech.worker import Worker


async def test_work_is_done_in_turn_and_elsewhere() -> None:
    worker = Worker("test", 1)
    threads = [await worker.run(threading.current_thread) for _ in range(3)]
    assert len(set(threads)) == 1
    assert threads[0] is not threading.current_thread()


async def test_errors_reach_whoever_waits() -> None:
    worker = Worker("test", 1)
    with pytest.raises(ZeroDivisionError):
        await worker.run(lambda: 1 // 0)
    assert await worker.run(lambda: 1) == 1


async def test_cancelled_work_is_never_begun() -> None:
    worker = Worker("test", 1)
    go_on, done = threading.Event(), list[int]()
    first = asyncio.create_task(worker.run(go_on.wait, 10))
    second = asyncio.create_task(worker.run(done.append, 2))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait([second])
    go_on.set()
    await first
    await worker.run(lambda: None)
    assert done == []


async def test_places_end_and_come_back() -> None:
    worker = Worker("test", 1)
    with worker.place():
        with pytest.raises(RequestError) as refusal, worker.place():
            pass
        assert refusal.value.code == "busy"
    with worker.place():
        pass
