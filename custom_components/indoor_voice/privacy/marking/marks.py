"""Decides what in a recording's words is critical, and which parts of them are masked."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from .english import ENGLISH
from .german import GERMAN
from .numbers import Run, runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .vocabulary import Vocabulary

    type Span = tuple[int, int]
    """The start and end of a part of a text."""

_VOCABULARIES: Final[Mapping[str, Vocabulary]] = {"en": ENGLISH, "de": GERMAN}
_APOSTROPHE: Final = "\N{RIGHT SINGLE QUOTATION MARK}"
_SENTENCE: Final = re.compile(r"[^.!?\n]+[.!?\n]*")
_TELLING_DIGITS: Final = {"card": 4, "account": 4, "code": 3}
"""How many digits are enough beside a word that tells what the number is."""
_OPENING_DIGITS: Final = 4
"""How many digits are enough beside what a code opens."""
_LONG_DIGITS: Final = 9
"""How many digits are enough by themselves: a telephone number within a country has fewer."""
_SPELLED_DIGITS: Final = 4
"""How many digits are enough if they were spoken one by one, and are no list of numbers."""
_STATED_DIGITS: Final = 4
"""How many digits are enough at the end of a sentence that says "is" before them."""
_COUNTED_PIECES: Final = 2
_COUNTED_DIGITS: Final = 4
"""A number with more of both is no quantity, whatever follows it."""
_LETTERED: Final = (4, 2)
"""How many characters, and digits among them, are enough for a code that has letters."""
_CARD_DIGITS: Final = range(13, 20)
_NEARLY_CARD_DIGITS: Final = 15
"""From this many digits on, a number is called a card's although a digit may be misheard."""
_NEAR: Final = 80
"""Within how many characters a word tells what a number is."""
_REPEATED: Final = 3
"""How many characters of a number make it recognisable in the answer."""
_TIME: Final = re.compile(r"(?:[01]?\d|2[0-3])[0-5]\d")
_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{8,30}")
_IBAN_SURELY: Final = 97


class Mark(StrEnum):
    """What is likely to be in a recording."""

    CARD = "card"
    ACCOUNT = "account"
    """A number of an account, or one by which an authority or a company knows somebody."""

    CODE = "code"
    """A PIN, a password, or the code of a door or an alarm."""

    NUMBER = "number"
    """A long number of which nothing says what it is."""

    HEALTH = "health"
    DISTRESS = "distress"


@dataclass(frozen=True, slots=True)
class Marked:
    """What is critical in a text."""

    marks: tuple[Mark, ...] = ()
    spans: tuple[Span, ...] = ()
    """The numbers and codes, in UTF-16 code units, sorted, and none touching another."""


def find(text: str, language: str) -> Marked:
    """Find what is critical in a text in a language such as "en" or "de-CH".

    Numbers in any other language are found only where they are written in figures.
    """
    vocabulary = _VOCABULARIES.get(language.lower()[:2], ENGLISH)
    found = [*_numbers(text, vocabulary), *_passwords(text, vocabulary)]
    marks = {mark for mark, _ in found} | set(_said(text, vocabulary))
    return Marked(_sorted(marks), _utf16(text, _joined(span for _, span in found)))


def mark_words(words: Mapping[str, object]) -> dict[str, object]:
    """Return the words of a recording with their marks, and what is masked in them.

    What the transcript tells is masked in the answer too, where nothing else may tell what it is.
    """
    transcript, answer = words.get("transcript"), words.get("answer")
    language = words.get("language")
    language = language if isinstance(language, str) else "en"
    if not isinstance(transcript, str):
        return dict(words)
    heard = find(transcript, language)
    said = find(answer, language) if isinstance(answer, str) else Marked()
    spans = said.spans
    if isinstance(answer, str):
        spans = _with_repeated(transcript, heard.spans, answer, said.spans, language)
    numbers = [mark for mark in said.marks if mark not in {Mark.HEALTH, Mark.DISTRESS}]
    found = {
        "marks": [*_sorted({*heard.marks, *numbers})],
        "spans": [[*span] for span in heard.spans],
        "answer_spans": [[*span] for span in spans],
    }
    return {**words, **{name: value for name, value in found.items() if value}}


def _sorted(marks: Iterable[Mark]) -> tuple[Mark, ...]:
    marks = set(marks)
    return tuple(mark for mark in Mark if mark in marks)


