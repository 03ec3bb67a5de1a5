"""The notices that people read before they consent."""

import hashlib

import pytest

from custom_components.indoor_voice.privacy.consent.consent import Notice, Purpose
from custom_components.indoor_voice.privacy.consent.notices import CURRENT

PUBLISHED = {
    "keep-3": "2ab31271b2ec18c357788e6add5765b7694f32119efd1fe387c843d67c743648",
    "listen-2": "2acb13c937c57279ebb84dd0afe8225ed13f8bd956e5a42d40d55784bb2871a2",
    "left-out-1": "01dcba1240acda5896d99d4c4c743216e69536ca7a4e15a5d17d77f7110cac4a",
    "teach-1": "ba33c2bf03f9583aa38ae387186b42dcf07abccd053311cdfc45ca56e0ece75f",
}
"""Changing a word needs a new id for the notice, and everyone is asked again.

Unless what an earlier one promised still holds: then consents to that are good for as much.
"""

STILL_GOOD = {
    "keep-2": "b3aeb2d27771cf4f67638b04b87117b3666d22d9835d2d12e721639723d04cd3",
    "listen-1": "8ae4e4dc7f47fd852460db5454f6690655b35cc07bc1de1197eba23d687e08ff",
}


def test_each_purpose_has_one() -> None:
    assert set(CURRENT) == {(purpose, "en") for purpose in Purpose}
    assert all(notice.language == language for (_, language), notice in CURRENT.items())


def test_ids_stand_for_one_text() -> None:
    assert {notice.id: notice.sha256 for notice in CURRENT.values()} == PUBLISHED


def test_consents_to_earlier_texts_are_good_for_what_those_promised() -> None:
    earlier = {sha256 for notice in CURRENT.values() for sha256 in notice.earlier}
    assert earlier == set(STILL_GOOD.values())


def test_the_hash_is_that_of_what_is_shown() -> None:
    notice = Notice(id="x", language="de", text="Darf das Gerät behalten, was Sie sagen?")
    assert notice.sha256 == hashlib.sha256(notice.text.encode("utf-8")).hexdigest()


@pytest.mark.parametrize("notice", CURRENT.values(), ids=lambda notice: notice.id)
def test_tells_what_the_law_and_manners_want(notice: Notice) -> None:
    for heading in ("Why: ", "ntil when", "How to take it back: ", "If you say no: "):
        assert heading in notice.text
    assert "a year at the latest" in notice.text
    assert "in one step" in notice.text
    assert len(notice.text.split()) < 250
