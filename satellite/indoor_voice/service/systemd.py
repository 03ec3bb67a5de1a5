"""Talks to systemd."""

import subprocess
from pathlib import Path

from indoor_voice.errors import UserError

from .layout import Role


def is_running() -> bool:
    """Return whether systemd runs this machine, as opposed to a container or a chroot."""
    return Path("/run/systemd/system").is_dir()


def enable(role: Role) -> None:
    """Start a service at each boot; raises `UserError`."""
    _systemctl("--quiet", "enable", role.service)


def disable(role: Role) -> None:
    """Stop a service, and start it no more; raises `UserError`."""
    _systemctl("--quiet", "disable", role.service)
    if is_running():
        _systemctl("stop", role.service)
        # It fails if there is nothing to forget.
        _run("reset-failed", role.service)


def reload() -> None:
    """Read all units again; raises `UserError`."""
    if is_running():
        _systemctl("daemon-reload")


def start(role: Role, *, afresh: bool) -> None:
    """Start a service, also if it runs already if `afresh`; raises `UserError`."""
    _systemctl("restart" if afresh else "start", role.service)


def stop(role: Role) -> None:
    """Stop a service; raises `UserError`."""
    _systemctl("stop", role.service)


def is_active(role: Role) -> bool:
    """Return whether a service runs."""
    return _run("is-active", "--quiet", role.service).returncode == 0


def restarts(role: Role) -> int:
    """Return how often systemd has restarted a service because it ended."""
    return int(_shown(role, "NRestarts") or 0)


def invocation(role: Role) -> str:
    """Return the id of the service's present run."""
    return _shown(role, "InvocationID")


def _shown(role: Role, key: str) -> str:
    return _run("show", f"--property={key}", "--value", role.service).stdout.strip()


def _systemctl(*words: str) -> None:
    result = _run(*words)
    if result.returncode:
        raise UserError(f"systemctl {' '.join(words)} failed: {result.stderr.strip()}")


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - fixed words
        ["/usr/bin/systemctl", *words],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
