"""Tests for the test vectors of docs/link.md, which let others implement the other end."""

import re
from pathlib import Path

import pytest

from indoor_voice.link.pairing.secret import (
    Exchange,
    PairingError,
    Role,
    confirmations,
    generator,
    generator_string,
    session_key,
)
from tests.link import plain_cpace

DOCUMENT = Path(__file__).parents[2] / "docs" / "link.md"
SIDES = {Role.INITIATOR: "x", Role.RESPONDER: "y"}


def vectors() -> list[dict[str, str]]:
    text = DOCUMENT.read_text(encoding="utf-8").partition("## Test vectors")[2]
    line = re.compile(r"^    ([\w ]+?) += (\S+)$", re.MULTILINE)
    blocks = [dict(line.findall(block)) for block in text.split("\n\n")]
    return [block for block in blocks if block]


def exchange(role: Role, vector: dict[str, str]) -> Exchange:
    """Return an exchange with the scalar of a test vector."""
    ids = bytes.fromhex(vector["idA"]), bytes.fromhex(vector["idB"])
    return Exchange(role, vector["code"], *ids, bytes.fromhex(vector[SIDES[role]]))


def test_there_are_vectors() -> None:
    assert len(vectors()) == 2


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["code"])
def test_both_sides_compute_what_the_document_says(vector: dict[str, str]) -> None:
    first, second = bytes.fromhex(vector["idA"]), bytes.fromhex(vector["idB"])
    assert generator(vector["code"], first, second).hex() == vector["generator"]
    expected = confirmations(bytes.fromhex(vector["key"]), first + second)
    assert expected.of_initiator.hex() == vector["confirmation initiator"]
    assert expected.of_responder.hex() == vector["confirmation responder"]
    for role, own, other in (
        (Role.INITIATOR, "message A", "message B"),
        (Role.RESPONDER, "message B", "message A"),
    ):
        side = exchange(role, vector)
        assert side.message.hex() == vector[own]
        assert side.finish(bytes.fromhex(vector[other])) == expected


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["code"])
def test_a_stranger_who_writes_it_from_the_document_computes_the_same(
    vector: dict[str, str],
) -> None:
    first, second = bytes.fromhex(vector["idA"]), bytes.fromhex(vector["idB"])
    made = plain_cpace.generator(vector["code"], first, second)
    assert plain_cpace.encoded(made).hex() == vector["generator"]
    scalar = int.from_bytes(bytes.fromhex(vector["x"]), "little")
    message = plain_cpace.encoded(plain_cpace.times(scalar, made))
    assert message.hex() == vector["message A"]
    theirs = bytes.fromhex(vector["message B"])
    shared = plain_cpace.times(scalar, plain_cpace.decoded(theirs))
    assert plain_cpace.encoded(shared).hex() == vector["shared point"]
    key = plain_cpace.key(shared, message, theirs)
    assert key.hex() == vector["key"]
    for role in Role:
        confirmed = plain_cpace.confirmation(key, role.encode(), first, second)
        assert confirmed.hex() == vector[f"confirmation {role}"]


def test_what_is_hashed_is_put_together_as_the_draft_does() -> None:
    """The draft's vector is for CPACE-X25519-SHA512: another group, but the same strings."""
    identities = bytes.fromhex("0b415f696e69746961746f720b425f726573706f6e646572")
    session = bytes.fromhex("7e4b4791d6a8ef019b936c79fb7f2c57")
    said = generator_string(b"CPace255", b"Password", identities, session)
    assert len(said) == 170
    assert said.hex() == (
        "0843506163653235350850617373776f72646d" + "00" * 109
        + "180b415f696e69746961746f720b425f726573706f6e646572"
        + "107e4b4791d6a8ef019b936c79fb7f2c57"
    )  # fmt: skip


def test_the_session_key_holds_all_that_was_sent() -> None:
    shared, first, second = b"k" * 32, b"a" * 32, b"b" * 32
    keys = {
        session_key(*parts)
        for parts in (
            (shared, first, second),
            (shared, second, first),
            (first, shared, second),
            (shared, first, first),
        )
    }
    assert len(keys) == 4


def test_a_wrong_code_gives_other_confirmations() -> None:
    first, second = vectors()
    side = exchange(Role.INITIATOR, first | {"code": second["code"]})
    other = side.finish(bytes.fromhex(first["message B"]))
    assert other.of_initiator.hex() != first["confirmation initiator"]
    assert other.of_responder.hex() != first["confirmation responder"]


IMPOSSIBLE = [
    pytest.param("", id="empty"),
    pytest.param("00" * 31, id="short"),
    pytest.param("41" + "00" * 32, id="of the former protocol"),
    pytest.param("ff" * 32, id="beyond the field"),
    pytest.param("02" + "00" * 31, id="not on the curve"),
    pytest.param("01" + "00" * 31, id="identity"),
    pytest.param("01" + "00" * 30 + "80", id="identity with a sign"),
    pytest.param("ee" + "ff" * 30 + "7f", id="identity beyond the field"),
    pytest.param("ec" + "ff" * 30 + "7f", id="of order 2"),
    pytest.param("00" * 32, id="of order 4"),
    pytest.param(
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", id="of order 8"
    ),
    pytest.param("outside", id="outside the subgroup"),
    pytest.param("own", id="our own"),
]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("message", IMPOSSIBLE)
def test_impossible_messages_are_refused(message: str, role: Role) -> None:
    side = Exchange(role, "123456", b"i" * 32, b"r" * 32)
    order_2 = (0, plain_cpace.P - 1)
    outside = plain_cpace.add(plain_cpace.decoded(side.message), order_2)
    special = {"own": side.message, "outside": plain_cpace.encoded(outside)}
    with pytest.raises(PairingError):
        side.finish(special[message] if message in special else bytes.fromhex(message))
