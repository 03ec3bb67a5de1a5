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
    clock: Callable[[int, int, str], str] | None = None
    """Says hours, minutes, and *AM*, *PM* or nothing; the voice reads the time if it is None."""
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
    scales: frozenset[str] = frozenset()
    """Words such as *million* between an amount and its currency."""
    other_units: Mapping[str, Names] = field(default_factory=dict)
    """Units that CLDR lacks."""
    year_after: frozenset[str] = frozenset()
    """Words, in lower case, after which a number of four digits is a year."""


def _english_clock(hour: int, minute: int, suffix: str) -> str:
    half = suffix.replace(".", "").upper()
    if minute:
        spoken = f"{hour} {minute}" if minute > 9 else f"{hour} oh {minute}"  # noqa: PLR2004
    elif half:
        spoken = str(hour)
    elif hour == 0:
        return "midnight"
    else:
        spoken = f"{hour} o'clock" if hour <= 12 else f"{hour} hundred"  # noqa: PLR2004
    return f"{spoken} {half}".strip()


def _german_clock(hour: int, minute: int, _: str) -> str:
    return f"{'ein' if hour == 1 else hour} Uhr {minute or ''}".strip()


_CENT: Final = ("cent", "cents")
_ENGLISH: Final = Language(
    abbreviations={
        "a.m.": "AM",
        "approx.": "approximately",
        "Ave.": "Avenue",
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
        "Sgt.": "Sergeant",
        "Sr.": "Senior",
        "St.{name}": "Saint",
        "St.": "Street",
        "vol.{digit}": "volume",
        "vs.": "versus",
        "w/o": "without",
        "CO2": "C O 2",
        "CO₂": "C O 2",
    },
    open=_OPEN | {"no", "nos", "pp", "sen", "gen", "rev"},
    letters=words("A B J K S ac bar cal d g gal h ha hr l m mi min s sec t"),
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
    less="less than",
    more="more than",
    at_least="at least",
    at_most="at most",
    number="number",
    dot="dot",
    scales=frozenset({"thousand", "million", "billion", "trillion"}),
    other_units={
        "dB": ("decibel", "decibels"),
        "dBA": ("decibel A", "decibels A"),
        "dBm": ("decibel milliwatt", "decibel milliwatts"),
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
        "u. a.": "unter anderem",
        "u. U.": "unter Umständen",
        "usw.": "und so weiter",
        "v. a.": "vor allem",
        "v. Chr.": "vor Christus",
        "vgl.": "vergleiche",
        "z. B.": "zum Beispiel",
        "z. T.": "zum Teil",
        "zzgl.": "zuzüglich",
        "CO2": "C O 2",
        "CO₂": "C O 2",
    },
    open=_OPEN | words("abb bspw bzgl evtl fr ggf hr inkl max mind mio mrd sog vgl zzgl d.h"),
    before_ordinal=words(
        "ab am beim bis das dem den der des die im jede jeden jeder jedes seit vom zum zur"
    ),
    letters=words("A B J K S ac bar cal d g gal h ha l m mi min s t"),
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
    less="weniger als",
    more="mehr als",
    at_least="mindestens",
    at_most="höchstens",
    number="Nummer",
    dot="Punkt",
    scales=frozenset({"Tausend", "Million", "Millionen", "Milliarde", "Milliarden"}),
    other_units={
        "dB": ("Dezibel", "Dezibel"),
        "dBA": ("Dezibel A", "Dezibel A"),
        "dBm": ("Dezibel Milliwatt", "Dezibel Milliwatt"),
    },
    year_after=words("jahr jahre jahres seit"),
)
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
