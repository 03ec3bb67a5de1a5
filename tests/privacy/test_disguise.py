"""Listeners from outside the room get what its members chose, and never a key to more."""

import json
from dataclasses import replace

import pytest
from nacl.exceptions import CryptoError

from custom_components.indoor_voice.privacy.consent.consent import Purpose, Terms
from custom_components.indoor_voice.privacy.consent.disguise import Disguise, strictest
from custom_components.indoor_voice.privacy.consent.notices import CURRENT
from custom_components.indoor_voice.privacy.errors import NotAllowedError, Refusal
from custom_components.indoor_voice.privacy.people import DAY_SECONDS
from custom_components.indoor_voice.privacy.sitting import Sitting
from custom_components.indoor_voice.privacy.store.sealing import Part
from custom_components.indoor_voice.privacy.types import (
    Disguised,
    EndedTurn,
    Opened,
    OpenReason,
    Verdict,
)

from .listener import seal_verdict
from .older import make_older
from .reviewing import ADA, BEN, CLEO, DEE, KITCHEN, SECRET, SOUND, SYSTEM, Home

AGAIN = b"said again" * 100


def choose(home: Home, person: str, disguise: Disguise | None) -> None:
    """Name Ada, Ben and Cleo, who is from outside, and choose what she gets."""
    terms = Terms(
        purpose=Purpose.LISTEN,
        rooms=frozenset({KITCHEN}),
        listeners=frozenset({ADA, BEN, CLEO}) - {person},
        disguise=disguise,
    )
    notice = CURRENT[Purpose.LISTEN, "en"].sha256
    home.household.give(person, terms, notice, 90 * DAY_SECONDS, "panel")


def say(home: Home, made: Disguise | None = Disguise.RESPOKEN) -> str:
    """End a turn of which something was made for outsiders, or nothing."""
    turn = EndedTurn(
        room=KITCHEN,
        understood=True,
        about_keeping=False,
        sound=SOUND,
        words={"transcript": SECRET},
        disguised=Disguised(disguise=made, sound=AGAIN, rate=22_050) if made else None,
    )
    recording = home.household.turn_ended(turn).recording
    assert recording
    return recording


def opened(home: Home, recording: str, person: str, part: Part) -> Opened:
    return home.household.open_recording(recording, person, part, OpenReason.OWN)


def content(home: Home, one: Opened, part: Part) -> bytes:
    form = part if one.disguise is Disguise.NONE else f"{part} {one.disguise}"
    return home.listeners[CLEO].open(one.key, one.recording, form, one.ciphertext)


def test_outsiders_get_the_words_spoken_again_unless_somebody_chooses(home: Home) -> None:
    for person in (ADA, BEN):
        choose(home, person, None)
    recording = say(home)
    words = opened(home, recording, CLEO, Part.WORDS)
    assert words.disguise is Disguise.RESPOKEN
    assert json.loads(content(home, words, Part.WORDS))["transcript"] == SECRET
    sound = content(home, opened(home, recording, CLEO, Part.SOUND), Part.SOUND)
    assert sound.endswith(AGAIN)
    assert int.from_bytes(sound[24:28], "little") == 22_050
    mine = opened(home, recording, ADA, Part.SOUND)
    assert mine.disguise is Disguise.NONE


@pytest.mark.parametrize("part", Part)
def test_their_key_opens_nothing_of_the_recording_as_it_was(home: Home, part: Part) -> None:
    choose(home, ADA, Disguise.RESPOKEN)
    recording = say(home)
    key = opened(home, recording, CLEO, part).key
    original = home.household.stored.part(recording, part)
    assert original is not None
    for form in (part, *(f"{part} {disguise}" for disguise in Disguise)):
        with pytest.raises(CryptoError):
            home.listeners[CLEO].open(key, recording, form, original)


@pytest.mark.parametrize("one", Disguise)
@pytest.mark.parametrize("other", Disguise)
def test_the_strictest_choice_of_those_in_the_room_counts(
    home: Home, one: Disguise, other: Disguise
) -> None:
    choose(home, ADA, one)
    choose(home, BEN, other)
    assert home.household.status(KITCHEN).disguise is strictest(one, other)
    for made in (Disguise.VOICE, Disguise.RESPOKEN, None):
        got = opened(home, say(home, made), CLEO, Part.WORDS).disguise
        assert got.hides_at_least(one)
        assert got.hides_at_least(other)


