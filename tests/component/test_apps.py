"""The apps for Home Assistant OS, by the rules of its Supervisor and of the linter for apps.

The rules stand here in our own words, reduced to what our files use; what isn't here is refused.
"""

import argparse
import json
import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
import voluptuous as vol
from homeassistant.util.yaml import load_yaml_dict
from PIL import Image

from custom_components.indoor_voice.const import DOMAIN
from indoor_voice import cli

ROOT: Final = Path(__file__).parents[2]
VERSION: Final = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
APPS: Final = {"speech": "indoor_voice_speech", "satellite": "indoor_voice_satellite"}
ROLES: Final = pytest.mark.parametrize("role", APPS)

_NUMBER: Final = r"(-?[\d.]+)?"
OPTION_TYPE: Final = re.compile(
    rf"(bool|str|int\({_NUMBER},{_NUMBER}\)|float\({_NUMBER},{_NUMBER}\)"
    r"|match\((?P<pattern>.+)\)|list\((?P<choices>.+)\))\??"
)


def only(value: object) -> object:
    """Return a rule for a key that the linter wants left out unless it differs from the default."""
    return vol.Any(value, msg="the default must be left out")


CONFIGURATION: Final = vol.Schema(
    {
        vol.Required("name"): str,
        vol.Required("version"): VERSION,
        vol.Required("slug"): vol.Match(r"^[-_.A-Za-z0-9]+$"),
        vol.Required("description"): str,
        vol.Required("arch"): ["aarch64", "amd64"],
        "url": vol.Url(),
        "stage": only("experimental"),
        "startup": only(vol.In(["initialize", "once", "services", "system"])),
        "homeassistant": str,
        vol.Required("discovery"): [DOMAIN],
        "audio": only(True),
        "tmpfs": only(True),
        "backup_exclude": [str],
        "options": vol.All(dict, vol.Length(min=1)),
        "schema": {str: vol.Any(vol.Match(OPTION_TYPE), [vol.Match(OPTION_TYPE)])},
    }
)
TRANSLATION: Final = vol.Schema(
    {
        vol.Required("configuration"): {
            str: {vol.Required("name"): str, vol.Required("description"): str}
        }
    }
)


def app_folder(role: str) -> Path:
    return ROOT / "apps" / APPS[role]


def configuration(role: str) -> dict[str, Any]:
    return load_yaml_dict(str(app_folder(role) / "config.yaml"))


def actions_of(command: str) -> dict[str, argparse.Action]:
    """Return the options of a command by the keys that an app has for them."""
    parser = cli.make_parser()
    (commands,) = (it.choices for it in parser._actions if isinstance(it.choices, dict))  # noqa: SLF001
    return {
        option.removeprefix("--").replace("-", "_"): action
        for action in commands[command]._actions  # noqa: SLF001 - argparse has no public list
        for option in action.option_strings
    }


def flat(value: str | list[str]) -> str:
    """Return the type of an option, or of the items of a list."""
    return value[0] if isinstance(value, list) else value


def test_the_repository_has_these_apps_and_no_others() -> None:
    repository = load_yaml_dict(str(ROOT / "repository.yaml"))
    vol.Schema({vol.Required("name"): str, "url": vol.Url(), "maintainer": str})(repository)
    assert {path.name for path in (ROOT / "apps").iterdir()} == set(APPS.values())


@ROLES
def test_the_configuration_follows_the_supervisors_schema(role: str) -> None:
    content = CONFIGURATION(configuration(role))
    assert content["slug"] == app_folder(role).name
    assert content.get("audio", False) == (role == "satellite")
    hacs = json.loads((ROOT / "hacs.json").read_text(encoding="utf-8"))
    assert content["homeassistant"] == hacs["homeassistant"]


