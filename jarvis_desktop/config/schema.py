"""The one declaration of every setting.

The settings dialog, validation, `jarvis config schema` and the user guide are generated from these fields.
Each field carries its title, help, bounds, unit and what a change restarts.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Restarts(StrEnum):
    """What a changed setting restarts before it takes effect."""

    NOTHING = "nothing"
    TRANSCRIPTION = "transcription"
    SPEECH = "speech"
    ENGINE = "engine"
    APP = "app"


def setting(
    default: Any,
    title: str,
    help_text: str,
    *,
    unit: str = "",
    restarts: Restarts = Restarts.NOTHING,
    advanced: bool = False,
    **bounds: Any,
) -> Any:
    """A field of the schema; `bounds` are pydantic's (`ge`, `le`, `pattern`, ...)."""
    return Field(
        default,
        title=title,
        description=help_text,
        json_schema_extra={"unit": unit, "restarts": restarts.value, "advanced": advanced},
        **bounds,
    )


class Section(BaseModel):
    """A group of settings: one table of the file, one page of the dialog."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False)


class Look(Section):
    """How the window looks."""

    language: Literal["auto", "en", "es"] = setting(
        "auto", "Language", "Language of the window. Automatic follows the system."
    )
    theme: Literal["auto", "light", "dark"] = setting(
        "auto", "Theme", "Automatic follows the system's light or dark setting."
    )
    font_scale: float = setting(1.0, "Text size", "Size of all text.", unit="x", ge=0.8, le=2.0)


class Audio(Section):
    """Which microphone and loudspeaker to use."""

    input_device: str = setting(
        "", "Microphone", "Name of the input device. Empty uses the system's default."
    )
    output_device: str = setting(
        "", "Loudspeaker", "Name of the output device. Empty uses the system's default."
    )
    echo_cancellation: bool = setting(
        True,
        "Echo cancellation",
        "Takes Jarvis' voice out of what the microphone hears, so that loudspeakers work like headphones.",
    )


class Listening(Section):
    """When speech begins and when a turn ends."""

    talk_key: Literal["hold", "toggle"] = setting(
        "hold", "Talk key", "Hold it while you speak, or press it once to begin and once to end."
    )
    barge_in: bool = setting(
        True, "Interrupt by voice", "Speaking while Jarvis speaks makes it stop and listen."
    )
    judge_turn_end: bool = setting(
        True,
        "Judge the end of a turn",
        "Listens to how a sentence ends, so that thinking aloud is not cut off. Off: silence alone decides.",
    )
    shortest_pause_ms: int = setting(
        200, "Shortest pause", "No turn ends before this much silence.", unit="ms", ge=100, le=2000
    )
    longest_pause_ms: int = setting(
        3000, "Longest pause", "After this much silence a turn ends in any case.", unit="ms", ge=500, le=8000
    )
    adapt_pauses: bool = setting(
        True, "Adapt to your pauses", "Waits longer for people who pause longer within a sentence."
    )
    stop_ms: int = setting(
        700,
        "Pause that ends a turn",
        "Silence that ends a turn where the end is not judged.",
        unit="ms",
        ge=200,
        le=3000,
    )
    vad_mode: int = setting(
        2, "Voice gate", "How strictly sound is judged as speech: 0 lenient, 3 strict.", ge=0, le=3
    )
    energy_gate_dbfs: float = setting(
        -55.0, "Silence level", "Sound below this level is never speech.", unit="dBFS", ge=-90.0, le=-20.0
    )
    start_ms: int = setting(
        240, "Speech start", "Voice needed before a turn begins.", unit="ms", ge=60, le=1000
    )
    preroll_ms: int = setting(
        400,
        "Pre-roll",
        "Sound kept from before speech was noticed, so that no first word is lost.",
        unit="ms",
        ge=300,
        le=1500,
        advanced=True,
    )
    min_utterance_ms: int = setting(
        250,
        "Shortest utterance",
        "Voice shorter than this is taken for a click or cough.",
        unit="ms",
        ge=100,
        le=1000,
        advanced=True,
    )
    max_utterance_s: int = setting(
        60,
        "Longest utterance",
        "A turn ends after this time, also while the talk key is held.",
        unit="s",
        ge=5,
        le=300,
    )


class Wake(Section):
    """Calling Jarvis by name. Only this machine listens."""

    enabled: bool = setting(False, "Wake word", "The microphone stays open, and “Hey Jarvis” begins a turn.")
    threshold: float = setting(
        0.5,
        "Strictness",
        "How sure the wake word must be: lower wakes easier, higher more rarely by mistake.",
        ge=0.1,
        le=0.99,
    )
    name_alone: bool = setting(False, "Also by name alone", "“Jarvis” without “Hey” wakes as well.")
    sound: bool = setting(True, "Sound on waking", "A short sound tells that Jarvis is listening.")
    sleep_s: int = setting(
        8, "Stay awake", "Silence after which Jarvis sleeps again.", unit="s", ge=2, le=120
    )


class Transcription(Section):
    """How speech becomes text."""

    model: str = setting(
        "whisper-base", "Model", "Whisper model from the catalogue.", restarts=Restarts.TRANSCRIPTION
    )
    language: Literal["auto", "en", "es"] = setting(
        "auto", "Spoken language", "Fixing the language is a little faster and surer than detecting it."
    )
    custom_words: str = setting(
        "",
        "Your words",
        "Names and terms you use, separated by commas: they are recognised more often.",
        max_length=1000,
    )
    device: Literal["auto", "cpu", "cuda"] = setting(
        "auto",
        "Run on",
        "Automatic uses the graphics card where there is one.",
        restarts=Restarts.TRANSCRIPTION,
    )
    compute_type: Literal["auto", "int8", "int8_float16", "float16", "float32"] = setting(
        "auto",
        "Precision",
        "Automatic: int8 on the processor, float16 on the graphics card.",
        restarts=Restarts.TRANSCRIPTION,
        advanced=True,
    )
    threads: int = setting(
        0,
        "Threads",
        "Processor threads; 0 chooses.",
        ge=0,
        le=64,
        restarts=Restarts.TRANSCRIPTION,
        advanced=True,
    )
    beam_size: int = setting(
        5,
        "Beam size",
        "Alternatives weighed for the final text; more is slower and a little better.",
        ge=1,
        le=10,
        advanced=True,
    )
    partial_interval_ms: int = setting(
        500,
        "Live text interval",
        "How often the text is revised while you speak.",
        unit="ms",
        ge=200,
        le=3000,
        advanced=True,
    )


class Speech(Section):
    """How Jarvis speaks."""

    voice: str = setting("piper-en-joe", "Voice", "Piper voice from the catalogue.", restarts=Restarts.SPEECH)
    spanish_voice: str = setting(
        "",
        "Spanish voice",
        "Piper voice for Spanish answers. Empty: the voice above reads them, with its accent.",
        restarts=Restarts.SPEECH,
    )
    speed: float = setting(1.0, "Speed", "1 is the voice's own pace.", unit="x", ge=0.5, le=2.0)
    muted: bool = setting(False, "Muted", "Replies are shown and not spoken.")


class VllmSettings(Section):
    """How vLLM uses the graphics card."""

    python: str = setting(
        "",
        "Python environment",
        "Python interpreter that has vLLM installed. Empty looks in Jarvis' own environments.",
        restarts=Restarts.ENGINE,
        advanced=True,
    )
    gpu_memory_utilization: float = setting(
        0.92,
        "Graphics memory share",
        "Share of the graphics memory vLLM may take.",
        ge=0.1,
        le=0.98,
        restarts=Restarts.ENGINE,
    )
    max_num_seqs: int = setting(
        64,
        "Answers at once",
        "Most answers generated side by side.",
        ge=1,
        le=1024,
        restarts=Restarts.ENGINE,
    )
    max_num_batched_tokens: int = setting(
        8192,
        "Tokens per step",
        "Most tokens computed in one step; more is faster and takes more memory.",
        unit="tokens",
        ge=256,
        le=131072,
        restarts=Restarts.ENGINE,
    )
    enable_prefix_caching: bool = setting(
        True,
        "Reuse repeated beginnings",
        "Keeps the computed prompt of a conversation for its next turn.",
        restarts=Restarts.ENGINE,
    )
    enable_chunked_prefill: bool = setting(
        True,
        "Split long prompts",
        "Long prompts are computed in pieces so that other answers keep flowing.",
        restarts=Restarts.ENGINE,
    )
    compile: Literal["auto", "on", "off"] = setting(
        "auto",
        "Compile the model",
        "Answers come faster, but a start takes minutes longer. Automatic compiles for graphics cards only.",
        restarts=Restarts.ENGINE,
        advanced=True,
    )
    quantization: Literal["none", "awq", "gptq", "fp8", "gguf"] = setting(
        "none", "Quantisation", "None lets the model's own files decide.", restarts=Restarts.ENGINE
    )
    tensor_parallel_size: int = setting(
        1,
        "Graphics cards",
        "Number of cards one model is spread over.",
        ge=1,
        le=16,
        restarts=Restarts.ENGINE,
    )
    cpu_offload_gb: float = setting(
        0.0,
        "Offload to main memory",
        "Part of the weights kept in main memory; slower.",
        unit="GiB",
        ge=0.0,
        le=512.0,
        restarts=Restarts.ENGINE,
    )
    cpu_kv_cache_gb: float = setting(
        1.0,
        "Cache on the processor",
        "Memory for running answers where vLLM runs without a graphics card.",
        unit="GiB",
        ge=0.25,
        le=256.0,
        restarts=Restarts.ENGINE,
        advanced=True,
    )


class RemoteSettings(Section):
    """A server elsewhere that speaks OpenAI's protocol. Its key is read from JARVIS_REMOTE_API_KEY."""

    base_url: str = setting(
        "",
        "Address",
        "For example http://192.168.1.20:8000/v1.",
        restarts=Restarts.ENGINE,
        pattern=r"^(https?://\S+)?$",
    )
    model: str = setting("", "Model", "Name of the model on that server.", restarts=Restarts.ENGINE)


