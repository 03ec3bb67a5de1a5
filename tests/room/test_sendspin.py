"""Satellites as players of a real Sendspin server: in sync, at its volume, after it was away."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

pytest.importorskip("aiosendspin", reason="aiosendspin needs Python 3.12")

from aiosendspin.server.roles.player.types import PlayerRoleProtocol

from indoor_voice.room.music.level import DUCKED_DB
from indoor_voice.room.music.player import MusicState, Piece
from indoor_voice.room.music.sendspin import speaker as speaker_module
from indoor_voice.room.music.sendspin.state import SendspinState
from tests.room.numbered import PIECE, RAMP, RATE, numbers
from tests.room.synced import Clock, ClockedLoudspeaker, Satellite, Server
from tests.waiting import until

IN_SYNC_SECONDS = 0.005
PLAYED_SECONDS = 20.0
SETTLED_SECONDS = 6.0
"""By then the library knows the server's clock well, unlike when it has just connected."""


def heard_times(
    loudspeaker: ClockedLoudspeaker,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the number of the last frame of each piece, and when it was heard."""
    last = [
        (int(numbers(piece)[-1]), at + (PIECE - 1) / RATE) for at, piece in list(loudspeaker.heard)
    ]
    sounding = [heard for heard in last if heard[0] >= 0]
    told, at = zip(*sounding, strict=True) if len(sounding) > 1 else ((0, 1), (0.0, 0.0))
    return np.array(told), np.array(at)


def apart_seconds(one: ClockedLoudspeaker, other: ClockedLoudspeaker) -> npt.NDArray[np.float64]:
    """Return how much later `one` plays what `other` plays, for each piece that both play."""
    told, at = heard_times(one)
    others_told, others_at = heard_times(other)
    after = np.searchsorted(others_told, told).clip(1, len(others_told) - 1)
    before = after - 1
    step = others_told[after] - others_told[before]
    share = (told - others_told[before]) / np.maximum(step, 1)
    expected = others_at[before] + share * (others_at[after] - others_at[before])
    # A server on a busy machine leaves something out now and then, for one of them.
    both = (share >= 0) & (share <= 1) & (np.abs(step - PIECE) < 10)
    apart: npt.NDArray[np.float64] = (at - expected)[both]
    return apart


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server().running() as server:
        yield server


@pytest.fixture
async def satellite(server: Server, tmp_path: Path) -> AsyncIterator[Satellite]:
    async with Satellite(tmp_path, server.url).running() as satellite:
        yield satellite


async def test_two_satellites_with_wrong_clocks_play_in_sync(tmp_path: Path) -> None:
    async with Server(Clock(123.0, 40e-6)).running() as server:
        kitchen = Satellite(tmp_path / "a", server.url, Clock(5_000.0, 150e-6), drift=120e-6)
        parlour = Satellite(tmp_path / "b", server.url, Clock(70_000.0, -90e-6), drift=-150e-6)
        async with kitchen.running(), parlour.running():
            first, second = await server.client(kitchen), await server.client(parlour)
            await first.group.add_client(second)
            await asyncio.sleep(SETTLED_SECONDS)
            async with server.playing(first.group):
                apart = await until(
                    lambda: apart_seconds(kitchen.loudspeaker, parlour.loudspeaker),
                    lambda apart: apart.size * PIECE / RATE > PLAYED_SECONDS,
                    seconds=120,
                    pause_seconds=2,
                )
    assert np.abs(apart).max() < IN_SYNC_SECONDS


async def test_home_assistant_is_told_that_it_plays_and_that_it_ended(
    server: Server, satellite: Satellite
) -> None:
    client = await server.client(satellite)
    assert client.name == "Kitchen Satellite"
    await satellite.until_state(MusicState.IDLE)
    async with server.playing(client.group):
        await satellite.until_state(MusicState.PLAYING)
        assert satellite.music.number is None
        await until(lambda: satellite.told == [MusicState.PLAYING])
    await satellite.until_state(MusicState.IDLE)
    await until(lambda: satellite.told == [MusicState.PLAYING, MusicState.IDLE])


async def test_the_volume_is_one_for_the_server_and_home_assistant(
    server: Server, satellite: Satellite
) -> None:
    client = await server.client(satellite)
    player = next(role for role in client.active_roles if isinstance(role, PlayerRoleProtocol))
    async with server.playing(client.group):
        await satellite.until_heard()
        player.set_player_volume(50)
        level = satellite.music.level
        await until(lambda: level.volume == 0.5)
        quiet = 0.5**3
        await until(
            lambda: satellite.loudspeaker.loudness, lambda now: now < quiet * RAMP and now > 0
        )
        player.set_player_mute(muted=True)
        await until(lambda: level.muted)
        await satellite.until_silent()
        satellite.music.set_level(0.8, muted=False)
        await until(player.get_player_volume, lambda now: now == 80)
        assert player.get_player_muted() is False
        await satellite.until_heard()


async def test_the_delay_that_is_set_in_the_server_is_kept(
    server: Server, satellite: Satellite, tmp_path: Path
) -> None:
    client = await server.client(satellite)
    player = next(role for role in client.active_roles if isinstance(role, PlayerRoleProtocol))
    player.set_output_delay(120)
    await until(lambda: SendspinState(tmp_path).output_delay_ms == 120)
    assert SendspinState(tmp_path).key == satellite.state.key


async def test_it_makes_way_for_speech(server: Server, satellite: Satellite) -> None:
    client = await server.client(satellite)
    loudspeaker = satellite.loudspeaker
    async with server.playing(client.group):
        await satellite.until_heard()
        satellite.disturbed = True
        ducked = RAMP * 10 ** (-DUCKED_DB / 20)
        await until(lambda: loudspeaker.loudness, lambda now: 0 < now <= ducked + 1)
        satellite.disturbed = False
        await until(lambda: loudspeaker.loudness, lambda now: now > 2 * ducked)


async def test_a_piece_from_home_assistant_ends_it_and_the_other_way_round(
    server: Server, satellite: Satellite
) -> None:
    client = await server.client(satellite)
    async with server.playing(client.group):
        await satellite.until_heard()
        satellite.music.play(Piece(number=7, url="http://127.0.0.1:9/none", verify=True))
        await satellite.until_silent()
        await until(lambda: not client.group.has_active_stream)
    satellite.music.play(Piece(number=8, url="http://127.0.0.1:9/none", verify=True))
    async with server.playing(client.group):
        await satellite.until_heard()
        assert satellite.music.number is None
        await satellite.until_state(MusicState.PLAYING)
        assert satellite.music.stop()
        await satellite.until_silent()
        await satellite.until_state(MusicState.IDLE)


async def test_it_connects_again_and_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = Server()
    async with Satellite(tmp_path, server.url).running() as satellite:
        async with server.running():
            client = await server.client(satellite)
            async with server.playing(client.group):
                await satellite.until_heard()
        await satellite.until_silent()
        assert satellite.music.state is MusicState.IDLE
        again = Server()
        satellite.url = again.url
        async with again.running():
            client = await again.client(satellite)
            async with again.playing(client.group):
                await satellite.until_heard()
    warnings = [record for record in caplog.records if record.name.startswith("indoor_voice")]
    assert len([record for record in warnings if record.levelname == "WARNING"]) <= 2


async def test_a_loudspeaker_that_fails_is_tried_again(
    server: Server, satellite: Satellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaker_module, "_LOST_SECONDS", 0.5)
    client = await server.client(satellite)
    async with server.playing(client.group):
        await satellite.until_heard()
        satellite.loudspeaker.unplugged = True
        heard = len(satellite.loudspeaker.heard)
        await asyncio.sleep(1)
        satellite.loudspeaker.unplugged = False
        await until(lambda: len(satellite.loudspeaker.heard) > heard + 5)
        await satellite.until_heard()
