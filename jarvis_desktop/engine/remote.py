"""A language model on a server elsewhere that speaks OpenAI's protocol."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from jarvis_desktop.engine.client import FIRST_TOKEN_S, STALL_S, ChatClient, Endpoint
from jarvis_desktop.errors import EngineError
from jarvis_desktop.ports import ChatDelta, ChatMessage, ChatOptions, greet


class RemoteChatModel:
    """A `ports.ChatModel` without a process of its own. Errors are those of `ChatClient`."""

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str = "",
        *,
        first_token_s: float = FIRST_TOKEN_S,
        stall_s: float = STALL_S,
    ) -> None:
        self._endpoint = Endpoint(base_url, model, api_key, local=False)
        self._first_token_s = first_token_s
        self._stall_s = stall_s
        self._client: ChatClient | None = None

    @property
    def model(self) -> str:
        return self._endpoint.model

    @property
    def engine(self) -> str:
        return "remote"

    @property
    def pid(self) -> int | None:
        return None

    async def status(self) -> None:
        """Nothing: a server elsewhere does not say what others ask of it."""

    async def load(self) -> None:
        """Have the server generate one token: proves address, key and model in one go."""
        if self._client is not None:
            return
        if not self._endpoint.base_url or not self._endpoint.model:
            raise EngineError(
                "engine.remote_unset",
                "No address or no model is set for the remote language engine.",
                "Set engine.remote.base_url and engine.remote.model in the settings.",
            )
        client = ChatClient(self._endpoint, first_token_s=self._first_token_s, stall_s=self._stall_s)
        try:
            await greet(client)
        except BaseException:
            await client.aclose()
            raise
        self._client = client

    async def unload(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def stream(
        self, messages: Sequence[ChatMessage], options: ChatOptions
    ) -> AsyncGenerator[ChatDelta, None]:
        await self.load()
        assert self._client is not None
        async with aclosing(self._client.stream(messages, options)) as deltas:
            async for delta in deltas:
                yield delta
