"""Draws from what a user says the facts that are plainly told, in Spanish and English.

Only sentences of a known form count: a fact that was missed can still be found in what was said, one that was
made up is a lie. Questions, suppositions and what others say tell nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import partial

from jarvis_desktop.assistant.memories.facts import Fact
from jarvis_desktop.assistant.memories.forms import CORRECTIONS, FORMS, FULL_STOP, THINGS, Form
from jarvis_desktop.assistant.memories.vocabulary import CONDITIONS, GROUPS, RELATIONS, key_of
from jarvis_desktop.assistant.memories.words import folded, folded_in_place
from jarvis_desktop.language import guess_language

LONGEST_VALUE = 80
MOST_WORDS = 10
"""Of a value: what is longer was not meant as one."""

_MOST_WORDS_OF_A_NOUN = 4  # "a primary school teacher"

_SENTENCE_END = re.compile(rf"(?:{FULL_STOP}|[!?…\n])\s*")
_QUESTION = re.compile(
    r"^(?:¿|(?:what|who|whom|whose|when|where|why|how|which|is|are|am|was|were|do|does|did|can|could"
    r"|will|would"
    r"|should|shall|have you|has|que|quien|quienes|cuando|donde|como|cual|cuales|cuanto|cuanta"
    r"|cuantos|cuantas"
    r"|por que)\b)"
)
_SUPPOSED = re.compile(
    r"^(?:(?:and |but |y |pero )?(?:if|suppose|imagine|pretend|what if|let's say|unless|si|supon\w*"
    r"|imagina\w*"
    r"|digamos|ojala|como si)\b(?!,)|.{0,40}\b(?:said|says|told me|asks|asked|wrote|dice|dijo|decia|pregunta"
    r"|pregunto|ha dicho|translate|traduce|write|escribe)\b)"
)
_LEAD = re.compile(
    r"^(?:[\s,¡\"'«“]|(?:oye|hey|ok|okay|jarvis|please|por favor|remember|recuerda|by the way|por cierto"
    r"|note that|apunta)\b)+"
)
_TRAILING = re.compile(
    r"\s+(?:any ?more|now|currently|these days|right now|too|as well|please|ahora|actualmente|ya|tambien"
    r"|por favor|mucho|a lot|very much|so much|de verdad)$"
)
_NOTHING = frozenset(
    "it that this them these those you him her us me one eso esto ello ella el este esta lo nada "
    "algo algun how "
    "what when where why to como que cuando cuanto mucho more not no the a an un una la los las muy".split()
)
_NAME_BEFORE = re.compile(r"^(?:el doctor|la doctora|don|dona|el senor|la senora|dr|dra|mr|mrs|ms|doctor)\b")
_DETERMINER = re.compile(r"^(?:the|a|an|some|el|la|los|las|un|una|unos|unas|my|mi|mis)\s+")
_SEVERAL = frozenset({"likes", "allergy", "being"})
_LIST = re.compile(r"\s+(?:and|y|e)\s+|\s*,\s*")


def facts_in(text: str, last: Fact | None = None) -> list[Fact]:
    """The facts that a text tells, in order. `last` is the one told before, which it may put right."""
    text = " ".join(unicodedata.normalize("NFC", text).replace("’", "'").split())
    found: list[Fact] = []
    for sentence in _sentences(text):
        told = list(_told(sentence))
        if not told and last is not None and (fact := _corrected(sentence, last)) is not None:
            told = [fact]
        found += told
        last = told[-1] if told else last
    latest = {fact.slot: fact for fact in found}  # "no longer in Leeds, now in York": the later one holds
    return [fact for fact in found if latest[fact.slot] is fact]


def may_correct(text: str) -> bool:
    """Whether a text may put right what was told before: then `facts_in` wants to know that."""
    return not facts_in(text) and bool(facts_in(text, Fact("name", "Name", "en")))


def statements(text: str) -> list[str]:
    """The sentences of a text that are neither questions nor suppositions."""
    return list(_sentences(" ".join(text.split())))


def _sentences(text: str) -> Iterator[str]:
    begin = 0
    for end in (*(match.end() for match in _SENTENCE_END.finditer(folded_in_place(text))), len(text)):
        sentence, begin = text[begin:end].strip(), end
        plain = folded_in_place(sentence)
        lead = _LEAD.match(plain)
        cut = lead.end() if lead else 0
        sentence, plain = sentence[cut:], plain[cut:]
        if plain and not plain.endswith("?") and not _QUESTION.match(plain) and not _SUPPOSED.match(plain):
            yield sentence


def _told(sentence: str) -> Iterator[Fact]:
    """The facts of one sentence; no word is used twice."""
    plain, taken = folded_in_place(sentence), list[tuple[int, int]]()
    found: list[tuple[int, Fact]] = []
    for form in FORMS:
        for match in form.words.finditer(plain):
            if any(begin < match.end() and match.start() < end for begin, end in taken):
                continue
            facts = list(_facts(form, match, sentence))
            if facts:
                taken.append(match.span())
                found += [(match.start(), fact) for fact in facts]
    yield from (fact for _, fact in sorted(found, key=lambda pair: pair[0]))


def _facts(form: Form, match: re.Match[str], sentence: str) -> Iterator[Fact]:
    groups = {name: found for name, found in match.groupdict().items() if found is not None}
    whose = _whose(groups)
    fact = partial(
        Fact,
        language=form.language,
        negated=any(name.startswith("no") for name in groups),
        person=_person(match, sentence),
    )
    if form.kind == "condition":
        key = key_of(CONDITIONS, groups["c"])
        begin, end = match.span("c")
        yield fact(f"{whose}condition:{key}", sentence[begin:end])
        return
    value = _value(sentence[slice(*match.span("v"))])
    if value is None or (form.proper and not _is_proper(value)):
        return
    if form.kind == "being" and len(value.split()) > _MOST_WORDS_OF_A_NOUN:
        return
    if form.kind in _SEVERAL:
        for one in _several(form.kind, value):
            yield fact(f"{whose}{form.kind}:{_DETERMINER.sub('', folded(one))}", one)
        return
    kind, _, key = form.kind.partition(":")
    thing = sentence[slice(*match.span("x"))] if "x" in groups else ""
    if "x" in groups:
        key = key or key_of(THINGS[kind], groups["x"])
    if "w" in groups:
        thing = sentence[slice(*match.span("w"))]
        key = key_of(RELATIONS, groups["w"])
    if kind in ("attribute", "favourite", "job") and folded(value).split()[0] in _STATES:
        return
    if _unfit(kind, key, groups):
        return
    yield fact(f"{whose}{kind}" + (f":{key}" if key else ""), value, thing=thing)


def _several(kind: str, value: str) -> Iterator[str]:
    """What a list names; "al" holds an article ("alergia al polen y a las nueces")."""
    for each in _LIST.split(value):
        if kind == "allergy":
            each = re.sub(r"^(?:a|to) ", "", re.sub(r"^al ", "el ", each))
        if (one := _value(each)) is not None:
            yield one


_STATES = frozenset(
    "in on at with being broken here there very too so really out near gone dead missing lost stolen "
    "expensive "
    "hard well fine better worse en con muy roto rota aqui alli ahi demasiado perdido perdida bien "
    "mal mejor peor "
    "mejor caro cara".split()
)
"""What begins a word about the state of a thing: "my car is in the garage" does not tell which car it is."""


def _unfit(kind: str, key: str, groups: Mapping[str, str]) -> bool:
    """Whether a thing of the user's is none: "my sister's problem", "my point"."""
    words = key.split()
    free = kind == "attribute" and "x" in groups and key not in THINGS["attribute"]
    return free and (len(words) > 4 or not _NO_THING.isdisjoint(words))


