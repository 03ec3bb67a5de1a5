"""A satellite as a Sendspin player: connects to the server, and plays what it sends, in time.

The satellite always connects itself, and admits nobody. The connection is encrypted, but for want
of a pairing it may be to anyone who answers at that address. So it carries music in, and out of the
house's things no more than the player's name, its volume and that it is there.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, cast

import numpy as np
from aiosendspin.client import AudioFormat, SendspinClient
from aiosendspin.models.core import ServerCommandPayload, StreamStartMessage
from aiosendspin.models.player import ClientHelloPlayerSupport, SupportedAudioFormat
from aiosendspin.models.types import AudioCodec, PlayerCommand, Roles
from aiosendspin.noise.keys import Identity
from aiosendspin.noise.trust_store import ClientPairingConfig, InMemoryClientPairingStore

from indoor_voice.room.music.player import MusicPlayer
from indoor_voice.room.sound.loudspeaker import Loudspeaker
from indoor_voice.room.sound.schedule import steady_seconds
from indoor_voice.throttled_log import ThrottledLog, log_with_count

from .limits import LimitedSession
from .state import SendspinState
from .track import SyncedTrack

if TYPE_CHECKING:
    from aiohttp import ClientSession

_LOGGER = logging.getLogger(__name__)

_MICROSECONDS: Final = 1_000_000
_CHANNELS: Final = 2
_FRAME_BYTES: Final = 4
_BUFFER_SECONDS: Final = 6
"""Sound that the server may send ahead."""
_MAX_CHUNK_SECONDS: Final = 1.0
_MOST_AHEAD_SECONDS: Final = 60.0
_MOST_LATE_SECONDS: Final = 1.0
_LEAD_MS: Final = 800.0
"""How long it takes to open the device and to know when it sounds."""
_MIN_BUFFER_MS: Final = 500.0
_CONNECT_SECONDS: Final = 20.0
_GOODBYE_SECONDS: Final = 2.0
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 60.0
"""Between attempts to connect; the pauses grow from the first to this."""
_STEADY_SECONDS: Final = 60.0
"""A connection that lasted this long was a good one: the pauses begin anew."""
_REPORT_SECONDS: Final = 0.5
"""Changes are passed on no more often, however many the server makes."""
_LOST_SECONDS: Final = 5.0
"""How long to leave a loudspeaker alone that failed."""


class _HereClock:
    """The clock by which the loudspeaker's times are told, for the library."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now

    def now_us(self) -> int:
        return round(self._now() * _MICROSECONDS)


