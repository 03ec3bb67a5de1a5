"""Counts how many commands are misunderstood, before reviews and after more and more of them.

The household first lives a week without lessons. Of what led to nothing only that is kept which
somebody reported, half of it, as without a report nothing of it can be reviewed. Then recordings
are reviewed, in the order in which the panel offers them or in which they came. Counted is what the
same people say in the time after that, in their usual sentences and in others.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from random import Random
from typing import Final, TypeAlias

from custom_components.indoor_voice.privacy.people import DAY_SECONDS
from custom_components.indoor_voice.privacy.review import choose
from custom_components.indoor_voice.privacy.store.recordings import Recording
from tests.bench.home import Home, home
from tests.bench.stop_words.voices import Voice

from .doing import Doing, Done
from .hearing import Hearing
from .household import THINGS, Command, Household, Said
from .teaching import Teacher, Turn

CHECKPOINTS: Final = (10, 20, 50)
"""Reviewed turns after which commands are counted."""
_SITTING: Final = 10
"""Reviewed turns after which the household opens the panel's page that teaches."""
_TURNS: Final = 120
"""Before the first review."""
_MINUTES: Final = 17.0
"""Between two turns."""
_REPORT_MINUTES: Final = 0.1
"""Until somebody says that a turn was wrong."""
_AGAIN_MINUTES: Final = 0.3
"""Until somebody says something again in other words."""
_REPORTED_PART: Final = 1 / 2
_USUAL_PART: Final = 2 / 3
"""Of the commands that are counted."""
_LIVED_SEED: Final = 1
_HELD_OUT_SEED: Final = 2
_ORDER_SEED: Final = 3

_Order: TypeAlias = Callable[[Sequence[Turn]], Iterator[Turn]]


@dataclass(slots=True, kw_only=True)
class Learnt:
    """What became of the held-out commands after so many reviewed turns."""

    reviewed: int
    reviewed_wrong: int
    lessons: int
    wrong: int
    """In usual sentences."""
    wrong_in_other_sentences: int
    did_something_else: int
    """Of the wrong ones, in all sentences: the others did nothing."""
    broken: int
    """Wrong ones that were right before any review, in all sentences."""


@dataclass(slots=True, kw_only=True)
class Commands:
    """What was measured with commands."""

    usual: int
    other_sentences: int
    """Held-out commands."""
    things: int
    turns: int
    """Those that the household took before the first review."""
    wrong_turns: int
    wrong_by_voice: dict[str, str] = field(default_factory=dict)
    """Of the held-out commands in usual sentences, before any review."""
    learnt: dict[str, list[Learnt]] = field(default_factory=dict)
    """By the order of reviews; the first before any review."""


async def measure(voices: Sequence[Voice], count: int, progress: Callable[[str], None]) -> Commands:
    """Measure with `count` held-out commands."""
    hearing = await asyncio.to_thread(Hearing)
    held_out = await asyncio.to_thread(_held_out, voices, count)
    usual = round(count * _USUAL_PART)
    async with home(THINGS) as household:
        turns = await _Living(household, hearing).async_live(Household(voices, _LIVED_SEED))
    measured = Commands(
        usual=usual,
        other_sentences=count - usual,
        things=len(THINGS),
        turns=len(turns),
        wrong_turns=sum(not turn.right for turn in turns),
    )
    kept = [turn for turn in turns if turn.done.actions or turn.reported]
    for name, order in ORDERS.items():
        progress(f"Reviewed: {name}")
        async with home(THINGS) as household:
            learning = _Learning(_Living(household, hearing), held_out, usual)
            measured.learnt[name] = [one async for one in learning.async_learn(order(kept))]
            for one in measured.learnt[name]:
                progress(str(one))
            measured.wrong_by_voice = learning.wrong_by_voice(voices)
    return measured


def _held_out(voices: Sequence[Voice], count: int) -> list[Said]:
    usual = round(count * _USUAL_PART)
    speaker = Household(voices, _HELD_OUT_SEED)
    return [
        *islice(speaker.commands(usual=True), usual),
        *islice(speaker.commands(usual=False), count - usual),
    ]


def _as_offered(kept: Sequence[Turn]) -> Iterator[Turn]:
    """Yield turns in the order in which the panel offers their recordings."""
    recordings = [
        Recording(
            id=str(number),
            room="living_room",
            captured=turn.minute * 60,
            expires=turn.minute * 60 + 30 * DAY_SECONDS,
            seconds=3.0,
            members=frozenset({"reviewer"}),
            listeners=frozenset({"reviewer"}),
        )
        for number, turn in enumerate(kept)
    ]
    reported = {str(number) for number, turn in enumerate(kept) if turn.reported}
    seen = set[str]()
    chance = Random(_ORDER_SEED)  # noqa: S311 - repeatable
    while recording := choose(recordings[::-1], seen, reported, chance):
        seen.add(recording.id)
        yield kept[int(recording.id)]


