"""Coverage-guided fuzzing of the frame reader and of the pairing responder.

Run by script/fuzz; accepts the options of libFuzzer.
"""

import asyncio
import contextlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["indoor_voice.link", "wyoming.event"]):
    from indoor_voice.link.pairing.responder import Guesses, PairingRefusedError, Responder
    from indoor_voice.link.wire import Connection, LinkError

LIMIT_BYTES = 1024
"""Small, so that the fuzzer soon exceeds it."""


class _Nowhere(asyncio.Transport):
    """A transport that never sends anything."""

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def is_closing(self) -> bool:
        return True


async def read(data: bytes) -> None:
    """Receive all events in `data`; only a `LinkError` may end this."""
    loop = asyncio.get_running_loop()
    transport = _Nowhere()
    reader = asyncio.StreamReader(limit=LIMIT_BYTES)
    protocol = asyncio.StreamReaderProtocol(reader)
    writer = asyncio.StreamWriter(transport, protocol, reader, loop)
    connection = Connection(
        reader, writer, max_data_bytes=LIMIT_BYTES, max_payload_bytes=LIMIT_BYTES
    )
    reader.feed_data(data)
    reader.feed_eof()
    while True:
        event = await connection.receive()
        assert len(event.payload or b"") <= LIMIT_BYTES
        with contextlib.suppress(PairingRefusedError):
            Responder(bytes(32), Guesses(), 0.0).begin(event.data, "", 0.0)


def main() -> None:
    loop = asyncio.new_event_loop()

    def one(data: bytes) -> None:
        with contextlib.suppress(LinkError):
            loop.run_until_complete(read(data))

    with TemporaryDirectory() as corpus:
        for number, seed in enumerate(
            (
                b'{"type":"ping","data":{"text":"x"}}\n',
                b'{"type":"x","data_length":9,"payload_length":3}\n{"a":[1]}abc',
                b'{"type":"pair-begin","data":{"protocol":2,"certificate":"","message":"41"}}\n',
            )
        ):
            (Path(corpus) / str(number)).write_bytes(seed)
        atheris.Setup([*sys.argv, corpus], one)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
