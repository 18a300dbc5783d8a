"""Facts in what the user told and no rule understood: the language model reads it while nobody asks."""

from __future__ import annotations

import asyncio
import logging
import re
import unicodedata
from collections import deque
from collections.abc import Callable
from contextlib import aclosing

from jarvis_desktop.assistant.memories.facts import Fact
from jarvis_desktop.assistant.memories.remembering import BY_MODEL, Said, keep_fact, worth_keeping
from jarvis_desktop.assistant.memories.telling import facts_in, statements
from jarvis_desktop.assistant.memories.vocabulary import RELATIONS, key_of
from jarvis_desktop.assistant.memories.words import content_words, folded, folded_in_place
from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.tasks import cancel, spawn
from jarvis_desktop.errors import JarvisError, StorageError
from jarvis_desktop.events import Event, MemoriesChanged
from jarvis_desktop.language import guess_language
from jarvis_desktop.ports import ChatMessage, ChatModel, ChatOptions, LongTermMemory

log = logging.getLogger(__name__)

IDLE_SECONDS = 8.0
"""The engine is left alone for so long after an answer: the next question often follows at once."""

_MOST_WAITING = 8  # texts; older ones are found by their words only
_LONGEST = 600  # characters: what is longer was pasted
_MOST_FACTS = 3  # of one text: a small model that writes more repeats itself
_WORDS_BETWEEN = 2
_MOST_WORDS = 16  # of what is quoted: more is a story
_OPTIONS = ChatOptions(max_tokens=80, temperature=0.0, patient=True)

_INSTRUCTIONS = (
    "You list the lasting facts that the user tells about themselves, their family, friends, pets and "
    "things. One line for each fact: subject | attribute | value. The subject is user, or a person or "
    "animal of the text. Subject, attribute and value are words copied from the text. Moods, plans for "
    "today and opinions are no facts. Write none where there is no lasting fact."
)
_EXAMPLES = (
    ("We bought a boat last year, a red Bayliner.", "user | boat | red Bayliner"),
    ("Uf, ha sido un día larguísimo.", "none"),
    ("Mi vecina Rosa da clases de violín.", "Rosa | clases | violín"),
    ("I ride a mountain bike on Sundays.", "user | ride | a mountain bike"),
    ("Nuestra cocina tiene suelo de barro.", "user | cocina | suelo de barro"),
)
_UNCERTAIN = re.compile(
    r"\b(?:no|not|\w+n't|cannot|never|without|neither|nor|hardly|nobody|nothing|nunca|jamas|tampoco|ni|sin|nadie"
    r"|if|would|could|might|may|maybe|perhaps|probably|wish|hope|hypothetically|suppose|imagine|think about"
    r"|si|quiza|quizas|tal vez|a lo mejor|podria\w*|ojala|igual|seria|tendria|me gustaria|imagina|supon)\b"
)
_FIRST_PERSON = re.compile(
    r"\b(?:i|me|my|mine|we|us|our|ours|yo|mi|mis|mio|mia|nos|nosotr[oa]s|nuestr[oa]s?)\b|^\W*\w*(?:o|oy|é|í|mos|he)\b",
    re.IGNORECASE,
)
"""Spanish leaves the pronoun out: there the sentence begins with the verb."""

_USER = frozenset("user usuario i yo me we nosotros".split())


class FactReader:
    """Has the language model read what was told, once nobody has asked for a while.

    `ready` tells whether the engine is loaded, `wanted` whether the user wants this. An engine elsewhere is
    not asked. Nothing is read before the first `go_on`: single commands end with their answer. All methods
    run on the core thread.
    """

    def __init__(
        self,
        parts: Parts,
        ready: Callable[[], bool],
        wanted: Callable[[], bool],
        emit: Callable[[Event], None],
    ) -> None:
        self._parts = parts
        self._ready = ready
        self._wanted = wanted
        self._emit = emit
        self._waiting: deque[tuple[Said, str]] = deque(maxlen=_MOST_WAITING)
        self._held = True
        self._work: asyncio.Task[None] | None = None

    def take(self, said: Said) -> None:
        """What was told, and is kept in words, is to be read."""
        if self._wanted() and (text := untold(said.text)):
            self._waiting.append((said, text))
            self._start()

    def hold(self) -> None:
        """Somebody asks, or is about to: whatever is being read is dropped at once, to be read later."""
        self._held = True
        if self._work is not None:
            self._work.cancel()

    def go_on(self) -> None:
        """Read what waits, once it has been quiet for long enough."""
        self._held = False
        self._start()

    async def stop(self) -> None:
        """Wait until the engine is free of this."""
        if self._work is not None:
            await cancel(self._work)

    def _start(self) -> None:
        if self._held or not self._waiting:
            return
        if self._work is None or self._work.done() or self._work.cancelling():
            self._work = spawn(self._run(), "facts", self._emit)

    async def _run(self) -> None:
        await asyncio.sleep(IDLE_SECONDS)
        while self._waiting and self._wanted() and self._ready() and self._parts.chat.engine != "remote":
            first = self._waiting[0]
            try:
                await self._read(*first)
            except JarvisError as error:
                log.info("what was told was not read for facts: %s", error.code)  # its words are kept
            if self._waiting and self._waiting[0] is first:
                self._waiting.popleft()

    async def _read(self, said: Said, text: str) -> None:
        if (memory := self._parts.memory) is None or not await _is_kept(memory, said):
            return
        facts = await read_facts(self._parts.chat, text)
        if facts and await _is_kept(memory, said):  # it may have been forgotten in the window meanwhile
            for fact in facts:
                await keep_fact(memory, said, fact, by=BY_MODEL)
            self._emit(MemoriesChanged())


