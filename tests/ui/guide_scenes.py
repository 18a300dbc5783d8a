"""What happens in the pictures of the guide: a made-up machine and its models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fake_core import FakeCore
from sound_scenes import DEVICES

from jarvis_desktop.events import (
    KnownModel,
    Loudness,
    MachineDescribed,
    ModelProgress,
    ModelsCatalogued,
    ModelState,
    ModelStep,
    SampleTranscribed,
    SoundHeard,
)

HERE, ABSENT = ModelState.PRESENT, ModelState.ABSENT

LAPTOP = MachineDescribed(
    "AMD Ryzen 5 5600U",
    12,
    15_800.0,
    None,
    None,
    ("qwen2.5-coder-0.5b", "whisper-base", "piper-en-joe", "smart-turn-v3.2", "hey-jarvis"),
    {"engine.model": "qwen2.5-coder-0.5b", "transcription.model": "whisper-base"},
)
GAMER = MachineDescribed(
    "AMD Ryzen 9 7900X",
    24,
    64_000.0,
    "NVIDIA GeForce RTX 4080",
    16_384.0,
    ("gemma-4-e4b", "whisper-small", *LAPTOP.models[2:]),
    {"engine.model": "gemma-4-e4b", "transcription.model": "whisper-small"},
)


def model(name: str, title: str, kind: str, size: int, arrived: int = 0) -> KnownModel:
    state = ModelState.PARTIAL if 0 < arrived < size else HERE if arrived else ABSENT
    return KnownModel(name, title, kind, state, size, arrived)


def catalogued(arrived: float) -> ModelsCatalogued:
    """The models, of the large ones this share is here."""

    def part(size: int) -> int:
        return int(size * arrived)

    return ModelsCatalogued(
        (
            model("whisper-base", "Whisper base", "transcription", 148_000_000, 148_000_000),
            model("whisper-small", "Whisper small", "transcription", 486_000_000),
            model("piper-en-joe", "Joe (en-US)", "speech", 63_000_000, 63_000_000),
            model("piper-es-davefx", "Davefx (es-ES)", "speech", 63_000_000),
            model("smart-turn-v3.2", "Smart Turn 3.2", "turn-end", 8_700_000, 8_700_000),
            model("hey-jarvis", "Wake word “Hey Jarvis”", "wake-word", 3_500_000, 3_500_000),
            model("qwen2.5-coder-0.5b", "Qwen2.5-Coder 0.5B", "chat", 491_000_000, part(491_000_000)),
            model("gemma-4-e4b", "Gemma 4 E4B Instruct", "chat", 4_980_000_000, part(4_980_000_000)),
        ),
        0,
        10**12,
        Path("models"),
    )


def laptop(core: FakeCore) -> None:
    core.emit(LAPTOP, catalogued(1.0))


def gamer(core: FakeCore) -> None:
    core.emit(GAMER, catalogued(0.4))


def fetching(core: FakeCore) -> None:
    core.emit(
        GAMER,
        catalogued(0.4),
        ModelProgress("gemma-4-e4b", ModelStep.DOWNLOADING, 2_200_000_000, 4_980_000_000, 9e6),
        ModelProgress("whisper-small", ModelStep.WAITING),
    )


def sound(core: FakeCore) -> None:
    core.emit(
        LAPTOP,
        DEVICES,
        SoundHeard(-20.0, -8.0, Loudness.GOOD, voice=True),
        SampleTranscribed("Good morning, Jarvis.", "en", unclear=False),
    )


DARK = {"look": {"theme": "dark"}}

GUIDE_SCENES: dict[str, tuple[Callable[[FakeCore], None], int, dict[str, object]]] = {
    "guide-machine": (laptop, 0, {}),
    "guide-machine-dark": (gamer, 0, DARK),
    "guide-models": (laptop, 1, {}),
    "guide-models-paused": (gamer, 1, {}),
    "guide-models-fetching-dark": (fetching, 1, DARK),
    "guide-sound": (sound, 2, {}),
    "guide-sound-dark": (sound, 2, DARK),
    "guide-privacy": (laptop, 3, {}),
    "guide-privacy-dark": (laptop, 3, {"look": {"theme": "dark", "language": "es"}}),
    "guide-large": (fetching, 1, {"look": {"font_scale": 2.0}}),
}
