"""Makes tiny.onnx: a classifier of ten colours of light with random weights, for tests of the whole program.

Run with: python make_tiny.py (onnx 1.19 or later, numpy). Deterministic: seed 7.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

rng = np.random.default_rng(7)


def weights(name, *shape):
    fan_in = int(np.prod(shape[1:]))
    return numpy_helper.from_array((rng.standard_normal(shape) * np.sqrt(2 / fan_in)).astype(np.float32), name)


initializers = [weights("w1", 16, 3, 3, 3), weights("w2", 32, 16, 3, 3), weights("w3", 10, 32)]
nodes = [
    helper.make_node("Conv", ["picture", "w1"], ["conv1"], "conv1", strides=[2, 2], pads=[1, 1, 1, 1]),
    helper.make_node("Relu", ["conv1"], ["relu1"], "relu1"),
    helper.make_node("Conv", ["relu1", "w2"], ["conv2"], "conv2", strides=[2, 2], pads=[1, 1, 1, 1]),
    helper.make_node("Relu", ["conv2"], ["relu2"], "relu2"),
    helper.make_node("GlobalAveragePool", ["relu2"], ["pool"], "pool"),
    helper.make_node("Flatten", ["pool"], ["features"], "flatten"),
    helper.make_node("Gemm", ["features", "w3"], ["logits"], "fc", transB=1),
]
graph = helper.make_graph(
    nodes, "tiny",
    [helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["batch", 3, 64, 64])],
    [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 10])],
    initializers)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="make_tiny")
onnx.checker.check_model(model)
onnx.save(model, "tiny.onnx")
