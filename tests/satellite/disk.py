"""A file system of one's own, to fill, to make read-only and to leave behind with its namespace."""

import asyncio
import contextlib
import errno
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

_READY = "mounted"


@dataclass(frozen=True)
class Disk:
    """Mounted at `folder`, where only processes that it `holds` see it."""

    pid: int
    folder: Path

    def holds(self, *command: str) -> tuple[str, ...]:
        """Return a command that runs where the disk is."""
        return ("nsenter", f"--target={self.pid}", "--user", "--mount", "--preserve-credentials",
                "--", *command)  # fmt: skip

    @property
    def seen(self) -> Path:
        """Where the disk is seen from outside."""
        return Path(f"/proc/{self.pid}/root{self.folder}")

    def fill(self) -> None:
        """Leave no room for a single byte."""
        with (self.seen / "filler").open("ab", buffering=0) as file:
            for size in (4096, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError as err:
                    if err.errno != errno.ENOSPC:
                        raise

    async def remount(self, how: str) -> None:
        """Make it `ro` or `rw`."""
        process = await asyncio.create_subprocess_exec(
            *self.holds("mount", "-o", f"remount,{how}", str(self.folder))
        )
        assert await process.wait() == 0


@contextlib.asynccontextmanager
async def disk(folder: Path) -> AsyncIterator[Disk]:
    """Mount a small disk at an empty folder for the length of the block."""
    process = await asyncio.create_subprocess_exec(
        "unshare", "--mount", "--map-root-user", "sh", "-c",
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
