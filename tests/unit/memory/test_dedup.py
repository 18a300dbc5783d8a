"""Texts that say the same, and texts that only look alike (cosines measured with multilingual-e5-small)."""

import pytest

from jarvis_desktop.memory.dedup import says_same


@pytest.mark.parametrize(
    ("old", "new", "cosine"),
    [
        ("My dog is called Luna", "My dog is named Luna", 0.994),
        ("Me gusta el café con leche", "me gusta el cafe con leche.", 0.99),
        ("I am allergic to peanuts", "I'm allergic to peanuts", 0.993),
        ("I am allergic to peanuts", "I have a peanut allergy", 0.984),
        ("My mother drinks tea every morning", "Every morning my mother drinks tea", 0.993),
        ("Mi hermano vive en Madrid", "Mi hermano reside en Madrid", 0.991),
        ("Tengo que comprar pan y leche", "Hay que comprar pan y leche", 0.987),
        ("The keys are in the kitchen drawer", "The keys are in the drawer in the kitchen", 0.995),
        ("We have three cats", "We have 3 cats", 0.98),
        ("My brother lives in Oslo with his two dogs", "My brother lives in Oslo with his 2 dogs", 0.97),
    ],
)
def test_what_says_the_same_is_kept_once(old: str, new: str, cosine: float) -> None:
    assert says_same(old, new, cosine)


@pytest.mark.parametrize(
    ("old", "new", "cosine"),
    [
        ("Dentist on Tuesday at 9", "Dentist on Wednesday at 9", 0.979),
        ("Dentist on Tuesday at 9", "Dentist on Tuesday at 10", 0.99),
        ("Dentist on Tuesday at 9 am", "Dentist on Tuesday at 9 pm", 0.99),
        ("La reunión es el martes", "La reunión es el miércoles", 0.99),
        ("Soy alérgico al marisco", "No soy alérgico al marisco", 0.962),
        ("I can eat gluten", "I can't eat gluten", 0.99),
        ("I always take the bus to work", "I never take the bus to work", 0.99),
        ("Ana loves tea", "Eva loves tea", 0.99),
        ("The meeting is before lunch", "The meeting is after lunch", 0.99),
        ("Mi hermano vive en Madrid", "Mi hermana vive en Madrid", 0.99),
        ("Ana is my boss", "Ana was my boss", 0.99),
        ("My dog is called Luna", "Your dog is called Luna", 0.99),
        ("I live in Madrid", "I live in Madrid with my brother", 0.97),
        ("The shop opens early", "The shop opens early on Mondays", 0.97),
        ("The nurse lives in the old town", "The doctor lives in the old town", 0.97),
        ("My dog is called Luna", "My dog is called Luna and is ill", 0.94),
    ],
)
def test_what_only_looks_alike_is_kept_beside_it(old: str, new: str, cosine: float) -> None:
    assert not says_same(old, new, cosine)


def test_a_text_that_says_less_than_one_there_is_not_kept() -> None:
    assert says_same("The shop opens early all year", "The shop opens early", 0.96)
