"""The commands `status`, `logs`, `update` and `uninstall`."""

import argparse
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from indoor_voice.errors import UserError
from indoor_voice.state_folder import service_state_dir

from .layout import Layout, Role, require_root

_NONE = "Indoor Voice has no system service on this machine."


def add_parsers(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommands and their options."""
    status = subparsers.add_parser("status", help="say what runs on this machine")
    status.set_defaults(run=show_status)
    logs = subparsers.add_parser("logs", help="show what was logged")
    logs.add_argument("--follow", action="store_true", help="wait for more")
    logs.set_defaults(run=show_logs)
    update = subparsers.add_parser("update", help="install the newest version")
    update.add_argument(
        "--from",
        dest="source",
        metavar="SOURCE",
        help="a wheel, or a copy of the repository (default: where this came from)",
    )
    update.set_defaults(run=run_update)
    uninstall = subparsers.add_parser(
        "uninstall",
        help="remove everything that the installer made",
        description="Stop the services and remove them, the program, the settings, the pairing and "
        "the downloaded models.",
    )
    uninstall.add_argument("--yes", action="store_true", help="ask nothing")
    uninstall.add_argument("--keep-state", action="store_true", help="keep pairing and settings")
    uninstall.set_defaults(run=run_uninstall)


def show_status(_arguments: argparse.Namespace) -> None:
    """Print which services run, and whether they are paired; raises `UserError` if one does not."""
    from indoor_voice.room.controls.socket import NotRunningError, ask  # noqa: PLC0415 - heavy
    from indoor_voice.room.doctor.surroundings import check_pairing, check_speech  # noqa: PLC0415

    from . import systemd  # noqa: PLC0415

    layout = Layout()
    roles = layout.roles()
    if not roles:
        raise UserError(_NONE)
    _say(f"Indoor Voice {version('indoor-voice')}")
    stopped = [role for role in roles if not systemd.is_active(role)]
    for role in roles:
        _say(f"{role.service}: {'stopped' if role in stopped else 'running'}")
        if role is Role.SPEECH:
            _say(str(check_speech(None)))
        elif os.geteuid() == 0:
            state_dir = service_state_dir(role)
            try:
                facts = ask(state_dir, "status")
            except NotRunningError:
                facts = None
            _say(str(check_pairing(facts, state_dir)))
    if stopped:
        raise UserError("Not everything runs. See why with: indoor-voice logs")


def show_logs(arguments: argparse.Namespace) -> None:
    """Show the journal of the services, of the system's and of the user's own."""
    units = [f"--{kind}={role.service}" for role in Role for kind in ("unit", "user-unit")]
    command = ["journalctl", "--lines=200", *(["--follow"] if arguments.follow else []), *units]
    os.execvp(command[0], command)  # noqa: S606 - no shell is needed


def run_update(arguments: argparse.Namespace) -> None:
    """Install the newest version, and restart what runs; raises `UserError`."""
    require_root("update")
    layout = Layout()
    if not layout.roles() or layout.program not in Path(sys.prefix).resolve().parents:
        raise UserError(f"{_NONE} Update with the command that installed it.")
    options = ["--update", "--yes"]
    if arguments.source is not None:
        options += ["--from", arguments.source]
    script = files(__package__) / "install.sh"
    os.execv("/bin/sh", ["sh", str(script), *options])  # noqa: S606 - the script is ours


def run_uninstall(arguments: argparse.Namespace) -> None:
    """Remove everything that the installer made; raises `UserError`."""
    require_root("uninstall")
    layout = Layout()
    if not arguments.yes:
        if not sys.stdin.isatty():
            raise UserError("Without a terminal, confirm with --yes.")
        answer = input("Remove Indoor Voice from this machine? [y/N] ")
        if answer.strip().casefold() not in ("y", "yes"):
            return
    packages = sorted(set(layout.packages.read_text().split())) if layout.packages.exists() else []
    try:
        remove(layout, keep_state=arguments.keep_state)
    except OSError as err:
        raise UserError(f"Cannot remove {err.filename}: {err.strerror}.") from err
    _say("Indoor Voice is removed from this machine.")
    if packages:
        _mark_unneeded(packages)


def remove(layout: Layout, *, keep_state: bool) -> None:
    """Stop the services and delete the files; raises `OSError` and `UserError`."""
    from . import systemd  # noqa: PLC0415 - heavy

    for role in layout.roles():
        systemd.disable(role)
        layout.unit(role).unlink()
        shutil.rmtree(f"{layout.unit(role)}.d", ignore_errors=True)
    systemd.reload()
    if not keep_state:
        for role in Role:
            link, folder = layout.state(role)
            if link.is_symlink():
                link.unlink()
            for path in (link, folder):
                shutil.rmtree(path, ignore_errors=True)
        layout.settings.unlink(missing_ok=True)
    layout.command.unlink(missing_ok=True)
    # Last, because this runs from it, and can be repeated until it is gone.
    if layout.program.exists():
        shutil.rmtree(layout.program)


def _mark_unneeded(packages: list[str]) -> None:
    """Let apt remove the packages that the installer added, unless something else needs them."""
    subprocess.run(  # noqa: S603 - the names are from our own list
        ["/usr/bin/apt-mark", "auto", *packages], check=False, capture_output=True
    )
    _say(f"No longer needed by it: {' '.join(packages)}. To remove them: sudo apt autoremove")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
