"""The memory's child process: `LongTerm` behind a pipe. See `process.MemoryProcess`, its other side.

Nothing heavy is imported until it is needed: words are stored and found within a fraction of a second.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from jarvis_desktop.config.schema import Memory
from jarvis_desktop.events import MemoryKind
from jarvis_desktop.memory import wire
from jarvis_desktop.memory.embedding import open_encoder
from jarvis_desktop.memory.index import make_index
from jarvis_desktop.memory.long_term import LongTerm
from jarvis_desktop.memory.process import WORDS_MODEL
from jarvis_desktop.memory.token_vectors import MiniLmWords
from jarvis_desktop.processes.pipe import Reply, error_as_json
from jarvis_desktop.processes.serve import Call, Handler, serve


class MemoryWorker:
    """One open memory; its methods are the calls of `MemoryProcess`."""

    def __init__(self) -> None:
        self._memory: LongTerm | None = None

    @property
    def memory(self) -> LongTerm:
        assert self._memory is not None, "not loaded"
        return self._memory

    def load(self, call: Call) -> Reply:
        args = call.args
        settings = Memory(**args["settings"])
        folders = {name: Path(folder) for name, folder in args["models"].items()}
        words = MiniLmWords(folders[WORDS_MODEL]) if WORDS_MODEL in folders else None
        encoder = open_encoder(settings, folders.__getitem__)
        memory = LongTerm(
            Path(args["folder"]),
            encoder,
            token_encoder=words,
            key=args["key"],
            encrypted=settings.encrypted,
            index=partial(make_index, server_url=settings.server_url, server_key=args["server_key"]),
        )
        memory.open()
        self._memory = memory
        return Reply({"problems": list(map(error_as_json, memory.problems))})

    def recall(self, call: Call) -> Reply:
        args = call.args
        found = self.memory.recall(
            args["question"], owner=args["owner"], limit=args["limit"], stages=args["stages"]
        )
        return Reply(wire.taken_apart(found))

    def embed(self, call: Call) -> Reply:
        vectors = self.memory.embed(call.args["texts"])
        return Reply({"texts": len(vectors)}, vectors.tobytes())

    def remember(self, call: Call) -> Reply:
        return Reply(
            wire.taken_apart(self.memory.remember(**call.args | {"kind": MemoryKind(call.args["kind"])}))
        )

    def add(self, call: Call) -> Reply:
        return Reply({"changed": self.memory.add([wire.new_item(item) for item in call.args["items"]])})

    def documents(self, call: Call) -> Reply:
        return Reply({"documents": self.memory.documents(call.args["owner"])})

    def listed(self, call: Call) -> Reply:
        kind = call.args["kind"]
        found = self.memory.listed(**call.args | {"kind": MemoryKind(kind) if kind else None})
        return Reply({"items": list(map(wire.taken_apart, found))})

    def show(self, call: Call) -> Reply:
        return Reply(wire.taken_apart(self.memory.show(**call.args)))

    def edit(self, call: Call) -> Reply:
        return Reply(wire.taken_apart(self.memory.edit(**call.args)))

    def pin(self, call: Call) -> Reply:
        return Reply(wire.taken_apart(self.memory.pin(**call.args)))

    def forget(self, call: Call) -> Reply:
        return Reply(wire.taken_apart(self.memory.forget(**call.args)))

    def drop(self, call: Call) -> Reply:
        self.memory.drop(**call.args)
        return Reply({})

    def forgotten(self, call: Call) -> Reply:
        return Reply({"forgotten": self.memory.forgotten(call.args["owner"])})

    def forget_conversation(self, call: Call) -> Reply:
        return Reply(wire.taken_apart(self.memory.forget_conversation(**call.args)))

    def note_use(self, call: Call) -> Reply:
        self.memory.note_use(**call.args)
        return Reply({})

    def why(self, call: Call) -> Reply:
        return Reply({"citations": list(map(wire.taken_apart, self.memory.why(**call.args)))})

    def stats(self, call: Call) -> Reply:
        return Reply(wire.taken_apart(self.memory.stats(**call.args)))

    def export(self, call: Call) -> Reply:
        return Reply({"items": self.memory.export(Path(call.args["file"]))})

    def restore(self, call: Call) -> Reply:
        return Reply({"items": self.memory.restore(Path(call.args["file"]))})

    def undo_restore(self, call: Call) -> Reply:
        self.memory.undo_restore(**call.args)
        return Reply({})

    def rebuild(self, call: Call) -> Reply:
        return Reply({"vectors": self.memory.rebuild()})

    def indexed(self, call: Call) -> Reply:
        return Reply({"done": self.memory.settled(0)})

    def backup(self, call: Call) -> Reply:
        return Reply({"file": str(self.memory.backup())})

    def backups(self, call: Call) -> Reply:
        return Reply({"backups": list(map(wire.taken_apart, self.memory.backups()))})

    def work(self, call: Call) -> Reply:
        return Reply({"more": self.memory.work(**call.args)})


def handlers(worker: MemoryWorker) -> dict[str, Handler]:
    """Its calls by name."""
    calls: list[Any] = [
        *(
            worker.load,
            worker.recall,
            worker.embed,
            worker.remember,
            worker.add,
            worker.documents,
            worker.listed,
        ),
        *(worker.show, worker.edit, worker.pin, worker.drop, worker.forgotten),
        *(worker.forget, worker.forget_conversation, worker.note_use, worker.why, worker.stats),
        *(
            worker.export,
            worker.restore,
            worker.undo_restore,
            worker.rebuild,
            worker.indexed,
            worker.backup,
            worker.backups,
            worker.work,
        ),
    ]
    return {call.__name__: call for call in calls}


if __name__ == "__main__":
    serve(handlers(MemoryWorker()))
