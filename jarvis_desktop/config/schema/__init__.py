"""The one declaration of every setting.

The settings dialog, validation, `jarvis config schema` and the user guide are generated from these fields.
Each field carries its title, help, bounds, unit and what a change restarts.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from jarvis_desktop.config.schema.conversation import PROFILE_NAME, Conversation, Profile, Tools
from jarvis_desktop.config.schema.desktop import Desktop
from jarvis_desktop.config.schema.engine import Engine, RemoteSettings, Residency, Routing, VllmSettings
from jarvis_desktop.config.schema.hearing import Audio, Listening, Wake
from jarvis_desktop.config.schema.memory import Memory
from jarvis_desktop.config.schema.program import Logging, Look, Privacy, Updates
from jarvis_desktop.config.schema.section import Restarts, Section
from jarvis_desktop.config.schema.server import Server
from jarvis_desktop.config.schema.speech import Speech, Transcription

__all__ = [
    "PROFILE_NAME",
    "Audio",
    "Config",
    "Conversation",
    "Desktop",
    "Engine",
    "Listening",
    "Logging",
    "Look",
    "Memory",
    "Privacy",
    "Profile",
    "RemoteSettings",
    "Residency",
    "Restarts",
    "Routing",
    "Server",
    "Speech",
    "Tools",
    "Transcription",
    "Updates",
    "VllmSettings",
    "Wake",
]


class Config(Section):
    """All settings."""

    schema_version: Literal[1] = 1
    look: Look = Look()
    desktop: Desktop = Desktop()
    audio: Audio = Audio()
    listening: Listening = Listening()
    wake: Wake = Wake()
    transcription: Transcription = Transcription()
    speech: Speech = Speech()
    engine: Engine = Engine()
    residency: Residency = Residency()
    routing: Routing = Routing()
    conversation: Conversation = Conversation()
    memory: Memory = Memory()
    tools: Tools = Tools()
    server: Server = Server()
    privacy: Privacy = Privacy()
    logging: Logging = Logging()
    updates: Updates = Updates()
    profiles: dict[Annotated[str, Field(pattern=PROFILE_NAME)], Profile] = Field(default_factory=dict)

    @property
    def placed_engine(self) -> Engine:
        """`engine` with the places that it gets: one for the user, and one for each that is let in."""
        engine = self.engine
        if engine.places or engine.kind != "llama.cpp" or not self.server.enabled:
            return engine
        return engine.model_copy(update={"places": 1 + self.server.concurrent})
