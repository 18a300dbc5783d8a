"""Jarvis and its peers side by side, clip by clip in rotating order, each in its own process and environment.

    .venv/bin/python benchmarks/voice/run.py [--clips N] [--tools a,b] [--ends found,told]

Needs the recordings of ../shared/audio, the Whisper model of the starter set, and the environments that
`benchmarks/voice/setup.py` builds; a tool without one is left out. Prints Markdown tables and writes
docs/pictures/voice-peers.svg. Keep the machine quiet meanwhile.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import wave
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(ROOT)]

import harness  # noqa: E402
import picture  # noqa: E402
import report  # noqa: E402

from jarvis_desktop.bench import streaming, stt  # noqa: E402

ENVIRONMENTS = ROOT / ".cache" / "bench-envs"
WORK = ROOT / ".cache" / "voice-bench"
TOOLS = {  # name: (environment, adapter)
    "Jarvis": ("", "ours_jarvis.py"),
    "faster-whisper": ("faster-whisper", "peer_faster_whisper.py"),
    "faster-whisper+partials": ("faster-whisper", "peer_faster_whisper_partials.py"),
    "pipecat": ("pipecat", "peer_pipecat.py"),
    "RealtimeSTT": ("realtimestt", "peer_realtimestt.py"),
    "RealtimeSTT+early": ("realtimestt", "peer_realtimestt_early.py"),
    "vosk": ("vosk", "peer_vosk.py"),
    "WhisperLiveKit": ("whisperlivekit", "peer_whisperlivekit.py"),
}
KINDS = ("read", "command", "spontaneous", "reverberant", "speech")
"""Recordings of one person's turn: those of a minute and more are no turns."""

KEY_LATE = 0.2  # seconds between the last sound and the key going up


def main() -> int:
    """The exit status is 1 when a tool failed."""
    options = _arguments()
    if options.report:
        records = {end: _read(options.out / f"{end}.jsonl") for end in options.ends}
        clips = {end: harness.read_clips(options.out / f"clips_{end}") for end in options.ends}
    else:
        clips = _prepare(options)
        records = {end: _run(end, clips[end], options) for end in options.ends}
    results = {
        end: report.Results.of(records[end], {clip.id: asdict(clip) for clip in clips[end]})
        for end in options.ends
    }
    found, told = results.get("found"), results.get("told")
    print(report.markdown(found, told))
    if options.picture:
        options.picture.parent.mkdir(parents=True, exist_ok=True)
        picture.draw(found.rows() if found else [], told.rows() if told else [], options.picture)
    return 1 if any(one.failed for one in results.values()) else 0


