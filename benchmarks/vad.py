"""How much speech the voice gate lets through, and how much of everything else.

    .venv/bin/python benchmarks/vad.py [--audio DIR] [--models DIR] [--mode 0..3]

Each recording of ../shared/audio is fed hands-free between two seconds of silence. What is speech in it is
told by the times of the words that Whisper hears. Per kind of recording: recall = share of the words' time
inside an utterance; passed = share of the recording inside one; late = seconds from the end of the last word
to the gate's own last voiced sample (median); asked = share of the time for which the networks were asked.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.spoken_turns import Word, clips  # noqa: E402
from benchmarks.turn_end import InProcess  # noqa: E402
from jarvis_desktop.audio.files import read_audio  # noqa: E402
from jarvis_desktop.audio.smart_turn import SmartTurn  # noqa: E402
from jarvis_desktop.audio.turn_end import Pace  # noqa: E402
from jarvis_desktop.audio.vad import VoiceGate  # noqa: E402
from jarvis_desktop.config.schema import Listening  # noqa: E402
from jarvis_desktop.ports import (  # noqa: E402
    SAMPLE_RATE,
    AudioBlock,
    Samples,
    UtteranceEnded,
    VoiceContinued,
    VoiceEvent,
    VoiceStarted,
)

PAD_S = 2.0


@dataclass
class Tally:
    """Sums over the recordings of one kind."""

    files: int = 0
    with_utterance: int = 0
    utterances: int = 0
    samples: int = 0
    passed: int = 0
    speech: int = 0
    speech_passed: int = 0
    asked: int = 0
    late: list[float] = field(default_factory=list)

    def as_json(self) -> dict[str, float | int | None]:
        return {
            "files": self.files,
            "with_utterance": self.with_utterance,
            "utterances": self.utterances,
            "recall": round(self.speech_passed / self.speech, 4) if self.speech else None,
            "passed": round(self.passed / self.samples, 4),
            "asked": round(self.asked / (self.samples + self.files * 2 * PAD_S * SAMPLE_RATE), 3),
            "late_s": round(statistics.median(self.late), 2) if self.late else None,
        }


def main() -> int:
    options = _arguments()
    manifest = (options.audio / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    words = {
        clip.name: clip.words
        for clip in clips(options.audio, options.models / "whisper-base", ROOT / ".cache/turns/words.json")
    }
    judge = Counting(SmartTurn(options.models / "smart-turn-v3.2"))
    tallies: dict[str, Tally] = defaultdict(Tally)
    seconds = compute = 0.0
    for entry in map(json.loads, filter(None, manifest)):
        sound = read_audio(options.audio / entry["file"])
        began = time.process_time()
        found = asyncio.run(utterances(sound, Listening(vad_mode=options.mode), judge))
        compute += time.process_time() - began
        seconds += len(sound) / SAMPLE_RATE + 2 * PAD_S
        tally = tallies[f"{entry['kind']} {entry['lang']}".strip()]
        count(tally, sound, found, words.get(Path(entry["file"]).stem, ()))
        tally.asked, judge.samples = tally.asked + judge.samples, 0
    table = {kind: tally.as_json() for kind, tally in sorted(tallies.items())}
    print(json.dumps({"kinds": table, "compute_ms_per_second": round(1000 * compute / seconds, 2)}, indent=1))
    return 0


class Counting(InProcess):
    """Counts the samples it is asked about."""

    samples = 0

    async def voice(self, samples: Samples, *, fresh: bool = False) -> Sequence[float]:
        self.samples += len(samples)
        return await super().voice(samples, fresh=fresh)


async def utterances(sound: Samples, settings: Listening, judge: InProcess) -> list[tuple[int, int, float]]:
    """First sample, sample after the last, and time of the last voiced sample, counted in the recording."""
    gate, pad = VoiceGate(settings, judge, Pace()), np.zeros(round(PAD_S * SAMPLE_RATE), dtype=np.float32)
    padded = np.concatenate((pad, sound, pad))
    events: list[VoiceEvent] = []
    for at in range(0, len(padded), 320):
        events += await gate.feed(AudioBlock(padded[at : at + 320], at / SAMPLE_RATE - PAD_S))
    events += await gate.finish()
    found, start, length = [], 0.0, 0
    for event in events:
        match event:
            case VoiceStarted():
                start, length = event.start, len(event.samples)
            case VoiceContinued():
                length += len(event.samples)
            case UtteranceEnded():
                first = round(start * SAMPLE_RATE)
                found.append((first, first + length, event.end))
    return found


def count(tally: Tally, sound: Samples, found: list[tuple[int, int, float]], words: Sequence[Word]) -> None:
    """Add one recording."""
    inside = np.zeros(len(sound), dtype=bool)
    for first, after, _ in found:
        inside[max(0, first) : max(0, after)] = True
    speech = np.zeros(len(sound), dtype=bool)
    for word in words:
        speech[round(word.start * SAMPLE_RATE) : round(word.end * SAMPLE_RATE)] = True
    tally.files += 1
    tally.with_utterance += bool(found)
    tally.utterances += len(found)
    tally.samples += len(sound)
    tally.passed += int(inside.sum())
    tally.speech += int(speech.sum())
    tally.speech_passed += int((inside & speech).sum())
    if found and words:
        tally.late.append(found[-1][2] - words[-1].end)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--audio", type=Path, default=ROOT.parent / "shared" / "audio")
    parser.add_argument("--models", type=Path, default=ROOT / ".cache" / "jarvis-home" / "models")
    parser.add_argument("--mode", type=int, choices=range(4), default=Listening().vad_mode)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
