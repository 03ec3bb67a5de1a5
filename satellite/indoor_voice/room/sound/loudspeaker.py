"""Plays sound: one playback at a time, mixed with cues, recorded speech and music below it all."""

import asyncio
import logging
import math
import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Protocol, Self

import numpy as np
import numpy.typing as npt
import sounddevice as sd  # type: ignore[import-untyped]  # it ships no types

from indoor_voice.errors import UserError
from indoor_voice.room.adjustments import Adjustments

from .cues import DEFAULT_VOLUME, Cue, cue_samples
from .devices import Device, DeviceLostError, Direction, device_format, find_device, running
from .mix import Background, Track, mixed
from .pcm import RATE, SAMPLE_BYTES, Converter, PcmFormat, Samples
from .schedule import Schedule

_LOGGER = logging.getLogger(__name__)

_PIECE_SECONDS: Final = 0.02
_BUFFER_SECONDS: Final = 0.1
"""Device buffer: PulseAudio stutters with less; with more, a stopped answer continues audibly."""
_LEAD_SECONDS: Final = 0.04
"""Silence to begin with: ALSA's PulseAudio plugin drops what is written first."""
_TAIL_SECONDS: Final = 0.06
"""Silence to end with, beyond the device buffer: closing the device cuts off what is unplayed."""
_LOUDNESS_EXPONENT: Final = 1.66
"""Half the volume is a tenth of the power, 10 dB, which sounds half as loud."""
_MAX_TRACKS: Final = 8
"""Tracks that are mixed at once; further cues are dropped."""

_PROMPT_FORMAT: Final = PcmFormat(rate=RATE, width=SAMPLE_BYTES, channels=1)


class PlaybackMonitor(Protocol):
    """Is told what is played, in the loudspeaker thread, before it is heard."""

    def begin(self, rate: int) -> None:
        """Handle the beginning of sound at `rate` samples per second."""
        ...

    def add(self, piece: Samples) -> None:
        """Handle the next piece of the mix, shape (samples,)."""
        ...


class Loudspeaker(Protocol):
    """A sound output. All methods return immediately and must be called in the event loop."""

    format: PcmFormat
    """Preferred format; others are converted."""
    works: bool
    """Whether the device worked when it was last needed."""
    on_change: Callable[[], None]
    """Called in the loop when `works` changes."""

    monitors: list[PlaybackMonitor]
    """Told what is played."""
    schedule: Schedule
    """Knows when the next samples will be heard."""

    def adjust(self, adjustments: Adjustments) -> None:
        """Use these volumes from now on."""
        ...

    def cue(self, cue: Cue, volume: float | None = None) -> None:
        """Play a cue now, mixed with what is playing; `volume`, 0 to 1, is not the usual one."""
        ...

    def say(self, prompt: Samples) -> None:
        """Play recorded speech at 16 kHz, replacing any still playing; empty just stops that."""
        ...

    def start(self, pcm_format: PcmFormat, on_finished: Callable[[bool], None]) -> None:
        """Start a playback; call `stop` first if there is one already."""
        ...

    def play(self, pcm: bytes) -> None:
        """Queue sound for the playback."""
        ...

    def end(self) -> None:
        """End the playback; when played, call `on_finished` with whether all of it was heard."""
        ...

    def stop(self) -> None:
        """Stop the playback without calling `on_finished`."""
        ...

    def play_background(self, track: Background) -> None:
        """Play music until it is silent; an earlier one must end by itself."""
        ...


