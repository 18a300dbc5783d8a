"""What the core needs from the outside world. Adapters implement these; `tests/fakes.py` holds one fake each.

All audio inside the program is mono float32 in [-1, 1]; input is 16 kHz (`SAMPLE_RATE`), speech output keeps
the voice's own rate. Adapters raise only `errors.JarvisError`.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.events import Conversation, EngineMeasured, Message, Route, Usage

SAMPLE_RATE = 16_000
"""Hz; what Whisper, the voice activity detectors and the wake word expect."""

Samples = NDArray[np.float32]

GUESSED = -1.0
"""Mean log probability below which Whisper itself tries again. Sentences spoken into an answer came out at
-0.13 to -0.59 (leak of -20 dB), what was made up for a cough in it nearly always at -1.09 to -2.25."""

_SILENCE_DBFS = -120.0


def _dbfs(amplitude: float) -> float:
    return max(_SILENCE_DBFS, 20.0 * math.log10(amplitude)) if amplitude > 0.0 else _SILENCE_DBFS


@dataclass(frozen=True, slots=True)
class AudioBlock:
    """Input: `samples` (n,) at 16 kHz; `start` is the first one's time in s on the input's clock."""

    samples: Samples
    start: float

    @property
    def end(self) -> float:
        """Time just after the last sample, in seconds."""
        return self.start + len(self.samples) / SAMPLE_RATE

    @property
    def rms_dbfs(self) -> float:
        """Loudness: root mean square in dB relative to full scale, -120 for digital silence."""
        return _dbfs(float(np.sqrt(np.mean(np.square(self.samples)))) if len(self.samples) else 0.0)

    @property
    def peak_dbfs(self) -> float:
        """Largest sample in dB relative to full scale, -120 for digital silence."""
        return _dbfs(float(np.max(np.abs(self.samples))) if len(self.samples) else 0.0)


class AudioIn(Protocol):
    """A microphone or a file."""

    @property
    def name(self) -> str:
        """What the user calls it (device or file name)."""
        ...

    @property
    def live(self) -> bool:
        """True when audio passes whether or not it is read (a microphone, a file played in real time)."""
        ...

    @property
    def endless(self) -> bool:
        """True for a microphone: where `blocks` ends without a `stop`, another device is to be heard now."""
        ...

    async def start(self) -> None:
        """Open the source; raises `AudioError` (no device, no permission, unreadable file)."""
        ...

    def blocks(self) -> AsyncIterator[AudioBlock]:
        """Gapless blocks of about 20 ms until `stop` or the end of the file.

        Raises `AudioError` when the device vanishes or hangs (no callback for 500 ms).
        """
        ...

    async def stop(self) -> None:
        """Close the source; `blocks` ends. Safe to call twice."""
        ...


@dataclass(frozen=True, slots=True)
class WordMark:
    """At `seconds` from the start of a clip everything before `text[end]` has been said."""

    end: int  # index into the clip's text, behind the word
    seconds: float


@dataclass(frozen=True, slots=True)
class SpeechClip:
    """Synthesised speech: `samples` (n,) float32 at `sample_rate` Hz, speaking `text`.

    `marks` tell when each word is over, in order; empty when the voice does not know.
    """

    samples: Samples
    sample_rate: int
    text: str
    marks: tuple[WordMark, ...] = ()

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.sample_rate


class AudioOut(Protocol):
    """A loudspeaker or a file, playing one gapless stream of clips."""

    @property
    def name(self) -> str: ...

    async def start(self) -> None:
        """Open the sink; raises `AudioError`."""
        ...

    async def play(self, clip: SpeechClip) -> None:
        """Queue a clip behind what is already queued; waits only while more than a few seconds are queued."""
        ...

    @property
    def heard_seconds(self) -> float:
        """Seconds of queued speech that have left the loudspeaker since `start`, output latency taken off."""
        ...

    async def wait_audible(self) -> None:
        """Wait until the first queued sample has left the loudspeaker."""
        ...

    async def drain(self) -> None:
        """Wait until everything queued was heard; a pause lasts as long as it lasts."""
        ...

    async def pause(self) -> None:
        """Fall silent at once (within 50 ms) and keep what was not heard yet. Safe to call twice.

        `heard_seconds` stands still from now on.
        """
        ...

    async def resume(self) -> None:
        """Go on where `pause` fell silent; nothing is left out. Does nothing when not paused."""
        ...

    async def stop(self) -> None:
        """Fall silent at once (within 50 ms), drop what is queued and close. Safe to call twice."""
        ...


@dataclass(frozen=True, slots=True)
class WakeHeard:
    """The wake word was said; it ended at `end` (seconds on the input's clock)."""

    score: float  # 0..1
    end: float


@dataclass(frozen=True, slots=True)
class VoiceNoticed:
    """Probably speech, after about 100 ms of it: `VoiceStarted` or `VoiceDismissed` follows."""

    start: float


@dataclass(frozen=True, slots=True)
class VoiceDismissed:
    """What was noticed was no speech."""


@dataclass(frozen=True, slots=True)
class VoiceStarted:
    """Speech began; `samples` is the pre-roll and all audio since, `start` its first sample's time."""

    start: float
    samples: Samples


@dataclass(frozen=True, slots=True)
class VoiceContinued:
    """More audio of the utterance (pauses included)."""

    samples: Samples


@dataclass(frozen=True, slots=True)
class VoiceStopped:
    """The voice fell silent; it may go on. `end` is the time of the last voiced sample."""

    end: float


@dataclass(frozen=True, slots=True)
class TurnJudged:
    """Follows a `VoiceStopped` soon: how complete the turn sounds, 0 (goes on) to 1 (over)."""

    completeness: float
    over: bool  # more likely than not: an answer is worth preparing


@dataclass(frozen=True, slots=True)
class UtteranceEnded:
    """The user has finished; `end` is the time of the last voiced sample."""

    end: float
    reason: Literal["silence", "limit", "source-ended"]


VoiceEvent = (
    VoiceNoticed
    | VoiceDismissed
    | VoiceStarted
    | VoiceContinued
    | VoiceStopped
    | TurnJudged
    | UtteranceEnded
    | WakeHeard
)


class VoiceDetector(Protocol):
    """Decides where speech begins and where a turn ends. One instance per listening session."""

    async def feed(self, block: AudioBlock) -> Sequence[VoiceEvent]:
        """What this block changed, in order."""
        ...

    def reads(self, text: str) -> None:
        """The final text of the utterance under way, as of its last `VoiceStopped`: it may tell the end."""
        ...

    async def finish(self) -> Sequence[VoiceEvent]:
        """The source ended: closes an open utterance."""
        ...


@dataclass(frozen=True, slots=True)
class Segment:
    text: str
    start: float  # seconds
    end: float
    log_probability: float = 0.0  # mean of its tokens: 0 is certain, below `GUESSED` it is a guess


@dataclass(frozen=True, slots=True)
class Transcript:
    """Result of one decode. `text` is empty when the audio held no words."""

    text: str
    language: str  # ISO 639-1
    audio_seconds: float
    compute_seconds: float
    segments: tuple[Segment, ...] = ()

    @property
    def guessed(self) -> bool:
        """Nothing in it was recognised with any certainty."""
        return all(segment.log_probability < GUESSED for segment in self.segments) and bool(self.segments)


@dataclass(frozen=True, slots=True)
class PartialTranscript:
    """Text of an utterance still under way; `stable` was the same in two passes (LocalAgreement-2)."""

    stable: str
    unstable: str
    final: Transcript | None = None
    """Where the voice has fallen silent: what `finish` would give if nothing more were said."""


class TranscriptionSession(Protocol):
    """One utterance being transcribed while it is spoken."""

    def feed(self, samples: Samples) -> None:
        """Append audio (16 kHz); never blocks."""
        ...

    def settle(self) -> None:
        """The voice has fallen silent: make the text as good as the final one now. Never blocks."""
        ...

    def partials(self) -> AsyncIterator[PartialTranscript]:
        """Revised text about every `partial_interval_ms` while audio arrives, until `finish` or `cancel`."""
        ...

    async def finish(self) -> Transcript:
        """No more audio: the final text (beam search in the short window)."""
        ...

    async def cancel(self) -> None:
        """Drop the utterance; `partials` ends."""
        ...


class ManagedModel(Protocol):
    """A heavy part the orchestrator loads and releases."""

    @property
    def model(self) -> str:
        """Catalogue name of the model it holds."""
        ...

    async def load(self) -> None:
        """Make ready; returns at once when it is. Raises `ModelError`, `EngineError` or `SpeechError`."""
        ...

    async def unload(self) -> None:
        """Release all its memory. Safe to call twice."""
        ...

    @property
    def pid(self) -> int | None:
        """Process that holds the model, None when not loaded or elsewhere."""
        ...


class Transcriber(ManagedModel, Protocol):
    """Speech to text."""

    def session(self) -> TranscriptionSession: ...

    async def transcribe(self, samples: Samples, *, language: str = "auto") -> Transcript:
        """Final text of a whole recording of any length (16 kHz)."""
        ...


class Synthesizer(ManagedModel, Protocol):
    """Text to speech, one sentence at a time."""

    async def synthesize(self, text: str, language: str = "") -> SpeechClip:
        """Speech for one sentence or clause; Markdown and symbols are made speakable first.

        `language` (ISO 639-1) chooses voice and pronunciation; "" leaves it to the voice. The clip is empty
        when nothing in `text` can be spoken. Raises `SpeechError`.
        """
        ...


class SentenceChunker(Protocol):
    """Cuts a token stream into speakable chunks. One instance per reply."""

    def push(self, token: str) -> list[str]:
        """Chunks completed by this token."""
        ...

    def flush(self) -> list[str]:
        """What is left at the end of the reply."""
        ...


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """What a language model is told of a tool, and what the user is.

    `parameters` is the JSON schema of its arguments. `server` offers it; "" is Jarvis itself.
    """

    name: str  # letters, digits, "_" and "-"; one of its kind among all tools on offer
    title: str
    description: str
    parameters: Mapping[str, object]
    server: str = ""
    quotes: bool = True
    """Its results hold the words of others, which may be made to lead a model astray."""

    recalls: bool = False
    """It reads stored conversations; not for questions of which nothing is to be kept."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's wish to have a tool used; `arguments` is what it wrote, meant to be a JSON object."""

    id: str
    name: str
    arguments: str
    bare: bool = False  # written like any text: the model is not at home with tools


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a use of a tool, for the model to read."""

    text: str
    failed: bool = False


class Tools(Protocol):
    """What a language model may ask to have done. Neither method raises."""

    async def specs(self) -> tuple[ToolSpec, ...]:
        """What is on offer now; nothing where tools are switched off."""
        ...

    async def call(self, name: str, arguments: Mapping[str, object]) -> ToolResult:
        """Use the tool of that name; cancelling gives it up. Whoever calls has asked the user."""
        ...


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """`calls` are what an assistant's message asks for; `call_id` tells what a tool's message answers."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """Sampling of one reply, and the `tools` that it may ask for.

    `model` names another one than the engine's own to answer ("": that one).
    """

    max_tokens: int = 512
    temperature: float = 0.7
    stop: tuple[str, ...] = field(default=())
    model: str = ""
    tools: tuple[ToolSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatDelta:
    """A piece of a reply. The last one carries `usage`, an empty or non-empty `text`, and who answered.

    It carries the `calls` as well: the model goes on when it has read what came of them.
    """

    text: str
    usage: Usage | None = None
    model: str = ""
    engine: str = ""
    calls: tuple[ToolCall, ...] = ()


class ChatModel(ManagedModel, Protocol):
    """A language model behind any engine."""

    @property
    def engine(self) -> str:
        """Kind of engine: ``llama.cpp``, ``vllm`` or ``remote``."""
        ...

    async def status(self) -> EngineMeasured | None:
        """What the engine tells of itself now; None while it tells nothing, or not at all."""
        ...

    def stream(self, messages: Sequence[ChatMessage], options: ChatOptions) -> AsyncIterator[ChatDelta]:
        """Tokens as they are generated. Closing or cancelling the iterator aborts generation in the engine.

        Raises `EngineError` (`engine.not_ready`, `engine.died`, `engine.timeout`, ...), also mid-stream.
        """
        ...


@dataclass(frozen=True, slots=True)
class Approach:
    """How a question is to be answered."""

    route: Route
    instructions: str  # the system prompt
    options: ChatOptions


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with all that its answer depends on."""

    question: str
    language: str  # ISO 639-1, "" unknown
    approach: Approach
    model: str
    earlier: tuple[ChatMessage, ...]  # the turns before it, as the prompt holds them


class Answers(Protocol):
    """Answers that may be given again. Neither method raises: what is not known is answered anew."""

    async def find(self, asked: Asked) -> str | None:
        """The answer this was given before, while it may still be used."""
        ...

    async def keep(self, asked: Asked, answer: str) -> None:
        """Remember an answer, where questions of its kind have one that lasts."""
        ...


class History(Protocol):
    """Conversations on disk. A call that returned is durable: it survives kill -9."""

    async def new_conversation(self) -> Conversation: ...

    async def conversations(self) -> tuple[Conversation, ...]:
        """Newest first."""
        ...

    async def messages(self, conversation_id: str) -> tuple[Message, ...]:
        """Oldest first; raises `StorageError` for an unknown id."""
        ...

    async def append(self, message: Message) -> None: ...

    async def replace(self, message: Message) -> None:
        """Store a newer version of a message with the same id (a reply that grew or was cut)."""
        ...

    async def search(self, words: str, limit: int) -> tuple[Message, ...]:
        """Messages that hold each of the words, newest first, at most `limit`."""
        ...


class Memory(History, Protocol):
    """A history that shows what the profile in use may see, as if there were nothing else."""

    def use(self, scope: MemoryScope) -> None:
        """From now on this may be seen."""
        ...

    def bound(self) -> AbstractContextManager[None]:
        """Inside, what may be seen now stays so, for an answer that outlives its profile's use."""
        ...
