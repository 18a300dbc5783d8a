"""A language model that fails is replaced by what can answer, and the user is told in one line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from jarvis_desktop.config.schema import Engine, RemoteSettings
from jarvis_desktop.errors import Category, EngineError, JarvisError, ModelError
from jarvis_desktop.orchestrator.fallback import FallbackChat, ladder
from jarvis_desktop.orchestrator.headers import ModelShape
from jarvis_desktop.ports import ChatDelta, ChatMessage, ChatOptions
from tests.fakes import FakeChat

WANTED = Engine(model="big", context_tokens=8192)
HELLO = [ChatMessage("system", "You are Jarvis."), ChatMessage("user", "Hello?")]


def shape(mib: int) -> ModelShape:
    return ModelShape(mib << 20, 1024, 1000, 64, 128, 2)


OTHERS = [("tiny", shape(50)), ("small", shape(300)), ("huge", shape(9000))]


def no_memory() -> EngineError:
    return EngineError("engine.out_of_memory", "There is not enough memory.", "", Category.DEGRADED)


def broken(code: str) -> EngineError:
    return EngineError(code, "It does not work.", "Look at the log.")


class Engines:
    """Makes fakes for settings; `load_errors` and `errors` fail them by model and context."""

    def __init__(self, remote: RemoteSettings | None = None) -> None:
        self.load_errors: dict[tuple[str, int], JarvisError] = {}
        self.errors: dict[tuple[str, int], list[JarvisError]] = {}
        self.made: list[FakeChat] = []
        self.told: list[str] = []
        self.waits: list[float] = []
        wanted = WANTED.model_copy(update={"remote": remote}) if remote else WANTED
        self.chat = FallbackChat(
            wanted,
            self.make,
            lambda: ladder(wanted, shape(4000), OTHERS),
            lambda remark: self.told.append(str(remark)),
            sleep=self.sleep,
        )

    def make(self, engine: Engine) -> FakeChat:
        key = ("remote", 0) if engine.kind == "remote" else (engine.model, engine.context_tokens)
        chat = Flaky(self.errors.setdefault(key, []))
        chat.model = engine.remote.model if engine.kind == "remote" else engine.model
        self.made.append(chat)
        chat.load_errors = self.load_errors
        chat.key = key
        return chat

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    async def ask(
        self,
        messages: Sequence[ChatMessage] = HELLO,
        options: ChatOptions = ChatOptions(),  # noqa: B008 - frozen
    ) -> str:
        return "".join([delta.text async for delta in self.chat.stream(messages, options)])


class Flaky(FakeChat):
    """Fails with each of `errors` in turn before it says a word."""

    load_errors: dict[tuple[str, int], JarvisError]
    key: tuple[str, int]

    def __init__(self, errors: list[JarvisError]) -> None:
        super().__init__()
        self._errors = errors

    async def load(self) -> None:
        self.load_error = self.load_errors.get(self.key)
        await super().load()

    async def stream(self, messages: Sequence[ChatMessage], options: ChatOptions) -> AsyncIterator[ChatDelta]:
        if self._errors:
            raise self._errors.pop(0)
        async for delta in super().stream(messages, options):
            yield delta


# --- the ladder -------------------------------------------------------------------------------------------


def test_the_ladder_gives_up_context_first_then_size_then_the_machine() -> None:
    remote = RemoteSettings(base_url="http://192.168.1.20:8000/v1", model="qwen")
    engine = WANTED.model_copy(update={"kind": "vllm", "remote": remote})
    rungs = [(rung.kind, rung.model, rung.context_tokens) for rung in ladder(engine, shape(4000), OTHERS)]
    assert rungs == [
        ("vllm", "big", 8192),
        ("vllm", "big", 4096),
        ("vllm", "big", 2048),
        ("llama.cpp", "small", 2048),
        ("llama.cpp", "tiny", 2048),
        ("remote", "big", 8192),
    ]


def test_answers_side_by_side_are_given_up_before_the_length_of_a_conversation() -> None:
    engine = WANTED.model_copy(update={"places": 5})
    rungs = [(rung.model, rung.places, rung.context_tokens) for rung in ladder(engine, shape(4000), [])]
    assert rungs == [("big", 5, 8192), ("big", 1, 8192), ("big", 1, 4096), ("big", 1, 2048)]


def test_a_server_elsewhere_is_replaced_by_models_here() -> None:
    rungs = ladder(WANTED.model_copy(update={"kind": "remote"}), None, OTHERS[:2])
    assert [(rung.kind, rung.model) for rung in rungs[1:]] == [("llama.cpp", "small"), ("llama.cpp", "tiny")]


# --- loading ----------------------------------------------------------------------------------------------


def test_out_of_memory_lowers_the_plan_and_says_so() -> None:
    async def run() -> None:
        engines = Engines()
        engines.load_errors[("big", 8192)] = no_memory()
        await engines.chat.load()
        assert engines.chat.model == "big"
        assert engines.told == ["There is not enough memory: big goes on with 4096 tokens of context."]
        assert await engines.ask() == "All is well."

    asyncio.run(run())


def test_a_model_that_never_fits_gives_way_to_a_smaller_one() -> None:
    async def run() -> None:
        engines = Engines()
        for context in (8192, 4096, 2048):
            engines.load_errors[("big", context)] = ModelError("model.no_room", "There is no room.")
        await engines.chat.load()
        assert engines.chat.model == "small"
        assert engines.told[-1] == "There is not enough memory for big: small answers instead."

    asyncio.run(run())


def test_a_crash_loop_ends_in_safe_mode_without_trying_the_same_model_again() -> None:
    async def run() -> None:
        engines = Engines()
        await engines.chat.load()
        engines.errors[("big", 8192)].append(broken("engine.crash_loop"))
        assert await engines.ask() == "All is well."
        assert [chat.model for chat in engines.made] == ["big", "small"]
        assert engines.told == ["big cannot be used now: small answers instead."]

    asyncio.run(run())


def test_the_server_elsewhere_is_the_last_resort() -> None:
    async def run() -> None:
        engines = Engines(RemoteSettings(base_url="http://192.168.1.20:8000/v1", model="qwen"))
        for name in ("big", "small", "tiny"):
            for context in (8192, 4096, 2048):
                engines.load_errors[(name, context)] = no_memory()
        await engines.chat.load()
        assert engines.chat.model == "qwen"

    asyncio.run(run())


def test_where_nothing_works_the_first_reason_is_given_and_the_next_try_starts_at_the_top() -> None:
    async def run() -> None:
        engines = Engines()
        engines.load_errors[("big", 8192)] = broken("engine.start_failed")
        for name in ("small", "tiny"):
            engines.load_errors[(name, 2048)] = no_memory()
        with pytest.raises(EngineError) as raised:
            await engines.chat.load()
        assert raised.value.code == "engine.start_failed"
        engines.load_errors.clear()
        await engines.chat.load()
        assert engines.chat.model == "big"

    asyncio.run(run())


@pytest.mark.parametrize("code", ["model.missing", "model.damaged", "engine.vllm_missing"])
def test_what_the_user_has_to_mend_is_not_covered_up(code: str) -> None:
    async def run() -> None:
        engines = Engines()
        engines.load_errors[("big", 8192)] = ModelError(code, "It is not there.")
        with pytest.raises(ModelError) as raised:
            await engines.chat.load()
        assert raised.value.code == code
        assert engines.told == []

    asyncio.run(run())


def test_released_it_begins_at_the_top_again() -> None:
    async def run() -> None:
        engines = Engines()
        engines.load_errors[("big", 8192)] = no_memory()
        await engines.chat.load()
        engines.load_errors.clear()
        await engines.chat.unload()
        await engines.chat.load()
        await engines.ask()
        assert engines.made[-1].key == ("big", 8192)

    asyncio.run(run())


# --- answering --------------------------------------------------------------------------------------------


def test_a_busy_engine_is_asked_again_later_each_time() -> None:
    async def run() -> None:
        engines = Engines()
        engines.errors[("big", 8192)] += [broken("engine.busy"), broken("engine.failed")]
        assert await engines.ask() == "All is well."
        assert engines.waits == [0.5, 1.0]
        assert engines.told == ["The language engine is busy: it is asked again."] * 2

    asyncio.run(run())


def test_an_engine_that_stays_busy_is_an_error_in_the_end() -> None:
    async def run() -> None:
        engines = Engines()
        engines.errors[("big", 8192)] += [broken("engine.busy")] * 3
        with pytest.raises(EngineError) as raised:
            await engines.ask()
        assert raised.value.code == "engine.busy"

    asyncio.run(run())


def test_an_answer_that_has_begun_is_not_begun_again() -> None:
    async def run() -> None:
        engines = Engines()
        engines.made[0].error = no_memory()
        with pytest.raises(EngineError):
            await engines.ask()
        assert len(engines.made[0].prompts) == 1
        assert (engines.made[1:], engines.told) == ([], [])

    asyncio.run(run())


def test_several_questions_move_to_the_next_way_together() -> None:
    async def run() -> None:
        engines = Engines()
        engines.errors[("big", 8192)] += [no_memory()] * 3
        assert await asyncio.gather(*(engines.ask() for _ in range(3))) == ["All is well."] * 3
        assert len(engines.made) == 2

    asyncio.run(run())


def test_a_conversation_too_long_loses_its_oldest_turns_and_keeps_instructions_and_question() -> None:
    async def run() -> None:
        engines = Engines()
        turns = [
            ChatMessage(role, f"{role} {number}") for number in range(4) for role in ("user", "assistant")
        ]
        engines.errors[("big", 8192)] += [broken("engine.context_full")] * 2
        await engines.ask([HELLO[0], *turns, HELLO[1]])
        (prompt,) = engines.made[0].prompts
        assert [message.content for message in prompt] == [
            "You are Jarvis.",
            "user 3",
            "assistant 3",
            "Hello?",
        ]
        assert len(engines.told) == 2

    asyncio.run(run())


def test_a_conversation_that_has_to_be_read_whole_is_not_shortened() -> None:
    async def run() -> None:
        engines = Engines()
        turns = [*[ChatMessage("user", "Hi"), ChatMessage("assistant", "Hi")] * 2, HELLO[1]]
        engines.errors[("big", 8192)].append(broken("engine.context_full"))
        with pytest.raises(EngineError) as raised:
            await engines.ask(turns, ChatOptions(whole=True))
        assert raised.value.code == "engine.context_full"
        assert engines.told == []

    asyncio.run(run())


def test_a_question_that_is_too_long_by_itself_is_an_error() -> None:
    async def run() -> None:
        engines = Engines()
        engines.errors[("big", 8192)].append(broken("engine.context_full"))
        with pytest.raises(EngineError) as raised:
            await engines.ask()
        assert raised.value.code == "engine.context_full"

    asyncio.run(run())
