"""Child process that measures the parts of the memory, in the environment that its own process has."""

from __future__ import annotations

import tempfile
from pathlib import Path

from jarvis_desktop.bench import embedding
from jarvis_desktop.config.schema import Memory
from jarvis_desktop.memory.embedding import Encoder, open_encoder
from jarvis_desktop.processes.pipe import Reply
from jarvis_desktop.processes.serve import Call, serve


class Probe:
    """Answers the calls of `memory.measure`; the answers are JSON."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._encoder: Encoder | None = None

    def load(self, call: Call) -> Reply:
        """args: settings (`Memory`), folder (of the encoder, "" where its package holds it)."""
        self._encoder = open_encoder(
            Memory.model_validate(call.args["settings"]), lambda name: Path(call.args["folder"])
        )
        self._encoder.question("warm up")
        return Reply({})

    def embedding(self, call: Call) -> Reply:
        assert self._encoder is not None
        measured = embedding.measure(self._encoder)
        measured["cache"] = embedding.cache(self._encoder, self._folder / "embeddings.sqlite3")
        return Reply(measured)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="jarvis-bench-") as folder:
        probe = Probe(Path(folder))
        serve({"load": probe.load, "embedding": probe.embedding})
