"""Which devices are trusted, and how trust begins and ends."""

import asyncio
import random
import stat
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.indoor_voice.const import DOMAIN
from custom_components.indoor_voice.diagnostics import async_get_config_entry_diagnostics
from custom_components.indoor_voice.link import client, pairing, tls
from custom_components.indoor_voice.link.certificate import CertificateError, load_or_make
from tests.waiting import until

from .entries import data_of
from .flows import CODE, begin, enter, enter_code
from .protection import Protection
from .waiting import reaches

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from homeassistant.core import HomeAssistant

    from custom_components.indoor_voice.link.certificate import OwnCertificate

    from .peers import FakeSatellite, FakeSpeech, Peer

STT = "stt.speech_server_tiny_en_speech_to_text"


def protection_of(peer: Peer) -> Protection:
    assert peer.protection is not None
    return peer.protection


async def form_of(hass: HomeAssistant, peer: Peer, port: int | None = None) -> Any:
    """Go through the flow for a new peer to the form that asks for the code."""
    await peer.trust(None)
    form = await enter(hass, await begin(hass, peer.kind), port or peer.port)
    assert form["step_id"] == f"pair_{peer.kind}"
    return form


async def reauth_of(hass: HomeAssistant, entry: MockConfigEntry) -> Any:
    """Wait for the flow that asks to pair the entry's device again."""
    await until(lambda: any(entry.async_get_active_flows(hass, {SOURCE_REAUTH})))
    (flow,) = entry.async_get_active_flows(hass, {SOURCE_REAUTH})
    assert flow["step_id"] == f"reauth_{entry.data['kind']}"
    return flow


async def until_unpaired(peer: Peer) -> None:
    await until(lambda: protection_of(peer).trusted is None)


# Codes


