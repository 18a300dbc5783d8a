"""Train the layer that tells "Hey Jarvis" from "Jarvis": resources/wake_word.npz.

    .venv/bin/python tools/train_wake_word.py [--audio DIR] [--models DIR] [--hold-out] [--to FILE]

Calls are synthesised (Piper and espeak-ng voices, rooms, noise, levels), and "hey" is put before people's
"jarvis". Against them stand the same voices and people saying "jarvis" alone or after other words, other
names after "hey", and all other speech and noise of ../shared/audio. No recording of a person calling "Hey
Jarvis" is trained on: those are for measuring. `--hold-out` trains on half of the voices and people and
reports on the rest.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.wake_sounds import Scene, Speaker, Voice, scene, voices  # noqa: E402
from jarvis_desktop.audio.files import read_audio  # noqa: E402
from jarvis_desktop.audio.wake_word import LOUDNESS, STEP, Network, WakeWord  # noqa: E402
from jarvis_desktop.ports import SAMPLE_RATE, Samples  # noqa: E402

CALLS = (
    "Hey Jarvis", "Hey Jarvis!", "Hey Jarvis.", "Hey, Jarvis!", "Hey, Jarvis.", "Hey Jarvis what time is it",
    "Hey Jarvis, turn on the kitchen lights", "Okay. Hey Jarvis.", "So I said. Hey Jarvis?",
)  # fmt: skip
NAME = ("Jarvis", "Jarvis!", "Jarvis what time is it", "Jarvis, turn on the kitchen lights")
OTHER = (
    "ask Jarvis", "my Jarvis", "the Jarvis", "thanks Jarvis", "Is Jarvis there", "a Jarvis", "Mister Jarvis",
    "Hey Travis", "Hey Marvin", "hey service", "Hey Charles", "hey harvest", "they starve us", "hey Jasper",
    "hey Siri", "Hey Mycroft", "Hey Computer", "a jar of his", "Travis", "Hey job is", "hey jar", "Hey",
)  # fmt: skip
HIDDEN, EPOCHS, BATCH, RATE, DECAY = 24, 40, 256, 1e-3, 1e-2


@dataclass(frozen=True)
class Example:
    """One sound: the windows of all its steps, and openWakeWord's score of each."""

    windows: NDArray[np.float32]
    name: NDArray[np.float32]
    call: bool
    what: str
    who: str

    def chosen(self) -> NDArray[np.float32]:
        """The windows to learn from: around the end of the word; of what is no call any others as well."""
        peak = int(np.argmax(self.name))
        if self.call:
            return self.windows[max(0, peak - 1) : peak + 3]
        steps = set(range(max(0, peak - 2), min(len(self.name), peak + 4)))
        steps.update(np.flatnonzero(self.name > 0.02).tolist())
        steps.update(np.random.default_rng(0).integers(0, len(self.name), 30).tolist())
        return self.windows[sorted(steps)]


