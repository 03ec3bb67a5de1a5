"""Runs the benchmark and prints what it measured."""

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
from contextlib import AsyncExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Final

from homeassistant.components.assist_pipeline.vad import VadSensitivity

from demo.home_assistant import VIRTUAL_ENVIRONMENT, RequestError
from demo.house import House
from demo.processes import ProcessFailedError
from demo.voice import noise

from . import (
    day,
    echo,
    end_of_speech,
    endurance,
    home_assistant_turns,
    idle,
    link,
    many_turns,
    near_words,
    peers,
    review,
    room,
    stop_word,
    wake_word,
)
from .assistants import Assistant, Ours, Theirs, restart, running
from .disguises import measure as disguises
from .disguises.verifier import WeightsError
from .learning import measure as learning
from .report import Report
from .turns import Turns

PARTS: Final = ("latency", "room", "wake-word", "link", "review")
LONG_PARTS: Final = (
    "day",
    "disguise",
    "echo",
    "end-of-speech",
    "endurance",
    "learning",
    "many-turns",
    "stop-word",
)
"""Measured only on request, because they take half an hour or more."""
STARTS: Final = 3
WAKE_WORD_SECONDS: Final = 60.0


def say(text: str) -> None:
    """Print progress to standard error."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - its purpose


async def measure_latency(report: Report, folder: Path, turns: int) -> None:
    """Take turns with our assistant and, if it can be installed, with Home Assistant's own."""
    assistants: list[Assistant] = [
        Ours(folder / "ours"),
        Ours(folder / "aggressive", VadSensitivity.AGGRESSIVE),
    ]
    if (why := await peers.install((peers.FASTER_WHISPER, peers.PIPER))) is None:
        assistants.append(Theirs(folder / "theirs"))
    else:
        report.missing.append(why)
    taking = Turns(assistants)
    async with AsyncExitStack() as stack:
        for assistant in assistants:
            say(f"Starting Home Assistant with {assistant.name}")
            await stack.enter_async_context(running(assistant))
        for number in range(STARTS):
            say(f"First turn after a start, {number + 1} of {STARTS}")
            await asyncio.gather(*(restart(assistant) for assistant in assistants))
            await taking.take_first()
        say(f"{turns} turns each")
        await taking.warm_up()
        await taking.take(turns)
        await taking.count_understood()
    report.turns = dict(taking.results)


async def measure_room(report: Report, folder: Path, turns: int, idle_seconds: int) -> None:
    """Take turns with our satellite in a room, then let it and another wait for a wake word."""
    why = await peers.install((peers.OPENWAKEWORD, peers.SATELLITE))
    if why is not None:
        report.missing.append(why)
    house = House(folder, progress=say)
    async with house.running():
        say(f"{turns} turns in a room")
        report.in_room = await room.take_turns(house, turns)
        say(f"Waiting {idle_seconds} s for a wake word that does not come")
        waited = await idle.measure(house, folder, idle_seconds, with_peer=why is None)
    report.idle = {name: cost for name, cost in waited.items() if cost is not None}
    report.missing += [
        f"{name}: it does not detect its wake word" for name in waited if name not in report.idle
    ]


async def measure_wake_word(report: Report) -> None:
    """Measure the wake word engines on the same sound, and with words near wake words."""
    say("The wake word's models alone")
    sound = noise(WAKE_WORD_SECONDS)
    report.wake_word = {
        "ours": await wake_word.cost_of(wake_word.OURS, sound),
        "openwakeword": await wake_word.cost_of(wake_word.OPENWAKEWORD, sound),
    }
    report.near_words = await asyncio.to_thread(near_words.measure, say)


async def measure_link(report: Report, folder: Path, rounds: int) -> None:
    """Measure the link with and without protection."""
    say("The link alone")
    report.link = await link.measure(folder, rounds)


async def measure_review(report: Report, folder: Path, recordings: int) -> None:
    """Measure a scripted review in a browser."""
    say(f"{recordings} recordings reviewed in the panel")
    report.review = await review.measure(folder, recordings)


async def measure_end_of_speech(
    report: Report, folder: Path, commands: int, recordings: Path | None
) -> None:
    """Measure how the end of speech is found, in commands of many kinds."""
    report.end_of_speech = await end_of_speech.measure(folder, commands, say, recordings)


async def measure_echo(report: Report, turns: int, recordings: Path | None) -> None:
    """Measure what cancelling echoes does, in simulated rooms."""
    report.echo = await asyncio.to_thread(echo.measure, 2 * turns, 180.0 * turns, recordings, say)


