"""Tests that an attempt's timing reveals nothing about the code, and that it costs a guess."""

import asyncio
import hashlib
import random
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from wyoming.event import Event

from indoor_voice.link.pairing import responder
from indoor_voice.link.pairing.responder import Guesses
from indoor_voice.link.pairing.secret import (
    PAIRING_PROTOCOL,
    Exchange,
    Role,
    fingerprint,
    generator,
)
from indoor_voice.link.pairing.trust import Trust
from indoor_voice.link.server import unpaired
from tests.link import plain_cpace
from tests.link.initiator import (
    CODE,
    GONE,
    Device,
    Initiator,
    RawConnection,
    RefusalError,
    answer,
    shown_certificate,
)
from tests.waiting import until

WRONG = "000000"
SAMPLES = 30


def special(code: str, home: Initiator, peer: bytes) -> dict[str, bytes]:
    """Return messages made from a guess of the code, some of them invalid."""
    made = generator(code, fingerprint(home.certificate), fingerprint(peer))
    order_2 = (0, plain_cpace.P - 1)
    return {
        "honest": Exchange(
            Role.INITIATOR, code, fingerprint(home.certificate), fingerprint(peer)
        ).message,
        "generator": made,
        "outside": plain_cpace.encoded(plain_cpace.add(plain_cpace.decoded(made), order_2)),
        "identity": b"\x01" + bytes(31),
    }


async def seconds_to_answer(
    device_port: int, home: Initiator, code: str, kind: str
) -> tuple[str, float]:
    async with home.connected(device_port, peer=None) as connection:
        message = special(code, home, shown_certificate(connection))[kind]
        data = {"protocol": PAIRING_PROTOCOL, "certificate": home.pem, "message": message.hex()}
        sent = time.perf_counter()
        await connection.send(Event("pair-begin", data))
        event = await connection.receive()
        return event.type, time.perf_counter() - sent


def standard_score(one: list[float], other: list[float]) -> float:
    """Return how many standard deviations apart two samples are, by the Mann-Whitney U test."""
    ranks = {value: rank for rank, value in enumerate(sorted(one + other), 1)}
    n, m = len(one), len(other)
    u = sum(ranks[value] for value in one) - n * (n + 1) / 2
    return float(abs(u - n * m / 2) / (n * m * (n + m + 1) / 12) ** 0.5)


