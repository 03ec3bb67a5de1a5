"""Takes turns with assistants and splits the time of each turn into stages."""

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
    """How long the user waited for each stage of a turn, in seconds."""

    end_found: float | None
    """From the last sample of speech until the assistant has detected the end."""
    recognition: float | None
    """Until the transcript is complete."""
    intent: float
    """Until the command is understood and carried out."""
    synthesis: float
    """Until the first sound of the answer arrives at the satellite."""
    total: float

    @classmethod
    def of(cls, heard: Heard, run: PipelineRun) -> "Stages":
        """Combine the times of the satellite and Home Assistant, which share one clock."""
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
    """Sentences in all turns that have a transcript."""
    understood: int = 0
    """Those in which Home Assistant recognised the right intent."""


class Turns:
    """Takes turns with the assistants alternately, so that load affects them equally."""

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
        """Count the understood sentences, after the measurements so as not to disturb them."""
        for assistant in self._assistants:
            results = self.results[assistant.name]
            for command, transcript in self._transcripts[assistant.name]:
                intent = await intent_of(assistant.home_assistant, transcript)
                results.recognised += 1
                results.understood += intent == command.intent

    async def _take(self, assistant: Assistant, command: Command) -> Stages | None:
        # Otherwise Home Assistant would play the cached sound of the same answer.
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
