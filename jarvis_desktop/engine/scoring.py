"""How likely a model finds a text, asked of a running engine: what perplexity is computed from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jarvis_desktop.engine.client import ChatClient
from jarvis_desktop.errors import EngineError

CONTEXT_TOKENS = 16
"""Tokens at the beginning that only are what the others follow; how likely they are says little."""

_ALWAYS = 1000.0
"""Added to the score of a token, it is the one that is drawn."""


async def log_probabilities(client: ChatClient, engine: str, text: str, most: int) -> tuple[float, ...]:
    """Natural logarithms for the tokens of `text`, at most `most`, without the first `CONTEXT_TOKENS`.

    Raises `EngineError`, `engine.no_scores` when the engine's answer holds none.
    """
    score = _by_vllm if engine == "vllm" else _by_llama
    try:
        return await score(client, text, most)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise EngineError(
            "engine.no_scores",
            "The language engine does not tell how likely it finds a text.",
            "Update the engine; its quality cannot be measured otherwise.",
        ) from error


async def _by_llama(client: ChatClient, text: str, most: int) -> tuple[float, ...]:
    """llama.cpp tells this only of the token it draws, before any bias: it is made to draw the text's own.

    The engine keeps what it has read, so that each request costs one token.
    """
    answer = await client.post("/tokenize", {"content": text, "add_special": True})
    tokens: list[int] = answer["tokens"][: CONTEXT_TOKENS + most]
    found = []
    for place in range(CONTEXT_TOKENS, len(tokens)):
        body = {
            "prompt": tokens[:place],
            "n_predict": 1,
            "n_probs": 1,
            "temperature": 0.0,
            "samplers": ["top_k"],
            "top_k": 1,
            "logit_bias": [[tokens[place], _ALWAYS]],
        }
        drawn: Mapping[str, Any] = (await client.post("/completion", body))["completion_probabilities"][0]
        if drawn["id"] != tokens[place]:
            raise ValueError("another token was drawn")
        found.append(float(drawn["logprob"]))
    return tuple(found)


async def _by_vllm(client: ChatClient, text: str, most: int) -> tuple[float, ...]:
    body = {"prompt": text, "max_tokens": 1, "temperature": 0.0, "prompt_logprobs": 0}
    answer = await client.post("/v1/completions", body)
    tokens = answer["choices"][0]["prompt_logprobs"][CONTEXT_TOKENS : CONTEXT_TOKENS + most]
    # asked for none of the likeliest, it tells of the text's own tokens only
    return tuple(float(next(iter(token.values()))["logprob"]) for token in tokens)
