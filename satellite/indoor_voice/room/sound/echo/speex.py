"""Binds the linear echo canceller of libspeexdsp, Debian's package libspeexdsp1.

No package on PyPI binds it as well: those with the C library need a compiler, or bring a copy that
nobody updates. The library's interface has not changed since 2008.
"""

import ctypes
import weakref
from functools import cache
from typing import Final

import numpy as np

from indoor_voice.errors import UserError
from indoor_voice.room.sound.pcm import RATE, Samples

FRAME_SAMPLES: Final = 256
"""What it processes at a time, 16 ms: a power of two, and a fifth of a block."""
TAIL_SAMPLES: Final = 13 * FRAME_SAMPLES
"""The longest echo that it removes, 0.2 s: most of what a furnished room returns."""

_LIBRARY: Final = "libspeexdsp.so.1"
_SET_SAMPLING_RATE: Final = 24


class Speex:
    """Learns how the loudspeaker sounds in the microphone, and subtracts it.

    Use it in one thread at a time.
    """

    def __init__(self) -> None:
        """Prepare to learn; raises `UserError` if the library is not installed."""
        self._library = _library()
        self._state = self._library.speex_echo_state_init(FRAME_SAMPLES, TAIL_SAMPLES)
        if not self._state:
            raise MemoryError
        weakref.finalize(self, self._library.speex_echo_state_destroy, self._state)
        rate = ctypes.c_int(RATE)
        self._library.speex_echo_ctl(self._state, _SET_SAMPLING_RATE, ctypes.byref(rate))

    def cancel(self, heard: Samples, played: Samples) -> Samples:
        """Return what was heard without the echo of what was played.

        Both have the same length, a multiple of `FRAME_SAMPLES`, and the echo comes 0 to
        `TAIL_SAMPLES` samples after its original.
        """
        if heard.shape != played.shape or heard.size % FRAME_SAMPLES:
            raise ValueError(f"cannot process {heard.size} and {played.size} samples")
        near = np.ascontiguousarray(heard, np.int16)
        far = np.ascontiguousarray(played, np.int16)
        result: Samples = np.empty_like(near)
        for start in range(0, near.size, FRAME_SAMPLES):
            frame = slice(start, start + FRAME_SAMPLES)
            self._library.speex_echo_cancellation(
                self._state, near[frame].ctypes.data, far[frame].ctypes.data,
                result[frame].ctypes.data,
            )  # fmt: skip
        return result


@cache
def _library() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL(_LIBRARY)
    except OSError as err:
        raise UserError(
            "Echoes cannot be cancelled, because libspeexdsp is not installed. On Debian, install "
            "it with: sudo apt install libspeexdsp1"
        ) from err
    pointer, number = ctypes.c_void_p, ctypes.c_int
    library.speex_echo_state_init.argtypes = [number, number]
    library.speex_echo_state_init.restype = pointer
    library.speex_echo_state_destroy.argtypes = [pointer]
    library.speex_echo_state_destroy.restype = None
    library.speex_echo_ctl.argtypes = [pointer, number, pointer]
    library.speex_echo_cancellation.argtypes = [pointer, pointer, pointer, pointer]
    library.speex_echo_cancellation.restype = None
    return library
