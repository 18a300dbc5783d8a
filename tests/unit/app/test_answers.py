"""Answers kept to be given again are wiped when the user wants none."""

from __future__ import annotations

import asyncio
from pathlib import Path

from jarvis_desktop import app
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.orchestrator.answer_cache import AnswerCache
from jarvis_desktop.orchestrator.routing import approach
from jarvis_desktop.ports import Asked
from tests.engine_parts import until


def test_switching_it_off_wipes_what_was_kept(tmp_path: Path) -> None:
    paths = Paths.choose(tmp_path)
    config = ConfigStore(paths.config_file, {})
    question = "What is the capital of France?"
    file = AnswerCache(paths.cache / "answers.sqlite3")

    async def run() -> None:
        async with app.session(paths, config) as assistant:
            asked = Asked(question, "en", approach(question, config.current), "small", ())
            await assistant._parts.answers.keep(asked, "Paris.")
            assert file.stats().entries == 1
            config.patch({"conversation.reuse_answers": False})
            await until(lambda: not file.stats().entries)

    asyncio.run(run())
    file.close()
