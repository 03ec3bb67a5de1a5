"""The documents agree with the integration, and so with each other."""

import email
import itertools
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hassil import recognize
from hassil.intents import Intents
from homeassistant.components.websocket_api.const import DOMAIN as WEBSOCKET
from homeassistant.helpers import entity_registry as er
from homeassistant.util.yaml import load_yaml_dict
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.indoor_voice.assistant import locality
from custom_components.indoor_voice.assistant.locality import Locality
from custom_components.indoor_voice.const import DEFAULT_PORTS, DOMAIN, HOUSEHOLD_ID, EntryKind
from custom_components.indoor_voice.devices import absence, coordinator
from custom_components.indoor_voice.link import (
    disguise,
    reaching,
    recognition,
    satellite,
    synthesis,
    text,
)
from custom_components.indoor_voice.privacy import people, review, sitting
from custom_components.indoor_voice.privacy.consent import consent
from custom_components.indoor_voice.privacy.store import ledger
from custom_components.indoor_voice.turn.microphone import MAX_STREAM_SECONDS
from custom_components.indoor_voice.turn.playback import MEDIA
from custom_components.indoor_voice.voice_commands.sentences import SENTENCES, Command
from indoor_voice.room.adjustments import Adjustments, NoiseSuppression
from tests.documents import DOCUMENTS, ROOT, Document, doc, named

from .waiting import shows

if TYPE_CHECKING:
    from homeassistant.core import HomeAssistant

    from .peers import FakeSatellite

COMPONENT: Final = ROOT / "custom_components" / DOMAIN
TEXTS: Final = json.loads((COMPONENT / "translations" / "en.json").read_text())
PANEL: Final = json.loads((COMPONENT / "panel" / "translations" / "en.json").read_text())
ON_WEEKDAYS: Final = {
    "id": "a",
    "time": "06:30:00",
    "weekdays": [0, 1, 2, 3, 4],
    "time_zone": "UTC",
    "enabled": True,
    "state": "waiting",
    "next": None,
}


# Entities, notices, actions


@pytest.mark.usefixtures("plays_music", "house")
async def test_every_entity_is_documented_and_no_other(
    hass: HomeAssistant,
    satellite: FakeSatellite,
    satellite_entry: MockConfigEntry,
    speech_entry: MockConfigEntry,
) -> None:
    has_all = Adjustments(
        led_brightness=0.2, noise_suppression=NoiseSuppression.OFF, echo_cancelling=True
    )
    await satellite.report_settings(**has_all.as_data())
    satellite.alarms = [ON_WEEKDAYS]
    await satellite.list_alarms()
    await shows(hass, "switch.kitchen_kitchen_satellite_echo_cancelling", lambda on: on == "on")
    household = MockConfigEntry(
        domain=DOMAIN, title="Household", unique_id=HOUSEHOLD_ID, data={"kind": EntryKind.HOUSEHOLD}
    )
    household.add_to_hass(hass)
    assert await hass.config_entries.async_setup(household.entry_id)
    await hass.async_block_till_done()
    for entry, heading in (
        (satellite_entry, "A satellite"),
        (speech_entry, "A speech server"),
        (household, "The household"),
    ):
        there = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
        documented = {
            (named(platform)[0], next(iter(named(name)), None)): what
            for name, platform, what in doc("use.md").table(heading)
        }
        assert documented.keys() == {(it.domain, it.original_name) for it in there}, heading
        said = re.search(r"While the administrator doesn't.*? are hidden", doc_line(heading))
        hidden = {it.original_name for it in there if it.hidden_by}
        if said is None:
            assert not hidden
        else:
            everything = {name for _, name in documented}
            assert hidden == (set(named(said[0])) or everything), heading
        disabled = {(it.domain, it.original_name) for it in there if it.disabled_by}
        assert {key for key, what in documented.items() if "Disabled until" in what} == disabled
    assert await hass.config_entries.async_unload(household.entry_id)


def doc_line(heading: str) -> str:
    """Return a section of use.md as one line."""
    return " ".join(doc("use.md").section(heading).split())


def files_in(folder: str) -> set[str]:
    paths = Path(folder).rglob("*")
    return {str(path.relative_to(folder)) for path in paths if path.is_file()}


