"""Whether a fact is about what the user names: "my dentist", "dónde vivo", "mi hermana se llama Lucía"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jarvis_desktop.assistant.memories.facts import Fact, about_user
from jarvis_desktop.assistant.memories.telling import facts_in
from jarvis_desktop.assistant.memories.vocabulary import (
    ATTRIBUTES,
    FAVOURITES,
    GROUPS,
    RELATIONS,
    Term,
    pattern,
)
from jarvis_desktop.assistant.memories.words import content_words, folded

_KINDS = {
    "name": r"name|called|nombre|llam[oa]",
    "names": r"names?|called|nombres?|llaman",
    "home": r"home|live|lives|casa|vivo|vive",
    "job": r"job|work|works|trabaj[oa]|dedico|dedica",
    "workplace": r"job|work|works|workplace|trabaj[oa]",
    "age": r"age|old|edad|anos",
    "allergy": r"allergy|allergies|allergic|alergias?|alergic[oa]",
    "likes": r"do i like|likes|tastes|gustos|me gustan?",
    "origin": r"from|soy de|origin|origen",
    "appointment": r"appointment|meeting|when|cita|hora|cuando",
}
_OWN = re.compile(r"\b(?:my|our|i|i'm|me|mi|mis|yo|nuestr[oa]s?|tengo|vivo|trabajo|soy|cumplo)\b")


@dataclass(frozen=True, slots=True)
class Named:
    """What a text names that facts are about, by keys: people (and animals), things, kinds of fact."""

    people: frozenset[str]
    things: frozenset[str]
    kinds: frozenset[str]

    def fits(self, fact: Fact) -> bool:
        """Whether all that is named is the fact's."""
        whose = fact.whose.removeprefix("older ").removeprefix("younger ")
        if self.people and self.people != {whose} and self.people != {fact.key}:
            return False
        if not self.people and fact.whose:
            return False
        return fact.key in self.things or fact.kind in self.kinds or not (self.things or self.kinds)


def named(text: str) -> Named | None:
    """What a text names; None where that is nothing."""
    text = folded(text)
    found = Named(
        _keys({**RELATIONS, **GROUPS}, text),
        _keys(ATTRIBUTES, text) | (_keys(FAVOURITES, text) if "favo" in text else frozenset()),
        frozenset(kind for kind, words in _KINDS.items() if re.search(rf"\b(?:{words})\b", text)),
    )
    return found if found.people or found.things or found.kinds else None


def asked_of_oneself(question: str) -> Named | None:
    """What somebody asks of their own; None where it is nothing that facts are about."""
    return named(question) if _OWN.search(folded(question)) else None


def is_about(fact: Fact, about: str) -> bool:
    """Whether a fact is what is named: in a sentence that tells it, by its subject, or else by its words."""
    if told := {each.slot for each in facts_in(about)}:
        return fact.slot in told
    if (subject := named(about)) is not None:
        return subject.fits(fact)
    words = content_words(about)
    return bool(words) and words <= content_words(f"{about_user(fact)} {fact.thing}")


def _keys(terms: Mapping[str, Term], text: str) -> frozenset[str]:
    return frozenset(
        key
        for key, term in terms.items()
        if re.search(rf"\b(?:{pattern((*term.english, *term.spanish))})(?:'?s)?\b", text)
    )
