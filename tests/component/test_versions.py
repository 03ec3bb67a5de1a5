"""Every part has the same version, because they are released together."""

import json
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_manifest_is_of_the_projects_version() -> None:
    manifest = ROOT / "custom_components" / "indoor_voice" / "manifest.json"
    assert json.loads(manifest.read_text(encoding="utf-8"))["version"] == PROJECT["version"]


def test_the_changelog_begins_with_the_projects_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (.+)$", changelog, re.MULTILINE)
    assert newest
    named, _, released = newest[1].partition(", ")
    assert named == PROJECT["version"]
    assert released == "unreleased" or re.fullmatch(r"\d{4}-\d{2}-\d{2}", released)


def test_what_is_installed_says_the_projects_version() -> None:
    assert version(PROJECT["name"]) == PROJECT["version"]


def test_no_module_names_another_version() -> None:
    for folder in ("custom_components", "satellite", "demo"):
        for path in (ROOT / folder).rglob("*.py"):
            for named in re.findall(r"^__version__\b.*$", path.read_text("utf-8"), re.MULTILINE):
                assert PROJECT["version"] in named, path
