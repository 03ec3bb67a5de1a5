"""Decodes one piece of music with libmpv, in a process of its own.

Media come from anywhere, and players have faults. What hangs, crashes or needs too much memory ends
this process and nothing else, and its memory is free again when the music is over. `process.py`
starts it.

It reads one JSON object from each line of its input: `{"play": url, "rate": samples per second,
"start": seconds, "verify": whether to check certificates}` once, then `{"seek": seconds}`. It ends
with its input. Events are lines of JSON on its output:

- `{"event": "ready", "jump": n, "position": seconds, "duration": seconds or null, "seekable": …}`
  when the sound begins, and again after each seek
- `{"event": "duration", "duration": …}` and `{"event": "buffering", "buffering": …}` on changes
- `{"event": "ended"}` when all sound has been sent, or `{"event": "failed", "code": …}`

Sound leaves through the socket that is named as its argument, in packets: one byte, the number of
the seek that it follows modulo 256, then 16-bit stereo. Nobody who takes it slowly loses any:
libmpv writes into a pipe, and waits.
"""

import fcntl
import json
import os
import re
import select
import socket
import struct
import sys
import termios
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn

import mpv

FRAME_BYTES: Final = 4
"""For one sample of both channels."""
_PACKET_SECONDS: Final = 0.02
_PIPE_BYTES: Final = 16 * 1024
_BLOCKED_SECONDS: Final = 0.1
"""How often a packet that nobody takes is checked for being still wanted."""
_NETWORK_SECONDS: Final = 15
_EXPLAINED_SECONDS: Final = 2.0
_MAX_TRIED: Final = 20
"""A playlist may name itself."""

_PROTOCOLS: Final = "http,https,tcp,tls,crypto,data"
"""All that FFmpeg may open, whatever a playlist, a redirect or a container names: no files."""

_OPTIONS: Final[dict[str, object]] = {
    # Nothing but the given address decides what is opened: no files of this machine, no scripts.
    "config": False,
    "load_scripts": False,
    "ytdl": False,
    "load_unsafe_playlists": False,
    "ordered_chapters": False,
    "audio_file_auto": False,
    "sub_auto": False,
    "resume_playback": False,
    "terminal": False,
    "input_default_bindings": False,
    "demuxer_lavf_o": f"protocol_whitelist=%{len(_PROTOCOLS)}%{_PROTOCOLS}",
    "stream_lavf_o": f"protocol_whitelist=%{len(_PROTOCOLS)}%{_PROTOCOLS},reconnect=1,"
    "reconnect_delay_max=5",
    "user_agent": "indoor-voice",
    "network_timeout": _NETWORK_SECONDS,
    # Only sound
    "vid": False,
    "sid": False,
    "audio_display": False,
    "cache": True,
    "demuxer_max_bytes": "12MiB",
    "demuxer_max_back_bytes": "4MiB",
    "ao": "pcm",
    "ao_pcm_waveheader": False,
    "audio_format": "s16",
    "audio_channels": "stereo",
    "gapless_audio": True,
    "pause": True,
    "idle": True,
}

_FAULTS: Final = {
    mpv.ErrorCode.NOTHING_TO_PLAY: "media-without-sound",
    mpv.ErrorCode.UNKNOWN_FORMAT: "media-unplayable",
}
_HTTP_ERROR: Final = re.compile(r"HTTP error (\d{3})")


