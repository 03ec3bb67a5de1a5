"""What CLDR doesn't know of a language: its abbreviations, its clock, its cents. Pure.

A language that isn't here still has its units, currencies and dates from CLDR. Numbers in digits
are left to the voice, which reads them well in each of its languages.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final


def words(text: str) -> frozenset[str]:
    """Return the words of a text, for tables that would be long with a line for each."""
    return frozenset(text.split())


_OPEN: Final = words("approx bzw ca dr e.g fig i.e jr lt mr mrs ms mt nr prof sgt sr st vol vs z.b")

_NOON: Final = 12
_MIDNIGHT: Final = 24
_TWO_DIGITS: Final = 10

Names = tuple[str, str]
"""The name of one, and of several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """How a language is read."""

    abbreviations: Mapping[str, str] = field(default_factory=dict)
    """As written, with their dots, and as spoken. `{digit}` or `{name}` at the end of a key means
    that a digit or a capital letter follows."""
    open: frozenset[str] = _OPEN
    """Abbreviations, without their last dot and in lower case, after which a sentence goes on."""
    before_ordinal: frozenset[str] = frozenset()
    """Words, in lower case, after which *3.* is an ordinal and doesn't end a sentence."""
    letters: frozenset[str] = frozenset()
    """The symbols of units that are words in other languages but not in this one."""
    clock: Callable[[str, int, str], str] | None = None
    """Says hours as written, minutes, and *AM*, *PM* or nothing; if it is None, the voice reads the
    time."""
    clock_suffix: str = r"[AaPp]\.?[Mm]\b\.?"
    currencies: Mapping[str, Names] = field(default_factory=dict)
    """Where people's word is shorter than CLDR's."""
    cents: Mapping[str, Names] = field(default_factory=dict)
    and_: str = ""
    to: str = ""
    less: str = ""
    more: str = ""
    at_least: str = ""
    at_most: str = ""
    number: str = ""
    dot: str = ""
    at: str = ""
    version: str = ""
    plus: str = ""
    ratio: str = ""
    """Between the numbers of a score or of a format such as 16:9."""
    multiplied: str = ""
    by: str = ""
    """Between the lengths of two sides."""
    powers: Mapping[int, str] = field(default_factory=dict)
    """Powers that have names."""
    power: str = ""
    """Before other powers."""
    has_roman_numerals: bool = False
    scales: frozenset[str] = frozenset()
    """Words such as *million* between an amount and its currency."""
    short_scales: Mapping[str, str] = field(default_factory=dict)
    """Letters after an amount, such as *M* for *million*."""
    units: Mapping[str, Names] = field(default_factory=dict)
    """Units that CLDR lacks, or that people call otherwise."""
    prefixes: Mapping[str, str] = field(default_factory=dict)
    """How the language writes the prefixes of units, where that is not as in English."""
    year_after: frozenset[str] = frozenset()
    """Words, in lower case, after which a number of four digits is a year."""


def _english_clock(hour: str, minute: int, suffix: str) -> str:
    """Say a time as people do, who count to twelve even where they write 18:00."""
    number, half = int(hour), suffix.replace(".", "").upper()
    if not half and not minute and number in (0, 24):
        return "midnight"
    # "9:30" may be in the evening, but "09:30" and "18:30" are written for 24 hours.
    if not half and (number > _NOON or hour.startswith("0") or number == 0):
        half = "PM" if _NOON <= number < _MIDNIGHT else "AM"
    if number > _NOON or number == 0:
        number = number % _NOON or _NOON
    if not minute:
        return f"{number} " + (half or "o'clock")
    return f"{number} {'oh ' if minute < _TWO_DIGITS else ''}{minute} {half}".strip()


def _german_clock(hour: str, minute: int, _: str) -> str:
    return f"{'ein' if int(hour) == 1 else int(hour)} Uhr {minute or ''}".strip()


