"""Decodes sound for satellites from Home Assistant's text-to-speech and from media."""

import asyncio
import io
import re
import wave
from typing import TYPE_CHECKING, Final

from wyoming.audio import AudioChunk, AudioFormat

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable

_MAX_HEADER_BYTES: Final = 64 * 1024
_RIFF_BYTES: Final = 12
_CHUNK_HEADER_BYTES: Final = 8
_FORMAT_BYTES: Final = 16
_FORMAT_PCM: Final = 1
_FORMAT_EXTENSIBLE: Final = 0xFFFE
_WIDTHS_BYTES: Final = range(1, 5)
_CHANNELS: Final = range(1, 9)
_RATES: Final = range(1000, 192_001)
_UNKNOWN_SIZE: Final = 0xFFFFFFFF
_UNKNOWN_SIZES: Final = (0, _UNKNOWN_SIZE)
"""Length fields of a WAV file that was started before its length was known."""

_IMPLAUSIBLE_BYTES: Final = 2**30
"""Hours of sound: such a length also means that it was not known."""
_MISSING_SECONDS: Final = 0.25
"""A file that lacks more than this was cut off; some writers get the length slightly wrong."""

_READ_BYTES: Final = 4096
_INTERRUPTED: Final = re.compile(
    rb"I/O error|Input/output error|ends prematurely|Error during demuxing|timed out"
    rb"|reset by peer",
    re.IGNORECASE,
)
"""What ffmpeg prints when its input breaks off; it then exits as if the input were complete."""
_OVERLAP_BYTES: Final = 40
"""Kept from the previous read, because a message can span two reads."""
_PROTOCOLS: Final = "http,https,tcp,tls,crypto,hls"
"""Without `file`: an announcement must not read the disk."""


class SoundError(Exception):
    """The sound cannot be obtained; the message gives the reason, for logs."""


async def wav_sound(stream: AsyncIterable[bytes]) -> AsyncGenerator[AudioChunk]:
    """Yield the sound of a WAV file as the file arrives.

    The first chunk is yielded with the header and may be empty. Each chunk holds whole frames.
    Raises `SoundError`, also at the end of a file that is shorter than its header says.
    """
    buffer = b""
    audio_format: AudioFormat | None = None
    left_bytes = frame_bytes = 0
    is_length_known = False
    async for data in stream:
        buffer += data
        if audio_format is None:
            if (header := _parse_header(buffer)) is None:
                continue
            audio_format, start, left_bytes = header
            is_length_known = left_bytes < _IMPLAUSIBLE_BYTES
            buffer = buffer[start:]
        frame_bytes = audio_format.width * audio_format.channels
        take_bytes = min(len(buffer) // frame_bytes * frame_bytes, left_bytes)
        yield _chunk(audio_format, buffer[:take_bytes])
        buffer = buffer[take_bytes:]
        left_bytes -= take_bytes
        if not left_bytes:
            return
    if audio_format is None:
        raise SoundError("text-to-speech gave no sound")
    if is_length_known and left_bytes / frame_bytes / audio_format.rate > _MISSING_SECONDS:
        raise SoundError("the sound broke off")


def wav_header(audio_format: AudioFormat) -> bytes:
    """Return the header of a WAV file whose length is not yet known."""
    with io.BytesIO() as file:
        with wave.open(file, "wb") as wav:
            wav.setframerate(audio_format.rate)
            wav.setsampwidth(audio_format.width)
            wav.setnchannels(audio_format.channels)
            wav.writeframes(b"")
        header = file.getvalue()
    unknown = _UNKNOWN_SIZE.to_bytes(4, "little")
    return header[:4] + unknown + header[8:-4] + unknown


async def media_sound(
    ffmpeg: str, url: str, audio_format: AudioFormat
) -> AsyncGenerator[AudioChunk]:
    """Fetch and decode the media at `url` with ffmpeg.

    Raises `SoundError` if there is no sound, and at the end if the media broke off.
    """
    rate, channels = str(audio_format.rate), str(audio_format.channels)
    try:
        process = await asyncio.create_subprocess_exec(
            *(ffmpeg, "-nostdin", "-loglevel", "error", "-protocol_whitelist", _PROTOCOLS),
            *("-i", url, "-vn", "-f", "s16le", "-ac", channels, "-ar", rate, "pipe:1"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except (OSError, ValueError) as err:
        raise SoundError("ffmpeg cannot be run") from err
    output, errors = process.stdout, process.stderr
    if output is None or errors is None:
        raise SoundError("ffmpeg has no output")
    reading_errors = asyncio.create_task(_reports_interruption(errors))
    silent = True
    rest = b""
    frame_bytes = 2 * audio_format.channels
    try:
        while data := await output.read(_READ_BYTES):
            rest += data
            take_bytes = len(rest) // frame_bytes * frame_bytes
            yield _chunk(audio_format, rest[:take_bytes])
            rest = rest[take_bytes:]
            silent = False
        interrupted = await reading_errors
    finally:
        reading_errors.cancel()
        if process.returncode is None:
            process.kill()
        await process.wait()
    if silent:
        raise SoundError("the media cannot be played")
    if interrupted:
        raise SoundError("the media broke off")


async def _reports_interruption(errors: asyncio.StreamReader) -> bool:
    """Read all of ffmpeg's error output, and keep none of it, because it contains addresses."""
    interrupted = False
    last = b""
    while piece := await errors.read(_READ_BYTES):
        interrupted = interrupted or _INTERRUPTED.search(last + piece) is not None
        last = piece[-_OVERLAP_BYTES:]
    return interrupted


def _chunk(audio_format: AudioFormat, audio: bytes) -> AudioChunk:
    return AudioChunk(
        rate=audio_format.rate,
        width=audio_format.width,
        channels=audio_format.channels,
        audio=audio,
    )


def _parse_header(data: bytes) -> tuple[AudioFormat, int, int] | None:
    """Return the format, the offset of the sound and its length in bytes; None if incomplete."""
    if len(data) < _RIFF_BYTES:
        return None
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise SoundError("text-to-speech gave something other than WAV")
    audio_format: AudioFormat | None = None
    position = _RIFF_BYTES
    while len(data) >= position + _CHUNK_HEADER_BYTES:
        name = data[position : position + 4]
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        position += _CHUNK_HEADER_BYTES
        if name == b"data":
            if audio_format is None:
                raise SoundError("the WAV file does not state its format")
            return audio_format, position, 2**63 if size in _UNKNOWN_SIZES else size
        if name == b"fmt " and len(data) >= position + _FORMAT_BYTES:
            audio_format = _parse_format(data[position : position + _FORMAT_BYTES])
        position += size + size % 2
    if position > _MAX_HEADER_BYTES:
        raise SoundError("the WAV file has no sound")
    return None


def _parse_format(data: bytes) -> AudioFormat:
    encoding = int.from_bytes(data[0:2], "little")
    channels = int.from_bytes(data[2:4], "little")
    rate = int.from_bytes(data[4:8], "little")
    width = int.from_bytes(data[14:16], "little") // 8
    if (
        encoding not in (_FORMAT_PCM, _FORMAT_EXTENSIBLE)
        or channels not in _CHANNELS
        or rate not in _RATES
        or width not in _WIDTHS_BYTES
    ):
        raise SoundError("the WAV file has an unusual format")
    return AudioFormat(rate=rate, width=width, channels=channels)
