"""Which of the passages that a model was given its answer rests on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from jarvis_desktop.assistant.memories.words import content_words, folded
from jarvis_desktop.events import Citation, Recalled

ENOUGH = 0.5
"""Of the words that the best passage lends to the answer; one that lends fewer is not named beside it."""

_UNKNOWN = re.compile(
    r"\b(?:(?:i|we) (?:do not|don t|don't|cannot|can't|could not|couldn't) (?:really |actually )?"
    r"(?:know|have|find|recall|remember|tell)|i am not sure|i'm not sure|no information|"
    r"not (?:mentioned|stated|specified)|unknown|"
    r"no (?:lo )?se\b|no (?:lo )?(?:recuerdo|encuentro|dispongo)|"
    r"no tengo (?:esa|esta|ninguna|informacion|constancia)|"
    r"no (?:hay|consta|aparece|se menciona))"
)


def rests_on(question: str, answer: str, given: Sequence[Recalled]) -> tuple[Recalled, ...]:
    """The passages that lend the answer words which the question does not hold, best first.

    Where none does (the answer is in another language, or says yes), the first one that holds words of the
    question, unless the answer says that it is not known.
    """
    if not given or not answer.strip():
        return ()
    told = content_words(answer) - content_words(question)
    lent = [(len(told & content_words(passage.text)), passage) for passage in given]
    best = max(count for count, _ in lent)
    if best == 0:
        asked = content_words(question)
        near = (passage for passage in given if asked & content_words(passage.text))
        return () if says_unknown(answer) else tuple(islice(near, 1))
    named = [(count, passage) for count, passage in lent if count >= best * ENOUGH]
    return tuple(passage for _, passage in sorted(named, key=lambda pair: -pair[0]))


def says_unknown(answer: str) -> bool:
    """Whether an answer only tells that there is none."""
    return _UNKNOWN.search(folded(answer).replace("’", "'")) is not None


def citation(passage: Recalled) -> Citation:
    """A passage as an answer names it."""
    return Citation(
        passage.id, passage.source, passage.text, passage.kind, passage.location, passage.created_at
    )