_CENT: Final = ("cent", "cents")
_ENGLISH: Final = Language(
    abbreviations={
        "a.m.": "AM",
        "approx.": "approximately",
        "Ave.": "Avenue",
        "avg.": "average",
        "Blvd.": "Boulevard",
        "dept.": "department",
        "Dr.{name}": "Doctor",
        "e.g.": "for example",
        "etc.": "et cetera",
        "Fig.{digit}": "Figure",
        "fig.{digit}": "figure",
        "i.e.": "that is",
        "Jr.": "Junior",
        "Lt.": "Lieutenant",
        "max.{digit}": "maximum",
        "Mr.": "Mister",
        "Mrs.": "Mrs",
        "Ms.": "Ms",
        "Mt.": "Mount",
        "No.{digit}": "Number",
        "no.{digit}": "number",
        "nos.{digit}": "numbers",
        "p.{digit}": "page",
        "p.m.": "PM",
        "pp.{digit}": "pages",
        "Prof.": "Professor",
        "Rd.": "Road",
        "Sept.{digit}": "September",
        "Sgt.": "Sergeant",
        "Sr.": "Senior",
        "St.{name}": "Saint",
        "St.": "Street",
        "vol.{digit}": "volume",
        "vs.": "versus",
        "w/": "with",
        "w/o": "without",
        "24/7": "24 7",
        "50/50": "50 50",
        "CO2": "C O 2",
        "CO₂": "C O 2",
    },
    open=_OPEN | {"no", "nos", "pp", "sen", "gen", "rev"},
    letters=words("A B J K S VA ac bar cal d g gal h ha hr in l m mi min s sec st t thm var w y"),
    clock=_english_clock,
    currencies={
        "USD": ("dollar", "dollars"),
        "GBP": ("pound", "pounds"),
        "JPY": ("yen", "yen"),
        "INR": ("rupee", "rupees"),
    },
    cents={
        "USD": _CENT,
        "EUR": _CENT,
        "AUD": _CENT,
        "CAD": _CENT,
        "NZD": _CENT,
        "GBP": ("penny", "pence"),
    },
    and_="and",
    to="to",
    at="at",
    version="version",
    plus="plus",
    ratio="to",
    multiplied="times",
    by="by",
    powers={2: "squared", 3: "cubed"},
    power="to the power of",
    has_roman_numerals=True,
    less="less than",
    more="more than",
    at_least="at least",
    at_most="at most",
    number="number",
    dot="dot",
    scales=frozenset({"thousand", "million", "billion", "trillion"}),
    short_scales={
        "k": "thousand",
        "K": "thousand",
        "M": "million",
        "m": "million",
        "B": "billion",
        "bn": "billion",
        "T": "trillion",
    },
    units={
        "¢": _CENT,
        "dB": ("decibel", "decibels"),
        "dBA": ("decibel A", "decibels A"),
        "dBm": ("decibel milliwatt", "decibel milliwatts"),
        "psi": ("pound per square inch", "pounds per square inch"),
        "inH₂O": ("inch of water", "inches of water"),
        "CCF": ("hundred cubic feet", "hundred cubic feet"),
        "MCF": ("thousand cubic feet", "thousand cubic feet"),
        "thm": ("therm", "therms"),
        "mVA": ("millivolt ampere", "millivolt amperes"),
        "VA": ("volt ampere", "volt amperes"),
        "kVA": ("kilovolt ampere", "kilovolt amperes"),
        "VAh": ("volt ampere hour", "volt ampere hours"),
        "kVAh": ("kilovolt ampere hour", "kilovolt ampere hours"),
        "mvar": ("millivar", "millivars"),
        "var": ("var", "vars"),
        "kvar": ("kilovar", "kilovars"),
        "varh": ("var hour", "var hours"),
        "kvarh": ("kilovar hour", "kilovar hours"),
        "kWh/100km": ("kilowatt hour per 100 kilometers", "kilowatt hours per 100 kilometers"),
        "kWh/100 km": ("kilowatt hour per 100 kilometers", "kilowatt hours per 100 kilometers"),
        "L/100 km": ("liter per 100 kilometers", "liters per 100 kilometers"),
        "BTU/(h⋅ft²)": (
            "British thermal unit per hour and square foot",
            "British thermal units per hour and square foot",
        ),
        "pCi": ("picocurie", "picocuries"),
    },
    year_after=words("in since until till by from before after year during of"),
)
_GERMAN: Final = Language(
    abbreviations={
        "Abb.{digit}": "Abbildung",
        "bspw.": "beispielsweise",
        "bzgl.": "bezüglich",
        "bzw.": "beziehungsweise",
        "ca.": "circa",
        "d. h.": "das heißt",
        "Dr.": "Doktor",
        "etc.": "et cetera",
        "evtl.": "eventuell",
        "Fr.{name}": "Frau",
        "ggf.": "gegebenenfalls",
        "Hr.{name}": "Herr",
        "i. d. R.": "in der Regel",
        "inkl.": "inklusive",
        "max.": "maximal",
        "mind.": "mindestens",
        "Mio.": "Millionen",
        "Mrd.": "Milliarden",
        "n. Chr.": "nach Christus",
        "Nr.": "Nummer",
        "o. Ä.": "oder Ähnliches",
        "Prof.": "Professor",
        "S.{digit}": "Seite",
        "sog.": "sogenannte",
        "St.{name}": "Sankt",
        "Str.": "Straße",
        "Tel.": "Telefon",
        "u. a.": "unter anderem",
        "u. U.": "unter Umständen",
        "usw.": "und so weiter",
        "v. a.": "vor allem",
        "v. Chr.": "vor Christus",
        "vgl.": "vergleiche",
        "z. B.": "zum Beispiel",
        "z. T.": "zum Teil",
        "zzgl.": "zuzüglich",
        "24/7": "24 7",
        "50/50": "50 50",
        "CO2": "C O 2",
        "CO₂": "C O 2",
    },
    open=_OPEN | words("abb bspw bzgl evtl fr ggf hr inkl max mind mio mrd sog tel vgl zzgl d.h"),
    before_ordinal=words(
        "ab am beim bis das dem den der des die im jede jeden jeder jedes seit vom zum zur"
    ),
    letters=words("A B J K S VA ac bar cal d g gal h ha in l m mi min s st t thm var w y"),
    clock=_german_clock,
    clock_suffix=r"Uhr\b",
    currencies={
        "USD": ("Dollar", "Dollar"),
        "GBP": ("Pfund", "Pfund"),
        "JPY": ("Yen", "Yen"),
        "CHF": ("Franken", "Franken"),
    },
    cents={
        "EUR": ("Cent", "Cent"),
        "USD": ("Cent", "Cent"),
        "GBP": ("Penny", "Pence"),
        "CHF": ("Rappen", "Rappen"),
    },
    and_="und",
    to="bis",
    at="ät",
    version="Version",
    plus="plus",
    ratio="zu",
    multiplied="mal",
    by="mal",
    power="hoch",
    less="weniger als",
    more="mehr als",
    at_least="mindestens",
    at_most="höchstens",
    number="Nummer",
    dot="Punkt",
    scales=frozenset({"Tausend", "Million", "Millionen", "Milliarde", "Milliarden"}),
    units={
        "¢": ("Cent", "Cent"),
        "ct": ("Cent", "Cent"),
        "dB": ("Dezibel", "Dezibel"),
        "dBA": ("Dezibel A", "Dezibel A"),
        "dBm": ("Dezibel Milliwatt", "Dezibel Milliwatt"),
        "ppm": ("Teil pro Million", "Teile pro Million"),
        "ppb": ("Teil pro Milliarde", "Teile pro Milliarde"),
        "inH₂O": ("Zoll Wassersäule", "Zoll Wassersäule"),
        "CCF": ("hundert Kubikfuß", "hundert Kubikfuß"),
        "MCF": ("tausend Kubikfuß", "tausend Kubikfuß"),
        "thm": ("Therm", "Therm"),
        "mVA": ("Millivoltampere", "Millivoltampere"),
        "VA": ("Voltampere", "Voltampere"),
        "kVA": ("Kilovoltampere", "Kilovoltampere"),
        "VAh": ("Voltamperestunde", "Voltamperestunden"),
        "kVAh": ("Kilovoltamperestunde", "Kilovoltamperestunden"),
        "mvar": ("Millivar", "Millivar"),
        "var": ("Var", "Var"),
        "kvar": ("Kilovar", "Kilovar"),
        "varh": ("Varstunde", "Varstunden"),
        "kvarh": ("Kilovarstunde", "Kilovarstunden"),
        "kWh/100km": ("Kilowattstunde pro 100 Kilometer", "Kilowattstunden pro 100 Kilometer"),
        "kWh/100 km": ("Kilowattstunde pro 100 Kilometer", "Kilowattstunden pro 100 Kilometer"),
        "L/100 km": ("Liter pro 100 Kilometer", "Liter pro 100 Kilometer"),
        "l/100 km": ("Liter pro 100 Kilometer", "Liter pro 100 Kilometer"),
        "BTU/(h⋅ft²)": (
            "British thermal unit pro Stunde und Quadratfuß",
            "British thermal units pro Stunde und Quadratfuß",
        ),
        "pCi": ("Picocurie", "Picocurie"),
    },
    prefixes={"micro": "mikro", "centi": "zenti"},
    year_after=words("jahr jahre jahres seit"),
)
OWN_UNITS: Final = frozenset(_ENGLISH.units) | frozenset(_GERMAN.units)
"""All units that a language has its own names for."""
_LANGUAGES: Final = {
    "en": _ENGLISH,
    "de": _GERMAN,
    "es": Language(dot="punto", letters=words("g h l m min s")),
    "fr": Language(dot="point", letters=words("g h l m min s")),
    "it": Language(dot="punto", letters=words("g h l m min s")),
    "nl": Language(dot="punt", letters=words("g l m min s")),
    "pt": Language(dot="ponto", letters=words("g h l m min s")),
}
_OTHER: Final = Language()


def language_of(code: str) -> Language:
    """Return how the language of a code such as `en-US` is read."""
    return _LANGUAGES.get(code.replace("_", "-").partition("-")[0].lower(), _OTHER)
