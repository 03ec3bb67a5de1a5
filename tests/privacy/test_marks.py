"""Critical words are marked within the sealed words, and numbers and codes can be masked."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.indoor_voice.privacy.marking.english import ENGLISH
from custom_components.indoor_voice.privacy.marking.german import GERMAN
from custom_components.indoor_voice.privacy.marking.marks import Mark, find, mark_words
from custom_components.indoor_voice.privacy.marking.numbers import runs
from tests.critical_sentences import LANGUAGES, Sentence, sentences

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 0.95
"""The share of the sentences in which what is critical must be found."""
FEW = 0.02
"""The share of ordinary sentences that may be marked."""

_PIECES = (
    "my", "PIN", "is", "four", "eight", "double", "two", "4111", "1111", "1", "😀", "İ", "\ud83d",
    "card", "the password", "Konto", "einundvierzig", "hundert", "null", ".", ",", "-", "IBAN DE89",
)  # fmt: skip
texts = st.text() | st.lists(st.sampled_from(_PIECES), max_size=30).map(" ".join)
languages = st.sampled_from(("en", "de", "de-CH", "fr", ""))


def part(text: str, span: tuple[int, int]) -> str:
    """Return a part of a text as JavaScript's `slice` does."""
    encoded = text.encode("utf-16-le", "surrogatepass")
    return encoded[2 * span[0] : 2 * span[1]].decode("utf-16-le", "surrogatepass")


def parts(text: str, language: str = "en") -> list[str]:
    return [part(text, span) for span in find(text, language).spans]


def missed(language: str, wanted: Iterable[Sentence]) -> list[str]:
    """Return the kinds of sentences in which nothing is found."""
    return [one.kind for one in wanted if not find(one.text, language).marks]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nearly_all_critical_sentences_are_marked_and_few_ordinary_ones(language: str) -> None:
    everything = [*sentences(language), *sentences(language, unseen=True)]
    critical = [one for one in everything if one.kind != "ordinary"]
    ordinary = [one for one in everything if one.kind == "ordinary"]
    assert len(critical) >= {"en": 150, "de": 60}[language]
    assert len(ordinary) >= {"en": 300, "de": 60}[language]
    assert len(missed(language, critical)) <= (1 - MOST) * len(critical)
    assert len(ordinary) - len(missed(language, ordinary)) <= FEW * len(ordinary)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("My card is 4111 1111 1111 1111.", ["4111 1111 1111 1111"]),
        ("My card is 4111 1111 1111 1112.", ["4111 1111 1111 1112"]),
        ("The number is 4111, 1111, 1111, 111.", ["4111, 1111, 1111, 111"]),
        ("It's forty one eleven eleven eleven eleven eleven eleven eleven.",
         ["forty one eleven eleven eleven eleven eleven eleven eleven"]),
        ("Four one one one, double one one one, 1111, 1111.",
         ["Four one one one, double one one one, 1111, 1111"]),
        ("The PIN is double five nine one", ["double five nine one"]),
        ("The door code is 2580, thanks.", ["2580"]),
        ("The password is hunter2.", ["hunter2"]),
        ("Use blue monkey as the password.", ["blue monkey"]),
        ("My IBAN is DE89 3704 0044 0532 0130 00.", ["DE89 3704 0044 0532 0130 00"]),
        ("The safe is 32, 15, 27 and the code is 4821.", ["32, 15, 27 and", "4821"]),
        ("The code is one hundred twenty three.", ["one hundred twenty three"]),
    ],
)  # fmt: skip
def test_numbers_are_found_however_they_are_written(text: str, hidden: list[str]) -> None:
    found = parts(text)
    assert [one.removesuffix(" and") for one in found] == [
        one.removesuffix(" and") for one in hidden
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Set a timer for 15 minutes.",
        "Set the light to 40 percent.",
        "Wake me at 6:30.",
        "Turn on channel 101.",
        "What is 1200 times 35?",
        "Call room 112.",
        "Turn on the bathroom scale.",
        "Help me with the lights.",
        "What does error code 404 mean?",
        "Remind me on June 3rd 2027.",
        "Play 1989 by Taylor Swift.",
    ],
)
def test_ordinary_commands_are_not_marked(text: str) -> None:
    assert not find(text, "en").marks


