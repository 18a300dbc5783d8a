"""Which language models answer, and when they are in memory."""

from __future__ import annotations

from typing import Literal

from jarvis_desktop.config.schema.section import Restarts, Section, setting


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
    places: int = setting(
        0,
        "Answers side by side",
        "How many llama.cpp generates at once, each with a context of its own. 0: one, and while other "
        "programs are let in as many more as they may have at once.",
        ge=0,
        le=256,
        restarts=Restarts.ENGINE,
        advanced=True,
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
