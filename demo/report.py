"""Prints what happens in the demo."""

import asyncio
from collections.abc import Sequence

from .home_assistant import PASSWORD, USER_NAME, HomeAssistant
from .residents import Resident
from .turns import PipelineRun, intent_of


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


def show(label: str, text: str, seconds: float | None = None) -> None:
    """Print one line about a turn, and when it happened."""
    time = "" if seconds is None else f"{seconds:.2f} s"
    print(f"  {label:<12}{text:<57} {time:>7}".rstrip(), flush=True)


async def show_run(home_assistant: HomeAssistant, run: PipelineRun, since: float) -> None:
    """Print what Home Assistant heard and understood; times count from `since`."""
    if run.transcript is None:
        show("Failed", run.error or "nothing was said")
        return
    show("Heard", f"“{run.transcript}”", run.times["stt-end"] - since)
    understood = await intent_of(home_assistant, run.transcript)
    show(
        "Understood",
        understood or "nothing",
        run.times.get("intent-end", run.times["stt-end"]) - since,
    )


def answer_of(run: PipelineRun) -> str:
    """Describe how Home Assistant answered a turn."""
    if run.acknowledged:
        return "with a short sound: the change was in this room"
    return f"“{run.answer}”" if run.answer else "with a cue"


def show_summary(url: str, residents: Sequence[Resident], recordings: int) -> None:
    """Print where to go, who can log in there, and which recordings wait to be heard."""
    names = " or ".join(resident.name for resident in residents)
    show_addresses(url)
    print(f"  {'log in as':<16}{'password':<12}passphrase of the listening key")
    for resident in residents:
        print(f"  {resident.user_name:<16}{resident.password:<12}{resident.passphrase}")
    print(f"  {USER_NAME:<16}{PASSWORD:<12}the administrator, who can't listen")
    print(
        f"\n{recordings} recordings wait to be heard: log in as {names}, open the\n"
        "panel's page Recordings, and unlock them with the passphrase.",
        flush=True,
    )


def show_own_voice(url: str) -> None:
    """Print where to go and what to say if people use the demo with their own voices."""
    show_addresses(url)
    print(f"  log in as       {USER_NAME}, with the password {PASSWORD}")
    print(
        "\nSay “Hey Jarvis, turn on the kitchen light.” What you say is not kept.\n"
        "Ctrl-C stops everything and deletes its files. Times count from the wake word.",
        flush=True,
    )


def show_addresses(url: str) -> None:
    """Print where Home Assistant and the panel are."""
    print(f"\n  Home Assistant  {url}\n  the panel       {url}/indoor-voice\n")
