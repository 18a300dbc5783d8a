"""How much speech the voice gate lets through, and how much of everything else.

    .venv/bin/python benchmarks/vad.py [--audio DIR] [--mode 0..3]

Each recording of ../shared/audio is fed hands-free between two seconds of silence. What is speech in it is
judged by an independent detector, Silero's network (part of faster-whisper). Per kind of recording:
recall = share of that speech inside an utterance; passed = share of the recording inside one; late = seconds
from the end of the last speech to the gate's own last voiced sample (median).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from faster_whisper.vad import get_speech_timestamps

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from jarvis_desktop.audio.files import read_audio  # noqa: E402
from jarvis_desktop.audio.vad import VoiceGate  # noqa: E402
from jarvis_desktop.config.schema import Listening  # noqa: E402
from jarvis_desktop.ports import (  # noqa: E402
    SAMPLE_RATE,
    AudioBlock,
    Samples,
    UtteranceEnded,
    VoiceContinued,
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
    late: list[float] = field(default_factory=list)

    def as_json(self) -> dict[str, float | int | None]:
        return {
            "files": self.files,
            "with_utterance": self.with_utterance,
            "utterances": self.utterances,
            "recall": round(self.speech_passed / self.speech, 4) if self.speech else None,
            "passed": round(self.passed / self.samples, 4),
            "late_s": round(statistics.median(self.late), 2) if self.late else None,
        }


def main() -> int:
    options = _arguments()
    manifest = (options.audio / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    tallies: dict[str, Tally] = defaultdict(Tally)
    seconds = compute = 0.0
    for entry in map(json.loads, filter(None, manifest)):
        sound = read_audio(options.audio / entry["file"])
        began = time.process_time()
        found = asyncio.run(utterances(sound, Listening(vad_mode=options.mode)))
        compute += time.process_time() - began
        seconds += len(sound) / SAMPLE_RATE + 2 * PAD_S
        count(tallies[f"{entry['kind']} {entry['lang']}".strip()], sound, found)
    table = {kind: tally.as_json() for kind, tally in sorted(tallies.items())}
    print(json.dumps({"kinds": table, "compute_ms_per_second": round(1000 * compute / seconds, 2)}, indent=1))
    return 0


async def utterances(sound: Samples, settings: Listening) -> list[tuple[int, int, float]]:
    """First sample, sample after the last, and time of the last voiced sample, counted in the recording."""
    gate, pad = VoiceGate(settings), np.zeros(round(PAD_S * SAMPLE_RATE), dtype=np.float32)
    padded = np.concatenate((pad, sound, pad))
    found, start, length = [], 0.0, 0
    for at in range(0, len(padded), 320):
        for event in await gate.feed(AudioBlock(padded[at : at + 320], at / SAMPLE_RATE - PAD_S)):
            match event:
                case VoiceStarted():
                    start, length = event.start, len(event.samples)
                case VoiceContinued():
                    length += len(event.samples)
                case UtteranceEnded():
                    first = round(start * SAMPLE_RATE)
                    found.append((first, first + length, event.end))
    return found


def count(tally: Tally, sound: Samples, found: list[tuple[int, int, float]]) -> None:
    """Add one recording."""
    inside = np.zeros(len(sound), dtype=bool)
    for first, after, _ in found:
        inside[max(0, first) : max(0, after)] = True
    speech = np.zeros(len(sound), dtype=bool)
    spans = get_speech_timestamps(sound, speech_pad_ms=0, min_silence_duration_ms=100)
    for span in spans:
        speech[span["start"] : span["end"]] = True
    tally.files += 1
    tally.with_utterance += bool(found)
    tally.utterances += len(found)
    tally.samples += len(sound)
    tally.passed += int(inside.sum())
    tally.speech += int(speech.sum())
    tally.speech_passed += int((inside & speech).sum())
    if found and spans:
        tally.late.append(found[-1][2] - spans[-1]["end"] / SAMPLE_RATE)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--audio", type=Path, default=ROOT.parent / "shared" / "audio")
    parser.add_argument("--mode", type=int, choices=range(4), default=Listening().vad_mode)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
