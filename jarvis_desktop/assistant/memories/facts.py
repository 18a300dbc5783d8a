"""Facts about the user, and how they are told: of the user to the model, and to the user in both languages.

The slot of a fact is the same in both languages, so that a newer fact replaces an older one whatever it was
told in: ``home``, ``sister.name``, ``allergy:nuts``, ``attribute:car`` (``[whose.]kind[:what]``).
"""

from __future__ import annotations

from dataclasses import dataclass

from jarvis_desktop.assistant.memories.vocabulary import (
    ANIMALS,
    ATTRIBUTES,
    CONDITIONS,
    FAVOURITES,
    GROUPS,
    RELATIONS,
    Term,
)
from jarvis_desktop.events import MemoryItem

SUBJECT = "user"
"""Whom all facts are about, in an item's metadata."""

Metadata = dict[str, str | int | float | bool]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing about the user; `thing` is the user's own word for what the slot's key stands for.

    `person` is that for whose it is: a "prima" is no "primo", and both are a cousin. `edited`: what the user
    made of its sentence by hand, which tells it from then on; it has no value then.
    """

    slot: str
    value: str
    language: str  # es or en
    negated: bool = False
    thing: str = ""
    edited: str = ""
    person: str = ""

    @property
    def whose(self) -> str:
        """Key of the person or animal it is about; "" the user."""
        return self._head.rpartition(".")[0]

    @property
    def kind(self) -> str:
        return self._head.rpartition(".")[2]

    @property
    def key(self) -> str:
        """What of a kind it is about, for kinds of which there are several."""
        return self.slot.partition(":")[2]

    @property
    def _head(self) -> str:
        return self.slot.partition(":")[0]

    def metadata(self, turn_id: str) -> Metadata:
        """As an item keeps it; `turn_id` is where it was told."""
        return {
            "subject": SUBJECT,
            "slot": self.slot,
            "value": self.value,
            "negated": self.negated,
            "thing": self.thing,
            "person": self.person,
            "language": self.language,
            "turn": turn_id,
        }


def fact_of(item: MemoryItem) -> Fact | None:
    """The fact that an item tells; None where it tells none."""
    data = item.metadata
    slot, value = data.get("slot"), data.get("value", "")
    if not isinstance(slot, str) or not isinstance(value, str):
        return None
    return Fact(
        slot,
        value,
        "es" if data.get("language") == "es" else "en",
        bool(data.get("negated")),
        str(data.get("thing") or ""),
        edited="" if value else item.text,
        person=str(data.get("person") or ""),
    )


@dataclass(frozen=True, slots=True)
class _Wording:
    """Sentences of somebody, and to the user: `{s}` whose, `{v}` the value, `{no}` a Spanish "no"."""

    of: str
    of_not: str
    to: str
    to_not: str
    de: str
    a: str
    label: str
    etiqueta: str


_USERS = "the user's"

_WORDINGS = {
    "name": _Wording(
        *("{s} is called {v}", "{s} is not called {v}", "your name is {v}", "your name is not {v}"),
        *("{s} {no}se llama {v}", "{no}te llamas {v}", "your name", "tu nombre"),
    ),
    "names": _Wording(
        *("{s} are called {v}", "{s} are not called {v}", "", ""),
        *("{s} {no}se llaman {v}", "", "", ""),
    ),
    "home": _Wording(
        *("{s} lives in {v}", "{s} does not live in {v}", "you live in {v}", "you do not live in {v}"),
        *("{s} {no}vive en {v}", "{no}vives en {v}", "where you live", "dónde vives"),
    ),
    "origin": _Wording(
        *("{s} is from {v}", "{s} is not from {v}", "you are from {v}", "you are not from {v}"),
        *("{s} {no}es de {v}", "{no}eres de {v}", "where you are from", "de dónde eres"),
    ),
    "job": _Wording(
        *("{s} works as {v}", "{s} does not work as {v}", "you work as {v}", "you do not work as {v}"),
        *("{s} {no}trabaja de {v}", "{no}trabajas de {v}", "your job", "tu trabajo"),
    ),
    "workplace": _Wording(
        *("{s} works at {v}", "{s} does not work at {v}", "you work at {v}", "you do not work at {v}"),
        *("{s} {no}trabaja en {v}", "{no}trabajas en {v}", "where you work", "dónde trabajas"),
    ),
    "age": _Wording(
        *("{s} is {v} years old", "{s} is not {v} years old"),
        *("you are {v} years old", "you are not {v} years old"),
        *("{s} {no}tiene {v} años", "{no}tienes {v} años", "your age", "tu edad"),
    ),
    "being": _Wording(
        *("{s} is {v}", "{s} is not {v}", "you are {v}", "you are not {v}"),
        *("{s} {no}es {v}", "{no}eres {v}", "something about you", "algo sobre ti"),
    ),
    "allergy": _Wording(
        *("{s} is allergic to {v}", "{s} is not allergic to {v}"),
        *("you are allergic to {v}", "you are not allergic to {v}"),
        *("{s} {no}tiene alergia a {v}", "{no}tienes alergia a {v}", "an allergy", "una alergia"),
    ),
    "likes": _Wording(
        *("{s} likes {v}", "{s} does not like {v}", "you like {v}", "you do not like {v}"),
        *(
            "a {s} {no}le gusta {v}",
            "{no}te gusta {v}",
            "something you like or not",
            "algo que te gusta o no",
        ),
    ),
    "condition": _Wording(
        *("{s} is {v}", "{s} is not {v}", "you are {v}", "you are not {v}"),
        *("{s} {no}es {v}", "{no}eres {v}", "something about you", "algo sobre ti"),
    ),
}


def about_user(fact: Fact) -> str:
    """The fact as a sentence of somebody who speaks of the user, in the language it was told in."""
    return _told(fact, fact.language, to_user=False)


def to_user(fact: Fact, language: str) -> str:
    """The fact as a sentence to the user: in that language where it can be told so, else as it was told."""
    language = "es" if language == "es" else "en"
    return _told(fact, language if _can_be_told(fact, language) else fact.language, to_user=True)


def label(fact: Fact, language: str) -> str:
    """What the fact is about, without what it says: "your sister's name"."""
    wording = _WORDINGS.get("condition" if fact.kind == "said" else fact.kind)
    if fact.whose:
        if language == "es":
            about = "el nombre de" if fact.kind == "name" else "algo sobre"
            return f"{about} {_subject_es(fact, to_user=True)}"
        person = _subject_en(fact, to_user=True)
        return f"{person}'s name" if fact.kind == "name" else f"something about {person}"
    if wording is not None:
        return wording.etiqueta if language == "es" else wording.label
    thing = _thing(fact, language)
    return f"tu {thing}" if language == "es" else f"your {thing}"


def _can_be_told(fact: Fact, language: str) -> bool:
    """Whether nothing of it would have to be translated, or guessed: Spanish tells who is a woman."""
    if language == "es" != fact.language and _gender(fact) == "":
        return False
    if fact.kind == "condition":
        term = CONDITIONS.get(fact.key)
        return term is not None and (language == "en" or bool(fact.whose) or len(term.spanish) == 1)
    if fact.key in _DATES:
        return not any(sign.isalpha() for sign in fact.value)
    words = fact.value.split()
    return bool(words) and not any(
        word[0].islower() and (word is words[0] or word not in _PARTICLES) for word in words
    )


_DATES = frozenset({"birthday", "wedding anniversary"})
_PARTICLES = frozenset("de del la las los el of the".split())  # of names


def _told(fact: Fact, language: str, *, to_user: bool) -> str:
    if fact.edited:
        return fact.edited
    if fact.kind in ("attribute", "favourite", "appointment"):
        sentence = _own(fact, language, to_user=to_user)
    elif fact.kind == "said":
        sentence = _quoted(fact, language, to_user=to_user)
    else:
        sentence = _by_wording(fact, language, to_user=to_user)
    return sentence[:1].upper() + sentence[1:] + ("" if sentence.endswith((".", "!")) else ".")


def _by_wording(fact: Fact, language: str, *, to_user: bool) -> str:
    wording, person = _WORDINGS[fact.kind], not to_user or bool(fact.whose)
    value = _condition(fact, language) if fact.kind == "condition" else fact.value
    if language == "es":
        template = wording.de if person else wording.a
        sentence = template.format(s=_subject_es(fact, to_user=to_user), v=value, no="no " * fact.negated)
        if fact.key in _PASSING:
            sentence = sentence.replace(" es ", " está ", 1).replace("eres ", "estás ", 1)
        if value.startswith(("los ", "las ")):
            sentence = sentence.replace(" gusta ", " gustan ")
        sentence = sentence.replace(" en cerca ", " cerca ", 1).replace(" a el ", " al ", 1)
        return sentence.replace("a el ", "al ", 1) if sentence.startswith("a el ") else sentence
    positive, negative = (wording.of, wording.of_not) if person else (wording.to, wording.to_not)
    sentence = (negative if fact.negated else positive).format(s=_subject_en(fact, to_user=to_user), v=value)
    return sentence.replace(" in near ", " near ", 1)


_PASSING = frozenset({"married", "divorced", "retired", "unemployed", "pregnant"})
"""Conditions with "estar"."""


def _own(fact: Fact, language: str, *, to_user: bool) -> str:
    """A sentence about what somebody has: "the user's car is …"."""
    thing = _thing(fact, language)
    if language == "es":
        no = "no " * fact.negated
        verb = "es el" if fact.key == "birthday" and fact.value[:1].isdigit() else "es"
        if to_user and not fact.whose:
            return f"tu {thing} {no}{verb} {fact.value}"
        owner = f"de {_subject_es(fact, to_user=to_user)}".replace("de el ", "del ", 1)
        return f"{_article(fact, thing)} {thing} {owner} {no}{verb} {fact.value}"
    verb = "is not" if fact.negated else "is"
    if to_user and not fact.whose:
        return f"your {thing} {verb} {fact.value}"
    return f"{_subject_en(fact, to_user=to_user)}'s {thing} {verb} {fact.value}"


def _quoted(fact: Fact, language: str, *, to_user: bool) -> str:
    """A sentence around words of the user's own. No colon before them: that would name a speaker."""
    if language == "es":
        of = _subject_es(fact, to_user=to_user) if fact.whose or to_user else "sí"
        said = "dijiste" if to_user else "el usuario dijo"
        return f'{said} de {of} "{fact.value}"'.replace(" de el ", " del ", 1)
    of = _subject_en(fact, to_user=to_user) if fact.whose else "yourself" if to_user else "themselves"
    return f'{"you" if to_user else "the user"} said of {of} "{fact.value}"'


