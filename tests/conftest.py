"""What all suites share, and how each gets a process of its own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.suites import run_apart


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    asks_only = config.option.help or config.option.version
    return None if asks_only else run_apart(config)


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    # Not pytest's own: the path of a socket must be short.
    path = Path(tempfile.mkdtemp(prefix="indoor-voice-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)
