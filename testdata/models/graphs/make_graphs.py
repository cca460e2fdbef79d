"""Make the small ONNX graphs that core/embed/onnx is tested with.

Made with: onnx 1.23.2, numpy 2.4.6. Run in this directory: python make_graphs.py
Each graph does arithmetic that a test can redo by hand, so that padding, masks, fixed
batches and data types are seen in the output.
"""

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper


def save(name, nodes, inputs, outputs, **constants):
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(n, t, s) for n, t, s in inputs],
        [helper.make_tensor_value_info(n, t, s) for n, t, s in outputs],
        [numpy_helper.from_array(v, n) for n, v in constants.items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("example.org", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, name + ".onnx")


# The embedding of a text is the sum of its ids where the mask is 1, and the number of tokens, twice each.
def masked_text(name, kind, batch, length, with_types=False, dimension=4):
    nodes = [
        helper.make_node("Cast", ["input_ids"], ["ids"], to=T.FLOAT),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=T.FLOAT),
        helper.make_node("Mul", ["ids", "mask"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "axis"], ["sum"], keepdims=1),
        helper.make_node("ReduceSum", ["mask", "axis"], ["count"], keepdims=1),
    ]
    inputs = [("input_ids", kind, [batch, length]), ("attention_mask", kind, [batch, length])]
    parts = ["sum", "count"] * (dimension // 2)
    if with_types:
        inputs.append(("token_type_ids", kind, [batch, length]))
        nodes += [
            helper.make_node("Cast", ["token_type_ids"], ["types"], to=T.FLOAT),
            helper.make_node("ReduceSum", ["types", "axis"], ["type_sum"], keepdims=1),
            helper.make_node("Add", ["sum", "type_sum"], ["sum_and_types"]),
        ]
        parts[0] = "sum_and_types"
    nodes.append(helper.make_node("Concat", parts, ["sentence_embedding"], axis=1))
    save(name, nodes, inputs, [("sentence_embedding", T.FLOAT, [batch, dimension])], axis=np.array([1]))


masked_text("text_int64", T.INT64, "batch", "tokens")
masked_text("text_int32_fixed", T.INT32, 3, 8, with_types=True)
masked_text("text_six_numbers", T.INT64, "batch", "tokens", dimension=6)

# No mask: exact only where the tower is causal. Fixed length, so that padding is seen in the sum.
save(
    "text_causal_fixed",
    [
        helper.make_node("Cast", ["text"], ["ids"], to=T.FLOAT),
        helper.make_node("ReduceSum", ["ids", "axis"], ["sum"], keepdims=1),
        helper.make_node("Concat", ["sum"] * 4, ["embedding"], axis=1),
    ],
    [("text", T.INT64, ["batch", 8])],
    [("embedding", T.FLOAT, ["batch", 4])],
    axis=np.array([1]),
)

# A text tower exported without its projection.
save(
    "text_unprojected",
    [
        helper.make_node("Cast", ["input_ids"], ["ids"], to=T.FLOAT),
        helper.make_node("Unsqueeze", ["ids", "last"], ["last_hidden_state"]),
        helper.make_node("ReduceSum", ["last_hidden_state", "axis"], ["pooler_output"], keepdims=0),
    ],
    [("input_ids", T.INT64, ["batch", "tokens"])],
    [("last_hidden_state", T.FLOAT, ["batch", "tokens", 1]), ("pooler_output", T.FLOAT, ["batch", 1])],
    axis=np.array([1]),
    last=np.array([2]),
)


# The embedding of a picture is the mean of each channel, and the mean of all.
def mean_colours(name, batch, dimension=4):
    save(
        name,
        [
            helper.make_node("ReduceMean", ["pixel_values"], ["channels"], axes=[2, 3], keepdims=0),
            helper.make_node("ReduceMean", ["pixel_values"], ["all"], axes=[1, 2, 3], keepdims=0),
            helper.make_node("Unsqueeze", ["all", "axis"], ["grey"]),
            helper.make_node("Concat", ["channels", "grey"], ["image_embeds"], axis=1),
        ],
        [("pixel_values", T.FLOAT, [batch, 3, 16, 16])],
        [("image_embeds", T.FLOAT, [batch, dimension])],
        axis=np.array([1]),
    )


mean_colours("image", "batch")
mean_colours("image_open", "batch", "dimension")  # only a run tells the dimension
mean_colours("image_fixed", 3)

# A custom operator needs a library that nobody is going to load.
save(
    "image_custom_operator",
    [helper.make_node("Magic", ["pixel_values"], ["image_embeds"], domain="example.org")],
    [("pixel_values", T.FLOAT, ["batch", 3, 16, 16])],
    [("image_embeds", T.FLOAT, ["batch", 4])],
)

# Half precision in and out, of a dimension that only a run would tell.
save(
    "image_half_open",
    [
        helper.make_node("ReduceMean", ["pixel_values"], ["channels"], axes=[2, 3], keepdims=0),
        helper.make_node("ReduceMean", ["pixel_values"], ["all"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Unsqueeze", ["all", "axis"], ["grey"]),
        helper.make_node("Concat", ["channels", "grey"], ["image_embeds"], axis=1),
    ],
    [("pixel_values", T.FLOAT16, ["batch", 3, 16, 16])],
    [("image_embeds", T.FLOAT16, ["batch", "dimension"])],
    axis=np.array([1]),
)

# A table of a hundred ids behind arithmetic that hides it: only a run shows that an id is not in it.
save(
    "text_hidden_table",
    [
        helper.make_node("Add", ["text", "zero"], ["ids"]),
        helper.make_node("Gather", ["table", "ids"], ["rows"]),
        helper.make_node("ReduceSum", ["rows", "axis"], ["embedding"], keepdims=0),
    ],
    [("text", T.INT64, ["batch", "tokens"])],
    [("embedding", T.FLOAT, ["batch", 4])],
    axis=np.array([1]),
    zero=np.array(0),
    table=np.ones((100, 4), dtype=np.float32),
)