ORDERS: Final[dict[str, _Order]] = {"as the panel offers them": _as_offered, "as they came": iter}


class _Living:
    """One household that is heard, and knows what was meant."""

    def __init__(self, living_in: Home, hearing: Hearing) -> None:
        self.hass = living_in.hass
        self._hearing = hearing
        self._understanding = living_in.understanding
        self._doing = Doing(living_in.hass)
        self._meant: dict[str, Done] = {}

    async def async_learn_meaning(self, text: str) -> Done:
        """Return what a sentence with Home Assistant's own names means.

        That must be asked for before anything is learned.
        """
        if text not in self._meant:
            self._meant[text] = await self._doing.async_do(text)
            assert self._meant[text].actions, f"{text} means nothing"
        return self._meant[text]

    async def async_hear(self, said: Said, *, again: bool = False) -> tuple[str, Done, bool]:
        """Return what is heard, what is done, and whether that was meant."""
        meant = await self.async_learn_meaning(said.command.meant)
        heard = await self._hearing.hear(said, self._understanding, again=again)
        done = await self._doing.async_do(heard)
        return heard, done, done.actions == meant.actions

    async def async_live(self, household: Household) -> list[Turn]:
        """Take turns without lessons."""
        turns: list[Turn] = []
        random = Random(_LIVED_SEED)  # noqa: S311 - repeatable
        for number, said in enumerate(islice(household.commands(usual=True), _TURNS)):
            minute = number * _MINUTES
            turn = await self._async_turn(said, minute)
            if not turn.done.actions and random.random() < _REPORTED_PART:
                turn = replace(turn, reported=True, minute=minute + _REPORT_MINUTES)
            turns.append(turn)
            if not turn.right and said.command.text != said.command.meant:
                again = Command(said.command.meant, said.command.meant)
                repeated = await asyncio.to_thread(household.say, again, said.voice)
                turns.append(await self._async_turn(repeated, minute + _AGAIN_MINUTES))
        return turns

    async def _async_turn(self, said: Said, minute: float) -> Turn:
        heard, done, right = await self.async_hear(said)
        return Turn(minute=minute, text=said.command.text, heard=heard, right=right, done=done)


class _Learning:
    """Reviews and teaches, and counts what is misunderstood."""

    def __init__(self, living: _Living, held_out: Sequence[Said], usual: int) -> None:
        self._living = living
        self._teacher = Teacher(living.hass)
        self._held_out = held_out
        self._usual = usual
        self._before: list[bool] = []
        self._reviewed: list[Turn] = []

    async def async_learn(self, turns: Iterator[Turn]) -> AsyncIterator[Learnt]:
        """Review turns and teach, and yield what is misunderstood at each checkpoint."""
        for said in self._held_out:
            await self._living.async_learn_meaning(said.command.meant)
        await self._teacher.async_begin()
        yield await self._async_count()
        for turn in islice(turns, CHECKPOINTS[-1]):
            self._reviewed.append(turn)
            if len(self._reviewed) % _SITTING == 0:
                await self._teacher.async_teach(self._reviewed)
            if len(self._reviewed) in CHECKPOINTS:
                yield await self._async_count()

    async def _async_count(self) -> Learnt:
        heard = [await self._living.async_hear(said, again=True) for said in self._held_out]
        rights = [right for *_, right in heard]
        self._before = self._before or rights
        return Learnt(
            reviewed=len(self._reviewed),
            reviewed_wrong=sum(not turn.right for turn in self._reviewed),
            lessons=self._teacher.lessons,
            wrong=rights[: self._usual].count(False),
            wrong_in_other_sentences=rights[self._usual :].count(False),
            did_something_else=sum(bool(done.actions) and not right for _, done, right in heard),
            broken=sum(was and not is_ for was, is_ in zip(self._before, rights, strict=True)),
        )

    def wrong_by_voice(self, voices: Sequence[Voice]) -> dict[str, str]:
        """Return how many of the usual commands of each voice were wrong before any review."""
        usual = list(zip(self._held_out, self._before, strict=True))[: self._usual]
        return {
            f"{voice.family} {voice.name}": f"{rights.count(False)}/{len(rights)}"
            for number, voice in enumerate(voices)
            if (rights := [right for said, right in usual if said.voice == number])
        }
