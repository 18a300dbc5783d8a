"""Word error rate and compute time of our transcription against plain faster-whisper, in one run.

    .venv/bin/python benchmarks/stt.py [--lang en|es] [--limit N] [--language-given] [--json]

Reads the annotated recordings of ../shared/audio and the Whisper model of the starter set. Exits with 1 when
a language's word error rate is more than 0.5 points worse, or compute is less than 2.5 times lower.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from jarvis_desktop.bench import stt  # noqa: E402

WORSE_BY = 0.5  # points of word error rate, per language
TIMES_LESS = 2.5  # compute


def main() -> int:
    options = _arguments()
    clips = stt.read_manifest(options.audio, options.lang or ("en", "es"))
    if options.limit:
        clips = _spread(clips, options.limit)

    def show(pair: stt.Pair) -> None:
        if not options.json:
            print(
                f"{pair.clip:48} {pair.plain.seconds / pair.ours.seconds:5.1f}x"
                f"  errors {pair.ours.errors:3} / {pair.plain.errors:3} of {pair.words}",
                flush=True,
            )

    pairs = asyncio.run(
        stt.compare(
            clips,
            options.model,
            threads=options.threads,
            detect_language=not options.language_given,
            progress=show,
        )
    )
    summary = stt.summary(pairs)
    if options.out:
        options.out.write_text(json.dumps(stt.as_json(pairs), ensure_ascii=False, indent=1), encoding="utf-8")
    print(json.dumps(summary if options.json else {k: str(v) for k, v in summary.items()}, indent=2))
    return 0 if holds(summary) else 1


def holds(summary: dict) -> bool:
    """Whether every group keeps both promises."""
    return all(
        group["wer_ours"] <= group["wer_plain"] + WORSE_BY
        and group["times_less_compute"]["total"] >= TIMES_LESS
        for group in summary.values()
    )


def _spread(clips: list[stt.Clip], limit: int) -> list[stt.Clip]:
    """`limit` clips from all over the list, so that every kind and language has a chance."""
    step = max(1, len(clips) // limit)
    return clips[::step][:limit]


def _arguments() -> argparse.Namespace:
    home = Path(os.environ.get("JARVIS_HOME", ROOT / ".cache" / "jarvis-home"))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--audio", type=Path, default=ROOT.parent / "shared" / "audio", help="annotated recordings"
    )
    parser.add_argument("--model", type=Path, default=home / "models" / "whisper-base", help="model folder")
    parser.add_argument("--lang", action="append", choices=["en", "es"], help="only this language")
    parser.add_argument("--limit", type=int, default=0, help="only so many clips, spread over the set")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--language-given", action="store_true", help="tell both the language")
    parser.add_argument("--json", action="store_true", help="only the summary, as JSON")
    parser.add_argument("--out", type=Path, help="write every clip's figures to this file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
