"""The loudspeaker of a satellite, which plays one sound at a time."""

from typing import TYPE_CHECKING

from .playback import CutOffError, Patience, Playback

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from wyoming.audio import AudioChunk
    from wyoming.event import Event, Eventable

    from ..devices.satellite import SatelliteData
    from .turn import Turn


class Loudspeaker:
    """Plays sounds on a satellite and tracks the one that is playing."""

    def __init__(self, data: SatelliteData) -> None:
        """Initialize with nothing playing."""
        self._data = data
        self._playback: Playback | None = None
        self.stopped = False
        """Whether somebody in the room stopped the last sound."""

    @property
    def is_playing(self) -> bool:
        """Whether a sound is playing."""
        return self._playback is not None

    async def play(
        self,
        chunks: AsyncGenerator[AudioChunk],
        patience: Patience,
        *,
        turn: Turn | None = None,
        broken: Event | Eventable | None = None,
    ) -> bool:
        """Play a sound and return whether it was played to its end, not interrupted.

        `turn` is the turn that the sound answers, if any. Raises whatever `Playback.play` raises,
        and `CutOffError` if the loudspeaker does not work.
        """

        async def send(message: Event | Eventable) -> None:
            await self._data.send(message if turn is None else turn.tagged(message))

        playback = Playback(send, patience)
        self._playback = playback
        try:
            complete = await playback.play(chunks, broken)
            self.stopped = playback.stopped
        finally:
            if self._playback is playback:
                self._playback = None
        status = self._data.health.data.status
        if complete and status is not None and not status.loudspeaker:
            raise CutOffError("its loudspeaker does not work")
        return complete

    def interrupt(self) -> None:
        """Interrupt the sound that is playing, if any."""
        if self._playback is not None:
            self._playback.interrupt()

    def lose(self) -> None:
        """Record that the satellite or its loudspeaker is gone."""
        if self._playback is not None:
            self._playback.lose()

    def note_heard(self) -> None:
        """Record that the sound has left the loudspeaker."""
        if self._playback is not None:
            self._playback.note_heard()
