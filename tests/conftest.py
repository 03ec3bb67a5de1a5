"""Shared fixtures, and the hook that runs each suite in a separate process."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.suites import run_apart

# How long an example takes says how busy the machine is.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    only_information = config.option.help or config.option.version
    return None if only_information else run_apart(config)


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    # Not pytest's tmp_path, because the path of a socket must be short.
    path = Path(tempfile.mkdtemp(prefix="indoor-voice-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)
