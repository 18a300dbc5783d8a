"""What a user does with stored conversations: name, pin, delete, find, take along and bring back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import Citation, ConversationMatch, Message, Role
from jarvis_desktop.memory.conversation_store import MIGRATIONS, TITLE_CHARACTERS
from jarvis_desktop.memory.database import open_database
from jarvis_desktop.memory.history import SqliteHistory
from jarvis_desktop.memory.scoped import ScopedHistory

SHARED, OWN, PRIVATE = MemoryScope(), MemoryScope("Work"), MemoryScope(stored=False)


class Talks:
    """A scoped history on a real file, and a pen to write exchanges into it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.stored = SqliteHistory(file)
        self.history = ScopedHistory(self.stored, SHARED)
        self.clock = 1000.0

    async def talk(self, *said: str, conversation: str = "") -> str:
        """Questions and answers by turns; returns the conversation's id."""
        conversation = conversation or (await self.history.new_conversation()).id
        for number, text in enumerate(said):
            self.clock += 1.0
            role = Role.ASSISTANT if number % 2 else Role.USER
            turn = f"t{self.clock - number % 2}"
            await self.history.append(
                Message(f"m{self.clock}", conversation, turn, role, text, self.clock, number == 3)
            )
        return conversation

    async def titles(self) -> list[str]:
        return [each.title for each in await self.history.conversations()]

    async def found(self, words: str) -> list[ConversationMatch]:
        return list(await self.history.find(words, 10))

    def holds(self, words: bytes) -> list[str]:
        """Names of the files that hold these words."""
        return [file.name for file in self.file.parent.iterdir() if words in file.read_bytes()]


Use = Callable[[Talks], Awaitable[None]]


def talking(folder: Path, *lives: Use) -> None:
    """Each use is one life of the program on the same file."""

    async def life(use: Use) -> None:
        talks = Talks(folder / "data" / "jarvis.sqlite3")
        try:
            await use(talks)
        finally:
            await talks.stored.close()

    for use in lives:
        asyncio.run(life(use))


def marked(match: ConversationMatch) -> list[str]:
    return [match.snippet[start:end] for start, end in match.marks]


# --- names and pins --------------------------------------------------------------------------------------


def test_a_name_and_a_pin_are_there_at_the_next_start_and_the_name_outlives_more_questions(
    tmp_path: Path,
) -> None:
    async def first(talks: Talks) -> None:
        conversation = await talks.talk("where to in May?", "Rome.")
        await talks.history.rename(conversation, "  Trip\n to Rome ")
        await talks.history.pin(conversation, True)
        await talks.talk("and in June?", conversation=conversation)

    async def second(talks: Talks) -> None:
        (listed,) = await talks.history.conversations()
        assert (listed.title, listed.pinned) == ("Trip to Rome", True)
        await talks.history.pin(listed.id, False)
        await talks.history.rename(listed.id, "x" * 500)
        (listed,) = await talks.history.conversations()
        assert (len(listed.title), listed.pinned) == (TITLE_CHARACTERS, False)

    talking(tmp_path, first, second)


@pytest.mark.parametrize("scope", [OWN, PRIVATE])
def test_nobody_changes_the_conversations_of_another_profile(tmp_path: Path, scope: MemoryScope) -> None:
    async def use(talks: Talks) -> None:
        conversation = await talks.talk("for all", "Yes.")
        talks.history.use(scope)
        for change in (
            talks.history.rename(conversation, "mine"),
            talks.history.pin(conversation, True),
            talks.history.delete(conversation),
        ):
            with pytest.raises(StorageError) as refused:
                await change
            assert refused.value.code == "storage.unknown_conversation"
        assert await talks.found("all") == []
        assert await talks.history.export(tmp_path / "all.json", (), {}) == 0
        talks.history.use(SHARED)
        assert [(each.title, each.pinned) for each in await talks.history.conversations()] == [
            ("for all", False)
        ]

    talking(tmp_path, use)


