"""What the model is told: instructions, as much of the conversation as fits, the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jarvis_desktop.events import Message, Role
from jarvis_desktop.ports import ChatMessage

CHARACTERS_PER_TOKEN = 3.0
"""Low estimate for Spanish and English text, so that a prompt fits although nothing is tokenised here."""


@dataclass(frozen=True, slots=True)
class Recall:
    """How the prompt is made; instructions, history and question together may take `budget_tokens`."""

    instructions: str
    history_turns: int
    budget_tokens: int


def build_prompt(recall: Recall, earlier: Sequence[Message], question: str) -> list[ChatMessage]:
    """Chat messages, oldest first; the oldest turns are left out when they do not fit.

    Answers that failed or were cut to nothing are left out with their question, so that roles alternate.
    """
    room = recall.budget_tokens * CHARACTERS_PER_TOKEN - len(recall.instructions) - len(question)
    kept: list[ChatMessage] = []
    turns = _complete_turns(earlier)
    for asked, answered in reversed(turns[-recall.history_turns :] if recall.history_turns else []):
        room -= len(asked) + len(answered)
        if room < 0:
            break
        kept[:0] = [ChatMessage("user", asked), ChatMessage("assistant", answered)]
    return [ChatMessage("system", recall.instructions), *kept, ChatMessage("user", question)]


def _complete_turns(earlier: Sequence[Message]) -> list[tuple[str, str]]:
    questions = {m.turn_id: m.text for m in earlier if m.role is Role.USER}
    return [
        (questions[m.turn_id], m.text)
        for m in earlier
        if m.role is Role.ASSISTANT and m.text.strip() and m.turn_id in questions
    ]
