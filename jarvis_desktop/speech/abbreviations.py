"""Reads abbreviations, signs and formulas the way a person would; English and Spanish."""

from __future__ import annotations

import html
import re
from functools import partial

from jarvis_desktop.speech.traced import Kept, Traced

_ENTITY = re.compile(r"&(?:#\d{1,6}|[a-zA-Z]{2,8});")

_SHORT = {
    "en": {
        r"e\.\s?g\.": "for example",
        r"i\.\s?e\.": "that is",
        r"vs\.?": "versus",
        r"approx\.": "approximately",
        r"w/o": "without",
        r"[Nn]o\.(?=\s?\d)": "number",
    },
    "es": {
        r"p\.\s?ej\.": "por ejemplo",
        r"Sra\.": "señora",
        r"Srta\.": "señorita",
        r"Sr\.": "señor",
        r"Sres\.": "señores",
        r"Dra\.": "doctora",
        r"Dr\.": "doctor",
        r"Dña\.": "doña",
        r"D\.(?=\s[A-ZÁÉÍÓÚÑ])": "don",
        r"EE\.\s?UU\.": "Estados Unidos",
        r"[UV]ds\.": "ustedes",
        r"[UV]d\.": "usted",
        r"[Pp]ágs?\.": "página",
        r"aprox\.": "aproximadamente",
        r"[Tt]el\.": "teléfono",
        r"[Aa]vda\.": "avenida",
        r"a\.\s?C\.": "antes de Cristo",
        r"d\.\s?C\.": "después de Cristo",
        r"(?:[Nn]\.?[ºo]|[Nn]úm\.)(?=\s?\d)": "número",
        r"vs\.?": "contra",
    },
}
_ABBREVIATIONS = {
    language: [(re.compile(rf"(?<![\w.]){short}(?!\w)"), words) for short, words in table.items()]
    for language, table in _SHORT.items()
}
_ET_CETERA = {"en": "et cetera", "es": "etcétera"}
_ETC = re.compile(r"\b[Ee]tc\.(?P<end>(?=\s*$|\s+[A-ZÁÉÍÓÚÑ¿¡]))?")

_SIGNS = {
    "en": {
        "=": "equals", "≠": "is not equal to", "≈": "is about", "≤": "is at most", "≥": "is at least",
        "<": "is less than", ">": "is greater than", "±": "plus or minus", "×": "times", "·": "times",
        "÷": "divided by", "+": "plus", "√": "the square root of", "π": "pi", "∞": "infinity", "²": "squared",
        "³": "cubed", "№": "number", "→": "to", "⇒": "so", "&": "and", "*": "times",
    },
    "es": {
        "=": "es igual a", "≠": "es distinto de", "≈": "es más o menos", "≤": "es como mucho",
        "≥": "es al menos", "<": "es menor que", ">": "es mayor que", "±": "más menos", "×": "por",
        "·": "por", "÷": "entre", "+": "más", "√": "la raíz cuadrada de", "π": "pi", "∞": "infinito",
        "²": "al cuadrado", "³": "al cubo", "№": "número", "→": "a", "⇒": "así que", "&": "y", "*": "por",
    },
}  # fmt: skip
_SIGN = re.compile(r"\s*(?:(?<=\s)[<>+&](?=\s)|(?<=[\w)])[²³]|[=≠≈≤≥±×÷√π∞№→⇒]|(?<=\s)[·*](?=\s\S))\s*")