def _thing(fact: Fact, language: str) -> str:
    """The word for what somebody has."""
    if fact.kind == "favourite":
        term = FAVOURITES.get(fact.key)
        word = _word(term, language) if term else fact.thing or fact.key
        if language != "es":
            return f"favourite {word}"
        return f"{word} favorit{'a' if _feminine(term, word) else 'o'}"
    if fact.kind == "appointment":
        term = RELATIONS.get(fact.key)
        word = _word(term, language) if term else fact.thing or fact.key
        if term is None and word[:1].isupper():  # somebody's name
            return f"cita con {word}" if language == "es" else f"appointment with {word}"
        article = term.article if term is not None else "el"
        return f"cita con {article} {word}" if language == "es" else f"appointment with the {word}"
    term = ATTRIBUTES.get(fact.key)
    return _word(term, language) if term else fact.thing or fact.key


def _condition(fact: Fact, language: str) -> str:
    term = CONDITIONS.get(fact.key)
    if language == fact.language or term is None:
        return fact.value
    return term.spanish[-1] if language == "es" and _gender(fact) == "la" else _word(term, language)


def _article(fact: Fact, thing: str) -> str:
    term = {"favourite": FAVOURITES, "attribute": ATTRIBUTES}.get(fact.kind, {}).get(fact.key)
    return "la" if fact.kind == "appointment" or _feminine(term, thing) else "el"


