"""The notices that people are shown before they answer.

A consent is bound to the text of its notice: changing a word here means asking everyone again,
unless the earlier text's hash is kept, because what was promised then still holds.
"""

from types import MappingProxyType
from typing import Final

from .consent import Notice, Notices, Purpose

_KEEP_2_SHA256: Final = "b3aeb2d27771cf4f67638b04b87117b3666d22d9835d2d12e721639723d04cd3"
"""Of an earlier text, which promised that nothing is ever kept that led to nothing."""

_LISTEN_1_SHA256: Final = "8ae4e4dc7f47fd852460db5454f6690655b35cc07bc1de1197eba23d687e08ff"
"""Of an earlier text, which let everybody who was named hear the sound as it was."""

_KEEP: Final = Notice(
    id="keep-3",
    language="en",
    text="""\
May this household keep what you say to its voice assistant?

What: the sound of a command that the assistant understood, its text and the answer. The sound \
begins with the wake word, at most one and a half seconds before it was recognised. What led to \
nothing is never kept, unless somebody there says at once that it was wrong.
Where: in the rooms that you choose, in this household's Home Assistant, sealed. A room keeps \
something only while everyone who is expected there agrees. Where it becomes another room, you are \
asked again.
Why: so that you can look up what was misunderstood and put it right.
Who can hear it: only people whom everyone in the room has named. Unless you name others, you \
yourself are the only one whom you allow. Being the administrator opens nothing.
Until when: each recording for as long as you choose, 30 days at most, then it is deleted. This \
permission ends by itself after a year at the latest, and you are asked again.
How to take it back: in the panel or by the action "Withdraw consent", at any time, in one step. \
The recordings made with it are deleted at once. Anyone in the room can also say "delete what I \
just said" or "stop keeping recordings in this room".
If you say no: nothing is kept in the rooms where you are expected. The assistant works exactly \
the same, and saying no needs no reason.
""",
    earlier=frozenset({_KEEP_2_SHA256}),
)

_LISTEN: Final = Notice(
    id="listen-2",
    language="en",
    text="""\
May the people whom you name listen to what you said?

Who: only the people whom you name, in the rooms that you choose, and only while everyone else \
who is expected there names them too. Each of them opens a recording with a key of their own.
What: the recordings that are kept there, with their text and answer. Naming somebody keeps \
nothing by itself.
What they hear: the sound as it was, if they are expected in the room themselves. Others get what \
you choose: the words only; the words, spoken again by the assistant's voice; a changed voice, \
which hides little; or the sound as it was. If choices differ, it is what tells least of the voice.
Why: so that somebody whom you trust can help to find out what was misunderstood.
What you see: each time that somebody opens a recording in which you are expected to be heard, \
with who it was and when.
Until when: as long as the recording is kept, 30 days at most. This permission ends by itself \
after a year at the latest, and you are asked again.
How to take it back: in the panel or by the action "Withdraw consent", at any time, in one step. \
From then on they can open nothing of it any more. What somebody has already heard or written \
down cannot be taken back.
If you say no: only you yourself are allowed by you. The assistant works exactly the same.
""",
    earlier=frozenset({_LISTEN_1_SHA256}),
)

_LEFT_OUT: Final = Notice(
    id="left-out-1",
    language="en",
    text="""\
May the others decide without you in these rooms?

What it means: you say that you are not usually heard in the rooms that you choose. The others \
who are expected there then decide among themselves whether something is kept and who may listen.
What it does not mean: the microphone does not recognise voices. If you speak to the assistant \
there after all, that recording is treated as theirs: it may be kept without asking you, and \
without letting you listen.
Why: so that nobody has to ask you about a room that you do not use.
Where and until when: in the rooms that you choose; it ends by itself after a year at the latest, \
and you are asked again.
How to take it back: in the panel or by the action "Withdraw consent", at any time, in one step. \
From then on nothing is kept there without your permission. Anyone in the room can also say \
"delete what I just said" or "stop keeping recordings in this room".
If you say no: nothing is kept there without your permission, whatever the administrator sets.
""",
)

_TEACH: Final = Notice(
    id="teach-1",
    language="en",
    text="""\
May this household learn from what you say to its voice assistant?

What: lessons, which somebody with a listening key works out from reviewed recordings and \
approves one by one: what a misheard word stands for, another name for a thing, names to expect, \
to wake less easily in a room, or how the wake word sounds there. A lesson has these words or \
numbers in it, never the sound. It is not sealed: whoever administers Home Assistant can read it.
Why: so that the assistant makes the same mistake less often.
Where: from recordings of the rooms that you choose. A lesson stays in this household's Home \
Assistant and on its satellites.
What you see: each lesson that rests on a recording in which you are expected to be heard, who \
approved it and when.
Until when: a lesson does not end when its recordings expire. This permission ends by itself \
after a year at the latest, and you are asked again; what was learned with it ends, too.
How to take it back: in the panel or by the action "Withdraw consent", at any time, in one step. \
What was learned from what you said ends at once. A lesson that rests on others' recordings, too, \
is off until it has been worked out again without yours. Deleting a recording does the same.
If you say no: nothing is learned from recordings in which you are expected to be heard. The \
assistant works exactly the same.
""",
)

CURRENT: Final[Notices] = MappingProxyType(
    {
        (Purpose.KEEP, _KEEP.language): _KEEP,
        (Purpose.LISTEN, _LISTEN.language): _LISTEN,
        (Purpose.LEFT_OUT, _LEFT_OUT.language): _LEFT_OUT,
        (Purpose.TEACH, _TEACH.language): _TEACH,
    }
)
"""The current notices; consents to texts other than these and their `earlier` ones don't hold."""