class Engine(Section):
    """Which language model answers, and how."""

    kind: Literal["llama.cpp", "vllm", "remote"] = setting(
        "llama.cpp",
        "Engine",
        "llama.cpp runs everywhere; vLLM is for graphics cards; remote is a server.",
        restarts=Restarts.ENGINE,
    )
    model: str = setting(
        "qwen2.5-coder-0.5b", "Model", "Language model from the catalogue.", restarts=Restarts.ENGINE
    )
    context_tokens: int = setting(
        4096,
        "Context",
        "How much of the conversation the model sees; more takes more memory.",
        unit="tokens",
        ge=512,
        le=131072,
        restarts=Restarts.ENGINE,
    )
    threads: int = setting(
        0,
        "Threads",
        "Processor threads for answers; 0 leaves a core to speech.",
        ge=0,
        le=64,
        restarts=Restarts.ENGINE,
        advanced=True,
    )
    port: int = setting(
        0,
        "Port",
        "Loopback port of the engine; 0 takes any free one.",
        ge=0,
        le=65535,
        restarts=Restarts.ENGINE,
        advanced=True,
    )
    max_tokens: int = setting(
        512, "Longest answer", "An answer is cut after this many tokens.", unit="tokens", ge=16, le=8192
    )
    temperature: float = setting(0.7, "Variety", "0 always answers alike; higher is freer.", ge=0.0, le=2.0)
    vllm: VllmSettings = VllmSettings()
    remote: RemoteSettings = RemoteSettings()


