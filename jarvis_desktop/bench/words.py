"""Word error rate between a reference and a transcript, in English and Spanish."""

from __future__ import annotations

import re
import unicodedata

_SPELLINGS = {
    "mister": "mr", "missus": "mrs", "doctor": "dr", "okay": "ok", "colour": "color", "honour": "honor",
    "favour": "favor", "neighbour": "neighbor", "neighbourhood": "neighborhood", "grey": "gray",
    "percent": "%", "señor": "sr", "señora": "sra",
}  # fmt: skip
_FIGURE = re.compile(r"\d+(?:[.,]\d{3})*(?!\d)|\d+")
_NOT_A_WORD = re.compile(r"[^\w%']+")

_NUMBERS = {
    "english": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen",
    "english tens": "twenty thirty forty fifty sixty seventy eighty ninety",
    "spanish": "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince "
    "dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro "
    "veinticinco veintiséis veintisiete veintiocho veintinueve",
    "spanish tens": "treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "spanish hundreds": "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos "
    "ochocientos novecientos",
}
_EN_SMALL, _EN_TENS, _ES_SMALL, _ES_TENS, _ES_HUNDREDS = (names.split() for names in _NUMBERS.values())


def normalised(text: str, language: str) -> list[str]:
    """The words of a text as they are compared: lower case, no punctuation, figures spelt out."""
    plain = unicodedata.normalize("NFC", text).casefold().replace("’", "'").replace("%", " % ")
    spelt = _FIGURE.sub(lambda figure: f" {_spelt(figure[0], language)} ", plain)
    words = (word.strip("'") for word in _NOT_A_WORD.sub(" ", spelt).split())
    return [_SPELLINGS.get(word, word) for word in words if word]


def word_errors(reference: list[str], transcript: list[str]) -> int:
    """Fewest words to insert, delete or replace that turn one into the other (Levenshtein)."""
    row = list(range(len(transcript) + 1))
    for done, word in enumerate(reference, 1):
        diagonal, row[0] = row[0], done
        for column, other in enumerate(transcript, 1):
            best = min(row[column] + 1, row[column - 1] + 1, diagonal + (word != other))
            diagonal, row[column] = row[column], best
    return row[-1]


def _spelt(figure: str, language: str) -> str:
    number = int(re.sub(r"[.,]", "", figure))
    if number >= 1_000_000:
        return figure
    return _spanish(number) if language == "es" else _english(number)


def _english(number: int) -> str:
    if number < 20:
        return _EN_SMALL[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        return _EN_TENS[tens - 2] + (f" {_EN_SMALL[rest]}" if rest else "")
    size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    if 1100 <= number < 2000 and number % 100:  # a year, as it is read
        size, name = 100, ""
    count, rest = divmod(number, size)
    return " ".join(filter(None, [_english(count), name, _english(rest) if rest else ""]))


def _spanish(number: int) -> str:
    if number < 30:
        return _ES_SMALL[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        return _ES_TENS[tens - 3] + (f" y {_ES_SMALL[rest]}" if rest else "")
    if number == 100:
        return "cien"
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        return _ES_HUNDREDS[hundreds - 1] + (f" {_spanish(rest)}" if rest else "")
    thousands, rest = divmod(number, 1000)
    head = "mil" if thousands == 1 else f"{_spanish(thousands)} mil"
    return head + (f" {_spanish(rest)}" if rest else "")
