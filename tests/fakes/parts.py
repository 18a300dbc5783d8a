"""All of them together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from jarvis_desktop.assistant import Parts
from jarvis_desktop.events import (
    DevicesListed,
    MachineDescribed,
    MemoryPlanned,
    ModelsListed,
    Route,
    UpdatesChecked,
)
from jarvis_desktop.ports import SAMPLE_RATE, Approach, ChatOptions, SpeechClip
from tests.fakes.chat import FakeAnswers, FakeChat, FakeTools
from tests.fakes.clients import FakeClients
from tests.fakes.memory import FakeEmbedder, FakeHistory, FakeReader
from tests.fakes.models import FakeModel, FakeShelf
from tests.fakes.privacy import FakePrivacy
from tests.fakes.profiling import FakeRecorder
from tests.fakes.sound import FakeDetector, FakeLoudspeaker, FakeMicrophone, FakeSound
from tests.fakes.speech import FakeChunker, FakeSynthesizer, FakeTranscriber


def fake_parts(
    *,
    chat: FakeChat | None = None,
    transcriber: FakeTranscriber | None = None,
    microphone: FakeMicrophone | None = None,
    loudspeaker: Callable[[], FakeLoudspeaker] = FakeLoudspeaker,
) -> Parts:
    """Parts that need nothing of the machine."""
    source = microphone or FakeMicrophone()
    return Parts(
        chat=chat or FakeChat(),
        transcriber=transcriber or FakeTranscriber(),
        synthesizer=FakeSynthesizer(),
        history=FakeHistory(),
        chunker=FakeChunker,
        audio_in=lambda: source,
        audio_out=loudspeaker,
        detector=FakeDetector,
        hearing=FakeModel("fake-hearing"),
        wake_sound=lambda: SpeechClip(np.zeros(160, np.float32), SAMPLE_RATE, ""),
        devices=_fake_devices,
        approach=lambda _: Approach(Route(), "Be brief.", ChatOptions()),
        beginnings=lambda: ("Be brief.",),
        answers=FakeAnswers(),
        tools=FakeTools(),
        memory=None,
        embedder=FakeEmbedder(),
        sound=FakeSound(),
        shelf=FakeShelf(),
        privacy=FakePrivacy(),
        clients=FakeClients(),
        reader=FakeReader(),
        recorder=FakeRecorder,
        machine=lambda: MachineDescribed("fake processor", 4, 8192.0, None, None, ("fake-chat",), {}),
        models_known=lambda: ModelsListed(("fake-chat",), ("fake-whisper",), ("fake-voice",), ()),
        updates=lambda: UpdatesChecked(newer="99.0"),
        plan=lambda wanted: MemoryPlanned(wanted.number, total_mib=100.0, free_mib=1000.0),
    )


async def _fake_devices() -> DevicesListed:
    return DevicesListed(("fake microphone",), ("fake loudspeaker",))
