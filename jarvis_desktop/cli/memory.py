"""`jarvis memory`: what is remembered is taken in, searched, read, changed and forgotten."""

from __future__ import annotations

import asyncio
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

from jarvis_desktop.cli.commands import subcommands
from jarvis_desktop.cli.context import Context
from jarvis_desktop.cli.progress import ProgressLine
from jarvis_desktop.config.profiles import memory_scope
from jarvis_desktop.errors import StorageError, UsageError
from jarvis_desktop.events import Ingested, MemoryItem, MemoryKind, Recalled
from jarvis_desktop.network.watch import WATCH
from jarvis_desktop.telemetry import logs

if TYPE_CHECKING:
    from jarvis_desktop.memory.process import MemoryProcess
    from jarvis_desktop.memory.scoped import ScopedHistory

    Work = Callable[[Context, MemoryProcess, str], Awaitable[int]]

MIB = 1024 * 1024
STAGES = ("dense", "sparse", "hybrid", "rerank", "graph")
_SHOWN_CHARACTERS = 100


def add_arguments(parser: ArgumentParser) -> None:
    """Sub-commands of `jarvis memory`."""
    add = subcommands(parser)

    def action(name: str, work: Work, summary: str) -> ArgumentParser:
        @wraps(work)
        def command(context: Context) -> int:
            return _run(context, work)

        sub = add(name, command, summary)
        sub.add_argument("--profile", metavar="NAME", help="whose memory (empty: the one all share)")
        return sub

    action("import", _import, "take in files and folders; what is unchanged is skipped").add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="a .jsonl holds a document a line: id, text, metadata",
    )
    adding = action("add", _add, "remember a text")
    adding.add_argument("text")
    adding.add_argument("--id", default="", help="its id; a text that has it is replaced")
    adding.add_argument("--source", default="", help="what it is cited as")
    searching = action("search", _search, "what may answer a question, best first")
    searching.add_argument("question", metavar="QUERY")
    searching.add_argument("-k", type=_count, default=10, metavar="N", help="results at most")
    searching.add_argument(
        "--stages", type=_stages, default=(), help=f"how much of the search to use: {','.join(STAGES)}"
    )
    listing = action("list", _list, "what is remembered: pinned first, then the newest")
    listing.add_argument("--kind", choices=[kind.value for kind in MemoryKind])
    listing.add_argument("-n", type=_count, default=100, metavar="N", help="items at most")
    listing.add_argument("--offset", type=_whole, default=0, metavar="N", help="leave out the first ones")
    action("show", _show, "one item, whole").add_argument("id")
    editing = action("edit", _edit, "give an item another text")
    editing.add_argument("id")
    editing.add_argument("text", nargs="?", help="read from standard input when left out")
    action("forget", _forget, "delete items from every file").add_argument("ids", nargs="+", metavar="ID")
    action("why", _why, "what an answer was given to read").add_argument("turn", metavar="TURN")
    action("export", _export, "write everything in an open format (JSON lines)").add_argument(
        "file", type=Path
    )
    action("restore", _restore, "take in what export or backup wrote").add_argument("file", type=Path)
    action("rebuild", _rebuild, "make the vector index anew")
    action("stats", _stats, "how much is remembered, and how it is searched")
    evaluating = action("eval", _eval, "how well questions find what answers them")
    evaluating.add_argument("file", type=Path, help="JSON lines: question, relevant (ids)")
    evaluating.add_argument("--stages", choices=STAGES, help="how much of the search to use")
    action("backup", _backup, "make a backup now")
    action("backups", _backups, "list the backups")


def stats(context: Context) -> int:
    """How much is remembered."""
    return _run(context, _stats)


def _run(context: Context, work: Work) -> int:
    scope = memory_scope(context.config.current)
    if not scope.stored:
        raise StorageError(
            "memory.private",
            "The profile {profile} remembers nothing.",
            "Choose another one with --profile.",
            profile=context.config.current.conversation.profile,
        )
    with logs.started(context.paths.logs, context.config, verbose=context.args.verbose):
        return asyncio.run(_work(context, work, scope.owner))