def _numbers(text: str, vocabulary: Vocabulary) -> Iterator[tuple[Mark, Span]]:
    lowered = _lowered(text)
    hidden = _without(lowered, vocabulary.pattern("ordinary"))
    titles = [found.span() for found in _titles(lowered, vocabulary)]
    for run in runs(text, vocabulary):
        if len(run.digits) < _LONG_DIGITS and any(a <= run.start < b for a, b in titles):
            continue
        mark = _mark_of(run, lowered, hidden, vocabulary)
        if mark is not None:
            yield mark, (run.start, run.end)


def _mark_of(run: Run, text: str, hidden: str, vocabulary: Vocabulary) -> Mark | None:
    if len(run.digits) in _CARD_DIGITS and _is_luhn(run.digits):
        return Mark.CARD
    if (iban := _IBAN.search(run.characters)) and _is_iban(iban[0]):
        return Mark.ACCOUNT
    if _is_quantity(run, text, vocabulary):
        return None
    told = _told(run, hidden, vocabulary)
    return (
        told
        if told is not None and _is_enough(run, told)
        else _untold(run, text, hidden, vocabulary)
    )


def _is_enough(run: Run, told: Mark) -> bool:
    """Return whether a number is long enough for what is said that it is."""
    digits = len(run.digits)
    characters, among_them = _LETTERED
    is_lettered = len(run.characters) >= characters and digits >= among_them
    return digits >= _TELLING_DIGITS[told] or (told is Mark.CODE and is_lettered)


def _untold(run: Run, text: str, hidden: str, vocabulary: Vocabulary) -> Mark | None:
    """Return the mark of a number of which nothing says what it is."""
    digits = len(run.digits)
    if digits >= _NEARLY_CARD_DIGITS:
        return Mark.CARD
    if digits >= _LONG_DIGITS:
        return Mark.NUMBER
    if digits >= _OPENING_DIGITS and vocabulary.pattern("openers").search(hidden):
        return Mark.CODE
    is_spelled = digits >= _SPELLED_DIGITS and _is_spelled(run)
    is_stated = digits >= _STATED_DIGITS and _is_stated(run, text, vocabulary)
    return Mark.NUMBER if is_spelled or is_stated else None


def _told(run: Run, text: str, vocabulary: Vocabulary) -> Mark | None:
    """Return what the nearest word says that a number is."""
    nearest = [
        (max(found.start() - run.end, run.start - found.end(), 0), mark)
        for mark in (Mark.CARD, Mark.ACCOUNT, Mark.CODE)
        for found in vocabulary.pattern(mark.value).finditer(text)
    ]
    distance, mark = min(nearest, default=(_NEAR, None))
    return mark if distance < _NEAR else None


def _is_quantity(run: Run, text: str, vocabulary: Vocabulary) -> bool:
    """Return whether a number counts or measures something, or is a year or a time."""
    before, after = text[: run.start].rstrip(), text[run.end :].lstrip(" -%°$€£")
    near = re.split(r"[.!?,;]", before)[-1]
    calculates = vocabulary.pattern("arithmetic")
    if calculates.match(after) or _ends_with(near, calculates):
        return True
    if _TIME.fullmatch(run.digits) and _ends_with(near, vocabulary.pattern("times")):
        return True
    if len(run.pieces) > _COUNTED_PIECES and len(run.digits) > _COUNTED_DIGITS:
        return False
    measured = text[run.end : run.end + 1] in {"%", "°", "$", "€", "£"} or before[-1:] in set("$€£")
    return (
        measured
        or bool(vocabulary.pattern("units").match(after))
        or _ends_with(near, vocabulary.pattern("counted"))
    )


def _ends_with(text: str, pattern: re.Pattern[str]) -> bool:
    return any(found.end() == len(text) for found in pattern.finditer(text))


def _is_spelled(run: Run) -> bool:
    """Return whether the digits were spoken one by one, and don't rise like those of a list."""
    digits = [piece.characters for piece in run.pieces]
    if any(len(digit) != 1 or not digit.isdecimal() for digit in digits):
        return False
    return digits != sorted(set(digits)) and digits != sorted(set(digits), reverse=True)


