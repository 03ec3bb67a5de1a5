"""Runs a demo house, speaks commands into a virtual room and shows what happens."""

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .home_assistant import PASSWORD, USER_NAME, RequestError, free_port
from .house import House
from .processes import ProcessFailedError
from .turns import PipelineRun, Watcher, intent_of, take_turn
from .voice import Person

ROOM = "Kitchen"
PREFERRED_PORT = 8123


@dataclass(frozen=True, slots=True)
class Command:
    """A spoken command and its expected effect."""

    sentence: str
    entity_id: str | None = None
    expected: str = ""
    attribute: str | None = None


COMMANDS = (
    Command("Hey Jarvis, turn on the kitchen light.", "light.kitchen_light", "on"),
    Command(
        "Hey Jarvis, set the thermostat to 21 degrees.", "climate.thermostat", "21", "temperature"
    ),
    Command("Hey Jarvis, close the bedroom blinds.", "cover.bedroom_blinds", "closed"),
    Command("Hey Jarvis, what is the temperature in the living room?"),
    Command("Hey Jarvis, turn off the kitchen light.", "light.kitchen_light", "off"),
)


class Progress:
    """Prints the current step, and a dot for each second that it takes."""

    def __init__(self) -> None:
        self._ticker: asyncio.Task[None] | None = None

    def __call__(self, what: str) -> None:
        """Begin a step."""
        self.done()
        print(f"{what} ", end="", flush=True)
        self._ticker = asyncio.create_task(self._tick())

    def done(self) -> None:
        """End the current step."""
        if self._ticker is not None:
            self._ticker.cancel()
            self._ticker = None
            print(flush=True)

    @staticmethod
    async def _tick() -> None:
        while True:
            await asyncio.sleep(1)
            print(".", end="", flush=True)


async def value_of(house: House, command: Command) -> str:
    """Return the present value of what a command changes."""
    if command.entity_id is None:
        return ""
    if command.attribute is None:
        return await house.home_assistant.state(command.entity_id)
    value = await house.home_assistant.attribute(command.entity_id, command.attribute)
    return f"{value:g}" if isinstance(value, (int, float)) else str(value)


def show(label: str, text: str, note: str = "") -> None:
    """Print one line about a turn."""
    print(f"  {label:<11}{text:<58} {note}".rstrip(), flush=True)


async def show_turn(house: House, command: Command, person: Person, watcher: Watcher) -> bool:
    """Speak one command, print the outcome, and return whether it had its effect."""
    before = await value_of(house, command)
    print(f"\n  {'You say':<11}“{command.sentence}”", flush=True)
    turn = await take_turn(house, ROOM, person.speech(command.sentence), watcher=watcher)
    if turn.run is None:
        show("Nothing", "the wake word was not detected")
        return False
    await show_run(house, turn.run, turn.speech_ended, "the last word")
    after = await value_of(house, command)
    good = turn.answer_began is not None and turn.run.error is None
    if command.entity_id is not None:
        good = good and after == command.expected
        show("Done", f"{command.entity_id}: {before} → {after}", "" if good else "NOT as expected")
    if turn.answer_began is not None:
        seconds = turn.answer_began - turn.speech_ended
        show("Answered", answer_of(turn.run), f"heard {seconds:.2f} s after the last word")
    return good


def answer_of(run: PipelineRun) -> str:
    """Describe how Home Assistant answered a turn."""
    if run.acknowledged:
        return "with a short sound: the change was in this room"
    return f"“{run.answer}”" if run.answer else "with a cue"


async def show_run(house: House, run: PipelineRun, since: float, what: str) -> None:
    """Print what Home Assistant heard and understood, with the time since `what`."""
    if run.transcript is None:
        show("Failed", run.error or "nothing was said")
        return
    recognised = run.times["stt-end"] - since
    show("Heard", f"“{run.transcript}”", f"{recognised:.2f} s after {what}")
    intent = await intent_of(house.home_assistant, run.transcript)
    handled = run.times.get("intent-end", run.times["stt-end"]) - run.times["stt-end"]
    show("Understood", intent or run.error or "nothing", f"{handled:.3f} s")


async def say_commands(house: House) -> bool:
    """Speak the commands one after the other; return whether each had its effect."""
    person, watcher = Person(), Watcher(house.home_assistant)
    person.speech("Warming up.")
    outcomes = [await show_turn(house, command, person, watcher) for command in COMMANDS]
    print(f"\n{sum(outcomes)} of {len(outcomes)} commands had their effect.", flush=True)
    return all(outcomes)


async def show_runs(house: House) -> None:
    """Print the turns that people take with the satellite until cancelled."""
    watcher = Watcher(house.home_assistant)
    while True:
        for run in await watcher.new_runs():
            print()
            await show_run(house, run, run.times["run-start"], "the wake word")
            show("Answered", answer_of(run))
        await asyncio.sleep(0.5)


async def run(arguments: argparse.Namespace) -> bool:
    """Run the house, speak the commands, and keep the house running unless told otherwise."""
    folder = Path(tempfile.mkdtemp(prefix="indoor-voice-"))
    progress = Progress()
    rooms = () if arguments.mic else (ROOM,)
    house = House(folder, room_names=rooms, port=free_port(PREFERRED_PORT), progress=progress)
    good = False
    try:
        async with house.running():
            progress.done()
            good = arguments.mic or await say_commands(house)
            if not arguments.once:
                await stay(house, listening=arguments.mic)
            progress("\nStopping")
    except (ProcessFailedError, RequestError) as err:
        progress.done()
        print(f"\n{err}\n\nThe logs are in {folder}", file=sys.stderr)
        return False
    finally:
        progress.done()
    if good:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"The logs are in {folder}")
    return good


async def stay(house: House, *, listening: bool) -> None:
    """Keep everything running until Ctrl-C."""
    print(
        f"\nHome Assistant is running at {house.home_assistant.url} with the integration: "
        f"log in as “{USER_NAME}” with the password “{PASSWORD}”."
    )
    if listening:
        print("Say “Hey Jarvis, turn on the kitchen light.”")
    print("Ctrl-C stops everything and deletes its files.", flush=True)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    watching = asyncio.create_task(show_runs(house) if listening else asyncio.sleep(0))
    await stop.wait()
    watching.cancel()


def main() -> int:
    """Run the demo; return 0 only if every command had its effect."""
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__)
    parser.add_argument("--once", action="store_true", help="exit after the commands")
    parser.add_argument(
        "--mic",
        action="store_true",
        help="use this machine's microphone and loudspeaker, and your own voice",
    )
    arguments = parser.parse_args()
    if arguments.mic and arguments.once:
        parser.error("--once and --mic exclude each other: --mic waits for your commands")
    try:
        return 0 if asyncio.run(run(arguments)) else 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return 130


sys.exit(main())