@pytest.mark.parametrize("entered", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦"])
async def test_a_code_has_six_digits(
    hass: HomeAssistant, satellite: FakeSatellite, entered: str
) -> None:
    form = await enter_code(hass, await form_of(hass, satellite), entered)
    assert form["errors"] == {"base": "invalid_code"}


async def test_a_wrong_code_says_how_many_tries_are_left(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    form = await enter_code(hass, await form_of(hass, satellite), "000000")
    assert form["errors"] == {"base": "wrong_code"}
    assert form["description_placeholders"]["tries"] == "2"
    result = await enter_code(hass, form, "492 173")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await satellite.wait_for("run-satellite")
    assert await hass.config_entries.async_unload(result["result"].entry_id)


@pytest.mark.parametrize(
    ("refusal", "reason", "placeholders"),
    [
        ({"code": "pairing-paused", "seconds": 29.6}, "pairing_paused", {"seconds": "30"}),
        ({"code": "pairing-busy"}, "pairing_busy", {}),
        ({"code": "newer-protocol"}, "older_protocol", {}),
        ({"code": "newer-protocol", "protocol": 99}, "newer_protocol", {}),
        ({"code": "failed"}, "device_failed", {}),
        ({"code": "bad-request"}, "not_ours", {}),
        ({"code": "wrong-code", "tries": "three"}, "not_ours", {}),
        ({"code": "pairing-paused", "seconds": -1}, "not_ours", {}),
        ({}, "not_ours", {}),
    ],
)
async def test_what_the_device_refuses_is_said(
    hass: HomeAssistant,
    satellite: FakeSatellite,
    refusal: dict[str, object],
    reason: str,
    placeholders: dict[str, str],
) -> None:
    form = await form_of(hass, satellite)
    protection_of(satellite).refusal = refusal
    form = await enter_code(hass, form)
    assert form["errors"] == {"base": reason}
    assert form["description_placeholders"].items() >= placeholders.items()


@pytest.mark.parametrize(
    ("lies", "reason"),
    [
        ({"message": "no hex"}, "not_ours"),
        ({"message": 5}, "not_ours"),
        ({"message": "00" * 32}, "not_ours"),
        ({"message": "00" * 33}, "not_ours"),
        ({"confirmation": None}, "not_ours"),
        ({"confirmation": "00" * 32}, "in_the_middle"),
    ],
)
async def test_a_device_that_does_not_know_its_own_code_is_not_trusted(
    hass: HomeAssistant, satellite: FakeSatellite, lies: dict[str, object], reason: str
) -> None:
    form = await form_of(hass, satellite)
    protection_of(satellite).lies = lies
    assert (await enter_code(hass, form))["errors"] == {"base": reason}
    assert protection_of(satellite).trusted is None


async def test_a_stranger_in_the_middle_gains_nothing(
    hass: HomeAssistant, satellite: FakeSatellite, tmp_path: Path
) -> None:
    await satellite.trust(None)
    async with _in_the_middle(satellite, tmp_path / "mallory.pem") as port:
        form = await enter(hass, await begin(hass, "satellite"), port)
        assert form["step_id"] == "pair_satellite"
        assert (await enter_code(hass, form))["errors"] == {"base": "wrong_code"}
    assert protection_of(satellite).trusted is None


@asynccontextmanager
async def _in_the_middle(peer: Peer, path: Path) -> AsyncGenerator[int]:
    """Relay every byte between a client and the peer, decrypting in between."""

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs = await asyncio.open_connection(
            "127.0.0.1", peer.port, ssl=tls.for_pairing(), server_hostname=""
        )
        await asyncio.gather(relay(reader, theirs[1]), relay(theirs[0], writer))

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=Protection(path).context())
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize("step", ["pair-begin", "pair-confirm"])
async def test_a_line_that_breaks_can_be_tried_again(
    hass: HomeAssistant, satellite: FakeSatellite, step: str
) -> None:
    form = await form_of(hass, satellite)
    protection_of(satellite).breaks_off_at = step
    form = await enter_code(hass, form)
    assert form["errors"] == {"base": "turned_away"}
    assert protection_of(satellite).trusted is None


async def test_the_last_step_may_get_lost(hass: HomeAssistant, satellite: FakeSatellite) -> None:
    form = await form_of(hass, satellite)
    protection_of(satellite).breaks_off_at = "pair-done"
    form = await enter_code(hass, form)
    assert form["errors"] == {"base": "not_trusted"}
    protection_of(satellite).breaks_off_at = None
    result = await enter_code(hass, form)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await satellite.wait_for("run-satellite")
    assert await hass.config_entries.async_unload(result["result"].entry_id)


async def test_a_device_that_falls_silent_does_not_hold_the_user_up(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    form = await form_of(hass, satellite)
    with patch.object(pairing, "PAIRING_TIMEOUT_SECONDS", 0.0):
        assert (await enter_code(hass, form))["errors"] == {"base": "cannot_connect"}


async def test_one_that_is_paired_elsewhere_says_how_to_reset_it(
    hass: HomeAssistant, satellite: FakeSatellite
) -> None:
    await satellite.trust(protection_of(satellite).own.pem)
    form = await enter(hass, await begin(hass, "satellite"), satellite.port)
    assert form["errors"] == {"base": "already_paired"}
    assert form["description_placeholders"]["reset_command"] == "indoor-voice satellite --reset"


async def test_a_dialogue_that_is_given_up_lets_the_device_go(
    hass: HomeAssistant, speech: FakeSpeech
) -> None:
    form = await enter_code(hass, await form_of(hass, speech))
    assert form["step_id"] == "pipeline"
    assert protection_of(speech).trusted is not None
    hass.config_entries.flow.async_abort(form["flow_id"])
    await until_unpaired(speech)


async def test_one_that_is_gone_by_then_is_no_error(
    hass: HomeAssistant, speech: FakeSpeech, caplog: pytest.LogCaptureFixture
) -> None:
    form = await enter_code(hass, await form_of(hass, speech))
    await speech.stop()
    hass.config_entries.flow.async_abort(form["flow_id"])
    await hass.async_block_till_done(wait_background_tasks=True)


# Keys


async def test_the_private_key_and_the_code_stay_where_they_are(
    hass: HomeAssistant,
    own: OwnCertificate,
    satellite: FakeSatellite,
    caplog: pytest.LogCaptureFixture,
) -> None:
    own.path.unlink()
    result = await enter_code(hass, await form_of(hass, satellite))
    await satellite.wait_for("run-satellite")
    assert stat.S_IMODE(own.path.stat().st_mode) == 0o600
    key = own.path.read_text().split("-----END PRIVATE KEY-----")[0].splitlines()[1]
    entry = result["result"]
    diagnostics = await async_get_config_entry_diagnostics(hass, entry)
    for place in (caplog.text, str(entry.as_dict()), str(diagnostics)):
        assert key not in place
        assert CODE not in place
    assert await hass.config_entries.async_unload(entry.entry_id)


async def test_a_widened_key_file_is_closed_again(
    hass: HomeAssistant,
    own: OwnCertificate,
    speech: FakeSpeech,
    speech_entry: MockConfigEntry,
) -> None:
    own.path.chmod(0o644)
    assert await hass.config_entries.async_setup(speech_entry.entry_id)
    assert stat.S_IMODE(own.path.stat().st_mode) == 0o600


async def test_a_damaged_key_is_not_replaced(
    hass: HomeAssistant,
    own: OwnCertificate,
    speech_entry: MockConfigEntry,
    satellite: FakeSatellite,
    caplog: pytest.LogCaptureFixture,
) -> None:
    own.path.write_text("damaged")
    assert not await hass.config_entries.async_setup(speech_entry.entry_id)
    assert speech_entry.state is ConfigEntryState.SETUP_ERROR
    assert str(own.path) in (speech_entry.reason or "")
    form = await enter_code(hass, await form_of(hass, satellite))
    assert form["errors"] == {"base": "key_unusable"}
    assert own.path.read_text() == "damaged"
    assert await hass.config_entries.async_remove(speech_entry.entry_id)
    assert "run `indoor-voice speech --reset` on it" in caplog.text


def _damages(own: OwnCertificate, other: OwnCertificate) -> list[bytes]:
    """Flipped bits, cuts, other kinds of key, and a key of another certificate."""
    chance = random.Random(3)  # noqa: S311 - no secret
    whole = own.path.read_bytes()
    key, begin, certificate = whole.partition(b"-----BEGIN CERT")
    made = [b"", b"\x00" * len(whole), key, begin + certificate, whole + whole, whole[:-40]]
    made.append(other.path.read_bytes().partition(begin)[0] + begin + certificate)
    for kind in (
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP384R1()),
    ):
        pem = kind.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        made.append(pem + begin + certificate)
    for _ in range(300):
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 1, 1, 2, 8])):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        made.append(bytes(damaged))
    return made


