"""An assistant on real parts whose microphone or loudspeaker fails in the middle of what is said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from jarvis_desktop import app
from jarvis_desktop.assistant import Assistant
from jarvis_desktop.bench.words import normalised, word_errors
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.events import (
    Failed,
    Part,
    PartChanged,
    PartialTranscribed,
    PartState,
    Phase,
    PlaybackStarted,
    PressTalk,
    ReplyToken,
    SetHandsFree,
    SubmitText,
    Transcribed,
    TurnEnded,
    TurnFinished,
)
from tests.conftest import Recording
from tests.e2e.sound import MICROPHONE, SPEAKER, SoundCard
from tests.e2e.storyteller import STORY
from tests.witness import Witness

Act = Callable[[SoundCard], object]


def suspend(what: str, name: str, state: str) -> Act:
    return lambda card: card.control(f"suspend-{what}", name, state)


@dataclass(frozen=True)
class Fault:
    """Something that happens to a sound device, and how it ends."""

    harm: Act
    repair: Act


UNPLUGGED = Fault(SoundCard.unplug, SoundCard.plug)
KILLED = Fault(SoundCard.kill, SoundCard.start)
HUNG_MICROPHONE = Fault(suspend("source", MICROPHONE, "1"), suspend("source", MICROPHONE, "0"))
HUNG_LOUDSPEAKER = Fault(suspend("sink", SPEAKER, "1"), suspend("sink", SPEAKER, "0"))


def room(models_home: Path, folder: Path, **settings: str) -> tuple[Paths, ConfigStore]:
    paths = replace(Paths.choose(folder / "home"), models=models_home / "models")
    config = ConfigStore(paths.config_file, settings)
    config.load()
    return paths, config


@pytest.fixture
def sentence(recordings: list[Recording]) -> Recording:
    """Somebody reads a sentence of a few seconds."""
    return next(r for r in recordings if r.lang == "en" and r.kind == "read" and 7 < r.seconds < 8)


async def microphone(witness: Witness, state: PartState, since: int) -> PartChanged:
    """The next time the microphone is told to be in that state."""
    while True:
        change = await witness.next(PartChanged, since)
        if change.part is Part.MICROPHONE and change.state is state:
            return change
        since = witness.events.index(change) + 1


@pytest.mark.expects_error_logs
def test_a_microphone_lost_in_a_sentence_is_told_its_words_are_kept_and_it_comes_back_by_itself(
    breakable_sound_card: SoundCard, models_home: Path, tmp_path: Path, sentence: Recording
) -> None:
    """Unplugged, hung, its service killed: one after the other."""
    card, witness = breakable_sound_card, Witness()

    async def lose(fault: Fault) -> tuple[str, str]:
        player = await asyncio.to_thread(card.speak, sentence.path)
        heard = ""
        while len(heard.split()) < 4:
            partial = await witness.next(PartialTranscribed)
            heard = partial.stable + partial.unstable
        since = len(witness.events)
        await asyncio.to_thread(fault.harm, card)
        failed = await witness.next(Failed, since)
        assert failed.error.code.startswith("audio.")
        assert failed.error.hint
        await microphone(witness, PartState.FAILED, since)
        begun = (await witness.next(Transcribed, since)).text
        player.kill()
        await asyncio.to_thread(player.wait)
        since = len(witness.events)
        await asyncio.to_thread(fault.repair, card)
        await microphone(witness, PartState.READY, since)
        since = len(witness.events)
        with await asyncio.to_thread(card.speak, sentence.path):
            return begun, (await witness.next(Transcribed, since)).text

    async def scenario() -> list[tuple[str, str]]:
        paths, config = room(models_home, tmp_path)
        async with app.session(paths, config, listener=witness, answers=False) as assistant:
            await assistant.prepare(Part.HEARING, Part.TRANSCRIPTION)
            assistant.post(SetHandsFree(True))
            await witness.phase(Phase.LISTENING)
            return [await lose(fault) for fault in (UNPLUGGED, HUNG_MICROPHONE, KILLED)]

    reference = normalised(sentence.text, "en")
    for begun, whole in asyncio.run(scenario()):
        kept = normalised(begun, "en")
        assert len(kept) >= 3
        assert word_errors(reference[: len(kept)], kept) <= 0.4 * len(kept)
        assert word_errors(reference, normalised(whole, "en")) <= 0.4 * len(reference)


@pytest.mark.expects_error_logs
def test_a_loudspeaker_lost_in_an_answer_costs_its_sound_and_not_its_words(
    breakable_sound_card: SoundCard, models_home: Path, tmp_path: Path
) -> None:
    """Unplugged, hung, its service killed: one after the other."""
    card, witness = breakable_sound_card, Witness()

    async def lose(fault: Fault, assistant: Assistant) -> None:
        since = len(witness.events)
        assistant.post(SubmitText(STORY, speak=True))
        await witness.next(PlaybackStarted, since)
        await asyncio.to_thread(fault.harm, card)
        failed = await witness.next(Failed)
        assert failed.error.code.startswith("audio.output")
        finished = await witness.next(TurnFinished)
        told = [event.text for event in witness.events[since:] if isinstance(event, ReplyToken)]
        assert finished.reply == "".join(told).strip()
        assert not finished.interrupted
        await asyncio.to_thread(fault.repair, card)
        since = len(witness.events)
        assistant.post(SubmitText("Say hello.", speak=True))
        await witness.next(PlaybackStarted, since)
        await witness.next(TurnFinished)

    async def scenario() -> None:
        paths, config = room(models_home, tmp_path)
        async with app.session(paths, config, listener=witness) as assistant:
            await assistant.prepare(Part.ENGINE, Part.SPEECH)
            for fault in (UNPLUGGED, HUNG_LOUDSPEAKER, KILLED):
                await lose(fault, assistant)

    asyncio.run(scenario())


def test_without_a_microphone_typing_works_and_one_plugged_in_later_is_found(
    breakable_sound_card: SoundCard, models_home: Path, tmp_path: Path, sentence: Recording
) -> None:
    card, witness = breakable_sound_card, Witness()

    async def scenario() -> str:
        await asyncio.to_thread(card.unplug)
        paths, config = room(models_home, tmp_path)
        async with app.session(paths, config, listener=witness) as assistant:
            await assistant.prepare(Part.HEARING, Part.TRANSCRIPTION, Part.ENGINE)
            assistant.post(SetHandsFree(True))
            assert (await witness.next(Failed)).error.code == "audio.no_input"
            assistant.post(SubmitText("Say hello."))
            assert (await witness.next(TurnFinished)).reply
            since = len(witness.events)
            await asyncio.to_thread(card.plug)
            await microphone(witness, PartState.READY, since)
            with await asyncio.to_thread(card.speak, sentence.path):
                return (await witness.next(Transcribed, since)).text

    reference = normalised(sentence.text, "en")
    assert word_errors(reference, normalised(asyncio.run(scenario()), "en")) <= 0.4 * len(reference)


def test_a_talk_key_that_is_never_released_ends_the_turn_at_the_limit(
    breakable_sound_card: SoundCard, models_home: Path, tmp_path: Path, sentence: Recording
) -> None:
    card, witness = breakable_sound_card, Witness()

    async def scenario() -> None:
        paths, config = room(models_home, tmp_path, JARVIS_LISTENING__MAX_UTTERANCE_S="5")
        async with app.session(paths, config, listener=witness, answers=False) as assistant:
            await assistant.prepare(Part.TRANSCRIPTION)
            assistant.post(PressTalk())
            await witness.phase(Phase.LISTENING)
            with await asyncio.to_thread(card.speak, sentence.path):
                await witness.next(PartialTranscribed)
                assert (await witness.next(TurnEnded)).reason == "limit"
                assert (await witness.next(Transcribed)).text

    asyncio.run(scenario())
