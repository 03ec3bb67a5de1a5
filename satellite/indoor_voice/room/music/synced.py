"""What the music player knows of music that is played in sync with other loudspeakers."""

from typing import Protocol


class SyncedMusic(Protocol):
    """Music that a server plays here in sync with other loudspeakers; not with a piece."""

    @property
    def playing(self) -> bool:
        """Whether anything plays."""
        ...

    def stop(self) -> None:
        """Stop what plays."""
        ...

    def note_level(self) -> None:
        """Take note of a change of the volume."""
        ...
