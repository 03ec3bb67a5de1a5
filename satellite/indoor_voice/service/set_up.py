"""The `indoor-voice set-up` command: makes services of this machine's roles, and starts them."""

import argparse
import os
import sys
from typing import Final

from indoor_voice.errors import UserError

from .layout import Layout, Role, require_root

_ROLES: Final = {
    "satellite": [Role.SATELLITE],
    "speech": [Role.SPEECH],
    "both": [Role.SATELLITE, Role.SPEECH],
}


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its options."""
    parser = subparsers.add_parser(
        "set-up",
        help="choose microphone and loudspeaker, and start at each boot",
        description="Make system services of what this machine is to do, and start them. At a "
        "terminal this asks for what no option says. install.sh runs it.",
    )
    parser.set_defaults(run=run)
    parser.add_argument("--role", choices=_ROLES, help="default: what it is already")
    parser.add_argument("--area", help="the satellite's room, by its name in Home Assistant")
    parser.add_argument("--name", help="the satellite's name in Home Assistant")
    parser.add_argument("--microphone", metavar="DEVICE", help="part of its name")
    parser.add_argument("--loudspeaker", metavar="DEVICE", help="part of its name")
    parser.add_argument("--language", help="what is spoken at home, such as en")
    parser.add_argument("--yes", action="store_true", help="ask nothing")
    parser.add_argument("--restart", action="store_true", help="start again what runs already")


def run(arguments: argparse.Namespace) -> None:
    """Make and start the services; raises `UserError`."""
    require_root("set-up")
    from . import systemd  # noqa: PLC0415 - heavy, like those below
    from .files import replace  # noqa: PLC0415
    from .settings_file import save_settings  # noqa: PLC0415
    from .unit import unit_text  # noqa: PLC0415

    layout = Layout()
    roles = _ROLES[arguments.role] if arguments.role else layout.roles()
    if not roles:
        raise UserError("What is this machine to be? Say it with --role satellite, speech or both.")
    if not arguments.yes and sys.stdin.isatty():
        _ask_for_missing(arguments, roles)
    try:
        changed = save_settings(layout, _chosen(arguments, roles))
        for role in roles:
            changed |= replace(layout.unit(role), unit_text(role))
    except OSError as err:
        raise UserError(f"Cannot write {err.filename}: {err.strerror}.") from err
    systemd.reload()
    for role in roles:
        systemd.enable(role)
    if not systemd.is_running():
        _say("systemd does not run here, so Indoor Voice starts when it does.")
        return
    afresh = changed or arguments.restart
    for role in roles:
        if afresh or not systemd.is_active(role):
            systemd.start(role, afresh=afresh)
            _say_code(role)


def _ask_for_missing(arguments: argparse.Namespace, roles: list[Role]) -> None:
    """Ask for what no option says, with the microphone and loudspeaker not in use."""
    from . import systemd  # noqa: PLC0415 - heavy
    from .choosing import ask, choose_loudspeaker, choose_microphone  # noqa: PLC0415

    if Role.SATELLITE in roles:
        arguments.area = arguments.area or ask("Which room is this, by its name?", "Living room")
        if systemd.is_running() and systemd.is_active(Role.SATELLITE):
            systemd.stop(Role.SATELLITE)
        arguments.loudspeaker = arguments.loudspeaker or choose_loudspeaker()
        arguments.microphone = arguments.microphone or choose_microphone()
    if Role.SPEECH in roles:
        spoken = os.environ.get("LANG", "en").partition("_")[0].partition(".")[0]
        default = spoken if spoken.isalpha() and spoken != "C" else "en"
        arguments.language = arguments.language or ask("Which language is spoken?", default)


def _chosen(arguments: argparse.Namespace, roles: list[Role]) -> dict[str, dict[str, object]]:
    keys = {
        Role.SATELLITE: ("area", "name", "microphone", "loudspeaker"),
        Role.SPEECH: ("language",),
    }
    return {
        role: {key: value for key in keys[role] if (value := getattr(arguments, key)) is not None}
        for role in roles
    }


def _say_code(role: Role) -> None:
    """Wait until the service listens, and print its pairing code if it is not paired."""
    from .journal import wait_until_listening  # noqa: PLC0415 - heavy

    if role is Role.SPEECH:
        _say("The speech server starts; the first time it downloads a model, which takes minutes.")
    code = wait_until_listening(role)
    if code is None:
        _say(f"{role.service} runs, and is paired.")
        return
    _say(
        f"{role.service} runs. Its pairing code is {code}\n"
        "Enter it in Home Assistant, under Settings, Devices & services."
    )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