async def _work(context: Context, work: Work, owner: str) -> int:
    from jarvis_desktop.app.builder import Builder

    memory = Builder(context.paths, context.config).memory()
    memory.tell = lambda problem: context.note(f"warning: {problem}")
    try:
        with WATCH.run():
            return await work(context, memory, owner)
    finally:
        await memory.unload()


async def _import(context: Context, memory: MemoryProcess, owner: str) -> int:
    line = ProgressLine(context)
    missing = [path for path in context.args.paths if not path.exists()]
    if missing:
        raise UsageError("usage.no_file", "There is no file {file}.", "Check its name.", file=missing[0])
    files = passages = skipped = problems = 0
    async for step in memory.ingest([path.absolute() for path in context.args.paths], owner=owner):
        if step.file:
            files, skipped = files + 1, skipped + step.skipped
            passages, problems = passages + step.passages, problems + bool(step.problem)
            line.tell(f"{step.done} of {step.total}: {step.file}")
            _tell_file(context, step)
    await memory.settled(lambda waiting: line.tell(_to_do(waiting)))
    line.end()
    data = {"files": files, "passages": passages, "unchanged": skipped, "problems": problems}
    context.result(data, f"{files} files, {passages} passages, {skipped} unchanged, {problems} with problems")
    return 0 if passages or files > problems or not problems else StorageError.exit_status


def _tell_file(context: Context, step: Ingested) -> None:
    data = {
        "file": step.file,
        "passages": step.passages,
        "unchanged": step.skipped,
        "problem": step.problem,
        "done": step.done,
        "total": step.total,
    }
    if step.problem:
        context.note(step.problem if step.file in step.problem else f"{step.file}: {step.problem}")
    context.result(data, None)


async def _add(context: Context, memory: MemoryProcess, owner: str) -> int:
    item = await memory.remember(
        _text(context.args.text), item_id=context.args.id, source=context.args.source, owner=owner
    )
    await memory.settled()
    context.result(_item_json(item), item.id)
    return 0


async def _search(context: Context, memory: MemoryProcess, owner: str) -> int:
    args = context.args
    found = await memory.recall(args.question, owner=owner, limit=args.k, stages=args.stages)
    data = {
        "results": [_recalled_json(each) for each in found.results],
        "timings_ms": {stage: round(taken, 3) for stage, taken in found.timings_ms.items()},
        "skipped": dict(found.skipped),
        "confident": found.confident,
    }
    lines = [
        f"{each.score:6.3f}  {each.id}  {each.source}\n        {_short(each.text)}" for each in found.results
    ]
    if "dense" in found.skipped:
        context.note(f"found by words only: {found.skipped['dense']}")
    context.result(data, "\n".join(lines) or "Nothing was found.")
    return 0


async def _list(context: Context, memory: MemoryProcess, owner: str) -> int:
    args = context.args
    kind = MemoryKind(args.kind) if args.kind else None
    items = await memory.listed(owner=owner, kind=kind, limit=args.n, offset=args.offset)
    for item in items:
        when = time.strftime("%Y-%m-%d", time.localtime(item.created_at))
        text = f"{item.id}  {when}  {item.kind:8}  {'*' if item.pinned else ' '} {_short(item.text)}"
        context.result(_item_json(item), text)
    if not items and not context.json:
        context.note(
            "There are no such items."
            if kind or args.offset
            else 'Nothing is remembered yet. Try: jarvis memory add "...", or jarvis memory import PATH'
        )
    return 0


async def _show(context: Context, memory: MemoryProcess, owner: str) -> int:
    item = await memory.show(context.args.id, owner=owner)
    context.result(_item_json(item), item.text)
    return 0


