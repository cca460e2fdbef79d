"""Makes the weights of a graph 8-bit, and token embeddings 4-bit, while the arithmetic stays float32.

Activations are never quantised: what a picture or text becomes does not depend on what else is in its batch.
"""

from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

SMALLEST = 4096  # fewer numbers stay float32
TABLE = 5000  # more rows than this, read by Gather, are a table of token embeddings
GROUP = 64  # 4-bit numbers that share a scale
FOUR_BITS = ("head.classifier", "head.names", ".straight.weight")  # matrices that lose nothing by it
ATTRIBUTES = {"Cast": {"to": TensorProto.FLOAT}, "Concat": {"axis": -1}, "BitShift": {"direction": "RIGHT"}}
SHORT = 32  # weights with fewer numbers a channel (depthwise convolutions) are float16


def named(name: str, array: NDArray[np.generic]) -> onnx.TensorProto:
    return numpy_helper.from_array(np.ascontiguousarray(array), name)


class Packed:
    """A matrix as 4-bit numbers, two a byte, each GROUP of a row with a scale of its own; and what undoes it."""

    def __init__(self, name: str, weights: NDArray[np.float32]) -> None:
        groups = weights.reshape(len(weights), -1, GROUP)
        scale = np.abs(groups).max(2, keepdims=True) / 7
        scale[scale == 0] = 1
        scale = scale.astype(np.float16)
        codes = (np.clip(np.round(groups / scale.astype(np.float32)), -8, 7) + 8).astype(np.uint8)
        codes = codes.reshape(weights.shape)
        self._name = name
        self._constants = {
            "packed": codes[:, 0::2] | (codes[:, 1::2] << 4), "scale": scale[:, :, 0], "four": np.array(4, np.uint8),
            "sixteen": np.array(16, np.uint8), "eight": np.array(8, np.float32), "last": np.array([-1], np.int64),
        }  # fmt: skip
        self._width = weights.shape[1]

    def constants(self) -> list[onnx.TensorProto]:
        return [named(f"{self._name}_{label}", array) for label, array in self._constants.items()]

    def nodes(self, output: str, ids: str = "") -> list[onnx.NodeProto]:
        """Return nodes that give the matrix, or with `ids` [b, t] only its rows [b, t, width], as `output`."""
        leading = [0, 0] if ids else [0]
        shapes = {"grouped": [*leading, -1, GROUP], "flat": [*leading, self._width]}
        self._constants |= {label: np.array(shape, np.int64) for label, shape in shapes.items()}
        chosen = [("Gather", ["packed", ids], "bytes"), ("Gather", ["scale", ids], "halves")]
        # Two numbers a byte are taken apart, put in order, centred on zero and scaled.
        steps: list[tuple[str, list[str], str]] = [
            *(chosen if ids else []),
            ("Mod", ["bytes" if ids else "packed", "sixteen"], "low"),
            ("BitShift", ["bytes" if ids else "packed", "four"], "high"),
            ("Unsqueeze", ["low", "last"], "low1"),
            ("Unsqueeze", ["high", "last"], "high1"),
            ("Concat", ["low1", "high1"], "pairs"),
            ("Cast", ["pairs"], "numbers"),
            ("Sub", ["numbers", "eight"], "centred"),
            ("Reshape", ["centred", "flat"], "row"),
            ("Reshape", ["row", "grouped"], "groups"),
            ("Cast", ["halves" if ids else "scale"], "scales"),
            ("Unsqueeze", ["scales", "last"], "scales1"),
            ("Mul", ["groups", "scales1"], "scaled"),
            ("Reshape", ["scaled", "flat"], output),
        ]
        made = []
        for kind, inputs, result in steps:
            ends = [text if text == ids else f"{self._name}_{text}" for text in inputs]
            outputs = [result if result == output else f"{self._name}_{result}"]
            made.append(helper.make_node(kind, ends, outputs, **ATTRIBUTES.get(kind, {})))
        return made


def output_axis(node: onnx.NodeProto, dimensions: int) -> int:
    """Return the axis of a weight along which each output has a scale of its own."""
    if node.op_type == "Gemm":
        return 0 if any(a.name == "transB" and a.i for a in node.attribute) else 1
    return dimensions - 1 if node.op_type == "MatMul" else 0


def compress(source: Path, target: Path) -> int:
    """Write the graph at `source` with small weights to `target`; return its size in bytes."""
    model = onnx.load(source)
    graph = model.graph
    kept: list[onnx.TensorProto] = []
    undo: list[onnx.NodeProto] = []
    for tensor in list(graph.initializer):
        weights, name = numpy_helper.to_array(tensor), tensor.name
        users = [(i, node) for i, node in enumerate(graph.node) if name in node.input]
        if weights.dtype != np.float32 or weights.size < SMALLEST or not users:
            kept.append(tensor)
            continue
        at, user = users[0]
        if user.op_type == "Gather" and weights.shape[0] > TABLE:
            packed = Packed(name, weights)
            nodes = packed.nodes(user.output[0], user.input[1])
            kept += packed.constants()
            del graph.node[at]
            for offset, node in enumerate(nodes):
                graph.node.insert(at + offset, node)
            continue
        if any(part in name for part in FOUR_BITS):
            packed = Packed(name, weights)
            undo += packed.nodes(name)
            kept += packed.constants()
            continue
        axis = output_axis(user, weights.ndim)
        if weights.size // weights.shape[axis] < SHORT:
            kept.append(named(name + "_half", weights.astype(np.float16)))
            undo.append(helper.make_node("Cast", [name + "_half"], [name], to=TensorProto.FLOAT))
            continue
        others = tuple(i for i in range(weights.ndim) if i != axis)
        scale = np.abs(weights).max(others, keepdims=True) / 127
        scale[scale == 0] = 1
        codes = np.clip(np.round(weights / scale), -127, 127).astype(np.int8)
        kept += [named(name + "_int8", codes), named(name + "_scale", scale.astype(np.float32))]
        undo += [helper.make_node("Cast", [name + "_int8"], [name + "_float"], to=TensorProto.FLOAT),
                 helper.make_node("Mul", [name + "_float", name + "_scale"], [name])]  # fmt: skip
    del graph.initializer[:]
    graph.initializer.extend(kept)
    for index, node in enumerate(undo):
        graph.node.insert(index, node)
    onnx.checker.check_model(model)
    onnx.save(model, target)
    return target.stat().st_size
