"""Provides a household with its own store."""

from typing import TYPE_CHECKING

import pytest

from .reviewing import Home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "household.sqlite")
    yield home
    home.household.close()
