"""Streaming speech to text under a clock: what was shown when, for any recogniser in any environment.

Needs only Python 3.10, numpy and Linux' /proc, so that it can be imported where a peer is installed. It
records; `jarvis_desktop.bench.streaming` prepares the clips before and scores the records after.

An adapter is one recogniser::

    class Mine(Adapter):
        name = "mine"
        def start(self): ...              # load models; once per process
        def begin(self, clip): ...        # forget the last clip; `clip` is a `Clip` (language hints, pauses)
        def feed(self, samples, at_seconds): ...  # (320,) float32 at 16 kHz; must return soon
        def finish(self): ...             # no more audio: return when everything pending was reported
        def stop(self): ...

    if __name__ == "__main__":
        main(Mine)

Whenever text changes the adapter calls, from any thread, ``self.on_partial(text)`` with all text of the
utterance under way, or ``self.on_final(text)`` with the text of a finished utterance. What the user sees at
any time is all finals so far, joined, and the last partial behind them. The harness notes when.

A clip's audio arrives as from a microphone: block k is handed over when its last sample has "happened", at
(k + 1) * 20 ms of a schedule that never waits: blocks late because `feed` was slow are handed over at once,
and all times count from the schedule. `finish` is called after the clip's trailing silence.

Ways to run a script that ends in ``main(Mine)``::

    python mine.py --clips FOLDER --out results.jsonl     # all clips, one record a line
    python mine.py --serve                                # clip paths on stdin, records on stdout

The second is for `alternate`, which sends each clip to every recogniser in turn (a process each, rotating
order), so that a busy machine slows all alike.

Prepared clips: FOLDER/clips.jsonl, one JSON object a line (see `Clip`), audio as 16 bit mono WAV at 16 kHz.
A record (one JSON object): name, clip, fed_seconds, events ([seconds since the first sample, "partial" or
"final", text]), cpu_seconds (all processes of the adapter, from the first block to the end of `finish`),
rss_mib (proportional set size of the same, after the clip), late_seconds (worst delay of a block),
wall_seconds, error.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
import traceback
import wave
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

RATE = 16_000  # Hz
BLOCK = 320  # samples: 20 ms


@dataclass(frozen=True)
class Clip:
    """A recording with silence around it, and what happens in it; times in seconds from its first sample."""

    file: str  # WAV, absolute once read
    id: str
    text: str
    language: str
    kind: str
    words: list[list[Any]] = field(default_factory=list)  # [word as it is compared, end]
    voice: list[list[float]] = field(default_factory=list)  # [start, end] of stretches with a voice
    speech_end: float = 0.0  # the annotated end: last sample of speech

    def samples(self) -> np.ndarray:
        """(n,) float32 in [-1, 1]."""
        with wave.open(self.file, "rb") as recording:
            if (recording.getframerate(), recording.getnchannels(), recording.getsampwidth()) != (RATE, 1, 2):
                raise ValueError(f"{self.file} is not 16 bit mono at 16 kHz")
            data = recording.readframes(recording.getnframes())
        return np.frombuffer(data, "<i2").astype(np.float32) / 32768


def read_clips(folder: Path) -> list[Clip]:
    """The prepared clips of a folder."""
    lines = (folder / "clips.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines if line]
    return [Clip(**{**entry, "file": str((folder / entry["file"]).resolve())}) for entry in entries]


class Adapter:
    """One recogniser; see the module's text. The callbacks are set before `start`."""

    name = "?"
    on_partial: Callable[[str], None]
    on_final: Callable[[str], None]

    def start(self) -> None:
        """Load models."""

    def begin(self, clip: Clip) -> None:
        """A new clip follows."""

    def feed(self, samples: np.ndarray, at_seconds: float) -> None:
        """20 ms of audio; the first sample's time is `at_seconds`."""
        raise NotImplementedError

    def finish(self) -> None:
        """No more audio; returns when everything pending was reported."""
        raise NotImplementedError

    def stop(self) -> None:
        """Release everything."""


class Recorder:
    """Feeds clips to an adapter in real time and writes down what it shows."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter
        self._events: list[list[Any]] = []
        self._origin = 0.0
        self._lock = threading.Lock()
        adapter.on_partial = lambda text: self._note("partial", text)
        adapter.on_final = lambda text: self._note("final", text)

    def record(self, clip: Clip) -> dict[str, Any]:
        """Run one clip; an exception of the adapter becomes the record's `error`."""
        samples = clip.samples()
        with self._lock:
            self._events = []
        late, error = 0.0, ""
        cpu = 0.0
        try:
            self._adapter.begin(clip)
            cpu = cpu_seconds(process_tree(os.getpid()))
            self._origin = time.monotonic() + 0.05
            late = self._feed_all(samples)
            self._adapter.finish()
        except Exception:
            error = traceback.format_exc(limit=4)
        wall = time.monotonic() - self._origin
        tree = process_tree(os.getpid())
        with self._lock:
            events = list(self._events)
        return {
            "name": self._adapter.name, "clip": clip.id, "fed_seconds": len(samples) / RATE, "events": events,
            "cpu_seconds": round(cpu_seconds(tree) - cpu, 3), "rss_mib": round(proportional_mib(tree), 1),
            "late_seconds": round(late, 3), "wall_seconds": round(wall, 3), "error": error,
        }  # fmt: skip

    def _feed_all(self, samples: np.ndarray) -> float:
        late = 0.0
        for begin in range(0, len(samples), BLOCK):
            block = samples[begin : begin + BLOCK]
            due = self._origin + (begin + len(block)) / RATE
            wait = due - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            late = max(late, time.monotonic() - due)
            self._adapter.feed(block, begin / RATE)
        return late

    def _note(self, kind: str, text: str) -> None:
        with self._lock:
            self._events.append([round(time.monotonic() - self._origin, 4), kind, text])