def test_conversations_from_before_there_were_pins_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "data" / "jarvis.sqlite3"
    old = open_database(file, MIGRATIONS[:2]).connection
    old.execute("INSERT INTO conversations (id, title, updated_at) VALUES ('c', 'from before', 1.0)")
    old.close()

    async def use(talks: Talks) -> None:
        (listed,) = await talks.history.conversations()
        assert (listed.title, listed.pinned) == ("from before", False)

    talking(tmp_path, use)


# --- deleting --------------------------------------------------------------------------------------------


def test_what_is_deleted_is_seen_nowhere_comes_back_when_restored_and_no_file_holds_it_once_erased(
    tmp_path: Path,
) -> None:
    async def use(talks: Talks) -> None:
        await talks.talk("what is bread?", "Food.")
        secret = await talks.talk("my sister is called Lucinda", "Lucinda is a fine name.")
        before = await talks.history.messages(secret)
        await talks.history.delete(secret)
        assert await talks.titles() == ["what is bread?"]
        assert await talks.found("lucinda") == []
        assert await talks.history.search("lucinda", 10) == ()
        with pytest.raises(StorageError):
            await talks.history.messages(secret)
        await talks.history.restore(secret)
        assert await talks.history.messages(secret) == before
        await talks.history.rename(secret, "Lucinda, my sister")
        await talks.history.delete(secret)
        await talks.history.erase_deleted()
        assert talks.holds(b"Lucinda") == []
        with pytest.raises(StorageError):
            await talks.history.restore(secret)
        assert await talks.titles() == ["what is bread?"]

    talking(tmp_path, use)


def test_what_was_deleted_before_a_crash_is_still_to_be_erased_after_it(tmp_path: Path) -> None:
    async def first(talks: Talks) -> None:
        talks.history.use(OWN)
        await talks.history.delete(await talks.talk("my sister is called Lucinda"))

    async def second(talks: Talks) -> None:
        ((_, owner),) = await talks.history.deleted()
        assert owner == OWN.owner
        await talks.history.erase_deleted()
        assert talks.holds(b"Lucinda") == []
        assert await talks.history.deleted() == ()

    talking(tmp_path, first, second)


# --- finding ---------------------------------------------------------------------------------------------


def test_a_search_finds_a_conversation_once_by_what_was_said_last_and_marks_the_words(tmp_path: Path) -> None:
    async def use(talks: Talks) -> None:
        café = await talks.talk("a café?", "The Café Müller, near the river.", "and tea?", "No tea there.")
        assert await talks.history.conversations()
        (match,) = await talks.found("CAFE mull")
        assert match.conversation.id == café
        assert match.snippet == "The Café Müller, near the river."
        assert marked(match) == ["Café", "Müll"]
        shown = {message.id: message.text for message in await talks.history.messages(café)}
        assert shown[match.message_id] == match.snippet

    talking(tmp_path, use)


def test_a_long_message_is_cut_around_the_words_and_joined_to_one_line(tmp_path: Path) -> None:
    async def use(talks: Talks) -> None:
        await talks.talk("tell me", f"{'before ' * 50}\n\n* the **heat   pump** hums\n{'after ' * 50}")
        (match,) = await talks.found("pump")
        assert match.snippet.startswith("… ")
        assert match.snippet.endswith(" …")
        assert "the **heat pump** hums" in match.snippet
        assert marked(match) == ["pump"]

    talking(tmp_path, use)


@pytest.mark.parametrize(
    ("said", "words", "shown"),
    [
        ("Die Straße ist naß", "strasse NASS", ["Straße", "naß"]),
        ("cafe\u0301 con leche", "café", ["cafe"]),
        ("ÉTÉ 🕐 été", "ete", ["ÉTÉ", "été"]),
        ("100% of a_b \"quoted\" AND 'more'", '% _b "quoted', ["%", "_b", '"quoted']),
    ],
)
def test_words_are_marked_where_they_stand_whatever_their_letters(
    tmp_path: Path, said: str, words: str, shown: list[str]
) -> None:
    async def use(talks: Talks) -> None:
        await talks.talk(said)
        (match,) = await talks.found(words)
        assert marked(match) == shown

    talking(tmp_path, use)


