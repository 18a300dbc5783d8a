"""What the core needs from the outside world. Adapters implement these; `tests/fakes.py` holds one fake each.

All audio inside the program is mono float32 in [-1, 1]; input is 16 kHz (`SAMPLE_RATE`), speech output keeps
the voice's own rate. Adapters raise only `errors.JarvisError`. Everybody imports the names from here.
"""

from jarvis_desktop.ports.attachments import AttachmentReader
from jarvis_desktop.ports.chat import (
    Answers,
    Approach,
    Asked,
    ChatDelta,
    ChatMessage,
    ChatModel,
    ChatOptions,
    greet,
)
from jarvis_desktop.ports.clients import Clients
from jarvis_desktop.ports.hearing import (
    TurnJudged,
    UtteranceEnded,
    VoiceContinued,
    VoiceDetector,
    VoiceDismissed,
    VoiceEvent,
    VoiceNoticed,
    VoiceStarted,
    VoiceStopped,
    WakeHeard,
)
from jarvis_desktop.ports.long_term import Embedder, Embeddings, LongTermMemory
from jarvis_desktop.ports.memory import History, Memory
from jarvis_desktop.ports.model import ManagedModel
from jarvis_desktop.ports.models import ModelShelf
from jarvis_desktop.ports.privacy import Privacy
from jarvis_desktop.ports.profiling import Recorder
from jarvis_desktop.ports.service import ChatRequest, Grounds, Readiness, ServedModel, Service, VoiceService
from jarvis_desktop.ports.sound import (
    SAMPLE_RATE,
    AudioBlock,
    AudioIn,
    AudioOut,
    Samples,
    SpeechClip,
    WordMark,
)
from jarvis_desktop.ports.sound_check import SoundCheck
from jarvis_desktop.ports.speech import (
    GUESSED,
    PartialTranscript,
    Segment,
    SentenceChunker,
    Synthesizer,
    Transcriber,
    Transcript,
    TranscriptionSession,
)
from jarvis_desktop.ports.tools import ToolCall, ToolResult, Tools, ToolSpec

__all__ = [
    "GUESSED",
    "SAMPLE_RATE",
    "Answers",
    "Approach",
    "Asked",
    "AttachmentReader",
    "AudioBlock",
    "AudioIn",
    "AudioOut",
    "ChatDelta",
    "ChatMessage",
    "ChatModel",
    "ChatOptions",
    "ChatRequest",
    "Clients",
    "Embedder",
    "Embeddings",
    "Grounds",
    "History",
    "LongTermMemory",
    "ManagedModel",
    "Memory",
    "ModelShelf",
    "PartialTranscript",
    "Privacy",
    "Readiness",
    "Recorder",
    "Samples",
    "Segment",
    "SentenceChunker",
    "ServedModel",
    "Service",
    "SoundCheck",
    "SpeechClip",
    "Synthesizer",
    "ToolCall",
    "ToolResult",
    "ToolSpec",
    "Tools",
    "Transcriber",
    "Transcript",
    "TranscriptionSession",
    "TurnJudged",
    "UtteranceEnded",
    "VoiceContinued",
    "VoiceDetector",
    "VoiceDismissed",
    "VoiceEvent",
    "VoiceNoticed",
    "VoiceService",
    "VoiceStarted",
    "VoiceStopped",
    "WakeHeard",
    "WordMark",
    "greet",
]
