"""What a turn is to answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from jarvis_desktop.assistant.revising import Revision
from jarvis_desktop.dialogue import StartTurn


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. Times are the loop's clock in s; `conversation_id` "" keeps nothing.

    `asked_at` is the end of the input; spoken questions have `transcribed_at`, when their text was known,
    those into the microphone `closed_at`, when it was clear that they had ended, and how long they were.
    `revision` is its place where it is not the end of the conversation.
    """

    number: int
    text: str
    conversation_id: str
    asked_at: float
    transcribed_at: float | None = None
    language: str = ""  # "" when nobody has told
    speak: bool = False
    revision: Revision | None = None
    closed_at: float | None = None
    spoken_s: float | None = None

    @classmethod
    def asked(cls, command: StartTurn, conversation_id: str, revision: Revision | None) -> Question:
        """What the dialogue wants answered; `revision` as above."""
        now = asyncio.get_running_loop().time()
        typed = cls(command.turn, command.text, conversation_id, now, speak=command.speak, revision=revision)
        if (heard := command.heard) is None:
            return typed
        return replace(
            typed,
            asked_at=heard.ended_at,
            closed_at=heard.closed_at,
            spoken_s=heard.spoken_s,
            transcribed_at=now,
            language=heard.language,
        )