def _feminine(term: Term | None, word: str) -> bool:
    """Whether a Spanish word takes "la": known, or by its ending."""
    if term is not None:
        return term.article == "la"
    return word.split(" ")[0].endswith(("a", "ción", "sión", "dad", "tad"))


def _word(term: Term, language: str) -> str:
    return term.spanish[0] if language == "es" else term.english[0]


def _person(fact: Fact, language: str) -> str:
    """The word for somebody around the user: "older sister", "hermana mayor"."""
    degree, key = _who(fact)
    term = _TERMS.get(key)
    known = _word(term, language) if term is not None else key
    word = fact.person if fact.person and language == fact.language else known
    if language != "es":
        return f"{degree} {word}".strip()
    return f"{word} {'mayor' if degree == 'older' else 'menor'}" if degree else word


def _who(fact: Fact) -> tuple[str, str]:
    """Which of two ("older", "younger", else ""), and the key of somebody around the user."""
    degree = next((each for each in ("older", "younger") if fact.whose.startswith(f"{each} ")), "")
    return degree, fact.whose.removeprefix(f"{degree} ")


_TERMS = {**RELATIONS, **GROUPS}


def _gender(fact: Fact) -> str:
    """The Spanish article of whose a fact is; "" where English does not tell whether it is a woman."""
    _, key = _who(fact)
    term = _TERMS.get(key)
    if term is None:
        return "el"
    if fact.person and fact.language == "es":
        return _gender_of(fact.person, term)
    both = len({_gender_of(word, term) for word in term.spanish}) > 1 and key not in ANIMALS
    return "" if both else term.article


def _gender_of(word: str, term: Term) -> str:
    """By the ending that tells it, but for the words that the vocabulary has an article for."""
    if word == term.spanish[0]:
        return term.article
    ends = (part[-1] for part in word.split())
    return next(({"a": "la", "o": "el"}[end] for end in ends if end in "ao"), term.article)


def _subject_en(fact: Fact, *, to_user: bool) -> str:
    if not fact.whose:
        return "you" if to_user else "the user"
    if fact.whose[0].isupper():  # somebody's name
        return fact.whose
    return f"{'your' if to_user else _USERS} {_person(fact, 'en')}"


def _subject_es(fact: Fact, *, to_user: bool) -> str:
    if not fact.whose:
        return "ti" if to_user else "el usuario"
    if fact.whose[0].isupper():
        return fact.whose
    person = _person(fact, "es")
    if to_user:
        return f"tus {person}" if fact.whose in GROUPS else f"tu {person}"
    return f"{_gender(fact) or 'el'} {person} del usuario"
