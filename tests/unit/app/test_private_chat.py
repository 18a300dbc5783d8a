"""The parts as the program makes them: what is answered in a private chat is not kept to be given again."""

from __future__ import annotations

import asyncio
from pathlib import Path

from jarvis_desktop.app.builder import Builder
from jarvis_desktop.assistant import Assistant
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.events import NewConversation, Phase, SubmitText, TurnFinished
from jarvis_desktop.memory.history import SqliteHistory
from tests.fakes import FakeChat, fake_parts
from tests.witness import Witness


def test_an_answer_of_a_private_chat_is_not_given_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        paths, witness = Paths.choose(tmp_path), Witness()
        config = ConfigStore(paths.config_file, {})
        config.load()
        builder, stored = Builder(paths, config), SqliteHistory(paths.database)
        real, parts = builder.parts(stored), fake_parts(chat=FakeChat("Paris."))
        parts.history, parts.answers, parts.approach = real.history, real.answers, real.approach
        assistant = Assistant(parts, lambda: config.current)
        assistant.subscribe(witness)
        await assistant.start(preload=False)
        for private, reused in ((True, False), (False, False), (False, True), (True, False)):
            assistant.post(NewConversation(private=private))
            assistant.post(SubmitText("What is the capital of France?"))
            assert (await witness.next(TurnFinished)).route.reused == reused
            await witness.phase(Phase.IDLE)
        await assistant.stop()
        await builder.close()
        await stored.close()

    asyncio.run(scenario())
