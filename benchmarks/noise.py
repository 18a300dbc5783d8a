"""What Jarvis makes of noise and music that nobody speaks in: hopefully nothing.

    .venv/bin/python benchmarks/noise.py [--minutes 10] [--audio DIR] [--home DIR]

All recordings of noise and music, as they are, 20 dB quieter, and two at a time, follow each other without a
pause, in an order of chance, through the whole hands-free pipeline (`jarvis listen`), faster than real time.
Counts the turns that began and the words that were written. Background voices (babble) are counted apart.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from jarvis_desktop.bench.stt import read_manifest  # noqa: E402
from jarvis_desktop.ports import SAMPLE_RATE, Samples  # noqa: E402


def mixture(sounds: list[Samples], seconds: float, seed: int = 0) -> Samples:
    """A long recording of them."""
    dice = np.random.default_rng(seed)
    pieces: list[Samples] = []
    while sum(map(len, pieces)) < seconds * SAMPLE_RATE:
        sound, other = (sounds[i] for i in dice.integers(len(sounds), size=2))
        match dice.integers(3):
            case 0:
                pieces.append(sound)
            case 1:
                pieces.append(sound * np.float32(0.1))
            case _:
                pieces.append(np.float32(0.5) * (sound + np.resize(other, len(sound))))
    return np.concatenate(pieces)[: round(seconds * SAMPLE_RATE)]


def listen(home: Path, sound: Samples) -> tuple[int, list[str]]:
    """How many turns began, and what was written."""
    with tempfile.TemporaryDirectory(prefix="jarvis-bench-") as folder:
        file = Path(folder) / "noise.wav"
        soundfile.write(file, sound, SAMPLE_RATE)
        command = [sys.executable, "-m", "jarvis_desktop", "--home", str(home), "--json", "listen"]
        done = subprocess.run(
            [*command, "--from", str(file), "--pace", "none"],
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    begun = sum(event["event"] == "speech_started" for event in events)
    return begun, [event["text"] for event in events if event["event"] == "final"]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--audio", type=Path, default=ROOT.parent / "shared" / "audio")
    parser.add_argument("--home", type=Path, default=ROOT / ".cache" / "jarvis-home", help="with the models")
    options = parser.parse_args()
    print("| sound | minutes | turns begun | words | what was written |")
    print("|---|---|---|---|---|")
    for name, kinds, minutes in (
        ("noise and music", ("noise", "music"), options.minutes),
        ("background voices", ("babble",), options.minutes / 10),
    ):
        sounds = [clip.samples() for clip in read_manifest(options.audio, ("",), kinds)]
        begun, written = listen(options.home, mixture(sounds, 60 * minutes))
        words = sum(len(text.split()) for text in written)
        print(f"| {name} | {minutes:g} | {begun} | {words} | {' / '.join(written)} |", flush=True)


if __name__ == "__main__":
    main()
