"""The vocabulary of the program: events (past tense), intents and commands (imperative), as frozen data.

Events travel from the core to every subscriber (window, command line, server). Intents travel from a user
interface to `assistant.Assistant.post`. Commands are what `dialogue.step` asks the assistant to do.
`audio_time` is seconds on the input's own clock; `turn_id` names one exchange (question and answer).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar

from jarvis_desktop.errors import JarvisError


class Phase(StrEnum):
    """What the assistant is doing, as the user sees it (microphone button, tray icon, window title)."""

    IDLE = "idle"  # nothing runs; the microphone is closed
    SLEEPING = "sleeping"  # the microphone is open and only the wake word is awaited
    LISTENING = "listening"  # the microphone is open and speech is awaited or heard
    THINKING = "thinking"  # transcribing, recalling, or waiting for the first token
    REPLYING = "replying"  # tokens arrive
    SPEAKING = "speaking"  # the reply is heard


class EarMode(StrEnum):
    """How the ears listen."""

    HELD = "held"  # push-to-talk: everything is one utterance until the key goes up
    HANDS_FREE = "hands-free"  # utterances as the detector finds them
    WAKE = "wake"  # asleep: only the wake word counts
    AWAKE = "awake"  # woken: as hands-free, and asleep again after a silence


class PartState(StrEnum):
    """Life of one heavy part (a model and the process that holds it)."""

    ABSENT = "absent"  # its files are not on this machine
    LOADING = "loading"
    READY = "ready"
    FAILED = "failed"
    STOPPED = "stopped"


class Part(StrEnum):
    """The heavy parts a turn is made of."""

    ENGINE = "engine"
    TRANSCRIPTION = "transcription"
    SPEECH = "speech"
    MICROPHONE = "microphone"
    LOUDSPEAKER = "loudspeaker"
    HEARING = "hearing"  # voice, turn end, wake word and echo: the small models behind the microphone


class Role(StrEnum):
    """Who wrote a message."""

    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds from the end of the input (last speech sample, or the text's arrival), if reached."""

    transcript: float | None = None
    recall: float | None = None
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


@dataclass(frozen=True, slots=True)
class Message:
    """One stored utterance of a conversation. `interrupted` marks an answer cut at the last word heard."""

    id: str
    conversation_id: str
    turn_id: str
    role: Role
    text: str
    created_at: float  # seconds since the epoch
    interrupted: bool = False
    error_code: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation as the sidebar lists it."""

    id: str
    title: str
    updated_at: float  # seconds since the epoch


@dataclass(frozen=True, slots=True)
class Remark:
    """One line for the user: an English template, which the window translates, and what fills it."""

    template: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.params)


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
class ToolUse:
    """One use of a tool that a model asked for; `server` offers it, "" is Jarvis itself."""

    tool: str  # its name, as the settings know it
    title: str
    server: str
    arguments: str  # a JSON object, unless the model wrote something else
    allowed: bool = False
    failed: bool = False


# --- events -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. `name` is its name on the wire (`jarvis listen --json`)."""

    name: ClassVar[str] = "event"


@dataclass(frozen=True, slots=True)
class PhaseChanged(Event):
    name: ClassVar[str] = "phase"
    phase: Phase
    hands_free: bool = False
    muted: bool = False
    wake_word: bool = False  # sleeps until it hears its name, when nothing else is under way
    ears: EarMode | None = None  # how the microphone is listened to now; None: not at all


@dataclass(frozen=True, slots=True)
class PartChanged(Event):
    """A heavy part changed state; `progress` is 0..1 while loading, None when it cannot be known."""

    name: ClassVar[str] = "part"
    part: Part
    state: PartState
    model: str = ""
    progress: float | None = None
    error: JarvisError | None = None


@dataclass(frozen=True, slots=True)
class LevelMeasured(Event):
    """Input level of the last audio block: root mean square and peak, dB relative to full scale (<= 0)."""

    name: ClassVar[str] = "level"
    rms_dbfs: float
    peak_dbfs: float