class DeviceLoudspeaker:
    """A loudspeaker on this machine, which is open only while something plays.

    Opening takes about 10 ms, whereas an open device uses power even if it plays silence.
    """

    def __init__(self, query: str | None, *, stereo: bool = False) -> None:
        """Select a device like `find_device`; raises `UserError`.

        With `stereo`, it is opened with two channels if it has them, for the sake of music.
        """
        device = find_device(Direction.OUTPUT, query)
        self.name = device.name
        self.format = PcmFormat(rate=device.rate, width=2, channels=1)
        self.works = True
        self.on_change: Callable[[], None] = lambda: None
        self.monitors: list[PlaybackMonitor] = []
        self.schedule = Schedule()
        self._query = query
        self._stereo = stereo
        self._cue_volume = DEFAULT_VOLUME
        self._factor = 1.0
        self._loop = asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._tracks: list[Track] = []
        self._background: Background | None = None
        self._playback: _Track | None = None
        self._prompt: _Track | None = None
        self._closing = False
        self._device_lost = False
        self._thread = threading.Thread(target=self._run, name="loudspeaker", daemon=True)

    async def __aenter__(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop playing and close the device."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join, 2.0)

    def adjust(self, adjustments: Adjustments) -> None:
        """Use these volumes from now on."""
        self._cue_volume = adjustments.cue_volume
        self._factor = adjustments.volume**_LOUDNESS_EXPONENT

    def cue(self, cue: Cue, volume: float | None = None) -> None:
        """Play a cue now, mixed with what is playing; `volume`, 0 to 1, is not the usual one."""
        with self._changed:
            if len(self._tracks) >= _MAX_TRACKS:
                return
        track = _Track(self.format)
        volume = self._cue_volume if volume is None else volume
        track.add(cue_samples(cue, self.format.rate, volume).tobytes())
        track.ended = True
        self._activate(track)

    def say(self, prompt: Samples) -> None:
        """Play recorded speech at 16 kHz, replacing any still playing; empty just stops that."""
        self._stop_track(self._prompt)
        self._prompt = _Track(_PROMPT_FORMAT)
        self._prompt.add(prompt.astype("<i2", copy=False).tobytes())
        self._prompt.ended = True
        self._activate(self._prompt)

    def start(self, pcm_format: PcmFormat, on_finished: Callable[[bool], None]) -> None:
        """Start a playback; call `stop` first if there is one already."""

        def finished() -> None:
            if self._playback is track:
                self._playback = None
                on_finished(not track.lost)

        track = _Track(pcm_format, lambda: self._loop.call_soon_threadsafe(finished))
        self._playback = track

    def play(self, pcm: bytes) -> None:
        """Queue sound for the playback."""
        if self._playback is not None:
            self._playback.add(pcm)
            self._activate(self._playback)

    def end(self) -> None:
        """End the playback; when played, call `on_finished` with whether all of it was heard."""
        if self._playback is not None:
            self._playback.ended = True
            self._activate(self._playback)

    def stop(self) -> None:
        """Stop the playback without calling `on_finished`."""
        self._stop_track(self._playback)
        self._playback = None

    def play_background(self, track: Background) -> None:
        """Play music until it is silent; an earlier one must end by itself."""
        with self._changed:
            self._background = track
            if track not in self._tracks:
                self._tracks.append(track)
                self._changed.notify()

    def _stop_track(self, track: "_Track | None") -> None:
        if track is not None:
            track.stop()
            with self._changed:
                # At the limit, drop the track without a fade: a device that hangs never plays it.
                if track in self._tracks and len(self._tracks) >= _MAX_TRACKS:
                    self._tracks.remove(track)

    def _activate(self, track: "_Track") -> None:
        with self._changed:
            if track.lost:
                if track.ended:
                    track.on_finished()
            elif track not in self._tracks:
                self._tracks.append(track)
                self._changed.notify()

    def _set_works(self, works: bool) -> None:  # noqa: FBT001 - called by the loop
        if works is not self.works:
            self.works = works
            self.on_change()

    # In the thread that owns the device

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._tracks or self._closing)
                if self._closing:
                    return
            try:
                self._play_tracks(find_device(Direction.OUTPUT, self._query))
            except (DeviceLostError, UserError) as err:
                if not self._device_lost:
                    _LOGGER.error("The loudspeaker %s cannot be used: %s", self.name, err)  # noqa: TRY400 - the message is for users
                self._device_lost = True
                self._loop.call_soon_threadsafe(self._set_works, False)
                self._discard_tracks()

    def _play_tracks(self, device: Device) -> None:
        """Play until all tracks are finished; raises `DeviceLostError`."""
        rate, channels = device_format(device, stereo=self._stereo)

        def make_stream() -> Any:  # noqa: ANN401 - sounddevice has no types
            return sd.RawOutputStream(
                device=device.index,
                samplerate=rate,
                channels=channels,
                dtype="int16",
                latency=_BUFFER_SECONDS,
            )

        piece = round(rate * _PIECE_SECONDS)
        with running(make_stream) as stream:
            if self._device_lost:
                _LOGGER.info("The loudspeaker %s works again", self.name)
                self._device_lost = False
                self._loop.call_soon_threadsafe(self._set_works, True)
            tail = math.ceil((stream.latency + _TAIL_SECONDS) / _PIECE_SECONDS)
            lead = round(rate * _LEAD_SECONDS)
            self.schedule.begin(rate, stream.write_available)
            self.schedule.add(lead)
            stream.write(bytes(lead * channels * SAMPLE_BYTES))
            for monitor in self.monitors:
                monitor.begin(rate)
            while tracks := self._unfinished_tracks(tail):
                self.schedule.look(stream.write_available)
                mono, stereo = mixed(tracks, self._background, piece, rate, factor=self._factor)
                for monitor in self.monitors:
                    monitor.add(mono)
                self.schedule.add(piece)
                stream.write((mono if channels == 1 else stereo).tobytes())

    def _unfinished_tracks(self, tail: int) -> list[Track]:
        """Remove the tracks whose last sample has been played, and return the others."""
        with self._changed:
            finished = [track for track in self._tracks if track.silent_pieces >= tail]
            self._tracks = [track for track in self._tracks if track not in finished]
            for track in finished:
                track.on_finished()
            return [] if self._closing else list(self._tracks)

    def _discard_tracks(self) -> None:
        """Discard all tracks; each counts as finished once it has ended, so that nobody waits."""
        with self._changed:
            for track in self._tracks:
                track.lose()
            self._tracks.clear()