def test_no_damage_of_the_key_makes_another_of_it(own: OwnCertificate, tmp_path: Path) -> None:
    other = load_or_make(tmp_path / "other.pem")
    refused = 0
    for damaged in _damages(own, other):
        own.path.write_bytes(damaged)
        try:
            read = load_or_make(own.path)
        except CertificateError as err:
            assert str(own.path) in str(err)  # noqa: PT017 - either outcome is right
            refused += 1
        else:
            assert read == own
        assert own.path.read_bytes() == damaged
    assert refused > 250


async def test_a_damaged_key_is_one_repair_notice_until_it_is_whole(
    hass: HomeAssistant,
    own: OwnCertificate,
    speech: FakeSpeech,
    speech_entry: MockConfigEntry,
    tmp_path: Path,
) -> None:
    whole = own.path.read_bytes()
    issues = ir.async_get(hass)
    for damaged in _damages(own, load_or_make(tmp_path / "other.pem"))[:10]:
        own.path.write_bytes(damaged)
        if speech_entry.state is ConfigEntryState.NOT_LOADED:
            await hass.config_entries.async_setup(speech_entry.entry_id)
        else:
            await hass.config_entries.async_reload(speech_entry.entry_id)
        assert speech_entry.state is ConfigEntryState.SETUP_ERROR
        assert speech_entry.error_reason_translation_key == "key_damaged"
        (issue,) = [it for it in issues.issues.values() if it.domain == DOMAIN]
        assert issue.translation_key == "link_key_damaged"
        assert issue.translation_placeholders == {"path": str(own.path)}
        assert own.path.read_bytes() == damaged
    own.path.write_bytes(whole)
    assert await hass.config_entries.async_reload(speech_entry.entry_id)
    assert not [it for it in issues.issues.values() if it.domain == DOMAIN]
    assert await hass.config_entries.async_unload(speech_entry.entry_id)


