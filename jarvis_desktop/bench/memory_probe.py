"""Child process that measures the parts of the memory, in the environment that its own process has."""

from __future__ import annotations

from pathlib import Path

from jarvis_desktop.bench import embedding, recall, vectors
from jarvis_desktop.config.schema import Memory
from jarvis_desktop.memory.embedding import Encoder, open_encoder
from jarvis_desktop.processes.pipe import Reply
from jarvis_desktop.processes.serve import Call, serve


class Probe:
    """Answers the calls of `memory.measure`."""

    def __init__(self) -> None:
        self._encoder: Encoder | None = None
        self._folder = self._models = Path()

    def load(self, call: Call) -> Reply:
        """args: settings (of `Memory`), models (their folder), folder (to write to)."""
        self._folder, self._models = Path(call.args["folder"]), Path(call.args["models"])
        self._encoder = open_encoder(Memory.model_validate(call.args["settings"]), self._models.joinpath)
        self._encoder.question("warm up")
        return Reply({})

    def embedding(self, call: Call) -> Reply:
        assert self._encoder is not None
        measured = embedding.measure(self._encoder)
        measured["cache"] = embedding.cache(self._encoder, self._folder / "embeddings.sqlite3")
        return Reply(measured)

    def vectors(self, call: Call) -> Reply:
        assert self._encoder is not None
        return Reply(vectors.measure(self._folder / "vectors", self._encoder.dimensions))

    def recall(self, call: Call) -> Reply:
        assert self._encoder is not None
        return Reply(recall.measure(self._folder / "recall", self._encoder, self._models))


if __name__ == "__main__":
    probe = Probe()
    serve(
        {"load": probe.load, "embedding": probe.embedding, "vectors": probe.vectors, "recall": probe.recall}
    )