@dataclass(frozen=True, slots=True)
class WakeWordHeard(Event):
    """Jarvis was called by name."""

    name: ClassVar[str] = "wake"
    score: float  # 0..1
    audio_time: float


@dataclass(frozen=True, slots=True)
class SpeechStarted(Event):
    name: ClassVar[str] = "speech_started"
    audio_time: float


@dataclass(frozen=True, slots=True)
class SpeechEnded(Event):
    """Voice stopped; `audio_time` is the end of the last voiced frame."""

    name: ClassVar[str] = "speech_ended"
    audio_time: float


@dataclass(frozen=True, slots=True)
class TurnEnded(Event):
    """The user has finished: by silence, key release, hold limit or the end of the file."""

    name: ClassVar[str] = "turn_ended"
    audio_time: float
    reason: str


@dataclass(frozen=True, slots=True)
class PartialTranscribed(Event):
    """Text heard so far. `stable` no longer changes; `unstable` may."""

    name: ClassVar[str] = "partial"
    stable: str
    unstable: str
    audio_time: float


@dataclass(frozen=True, slots=True)
class Transcribed(Event):
    name: ClassVar[str] = "final"
    text: str
    language: str
    audio_time: float


@dataclass(frozen=True, slots=True)
class Discarded(Event):
    """The utterance held no words (noise, a click, silence), or none of the user's (a murmur, an echo)."""

    name: ClassVar[str] = "discarded"
    reason: str
    audio_time: float


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
class Interrupted(Event):
    """The user stopped the turn; `kept_text` is the answer as history keeps it."""

    name: ClassVar[str] = "interrupted"
    turn_id: str
    kept_text: str


@dataclass(frozen=True, slots=True)
class Speculation:
    """What thinking ahead of the turn's end cost and gained."""

    drafts: int = 0  # answers begun before the user had finished
    used: bool = False  # the last one became this answer
    discarded_tokens: int = 0  # generated in vain
    ahead_ms: float = 0.0  # how long before the final text the draft in use was begun


@dataclass(frozen=True, slots=True)
class ToolAsked(Event):
    """A tool is to be used: `AllowTool` answers, in time; `ToolUsed` follows in any case."""

    name: ClassVar[str] = "tool_asked"
    turn_id: str
    call_id: str
    use: ToolUse
    anew: bool = False  # asked whatever was allowed before: others' words may have led the model to it


@dataclass(frozen=True, slots=True)
class ToolUsed(Event):
    """A tool was used, or not allowed; `result` is what the model is told."""

    name: ClassVar[str] = "tool_used"
    turn_id: str
    call_id: str
    use: ToolUse
    result: str


@dataclass(frozen=True, slots=True)
class TimerEnded(Event):
    """A timer that was set by a tool has run out."""

    name: ClassVar[str] = "timer_ended"
    label: str


@dataclass(frozen=True, slots=True)
class TurnFinished(Event):
    """The turn is over and stored."""

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


@dataclass(frozen=True, slots=True)
class Failed(Event):
    """A stage failed. `turn_id` names the turn this ended (no `TurnFinished` follows); empty: none ended.

    `kept_text` is the partial answer kept.
    """

    name: ClassVar[str] = "failed"
    error: JarvisError
    turn_id: str = ""
    kept_text: str = ""


@dataclass(frozen=True, slots=True)
class Decided(Event):
    """The program went on in another way than was asked for (a smaller model, another try)."""

    name: ClassVar[str] = "decided"
    remark: Remark


@dataclass(frozen=True, slots=True)
class ConversationsListed(Event):
    name: ClassVar[str] = "conversations"
    conversations: tuple[Conversation, ...]


@dataclass(frozen=True, slots=True)
class ConversationOpened(Event):
    """The window shows this conversation now; `messages` are in order of time."""

    name: ClassVar[str] = "conversation"
    conversation_id: str
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class ResourcesSampled(Event):
    """Memory of the machine in MiB; the graphics values are None where no GPU can be read."""

    name: ClassVar[str] = "resources"
    ram_used_mib: float
    ram_total_mib: float
    own_ram_mib: float  # this program and its child processes
    gpu_name: str | None = None
    vram_used_mib: float | None = None
    vram_total_mib: float | None = None
    parts_mib: tuple[tuple[Part, float], ...] = ()  # resident memory per child process
    own_vram_mib: float | None = None  # of it, what this program's processes hold


