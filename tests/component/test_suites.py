"""Every test runs, whichever way tests are started."""

import re
from typing import TYPE_CHECKING

import pytest

from tests.suites import TESTS, runs_of

if TYPE_CHECKING:
    from pathlib import Path

ROOT = TESTS.parent
OTHERS = {"oldest-python", "panel-units"}
"""What `script/test` runs without pytest or with another Python."""
SUITES = {path.parent.name for path in TESTS.glob("*/test_*.py")}


@pytest.mark.parametrize("argument", ["", "tests", str(TESTS)])
def test_the_root_means_every_suite(argument: str) -> None:
    runs = runs_of([argument], ROOT)
    assert {run.suite for run in runs} == SUITES
    for run in runs:
        assert run.paths == (str(TESTS / run.suite),)


@pytest.mark.parametrize(
    ("argument", "folder", "suite"),
    [
        ("tests/room/test_turn_machine.py::test_x", ROOT, "room"),
        ("test_turn.py::test_x[a::b]", TESTS / "component", "component"),
        ("link", TESTS, "link"),
    ],
)
def test_a_test_is_run_in_its_suite_from_anywhere(argument: str, folder: Path, suite: str) -> None:
    (run,) = runs_of([argument], folder)
    assert (run.suite, run.paths) == (suite, (argument,))
    assert run.needs_harness is (suite == "component")
    assert ("no:homeassistant" in run.command(["-x"])) is (suite != "component")


def test_what_is_elsewhere_is_nobodys(tmp_path: Path) -> None:
    assert runs_of(["test_x.py"], tmp_path) == []


def test_script_and_workflow_run_every_suite() -> None:
    script = (ROOT / "script" / "test").read_text(encoding="utf-8")
    lanes = " ".join(re.findall(r"^  try ((?:[\w-]+ ?)+)", script, re.MULTILINE)).split()
    assert sorted(lanes) == sorted(SUITES | OTHERS)
    workflow = (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    (matrix,) = re.findall(r"suites: \[(.+)\]", workflow)
    assert sorted(re.findall(r"[\w-]+", matrix)) == sorted(SUITES | OTHERS)
