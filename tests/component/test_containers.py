"""The containers: what their images are made of, and how compose.yaml locks them down."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
import voluptuous as vol
from homeassistant.util.yaml import load_yaml_dict

from indoor_voice import cli

ROOT: Final = Path(__file__).parents[2]
PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ROLES: Final = {"speech": 10701, "satellite": 10700}
HOME: Final = "/var/lib/indoor-voice"


def instructions(role: str) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile and their arguments, each on one line."""
    text = (ROOT / "containers" / role / "Dockerfile").read_text(encoding="utf-8")
    code = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    lines = [line for line in re.sub(r"\s*\\\n\s*", " ", code).splitlines() if line]
    return [(name, argument) for name, _, argument in (line.partition(" ") for line in lines)]


def arguments_of(role: str, name: str) -> list[str]:
    return [argument for found, argument in instructions(role) if found == name]


@pytest.mark.parametrize("role", ROLES)
def test_an_image_runs_without_root_and_says_whether_it_works(role: str) -> None:
    *_, (user_instruction, user), (check, health), (entry, entrypoint), (name, command) = (
        instructions(role)
    )
    assert [user_instruction, check, entry, name] == ["USER", "HEALTHCHECK", "ENTRYPOINT", "CMD"]
    assert int(user) > 0
    checked = json.loads(health.partition(" CMD ")[2])
    for words in (checked, [*json.loads(entrypoint), *json.loads(command)]):
        assert words[0] == PROJECT["name"]
        cli.make_parser().parse_args(words[1:])


@pytest.mark.parametrize("role", ROLES)
def test_an_image_brings_no_compiler_and_nothing_unpinned(role: str) -> None:
    assert set(arguments_of(role, "FROM")) == {
        "python:3.13-slim-trixie AS build",
        "python:3.13-slim-trixie",
    }
    assert not arguments_of(role, "ADD")
    runs = arguments_of(role, "RUN")
    assert [run for run in runs if "pip install" in run and "--only-binary :all:" in run]
    for run in runs:
        assert not re.search(r"\b(curl|wget|gcc|build-essential|sudo|chmod)\b", run)
        if "apt-get install" in run:
            assert "--no-install-recommends" in run
            assert run.index("apt-get update") < run.index("apt-get install")
            assert "rm -rf /var/lib/apt/lists/*" in run
    extras = re.findall(r"EXTRAS=(\S+)", " ".join(arguments_of(role, "ARG")))
    assert set(extras) <= set(PROJECT["optional-dependencies"])


@pytest.mark.parametrize("role", ROLES)
def test_an_image_is_built_from_files_that_docker_gets(role: str) -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sent = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    copied = [argument.split()[:-1] for argument in arguments_of(role, "COPY")]
    assert {path for paths in copied[:-1] for path in paths} == sent
    assert all((ROOT / path).exists() for path in sent)
    assert f"{ROLES[role]}" in arguments_of(role, "EXPOSE")
    assert arguments_of(role, "VOLUME") == [HOME]


SERVICE: Final = vol.Schema(
    {
        vol.Required("image"): str,
        vol.Required("build"): {"context": ".", "dockerfile": str},
        vol.Required("network_mode"): "host",
        vol.Required("read_only"): True,
        vol.Required("tmpfs"): ["/tmp"],  # noqa: S108 - in the container
        vol.Required("cap_drop"): ["ALL"],
        vol.Required("security_opt"): ["no-new-privileges:true"],
        vol.Required("restart"): "unless-stopped",
        vol.Required("environment"): [vol.Match(r"^INDOOR_VOICE_[A-Z_]+$")],
        vol.Required("volumes"): [vol.Match(rf"^\w+:{HOME}$")],
        "devices": ["/dev/snd"],
        "group_add": [str],
    }
)
"""What compose.yaml uses of the Compose Specification."""


def compose() -> dict[str, Any]:
    return load_yaml_dict(str(ROOT / "compose.yaml"))


def test_compose_locks_the_containers_down() -> None:
    content = compose()
    assert content.keys() == {"x-locked-down", "services", "volumes"}
    assert content["services"].keys() == ROLES.keys()
    for role, service in content["services"].items():
        SERVICE(service)
        assert service["image"] == f"ghcr.io/indoor-voice/{role}:{PROJECT['version']}"
        assert (ROOT / service["build"]["dockerfile"]).exists()
        assert service["volumes"][0].partition(":")[0] in content["volumes"]
        assert ("devices" in service) == (role == "satellite")


def test_variables_in_compose_are_options() -> None:
    parsers = next(
        action.choices
        for action in cli.make_parser()._actions  # noqa: SLF001 - argparse has no public list
        if isinstance(action.choices, dict)
    )
    for role, service in compose()["services"].items():
        for variable in service["environment"]:
            option = variable.removeprefix(f"INDOOR_VOICE_{role.upper()}_").lower()
            assert f"--{option.replace('_', '-')}" in parsers[role].format_help()


def test_a_release_builds_both_images_for_both_processors() -> None:
    jobs = load_yaml_dict(str(ROOT / ".github/workflows/release.yml"))["jobs"]
    job = jobs["containers"]
    assert job["permissions"] == {"contents": "read", "packages": "write"}
    assert set(job["strategy"]["matrix"]["role"]) == ROLES.keys()
    (build,) = (it["with"] for it in job["steps"] if "build-push-action" in it.get("uses", ""))
    assert build["platforms"] == "linux/amd64,linux/arm64"
    assert build["provenance"] == "mode=max"
    assert build["sbom"]
    assert all(re.search(r"@v\d+$", it["uses"]) for it in job["steps"] if "uses" in it)
