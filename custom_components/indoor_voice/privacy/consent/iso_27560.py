"""Export a person's consents as records of ISO/IEC TS 27560:2023.

The format is JSON-LD in terms of the W3C's Data Privacy Vocabulary (DPV 2.3,
<https://w3id.org/dpv/guides/consent-27560>). It is for export only: the rules use `ConsentRecord`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from ..people import DAY_SECONDS, MAX_RETENTION_SECONDS
from .consent import Channel, Purpose, State
from .disguise import Disguise

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ..people import Person, PersonId, RoomId
    from .consent import ConsentEvent, ConsentRecord

STORED_AT: Final = "in this household's Home Assistant, sealed"
_LESSONS_STORED_AT: Final = "in this household's Home Assistant and on its satellites, not sealed"
WITHDRAWN_BY: Final = (
    "In the Indoor Voice panel or by the action indoor_voice.withdraw_consent: at once, in one step"
)

_CONTEXT: Final = {
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "loc": "https://w3id.org/dpv/loc#",
    "pd": "https://w3id.org/dpv/pd#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}
_RECORD_PROFILE: Final = "https://w3id.org/dpv/schema/dpv-27560#record"
_CONSENT_TYPE: Final = "dpv:ExplicitlyExpressedConsent"
_STATES: Final = {
    State.GIVEN: "dpv:ConsentGiven",
    State.REFUSED: "dpv:ConsentRefused",
    State.WITHDRAWN: "dpv:ConsentWithdrawn",
    # DPV has no term for it. By answering again, a person withdraws the earlier answer.
    State.SUPERSEDED: "dpv:ConsentWithdrawn",
    State.EXPIRED: "dpv:ConsentExpired",
}
_PURPOSES: Final = {
    Purpose.KEEP: "Keeping recordings of commands, to find out what was misunderstood",
    Purpose.LISTEN: "Listening to kept recordings by named people, for the same purpose",
    Purpose.TEACH: "Learning lessons from reviewed recordings, to make fewer mistakes",
    Purpose.LEFT_OUT: "Letting the others in a room decide about keeping and listening",
}
_OUTSIDERS: Final = {
    Disguise.NONE: "Recipients who are not expected in the room hear the sound as it was",
    Disguise.VOICE: "Recipients who are not expected in the room hear a changed voice",
    Disguise.RESPOKEN: "Recipients who are not expected in the room hear the words spoken again",
    Disguise.WORDS: "Recipients who are not expected in the room get the words only",
}
_METHODS: Final[Mapping[Channel, str]] = {
    "action": "An action in Home Assistant, under the person's own login",
    "panel": "The Indoor Voice panel, under the person's own login",
    "options": "The settings in Home Assistant, under the person's own login",
    "voice": "Spoken to the assistant in the room",
    "system": "By itself",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """The household as the data controller."""

    id: str
    name: str
    address: str
    contact: str
    """The person to ask."""

    country: str | None
    """ISO 3166-1 alpha-2; None if unknown."""

    policy_url: str
    """The page that says what is kept and what is not."""


def iso_27560_record(
    record: ConsentRecord, people: Mapping[PersonId, Person], household: Controller
) -> dict[str, object]:
    """Return a record as JSON-LD, with all fields that ISO/IEC TS 27560 requires.

    Only people in `people` are named; pass people only for a person's own export.
    """
    return {
        "@context": _CONTEXT,
        "@id": f"urn:uuid:{record.id}",
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": _RECORD_PROFILE,
        "dct:identifier": record.id,
        "dpv:hasDataSubject": _person_iri(record.principal),
        "dpv:hasNotice": {
            "@type": "dpv:ConsentNotice",
            "dct:identifier": record.notice_id,
            "dct:language": record.language,
            "schema:sha256": record.notice_sha256,
        },
        "dct:language": record.language,
        "dpv:hasProcess": _process(record, household),
        "dpv:hasJurisdiction": f"loc:{household.country}" if household.country else "not stated",
        "dpv:hasConsentControl": {
            "@type": "dpv:WithdrawConsent",
            "dpv:isExercisedAt": WITHDRAWN_BY,
        },
        "dpv:hasRight": {
            "@type": "dpv:DataSubjectRight",
            "dct:title": "To withdraw, to delete, to have a copy and to see who listened",
            "dpv:isExercisedAt": household.policy_url,
        },
        "dpv:hasEntity": [
            _controller(household),
            _person(record.principal, "dpv:DataSubject", people),
            *(_person(one, "dpv:Recipient", people) for one in sorted(record.terms.listeners)),
        ],
        "dpv:hasConsentStatus": [_event(record, event, household) for event in record.events],
    }


def _process(record: ConsentRecord, household: Controller) -> dict[str, object]:
    terms = record.terms
    teaches = terms.purpose is Purpose.TEACH
    disguised = {} if terms.disguise is None else {"dct:description": _OUTSIDERS[terms.disguise]}
    return {
        "@type": "dpv:Process",
        "dct:title": _PURPOSES[terms.purpose],
        **disguised,
        "dpv:hasPurpose": "dpv:ImproveExistingProductsAndServices",
        "dpv:hasLegalBasis": _CONSENT_TYPE,
        "dpv:hasPersonalData": [
            _personal_data("pd:VoiceCommunicationRecording", "The sound of a command"),
            _personal_data("pd:Communication", "Its text, what was done and the answer"),
        ],
        "dpv:hasProcessing": ["dpv:Record", "dpv:Store", "dpv:Access", "dpv:Erase"],
        "dpv:hasDataController": _household_iri(household),
        "dpv:hasRecipient": [
            "dpv:DataSubject",
            *(_person_iri(listener) for listener in sorted(terms.listeners)),
        ],
        "dpv:hasStorageCondition": [
            {
                "@type": "dpv:StorageLocation",
                "dpv:hasLocation": {
                    "@type": "dpv:LocalLocation",
                    "dct:description": _LESSONS_STORED_AT if teaches else STORED_AT,
                },
            },
            {
                "@type": "dpv:StorageDuration",
                "dpv:hasDuration": _temporal(_retention_seconds(record)),
            },
        ],
        "dpv:hasTechnicalMeasure": (
            [] if teaches else ["dpv:EncryptionAtRest", "dpv:AsymmetricEncryption"]
        ),
        "dct:spatial": _room_iris(terms.rooms),
    }


def _controller(household: Controller) -> dict[str, object]:
    return {
        "@id": _household_iri(household),
        "@type": "dpv:DataController",
        "dpv:hasIdentifier": household.id,
        "dpv:hasName": household.name,
        "dpv:hasAddress": household.address,
        "dpv:hasContact": household.contact,
    }


def _personal_data(category: str, description: str) -> dict[str, object]:
    return {
        "@type": "dpv:PersonalData",
        "skos:broader": category,
        "dct:description": description,
        "dpv:hasNecessity": "dpv:Optional",
    }


def _person(id_: PersonId, role: str, people: Mapping[PersonId, Person]) -> dict[str, object]:
    entity: dict[str, object] = {
        "@id": _person_iri(id_),
        "@type": ["dpv:NaturalPerson", role],
        "dpv:hasIdentifier": id_,
    }
    if id_ in people:
        entity["dpv:hasName"] = people[id_].name
    return entity


def _event(record: ConsentRecord, event: ConsentEvent, household: Controller) -> dict[str, object]:
    given = event.state is State.GIVEN
    by = _household_iri(household) if event.by is None else _person_iri(event.by)
    return {
        "@type": [_STATES[event.state], _CONSENT_TYPE],
        "dct:description": event.state.value,
        "dpv:isIndicatedAtTime": _date_time(event.time),
        "dpv:isIndicatedBy": by,
        "dpv:hasIndicationMethod": _METHODS[event.how],
        "dpv:hasDuration": (
            _temporal(record.valid_seconds) if given else {"@type": "dpv:EndlessDuration"}
        ),
        "dct:spatial": _room_iris(record.terms.rooms if event.rooms is None else event.rooms),
    }


def _retention_seconds(record: ConsentRecord) -> float:
    """Return how long recordings may be kept; without a limit, the most that any consent allows.

    Lessons are kept as long as the consent holds.
    """
    if record.given_at is None:
        return 0.0
    if record.terms.purpose is Purpose.TEACH:
        return record.valid_seconds
    return record.terms.limit_seconds or MAX_RETENTION_SECONDS


def _temporal(seconds: float) -> dict[str, str]:
    return {"@type": "dpv:TemporalDuration", "rdf:value": _duration(seconds)}


def _duration(seconds: float) -> str:
    """Return an ISO 8601 duration, in days if it is a whole number of them."""
    days, rest = divmod(seconds, DAY_SECONDS)
    return f"PT{seconds:.0f}S" if rest or not days else f"P{days:.0f}D"


def _date_time(seconds: float) -> str:
    """Return a time in ISO 8601 and UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _household_iri(household: Controller) -> str:
    return f"#household-{quote(household.id, safe='')}"


def _person_iri(id_: PersonId) -> str:
    return f"#person-{quote(id_, safe='')}"


def _room_iris(rooms: Collection[RoomId]) -> list[str]:
    return [f"#room-{quote(room, safe='')}" for room in sorted(rooms)]
