"""Figures, abbreviations and signs are said as a person would read them."""

from __future__ import annotations

import pytest

from jarvis_desktop.speech.speakable import speakable

ENGLISH = [
    ("$29.50", "29 dollars and 50 cents"),
    ("$1,299.00", "1,299 dollars"),
    ("$1", "1 dollar"),
    ("$0.99", "99 cents"),
    ("£3m", "3 million pounds"),
    ("$2.5 billion", "2.5 billion dollars"),
    ("29,50 €", "29 euros and 50 cents"),
    ("US$ 40", "40 dollars"),
    ("1.299,00 EUR", "1,299 euros"),
    ("-$5", "minus 5 dollars"),
    ("50%", "50 percent"),
    ("100 km/h", "100 kilometres per hour"),
    ("1 km", "1 kilometre"),
    ("-5 °C", "minus 5 degrees Celsius"),
    ("16 GB", "16 gigabytes"),
    ("3.5 kWh", "3.5 kilowatt hours"),
    ("25 m²", "25 square metres"),
    ("2026-11-21", "November 21st, twenty twenty-six"),
    ("21/11/2026", "November 21st, twenty twenty-six"),
    ("11/21/2026", "November 21st, twenty twenty-six"),
    ("in 1984.", "in nineteen eighty four."),
    ("14:30", "14 30"),
    ("9:00", "9 o'clock"),
    ("2:05 p.m.", "2 oh 5 PM."),
    ("by 2pm today", "by 2 PM today"),
    ("3-5 days", "3 to 5 days"),
    ("2019–2021", "2019 to 2021"),
    ("10–15%", "10 to 15 percent"),
    ("1/2 cup", "one half cup"),
    ("1½ cups", "1 and a half cups"),
    ("a ¾ turn", "a 3 quarters turn"),
    ("+44 20 7946 0958", "plus 4 4, 2 0, 7 9 4 6, 0 9 5 8"),
    ("Python 3.11.7", "Python 3 point 11 point 7"),
    ("a = b ± 2", "a equals b plus or minus 2"),
    ("3 × 4 < 20", "3 times 4 is less than 20"),
    ("5 - 3", "5 minus 3"),
    ("fruit, e.g. apples", "fruit, for example apples"),
    ("milk, etc. are here", "milk, et cetera are here"),
    ("milk, etc. Then go.", "milk, et cetera. Then go."),
    ("World War II", "World War 2"),
    ("I am C# #ready", "I am C sharp hashtag ready"),
    ("Q&amp;A", "Q&A"),
    ("so $x^2 = \\frac{1}{y}$ holds", "so x squared equals 1 divided by y holds"),
    ("\\(a \\times b\\)", "a times b"),
    ("It is $5 or $6", "It is 5 dollars or 6 dollars"),
    ("plain 1,000 and 3.5", "plain 1,000 and 3.5"),
]

SPANISH = [
    ("29,50 €", "29 euros con 50 céntimos"),
    ("1.299,00 EUR", "1299 euros"),
    ("S/ 12", "12 soles"),
    ("$3.5 millones", "3,5 millones de dólares"),
    ("2 millones de euros", "2 millones de euros"),
    ("$3 mil", "3 mil dólares"),
    ("1 £", "una libra"),
    ("21 €", "veintiún euros"),
    ("21 kg", "veintiún kilos"),
    ("5 %", "5 por ciento"),
    ("120 km/h", "120 kilómetros por hora"),
    ("20 °C", "20 grados"),
    ("21/11/2026", "21 de noviembre de 2026"),
    ("2026-11-01", "uno de noviembre de 2026"),
    ("a las 14:30", "a las 14 y 30"),
    ("a las 2 p. m. en casa", "a las 2 de la tarde en casa"),
    ("el 1.º y la 1ª", "el primero y la primera"),
    ("el 3er día", "el tercer día"),
    ("3-5 días", "3 a 5 días"),
    ("2 + 2 = 4", "2 más 2 es igual a 4"),
    ("El Sr. García", "El señor García"),
    ("p. ej. en EE. UU.", "Por ejemplo en Estados Unidos"),
    ("pan, etc. y ya", "pan, etcétera y ya"),
    ("el n.º 5", "el número 5"),
    ("1/3 de taza", "un tercio de taza"),
    ("la versión 3.11.7", "la versión 3 punto 11 punto 7"),
]


@pytest.mark.parametrize(("written", "said"), ENGLISH)
def test_english(written: str, said: str) -> None:
    assert speakable(written, "en").text == said


@pytest.mark.parametrize(("written", "said"), SPANISH)
def test_spanish(written: str, said: str) -> None:
    assert speakable(written, "es").text == said


def heard_until(text: str, words: int) -> str:
    """Of the original, what has been said after so many spoken words."""
    return text[: speakable(text).ends[words - 1]]


@pytest.mark.parametrize(
    ("text", "words", "heard"),
    [
        ("It costs $29.50, she said.", 2, "It costs"),
        ("It costs $29.50, she said.", 6, "It costs"),  # "29 dollars and 50" is not all of it
        ("It costs $29.50, she said.", 7, "It costs $29.50,"),
        ("**Bold** words", 1, "**Bold**"),
        ("See [the manual](https://a.b/c) now", 2, "See [the"),
        ("See [the manual](https://a.b/c) now", 3, "See [the manual](https://a.b/c)"),
        ("Great 😀 job", 1, "Great"),
        ("Great job 😀", 2, "Great job 😀"),
        ("- milk\n- eggs", 1, "- milk"),
        ("Well, yes", 1, "Well,"),
    ],
)
def test_what_was_said_is_known_in_the_words_of_the_original(text: str, words: int, heard: str) -> None:
    assert heard_until(text, words) == heard


def test_an_awkward_answer_is_said_without_its_markup() -> None:
    answer = (
        "## Results[^1]\n\n"
        "| Item | Price |\n|:-----|------:|\n| Tea | $2.50 |\n\n"
        "1. First\n   - nested *one*\n     - [x] deeper `code`\n"
        "> **Note:** see [docs](https://example.com/a_(b)).\n\n"
        "[^1]: From www.example.org.\n"
    )
    said = speakable(answer).text
    assert not set(said) & set("*#|`[]>^")
    assert "2 dollars and 50 cents" in said
    assert "https" not in said
    assert said.index("Results") < said.index("Tea") < said.index("nested one") < said.index("Note")
