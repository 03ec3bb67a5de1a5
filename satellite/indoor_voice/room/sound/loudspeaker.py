"""The loudspeaker: one playback at a time, and cues and recordings over it."""

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

from .cues import Cue, cue_samples
from .devices import Device, DeviceLostError, Direction, SoundError, find_device, running
from .pcm import RATE, SAMPLE_BYTES, Converter, PcmFormat, Samples

_LOGGER = logging.getLogger(__name__)

_PIECE_SECONDS: Final = 0.02
_BUFFER_SECONDS: Final = 0.1
"""Of the device: less and PulseAudio falters, more and an interrupted answer talks on."""
_LEAD_SECONDS: Final = 0.04
"""Silence first: ALSA's PulseAudio plugin swallows what is written first."""
_RANGE: Final = (-32768, 32767)
_TAIL_SECONDS: Final = 0.06
"""Silence last, beside what the device buffers: closing it cuts what it has not played."""
_MAX_VOICES: Final = 8
"""That sound at once; a cue more is not heard, whoever asks for it."""


_OF_RECORDINGS: Final = PcmFormat(rate=RATE, width=SAMPLE_BYTES, channels=1)


class Loudspeaker(Protocol):
    """Something that sounds. Every method returns at once and belongs to the event loop."""

    format: PcmFormat
    """What suits it best; it plays any."""
    works: bool
    """Whether the device could be used when it was last wanted."""
    on_change: Callable[[], None]
    """Called in the loop when `works` changes."""

    def cue(self, cue: Cue) -> None:
        """Play a cue now, over what is playing."""
        ...

    def say(self, recording: Samples) -> None:
        """Play a recording at 16 kHz now, in place of one that still plays; none if empty."""
        ...

    def start(self, pcm_format: PcmFormat, on_finished: Callable[[bool], None]) -> None:
        """Begin a playback, after `stop` if there was one."""
        ...

    def play(self, pcm: bytes) -> None:
        """Play this after what is already queued."""
        ...

    def end(self) -> None:
        """Call `on_finished` in the loop when the last sample has left; false if not all did."""
        ...

    def stop(self) -> None:
        """Be quiet, and do not call `on_finished` any more."""
        ...


class DeviceLoudspeaker:
    """A loudspeaker of this machine's, opened only while there is something to hear.

    Opening takes about 10 ms; an open device that plays silence costs power all day.
    """

    def __init__(self, wish: str | None, cue_volume: float) -> None:
        """Choose a device by index or part of its name, or the system's; raises `UserError`."""
        device = find_device(Direction.OUTPUT, wish)
        self.name = device.name
        self.format = PcmFormat(rate=device.rate, width=2, channels=1)
        self.works = True
        self.on_change: Callable[[], None] = lambda: None
        self._wish = wish
        self._cue_volume = cue_volume
        self._loop = asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._voices: list[_Voice] = []
        self._playback: _Voice | None = None
        self._recording: _Voice | None = None
        self._closing = False
        self._lost = False
        self._thread = threading.Thread(target=self._run, name="loudspeaker", daemon=True)

    async def __aenter__(self) -> Self:
        """Be ready to play."""
        self._thread.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Be quiet and close the device."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join, 2.0)

    def cue(self, cue: Cue) -> None:
        """Play a cue now, over what is playing."""
        with self._changed:
            if len(self._voices) >= _MAX_VOICES:
                return
        voice = _Voice(self.format)
        voice.add(cue_samples(cue, self.format.rate, self._cue_volume).tobytes())
        voice.ended = True
        self._raise(voice)

    def say(self, recording: Samples) -> None:
        """Play a recording at 16 kHz now, in place of one that still plays; none if empty."""
        self._end(self._recording)
        self._recording = _Voice(_OF_RECORDINGS)
        self._recording.add(recording.astype("<i2", copy=False).tobytes())
        self._recording.ended = True
        self._raise(self._recording)

    def start(self, pcm_format: PcmFormat, on_finished: Callable[[bool], None]) -> None:
        """Begin a playback, after `stop` if there was one."""

        def finished() -> None:
            if self._playback is voice:
                self._playback = None
                on_finished(not voice.muted)

        voice = _Voice(pcm_format, lambda: self._loop.call_soon_threadsafe(finished))
        self._playback = voice

    def play(self, pcm: bytes) -> None:
        """Play this after what is already queued."""
        if self._playback is not None:
            self._playback.add(pcm)
            self._raise(self._playback)

    def end(self) -> None:
        """Call `on_finished` in the loop when the last sample has left; false if not all did."""
        if self._playback is not None:
            self._playback.ended = True
            self._raise(self._playback)

    def stop(self) -> None:
        """Be quiet, and do not call `on_finished` any more."""
        self._end(self._playback)
        self._playback = None

    def _end(self, voice: "_Voice | None") -> None:
        if voice is not None:
            voice.stop()
            with self._changed:
                # Beside so many there is no room for a fade: a device that hangs takes none.
                if voice in self._voices and len(self._voices) >= _MAX_VOICES:
                    self._voices.remove(voice)

    def _raise(self, voice: "_Voice") -> None:
        with self._changed:
            if voice.muted:
                if voice.ended:
                    voice.on_finished()
            elif voice not in self._voices:
                self._voices.append(voice)
                self._changed.notify()

    def _note(self, works: bool) -> None:  # noqa: FBT001 - called by the loop
        if works is not self.works:
            self.works = works
            self.on_change()

    # The thread that owns the device

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._voices or self._closing)
                if self._closing:
                    return
            try:
                self._perform(find_device(Direction.OUTPUT, self._wish))
            except (DeviceLostError, UserError) as err:
                if not self._lost:
                    _LOGGER.error("The loudspeaker %s cannot be used: %s", self.name, err)  # noqa: TRY400 - the message says it all
                self._lost = True
                self._loop.call_soon_threadsafe(self._note, False)
                self._mute()

    def _perform(self, device: Device) -> None:
        """Play until every voice is over; raises `DeviceLostError`."""
        rate, channels = device_format(device)

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
            if self._lost:
                _LOGGER.info("The loudspeaker %s works again", self.name)
                self._lost = False
                self._loop.call_soon_threadsafe(self._note, True)
            tail = math.ceil((stream.latency + _TAIL_SECONDS) / _PIECE_SECONDS)
            stream.write(bytes(round(rate * _LEAD_SECONDS) * channels * SAMPLE_BYTES))
            while voices := self._sounding(tail):
                mixed = sum((voice.take(piece, rate) for voice in voices), _silence(piece))
                out = np.clip(mixed, *_RANGE).astype("<i2")
                stream.write(np.repeat(out, channels).tobytes())

    def _sounding(self, tail: int) -> list["_Voice"]:
        """Drop the voices whose last sample left the device; return the others."""
        with self._changed:
            over = [voice for voice in self._voices if voice.silent_pieces >= tail]
            self._voices = [voice for voice in self._voices if voice not in over]
            for voice in over:
                voice.on_finished()
            return [] if self._closing else list(self._voices)

    def _mute(self) -> None:
        """Let all that would sound be over when it ends, so that nobody waits for it."""
        with self._changed:
            for voice in self._voices:
                voice.muted = True
                if voice.ended:
                    voice.on_finished()
            self._voices.clear()