class Sounds:
    """All examples; `draws` is how many scenes each voice and person is heard in."""

    def __init__(self, audio: Path, models: Path, draws: int) -> None:
        self._audio, self._draws = audio, draws
        self._listener = WakeWord(models / "hey-jarvis")
        self._speaker = Speaker(models / "piper-en-joe")
        self._random = np.random.default_rng(1)
        lines = (audio / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
        self._entries = [json.loads(line) for line in lines]
        self._noises = [self._read(e) for e in self._entries if e["kind"] in {"noise", "music", "babble"}]
        self._speech = [self._read(e) for e in self._entries if e["kind"] in {"read", "command"}]
        self._scenes = 0

    def examples(self) -> Iterator[Example]:
        yield from self._synthesised()
        for entry in self._entries:
            if entry["kind"] == "wake_near_miss" and entry["text"] == "jarvis":
                yield from self._around_the_name(entry)
            else:
                call = entry["kind"] == "wake_positive"
                what = "RECORDED call" if call else "other recording"
                for place in [Scene(), self._scene()]:
                    yield self._heard(self._read(entry), call, what, entry["speaker"] or entry["file"], place)

    def _synthesised(self) -> Iterator[Example]:
        for number, voice in enumerate(voices()):
            who = f"synthetic {number} {voice.name}"
            for _ in range(self._draws * (3 if voice.name == "piper" else 1)):
                for text in (*CALLS, CALLS[0]):
                    yield self._heard(self._say(voice, text), True, "call", who)
                others = self._random.choice(OTHER, 8, replace=False)
                for text in (*NAME, NAME[0], *others):
                    what = "name alone" if text in NAME else "near miss"
                    yield self._heard(self._say(voice, str(text)), False, what, who)

    def _around_the_name(self, entry: dict[str, str]) -> Iterator[Example]:
        """A person's "jarvis": alone, after other speech, and after a synthetic "hey"."""
        name, who, whole = _trimmed(self._read(entry)), entry["speaker"], self._read(entry)
        yield self._heard(whole, False, "RECORDED name alone", who, Scene(peak_dbfs=-6))
        for _ in range(3 * self._draws):
            yield self._heard(name, False, "RECORDED name alone", who)
            speech = self._speech[self._random.integers(len(self._speech))]
            begin = self._random.integers(max(1, len(speech) - 2 * SAMPLE_RATE))
            words = speech[begin : begin + round(self._random.uniform(0.15, 1.5) * SAMPLE_RATE)]
            if np.max(np.abs(words)) > 0.02:
                yield self._heard(self._joined(words, name, 0.15), False, "speech, RECORDED name", who)
            voice = voices()[self._random.integers(len(voices()))]
            hey = self._speaker.say(voice, "Hey", float(self._random.uniform(0.8, 1.3)))
            yield self._heard(self._joined(hey, name, 0.08), True, "hey, RECORDED name", who)

    def _say(self, voice: Voice, text: str) -> Samples:
        return self._speaker.say(voice, text, float(self._random.uniform(0.8, 1.3)))

    def _joined(self, first: Samples, name: Samples, longest_gap: float) -> Samples:
        level = np.max(np.abs(name)) / np.max(np.abs(first)) * self._random.uniform(0.4, 1.1)
        gap = np.zeros(round(self._random.uniform(0, longest_gap) * SAMPLE_RATE), np.float32)
        faded = first * np.minimum(1.0, np.arange(len(first), 0, -1) / 80)
        return np.concatenate((faded * level, gap, name)).astype(np.float32)

    def _heard(self, said: Samples, call: bool, what: str, who: str, place: Scene | None = None) -> Example:
        noise = self._noises[self._random.integers(len(self._noises))]
        sound = (place or self._scene()).hear(said, noise, before=self._random.uniform(1.6, 2.4), after=0.6)
        self._listener.reset()
        steps = sound[: len(sound) // STEP * STEP].reshape(-1, STEP)
        loudest = np.max(np.sqrt(np.mean(np.square(steps), axis=1)))
        windows = self._listener.windows(sound * np.float32(LOUDNESS / max(loudest, 1e-6)))
        return Example(windows, self._listener.name(windows), call, what, who)

    def _scene(self) -> Scene:
        self._scenes += 1
        return scene(self._scenes)

    def _read(self, entry: dict[str, str]) -> Samples:
        return read_audio(self._audio / entry["file"])


def _trimmed(samples: Samples) -> Samples:
    """Without the quiet before and behind, but for 20 ms."""
    level = np.sqrt(np.convolve(np.square(samples), np.ones(320) / 320, mode="same"))
    loud = np.flatnonzero(level > 0.03 * np.max(level))
    return samples[max(0, loud[0] - 320) : loud[-1] + 320]


def train(examples: list[Example], seed: int = 0) -> Network:
    """One hidden layer by Adam; dropout, noise and weight decay against learning by heart."""
    chosen = [(example.chosen(), example.call) for example in examples]
    inputs = np.concatenate([windows.reshape(len(windows), -1) for windows, _ in chosen])
    wanted = np.concatenate([np.full(len(windows), float(call)) for windows, call in chosen])
    middle, spread = inputs.mean(0), inputs.std(0) + 1e-3
    inputs = (inputs - middle) / spread
    random = np.random.default_rng(seed)
    weight = min(8.0, (1 - wanted.mean()) / wanted.mean())
    size = inputs.shape[1]
    values = [
        random.standard_normal((size, HIDDEN)) / np.sqrt(size), np.zeros(HIDDEN),
        random.standard_normal(HIDDEN) / np.sqrt(HIDDEN), np.zeros(()),
    ]  # fmt: skip
    moments = [(np.zeros_like(value), np.zeros_like(value)) for value in values]
    step = 0
    for _ in range(EPOCHS):
        order = random.permutation(len(inputs))
        for batch in np.array_split(order, len(order) // BATCH):
            step += 1
            x = inputs[batch] + 0.1 * random.standard_normal((len(batch), size), np.float32)
            gradients = _gradients(values, x, wanted[batch] * 0.98 + 0.01, weight, random)
            for at, gradient in enumerate(gradients):
                first = moments[at][0] * 0.9 + gradient * 0.1
                second = moments[at][1] * 0.999 + np.square(gradient) * 0.001
                moments[at] = first, second
                scaled = first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
                values[at] = values[at] * (1 - RATE * DECAY) - RATE * scaled
    into, bias, out, offset = values
    folded = into / spread[:, np.newaxis]
    return Network(folded, bias - middle @ folded, out, np.asarray(offset))


def _gradients(values, x, wanted, weight: float, random: np.random.Generator):  # type: ignore[no-untyped-def]
    """Of the cross entropy, calls weighted, with a random third of inputs and hidden units left out."""
    into, bias, out, offset = values
    x = x * (random.random(x.shape, np.float32) > 0.3) / 0.7
    keep = (random.random((len(x), HIDDEN)) > 0.3) / 0.7
    hidden = np.maximum(0.0, x @ into + bias)
    said = 1 / (1 + np.exp(-(hidden * keep @ out + offset)))
    error = (said * (weight * wanted + 1 - wanted) - weight * wanted) / len(x)
    back = np.outer(error, out) * keep * (hidden > 0)
    return x.T @ back, back.sum(0), (hidden * keep).T @ error, error.sum()


def report(network: Network, examples: list[Example]) -> None:
    groups: dict[str, list[float]] = defaultdict(list)
    for example in examples:
        groups[example.what].append(float(np.max(network.probability(example.windows))))
    for what, scores in sorted(groups.items()):
        woken = 100 * np.mean(np.array(scores) >= 0.5)
        spread = np.quantile(scores, [0.05, 0.5, 0.95, 1]).round(3)
        sys.stdout.write(f"{what:24s} {len(scores):5d} {woken:6.1f} % {spread}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--audio", type=Path, default=ROOT.parent / "shared" / "audio")
    parser.add_argument("--models", type=Path, default=ROOT / ".cache" / "jarvis-home" / "models")
    parser.add_argument("--draws", type=int, default=1, help="scenes for each voice and person")
    parser.add_argument("--hold-out", action="store_true")
    parser.add_argument("--to", type=Path, default=ROOT / "resources" / "wake_word.npz")
    options = parser.parse_args()

    examples = list(Sounds(options.audio, options.models, options.draws).examples())
    if options.hold_out:
        people = sorted({example.who for example in examples})
        kept = set(people[::2])
        network = train([e for e in examples if e.who in kept and e.what != "RECORDED call"])
        report(network, [e for e in examples if e.who not in kept or e.what == "RECORDED call"])
    else:
        train([e for e in examples if e.what != "RECORDED call"]).save(options.to)


if __name__ == "__main__":
    main()
