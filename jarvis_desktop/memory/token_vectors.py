"""A vector for each word of a text, in its place: what two texts share is seen word by word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.words import function_words

TokenVectors = npt.NDArray[np.int8]

SCALE = 254.0
"""Of a unit vector's components to int8; the few beyond 0.5 (1 in 1,000) are clipped, which costs nothing."""

_FUNCTION_WORD_WEIGHT = 0.2  # measured, docs/decisions/0022
_MOST_TOKENS = 256  # of a text; what the model was trained on
_BATCH = 16
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class QuestionVectors:
    """Unit vectors [tokens, d] of a question, and how much each of them counts [tokens] (sum 1)."""

    vectors: npt.NDArray[np.float32]
    weights: npt.NDArray[np.float32]


class TokenEncoder(Protocol):
    """One model that gives vectors of tokens; those of another `name` cannot be compared.

    The first call loads it. Raises `StorageError` ``memory.no_reranker``.
    """

    @property
    def name(self) -> str: ...

    def passages(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Of each text [tokens, d], `SCALE` times unit vectors."""
        ...

    def question(self, text: str) -> QuestionVectors: ...


class MiniLmWords:
    """all-MiniLM-L6-v2 in 8 bits, on the processor. English only.

    Function words and punctuation of a passage are left out: that halves what is stored and changes nothing
    measurable in the ranking. In a question they count little.
    """

    name = "minilm-words/1"

    def __init__(self, folder: Path, threads: int = 2) -> None:
        self._folder = folder
        self._threads = threads

    def passages(self, texts: Sequence[str]) -> list[TokenVectors]:
        found: list[TokenVectors] = [np.empty((0, 0), np.int8)] * len(texts)
        ignored = function_words("en")
        # By length, so that the texts of a batch need little padding.
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        for first in range(0, len(order), _BATCH):
            batch = order[first : first + _BATCH]
            encoded = self._encoded([texts[number] for number in batch])
            for number, (tokens, vectors) in zip(batch, encoded, strict=True):
                kept = np.array(
                    [bool(_WORD.search(token)) and token not in ignored for token in tokens], bool
                )
                found[number] = np.clip(np.rint(vectors[kept] * SCALE), -127, 127).astype(np.int8)
        return found

    def question(self, text: str) -> QuestionVectors:
        ((tokens, vectors),) = self._encoded([text])
        ignored = function_words("en")
        kept = [number for number, token in enumerate(tokens) if _WORD.search(token)]
        weights = np.array([_FUNCTION_WORD_WEIGHT if tokens[number] in ignored else 1.0 for number in kept])
        return QuestionVectors(vectors[kept], (weights / max(weights.sum(), 1e-9)).astype(np.float32))

    def _encoded(self, texts: Sequence[str]) -> Iterator[tuple[list[str], npt.NDArray[np.float32]]]:
        """Tokens of each text, without those that mark its start and end, and their unit vectors."""
        tokenizer, session = self._model
        encodings = tokenizer.encode_batch(list(texts))
        ids = np.array([encoding.ids for encoding in encodings], np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], np.int64)
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (hidden,) = session.run(None, inputs)
        for row, encoding in enumerate(encodings):
            inside = slice(1, int(mask[row].sum()) - 1)
            vectors = hidden[row, inside]
            yield encoding.tokens[inside], vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    @cached_property
    def _model(self) -> tuple[Any, Any]:
        """Tokenizer and network."""
        try:
            import onnxruntime
            from tokenizers import Tokenizer

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = self._threads
            options.inter_op_num_threads = 1
            options.log_severity_level = 3
            # Waiting threads would spin on the cores that listen and speak.
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            session = onnxruntime.InferenceSession(
                str(self._folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
            tokenizer = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        except Exception as error:  # onnxruntime and tokenizers raise classes of their own without a base
            raise StorageError(
                "memory.no_reranker",
                "The model in {folder} that puts what was found in order does not work ({reason}).",
                "Fetch it again: jarvis models get minilm-words. Until then the order is less good.",
                folder=self._folder,
                reason=error,
            ) from error
        tokenizer.enable_truncation(_MOST_TOKENS)
        tokenizer.enable_padding()
        return tokenizer, session
