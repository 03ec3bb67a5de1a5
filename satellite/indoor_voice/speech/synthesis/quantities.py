"""Reads numbers with a unit or a currency. Pure.

CLDR's data, which Babel brings, has their names and plurals in each language.
"""

import re
from decimal import Decimal
from typing import Final

from babel import Locale
from babel.core import UnknownLocaleError
from babel.numbers import format_decimal, get_currency_name
from babel.units import UnknownUnitError, format_compound_unit, format_unit

from .languages import Language, Names, words
from .number_words import minus_in_words
from .units import ALONE, NEEDS_SPACE, PER, SYMBOL, UNITS, WORDS_ELSEWHERE, Unit

_SIGN: Final = r"(?<![\w.,)\]/])(?P<sign>[-−–+±]?)"  # noqa: RUF001 - meant
_NUMBER: Final = r"\d{1,3}(?:[.,’\u00a0\u202f]\d{3})+(?:[.,]\d{1,9})?|\d{1,15}(?:[.,]\d{1,9})?"  # noqa: RUF001 - meant
_SPACE: Final = r"(?P<space>[ \u00a0\u202f]?)"
_FORMAT: Final = "0.#########"
_CURRENCIES: Final = {
    "US$": "USD",
    "A$": "AUD",
    "C$": "CAD",
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₺": "TRY",
    "₽": "RUB",
    "₩": "KRW",
    "₪": "ILS",
    "₴": "UAH",
    "zł": "PLN",
    "Kč": "CZK",
} | {
    code: code
    for code in words("AUD BRL CAD CHF CNY CZK DKK EUR GBP HUF INR JPY NOK NZD PLN RON SEK USD")
}
_CURRENCY: Final = (
    f"(?:{'|'.join(re.escape(code) for code in sorted(_CURRENCIES, key=len, reverse=True))})"
)
_QUANTITY: Final = re.compile(
    rf"{_SIGN}(?P<from>(?:{_NUMBER})[ ]?[-–][ ]?)?(?P<number>{_NUMBER}){_SPACE}{SYMBOL}"  # noqa: RUF001 - meant
)
_INCHES: Final = re.compile(r"\.?(?:\Z|[ ]?[,;:!?)]|\.?[ ](?:of|per)\b)")
"""What may follow *in* as a unit: "0.5 in of rain", but "there are 6 in the hall"."""
_ALONE: Final = re.compile(ALONE)
_SHORTEST_ALONE: Final = 4
"""Such as *km/h*; *A/B* is no unit."""
_SEVERAL: Final = Decimal(5)
_MINUS: Final = re.compile(r"(?<![\w.,)\]/–−-])[-−–](?=\d)")  # noqa: RUF001 - meant
_CENT_DIGITS: Final = 2
_FEMININE_IN_GERMAN: Final = re.compile(
    r"\w+(?:e(?<!ampere)(?<!joule)(?<!byte)(?<!acre)(?<!curie)|ung)\b", re.IGNORECASE
)


