"""An accelerated day of turns: whether memory, threads and open files of the program grow.

    .venv/bin/python benchmarks/soak.py [--turns N] [--home DIR] [--model NAME]

Each turn goes the program's own way: real conversations, memory, voice and engine (SmolLM2 with answers of 16
tokens). Prints one line for each 40th of the turns, and at the end what grew after the first quarter. Exit
status 1 where resident memory grew by 2 % or more, or threads or handles at all. Needs the starter models.
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

from jarvis_desktop.bench import soak  # noqa: E402
from jarvis_desktop.config.environment import variable  # noqa: E402
from jarvis_desktop.config.paths import Paths  # noqa: E402
from jarvis_desktop.config.store import ConfigStore  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=2000)
    parser.add_argument("--home", type=Path, default=ROOT / ".cache" / "jarvis-home")
    parser.add_argument("--model", default="smollm2-135m")
    args = parser.parse_args()
    settings = {
        variable("engine.model"): args.model,
        variable("engine.max_tokens"): "16",
        variable("memory.encoder"): "minilm-l6-v2",
    }
    paths = Paths.choose(args.home)
    config = ConfigStore(paths.config_file, {**os.environ, **settings})
    data = asyncio.run(soak.measure(paths, config, args.turns, lambda line: print(line, flush=True)))
    print(soak.table(data))
    print(json.dumps(data))
    return 0 if soak.steady(data) else 1


if __name__ == "__main__":
    sys.exit(main())
