"""Runs a demo house, speaks commands into a virtual room and shows what happens."""

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .home_assistant import HomeAssistant, RequestError
from .house import House
from .keyboard import typed_line
from .ports import free_port
from .processes import ProcessFailedError
from .readings import changes, readings
from .report import Progress, answer_of, show, show_own_voice, show_run, show_summary
from .residents import move_in, recordings_of
from .sound_check import missing_device
from .speaker import Speaker
from .turns import Watcher

ROOM: Final = "Kitchen"
PREFERRED_PORT: Final = 8123
WAKE_WORD: Final = "Hey Jarvis"
INTERRUPTED: Final = 130
"""The exit status of programs that Ctrl-C ends."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command and the change that it must lead to."""

    sentence: str
    change: str | None = None


COMMANDS: Final = (
    Command("Turn on the kitchen light.", "Kitchen light: off → on"),
    Command("Set the thermostat to 21 degrees.", "Thermostat, temperature: 19 → 21"),
    Command("Close the bedroom blinds.", "Bedroom blinds: open → closed"),
    Command("What is the temperature in the living room?"),
    Command("Turn off the kitchen light.", "Kitchen light: on → off"),
)


async def say_command(speaker: Speaker, home_assistant: HomeAssistant, command: Command) -> bool:
    """Speak a command, print what happens, and return whether it had its effect."""
    before = await readings(home_assistant)
    sentence = with_wake_word(command.sentence)
    print(f"\n  {'You say':<12}“{sentence}”", flush=True)
    turn = await speaker.say(sentence)
    if turn.run is None:
        show("Nothing", "the wake word was not detected")
        return False
    await show_run(home_assistant, turn.run, turn.speech_ended)
    changed = changes(before, await readings(home_assistant))
    for change in changed:
        show("Done", change)
    if turn.answer_began is not None:
        show("Answered", answer_of(turn.run), turn.answer_began - turn.speech_ended)
    if command.change is not None and command.change not in changed:
        show("But not", command.change)
        return False
    return turn.answer_began is not None and not turn.run.failed


def with_wake_word(sentence: str) -> str:
    """Return a typed sentence as it is spoken, with the wake word first."""
    if sentence.lower().startswith(WAKE_WORD.lower()):
        return sentence
    ending = "" if sentence.endswith((".", "?", "!")) else "."
    return f"{WAKE_WORD}, {sentence[:1].lower()}{sentence[1:]}{ending}"


async def say_commands(
    speaker: Speaker, home_assistant: HomeAssistant, commands: Sequence[Command]
) -> bool:
    """Speak commands one after the other; return whether each had its effect."""
    print("\nTimes count from the last word that is spoken.")
    outcomes = [await say_command(speaker, home_assistant, command) for command in commands]
    print(f"\n{sum(outcomes)} of {len(outcomes)} commands had their effect.", flush=True)
    return all(outcomes)


async def say_what_is_typed(speaker: Speaker, home_assistant: HomeAssistant) -> None:
    """Speak typed sentences until an empty line; without a terminal, wait until cancelled."""
    if not sys.stdin.isatty():
        print("Ctrl-C stops everything and deletes its files.", flush=True)
        await asyncio.Event().wait()
    print(
        "Anything that you type is spoken into the kitchen: try “who can hear me?”\n"
        "An empty line or Ctrl-C stops everything and deletes its files."
    )
    while True:
        print("\nSay something: ", end="", flush=True)
        if not (sentence := await typed_line(sys.stdin.fileno())):
            return
        await say_command(speaker, home_assistant, Command(sentence))


async def show_turns(house: House) -> None:
    """Print the turns that people take with the satellite until cancelled."""
    watcher = Watcher(house.home_assistant)
    while True:
        for run in await watcher.new_runs():
            print()
            await show_run(house.home_assistant, run, run.times["run-start"])
            show("Answered", answer_of(run))
        await asyncio.sleep(0.5)


def cancel_on_signals(progress: Progress) -> None:
    """Cancel this task when the demo is to stop, so that it stops what it has started."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None

    def stop() -> None:
        if not task.cancelling():
            progress("\nStopping")
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as after nohup
            loop.add_signal_handler(number, stop)


async def run(arguments: argparse.Namespace) -> int:
    """Run the house, speak the commands, stay if wanted, and return the exit status."""
    folder = Path(tempfile.mkdtemp(prefix="indoor-voice-"))
    progress = Progress()
    cancel_on_signals(progress)
    rooms = () if arguments.mic else (ROOM,)
    house = House(folder, room_names=rooms, port=free_port(PREFERRED_PORT), progress=progress)
    good: bool | None = None
    try:
        async with house.running():
            if arguments.mic:
                progress.done()
                show_own_voice(house.home_assistant.url)
                good = True
                await show_turns(house)
            speaker = Speaker(house, ROOM)
            stays = not (arguments.once or arguments.say)
            residents = []
            if stays:
                progress(
                    "Anna and Ben move in and agree to keep recordings; the satellite announces it"
                )
                residents = await move_in(house)
            await speaker.load_voice()
            progress.done()
            commands = [*map(Command, arguments.say)] or COMMANDS
            good = await say_commands(speaker, house.home_assistant, commands)
            if stays:
                waiting = await recordings_of(residents[0], captured=len(COMMANDS))
                show_summary(house.home_assistant.url, residents, waiting)
                await say_what_is_typed(speaker, house.home_assistant)
            progress("\nStopping")
    except asyncio.CancelledError:
        pass
    except (ProcessFailedError, RequestError) as err:
        progress.done()
        print(f"\n{err}", file=sys.stderr)
        good = False
    finally:
        progress.done()
    if good is False:
        print(f"The logs are in {folder}", file=sys.stderr)
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return INTERRUPTED if good is None else 0


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="script/demo", description=__doc__)
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--once", action="store_true", help="exit after the commands")
    ways.add_argument(
        "--say",
        action="append",
        default=[],
        metavar="SENTENCE",
        help="speak this instead of the commands, and exit; may be repeated",
    )
    ways.add_argument(
        "--mic",
        action="store_true",
        help="use this machine's microphone and loudspeaker, and your own voice",
    )
    return parser.parse_args()


def main() -> int:
    """Run the demo; return 0 only if every command had its effect."""
    arguments = parse_arguments()
    if arguments.mic and (missing := missing_device()):
        print(missing, file=sys.stderr)
        return 1
    return asyncio.run(run(arguments))


sys.exit(main())
