"""Searches process memory for traces of a turn, at intervals after the turn.

A real Home Assistant and a real speech server take turns with a scripted satellite. Then all their
writable memory is searched for what was said: the text in every encoding in which Python stores
strings, and the sound as 16-bit and as floating-point samples. Needs root, or to be their parent.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from wyoming.audio import AudioChunk, AudioStart, AudioStop

from demo.home_assistant import HomeAssistant
from demo.house import COMMAND, pairing_code
from demo.ports import free_port
from demo.processes import Program
from demo.turns import Watcher
from demo.voice import Person
from tests.component.peers import FakeSatellite
from tests.component.protection import Protection
from tests.panel.people import Login

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RATE: Final = 16_000
CHUNK: Final = 3_200
UNDERSTOOD: Final = "Turn on the kitchen light."
ACCIDENT: Final = "What is the secret of the marzipan?"
OTHERS: Final = ("Turn off the kitchen light.", "What time is it?", "Turn on the ceiling lights.")
TIMES: Final = (5.0, 60.0, 330.0)
"""Search this many seconds after deletion; conversations and speech are cached for 300 s."""
TURNS_AFTER: Final = 12
"""Home Assistant remembers the last ten runs of an assistant."""
_PARTS: Final = 12
_PART_SAMPLES: Final = 48
_LOUD: Final = 1_000
"""Of 32,768: quieter samples might be found by chance."""


@dataclass(frozen=True, slots=True)
class Said:
    """The text and sound of one turn, as the processes had them."""

    text: str
    pcm: bytes

    def texts(self) -> set[bytes]:
        """Return the text in every form in which it may be stored."""
        forms = {self.text, self.text.rstrip(".?!"), self.text.lower().rstrip(".?!")}
        return {form.encode(code) for form in forms for code in ("utf-8", "utf-16-le", "utf-32-le")}

    def sounds(self) -> list[tuple[bytes, bytes]]:
        """Return loud pieces of the sound, as 16-bit samples and as 32-bit floats."""
        samples = np.frombuffer(self.pcm, "<i2")
        starts = np.linspace(0, samples.size - _PART_SAMPLES, _PARTS).astype(int)
        pieces = [samples[start : start + _PART_SAMPLES] for start in starts]
        loud = [piece for piece in pieces if np.abs(piece).max() > _LOUD]
        return [(p.tobytes(), (p.astype(np.float32) / 32_768).tobytes()) for p in loud]


def writable_regions(pid: int) -> Iterator[bytes]:
    """Yield the writable memory regions of a process."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if found is None:
                continue
            begin, end = (int(one, 16) for one in found.groups())
            memory.seek(begin)
            try:
                yield memory.read(end - begin)
            except OSError:
                continue  # unmapped meanwhile, or unreadable


def search(pid: int, said: Said) -> tuple[int, int, int]:
    """Return how often the text occurs, and how many pieces of sound as integers and as floats."""
    texts, sounds = said.texts(), said.sounds()
    count, ints, floats = 0, set[int](), set[int]()
    for region in writable_regions(pid):
        count += sum(region.count(text) for text in texts)
        for number, (whole, fraction) in enumerate(sounds):
            if whole in region:
                ints.add(number)
            if fraction in region:
                floats.add(number)
    return count, len(ints), len(floats)


