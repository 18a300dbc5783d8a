"""One small fake per port: real adapters in behaviour, without devices, models or processes."""

from tests.fakes.chat import FakeAnswers, FakeChat, FakeTools
from tests.fakes.memory import FakeHistory, FakeMemory, FakeReader
from tests.fakes.models import FakeModel, FakeShelf
from tests.fakes.parts import fake_parts
from tests.fakes.sound import (
    CLICK,
    HEY_JARVIS,
    SILENCE,
    VOICE,
    FakeDetector,
    FakeLoudspeaker,
    FakeMicrophone,
    FakeSound,
)
from tests.fakes.speech import FakeChunker, FakeSynthesizer, FakeTranscriber

__all__ = [
    "CLICK",
    "HEY_JARVIS",
    "SILENCE",
    "VOICE",
    "FakeAnswers",
    "FakeChat",
    "FakeChunker",
    "FakeDetector",
    "FakeHistory",
    "FakeLoudspeaker",
    "FakeMemory",
    "FakeMicrophone",
    "FakeModel",
    "FakeReader",
    "FakeShelf",
    "FakeSound",
    "FakeSynthesizer",
    "FakeTools",
    "FakeTranscriber",
    "fake_parts",
]
