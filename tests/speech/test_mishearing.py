"""Tests that an expected command replaces only what may be a mishearing of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indoor_voice.speech.recognition.mishearing import may_be_misheard


@pytest.mark.parametrize(
    ("heard", "command"),
    [
        ("Turn off the basin.", "Turn off the Dyson."),
        ("Open the Bellix window.", "Open the Velux window."),
        ("Start the row bore up.", "Start the Roborock."),
        ("Return this database.", "Return the Dusty to base."),
        ("Turn on Niam's reading lamp.", "Turn on the Niamh's reading lamp."),
        ("How warm is the nursery Brady data?", "How warm is the Nursery radiator?"),
        ("and milk to my shopping list.", "Add milk to my shopping list."),
        ("Schalte das Lischt an", "Schalte das Licht an"),
    ],
)
def test_words_that_sound_alike_are_mishearings(heard: str, command: str) -> None:
    assert may_be_misheard(command, [heard])


@pytest.mark.parametrize(
    ("heard", "command"),
    [
        ("I turned on the kitchen light yesterday.", "Turn on the kitchen light."),
        ("I turn on the light.", "Turn on the light."),
        ("Do not turn on the light.", "Turn on the light."),
        ("Don't turn on the light.", "Turn on the light."),
        ("Never open the garage door again.", "Open the garage door."),
        ("Back in the hallway.", "Next track in the hallway."),
        ("Set the thermostat in 2023.", "Set the thermostat to 1,000 degrees."),
        ("Set a timer for 10 minutes.", "Set a timer for 2 minutes."),
        ("Turn on the light.", "Turn on the light in the bedroom."),
        ("Schalte das Licht nicht an", "Schalte das Licht an"),
        ("The time has come.", "Cancel the timer."),
        ("Watch the front door.", "Lock the front door."),
        ("I tell him he's there", "What's the telly?"),
        ("That's the other.", "What's the weather."),
        ("It must be really...", "Pause the music in the hallway."),
        ("", "Turn on the light."),
    ],
)
def test_something_else_is_no_mishearing(heard: str, command: str) -> None:
    assert not may_be_misheard(command, [heard])


def test_one_of_the_readings_is_enough() -> None:
    assert may_be_misheard("Turn on the fan.", ["I turned on the fan", "turn on the pan"])
    assert not may_be_misheard("Turn on the fan.", [])


@given(st.lists(st.text(), max_size=5), st.text())
def test_any_text_is_judged(heard: list[str], text: str) -> None:
    assert may_be_misheard(text, [*heard, text])


@given(st.lists(st.text("abcdefg", min_size=1, max_size=8), min_size=2, max_size=8), st.data())
def test_no_word_is_ever_left_out(words: list[str], data: st.DataObject) -> None:
    """Without one of its words, a sentence is another one, unless that word is repeated."""
    gone = data.draw(st.integers(0, len(words) - 1))
    rest = words[:gone] + words[gone + 1 :]
    assert not may_be_misheard(" ".join(rest), [" ".join(words)])