@pytest.mark.parametrize(
    ("text", "language", "mark"),
    [
        ("I can't breathe.", "en", Mark.DISTRESS),
        ("Stop hitting me.", "en", Mark.DISTRESS),
        ("Call 911.", "en", Mark.DISTRESS),
        ("Play music. Help me.", "en", Mark.DISTRESS),
        ("Remind me to take my insulin.", "en", Mark.HEALTH),
        ("Ich kriege keine Luft.", "de", Mark.DISTRESS),
        ("Erinnere mich an mein Insulin.", "de-AT", Mark.HEALTH),
    ],
)
def test_health_and_distress_are_marked_and_nothing_of_them_masked(
    text: str, language: str, mark: Mark
) -> None:
    found = find(text, language)
    assert mark in found.marks
    assert not found.spans


def test_numbers_in_words_have_their_value() -> None:
    def said(text: str, vocabulary: Any) -> list[str]:
        return [run.characters for run in runs(text, vocabulary)]

    assert said("twelve million three hundred forty five thousand six", ENGLISH) == ["12345006"]
    assert said("fifty five hundred zero oh seven", ENGLISH) == ["5500007"]
    assert said("zweitausendfünfhundert", GERMAN) == ["2500"]
    assert said("einundvierzig zwo null", GERMAN) == ["4120"]
    assert said("C01X00T47 and 30s", ENGLISH) == ["C01X00T47"]


def test_places_are_counted_as_javascript_counts() -> None:
    text = "😀😀 the PIN is 4821 😀"
    assert find(text, "en").spans == ((16, 20),)
    assert parts(text) == ["4821"]


@given(texts, languages)
def test_spans_are_within_the_text_in_order_and_apart(text: str, language: str) -> None:
    found = find(text, language)
    ends = [0]
    for start, end in found.spans:
        assert ends[-1] <= start < end
        ends.append(end)
    assert ends[-1] <= len(text.encode("utf-16-le", "surrogatepass")) // 2
    assert not found.spans or set(found.marks) - {Mark.HEALTH, Mark.DISTRESS}
    assert list(found.marks) == [mark for mark in Mark if mark in found.marks]


@given(texts, languages)
def test_masking_changes_nothing_outside_of_the_spans(text: str, language: str) -> None:
    encoded = text.encode("utf-16-le", "surrogatepass")
    left, at = b"", 0
    hidden = b""
    for start, end in find(text, language).spans:
        left += encoded[2 * at : 2 * start]
        hidden += encoded[2 * start : 2 * end]
        at = end
    left += encoded[2 * at :]
    # Each half can be decoded, so no character is cut in two.
    rest = left.decode("utf-16-le", "surrogatepass")
    assert len(rest) + len(hidden.decode("utf-16-le", "surrogatepass")) == len(text)


@given(st.lists(st.integers(0, 9), min_size=16, max_size=16), st.integers(0, 15), st.data())
def test_no_misheard_digit_and_no_grouping_hides_a_long_number(
    digits: list[int], gone: int, data: st.DataObject
) -> None:
    said = [*digits[:gone], *digits[gone + 1 :]]
    words = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    pieces = [data.draw(st.sampled_from((str(digit), words[digit]))) for digit in said]
    gaps = data.draw(st.lists(st.sampled_from((" ", ", ", "-")), min_size=14, max_size=14))
    number = pieces[0] + "".join(gap + piece for gap, piece in zip(gaps, pieces[1:], strict=True))
    assert parts(f"So it is {number}, right?") == [number]


@given(st.dictionaries(st.sampled_from(("transcript", "answer", "language", "done")), texts))
def test_any_words_are_marked_and_stay_as_they_are(words: dict[str, str]) -> None:
    marked = mark_words(words)
    assert {name: marked[name] for name in words} == words
    assert marked.keys() - words.keys() <= {"marks", "spans", "answer_spans"}
    json.dumps(marked)


def test_what_the_transcript_tells_is_masked_in_the_answer_too() -> None:
    marked = mark_words(
        {
            "transcript": "Set the alarm code to four seven one one.",
            "language": "en",
            "answer": "Fine, it is 4711 now, and 21 degrees.",
        }
    )
    assert marked["marks"] == ["code"]
    assert marked["answer_spans"] == [[12, 16]]
    told = mark_words({"transcript": "What is it?", "answer": "The door code is 4711."})
    assert (told["marks"], told["answer_spans"]) == (["code"], [[17, 21]])
    assert "spans" not in told


def test_ordinary_words_are_sealed_as_ever() -> None:
    words: dict[str, object] = {"transcript": "Turn on the light", "language": "en", "answer": "On"}
    assert mark_words(words) == words
    assert mark_words({}) == {}


@given(st.integers(1, 20), st.sampled_from(("1 ", "one ", "a", "the ", "help me ", "password is ")))
def test_long_texts_take_no_long_time(times: int, piece: str) -> None:
    find(piece * times * 20, "en")
