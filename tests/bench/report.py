"""Formats the measurements as Markdown tables."""

import os
import platform
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

import numpy as np

from indoor_voice.room.sound.wake_rules import Sensitivity

from .day import LATE_SECONDS, Day
from .disguises.measure import Disguises
from .echo import Echo
from .end_of_speech import OURS, SOON_SECONDS, Found
from .endurance import Endurance
from .home_assistant_turns import SPEECH_SECONDS
from .idle import Idle
from .learning.measure import Learning
from .link import EVENTS, Link
from .many_turns import Point
from .near_words import NearWord
from .review import RECORDING_SECONDS, Reviewed
from .room import InRoom
from .spoken_commands import AFTER_SECONDS
from .stop_word import StopWords
from .turns import Results, Stages
from .wake_word import Cost

TARGET_MEDIAN_SECONDS: Final = 0.65
TARGET_AGGRESSIVE_SECONDS: Final = 0.5
TARGET_SHARE: Final = 0.3
"""Of Home Assistant's own."""
TARGET_FIRST_TURN: Final = 1.5
"""Times the median."""
TARGET_IDLE_CPU: Final = 0.015
"""CPU-seconds per second."""
TARGET_IDLE_MB: Final = 100
TARGET_PROTECTION_MS: Final = 5
TARGET_REVIEW_SECONDS: Final = 8.0
TARGET_SPEECH_MB: Final = 450
TARGET_INTERRUPTED: Final = 0.9
"""Wake words heard while the satellite speaks, relative to silence."""

_LABELS: Final = {
    "end_found": "end of speech found",
    "recognition": "recognition",
    "intent": "intent",
    "synthesis": "synthesis",
    "total": "in all",
}
_NONE: Final = "-"


