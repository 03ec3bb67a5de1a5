"""WebSocket commands with which people teach, and see and end what was learned.

Their browser reads the verdicts that are sealed to them and works out what they could teach. Home
Assistant learns only what they approve.
"""

from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import callback
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..household.aliases import require_free
from ..privacy.errors import NotAllowedError, Refusal
from ..privacy.lessons.content import Alias, LessonKind, content_of, kind_of
from ..privacy.strict_json import base64_of
from ..privacy.teaching import MAX_SOURCES
from .command import RECORDING_NAME, Call, Commands, async_of_connection
from .listing import NamedRecordings, place_and_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    import probatio as vol
    from homeassistant.components.websocket_api.connection import ActiveConnection

    from ..privacy.household import Household
    from ..privacy.lessons.lesson import Lesson
    from ..privacy.people import PersonId
    from ..privacy.store.recordings import Recording
    from ..privacy.store.sealing import RecordingId
    from ..privacy.types import Opened
else:
    import voluptuous as vol  # an alias that Home Assistant sets up

_PAGE: Final = 50
"""Recordings in one answer."""
_LESSON: Final = vol.All(str, vol.Match(r"^[0-9a-f]{32}$"))
_SOURCES: Final[dict[str | vol.Marker, Any]] = {
    vol.Required("recordings"): vol.All([RECORDING_NAME], vol.Length(1, MAX_SOURCES))
}
_CONTENT: Final[dict[str | vol.Marker, Any]] = {vol.Required("content"): dict}

teaching_command: Final = Commands()


class _Evidence(NamedRecordings):
    """The recordings that were shown on a connection to teach from."""

    def after(self, name: str | None) -> list[tuple[str, Recording]]:
        """Return those after the one with a name, with their names; all of them without a name."""
        named = list(self._recordings.items())
        first = 0 if name is None else list(self._recordings).index(name) + 1
        return named[first:]


_EVIDENCE: Final = HassKey[dict["ActiveConnection", _Evidence]](f"{DOMAIN}_evidence")


@callback
def _evidence_of(call: Call) -> _Evidence:
    return async_of_connection(call.hass, call.connection, _EVIDENCE, _Evidence)


@teaching_command("teach/evidence", {vol.Optional("after"): RECORDING_NAME}, anyone=True)
async def _evidence(call: Call) -> object:
    """Return a page of the recordings on which the caller may read a verdict, newest first."""
    evidence, after = _evidence_of(call), call.data.get("after")

    def read(household: Household) -> object:
        person = household.require_known(call.actor.person)
        if after is None:
            evidence.name(household.teaching.evidence(person))
            household.called(person, evidence.names)
        elif evidence.get(after) is None:
            household.refuse_names(person, [after])
            raise NotAllowedError(Refusal.UNKNOWN_RECORDING)
        left = evidence.after(after)
        page = left[:_PAGE]
        named = {recording.id: (name, recording) for name, recording in page}
        shown = [
            _shown(*named[opened.recording], opened, person, teachable=teachable)
            for opened, teachable in household.teaching.read(person, [one for _, one in page])
        ]
        return {"evidence": shown, "next": page[-1][0] if len(left) > _PAGE else None}

    return await call.keeper.run(read)


@teaching_command("lessons/list", anyone=True)
async def _list(call: Call) -> object:
    """Return the lessons that the caller may see, and how often commands were misunderstood."""
    names = {id_: name for name, id_ in _evidence_of(call).names.items()}

    def read(household: Household) -> object:
        lessons = household.teaching.of(call.actor.person)
        return {
            "lessons": [_lesson_json(names, lesson) for lesson in lessons],
            "counts": [
                {
                    "month": one.month,
                    "commands": one.commands,
                    "misunderstood": one.misunderstood,
                }
                for one in household.months()
            ],
        }

    return await call.keeper.run(read)


@teaching_command(
    "lessons/approve",
    {vol.Required("kind"): vol.Coerce(LessonKind), **_CONTENT, **_SOURCES},
    anyone=True,
)
async def _approve(call: Call) -> object:
    """Learn a lesson from the named recordings."""
    kind, content = call.data["kind"], call.data["content"]
    if kind is LessonKind.ALIAS:
        require_free(call.hass, _alias(content))
    recordings = await _sources(call)
    return {
        "lesson": await call.keeper.run(
            lambda household: household.teaching.approve(
                call.actor.person, kind, content, recordings
            )
        )
    }


@teaching_command(
    "lessons/rebuild", {vol.Required("lesson"): _LESSON, **_CONTENT, **_SOURCES}, anyone=True
)
async def _rebuild(call: Call) -> object:
    """Use a lesson again, worked out from the recordings that are left of its sources."""
    lesson, content, recordings = call.data["lesson"], call.data["content"], await _sources(call)
    await call.keeper.run(
        lambda household: household.teaching.rebuild(call.actor.person, lesson, content, recordings)
    )
    return None


@teaching_command("lessons/end", {vol.Required("lesson"): _LESSON}, anyone=True)
async def _end(call: Call) -> object:
    """End a lesson for good."""
    lesson = call.data["lesson"]
    await call.keeper.run(lambda household: household.teaching.end(call.actor.person, lesson))
    return None


async def _sources(call: Call) -> list[str]:
    """Return the ids of the recordings that are named; an unknown name is recorded and refused."""
    known, names = _evidence_of(call).names, call.data["recordings"]
    if unknown := [name for name in names if name not in known]:
        await call.keeper.run(lambda household: household.refuse_names(call.actor.person, unknown))
        raise NotAllowedError(Refusal.UNKNOWN_RECORDING)
    return [known[name] for name in names]


def _alias(content: object) -> Alias:
    try:
        alias = content_of(LessonKind.ALIAS, content)
    except ValueError as err:
        raise NotAllowedError(Refusal.BAD_LESSON) from err
    assert isinstance(alias, Alias)
    return alias


def _shown(
    name: str, recording: Recording, opened: Opened, person: PersonId, *, teachable: bool
) -> dict[str, Any]:
    return {
        "recording": name,
        "id": recording.id,
        **place_and_time(recording, person),
        "key": base64_of(opened.key),
        "words": base64_of(opened.ciphertext),
        "features": None if opened.features is None else base64_of(opened.features),
        "verdicts": [base64_of(verdict) for verdict in opened.verdicts],
        "teachable": teachable,
    }


def _lesson_json(names: Mapping[RecordingId, str], lesson: Lesson) -> dict[str, Any]:
    """Return a lesson; `names` are those of the recordings that were shown."""
    sources = [source.recording for source in lesson.sources]
    return {
        "lesson": lesson.id,
        "kind": kind_of(lesson.content),
        "content": lesson.content.to_json(),
        "by": lesson.by,
        "approved": dt_util.utc_from_timestamp(lesson.approved).isoformat(timespec="seconds"),
        "state": "on" if lesson.is_on else "off",
        "rooms": sorted({source.room for source in lesson.sources}),
        "sources": len(sources),
        "recordings": [names[source] for source in sources if source in names],
    }
