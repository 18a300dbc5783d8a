"""Is heard beside the dialogue: texts of Jarvis' own, such as that a timer has run out, written answers read
aloud, and recordings of what the user said."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from jarvis_desktop.assistant.ears import Ears
from jarvis_desktop.assistant.tasks import cancel, spawn
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Event, Failed, PlayingRecording, PlayRecording, ReadAloud, ReadingAloud
from jarvis_desktop.ports import SpeechClip


@dataclass(frozen=True, slots=True)
class _Speech:
    """What is to be heard; `turn_id` names the turn it is from, "" is a text of Jarvis' own."""

    text: str
    turn_id: str = ""
    recording: SpeechClip | None = None  # of the question; without it the text is read

    def told(self, turn_id: str) -> Event:
        """That it begins, or has ended ("")."""
        return ReadingAloud(turn_id) if self.recording is None else PlayingRecording(turn_id)


class Announcer:
    """One after the other, each once no answer is under way. `turn` is the task of the latest answer.

    `say` makes a text, or a recording, of a turn heard; `recording` gives what was said in a turn.

    To the `ears` a text is like an answer: what is heard meanwhile may be its echo.
    """

    def __init__(
        self,
        say: Callable[[str | SpeechClip, str], Awaitable[object]],
        recording: Callable[[str], SpeechClip | None],
        ears: Ears,
        turn: Callable[[], asyncio.Task[None] | None],
        emit: Callable[[Event], None],
    ) -> None:
        self._say = say
        self._recording = recording
        self._ears = ears
        self._turn = turn
        self._emit = emit
        self._waiting: deque[_Speech] = deque()
        self._now: _Speech | None = None
        self._task: asyncio.Task[None] | None = None
        self._speaking: asyncio.Task[None] | None = None

    @property
    def text(self) -> str:
        """What is being spoken now."""
        return self._now.text if self._now is not None else ""

    def announce(self, text: str) -> None:
        """Speak a text as soon as may be."""
        self._add(_Speech(text))

    async def take(self, wish: ReadAloud | PlayRecording) -> None:
        """Read an answer aloud or play what was said as soon as may be, in place of what else is."""
        speech = None
        match wish:
            case ReadAloud(turn_id, text):
                speech = _Speech(text, turn_id)
            case PlayRecording(turn_id) if (recording := self._recording(turn_id)) is not None:
                speech = _Speech(recording.text, turn_id, recording)
        if speech is not None:
            await self.stop_reading()
            self._add(speech)

    async def stop_reading(self) -> bool:
        """End what is read or played; False when nothing is. What waits is dropped too."""
        self._waiting = deque(speech for speech in self._waiting if not speech.turn_id)
        reading = self._now is not None and bool(self._now.turn_id)
        if reading:
            await self.hush()
        return reading

    async def hush(self) -> None:
        """End the text that is being spoken; those that wait are not touched."""
        if self._speaking is not None:
            await cancel(self._speaking)

    async def stop(self) -> None:
        """End all of it."""
        if self._task is not None:
            await cancel(self._task)
        await self.hush()

    def _add(self, speech: _Speech) -> None:
        self._waiting.append(speech)
        if self._task is None or self._task.done():
            self._task = spawn(self._speak_all(), "announcements", self._emit)

    async def _speak_all(self) -> None:
        while self._waiting:
            while (turn := self._turn()) is not None and not turn.done():
                await asyncio.wait([turn])
            if not self._waiting:  # it was dropped meanwhile
                return
            self._speaking = spawn(self._speak(self._waiting.popleft()), "announcement", self._emit)
            await asyncio.wait([self._speaking])

    async def _speak(self, speech: _Speech) -> None:
        self._now = speech
        self._ears.answer_begins(replay=speech.recording is not None)
        if speech.turn_id:
            self._emit(speech.told(speech.turn_id))
        try:
            await self._say(speech.recording or speech.text, speech.turn_id)
        except JarvisError as error:
            if speech.turn_id:  # a text of Jarvis' own is on the screen as well
                self._emit(Failed(error))
        finally:
            self._now = None
            self._ears.answer_ends()
            if speech.turn_id:
                self._emit(speech.told(""))
