"""Counts how many commands are misunderstood, before reviews and after more and more of them."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from tests.bench.home import Home, home
from tests.bench.stop_words.voices import Voice

from .doing import Doing, Done
from .hearing import Hearing
from .household import THINGS, Command, Household, Said
from .teaching import Teacher, Turn

CHECKPOINTS: Final = (10, 20, 50)
"""Reviewed turns after which commands are counted."""
ORDERS: Final = {"as they came": False, "only what was wrong": True}
"""Which turns are reviewed."""
_SITTING: Final = 10
"""Reviewed turns after which the household opens the panel's page that teaches."""
_MOST_TURNS: Final = 600
_MINUTES: Final = 17.0
"""Between two turns."""
_AGAIN_MINUTES: Final = 0.2
"""Until somebody says something again in other words."""
_REVIEWED_SEED: Final = 1
_HELD_OUT_SEED: Final = 2


@dataclass(slots=True, kw_only=True)
class Learnt:
    """What became of the held-out commands after so many reviewed turns."""

    reviewed: int
    turns: int
    """Those that the household took until then."""
    lessons: int
    wrong: int
    broken: int
    """Of those that were right before any review."""


@dataclass(slots=True, kw_only=True)
class Commands:
    """What was measured with commands."""

    held_out: int
    things: int
    wrong_by_voice: dict[str, str] = field(default_factory=dict)
    """Before any review."""
    learnt: dict[str, list[Learnt]] = field(default_factory=dict)
    """By which turns were reviewed; the first before any review."""


async def measure(voices: Sequence[Voice], count: int, progress: Callable[[str], None]) -> Commands:
    """Measure with `count` held-out commands."""
    hearing = await asyncio.to_thread(Hearing)
    speaker = Household(voices, _HELD_OUT_SEED)
    held_out = await asyncio.to_thread(lambda: list(islice(speaker.commands(held_out=True), count)))
    measured = Commands(held_out=count, things=len(THINGS))
    for order, only_wrong in ORDERS.items():
        progress(f"Reviewed: {order}")
        async with home(THINGS) as household:
            living = _Living(household, hearing, held_out, only_wrong=only_wrong)
            await living.async_begin()
            measured.learnt[order] = await living.async_learn(voices, progress)
            measured.wrong_by_voice = living.wrong_by_voice(voices)
    return measured


class _Living:
    """One household from its first turn to its last review."""

    def __init__(
        self, living_in: Home, hearing: Hearing, held_out: Sequence[Said], *, only_wrong: bool
    ) -> None:
        self._hearing = hearing
        self._understanding = living_in.understanding
        self._doing = Doing(living_in.hass)
        self._teacher = Teacher(living_in.hass)
        self._held_out = held_out
        self._only_wrong = only_wrong
        self._meant: dict[str, Done] = {}
        self._before: list[bool] = []
        self._turns = 0
        self._reviewed: list[Turn] = []

    async def async_begin(self) -> None:
        """Find out what each sentence means before anything was learned."""
        texts = {said.command.meant for said in self._held_out}
        for text in texts:
            self._meant[text] = await self._doing.async_do(text)
        await self._teacher.async_begin()

    def wrong_by_voice(self, voices: Sequence[Voice]) -> dict[str, str]:
        """Return how many held-out commands of each voice were wrong before any review."""
        return {
            f"{voice.family} {voice.name}": f"{len(rights) - sum(rights)}/{len(rights)}"
            for number, voice in enumerate(voices)
            if (
                rights := [
                    right
                    for said, right in zip(self._held_out, self._before, strict=True)
                    if said.voice == number
                ]
            )
        }

    async def async_learn(
        self, voices: Sequence[Voice], progress: Callable[[str], None]
    ) -> list[Learnt]:
        """Take turns, review and teach, and count what is misunderstood."""
        self._before = await self._async_rights()
        found = [self._learnt(self._before)]
        progress(str(found[-1]))
        household = Household(voices, _REVIEWED_SEED)
        for said in islice(household.commands(held_out=False), _MOST_TURNS):
            for turn in await self._async_take(household, said):
                self._reviewed.append(turn)
                reviewed = len(self._reviewed)
                if reviewed % _SITTING == 0:
                    await self._teacher.async_teach(self._reviewed)
                if reviewed in CHECKPOINTS:
                    found.append(self._learnt(await self._async_rights()))
                    progress(str(found[-1]))
            if len(self._reviewed) >= CHECKPOINTS[-1]:
                break
        return found

    def _learnt(self, rights: Sequence[bool]) -> Learnt:
        return Learnt(
            reviewed=len(self._reviewed),
            turns=self._turns,
            lessons=self._teacher.lessons,
            wrong=len(rights) - sum(rights),
            broken=sum(was and not is_ for was, is_ in zip(self._before, rights, strict=True)),
        )

    async def _async_rights(self) -> list[bool]:
        """Return for each held-out command whether what was meant would be done."""
        rights = []
        for said in self._held_out:
            heard = await self._hearing.hear(said, self._understanding, again=True)
            rights.append(
                await self._async_is_right(said.command, await self._doing.async_do(heard))
            )
        return rights

    async def _async_is_right(self, command: Command, done: Done) -> bool:
        return (await self._async_meant(command.meant)).actions == done.actions

    async def _async_meant(self, text: str) -> Done:
        # What Home Assistant's own names mean does not change by what is learned.
        if text not in self._meant:
            self._meant[text] = await self._doing.async_do(text)
        assert self._meant[text].actions, f"{text} means nothing"
        return self._meant[text]

    async def _async_take(self, household: Household, said: Said) -> list[Turn]:
        """Take a turn, and another in other words if that might help; return what is reviewed."""
        self._turns += 1
        minute = self._turns * _MINUTES
        turns = [await self._async_turn(said, minute)]
        if not turns[0].right and said.command.text != said.command.meant:
            again = Command(said.command.meant, said.command.meant)
            repeated = await asyncio.to_thread(household.say, again, said.voice)
            self._turns += 1
            turns.append(await self._async_turn(repeated, minute + _AGAIN_MINUTES))
        return [] if self._only_wrong and turns[0].right else turns

    async def _async_turn(self, said: Said, minute: float) -> Turn:
        heard = await self._hearing.hear(said, self._understanding)
        done = await self._doing.async_do(heard)
        return Turn(
            minute=minute,
            text=said.command.text,
            heard=heard,
            right=await self._async_is_right(said.command, done),
            done=done,
        )
