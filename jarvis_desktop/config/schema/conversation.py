"""What is said, remembered and done, and by whom."""

from __future__ import annotations

from typing import Literal

from jarvis_desktop.config.schema.section import Section, setting


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
    follow_ups: bool = setting(
        True,
        "Suggest questions",
        "After an answer the model on this machine thinks of some that could follow. None are stored.",
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
