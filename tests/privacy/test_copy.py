"""A copy of the ledger: anyone can check it, and every change to it is detected."""

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.indoor_voice.api.serialize import copy_json
from custom_components.indoor_voice.privacy.people import DAY_SECONDS
from custom_components.indoor_voice.privacy.store.ledger import ROW_LIFE_SECONDS
from indoor_voice.cli import main
from indoor_voice.verify import CopyError, agree, check

from .reviewing import ADA, BEN, CLEO, DEE, KITCHEN, SYSTEM, Home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def home(home: Home) -> Home:
    home.say()
    return home


def copied(home: Home, person: str) -> Any:
    return json.loads(json.dumps(copy_json(home.household.copy(person))))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A copy of a ledger with removed rows and rows about other people."""
    home = Home(tmp_path_factory.mktemp("copy") / "household.sqlite")
    home.say()
    home.wait(ROW_LIFE_SECONDS - DAY_SECONDS)
    home.household.pause(actor=SYSTEM, room=(KITCHEN, True))
    home.name(ADA, BEN)
    home.name(BEN, CLEO)
    home.household.expire()
    home.wait(2 * DAY_SECONDS)
    home.household.expire()
    found = copied(home, ADA)
    home.household.close()
    assert found["anchor"]
    assert len(found["rows"]) < len(found["chain"]) // 44
    assert check(json.dumps(found)).rows == len(found["rows"]) > 2
    return found


def refused(changed: Any) -> None:
    with pytest.raises(CopyError):
        check(json.dumps(changed))


def test_everybody_gets_a_copy_that_fits(home: Home) -> None:
    for person in (ADA, CLEO, DEE, "nobody"):
        found = check(json.dumps(copied(home, person)))
        assert (found.person, found.first) == (person, 1)
        assert found.last == home.household.head().seq


def test_a_copy_holds_nothing_of_rows_about_others(home: Home) -> None:
    home.household.delete_since(None, 0.0, SYSTEM)
    for row in copied(home, DEE)["rows"]:
        assert DEE in {row["actor"], *row["subjects"]} or row["kind"] in {"begun", "aged"}
    texts = [row["text"] for row in copied(home, ADA)["rows"]]
    assert all(json.loads(text)["salt"] for text in texts), "salt prevents guessing a row"


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path to every value in a copy."""
    if at:
        yield at
    if isinstance(value, dict | list):
        children = value.items() if isinstance(value, dict) else enumerate(value)
        for name, child in children:
            yield from places(child, (*at, name))


def parent(value: Any, at: tuple[Any, ...]) -> Any:
    for name in at[:-1]:
        value = value[name]
    return value


def test_whatever_is_taken_out_or_put_in_is_found(whole: Any) -> None:
    for at in list(places(whole)):
        changed = copy.deepcopy(whole)
        del parent(changed, at)[at[-1]]
        refused(changed)
        others: tuple[Any, ...] = (None, True, 0, 7, 1.5, "", "x", [], {}, [1])
        for other in others:
            changed = copy.deepcopy(whole)
            around = parent(changed, at)
            if json.dumps(around[at[-1]]) == json.dumps(other):
                continue
            around[at[-1]] = other
            refused(changed)
    for at in [(), *places(whole)]:
        changed = copy.deepcopy(whole)
        here = parent(changed, (*at, None))
        if isinstance(here, dict):
            here["more"] = 1
            refused(changed)


def test_rows_that_are_moved_cut_off_or_duplicated_are_found(whole: Any) -> None:
    rows = whole["rows"]
    for at in range(len(rows)):
        for changed in (rows[:at], rows[at + 1 :], rows[:at] + rows[at + 1 :], [*rows, rows[at]]):
            if changed != rows:
                refused({**whole, "rows": changed})
    refused({**whole, "rows": rows[::-1]})
    for cut in (44, 88):
        refused({**whole, "chain": whole["chain"][:-cut]})
        refused({**whole, "chain": whole["chain"][cut:]})


@settings(max_examples=600)
@given(data=st.data())
def test_whichever_byte_of_the_file_is_changed_is_found(whole: Any, data: st.DataObject) -> None:
    raw = json.dumps(whole, indent=1).encode()
    at = data.draw(st.integers(0, len(raw) - 1))
    new = bytes([*raw[:at], data.draw(st.integers(0, 255)), *raw[at + 1 :]])
    text = new.decode("utf-8", "replace")
    try:
        same = json.loads(text) == whole
    except ValueError:
        same = False
    if same:  # only the layout differs
        check(text)
        return
    with pytest.raises(CopyError):
        check(text)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "1", '{"format": 1, "format": 2}', "NaN"])
def test_what_is_no_copy_is_told(text: str) -> None:
    with pytest.raises(CopyError):
        check(text)


def test_the_rows_of_another_copy_do_not_pass(home: Home) -> None:
    of_ada, of_ben = copied(home, ADA), copied(home, BEN)
    for name in of_ada:
        if of_ada[name] != of_ben[name]:
            refused({**of_ada, name: of_ben[name]})


def test_a_restarted_or_cut_off_ledger_disagrees_with_an_earlier_copy(
    home: Home, tmp_path: Path
) -> None:
    first = check(json.dumps(copied(home, ADA)))
    home.say()
    later = check(json.dumps(copied(home, BEN)))
    agree(first, later, "first")
    with pytest.raises(CopyError, match=f"ends before row {later.last}"):
        agree(later, first, "later")
    other = Home(tmp_path / "other.sqlite")
    other.say()
    other.say()
    anew = check(json.dumps(copied(other, ADA)))
    other.household.close()
    with pytest.raises(CopyError, match="Row 1 differs"):
        agree(first, anew, "first")


def test_the_command_verifies_copies(
    home: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, earlier = tmp_path / "copy.json", tmp_path / "earlier.json"
    earlier.write_text(json.dumps(copied(home, ADA)))
    home.say()
    path.write_text(json.dumps(copied(home, ADA)))
    assert main(["verify", str(path), str(earlier)]) == 0
    assert "The copy is intact: rows 1 to" in capsys.readouterr().out
    assert main(["verify", str(earlier), str(path)]) == 1
    path.write_text(path.read_text().replace("kept", "lost", 1))
    assert main(["verify", str(path)]) == 1
    assert "does not match its signed text" in capsys.readouterr().err
    assert main(["verify", str(tmp_path / "none")]) == 1
