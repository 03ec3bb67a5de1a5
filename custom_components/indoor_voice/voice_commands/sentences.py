"""The sentences of the voice commands about keeping, and of those for quiet, by language.

To add a language, add its sentences here and its answers in `translations/`.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Command(StrEnum):
    """A voice command about keeping."""

    DELETE_LAST = "delete_last"
    DELETE_TODAY = "delete_today"
    DELETE_TODAY_EVERYWHERE = "delete_today_everywhere"
    KEEP_NOTHING_TONIGHT = "keep_nothing_tonight"
    STOP_KEEPING = "stop_keeping"
    STOP_KEEPING_EVERYWHERE = "stop_keeping_everywhere"
    WHAT_IS_KEPT = "what_is_kept"
    WHO_CAN_HEAR = "who_can_hear"
    THAT_WAS_WRONG = "that_was_wrong"
    KEEP_AGAIN = "keep_again"
    """Answered but not executed: a voice command never allows more than before."""


_HERE: Final = "[in this room|here]"
_EVERYWHERE: Final = "(in the whole house|in every room|in all rooms|everywhere)"
_TODAY: Final = (
    "(delete|erase) (everything|[all|the] recordings) (from|of) today",
    "(delete|erase) [all] (today's|todays) recordings",
)
_STOP: Final = "stop (keeping|storing|saving) (recordings|what (I|we) say|everything|anything)"

SENTENCES: Final[Mapping[str, Mapping[Command, tuple[str, ...]]]] = {
    "en": {
        Command.DELETE_LAST: (
            "(delete|erase|forget) what (I|we) [have] [just] said",
            "(delete|erase|forget) (the|my) last recording",
        ),
        Command.DELETE_TODAY: tuple(f"{sentence} {_HERE}" for sentence in _TODAY),
        Command.DELETE_TODAY_EVERYWHERE: tuple(f"{sentence} {_EVERYWHERE}" for sentence in _TODAY),
        Command.KEEP_NOTHING_TONIGHT: (
            "keep nothing tonight",
            "(do not|don't) (keep|store|save) anything tonight",
        ),
        Command.STOP_KEEPING: (f"{_STOP} {_HERE}",),
        Command.STOP_KEEPING_EVERYWHERE: (f"{_STOP} {_EVERYWHERE}",),
        Command.WHAT_IS_KEPT: (
            f"what do you (keep|store|save) [of us|of me] {_HERE}",
            f"what is (kept|stored|saved) {_HERE}",
        ),
        Command.WHO_CAN_HEAR: (
            f"who can (hear|listen to) (me|us|what (I|we) say|[the|my|our] recordings) {_HERE}",
        ),
        Command.THAT_WAS_WRONG: (
            "(that was|that's|that is) (wrong|not right)",
            "(that is|that's|that was) not what I (said|meant|asked [for])",
            "you (misunderstood|misheard|didn't understand) [me]",
        ),
        Command.KEEP_AGAIN: (
            f"keep recordings [again] [{_HERE}|{_EVERYWHERE}]",
            f"(start|resume) keeping [recordings|what (I|we) say] [again] [{_HERE}|{_EVERYWHERE}]",
            "keep again",
        ),
    }
}
"""Sentences by language, in the template language of Home Assistant's sentence triggers."""

QUIET: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        "stop [it|ringing|the (ringing|alarm|timer)]",
        "[be] quiet",
        "silence",
        "(I'm|I am) (up|awake)",
    ),
    "de": (
        "stopp [(den|die) (wecker|timer)]",
        "ruhe",
        "sei (still|ruhig)",
        "hör auf [zu klingeln]",
        "ich bin [schon] wach",
    ),
}
"""What people say who only want quiet: the wake word before it has stopped the sound already."""
