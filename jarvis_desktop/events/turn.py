"""One exchange: a question, the answer as it grows and is heard, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from jarvis_desktop.events.base import Event
from jarvis_desktop.events.memories import Citation
from jarvis_desktop.events.tools import ToolUse


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds from the end of the input (last speech sample, or the text's arrival), if reached.

    `capture` is how long the user spoke before that.
    """

    capture: float | None = None
    turn_end: float | None = None  # it was clear that the user had finished
    transcript: float | None = None
    recall: float | None = None
    loaded: float | None = None  # the language model, where the question had to wait for it
    first_token: float | None = None
    first_sentence: float | None = None
    first_audio: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What one reply cost in tokens."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    tokens_per_second: float = 0.0
    cached_tokens: int | None = None  # of the prompt, what the engine had read before; None: it does not tell


@dataclass(frozen=True, slots=True)
class Energy:
    """Joules that whole devices took from a question to the end of its answer; None: not measured."""

    gpu_joules: float | None = None
    cpu_joules: float | None = None


class Tier(StrEnum):
    """What kind of answer a question needs."""

    CHAT = "chat"  # small talk, simple facts, commands
    TECHNICAL = "technical"  # knowledge of a field, in one step
    REASONING = "reasoning"  # several steps: weighing, planning, proving, finding causes


@dataclass(frozen=True, slots=True)
class Route:
    """How a question was answered: how hard it seemed, under which profile ("": none), and whether an earlier
    answer was given again."""

    difficulty: int = 0  # 0 (small talk) to 100 (many steps)
    tier: Tier = Tier.CHAT
    reused: bool = False
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Speculation:
    """What thinking ahead of the turn's end cost and gained."""

    drafts: int = 0  # answers begun before the user had finished
    used: bool = False  # the last one became this answer
    discarded_tokens: int = 0  # generated in vain
    ahead_ms: float = 0.0  # how long before the final text the draft in use was begun


@dataclass(frozen=True, slots=True)
class TurnStarted(Event):
    """A question was accepted and stored; its answer follows under the same `turn_id`."""

    name: ClassVar[str] = "turn_started"
    turn_id: str
    conversation_id: str
    text: str
    spoken: bool


@dataclass(frozen=True, slots=True)
class ReplyToken(Event):
    name: ClassVar[str] = "reply_token"
    turn_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ReplySentence(Event):
    """A chunk of the reply was handed to speech."""

    name: ClassVar[str] = "reply_sentence"
    turn_id: str
    text: str


@dataclass(frozen=True, slots=True)
class PlaybackStarted(Event):
    name: ClassVar[str] = "playback_started"
    turn_id: str


@dataclass(frozen=True, slots=True)
class PlaybackPaused(Event):
    """The user may be interrupting: speech waits until that is known."""

    name: ClassVar[str] = "playback_paused"
    turn_id: str


@dataclass(frozen=True, slots=True)
class PlaybackResumed(Event):
    """It was no interruption (a cough, a murmur): speech goes on."""

    name: ClassVar[str] = "playback_resumed"
    turn_id: str


@dataclass(frozen=True, slots=True)
class PlaybackEnded(Event):
    """Playback finished or was cut; `heard_text` is what came out of the loudspeaker."""

    name: ClassVar[str] = "playback_ended"
    turn_id: str
    heard_text: str


@dataclass(frozen=True, slots=True)
class Captioned(Event):
    """This is heard from the loudspeaker from now on; "": nothing is, or what is has no words.

    `turn_id` names the exchange it is part of, "" is a text of Jarvis' own.
    """

    name: ClassVar[str] = "caption"
    text: str
    turn_id: str = ""


@dataclass(frozen=True, slots=True)
class FollowUpsSuggested(Event):
    """What could be asked after the answer of a turn, which is the newest one."""

    name: ClassVar[str] = "follow_ups"
    turn_id: str
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReadingAloud(Event):
    """A written answer is read aloud from now on (`turn_id`), or the reading ended ("")."""

    name: ClassVar[str] = "reading_aloud"
    turn_id: str = ""


@dataclass(frozen=True, slots=True)
class Interrupted(Event):
    """The user stopped the turn; `kept_text` is the answer as history keeps it."""

    name: ClassVar[str] = "interrupted"
    turn_id: str
    kept_text: str


@dataclass(frozen=True, slots=True)
class TurnFinished(Event):
    """The turn is over and stored.

    `citations` name what the answer rests on of what is remembered, best first; `skipped` what was left out
    of the search for it, and why (``recall``: all of it; ``opening``: the memory was not open yet).
    """

    name: ClassVar[str] = "turn_finished"
    turn_id: str
    reply: str
    model: str
    engine: str
    timings: Timings
    usage: Usage
    interrupted: bool = False
    speculation: Speculation = Speculation()
    route: Route = Route()
    tools: tuple[ToolUse, ...] = ()
    citations: tuple[Citation, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)
    energy: Energy = Energy()
