"""Tests for removing Markdown, links, emoji and control characters from a text that may stream."""

import itertools
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indoor_voice.speech.synthesis.languages import language_of
from indoor_voice.speech.synthesis.plain_text import PlainText
from indoor_voice.speech.synthesis.sentences import Sentences

MARKUP = "\\*_`[]|"


def plain(*parts: str) -> str:
    text = PlainText()
    return "".join(text.add(part) for part in parts) + text.finish()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("The light is on.", "The light is on."),
        ("**Done.** The *lamp* is __on__.", "Done. The lamp is on."),
        ("***Very*** ~~not~~ **n*e*sted**", "Very not nested"),
        ("**never closed. Go on", "never closed. Go on"),
        ("2*3 and 2 * 3", "2 × 3 and 2 × 3"),  # noqa: RUF001 - meant
        ("the entity light.hall_lamp", "the entity light.hall lamp"),
        ("See [the manual](https://a.b/c_d?e=f).", "See the manual."),
        ('[one. Two](<https://a.b/c d> "A title") three', "one. Two three"),
        ("[wiki](https://a.b/Mercury_(planet)) ok", "wiki ok"),
        ("[a][ref] and [b] and [c](not a link", "a and b and c(not a link"),
        ("![A cat](cat.png) sleeps![^1]", "A cat sleeps!"),
        ("At https://www.example.com/a?b=c. Then", "At example.com. Then"),
        ("(https://example.com/a), www.foo.org", "(example.com), foo.org"),
        ("<https://user:word@example.com:8123/x>", "example.com"),
        ("an https connection, httpx, www", "an https connection, httpx, www"),
        ("`turn_on` and ``a`b``", "turn on and ab"),
        ("```python\nx = 1\n```\nDone.", "\nx = 1\n\nDone."),
        ("```\nThe lamp is on.", "\nThe lamp is on."),
        ("```The lamp is on.```", "The lamp is on."),
        ("# Title\n\nText\n====\n---\n> quoted", "Title\n\nText\n\n\nquoted"),
        ("- a\n* b\n+ c\n• d\n1. e\n2) f", "a\nb\nc\nd\n1. e\n2) f"),
        ("- [x] Milk\n- [ ] Bread\n  - Rye", "Milk\nBread\nRye"),
        ("-5 °C\n- 5 °C\n+5", "-5 °C\n5 °C\n+5"),
        ("| A | B |\n|---|:-:|\n| 1 | 2 |", "A, B\n\n1, 2"),
        ("A | B\n--- | ---\n1 | 2", "A, B\n\n1, 2"),
        ("a<br>b <b class='x'>c</b> <!-- d --> e", "a\nb c e"),
        ('<break time="1000s"/>Hello', "Hello"),
        ("1 < 2, <5, x<y", "1 < 2, <5, x y"),
        ("Fish &amp; chips &lt;5 &#42;&nbsp;x &nonsense;", "Fish & chips <5 x &nonsense;"),
        ("\\*not bold\\* C:\\x", "not bold C: x"),
        ("[[ɸɸɸ]] [[h@l'oU]]", "ɸɸɸ h@l'oU"),
        ("Done ✅! 👩‍👩‍👧‍👦 ok 👍🏽 ❤️ 🇩🇪 1️⃣ a😀b", "Done! ok 1 a b"),
        ("21 °C, 5 ℃, © ™ ½ µ №", "21 °C, 5 °C, © ™ ½ µ №"),
        ("a\0b\x07c \u202eabc\u202c so\u00adft zero\u200bwidth", "a b c abc soft zerowidth"),
        ("میز\u200cتر क्\u200dष e\u0301", "میز\u200cتر क्\u200dष e\u0301"),
        ("one\u2028two\x85three", "one\ntwo\nthree"),
        ("#1 of #home, ~5, C#", "#1 of home, ~5, C"),
    ],
)
def test_plain_text(text: str, expected: str) -> None:
    assert plain(text) == expected


SNIPPETS = [
    *"ab1 .,!?\n*_`~#|[]()<>&;\\-+:/\"'=^xXhw😀\0\x85\u200d\u0301\t",
    "](",
    "][",
    "![",
    "[^1]",
    "http://",
    "https://a.b/c_d",
    "www.",
    "```",
    "~~~\n",
    "- [x] ",
    "|---|",
    "<br>",
    "<a b='c'>",
    "<!--",
    "-->",
    "&amp;",
    "&#91;",
    "[[",
    "]]",
]
texts = st.lists(st.sampled_from(SNIPPETS) | st.characters(codec="utf-8"), max_size=60).map("".join)


