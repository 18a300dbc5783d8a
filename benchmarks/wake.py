"""How surely the wake word wakes, how rarely anything else does, and what waiting for it costs.

    .venv/bin/python benchmarks/wake.py [--audio DIR] [--models DIR] [--calls N] [--threshold T]

Everything goes through the gate and the hearing process as in the program. The recordings of ../shared/audio
are of people; the calls are synthesised (voices, speeds 0.8 to 1.3, rooms, noise of 5 to 20 dB, levels from 0
to -40 dBFS) and marked so. CPU is processor time of this process (the gate) and of the hearing process as a
share of the sound's length; "idle" is what waiting costs where nobody speaks.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.wake_sounds import Speaker, scene, voices  # noqa: E402
from jarvis_desktop.audio.files import read_audio  # noqa: E402
from jarvis_desktop.audio.hearing import Hearing  # noqa: E402
from jarvis_desktop.audio.wake_gate import WakeGate  # noqa: E402
from jarvis_desktop.config.schema import Listening, Wake  # noqa: E402
from jarvis_desktop.ports import SAMPLE_RATE, AudioBlock, Samples, WakeHeard  # noqa: E402

BLOCK = SAMPLE_RATE // 50
CALLS = ("Hey Jarvis", "Hey, Jarvis!", "Hey Jarvis.")
NEAR = ("Jarvis", "Jarvis!", "Hey Travis", "Hey Marvin", "Hey Charles", "Thanks Jarvis", "Ask Jarvis")
QUIET_KINDS = {"silence", "noise", "music", "babble"}


@dataclass
class Row:
    """One line of the table."""

    clips: int = 0
    woken: int = 0  # clips that woke at least once
    alarms: int = 0
    seconds: float = 0.0
    own_cpu: float = 0.0
    child_cpu: float = 0.0
    late: list[float] = field(default_factory=list)  # of `WakeHeard.end` against the true end, where known
    missed: list[str] = field(default_factory=list)

    def line(self, name: str) -> str:
        late = f"{1000 * statistics.median(self.late):+5.0f}" if self.late else "     "
        return (
            f"{name:34s} {self.clips:5d} {100 * self.woken / self.clips:6.1f} % {self.alarms:6d} "
            f"{3600 * self.alarms / self.seconds:9.1f} {late}  "
            f"{100 * self.own_cpu / self.seconds:5.2f} % {100 * self.child_cpu / self.seconds:5.2f} %"
        )


@dataclass(frozen=True)
class Clip:
    row: str
    name: str
    samples: Samples
    end: float | None = None  # of the call, in seconds


async def hear(gate: WakeGate, samples: Samples) -> list[WakeHeard]:
    heard: list[WakeHeard] = []
    for at in range(0, len(samples), BLOCK):
        heard += await gate.feed(AudioBlock(samples[at : at + BLOCK], at / SAMPLE_RATE))
    return [*heard, *await gate.finish()]


def recordings(audio: Path) -> Iterator[Clip]:
    silence = np.zeros(SAMPLE_RATE, np.float32)
    for line in (audio / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        samples = read_audio(audio / entry["file"])
        kind = entry["kind"]
        if kind == "wake_near_miss":
            kind = "jarvis alone" if entry["text"] == "jarvis" else "hey + other name"
        elif kind not in QUIET_KINDS and not kind.startswith("wake"):
            kind = f"speech {entry['lang']}"
        yield Clip(kind, entry["file"], np.concatenate((silence, samples, silence)))


def synthesised(audio: Path, piper: Path, count: int) -> Iterator[Clip]:
    """`count` calls and as many near misses."""
    speaker, who = Speaker(piper), voices()
    noises = [read_audio(path) for path in sorted((audio / "noise").glob("*.flac"))]
    for number in range(count):
        for row, texts in (("synthesised: Hey Jarvis", CALLS), ("synthesised: near misses", NEAR)):
            random = np.random.default_rng([number, len(texts)])
            voice, text = who[number % len(who)], str(random.choice(texts))
            said = speaker.say(voice, text, float(random.uniform(0.8, 1.3)))
            sound = scene(number).hear(said, noises[number % len(noises)])
            yield Clip(
                row,
                f"{voice.name} {voice.shift} {text!r} {scene(number)}",
                sound,
                2 + len(said) / SAMPLE_RATE,
            )


async def measure(clips: Iterable[Clip], wake: Wake, hearing: Hearing) -> dict[str, Row]:
    await hearing.load()
    assert hearing.pid is not None
    own, child = psutil.Process(os.getpid()), psutil.Process(hearing.pid)
    rows: dict[str, Row] = {}
    for clip in clips:
        gate = WakeGate(Listening(), wake, hearing.wake_listener())
        before = cpu(own), cpu(child)
        heard = await hear(gate, clip.samples)
        row = rows.setdefault(clip.row, Row())
        row.own_cpu += cpu(own) - before[0]
        row.child_cpu += cpu(child) - before[1]
        row.clips += 1
        row.seconds += len(clip.samples) / SAMPLE_RATE
        row.alarms += len(heard)
        row.woken += bool(heard)
        if heard and clip.end is not None:
            row.late.append(heard[0].end - clip.end)
        row.missed += [clip.name] * (not heard)
    await hearing.unload()
    return rows


def cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--audio", type=Path, default=ROOT.parent / "shared" / "audio")
    parser.add_argument("--models", type=Path, default=ROOT / ".cache" / "jarvis-home" / "models")
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--threshold", type=float, default=Wake().threshold)
    parser.add_argument("--name-alone", action="store_true")
    parser.add_argument("--missed", action="store_true", help="name the calls that did not wake")
    options = parser.parse_args()

    def clips() -> Iterator[Clip]:
        yield from recordings(options.audio)
        yield from synthesised(options.audio, options.models / "piper-en-joe", options.calls)

    wake = Wake(threshold=options.threshold, name_alone=options.name_alone)
    began = time.monotonic()
    rows = asyncio.run(measure(clips(), wake, Hearing(lambda name: options.models / name)))
    print(f"threshold {wake.threshold}, name alone {wake.name_alone}, {time.monotonic() - began:.0f} s")
    print(
        f"{'':34s} {'clips':>5s} {'woken':>8s} {'alarms':>6s} {'per hour':>9s} "
        f"{'ms':>5s}  {'gate':>7s} {'child':>7s}"
    )
    for name, row in rows.items():
        print(row.line(name))
        if options.missed and ("Hey Jarvis" in name or name == "wake_positive"):
            print(*(f"    missed {missed}" for missed in row.missed), sep="\n")


if __name__ == "__main__":
    main()