def choose(clips: Sequence[stt.Clip], count: int) -> list[stt.Clip]:
    """`count` clips: each language's kinds in turn, spread over each kind."""
    kinds = [
        [clip for clip in clips if clip.language == language and clip.kind == kind]
        for kind in KINDS
        for language in ("en", "es")
    ]
    shares = [0] * len(kinds)
    while sum(shares) < min(count, sum(map(len, kinds))):
        growing = [n for n, group in enumerate(kinds) if shares[n] < len(group)]
        shares[min(growing, key=shares.__getitem__)] += 1
    return [
        group[number * len(group) // share]
        for group, share in zip(kinds, shares, strict=True)
        for number in range(share)
    ]


def _prepare(options: argparse.Namespace) -> dict[str, list[harness.Clip]]:
    """The clips of each way to end, from the cache where they were prepared before."""
    chosen = choose(stt.read_manifest(options.audio, ("en", "es")), options.clips)
    source = (ROOT / "jarvis_desktop" / "bench" / "streaming.py").read_bytes()
    names = "\n".join(clip.path.name for clip in chosen).encode()
    folder = WORK / f"clips-{hashlib.sha256(source + names).hexdigest()[:12]}"
    if not (folder / "clips.jsonl").exists():
        _say(f"preparing {len(chosen)} clips")
        streaming.prepare(chosen, folder, options.model)
    clips = harness.read_clips(folder)
    options.out.mkdir(parents=True, exist_ok=True)
    prepared = {"found": clips, "told": [_cut(clip, options.out / "clips_told") for clip in clips]}
    for end, group in prepared.items():
        (options.out / f"clips_{end}").mkdir(exist_ok=True)
        lines = "\n".join(json.dumps(asdict(clip), ensure_ascii=False) for clip in group)
        (options.out / f"clips_{end}" / "clips.jsonl").write_text(lines + "\n", encoding="utf-8")
    return prepared


def _cut(clip: harness.Clip, folder: Path) -> harness.Clip:
    """The clip up to the moment the key goes up, which is then taken for the end of speech."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / Path(clip.file).name
    samples = int((clip.speech_end + KEY_LATE) * harness.RATE)
    with wave.open(clip.file, "rb") as whole, wave.open(str(file), "wb") as cut:
        cut.setparams(whole.getparams())
        cut.writeframes(whole.readframes(samples))
    return replace(clip, file=str(file), speech_end=samples / harness.RATE)


def _run(end: str, clips: Sequence[harness.Clip], options: argparse.Namespace) -> list[dict]:
    """Every tool over every clip, written down as it happens."""
    commands = {name: command for name in options.tools if (command := _command(name))}
    surroundings = {
        **os.environ,
        "VOICE_BENCH_MODEL": str(options.model.resolve()),
        "VOICE_BENCH_VOSK": str(options.vosk.resolve()),
        "VOICE_BENCH_END": end,
        "OMP_NUM_THREADS": str(options.threads),
        "HF_HUB_OFFLINE": "1",
    }
    if "vosk" in commands and not (options.vosk / "en").is_dir():
        del commands["vosk"]
        _say("vosk is left out: it has no model")
    records = []
    with (options.out / f"{end}.jsonl").open("w", encoding="utf-8") as out:
        for record in harness.alternate(commands, clips, environment=surroundings):
            records.append(record)
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
            out.flush()
            _say(_line(len(records), len(clips) * len(commands), record))
    return records


def _command(name: str) -> list[str]:
    """The adapter's command line; empty where its environment is missing."""
    environment, adapter = TOOLS[name]
    python = Path(sys.executable) if not environment else ENVIRONMENTS / environment / "bin" / "python"
    if not python.exists():
        _say(f"{name} is left out: benchmarks/voice/setup.py {environment}")
        return []
    return [str(python), str(HERE / adapter)]


def _line(number: int, total: int, record: dict) -> str:
    finals = " | ".join(text for _, kind, text in record["events"] if kind == "final")
    load = os.getloadavg()[0]
    return f"{number}/{total} {record['name']} {record['clip']} load {load:.1f} {record['error']}{finals}"


def _read(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _arguments() -> argparse.Namespace:
    home = Path(os.environ.get("JARVIS_HOME", ROOT / ".cache" / "jarvis-home"))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--clips", type=int, default=24, help="how many recordings, spread over languages and kinds")
    add("--tools", type=_tools, default=tuple(TOOLS), help="names of the README's table, by commas")
    add("--ends", type=_ends, default=("found", "told"), help="found (by the tool), told (as by a key)")
    add("--threads", type=int, default=2, help="of every tool's transcription")
    add("--audio", type=Path, default=ROOT.parent / "shared" / "audio", help="annotated recordings")
    add("--model", type=Path, default=home / "models" / "whisper-base", help="Whisper model folder")
    add("--vosk", type=Path, default=WORK / "vosk", help="folder with vosk models `en` and `es`")
    add("--out", type=Path, default=WORK / "last", help="where records are kept")
    add("--picture", type=Path, default=ROOT / "docs" / "pictures" / "voice-peers.svg")
    add("--report", action="store_true", help="run nothing: tables and picture of the records of --out")
    return parser.parse_args()


def _tools(text: str) -> tuple[str, ...]:
    by_name = {name.casefold(): name for name in TOOLS}
    return tuple(by_name[name.strip().casefold()] for name in text.split(","))


def _ends(text: str) -> tuple[str, ...]:
    if not set(text.split(",")) <= {"found", "told"}:
        raise argparse.ArgumentTypeError("found, told or both")
    return tuple(text.split(","))


if __name__ == "__main__":
    sys.exit(main())
