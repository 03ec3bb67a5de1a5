"""Both ends of the wire against each other: they share no package, so this keeps them equal."""

from pathlib import Path

import pytest
from wyoming.event import Event
from wyoming.info import Attribution, Info, Satellite

from custom_components.indoor_voice import const as integration_const
from custom_components.indoor_voice.link import client
from custom_components.indoor_voice.link import wire as integration_wire
from indoor_voice.link import identity, wire
from indoor_voice.link.server import LinkServer


def test_the_wire_stands_the_same_on_both_sides() -> None:
    ours, theirs = Path(wire.__file__), Path(integration_wire.__file__)
    assert ours.read_bytes() == theirs.read_bytes()


def test_both_sides_mean_the_same_protocol_and_kinds() -> None:
    assert client.PROTOCOL == identity.PROTOCOL
    assert {str(kind) for kind in integration_const.Kind} == {str(kind) for kind in identity.Kind}


async def test_a_device_is_known_by_its_description(tmp_path: Path) -> None:
    who = identity.load_identity(tmp_path, identity.Kind.SATELLITE)
    info = Info(
        satellite=Satellite(
            name="Kitchen",
            attribution=Attribution(name="", url=""),
            installed=True,
            description=None,
            version=None,
        )
    )

    async def handle(connection: wire.Connection) -> None:
        assert (await connection.receive()).type == "describe"
        await connection.send(Event("something-else"))
        await connection.send(identity.info_event(info, who))

    async with LinkServer("127.0.0.1", 0, handle, trust=None) as server:
        peer = await client.probe(client.Address(host="127.0.0.1", port=server.port))
    assert peer.device_id == who.id
    assert peer.protocol == identity.PROTOCOL
    assert peer.info == info


async def test_a_peer_that_is_not_wyoming_is_told_from_one_that_is_not_there() -> None:
    async def handle(connection: wire.Connection) -> None:
        connection._writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with LinkServer("127.0.0.1", 0, handle, trust=None) as server:
        address = client.Address(host="127.0.0.1", port=server.port)
        with pytest.raises(integration_wire.FrameError):
            await client.probe(address)
    with pytest.raises(client.UnreachableError):
        await client.probe(address)


def test_an_id_is_made_once_and_survives_a_broken_file(tmp_path: Path) -> None:
    first = identity.load_identity(tmp_path / "new", identity.Kind.SPEECH)
    assert identity.load_identity(tmp_path / "new", identity.Kind.SPEECH) == first
    (tmp_path / "new" / "id").write_text("not an id")
    assert identity.load_identity(tmp_path / "new", identity.Kind.SPEECH).id != first.id
