"""The utterances that a voice detector tells of."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from jarvis_desktop.ports import Samples, UtteranceEnded, VoiceContinued, VoiceEvent, VoiceStarted


def utterances(events: Iterable[VoiceEvent]) -> list[tuple[float, Samples, UtteranceEnded]]:
    """Start, audio and end of each utterance."""
    found: list[tuple[float, Samples, UtteranceEnded]] = []
    start, pieces = 0.0, list[Samples]()
    for event in events:
        match event:
            case VoiceStarted():
                start, pieces = event.start, [event.samples]
            case VoiceContinued():
                pieces.append(event.samples)
            case UtteranceEnded():
                found.append((start, np.concatenate(pieces), event))
    return found
