"""Whether what was found is likely to answer the question: better no answer than one from something else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from jarvis_desktop.folding import fold
from jarvis_desktop.memory.words import Stemming, function_words

# Chosen so that 9 of 10 questions with an answer are let through; see docs/decisions/0022-recall.md.
_SIMILAR = 0.5  # mean similarity of the question's words, by the re-ranker
# By encoder, each of which has a scale of its own: within a language, and across.
_SURE_COSINE: Mapping[str, tuple[float, float]] = {"e5-small": (0.84, 0.815)}
_SHARED, _SHARE = 2, 0.5  # words of the question, and their share, where nothing else tells

_WORD = re.compile(r"[^\W_]+")


def similar_enough(helped: float, own: float, named: Sequence[float], others: Sequence[float]) -> bool:
    """By the re-ranker's scores of the best find, with its neighbours' help and without.

    `named` and `others` are scores of what the speaker in question said, and the others: a question about
    one whose answer fits the other has a false premise.
    """
    evidence = (helped + own) / 2
    if named and others:
        evidence += min(0.0, max(named) - max(others))
    return evidence >= _SIMILAR


def near_enough(encoder: str, cosine: float, foreign: bool) -> bool:
    """By meaning, of a text in the question's language or another; False for an encoder not measured."""
    sure = _SURE_COSINE.get(encoder.partition("/")[0])
    return sure is not None and cosine >= sure[foreign]


def share_words(question: str, texts: Iterable[str], language: str, stemming: Stemming) -> bool:
    """Whether the texts together hold the words of the question that mean something."""
    ignored = function_words(language)
    content = " ".join(word for word in _WORD.findall(question.casefold()) if fold(word) not in ignored)
    asked = set(stemming.stems(content, language).split())
    told = {stem for text in texts for stem in stemming.stems(text, language).split()}
    shared = len(asked & told)
    return bool(asked) and shared >= min(_SHARED, len(asked)) and shared >= _SHARE * len(asked)
