"""Splits a call of pytest by suite, and runs each suite (a folder of tests) in its own process.

Home Assistant's test harness is a plugin that changes Python for all tests in the same process, so
it is loaded only for the suite that needs it. Suites share no event loop, house or browser.
"""

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

TESTS: Final = Path(__file__).parent
HARNESS: Final = "homeassistant"
NEED_HARNESS: Final = frozenset({"component"})
_WITHOUT_HARNESS: Final = ("-p", f"no:{HARNESS}")


@dataclass(frozen=True)
class Run:
    """The selected tests of one suite."""

    suite: str
    paths: tuple[str, ...]
    """Files, folders or tests, as pytest accepts them."""

    @property
    def needs_harness(self) -> bool:
        return self.suite in NEED_HARNESS

    def command(self, options: Iterable[str]) -> list[str]:
        plugins = () if self.needs_harness else _WITHOUT_HARNESS
        # -P leaves the current folder out of sys.path: its modules might hide others.
        return [sys.executable, "-P", "-m", "pytest", *plugins, *options, *self.paths]


def runs_of(arguments: Sequence[str], folder: Path) -> list[Run]:
    """Group `arguments`, which are paths relative to `folder`, by suite."""
    paths: dict[str, list[str]] = {}
    for argument in arguments:
        path = (folder / argument.partition("::")[0]).resolve()
        if path.is_relative_to(TESTS) and path != TESTS:
            paths.setdefault(path.relative_to(TESTS).parts[0], []).append(argument)
        elif TESTS.is_relative_to(path):
            for suite in _suites():
                paths.setdefault(suite, []).append(str(TESTS / suite))
    return [Run(suite, tuple(found)) for suite, found in paths.items()]


def _suites() -> list[str]:
    return sorted({path.parent.name for path in TESTS.glob("*/test_*.py")})


def run_apart(config: pytest.Config) -> int | None:
    """Run each suite in a suitable process; return None if this process is suitable."""
    runs = runs_of(config.args, config.invocation_params.dir)
    has_harness = config.pluginmanager.has_plugin(HARNESS)
    if not runs or (len(runs) == 1 and runs[0].needs_harness == has_harness):
        return None
    options = _options(config)
    if len(runs) == 1:
        command = runs[0].command(options)
        sys.stdout.flush()
        os.execv(command[0], command)  # noqa: S606 - the original call of pytest
    statuses = set()
    for run in runs:
        sys.stdout.write(f"\n== {run.suite}\n")
        sys.stdout.flush()
        statuses.add(_wait(subprocess.Popen(run.command(options))))  # noqa: S603 - the original call
        if pytest.ExitCode.INTERRUPTED in statuses or (config.option.maxfail and max(statuses)):
            break
    # If an option such as -k selects no test of one suite but some of another, that is no failure.
    found = statuses - {pytest.ExitCode.NO_TESTS_COLLECTED}
    return max(found) if found else pytest.ExitCode.NO_TESTS_COLLECTED


def _options(config: pytest.Config) -> list[str]:
    options = [one for one in config.invocation_params.args if one not in config.args]
    return [
        one
        for at, one in enumerate(options)
        if _WITHOUT_HARNESS not in {tuple(options[at : at + 2]), tuple(options[at - 1 : at + 1])}
    ]


def _wait(process: subprocess.Popen[bytes]) -> int:
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the child gets the signal too, and stops what it has started
