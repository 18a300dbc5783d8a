"""What the assistant is made of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from jarvis_desktop.events import (
    DevicesListed,
    EarMode,
    MachineDescribed,
    MemoryPlanned,
    ModelsListed,
    Part,
    PlanMemory,
    UpdatesChecked,
)
from jarvis_desktop.ports import (
    Answers,
    Approach,
    AttachmentReader,
    AudioIn,
    AudioOut,
    ChatModel,
    Clients,
    Embedder,
    LongTermMemory,
    ManagedModel,
    Memory,
    ModelShelf,
    Privacy,
    Recorder,
    SentenceChunker,
    SoundCheck,
    SpeechClip,
    Synthesizer,
    Tools,
    Transcriber,
    VoiceDetector,
)


@dataclass(slots=True)
class Parts:
    """Filled by the composition root; changed settings may exchange single parts while the program runs.

    `detector` makes a voice detector for one listening session; `wake_sound` is what acknowledges the wake
    word, None where nothing shall be heard. `devices` and `models_known` list what there is to choose from.
    `approach` tells how a question is to be answered, `beginnings` the instructions that it may get;
    `plan` what settings would take, `machine` what they run on, `updates` which versions there are (all three
    block). `recorder` records one answer.
    """

    chat: ChatModel
    transcriber: Transcriber
    synthesizer: Synthesizer
    history: Memory
    chunker: Callable[[], SentenceChunker]
    audio_in: Callable[[], AudioIn]
    audio_out: Callable[[], AudioOut]
    detector: Callable[[EarMode], VoiceDetector]
    hearing: ManagedModel
    wake_sound: Callable[[], SpeechClip | None]
    devices: Callable[[], Awaitable[DevicesListed]]
    models_known: Callable[[], ModelsListed]
    plan: Callable[[PlanMemory], MemoryPlanned]
    sound: SoundCheck
    machine: Callable[[], MachineDescribed]
    approach: Callable[[str], Approach]
    beginnings: Callable[[], Sequence[str]]
    answers: Answers
    tools: Tools
    memory: LongTermMemory | None  # None where it is switched off
    embedder: Embedder
    shelf: ModelShelf
    privacy: Privacy
    clients: Clients
    updates: Callable[[], UpdatesChecked]
    reader: AttachmentReader
    recorder: Callable[[], Recorder]

    def models(self) -> dict[Part, ManagedModel]:
        """The heavy parts, in the order they are loaded: what a spoken turn needs first comes first."""
        return {
            Part.HEARING: self.hearing,
            Part.TRANSCRIPTION: self.transcriber,
            Part.ENGINE: self.chat,
            Part.SPEECH: self.synthesizer,
        }
