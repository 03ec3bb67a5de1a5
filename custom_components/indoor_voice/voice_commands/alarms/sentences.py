"""The sentences of the voice commands about alarms, by language.

They are in hassil's template language: `<x>` stands for a rule, `{x}` for a number or a word of a
list, `{x:y}` for the same in the slot `y`. To add a language, add its `Grammar` here, its wording
in `wording.py` and its answers in `translations/`.

The slots of a time:
    hour, minute: what a clock shows.
    before: minutes before that.
    quarter: minutes after that, or before it if negative.
    fixed: minutes after midnight, instead of all those.
    part: a `Part`.
The slots of a day:
    days: counted from today.
    weekday: the next one; 0 is Monday.
    weekdays: each of these, as a string of such digits.
    every, every_too: each week on one or two such days.
    daily_part: a `Part`, every day.
The slots of a span from now: minutes, hours, span (in minutes).
The slot of a switch: on_off, 1 or 0.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class AlarmCommand(StrEnum):
    """A voice command about alarms."""

    SET = "set"
    SNOOZE = "snooze"
    LIST = "list"
    REMOVE = "remove"
    REMOVE_ALL = "remove_all"
    SWITCH = "switch"


class Part(StrEnum):
    """A part of the day, which says which hour of a twelve-hour clock is meant."""

    MORNING = "morning"
    EVENING = "evening"
    """Or the afternoon."""
    NIGHT = "night"


@dataclass(frozen=True, slots=True)
class Grammar:
    """What people say about alarms in one language."""

    rules: Mapping[str, str]
    """Parts of sentences."""
    lists: Mapping[str, Mapping[str, str | int]]
    """What words mean, by templates for them."""
    sentences: Mapping[AlarmCommand, tuple[str, ...]]


RANGES: Final[Mapping[str, range]] = {
    "hour": range(24),
    "minute": range(60),
    "count": range(1, 100),
}
"""The numbers that a placeholder stands for, in digits or in words."""

_ALL_DAYS: Final = "0123456"
_WORKING_DAYS: Final = "01234"
_WEEKEND: Final = "56"


def _numbered(template: str, *names: str) -> dict[str, str | int]:
    """Return the meanings of the names of weekdays, from Monday."""
    return {template.format(name): number for number, name in enumerate(names)}


_EN_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EN_ASK: Final = "[(can|could|will|would) you ][please ]"
_EN_SET: Final = "(set|add|create|make)"
_EN_REMOVE: Final = "(cancel|delete|remove|clear)"
_EN: Final = Grammar(
    rules={
        "part": "[[ ]{part}]",
        "time": (
            "({hour}[(:|.| |[ ](oh|o) ){minute}][ (o'clock|oclock)]<part>"
            "|{quarter} {hour}<part>"
            "|{minute} [minutes ](past|after) {hour}<part>"
            "|{minute:before} [minutes ](to|before) {hour}<part>"
            "|{fixed})"
        ),
        "at": "[(at|for|to) ]<time>",
        "day": (
            "({days}[ {daypart:part}]|this {daypart:part}|{tonight:part}"
            "|[(on|next|this) ]{weekday}[ {daypart:part}]"
            "|{weekdays}[ {daypart:part}[s]]|{every}[ and {every:every_too}][ {daypart:part}[s]]"
            "|on {kind:weekdays} {daypart:part}s|every {daypart:daily_part})"
        ),
        "later": (
            "in ({count:minutes} minute[s]"
            "|{count:hours} hour[s][ and {count:minutes} minute[s]]|{span})"
        ),
        "when": "(<at>[ [for ]<day>]|[for ]<day> <at>|<later>)",
    },
    lists={
        "quarter": {
            "half past": 30,
            "[a ]quarter (past|after)": 15,
            "[a ]quarter (to|before)": -15,
        },
        "fixed": {"(noon|midday)": 12 * 60, "midnight": 0},
        "part": {
            "(am|a.m|a.m.|a m|in the morning)": Part.MORNING,
            "(pm|p.m|p.m.|p m|in the (afternoon|evening))": Part.EVENING,
            "at night": Part.NIGHT,
        },
        "daypart": {"morning": Part.MORNING, "(afternoon|evening)": Part.EVENING, "night": "night"},
        "tonight": {"tonight": Part.NIGHT},
        "days": {"today": 0, "tomorrow": 1, "[the ]day after tomorrow": 2},
        "weekday": _numbered("{}", *_EN_DAYS),
        "every": _numbered("([on ]{0}s|[(every|each) ]{0})", *_EN_DAYS),
        "weekdays": {
            "((every|each) day|daily)": _ALL_DAYS,
            "((every|each) (weekday|working day|workday)|on weekdays)": _WORKING_DAYS,
            "[from ]monday (to|through) friday": _WORKING_DAYS,
            "((every|each) weekend|(on|at) [the ](weekend|weekends))": _WEEKEND,
        },
        "on_off": {"on": 1, "off": 0},
        "enabling": {"enable": 1, "disable": 0},
        "kind": {"(daily|everyday)": _ALL_DAYS, "weekday": _WORKING_DAYS, "weekend": _WEEKEND},
        "span": {
            "half an hour": 30,
            "an hour": 60,
            "(an|one) hour and a half": 90,
            "[a ]quarter of an hour": 15,
            "three quarters of an hour": 45,
        },
    },
    sentences={
        AlarmCommand.SET: (
            (
                f"{_EN_ASK}(wake me[ up]|[{_EN_SET} ][(a|an|another|my|the) ]"
                "[{kind:weekdays} ]alarm) <when>[ please]"
            ),
            f"{_EN_ASK}{_EN_SET} [(a|an|my|the) ]<time> alarm[ [for ]<day>][ please]",
            "<day> wake me[ up] <at>",
        ),
        AlarmCommand.SNOOZE: (
            "snooze[ (it|that|[(the|my) ]alarm)][ for {count} minutes]",
            "(wake me|ring)[ up] again (later|in a (bit|while))",
            "({count}|a few) more minutes[ please]",
        ),
        AlarmCommand.LIST: (
            "(what|which) alarms (are|have been)[ (set|there|on)]",
            "(what|which) alarms (do i have|have i)[ (set|got)]",
            "(list|show|tell me|what are) (my|all|the|all my|all the) alarms",
            "(is|are) (an|any|my|the) (alarm|alarms) (set|on)",
            "(do i have|have i) (an|any) (alarm|alarms)[ (set|on)]",
            "how many alarms (are set|do i have)[ set]",
            "(when|what|what time) is (my|the)[ next] alarm[ set][ for]",
            "what's my[ next] alarm",
            "(when|what time) (will|does) (my|the)[ next] alarm (ring|go off)",
            "(when|what time) (will|do) you wake me[ up]",
        ),
        AlarmCommand.REMOVE: (
            f"{_EN_REMOVE} (my|the) [next ]alarm[ <at>]",
            f"{_EN_REMOVE} (my|the) <time> alarm",
        ),
        AlarmCommand.REMOVE_ALL: (f"{_EN_REMOVE} (all|all the|all my|all of my|my|the) alarms",),
        AlarmCommand.SWITCH: (
            # Not "the alarm" alone, which may be what guards the house.
            (
                "((turn|switch) {on_off}|{enabling:on_off}) "
                "(my [next ]alarm|(my|the) alarm (at|for) <time>|(my|the) <time> alarm)"
            ),
            "(turn|switch) (my|the) <time> alarm {on_off}",
        ),
    },
)

_DE_DAYS: Final = (
    "montag",
    "dienstag",
    "mittwoch",
    "donnerstag",
    "freitag",
    "(samstag|sonnabend)",
    "sonntag",
)
_DE_REMOVE: Final = "(lösch|lösche|entfern|entferne|streich|streiche)"
_DE: Final = Grammar(
    rules={
        "part": "[ {part}]",
        "time": (
            "({hour}[ uhr][ {minute}]<part>"
            "|{hour}(:|.){minute}[ uhr]<part>"
            "|{quarter} {hour}[ uhr]<part>"
            "|{minute} [minuten ]nach [{quarter} ]{hour}[ uhr]<part>"
            "|{minute:before} [minuten ]vor [{quarter} ]{hour}[ uhr]<part>"
            "|{fixed})"
        ),
        "at": "[(um|auf|für|gegen) ]<time>",
        "day": (
            "({days}[ {daypart:part}]|[(am|nächsten|kommenden|diesen) ]{weekday}[[ ]{daypart:part}]"
            "|{weekdays}[ {daypart:part}]|{every}[ und {every:every_too}][[ ]{daypart:part}]"
            "|jeden {daypart:daily_part})"
        ),
        "later": (
            "in ({count:minutes} (minute|minuten)"
            "|{count:hours} (stunde|stunden)[ und {count:minutes} (minute|minuten)]|{span})"
        ),
        "when": "(<at>[ [für ]<day>]|[für ]<day> <at>|<later>)",
    },
    lists={
        "quarter": {
            "halb": -30,
            "viertel nach": 15,
            "viertel vor": -15,
            "(dreiviertel|drei viertel)": -15,
        },
        "fixed": {"mittag": 12 * 60, "mitternacht": 0},
        "part": {
            "(früh|morgens|vormittags|in der früh|am (morgen|vormittag))": Part.MORNING,
            "(nachmittags|abends|am (nachmittag|abend))": Part.EVENING,
            "(nachts|in der nacht)": Part.NIGHT,
        },
        "daypart": {
            "(früh|morgen|vormittag)": Part.MORNING,
            "(nachmittag|abend)": Part.EVENING,
            "nacht": Part.NIGHT,
        },
        "days": {"heute": 0, "morgen": 1, "übermorgen": 2},
        "weekday": _numbered("{}", *_DE_DAYS),
        "every": _numbered("({0}s|[jeden ]{0})", *_DE_DAYS),
        "weekdays": {
            "(jeden tag|täglich)": _ALL_DAYS,
            "(werktags|wochentags|unter der woche|jeden (werktag|wochentag))": _WORKING_DAYS,
            "an [den ](werktagen|wochentagen)": _WORKING_DAYS,
            "[von ](montag bis freitag|montags bis freitags)": _WORKING_DAYS,
            "(am|jedes|an jedem) wochenende": _WEEKEND,
        },
        "on_off": {"(an|ein)": 1, "(aus|ab)": 0},
        "span": {
            "einer halben stunde": 30,
            "einer [ganzen ]stunde": 60,
            "(anderthalb|eineinhalb) stunden": 90,
            "einer viertelstunde": 15,
            "einer dreiviertelstunde": 45,
        },
    },
    sentences={
        AlarmCommand.SET: (
            (
                "((weck|wecke) mich[ bitte]"
                "|[(stell|stelle|setz|setze) [mir ][bitte ]][(ein|einen|den|meinen) ]wecker) "
                "<when>[ (stellen|bitte)]"
            ),
        ),
        AlarmCommand.SNOOZE: (
            "(schlummern|schlummer|snooze)",
            "(weck|wecke) mich (später|gleich)[ (noch mal|nochmal|noch einmal|wieder)]",
            "(weck|wecke) mich (noch mal|nochmal|noch einmal|wieder)",
            "noch ({count}|ein paar) minuten[ bitte]",
        ),
        AlarmCommand.LIST: (
            "welche wecker (sind|habe ich|gibt es)[ (gestellt|eingestellt|an)]",
            "(wann|wie) (ist|sind) (mein|der|meine|die)[ nächster| nächste] wecker[ gestellt]",
            "wann klingelt (mein|der)[ nächster| nächste] wecker",
            "wann (weckst du mich|werde ich geweckt)",
            "ist (ein|mein|der) wecker (gestellt|an|eingestellt)",
        ),
        AlarmCommand.REMOVE: (
            f"{_DE_REMOVE} (den|meinen)[ nächsten] wecker[ [(um|auf|für|von) ]<time>]",
            "[den ]wecker[ [(um|auf|für|von) ]<time>] löschen",
        ),
        AlarmCommand.REMOVE_ALL: (
            f"{_DE_REMOVE} (alle|alle meine|meine|die) wecker",
            "alle wecker löschen",
        ),
        AlarmCommand.SWITCH: (
            (
                "(schalt|schalte|mach|mache|stell|stelle) (den|meinen) wecker"
                "[ [(um|auf|für|von) ]<time>] {on_off}"
            ),
        ),
    },
)

GRAMMARS: Final[Mapping[str, Grammar]] = {"en": _EN, "de": _DE}
