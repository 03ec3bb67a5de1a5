"""A household for tests: two people in the kitchen, a listener both named, and one person alone."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from custom_components.indoor_voice.privacy.consent.consent import Purpose, Terms
from custom_components.indoor_voice.privacy.consent.disguise import Disguise
from custom_components.indoor_voice.privacy.consent.notices import CURRENT
from custom_components.indoor_voice.privacy.people import (
    DAY_SECONDS,
    Arrangement,
    Ceiling,
    Person,
    Room,
)
from custom_components.indoor_voice.privacy.sitting import Sitting, Stop
from custom_components.indoor_voice.privacy.store.clock import Clock
from custom_components.indoor_voice.privacy.store.sealing import Part
from custom_components.indoor_voice.privacy.types import Actor, EndedTurn, Verdict

from .exposed import ExposedHousehold
from .listener import Listener, seal_verdict

if TYPE_CHECKING:
    from pathlib import Path

ADA, BEN, CLEO, DEE = "ada", "ben", "cleo", "dee"
KITCHEN, STUDY = "kitchen", "study"
WEEK: Final = 7 * DAY_SECONDS
SECRET: Final = "what is the secret of the marzipan"  # noqa: S105 - a transcript
SYSTEM: Final = Actor(person=None, how="system")
SOUND: Final = bytes(range(256)) * 20


@dataclass
class Home:
    """Ada and Ben are members of the kitchen and have named Cleo; Dee is the study's member."""

    path: Path
    wall: float = 1.8e9
    elapsed: float = 0.0
    listeners: dict[str, Listener] = field(
        default_factory=lambda: {person: Listener.quick() for person in (ADA, BEN, CLEO, DEE)}
    )

    def __post_init__(self) -> None:
        self.household = self.open()
        everyone = {ADA, BEN, CLEO, DEE}
        self.arrangement = Arrangement(
            people={one: Person(id=one, name=one, has_account=True) for one in everyone},
            accounts=frozenset(everyone),
            rooms={
                KITCHEN: Room(id=KITCHEN, name="Kitchen", excluded=frozenset({CLEO, DEE})),
                STUDY: Room(id=STUDY, name="Study", excluded=frozenset({ADA, BEN, CLEO})),
            },
            ceiling=Ceiling(retention_seconds=WEEK, review=True),
        )
        self.household.arrange(self.arrangement, SYSTEM)
        for person, listener in self.listeners.items():
            self.household.add_key(person, listener.public)
        for person, room in ((CLEO, KITCHEN), (DEE, KITCHEN)):
            self.give(person, Purpose.LEFT_OUT, room)
        for person in (ADA, BEN, CLEO):
            self.give(person, Purpose.LEFT_OUT, STUDY)
        for person, room in ((ADA, KITCHEN), (BEN, KITCHEN), (DEE, STUDY)):
            self.give(person, Purpose.KEEP, room, limit=WEEK)
        self.name(ADA, BEN, CLEO)
        self.name(BEN, CLEO)

    def open(self) -> ExposedHousehold:
        clock = Clock(lambda: self.wall, lambda: self.elapsed)
        return ExposedHousehold.open(self.path, clock, bytes(32))

    def restart(self) -> None:
        self.household.close()
        self.start()

    def start(self) -> None:
        self.household = self.open()
        self.household.arrange(self.arrangement, SYSTEM)

    def wait(self, seconds: float) -> None:
        self.wall += seconds
        self.elapsed += seconds

    def give(
        self, person: str, purpose: Purpose, room: str, limit: float | None = None, *named: str
    ) -> None:
        terms = Terms(
            purpose=purpose,
            rooms=frozenset({room}),
            limit_seconds=limit,
            listeners=frozenset(named),
            disguise=Disguise.NONE if purpose is Purpose.LISTEN else None,
        )
        self.household.give(person, terms, CURRENT[purpose, "en"].sha256, 90 * DAY_SECONDS, "panel")

    def name(self, person: str, *named: str) -> None:
        """Give a person's consent to be heard in the kitchen by the people named, as it was."""
        self.give(person, Purpose.LISTEN, KITCHEN, None, *named)

    def say(self, text: str = SECRET, room: str = KITCHEN) -> str:
        turn = EndedTurn(
            room=room,
            understood=True,
            about_keeping=False,
            sound=SOUND,
            words={"transcript": text},
        )
        recording = self.household.turn_ended(turn).recording
        assert recording
        self.wait(60)
        return recording

    def report(self, text: str = SECRET, room: str = KITCHEN) -> str:
        """Say what leads to nothing, and that this was wrong."""
        turn = EndedTurn(
            room=room,
            understood=False,
            about_keeping=False,
            sound=SOUND,
            words={"transcript": text},
        )
        self.household.turn_ended(turn)
        recording = self.household.turn_reported(turn).recording
        assert recording
        return recording

    # Reviewing

    def show(self, sitting: Sitting, person: str, *, go_on: bool = False) -> str:
        name = self.household.review.next(sitting, person, go_on=go_on)
        assert not isinstance(name, Stop), name
        return name

    def stop(self, sitting: Sitting, person: str, *, go_on: bool = False) -> Stop:
        stop = self.household.review.next(sitting, person, go_on=go_on)
        assert isinstance(stop, Stop)
        return stop

    def hear(self, sitting: Sitting, person: str, name: str) -> str:
        """Open words and sound with the person's key; return what was said."""
        words = self.household.review.open(sitting, person, name, Part.WORDS)
        sound = self.household.review.open(sitting, person, name, Part.SOUND)
        listener = self.listeners[person]
        assert listener.open(sound.key, sound.recording, "sound", sound.ciphertext).endswith(SOUND)
        content = listener.open(words.key, words.recording, "words", words.ciphertext)
        said: str = json.loads(content)["transcript"]
        return said

    def judge(
        self,
        sitting: Sitting,
        person: str,
        verdict: Verdict = Verdict.RIGHT,
        words: str | None = None,
        *,
        go_on: bool = False,
    ) -> str:
        """Listen to the next recording and judge it; return what was said."""
        name = self.show(sitting, person, go_on=go_on)
        said = self.hear(sitting, person, name)
        self.say_of(sitting, person, name, verdict, words)
        return said

    def say_of(
        self,
        sitting: Sitting,
        person: str,
        name: str,
        verdict: Verdict = Verdict.RIGHT,
        words: str | None = None,
    ) -> None:
        """Judge a recording after listening to it."""
        opened = self.household.review.open(sitting, person, name, Part.WORDS)
        sealed = seal_verdict(opened.recording, verdict, words, opened.readers)
        self.household.review.judge(sitting, person, name, verdict, sealed)

    def verdicts(self, person: str, recording: str) -> list[dict[str, Any]]:
        """Return the verdicts on a recording, opened with a person's key."""
        sealed = self.household.stored.verdicts(recording, person)
        listener = self.listeners[person]
        return [json.loads(listener.unseal(one)) for one in sealed]

    def read_by(self) -> set[tuple[str, str]]:
        """Return pairs of a recording and a person who can read a verdict on it."""
        return set(self.household.database.read("SELECT clip, person FROM verdict"))

    def kinds(self, person: str) -> list[str]:
        """Return the kinds of the ledger's rows about a person, newest first."""
        return [row.kind.value for row in self.household.rows(person)]