def process_tree(root: int) -> list[int]:
    """`root` and all processes below it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))) is not None:
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    tree, new = [root], [root]
    while new:
        new = [child for parent in new for child in children.get(parent, [])]
        tree += new
    return tree


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system time of processes, and of their children that have ended."""
    ticks = sum(sum(map(int, fields[11:15])) for pid in pids if (fields := _stat(pid)) is not None)
    return ticks / os.sysconf("SC_CLK_TCK")


def proportional_mib(pids: Sequence[int]) -> float:
    """Memory of processes, what they share counted once."""
    total = 0
    for pid in pids:
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat behind the name (state first); None when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def main(make: Callable[[], Adapter]) -> None:
    """Command line of an adapter's script."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clips", type=Path, help="folder of prepared clips")
    parser.add_argument("--out", type=Path, help="where the records go, one a line")
    parser.add_argument("--limit", type=int, default=0, help="only so many clips, spread over all")
    parser.add_argument("--serve", action="store_true", help="clips on stdin, records on stdout")
    options = parser.parse_args()
    adapter = make()
    recorder = Recorder(adapter)
    if options.serve:
        _serve(adapter, recorder)
        return
    clips = spread(read_clips(options.clips), options.limit)
    adapter.start()
    try:
        recorder.record(clips[0])  # warm-up, dropped
        with options.out.open("w", encoding="utf-8") as out:
            for clip in clips:
                record = recorder.record(clip)
                out.write(json.dumps(record, ensure_ascii=False) + "\n")
                out.flush()
                print(_line(record), file=sys.stderr, flush=True)
    finally:
        adapter.stop()


def _serve(adapter: Adapter, recorder: Recorder) -> None:
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print must not break the protocol
    adapter.start()
    try:
        replies.write(json.dumps({"ready": adapter.name}) + "\n")
        replies.flush()
        for line in sys.stdin:
            replies.write(json.dumps(recorder.record(Clip(**json.loads(line))), ensure_ascii=False) + "\n")
            replies.flush()
    finally:
        adapter.stop()


def alternate(
    commands: Mapping[str, Sequence[str]],
    clips: Sequence[Clip],
    *,
    patience: float = 600.0,
    environment: Mapping[str, str] | None = None,
) -> Iterator[dict[str, Any]]:
    """Records of each clip by every recogniser in turn, rotating; the first clip once before, dropped.

    `commands` are the command lines of adapter scripts by name, without ``--serve``. A process that dies, or
    stays silent for `patience` seconds, yields a record with an `error` and is left out from there on.
    """
    running = {name: _Served(name, command, environment) for name, command in commands.items()}
    try:
        for name in list(running):
            if "ready" not in running[name].reply(patience):
                yield _failed(name, "", "did not start")
                running.pop(name).stop()
            elif clips:
                running[name].ask(clips[0], patience)
        for number, clip in enumerate(clips):
            names = sorted(running)
            turn = number % max(1, len(names))
            for name in names[turn:] + names[:turn]:
                record = running[name].ask(clip, patience)
                if not record:
                    record = _failed(name, clip.id, "died or hung")
                    running.pop(name).stop()
                yield record
    finally:
        for served in running.values():
            served.stop()


class _Served:
    """A running adapter script."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [*command, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def ask(self, clip: Clip, patience: float) -> dict[str, Any]:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(asdict(clip)) + "\n")
            self._process.stdin.flush()
        except OSError:
            return {}
        return self.reply(patience)

    def reply(self, patience: float) -> dict[str, Any]:
        """The next line of the process; empty when it has died, or was killed for being silent too long."""
        assert self._process.stdout is not None
        watchdog = threading.Timer(patience, self._process.kill)
        watchdog.start()
        line = self._process.stdout.readline()
        watchdog.cancel()
        return dict(json.loads(line)) if line else {}

    def stop(self) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _failed(name: str, clip: str, error: str) -> dict[str, Any]:
    return {"name": name, "clip": clip, "events": [], "error": error}


def spread(clips: Sequence[Clip], limit: int) -> list[Clip]:
    """`limit` clips from all over the list (0: all), so that every kind and language has a chance."""
    step = max(1, len(clips) // limit) if limit else 1
    return list(clips[::step][: limit or None])


def _line(record: Mapping[str, Any]) -> str:
    finals = " ".join(text for _, kind, text in record["events"] if kind == "final")
    return f"{record['name']} {record['clip']} cpu {record['cpu_seconds']:.2f} {record['error']}{finals}"
