"""Words as the index of the memory store knows them: folded, by their stems, without function words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import snowballstemmer

from jarvis_desktop.folding import fold
from jarvis_desktop.language import guess_language

_WORD = re.compile(r"[^\W_]+")
_JOINED = re.compile(r"[^\W_]+(?:[-./:@_'][^\W_]+)+")  # D-1234, 3.5, e-mail addresses: found as a whole, too
_SNOWBALL = {"en": "english", "es": "spanish"}

_MOST_WORDS = 48
"""Different words of a question that are looked up; each costs time, and more do not make it clearer."""
_QUESTION_CHARACTERS = 4000
_LONGEST_WORD = 40  # a longer one is a code or a file in letters
_KNOWN_STEMS = 100_000
"""Stems kept at hand: a few MB, and almost every word of a new text is among them."""

_FUNCTION_WORDS = {
    "en": frozenset(
        "a about all also am an and any are as at be because been before being but by can could did do "
        "does doing don done for from get give got had has have having he hello her here hers him his how "
        "i if in into is it its just let ll like may me might mine more most much must my no nor not now "
        "of off ok on or other our ours out over please re really s said say says shall she should so "
        "some such t tell than thank thanks that the their theirs them then there these they this those "
        "to too under until up us very was we well were what when where whether which while who whom "
        "whose why will with would yes you your yours".split()
    ),
    "es": frozenset(
        "a ademas ahi al algo algun alguna algunas alguno algunos alli ante aquel aquella aquello aqui "
        "asi aun aunque bien cada como con cual cuales cualquier cuando cuanta cuantas cuanto cuantos de "
        "del desde dice dicho dijo dime donde e el ella ellas ellos en entonces entre era eran eras "
        "eres es esa esas ese eso esos esta estaba estaban estamos estan estar estas este esto estos "
        "estoy etc fue fueron gracias ha habia han has hasta hay he hola hoy la las le les lo los mas me "
        "mi mia mias mio mios mis misma mismo mucho muy nada ni no nos nosotros nuestra nuestro o os otra "
        "otras otro otros para pero por porque pues que quien quienes se sea segun ser si sin sobre sois "
        "solo somos son soy su sus suya suyo tal tambien tan tanto te tenemos tener tengo tenia ti tiene "
        "tienen tienes toda todas todo todos tu tus tuya tuyo u un una unas uno unos usted ustedes va "
        "vamos van vosotros y ya yo".split()
    ),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of a question, each with its stems, and those that are joined to one term (``D-1234``)."""

    words: Mapping[str, Sequence[str]]
    joined: Sequence[str]


def _even(text: str) -> str:
    """Small letters, each with its accent in one character: a file's text may have them apart."""
    return unicodedata.normalize("NFKC", text).casefold()


class Stemming:
    """Stems of Spanish and English words. One thread only: the stemmers have state."""

    def __init__(self) -> None:
        self._stemmers = {code: snowballstemmer.stemmer(name) for code, name in _SNOWBALL.items()}
        self._known: dict[tuple[str, str], str] = {}

    def stems(self, text: str, language: str) -> str:
        """The stems of all words, divided by spaces; of a text of unknown language those of each language."""
        return " ".join(stem for word in _WORD.findall(_even(text)) for stem in self._of(word, language))

    def asked(self, question: str) -> Asked:
        """What a question asks for, whatever else it holds."""
        question = _even(question[:_QUESTION_CHARACTERS])
        language = guess_language(question)
        ignored = function_words(language)
        words = dict.fromkeys(word for word in _WORD.findall(question) if fold(word) not in ignored)
        joined = dict.fromkeys(_JOINED.findall(question)) if words else {}
        return Asked(
            {word: self._of(word, language) for word in islice(words, _MOST_WORDS)},
            tuple(islice(joined, _MOST_WORDS)),
        )

    def _of(self, word: str, language: str) -> Sequence[str]:
        if language:
            return (self._stem(word, language),)
        return tuple(dict.fromkeys(self._stem(word, each) for each in _SNOWBALL))

    def _stem(self, word: str, language: str) -> str:
        if len(word) > _LONGEST_WORD:
            return fold(word)
        if (known := self._known.get((word, language))) is not None:
            return known
        # Folded after stemming: the Spanish rules want the accents.
        stem = fold(self._stemmers[language].stemWord(word))
        if len(self._known) >= _KNOWN_STEMS:
            self._known.clear()
        self._known[word, language] = stem
        return stem


def function_words(language: str) -> frozenset[str]:
    """Folded; of all languages for one that is not known."""
    return _FUNCTION_WORDS[language] if language else frozenset().union(*_FUNCTION_WORDS.values())
