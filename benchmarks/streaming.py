"""Live text under a clock: lag, flicker, time of the final text, processor time, word error rate.

    .venv/bin/python benchmarks/streaming.py prepare FOLDER [--limit N]   # recordings with annotations
    .venv/bin/python benchmarks/streaming.py run FOLDER [--limit N] [--out FILE]
    .venv/bin/python benchmarks/streaming.py score FOLDER FILE...         # also of other recognisers

`run` drives a transcription session alone, in real time: the voice's stretches are the annotated ones, as a
voice detector would report them. See voice/harness.py for what is recorded and how to compare.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import threading
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "benchmarks" / "voice"))

import harness  # noqa: E402

from jarvis_desktop.bench import streaming, stt  # noqa: E402
from jarvis_desktop.config.schema import Transcription  # noqa: E402
from jarvis_desktop.speech.transcription import WhisperSession, WhisperTranscriber  # noqa: E402

HOME = Path(os.environ.get("JARVIS_HOME", ROOT / ".cache" / "jarvis-home"))

STARTS_AFTER = 0.2  # seconds of voice until a detector is sure of it
PRE_ROLL = 0.3
PAUSE = 0.2  # seconds of silence until it reports that the voice stopped
ENDS_AFTER = 0.3  # seconds of silence until the turn is judged over


class SessionAdapter(harness.Adapter):
    """A transcription session with the annotated stretches of voice in place of a detector."""

    name = "jarvis session"

    def __init__(self, settings: Transcription, model_folder: Path) -> None:
        self._transcriber = WhisperTranscriber(lambda: settings, lambda name: model_folder)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="core", daemon=True)
        self._session: WhisperSession | None = None

    def start(self) -> None:
        self._thread.start()
        self._run(self._transcriber.load())

    def begin(self, clip: harness.Clip) -> None:
        self._session, self._kept, self._over = None, [], False
        starts, self._end = clip.voice[0][0] if clip.voice else 0.0, clip.voice[-1][1] if clip.voice else 0.0
        self._opens = starts + STARTS_AFTER
        self._stops = [end + PAUSE for _, end in clip.voice]
        self._ended = threading.Event()

    def feed(self, samples: np.ndarray, at_seconds: float) -> None:
        if self._over:
            return
        now = at_seconds + len(samples) / harness.RATE
        self._kept.append(samples)
        if self._session is None:
            keep = int((PRE_ROLL + STARTS_AFTER) * harness.RATE / len(samples))
            self._kept = self._kept[-keep:]
            if now < self._opens:
                return
            self._session = self._run(self._open())
        blocks, self._kept = np.concatenate(self._kept), []
        self._loop.call_soon_threadsafe(self._session.feed, blocks)
        if self._stops and now >= self._stops[0]:
            self._stops.pop(0)
            self._loop.call_soon_threadsafe(self._session.settle)
        if now >= self._end + ENDS_AFTER:
            self._over = True
            asyncio.run_coroutine_threadsafe(self._close(self._session), self._loop)

    def finish(self) -> None:
        if self._session is not None and not self._over:
            self._run(self._close(self._session))
        if self._session is not None:
            self._ended.wait(60)

    def stop(self) -> None:
        self._run(self._transcriber.unload())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _open(self) -> WhisperSession:
        session = self._transcriber.session()
        self._showing = asyncio.create_task(self._show(session))
        return session

    async def _show(self, session: WhisperSession) -> None:
        async for partial in session.partials():
            self.on_partial(f"{partial.stable} {partial.unstable}".strip())

    async def _close(self, session: WhisperSession) -> None:
        self.on_final((await session.finish()).text)
        await self._showing
        self._ended.set()

    def _run(self, work):  # type: ignore[no-untyped-def]
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def main() -> None:
    options = _arguments()
    if options.action == "prepare":
        clips = stt.read_manifest(options.audio, options.lang or ("en", "es"))
        streaming.prepare(harness.spread(clips, options.limit), options.folder, options.model)
    elif options.action == "run":
        run(options)
    else:
        show(options.folder, options.records)


def run(options: argparse.Namespace) -> None:
    settings = Transcription(threads=options.threads, **json.loads(options.settings))
    adapter = SessionAdapter(settings, options.model)
    recorder = harness.Recorder(adapter)
    clips = harness.spread(harness.read_clips(options.folder), options.limit)
    adapter.start()
    try:
        recorder.record(clips[0])  # warm-up, dropped
        with options.out.open("w", encoding="utf-8") as out:
            for clip in clips:
                out.write(json.dumps(recorder.record(clip), ensure_ascii=False) + "\n")
    finally:
        adapter.stop()
    show(options.folder, [options.out])


def show(folder: Path, files: list[Path]) -> None:
    lines = (folder / "clips.jsonl").read_text(encoding="utf-8").splitlines()
    clips = {entry["id"]: entry for entry in map(json.loads, lines)}
    scores = []
    for file in files:
        for record in map(json.loads, file.read_text(encoding="utf-8").splitlines()):
            if record["error"]:
                print(f"{record['name']} {record['clip']}: {record['error']}", file=sys.stderr)
            elif record["clip"] in clips:
                label = record["name"] if len(files) == 1 else f"{file.stem}: {record['name']}"
                scores.append(streaming.score(record | {"name": label}, clips[record["clip"]]))
    print(streaming.table(streaming.summary(scores)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=["prepare", "run", "score"])
    parser.add_argument("folder", type=Path, help="prepared clips")
    parser.add_argument("records", type=Path, nargs="*")
    parser.add_argument("--audio", type=Path, default=ROOT.parent / "shared" / "audio")
    parser.add_argument("--model", type=Path, default=HOME / "models" / "whisper-base")
    parser.add_argument("--lang", action="append", choices=["en", "es"])
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--settings", default="{}", help="further settings of [transcription], as JSON")
    parser.add_argument("--out", type=Path, default=Path("records.jsonl"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