def test_titles_are_found_too_the_conversation_last_talked_in_comes_first(tmp_path: Path) -> None:
    async def use(talks: Talks) -> None:
        named = await talks.talk("what about May?", "Sunny.")
        await talks.history.rename(named, "Rome")
        said = await talks.talk("is Rome far?", "Yes.")
        await talks.talk("bread?", "No.")
        first, second = await talks.found("rome")
        assert (first.conversation.id, second.conversation.id) == (said, named)
        assert (second.message_id, second.snippet, second.marks) == ("", "", ())
        assert await talks.found("   ") == []
        assert await talks.found("rome bread") == []

    talking(tmp_path, use)


# --- files -----------------------------------------------------------------------------------------------


def test_an_export_holds_everything_and_brings_it_back_under_the_same_ids_once(tmp_path: Path) -> None:
    file = tmp_path / "chats.json"
    kept: list[Any] = []

    async def away(talks: Talks) -> None:
        rome = await talks.talk("¿Roma? 🕐", "Sí.", "when?", "In May")
        await talks.history.append(
            Message("broken", rome, "t9", Role.ASSISTANT, "The cap", 2000.0, error_code="engine.died")
        )
        await talks.history.pin(rome, True)
        await talks.talk("bread?", "Flour.")
        answer = (await talks.history.messages(rome))[1]
        cited = {answer.turn_id: (Citation("note-1", "trip.md", "Rome in May"),)}
        assert await talks.history.export(file, (), cited) == 2
        for each in await talks.history.conversations():
            kept.append((each, await talks.history.messages(each.id)))

    async def back(talks: Talks) -> None:
        assert await talks.history.import_file(file) == (2, 0)
        listed = await talks.history.conversations()
        assert [(each, await talks.history.messages(each.id)) for each in listed] == kept
        await talks.history.rename(listed[0].id, "renamed since")
        assert await talks.history.import_file(file) == (0, 2)
        assert (await talks.titles())[0] == "renamed since"
        assert [len(await talks.history.messages(each.id)) for each in listed] == [
            len(messages) for _, messages in kept
        ]

    talking(tmp_path, away)
    (tmp_path / "data").rename(tmp_path / "left behind")
    talking(tmp_path, back)
    records = json.loads(file.read_text(encoding="utf-8"))["conversations"][0]["messages"]
    assert [each.get("citations") for each in records] == [
        None,
        [{"id": "note-1", "source": "trip.md", "quote": "Rome in May"}],
        None,
        None,
        None,
    ]


def test_one_conversation_is_exported_as_markdown_that_reads_like_it(tmp_path: Path) -> None:
    file = tmp_path / "rome.MD"

    async def use(talks: Talks) -> None:
        rome = await talks.talk("Where to?", "**Rome**", "when?", "In Ma")
        await talks.talk("bread?")
        turn = (await talks.history.messages(rome))[1].turn_id
        assert await talks.history.export(file, [rome], {turn: (Citation("n", "trip.md", "Rome"),)}) == 1

    talking(tmp_path, use)
    text = file.read_text(encoding="utf-8")
    pieces = [
        "# Where to?",
        "**You** · ",
        "**Jarvis** · ",
        "**Rome**",
        "> trip.md: “Rome”",
        "In Ma",
        "interrupted",
    ]
    places = [text.find(piece) for piece in pieces]
    assert -1 not in places
    assert places == sorted(places)
    assert "bread" not in text