class Quantities:
    """Reads quantities in one language."""

    def __init__(self, locale: Locale, language: Language) -> None:
        self._locale = locale
        self._language = language
        self._minus = minus_in_words(locale.language)
        self._group = locale.number_symbols["latn"]["group"]
        self._written_one = self._one_in_german() if locale.language == "de" else None
        scales = "|".join(sorted(language.scales, key=len, reverse=True)) or r"(?!)"
        scale = rf"(?:[ \u00a0](?P<scale>{scales})\b)?"
        short = "|".join(sorted(language.short_scales, key=len, reverse=True)) or r"(?!)"
        self._money = [
            re.compile(
                rf"{_SIGN}(?<![A-Za-z])(?P<currency>{_CURRENCY})[ \u00a0\u202f]?"
                rf"(?P<number>{_NUMBER})(?:(?P<short>{short})(?!\w)|(?![\w%°])){scale}(?:{PER})?"
            ),
            re.compile(
                rf"{_SIGN}(?P<number>{_NUMBER})(?P<short>){scale}[ \u00a0\u202f]?"
                rf"(?P<currency>{_CURRENCY})(?!\w)(?:{PER})?"
            ),
        ]

    def say(self, text: str) -> str:
        """Return a text with its amounts of money and its units in words."""
        for pattern in self._money:
            text = pattern.sub(self._say_money, text)
        text = _QUANTITY.sub(self._say_quantity, text)
        text = _ALONE.sub(self._say_alone, text)
        if self._written_one is not None:
            text = self._written_one.sub(lambda match: self._one(match[0]), text)
        return _MINUS.sub(f"{self._minus} ", text) if self._minus else text

    def format(self, number: Decimal) -> str:
        """Return a number in digits as the language writes it, without separators of groups."""
        return format_decimal(number, _FORMAT, self._locale)

    def parse(self, written: str) -> Decimal:
        """Return the value of a number, whether the language's or a program's decimal sign."""
        separators = [character for character in written if not character.isdigit()]
        if not separators:
            return Decimal(written)
        last = separators[-1]
        is_group = last not in ".," or (
            (separators.count(last) > 1 or (last == self._group and len(separators) == 1))
            and re.fullmatch(r"[1-9]\d{0,2}(?:\D\d{3})+", written) is not None
        )
        whole, decimals = (written, "") if is_group else written.rsplit(last, 1)
        digits, decimals = re.sub(r"\D", "", whole), decimals.rstrip("0")
        return Decimal(f"{digits}.{decimals}" if decimals else digits)

    def _signed(self, sign: str, spoken: str) -> str:
        match sign:
            case "":
                return spoken
            case "+" | "±":
                return f"{sign}{spoken}"
            case _:
                return f"{self._minus} {spoken}" if self._minus else f"-{spoken}"

    def _say_quantity(self, match: re.Match[str]) -> str:
        symbol = match["symbol"]
        if match["per"] is None and not self._is_unit(symbol, match):
            return match[0]
        spoken = self._quantity(self.parse(match["number"]), symbol, match["per"])
        if spoken is None:
            return match[0]
        if match["from"]:
            if not self._language.to:
                return match[0]
            first = self.format(self.parse(match["from"].rstrip(" -–")))  # noqa: RUF001 - meant
            spoken = f"{first} {self._language.to} {spoken}"
        return self._signed(match["sign"], spoken)

    def _say_alone(self, match: re.Match[str]) -> str:
        """Return the plural of a unit, if it can't be anything else and the number is before it."""
        written = match[0]
        is_compound = match["per"] and (len(written) >= _SHORTEST_ALONE or written == "m/s")
        if not is_compound and match["symbol"] not in ("°C", "°F"):
            return written
        before, _, spoken = (
            self._quantity(_SEVERAL, match["symbol"], match["per"]) or ""
        ).partition(f"{_SEVERAL} ")
        return spoken if spoken and not before else written

    def _is_unit(self, symbol: str, match: re.Match[str]) -> bool:
        """Return whether a symbol that may be a word is a unit here."""
        if symbol in NEEDS_SPACE and not match["space"]:
            return False
        if symbol == "in" and _INCHES.match(match.string, match.end()) is None:
            return False
        return symbol not in WORDS_ELSEWHERE or symbol in self._language.letters

    def _quantity(self, number: Decimal, symbol: str, per: str | None) -> str | None:
        """Return a number and its unit in words, or None if the language has none for it."""
        try:
            if names := self._language.units.get(symbol):
                spoken = self._count(number, names)
                return spoken if per is None else self._per(spoken, per)
            return self._in_cldr(number, UNITS[symbol], per) if symbol in UNITS else None
        except UnknownUnitError:
            return None

    def _in_cldr(self, number: Decimal, unit: Unit, per: str | None) -> str | None:
        """Return a number and one of CLDR's units in words; raises `UnknownUnitError`."""
        if per is not None and not unit.is_changed and not UNITS[per].is_changed:
            spoken = format_compound_unit(
                number,
                unit.name,
                denominator_unit=UNITS[per].name,
                format=_FORMAT,
                locale=self._locale,
            )
            return None if spoken is None else self._one(spoken)
        spoken = format_unit(number, unit.name, "long", _FORMAT, self._locale)
        if unit.is_changed:
            spoken = self._prefixed(spoken, unit)
        if unit.per and spoken is not None:
            spoken = format_compound_unit(spoken, denominator_unit=unit.per, locale=self._locale)
        if spoken is None:
            return None
        return self._one(spoken) if per is None else self._per(self._one(spoken), per)

    def _per(self, spoken: str, per: str) -> str | None:
        """Return an amount per unit in words; raises `UnknownUnitError`."""
        unit = UNITS[per]
        whole = format_compound_unit(spoken, denominator_unit=unit.name, locale=self._locale)
        if whole is None or not unit.is_changed:
            return None if whole is None else self._one(whole)
        before, _, after = whole.partition(spoken)
        changed = self._prefixed(after, unit)
        return None if changed is None else before + spoken + changed

    def _prefixed(self, spoken: str, unit: Unit) -> str | None:
        """Return a quantity with another prefix, or None if the language writes it differently."""
        before = r"" if unit.without else r"(?<!\w)"
        match = re.search(rf"{before}{unit.without}([a-z])", spoken, re.IGNORECASE)
        if match is None:
            return None
        name = self._language.prefixes.get(unit.prefix, unit.prefix) + match[1].lower()
        if match[0][0].isupper():
            name = name[0].upper() + name[1:]
        return spoken[: match.start()] + name + spoken[match.end() :]

    def _one_in_german(self) -> re.Pattern[str]:
        """Return what finds the number one before a unit that is already in words."""
        units = {format_unit(1, unit.name, locale=self._locale) for unit in UNITS.values()}
        names = {unit.removeprefix("1 ").split()[0] for unit in units} | {"Euro", "Tag", "Woche"}
        return re.compile(rf"(?<![\w.,:/-])1 (?:{'|'.join(sorted(names))})\b")

    def _one(self, spoken: str) -> str:
        """Return a quantity with plain spaces, and the number one as German inflects it."""
        # Some languages write a stroke for "per" even beside words.
        spoken = spoken.replace("\u00a0", " ").replace("/", " ")
        if self._locale.language != "de" or not spoken.startswith("1 "):
            return spoken
        name = spoken[2:]
        return f"{'eine' if _FEMININE_IN_GERMAN.match(name) else 'ein'} {name}"

    def _count(self, number: Decimal, names: Names) -> str:
        name = names[0 if number == 1 else 1]
        return self._one(f"{self.format(number)} {name}")

    def _currency(self, code: str, number: Decimal) -> str:
        names = self._language.currencies.get(code)
        if names is None:
            name = get_currency_name(code, number, self._locale)
            names = (name, name)
        return names[0 if number == 1 else 1]

    def _say_money(self, match: re.Match[str]) -> str:
        code = _CURRENCIES[match["currency"]]
        number = self.parse(match["number"])
        scale = self._language.short_scales.get(match["short"] or "", match["scale"])
        if scale:
            spoken = f"{self.format(number)} {scale} {self._currency(code, Decimal(2))}"
        else:
            spoken = self._amount(code, number, match["number"])
        if match["per"]:
            try:
                with_unit = self._per(spoken, match["per"])
            except UnknownUnitError:
                with_unit = None
            if with_unit is None:
                return match[0]
            spoken = with_unit
        return self._signed(match["sign"], spoken)

    def _amount(self, code: str, number: Decimal, written: str) -> str:
        whole, part = divmod(number, 1)
        decimals = re.search(r"[.,](\d+)\Z", written)
        main = self._one(f"{self.format(whole)} {self._currency(code, whole)}")
        if not part:
            return main
        has_cents = decimals is not None and len(decimals[1]) == _CENT_DIGITS
        if not has_cents or (not self._language.cents and (not whole or not self._language.dot)):
            return f"{self.format(number)} {self._currency(code, number)}"
        if names := self._language.cents.get(code):
            cents = self._count(part * 100, names)
            return f"{main} {self._language.and_} {cents}" if whole else cents
        return f"{main} {self.format(part * 100)}"


def locale_of(code: str) -> Locale | None:
    """Return CLDR's data for a language such as `en-US`, or None if it has none."""
    code = code.replace("-", "_")
    # Piper's voices have `no_NO`, where CLDR has `no` and `nb_NO`.
    for name in (code, code.partition("_")[0]):
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return None