async def test_what_stays_after_everything_is_removed_is_documented(
    hass: HomeAssistant,
    house: HomeAssistant,
    satellite_entry: MockConfigEntry,
    speech_entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    household = MockConfigEntry(
        domain=DOMAIN, title="Household", unique_id=HOUSEHOLD_ID, data={"kind": EntryKind.HOUSEHOLD}
    )
    household.add_to_hass(hass)
    assert await hass.config_entries.async_setup(household.entry_id)
    for entry in (satellite_entry, speech_entry, household):
        assert await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    stores = {f".storage/{key}" for key in hass_storage}
    left = {path for path in files_in(hass.config.config_dir) | stores if "indoor_voice" in path}
    assert left == {named(row[0])[0] for row in doc("install.md").table("Removing")}


def test_every_state_is_documented_by_its_name() -> None:
    said = {row[0]: row[2] for row in doc("use.md").table("A satellite")}
    sensors = TEXTS["entity"]["sensor"]
    assert set(named(said["*Last turn*"])) == set(sensors["last_turn"]["state"].values())
    household = {row[0]: row[2] for row in doc("use.md").table("The household")}
    attributes = TEXTS["entity"]["event"]["recordings"]["state_attributes"]
    assert set(named(household["*Recordings*"])) == set(attributes["event_type"]["state"].values())


def test_every_repair_notice_is_documented_by_its_title() -> None:
    titles = {re.sub(r"\{title\}('s)?", "…", issue["title"]) for issue in TEXTS["issues"].values()}
    documented = [named(notice)[0] for notice, _ in doc("use.md").table("Repair notices")]
    assert set(documented) == titles
    assert len(documented) == len(titles)


def test_every_kind_of_engine_is_documented() -> None:
    assert {row[0] for row in doc("use.md").table("What leaves the house")} == set(Locality)


def test_every_action_is_documented_with_its_name() -> None:
    actions = load_yaml_dict(COMPONENT / "services.yaml")
    use = doc("use.md")
    tables = (doc("keeping.md").table("Actions"), use.table("Timers"), use.table("Alarms"))
    documented = [named(row[0])[0] for row in itertools.chain(*tables)]
    assert documented == [f"{DOMAIN}.{name}" for name in documented_order(actions, documented)]
    for document in map(Document, DOCUMENTS):
        called = re.findall(rf"\b{DOMAIN}\.(\w+)\b", document.text)
        assert set(called) <= {*actions, "aliases", "link", "keys", "timers", "zip"}, document.path


def documented_order(actions: dict[str, Any], documented: list[str]) -> list[str]:
    """Return the actions in the document's order, and those that it omits."""
    return sorted(
        actions, key=lambda name: [*documented, f"{DOMAIN}.{name}"].index(f"{DOMAIN}.{name}")
    )


# Choices and settings


def test_every_choice_of_what_to_add_is_documented() -> None:
    documented = {named(row[0])[0] for row in doc("install.md").table("Home Assistant")}
    assert documented == set(TEXTS["config"]["step"]["user"]["menu_options"].values())
    fields = {named(row[0])[0] for row in doc("install.md").table("Home Assistant", 1)}
    asked = {
        label
        for step in ("satellite", "speech", "unprotected", "pair_satellite", "room")
        for label in TEXTS["config"]["step"][step]["data"].values()
    }
    assert fields == asked


def test_every_setting_of_the_household_is_documented() -> None:
    documented = {row[0] for row in doc("keeping.md").table("Settings")}
    assert documented == set(TEXTS["options"]["step"]["init"]["menu_options"].values())


def test_the_pages_of_the_panel_are_documented() -> None:
    documented = [named(row[0])[0] for row in doc("keeping.md").table("The panel")]
    assert documented == list(PANEL["pages"].values())


def test_the_integration_is_as_the_documents_say() -> None:
    manifest = json.loads((COMPONENT / "manifest.json").read_text())
    packages = [re.split(r"[<>=]", it)[0] for it in manifest["requirements"]]
    *others, last = (f"`{package}`" for package in packages)
    needs = f"the Python packages that it needs: {', '.join(others)} and {last}."
    assert needs in doc("install.md").line
    oldest = json.loads((ROOT / "hacs.json").read_text())["homeassistant"].removesuffix(".0")
    for name in ("install.md", "README.md"):
        assert f"Home Assistant {oldest} or newer" in doc(name).line


# Sentences and messages


def test_every_sentence_in_a_document_is_understood_as_it_says() -> None:
    understood = Intents.from_dict(
        {
            "language": "en",
            "intents": {
                command: {"data": [{"sentences": list(sentences)}]}
                for command, sentences in SENTENCES["en"].items()
            },
        }
    )
    for name, heading, column in (
        ("keeping.md", "By voice", 0),
        ("for-the-people-at-home.md", "What you can do now, without an account", 0),
    ):
        rows = doc(name).table(heading)
        assert len(rows) >= 6, name
        for row in rows:
            said = [
                it for it in named(row[column]) if not it.startswith(("…", "everywhere", "in the"))
            ]
            for sentence in said:
                assert recognize(sentence.rstrip("?"), understood) is not None, sentence
    for shown in PANEL["guide"]["sentences"].values():
        assert recognize(shown["say"].rstrip("?"), understood) is not None, shown
    found = {
        result.intent.name
        for row in doc("keeping.md").table("By voice")
        for sentence in named(row[0])
        if (result := recognize(sentence, understood)) is not None
    }
    everywhere = {Command.DELETE_TODAY_EVERYWHERE, Command.KEEP_AGAIN}
    assert found | everywhere == set(Command), "every command is documented"
    assert "*keep recordings again*" in doc("keeping.md").line


def test_what_the_help_quotes_is_what_is_shown() -> None:
    """A title or message at the start of a table row appears in the translations or programs."""
    shown = json.dumps([TEXTS, PANEL], ensure_ascii=False)
    shown += "".join(path.read_text() for path in (ROOT / "satellite").rglob("*.py"))
    for line in doc("troubleshooting.md").text.splitlines():
        if match := re.match(r"\| \*([^*]+)\*", line):
            for part in filter(None, re.split(r" ?… ?", match[1].rstrip("?"))):
                beginning, _, _ = part.rpartition(" ")
                assert part in shown or f"{beginning} {{" in shown, part


# Numbers


def seconds(value: float) -> str:
    return f"{value:.0f} s"


SAID: Final = {
    "use.md": (
        f"| every {seconds(satellite.PING_SECONDS)} |",
        f"| after {seconds(satellite.SILENCE_SECONDS)} |",
        f"| every {seconds(coordinator.UPDATE_INTERVAL.total_seconds())} |",
        f"| every {seconds(coordinator.AWAY_INTERVAL.total_seconds())} |",
        f"Every {seconds(locality.CHECK_INTERVAL.total_seconds())} Indoor Voice checks",
        f"Announcements are cut off after {MEDIA.length / 60:.0f} minutes",
        f"commands after {seconds(MAX_STREAM_SECONDS)}",
    ),
    "install.md": (
        (
            f"{DEFAULT_PORTS[EntryKind.SATELLITE]} for a satellite and "
            f"{DEFAULT_PORTS[EntryKind.SPEECH]}"
        ),
    ),
    "link.md": (f"{ {8: 'eight'}[reaching.MAX_ADDRESSES] }, keeps the one that answers",),
    "keeping.md": (
        f"They are deleted after {ledger.ROW_LIFE_SECONDS / 86400:.0f} days",
        f"After {sitting.BATCH_RECORDINGS} recordings",
        f"after {sitting.RECORDINGS_BEFORE_REST}, or a quarter of an hour",
        f"than {review.RECORDINGS_A_DAY} in 24 hours",
        f"For {seconds(sitting.UNDO_SECONDS)} you can take it back",
    ),
    "wire.md": (
        f"a transcript of {recognition.MAX_TRANSCRIPT} characters",
        f"{recognition.MAX_EVENTS} events;",
        f"one line of {text.MAX_NAME} characters",
        f"{synthesis.MAX_SOUND_SECONDS:.0f} s at most",
        f"{disguise.MAX_EVENTS:,} events; {disguise.TOTAL_SECONDS:.0f} s in all",
    ),
}


@pytest.mark.parametrize(
    ("name", "sentence"), [(name, it) for name, many in SAID.items() for it in many]
)
def test_a_number_in_a_document_is_that_of_the_code(name: str, sentence: str) -> None:
    assert sentence in doc(name).line


def test_the_times_in_words_are_those_of_the_code() -> None:
    assert absence.AWAY_SECONDS == 30 * 60
    assert consent.VALID_SECONDS_MAX == 365 * 86400
    assert (sitting.SECONDS_BEFORE_REST, sitting.REST_SECONDS) == (15 * 60, 5 * 60)
    assert locality.CHECK_INTERVAL.total_seconds() == 30


def test_the_size_of_an_hour_of_speech_is_that_of_the_code() -> None:
    size = f"about {people.SPEECH_BYTES_PER_HOUR / 1e6:.0f} MB"
    assert f"An hour takes {size}" in doc("keeping.md").line
    limit = TEXTS["options"]["step"]["retention"]["data_description"]["max_hours"]
    assert f"takes {size} on the disk" in limit


# Programs


async def test_every_command_for_programs_is_documented(hass: HomeAssistant, house: Any) -> None:
    there = {name.removeprefix(f"{DOMAIN}/") for name in hass.data[WEBSOCKET] if DOMAIN in name}
    documented = set()
    for code in re.findall(r"`([^`]+)`", doc("keeping.md").section("For programs").split(". `")[0]):
        group, _, names = code.removeprefix(f"{DOMAIN}/").partition("/")
        documented |= {f"{group}/{name}" if names else group for name in (names or "x").split("|")}
    assert documented == there


def test_the_arrows_are_as_the_architecture_says() -> None:
    """`privacy/` and `room/` import nothing of Home Assistant, `link/` one function."""

    def importers(folder: Path) -> set[str]:
        return {
            path.name
            for path in folder.rglob("*.py")
            if re.search(r"^\s*(from|import) homeassistant", path.read_text(), re.MULTILINE)
        }

    distribution = ROOT / "satellite" / "indoor_voice"
    assert importers(COMPONENT / "privacy") == set()
    assert importers(COMPONENT / "link") == {"certificate.py"}
    assert importers(distribution) == set()
    assert "in `link/` only `certificate.py`" in doc("architecture.md").line
    for one, other in (("room", "speech"), ("speech", "room")):
        for path in (distribution / one).rglob("*.py"):
            assert not re.search(rf"indoor_voice\.{other}\b|\.\.{other}\b", path.read_text()), path


def test_every_file_that_a_document_names_is_there() -> None:
    tree = doc("architecture.md").section("The layout")
    for line in re.findall(r"^ {4}(\S.*?)(?: {2,}|$)", tree, re.MULTILINE):
        for name in re.findall(r"[\w/]+(?:\.py|/)", line):
            places = (COMPONENT, ROOT / "satellite" / "indoor_voice")
            assert any((place / name).exists() for place in places), name
    for code in doc("architecture.md").code():
        if re.fullmatch(r"(?:\w+/)*\w+\.py", code):
            assert (
                list(ROOT.glob(f"custom_components/**/{code}"))
                or list(ROOT.glob(f"satellite/**/{code}"))
                or (ROOT / code).exists()
            ), code
    distribution = ROOT / "satellite" / "indoor_voice"
    for number, folder in enumerate((COMPONENT, distribution)):
        for row in doc("architecture.md").table("Where do I find it?", number):
            for name in re.findall(r"`([\w/-]+\.(?:py|js))`", row[1]):
                assert (folder / name).exists(), name
    for document in map(Document, DOCUMENTS):
        for name in re.findall(r"\b(?:script|tests|demo)/[\w./-]*\w", document.text):
            assert (ROOT / name.partition("::")[0]).exists() or "test_x" in name, name


def test_every_promise_names_where_it_is_tested() -> None:
    rows = doc("promises.md").table("What Indoor Voice promises")
    assert len(rows) >= 10
    for promise, where in rows:
        assert named(where), promise
        for folder in named(where):
            assert list((ROOT / "tests" / folder).glob("test_*.py")), folder


def test_what_a_quality_rule_refers_to_is_there() -> None:
    for rule in load_yaml_dict(COMPONENT / "quality_scale.yaml")["rules"].values():
        for name in re.findall(
            r"[\w/]+\.md", rule.get("comment", "") if isinstance(rule, dict) else ""
        ):
            assert (ROOT / name).exists(), name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.stem)