async def _edit(context: Context, memory: MemoryProcess, owner: str) -> int:
    from jarvis_desktop.assistant.memories.forgetting import edit

    text = _text(context.args.text if context.args.text is not None else sys.stdin.read())
    async with _chats(context) as history:
        item = await edit(context.args.id, text, memory, history, owner)
    await memory.settled()
    context.result(_item_json(item), item.id)
    return 0


async def _forget(context: Context, memory: MemoryProcess, owner: str) -> int:
    from jarvis_desktop.app.builder import Builder
    from jarvis_desktop.assistant.memories.forgetting import forget_everywhere

    items = [await memory.show(item_id, owner=owner) for item_id in context.args.ids]
    builder = Builder(context.paths, context.config)
    async with _chats(context) as history:
        gone, messages = await forget_everywhere(items, memory, history, builder.answers(history), owner)
    await builder.close()
    await memory.settled()  # a new backup, where one had to be deleted
    data = {**asdict(gone), "messages": messages}
    context.result(
        data,
        f"Forgotten: {len(gone.items)} items, {gone.passages} passages, blanked messages: {messages} "
        f"(receipt {gone.receipt})",
    )
    return 0


@asynccontextmanager
async def _chats(context: Context) -> AsyncIterator[ScopedHistory]:
    """The stored conversations of the profile."""
    from jarvis_desktop.memory.history import SqliteHistory
    from jarvis_desktop.memory.scoped import ScopedHistory

    stored = SqliteHistory(context.paths.database)
    try:
        yield ScopedHistory(stored, memory_scope(context.config.current))
    finally:
        await stored.close()


async def _why(context: Context, memory: MemoryProcess, owner: str) -> int:
    turn = context.args.turn
    used = await memory.why(turn, owner=owner)
    if not used and not await _was_answered(context, turn, owner):
        raise StorageError(
            "memory.unknown_turn",
            "There is no turn {turn}.",
            'Take the "turn_id" of an answer: jarvis ask --json tells it.',
            turn=turn,
        )
    citations = [asdict(each) for each in used]
    text = "\n".join(f"{each.id}  {each.source}\n        {_short(each.quote)}" for each in used)
    context.result({"turn_id": turn, "citations": citations}, text or "It used nothing remembered.")
    return 0


async def _was_answered(context: Context, turn: str, owner: str) -> bool:
    from jarvis_desktop.memory.history import SqliteHistory

    history = SqliteHistory(context.paths.database)
    try:
        return await history.has_turn(turn, owner)
    finally:
        await history.close()


async def _export(context: Context, memory: MemoryProcess, owner: str) -> int:
    file = context.args.file.absolute()
    items = await memory.export(file)
    context.result({"file": str(file), "items": items}, f"{items} items written to {file}")
    return 0


async def _restore(context: Context, memory: MemoryProcess, owner: str) -> int:
    file = context.args.file.absolute()
    items = len(await memory.restore(file))
    await _settle(context, memory)
    context.result({"file": str(file), "items": items}, f"{items} items are new")
    return 0


async def _rebuild(context: Context, memory: MemoryProcess, owner: str) -> int:
    await _settle(context, memory)
    vectors = await memory.rebuild()
    context.result({"vectors": vectors}, f"{vectors} vectors")
    return 0


async def _settle(context: Context, memory: MemoryProcess) -> None:
    line = ProgressLine(context)
    await memory.settled(lambda waiting: line.tell(_to_do(waiting)))
    line.end()


def _to_do(waiting: int) -> str:
    return (
        f"making it searchable: {waiting} passages to go" if waiting else "looking for names and words in it"
    )