def test_what_hides_too_little_or_could_not_be_made_leaves_the_words_only(home: Home) -> None:
    choose(home, ADA, Disguise.RESPOKEN)
    for made in (Disguise.VOICE, None):
        recording = say(home, made)
        assert opened(home, recording, CLEO, Part.WORDS).disguise is Disguise.WORDS
        with pytest.raises(NotAllowedError, match=Refusal.NOT_A_LISTENER):
            opened(home, recording, CLEO, Part.SOUND)
        assert home.kinds(ADA)[0] == "refused"


def test_whoever_chooses_less_for_others_takes_it_from_them_at_once(home: Home) -> None:
    for person in (ADA, BEN):
        choose(home, person, Disguise.VOICE)
    loose, strict = say(home, Disguise.VOICE), say(home, Disguise.RESPOKEN)
    choose(home, BEN, Disguise.RESPOKEN)
    assert home.household.stored.key(loose, CLEO) is None
    assert [one.id for one in home.household.recordings(CLEO)] == [strict]
    choose(home, BEN, Disguise.NONE)
    assert [one.id for one in home.household.recordings(CLEO)] == [strict], "it stays gone"


def test_a_new_member_who_allows_less_keeps_outsiders_out(home: Home) -> None:
    for person in (ADA, BEN):
        choose(home, person, Disguise.VOICE)
    recording = say(home, Disguise.VOICE)
    kitchen = replace(home.arrangement.rooms[KITCHEN], excluded=frozenset({CLEO}))
    rooms = {**home.arrangement.rooms, KITCHEN: kitchen}
    home.household.withdraw(DEE, Purpose.LEFT_OUT, frozenset({KITCHEN}), "panel")
    home.household.arrange(replace(home.arrangement, rooms=rooms), SYSTEM)
    choose(home, DEE, Disguise.WORDS)
    assert home.household.recordings(CLEO) == []
    assert home.household.stored.key(recording, CLEO) is not None, "nothing was deleted"


def test_without_anybody_inside_who_has_a_key_nothing_of_the_sound_is_stored(home: Home) -> None:
    choose(home, ADA, Disguise.RESPOKEN)
    for person in (ADA, BEN):
        home.household.remove_key(person, SYSTEM)
    recording = say(home)
    size = len(home.household.stored.part(recording, Part.SOUND) or b"")
    assert size == 24 + 16, "a nonce and a tag around nothing"
    assert opened(home, recording, CLEO, Part.SOUND).disguise is Disguise.RESPOKEN


def test_words_without_sound_can_be_judged(home: Home) -> None:
    for person in (ADA, BEN):
        choose(home, person, Disguise.WORDS)
    say(home)
    sitting = Sitting()
    name = home.show(sitting, CLEO)
    with pytest.raises(NotAllowedError, match=Refusal.NOT_HEARD):
        home.household.review.judge(sitting, CLEO, name, Verdict.RIGHT, {})
    words = home.household.review.open(sitting, CLEO, name, Part.WORDS)
    sealed = seal_verdict(words.recording, Verdict.RIGHT, None, words.readers)
    home.household.review.judge(sitting, CLEO, name, Verdict.RIGHT, sealed)
    assert home.verdicts(ADA, words.recording)[0]["verdict"] == "right"


def test_the_ledger_tells_in_which_form_somebody_heard_it(home: Home) -> None:
    choose(home, ADA, Disguise.RESPOKEN)
    recording = say(home)
    opened(home, recording, CLEO, Part.SOUND)
    assert home.household.rows(ADA)[0].detail["disguise"] == "respoken"
    opened(home, recording, BEN, Part.SOUND)
    assert "disguise" not in home.household.rows(ADA)[0].detail


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_after_an_update_outsiders_keep_what_they_have_and_get_new_recordings_in_disguise(
    home: Home, version: int
) -> None:
    for person in (ADA, BEN):
        choose(home, person, Disguise.NONE)
    before = say(home)
    home.household.close()
    make_older(home.path, version)
    home.start()
    assert opened(home, before, CLEO, Part.SOUND).disguise is Disguise.NONE
    assert opened(home, say(home), CLEO, Part.SOUND).disguise is Disguise.RESPOKEN
    choose(home, ADA, Disguise.VOICE)
    with pytest.raises(NotAllowedError):
        opened(home, before, CLEO, Part.SOUND)