class _Track:
    """One sound in the mix: filled in the event loop, emptied in the loudspeaker thread."""

    def __init__(self, source: PcmFormat, on_finished: Callable[[], object] = lambda: None) -> None:
        self.is_background = False
        self.ended = False
        """No more sound will be added."""
        self.stopped = False
        """No more sound may be played, except for a fade."""
        self.lost = False
        """Whether the device failed before this was played."""
        self.silent_pieces = 0
        """Empty pieces taken since the last sound, counted only after the end."""
        self._on_finished = on_finished
        self._source = source
        # Keep the pieces as they arrive: one growing buffer would take twice its size in memory.
        self._queue: deque[memoryview] = deque()
        self._queue_lock = threading.Lock()
        self._converter: Converter | None = None
        self._ready: Samples = np.zeros((0,), np.int16)

    def add(self, pcm: bytes) -> None:
        """Queue sound."""
        if pcm and not self.lost:
            with self._queue_lock:
                self._queue.append(memoryview(pcm))

    def stop(self) -> None:
        """Stop with a short fade, and discard the remaining sound."""
        self.stopped = True
        fade = math.ceil(_PIECE_SECONDS * self._source.rate) * self._source.frame_bytes
        with self._queue_lock:
            pcm = self._pop(fade)
            self._queue.clear()
            self._queue.append(memoryview(pcm))

    def on_finished(self) -> None:
        """Handle that all has been played."""
        self._on_finished()

    def lose(self) -> None:
        """Handle that the device has failed; it counts as finished once it has ended."""
        self.lost = True
        if self.ended:
            self._on_finished()

    def take(self, length: int, rate: int) -> npt.NDArray[np.int32]:
        """Return the next samples, shape (length, 1), padded with silence."""
        stopped, ended = self.stopped, self.ended  # read before the queue
        self._convert(length, rate, flush=ended)
        taken = self._ready[:length].astype(np.int32)
        self._ready = self._ready[length:]
        if stopped:
            taken = (taken * np.linspace(1, 0, len(taken))).astype(np.int32)
            with self._queue_lock:
                self._queue.clear()
            self._ready = self._ready[:0]
            self.stopped, self.ended = False, True
        elif ended and len(taken) == 0:
            self.silent_pieces += 1
        return np.pad(taken, (0, length - len(taken)))[:, np.newaxis]

    def _convert(self, length: int, rate: int, *, flush: bool) -> None:
        if self._converter is None:
            self._converter = Converter(self._source, rate)
        pieces = [self._ready]
        missing = length - len(self._ready)
        while missing > 0 and self._queue:
            source_frames = math.ceil(missing * self._source.rate / rate)
            pcm = self._pop_locked(source_frames * self._source.frame_bytes)
            pieces.append(self._converter.convert(pcm))
            missing -= len(pieces[-1])
        if missing > 0 and flush:
            pieces.append(self._converter.finish())
        self._ready = np.concatenate(pieces)

    def _pop_locked(self, length: int) -> bytes:
        with self._queue_lock:
            return self._pop(length)

    def _pop(self, length: int) -> bytes:
        taken = bytearray()
        while self._queue and len(taken) < length:
            piece = self._queue.popleft()
            missing = length - len(taken)
            taken += piece[:missing]
            if len(piece) > missing:
                self._queue.appendleft(piece[missing:])
        return bytes(taken)