class SendspinSpeaker:
    """Plays what a Sendspin server sends, during an `async with` block."""

    def __init__(  # noqa: PLR0913 - what it is connected to
        self,
        *,
        name: str,
        find: Callable[[], Awaitable[str]],
        state: SendspinState,
        music: MusicPlayer,
        loudspeaker: Loudspeaker,
        now: Callable[[], float] = steady_seconds,
    ) -> None:
        """Prepare to be the player `name` of the server whose URL `find` returns.

        `now` is the clock of the loudspeaker's schedule.
        """
        self._name = name
        self._find = find
        self._state = state
        self._music = music
        self._loudspeaker = loudspeaker
        self._now = now
        self._rate = loudspeaker.format.rate
        self._loop = asyncio.get_running_loop()
        self._track: SyncedTrack | None = None
        self._lost_until = 0.0
        self._commanded: tuple[float, bool] | None = None
        """The latest volume and mute that the server asked for."""
        self._changed = asyncio.Event()
        self._leaves = False
        self._tasks: list[asyncio.Task[None]] = []
        self._troubles = ThrottledLog(log_with_count(_LOGGER, logging.WARNING))
        self._connections = ThrottledLog(log_with_count(_LOGGER, logging.INFO))

    async def __aenter__(self) -> Self:
        """Start to connect, again and again."""
        # It logs whatever a server sends, as often as it is sent.
        logging.getLogger("aiosendspin.client").setLevel(logging.CRITICAL + 1)
        self._music.attach_synced(self)
        self._start(self._stay_connected())
        self._start(self._state.keep_saved(self._music.save))
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop playing, and disconnect."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._troubles.close()
        self._connections.close()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.create_task(work))

    # For the music player

    @property
    def playing(self) -> bool:
        """Whether the server plays something here."""
        return self._track is not None

    def stop(self) -> None:
        """Leave the others that play together, because something else is to be heard here."""
        if self._track is not None:
            self._end_track()
            self._leaves = True
            self._changed.set()

    def note_level(self) -> None:
        """Tell the server the volume."""
        self._changed.set()

    # The connection

    async def _stay_connected(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            begun = self._loop.time()
            try:
                await self._play_from(await self._find())
                self._troubles.note("The Sendspin server closed the connection; trying again")
            # The library raises whatever its parsers of what the server sends do.
            except Exception as err:  # noqa: BLE001
                reason = str(err)[:200] or type(err).__name__
                self._troubles.note(f"There is no Sendspin server to play from: {reason!a}")
            if self._loop.time() - begun > _STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _play_from(self, url: str) -> None:
        """Play what the server at `url` sends, until it closes the connection."""
        per_second = self._rate * _FRAME_BYTES
        session = LimitedSession(
            bytes_per_second=2 * per_second, bytes_at_once=2 * _BUFFER_SECONDS * per_second
        )
        client = await self._make_client(session)
        closed = asyncio.Event()
        client.add_disconnect_listener(closed.set)
        reporting: asyncio.Task[None] | None = None
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                await client.connect(url)
            self._connections.note(f"Connected to the Sendspin server at {url}")
            self._changed.set()  # what changed meanwhile
            reporting = asyncio.create_task(self._report(client))
            await closed.wait()
        finally:
            if self._track is not None:
                self._end_track()
            if reporting is not None:
                reporting.cancel()
                self._music.tell()
            await _part(client, session)

    async def _make_client(self, session: LimitedSession) -> SendspinClient:
        trust = InMemoryClientPairingStore()
        # A server may play without pairing: it can do nothing else.
        await trust.store_pairing_config(ClientPairingConfig(unpaired_access_enabled=True))
        sound = SupportedAudioFormat(
            codec=AudioCodec.PCM, channels=_CHANNELS, sample_rate=self._rate, bit_depth=16
        )
        volume, muted = self._level
        client = SendspinClient(
            Identity.from_private_bytes(self._state.key),
            self._name,
            [Roles.PLAYER],
            pairing_store=trust,
            player_support=ClientHelloPlayerSupport(
                supported_formats=[sound],
                buffer_capacity=_BUFFER_SECONDS * self._rate * _FRAME_BYTES,
            ),
            session=cast("ClientSession", session),
            output_delay_ms=self._state.output_delay_ms,
            required_lead_time_ms=_LEAD_MS,
            min_buffer_ms=_MIN_BUFFER_MS,
            initial_volume=volume,
            initial_muted=muted,
            state_supported_commands=[
                PlayerCommand.VOLUME,
                PlayerCommand.MUTE,
                PlayerCommand.SET_OUTPUT_DELAY,
            ],
            clock=_HereClock(self._now),
        )
        client.add_stream_start_listener(self._begin)
        client.add_stream_clear_listener(self._clear)
        client.add_stream_end_listener(self._end)
        client.add_audio_chunk_listener(
            lambda at, sound, audio_format, _: self._add(client, at, sound, audio_format)
        )
        client.add_server_command_listener(self._obey)
        client.add_output_delay_listener(self._state.set_output_delay)
        return client

    @property
    def _level(self) -> tuple[int, bool]:
        """The volume in percent, and whether it is muted."""
        return round(self._music.level.volume * 100), self._music.level.muted

    async def _report(self, client: SendspinClient) -> None:
        """Pass on what changes: from the server to the music player, and the other way round."""
        told: tuple[int, bool] | None = None
        told_playing = False
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._leaves:
                self._leaves = False
                await client.send_leave()
            if self._commanded is not None:
                (volume, muted), self._commanded = self._commanded, None
                self._music.set_level(volume, muted=muted)
                told = None  # it is to be confirmed, even if it was so before
            if told_playing is not self.playing:
                told_playing = self.playing
                self._music.tell()
            if told != self._level:
                told = self._level
                await client.send_player_state(available=True, volume=told[0], muted=told[1])
            await asyncio.sleep(_REPORT_SECONDS)

    # What the server sends

    def _begin(self, message: StreamStartMessage) -> None:
        if message.payload.player is None:
            return
        if self._track is not None:
            self._track.close()
        self._music.give_way()
        self._track = SyncedTrack(
            self._music.level,
            self._loudspeaker.schedule,
            self._rate,
            most_frames=2 * _BUFFER_SECONDS * self._rate,
            on_lost=self._note_lost,
        )
        self._changed.set()

    def _clear(self, roles: list[str] | None) -> None:
        if self._track is not None and (roles is None or "player" in roles):
            self._track.clear()

    def _end(self, roles: list[str] | None) -> None:
        if self._track is not None and (roles is None or "player" in roles):
            self._end_track()
            self._changed.set()

    def _end_track(self) -> None:
        assert self._track is not None
        self._track.close()
        self._track = None

    def _note_lost(self) -> None:
        """Note that the device has failed; called in the loudspeaker thread."""
        self._lost_until = self._loop.time() + _LOST_SECONDS

    def _add(
        self, client: SendspinClient, at_us: int, sound: bytes, audio_format: AudioFormat
    ) -> None:
        """Add a chunk of sound that is due at `at_us` by the server's clock."""
        track = self._track
        if track is None or self._loop.time() < self._lost_until:
            return
        pcm = audio_format.pcm_format
        known = audio_format.codec is AudioCodec.PCM and (
            pcm.sample_rate == self._rate and pcm.channels == _CHANNELS and pcm.bit_depth == 16  # noqa: PLR2004
        )
        whole = len(sound) % _FRAME_BYTES == 0
        if not known or not whole or len(sound) > _MAX_CHUNK_SECONDS * self._rate * _FRAME_BYTES:
            self._troubles.note("The Sendspin server sends what was not agreed on", "format")
            return
        if not client.is_time_synchronized():
            return
        # Now, and not when it is due: as long as it knows the server's clock but roughly, the
        # library may expect it to gain or lose a lot.
        now_us = self._now() * _MICROSECONDS
        server_us = client.compute_server_time(round(now_us))
        if not -_MOST_LATE_SECONDS < (at_us - server_us) / _MICROSECONDS < _MOST_AHEAD_SECONDS:
            return
        track.clock_ahead_us = server_us - now_us
        frames = np.frombuffer(sound, "<i2").reshape(-1, _CHANNELS)
        if track.add(at_us, frames):
            self._loudspeaker.play_background(track)

    def _obey(self, payload: ServerCommandPayload) -> None:
        """Set the volume, or mute."""
        command = payload.player
        if command is None:
            return
        volume, muted = self._commanded or (self._music.level.volume, self._music.level.muted)
        if command.volume is not None:
            self._commanded = command.volume / 100, muted
        elif command.mute is not None:
            self._commanded = volume, command.mute
        self._changed.set()


async def _part(client: SendspinClient, session: LimitedSession) -> None:
    try:
        async with asyncio.timeout(_GOODBYE_SECONDS):
            await client.disconnect()
    except Exception as err:  # noqa: BLE001 - whatever a broken connection raises
        _LOGGER.debug("The connection ends with %s", type(err).__name__)
    finally:
        await session.close()
