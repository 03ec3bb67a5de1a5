"""Reserve disk space for deletions, so that they work on a full disk too.

SQLite must write before it can delete. The space is held by a file without content.
"""

import errno
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_BYTES: Final = 1 << 20
"""More than deleting the longest recording takes."""
_PRIVATE_FILE: Final = 0o600


class Reserve:
    """The reserve file."""

    def __init__(self, path: Path) -> None:
        """Use the file at `path`, which is not created before `keep`."""
        self._path = path
        self.is_short = False
        """Whether there was no space for recordings at the last check."""

    def keep(self) -> None:
        """Reserve the space, or check that it is reserved.

        Raises `OSError`; with `ENOSPC` also if less than the same space again is free for
        recordings. Otherwise the little that a deletion frees would end the alarm.
        """
        file = os.open(self._path, os.O_CREAT | os.O_RDWR, _PRIVATE_FILE)
        try:
            missing = _BYTES - os.fstat(file).st_size
            disk = os.fstatvfs(file)
            free = disk.f_bavail * disk.f_frsize
            self.is_short = disk.f_blocks > 0 and free < missing + _BYTES
            self.require()
            if missing > 0:
                os.posix_fallocate(file, 0, _BYTES)
        finally:
            os.close(file)

    def require(self) -> None:
        """Raise `OSError` with `ENOSPC` if there is no space left for recordings."""
        if self.is_short:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def give_up(self) -> bool:
        """Free the reserved space; returns whether there was any."""
        self.is_short = True
        try:
            had = self._path.stat().st_size > 0
            os.truncate(self._path, 0)
        except OSError:
            return False
        return had
