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
GROUP = 32  # numbers of a token embedding that share a scale
SHORT = 32  # weights with fewer numbers a channel (depthwise convolutions) are float16


def named(name: str, array: NDArray[np.generic]) -> onnx.TensorProto:
    return numpy_helper.from_array(np.ascontiguousarray(array), name)


def table(graph: onnx.GraphProto, at: int, weights: NDArray[np.float32]) -> list[onnx.TensorProto]:
    """Replace the Gather at index `at` by one of packed 4-bit numbers; return the new initializers."""
    gather = graph.node[at]
    name, ids, out = gather.input[0], gather.input[1], gather.output[0]
    width = weights.shape[1]
    groups = weights.reshape(len(weights), -1, GROUP)
    scale = np.abs(groups).max(2, keepdims=True) / 7
    scale[scale == 0] = 1
    scale = scale.astype(np.float16)
    codes = (np.clip(np.round(groups / scale.astype(np.float32)), -8, 7) + 8).astype(np.uint8).reshape(weights.shape)
    constants = {"packed": codes[:, 0::2] | (codes[:, 1::2] << 4), "scale": scale[:, :, 0],
                 "four": np.array(4, np.uint8), "sixteen": np.array(16, np.uint8), "eight": np.array(8, np.float32),
                 "grouped": np.array([0, 0, -1, GROUP], np.int64), "flat": np.array([0, 0, width], np.int64),
                 "last": np.array([-1], np.int64)}  # fmt: skip

    def of(label: str) -> str:
        return f"{name}_{label}"

    # Two numbers a byte are taken apart, put in order, centred on zero and scaled, for the chosen rows only.
    steps: list[tuple[str, list[str], str]] = [
        ("Gather", ["packed", ids], "bytes"),
        ("Mod", ["bytes", "sixteen"], "low"),
        ("BitShift", ["bytes", "four"], "high"),
        ("Unsqueeze", ["low", "last"], "low1"),
        ("Unsqueeze", ["high", "last"], "high1"),
        ("Concat", ["low1", "high1"], "pairs"),
        ("Cast", ["pairs"], "numbers"),
        ("Sub", ["numbers", "eight"], "centred"),
        ("Reshape", ["centred", "flat"], "row"),
        ("Reshape", ["row", "grouped"], "groups"),
        ("Gather", ["scale", ids], "scales16"),
        ("Cast", ["scales16"], "scales"),
        ("Unsqueeze", ["scales", "last"], "scales1"),
        ("Mul", ["groups", "scales1"], "scaled"),
        ("Reshape", ["scaled", "flat"], out),
    ]
    attributes = {"Cast": {"to": TensorProto.FLOAT}, "Concat": {"axis": -1}, "BitShift": {"direction": "RIGHT"}}
    del graph.node[at]
    for offset, (kind, inputs, output) in enumerate(steps):
        ends = [text if text == ids else of(text) for text in inputs]
        result = out if output == out else of(output)
        graph.node.insert(at + offset, helper.make_node(kind, ends, [result], **attributes.get(kind, {})))
    return [named(of(label), array) for label, array in constants.items()]


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
            kept += table(graph, at, weights)
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
