"""Text in a device's description is shown as one short visible line, or not at all."""

import itertools
import json
import unicodedata
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from homeassistant.components.assist_pipeline.pipeline import async_get_pipelines
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry
from wyoming.event import Event

from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.diagnostics import async_get_config_entry_diagnostics
from custom_components.indoor_voice.link.client import parse_peer
from custom_components.indoor_voice.link.text import MAX_NAME, clean, without_links
from custom_components.indoor_voice.link.wire import FrameError

from .entries import data_of
from .flows import announcement, begin, choose_pipeline, discover, enter, enter_code
from .peers import FakeSatellite, FakeSpeech, satellite_info, speech_info
from .pipelines import request_pipeline
from .protection import Protection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from homeassistant.core import HomeAssistant

    from custom_components.indoor_voice.link.certificate import OwnCertificate

NASTY = "Kit\x1b[31mchen\n\u202eevil\u200b\ufeff\x00\t" + "x" * 5_000


def is_fit(text: str) -> bool:
    return (
        0 < len(text) <= MAX_NAME
        and text == text.strip()
        and not any(unicodedata.category(char) in ("Cc", "Cf", "Cs") for char in text)
    )


def with_texts_replaced(data: Any, text: Any) -> Any:
    """Replace every text with another."""
    match data:
        case str():
            return text
        case list():
            return [with_texts_replaced(item, text) for item in data]
        case dict():
            return {key: with_texts_replaced(value, text) for key, value in data.items()}
        case _:
            return data


def texts(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for item in value for text in texts(item)]
        case dict():
            return [text for item in value.values() for text in texts(item)]
        case _:
            return []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Küche", "Küche"),
        ("  Kitchen \r\n left ", "Kitchen left"),
        ("\x1b]0;owned\x07Kitchen", "]0;ownedKitchen"),
        ("\u202e\u2066\u200e\u061cKitchen", "Kitchen"),
        ("Kit\u200b\u200d\ufeff\u00adchen", "Kitchen"),
        ("\ud83d", ""),
        ("\U0001f373 Kitchen", "\U0001f373 Kitchen"),
        ("\u3164\u2800\u115f", ""),
        ("\ufe0f\u034f\u17b4\u180b\U000e0100\U0001d159", ""),
        ("\u0301\u20dd K\u0301itchen \u0301", "K\u0301itchen"),
        ("K" + "\u0301" * 300 + "itchen", "K" + "\u0301" * 5 + "itchen"),
        # Correctly written Burmese, Thai and Devanagari.
        (*["\u1019\u103c\u103d\u103e\u102f\u1036\u1037"] * 2,),
        ("ห้องครัว", "ห้องครัว"),
        ("रसोई घर", "रसोई घर"),
        ("\u2764\ufe0f", "\u2764"),
        ("\U000e0041\ue000\U000f0000", ""),
        ("a\u2028b\u2029c\u0085d\u00a0e", "a b c d e"),
        ("x" * 5_000, "x" * MAX_NAME),
        ("", ""),
    ],
    ids=itertools.count(),
)
def test_a_text_is_one_line_of_what_can_be_seen(text: str, shown: str) -> None:
    assert clean(text, MAX_NAME) == shown


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Kitchen (left) & hall #2", "Kitchen (left) & hall #2"),
        ("en_US-joe-medium", "en_US-joe-medium"),
        ("Systran/faster-whisper-tiny.en", "Systran/faster-whisper-tiny.en"),
        ("[Pair again](http://evil.example)", "Pair again ( evil.example)"),
        ("<img src=//evil.example/x onerror=a()>", "img src=//evil.example/x onerror=a()"),
        ("![x][y] <https://evil.example>", "! x y evil.example"),
        ("HTTPS://evil.example WWW.evil.example", "evil.example evil.example"),
        ("me@evil.example", "me evil.example"),
        ("<[]>", ""),
    ],
)
def test_a_title_makes_no_link_where_markdown_is_shown(name: str, title: str) -> None:
    assert without_links(clean(name, MAX_NAME)) == title


