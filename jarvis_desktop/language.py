"""What a text's commonest words tell, well under a millisecond: its language, or that it says nothing."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

_SPANISH = frozenset(
    "a al algo como con cuál cuándo cuánto cómo de del dime dónde el ella en eres es esta este está gracias "
    "hay hola la las lo los me mi mis muy más no nos o para pero por porque puedes que qué quién se sí sobre "
    "son su también te tengo tiene tres tu tú un una uno y ya yo".split()
)
_ENGLISH = frozenset(
    "a about an and are at by can could did do does for from give hello how i in is it me my name of on or "
    "please tell thank thanks that the there this three to was what when where which who why will with would "
    "you your".split()
)
_SPANISH_ONLY = re.compile(r"[ñ¿¡áéíóú]", re.IGNORECASE)

_MURMURS = frozenset("mhm mm mmm hm hmm mhmm uh um uhh umm huh aha ajá ah oh eh ehm em uhm hmmm".split())


_ORDERS = frozenset("stop wait no quiet halt enough jarvis para espera alto calla basta silencio".split())
_REPEATED, _RUN = 0.6, 5  # share of the letters heard, in runs of so many: an echo comes through in pieces


def guess_language(text: str) -> str:
    """``es``, ``en``, or "" when the words do not tell."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    spanish = sum(word in _SPANISH for word in words) + 2 * bool(_SPANISH_ONLY.search(text))
    english = sum(word in _ENGLISH for word in words)
    if spanish == english:
        return ""
    return "es" if spanish > english else "en"


def only_murmurs(text: str) -> bool:
    """Whether a text is nothing but what listeners murmur ("Mm-hmm", "ajá"): no wish to interrupt."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    return bool(words) and all(word in _MURMURS for word in words)


def holds_order(text: str) -> bool:
    """Whether a text may be meant to stop Jarvis, however faintly it was heard."""
    return not _ORDERS.isdisjoint(re.findall(r"[^\W_]+", text.lower()))


def repeats(heard: str, spoken: str) -> bool:
    """Whether words heard while Jarvis spoke are its own, come back from the loudspeaker.

    What may be meant to stop it never counts as such.
    """
    words, own = (re.findall(r"[^\W_]+", text.lower()) for text in (heard, spoken))
    if not words or not own or holds_order(heard):
        return False
    # By letters, because a recogniser divides the words of a faint voice in its own way.
    letters = "".join(words)
    blocks = SequenceMatcher(None, letters, "".join(own), autojunk=False).get_matching_blocks()
    least = min(len(letters), _RUN)
    return sum(block.size for block in blocks if block.size >= least) >= _REPEATED * len(letters)