class _Decoder:
    """Decodes in libmpv's threads, and sends in one of its own."""

    def __init__(self, sound: socket.socket, rate: int, *, verify: bool) -> None:
        self._sound = sound
        self._sound.settimeout(_BLOCKED_SECONDS)
        self._packet_bytes = round(rate * _PACKET_SECONDS) * FRAME_BYTES
        self._pipe, self._pipe_end = os.pipe()
        fcntl.fcntl(self._pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._jump = 0
        """How often it has jumped to another position."""
        self._jumping = False
        """Whether to discard what is decoded."""
        self._restarted = threading.Event()
        self._tried = 0
        """Files that were opened before there was any sound."""
        self._started = False
        self._http_status = ""
        self._explained = threading.Event()
        """Set by the message that something can't be opened, which follows that of its cause."""
        self._error = 0
        self._has_ended = False
        """Whether any file has ended: of a playlist, there are several."""
        self._player = mpv.MPV(
            **_OPTIONS,
            ao_pcm_file=f"/dev/fd/{self._pipe_end}",
            audio_samplerate=rate,
            tls_verify=verify,
            log_handler=self._note_error,
            loglevel="warn",
        )
        self._player.register_event_callback(self._handle)
        self._sender = threading.Thread(target=self._send, name="sender", daemon=True)
        self._sender.start()

    def play(self, url: str, start_seconds: float) -> None:
        """Begin at a position, and tell when there is sound."""
        self._player["start"] = f"{start_seconds:.3f}"
        self._player.command("loadfile", url)
        self._player.observe_property("idle-active", self._end_if_idle)
        self._restarted.wait()
        self._started = True
        self._player.observe_property("duration", self._tell_duration)
        self._player.observe_property("paused-for-cache", self._tell_buffering)
        self._go_on()

    def seek(self, seconds: float) -> None:
        """Go on from another position, and tell when there is sound; too late if all is decoded."""
        # libmpv does nothing else while it can't get rid of its sound: discard that from now on.
        # As it would be decoded to its end at once, ask for a pause before, but don't wait for it.
        self._restarted.clear()
        self._player.command_async("set", "pause", "yes")
        self._jumping = True
        with suppress(SystemError):  # it has just ended
            self._player.pause = True
            self._player.command("seek", f"{seconds:.3f}", "absolute+exact")
        while not self._restarted.wait(_BLOCKED_SECONDS):
            if self._has_ended:
                return
        while self._unread():
            time.sleep(0.001)
        self._jump += 1
        self._jumping = False
        self._go_on()

    def _go_on(self) -> None:
        position = self._player.time_pos
        _tell(
            "ready",
            jump=self._jump % 256,
            position=0.0 if position is None else position,
            duration=self._player.duration,
            seekable=bool(self._player.seekable),
        )
        self._player.pause = False

    # In libmpv's event thread

    def _handle(self, event: Any) -> None:  # noqa: ANN401 - it has no types
        name = event.as_dict(decoder=mpv.lazy_decoder).get("event")
        if name == "playback-restart":
            self._restarted.set()
        elif name == "start-file" and not self._restarted.is_set():
            self._tried += 1
            if self._tried > _MAX_TRIED:
                _fail("media-unplayable")
        elif name == "end-file" and event.data.reason != event.data.REDIRECT:
            self._has_ended = True
            self._error = event.data.error

    def _note_error(self, level: str, _prefix: str, text: str) -> None:
        # The text itself contains the address.
        found = _HTTP_ERROR.search(text)
        if found is not None:
            self._http_status = found[1]
        elif level == "error":
            self._explained.set()

    def _tell_duration(self, _name: str, duration: float | None) -> None:
        _tell("duration", duration=duration)

    def _tell_buffering(self, _name: str, buffering: bool | None) -> None:  # noqa: FBT001 - a callback
        _tell("buffering", buffering=bool(buffering))

    def _end_if_idle(self, _name: str, idle: bool | None) -> None:  # noqa: FBT001 - a callback
        if idle and self._has_ended:  # it is idle before the first file, too
            threading.Thread(target=self._end, name="end").start()

    def _end(self) -> None:
        if not self._started:
            _fail(self._fault())
        # When it is idle, libmpv closes its own end.
        os.close(self._pipe_end)
        self._sender.join()
        if self._error:
            _fail(self._fault())
        _tell("ended")
        os._exit(0)

    def _fault(self) -> str:
        if self._error == mpv.ErrorCode.LOADING_FAILED:
            # Messages come after all events.
            self._explained.wait(_EXPLAINED_SECONDS)
        if self._http_status in ("404", "410"):
            return "media-not-found"
        if self._http_status:
            return "media-refused"
        if not self._error:
            return "media-without-sound"
        return _FAULTS.get(self._error, "media-unreachable")

    # In the sender's thread

    def _send(self) -> None:
        while True:
            select.select([self._pipe], [], [])
            jump = self._jump
            pcm = os.read(self._pipe, self._packet_bytes)
            if not pcm:
                return
            while len(pcm) % FRAME_BYTES:
                pcm += os.read(self._pipe, FRAME_BYTES - len(pcm) % FRAME_BYTES)
            self._send_packet(jump, bytes([jump % 256]) + pcm)

    def _send_packet(self, jump: int, packet: bytes) -> None:
        while not self._jumping and jump == self._jump:
            try:
                self._sound.send(packet)
            except TimeoutError:
                continue
            except OSError:
                os._exit(1)  # nobody listens any more
            return

    def _unread(self) -> int:
        unread = bytearray(4)
        fcntl.ioctl(self._pipe, termios.FIONREAD, unread)
        return int(struct.unpack("i", unread)[0])


def _tell(event: str, **details: object) -> None:
    sys.stdout.write(json.dumps({"event": event, **details}) + "\n")
    sys.stdout.flush()


def _fail(code: str) -> NoReturn:
    _tell("failed", code=code)
    os._exit(0)


def main() -> None:
    """Obey the commands that arrive."""
    # If memory is short, this process ends first.
    Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    decoder: _Decoder | None = None
    for line in sys.stdin:
        command = json.loads(line)
        if "play" in command:
            sound = socket.socket(fileno=int(sys.argv[1]))
            decoder = _Decoder(sound, command["rate"], verify=command["verify"])
            decoder.play(command["play"], command["start"])
        elif decoder is not None:
            decoder.seek(command["seek"])
    os._exit(0)


if __name__ == "__main__":
    main()