async def _is_kept(memory: LongTermMemory, said: Said) -> bool:
    """Whether the words are still there, from which facts are drawn."""
    try:
        await memory.show(said.message_id, owner=said.owner)
    except StorageError:
        return False
    return True


def untold(text: str) -> str:
    """The sentences that tell what no rule has understood; none that deny or suppose something."""
    if len(text) > _LONGEST or "\n" in text.strip():
        return ""
    return " ".join(
        one
        for one in statements(worth_keeping(text))
        if not facts_in(one) and not _UNCERTAIN.search(folded(one).replace("’", "'"))
    )


async def read_facts(chat: ChatModel, text: str) -> list[Fact]:
    """What the model finds in a text, as far as the text says it. Raises what `stream` raises."""
    prompt = [ChatMessage("system", _INSTRUCTIONS)]
    for told, found in _EXAMPLES:
        prompt += [ChatMessage("user", told), ChatMessage("assistant", found)]
    prompt.append(ChatMessage("user", text))
    reply = ""
    async with aclosing(chat.stream(prompt, _OPTIONS)) as deltas:  # type: ignore[type-var]
        async for delta in deltas:
            reply += delta.text
    return grounded(reply, text)


def grounded(reply: str, text: str) -> list[Fact]:
    """The facts among the lines of a reply that quote the text, and name who that sentence is about."""
    found: dict[str, Fact] = {}
    for line in reply.splitlines():
        subject, *words = (" ".join(field.split()).strip(" .\"'*-") for field in line.split("|"))
        for sentence in statements(text) if len(words) > 1 else ():
            if (fact := _fact(subject, words[0], " ".join(words[1:]), sentence)) is not None:
                found.setdefault(fact.slot, fact)
    return list(found.values())[:_MOST_FACTS]


def _fact(subject: str, attribute: str, value: str, sentence: str) -> Fact | None:
    """What the sentence says of the subject as far as the value, in its own words."""
    sentence = unicodedata.normalize("NFC", sentence)
    if not content_words(attribute) or not content_words(value):
        return None
    parts = [re.escape(folded(words)) for words in (attribute, value)]
    pattern = rf"(?<!\w)({parts[0]})(?:\W+\w+){{0,{_WORDS_BETWEEN}}}?\W+{parts[1]}(?!\w)"
    if (found := re.search(pattern, folded_in_place(sentence))) is None:
        return None
    before = sentence[: found.start()]
    if folded(subject) in _USER and key_of(RELATIONS, attribute) in RELATIONS:
        # "user | sister | a dentist" tells of the sister.
        subject, before = attribute, sentence[: found.end(1)]
    if (whose := _whose(subject, before)) is None:
        return None
    if not whose and not _FIRST_PERSON.search(sentence[: found.end()]):
        return None
    # From the subject on: where the model leaves out the verb, the quote has it.
    last_word = folded(subject).split()[-1]
    begin = folded_in_place(before).rfind(last_word) + len(last_word) if whose else 0
    quote = sentence[begin : found.end()].strip(" ,;")
    if len(quote.split()) > _MOST_WORDS:
        return None
    person = sentence[begin - len(last_word) : begin].lower() if whose[:1].islower() else ""
    slot, language = f"{whose}said:{folded(quote)}", guess_language(sentence) or "en"
    return Fact(slot, quote, language, thing=attribute, person=person)


def _whose(subject: str, before: str) -> str | None:
    """How a slot begins: "" for the user's own; None unless `before`, what goes before, is about that one."""
    words = re.findall(r"\w+", before)
    named = [word for word in words[1:] if word[:1].isupper() and word != "I"]
    others = [key for word in words if (key := key_of(RELATIONS, word)) in RELATIONS]
    plain = folded(subject).removeprefix("my ").removeprefix("mi ")
    if plain in _USER:
        return "" if not named and not others else None
    if subject in named:
        return f"{subject}."
    known = key_of(RELATIONS, plain)
    return f"{known}." if others == [known] and not named and plain in folded(before).split() else None