@ROLES
def test_each_option_is_one_of_the_command_and_takes_the_same_values(role: str) -> None:
    actions = actions_of(role)
    for key, given in configuration(role)["schema"].items():
        action = actions[key]
        matched = OPTION_TYPE.fullmatch(flat(given))
        assert matched
        assert isinstance(given, list) == isinstance(action, argparse._AppendAction), key  # noqa: SLF001
        assert (matched[1] == "bool") == (action.nargs == 0), key
        if choices := matched["choices"]:
            words = choices.split("|")
            assert action.choices is None or words == list(action.choices), key
        elif callable(action.type) and matched[1] != "bool":
            for bound in re.findall(r"-?[\d.]+", matched[1]):
                action.type(bound)  # raises unless the command accepts it


@ROLES
def test_the_first_options_are_valid_and_nothing_required_is_missing(role: str) -> None:
    content = configuration(role)
    required = {key for key, it in content["schema"].items() if not flat(it).endswith("?")}
    assert content["options"].keys() == required
    for key, value in content["options"].items():
        matched = OPTION_TYPE.fullmatch(flat(content["schema"][key]))
        assert matched
        for item in value if isinstance(value, list) else [value]:
            if matched["pattern"]:
                assert re.match(matched["pattern"], item)
            else:
                assert item in matched["choices"].split("|")


@ROLES
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_option_has_a_name_and_a_description(role: str, language: str) -> None:
    path = app_folder(role) / "translations" / f"{language}.yaml"
    translation = TRANSLATION(load_yaml_dict(str(path)))
    assert list(translation["configuration"]) == list(configuration(role)["schema"])


@ROLES
def test_it_is_built_from_the_released_image_of_its_version(role: str) -> None:
    folder = app_folder(role)
    # The Supervisor warns of a build.yaml: arguments stand in the Dockerfile.
    assert not list(folder.glob("build.*"))
    text = (folder / "Dockerfile").read_text(encoding="utf-8")
    assert f"ARG BUILD_VERSION\nFROM ghcr.io/indoor-voice/{role}:${{BUILD_VERSION}}\n" in text
    for words in re.findall(r"CMD \[(.+)\]", text):
        command = [word.strip('" ') for word in words.split(",")]
        cli.make_parser().parse_args([word for word in command if word != "indoor-voice"])


@ROLES
def test_the_profile_lets_it_write_only_its_data_and_what_is_temporary(role: str) -> None:
    text = (app_folder(role) / "apparmor.txt").read_text(encoding="utf-8")
    # The Supervisor gives the only profile the name of the installed app.
    assert re.findall(r"^profile ([^ ]+) ", text, re.MULTILINE) == [APPS[role]]
    rules = re.findall(r"^  (?:owner )?(/\S+|@\{PROC\}\S*) ([a-z]+),$", text, re.MULTILINE)
    writable = {path for path, access in rules if "w" in access}
    expected = {"/data/state/", "/data/state/**", "/dev/shm/**", "/tmp/**"}  # noqa: S108
    expected |= {"@{PROC}/@{pid}/task/*/comm"}
    expected |= {
        "speech": {"/data/models/", "/data/models/**"},
        "satellite": {"/run/audio/**", "/dev/snd/**"},
    }[role]
    assert writable == expected
    assert not [path for path, access in rules if "w" in access and "x" in access]
    granted = set(re.findall(r"^  capability (\w+),$", text, re.MULTILINE))
    assert granted == {"chown", "dac_override", "setgid", "setuid"}


@ROLES
def test_it_has_pictures_and_documents(role: str) -> None:
    folder = app_folder(role)
    assert Image.open(folder / "icon.png").size == (128, 128)
    width, height = Image.open(folder / "logo.png").size
    assert (height, width > height) == (80, True)
    assert "Pairing code" in (folder / "DOCS.md").read_text(encoding="utf-8")
    assert f"## {VERSION}\n" in (folder / "CHANGELOG.md").read_text(encoding="utf-8")


@ROLES
def test_its_documents_link_to_files_of_this_repository(role: str) -> None:
    url = "https://github.com/indoor-voice/indoor-voice/blob/main/"
    texts = [path.read_text("utf-8") for path in app_folder(role).glob("*.md")]
    texts.append(configuration(role)["url"])
    for path in re.findall(rf"{re.escape(url)}([\w./-]+)", " ".join(texts)):
        assert (ROOT / path).exists(), path
