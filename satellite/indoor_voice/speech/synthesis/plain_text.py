"""Removes what is written for the eye: Markdown, HTML, addresses of links, emoji.

Control characters go too, as espeak-ng ignores everything after a NUL.

A text that a language model writes arrives in chunks, and its first sentence is spoken before its
paragraph has ended. A Markdown parser wants whole blocks, so this reads token by token instead. Few
constructs need pairing to be removed: a star, a backtick or a bracket is silent wherever it stands,
and the lines of a code block are spoken like others, because small models put whole answers into
one. So no mark that is never closed can swallow the rest of an answer.

The same text gives the same result, however it is divided into chunks: a decision waits until the
characters that it depends on have arrived. They are at most `_WINDOW`, so that the run time is
linear in the length of the text, whatever its content.
"""

import html
import re
import unicodedata
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from .languages import words

_WINDOW: Final = 2_000
"""The longest address of a link, HTML tag or comment that is recognised."""
_HEAD_WINDOW: Final = 200

_WORD: Final = re.compile(r"[^\W_]++")
_LINE_HEAD: Final = re.compile(r"[ \t>#*+=_`~|:•-]*+")
_MARKER: Final = re.compile(
    r"[ \t>]*+ (?: \#{1,6}[ \t]++ | (?:[-*+•][ \t]++)++ (?:\[[ xX]\][ \t]++)? )?", re.VERBOSE
)
_BULLET_BOX: Final = re.compile(r"[ \t>]*+(?:[-*+•][ \t]++)++\[(?:[ xX](?:\][ \t]*)?)?\Z")
_FENCE: Final = re.compile(r"[ \t>]*+(?:`{3,}|~{3,})[ \t]*+[\w+#.-]{0,30}[ \t]*+")
_URL: Final = re.compile(r"(?:https?://|www\.)[^\s<>\"`|\[\]{}\\^]*+", re.IGNORECASE)
_URL_STARTS: Final = ("https://", "http://", "www.")
_URL_INITIALS: Final = frozenset("hHwW")
_AFTER_URL: Final = ".,;:!?)'*_~"
_DESTINATION: Final = re.compile(
    r"""
    \]\( [ \t]*+ (?: <[^<>\n]*+> | (?: [^()\s<] | \([^()\s]*+\) )*+ )
    (?: [ \t]++ (?: "[^"\n]*+" | '[^'\n]*+' | \([^()\n]*+\) ) )? [ \t]*+ \)
    """,
    re.VERBOSE,
)
_REFERENCE: Final = re.compile(r"\]\[[^\[\]\n]*+\]")
_FOOTNOTE: Final = re.compile(r"\[\^[^\[\]\s]{1,30}\]")
_FOOTNOTE_BEGUN: Final = re.compile(r"\[(?:\^[^\[\]\s]{0,30})?\Z")
_TAG: Final = re.compile(
    r"""
    < (?: (?P<comment> !-- .*? -- ) | (?P<url> https?://[^\s<>]*+ )
      | /?+ (?P<name> [a-z][a-z0-9-]*+ )
        (?: [ \t]++ [\w:@.-]++ [ \t]*+ = [ \t]*+
            (?: "[^"\n]*+" | '[^'\n]*+' | [^\s"'=<>`]++ ) )*+
        [ \t]*+ /?+ ) >
    """,
    re.VERBOSE | re.IGNORECASE,
)
_BREAKING_TAGS: Final = words("br div h1 h2 h3 h4 h5 h6 hr li ol p table td th tr ul")
_ENTITY: Final = re.compile(r"&(?:[a-zA-Z][a-zA-Z0-9]{1,30}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")
_ENTITY_BEGUN: Final = re.compile(r"&#?[a-zA-Z0-9]{0,31}\Z")
_SPECIAL: Final = frozenset("\\*_`~#|[]!<&^")
_NEVER_SPOKEN: Final = frozenset("\\*_`[]|{}^")
_POWER: Final = frozenset("-−0123456789")  # noqa: RUF001 - meant
"""What may follow `^` in *10^-3*, and in no markup."""
_ENDS: Final = frozenset(",;:.!?")
_LINE_BREAKS: Final = frozenset("\n\x85\u2028\u2029")
_KEPT_SYMBOLS: Final = frozenset("°©®™№")
_SAME: Final = {"℃": "°C", "℉": "°F", "º": "°"}
_EMOJI: Final = range(0x1F000, 0x1FB00)
"""Includes those that are newer than this Python's Unicode data."""
_JOINERS: Final = "\u200c\u200d"


