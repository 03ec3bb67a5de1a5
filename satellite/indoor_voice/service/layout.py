"""Where the installer puts things, and which role of this machine has which service."""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from indoor_voice.configuration import SYSTEM_FILE
from indoor_voice.errors import UserError
from indoor_voice.state_folder import service_state_dir

DEFAULT_PROGRAM: Final = Path("/opt/indoor-voice")


class Role(StrEnum):
    """What a service does."""

    SATELLITE = "satellite"
    SPEECH = "speech"

    @property
    def service(self) -> str:
        """The name of its service."""
        return f"indoor-voice-{self}"


@dataclass(frozen=True, slots=True)
class Layout:
    """The files of an installation below `root`, which is another folder than / in tests only."""

    root: Path = Path("/")

    @property
    def program(self) -> Path:
        """The folder of the program, which install.sh fills."""
        return self._at(DEFAULT_PROGRAM)

    @property
    def command(self) -> Path:
        """The link by which shells find the command."""
        return self._at(Path("/usr/local/bin/indoor-voice"))

    @property
    def packages(self) -> Path:
        """The list of packages that install.sh added to the system, one to a line."""
        return self.program / "packages"

    @property
    def settings(self) -> Path:
        """The file with the settings of both roles."""
        return self._at(SYSTEM_FILE)

    def unit(self, role: Role) -> Path:
        """Return the file that describes the service to systemd."""
        return self._at(Path("/etc/systemd/system")) / f"{role.service}.service"

    def state(self, role: Role) -> tuple[Path, Path]:
        """Return the link to the state folder, and the folder itself."""
        link = self._at(service_state_dir(role))
        return link, link.parent / "private" / link.name

    def roles(self) -> list[Role]:
        """Return the roles that have a service."""
        return [role for role in Role if self.unit(role).exists()]

    def _at(self, path: Path) -> Path:
        return self.root / path.relative_to("/")


def require_root(command: str) -> None:
    """Check that the command may change the system; raises `UserError`."""
    if os.geteuid() != 0:
        raise UserError(f"This needs root. Run: sudo indoor-voice {command}")
