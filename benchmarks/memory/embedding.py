"""Both encoders: a batch against one text at a time, one question, and what the cache of vectors saves.

    .venv/bin/python benchmarks/memory/embedding.py [--rounds N] [--home DIR] [--json]

The texts are made up, short (about 15 tokens) and long (about 150). Alone and in a batch go by turns; the
ratio is the median of the rounds. Runs with the environment that the memory's process has.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import get_args

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from jarvis_desktop.bench import embedding as bench  # noqa: E402
from jarvis_desktop.config.schema import Memory  # noqa: E402
from jarvis_desktop.errors import StorageError  # noqa: E402
from jarvis_desktop.memory.embedding import WORKER_ENVIRONMENT, open_encoder  # noqa: E402

WANTED_HITS = 0.98


def main() -> int:
    options = _arguments()
    os.environ.update(WORKER_ENVIRONMENT)  # before the libraries of the encoders load
    results = []
    for name in get_args(Memory.model_fields["encoder"].annotation):
        encoder = open_encoder(
            Memory(encoder=name, device=options.device), lambda name: options.home / "models" / name
        )
        try:
            data = bench.measure(encoder, options.rounds)
        except StorageError as error:
            print(f"{name}: {error}", file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory() as folder:
            data["cache"] = bench.cache(encoder, Path(folder) / "embeddings.sqlite3")
        results.append(data)
        if not options.json:
            print(bench.table(data), flush=True)
    if options.json:
        print(json.dumps({"encoders": results}))
    hits = (one["cache"][key] for one in results for key in ("hit_rate", "hit_rate_after_restart"))
    return 0 if results and all(rate >= WANTED_HITS for rate in hits) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=bench.ROUNDS)
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--home", type=Path, default=ROOT / ".cache" / "jarvis-home", help="has models/")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
