"""The repository can be installed by HACS and by Home Assistant's Marketplace."""

import json
import subprocess
import zipfile
from typing import TYPE_CHECKING, Any, Final

import pytest
import voluptuous as vol
from awesomeversion import AwesomeVersion
from homeassistant.helpers import config_validation as cv

from custom_components.indoor_voice.const import DOMAIN
from tests.documents import ROOT, doc

if TYPE_CHECKING:
    from pathlib import Path

COMPONENT: Final = ROOT / "custom_components" / DOMAIN
MANIFEST: Final = json.loads((COMPONENT / "manifest.json").read_text())
HACS: Final = json.loads((ROOT / "hacs.json").read_text())
HOME_ASSISTANT: Final = ROOT / ".cache" / "homeassistant" / "bin" / "python"
"""A Home Assistant with the Marketplace, which script/bootstrap installs."""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("release") / str(HACS["filename"])
    subprocess.run([ROOT / "script" / "package-integration", path], check=True)  # noqa: S603 - fixed arguments
    return path


def repository_files() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - fixed arguments
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def install(archive: Path, version: str) -> dict[str, Any]:
    """Let the Marketplace of a version of Home Assistant install the archive."""
    program = ROOT / "tests" / "component" / "marketplace_install.py"
    after = ["--", str(archive), version]
    command = [str(HOME_ASSISTANT), str(program), *repository_files(), *after]
    run = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603 - fixed arguments
    assert run.returncode == 0, run.stderr
    outcome: dict[str, Any] = json.loads(run.stdout)
    return outcome


# The rules of HACS's action that need no network. Topics, description, issues and the archive flag
# are settings of the repository on GitHub.


def test_hacs_accepts_its_file() -> None:
    schema = vol.Schema(
        {
            vol.Required("name"): str,
            "content_in_root": bool,
            "filename": str,
            "hide_default_branch": bool,
            "homeassistant": str,
            "persistent_directory": str,
            "zip_release": bool,
        }
    )
    schema(HACS)
    assert HACS["filename"].endswith(".zip")
    assert AwesomeVersion(HACS["homeassistant"]).valid


def test_hacs_accepts_the_manifest() -> None:
    schema = vol.Schema(
        {
            vol.Required("codeowners"): vol.All([str], vol.Length(min=1)),
            vol.Required("documentation"): cv.url,
            vol.Required("domain"): DOMAIN,
            vol.Required("issue_tracker"): cv.url,
            vol.Required("name"): HACS["name"],
            vol.Required("version"): lambda version: AwesomeVersion(version).valid,
        },
        extra=vol.ALLOW_EXTRA,
    )
    schema(MANIFEST)


def test_hacs_finds_one_integration_a_page_and_a_brand() -> None:
    files = repository_files()
    assert {"README.md", "LICENSE", f"custom_components/{DOMAIN}/brand/icon.png"} <= set(files)
    folders = {name.split("/")[1] for name in files if name.startswith("custom_components/")}
    assert {name for name in folders if "." not in name} == {DOMAIN}


# A release


def test_the_archive_holds_the_integration_and_nothing_else(archive: Path) -> None:
    with zipfile.ZipFile(archive) as packed:
        assert json.loads(packed.read("manifest.json")) == MANIFEST
        prefix = f"custom_components/{DOMAIN}/"
        ours = {it.removeprefix(prefix) for it in repository_files() if it.startswith(prefix)}
        assert set(packed.namelist()) == ours


def test_a_release_publishes_the_archive_under_the_name_that_is_asked_for() -> None:
    workflow = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    assert f"script/package-integration dist/{HACS['filename']}" in workflow


def test_the_marketplace_installs_a_release_without_a_restart(archive: Path) -> None:
    assert install(archive, "2026.11.0") == {
        "name": HACS["name"],
        "resolved": True,
        "errors": [],
        "replaces_built_in": False,
        "needs_restart": False,
        "loadable": True,
        "brand": True,
    }
    assert "no restart is needed" in doc("install.md").line


def test_the_marketplace_refuses_an_older_home_assistant(archive: Path) -> None:
    assert install(archive, "2026.9.4") == {"refused": "requires_newer_home_assistant"}
