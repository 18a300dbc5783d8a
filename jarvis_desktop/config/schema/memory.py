"""What is remembered beyond a conversation, and how it is found again."""

from __future__ import annotations

from typing import Literal

from jarvis_desktop.config.schema.section import Restarts, Section, setting


class Memory(Section):
    """Long-term memory: conversations, notes and documents, on this machine only."""

    enabled: bool = setting(
        True,
        "Remember",
        "Keeps what you tell Jarvis beyond a conversation and uses it in answers, which then name it.",
    )
    encoder: Literal["e5-small", "minilm-l6-v2"] = setting(
        "e5-small",
        "Search model",
        "What finds texts by their meaning: e5-small for Spanish and English, minilm-l6-v2 for English only.",
    )
    device: Literal["auto", "cpu", "cuda"] = setting(
        "auto",
        "Search model runs on",
        "Automatic uses the graphics card where there is one; e5-small always runs on the processor.",
        advanced=True,
    )
    server_url: str = setting(
        "",
        "Server",
        "Address of a Chroma server that keeps the vectors, never the texts; its key is read from "
        "JARVIS_MEMORY_KEY. Empty: this machine.",
        restarts=Restarts.APP,
        advanced=True,
        pattern=r"^(https?://\S+)?$",
    )
