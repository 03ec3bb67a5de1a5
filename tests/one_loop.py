"""Runs all tests of a suite in one event loop, for suites whose tests share a house."""

from collections.abc import Iterable
from inspect import iscoroutinefunction

import pytest


def share_one_loop(items: Iterable[pytest.Item]) -> None:
    """Make all tests of a session use one event loop."""
    for item in items:
        if isinstance(item, pytest.Function) and iscoroutinefunction(item.function):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
