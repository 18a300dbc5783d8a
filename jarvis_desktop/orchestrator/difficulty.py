"""How hard a question is, by its words alone: well under a millisecond, for choosing a model and a prompt.

A multinomial logistic regression over yes-or-no features: hits in a bilingual lexicon of stems, single words,
pairs of words and length. Lexicon and weights are text (resources/difficulty.json); the lexicon is written by
hand, the weights by tools/train_difficulty.py.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from jarvis_desktop.events import Tier
from jarvis_desktop.resources import resource

READ_CHARACTERS = 1000  # what a question asks shows within about 150 words; the rest only costs time

_WORD = re.compile(r"[a-z]+|\d+(?:[.,:]\d+)*")
_CODE = re.compile(r"[{}<>=_\\|*^]|\w\(\w*\)|[a-z]{2}\.[a-z]{2}|\+\+")
_LENGTHS = (4, 7, 10, 14, 18, 24, 32)  # words; each step passed is a feature
_LONG = 10  # words
_HITS = (1, 2, 3, 5)  # words that hit one part of the lexicon; each step passed is a feature
_FAMILIES = ("technical", "reasoning", "everyday")  # of the parts of the lexicon, named family/part
_TECHNICAL, _REASONING = 33, 66  # scores from which a question counts as such


@dataclass(frozen=True, slots=True)
class Difficulty:
    """How hard a question is."""

    score: int  # 0 (small talk) to 100 (many steps); thirds are the tiers
    tier: Tier


@dataclass(frozen=True, slots=True)
class _Model:
    """The resource, ready for look-ups."""

    stems: Mapping[str, tuple[str, ...]]  # the start of a word or phrase, and the parts it belongs to
    stem_lengths: tuple[int, ...]  # characters
    weights: Mapping[str, tuple[float, float]]  # by feature: log-odds of technical and reasoning over chat


def difficulty(text: str) -> Difficulty:
    """Score and tier of a question in Spanish or English, punctuated or as a recogniser hears it.

    Only the first `READ_CHARACTERS` count. A text without a single word that the model knows is
    chat: noise, or a greeting in some third language, is not worth the large model.
    """
    weights = _model().weights
    seen = features(text)
    if not any(feature in weights for feature in seen if feature[0] not in "#&"):
        return Difficulty(0, Tier.CHAT)
    known = [weights[feature] for feature in seen if feature in weights]
    score = _score(*map(math.fsum, zip(*known, strict=True)))  # fsum: a set has no order
    if score < _TECHNICAL:
        return Difficulty(score, Tier.CHAT)
    return Difficulty(score, Tier.TECHNICAL if score < _REASONING else Tier.REASONING)


def features(text: str) -> set[str]:
    """What the model looks at, by name.

    ``prove`` is a word, ``^ prove`` or ``prove that`` two in a row (^ is the beginning).
    ``@technical/maths>1`` means two or more words in that part of the lexicon; ``@technical>1`` the family,
    ``&technical everyday long`` which families came together: length makes hard only what has a cue for it.
    ``#words>6`` is a length, ``#code`` the signs of a program, and ``#`` alone is always there.
    """
    text = _fold(text[:READ_CHARACTERS])
    words = _WORD.findall(text)
    found = {"#", *words}
    found.update(f"{first} {second}" for first, second in pairwise(["^", *words]))
    found.update(f"#words>{length - 1}" for length in _LENGTHS if len(words) >= length)
    hits = _lexicon_hits(words)
    for part, count in hits.items():
        found.update(f"@{part}>{step - 1}" for step in _HITS if count >= step)
    families = " ".join(family for family in _FAMILIES if hits[family])
    found.update((f"&{families}", f"&{families} {'long' if len(words) >= _LONG else 'short'}"))
    if _CODE.search(text):
        found.add("#code")
    return found


def _lexicon_hits(words: Iterable[str]) -> Counter[str]:
    """How many words begin with a stem, or begin a phrase, of each part and family of the lexicon."""
    model = _model()
    joined = "_".join(words) + "_"  # so that phrases and whole words are stems like any other
    hits: Counter[str] = Counter()
    begin = 0
    while begin < len(joined):
        parts: set[str] = set()
        for length in model.stem_lengths:
            for part in model.stems.get(joined[begin : begin + length], ()):
                parts.update((part, part.partition("/")[0]))
        hits.update(parts)
        begin = joined.index("_", begin) + 1
    return hits


def _score(technical: float, reasoning: float) -> int:
    """The expected place between chat (0), technical (50) and reasoning (100), from log-odds over chat."""
    highest = max(0.0, technical, reasoning)
    chat, technical, reasoning = (math.exp(odds - highest) for odds in (0.0, technical, reasoning))
    return round((50 * technical + 100 * reasoning) / (chat + technical + reasoning))


def _fold(text: str) -> str:
    """Lower case, without accents: recognisers and hurried typists leave them out."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@cache
def _model() -> _Model:
    """The shipped lexicon and weights, read once."""
    read = json.loads(resource("resources", "difficulty.json").read_text(encoding="utf-8"))
    stems: dict[str, tuple[str, ...]] = {}
    for part, lines in read["lexicon"].items():
        for stem in " ".join(lines).split():
            stems[stem] = (*stems.get(stem, ()), part)
    weights = {feature: (technical, reasoning) for feature, (technical, reasoning) in read["weights"].items()}
    return _Model(stems, tuple(sorted({len(stem) for stem in stems})), weights)
