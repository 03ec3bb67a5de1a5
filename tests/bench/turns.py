"""Takes turns with assistants and splits the time of each."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from demo.turns import PipelineRun, intent_of
from demo.voice import Person

from .assistants import Assistant
from .commands import COMMANDS, Command
from .satellite import Heard, NoAnswerError

_BETWEEN_TURNS_SECONDS: Final = 0.5
_RUN_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """How long each stage of a turn kept the user waiting, in seconds."""

    end_found: float | None
    """From the last sample of speech to the assistant's knowing that it was the last."""
    recognition: float | None
    """Until the text is there."""
    intent: float
    """Until it is understood and done."""
    synthesis: float
    """Until the first sound of the answer is at the satellite."""
    total: float

    @classmethod
    def of(cls, heard: Heard, run: PipelineRun) -> "Stages":
        """Put together what the satellite and Home Assistant noted, by the one clock they share."""
        recognised, done = run.times["stt-end"], run.times["intent-end"]
        end = heard.arrived.get("voice-stopped")
        return cls(
            end_found=None if end is None else end - heard.speech_ended,
            recognition=None if end is None else recognised - end,
            intent=done - recognised,
            synthesis=heard.arrived["audio-chunk"] - done,
            total=heard.arrived["audio-chunk"] - heard.speech_ended,
        )


@dataclass(slots=True)
class Results:
    """The turns of one assistant."""

    first: list[Stages]
    """The first turn after each start."""
    later: list[Stages]
    failed: int = 0
    recognised: int = 0
    """Sentences of which anything was, in all turns."""
    understood: int = 0
    """Those in which Home Assistant found the right intent."""


class Turns:
    """Takes turns with several assistants, alternately, so that both meet the same machine."""

    def __init__(self, assistants: Sequence[Assistant]) -> None:
        person = Person()
        self._speech = {command: person.speech(command.sentence) for command in COMMANDS}
        self._assistants = assistants
        self._transcripts: dict[str, list[tuple[Command, str]]] = {
            assistant.name: [] for assistant in assistants
        }
        self.results: Mapping[str, Results] = {
            assistant.name: Results([], []) for assistant in assistants
        }

    async def take_first(self) -> None:
        """Take the first turn after a start with each assistant."""
        for assistant in self._assistants:
            if (stages := await self._take(assistant, COMMANDS[0])) is not None:
                self.results[assistant.name].first.append(stages)

    async def warm_up(self) -> None:
        """Take turns that do not count."""
        for command in COMMANDS[1:3]:
            for assistant in self._assistants:
                await self._take(assistant, command)

    async def take(self, count: int) -> None:
        """Take turns that count."""
        for number in range(count):
            command = COMMANDS[number % len(COMMANDS)]
            for assistant in self._assistants:
                results = self.results[assistant.name]
                if (stages := await self._take(assistant, command)) is None:
                    results.failed += 1
                else:
                    results.later.append(stages)

    async def count_understood(self) -> None:
        """Find out, when time no longer matters, how many sentences were recognised well enough."""
        for assistant in self._assistants:
            results = self.results[assistant.name]
            for command, transcript in self._transcripts[assistant.name]:
                intent = await intent_of(assistant.home_assistant, transcript)
                results.recognised += 1
                results.understood += intent == command.intent

    async def _take(self, assistant: Assistant, command: Command) -> Stages | None:
        # Else Home Assistant would play the sound that it kept of the same answer.
        await assistant.home_assistant.action("tts.clear_cache")
        await assistant.watcher.new_runs()
        await asyncio.sleep(_BETWEEN_TURNS_SECONDS)
        try:
            heard = await assistant.satellite.say(self._speech[command])
        except NoAnswerError:
            return None
        run = await assistant.watcher.next_run(_RUN_SECONDS)
        if run is None or run.transcript is None:
            return None
        self._transcripts[assistant.name].append((command, run.transcript))
        return Stages.of(heard, run)