async def test_a_damaged_certificate_is_said(
    hass: HomeAssistant, speech: FakeSpeech, speech_entry: MockConfigEntry
) -> None:
    data = {**speech_entry.data, "certificate": "damaged"}
    hass.config_entries.async_update_entry(speech_entry, data=data)
    assert not await hass.config_entries.async_setup(speech_entry.entry_id)
    assert speech_entry.state is ConfigEntryState.SETUP_ERROR
    assert speech_entry.error_reason_translation_key == "certificate_unusable"


async def test_a_key_that_cannot_be_read_has_a_message_of_its_own(
    hass: HomeAssistant, own: OwnCertificate, speech_entry: MockConfigEntry
) -> None:
    own.path.unlink()
    own.path.mkdir()
    assert not await hass.config_entries.async_setup(speech_entry.entry_id)
    assert speech_entry.error_reason_translation_key == "key_unreadable"
    (issue,) = [it for it in ir.async_get(hass).issues.values() if it.domain == DOMAIN]
    assert issue.translation_key == "link_key_unreadable"


# Pairing again


async def test_a_satellite_that_was_unpaired_is_paired_again(
    house: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    await satellite.trust(None)
    satellite.drop()
    form = await reauth_of(house, satellite_entry)
    await reaches(house, "unavailable")
    form = await enter_code(house, form, "000000")
    assert form["errors"] == {"base": "wrong_code"}
    assert form["description_placeholders"]["name"] == "Kitchen satellite"
    result = await enter_code(house, form)
    assert result["reason"] == "reauth_successful"
    await house.async_block_till_done()
    await reaches(house, "idle")


async def test_a_new_key_is_taken_over(
    house: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry, tmp_path: Path
) -> None:
    satellite.protection = Protection(tmp_path / "new.pem")
    await satellite.trust(None)
    satellite.drop()
    result = await enter_code(house, await reauth_of(house, satellite_entry))
    assert result["reason"] == "reauth_successful"
    assert satellite_entry.data["certificate"] == satellite.protection.own.pem
    await reaches(house, "idle")


async def test_another_device_does_not_become_this_one(
    house: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    before = satellite_entry.data["certificate"]
    satellite.id = "0" * 32
    await satellite.trust(None)
    satellite.drop()
    result = await enter_code(house, await reauth_of(house, satellite_entry))
    assert result["reason"] == "another_device"
    await until_unpaired(satellite)
    assert satellite_entry.data["certificate"] == before


async def test_who_stood_in_the_way_for_a_while_costs_no_pairing(
    house: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry, tmp_path: Path
) -> None:
    real, stranger = satellite.protection, Protection(tmp_path / "stranger.pem")
    satellite.protection = stranger
    await satellite.trust(stranger.own.pem)
    satellite.drop()
    await reauth_of(house, satellite_entry)
    satellite.protection = real
    assert real is not None
    await satellite.trust(real.trusted)
    await reaches(house, "idle")
    await until(lambda: not any(satellite_entry.async_get_active_flows(house, {SOURCE_REAUTH})))


async def test_one_that_is_trusted_again_meanwhile_is_not_paired_anew(
    hass: HomeAssistant, own: OwnCertificate, speech: FakeSpeech, speech_entry: MockConfigEntry
) -> None:
    flow = await speech_entry.start_reauth_flow(hass)
    result = await enter_code(hass, flow, "000000")
    assert result["reason"] == "reauth_successful"
    assert not speech.of_type("pair-begin")


async def test_a_satellite_that_trusts_somebody_else_is_lost(
    house: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    await satellite.trust(protection_of(satellite).own.pem)
    satellite.drop()
    form = await reauth_of(house, satellite_entry)
    assert (await enter_code(house, form))["errors"] == {"base": "already_paired"}


async def test_setting_up_goes_on_when_the_trust_returns(
    hass: HomeAssistant, own: OwnCertificate, speech: FakeSpeech, speech_entry: MockConfigEntry
) -> None:
    await speech.trust(None)
    assert not await hass.config_entries.async_setup(speech_entry.entry_id)
    assert speech_entry.state is ConfigEntryState.SETUP_RETRY
    await reauth_of(hass, speech_entry)
    await speech.trust(own.pem)
    await until(lambda: speech_entry.state, lambda state: state is ConfigEntryState.LOADED)


async def test_a_speech_server_that_was_unpaired_is_shown_as_gone(
    hass: HomeAssistant, speech: FakeSpeech, speech_entry: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_setup(speech_entry.entry_id)
    await speech.trust(None)
    await speech_entry.runtime_data.coordinator.async_refresh()
    state = hass.states.get(STT)
    assert state is not None
    assert state.state == "unavailable"
    result = await enter_code(hass, await reauth_of(hass, speech_entry))
    assert result["reason"] == "reauth_successful"


# Unpairing


async def test_removing_an_entry_unpairs_its_device(
    house: HomeAssistant, satellite: FakeSatellite, satellite_entry: MockConfigEntry
) -> None:
    assert await house.config_entries.async_remove(satellite_entry.entry_id)
    assert protection_of(satellite).trusted is None


async def test_a_device_that_cannot_be_told_is_named(
    hass: HomeAssistant,
    satellite: FakeSatellite,
    satellite_entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await satellite.stop()
    assert await hass.config_entries.async_remove(satellite_entry.entry_id)
    assert "run `indoor-voice satellite --reset` on it" in caplog.text


@pytest.mark.parametrize("bound", ["UNPAIR_TIMEOUT_SECONDS", "KNOCK_TIMEOUT_SECONDS"])
async def test_nobody_waits_for_one_that_does_not_answer(
    own: OwnCertificate, satellite: FakeSatellite, bound: str
) -> None:
    address = client.Address(host="127.0.0.1", port=satellite.port)
    tls_context = tls.pinned(own, protection_of(satellite).own.pem)
    with patch.object(pairing, bound, 0.0), pytest.raises(client.UnreachableError):
        await (
            pairing.unpair(address, tls_context) if "UNPAIR" in bound else pairing.knock(address)
        )


# Speech servers of other vendors


@pytest.mark.parametrize(
    ("host", "is_shown"), [("127.0.0.1", False), ("localhost", False), ("speech.home", True)]
)
async def test_a_plain_connection_through_the_network_is_shown(
    hass: HomeAssistant, plain_speech: FakeSpeech, host: str, *, is_shown: bool
) -> None:
    entry = MockConfigEntry(domain=DOMAIN, data={**data_of(plain_speech), "host": host})
    entry.add_to_hass(hass)
    resolve = hass.loop.getaddrinfo
    with patch.object(
        hass.loop, "getaddrinfo", lambda _, *args, **kw: resolve("127.0.0.1", *args, **kw)
    ):
        assert await hass.config_entries.async_setup(entry.entry_id)
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"unprotected_{entry.entry_id}")
    assert (issue is not None) is is_shown
    assert await hass.config_entries.async_remove(entry.entry_id)
    assert not ir.async_get(hass).issues