class _Voice:
    """One thing to hear: filled by the event loop, emptied by the loudspeaker's thread."""

    def __init__(self, source: PcmFormat, on_finished: Callable[[], object] = lambda: None) -> None:
        self.on_finished = on_finished
        self.ended = False
        """Nothing more comes."""
        self.stopped = False
        """Nothing more may be heard."""
        self.muted = False
        """There was no device to play it."""
        self.silent_pieces = 0
        """Pieces taken since the last one with sound in it; counts only after the end."""
        self._source = source
        # Pieces as they came: one that grows would take twice its size in memory.
        self._queue: deque[memoryview] = deque()
        self._queue_lock = threading.Lock()
        self._converter: Converter | None = None
        self._ready: Samples = np.zeros((0,), np.int16)

    def add(self, pcm: bytes) -> None:
        """Queue sound."""
        if pcm and not self.muted:
            with self._queue_lock:
                self._queue.append(memoryview(pcm))

    def stop(self) -> None:
        """Let nothing more be heard but a short fade, and keep nothing more in memory."""
        self.stopped = True
        fade = math.ceil(_PIECE_SECONDS * self._source.rate) * self._source.frame_bytes
        with self._queue_lock:
            pcm = self._take(fade)
            self._queue.clear()
            self._queue.append(memoryview(pcm))

    def take(self, length: int, rate: int) -> npt.NDArray[np.int32]:
        """Return the next samples, shape (length,), with silence for what is not there."""
        stopped, ended = self.stopped, self.ended  # before the queue is looked at
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
        return np.pad(taken, (0, length - len(taken)))

    def _convert(self, length: int, rate: int, *, flush: bool) -> None:
        if self._converter is None:
            self._converter = Converter(self._source, rate)
        pieces = [self._ready]
        missing = length - len(self._ready)
        while missing > 0 and self._queue:
            source_frames = math.ceil(missing * self._source.rate / rate)
            pcm = self._cut(source_frames * self._source.frame_bytes)
            pieces.append(self._converter.convert(pcm))
            missing -= len(pieces[-1])
        if missing > 0 and flush:
            pieces.append(self._converter.finish())
        self._ready = np.concatenate(pieces)

    def _cut(self, length: int) -> bytes:
        with self._queue_lock:
            return self._take(length)

    def _take(self, length: int) -> bytes:
        taken = bytearray()
        while self._queue and len(taken) < length:
            piece = self._queue.popleft()
            missing = length - len(taken)
            taken += piece[:missing]
            if len(piece) > missing:
                self._queue.appendleft(piece[missing:])
        return bytes(taken)


def _silence(length: int) -> npt.NDArray[np.int32]:
    return np.zeros((length,), np.int32)


def device_format(device: Device) -> tuple[int, int]:
    """Return what to open `device` with: mono if it takes that."""
    try:
        sd.check_output_settings(
            device=device.index, channels=1, dtype="int16", samplerate=device.rate
        )
    except SoundError:
        return device.rate, min(device.channels, 2)
    return device.rate, 1