def exported(**changes: object) -> dict[str, Any]:
    """An export of one conversation with one message, of which some fields are others."""
    message = {"id": "m", "turn_id": "t", "role": "user", "text": "hi", "created_at": 1.0}
    conversation = {"id": "c", "title": "hi", "updated_at": 1.0, "messages": [message]}
    whole = {"format": "jarvis-conversations", "version": 1, "conversations": [conversation]}
    for fields in (message, conversation, whole):
        fields.update({key: changes[key] for key in fields.keys() & changes.keys()})
    return whole


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "not_an_export"),
        ("[]", "not_an_export"),
        ('{"conversations": []}', "not_an_export"),
        ("[" * 100_000, "not_an_export"),
        ("\udcff", "not_an_export"),
        (exported(format="chatgpt"), "not_an_export"),
        (exported(version=2), "export_newer"),
        (exported(id=""), "bad_export"),
        (exported(id=7), "bad_export"),
        (exported(role="system"), "bad_export"),
        (exported(text=None), "bad_export"),
        (exported(created_at=float("nan")), "bad_export"),
        (exported(updated_at=1e20), "bad_export"),
        (exported(updated_at="yesterday"), "bad_export"),
        (exported(messages={"id": "m"}), "bad_export"),
        (exported(messages=["hello"]), "bad_export"),
        (exported(conversations=[exported()["conversations"][0], None]), "bad_export"),
        (exported(messages=exported()["conversations"][0]["messages"] * 2), "bad_export"),
    ],
)
def test_a_bad_file_is_refused_by_name_and_changes_nothing(
    tmp_path: Path, content: str | dict[str, Any], code: str
) -> None:
    file = tmp_path / "import.json"
    text = content if isinstance(content, str) else json.dumps(content)
    file.write_bytes(text.encode(errors="surrogateescape"))

    async def use(talks: Talks) -> None:
        await talks.talk("bread?")
        with pytest.raises(StorageError) as refused:
            await talks.history.import_file(file)
        assert refused.value.code == f"conversations.{code}"
        assert str(file) in refused.value.message
        assert await talks.titles() == ["bread?"]

    talking(tmp_path, use)


def test_what_is_not_told_of_a_message_in_a_file_is_taken_for_the_plain_case(tmp_path: Path) -> None:
    file = tmp_path / "import.json"
    file.write_text(json.dumps(exported()))

    async def use(talks: Talks) -> None:
        assert await talks.history.import_file(file) == (1, 0)
        assert await talks.history.messages("c") == (Message("m", "c", "t", Role.USER, "hi", 1.0),)

    talking(tmp_path, use)


def test_a_file_that_cannot_be_written_or_read_is_told_and_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "chats.json").mkdir()

    async def use(talks: Talks) -> None:
        await talks.talk("bread?")
        with pytest.raises(StorageError):
            await talks.history.export(tmp_path / "chats.json", (), {})
        with pytest.raises(StorageError):
            await talks.history.import_file(tmp_path / "nowhere.json")

    talking(tmp_path, use)


# --- private conversations -------------------------------------------------------------------------------


def test_a_private_conversation_in_a_profile_that_keeps_others_never_reaches_the_disk_and_is_gone_when_left(
    tmp_path: Path,
) -> None:
    async def use(talks: Talks) -> None:
        await talks.talk("bread?", "Flour.")
        private = (await talks.history.new_conversation(private=True)).id
        assert talks.history.is_private(private)
        await talks.talk("a secret", "I see.", conversation=private)
        with talks.history.bound(private):  # an answer finds and keeps nothing, as in a private profile
            assert not talks.history.scope.stored
            assert await talks.history.search("bread", 10) == ()
            said = await talks.history.messages(private)
        assert [message.text for message in said] == ["a secret", "I see."]
        assert await talks.history.messages(private) == said
        assert await talks.titles() == ["bread?"]
        talks.history.use(OWN)
        with pytest.raises(StorageError):
            await talks.history.messages(private)
        talks.history.use(SHARED)
        talks.history.leave(private)
        assert await talks.history.messages(private) == ()
        await talks.history.append(replace(said[1], text="a secret said late"))
        assert await talks.history.messages(private) == ()
        assert talks.holds(b"secret") == []

    talking(tmp_path, use)
