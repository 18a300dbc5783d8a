"""Whether a fact is about what the user names: "my dentist", "dónde vivo", "mi hermana se llama Lucía"."""

from __future__ import annotations

import re
from collections.abc import Mapping

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
    "name": r"name|nombre|me llamo",
    "home": r"home|where i live|casa|donde vivo",
    "job": r"job|work|trabajo",
    "workplace": r"job|work|workplace|trabajo",
    "age": r"age|edad",
    "allergy": r"allergy|allergies|alergias?",
    "likes": r"likes|tastes|gustos",
    "origin": r"where i am from|de donde soy",
}


def is_about(fact: Fact, about: str) -> bool:
    """Whether all that is named is the fact's: whose it is, what kind, which thing, or else its words."""
    if told := {each.slot for each in facts_in(about)}:
        return fact.slot in told
    text = folded(about)
    people = _named({**RELATIONS, **GROUPS}, text)
    things = _named(ATTRIBUTES, text) | (_named(FAVOURITES, text) if "favo" in text else set())
    kinds = {kind for kind, words in _KINDS.items() if re.search(rf"\b(?:{words})\b", text)}
    if not (people or things or kinds):
        words = content_words(about)
        return bool(words) and words <= content_words(f"{about_user(fact)} {fact.thing}")
    whose = fact.whose.removeprefix("older ").removeprefix("younger ")
    if people and people != {whose} and people != {fact.key}:
        return False
    if not people and fact.whose:
        return False
    if things or kinds:
        return fact.key in things or fact.kind in kinds
    return True


def _named(terms: Mapping[str, Term], text: str) -> set[str]:
    return {
        key
        for key, term in terms.items()
        if re.search(rf"\b(?:{pattern((*term.english, *term.spanish))})(?:'?s)?\b", text)
    }
