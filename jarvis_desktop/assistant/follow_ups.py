"""Questions that may come next: the language model suggests some after an answer, while nobody asks."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from jarvis_desktop.assistant.memories.words import content_words
from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.tasks import cancel, spawn
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Event, FollowUpsSuggested
from jarvis_desktop.ports import ChatMessage, ChatOptions

log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0
"""The engine is left alone for so long after an answer: some questions follow at once."""

MOST = 3
_LONGEST = 70  # characters: a button holds a line
_OPTIONS = ChatOptions(max_tokens=70, temperature=0.3, patient=True)
_WISH = {
    "en": "Write three short questions that I could ask you next about this. One per line, nothing else.",
    "es": "Escribe tres preguntas cortas que yo podría hacerte ahora sobre esto. Una por línea, nada más.",
}
_MARK = re.compile(r"[^\w¿]*(?:\d+[.):])?[^\w¿]*")


@dataclass(frozen=True, slots=True)
class Answered:
    """A finished answer: the question, what the model was given and wrote, and the language ("" unknown)."""

    turn_id: str
    question: str
    prompt: Sequence[ChatMessage]
    reply: str
    language: str


class FollowUps:
    """Suggests questions after the newest answer; nothing of it is stored.

    The model goes on from the prompt of the answer, which the engine has in memory, so that it reads little
    more, and the next question finds there what it would have found. `ready` tells whether the engine is
    loaded, `wanted` whether the user wants this. An engine elsewhere is not asked. All methods run on the
    core thread.
    """

    def __init__(
        self,
        parts: Parts,
        ready: Callable[[], bool],
        wanted: Callable[[], bool],
        emit: Callable[[Event], None],
    ) -> None:
        self._parts = parts
        self._ready = ready
        self._wanted = wanted
        self._emit = emit
        self._work: asyncio.Task[None] | None = None

    def take(self, answered: Answered) -> None:
        """An answer was given, and nobody asks yet."""
        self.hold()
        if self._wanted() and self._parts.chat.engine != "remote":
            self._work = spawn(self._suggest(answered), "follow-ups", self._emit)

    def hold(self) -> None:
        """Somebody asks, or is about to: it is too late for suggestions."""
        if self._work is not None:
            self._work.cancel()

    async def stop(self) -> None:
        """Wait until the engine is free of this."""
        if self._work is not None:
            await cancel(self._work)

    async def _suggest(self, answered: Answered) -> None:
        await asyncio.sleep(IDLE_SECONDS)
        if not self._ready():
            return
        wish = _WISH.get(answered.language, _WISH["en"])
        prompt = [*answered.prompt, ChatMessage("assistant", answered.reply), ChatMessage("user", wish)]
        written = ""
        try:
            async with aclosing(self._parts.chat.stream(prompt, _OPTIONS)) as deltas:  # type: ignore[type-var]
                async for delta in deltas:
                    written += delta.text
        except JarvisError as error:
            log.info("no questions are suggested: %s", error.code)  # nobody waits for them
            return
        if questions := questions_in(written, answered.question, answered.reply):
            self._emit(FollowUpsSuggested(answered.turn_id, questions))


def questions_in(text: str, asked: str, reply: str) -> tuple[str, ...]:
    """The short questions among the lines of a text, at most `MOST`.

    A small model says again what was asked, or takes up another subject: such lines are left out.
    """
    before = content_words(asked)
    subject = before | content_words(reply)
    found: dict[str, str] = {}
    for line in text.splitlines():
        question = _MARK.sub("", line, count=1).strip(" *_\"'“”")
        words = content_words(question)
        if question.endswith("?") and len(question) <= _LONGEST and words & subject and words - before:
            found.setdefault(question.casefold(), question)
    return tuple(found.values())[:MOST]