@dataclass(frozen=True, slots=True)
class EngineMeasured(Event):
    """What the language engine tells of itself; shares are 0..1, None until there is something to tell."""

    name: ClassVar[str] = "engine_status"
    cache_use: float  # of the memory for keys and values
    prefix_hits: float | None  # share of prompt tokens that had been read before
    running: int  # answers being generated
    waiting: int  # questions in its queue
    first_token_ms: float | None  # mean since it started


@dataclass(frozen=True, slots=True)
class DevicesListed(Event):
    """Sound devices of the machine by name, in the system's order; answers `ListDevices`."""

    name: ClassVar[str] = "devices"
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelsListed(Event):
    """Names of the catalogue's models, in its order; answers `ListModels`."""

    name: ClassVar[str] = "models"
    chat: tuple[str, ...]
    transcription: tuple[str, ...]
    speech: tuple[str, ...]
    spanish_speech: tuple[str, ...]  # those of `speech` that speak Spanish


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """What one model would take; `kind` is ``chat``, ``transcription``, ..."""

    name: str
    kind: str
    mib: float
    on_gpu: bool


@dataclass(frozen=True, slots=True)
class MemoryPlanned(Event):
    """What settings would take in memory; answers the `PlanMemory` of that number.

    The figures are of one device: where memory is short, else where the language model lies. `free_mib` is
    all that may be used there. With an `error` nothing else is known.
    """

    name: ClassVar[str] = "memory_planned"
    number: int
    device_name: str = ""  # of the graphics card; empty for main memory
    parts: tuple[PlannedPart, ...] = ()  # on every device
    total_mib: float = 0.0
    free_mib: float = 0.0
    fits: bool = True
    advice: tuple[Remark, ...] = ()
    error: JarvisError | None = None


# --- intents: what a user interface asks for --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Intent:
    """A wish of the user."""


@dataclass(frozen=True, slots=True)
class SubmitText(Intent):
    """A typed question; `speak` reads the reply aloud."""

    text: str
    speak: bool = False


@dataclass(frozen=True, slots=True)
class PressTalk(Intent):
    """The push-to-talk key or button went down."""


@dataclass(frozen=True, slots=True)
class ReleaseTalk(Intent):
    """The push-to-talk key or button went up."""


@dataclass(frozen=True, slots=True)
class SetHandsFree(Intent):
    on: bool


@dataclass(frozen=True, slots=True)
class SetWakeWord(Intent):
    """Sleep until the wake word is heard, whenever nothing else is under way."""

    on: bool


@dataclass(frozen=True, slots=True)
class SetBargeIn(Intent):
    """Whether speaking interrupts an answer while hands-free or awake."""

    on: bool


@dataclass(frozen=True, slots=True)
class SetMuted(Intent):
    on: bool


@dataclass(frozen=True, slots=True)
class Interrupt(Intent):
    """Stop the answer under way."""


@dataclass(frozen=True, slots=True)
class AllowTool(Intent):
    """The answer to `ToolAsked`."""

    call_id: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class NewConversation(Intent):
    pass


@dataclass(frozen=True, slots=True)
class OpenConversation(Intent):
    conversation_id: str


@dataclass(frozen=True, slots=True)
class RetryPart(Intent):
    """Load a failed or absent part again."""

    part: Part = field(default=Part.ENGINE)


@dataclass(frozen=True, slots=True)
class ListDevices(Intent):
    """Which microphones and loudspeakers are there? `DevicesListed` answers."""


@dataclass(frozen=True, slots=True)
class ListModels(Intent):
    """Which models are there to choose from? `ModelsListed` answers."""


@dataclass(frozen=True, slots=True)
class PlanMemory(Intent):
    """What would the settings take, changed like this (values by dotted key)? `MemoryPlanned` answers.

    Only the newest question is sure to be answered.
    """

    number: int
    changes: Mapping[str, object]
