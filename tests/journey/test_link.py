"""The protected link in a whole house: muting, unpairing, and strangers who get nothing."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator

import pytest

from demo.home_assistant import RequestError
from demo.house import COMMAND, House
from demo.turns import Watcher, take_turn
from demo.voice import Person
from tests.process_status import memory_bytes

from .working import COMMAND_SENTENCE, check_turn_works

STRANGER = "127.0.0.2"
MOST_BYTES = 30 * 1024 * 1024


async def no_turn_begins(house: House, person: Person, watcher: Watcher) -> None:
    await house.rooms["Kitchen"].say(person.speech(COMMAND_SENTENCE))
    await asyncio.sleep(3)
    assert await watcher.new_runs() == []
    assert await house.home_assistant.state("light.kitchen_light") == "off"


async def press(house: House, button: str) -> None:
    process = await asyncio.create_subprocess_exec(
        COMMAND, "button", f"--state-dir={house.state_dir('Kitchen')}", button,
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert await process.wait() == 0


async def mute_switch(house: House) -> str:
    switches = await house.home_assistant.entity_ids("switch", house.entry_ids["Kitchen"])
    (entity_id,) = [switch for switch in switches if switch.endswith("_mute")]
    return entity_id


async def test_a_muted_room_hears_nothing_until_unmuted_even_after_a_restart(
    house: House, person: Person, watcher: Watcher
) -> None:
    switch = await mute_switch(house)
    await house.home_assistant.action("switch.turn_on", entity_id=switch)
    await house.home_assistant.wait_for(switch, lambda state: state == "on")
    await no_turn_begins(house, person, watcher)
    await house.satellites["Kitchen"].stop()
    await house.home_assistant.wait_for(switch, lambda state: state == "unavailable")
    await house.satellites["Kitchen"].start()
    await house.home_assistant.wait_for(switch, lambda state: state == "on")
    await no_turn_begins(house, person, watcher)
    await house.home_assistant.action("switch.turn_off", entity_id=switch)
    await house.home_assistant.wait_for(switch, lambda state: state == "off")
    await house.wait_until_idle("Kitchen")
    await check_turn_works(house, person)


async def test_what_was_muted_on_the_device_only_the_device_unmutes(
    house: House, person: Person, watcher: Watcher
) -> None:
    switch = await mute_switch(house)
    await press(house, "mute")
    await house.home_assistant.wait_for(switch, lambda state: state == "on")
    with pytest.raises(RequestError):
        await house.home_assistant.action("switch.turn_off", entity_id=switch)
    await no_turn_begins(house, person, watcher)
    await press(house, "unmute")
    await house.home_assistant.wait_for(switch, lambda state: state == "off")
    await house.wait_until_idle("Kitchen")
    await check_turn_works(house, person)


@pytest.mark.usefixtures("watcher")
async def test_removed_from_home_assistant_a_satellite_can_be_paired_again(
    house: House, person: Person
) -> None:
    await house.home_assistant.request(
        "DELETE", f"/api/config/config_entries/entry/{house.entry_ids['Kitchen']}"
    )
    await house.pair("Kitchen")
    await check_turn_works(house, person)


@contextlib.asynccontextmanager
async def half_open(port: int, count: int) -> AsyncIterator[None]:
    """Hold silent connections open from another address."""
    loop = asyncio.get_running_loop()
    sockets = []
    try:
        for _ in range(count):
            client = socket.socket()
            client.setblocking(False)
            client.bind((STRANGER, 0))
            sockets.append(client)
            with contextlib.suppress(OSError):
                async with asyncio.timeout(1):
                    await loop.sock_connect(client, ("127.0.0.1", port))
        yield
    finally:
        for client in sockets:
            client.close()


@pytest.mark.usefixtures("watcher")
async def test_half_open_connections_keep_nobody_out_and_cost_no_memory(
    house: House, person: Person
) -> None:
    satellite, port = house.satellites["Kitchen"], house.ports["Kitchen"]
    before = memory_bytes(satellite.pid)
    async with half_open(port, 1100):
        await check_turn_works(house, person)
        assert memory_bytes(satellite.pid) - before < MOST_BYTES
        # The link must also be re-established among them.
        await house.home_assistant.restart()
        await house.wait_until_idle("Kitchen")
        await check_turn_works(house, person)
    assert memory_bytes(satellite.pid) - before < MOST_BYTES


async def ask(port: int, event: bytes) -> bytes:
    """Connect by TLS without a certificate, send an event, and return the answer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    answer = b""
    with contextlib.suppress(OSError):
        async with asyncio.timeout(3):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port, ssl=context, local_addr=(STRANGER, 0)
            )
            try:
                writer.write(event)
                while data := await reader.read(4096):
                    answer += data
            finally:
                writer.close()
    return answer


@pytest.mark.usefixtures("watcher")
async def test_a_stranger_gets_nothing_even_while_home_assistant_is_away(
    house: House, person: Person
) -> None:
    ports = (house.ports["Kitchen"], house.speech_port)
    events = ("describe", "run-satellite", "ping", "pair-begin", "detect", "synthesize", "unpair")
    stop = asyncio.Event()
    answers: list[bytes] = []

    async def send_requests() -> None:
        while not stop.is_set():
            answers.extend(
                [
                    await ask(port, b'{"type": "%s"}\n' % name.encode())
                    for name in events
                    for port in ports
                ]
            )

    await house.home_assistant.restart()  # it saves its configuration
    requesting = [asyncio.create_task(send_requests()) for _ in range(3)]
    await asyncio.sleep(1)
    await house.home_assistant.program.kill()
    await house.rooms["Kitchen"].say(person.speech(COMMAND_SENTENCE))
    await asyncio.sleep(2)
    await house.home_assistant.program.start()
    await house.home_assistant.wait_until_started()
    await house.wait_until_idle("Kitchen")
    await check_turn_works(house, person)
    stop.set()
    await asyncio.gather(*requesting)
    assert len(answers) > 50
    assert set(answers) == {b""}


async def test_what_travels_is_not_readable(house: House, person: Person, watcher: Watcher) -> None:
    """A stranger who sees all bytes between satellite and Home Assistant finds no event in them."""
    seen = bytearray()

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                seen.extend(data)
                writer.write(data)
                await writer.drain()
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward = await asyncio.open_connection("127.0.0.1", house.ports["Kitchen"])
        await asyncio.gather(relay(reader, onward[1]), relay(onward[0], writer))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        await house.move("Kitchen", server.sockets[0].getsockname()[1])
        await take_turn(house, "Kitchen", person.speech(COMMAND_SENTENCE), watcher=watcher)
        assert await house.home_assistant.state("light.kitchen_light") == "on"
    finally:
        await house.move("Kitchen", house.ports["Kitchen"])
        server.close()
    assert len(seen) > 50_000
    for word in (b"audio-chunk", b"run-pipeline", b"hey_jarvis", b"Satellite", b"Kitchen"):
        assert word not in seen
