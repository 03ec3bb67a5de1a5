"""Tests for splitting text into sentences, however it is divided into chunks."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indoor_voice.speech.synthesis.languages import language_of
from indoor_voice.speech.synthesis.sentences import MAX_SENTENCE_CHARACTERS, Sentences


def split(*parts: str, code: str = "en-US") -> list[str]:
    sentences = Sentences(language_of(code))
    return [sentence for part in parts for sentence in sentences.add(part)] + sentences.finish()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n ", []),
        ("Done.", ["Done."]),
        ("Done. The light is on!", ["Done.", "The light is on!"]),
        ("It is 3.5 degrees. Dress warmly.", ["It is 3.5 degrees.", "Dress warmly."]),
        ("Dr. No lives at St. Mary's. Ring him.", ["Dr. No lives at St. Mary's.", "Ring him."]),
        ("Use a lamp, e.g. Kitchen. Fine?", ["Use a lamp, e.g. Kitchen.", "Fine?"]),
        ("At 6 p.m. it rains. Really?! Yes…", ["At 6 p.m. it rains.", "Really?!", "Yes…"]),
        ("J. Smith called. Call back.", ["J. Smith called.", "Call back."]),
        ("1. Milk\n2. Bread", ["1. Milk", "2. Bread"]),
        ("He said “Stop.” Then left.", ["He said “Stop.”", "Then left."]),
        ("Milk\n\nBread", ["Milk", "Bread"]),
        ("灯开了。好的！", ["灯开了。", "好的！"]),  # noqa: RUF001 - meant
        ("Wait...", ["Wait..."]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert split(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ich komme am 3. Mai. Gut.", ["Ich komme am 3. Mai.", "Gut."]),
        ("Der 1. Platz ist frei. Ja.", ["Der 1. Platz ist frei.", "Ja."]),
        ("Es sind 5. Mehr nicht.", ["Es sind 5.", "Mehr nicht."]),
        ("Küche, z. B. Herd, evtl. Ofen.", ["Küche, z. B. Herd, evtl. Ofen."]),
        ("Milch usw. Danach Brot.", ["Milch usw.", "Danach Brot."]),
    ],
)
def test_german_sentences(text: str, expected: list[str]) -> None:
    assert split(text, code="de-DE") == expected


def test_the_first_sentence_does_not_wait_for_the_second() -> None:
    assert Sentences(language_of("en")).add("The light is on. I") == ["The light is on."]


texts = st.text(st.sampled_from('ab Dr3.!?…,\n"”。」') | st.characters(codec="utf-8"), max_size=400)


@given(text=texts | texts.map(lambda text: text * 8), data=st.data())
def test_pieces_make_no_difference(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    parts = [text[start:end] for start, end in itertools.pairwise([0, *cuts, len(text)])]
    assert split(*parts) == split(text)


@given(text=texts | texts.map(lambda text: text * 8))
def test_nothing_is_lost_and_nothing_is_too_long(text: str) -> None:
    sentences = split(text)
    assert "".join("".join(sentences).split()) == "".join(text.split())
    assert all(len(sentence) <= MAX_SENTENCE_CHARACTERS + 2 for sentence in sentences)


def test_an_endless_sentence_is_cut_between_clauses() -> None:
    sentences = split("the lamp in the hall, " * 100)
    assert all(sentence.endswith("hall,") for sentence in sentences)
