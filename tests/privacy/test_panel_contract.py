"""The panel's JavaScript and types agree with the household's messages and the libraries."""

import json
import re
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from custom_components.indoor_voice.privacy.consent.consent import Purpose, State
from custom_components.indoor_voice.privacy.consent.disguise import Disguise
from custom_components.indoor_voice.privacy.consent.rules import DropReason
from custom_components.indoor_voice.privacy.marking.marks import Mark
from custom_components.indoor_voice.privacy.sitting import Stop
from custom_components.indoor_voice.privacy.store.ledger_rows import Broken, RowKind
from custom_components.indoor_voice.privacy.store.listening_key import LockedKey
from custom_components.indoor_voice.privacy.store.sealing import Part
from custom_components.indoor_voice.privacy.types import KeyChange, Verdict

from .listener import Listener

if TYPE_CHECKING:
    from enum import StrEnum

ROOT: Final = Path(__file__).parents[2]
PANEL: Final = ROOT / "custom_components" / "indoor_voice" / "panel"
CODES: Final[dict[str, type[StrEnum]]] = {
    "Purpose": Purpose,
    "ConsentState": State,
    "Part": Part,
    "Verdict": Verdict,
    "Mark": Mark,
    "Disguise": Disguise,
    "Stop": Stop,
    "KeyChange": KeyChange,
    "DropReason": DropReason,
    "Broken": Broken,
    "RowKind": RowKind,
}


@pytest.mark.parametrize("name", CODES)
def test_the_panel_knows_every_code(name: str) -> None:
    files = (PANEL / "api.d.ts", PANEL / "ledger.d.ts")
    types = "".join(file.read_text(encoding="utf-8") for file in files)
    found = re.search(rf"^export type {name} =(.*?);$", types, re.MULTILINE | re.DOTALL)
    assert found
    assert set(re.findall(r'"([^"]+)"', found[1])) == set(CODES[name])


def test_the_panel_says_how_strong_each_form_was_measured_to_be() -> None:
    document = (ROOT / "docs" / "disguise.md").read_text(encoding="utf-8")
    texts = json.loads((PANEL / "translations" / "en.json").read_text(encoding="utf-8"))
    voices = document[document.index("| 17 synthetic voices") : document.index("| 40 people")]
    rates = [round(float(rate)) for rate in re.findall(r"([\d.]+) %", voices)]
    said = {form: text["choice"] for form, text in texts["disguise"].items() if form in Disguise}
    assert f"in {rates[0]} of 100 cases" in said["none"]
    assert f"in only {rates[3]} of 100 cases" in said["voice"]
    assert f"in {rates[-1]} of 100 cases" in said["respoken"]


def test_the_types_of_the_panels_libraries_are_of_the_versions_that_it_has() -> None:
    vendored = json.loads((PANEL / "vendor" / "vendor.json").read_text(encoding="utf-8"))
    tools = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    both = vendored.keys() & tools.keys()
    assert {"lit-element", "lit-html", "libsodium-wrappers-sumo", "wavesurfer.js"} <= both
    assert {name: tools[name] for name in both} == {
        name: vendored[name]["version"] for name in both
    }


def test_what_the_panels_own_tests_open_was_sealed_as_home_assistant_seals() -> None:
    path = ROOT / "tests" / "panel-units" / "sealed.json"
    sealed = json.loads(path.read_text(encoding="utf-8"))
    listener = Listener.unlock(LockedKey.from_json(sealed["locked"]), sealed["passphrase"])
    for part in Part:
        opened = listener.open(
            b64decode(sealed["key"]), sealed["clip"], part, b64decode(sealed[part])
        )
        assert opened.decode() == sealed["opened"][part]
