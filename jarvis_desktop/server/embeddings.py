"""Texts as vectors."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from jarvis_desktop.server.chat_request import DEFAULT_MODEL, Body, Listed
from jarvis_desktop.server.context import Client, Ctx, ServerContext
from jarvis_desktop.server.errors import RequestError
from jarvis_desktop.server.models import check_model
from jarvis_desktop.server.sse import while_connected

router = APIRouter(tags=["embeddings"])

MOST_TEXTS = 512
MOST_CHARACTERS = 1_000_000
"""Of all texts together."""

Text = Annotated[str, Field(min_length=1)]


class EmbeddingsBody(Body):
    """OpenAI's request. Texts are read as the memory reads them; of long ones, the beginning."""

    model: str = DEFAULT_MODEL
    input: Text | Annotated[Listed[Text], Field(min_length=1, max_length=MOST_TEXTS)]
    encoding_format: Literal["float", "base64"] = "float"
    user: str | None = None


class Embedding(BaseModel):
    """A vector of unit length; ``base64`` are its float32 numbers, little-endian."""

    index: int
    object: Literal["embedding"] = "embedding"
    embedding: list[float] | str


class ReadTokens(BaseModel):
    """About what was read."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingsAnswer(BaseModel):
    """The vectors, in the order of the texts."""

    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: ReadTokens


@router.post("/v1/embeddings", summary="Texts as vectors", response_model=EmbeddingsAnswer)
async def embed_texts(body: EmbeddingsBody, request: Request, context: Ctx, client: Client) -> Any:
    """Texts that mean the same have vectors near each other."""
    return await while_connected(request, embedded(context, client, body))


async def embedded(
    context: ServerContext, client: str, body: EmbeddingsBody, admitted: Callable[[], None] = lambda: None
) -> EmbeddingsAnswer:
    """The vectors of texts; `admitted` hears that it is their turn. Raises `JarvisError`."""
    check_model(context, body.model, "embedding")
    texts = [body.input] if isinstance(body.input, str) else body.input
    if sum(map(len, texts)) > MOST_CHARACTERS:
        raise RequestError(
            "server.too_long",
            "The texts have more than {most} characters.",
            "Send them in parts.",
            param="input",
            most=MOST_CHARACTERS,
        )
    async with context.admission.place(client):
        admitted()
        made = await context.link.call(lambda: context.service.embed(texts))
    as_base64 = body.encoding_format == "base64"
    data = [
        Embedding(index=number, embedding=_base64(vector) if as_base64 else vector.tolist())
        for number, vector in enumerate(made.vectors)
    ]
    tokens = ReadTokens(prompt_tokens=made.tokens, total_tokens=made.tokens)
    return EmbeddingsAnswer(data=data, model=made.model, usage=tokens)


def _base64(vector: np.ndarray) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()
