"""What a language calls numbers, and the words beside which they are critical."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    type Patterns = tuple[str, ...]
    """Regular expressions, each for whole words, in lower case."""


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The words of one language, in lower case."""

    small: Mapping[str, int]
    """The words for numbers below 100."""

    units_follow_tens: bool
    """Whether "forty one" is a single number."""

    scales: Mapping[str, int]
    """The words for 100, 1000 and 1,000,000."""

    compounds: bool
    """Whether numbers above 100 are written as one word."""

    zero_inside: Collection[str]
    """What is a zero only beside other digits, such as "oh"."""

    repeats: Mapping[str, int]
    """What says that a digit comes more than once, such as "double"."""

    keys: Mapping[str, str]
    """The words for the keys of a keypad that are no digits."""

    between: Collection[str]
    """What may stand between two digits of a number."""

    units: Patterns
    """What follows a number of something ordinary, such as "minutes"."""

    counted: Patterns
    """What comes before the number of something ordinary, such as "channel"."""

    arithmetic: Patterns
    """What stands beside a number in a calculation."""

    times: Patterns
    """What comes before a time of day."""

    states: Patterns
    """What comes before a number that a sentence tells, such as "is"."""

    ordinary: Patterns
    """Phrases whose words mean nothing critical, such as "error code"."""

    titles: Patterns
    """How a sentence begins that goes on with the name of music or a film."""

    card: Patterns
    account: Patterns
    code: Patterns
    openers: Patterns
    """What is opened or disarmed with a code."""

    passwords: Patterns
    """What is followed by a password, up to the end of the sentence."""

    chosen: Patterns
    """Sentences in which the group `secret` is a password."""

    health: Patterns
    distress: Patterns
    """What is distress wherever it stands in a sentence."""

    cries: Patterns
    """What is distress only as a whole sentence."""

    _compiled: dict[str, re.Pattern[str]] = field(default_factory=dict, init=False, repr=False)

    def pattern(self, name: str) -> re.Pattern[str]:
        """Return the regular expression that finds any of the patterns with this name."""
        if name not in self._compiled:
            alternatives = "|".join(getattr(self, name))
            self._compiled[name] = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)")
        return self._compiled[name]

    @cached_property
    def compound(self) -> re.Pattern[str]:
        """Finds the parts of a number that is written as one word."""
        words = sorted((*self.small, *self.scales, "ein", "und"), key=len, reverse=True)
        return re.compile("|".join(map(re.escape, words)))
