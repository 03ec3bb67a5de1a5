"""Provides a household with its own store."""

from typing import TYPE_CHECKING

import pytest

from custom_components.indoor_voice.privacy.store.database import Database

from .reviewing import Home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of a store in a folder that does not exist yet."""
    return tmp_path / "made" / "household.log.sqlite"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    """An open, empty store."""
    opened = Database.open(path)
    yield opened
    opened.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "household.sqlite")
    yield home
    home.household.close()
