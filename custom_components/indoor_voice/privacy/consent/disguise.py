"""What a listener who was not expected in the room gets instead of the sound as it was."""

from enum import StrEnum
from typing import Final


class Disguise(StrEnum):
    """The forms of a recording for listeners from outside the room, the loosest first."""

    NONE = "none"
    """The sound as it was."""

    VOICE = "voice"
    """The sound with other formants and another pitch, which hides little."""

    RESPOKEN = "respoken"
    """The words, spoken again by the assistant's voice."""

    WORDS = "words"
    """The words only, without sound."""

    def hides_at_least(self, other: Disguise) -> bool:
        """Return whether this form tells no more of the voice than another one."""
        return _FORMS.index(self) >= _FORMS.index(other)


_FORMS: Final = tuple(Disguise)

DEFAULT_DISGUISE: Final = Disguise.RESPOKEN
"""What outsiders get where nobody has chosen."""


def strictest(*disguises: Disguise) -> Disguise:
    """Return the form that tells least; without any, the words only."""
    return max(disguises, key=_FORMS.index, default=Disguise.WORDS)
