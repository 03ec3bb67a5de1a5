"""A small file system in its own namespace, which tests can fill or make read-only."""

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.mounts import UNSHARED

_READY = "mounted"


@dataclass(frozen=True)
class Disk:
    """Mounted at `folder`, visible only to commands run `inside` its namespace."""

    pid: int
    folder: Path

    def inside(self, *command: str) -> tuple[str, ...]:
        """Return a command that runs in the namespace of the disk."""
        return ("nsenter", f"--target={self.pid}", "--user", "--mount", "--preserve-credentials",
                "--", *command)  # fmt: skip

    @property
    def outside_path(self) -> Path:
        """The path of the disk outside its namespace."""
        return Path(f"/proc/{self.pid}/root{self.folder}")

    def fill(self) -> None:
        """Fill the disk to the last byte."""
        with (self.outside_path / "filler").open("ab", buffering=0) as file:
            for size in (4096, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError as err:
                    if err.errno != errno.ENOSPC:
                        raise

    async def remount(self, mode: str) -> None:
        """Remount it as `ro` or `rw`."""
        process = await asyncio.create_subprocess_exec(
            *self.inside("mount", "-o", f"remount,bind,{mode}", str(self.folder))
        )
        assert await process.wait() == 0


@contextlib.asynccontextmanager
async def disk(folder: Path) -> AsyncIterator[Disk]:
    """Mount a small disk at an empty folder during the block."""
    process = await asyncio.create_subprocess_exec(
        *UNSHARED, "sh", "-c",
        f"mount -t tmpfs -o size=256k none {folder} && echo {_READY} && exec sleep 600",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert (await process.stdout.readline()).decode().strip() == _READY
        yield Disk(process.pid, folder)
    finally:
        process.kill()
        await process.wait()