async def measure_stop_word(report: Report, turns: int, recordings: Path | None) -> None:
    """Measure the stop word, in simulated rooms."""
    report.stop_word = await asyncio.to_thread(
        stop_word.measure, max(turns // 5, 1), 180.0 * turns, recordings, say
    )


async def measure_learning(report: Report, turns: int, recordings: Path | None) -> None:
    """Measure what reviews pay back in a simulated household."""
    report.learning = await learning.measure(turns, recordings, say)


async def measure_disguises(report: Report, turns: int, recordings: Path | None) -> None:
    """Measure how well disguises hide who speaks."""
    try:
        report.disguises = await asyncio.to_thread(disguises.measure, recordings, 3 * turns, say)
    except WeightsError as err:
        report.missing.append(str(err))


async def measure_day(report: Report, folder: Path, turns: int) -> None:
    """Live a day at higher speed."""
    say(f"A day: {turns} turns, {turns // day.TURNS_PER_TIMER} timers and alarms")
    report.day = await day.measure(folder, turns, say)


async def measure_endurance(report: Report, folder: Path, rounds: int) -> None:
    """Measure one speech server over many texts and turns."""
    say(f"{rounds * endurance.TEXTS_PER_ROUND} texts, {rounds * endurance.TURNS_PER_ROUND} turns")
    report.endurance = await endurance.measure(folder, rounds, say)


async def measure_many_turns(report: Report, folder: Path, turns: int) -> None:
    """Measure one satellite over many turns, then Home Assistant."""
    say(f"{turns} turns of one satellite")
    report.many_turns = await many_turns.measure(
        folder / "satellite", turns, max(turns // 6, 1), lambda point: say(str(point))
    )
    say(f"{turns} turns of Home Assistant")
    report.home_assistant_turns = await home_assistant_turns.measure(
        folder / "home-assistant", turns, max(turns // 6, 4), lambda point: say(str(point))
    )


async def run(  # noqa: C901, PLR0912 - a table
    arguments: argparse.Namespace, folder: Path
) -> Report:
    """Measure the requested parts; raises `ProcessFailedError`, `RequestError`."""
    report = Report(await _versions(), load=[os.getloadavg()[0]])
    parts = arguments.only or PARTS
    if "latency" in parts:
        await measure_latency(report, folder, arguments.turns)
    if "room" in parts:
        await measure_room(report, folder / "room", arguments.turns // 2, 3 * arguments.turns)
    if "wake-word" in parts:
        await measure_wake_word(report)
    if "link" in parts:
        await measure_link(report, folder / "link", arguments.turns)
    if "review" in parts:
        await measure_review(report, folder / "review", arguments.turns)
    if "echo" in parts:
        await measure_echo(report, arguments.turns, arguments.recordings)
    if "stop-word" in parts:
        await measure_stop_word(report, arguments.turns, arguments.recordings)
    if "learning" in parts:
        await measure_learning(report, arguments.turns, arguments.recordings)
    if "disguise" in parts:
        await measure_disguises(report, arguments.turns, arguments.recordings)
    if "end-of-speech" in parts:
        await measure_end_of_speech(
            report, folder / "speech", arguments.turns, arguments.recordings
        )
    if "day" in parts:
        await measure_day(report, folder / "day", 100 * arguments.turns)
    if "endurance" in parts:
        await measure_endurance(report, folder / "endurance", arguments.turns)
    if "many-turns" in parts:
        await measure_many_turns(report, folder / "many", 150 * arguments.turns)
    report.load.append(os.getloadavg()[0])
    return report


async def _versions() -> dict[str, str]:
    process = await asyncio.create_subprocess_exec(
        str(VIRTUAL_ENVIRONMENT / "bin" / "hass"), "--version", stdout=asyncio.subprocess.PIPE
    )
    printed, _ = await process.communicate()
    ours = ("indoor-voice", "faster-whisper", "piper-tts", "openwakeword", "onnxruntime")
    return {
        "Home Assistant": printed.decode().strip(),
        **{name: version(name) for name in ours},
        **{
            peer.package: peer.version
            for peer in (peers.FASTER_WHISPER, peers.PIPER, peers.OPENWAKEWORD, peers.SATELLITE)
        },
    }


def main() -> int:
    """Run the benchmark; return 0 if it could be run, whatever the results."""
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every value to FILE")
    parser.add_argument(
        "--turns",
        type=int,
        default=20,
        help="number of turns (%(default)s); everything else is in proportion",
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=PARTS + LONG_PARTS,
        help=f"measure only this part; may be repeated; {', '.join(LONG_PARTS)} need it",
    )
    parser.add_argument(
        "--recordings",
        type=Path,
        metavar="FOLDER",
        help="also measure the end of speech and wake words in the recordings that "
        "FOLDER/manifest.json lists",
    )
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="indoor-voice-"))
    try:
        report = asyncio.run(run(arguments, folder))
    except (ProcessFailedError, RequestError) as err:
        say(f"{err}\nThe logs are in {folder}")
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    print(*report.lines(), sep="\n")  # noqa: T201
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(report.as_dict(), indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