_NO_THING = frozenset(
    "question problem point idea guess answer opinion plan goal issue favourite favorite pregunta "
    "problema idea "
    "duda respuesta opinion plan objetivo favorito favorita que that is es".split()
)


def _corrected(sentence: str, last: Fact) -> Fact | None:
    """`last` with the value that a sentence puts in its place."""
    if last.kind in (*_SEVERAL, "condition"):
        return None
    plain = folded_in_place(sentence)
    for form in reversed(CORRECTIONS):
        match = form.search(plain)
        value = _value(sentence[slice(*match.span("v"))]) if match is not None else None
        if value is not None and (_is_proper(value) or not _is_proper(last.value)):
            language = guess_language(sentence) or last.language
            person = last.person if language == last.language else ""
            return Fact(last.slot, value, language, thing=last.thing, person=person)
    return None


def _whose(groups: Mapping[str, str]) -> str:
    if "p" in groups:
        return f"{key_of(GROUPS, groups['p'])}."
    if "r" not in groups:
        return ""
    degree = groups.get("mod", "")
    older, younger = degree in ("older", "elder", "big", "mayor"), bool(degree)
    return f"{'older ' if older else 'younger ' if younger else ''}{key_of(RELATIONS, groups['r'])}."


def _person(match: re.Match[str], sentence: str) -> str:
    """The word for somebody around the user, with its accents; "" where it is the user's own fact."""
    groups = match.groupdict()
    name = next((name for name in ("r", "p") if groups.get(name)), None)
    return sentence[slice(*match.span(name))].lower() if name else ""


def _value(text: str) -> str | None:
    """A value without what surrounds it; None where it is none."""
    value = text.strip(" \t\"'«»“”,;:.!?")
    while (match := _TRAILING.search(folded_in_place(value))) is not None:
        value = value[: match.start()]
    words = folded(value).split()
    if not words or len(value) > LONGEST_VALUE or len(words) > MOST_WORDS:
        return None
    if words[0] in _NOTHING and (len(words) == 1 or words[0] in _PRONOUNS):
        return None
    return value


_PRONOUNS = frozenset(
    "it that this them these those you how what when where why to como que cuando not no muy more "
    "eso esto".split()
)


def _is_proper(value: str) -> bool:
    """Whether it is a name, or has a figure in it."""
    first = value.split(" ")[0]
    return (
        first[:1].isupper()
        or any(sign.isdigit() for sign in value)
        or bool(_NAME_BEFORE.match(folded(value)))
    )
