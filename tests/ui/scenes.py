"""What happens in each picture of docs/screenshots: made-up events, settings and plans."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from fake_core import FakeCore

from jarvis_desktop.engine import complaints
from jarvis_desktop.events import (
    Conversation,
    ConversationOpened,
    ConversationsListed,
    DevicesListed,
    EarMode,
    Failed,
    Interrupted,
    LevelMeasured,
    MemoryPlanned,
    Message,
    ModelsListed,
    Part,
    PartChanged,
    PartialTranscribed,
    PartState,
    Phase,
    PhaseChanged,
    PlannedPart,
    PlaybackEnded,
    PlaybackPaused,
    Remark,
    ReplyToken,
    ResourcesSampled,
    Role,
    Route,
    Speculation,
    SpeechStarted,
    Tier,
    Timings,
    ToolAsked,
    ToolUse,
    ToolUsed,
    TurnFinished,
    TurnStarted,
    Usage,
)

NOW = time.time()

DAY = 86_400

CONVERSATIONS = tuple(
    Conversation(str(number), title, NOW - age * DAY)
    for number, (title, age) in enumerate(
        [
            ("Palindromes in Python", 0),
            ("Rome trip: trains and hotels", 0),
            ("Why is the sky blue?", 0.1),
            ("Bread without kneading", 1),
            ("Carta para el casero", 1.1),
            ("Explain the difference between a mutex and a semaphore", 3),
            ("Gift ideas for Ana", 5),
            ("Weekly plan", 12),
        ]
    )
)

ANSWER = """A word is a **palindrome** if it reads the same in both directions. Comparing it with its \
reverse is enough:

```python
def is_palindrome(word: str) -> bool:
    letters = [c.lower() for c in word if c.isalpha()]
    return letters == letters[::-1]
```

What it does:

1. Keeps only the letters, in lower case.
2. Compares them with `letters[::-1]`, the same list *backwards*.

| Word | Result |
|---|---|
| Level | yes |
| Jarvis | no |

