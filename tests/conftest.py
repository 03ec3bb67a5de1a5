"""What tests of real processes share."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    # Not pytest's own: the path of a socket must be short.
    path = Path(tempfile.mkdtemp(prefix="indoor-voice-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)
