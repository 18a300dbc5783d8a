"""What the model is told: instructions, as much of the conversation as fits, the question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jarvis_desktop.assistant.attached import Attached, weight
from jarvis_desktop.assistant.memories.framing import NOTES_SHARE, fitting, framed
from jarvis_desktop.events import FORGOTTEN, Message, Recalled, Role
from jarvis_desktop.ports import ChatMessage

CHARACTERS_PER_TOKEN = 3.0
"""Low estimate for Spanish and English text, so that a prompt fits although nothing is tokenised here."""


# Written out: the process locale is the user's, and need be neither of the two languages.
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_DIAS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_MESES = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio"),
    *("agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)


@dataclass(frozen=True, slots=True)
class Recall:
    """What the prompt holds; instructions, history and question together may take `budget_tokens`."""

    history_turns: int
    budget_tokens: int

    @property
    def characters(self) -> float:
        """How long all of it may be, in characters of prose."""
        return self.budget_tokens * CHARACTERS_PER_TOKEN


def build_prompt(
    instructions: str,
    recall: Recall,
    earlier: Sequence[Message],
    question: str,
    language: str,
    now: datetime,
    notes: Sequence[Recalled] = (),
    files: Attached = Attached(),  # noqa: B008
) -> list[ChatMessage]:
    """Chat messages, oldest first; the oldest turns are left out when they do not fit.

    `language` is the question's ("" unknown), `now` the user's wall clock. Answers that failed or were cut to
    nothing are left out with their question, so that roles alternate. What changes from turn to turn stands
    with the question at the end, so that the engine can reuse all that comes before it; and before its words,
    so that the engine can read them while they are still being spoken. So do the `notes` (see `noted`),
    quoted as data. `files` that are given whole stand before the conversation, parts of others with the
    question.
    """
    before, beside = files.before(language) or (), files.beside(language)
    quoted = framed(notes, language) if notes else ""
    question = "\n\n".join(filter(None, (f"({_moment(language, now)})", beside, quoted, question)))
    room = recall.characters - len(instructions) - len(question)
    room -= sum(map(weight, before)) + weight(beside) - len(beside)
    kept: list[ChatMessage] = []
    turns = _complete_turns(earlier)
    for asked, answered in reversed(turns[-recall.history_turns :] if recall.history_turns else []):
        room -= len(asked) + len(answered)
        if room < 0:
            break
        kept[:0] = [ChatMessage("user", asked), ChatMessage("assistant", answered)]
    if before:
        kept[:0] = [ChatMessage("user", before[0]), ChatMessage("assistant", before[1])]
    return [ChatMessage("system", instructions), *kept, ChatMessage("user", question)]


def noted(passages: Sequence[Recalled], recall: Recall) -> tuple[Recalled, ...]:
    """Those of the passages that a prompt of this size has room for, the best ones first."""
    return fitting(passages, recall.characters * NOTES_SHARE)


def _moment(language: str, now: datetime) -> str:
    """Date, time and the language to answer in; small models follow it best in that language."""
    if language == "es":
        day = f"{_DIAS[now.weekday()]} {now.day} de {_MESES[now.month - 1]} de {now.year}"
        return f"Hoy es {day}, son las {now:%H:%M}. Responde en español."
    day = f"{_DAYS[now.weekday()]}, {now.day} {_MONTHS[now.month - 1]} {now.year}"
    answer = " Answer in English." if language == "en" else ""
    return f"It is {day}, {now:%H:%M}.{answer}"


def _complete_turns(earlier: Sequence[Message]) -> list[tuple[str, str]]:
    questions = {m.turn_id: m.text for m in earlier if m.role is Role.USER and m.text != FORGOTTEN}
    return [
        (questions[m.turn_id], m.text)
        for m in earlier
        if m.role is Role.ASSISTANT and m.text.strip() and m.text != FORGOTTEN and m.turn_id in questions
    ]
