"""The test vectors of docs/link.md, from which a stranger could write the other end."""

import json
import re
from pathlib import Path

import pytest
from spake2 import SPAKE2_A, SPAKE2_B

from indoor_voice.link.secret import Exchange, PairingError, Role, confirmations

DOCUMENT = Path(__file__).parents[2] / "docs" / "link.md"
SIDES = {Role.INITIATOR: ("A", SPAKE2_A, "x"), Role.RESPONDER: ("B", SPAKE2_B, "y")}


def vectors() -> list[dict[str, str]]:
    text = DOCUMENT.read_text(encoding="utf-8").partition("## Test vectors")[2]
    line = re.compile(r"^    ([\w ]+?) += (\S+)$", re.MULTILINE)
    blocks = [dict(line.findall(block)) for block in text.split("\n\n")]
    return [block for block in blocks if block]


def exchange(role: Role, vector: dict[str, str]) -> Exchange:
    """Return an exchange whose scalar is not random."""
    letter, side, scalar = SIDES[role]
    ids = bytes.fromhex(vector["idA"]), bytes.fromhex(vector["idB"])
    made = Exchange(role, vector["code"], *ids)
    made._spake = side.from_serialized(
        json.dumps(
            {
                "hashed_params": made._spake.hash_params(),
                "side": letter,
                "idA": vector["idA"],
                "idB": vector["idB"],
                "password": vector["code"].encode().hex(),
                "xy_scalar": vector[scalar],
            }
        ).encode()
    )
    return made


def test_there_are_vectors() -> None:
    assert len(vectors()) == 2


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector["code"])
def test_both_sides_compute_what_the_document_says(vector: dict[str, str]) -> None:
    expected = confirmations(
        bytes.fromhex(vector["key"]), bytes.fromhex(vector["idA"] + vector["idB"])
    )
    assert expected.of_initiator.hex() == vector["confirmation initiator"]
    assert expected.of_responder.hex() == vector["confirmation responder"]
    for role, own, other in (
        (Role.INITIATOR, "message A", "message B"),
        (Role.RESPONDER, "message B", "message A"),
    ):
        side = exchange(role, vector)
        assert (SIDES[role][0].encode() + side._spake.outbound_message).hex() == vector[own]
        assert side.finish(bytes.fromhex(vector[other])) == expected


def test_a_wrong_code_gives_other_confirmations() -> None:
    first, second = vectors()
    side = exchange(Role.INITIATOR, first | {"code": second["code"]})
    other = side.finish(bytes.fromhex(first["message B"]))
    assert other.of_initiator.hex() != first["confirmation initiator"]
    assert other.of_responder.hex() != first["confirmation responder"]


@pytest.mark.parametrize(
    "message",
    [
        pytest.param("", id="empty"),
        pytest.param("42" + "00" * 31, id="short"),
        pytest.param("42" + "ff" * 32, id="beyond the field"),
        pytest.param("42" + "02" + "00" * 31, id="not on the curve"),
        pytest.param("42" + "01" + "00" * 31, id="zero"),
        pytest.param("42" + "ec" + "ff" * 30 + "7f", id="of order 2"),
        pytest.param("42" + "00" * 32, id="of order 4"),
        pytest.param("own", id="our own"),
        pytest.param("reflected", id="our own, as if of the other side"),
    ],
)
def test_impossible_messages_are_refused(message: str) -> None:
    side = Exchange(Role.INITIATOR, "123456", b"i" * 32, b"r" * 32)
    own = {"own": side.message, "reflected": b"B" + side.message[1:]}
    with pytest.raises(PairingError):
        side.finish(own[message] if message in own else bytes.fromhex(message))
