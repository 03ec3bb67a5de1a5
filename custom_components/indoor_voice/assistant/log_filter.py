"""Keeps what is said out of Home Assistant's log at its normal level.

Some of Home Assistant's own lines about voice hold a text that was to be spoken, a name that was
said, or an exception whose message repeats one. Those are written all the same, with the words
withheld and in place of an exception its type and where it came from. Whoever sets one of these
loggers to debug gets everything, for at that level Home Assistant writes each text anyway.
"""

import logging
import re
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.core import callback

from .phrases import is_ours

if TYPE_CHECKING:
    from types import TracebackType

WITHHELD: Final = "(withheld by Indoor Voice)"

_COMPONENTS: Final = "homeassistant.components"
_WORDS: Final[dict[str, dict[str, tuple[int, ...]]]] = {
    f"{_COMPONENTS}.tts": {
        "Error getting audio for": (0, 1),
        "Error getting audio from stream": (0,),
        "Error streaming tts": (0,),
        "ID3 tag error": (0,),
    },
    f"{_COMPONENTS}.assist_pipeline.default_pipeline": {},
    f"{_COMPONENTS}.assist_pipeline.pipeline": {},
    f"{_COMPONENTS}.assist_pipeline.run": {},
    f"{_COMPONENTS}.conversation.default_agent": {},
    f"{_COMPONENTS}.conversation.util": {"Last content in chat log": (0,)},
    f"{_COMPONENTS}.intent.timers": {"Delayed command failed": (0, 2), "Timer not found": (0, 1)},
    "homeassistant.helpers.intent": {"Received invalid slot info": (1,)},
}
"""Loggers of Home Assistant's, and by the beginnings of their lines which values may be words.

Of every line of these loggers the exception may be.
"""

_MESSAGES: Final = f"{_COMPONENTS}.websocket_api.messages"
_VOICE: Final = re.compile(r"^[^=]*(stt_|tts_|intent_|chat_log|speech|message|text)|PipelineEvent")
"""What could not be sent to a browser, when it is of an assistant's run."""


class _WithheldError(Exception):
    """Stands in a log for an exception whose message may hold what was said."""


class _WordFilter(logging.Filter):
    """Lets every line pass, some without the words in it."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        """Take the words out of a line."""
        if logging.getLogger(record.name).isEnabledFor(logging.DEBUG):
            return True
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_info = _without_words(*record.exc_info)
        if record.name == _MESSAGES:
            _withhold_serialised(record)
            return True
        for beginning, places in _WORDS.get(record.name, {}).items():
            if str(record.msg).startswith(beginning) and isinstance(record.args, tuple):
                record.args = tuple(
                    _withheld(value) if place in places else value
                    for place, value in enumerate(record.args)
                )
        return True


_FILTER: Final = _WordFilter()


@callback
def async_install_log_filter() -> None:
    """Watch over those of Home Assistant's loggers that may write what was said."""
    for name in (*_WORDS, _MESSAGES):
        logging.getLogger(name).addFilter(_FILTER)


def _withheld(value: object) -> object:
    if value is None:
        return None
    if isinstance(value, Exception):
        return value if is_ours(value) else f"{type(value).__name__} {WITHHELD}"
    return WITHHELD


def _without_words(
    kind: type[BaseException] | None, err: BaseException | None, traceback: TracebackType | None
) -> tuple[type[BaseException], BaseException, TracebackType | None]:
    """Return what is logged of an exception: its type and its way, not its message or causes."""
    if isinstance(err, Exception) and is_ours(err):
        stand_in = _WithheldError(str(err))
    else:
        stand_in = _WithheldError(f"{kind.__name__ if kind else 'Exception'} {WITHHELD}")
    return _WithheldError, stand_in, traceback


def _withhold_serialised(record: logging.LogRecord) -> None:
    args: Any = record.args
    if isinstance(args, tuple) and args and isinstance(args[0], str):
        path, equals, _ = args[0].partition("=")
        if equals and _VOICE.search(args[0]):
            record.args = (f"{path}={WITHHELD}", *args[1:])