> Spaces and accents need more care; see [unicodedata](https://docs.python.org/3/library/unicodedata.html).
"""

TIMINGS = Timings(
    transcript=210, recall=232, first_token=540, first_sentence=810, first_audio=1040, total=3900
)


def voice_level(core: FakeCore) -> None:
    """Somebody speaks."""
    voice = (
        -50,
        -42,
        -30,
        -22,
        -18,
        -24,
        -20,
        -15,
        -28,
        -40,
        -26,
        -17,
        -14,
        -19,
        -25,
        -34,
        -22,
        -16,
        -20,
        -24,
    )
    core.emit(*[LevelMeasured(float(rms), rms + 9.0) for rms in voice])


def loaded(core: FakeCore, *, gpu: bool = False) -> None:
    core.emit(
        PartChanged(Part.ENGINE, PartState.READY, "qwen2.5-coder-0.5b"),
        PartChanged(Part.TRANSCRIPTION, PartState.READY, "whisper-base"),
        PartChanged(Part.SPEECH, PartState.READY, "piper-en-joe"),
        PartChanged(Part.HEARING, PartState.READY, "smart-turn-v3.2"),
        PartChanged(Part.MICROPHONE, PartState.READY, "Built-in Audio Analogue Stereo"),
        PartChanged(Part.LOUDSPEAKER, PartState.READY, "Built-in Audio Analogue Stereo"),
        ResourcesSampled(7_400, 16_000, 1_900, "NVIDIA GeForce RTX 4080", 9_300, 16_384)
        if gpu
        else ResourcesSampled(7_400, 16_000, 1_900),
        ConversationsListed(CONVERSATIONS),
    )


def conversation(core: FakeCore, *, gpu: bool = False) -> None:
    loaded(core, gpu=gpu)
    question = "Write a Python function that checks whether a word is a palindrome."
    core.emit(
        ConversationOpened(
            "0",
            (
                Message("a", "0", "t1", Role.USER, "What is a palindrome?", NOW),
                Message(
                    "b", "0", "t1", Role.ASSISTANT, "A word that reads the same both ways, like", NOW, True
                ),
            ),
        ),
        TurnStarted("t2", "0", question, spoken=True),
        ReplyToken("t2", ANSWER),
        TurnFinished(
            "t2",
            ANSWER,
            "qwen2.5-coder-0.5b",
            "llama.cpp",
            TIMINGS,
            Usage(120, 164, 42.3),
            speculation=Speculation(2, True, 41, 320),
            route=Route(52, Tier.TECHNICAL),
        ),
    )


def empty(core: FakeCore) -> None:
    loaded(core)
    core.emit(ConversationOpened("", ()))


def private(core: FakeCore) -> None:
    loaded(core)
    core.emit(ConversationsListed(()), ConversationOpened("", ()))


def loading(core: FakeCore) -> None:
    core.emit(
        PartChanged(Part.ENGINE, PartState.LOADING, "qwen2.5-coder-0.5b", 0.42),
        PartChanged(Part.TRANSCRIPTION, PartState.LOADING, "whisper-base"),
        PartChanged(Part.SPEECH, PartState.READY, "piper-en-joe"),
        PartChanged(Part.MICROPHONE, PartState.READY, "Built-in Audio Analogue Stereo"),
        PartChanged(Part.LOUDSPEAKER, PartState.READY, "Built-in Audio Analogue Stereo"),
        ResourcesSampled(5_100, 16_000, 420),
        ConversationsListed(CONVERSATIONS),
        PhaseChanged(Phase.THINKING),
        TurnStarted("t1", "0", "Plan a weekend in Rome for two.", spoken=False),
    )


def streaming(core: FakeCore) -> None:
    loaded(core)
    core.emit(
        ConversationOpened("0", ()),
        PhaseChanged(Phase.REPLYING),
        TurnStarted(
            "t2", "0", "Write a Python function that checks whether a word is a palindrome.", spoken=True
        ),
        *[ReplyToken("t2", token) for token in ANSWER[:260].split(" ") for token in (token, " ")],
    )


def error(core: FakeCore) -> None:
    loaded(core)
    problem = complaints.died(-9)
    core.emit(
        ConversationOpened("0", ()),
        TurnStarted("t1", "0", "What is the capital of Australia?", spoken=False),
        ReplyToken("t1", "The capital of Australia is "),
        Failed(problem, "t1", "The capital of Australia is"),
        PartChanged(Part.ENGINE, PartState.FAILED, "qwen2.5-coder-0.5b", error=problem),
    )


def listening(core: FakeCore) -> None:
    conversation(core)
    core.emit(
        PhaseChanged(Phase.LISTENING, hands_free=True, ears=EarMode.HANDS_FREE),
        SpeechStarted(0.4),
        PartialTranscribed("book a table for two ", "on Friday evening", 2.0),
    )
    voice_level(core)


def dictating(core: FakeCore) -> None:
    conversation(core)
    core.emit(
        PhaseChanged(Phase.LISTENING, ears=EarMode.HELD, dictating=True),
        PartialTranscribed("Dear Ana, thank you for ", "the pictures", 2.0),
    )
    voice_level(core)


def sleeping(core: FakeCore) -> None:
    conversation(core)
    core.emit(PhaseChanged(Phase.SLEEPING, wake_word=True, ears=EarMode.WAKE))


def speaking(core: FakeCore, *, open_ears: bool = True) -> None:
    loaded(core)
    core.emit(
        ConversationOpened("0", ()),
        TurnStarted("t3", "0", "How do I keep bread fresh?", spoken=True),
        ReplyToken(
            "t3", "Keep it in a cloth bag at room temperature. Freeze what you do not eat in two days."
        ),
        PhaseChanged(Phase.SPEAKING, hands_free=open_ears, ears=EarMode.HANDS_FREE if open_ears else None),
    )


def paused(core: FakeCore) -> None:
    speaking(core)
    core.emit(
        PlaybackPaused("t3"),
        SpeechStarted(2.0),
        PartialTranscribed("and what ", "about", 2.6),
    )
    voice_level(core)


def interrupted(core: FakeCore) -> None:
    conversation(core)
    core.emit(
        TurnStarted("t3", "0", "And what about numbers?", spoken=True),
        ReplyToken("t3", "Numbers work the same way: turn them into text and"),
        PlaybackEnded("t3", "Numbers work the same way"),
        Interrupted("t3", "Numbers work the same way"),
    )


CALCULATOR = ToolUse("calculator", "Calculator", "", '{"expression": "12*7"}')


def tool_asked(core: FakeCore) -> None:
    conversation(core)
    core.emit(TurnStarted("t3", "0", "What is 12 times 7?", spoken=True), ToolAsked("t3", "a", CALCULATOR))


def tools(core: FakeCore) -> None:
    loaded(core)
    reading = ToolUse("mail__read", "Read mail", "mail", '{"folder": "inbox"}')
    sending = ToolUse("mail__send", "Send mail", "mail", '{"to": "ana@example.org", "text": "See you at 8."}')
    core.emit(
        ConversationOpened("0", ()),
        TurnStarted("t1", "0", "What is 12 times 7?", spoken=True),
        ToolUsed("t1", "a", replace(CALCULATOR, allowed=True), "84"),
        ReplyToken("t1", "12 times 7 is 84."),
        TurnFinished("t1", "12 times 7 is 84.", "qwen3-4b", "llama.cpp", TIMINGS, Usage(60, 9, 11.0)),
        TurnStarted("t2", "0", "Read my mail and answer Ana.", spoken=False),
        ToolUsed("t2", "c", replace(reading, allowed=True), "From Ana: dinner at 8? " * 12),
        ToolAsked("t2", "d", sending, anew=True),
    )


PROFILES = {
    "profiles": {
        "Work": {
            "persona": "You are a terse engineer. Answer in one or two sentences, with the command first.",
            "model": "qwen3-4b",
            "speed": 1.25,
        },
        "Bedtime stories": {"persona": "You tell stories to a child of five.", "memory": "own"},
        "Private": {"memory": "none"},
    }
}


def with_profile(name: str, **look: object) -> dict[str, object]:
    return {**PROFILES, "conversation": {"profile": name}, "look": look}


SCENES: dict[str, tuple[Callable[[FakeCore], None], dict[str, object], tuple[int, int]]] = {
    "empty": (empty, {}, (1120, 760)),
    "empty-dark": (empty, {"look": {"theme": "dark"}}, (1120, 760)),
    "loading": (loading, {}, (1120, 760)),
    "conversation": (lambda core: conversation(core, gpu=True), {}, (1280, 860)),
    "conversation-dark": (conversation, {"look": {"theme": "dark"}}, (1280, 800)),
    "streaming": (streaming, {}, (1120, 760)),
    "error": (error, {}, (1120, 760)),
    "listening": (listening, {}, (1120, 760)),
    "dictating": (dictating, {}, (1120, 760)),
    "dictating-spanish": (dictating, {"look": {"language": "es", "theme": "dark"}}, (860, 580)),
    "sleeping": (sleeping, {}, (1120, 760)),
    "sleeping-spanish": (sleeping, {"look": {"language": "es", "theme": "dark"}}, (860, 580)),
    "speaking-spanish": (speaking, {"look": {"language": "es"}}, (860, 580)),
    "paused": (paused, {}, (1120, 760)),
    "paused-dark": (paused, {"look": {"theme": "dark"}}, (1120, 760)),
    "interrupted": (interrupted, {"look": {"theme": "dark"}}, (1120, 760)),
    "tools": (tools, {}, (1120, 760)),
    "tools-asked-spanish": (tool_asked, {"look": {"theme": "dark", "language": "es"}}, (860, 580)),
    "narrow": (conversation, {}, (860, 580)),
    "spanish": (conversation, {"look": {"language": "es"}}, (1120, 760)),
    "spanish-empty": (empty, {"look": {"language": "es"}}, (1120, 760)),
    "large-text": (conversation, {"look": {"font_scale": 1.5}}, (1280, 800)),
    "profile": (conversation, with_profile("Work"), (1120, 760)),
    "profile-private-spanish": (private, with_profile("Private", language="es", theme="dark"), (860, 580)),
}

SHORTCUTS = {"desktop": {"talk_shortcut": "Ctrl+Alt+Space", "show_shortcut": "Ctrl+N"}}

SETTINGS_SCENES = {
    "settings": ({}, "engine", ""),
    "settings-dark": ({"look": {"theme": "dark"}}, "speech", ""),
    "settings-search": ({}, "look", "memory"),
    "settings-spanish": ({"look": {"language": "es"}}, "listening", ""),
    "settings-listening": ({}, "listening", ""),
    "settings-wake": ({}, "wake", ""),
    "settings-wake-spanish": ({"look": {"language": "es", "theme": "dark"}}, "wake", ""),
    "settings-audio": ({}, "audio", ""),
    "settings-tools": ({}, "tools", ""),
    "settings-privacy": ({}, "privacy", ""),
    "settings-desktop": (SHORTCUTS, "desktop", ""),
    "settings-desktop-dark": (SHORTCUTS | {"look": {"theme": "dark", "font_scale": 1.6}}, "desktop", ""),
    "settings-profiles": (with_profile("Work"), "profiles", ""),
    "settings-profiles-spanish": (
        with_profile("Work", language="es", theme="dark"),
        "profiles",
        "",
    ),
    "settings-profiles-none": ({}, "profiles", ""),
    "settings-updates": ({}, "updates", ""),
    "settings-large-text": ({"look": {"font_scale": 1.6}}, "engine", ""),
    "settings-memory": ({"engine": {"kind": "vllm", "model": "qwen3-4b"}}, "engine", ""),
    "settings-memory-full": ({"look": {"language": "es", "theme": "dark"}}, "engine", ""),
}

MENU_SCENES = {
    "listening-menu": {},
    "listening-menu-spanish": {"look": {"language": "es"}},
    "profile-menu": with_profile("Work"),
}

ON_CPU = MemoryPlanned(
    0,
    parts=(
        PlannedPart("qwen2.5-coder-0.5b", "chat", 676, False),
        PlannedPart("whisper-base", "transcription", 390, False),
        PlannedPart("piper-en-joe", "speech", 180, False),
        PlannedPart("smart-turn-v3.2", "turn-end", 88, False),
        PlannedPart("hey-jarvis", "wake-word", 12, False),
    ),
    total_mib=1346,
    free_mib=8_700,
)

PLANS = {
    "settings-memory": MemoryPlanned(
        0,
        "NVIDIA GeForce RTX 4080",
        (
            PlannedPart("qwen3-4b", "chat", 12_900, True),
            PlannedPart("whisper-base", "transcription", 390, True),
            PlannedPart("piper-en-joe", "speech", 280, False),
        ),
        13_290,
        15_100,
    ),
    "settings-memory-full": MemoryPlanned(
        0,
        parts=(PlannedPart("qwen3-4b", "chat", 9_830, False), *ON_CPU.parts[1:]),
        total_mib=10_500,
        free_mib=6_144,
        fits=False,
        advice=(
            Remark(
                "Lower engine.context_tokens to {tokens}: that saves {mib} MiB.",
                {"tokens": 4096, "mib": 4608},
            ),
            Remark("Choose the model {model}: it takes {mib} MiB.", {"model": "smollm2-135m", "mib": 210}),
            Remark("Close other programs: {mib} MiB of memory are missing.", {"mib": 4356}),
        ),
    ),
}

EDITS = {
    "settings-memory": {"engine.vllm.gpu_memory_utilization": 0.8},
    "settings-memory-full": {"engine.model": "qwen3-4b", "engine.context_tokens": 32_768},
}

DEVICES = DevicesListed(
    ("Built-in Audio Analogue Stereo", "USB headset"), ("Built-in Audio Analogue Stereo", "USB headset")
)

MODELS = ModelsListed(
    ("qwen2.5-coder-0.5b", "smollm2-135m", "qwen3-4b"),
    ("whisper-base", "whisper-small"),
    ("piper-en-joe", "piper-es-davefx"),
    ("piper-es-davefx",),
)
