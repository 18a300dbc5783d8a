"""From the last spoken sample to the first sample of the spoken answer, against the same parts in a chain.

    .venv/bin/python benchmarks/voice_to_voice.py [--clips N] [--audio DIR] [--home DIR]

The chain is what most assistants of this kind are made of: silence of a set length ends the turn, the whole
recording goes through plain faster-whisper (30 s window), the whole answer through the language model, and
the whole answer through the voice before it is heard. Model files, threads, settings, prompt and silence are
the same on both sides, and sampling is off, so that both say the same. Jarvis and the chain take turns, clip
by clip; each has processes of its own, and the other's are idle meanwhile. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.spoken_turns import room  # noqa: E402
from jarvis_desktop import app  # noqa: E402
from jarvis_desktop.assistant.parts import Parts  # noqa: E402
from jarvis_desktop.assistant.prompt import Recall, build_prompt  # noqa: E402
from jarvis_desktop.audio.files import FileSink, read_audio  # noqa: E402
from jarvis_desktop.bench.recordings import spoken_questions  # noqa: E402
from jarvis_desktop.bench.streaming import last_sound  # noqa: E402
from jarvis_desktop.bench.stt import Clip, plain_whisper, read_manifest  # noqa: E402
from jarvis_desktop.bench.turn import TimedSource, take_turn  # noqa: E402
from jarvis_desktop.config.paths import Paths  # noqa: E402
from jarvis_desktop.config.schema import Config  # noqa: E402
from jarvis_desktop.config.store import ConfigStore  # noqa: E402
from jarvis_desktop.events import NewConversation, Part  # noqa: E402
from jarvis_desktop.memory.history import SqliteHistory  # noqa: E402
from jarvis_desktop.orchestrator.routing import approach  # noqa: E402
from jarvis_desktop.ports import SAMPLE_RATE, ChatOptions  # noqa: E402
from jarvis_desktop.processes.worker import Worker  # noqa: E402

THREADS = 2
LEAD_S, AFTER_S = 0.5, 4.0
SETTINGS = {
    "JARVIS_CONVERSATION__REUSE_ANSWERS": "false",
    "JARVIS_ENGINE__TEMPERATURE": "0",
    "JARVIS_TRANSCRIPTION__THREADS": str(THREADS),
}


@dataclass(frozen=True)
class Outcome:
    """Seconds from the last spoken sample."""

    text: float
    voice: float


class Chain:
    """Silence, transcription, answer, voice: each begins when the one before is complete."""

    def __init__(self, parts: Parts, plain: Worker, instructions: str, config: Config, folder: Path) -> None:
        self._parts = parts
        self._plain = plain
        self._instructions = instructions
        self._config = config
        self._folder = folder

    async def load(self, whisper: Path) -> None:
        """Load all models."""
        await asyncio.gather(self._parts.chat.load(), self._parts.synthesizer.load(), self._plain.start())
        settings = self._config.transcription
        await self._plain.call(
            "load", folder=str(whisper), device="cpu", compute_type="int8", threads=settings.threads
        )

    async def unload(self) -> None:
        """Release them."""
        await asyncio.gather(self._parts.chat.unload(), self._parts.synthesizer.unload(), self._plain.stop())

    async def turn(self, path: Path, last_sample: float) -> Outcome:
        """One turn; the recording up to its end was heard while it was spoken."""
        config, loop = self._config, asyncio.get_running_loop()
        spoken = loop.time()
        silence = config.listening.stop_ms / 1000
        await asyncio.sleep(silence)
        samples = read_audio(path)[: round((last_sample + silence) * SAMPLE_RATE)]
        payload = np.ascontiguousarray(samples, np.float32).data
        heard = await self._plain.call(
            "transcribe", payload, language="auto", beam_size=config.transcription.beam_size
        )
        written = loop.time()
        room = config.engine.context_tokens - config.engine.max_tokens
        recall, words = Recall(0, room), heard.data
        prompt = build_prompt(
            self._instructions, recall, (), words["text"], words["language"], datetime.now()
        )
        options = ChatOptions(config.engine.max_tokens, config.engine.temperature)
        reply = "".join([delta.text async for delta in self._parts.chat.stream(prompt, options)])
        clip = await self._parts.synthesizer.synthesize(reply)
        sink = FileSink(self._folder / "chain.wav")
        await sink.start()
        await sink.play(clip)
        await sink.wait_audible()
        heard_at = loop.time()
        await sink.stop()
        return Outcome(written - spoken, heard_at - spoken)


async def measure(options: argparse.Namespace, folder: Path) -> list[tuple[str, Outcome, Outcome]]:
    """(clip, ours, the chain's) per clip, after one of each that is dropped."""
    shared = Paths.choose(options.home)
    paths = replace(Paths.choose(folder), models=shared.models)
    config = ConfigStore(paths.config_file, SETTINGS)
    config.load()
    builder = app.Builder(paths, config)
    history = SqliteHistory(folder / "chain.sqlite")
    plain = plain_whisper()
    instructions = approach("", config.current).instructions
    chain = Chain(builder.parts(history), plain, instructions, config.current, folder)
    sources: list[TimedSource] = []
    outcomes = []
    async with app.session(
        paths,
        config,
        audio_in=lambda: sources[-1],
        audio_out=lambda: FileSink(folder / "reply.wav"),
        preload=True,
    ) as assistant:
        await assistant.prepare(Part.HEARING, Part.TRANSCRIPTION, Part.ENGINE, Part.SPEECH)
        await chain.load(builder.model_folder(config.current.transcription.model))
        clips = await spoken_questions(assistant, folder) + _commands(options)
        for number, clip in enumerate((clips[0], *clips)):
            path, last_sample = _in_its_room(clip, folder)

            async def ours(path: Path = path, last_sample: float = last_sample) -> Outcome:
                sources.append(TimedSource(path, pace="realtime"))
                assistant.post(NewConversation())  # the chain remembers nothing either
                watch = await take_turn(assistant)
                watch.origin = sources[-1].spoken_from + last_sample
                return Outcome((watch.ms("transcript") or 0) / 1000, (watch.ms("voice_to_voice") or 0) / 1000)

            if number % 2:
                theirs, own = await chain.turn(path, last_sample), await ours()
            else:
                own, theirs = await ours(), await chain.turn(path, last_sample)
            print(f"{clip.path.stem}: {own} {theirs}", file=sys.stderr, flush=True)
            outcomes.append((clip.path.stem, own, theirs))
    await chain.unload()
    await history.close()
    return outcomes[1:]


def _in_its_room(clip: Clip, folder: Path) -> tuple[Path, float]:
    """A copy that begins before the voice and goes on behind it, and the time of its last speech sample."""
    samples, random = clip.samples(), np.random.default_rng(0)
    path = folder / f"{clip.path.stem}_in_its_room.wav"
    whole = np.concatenate((room(samples, LEAD_S, random), samples, room(samples, AFTER_S, random)))
    soundfile.write(path, whole, SAMPLE_RATE)
    return path, LEAD_S + last_sound(samples)


def _commands(options: argparse.Namespace) -> list[Clip]:
    """People who ask for something, as far as there are recordings; those the starter voice can answer."""
    if not (options.audio / "manifest.jsonl").exists():
        print(f"no recordings in {options.audio}: questions in Jarvis' own voice only", file=sys.stderr)
        return []
    found = read_manifest(options.audio, ("en",), ("command",))
    return found[:: max(1, len(found) // options.clips)][: options.clips]


def table(outcomes: Sequence[tuple[str, Outcome, Outcome]]) -> str:
    """Medians, worst decile, and the ratio clip by clip."""
    dice = np.random.default_rng(0)
    ratios = np.array([ours.voice / theirs.voice for _, ours, theirs in outcomes])
    resampled = np.median(dice.choice(ratios, (10_000, len(ratios))), axis=1)
    low, high = np.quantile(resampled, (0.025, 0.975))
    rows = ["| from the last spoken sample | Jarvis p50 | p95 | chain p50 | p95 |", "|---|---|---|---|---|"]
    for what, name in (("text", "final text"), ("voice", "first sound of the answer")):
        cells = [
            f"{1000 * np.quantile([getattr(entry[side], what) for entry in outcomes], share):,.0f} ms"
            for side in (1, 2)
            for share in (0.5, 0.95)
        ]
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    median = statistics.median(ratios)
    ratio = f"{len(outcomes)} turns; ratio of the first sound {median:.2f} ({low:.2f} to {high:.2f})"
    return "\n".join([*rows, "", ratio])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clips", type=int, default=10, help="recordings of people, besides six questions")
    parser.add_argument("--audio", type=Path, default=ROOT.parent / "shared" / "audio")
    parser.add_argument("--home", type=Path, default=ROOT / ".cache" / "jarvis-home", help="with the models")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jarvis-bench-") as folder:
        print(table(asyncio.run(measure(options, Path(folder)))))


if __name__ == "__main__":
    main()
