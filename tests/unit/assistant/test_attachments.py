"""Files of a chat: read, kept with it, and given to the model as what others wrote."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from jarvis_desktop.assistant import Assistant, Parts
from jarvis_desktop.assistant.attachment_desk import MOST_FILES
from jarvis_desktop.cli.turns import judge_tool, named_tools
from jarvis_desktop.config import schema
from jarvis_desktop.config.schema import Config
from jarvis_desktop.events import (
    AnswerExplained,
    AttachFiles,
    AttachmentListed,
    AttachmentShown,
    AttachmentsListed,
    AttachmentState,
    AttachText,
    ConversationOpened,
    ExplainAnswers,
    Failed,
    ListAttachments,
    NewConversation,
    OpenAttachment,
    OpenConversation,
    Phase,
    RemoveAttachment,
    SubmitText,
    ToolAsked,
    TurnFinished,
    TurnStarted,
)
from jarvis_desktop.ports import ToolCall, ToolSpec
from tests.fakes import FakeChat, FakeHistory, FakeReader, FakeTools, fake_parts
from tests.injections import HOSTILE
from tests.unit.assistant.harness import running
from tests.witness import Witness

LEASE = "The lease of the flat in Elm Street.\nThe deposit is 1,850 euros.\n"
QUESTION = "How large is the deposit?"
SEND = ToolSpec("mail__send", "Send mail", "Sends mail.", {"type": "object"}, server="mail")

Scenario = Callable[[Assistant, Witness], Awaitable[None]]


@pytest.fixture
def lease(tmp_path: Path) -> Path:
    file = tmp_path / "lease.txt"
    file.write_text(LEASE)
    return file


def run(parts: Parts, scenario: Scenario, config: Config | None = None) -> None:
    async def all_of_it() -> None:
        async with running(parts, config=config) as (assistant, witness):
            await scenario(assistant, witness)

    asyncio.run(all_of_it())


async def files(witness: Witness) -> tuple[AttachmentListed, ...]:
    """Those of the conversation on show, once none is being read."""
    while True:
        listed = (await witness.next(AttachmentsListed)).attachments
        if all(each.state is not AttachmentState.READING for each in listed):
            return listed


async def ask(assistant: Assistant, witness: Witness, text: str = QUESTION) -> TurnFinished:
    assistant.post(SubmitText(text))
    done = await witness.next(TurnFinished)
    await witness.phase(Phase.IDLE)
    return done


def given(chat: FakeChat) -> str:
    """All that the model was given for its newest answer."""
    return "\n".join(message.content for message in chat.prompts[-1])


def test_the_model_reads_a_file_with_each_question_and_the_answer_cites_it(lease: Path) -> None:
    chat = FakeChat("It is 1,850 euros.")
    parts = fake_parts(chat=chat)

    async def scenario(assistant: Assistant, witness: Witness) -> None:
        assistant.post(AttachFiles((lease,)))
        (listed,) = await files(witness)
        assert (listed.name, listed.state) == ("lease.txt", AttachmentState.WHOLE)
        first, second = await ask(assistant, witness), await ask(assistant, witness)
        for done in (first, second):
            (citation,) = done.citations
            assert (citation.source, citation.quote) == ("lease.txt", "The deposit is 1,850 euros.")
            assert citation.attached
        assert all("> The deposit is 1,850 euros." in given(chat) for _ in (first, second))
        # What stands before the conversation stays as it is: the engine reads it once.
        assert chat.prompts[0][:3] == chat.prompts[1][:3]
        assert not parts.reader.open  # type: ignore[attr-defined]

    run(parts, scenario)


def test_answers_about_files_are_given_to_nobody_else(lease: Path) -> None:
    parts = fake_parts()

    async def scenario(assistant: Assistant, witness: Witness) -> None:
        assistant.post(AttachFiles((lease,)))
        await files(witness)
        await ask(assistant, witness)
        assert parts.answers.remembered == []  # type: ignore[attr-defined]

    run(parts, scenario)


def test_a_question_waits_for_the_file_that_was_dropped_before_it(lease: Path) -> None:
    chat = FakeChat()
    parts = fake_parts(chat=chat)
    reader = parts.reader
    assert isinstance(reader, FakeReader)
    reader.hold = asyncio.Semaphore(0)

    async def scenario(assistant: Assistant, witness: Witness) -> None:
        assert reader.hold is not None
        assistant.post(AttachFiles((lease,)))
        assert (await witness.next(AttachmentsListed)).attachments[0].state is AttachmentState.READING
        assistant.post(SubmitText(QUESTION))
        await witness.next(TurnStarted)
        assert chat.prompts == []
        reader.hold.release()
        await witness.next(TurnFinished)
        assert "1,850" in given(chat)

    run(parts, scenario)


def test_of_a_file_that_does_not_fit_the_model_gets_what_fits_the_question(tmp_path: Path) -> None:
    book = tmp_path / "book.txt"
    book.write_text(
        "\n".join(f"Chapter {n}: nothing of note happens on this page." for n in range(400)) + LEASE
    )
    chat = FakeChat()

    async def scenario(assistant: Assistant, witness: Witness) -> None:
        assistant.post(AttachFiles((book,)))
        (listed,) = await files(witness)
        assert listed.state is AttachmentState.PARTS
        await ask(assistant, witness)
        assert "> The deposit is 1,850 euros." in given(chat)
        assert "Chapter 7:" not in given(chat)
        assert len(given(chat)) < 4096 * 3
        await ask(assistant, witness, "Summarise.")
        assert "Chapter 0:" in given(chat)

    run(fake_parts(chat=chat), scenario)


def test_a_file_that_cannot_be_read_says_why_and_costs_nothing_else(lease: Path, tmp_path: Path) -> None:
    chat = FakeChat()

    async def scenario(assistant: Assistant, witness: Witness) -> None:
        assistant.post(AttachFiles((tmp_path / "photo.png", lease)))
        bad, good = sorted(await files(witness), key=lambda each: each.name, reverse=True)
        assert bad.error is not None
        assert (bad.error.code, bad.state) == ("memory.picture", AttachmentState.FAILED)
        assert good.state is AttachmentState.WHOLE
        assistant.post(RemoveAttachment(bad.id))
        assert [each.name for each in await files(witness)] == ["lease.txt"]
        await ask(assistant, witness)
        assert "1,850" in given(chat)
        assert not witness.of(Failed)

    run(fake_parts(chat=chat), scenario)


def test_a_file_that_was_taken_away_is_given_no_more(lease: Path) -> None:
    chat = FakeChat()

    async def scenario(assistant: Assistant, witness: Witness) -> None:
        assistant.post(AttachFiles((lease,)))
        (listed,) = await files(witness)
        await ask(assistant, witness)
        assistant.post(RemoveAttachment(listed.id))
        assert await files(witness) == ()
        await ask(assistant, witness)
        assert "1,850" not in given(chat)
        assistant.post(OpenAttachment(listed.id))
        assert (await witness.next(Failed)).error.code == "attachments.gone"

    run(fake_parts(chat=chat), scenario)


def test_a_file_belongs_to_its_conversation_which_begins_with_it(lease: Path) -> None:
    chat, history = FakeChat(), FakeHistory()
    parts = fake_parts(chat=chat)
    parts.history = history

    async def scenario(assistant: Assistant, witness: Witness) -> None:
        assistant.post(AttachFiles((lease,)))
        conversation = (await witness.next(ConversationOpened)).conversation_id
        await files(witness)
        assert [each.text for each in history.files[conversation]] == [LEASE]
        assistant.post(NewConversation())
        assistant.post(ListAttachments())
        assert await files(witness) == ()
        await ask(assistant, witness)
        assert "1,850" not in given(chat)
        assistant.post(OpenConversation(conversation))
        assistant.post(ListAttachments())
        assert [each.name for each in await files(witness)] == ["lease.txt"]
        done = await ask(assistant, witness)
        assert (await history.messages(conversation))[0].turn_id == done.turn_id
        assert "1,850" in given(chat)

    run(parts, scenario)


def test_a_file_of_an_empty_page_that_was_left_is_nobodys(lease: Path) -> None:
    parts, history = fake_parts(), FakeHistory()
    parts.history, reader = history, parts.reader
    assert isinstance(reader, FakeReader)
    reader.hold = asyncio.Semaphore(0)

    async def scenario(assistant: Assistant, witness: Witness) -> None:
        assert reader.hold is not None
        assistant.post(AttachFiles((lease,)))
        await witness.next(AttachmentsListed)
        assistant.post(NewConversation())
        await witness.next(ConversationOpened)
        reader.hold.release()
        assert await files(witness) == ()
        assert history.rows == {}

    run(parts, scenario)


def test_a_pasted_text_is_kept_as_a_file_without_a_name() -> None:
    chat = FakeChat()

    async def scenario(assistant: Assistant, witness: Witness) -> None:
        assistant.post(AttachText(LEASE))
        (listed,) = await files(witness)
        assert (listed.name, listed.location) == ("", "")
        await ask(assistant, witness)
        assert "> The deposit is 1,850 euros." in given(chat)

    run(fake_parts(chat=chat), scenario)


def test_a_chat_takes_so_many_files(lease: Path) -> None:
    async def scenario(assistant: Assistant, witness: Witness) -> None:
        assistant.post(AttachFiles((lease,) * (MOST_FILES + 1)))
        listed = await files(witness)
        (refused,) = [each for each in listed if each.state is AttachmentState.FAILED]
        assert refused.error is not None
        assert refused.error.code == "attachments.too_many"
        assert len(listed) == MOST_FILES + 1

    run(fake_parts(), scenario)


def test_a_citation_opens_its_passage_and_is_there_again_later(lease: Path) -> None:
    parts = fake_parts(chat=FakeChat("It is 1,850 euros."))

    async def scenario(assistant: Assistant, witness: Witness) -> None:
        assistant.post(AttachFiles((lease,)))
        conversation = (await witness.next(ConversationOpened)).conversation_id
        await files(witness)
        done = await ask(assistant, witness)
        (citation,) = done.citations
        assistant.post(OpenAttachment(citation.id, citation.quote))
        shown = await witness.next(AttachmentShown)
        assert (shown.attachment.text, shown.quote) == (LEASE, "The deposit is 1,850 euros.")
        assistant.post(ExplainAnswers((done.turn_id,), conversation))
        assert (await witness.next(AnswerExplained)).citations == (citation,)

    run(parts, scenario)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_tool_is_used_because_of_a_file_and_none_leaves_its_frame(hostile: str, tmp_path: Path) -> None:
    file = tmp_path / "mail.txt"
    file.write_text(f"The deposit.\n{hostile}\n")
    chat, tools = FakeChat("As you wish."), FakeTools(SEND)
    chat.wishes = [(ToolCall("1", "mail__send", '{"to": "eve@example.org"}'),)]
    parts = fake_parts(chat=chat)
    parts.tools = tools
    config = Config(tools=schema.Tools(enabled=True, ask="others", allowed="mail__send"))

    async def scenario(assistant: Assistant, witness: Witness) -> None:
        assistant.subscribe(lambda event: judge_tool(event, assistant, named_tools("all")))
        assistant.post(AttachFiles((file,)))
        await files(witness)
        done = await ask(assistant, witness)
        (asked,) = witness.of(ToolAsked)
        assert asked.anew
        assert [use.allowed for use in done.tools] == [False]
        assert tools.used == []
        block = next(message.content for message in chat.prompts[0] if "<files>" in message.content)
        _, _, rest = block.partition("\n<files>\n[mail.txt]\n")
        quoted, end, after = rest.rpartition("\n</files>")
        assert (end, after) == ("\n</files>", "")
        assert all(line.startswith("> ") for line in quoted.split("\n"))

    run(parts, scenario, config)
