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
    read_facts: bool = setting(
        True,
        "Facts by the language model",
        "While nobody asks, the language model on this machine reads what you told for facts about you, and "
        "only those in your own words are kept. Off: only plainly told facts are kept.",
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
    encrypted: bool = setting(
        False,
        "Encrypt",
        "Keeps everything remembered encrypted on the disk, backups too. The key is kept in the keyring of "
        "the system; without it nothing can be read any more.",
        advanced=True,
    )
    backup_days: int = setting(
        7,
        "Days between backups",
        "A copy of the memory is made beside it when the last one is so old; the last three are kept. "
        "0 makes none.",
        ge=0,
        le=365,
        advanced=True,
    )
    watched_folders: str = setting(
        "",
        "Watched folders",
        "Full paths of folders, with commas between. Their documents are taken in, taken in again when they "
        "change, and forgotten when they are deleted. Empty: none.",
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