async def test_a_satellite_named_like_a_link_is_added_without_it(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    await satellite.trust(None)
    assert satellite.info.satellite is not None
    satellite.info.satellite.name = "[Kitchen](http://evil.example) <img>"
    form = await enter(hass, await begin(hass, "satellite"), satellite.port)
    result = await enter_code(hass, form)
    assert result["title"] == "Kitchen ( evil.example) img"
    await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.parametrize("info", [satellite_info(), speech_info()])
@pytest.mark.parametrize("text", [NASTY, "", " \u200b", "\ud800", 5, None, True, [], {}, ["x"]])
def test_a_description_is_fit_to_be_shown_or_is_refused(info: Any, text: Any) -> None:
    data = json.loads(json.dumps(with_texts_replaced(info.event().data, text)))
    try:
        peer = parse_peer(Event(type="info", data=data))
    except FrameError:
        return
    found = texts(peer.info.event().data)
    assert all(text == "" or is_fit(text) for text in found)
    names = [
        named.name
        for program in (*peer.info.asr, *peer.info.tts, *peer.info.wake)
        for named in getattr(program, "models", None) or getattr(program, "voices", None) or ()
    ]
    assert all(names)


def with_one_replaced(data: Any, value: Any) -> Iterator[Any]:
    """Yield copies in each of which one value is replaced."""
    yield value
    match data:
        case list():
            for place, item in enumerate(data):
                for replaced in with_one_replaced(item, value):
                    yield [*data[:place], replaced, *data[place + 1 :]]
        case dict():
            for key, item in data.items():
                for replaced in with_one_replaced(item, value):
                    yield data | {key: replaced}


@pytest.mark.parametrize("info", [satellite_info(), speech_info()])
@pytest.mark.parametrize("value", [None, True, -1, 1e999, 10**400, "\ud800", [], [[]], {}, {"": 0}])
def test_nothing_in_a_description_is_an_error_of_ours(info: Any, value: Any) -> None:
    data = json.loads(json.dumps(info.event().data))
    for description in with_one_replaced(data, value):
        if isinstance(description, dict):
            with suppress(FrameError):
                parse_peer(Event(type="info", data=description))


def test_a_description_nested_out_of_measure_is_no_error() -> None:
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    peer = parse_peer(Event(type="info", data=satellite_info().event().data | {"x": deep}))
    assert peer.info.satellite is not None


@pytest.mark.parametrize("id_", ["household", "x" * 5_000, "", "\n", 5, None, "5A7E" * 8])
def test_who_has_no_id_of_ours_is_not_ours(id_: object) -> None:
    data = satellite_info().event().data | {"indoor_voice": {"id": id_, "protocol": True}}
    peer = parse_peer(Event(type="info", data=data))
    assert peer.device_id is None
    assert peer.protocol is None


async def test_a_satellite_with_a_nasty_name_is_added_under_a_fit_one(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    await satellite.trust(None)
    description = satellite.description

    def nasty() -> Event:
        event = description()
        event.data["satellite"].update(name=NASTY, area=NASTY, version=NASTY)
        event.data["satellite"]["attribution"]["name"] = NASTY
        return event

    satellite.description = nasty  # type: ignore[method-assign]
    form = await enter(hass, await begin(hass, "satellite"), satellite.port)
    result = await enter_code(hass, form)
    await satellite.wait_for("run-satellite")
    entry = result["result"]
    (device,) = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
    areas = [area.name for area in ar.async_get(hass).async_list_areas()]
    shown = (result["title"], device.name, device.manufacturer, device.sw_version, *areas)
    assert all(is_fit(text or "") for text in shown)
    await hass.config_entries.async_unload(entry.entry_id)


async def test_one_without_a_name_is_called_by_what_it_is(
    hass: HomeAssistant, satellite: FakeSatellite, speech: FakeSpeech
) -> None:
    for peer, step, title in (
        (satellite, "satellite", "Satellite at 127.0.0.1"),
        (speech, "speech", "Speech server (127.0.0.1)"),
    ):
        await peer.trust(None)
        info = peer.info
        models = [model for program in info.asr for model in program.models]
        for named in (info.satellite, *info.asr, *models, *info.tts):
            if named is not None:
                named.name = "\u200b"
        result = await enter_code(hass, await enter(hass, await begin(hass, step), peer.port))
        if step == "speech":
            result = await choose_pipeline(hass, result, create=False, prefer=False)
        assert result["title"] == title
        await hass.config_entries.async_unload(result["result"].entry_id)


async def test_an_announced_id_that_is_none_is_refused(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    for id_ in ("household", "x", "5A7E" * 8, "\n" * 32):
        result = await discover(hass, announcement(satellite, id=id_))
        assert result["reason"] == "invalid_discovery"


async def test_codes_of_its_own_reach_neither_log_nor_diagnostics(
    hass: HomeAssistant,
    speech: FakeSpeech,
    speech_entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    from .hostile_speech import sending  # noqa: PLC0415
    from .speech_engines import recognise, speak  # noqa: PLC0415

    assert await hass.config_entries.async_setup(speech_entry.entry_id)
    refused = Event(type="error", data={"code": "my\nown\x1b code", "text": "secret words"})
    speech.recognise = speech.synthesise = sending(refused)
    await recognise(hass)
    with pytest.raises(Exception, match="couldn't speak") as failure:
        await speak(hass, preferred_format="wav")
    diagnostics = await async_get_config_entry_diagnostics(hass, speech_entry)
    assert diagnostics["counts"]["recognition refused failed"] == 1
    ours = [r.getMessage() for r in caplog.records if "indoor_voice" in r.name]
    for place in (str(failure.value), str(diagnostics), *ours):
        assert "own" not in place.split()
        assert "secret words" not in place


@pytest.mark.parametrize("prefer", [False, True])
async def test_a_second_server_moves_the_assistant_only_where_it_is_preferred(
    hass: HomeAssistant,
    speech_entry: MockConfigEntry,
    own: OwnCertificate,
    tmp_path: Path,
    *,
    prefer: bool,
) -> None:
    assert await hass.config_entries.async_setup(speech_entry.entry_id)
    (before,) = [p for p in async_get_pipelines(hass) if p.name == "Indoor Voice"]
    async with FakeSpeech(Protection(tmp_path / "other.pem", own.pem)) as other:
        other.id = "07e5" * 8
        entry = MockConfigEntry(
            domain=DOMAIN, title="Second", unique_id=other.id, data=data_of(other)
        )
        entry.add_to_hass(hass)
        request_pipeline(hass, entry, create=True, prefer=prefer)
        assert await hass.config_entries.async_setup(entry.entry_id)
        pipelines = {p.name: p for p in async_get_pipelines(hass)}
        registry = er.async_get(hass)
        theirs = registry.async_get_entity_id("stt", DOMAIN, other.id)
        if prefer:
            assert pipelines["Indoor Voice"].stt_engine == theirs
            assert "Indoor Voice: Second" not in pipelines
        else:
            assert pipelines["Indoor Voice"] == before
            assert pipelines["Indoor Voice: Second"].stt_engine == theirs
        await hass.config_entries.async_unload(entry.entry_id)
