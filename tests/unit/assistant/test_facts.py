"""Facts drawn from what is said, and how they are told again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jarvis_desktop.assistant.memories.facts import Fact, about_user, fact_of, label, to_user
from jarvis_desktop.assistant.memories.matching import is_about
from jarvis_desktop.assistant.memories.remembering import worth_keeping
from jarvis_desktop.assistant.memories.telling import facts_in
from jarvis_desktop.events import MemoryItem, MemoryKind


@pytest.mark.parametrize(
    ("told", "slot", "sentence"),
    [
        ("My name is Ana.", "name", "The user is called Ana."),
        ("me llamo ana", "name", "El usuario se llama ana."),
        ("My sister's name is Lucía", "sister.name", "The user's sister is called Lucía."),
        ("Mi hermana se llama Lucía.", "sister.name", "La hermana del usuario se llama Lucía."),
        ("Hey Jarvis, Lucía is my sister.", "sister.name", "The user's sister is called Lucía."),
        ("My older brother is called Tom", "older brother.name", "The user's older brother is called Tom."),
        (
            "mi hermano mayor se llama Tomás",
            "older brother.name",
            "El hermano mayor del usuario se llama Tomás.",
        ),
        ("My dentist is Dr. Ruiz.", "dentist.name", "The user's dentist is called Dr. Ruiz."),
        ("mi dentista es el doctor Ruiz", "dentist.name", "El dentista del usuario se llama el doctor Ruiz."),
        ("I have a dog called Rex!", "dog.name", "The user's dog is called Rex."),
        ("Tengo un perro que se llama Toby", "dog.name", "El perro del usuario se llama Toby."),
        ("Mis hijos se llaman Ana y Luis", "children.names", "Los hijos del usuario se llaman Ana y Luis."),
        ("I live in Leeds now.", "home", "The user lives in Leeds."),
        ("I've just moved to Lisbon", "home", "The user lives in Lisbon."),
        ("Mi madre vive en Oviedo.", "mother.home", "La madre del usuario vive en Oviedo."),
        ("I work as a nurse.", "job", "The user works as a nurse."),
        ("Trabajo de enfermera", "job", "El usuario trabaja de enfermera."),
        ("trabajo en el hospital central", "workplace", "El usuario trabaja en el hospital central."),
        ("My birthday is on May 3rd.", "attribute:birthday", "The user's birthday is May 3rd."),
        ("Cumplo años el 3 de mayo", "attribute:birthday", "El cumpleaños del usuario es el 3 de mayo."),
        ("Mi hijo tiene 7 años", "son.age", "El hijo del usuario tiene 7 años."),
        ("I'm allergic to peanuts.", "allergy:peanuts", "The user is allergic to peanuts."),
        (
            "Soy alérgica a los frutos secos",
            "allergy:frutos secos",
            "El usuario tiene alergia a los frutos secos.",
        ),
        ("I am a vegetarian", "condition:vegetarian", "The user is vegetarian."),
        ("soy vegetariana", "condition:vegetarian", "El usuario es vegetariana."),
        ("My favorite color is green.", "favourite:colour", "The user's favourite colour is green."),
        ("mi color favorito es el verde", "favourite:colour", "El color favorito del usuario es el verde."),
        ("Me gustan las manzanas", "likes:manzanas", "Al usuario le gustan las manzanas."),
        ("I can't stand broccoli", "likes:broccoli", "The user does not like broccoli."),
        ("The wifi password is cat1234", "attribute:wi-fi password", "The user's wi-fi password is cat1234."),
        (
            "la contraseña del WiFi es gato1234.",
            "attribute:wi-fi password",
            "La contraseña del wi-fi del usuario es gato1234.",
        ),
        ("mi matrícula es 4321 XYZ", "attribute:licence plate", "La matrícula del usuario es 4321 XYZ."),
        ("My house key code is 4411", "attribute:house key code", "The user's house key code is 4411."),
        (
            "My address is 12 Oak Street, London.",
            "attribute:address",
            "The user's address is 12 Oak Street, London.",
        ),
        (
            "Tengo cita con el dentista el martes a las 9",
            "appointment:dentist",
            "La cita con el dentista del usuario es el martes a las 9.",
        ),
        (
            "I have an appointment with the dentist on Tuesday at 9.",
            "appointment:dentist",
            "The user's appointment with the dentist is on Tuesday at 9.",
        ),
        (
            "Mi mujer es alérgica al polen",
            "wife.allergy:polen",
            "La mujer del usuario tiene alergia al polen.",
        ),
        ("Mi prima se llama Ana", "cousin.name", "La prima del usuario se llama Ana."),
        ("Mi mejor amiga vive en Oslo", "best friend.home", "La mejor amiga del usuario vive en Oslo."),
        ("mi papá trabaja en Google", "father.workplace", "El papá del usuario trabaja en Google."),
        ("Estoy casada", "condition:married", "El usuario está casada."),
        ("I live near York.", "home", "The user lives near York."),
        ("Mi hermana vive cerca de Bilbao", "sister.home", "La hermana del usuario vive cerca de Bilbao."),
        ("No soy alérgico al marisco", "allergy:marisco", "El usuario no tiene alergia al marisco."),
        ("My sister is not called Lucía", "sister.name", "The user's sister is not called Lucía."),
        ("Ya no vivo en Madrid", "home", "El usuario no vive en Madrid."),
        ("ya no vivo en Madrid, ahora vivo en Cádiz", "home", "El usuario vive en Cádiz."),
        ("I'm a dentist", "being:dentist", "The user is a dentist."),
        ("My wife is an architect", "wife.being:architect", "The user's wife is an architect."),
        ("Soy profesora de yoga", "being:profesora de yoga", "El usuario es profesora de yoga."),
        ("Mi hermana es dentista.", "sister.being:dentista", "La hermana del usuario es dentista."),
        ("Ya no soy médico", "being:medico", "El usuario no es médico."),
        ("Hola, soy Marta", "name", "El usuario se llama Marta."),
    ],
)
def test_what_is_plainly_told_becomes_a_fact(told: str, slot: str, sentence: str) -> None:
    assert [(fact.slot, about_user(fact)) for fact in facts_in(told)] == [(slot, sentence)]


@pytest.mark.parametrize(
    "said",
    [
        "What is my name?",
        "is my sister called Lucía",
        "¿Mi hermana se llama Lucía?",
        "If my name is Ana, what is my sister's name",
        "Si mi hermana se llama Lucía, felicítala",
        "She said my name is Bob",
        "Translate: my name is Bob",
        "My sister is very nice",
        "mi hermana es muy simpática",
        "I am a bit tired",
        "I'm a few minutes late",
        "soy un poco lenta",
        "soy el que llamó ayer",
        "My car is in the garage",
        "mi coche está roto",
        "I like it",
        "me gusta mucho",
        "My question is whether 3 is prime",
        "I live in",
        "Imagine my dog is called Rex",
        "I work hard",
        "",
    ],
)
def test_what_only_sounds_like_a_fact_is_none(said: str) -> None:
    assert facts_in(said) == []


def test_one_utterance_may_tell_several() -> None:
    told = facts_in("Hola, me llamo Ana y vivo en Sevilla. Mi perro se llama Toby, y odio el brócoli.")
    assert [fact.slot for fact in told] == ["name", "home", "dog.name", "likes:brocoli"]
    assert [fact.slot for fact in facts_in("I'm allergic to nuts and shellfish.")] == [
        "allergy:nuts",
        "allergy:shellfish",
    ]
    assert [about_user(fact) for fact in facts_in("Soy alérgica a las nueces y al marisco")] == [
        "El usuario tiene alergia a las nueces.",
        "El usuario tiene alergia al marisco.",
    ]


@pytest.mark.parametrize(
    "said",
    [
        "No, se llama Sofía.",
        "no se llama Lucía, se llama Sofía",
        "No se llama Lucía sino Sofía",
        "Perdona, se llama Sofía",
        "Actually it's Sofía.",
        "Sorry, I meant Sofía",
        "No, her name is Sofía",
    ],
)
def test_a_correction_is_of_the_fact_told_before(said: str) -> None:
    last = facts_in("My sister is called Lucía.")[0]
    assert [(fact.slot, fact.value) for fact in facts_in(said, last)] == [("sister.name", "Sofía")]
    assert facts_in(said) == []


@pytest.mark.parametrize("said", ["No, gracias.", "Actually it's fine", "No, that is not right", "no es así"])
def test_not_every_no_is_a_correction(said: str) -> None:
    assert facts_in(said, facts_in("My sister is called Lucía.")[0]) == []


def test_facts_are_told_to_the_user_in_either_language() -> None:
    fact = facts_in("My sister is called Lucía.")[0]
    assert to_user(fact, "en") == "Your sister is called Lucía."
    assert to_user(fact, "es") == "Tu hermana se llama Lucía."
    assert label(fact, "es") == "el nombre de tu hermana"
    assert "Lucía" not in label(fact, "en")
    color = facts_in("mi color favorito es el verde")[0]
    assert to_user(color, "en") == "Tu color favorito es el verde."  # a word that is not the same in both


@pytest.mark.parametrize(
    ("told", "asked_in", "sentence"),
    [
        ("Vivo en Bilbao", "en", "You live in Bilbao."),
        ("Vivo en Las Palmas de Gran Canaria", "en", "You live in Las Palmas de Gran Canaria."),
        ("Mi perro se llama Tofu", "en", "Your dog is called Tofu."),
        ("My dog is called Tofu", "es", "Tu perro se llama Tofu."),
        ("Soy vegetariana", "en", "You are vegetarian."),
        ("My wife is vegan", "es", "Tu mujer es vegana."),
        # Not the same in both, or not told: as it was said.
        ("Mi cumpleaños es el 3 de mayo", "en", "Tu cumpleaños es el 3 de mayo."),
        ("My birthday is on May 3rd", "es", "Your birthday is May 3rd."),
        ("Mis hijos se llaman Ana y Luis", "en", "Tus hijos se llaman Ana y Luis."),
        ("Soy alérgico a los frutos secos", "en", "Tienes alergia a los frutos secos."),
        ("My cousin is called Ana", "es", "Your cousin is called Ana."),
        ("I'm a vegetarian", "es", "You are vegetarian."),
    ],
)
def test_what_would_have_to_be_translated_or_guessed_is_told_as_it_was_said(
    told: str, asked_in: str, sentence: str
) -> None:
    assert [to_user(fact, asked_in) for fact in facts_in(told)] == [sentence]


def test_a_fact_survives_its_metadata() -> None:
    fact = Fact("cousin.attribute:gadget", "X 3", "es", True, "cacharro", person="prima")
    item = MemoryItem("i1", MemoryKind.FACT, about_user(fact), "", "", 0.0, metadata=fact.metadata("t1"))
    assert fact_of(item) == fact
    assert fact_of(replace(item, metadata={"turn": "t1"})) is None


@pytest.mark.parametrize(
    ("fact", "about", "same"),
    [
        ("Mi hermana se llama Lucía", "my sister", True),
        ("Mi hermana se llama Lucía", "el nombre de mi hermana", True),
        ("Mi hermana se llama Lucía", "my sister is called Lucía", True),
        ("Mi hermana se llama Lucía", "Lucía", True),
        ("Mi hermana se llama Lucía", "my brother", False),
        ("Mi hermana se llama Lucía", "my name", False),
        ("Mi hermana se llama Lucía", "my sister's birthday", False),
        ("My phone number is 655 123 456", "mi teléfono", True),
        ("My phone number is 655 123 456", "my sister", False),
        ("I live in Leeds", "dónde vivo", True),
        ("I have an appointment with the dentist on Tuesday", "mi dentista", True),
        ("I'm allergic to nuts", "my allergies", True),
        ("I'm allergic to nuts", "the weather", False),
    ],
)
def test_what_is_to_be_forgotten_is_found_by_its_name(fact: str, about: str, same: bool) -> None:
    assert is_about(facts_in(fact)[0], about) is same


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("I had lunch with Marta. What is a good gift?", "I had lunch with Marta."),
        (
            "My sister is called Lucía and she loves horses.",
            "My sister is called Lucía and she loves horses.",
        ),
        ("My sister is called Lucía.", ""),  # nothing but a fact
        ("Vivo en Cádiz y trabajo de enfermera", ""),
        ("I'm allergic to nuts and shellfish", ""),
        ("Tengo cita con el dentista el martes a las 9", ""),
        ("La reunión es el martes a las nueve", "La reunión es el martes a las nueve"),
        ("I bought a new guitar", "I bought a new guitar"),
        ("Hello Jarvis, how are you?", ""),
        ("Thank you very much.", ""),
        ("Tell me a joke about cats and dogs.", ""),
        ("Dime un chiste de médicos", ""),
        ("¿Qué tiempo hace en Madrid?", ""),
        ("¿puedes ponerme música clásica?", ""),
        ("ajá", ""),
        ("Vale, perfecto.", ""),
        ("", ""),
    ],
)
def test_only_what_tells_something_is_kept(said: str, kept: str) -> None:
    assert worth_keeping(said) == kept
