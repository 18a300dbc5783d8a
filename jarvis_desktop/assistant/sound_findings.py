"""Why words are heard or not: what the microphone gave so far, judged step by step."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

import numpy as np

from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    Finding,
    Loudness,
    PartState,
    Remark,
    Remedy,
    SoundStep,
    StepFound,
    SystemMicrophone,
)
from jarvis_desktop.ports import AudioBlock, Samples, Transcript

QUIET_DBFS = -35.0
"""Words whose peaks stay below this are hard to tell from the room; close speech reaches -20 and more."""

SILENT_DBFS = -90.0
"""The noise of the quietest microphone is above this; what is muted is below."""

WINDOW_SECONDS = 2.0
"""Sound that the level is judged by: the pauses within a sentence are shorter."""

SILENT_SECONDS = 1.0
"""So much digital silence is no gap of a device that begins."""

PATIENCE_SECONDS = 6.0
"""Who was asked to speak has done so by then; before, nothing is wrong yet."""


class SoundFindings:
    """What one open microphone gave. `clipped` tells whether sound is cut off."""

    def __init__(self, clipped: Callable[[Samples], bool]) -> None:
        self._clipped = clipped
        self._recent: deque[tuple[AudioBlock, float]] = deque()  # with their peaks
        self._sounded = 0.0  # seconds of sound that was loud enough for words
        self._seconds = 0.0
        self._loudest = -120.0
        self.name = ""  # of the microphone, once it is open
        self.device_error: JarvisError | None = None
        self.voice_error: JarvisError | None = None
        self.microphones: Sequence[SystemMicrophone] = ()
        self.voice = False  # somebody speaks now
        self.spoken = False  # somebody has spoken
        self.transcript: Transcript | None = None

    def hear(self, block: AudioBlock) -> None:
        """Take in one more block."""
        peak = block.peak_dbfs
        self._recent.append((block, peak))
        while block.end - self._recent[0][0].start > WINDOW_SECONDS:
            self._recent.popleft()
        self._seconds += block.end - block.start
        self._loudest = max(self._loudest, peak)
        if peak > QUIET_DBFS:
            self._sounded += block.end - block.start

    @property
    def loudness(self) -> Loudness:
        """Of the last seconds."""
        peak = max((peak for _, peak in self._recent), default=SILENT_DBFS)
        if peak <= SILENT_DBFS:
            return Loudness.NOTHING
        if self._clipped(np.concatenate([block.samples for block, _ in self._recent])):
            return Loudness.CLIPPED
        return Loudness.GOOD if peak > QUIET_DBFS else Loudness.QUIET

    def steps(self, config: Config, transcriber: PartState | None) -> tuple[StepFound, ...]:
        """Every step in its order; behind one that is wrong, those that need it are not known."""
        found = [self._device(config), self._allowed(), self._level(), self._voice(config)]
        for number, step in enumerate(found):
            if step.finding is Finding.WRONG:
                found[number + 1 :] = [_unknown(later.step) for later in found[number + 1 :]]
        return (*found, _transcriber(transcriber), self._language(config))

    def _used(self) -> SystemMicrophone | None:
        return next((each for each in self.microphones if each.in_use), None)

    def _device(self, config: Config) -> StepFound:
        step, error = SoundStep.DEVICE, self.device_error
        if error is not None:
            remedy = Remedy.DEFAULT_DEVICE if config.audio.input_device else Remedy.LOOK_AGAIN
            return StepFound(step, Finding.WRONG, error=error, remedy=remedy)
        if not self.name:
            return _unknown(step)
        used = self._used() if not config.audio.input_device else None
        return StepFound(
            step, Finding.RIGHT, Remark("{name} is open.", {"name": used.name if used else self.name})
        )

    def _allowed(self) -> StepFound:
        step = SoundStep.ALLOWED
        used = self._used()
        if used is not None and used.muted:
            return StepFound(
                step,
                Finding.WRONG,
                Remark("{name} is muted in the system, or its volume is zero.", {"name": used.name}),
                Remark("Unmute it here or in the sound settings of your system."),
                Remedy.UNMUTE,
            )
        if self._loudest > SILENT_DBFS:
            return StepFound(step, Finding.RIGHT)
        if self._seconds < SILENT_SECONDS:
            return _unknown(step)
        return StepFound(
            step,
            Finding.WRONG,
            Remark("Nothing but digital silence arrives: the microphone is muted, or another one is meant."),
            Remark(
                "Look for a mute switch on the microphone, and for Jarvis in the privacy settings of your "
                "system; or choose another microphone above."
            ),
            Remedy.LOOK_AGAIN,
        )

    def _level(self) -> StepFound:
        step, loudness = SoundStep.LEVEL, self.loudness
        if loudness is Loudness.CLIPPED:
            return StepFound(
                step,
                Finding.WRONG,
                Remark("Too loud: the sound is cut off."),
                Remark("Turn the microphone down in the sound settings, or speak from farther away."),
            )
        if self._sounded > 0.0:
            return StepFound(step, Finding.RIGHT)
        if self._seconds < PATIENCE_SECONDS:
            return StepFound(step, Finding.UNKNOWN, Remark("Say a few words."))
        return StepFound(
            step,
            Finding.WRONG,
            Remark("Too quiet: nothing was loud enough for words. Say a few."),
            Remark("Turn the microphone up in the sound settings, come closer, or choose another one above."),
        )

    def _voice(self, config: Config) -> StepFound:
        step, gate = SoundStep.VOICE, config.listening.energy_gate_dbfs
        if self.voice_error is not None:
            return StepFound(step, Finding.WRONG, error=self.voice_error, remedy=Remedy.LOOK_AGAIN)
        if self.spoken:
            return StepFound(step, Finding.RIGHT)
        if self._sounded < WINDOW_SECONDS:
            return StepFound(step, Finding.UNKNOWN, Remark("Say a few words."))
        level = Remark("There is sound, and nothing of it was taken for speech.")
        if gate > type(config.listening).model_fields["energy_gate_dbfs"].default:
            return StepFound(
                step,
                Finding.WRONG,
                level,
                Remark("Sound below {gate} dBFS never counts as speech: lower that level.", {"gate": gate}),
                Remedy.LOWER_GATE,
            )
        return StepFound(
            step, Finding.WRONG, level, Remark("Speak nearer to the microphone, away from music and fans.")
        )

    def _language(self, config: Config) -> StepFound:
        step, wanted, heard = SoundStep.LANGUAGE, config.transcription.language, self.transcript
        fixed = wanted != "auto"
        if heard is None:
            told = Remark("Record three seconds below, and see what is understood.")
            return StepFound(step, Finding.UNKNOWN, told)
        if heard.text and not heard.guessed:
            return StepFound(step, Finding.RIGHT)
        told = Remark("Hardly anything was understood of the recording.")
        hint = Remark("Speak a whole sentence, and record again.")
        if fixed:
            hint = Remark("Jarvis is set to one language only. Let it find out which one you speak.")
        return StepFound(step, Finding.WRONG, told, hint, Remedy.ANY_LANGUAGE if fixed else Remedy.NONE)


def _transcriber(state: PartState | None) -> StepFound:
    step = SoundStep.TRANSCRIBER
    match state:
        case PartState.READY | PartState.STOPPED:  # what gave its memory back loads when it is needed
            return StepFound(step, Finding.RIGHT)
        case PartState.LOADING:
            return StepFound(step, Finding.UNKNOWN, Remark("Speech recognition is loading."))
        case PartState.ABSENT:
            return StepFound(
                step,
                Finding.WRONG,
                Remark("The model for speech recognition is not on this machine."),
                Remark("Download it, and load it again."),
                Remedy.LOAD,
            )
        case PartState.FAILED:
            return StepFound(
                step,
                Finding.WRONG,
                Remark("Speech recognition could not be loaded."),
                Remark("Load it again; the status panel says why it failed."),
                Remedy.LOAD,
            )
    return _unknown(step)


def _unknown(step: SoundStep) -> StepFound:
    return StepFound(step, Finding.UNKNOWN)
