"""Choosing a loudspeaker by ear and a microphone by its level, with real sound."""

import asyncio
import re
import sys
from pathlib import Path

from demo.sound import SoundServer
from demo.voice import noise
from indoor_voice.room.sound.cues import Cue
from tests.listening import cues_in
from tests.waiting import until

CODE = """
from indoor_voice.service.choosing import choose_loudspeaker, choose_microphone
print(f"{choose_loudspeaker()}|{choose_microphone()}")
"""


async def test_both_are_chosen_by_hearing_them(folder: Path) -> None:
    server = SoundServer(folder / "choosing")
    async with server.running():
        room = await server.room("attic")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CODE,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", **room.env},
        )  # fmt: skip
        async with room.recorded() as recording, asyncio.TaskGroup() as tasks:
            noise_task = tasks.create_task(room.say(noise(60.0, level_dbfs=-30)))
            # No such loudspeaker; the default one, not heard; again, heard; the default microphone.
            output, _ = await process.communicate(b"99\n\nn\n\ny\n\ny\n")
            noise_task.cancel()
            await until(
                lambda: cues_in(bytes(recording[: len(recording) // 2 * 2])),
                lambda cues: cues == {Cue.HEARD},
            )
    text = output.decode()
    assert process.returncode == 0
    assert "There is no loudspeaker 99." in text
    assert text.count("Did you hear") == 2
    bars = re.findall(r"\[(#*) *\]", text)
    assert max(map(len, bars)) > 10, text
    loudspeaker, microphone = text.splitlines()[-1].rpartition("] ")[2].split("|")
    assert loudspeaker
    assert microphone