class Routing(Section):
    """How the prompt and the model are fitted to a question."""

    tier: Literal["auto", "chat", "technical", "reasoning"] = setting(
        "auto",
        "Kind of answer",
        "Automatic judges how hard each question is; a fixed choice treats all alike.",
    )
    technical_model: str = setting(
        "", "Model for technical questions", "Empty: the model that answers everything."
    )
    reasoning_model: str = setting(
        "",
        "Model for hard questions",
        "For questions of several steps. Empty: the model that answers everything.",
    )
    technical_temperature: float = setting(
        0.3,
        "Variety of technical answers",
        "Facts want less variety than talk; never more than the engine's own.",
        ge=0.0,
        le=2.0,
        advanced=True,
    )
    reasoning_temperature: float = setting(
        0.5,
        "Variety of hard answers",
        "For questions of several steps; never more than the engine's own.",
        ge=0.0,
        le=2.0,
        advanced=True,
    )


class Residency(Section):
    """When models leave memory. They load again by themselves when they are needed."""

    idle_minutes: int = setting(
        30,
        "Release after",
        "Models that were not used for so long give their memory back; 0 keeps them.",
        unit="min",
        ge=0,
        le=1440,
    )


class Conversation(Section):
    """What the model is told and remembers within a conversation."""

    profile: str = setting(
        "", "Profile", "The profile in use, one of those on the page Profiles. Empty: none."
    )
    history_turns: int = setting(
        8,
        "Turns remembered",
        "Earlier exchanges of the conversation sent along with a question.",
        ge=0,
        le=100,
    )
    instructions: str = setting(
        "",
        "Instructions",
        "What Jarvis should know or how it should answer, in your own words.",
        max_length=4000,
    )
    think_ahead: bool = setting(
        True,
        "Think ahead",
        "Begins an answer while you may still speak and drops it when you go on; costs computing time.",
    )
    reuse_answers: bool = setting(
        True,
        "Reuse answers",
        "Questions of general knowledge get the answer they had within the last day. Never personal ones.",
    )


