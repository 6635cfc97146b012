"""Cases of products by letters, accumulations, quantised operators, branches and functions."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from frame import K


def cases(c):
    """Adds them all."""
    pads_and_windows(c)
    volumes(c)
    trigonometry(c)
    accumulations(c)
    scatters(c)
    einsums(c)
    normalizations(c)
    integers(c)
    quantized(c)
    branches(c)


def node(op, inputs, outputs, **attrs):
    return helper.make_node(op, inputs, outputs, name=f"{op.lower()} {outputs[0]}", **attrs)


def constants(**arrays):
    return [numpy_helper.from_array(np.asarray(a), n) for n, a in arrays.items()]


def pads_and_windows(c):
    """Pads that keep the extents and move everything; windows larger than what they look at."""
    x = c.floats("mixed pads", (1, 4, 6, 5))
    for title, pads in {
        "rows and columns": [0, 0, -1, -1, 0, 0, 1, 1], "rows": [0, 0, 2, 0, 0, 0, -2, 0],
        "channels": [0, -1, 0, 0, 0, 1, 0, 0],
    }.items():
        for mode in ("constant", "edge"):
            c.add("pad", f"keeps extents, {title}, {mode}", "Pad", [x, K(np.array(pads, np.int64))], {"mode": mode}, 13)
    c.add("pad", "keeps extents, attribute", "Pad", [x], {"pads": [0, 0, -1, 0, 0, 0, 1, 0]}, 7)
    weights = constants(w=c.floats("mixed pads w", (4, 4, 3, 3)), p=np.array([0, 0, -1, -1, 0, 0, 1, 1], np.int64))
    for title, nodes in {
        "then Conv": [node("Pad", ["x", "p"], ["q"]), node("Conv", ["q", "w"], ["y"])],
        "then Relu": [node("Pad", ["x", "p"], ["q"]), node("Relu", ["q"], ["y"])],
        "between Convs": [node("Conv", ["x", "w"], ["c"], pads=[1] * 4), node("Pad", ["c", "p"], ["q"]),
                          node("Conv", ["q", "w"], ["y"])],
    }.items():
        used = {i for n in nodes for i in n.input}
        c.add_graph("pad", f"keeps extents {title}", nodes, {"x": x}, ["y"], [w for w in weights if w.name in used])
    for op in ("MaxPool", "AveragePool"):
        for extent, kernel, stride in ((2, 3, 2), (1, 2, 2), (2, 3, 3), (5, 7, 4), (1, 3, 3)):
            shape = (1, 3, extent, extent + 1)
            c.add("pool", f"{op} window {kernel} stride {stride} over {extent} rows, ceil", op,
                  [c.floats(f"{op}{kernel}{stride}{extent}", shape)],
                  {"kernel_shape": [kernel, kernel], "strides": [stride, stride], "ceil_mode": 1}, 19)


def volumes(c):
    def volume(name, shape, weights, bias=True, **attrs):
        inputs = [c.floats(name, shape), K(c.floats(name + "w", weights, 0.5))]
        if bias:
            inputs.append(K(c.floats(name + "b", weights[:1])))
        c.add("volume", name, "Conv", inputs, attrs)

    volume("3x3x3", (1, 2, 4, 5, 6), (3, 2, 3, 3, 3), pads=[1] * 6)
    volume("strides and dilations", (2, 2, 5, 7, 6), (2, 2, 2, 3, 1), False, strides=[1, 2, 3], dilations=[2, 1, 1],
           pads=[0, 1, 0, 1, 0, 2])
    volume("groups", (1, 4, 3, 3, 3), (4, 2, 1, 2, 2), group=2)


def trigonometry(c):
    x = c.floats("sin", (2, 3, 7), 4)
    for op in ("Sin", "Cos"):
        c.add("functions", op, op, [x])


def accumulations(c):
    x = c.floats("cumsum", (2, 3, 5))
    for title, attrs in {"all": {}, "axis 1": {"axes": [1]}, "last axis, dropped": {"axes": [-1], "keepdims": 0}}.items():
        c.add("accumulate", f"ReduceLogSumExp {title}", "ReduceLogSumExp", [x * 40], attrs, 13)
    c.add("accumulate", "ReduceLogSumExp axes as an input", "ReduceLogSumExp", [x, K(np.array([0, 2]))], {}, 18)
    for axis in (0, 1, -1):
        for exclusive in (0, 1):
            for reverse in (0, 1):
                c.add("accumulate", f"CumSum {axis} {exclusive} {reverse}", "CumSum", [x, K(np.int64(axis))],
                      {"exclusive": exclusive, "reverse": reverse}, 14)
    c.add("accumulate", "CumSum int64", "CumSum", [np.arange(6).reshape(2, 3), K(np.int32(1))], opset=11)
    c.add("accumulate", "CumSum one element", "CumSum", [c.floats("one", (1,)), K(np.int64(0))])
    for k in (-2, 0, 1):
        c.add("accumulate", f"EyeLike {k}", "EyeLike", [c.floats("eye", (3, 4))], {"k": k})
    c.add("accumulate", "EyeLike int64", "EyeLike", [c.floats("eye", (4, 3))], {"dtype": TensorProto.INT64})
    c.add("accumulate", "CastLike", "CastLike", [np.array([-1.5, 0, 2.5], np.float32), K(np.array([1], np.int32))], opset=15,
          peer="reference")
    c.add("accumulate", "CastLike same", "CastLike", [c.floats("like", (2, 3)), K(np.float32(1))], opset=15)


def scatters(c):
    x = c.floats("scatter", (4, 3, 5))
    rows = np.array([[1], [-1], [0]], np.int64)
    cells = np.array([[[0, 1]], [[3, -1]]], np.int64)
    c.add("gather", "ScatterND rows", "ScatterND", [x, K(rows), c.floats("scatter u", (3, 3, 5))], opset=16)
    c.add("gather", "ScatterND cells", "ScatterND", [x, cells, c.floats("scatter v", (2, 1, 5))], opset=13)
    for rule in ("add", "mul", "max", "min"):
        opset = 16 if rule in ("add", "mul") else 18
        c.add("gather", f"ScatterND {rule}", "ScatterND", [x, K(rows[[0, 1, 0]]), c.floats(rule, (3, 3, 5))],
              {"reduction": rule}, opset)
    c.add("gather", "ScatterND int64", "ScatterND", [np.arange(5), K(np.array([[3]], np.int64)), np.array([9])], opset=13)


def einsums(c):
    def einsum(equation, *shapes, constant=()):
        inputs = [c.floats(f"{equation}{i}", s) for i, s in enumerate(shapes)]
        c.add("einsum", equation, "Einsum", [K(a) if i in constant else a for i, a in enumerate(inputs)],
              {"equation": equation}, 12)

    einsum("bchw,cd->bdhw", (2, 3, 4, 5), (3, 6), constant=(1,))
    einsum("bhid,bhjd->bhij", (2, 3, 5, 4), (2, 3, 7, 4))
    einsum("b h i j, b h j d -> b h i d", (1, 2, 5, 7), (1, 2, 7, 3))
    einsum("bghid,bghjd->bghij", (1, 2, 3, 5, 4), (1, 2, 3, 6, 4))
    einsum("ij,jk", (3, 4), (4, 5))
    einsum("ij->ji", (3, 4))
    einsum("ij->i", (3, 4))
    einsum("ii->i", (4, 4))
    einsum("ij,ij->", (3, 4), (3, 4))
    einsum("i,j->ij", (3,), (4,))
    einsum("...ij,...jk->...ik", (2, 5, 3, 4), (2, 5, 4, 2))
    einsum("...d,de->...e", (2, 3, 4), (4, 5), constant=(1,))
    einsum("bhw,hkc,wkc->bhwk", (1, 3, 4), (3, 5, 2), (4, 5, 2))
    einsum("abc,cd->bad", (2, 3, 4), (4, 5), constant=(1,))


def normalizations(c):
    x = c.floats("lp", (2, 3, 4))
    x[1, 2] = 0
    for p in (1, 2):
        for axis in (1, -1):
            c.add("normalization", f"LpNormalization {p} {axis}", "LpNormalization", [x], {"p": p, "axis": axis})
    w = c.floats("statistics", (1, 8, 27))
    ones, zeros = np.ones(8, np.float32), np.zeros(8, np.float32)
    nodes = [node("BatchNormalization", ["w", "s", "b", "m", "v"], ["n", "rm", "rv"], training_mode=1, epsilon=1e-4),
             node("Reshape", ["n", "shape"], ["w2"]), node("Conv", ["x", "w2"], ["y"])]
    c.add_graph("normalization", "BatchNormalization of weights by their own statistics", nodes,
                {"x": c.floats("statistics x", (1, 3, 5, 6))}, ["y"],
                constants(w=w, s=c.floats("statistics s", (8,)), b=c.floats("statistics b", (8,)), m=zeros, v=ones,
                          shape=np.array([8, 3, 3, 3], np.int64)))
    i = np.array([[-3, 5, 9], [2, 100, -7]], np.int64)
    c.add("activation", "Clip int64", "Clip", [i, K(np.int64(-2)), K(np.int64(8))], opset=12)
    c.add("activation", "Clip int64 above only", "Clip", [i, None, K(np.int64(8))], opset=13)
    c.add("activation", "Clip int64 below only", "Clip", [i, K(np.int64(0))], opset=13)


def levels(c, name, shape, kind=np.uint8):
    info = np.iinfo(kind)
    return c.rng(name).integers(info.min, info.max, shape, endpoint=True).astype(kind)


def integers(c):
    for title, x in {"normal": c.floats("dynamic", (2, 3, 5), 3), "positive": np.abs(c.floats("dynamic +", (7,))),
                     "zeros": np.zeros((2, 3), np.float32), "negative": -np.abs(c.floats("dynamic -", (6,)))}.items():
        c.add("integers", f"DynamicQuantizeLinear {title}", "DynamicQuantizeLinear", [x], opset=11, outputs=3)
    x, w = levels(c, "ci", (1, 3, 6, 5)), levels(c, "ci w", (4, 3, 3, 3), np.int8)
    c.add("integers", "ConvInteger", "ConvInteger", [x, K(w)], {"pads": [1, 1, 1, 1]}, 10)
    c.add("integers", "ConvInteger zero points", "ConvInteger", [x, K(w), K(np.uint8(120)), K(np.int8(3))], {"strides": [2, 2]}, 10)
    c.add("integers", "ConvInteger computed zero point", "ConvInteger", [x, K(w), np.uint8(7)], opset=10)
    a, b = levels(c, "mi", (2, 5, 7)), levels(c, "mi b", (7, 4), np.int8)
    c.add("integers", "MatMulInteger", "MatMulInteger", [a, K(b)], opset=10)
    c.add("integers", "MatMulInteger zero points", "MatMulInteger", [a, K(b), K(np.uint8(128)), K(np.int8(-3))], opset=10)
    per_column = levels(c, "mi z", (4,), np.int8)
    c.add("integers", "MatMulInteger zero for each column", "MatMulInteger", [a, K(b), K(np.uint8(9)), K(per_column)], opset=10)
    scales = np.abs(c.floats("mif s", (4,), 0.1))
    c.add("integers", "MatMulIntegerToFloat", "MatMulIntegerToFloat",
          [a, K(b), K(np.float32(0.02)), K(scales), K(np.uint8(120)), K(per_column), K(c.floats("mif b", (4,)))],
          domain="com.microsoft")
    y = c.floats("dqm", (2, 7))
    c.add("integers", "DynamicQuantizeMatMul", "DynamicQuantizeMatMul", [y, K(b), K(np.float32(0.03)), K(np.int8(0)), K(scales)],
          domain="com.microsoft")


def quantized(c):
    scale, zero = K(np.float32(0.05)), K(np.uint8(118))
    out = [K(np.float32(0.21)), K(np.uint8(101))]
    x, w = levels(c, "qc", (1, 3, 6, 5)), levels(c, "qc w", (4, 3, 3, 3), np.int8)
    each = K(np.abs(c.floats("qc s", (4,), 0.02)) + np.float32(0.01))
    bias = K(c.rng("qc b").integers(-900, 900, 4).astype(np.int32))
    one = [x, scale, zero]
    c.add("quantized", "QLinearConv", "QLinearConv", [*one, K(w), K(np.float32(0.02)), K(np.int8(0)), *out], {"pads": [1] * 4}, 10)
    c.add("quantized", "QLinearConv each channel", "QLinearConv", [*one, K(w), each, K(np.zeros(4, np.int8)), *out, bias], {}, 10)
    b = levels(c, "qm", (5, 4))
    c.add("quantized", "QLinearMatMul", "QLinearMatMul", [*one, K(b), K(np.float32(0.01)), K(np.uint8(127)), *out], {}, 10)
    two = [levels(c, "qa", (1, 3, 6, 5)), K(np.float32(0.03)), K(np.uint8(20))]
    # onnxruntime adds the zero point before it rounds: a scale with which no product lies half-way between two levels.
    for op, to in (("QLinearAdd", out), ("QLinearMul", [K(np.float32(0.2137)), K(np.uint8(100))])):
        c.add("quantized", op, op, [*one, *two, *to], domain="com.microsoft", output_type=TensorProto.UINT8)
    for op, attrs, to in (
        ("QLinearSigmoid", {}, [K(np.float32(1 / 256)), K(np.uint8(0))]), ("QLinearLeakyRelu", {"alpha": 0.3}, out),
        ("QLinearGlobalAveragePool", {}, out), ("QLinearAveragePool", {"kernel_shape": [2, 3], "strides": [2, 1]}, out),
    ):
        # A scale with which no sum lies half-way between two levels, where the order of summation would decide.
        one = [x, K(np.float32(0.0497)), zero]
        c.add("quantized", op, op, [*one, *to], attrs, domain="com.microsoft", output_type=TensorProto.UINT8)
    one = [x, scale, zero]
    flat = [levels(c, "qs", (2, 7)), scale, zero]
    c.add("quantized", "QLinearSoftmax", "QLinearSoftmax", [*flat, K(np.float32(1 / 256)), K(np.uint8(0))],
          {"axis": -1, "opset": 13}, domain="com.microsoft", output_type=TensorProto.UINT8)
    c.add("quantized", "QLinearConcat", "QLinearConcat", [*out, *one, *two], {"axis": 1}, domain="com.microsoft", output_type=TensorProto.UINT8)
    c.add("quantized", "QGemm", "QGemm", [*flat, K(levels(c, "qg", (4, 7), np.int8)), each, K(np.zeros(4, np.int8)), bias, *out],
          {"transB": 1}, domain="com.microsoft", output_type=TensorProto.UINT8)
    c.add("quantized", "QGemm to float", "QGemm", [*flat, K(levels(c, "qg", (4, 7), np.int8)), each, K(np.zeros(4, np.int8)), bias],
          {"transB": 1}, domain="com.microsoft")
    y = c.floats("qms", (2, 3)) * 4
    c.add("quantized", "com.microsoft.QuantizeLinear", "QuantizeLinear", [y, scale, zero], domain="com.microsoft", output_type=TensorProto.UINT8)
    c.add("quantized", "com.microsoft.DequantizeLinear", "DequantizeLinear", one, domain="com.microsoft")


def branches(c):
    """Conditions that extents decide, as torch's squeeze; functions that the file defines."""
    def graph(name, nodes, output):
        return helper.make_graph(nodes, name, [], [helper.make_empty_tensor_value_info(output)])

    squeeze = [
        node("Shape", ["x"], ["s"]), node("Gather", ["s", "axis"], ["n"], axis=0), node("Equal", ["n", "one"], ["is"]),
        helper.make_node("If", ["is"], ["r"], name="if",
                         then_branch=graph("then", [node("Squeeze", ["x", "axes"], ["t"])], "t"),
                         else_branch=graph("else", [node("Identity", ["x"], ["t"])], "t")),
        node("Relu", ["r"], ["y"]),
    ]
    for title, shape in {"taken": (2, 1, 4), "not taken": (2, 3, 4)}.items():
        values = constants(axis=np.int64(1), one=np.int64(1), axes=np.array([1], np.int64))
        c.add_graph("branches", f"If, squeeze {title}", squeeze, {"x": c.floats(title, shape)}, ["y"], values, peer="reference")
    x = c.floats("function", (2, 3))
    inner = helper.make_function("local", "Scaled", ["v"], ["w"], [
        helper.make_node("Constant", [], ["k"], value=numpy_helper.from_array(np.float32(3))),
        node("Mul", ["v", "k"], ["w"])], [helper.make_opsetid("", 17)])
    leaky = helper.make_node("LeakyRelu", ["t"], ["b"])
    leaky.attribute.append(onnx.AttributeProto(name="alpha", type=onnx.AttributeProto.FLOAT, ref_attr_name="slope"))
    outer = helper.make_function("local", "Block", ["a"], ["b"], [
        helper.make_node("Scaled", ["a"], ["t"], domain="local"), leaky],
        [helper.make_opsetid("", 17), helper.make_opsetid("local", 1)], ["slope"])
    nodes = [helper.make_node("Block", ["x"], ["m"], domain="local", slope=0.5),
             helper.make_node("Block", ["m"], ["y"], domain="local", slope=0.25)]
    model = helper.make_model(
        helper.make_graph(nodes, "case", [helper.make_tensor_value_info("x", TensorProto.FLOAT, x.shape)],
                          [helper.make_tensor_value_info("y", TensorProto.FLOAT, x.shape)]),
        functions=[inner, outer], opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("local", 1)], ir_version=8)
    c.add_model("branches", "functions of the file", model, {"x": x})
