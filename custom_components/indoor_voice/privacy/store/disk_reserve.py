"""Room on the disk that is held for deletions, so that they work on a full one too.

To delete, SQLite first writes. No I/O but on a file of its own, which holds nothing.
"""

import errno
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_BYTES: Final = 1 << 20
"""More than it takes to delete the longest recording."""
_PRIVATE_FILE: Final = 0o600


class Reserve:
    """Held in a file beside the store."""

    def __init__(self, path: Path) -> None:
        """Hold nothing yet; what was held before is still there."""
        self._path = path
        self._is_short = False
        """Whether there was no room for recordings when that was last seen to."""

    def keep(self) -> None:
        """Take the room, or see that it is there.

        Raises `OSError`, `ENOSPC` also where there is not as much again for recordings: what little
        a deletion has freed is no reason to say that all is well.
        """
        file = os.open(self._path, os.O_CREAT | os.O_RDWR, _PRIVATE_FILE)
        try:
            missing = _BYTES - os.fstat(file).st_size
            disk = os.fstatvfs(file)
            free = disk.f_bavail * disk.f_frsize
            self._is_short = disk.f_blocks > 0 and free < missing + _BYTES
            self.require()
            if missing > 0:
                os.posix_fallocate(file, 0, _BYTES)
        finally:
            os.close(file)

    def require(self) -> None:
        """Raise `OSError`, `ENOSPC`, where there is no room for recordings any more."""
        if self._is_short:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def give_up(self) -> bool:
        """Give back the room that is held; returns whether there was any."""
        self._is_short = True
        try:
            had = self._path.stat().st_size > 0
            os.truncate(self._path, 0)
        except OSError:
            return False
        return had
