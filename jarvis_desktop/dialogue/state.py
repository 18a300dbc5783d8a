"""Where the dialogue stands."""

from __future__ import annotations

from dataclasses import dataclass

from jarvis_desktop.events import EarMode, Phase, SubmitText


@dataclass(frozen=True, slots=True)
class State:
    """Where the dialogue stands. `turn` numbers the latest turn; `waiting` are questions typed meanwhile.

    `barge_in`: the ears stay open while an answer is given. `paused`: its speech waits, because the user
    seems to be speaking. `overheard`: something said during the answer is being transcribed. `unheard`: a
    spoken question of whose answer nothing was heard yet; what is said into it belongs to it.
    """

    phase: Phase = Phase.IDLE
    turn: int = 0
    hands_free: bool = False
    wake_word: bool = False
    awake: bool = False  # the wake word was heard
    barge_in: bool = False
    paused: bool = False
    overheard: bool = False
    unheard: str = ""
    deaf: bool = False  # the microphone was lost, and is not back
    held: bool = False
    dictating: bool = False  # what is being said is to be typed
    muted: bool = False
    transcribing: bool = False
    open_ears: EarMode | None = None  # how the ears listen now; kept by `step` from the commands it gives
    waiting: tuple[SubmitText, ...] = ()

    @property
    def ear_mode(self) -> EarMode | None:
        """How to listen when nothing is under way; None: not at all."""
        if self.deaf:
            return None
        if self.hands_free:
            return EarMode.HANDS_FREE
        if self.wake_word:
            return EarMode.AWAKE if self.awake else EarMode.WAKE
        return None

    @property
    def ears_open(self) -> bool:
        return self.open_ears is not None

    @property
    def answering(self) -> bool:
        """A turn is under way (the question is text already)."""
        return self.phase in (Phase.REPLYING, Phase.SPEAKING) or (
            self.phase is Phase.THINKING and not self.transcribing
        )
