"""How soon a spoken answer stops when somebody talks into it, on loudspeakers that leak into the microphone.

    .venv/bin/python benchmarks/barge_in.py [--takes N] [--home DIR] [--audio DIR]

A story is told through a virtual sound card whose loudspeaker leaks into its microphone at -20 and -6 dB.
After some seconds another person's sentence is played into the microphone. Both sides of the card are
recorded: `silent after` is from the first sound of that sentence in the microphone to the last sound of the
loudspeaker, `words off` by how many the kept text is longer or shorter than what was played, by its
transcription. `by itself` counts pauses before anybody spoke. Needs PulseAudio, the starter models and
../shared/audio.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from jarvis_desktop.audio.files import read_audio  # noqa: E402
from jarvis_desktop.bench.streaming import voiced_stretches  # noqa: E402
from jarvis_desktop.bench.stt import read_manifest  # noqa: E402
from jarvis_desktop.events import Interrupted, PlaybackPaused, PlaybackResumed  # noqa: E402
from jarvis_desktop.ports import SAMPLE_RATE, Samples  # noqa: E402
from tests.e2e.sound import MICROPHONE, SoundCard, place, virtual_sound_card  # noqa: E402
from tests.e2e.storyteller import storyteller  # noqa: E402
from tests.e2e.transcripts import transcribe, words_apart  # noqa: E402

LEAKS_DB = (-20.0, -6.0)
AUDIBLE = 1e-3  # -60 dBFS
GAP_S = 0.6  # longer than any pause of the voice
BREATH_S = 0.1  # a network that finds voices is late by less


@dataclass(frozen=True)
class Take:
    """One interruption."""

    silent_after: float
    words: int
    by_itself: int
    resumed: int


def take(card: SoundCard, leak: float, spoken: Path, home: Path) -> Take:
    """Interrupt one story with the recording `spoken`, which begins with its first sound."""

    async def scenario() -> tuple[str, int, int]:
        with tempfile.TemporaryDirectory(prefix="jarvis-bench-") as folder:
            async with storyteller(home, Path(folder)) as witness:
                await asyncio.sleep(4.0)
                before = len(witness.of(PlaybackPaused))
                player = await asyncio.to_thread(card.speak, spoken)
                interrupted = await witness.next(Interrupted)
                ended.append(time.monotonic())
                await asyncio.to_thread(player.wait)
                resumed = len(witness.of(PlaybackResumed))
        return interrupted.kept_text, before, resumed - before

    ended: list[float] = []
    with (
        card.leak(leak),
        card.recording(rate=SAMPLE_RATE) as played,
        card.recording(rate=SAMPLE_RATE, device=MICROPHONE) as heard,
    ):
        kept, before, resumed = asyncio.run(scenario())
    begun = heard.began + place(read_audio(spoken), heard.samples) / SAMPLE_RATE
    loud = np.flatnonzero(np.abs(played.samples) > AUDIBLE) / SAMPLE_RATE + played.began
    after = loud[loud > begun - GAP_S]
    breaks = np.flatnonzero(np.diff(after) > GAP_S)
    silent = float(after[breaks[0]] if len(breaks) else after[-1]) - begun
    until = played.samples[: round((ended[0] - played.began) * SAMPLE_RATE)]
    return Take(silent, words_apart(kept, transcribe(home, until)), before, resumed)


def _first_sound(samples: Samples) -> int:
    """Sample at which the voice begins; a breath or a click before it is none."""
    voice = (voiced_stretches(samples)[0][0] - BREATH_S) * SAMPLE_RATE
    loud = np.flatnonzero(np.abs(samples) > 0.1 * np.abs(samples).max())
    return int(loud[loud >= voice][0])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--takes", type=int, default=8, help="at each of the two levels")
    parser.add_argument("--home", type=Path, default=ROOT / ".cache" / "jarvis-home", help="with the models")
    parser.add_argument("--audio", type=Path, default=ROOT.parent / "shared" / "audio")
    options = parser.parse_args()
    sentences = read_manifest(options.audio, ("en", "es"), ("read",))
    chosen = sentences[:: max(1, len(sentences) // options.takes)][: options.takes]
    print("| leak | takes | silent after p50 / worst | words off: 0, 1, more | by itself | resumed |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="jarvis-bench-") as folder, virtual_sound_card() as card:
        os.environ.update(card.env)
        for leak in LEAKS_DB:
            takes = []
            for number, clip in enumerate(chosen):
                samples = clip.samples()
                first = _first_sound(samples)
                spoken = Path(folder) / f"{number}.wav"
                soundfile.write(spoken, samples[first:], SAMPLE_RATE)
                takes.append(take(card, leak, spoken, options.home))
                print(f"{leak:.0f} dB {clip.path.stem}: {takes[-1]}", file=sys.stderr, flush=True)
            silent = [1000 * one.silent_after for one in takes]
            off = [min(one.words, 2) for one in takes]
            print(
                f"| {leak:.0f} dB | {len(takes)} | {np.median(silent):.0f} / {max(silent):.0f} ms "
                f"| {off.count(0)}, {off.count(1)}, {off.count(2)} | {sum(one.by_itself for one in takes)} "
                f"| {sum(one.resumed for one in takes)} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
