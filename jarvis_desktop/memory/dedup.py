"""Whether two texts say the same, so that only one of them need be kept.

A cosine alone does not tell: of multilingual-e5-small, "Dentist on Tuesday at 9" and "... on Wednesday"
have 0.98, "Soy alérgico al marisco" and "No soy alérgico al marisco" 0.96. What such pairs differ in are
words that exclude each other; they have to be equal. A wrong yes loses what was said, a wrong no keeps it
twice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

ALIKE = 0.95
"""Cosine from which texts may say the same."""

REWORDED = 0.98
"""The same where the new text has words of its own: measured, "before/after lunch" has 0.973,
"hermano/hermana" 0.974, "vive/reside" 0.991, "called/named" 0.994."""

_WORD = re.compile(r"[^\W_]+")
_NOT = re.compile(r"n['’]t\b")
_CLOCK = re.compile(r"(\d)\s*([ap])\.?\s?m\b", re.IGNORECASE)

_NUMBERS: Mapping[str, str] = MappingProxyType(
    {
        word: str(value)
        for names in (
            "zero - two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
            "sixteen seventeen eighteen nineteen twenty",
            "cero - dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
            "dieciseis diecisiete dieciocho diecinueve veinte",
        )
        for value, word in enumerate(names.split())
    }
)
_NEGATIONS = frozenset(
    "no not never none nobody nothing neither nor without cannot "
    "nunca jamas nadie nada ningun ninguno ninguna ni tampoco sin".split()
)
_EXCLUSIVE = frozenset(
    # when
    "monday tuesday wednesday thursday friday saturday sunday "
    "lunes martes miercoles jueves viernes sabado domingo "
    "january february march april may june july august september october november december "
    "enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre "
    "today tomorrow yesterday tonight morning afternoon evening night noon midnight weekday weekend "
    "hoy ayer anoche manana tarde noche mediodia medianoche "
    "before after until since first second third last next previous "
    "antes despues hasta desde primer primero primera segundo segunda tercero tercera ultimo ultima proximo "
    "proxima anterior was were used had will era eran fue fui fueron habia tenia "
    # who
    "your he she his her they their we our tu tus su sus nuestro nuestra el ella "
    "mother father brother sister son daughter husband wife uncle aunt grandmother grandfather "
    "madre padre hermano hermana hijo hija marido esposo esposa mujer tio tia abuela abuelo "
    # where and how much
    "left right up down above below inside outside off open closed more less most least always sometimes "
    "only izquierda derecha arriba abajo encima debajo dentro fuera abierto cerrado mas menos siempre solo "
    # colours
    "red blue green yellow black white brown grey orange pink purple rojo roja azul verde amarillo amarilla "
    "negro negra blanco blanca marron gris naranja rosa morado morada "
    # liking
    "love loves like likes hate hates dislike dislikes gusta gustan encanta odio odia".split()
) - {"el"}  # the article, once its accent is gone
_LITTLE = frozenset(
    "a an the this that these those my its i you it me is are be been am m s re ve ll d ca wo has have do "
    "does can could should must of in at on to for from by as and or but so if then there here very just "
    "also too el la los las un una unos unas lo al del de en a para por y e o u pero que se me te le les nos "
    "mi mis yo es soy eres son esta estan estoy ha he han hay tengo tiene tienen ser estar haber tener como "
    "si ya muy tambien este esto ese esa eso".split()
)


def says_same(old: str, new: str, cosine: float) -> bool:
    """Whether `new` need not be kept beside `old`; `cosine` is that of their vectors."""
    if cosine < ALIKE or _marks(old) != _marks(new):
        return False
    old_words, new_words = set(_words(old)), set(_words(new))
    if not (_names(old) <= new_words and _names(new) <= old_words):
        return False
    return cosine >= REWORDED or not _content(new_words) - _content(old_words)


def _marks(text: str) -> frozenset[str]:
    """Numbers, dates, negation, opposites: what texts that say the same have in common."""
    words = set(_words(text))
    found = {word for word in words if word in _EXCLUSIVE or any(letter.isdigit() for letter in word)}
    return frozenset(found | ({"not"} if words & _NEGATIONS else set()))


def _names(text: str) -> set[str]:
    """Words with a capital letter; one that only begins a sentence is a small one in the other text."""
    return {_plain(word) for word in _WORD.findall(text) if word[0].isupper()} - _LITTLE - _NEGATIONS


def _content(words: set[str]) -> set[str]:
    return {word.rstrip("s") for word in words - _LITTLE}


def _words(text: str) -> list[str]:
    text = _NOT.sub(" not", _CLOCK.sub(r"\1\2m", text))
    words = map(_plain, _WORD.findall(text))
    return [_NUMBERS.get(word, word) for word in words]


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