def test_every_link_leads_somewhere(document: Path) -> None:
    for link in Document(document).links():
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        assert target.exists(), link
        assert not anchor or anchor in Document(target).anchors(), link


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_every_link_on_the_package_index_leads_somewhere(tmp_path: Path, kind: str) -> None:
    """The package index shows the README on a page where relative links don't work."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - fixed arguments
    (built,) = tmp_path.iterdir()
    if kind == "wheel":
        with zipfile.ZipFile(built) as wheel:
            (name,) = (it for it in wheel.namelist() if it.endswith("/METADATA"))
            metadata = wheel.read(name)
    else:
        with tarfile.open(built) as sdist:
            (name,) = (it for it in sdist.getnames() if it.count("/") == 1 and "PKG-INFO" in it)
            file = sdist.extractfile(name)
            assert file is not None
            metadata = file.read()
    message = email.message_from_bytes(metadata)
    page = message.get_payload()
    assert isinstance(page, str)
    (tmp_path / "page.md").write_text(page)
    links = Document(tmp_path / "page.md").links()
    written = doc("README.md").links()
    assert len(links) == len(written) > 15
    version = message["Version"]
    home = r"https://(github\.com|raw\.githubusercontent\.com)/indoor-voice/indoor-voice/"
    for link, original in zip(links, written, strict=True):
        assert link.startswith("https://"), link
        if not original.startswith("https://"):
            assert re.sub(rf"^{home}(blob/)?v{re.escape(version)}/", "", link) == original
        assert ("raw." in link) == original.endswith((".png", ".webp"))
