"""How often a turn is ended in a pause, and how long its end is waited for.

    .venv/bin/python benchmarks/turn_end.py [--audio DIR] [--models DIR] [--seeds N] [--head FILE] [--sweep]

Turns of `spoken_turns.py` go through the hands-free gate in audio time, each as a session of its own. The
wait is from the annotated last speech sample to the block in which the turn ends, plus the time the judgement
computes. A false cut-off is an end before that sample (less 150 ms: a last breath may be no voice): `pauses`
counts those in inserted pauses, `turns` the turns cut anywhere. With `--head .cache/turns/apart.npy`, which
tools/train_turn_end.py writes, nothing was fitted on the speakers called apart. `--sweep` moves the threshold
of the judgement on them, compares with silence alone (by the same network and by webrtcvad) and draws the
curves.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import statistics
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.spoken_turns import Turn, clips, held_out, turns  # noqa: E402
from jarvis_desktop.audio.silero import SileroVad  # noqa: E402
from jarvis_desktop.audio.smart_turn import SmartTurn  # noqa: E402
from jarvis_desktop.audio.turn_end import Pace  # noqa: E402
from jarvis_desktop.audio.vad import VoiceGate  # noqa: E402
from jarvis_desktop.audio.voicing import CheapLook  # noqa: E402
from jarvis_desktop.config.schema import Listening  # noqa: E402
from jarvis_desktop.ports import SAMPLE_RATE, AudioBlock, Samples, UtteranceEnded  # noqa: E402

BLOCK = SAMPLE_RATE // 50
BREATH_S = 0.15
STOPS_MS = (200, 350, 500, 800, 1200, 1600)
FIRST_SEED = 100  # pauses other than those the classifier was fitted on
SHIFTS = (-1.0, -0.5, 0.0, 0.5, 1.0)  # of the completeness, in log-odds

DEFAULTS = Listening()

Ends = Callable[[Turn], Sequence[float]]


class InProcess:
    """`hearing.Hearing` without its process; remembers what it has judged."""

    def __init__(self, smart_turn: SmartTurn) -> None:
        self._vad, self._smart_turn = SileroVad(), smart_turn
        self._judged: dict[bytes, float] = {}
        self.seconds: list[float] = []  # that judgements took
        self.shift = 0.0

    async def voice(self, samples: Samples, *, fresh: bool = False) -> Sequence[float]:
        if fresh:
            self._vad.reset()
        return self._vad.probabilities(samples)

    async def turn_end(self, samples: Samples) -> float:
        key = samples.tobytes()
        if key not in self._judged:
            began = time.thread_time()
            self._judged[key] = self._smart_turn.completeness(samples)
            self.seconds.append(time.thread_time() - began)
        odds = math.log(self._judged[key] / (1 - self._judged[key])) + self.shift
        return 1 / (1 + math.exp(-odds))


@dataclass
class Tally:
    """Sums over turns."""

    turns: int = 0
    pauses: int = 0
    pauses_cut: int = 0
    turns_cut: int = 0
    waits: list[float] = field(default_factory=list)

    def add(self, turn: Turn, ends: Sequence[float]) -> None:
        early = [end for end in ends if end < turn.end - BREATH_S]
        self.turns += 1
        self.pauses += len(turn.pauses)
        # the gate lags behind the sound: an end may be told just after the pause
        self.pauses_cut += sum(any(a <= end <= b + 0.15 for end in early) for a, b in turn.pauses)
        self.turns_cut += bool(early)
        self.waits += [end - turn.end for end in ends if end >= turn.end - BREATH_S][:1]

    @property
    def cut(self) -> float:
        return 100 * self.pauses_cut / self.pauses

    @property
    def wait(self) -> float:
        return statistics.median(self.waits)

    def __str__(self) -> str:
        tenths = statistics.quantiles(self.waits, n=20)
        return (
            f"{self.turns:4d} turns {self.pauses:4d} pauses | cut: pauses {self.cut:5.1f} % turns "
            f"{100 * self.turns_cut / self.turns:5.1f} % | wait p50 {self.wait:.3f} s p90 {tenths[17]:.2f} s"
        )


def main() -> int:
    options = _arguments()
    found = clips(options.audio, options.models / "whisper-base", ROOT / ".cache" / "turns" / "words.json")
    apart = held_out(found)
    said = [turn for seed in range(options.seeds) for turn in turns(found, FIRST_SEED + seed)]
    folder = options.models / "smart-turn-v3.2"
    judge = InProcess(SmartTurn(folder, options.head) if options.head else SmartTurn(folder))
    for speakers in ("apart", "fitted"):
        for lang in ("en", "es"):
            chosen = [t for t in said if (t.clip.speaker in apart) == (speakers == "apart")]
            tally = measure([t for t in chosen if t.clip.lang == lang], lambda turn: gate_ends(turn, judge))
            computing = statistics.median(judge.seconds)
            tally.waits = [wait + computing for wait in tally.waits]
            print(f"{speakers:6s} {lang} {tally}", flush=True)
    print(f"a judgement computes {1000 * computing:.0f} ms")
    if options.sweep:
        unheard = [turn for turn in said if turn.clip.speaker in apart]
        draw(sweep(unheard, judge, computing), options.picture)
    return 0


def measure(said: Sequence[Turn], ends: Ends) -> Tally:
    """Ends of all these turns."""
    tally = Tally()
    for turn in said:
        tally.add(turn, ends(turn))
    return tally


def gate_ends(turn: Turn, judge: InProcess, settings: Listening = DEFAULTS) -> list[float]:
    """When the hands-free gate ended a turn."""

    async def feed() -> list[float]:
        gate, ends = VoiceGate(settings, judge, Pace()), []
        for at in range(0, len(turn.samples) - BLOCK, BLOCK):
            block = AudioBlock(turn.samples[at : at + BLOCK], at / SAMPLE_RATE)
            if any(isinstance(event, UtteranceEnded) for event in await gate.feed(block)):
                ends.append(block.end)
                if block.end >= turn.end - BREATH_S:
                    break
        return ends

    return asyncio.run(feed())


def webrtc_ends(turn: Turn, stop: float) -> list[float]:
    """When `stop` seconds had passed without voice by webrtcvad (3 of 5 frames voiced)."""
    look, recent, ends = CheapLook(DEFAULTS), deque[bool](maxlen=5), list[float]()
    voiced_until: float | None = None
    for at in range(0, len(turn.samples) - BLOCK, BLOCK):
        for piece in look.feed(AudioBlock(turn.samples[at : at + BLOCK], at / SAMPLE_RATE)):
            recent.append(piece.found)
            if sum(recent) >= 3:
                voiced_until = piece.end
            elif voiced_until is not None and piece.end - voiced_until >= stop:
                ends.append(piece.end)
                voiced_until = None
    return ends or [turn.end + len(turn.samples) / SAMPLE_RATE]


Curve = list[tuple[float, float]]


def sweep(said: Sequence[Turn], judge: InProcess, computing: float) -> dict[str, Curve]:
    """Median wait (s) and false cut-offs (%) of each way, from eager to patient."""
    curves: dict[str, Curve] = {"webrtcvad, silence alone": [], "Silero, silence alone": [], "Jarvis": []}

    def point(name: str, setting: str, tally: Tally, computed: float = 0.0) -> None:
        curves[name].append((tally.wait + computed, tally.cut))
        print(f"{name:25s} {setting:8s} {tally}", flush=True)

    for stop in STOPS_MS:
        of = Listening(judge_turn_end=False, stop_ms=stop)
        stop_s = stop / 1000
        point("webrtcvad, silence alone", f"{stop} ms", measure(said, lambda t, s=stop_s: webrtc_ends(t, s)))
        silero = measure(said, lambda t, of=of: gate_ends(t, judge, of))
        point("Silero, silence alone", f"{stop} ms", silero)
    for judge.shift in SHIFTS:
        tally = measure(said, lambda t: gate_ends(t, judge))
        point("Jarvis", f"{judge.shift:+.2f}", tally, computing)
    return curves


WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 440, 70, 50, 720, 380
MOST_S, MOST_CUT = 2.0, 100.0
INK, FAINT = "#1f2328", "#6e7781"
COLOURS = {"Jarvis": "#0a7d5a", "Silero, silence alone": "#57606a", "webrtcvad, silence alone": "#b08800"}


def draw(curves: dict[str, Curve], file: Path) -> None:
    """Write the picture."""

    def x(wait: float) -> float:
        return LEFT + min(wait, MOST_S) / MOST_S * (RIGHT - LEFT)

    def y(cut: float) -> float:
        return BOTTOM - cut / MOST_CUT * (BOTTOM - TOP)

    parts = [
        f'<rect x="{LEFT}" y="{y(10):.0f}" width="{x(0.5) - LEFT:.0f}" height="{BOTTOM - y(10):.0f}" '
        f'fill="#0a7d5a" opacity="0.12"/>',
        f'<text x="{LEFT}" y="26" fill="{INK}" font-weight="600">Turns cut off in a pause, '
        "against waiting for their end</text>",
    ]
    for cut in range(0, 101, 20):
        parts.append(f'<path d="M{LEFT} {y(cut):.0f}H{RIGHT}" stroke="#d8dee4"/>')
        parts.append(
            f'<text x="{LEFT - 8}" y="{y(cut) + 4:.0f}" text-anchor="end" fill="{FAINT}">{cut} %</text>'
        )
    for tenth in range(0, 21, 5):
        label = f'<text x="{x(tenth / 10):.0f}" y="{BOTTOM + 18}" text-anchor="middle" fill="{FAINT}">'
        parts.append(f"{label}{tenth / 10} s</text>")
    for number, (name, curve) in enumerate(reversed(curves.items())):
        colour, shown = COLOURS[name], [(x(wait), y(cut)) for wait, cut in curve if wait <= MOST_S]
        line = " ".join(f"{a:.1f},{b:.1f}" for a, b in shown)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="{colour}"/>' for a, b in shown]
        parts.append(f'<text x="{RIGHT - 220}" y="{TOP + 20 + 20 * number}" fill="{colour}">● {name}</text>')
    foot = (
        "Across: median wait after the last word. Up: pauses (0.3 to 1.5 s) taken for the end. Shaded: aim."
    )
    parts.append(f'<text x="{LEFT}" y="{HEIGHT - 18}" fill="{FAINT}">{foot}</text>')
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'style="font-family:system-ui,sans-serif;font-size:13px"><title>Turn ends</title>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>{"".join(parts)}</svg>\n',
        encoding="utf-8",
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--audio", type=Path, default=ROOT.parent / "shared" / "audio")
    parser.add_argument("--models", type=Path, default=ROOT / ".cache" / "jarvis-home" / "models")
    parser.add_argument("--seeds", type=int, default=3, help="sets of pauses for each recording")
    parser.add_argument("--head", type=Path, help="another classifier than the one that ships")
    parser.add_argument("--sweep", action="store_true")
    parser.add_argument("--picture", type=Path, default=ROOT / "docs" / "pictures" / "turn-end.svg")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
