"""Reviews turns as somebody who knows what was meant, and teaches what the panel proposes."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er

from custom_components.indoor_voice.household.aliases import require_free
from custom_components.indoor_voice.household.keeper import KEEPER
from custom_components.indoor_voice.household.learning import Learning
from custom_components.indoor_voice.privacy.errors import NotAllowedError
from custom_components.indoor_voice.privacy.lessons.content import Alias, Correction, Names
from custom_components.indoor_voice.privacy.lessons.lesson import Lesson
from tests.bench.recognition import words

from .doing import Done
from .hearing import LANGUAGE

_PROPOSE: Final = Path(__file__).with_name("propose.js")
_KINDS: Final[dict[str, type[Correction | Alias | Names]]] = {
    "correction": Correction,
    "alias": Alias,
    "names": Names,
}
"""Those that change what is understood."""
_BEGAN: Final = datetime(2026, 11, 2, 7, 0)  # noqa: DTZ001 - the panel gets a day and a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A command that somebody said, what was heard, and what was done."""

    minute: float
    """Since the household began."""
    text: str
    heard: str
    right: bool
    done: Done
    reported: bool = False
    """Whether somebody said at once that it was wrong."""

    def evidence(self, number: int) -> dict[str, Any]:
        """Return it as the panel opens it, with the verdict of its reviewer."""
        began = _BEGAN + timedelta(minutes=self.minute)
        misheard = words(self.text) != words(self.heard)
        verdict = "right" if self.right else "wrong-words" if misheard else "wrong-action"
        corrected = self.text if verdict == "wrong-words" else None
        return {
            "recording": str(number),
            "room": "living_room",
            "day": f"{began:%Y-%m-%d}",
            "time": f"{began:%H:%M:%S}",
            "own": True,
            "teachable": True,
            "words": {
                "transcript": self.heard,
                "language": LANGUAGE,
                "done": [{"name": name} for name in self.done.names],
                "reported": self.reported,
            },
            "verdicts": [{"clip": str(number), "verdict": verdict, "words": corrected}],
            "features": None,
        }


class Teacher:
    """Approves all that the panel proposes."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize for a household; `async_begin` must be called before anything else."""
        self._hass = hass
        self._learning = Learning(hass)
        self._lessons: list[Lesson] = []

    @property
    def lessons(self) -> int:
        """How many lessons there are."""
        return len(self._lessons)

    async def async_begin(self) -> None:
        """Begin without lessons."""
        # The only thing that learning asks of the keeper.
        view = SimpleNamespace(lessons=())
        self._hass.data[KEEPER] = cast("Any", SimpleNamespace(view=view, status=lambda _: None))
        await self._learning.async_begin()

    async def async_teach(self, turns: Sequence[Turn]) -> None:
        """Work out from reviewed turns what could be learned, and learn it."""
        evidence = [turn.evidence(number) for number, turn in enumerate(turns)]
        known = [
            {"kind": _kind(lesson), "content": lesson.content.to_json(), "recordings": []}
            for lesson in self._lessons
        ]
        for proposal in propose(
            evidence=evidence[::-1],
            lessons=known,
            things=_things(self._hass),
            others=[area.name for area in ar.async_get(self._hass).async_list_areas()],
        ):
            if "hindrance" not in proposal and proposal["kind"] in _KINDS:
                await self._async_approve(proposal)

    async def _async_approve(self, proposal: dict[str, Any]) -> None:
        content = _KINDS[proposal["kind"]].from_json(proposal["content"])
        if isinstance(content, Alias):
            try:
                require_free(self._hass, content)
            except NotAllowedError:
                return
        lesson = Lesson(
            id=str(len(self._lessons)),
            content=content,
            by="reviewer",
            approved=0.0,
            is_on=True,
            sources=(),
        )
        self._lessons.append(lesson)
        self._hass.data[KEEPER].view = cast("Any", SimpleNamespace(lessons=tuple(self._lessons)))
        await self._learning.async_follow()


def propose(**asked: Any) -> list[dict[str, Any]]:
    """Return what the panel would propose; raises `OSError`, `CalledProcessError`."""
    result = subprocess.run(  # noqa: S603 - our own command
        ["node", str(_PROPOSE)],  # noqa: S607 - as in critical.py
        input=json.dumps(asked).encode(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return list(json.loads(result.stdout))


def _kind(lesson: Lesson) -> str:
    return next(kind for kind, type_ in _KINDS.items() if isinstance(lesson.content, type_))


def _things(hass: HomeAssistant) -> list[dict[str, Any]]:
    registry = er.async_get(hass)
    return [
        {
            "entityId": state.entity_id,
            "name": state.name,
            "aliases": [alias for alias in entry.aliases if isinstance(alias, str)],
            "canHaveAliases": True,
        }
        for state in hass.states.async_all()
        if (entry := registry.async_get(state.entity_id)) is not None
    ]