_FORMULA = re.compile(
    r"\$\$(?P<a>[^$]+)\$\$|\\\((?P<b>.+?)\\\)|\\\[(?P<c>[^\]]+?)\\\]"
    r"|(?<![\w$])\$(?P<d>[^\s$](?:[^$\n]*[^\s$])?)\$(?![\w$])"
)
_LATEX = (
    (re.compile(r"\\(?:text|mathrm|mathbf|left|right|operatorname|displaystyle)\b"), " "),
    (re.compile(r"\\d?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}"), r"\1 ÷ \2"),
    (re.compile(r"\\sqrt\s*\{([^{}]*)\}"), r" √ \1 "),
    (re.compile(r"\^\s*\{?2\}?"), "²"),
    (re.compile(r"\^\s*\{?3\}?"), "³"),
    (re.compile(r"\\(?:cdot|times)\b"), " × "),
    (re.compile(r"\\pm\b"), " ± "),
    (re.compile(r"\\leq?\b"), " ≤ "),
    (re.compile(r"\\geq?\b"), " ≥ "),
    (re.compile(r"\\neq?\b"), " ≠ "),
    (re.compile(r"\\approx\b"), " ≈ "),
    (re.compile(r"\\(?:right|to|R)arrow\b|\\to\b"), " → "),
    (re.compile(r"\\infty\b"), " ∞ "),
    (re.compile(r"\\pi\b"), " π "),
    (re.compile(r"(?<=[\w)}])\s*-\s*(?=[\w({\\])"), " − "),
    (re.compile(r"\s\+\s|(?<=\w)\+(?=\w)"), " + "),
    (re.compile(r"\\([a-zA-Z]+)"), r" \1 "),
    (re.compile(r"[{}\\_^]"), " "),
)
_MINUS = {"en": "minus", "es": "menos"}
_OUT_OF = re.compile(r"\s+−\s+")

_HASHTAG = re.compile(r"(?<![\w&/#])#(?=[^\W\d_])")
_NUMBER_SIGN = re.compile(r"(?<![\w&/#])#(?=\d)")
_SHARP = re.compile(r"\b([CFA])#(?!\w)")
_ROMAN = re.compile(r"\b(?=[IVX]{2,5}\b)(X{0,3})(IX|IV|V?I{0,3})\b")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10}


def read_formulas(text: Traced) -> Traced:
    """LaTeX between its dollar signs or brackets becomes signs and names."""
    return text.sub(_FORMULA, _plain_formula)


def read_abbreviations(text: Traced, language: str) -> Traced:
    """Abbreviations and entities in full, hashtags and Roman numbers as they are said."""
    text = text.sub(_ENTITY, lambda match: html.unescape(match[0]))
    for pattern, words in _ABBREVIATIONS.get(language, _ABBREVIATIONS["en"]):
        text = text.sub(pattern, partial(_in_full, words))
    et_cetera = _ET_CETERA.get(language, _ET_CETERA["en"])
    text = text.sub(_ETC, lambda match: et_cetera + ("." if match["end"] is not None else ""))
    number = "número " if language == "es" else "number "
    text = text.sub(_SHARP, lambda match: f"{match[1]} sharp")
    text = text.sub(_HASHTAG, lambda _: "hashtag ")
    text = text.sub(_NUMBER_SIGN, lambda _: number)
    return text.sub(_ROMAN, _arabic)


def read_signs(text: Traced, language: str) -> Traced:
    """Signs between numbers and names as words."""
    names = _SIGNS.get(language, _SIGNS["en"])
    minus = _MINUS.get(language, "minus")
    text = text.sub(_OUT_OF, lambda _: f" {minus} ")
    return text.sub(_SIGN, lambda match: f" {names[match[0].strip()]} ")


def _in_full(words: str, match: re.Match[str]) -> str:
    """A sentence that begins with an abbreviation still begins with a capital."""
    return words[0].upper() + words[1:] if not match.string[: match.start()].strip() else words


def _plain_formula(match: re.Match[str]) -> str | Kept:
    inline = match["d"]
    if inline is not None and not re.search(r"[\\^_={}]", inline) and not re.fullmatch(r"[^\W\d]\w?", inline):
        return match[0]  # two prices, not a formula
    formula = next(part for part in match.groupdict().values() if part is not None)
    for pattern, plain in _LATEX:
        formula = pattern.sub(plain, formula)
    return " ".join(formula.split())


def _arabic(match: re.Match[str]) -> str:
    value = 0
    digits = [_ROMAN_VALUES[c] for c in match[0]]
    for digit, following in zip(digits, [*digits[1:], 0], strict=True):
        value += -digit if digit < following else digit
    return str(value) if value else match[0]