class Tools(Section):
    """What the language model may have done for it."""

    enabled: bool = setting(
        False,
        "Use tools",
        "Lets the model ask for tools: clock, timer, calculator, your past conversations, and servers from "
        "mcp.json. Off at first: small models use them badly.",
    )
    ask: Literal["always", "others"] = setting(
        "always",
        "Ask before use",
        "Always, or only for tools that are not built in. What came from outside always leads to a question.",
    )
    allowed: str = setting(
        "",
        "Always allowed",
        "Names of the tools that are used without a question, with commas between. Empty: none.",
    )


class Logging(Section):
    """What is written down for finding faults. What you say is never logged."""

    level: Literal["debug", "info", "warning", "error"] = setting(
        "info", "Log level", "How much is written to the log file."
    )


PROFILE_NAME = r"^\w(?:[\w -]{0,38}\w)?$"
"""Letters and digits, between them spaces, hyphens and underscores; never a dot, which parts a key."""


class Profile(Section):
    """Another face of Jarvis: what is set here holds instead of the settings while the profile is in use."""

    persona: str = setting(
        "",
        "Persona",
        "Who Jarvis is and how it answers, in your own words. Empty: the instructions of the settings.",
        max_length=4000,
    )
    voice: str = setting("", "Voice", "Piper voice from the catalogue. Empty: as in the settings.")
    spanish_voice: str = setting(
        "", "Spanish voice", "Piper voice for Spanish answers. Empty: as in the settings."
    )
    speed: float = setting(
        1.0, "Speed", "Times the speed in the settings; 1 leaves it as it is.", unit="x", ge=0.5, le=2.0
    )
    model: str = setting("", "Model", "Language model from the catalogue. Empty: as in the settings.")
    memory: Literal["shared", "own", "none"] = setting(
        "shared",
        "Memory",
        "Whose conversations it lists and continues: those all profiles share, or only its own. "
        "None: nothing is stored of what is said in it.",
    )


class Config(Section):
    """All settings."""

    schema_version: Literal[1] = 1
    look: Look = Look()
    audio: Audio = Audio()
    listening: Listening = Listening()
    wake: Wake = Wake()
    transcription: Transcription = Transcription()
    speech: Speech = Speech()
    engine: Engine = Engine()
    residency: Residency = Residency()
    routing: Routing = Routing()
    conversation: Conversation = Conversation()
    tools: Tools = Tools()
    logging: Logging = Logging()
    profiles: dict[Annotated[str, Field(pattern=PROFILE_NAME)], Profile] = {}