class PlainText:
    """Takes text in chunks of any size and returns what of it can be spoken.

    Lines stay lines. Cells of a table are separated by commas.
    """

    def __init__(self) -> None:
        self._constructs = {
            "[": self._open_bracket,
            "]": self._close_bracket,
            "<": self._tag,
            "&": self._entity,
        }
        self._out: list[str] = []
        self._reset()

    def add(self, text: str) -> str:
        """Take the next chunk and return the plain text that it completes."""
        return self._read(text)

    def finish(self) -> str:
        """Return the rest of the text, and reset."""
        self._final = True
        rest = self._read("")
        self._reset()
        return rest

    def _reset(self) -> None:
        self._held = ""
        self._final = False
        self._in_url = False
        self._new_line()

    def _new_line(self) -> None:
        self._is_line_start = True
        self._raw = "\n"  # the character before, as written
        self._last = ""  # the last character of this line that is spoken
        self._depth = 0  # open brackets
        self._space = self._gap = self._comma = False  # to say before the next character

    def _read(self, text: str) -> str:
        text = self._held + text
        at = 0
        while at < len(text):
            end = self._next(text, at)
            if end is None:
                break
            if end > at:
                self._raw = text[end - 1]
            at = end
        self._held = text[at:]
        out, self._out = "".join(self._out), []
        return out

    def _next(self, text: str, at: int) -> int | None:
        """Handle the token at a position and return its end, or None if it isn't complete yet."""
        if self._in_url:
            return self._rest_of_url(text, at)
        if self._is_line_start:
            end = self._head(text, at)
            self._is_line_start = end is None
            return end
        character = text[at]
        if character in _LINE_BREAKS:
            self._break()
            return at + 1
        if character in _URL_INITIALS and not self._raw.isalnum():
            return self._url_or_word(text, at)
        if character in _SPECIAL:
            return self._special(text, at)
        return self._word(text, at)

    def _word(self, text: str, at: int) -> int:
        """Say a word or another character that isn't markup."""
        if word := _WORD.match(text, at):
            self._say(word[0])
            return word.end()
        character = text[at]
        if character.isspace() or unicodedata.category(character) == "Cc":
            self._space = True
        elif audible := _audible(character, self._raw):
            self._say(audible)
        elif unicodedata.category(character) != "Cf":  # such as a soft hyphen
            self._gap = True
        return at + 1

    def _break(self) -> None:
        self._out.append("\n")
        self._new_line()

    def _say(self, text: str) -> None:
        """Append text that isn't a space, after the pause or space that is due before it."""
        if not text:
            return
        if self._last:
            if self._comma:
                self._out.append(", " if self._last not in _ENDS else " ")
            elif self._gap and text[0] in _ENDS:
                pass  # no space where an emoji was
            elif self._space or (self._gap and self._last.isalnum() and text[0].isalnum()):
                self._out.append(" ")
        self._space = self._gap = self._comma = False
        self._out.append(text)
        self._last = text[-1]

    def _is_open(self, text: str, at: int, window: int) -> bool:
        """Return whether the construct at a position may end in text that hasn't arrived."""
        return (
            not self._final and len(text) - at < window and text.find("\n", at, at + window) == -1
        )

    def _head(self, text: str, at: int) -> int | None:
        """Skip what marks a line as a heading, an item, a quotation, a rule or a fence."""
        end = _LINE_HEAD.match(text, at, at + _HEAD_WINDOW).end()  # type: ignore[union-attr]
        if end == len(text) and self._is_open(text, at, _HEAD_WINDOW):
            return None
        if end < at + _HEAD_WINDOW and (end == len(text) or text[end] in _LINE_BREAKS):
            return end  # a rule, an underline, a table's second row, or a closing fence
        if fence := _FENCE.match(text, at, at + _HEAD_WINDOW):
            if fence.end() == len(text) and self._is_open(text, at, _HEAD_WINDOW):
                return None
            # Without a line after it, what follows the marks is no language, but a word.
            if fence.end() < len(text) and text[fence.end()] in _LINE_BREAKS:
                return fence.end()
        if _BULLET_BOX.match(text, at) and self._is_open(text, at, _HEAD_WINDOW):
            return None
        return _MARKER.match(text, at, at + _HEAD_WINDOW).end()  # type: ignore[union-attr]

    def _url_or_word(self, text: str, at: int) -> int | None:
        """Handle a token whose first letter may begin a URL."""
        begin = text[at : at + len(_URL_STARTS[0])].lower()
        if begin.startswith(_URL_STARTS):
            return self._url(text, at)
        if not self._final and any(start.startswith(begin) for start in _URL_STARTS):
            return None
        return self._word(text, at)

    def _url(self, text: str, at: int) -> int | None:
        """Say the host of a URL."""
        url = _URL.match(text, at, at + _WINDOW)
        assert url is not None
        if url.end() == len(text) and self._is_open(text, at, _WINDOW):
            return None
        written = url[0].rstrip(_AFTER_URL)
        if len(url[0]) == _WINDOW:
            self._in_url = True
            written = url[0]
        self._gap = True
        self._say_host(written)
        self._gap = True
        return at + max(len(written), 1)

    def _rest_of_url(self, text: str, at: int) -> int:
        """Skip the rest of a URL that is longer than the window."""
        while at < len(text) and not text[at].isspace():
            at += 1
        self._in_url = at == len(text)
        return at

    def _say_host(self, url: str) -> None:
        try:
            host = urlsplit(url if "://" in url else f"https://{url}").hostname or ""
        except ValueError:
            return
        for character in host.removeprefix("www."):
            self._say(_audible(character, self._last))

    def _special(self, text: str, at: int) -> int | None:
        """Handle a token that begins with a character that may be markup."""
        character, following = text[at], text[at + 1 : at + 2]
        if not following and not self._final:
            return None
        if character == "\\":
            return self._escape(following, at)
        if handle := self._constructs.get(character):
            return handle(text, at)
        self._mark(character, following)
        return at + 1

    def _mark(self, character: str, following: str) -> None:
        """Say what one of `*_`~#|!^` means, if it is more than a mark."""
        if character == "*" and self._is_product(following):
            self._space = True
            self._say("×")  # noqa: RUF001 - meant
            self._space = True
        elif character == "_":
            self._space = self._space or (self._raw.isalnum() and following.isalnum())
        elif character in "~#" and following.isdigit() and self._raw != character:
            self._say(character)
        elif character == "^" and self._raw.isalnum() and following in _POWER:
            self._say("^")
        elif character == "|":
            self._comma = True
        elif character == "!" and (following != "[" or self._raw.isalnum()):
            self._say(character)

    def _is_product(self, following: str) -> bool:
        return self._last.isdigit() and (
            (self._raw.isdigit() and following.isdigit())
            or (self._raw.isspace() and following.isspace())
        )

    def _escape(self, following: str, at: int) -> int:
        if (
            following
            and following.isascii()
            and not following.isalnum()
            and following.isprintable()
        ):
            if following == " " or following in _NEVER_SPOKEN:
                self._space = True
            else:
                self._say(following)
            return at + 2
        self._space = True
        return at + 1

    def _open_bracket(self, text: str, at: int) -> int | None:
        footnote = _FOOTNOTE.match(text, at)
        if footnote:
            return footnote.end()
        if _FOOTNOTE_BEGUN.match(text, at) and not self._final:
            return None
        self._depth += 1
        self._gap = True
        return at + 1

    def _close_bracket(self, text: str, at: int) -> int | None:
        """Skip a closing bracket, with the address if it ends the text of a link."""
        self._gap = True
        following = text[at + 1 : at + 2]
        if self._depth:
            if following in "([" and following:
                pattern = _DESTINATION if following == "(" else _REFERENCE
                rest = pattern.match(text, at, at + _WINDOW)
                if rest is None and self._is_open(text, at, _WINDOW):
                    return None
                self._depth -= 1
                return rest.end() if rest else at + 1
            self._depth -= 1
        return at + 1

    def _tag(self, text: str, at: int) -> int | None:
        following = text[at + 1 : at + 2]
        if following.isalpha() or following in ("/", "!"):
            tag = _TAG.match(text, at, at + _WINDOW)
            if tag is None and self._is_open(text, at, _WINDOW):
                return None
            if tag is not None:
                if tag["url"]:
                    self._gap = True
                    self._say_host(tag["url"])
                self._gap = True
                if tag["name"] and tag["name"].lower() in _BREAKING_TAGS:
                    self._break()
                return tag.end()
        if following.isdigit() or following in (" ", "="):
            self._say("<")
        else:
            self._gap = True
        return at + 1

    def _entity(self, text: str, at: int) -> int | None:
        entity = _ENTITY.match(text, at)
        if entity is None:
            if _ENTITY_BEGUN.match(text, at) and not self._final:
                return None
            self._say("&")
            return at + 1
        for character in html.unescape(entity[0]):
            if character.isspace() or character in _NEVER_SPOKEN:
                self._space = True
            else:
                self._say(_audible(character, self._last))
        return entity.end()


def _audible(character: str, before: str) -> str:
    """Return a character that is neither markup nor a word as it can be spoken, or nothing."""
    if character in _JOINERS:
        # In several scripts these shape letters; elsewhere they join emoji.
        return character if before and unicodedata.category(before)[0] in "LM" else ""
    return _audible_alone(character)


@lru_cache(maxsize=1024)
def _audible_alone(character: str) -> str:
    if character in _SAME:
        return _SAME[character]
    if character in _KEPT_SYMBOLS:
        return character
    category = unicodedata.category(character)
    is_silent = (
        category[0] in "CZ"
        or category in ("So", "Me")
        or character in _NEVER_SPOKEN
        or ord(character) in _EMOJI
        or character in "\ufe0e\ufe0f"
    )
    return "" if is_silent else character