@given(texts, st.lists(st.integers(min_value=0, max_value=100), max_size=8))
@example("- [x] a", [1, 2, 3, 4, 5])
@example("[a](<b\n>c", [6, 7])
def test_chunks_do_not_matter(text: str, borders: list[int]) -> None:
    borders = sorted({0, *(min(border, len(text)) for border in borders), len(text)})
    chunks = [text[start:end] for start, end in itertools.pairwise(borders)]
    whole = plain(text)
    assert plain(*chunks) == whole
    assert plain(*text) == whole


@given(texts)
def test_no_mark_is_left(text: str) -> None:
    spoken = plain(text)
    assert not set(spoken) & set(MARKUP)
    for character in spoken:
        assert character == "\n" or unicodedata.category(character) != "Cc"
        assert unicodedata.bidirectional(character) not in {"LRE", "RLE", "LRO", "RLO", "PDF"}


words = st.text(st.characters(categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=12)
PUNCTUATION = ["", ".", ",", "!", "?", ":", ";", "…", "”", ")"]


@given(st.lists(st.tuples(words, st.sampled_from(PUNCTUATION)), max_size=30))
def test_plain_prose_stays_as_it_is(tokens: list[tuple[str, str]]) -> None:
    prose = " ".join(word + mark for word, mark in tokens)
    assert plain(prose) == prose


@pytest.mark.parametrize("text", ["```0", "~~~python", "Yes.\n```right"])
def test_a_fence_with_nothing_after_it_swallows_no_word(text: str) -> None:
    assert plain(text).split()[-1] == re.findall(r"\w+", text)[-1]


@given(st.lists(words, min_size=1, max_size=20), st.data())
def test_marks_never_swallow_a_word(written: list[str], data: st.DataObject) -> None:
    marks = st.sampled_from(["", "*", "**", "_", "`", "```", "~~", "[", "]", "|", "# ", "- ", "> "])
    text = " ".join(
        data.draw(marks, "before") + word + data.draw(marks, "after") for word in written
    )
    assert re.findall(r"[^\W_]+", plain(text)) == re.findall(r"[^\W_]+", text)


def test_words_are_not_held_back() -> None:
    text = PlainText()
    assert text.add("**The light** is on. [See ") == "The light is on. See"
    assert text.add("more](https://exam") == " more"
    assert text.add("ple.com/). Next") == ". Next"


HOSTILE = [
    *["[", "](", "[](", "[a](", "[a](b ", "![", "*", "**a", "_", "`", "```", "~~~\n", "|", "> "],
    *["<", "<a", "<a ", '<a b="', "<!--", "&", "&a", "&#", "\\", "#", "- [", "- - ", "https://"],
    *["https://a", "www.", "h", "w", "\0", "\u202e", "👩\u200d", "\n", "[^", "][", "1. ", "\u0301"],
    *["**_~~`[[", "]]`~~_**", "[[ɸ]]", "-", "=" * 50 + "\n"],
]


@pytest.mark.parametrize("pattern", HOSTILE)
def test_ten_thousand_hostile_characters(pattern: str) -> None:
    text = (pattern * 10_000)[:10_000]
    tokens = 0

    class Counting(PlainText):
        def _next(self, text: str, at: int) -> int | None:
            nonlocal tokens
            tokens += 1
            # What waits for its end is bounded, so that no chunk is read again and again in full.
            assert len(text) - at <= 10_000
            return super()._next(text, at)

    reader = Counting()
    spoken = "".join(reader.add(character) for character in text) + reader.finish()
    assert tokens <= 2 * len(text) + 2
    assert spoken == plain(text)
    assert len(spoken) <= 2 * len(text)
    assert not set(spoken) & set(MARKUP)


def test_what_waits_is_bounded() -> None:
    for beginning in ("[a](b", "https://", "<!--", '<a b="'):
        text = PlainText()
        text.add(beginning)
        text.add("c" * 3_000)
        assert "end" in text.add(" the end. ") + text.finish()


def test_markdown_in_sentences() -> None:
    text = "**Shopping list**\n\n- [Milk. Fresh](https://a.b/c.d)\n- `Bread`. **Two. Big**\n1. Go"
    for chunks in ([text], list(text)):
        reader, sentences = PlainText(), Sentences(language_of("en"))
        spoken = [sentence for chunk in chunks for sentence in sentences.add(reader.add(chunk))]
        spoken += sentences.add(reader.finish()) + sentences.finish()
        assert spoken == ["Shopping list", "Milk.", "Fresh", "Bread.", "Two.", "Big", "1. Go"]