async def _stats(context: Context, memory: MemoryProcess, owner: str) -> int:
    held = await memory.stats(owner=owner if getattr(context.args, "profile", None) else None)
    data = {
        "items": dict(held.items),
        "passages": held.passages,
        "vectors": held.vectors,
        "waiting": held.waiting,
        "entities": held.entities,
        "encoder": held.encoder,
        "index": held.index,
        "cache": {"hits": held.cache_hits, "misses": held.cache_misses},
        "bytes_on_disk": held.bytes_on_disk,
    }
    kinds = ", ".join(f"{count} {kind}" for kind, count in held.items.items()) or "nothing yet"
    lines = (
        f"remembered: {kinds}; {held.passages} passages",
        f"vectors:    {held.vectors} of {held.encoder}, {held.waiting} to come; index {held.index}",
        f"graph:      {held.entities} entities",
        f"on disk:    {held.bytes_on_disk / MIB:.1f} MiB",
    )
    context.result(data, "\n".join(lines))
    return 0


async def _eval(context: Context, memory: MemoryProcess, owner: str) -> int:
    from jarvis_desktop.memory.evaluation import CUTS, ids_of, judge, read_questions

    questions = read_questions(context.args.file)
    stages = (context.args.stages,) if context.args.stages else ()
    line = ProgressLine(context)
    await _settle(context, memory)
    await memory.recall(questions[0].question, owner=owner, limit=1, stages=stages)  # loads the models
    found, took = [], []
    for number, asked in enumerate(questions, 1):
        began = time.perf_counter()
        recalled = await memory.recall(asked.question, owner=owner, limit=max(CUTS), stages=stages)
        took.append((time.perf_counter() - began) * 1000)
        found.append(ids_of(recalled, asked.relevant))
        line.tell(f"{number} of {len(questions)} questions")
    line.end()
    measured = judge(questions, found, took)
    lines = (f"{name:12} {value}" for name, value in measured.as_json().items())
    context.result(measured.as_json(), "\n".join(lines))
    return 0


async def _backup(context: Context, memory: MemoryProcess, owner: str) -> int:
    file = await memory.backup()
    context.result({"file": str(file)}, str(file))
    return 0


async def _backups(context: Context, memory: MemoryProcess, owner: str) -> int:
    for backup in await memory.backups():
        size, when = backup.file.stat().st_size, time.localtime(backup.at)
        data = {"file": str(backup.file), "bytes": size, "at": backup.at, "items": backup.items}
        items = "unreadable" if backup.items is None else f"{backup.items} items"
        text = f"{time.strftime('%Y-%m-%d %H:%M', when)}  {items:>12}  {size / MIB:8.1f} MiB  {backup.file}"
        context.result(data, text)
    return 0


def _text(text: str) -> str:
    if not text.strip():
        raise UsageError(
            "usage.no_text", "There is nothing to remember.", 'Give a text: jarvis memory add "..."'
        )
    return text


def _count(text: str) -> int:
    if not text.isdecimal() or (number := int(text)) < 1:
        raise ArgumentTypeError("it has to be 1 or more")
    return number


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError("it has to be 0 or more")
    return int(text)


def _stages(text: str) -> tuple[str, ...]:
    chosen = tuple(stage.strip() for stage in text.split(","))
    if not set(chosen) <= set(STAGES):
        raise ArgumentTypeError(f"the stages are {', '.join(STAGES)}")
    return chosen


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN_CHARACTERS else f"{line[:_SHOWN_CHARACTERS]}…"


def _item_json(item: MemoryItem) -> dict[str, object]:
    return {
        "id": item.id,
        "kind": item.kind.value,
        "text": item.text,
        "source": item.source,
        "location": item.location,
        "created_at": item.created_at,
        "owner": item.owner,
        "pinned": item.pinned,
        "passages": item.passages,
        "uses": item.uses,
        "used_at": item.used_at,
        "superseded_by": item.superseded_by,
        "metadata": dict(item.metadata),
    }


def _recalled_json(found: Recalled) -> dict[str, object]:
    return {
        "id": found.id,
        "text": found.text,
        "source": found.source,
        "score": round(found.score, 4),
        "stages": {stage: round(score, 4) for stage, score in found.stages.items()},
        "item": found.item,
        "kind": found.kind.value,
        "location": found.location,
        "created_at": found.created_at,
        "around": list(found.around),
    }
