"""Keeps what a user has told: the words that tell something, and the facts in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from jarvis_desktop.assistant.memories.facts import Fact, about_user, fact_of
from jarvis_desktop.assistant.memories.telling import facts_in, may_correct, statements
from jarvis_desktop.assistant.memories.words import content_words, folded
from jarvis_desktop.events import MemoryItem, MemoryKind
from jarvis_desktop.language import guess_language, only_murmurs
from jarvis_desktop.ports import LongTermMemory

FEWEST_WORDS = 2
"""Words of content in a sentence that is worth keeping, unless it tells a fact."""

BY_MODEL = "model"
"""Who drew a fact, in its metadata: the language model, not the rules."""

_PAGE = 500
_SPEAKER = {"es": "Usuario: ", "en": "User: "}
_REQUEST = re.compile(
    r"^(?:tell|give|write|explain|show|translate|make|set|play|open|close|turn|start|stop|list|name|describe"
    r"|summari[sz]e|calculate|compute|help|find|search|look|read|say|sing|repeat|compare|suggest"
    r"|recommend|create"
    r"|draw|convert|spell|count|let's|let us|i (?:want|need|would like|wish) (?:you |to know|to ask)"
    r"|i'd like (?:you"
    r"|to know|to ask)|i have a question|i wonder|forget|remember"
    r"|di|dime|dame|escribe|explica|explicame|cuenta|cuentame|muestra|muestrame|traduce|haz|hazme|pon"
    r"|ponme|abre"
    r"|cierra|apaga|enciende|busca|calcula|describe|resume|nombra|ayuda|ayudame|lee|leeme|canta"
    r"|repite|compara"
    r"|recomienda|recomiendame|sugiere|crea|dibuja|convierte|deletrea|para|quiero (?:saber|que|preguntar)"
    r"|necesito (?:saber|que|preguntar)|me gustaria (?:saber|que|preguntar)|tengo una (?:pregunta|duda)"
    r"|me pregunto|olvida|recuerda|(?:me )?(?:puedes|podrias|puede)|please)\b"
)
_SMALL_TALK = content_words(
    "hello good morning evening night afternoon fine okay nice great perfect sorry welcome bye "
    "goodbye cool right "
    "sure really wow interesting happy meet hola buenos buenas dias tardes noches genial perfecto "
    "vale adios bien "
    "claro perdona perdon encantado estupendo verdad interesante luego hasta nada favor jarvis"
)
_PREFIX = 3  # letters: "vivo" tells what "vive" does
_TELLING = frozenset(
    word[:_PREFIX]
    for word in content_words(
        "live work like love enjoy hate dislike adore stand moved born years old birthday allergic "
        "appointment now vivo trabajo gusta encanta odio detesto soporto mudado naci cumplo anos alergica "
        "cita tengo ahora"
    )
)
"""What sentences say a fact with."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a user said or wrote, and where: ids of message, turn and conversation, and the profile."""

    text: str
    language: str
    message_id: str
    turn_id: str
    conversation_id: str
    owner: str

    @property
    def day(self) -> str:
        """What the user knows a conversation by, which holds none of its words."""
        return f"{datetime.now():%Y-%m-%d %H:%M}"


async def keep(memory: LongTermMemory, said: Said) -> None:
    """Remember what a turn has told, if anything."""
    if told := worth_keeping(said.text):
        language = said.language or guess_language(told)
        await memory.remember(
            _SPEAKER.get(language, _SPEAKER["en"]) + told,
            kind=MemoryKind.TURN,
            item_id=said.message_id,
            source=said.day,
            location=said.conversation_id,
            owner=said.owner,
            metadata={"turn": said.turn_id, "language": language},
        )
    last = await last_fact(memory, said) if may_correct(said.text) else None
    for fact in facts_in(said.text, last):
        await keep_fact(memory, said, fact)


async def keep_fact(memory: LongTermMemory, said: Said, fact: Fact, *, by: str = "rules") -> None:
    """Remember a fact, and what drew it; it takes the place of an older one of its slot."""
    await memory.remember(
        about_user(fact),
        kind=MemoryKind.FACT,
        source=said.day,
        location=said.conversation_id,
        owner=said.owner,
        metadata={**fact.metadata(said.turn_id), "by": by},
    )


async def last_fact(memory: LongTermMemory, said: Said) -> Fact | None:
    """The fact that was told last in this conversation, and understood."""
    told = [
        item
        for item in await every(memory, said.owner, MemoryKind.FACT)
        if item.location == said.conversation_id
        and not item.superseded_by
        and item.metadata.get("by") != BY_MODEL
    ]
    return fact_of(max(told, key=lambda item: item.created_at)) if told else None


async def every(memory: LongTermMemory, owner: str, *kinds: MemoryKind) -> list[MemoryItem]:
    """All items of these kinds."""
    found: list[MemoryItem] = []
    for kind in kinds:
        offset = 0
        while page := await memory.listed(owner=owner, kind=kind, limit=_PAGE, offset=offset):
            found += page
            offset += len(page)
    return found


def worth_keeping(text: str) -> str:
    """The sentences of a text that tell more than facts; "" where it only asks, orders or greets.

    A sentence that is a fact and nothing else is kept as that: a newer fact then leaves no older words behind
    that say otherwise.
    """
    if only_murmurs(text):
        return ""
    return " ".join(sentence for sentence in statements(text) if _tells(sentence))


def _tells(sentence: str) -> bool:
    if _REQUEST.match(folded(sentence)):
        return False
    facts = facts_in(sentence)
    covered = {word[:_PREFIX] for fact in facts for word in content_words(f"{about_user(fact)} {fact.value}")}
    told = {word[:_PREFIX] for word in content_words(sentence) - _SMALL_TALK} - covered
    return bool(told - _TELLING) if facts else len(told) >= FEWEST_WORDS