def _is_stated(run: Run, text: str, vocabulary: Vocabulary) -> bool:
    """Return whether a sentence says what something "is", and ends with the number."""
    ends = not text[run.end :].strip() or text[run.end :].lstrip()[0] in ".!?"
    return ends and _ends_with(text[: run.start].rstrip(), vocabulary.pattern("states"))


def _titles(text: str, vocabulary: Vocabulary) -> Iterator[re.Match[str]]:
    """Yield the sentences that ask for something by its title."""
    for sentence in _SENTENCE.finditer(text):
        if vocabulary.pattern("titles").match(sentence[0].strip()):
            yield sentence


def _passwords(text: str, vocabulary: Vocabulary) -> Iterator[tuple[Mark, Span]]:
    """Yield what follows a word for a password, up to the end of its sentence."""
    lowered = _lowered(text)
    for found in vocabulary.pattern("passwords").finditer(lowered):
        rest = re.compile(r"\s*([^.!?\n]+)").match(text, found.end())
        if rest and (secret := rest[1].rstrip()):
            yield Mark.CODE, (rest.start(1), rest.start(1) + len(secret))
    for found in vocabulary.pattern("chosen").finditer(lowered):
        yield Mark.CODE, found.span("secret")


def _said(text: str, vocabulary: Vocabulary) -> Iterator[Mark]:
    """Yield the marks of what is said in words only."""
    for found in _SENTENCE.finditer(_lowered(text)):
        sentence = _without(found[0].strip(), vocabulary.pattern("ordinary"))
        if vocabulary.pattern("titles").match(sentence):
            continue
        if vocabulary.pattern("health").search(sentence):
            yield Mark.HEALTH
        cries = vocabulary.pattern("cries")
        if vocabulary.pattern("distress").search(sentence) or any(
            cries.fullmatch(cry) for cry in (sentence, sentence.strip(" .!?,"))
        ):
            yield Mark.DISTRESS


def _with_repeated(
    transcript: str, heard: Iterable[Span], answer: str, said: Iterable[Span], language: str
) -> tuple[Span, ...]:
    """Return what is masked in the answer, with what it repeats of the transcript."""
    vocabulary = _VOCABULARIES.get(language.lower()[:2], ENGLISH)
    secrets = [_part(transcript, span) for span in heard]
    numbers = [run.digits for secret in secrets for run in runs(secret, vocabulary)]
    found = [_code_points(answer, span) for span in said]
    for run in runs(answer, vocabulary):
        digits = run.digits
        if len(digits) >= _REPEATED and any(
            digits in number or number in digits for number in numbers if len(number) >= _REPEATED
        ):
            found.append((run.start, run.end))
    for secret in secrets:
        found += [match.span() for match in re.finditer(re.escape(secret), answer, re.IGNORECASE)]
    return _utf16(answer, _joined(found))


def _is_luhn(digits: str) -> bool:
    """Return whether the last digit of a card's number is right."""
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled  # noqa: PLR2004 - the sum of its digits
    return total % 10 == 0


def _is_iban(iban: str) -> bool:
    """Return whether it is as long as an IBAN, or its check digits are right."""
    rearranged = iban[4:] + iban[:4]
    number = int("".join(str(int(character, 36)) for character in rearranged))
    return number % _IBAN_SURELY == 1 or len(iban) >= _NEARLY_CARD_DIGITS


def _lowered(text: str) -> str:
    """Return a text in lower case, of the same length, with one kind of apostrophe."""
    text = text.replace(_APOSTROPHE, "'")
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(one.lower() if len(one.lower()) == 1 else one for one in text)


def _without(text: str, pattern: re.Pattern[str]) -> str:
    """Return a text of the same length, with spaces for what matches."""
    return pattern.sub(lambda found: " " * len(found[0]), text)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Return spans in their order, those that touch as one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return joined


def _utf16(text: str, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans of code points in UTF-16 code units, as JavaScript counts."""
    return tuple((_units(text[:start]), _units(text[:end])) for start, end in spans)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _part(text: str, span: Span) -> str:
    """Return what a span in UTF-16 code units covers."""
    start, end = _code_points(text, span)
    return text[start:end]


def _code_points(text: str, span: Span) -> Span:
    """Return a span of UTF-16 code units in code points."""
    encoded = text.encode("utf-16-le", "surrogatepass")
    start, end = (len(encoded[: 2 * at].decode("utf-16-le", "surrogatepass")) for at in span)
    return start, end
