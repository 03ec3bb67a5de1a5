"""The `indoor-voice app` command: a satellite or speech server as an app of Home Assistant OS.

The Supervisor writes the app's configuration to a file that only root can read. So the app starts
as root, reads it, and continues as a user without privileges. Options become the variables of the
same names, see `indoor_voice.configuration`.
"""

import argparse
import json
import os
import pwd
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from indoor_voice.configuration import variable_of
from indoor_voice.errors import UserError

from .layout import Role

USER: Final = "indoor-voice"
"""The user that the container images have."""
DATA: Final = Path("/data")
"""The folder that Home Assistant OS keeps for an app."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its options."""
    parser = subparsers.add_parser(
        "app",
        help="run as an app of Home Assistant OS",
        description="Run a satellite or speech server with the configuration of an app of Home "
        "Assistant OS. The images of the apps do this.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("role", type=Role, choices=tuple(Role), help="what to run")


def run(arguments: argparse.Namespace) -> None:
    """Become the user without privileges, and then the satellite or speech server.

    Raises:
        UserError: the configuration can't be read, or this isn't root in an app's container.
    """
    role: Role = arguments.role
    variables = variables_of(role, read_options(DATA / "options.json"))
    folders = {"state-dir": DATA / "state"}
    if role is Role.SPEECH:
        folders["data-dir"] = DATA / "models"
    try:
        _become_user(list(folders.values()))
    except (OSError, KeyError) as err:
        raise UserError(f"This must run as root in the app's container: {err}.") from err
    program = sys.argv[0]
    options = [f"--{option}={folder}" for option, folder in folders.items()]
    # Libraries keep caches in the home, and the profile of the app allows writing in its data only.
    home = {"HOME": str(DATA / "state")}
    os.execve(program, [program, role, *options], {**os.environ, **home, **variables})  # noqa: S606


def read_options(path: Path) -> Mapping[str, Any]:
    """Return the app's configuration; raises `UserError`."""
    try:
        options = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        raise UserError(f"Cannot read the app's configuration in {path}: {err}.") from err
    if not isinstance(options, dict):
        raise UserError(f"The app's configuration in {path} is no object.")
    return options


def variables_of(role: Role, options: Mapping[str, Any]) -> dict[str, str]:
    """Return the environment variables for an app's options; what is empty counts as not set."""
    return {
        variable_of(role, key): _text(value)
        for key, value in options.items()
        if value not in (None, "", [])
    }


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value)


def _become_user(folders: list[Path]) -> None:
    """Give the folders to the user, and give up root; raises `OSError` and `KeyError`."""
    user = pwd.getpwnam(USER)
    for folder in folders:
        folder.mkdir(mode=0o700, exist_ok=True)
        os.chown(folder, user.pw_uid, user.pw_gid)
    os.initgroups(user.pw_name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
