"""Reads dates, times, years and ordinals. Pure."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Final

from babel import Locale
from babel.dates import format_date

from .languages import Language, words
from .number_words import ordinal_in_words, year_in_words

_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

_ISO: Final = re.compile(
    r"(?<![\w-])(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[T ](?P<time>\d\d:\d\d)(?::\d\d(?:\.\d{1,9})?)?(?P<zone>Z|[+-]\d\d:?\d\d)?)?(?![\w-])"
)
_SLASHED: Final = re.compile(r"(?<![\w/])(\d{1,2})/(\d{1,2})/(?P<year>\d{4})(?![\w/])")
_DOTTED: Final = re.compile(
    r"(?<![\w.])(?P<day>\d{1,2})\.[ ]?(?P<month>\d{1,2})\.(?:[ ]?(?P<year>\d{4}))?(?!\w|[.,]\d)"
)
_TIME: Final = r"(?<![\w:.,/])(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?"
_AFTER_TIME: Final = r"(?!\w|[:.,/]\d)"
_HOUR: Final = re.compile(r"(?<![\w:.,/])(?P<hour>1[0-2]|[1-9])[ ]?(?P<half>[AaPp])\.?[Mm]\b\.?")
_TIME_RANGE: Final = re.compile(r"(?<=:\d\d)[ ]?[-–][ ]?(?=\d{1,2}:\d\d)")  # noqa: RUF001 - meant
_RANGE: Final = re.compile(
    r"(?:(?<=\d)|(?<=[%°²³])|(?<=°[CF])|(?<=[ap]\.m\.)|(?<=[AP]M)|(?<=[ap]m))"
    r"[ ]?–[ ]?(?=[-−]?\d)"  # noqa: RUF001 - meant
)
_YEAR: Final = r"(?P<year>1[1-9]\d\d|20[1-9]\d)(?![\w°%]|[.,:/-]\d)"
_DECADE: Final = re.compile(r"(?<![\w.,])(?P<year>(?:1[1-9]|20)?[1-9]0|1[1-9]00)s\b")
_ZULU: Final = frozenset({"Z", "+00:00", "+0000"})

_AFTER_ARTICLE: Final = words("das der die diese dieser dieses jede jeder jedes")
_BEFORE_DATIVE: Final = words("an auf aus bei in mit nach seit von vor zu")


class Dates:
    """Reads dates in one language."""

    def __init__(self, locale: Locale, language: Language) -> None:
        self._locale = locale
        self._language = language
        months = locale.months["format"]
        self._months = {
            name.rstrip("."): months["wide"][number]
            for width in ("wide", "abbreviated")
            for number, name in months[width].items()
        }
        names = "|".join(sorted(map(re.escape, self._months), key=len, reverse=True))
        self._rules: list[_Rule] = [(_ISO, self._iso)]
        if locale.language == "en":
            self._rules += self._english(names)
        elif locale.language == "de":
            self._rules += self._german(names)
        if language.to:
            to = f" {language.to} "
            self._rules += [(_TIME_RANGE, lambda _: to), (_RANGE, lambda _: to)]
            self._rules.append((self._days_of_week(), self._week))
        if language.clock is not None:
            time = rf"{_TIME}(?:[ \u00a0]?(?P<suffix>{language.clock_suffix})|{_AFTER_TIME})"
            self._rules.append((re.compile(time), self._time))
        years = "|".join(sorted(language.year_after)) or r"(?!)"
        day = r"(?:[ ]\d{1,2}(?:st|nd|rd|th)?)?"
        self._written_year = re.compile(
            rf"(?P<before>\b(?:{years}|(?:{names})\.?{day}),?[ ]){_YEAR}", re.IGNORECASE
        )

    def say(self, text: str) -> str:
        """Return a text with its dates and times in words."""
        for pattern, rule in self._rules:
            text = pattern.sub(rule, text)
        return text

    def say_years(self, text: str) -> str:
        """Return a text with its years as they are spoken; call this after units are in words."""
        if not self._language.year_after:
            return text
        return self._written_year.sub(
            lambda match: match["before"] + self._year(match["year"]), text
        )

    def _english(self, months: str) -> list[_Rule]:
        date = rf"\b(?P<month>{months})\b\.?(?=,?[ ]\d)"
        return [
            (_SLASHED, self._slashed),
            (re.compile(date), lambda match: self._months[match["month"]]),
            (_DECADE, self._decade),
            (_HOUR, self._hour),
        ]

    def _days_of_week(self) -> re.Pattern[str]:
        """Return what finds a range of abbreviated days, such as *Mon-Fri*."""
        days = self._locale.days["format"]
        self._days = {
            name.rstrip("."): days["wide"][number] for number, name in days["abbreviated"].items()
        }
        names = "|".join(map(re.escape, self._days))
        return re.compile(rf"\b(?P<from>{names})\.?[ ]?[-–][ ]?(?P<to>{names})\b\.?")  # noqa: RUF001 - meant

    def _week(self, match: re.Match[str]) -> str:
        return f"{self._days[match['from']]} {self._language.to} {self._days[match['to']]}"

    def _german(self, months: str) -> list[_Rule]:
        date = rf"(?<![\w.,])(?P<day>\d{{1,2}})\.[ ]?(?P<month>{months})\b\.?(?:[ ]{_YEAR})?"
        articles = "|".join(sorted(self._language.before_ordinal))
        ordinal = rf"(?P<before>\b(?:{articles})[ ])(?P<number>\d{{1,3}})\.(?=[ ][^\W\d_])"
        return [
            (_DOTTED, self._dotted),
            (re.compile(date), self._german_date),
            (re.compile(ordinal, re.IGNORECASE), self._german_ordinal),
        ]

    def _year(self, year: str) -> str:
        return year_in_words(int(year), self._locale.language)

    def _long(self, year: int, month: int, day: int) -> str:
        """Return a date in words; raises `ValueError`."""
        return format_date(dt.date(year, month, day), "long", self._locale)

    def _iso(self, match: re.Match[str]) -> str:
        try:
            spoken = self._long(int(match["year"]), int(match["month"]), int(match["day"]))
        except ValueError:
            return match[0]
        if match["time"]:
            spoken += f", {match['time']}"
        return f"{spoken} UTC" if match["zone"] in _ZULU else spoken

    def _slashed(self, match: re.Match[str]) -> str:
        first, second, year = int(match[1]), int(match[2]), int(match["year"])
        is_month_first = self._locale.territory in (None, "US")
        for month in (first, second) if is_month_first else (second, first):
            try:
                return self._long(year, month, first + second - month)
            except ValueError:
                continue
        return match[0]

    def _time(self, match: re.Match[str]) -> str:
        assert self._language.clock is not None
        hour, suffix, seconds = match["hour"], match["suffix"] or "", int(match["second"] or 0)
        if match["second"] and len(hour) == 1 and not suffix:
            # As Python writes a length of time: 0:05:00. The units are put into words later.
            parts = ((int(hour), "h"), (int(match["minute"]), "min"), (seconds, "s"))
            return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"
        spoken = self._language.clock(hour, int(match["minute"]), suffix)
        if seconds:
            spoken += f" {self._language.and_} {seconds} s"
        return self._ended(spoken, match)

    def _hour(self, match: re.Match[str]) -> str:
        return self._ended(f"{match['hour']} {match['half'].upper()}M", match)

    def _ended(self, spoken: str, match: re.Match[str]) -> str:
        """Return a time, with the stop that ended its last letters and the sentence."""
        is_last = match[0].endswith(".") and match.end() == len(match.string)
        return f"{spoken}." if is_last else spoken

    def _decade(self, match: re.Match[str]) -> str:
        year = self._year(match["year"])
        return f"{year[:-1]}ies" if year.endswith("y") else f"{year}s"

    def _dotted(self, match: re.Match[str]) -> str:
        month, day = int(match["month"]), int(match["day"])
        try:
            dt.date(int(match["year"] or 2000), month, day)
        except ValueError:
            return match[0]
        year = f" {match['year']}" if match["year"] else ""
        return f"{day}. {self._locale.months['format']['wide'][month]}{year}"

    def _german_date(self, match: re.Match[str]) -> str:
        spoken = self._ordinal(int(match["day"]), match.string[: match.start()])
        spoken += f" {self._months[match['month']]}"
        return f"{spoken} {self._year(match['year'])}" if match["year"] else spoken

    def _german_ordinal(self, match: re.Match[str]) -> str:
        before = match.string[: match.end("before")]
        return match["before"] + self._ordinal(int(match["number"]), before)

    def _ordinal(self, number: int, before: str) -> str:
        """Return a German ordinal, declined as the words before it demand."""
        last = before.lower().split()[-2:]
        ending = "r"
        if last and last[-1] in self._language.before_ordinal:
            is_weak = last[-1] in _AFTER_ARTICLE and last[0] not in _BEFORE_DATIVE
            ending = "" if is_weak else "n"
        return ordinal_in_words(number, "de", ending)
