"""The error for requests that a household refuses."""

from enum import StrEnum


class Refusal(StrEnum):
    """Why a request is refused."""

    NO_ACCOUNT = "no-account"
    UNKNOWN_PERSON = "unknown-person"
    UNKNOWN_ROOM = "unknown-room"
    UNKNOWN_RECORDING = "unknown-recording"
    OLD_NOTICE = "old-notice"
    BAD_TERMS = "bad-terms"
    ABOVE_CEILING = "above-ceiling"
    REVIEW_NOT_ALLOWED = "review-not-allowed"
    RULED_OUT = "ruled-out"
    NOT_A_LISTENER = "not-a-listener"
    NOT_YOURS = "not-yours"
    HAS_KEY = "has-key"
    NOT_HEARD = "not-heard"
    ALREADY_REVIEWED = "already-reviewed"
    NOTHING_TO_UNDO = "nothing-to-undo"
    ENOUGH_TODAY = "enough-today"
    BAD_LESSON = "bad-lesson"
    NOT_AGREED_TO_TEACH = "not-agreed-to-teach"
    ALREADY_LEARNED = "already-learned"
    TOO_MANY_LESSONS = "too-many-lessons"
    UNKNOWN_LESSON = "unknown-lesson"
    UNKNOWN_ENTITY = "unknown-entity"
    NAME_TAKEN = "name-taken"


class NotAllowedError(Exception):
    """A request is refused. `reason` says why and contains nothing that was said."""

    def __init__(self, reason: Refusal) -> None:
        """Create the error."""
        super().__init__(reason.value)
        self.reason = reason
