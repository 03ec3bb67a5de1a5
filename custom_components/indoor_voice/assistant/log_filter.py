"""Keeps what is said out of Home Assistant's log at its normal level.

Some of Home Assistant's own log lines about voice contain a text to be spoken, a name that was
said, or an exception whose message repeats one. They are still written, but with the words
withheld, and with an exception reduced to its type and traceback. A logger that is set to debug is
not filtered, because at that level Home Assistant logs every text anyway.
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
"""For each logger of Home Assistant's, and the beginning of a line, which values may be words.

The exception of any line of these loggers may contain words, too.
"""

_MESSAGES: Final = f"{_COMPONENTS}.websocket_api.messages"
_VOICE: Final = re.compile(r"^[^=]*(stt_|tts_|intent_|chat_log|speech|message|text)|PipelineEvent")
"""Matches data of an assistant's run that could not be serialised for a browser."""


class _WithheldError(Exception):
    """Replaces, in the log, an exception whose message may contain what was said."""


class _WordFilter(logging.Filter):
    """Passes every line, but removes spoken words from some."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        """Remove spoken words from a line."""
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
    """Filter those of Home Assistant's loggers that may write what was said."""
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
    """Return the replacement for an exception: type and traceback, without message or causes."""
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
