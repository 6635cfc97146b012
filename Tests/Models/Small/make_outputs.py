"""Makes the tiny models whose output is found out: probabilities that do not come last from a softmax, and several outputs.

Run: python make_outputs.py      (made with onnx 1.23.2, numpy 2.4.6; no randomness)
"""

import pathlib

import numpy as np
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).parent
CLASSES = 6


def node(op, inputs, outputs, **attrs):
    return helper.make_node(op, inputs.split(), outputs.split(), **attrs)


def head(name, classes=CLASSES, shift=0):
    """Plane averages times a matrix of small whole numbers, to a value of this name."""
    weights = ((np.arange(3 * classes) * 7 + shift) % 5 - 2).astype(np.float32).reshape(3, classes)
    return [node("Gemm", f"flat {name}_weights", name)], [numpy_helper.from_array(weights, f"{name}_weights")]


def save(name, nodes, outputs, heads=("logits",), constants=None, classes=CLASSES, types=None, sequences=()):
    body, weights = [node("GlobalAveragePool", "picture", "average"), node("Flatten", "average", "flat")], []
    for number, one in enumerate(heads):
        more, values = head(one, classes if isinstance(classes, int) else classes[number], number)
        body, weights = body + more, weights + values
    weights += [numpy_helper.from_array(np.asarray(v), k) for k, v in (constants or {}).items()]
    picture = helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, 8, 8])
    results = [helper.make_tensor_value_info(o, (types or {}).get(o, TensorProto.FLOAT), None) for o in outputs]
    pair = helper.make_map_type_proto(TensorProto.STRING, helper.make_tensor_type_proto(TensorProto.FLOAT, None))
    results += [helper.make_value_info(o, helper.make_sequence_type_proto(pair)) for o in sequences]
    graph = helper.make_graph(body + nodes, name, [picture], results, weights)
    sets = [helper.make_opsetid("", 13)] + ([helper.make_opsetid("ai.onnx.ml", 1)] if sequences else [])
    model = helper.make_model(graph, opset_imports=sets, ir_version=8)
    (FOLDER / f"{name}.onnx").write_bytes(model.SerializeToString())


def tails():
    soft = node("Softmax", "logits", "p")
    level = {"s": np.float32(1 / 256), "z": np.uint8(0)}
    save("tail_qdq", [soft, node("QuantizeLinear", "p s z", "q"), node("DequantizeLinear", "q s z", "y")], ["y"], constants=level)
    box = {"from": np.array([1]), "to": np.array([CLASSES]), "axes": np.array([1])}
    save("tail_slice", [soft, node("Slice", "p from to axes", "y")], ["y"], constants=box)
    save("tail_transpose", [soft, node("Transpose", "p", "y", perm=[1, 0])], ["y"])
    save("tail_clip", [soft, node("Clip", "p low high", "y")], ["y"], constants={"low": np.float32(1e-7), "high": np.float32(1)})
    save("tail_concat", [soft, node("Concat", "p", "y", axis=1)], ["y"])
    save("tail_log", [soft, node("Log", "p", "y")], ["y"])
    parts = [node("ReduceMax", "logits", "m", axes=[1]), node("Sub", "logits m", "d"), node("Exp", "d", "e"),
             node("ReduceSum", "e one", "t"), node("Div", "e t", "y")]
    save("tail_written_out", parts, ["y"], constants={"one": np.array([1])})
    save("tail_percent", [soft, node("Mul", "p hundred", "y")], ["y"], constants={"hundred": np.float32(100)})
    both = [node("Softmax", "left", "p"), node("Softmax", "right", "q"), node("Add", "p q", "t"), node("Mul", "t half", "y")]
    save("tail_mean", both, ["y"], heads=("left", "right"), constants={"half": np.float32(0.5)})
    save("tail_relu", [node("Relu", "logits", "y")], ["y"])
    save("tail_sigmoids", [node("Sigmoid", "logits", "p"), node("Flatten", "p", "y")], ["y"])
    save("one_logit", [], ["logits"], classes=1)
    save("one_sigmoid", [node("Sigmoid", "logits", "y")], ["y"], classes=1)


def tables():
    """As Azure Custom Vision exports: a table of names and scores, and the best name as text."""
    names = [f"kind {n}" for n in range(CLASSES)]
    nodes = [node("Softmax", "logits", "p"), node("ZipMap", "p", "loss", domain="ai.onnx.ml", classlabels_strings=names),
             node("ArgMax", "p", "best", axis=1, keepdims=0),
             node("ArrayFeatureExtractor", "names best", "classLabel", domain="ai.onnx.ml")]
    save("class_table", nodes, ["classLabel"], constants={"names": np.array(names, dtype=object)},
         types={"classLabel": TensorProto.STRING}, sequences=["loss"])


def outputs():
    save("embedding_first", [node("Relu", "embedding", "r"), node("Gemm", "r w", "logits")], ["embedding", "logits"],
         heads=("embedding",), constants={"w": np.eye(CLASSES, 4, dtype=np.float32)})
    top = [node("Softmax", "logits", "p"), node("TopK", "p k", "values indices")]
    save("topk_only", top, ["values", "indices"], constants={"k": np.array([2])}, types={"indices": TensorProto.INT64})
    save("two_heads", [], ["color", "shape"], heads=("color", "shape"), classes=(3, 4))


if __name__ == "__main__":
    tails()
    tables()
    outputs()
