"""Thinking ahead: an answer is begun before it is certain that the user has finished.

While the user speaks, the engine reads the words that are settled, so that little is left to read at the end.
Once the turn sounds complete, a draft of the answer is generated and its first clause synthesised. The draft
becomes the answer when prompt and final text turn out as foreseen; otherwise it is dropped. Nothing of it is
shown or spoken before, and no tool that it asks for is used.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial as bind

from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.tasks import cancel
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Speculation
from jarvis_desktop.language import guess_language
from jarvis_desktop.ports import ChatDelta, ChatMessage, ChatOptions, PartialTranscript, SpeechClip

log = logging.getLogger(__name__)

MORE_WORDS = 3
"""The engine reads on when at least so many more words are settled: each reading has a price of its own."""

Prompt = Sequence[ChatMessage]
MakePrompt = Callable[[str, str], Awaitable[tuple[Prompt, ChatOptions]]]
"""The prompt for a question and its language, and how to answer it, as the turn itself will make them."""


class Draft:
    """An answer being generated in advance."""

    def __init__(self, parts: Parts, prompt: Prompt, language: str, options: ChatOptions) -> None:
        self.prompt = prompt
        self.options = options
        self.begun_at = asyncio.get_running_loop().time()
        self.tokens = 0
        self._parts = parts
        self._language = language
        self._deltas: asyncio.Queue[ChatDelta | JarvisError | None] = asyncio.Queue()
        self._clips: dict[str, asyncio.Task[SpeechClip | None]] = {}
        self._task = asyncio.create_task(self._generate(), name="draft")

    async def deltas(self) -> AsyncIterator[ChatDelta]:
        """The answer, what is there of it at once; closing it aborts the generation."""
        try:
            while (item := await self._deltas.get()) is not None:
                if isinstance(item, JarvisError):
                    raise item
                yield item
        finally:
            await cancel(self._task)

    async def clip(self, chunk: str) -> SpeechClip | None:
        """The speech of a chunk, where it was synthesised in advance."""
        task = self._clips.pop(chunk, None)
        return await task if task is not None else None

    async def drop(self) -> None:
        """Abort it in the engine."""
        await cancel(self._task)
        for task in self._clips.values():
            await cancel(task)

    async def _generate(self) -> None:
        chunker, spoken = self._parts.chunker(), False
        try:
            async with aclosing(self._parts.chat.stream(self.prompt, self.options)) as deltas:  # type: ignore[type-var]
                async for delta in deltas:
                    self.tokens += bool(delta.text)
                    self._deltas.put_nowait(delta)
                    chunks = () if spoken or not delta.text else chunker.push(delta.text)
                    if chunks:
                        spoken = True
                        speech = self._synthesize(chunks[0])
                        self._clips[chunks[0]] = asyncio.create_task(speech, name="draft speech")
        except JarvisError as error:
            self._deltas.put_nowait(error)
        else:
            self._deltas.put_nowait(None)

    async def _synthesize(self, chunk: str) -> SpeechClip | None:
        try:
            return await self._parts.synthesizer.synthesize(chunk, self._language)
        except JarvisError:
            return None  # the turn will try itself, and tell


class Speculator:
    """Keeps at most one draft for the utterance under way. All methods run on the core thread.

    `ready` tells whether engine and voice are loaded: thinking ahead never loads a model, and leaves alone
    what another model than the engine's own is to answer.
    """

    def __init__(self, parts: Parts, make_prompt: MakePrompt, ready: Callable[[], bool]) -> None:
        self._parts = parts
        self._make_prompt = make_prompt
        self._ready = ready
        self._draft: Draft | None = None
        self._text = ""  # the question of the draft
        self._read = ""  # what the engine has read of the question
        self._work: asyncio.Task[None] | None = None
        self._drafts = 0
        self._wasted = 0

    def foresee(self, partial: PartialTranscript | None, *, complete: bool) -> None:
        """The utterance will probably read like this; None: forget it."""
        final = partial.final if partial is not None else None
        if self._text and (final is None or final.text != self._text):
            self._text = ""
            self._start(self._discard)
        if partial is None:
            self._read = ""
        if partial is None or not self._ready():
            return
        settled = partial.stable if final is None else final.text
        if final is not None and complete:
            if final.text and final.text != self._text:
                self._text = final.text
                self._start(bind(self._begin, final.text, final.language))
        elif self._is_longer(settled):
            self._read = settled
            self._start(bind(self._read_ahead, settled))

    async def take(self, prompt: Prompt, options: ChatOptions) -> tuple[Draft | None, Speculation]:
        """The draft when it answers exactly this; what thinking ahead has cost since the last call."""
        if self._work is not None:
            await asyncio.wait([self._work])
        draft, self._draft, self._text, self._read = self._draft, None, "", ""
        now = asyncio.get_running_loop().time()
        used = draft is not None and (list(draft.prompt), draft.options) == (list(prompt), options)
        if draft is not None and not used:
            self._wasted += draft.tokens
            await draft.drop()
        ahead_ms = (now - draft.begun_at) * 1000 if used and draft is not None else 0.0
        cost = Speculation(self._drafts, used, self._wasted, ahead_ms)
        self._drafts = self._wasted = 0
        return (draft if used else None), cost

    async def stop(self) -> None:
        """Drop whatever is under way."""
        if self._work is not None:
            await cancel(self._work)
        if self._draft is not None:
            await self._draft.drop()

    def _is_longer(self, text: str) -> bool:
        return len(text.split()) >= len(self._read.split()) + MORE_WORDS

    def _start(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run pieces of work one after the other."""
        before = self._work

        async def run() -> None:
            if before is not None:
                await asyncio.wait([before])
            with suppress(JarvisError):  # the turn itself will meet the same error, and tell it
                await work()

        self._work = asyncio.create_task(run(), name="thinking ahead")

    async def _begin(self, text: str, language: str) -> None:
        prompt, options = await self._make_prompt(text, language)
        if text == self._text and not options.model:  # else foreseen otherwise meanwhile
            self._draft = Draft(self._parts, prompt, language, options)
            self._drafts += 1

    async def _discard(self) -> None:
        draft, self._draft = self._draft, None
        if draft is not None:
            self._wasted += draft.tokens
            await draft.drop()

    async def _read_ahead(self, text: str) -> None:
        """Have the engine read what is settled of the question; it keeps what it has read."""
        if text != self._read:
            return
        prompt, options = await self._make_prompt(text, guess_language(text))
        if options.model:
            return
        first = replace(options, max_tokens=1)
        async with aclosing(self._parts.chat.stream(prompt, first)) as deltas:  # type: ignore[type-var]
            async for _ in deltas:
                pass


async def no_draft(_: Prompt, __: ChatOptions) -> tuple[Draft | None, Speculation]:
    """In place of `Speculator.take`, for questions that are not spoken into the microphone."""
    return None, Speculation()
