"""Installs software of other vendors, each package in a separate virtual environment."""

import asyncio
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from demo.home_assistant import ROOT

FOLDER: Final = ROOT / ".cache" / "bench-peers"


class CannotInstallError(Exception):
    """A package can't be installed on this machine; the message says why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A program from PyPI."""

    package: str
    version: str
    python: str = sys.executable
    """The interpreter that it needs."""
    pins: tuple[str, ...] = ()
    """Requirements that it does not declare but needs."""

    def __str__(self) -> str:
        return f"{self.package} {self.version}"

    @property
    def _interpreter(self) -> Path:
        return FOLDER / self.package / "bin" / "python"

    def command(self, *arguments: str) -> tuple[str, ...]:
        """Return the command line that runs it."""
        return (str(self._interpreter), "-m", self.package.replace("-", "_"), *arguments)

    async def install(self) -> None:
        """Install it if necessary; raises `CannotInstallError`."""
        done = FOLDER / self.package / f"installed-{self.version}"
        if done.exists():
            return
        folder = str(FOLDER / self.package)
        await _uv("venv", "--clear", "--python", self.python, folder)
        wanted = (f"{self.package}=={self.version}", *self.pins)
        await _uv("pip", "install", "--python", str(self._interpreter), *wanted)
        done.touch()


# faster-whisper 1.2.1 cannot read files with a later av.
FASTER_WHISPER: Final = Peer("wyoming-faster-whisper", "3.8.1", pins=("av<18",))
PIPER: Final = Peer("wyoming-piper", "2.5.2")
# The latest on PyPI. Its runtime has no wheels for later versions of Python, and crashes with NumPy
# 2, after which the server carries on as if nothing were said.
OPENWAKEWORD: Final = Peer("wyoming-openwakeword", "1.8.2", python="3.11", pins=("numpy<2",))
SATELLITE: Final = Peer("wyoming-satellite", "1.0.0", python="3.11")


async def install(peers: Iterable[Peer]) -> str | None:
    """Install programs that are only useful together; return why that failed, or None."""
    for peer in peers:
        try:
            await peer.install()
        except CannotInstallError as err:
            return f"{peer}: {err}"
    return None


async def _uv(*arguments: str) -> None:
    uv = shutil.which("uv") or str(ROOT / ".cache" / "uv" / "bin" / "uv")
    process = await asyncio.create_subprocess_exec(
        uv,
        *arguments,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"},
    )
    _, printed = await process.communicate()
    if process.returncode:
        lines = printed.decode(errors="replace").strip().splitlines() or ["uv failed"]
        raise CannotInstallError(lines[-1].strip())
