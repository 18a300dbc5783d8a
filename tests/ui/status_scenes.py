"""The status panel with a history of turns: on the processor, on a graphics card, in each look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from fake_core import FakeCore
from scenes import loaded

from jarvis_desktop.events import (
    AnswerProfiled,
    CachesMeasured,
    ConversationOpened,
    Energy,
    EngineMeasured,
    Part,
    ProfilingChanged,
    ResourcesSampled,
    Route,
    Tier,
    Timings,
    TurnFinished,
    TurnStarted,
    Usage,
)

ON_CPU = ResourcesSampled(
    7_400,
    16_000,
    2_140,
    parts_mib=(
        (Part.HEARING, 96),
        (Part.TRANSCRIPTION, 410),
        (Part.ENGINE, 890),
        (Part.SPEECH, 210),
        (Part.MEMORY, 340),
    ),
)
ON_GPU = ResourcesSampled(
    9_100,
    32_000,
    3_300,
    "NVIDIA GeForce RTX 4080",
    12_900,
    16_384,
    parts_mib=((Part.TRANSCRIPTION, 410), (Part.ENGINE, 2_100)),
    own_vram_mib=11_600,
    parts_vram_mib=((Part.TRANSCRIPTION, 900), (Part.ENGINE, 10_700)),
    gpu_use=0.43,
    gpu_celsius=61,
    gpu_watts=182,
)
SPOKEN = Timings(
    capture=2_300,
    turn_end=380,
    transcript=430,
    recall=440,
    first_token=980,
    first_sentence=1_240,
    first_audio=1_410,
    total=5_200,
)


def history(core: FakeCore, *, gpu: bool = False) -> None:
    loaded(core)
    core.emit(ConversationOpened("0", ()))
    for number, slower in enumerate((40, 0, 220, 90, 10, 400, 60, 2_900)):
        timings = replace(
            SPOKEN,
            first_token=980 + slower,
            first_sentence=1_240 + slower,
            first_audio=1_410 + slower,
            total=5_200 + slower,
        )
        core.emit(
            TurnStarted(f"h{number}", "0", "And now?", spoken=True),
            TurnFinished(
                f"h{number}",
                "Just as before.",
                "qwen3-4b",
                "vllm" if gpu else "llama.cpp",
                timings,
                Usage(420, 164, 42.3, 390),
                route=Route(52, Tier.TECHNICAL),
                energy=Energy(212.0, 18.4) if gpu else Energy(),
            ),
        )
    core.emit(CachesMeasured(2, 9, 310, 402), ON_GPU if gpu else ON_CPU)
    if gpu:
        core.emit(EngineMeasured(0.25, 0.93, 1, 2, 540.0))


def profiled(core: FakeCore) -> None:
    history(core)
    core.emit(
        ProfilingChanged(True),
        AnswerProfiled("h7", Path("/logs/profiles/answer-20260101-120000.speedscope.json")),
    )


def on_gpu(core: FakeCore) -> None:
    history(core, gpu=True)


_LARGEST = {"theme": "dark", "language": "es", "font_scale": 1.6}

SCENES: dict[str, tuple[Callable[[FakeCore], None], dict[str, object], tuple[int, int]]] = {
    "status": (history, {}, (1280, 1000)),
    "status-dark": (history, {"look": {"theme": "dark"}}, (1280, 800)),
    "status-profiled": (profiled, {}, (1280, 1200)),
    "status-profiled-spanish": (profiled, {"look": {"theme": "dark", "language": "es"}}, (1280, 1200)),
    "status-gpu": (on_gpu, {}, (1280, 1200)),
    "status-gpu-spanish": (on_gpu, {"look": {"theme": "dark", "language": "es"}}, (1280, 1200)),
    "status-large": (on_gpu, {"look": _LARGEST}, (1600, 1900)),
}
