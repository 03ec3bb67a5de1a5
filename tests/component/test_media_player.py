"""The media player of a satellite that plays music."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.media_player.const import MediaPlayerEntityFeature
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from wyoming.event import Event

from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.devices import music
from custom_components.indoor_voice.link.media import MediaError, media_status
from custom_components.indoor_voice.link.timers import ContentError

from .peers import IDLE_MUSIC, SATELLITE_ID
from .waiting import SATELLITE, shows

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant
    from pytest_homeassistant_custom_component.common import MockConfigEntry
    from pytest_homeassistant_custom_component.typing import WebSocketGenerator

    from .peers import FakeSatellite

MUSIC = "media_player.kitchen_kitchen_satellite_music"
SONG = "http://media.example/song.mp3"


@pytest.fixture
async def musical(
    hass: HomeAssistant,
    plays_music: None,
    house: HomeAssistant,
) -> HomeAssistant:
    """A house whose satellite plays music."""
    assert await async_setup_component(hass, "media_source", {})
    await shows(house, MUSIC, lambda state: state == "idle")
    return house


async def act(hass: HomeAssistant, action: str, **data: Any) -> None:
    await hass.services.async_call(
        "media_player", action, {"entity_id": MUSIC, **data}, blocking=True
    )


async def play(hass: HomeAssistant, media_id: str = SONG, **more: Any) -> None:
    await act(hass, "play_media", media_content_id=media_id, media_content_type="music", **more)


def attributes(hass: HomeAssistant) -> dict[str, Any]:
    state = hass.states.get(MUSIC)
    assert state is not None
    return dict(state.attributes)


async def test_it_plays_pauses_seeks_and_stops(
    musical: HomeAssistant, satellite: FakeSatellite
) -> None:
    await play(musical)
    asked = (await satellite.wait_for("media-play")).data
    assert (asked["url"], asked["verify"]) == (SONG, True)
    await shows(musical, MUSIC, lambda state: state == "playing")
    shown = attributes(musical)
    assert (shown["media_duration"], shown["media_position"]) == (180, 0)
    assert shown["media_position_updated_at"] is not None
    # Nothing shows what it is called.
    assert SONG not in str(musical.states.get(MUSIC))
    await act(musical, "media_pause")
    await shows(musical, MUSIC, lambda state: state == "paused")
    await act(musical, "media_seek", seek_position=60)
    assert (await satellite.wait_for("media-seek")).data == {"position_seconds": 60}
    await act(musical, "media_play")
    await shows(musical, MUSIC, lambda state: state == "playing")
    assert attributes(musical)["media_position"] == 60
    await act(musical, "media_stop")
    await shows(musical, MUSIC, lambda state: state == "idle")
    assert "media_position" not in attributes(musical)


async def test_volume_and_mute(musical: HomeAssistant, satellite: FakeSatellite) -> None:
    assert attributes(musical)["volume_level"] == 0.5
    await act(musical, "volume_set", volume_level=0.25)
    assert (await satellite.wait_for("media-volume")).data == {"volume": 0.25}
    await act(musical, "volume_mute", is_volume_muted=True)
    assert (await satellite.wait_for("media-volume", 2)).data == {"muted": True}
    await shows(musical, MUSIC, lambda _: attributes(musical)["is_volume_muted"] is True)
    assert attributes(musical)["volume_level"] == 0.25


async def test_no_position_can_be_chosen_in_what_has_no_end(
    musical: HomeAssistant, satellite: FakeSatellite
) -> None:
    await play(musical)
    assert attributes(musical)["supported_features"] & MediaPlayerEntityFeature.SEEK
    await satellite.report_media(duration_seconds=None)
    await shows(musical, MUSIC, lambda _: "media_duration" not in attributes(musical))
    assert not attributes(musical)["supported_features"] & MediaPlayerEntityFeature.SEEK


async def test_home_assistants_own_media_are_signed_and_its_certificate_is_not_checked(
    musical: HomeAssistant,
    satellite: FakeSatellite,
    hass_ws_client: WebSocketGenerator,
) -> None:
    await play(musical, "/media/local/their-song.mp3")
    asked = (await satellite.wait_for("media-play")).data
    assert asked["url"].startswith("http://127.0.0.1:8123/media/local/their-song.mp3?authSig=")
    assert asked["verify"] is False
    browser = await hass_ws_client(musical)
    await browser.send_json_auto_id({"type": "media_player/browse_media", "entity_id": MUSIC})
    answer = await browser.receive_json()
    assert answer["success"], answer
    assert answer["result"]["children"]


@pytest.mark.parametrize("error", [*MediaError, "something-new"])
async def test_what_cannot_be_played_fails_with_a_sentence(
    musical: HomeAssistant, satellite: FakeSatellite, error: str
) -> None:
    satellite.media_fault = error
    with pytest.raises(HomeAssistantError) as raised:
        await play(musical)
    key = error if error in set(MediaError) else "media-failed"
    assert raised.value.translation_key == key.replace("-", "_")
    assert SONG not in str(raised.value)
    await shows(musical, MUSIC, lambda state: state == "idle")
    satellite.media_fault = None
    await play(musical)
    await shows(musical, MUSIC, lambda state: state == "playing")


async def test_a_satellite_that_says_nothing_or_goes_away_ends_the_wait(
    musical: HomeAssistant, satellite: FakeSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def be_silent(_event: object) -> None:
        pass

    monkeypatch.setattr(satellite, "handle_media", be_silent)
    monkeypatch.setattr(music, "BEGIN_SECONDS", 0.1)
    with pytest.raises(HomeAssistantError, match="Nothing answers"):
        await play(musical)
    monkeypatch.setattr(music, "BEGIN_SECONDS", 60.0)
    playing = asyncio.create_task(play(musical))
    await satellite.wait_for("media-play", 2)
    await satellite.stop()
    with pytest.raises(HomeAssistantError, match="Nothing answers"):
        await playing
    await shows(musical, MUSIC, lambda state: state == STATE_UNAVAILABLE)
    with pytest.raises(HomeAssistantError):
        await musical.data["entity_components"]["media_player"].get_entity(MUSIC).async_media_stop()


async def test_what_is_played_next_ends_the_wait_for_what_came_before(
    musical: HomeAssistant, satellite: FakeSatellite, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = satellite.handle_media

    async def be_silent(_event: object) -> None:
        pass

    monkeypatch.setattr(satellite, "handle_media", be_silent)
    first = asyncio.create_task(play(musical))
    await satellite.wait_for("media-play")
    monkeypatch.setattr(satellite, "handle_media", handle)
    await play(musical)
    await first


async def test_what_ends_early_is_logged_once_and_without_its_address(
    musical: HomeAssistant, satellite: FakeSatellite, caplog: pytest.LogCaptureFixture
) -> None:
    await play(musical)
    for _ in range(2):
        await satellite.report_media(state="idle", error="media-stalled")
    await shows(musical, MUSIC, lambda state: state == "idle")
    assert caplog.text.count("ended early: media-stalled") == 1
    assert SONG not in caplog.text


async def test_an_announcement_is_one_of_the_satellite(
    musical: HomeAssistant, satellite: FakeSatellite
) -> None:
    calls: list[dict[str, Any]] = []

    async def announce(call: Any) -> None:
        calls.append(dict(call.data))

    musical.services.async_register("assist_satellite", "announce", announce)
    await play(musical, announce=True)
    assert calls == [{"entity_id": SATELLITE, "media_id": SONG, "preannounce": False}]
    assert not satellite.of_type("media-play")


async def test_the_entity_comes_and_goes_with_the_extra(
    house: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    registry = er.async_get(house)

    def entity_id() -> str | None:
        return registry.async_get_entity_id("media_player", DOMAIN, f"{SATELLITE_ID}-music")

    assert entity_id() is None
    satellite.media = dict(IDLE_MUSIC)
    satellite.drop()
    await shows(house, MUSIC, lambda state: state == "idle")
    satellite.media = None
    satellite.drop()
    await shows(house, MUSIC, lambda state: state == STATE_UNAVAILABLE)
    assert await house.config_entries.async_reload(satellite_entry.entry_id)
    assert entity_id() is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "dancing"},
        {"state": None},
        {"number": "1"},
        {"number": True},
        {"number": 2**60},
        {"volume": None},
        {"volume": 2},
        {"volume": float("nan")},
        {"muted": "no"},
        {"position_seconds": -1},
        {"duration_seconds": 1e12},
        {"duration_seconds": "long"},
    ],
)
def test_impossible_reports_are_refused(wrong: dict[str, Any]) -> None:
    assert media_status(Event("media", dict(IDLE_MUSIC))).volume == 0.5
    with pytest.raises(ContentError):
        media_status(Event("media", {**IDLE_MUSIC, **wrong}))