@dataclass(slots=True)
class Report:
    """All measurements of one run of the benchmark."""

    versions: dict[str, str]
    began: str = field(default_factory=lambda: time.strftime("%Y-%m-%d %H:%M"))
    machine: str = field(
        default_factory=lambda: (
            f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        )
    )
    load: list[float] = field(default_factory=list)
    """The machine's load average over a minute, before and after."""
    missing: list[str] = field(default_factory=list)
    """The parts that could not be measured, and why."""
    turns: dict[str, Results] = field(default_factory=dict)
    in_room: InRoom | None = None
    idle: dict[str, Idle] = field(default_factory=dict)
    wake_word: dict[str, Cost] = field(default_factory=dict)
    near_words: list[NearWord] = field(default_factory=list)
    link: dict[str, list[Link]] = field(default_factory=dict)
    review: list[Reviewed] = field(default_factory=list)
    end_of_speech: dict[str, dict[str, Found]] = field(default_factory=dict)
    """By condition and policy."""
    echo: Echo | None = None
    stop_word: StopWords | None = None
    learning: Learning | None = None
    disguises: Disguises | None = None
    day: Day | None = None
    endurance: Endurance | None = None
    many_turns: list[Point] = field(default_factory=list)
    """Of a satellite."""
    home_assistant_turns: list[Point] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> Iterable[str]:
        """Return the report as lines of Markdown."""
        yield f"{self.began}, {self.machine}, load {' to '.join(f'{x:.1f}' for x in self.load)}"
        yield ", ".join(f"{name} {version}" for name, version in self.versions.items())
        for what in self.missing:
            yield f"Not measured: {what}"
        if self.turns:
            yield from self._latency()
        if self.in_room is not None:
            yield from self._room(self.in_room)
        if self.idle:
            yield from self._waiting(self.idle)
            yield _target(
                f"at most {TARGET_IDLE_CPU} CPU-s per second and {TARGET_IDLE_MB} MB for ours"
            )
        if self.wake_word:
            yield from self._wake_models(self.wake_word)
            yield from self._near(self.near_words)
        if self.link:
            yield from self._protection(self.link)
        if self.review:
            yield from self._reviewed(self.review)
        if self.end_of_speech:
            yield from self._ends_found(self.end_of_speech)
        yield from self._echo_cancelled()
        yield from self._stopped()
        yield from self._taught()
        yield from self._disguised()
        yield from self._lived()
        if self.endurance is not None:
            yield from self._endured(self.endurance)
        yield from self._after_many_turns()

    def _latency(self) -> Iterable[str]:
        yield from _heading("End of speech to the first byte of the answer, in seconds")
        yield from _table_head("assistant", "stage", "n", "median", "90 %", "min", "max", "first")
        for name, results in self.turns.items():
            for stage, label in _LABELS.items():
                later = _values(results.later, stage)
                first = _values(results.first, stage)
                yield _row(name, label, *_summary(later), " ".join(map(_seconds, first)))
        for name, results in self.turns.items():
            taken = len(results.later) + results.failed
            yield (
                f"{name}: {len(results.later)} of {taken} turns answered, "
                f"{results.understood} of {results.recognised} sentences understood."
            )
        medians = {
            name: float(np.median(values))
            for name, results in self.turns.items()
            if (values := _values(results.later, "total"))
        }
        slowest = max(medians.values(), default=0.0)
        for name, median in medians.items():
            if median < slowest:
                yield f"{name} takes {median / slowest:.0%} of the time of the slowest."
        yield _target(
            f"a median of {TARGET_MEDIAN_SECONDS} s, aggressively of {TARGET_AGGRESSIVE_SECONDS} s,"
            f" {TARGET_SHARE:.0%} of Home Assistant's own, and a first turn of {TARGET_FIRST_TURN} "
            "times the median"
        )

    @staticmethod
    def _room(taken: InRoom) -> Iterable[str]:
        yield from _heading("In a room: last sound of speech to first sound of the answer, seconds")
        yield from _table_head("assistant", "n", "median", "90 %", "min", "max", "first")
        first = _NONE if taken.first is None else _seconds(taken.first)
        yield _row("Indoor Voice", *_summary(taken.later), first)
        yield f"{len(taken.later)} of {len(taken.later) + taken.failed} turns answered."

    @staticmethod
    def _protection(link: dict[str, list[Link]]) -> Iterable[str]:
        yield from _heading("The link, both ends on this machine, medians in milliseconds")
        yield from _table_head("link", "n", "a new connection", f"{EVENTS} pieces of sound")
        medians = {
            name: [
                1000 * float(np.median([getattr(one, part.name) for one in uses]))
                for part in fields(Link)
            ]
            for name, uses in link.items()
        }
        for name, median in medians.items():
            yield _row(name, str(len(link[name])), *(f"{value:.1f}" for value in median))
        more = medians["protected"][0] - medians["plain"][0]
        yield f"Users wait for one new connection in a turn: {more:.1f} ms more when protected."
        yield _target(f"at most {TARGET_PROTECTION_MS} ms more in a turn")

    @staticmethod
    def _reviewed(review: list[Reviewed]) -> Iterable[str]:
        yield from _heading(
            f"Reviewing recordings of {RECORDING_SECONDS:.0f} s by keyboard, in seconds"
        )
        yield from _table_head("part", "n", "median", "90 %", "min", "max")
        for label, name in (
            ("playing and reading", "heard"),
            ("deciding and pressing the key", "judged"),
            ("until the next is shown", "next"),
            ("in all", "total"),
        ):
            yield _row(label, *_summary([getattr(one, name) for one in review]))
        yield f"Words were corrected in {sum(one.corrected for one in review)} of them."
        yield _target(f"a median of {TARGET_REVIEW_SECONDS:.0f} s for a recording")

    @staticmethod
    def _ends_found(measured: dict[str, dict[str, Found]]) -> Iterable[str]:
        yield from _heading("The end of speech: cut off early, words lost, seconds of waiting")
        policies = [
            name for name in next(iter(measured.values())) if name == OURS or OURS not in name
        ]
        yield from _table_head("", *policies)
        for condition, found in measured.items():
            yield _row(condition, *(_end_found(found[policy]) for policy in policies))
        yield (
            "Commands cut off, of all; words lost by it; median and 95 % of the wait in the rest, "
            f"in sound after their end, which is {AFTER_SECONDS:.0f} s if it wasn't found."
        )
        yield from _heading("The end of speech: our server, and without each of its techniques")
        yield from _table_head(
            *("", "", "cut off, words lost, wait", f"within {SOON_SECONDS} s"),
            *("to the text, if meaningful", "as meant", "with others' words", "failed"),
        )
        for condition, found in measured.items():
            for name in (name for name in found if name.startswith(OURS)):
                yield _row(condition, name, *_ours(found[name]))
        yield (
            "To the text: median and 95 % of the time to the transcript of those commands that "
            "mean something in the home, in seconds. As meant: of those."
        )

    def _echo_cancelled(self) -> Iterable[str]:
        echo = self.echo
        if echo is None:
            return
        yield from _heading("Wake words heard while the satellite speaks as loudly")
        yield from _table_head("wake word", "n", "in silence", "without cancelling", "cancelled")
        for word, heard in echo.heard.items():
            counts = (heard.spoken, heard.in_silence, heard.without, heard.cancelled)
            yield _row(word, *map(str, counts))
        yield _target(f"{TARGET_INTERRUPTED:.0%} of those in silence")
        yield from _heading("Woken by its own speech")
        yield from _table_head("wake word", "hours", "said", "without", "cancelled", "passed on")
        for word, own in echo.own.items():
            counts = (own.spoken, own.without, own.cancelled, own.passed_on)
            yield _row(word, f"{own.seconds / 3600:.1f}", *map(str, counts))
        yield _target("none passed on")
        removed = ", ".join(f"{level:.0f}" for level in echo.removed_db)
        yield (
            f"Removed from the echo: {removed} dB. CPU-seconds per second: {echo.cpu_playing:.4f} "
            f"while playing, {echo.cpu_idle:.6f} otherwise."
        )

    def _stopped(self) -> Iterable[str]:
        stop = self.stop_word
        if stop is None:
            return
        yield from _heading('"Stop" in voices that were kept out of training')
        yield from _table_head("while the satellite plays", "voices", "said", "heard")
        for condition, families in stop.heard.items():
            for family, recall in families.items():
                yield _row(condition, family, str(recall.spoken), f"{recall.share:.0%}")
        yield _target("90 %")
        yield from _heading('"Stop" heard where nobody said it')
        yield from _table_head("sound", "hours", "false stops")
        for sound, false in stop.false.items():
            yield _row(sound, f"{false.hours:.2f}", str(false.stops))
        yield _target("fewer than 1 per hour of its own speech")
        yield f"CPU-seconds per second: twice {stop.cpu_sounding:.4f} while it sounds."

    def _taught(self) -> Iterable[str]:
        learning = self.learning
        if learning is None:
            return
        commands = learning.commands
        yield from _heading("Commands that were misunderstood, after reviews")
        yield (
            f"{commands.usual} commands in usual sentences, {commands.other_sentences} in others, "
            f"about {commands.things} things, by {len(commands.wrong_by_voice)} voices, after "
            f"{commands.turns} turns, {commands.wrong_turns} of them wrong. Wrong of each voice in "
            "usual sentences before any review: "
            f"{', '.join(f'{voice} {wrong}' for voice, wrong in commands.wrong_by_voice.items())}."
        )
        yield ""
        yield from _table_head(
            "reviewed",
            "turns reviewed",
            "of which wrong",
            "lessons",
            "wrong",
            "in other sentences",
            "of all these, did something else",
            "right before, wrong now",
        )
        for order, learnt in commands.learnt.items():
            for one in learnt:
                wrong = f"{one.wrong} ({one.wrong / commands.usual:.0%})"
                yield _row(
                    order,
                    f"{one.reviewed}",
                    f"{one.reviewed_wrong}",
                    f"{one.lessons}",
                    wrong,
                    f"{one.wrong_in_other_sentences}",
                    f"{one.did_something_else}",
                    f"{one.broken}",
                )
        yield _target("half as many wrong after 20 reviewed turns, and none that was right before")
        yield from _heading("Wakes, after reviews")
        yield from _table_head(
            "wake word", "sensitivity", "wakes reviewed", "false wakes", "of clips", "wakes", "of"
        )
        for word, wakes in learning.wakes.items():
            for after in wakes.learnt:
                false = (after.false_wakes, wakes.others, after.wakes, wakes.meant)
                yield _row(word, wakes.sensitivity, str(after.reviewed), *map(str, false))

    def _disguised(self) -> Iterable[str]:
        if self.disguises is not None:
            yield from _heading("How often a speaker verifier is wrong about who speaks")
            yield from self.disguises.lines()

    def _lived(self) -> Iterable[str]:
        day = self.day
        if day is None:
            return
        yield from _heading("A day at higher speed")
        restarts = ", ".join(f"{what} {count}" for what, count in day.restarts.items())
        yield (
            f"{day.turns} turns, {day.failed} failed, {day.stuck} stuck; {day.announced} "
            f"announcements, {day.played} pieces of music, {day.cuts} cuts, restarts: "
            f"{restarts or 'none'}."
        )
        median, slow = _wait(day.lateness)
        worst = _seconds(max(day.lateness, default=0.0))
        yield (
            f"{day.timers} timers and {day.alarms} alarms, {day.lost} lost, {day.late} late; "
            f"rang after {median} s (median), {slow} s (95 %), {worst} s (at most)."
        )
        yield from _table_head("program", "turns", "memory, MB", "threads")
        for name, points in day.memory.items():
            for point in points:
                yield _row(name, f"{point.turns}", f"{point.rss_mb:.0f}", f"{point.threads}")
        yield _target(
            f"nothing stuck, no timer or alarm lost or more than {LATE_SECONDS:.0f} s late"
        )

    @staticmethod
    def _endured(endured: Endurance) -> Iterable[str]:
        yield from _heading("The speech server at rest")
        yield from _table_head("after", "memory, MB", "threads")
        for point in endured.points:
            yield _row(point.after, f"{point.rss_mb:.0f}", str(point.threads))
        yield f"The peak while it spoke was {endured.peak_mb:.0f} MB."
        yield (
            f"Ordinary answers: {np.median(endured.first_sound_seconds):.2f} s to the first sound, "
            f"{np.median(endured.real_time_factors):.2f} s of work for a second of sound (medians)."
        )
        yield _target(f"at most {TARGET_SPEECH_MB} MB at the end, and no more threads than before")

    def _after_many_turns(self) -> Iterable[str]:
        if self.many_turns:
            yield from self._turned("A satellite after many turns", self.many_turns)
            yield _target("no more after all turns than after the first sixth of them")
        if self.home_assistant_turns:
            title = f"Home Assistant after many turns, each with {SPEECH_SECONDS:.0f} s of answer"
            yield from self._turned(title, self.home_assistant_turns)
            yield _target("no more after all turns than after the first sixth of them")

    @staticmethod
    def _turned(title: str, points: list[Point]) -> Iterable[str]:
        yield from _heading(title)
        yield from _table_head("turns", "memory, MB", "threads")
        for point in points:
            yield _row(f"{point.turns}", f"{point.rss_mb:.0f}", str(point.threads))

    @staticmethod
    def _waiting(costs: dict[str, Idle]) -> Iterable[str]:
        yield from _heading("Waiting for the wake word")
        yield from _table_head("program", "CPU-s per second", "memory, MB", "after a turn, MB")
        for name, cost in costs.items():
            memory = (f"{cost.rss_mb:.0f}", f"{cost.woken_rss_mb:.0f}")
            yield _row(name, f"{cost.cpu_seconds_per_second:.4f}", *memory)

    @staticmethod
    def _wake_models(costs: dict[str, Cost]) -> Iterable[str]:
        yield from _heading("The wake word's models alone")
        yield from _table_head("program", "CPU-s per second", "memory, MB")
        for name, cost in costs.items():
            yield _row(name, f"{cost.cpu_seconds_per_second:.4f}", f"{cost.rss_mb:.0f}")

    @staticmethod
    def _near(words: Sequence[NearWord]) -> Iterable[str]:
        yield from _heading("Wake words, and words near them: clips that wake")
        levels = [level.value for level in Sensitivity]
        without = [f"{level}, no verifier" for level in levels]
        yield from _table_head("for", "said", "clips", "openWakeWord 0.5", *without, *levels)
        for word in words:
            counts = (word.peer, *word.unverified.values(), *word.verified.values())
            yield _row(word.wake_word, word.text, str(word.clips), *map(str, counts))