class Scene:
    """The processes, and a person who speaks to them."""

    def __init__(
        self, home_assistant: HomeAssistant, speech: Program, peer: FakeSatellite, voice: Person
    ) -> None:
        self._home_assistant = home_assistant
        self._speech = speech
        self._satellite = peer
        self._voice = voice
        self._searcher = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        self._watcher = Watcher(home_assistant)
        self._turns = 0

    async def say(self, sentence: str) -> Said:
        """Take a turn; return it with the text that was understood."""
        spoken = await asyncio.to_thread(self._voice.speech, sentence)
        pcm = bytes(RATE) + spoken + bytes(RATE)
        await self._satellite.begin_turn(None)
        await self._satellite.send(AudioStart(RATE, 2, 1))
        for start in range(0, len(pcm), CHUNK):
            await self._satellite.send(AudioChunk(RATE, 2, 1, pcm[start : start + CHUNK]))
            await asyncio.sleep(CHUNK / (2 * RATE))  # in real time, because faster would be a flood
        await self._satellite.send(AudioStop())
        self._turns += 1
        async with asyncio.timeout(120):
            while len(self._satellite.of_type("pipeline-ended")) < self._turns:
                await asyncio.sleep(0.1)
        run = await self._watcher.next_run(30)
        assert run is not None
        return Said(run.transcript or "", pcm)

    async def report(self, when: str, turns: dict[str, Said], out: Callable[[str], object]) -> None:
        for name, pid in (
            ("Home Assistant", self._home_assistant.program.pid),
            ("speech server", self._speech.pid),
        ):
            for what, said in turns.items():
                # Not in a thread: a search holds the GIL, and the satellite has to answer.
                texts, ints, floats = await asyncio.get_running_loop().run_in_executor(
                    self._searcher, search, pid, said
                )
                of = len(said.sounds())
                out(
                    f"{when:>24}  {name:>14}  {what:>10}: text {texts:3} times, "
                    f"sound {ints} of {of} pieces as integers, {floats} as floats\n"
                )
        sys.stdout.flush()


async def run(folder: Path) -> None:
    """Take the turns, and print the results."""
    out = sys.stdout.write
    voice = Person()
    voice.speech(ACCIDENT)  # slow the first time, and a satellite may not be silent for that long
    home_assistant = HomeAssistant(folder / "homeassistant")
    home_assistant.write_configuration()
    port = free_port()
    command = (COMMAND, "speech", "--host=127.0.0.1", f"--port={port}",
               f"--state-dir={folder / 'speech'}")  # fmt: skip
    speech = Program("The speech server", command, log=folder / "speech.log")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(speech)
        await stack.enter_async_context(home_assistant.running())
        await speech.wait_for_output("Listening", 120)
        await home_assistant.configure(
            "indoor_voice",
            {"next_step_id": "speech"},
            {"host": "127.0.0.1", "port": port},
            {"code": await pairing_code(speech)},
            {"create_pipeline": True, "prefer_pipeline": True},
        )
        satellite = FakeSatellite(Protection(folder / "satellite.pem"))
        await stack.enter_async_context(satellite)
        assert satellite.protection is not None
        await home_assistant.configure(
            "indoor_voice",
            {"next_step_id": "satellite"},
            {"host": "127.0.0.1", "port": satellite.port},
            {"code": satellite.protection.code},
        )
        await satellite.wait_for("run-satellite")
        ada = await Login.owner(home_assistant)
        await keep(home_assistant, ada, satellite)
        scene = Scene(home_assistant, speech, satellite, voice)
        await scene.say(OTHERS[0])
        turns = {"kept": await scene.say(UNDERSTOOD), "accident": await scene.say(ACCIDENT)}
        out(f"understood: {turns['kept'].text!r}, accident: {turns['accident'].text!r}\n")
        await scene.report("at once", turns, out)
        await delete(ada)
        began = asyncio.get_running_loop().time()
        for seconds in TIMES:
            await asyncio.sleep(max(0, began + seconds - asyncio.get_running_loop().time()))
            await scene.report(f"{seconds:.0f} s after deletion", turns, out)
        for number in range(TURNS_AFTER):
            await scene.say(OTHERS[number % len(OTHERS)])
        await scene.report(f"after {TURNS_AFTER} more turns", turns, out)


async def keep(home_assistant: HomeAssistant, ada: Login, satellite: FakeSatellite) -> None:
    """Agree to keeping, and wait until the satellite has announced it."""
    await home_assistant.set_household("retention", retention_seconds="week", max_hours=1)
    await ada.create_key()
    await ada.agree([str(satellite.id)])
    async with asyncio.timeout(120):
        while not satellite.of_type("audio-stop"):
            await asyncio.sleep(0.1)


async def delete(ada: Login) -> None:
    """Delete all recordings; there must be at least one."""
    async with ada.socket() as socket:
        listed = (await socket.call("indoor_voice/recordings/list"))["recordings"]
        assert listed, "nothing was kept"
        await socket.call(
            "indoor_voice/recordings/delete", recordings=[one["recording"] for one in listed]
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="remains-", dir="/tmp") as made:
        asyncio.run(run(Path(made)))