async def test_right_and_wrong_digits_are_answered_after_the_same_time(
    device: Device, home: Initiator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The samples are interleaved, so other work on the machine affects both equally."""
    monkeypatch.setattr(unpaired, "ANSWER_SECONDS", 0.05)
    monkeypatch.setattr(responder, "TRIES", 10**9)
    kinds = ["honest", "generator", "outside", "identity"]
    taken: dict[tuple[str, str], list[float]] = {}
    answers: dict[tuple[str, str], set[str]] = {}
    async with device.serving() as port:
        tries = [(kind, code) for kind in kinds for code in (CODE, WRONG)] * SAMPLES
        random.Random(9).shuffle(tries)  # noqa: S311 - no secret
        for kind, code in tries:
            event_type, seconds = await seconds_to_answer(port, home, code, kind)
            taken.setdefault((kind, code), []).append(seconds)
            answers.setdefault((kind, code), set()).add(event_type)
    for kind in kinds:
        assert answers[kind, CODE] == answers[kind, WRONG]
        assert len(answers[kind, CODE]) == 1
        # Equal distributions exceed 4.9 about once in a million times.
        assert standard_score(taken[kind, CODE], taken[kind, WRONG]) < 4.9
        assert min(taken[kind, CODE] + taken[kind, WRONG]) >= 0.05


def test_what_was_seen_of_the_former_protocol_would_be_seen() -> None:
    """With SPAKE2 it was 8 ms against 9.5 ms, each give or take some tenths of a millisecond."""
    noise = random.Random(1)  # noqa: S311 - no secret
    sooner = [0.0082 + noise.gauss(0, 0.0004) for _ in range(SAMPLES)]
    later = [0.0098 + noise.gauss(0, 0.0004) for _ in range(SAMPLES)]
    alike = [0.0098 + noise.gauss(0, 0.0004) for _ in range(SAMPLES)]
    assert standard_score(sooner, later) > 4.9 > standard_score(later, alike)


async def test_all_that_is_answered_to_a_beginning_takes_half_a_second(
    device: Device, home: Initiator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpaired, "ANSWER_SECONDS", 0.5)
    bad = hashlib.sha256(b"no point").hexdigest()
    async with device.serving() as port:
        for changed in ({}, {"message": bad}, {"certificate": None}, {"protocol": 1}):
            async with home.connected(port, peer=None) as connection:
                begin = {
                    "protocol": PAIRING_PROTOCOL,
                    "certificate": home.pem,
                    "message": special(CODE, home, shown_certificate(connection))["honest"].hex(),
                }
                sent = time.monotonic()
                await connection.send(Event("pair-begin", begin | changed))
                event = await connection.receive()
                assert time.monotonic() - sent >= 0.5
                assert (event.type == "pair-answer") == (not changed)


async def begun(connection: RawConnection, home: Initiator, code: str) -> Exchange:
    """Start an attempt and wait for its answer."""
    peer = fingerprint(shown_certificate(connection))
    exchange = Exchange(Role.INITIATOR, code, fingerprint(home.certificate), peer)
    data = {
        "protocol": PAIRING_PROTOCOL,
        "certificate": home.pem,
        "message": exchange.message.hex(),
    }
    await connection.send(Event("pair-begin", data))
    await answer(connection, "pair-answer")
    return exchange


async def hang_up(connection: RawConnection) -> None:
    connection.writer.transport.abort()


async def close_cleanly(connection: RawConnection) -> None:
    await connection.close()


async def end_without_tls(connection: RawConnection) -> None:
    connection.writer.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


async def be_silent(connection: RawConnection) -> None:
    with pytest.raises(GONE):
        await asyncio.wait_for(connection.receive(), 10)


async def send_garbage(connection: RawConnection) -> None:
    connection.writer.write(b"\x00\xff" * 500 + b"\n")
    await be_silent(connection)


async def send_half_an_event(connection: RawConnection) -> None:
    connection.writer.write(b'{"type":"pair-con')
    await hang_up(connection)


async def confirm_wrongly(connection: RawConnection) -> None:
    await connection.send(Event("pair-confirm", {"confirmation": "00" * 32}))
    with pytest.raises(RefusalError, match="wrong-code"):
        await answer(connection, "pair-confirm")


async def confirm_with_nonsense(connection: RawConnection) -> None:
    await connection.send(Event("pair-confirm", {"confirmation": ["x"]}))
    with pytest.raises(RefusalError, match="bad-request"):
        await answer(connection, "pair-confirm")


async def begin_again(connection: RawConnection) -> None:
    await connection.send(Event("pair-begin", {}))
    with pytest.raises(RefusalError, match="bad-request"):
        await answer(connection, "pair-begin")


async def skip_the_confirmation(connection: RawConnection) -> None:
    await connection.send(Event("pair-done"))
    with pytest.raises(RefusalError, match="bad-request"):
        await answer(connection, "pair-done")


WAYS = [
    hang_up,
    close_cleanly,
    end_without_tls,
    be_silent,
    send_garbage,
    send_half_an_event,
    confirm_wrongly,
    confirm_with_nonsense,
    begin_again,
    skip_the_confirmation,
]


@pytest.mark.parametrize("break_off", WAYS)
async def test_every_way_of_breaking_off_costs_a_guess(
    device: Device,
    home: Initiator,
    stranger: Initiator,
    monkeypatch: pytest.MonkeyPatch,
    break_off: Callable[[RawConnection], Awaitable[None]],
) -> None:
    monkeypatch.setattr(unpaired, "SILENT_SECONDS", 0.5)
    async with device.serving() as port:
        for wrong in (1, 2, 3):
            async with stranger.connected(port, peer=None) as connection:
                await begun(connection, stranger, CODE if wrong < 3 else WRONG)
                # The guess was stored before the answer was sent.
                kept = Trust.load(device.state_dir).guesses
                assert kept == Guesses(wrong=wrong, pausing=wrong == 3)
                await break_off(connection)
        with pytest.raises(RefusalError, match="pairing-paused"):
            await home.pair(port, CODE)
        await until(lambda: device.codes[-1], lambda code: code != CODE)
        assert device.trust.guesses == Guesses(wrong=3, pausing=True)


async def test_a_restart_between_answer_and_confirmation_costs_a_guess(
    device: Device, stranger: Initiator
) -> None:
    for wrong in (1, 2, 3):
        async with device.serving() as port, stranger.connected(port, peer=None) as connection:
            await begun(connection, stranger, CODE)
        assert Trust.load(device.state_dir).guesses == Guesses(wrong=wrong, pausing=wrong == 3)


async def test_guesses_at_the_same_time_count_each(device: Device, tmp_path: Path) -> None:
    crowd = [Initiator(tmp_path / f"stranger{number}") for number in range(4)]

    async def guess(who: Initiator) -> str:
        try:
            await who.pair(port, WRONG)
        except RefusalError as err:
            return err.code
        return "paired"

    async with device.serving() as port:
        outcomes = await asyncio.gather(*(guess(who) for who in crowd))
    assert sorted(outcomes) == ["pairing-paused", "wrong-code", "wrong-code", "wrong-code"]
    assert Trust.load(device.state_dir).guesses == Guesses(wrong=3, pausing=True)


async def test_who_paired_first_is_not_pushed_out_by_who_was_confirmed_as_well(
    device: Device, home: Initiator, stranger: Initiator
) -> None:
    async with (
        device.serving() as port,
        home.connected(port, peer=None) as first,
        stranger.connected(port, peer=None) as second,
    ):
        await asyncio.gather(home.confirm(first, CODE), stranger.confirm(second, CODE))
        await asyncio.gather(first.send(Event("pair-done")), second.send(Event("pair-done")))
        await until(lambda: device.trust.paired)
        paired = device.trust.peer_certificate
        await asyncio.sleep(0.3)
        assert device.trust.peer_certificate == paired
        assert ssl.DER_cert_to_PEM_cert(paired or b"") in (home.pem, stranger.pem)
