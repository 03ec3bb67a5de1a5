"""The files that Home Assistant and HACS read."""

import ast
import json
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from homeassistant import const
from homeassistant.util.yaml import load_yaml_dict
from PIL import Image

from custom_components.indoor_voice.assistant.locality import Stage
from custom_components.indoor_voice.devices.coordinator import Outcome

ROOT = Path(__file__).parents[2]
PACKAGE = "custom_components.indoor_voice"
COMPONENT = ROOT / "custom_components" / "indoor_voice"


def load(name: str) -> Any:
    return json.loads((COMPONENT / name).read_text())


def test_the_manifest_is_in_order() -> None:
    manifest = load("manifest.json")
    keys = list(manifest)
    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])
    assert manifest["domain"] == COMPONENT.name


def test_hacs_and_the_manifest_agree() -> None:
    hacs = json.loads((ROOT / "hacs.json").read_text())
    assert hacs["name"] == load("manifest.json")["name"]
    assert hacs["homeassistant"] == "2026.10.0"


def test_every_field_is_explained() -> None:
    texts = load("translations/en.json")
    for name, step in (*texts["config"]["step"].items(), *texts["options"]["step"].items()):
        assert step.get("data", {}).keys() == step.get("data_description", {}).keys(), name
    menu = texts["options"]["step"]["init"]
    assert menu["menu_options"].keys() == menu["menu_option_descriptions"].keys()


def test_every_icon_belongs_to_something_with_a_name() -> None:
    names = load("translations/en.json")["entity"]
    for platform, icons in load("icons.json")["entity"].items():
        for key in icons:
            # The satellite entity has the name of its device.
            assert platform == "assist_satellite" or key in names[platform]


def test_every_outcome_of_a_turn_has_a_name_and_an_icon() -> None:
    outcomes = set(Outcome)
    assert set(load("translations/en.json")["entity"]["sensor"]["last_turn"]["state"]) == outcomes
    assert set(load("icons.json")["entity"]["sensor"]["last_turn"]["state"]) == outcomes


def test_every_message_is_used_and_exists() -> None:
    source = "".join(path.read_text() for path in COMPONENT.rglob("*.py"))
    texts = load("translations/en.json")
    there = set(texts["exceptions"]) | set(texts["issues"])
    used = set(re.findall(r'(?:translation_key=|reason = |_invalid\()"(\w+)"', source))
    assert used - set(texts["selector"]) <= there
    named = set(re.findall(r"\w+", source)) | {f"cloud_{stage}" for stage in Stage}
    assert there <= named

    flow = (COMPONENT / "config_flow.py").read_text()
    device = (COMPONENT / "devices" / "candidate.py").read_text()
    reasons = set(
        re.findall(r'UnusableDeviceError\("(\w+)"|^    \(\w+Error, "(\w+)"\)', device, re.MULTILINE)
    )
    assert set(texts["config"]["error"]) == {raised or mapped for raised, mapped in reasons}
    flow += (COMPONENT / "turn" / "room_step.py").read_text()
    endings = re.findall(r'return "(\w+)"', (COMPONENT / "turn" / "first_turn.py").read_text())
    given = {*re.findall(r'reason="(\w+)"', flow), *endings}
    assert given <= set(texts["config"]["abort"])
    knocks = {mapped for _, mapped in reasons}
    assert set(texts["config"]["abort"]) - given - knocks == {
        "already_configured",
        "already_in_progress",
        "reauth_successful",
        "reconfigure_successful",
    }


def test_no_exception_speaks_english_inside_a_translated_sentence() -> None:
    """Placeholders hold names and numbers; each cause has a translated sentence."""
    for path in COMPONENT.rglob("*.py"):
        tree = ast.parse(path.read_text())
        caught = {it.name for it in ast.walk(tree) if isinstance(it, ast.ExceptHandler) and it.name}
        for call in (it for it in ast.walk(tree) if isinstance(it, ast.Call)):
            for keyword in call.keywords:
                if keyword.arg in {"translation_placeholders", "description_placeholders"}:
                    names = {it.id for it in ast.walk(keyword.value) if isinstance(it, ast.Name)}
                    assert not names & caught, f"{path.name}:{call.lineno}"
    panel = load("panel/translations/en.json")
    assert "{" not in "".join(panel["problem"].values())


def test_every_answer_of_the_options_exists_and_is_given() -> None:
    flow = (COMPONENT / "household" / "options_flow.py").read_text()
    texts = load("translations/en.json")["options"]
    assert set(re.findall(r'reason="(\w+)"', flow)) == set(texts["abort"])
    assert set(re.findall(r'errors\[.*\] = "(\w+)"', flow)) == set(texts["error"])
    assert set(re.findall(r'step_id="(\w+)"', flow)) == set(texts["step"])


def test_every_action_and_its_fields_are_explained_and_have_an_icon() -> None:
    actions = load_yaml_dict(str(COMPONENT / "services.yaml"))
    texts = load("translations/en.json")["services"]
    assert actions.keys() == texts.keys() == load("icons.json")["services"].keys()
    for name, action in actions.items():
        fields = (action or {}).get("fields", {})
        assert fields.keys() == texts[name].get("fields", {}).keys(), name


def test_the_quality_scale_is_answered_whole() -> None:
    rules = load_yaml_dict(str(COMPONENT / "quality_scale.yaml"))["rules"]
    assert len(rules) == 54
    for rule, status in rules.items():
        if isinstance(status, dict):
            assert status["status"] in ("done", "todo", "exempt"), rule
            assert status["comment"], rule
        else:
            assert status in ("done", "todo"), rule


@pytest.mark.parametrize(
    ("name", "size"), [("icon", (256, 256)), ("icon@2x", (512, 512)), ("logo", None)]
)
def test_the_mark_is_there(name: str, size: tuple[int, int] | None) -> None:
    data = (COMPONENT / "brand" / f"{name}.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    if size is not None:
        assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == size


@pytest.mark.parametrize("name", ["icon", "icon@2x", "logo", "logo@2x"])
def test_nothing_of_the_mark_is_cut_off(name: str) -> None:
    with Image.open(COMPONENT / "brand" / f"{name}.png") as image:
        alpha = image.convert("RGBA").getchannel("A")
    left, top, right, bottom = alpha.getbbox() or (0, 0, 0, 0)
    assert min(left, top) > 0
    assert right < alpha.width
    assert bottom < alpha.height


def test_entry_functions_return_what_each_release_of_home_assistant_asks_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """2026.10 takes anything but true for a failure; in 2026.11 a boolean is deprecated."""
    for minor, done in ((10, True), (11, None), (12, None)):
        with monkeypatch.context() as patch:
            patch.setattr(const, "MINOR_VERSION", minor)
            spec = spec_from_file_location(PACKAGE, COMPONENT / "__init__.py")
            assert spec is not None
            assert spec.loader is not None
            afresh = module_from_spec(spec)
            spec.loader.exec_module(afresh)
            assert afresh.DONE is done