def _values(stages: Sequence[Stages], name: str) -> list[float]:
    assert name in {one.name for one in fields(Stages)}
    values = (getattr(one, name) for one in stages)
    return [value for value in values if value is not None]


def _summary(values: Sequence[float]) -> tuple[str, ...]:
    if not values:
        return ("0", *[_NONE] * 4)
    median, slow = float(np.median(values)), float(np.quantile(values, 0.9))
    return (str(len(values)), *map(_seconds, (median, slow, min(values), max(values))))


def _end_found(found: Found) -> str:
    median, slow = _wait(found.waits)
    return f"{found.cut_off}/{found.turns}, {found.words_lost} words, {median} / {slow}"


def _ours(found: Found) -> Iterable[str]:
    yield _end_found(found)
    yield f"{sum(wait <= SOON_SECONDS for wait in found.waits)}/{found.turns}"
    yield " / ".join(_wait(found.understood_answers))
    yield f"{found.as_meant}/{found.meaningful}"
    yield str(found.with_others)
    yield str(found.failed)


def _wait(waits: Sequence[float]) -> tuple[str, str]:
    if not waits:
        return _NONE, _NONE
    return _seconds(float(np.median(waits))), _seconds(float(np.quantile(waits, 0.95)))


def _seconds(number: float) -> str:
    # Adding 0.0 avoids "-0.00" for stages that take no time.
    return f"{round(number, 2) + 0.0:.2f}"


def _heading(text: str) -> Iterable[str]:
    yield ""
    yield f"## {text}"
    yield ""


def _table_head(*names: str) -> Iterable[str]:
    yield _row(*names)
    yield _row(*("---" for _ in names))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _target(text: str) -> str:
    return f"Target: {text}."
