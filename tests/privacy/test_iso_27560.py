"""The export of a person's consents: what ISO/IEC TS 27560 demands, and no other names."""

import json
from typing import Any

from hypothesis import given as forall
from hypothesis import strategies as st

from custom_components.indoor_voice.privacy.consent.consent import (
    ConsentEvent,
    ConsentRecord,
    Purpose,
    State,
)
from custom_components.indoor_voice.privacy.consent.iso_27560 import (
    STORED_AT,
    WITHDRAWN_BY,
    Controller,
    iso_27560_record,
)
from custom_components.indoor_voice.privacy.people import DAY_SECONDS, Person

from .strategies import NOW, PEOPLE, consents, given

NAMES = {id_: Person(id=id_, name=f"Name of {id_}", has_account=True) for id_ in PEOPLE}
HOUSEHOLD = Controller(
    id="5f1d",
    name="Home",
    address="In the household itself",
    contact="The administrator of this Home Assistant",
    country="DE",
    policy_url="https://example.org/keeping",
)


def as_json(value: object) -> Any:
    return json.loads(json.dumps(value, allow_nan=False))


@forall(consents())
def test_the_record_has_every_field_that_iso_27560_demands(record: ConsentRecord) -> None:
    found = as_json(iso_27560_record(record, {}, HOUSEHOLD))
    process = found["dpv:hasProcess"]
    location, retention = process["dpv:hasStorageCondition"]
    entities = {entity["@id"]: entity for entity in found["dpv:hasEntity"]}
    controller = entities[process["dpv:hasDataController"]]
    demanded = [
        found["dct:conformsTo"],
        found["dct:identifier"],
        found["dpv:hasDataSubject"],
        found["dpv:hasNotice"]["dct:identifier"],
        found["dpv:hasNotice"]["schema:sha256"],
        found["dct:language"],
        found["dpv:hasJurisdiction"],
        found["dpv:hasConsentControl"]["dpv:isExercisedAt"],
        process["dpv:hasPurpose"],
        process["dpv:hasPersonalData"],
        *(data["skos:broader"] for data in process["dpv:hasPersonalData"]),
        process["dpv:hasRecipient"],
        location["dpv:hasLocation"]["dct:description"],
        retention["dpv:hasDuration"]["rdf:value"],
        controller["@type"],
        *(controller[f"dpv:has{what}"] for what in ("Identifier", "Name", "Address", "Contact")),
    ]
    assert all(demanded)
    assert found["dpv:hasDataSubject"] in entities
    assert len(found["dpv:hasConsentStatus"]) == len(record.events)
    for event in found["dpv:hasConsentStatus"]:
        state, kind = event["@type"]
        assert state.startswith("dpv:Consent")
        assert kind == process["dpv:hasLegalBasis"]
        assert event["dpv:isIndicatedAtTime"].endswith("+00:00")
        assert event["dpv:isIndicatedBy"] in entities
        assert event["dpv:hasDuration"]["@type"]


@forall(consents())
def test_nobody_is_named_where_no_names_are_given(record: ConsentRecord) -> None:
    assert "Name of" not in json.dumps(iso_27560_record(record, {}, HOUSEHOLD))


@forall(consents())
def test_only_the_people_concerned_are_named(record: ConsentRecord) -> None:
    concerned = {record.principal, *record.terms.listeners}
    exported = json.dumps(iso_27560_record(record, NAMES, HOUSEHOLD))
    for id_ in set(PEOPLE) - concerned:
        assert f"Name of {id_}" not in exported


@forall(consents(purpose=Purpose.LISTEN))
def test_recipients_are_only_the_people_named(record: ConsentRecord) -> None:
    found = as_json(iso_27560_record(record, NAMES, HOUSEHOLD))
    assert found["dpv:hasProcess"]["dpv:hasRecipient"] == [
        "dpv:DataSubject",
        *(f"#person-{listener}" for listener in sorted(record.terms.listeners)),
    ]


def test_says_where_for_how_long_and_how_to_withdraw() -> None:
    record = given("ann", Purpose.KEEP, limit_seconds=7 * DAY_SECONDS)
    found = as_json(iso_27560_record(record, {}, HOUSEHOLD))
    location, retention = found["dpv:hasProcess"]["dpv:hasStorageCondition"]
    assert location["dpv:hasLocation"]["dct:description"] == STORED_AT
    assert retention["dpv:hasDuration"]["rdf:value"] == "P7D"
    assert found["dpv:hasConsentControl"]["dpv:isExercisedAt"] == WITHDRAWN_BY
    assert found["dpv:hasProcess"]["dpv:hasRecipient"] == ["dpv:DataSubject"]
    assert found["dpv:hasJurisdiction"] == "loc:DE"
    assert found["dpv:hasConsentStatus"][0]["dpv:hasDuration"]["rdf:value"] == "P365D"


def test_tells_each_event_with_its_rooms() -> None:
    ended = ConsentEvent(
        time=NOW, state=State.SUPERSEDED, by=None, how="system", rooms=frozenset({"hall"})
    )
    record = given("ann", Purpose.LEFT_OUT).with_event(ended)
    first, last = as_json(iso_27560_record(record, {}, HOUSEHOLD))["dpv:hasConsentStatus"]
    assert first["dct:spatial"] == ["#room-hall", "#room-kitchen"]
    assert last["dct:spatial"] == ["#room-hall"]
    assert last["dct:description"] == "superseded"
    assert last["dpv:isIndicatedBy"] == "#household-5f1d"


@forall(consents(), st.sampled_from(("a b", "a/b", "#", "ä")))
def test_no_id_breaks_an_iri(record: ConsentRecord, id_: str) -> None:
    strange = given(id_, record.terms.purpose, limit_seconds=record.terms.limit_seconds)
    iri = iso_27560_record(strange, {}, HOUSEHOLD)["dpv:hasDataSubject"]
    assert isinstance(iri, str)
    assert iri.isascii()
    assert not set(" /") & set(iri)
