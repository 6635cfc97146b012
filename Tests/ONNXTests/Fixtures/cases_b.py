"""Cases of the element-wise, shape, reduction, matrix and quantisation operators."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from frame import K


def cases(c):
    """Adds them all."""
    arithmetic(c)
    functions(c)
    comparison(c)
    reshapes(c)
    moves(c)
    slices(c)
    pads(c)
    gathers(c)
    casts(c)
    idioms(c)
    reductions(c)
    matrices(c)
    quantization(c)


def ints(*values):
    """A constant int64 vector."""
    return K(np.array(values, np.int64))


BROADCASTS = {
    "same": ((2, 3, 4), (2, 3, 4)),
    "scalar": ((2, 3, 4), ()),
    "channel": ((2, 3, 4, 5), (1, 3, 1, 1)),
    "row": ((3, 4), (4,)),
    "both ways": ((3, 1, 5), (1, 4, 1)),
    "left": ((5,), (2, 3, 5)),
    "empty": ((0, 3), (1, 3)),
}


def arithmetic(c):
    for op in ("Add", "Sub", "Mul", "Div"):
        for title, (a, b) in BROADCASTS.items():
            c.add("arithmetic", f"{op} {title}", op, [c.floats(op + title, a), c.floats(op + title + "b", b)])
        left = np.array([7, -7, 9, 0, 2**40], np.int64)
        c.add("arithmetic", f"{op} int64", op, [left, np.array([2, 2, -4, 5, 3], np.int64)])
        c.add("arithmetic", f"{op} int32, opset 7", op, [left[:4].astype(np.int32), np.array([3], np.int32)], opset=7)
        c.add("arithmetic", f"{op} float64", op, [np.arange(4.0), np.array([2.0])], opset=14)
    mod(c)
    power(c)
    for op in ("Sum", "Mean", "Max", "Min"):
        x = [c.floats(f"{op}{i}", s) for i, s in enumerate([(2, 3, 4), (3, 1), (1,)])]
        c.add("arithmetic", f"{op} one", op, x[:1])
        c.add("arithmetic", f"{op} two, opset 8", op, x[:2], opset=8)
        c.add("arithmetic", f"{op} three", op, x)
        c.add("arithmetic", f"{op} widening", op, x[::-1])
    for op in ("Max", "Min"):
        x = np.array([1, np.nan, np.inf, -np.inf], np.float32)
        c.add("arithmetic", f"{op} specials", op, [x, np.array([0.5], np.float32)])
        c.add("arithmetic", f"{op} int64", op, [np.array([3, -4], np.int64), np.array([1], np.int64)], opset=13)


def mod(c):
    a, b = np.array([7, -7, 7, -7, 6], np.int64), np.array([3, 3, -3, -3, 2], np.int64)
    c.add("arithmetic", "Mod", "Mod", [a, b])
    c.add("arithmetic", "Mod int32, opset 10", "Mod", [a.astype(np.int32), b.astype(np.int32)], opset=10)
    c.add("arithmetic", "Mod fmod int64", "Mod", [a, b], {"fmod": 1})
    c.add("arithmetic", "Mod fmod", "Mod", [a.astype(np.float32) / 2, b.astype(np.float32)], {"fmod": 1})


def power(c):
    x = np.abs(c.floats("pow", (2, 3, 4))) + 0.1
    for e in (2.0, 3.0, 0.5, -1.5):
        c.add("arithmetic", f"Pow {e}", "Pow", [x, K(np.float32(e))])
    c.add("arithmetic", "Pow tensor, opset 7", "Pow", [x, c.floats("powb", (3, 1))], opset=7)
    c.add("arithmetic", "Pow int exponent", "Pow", [-x, K(np.int64(2))], opset=15)
    c.add("arithmetic", "Pow int64", "Pow", [np.array([2, -3, 5], np.int64), np.array([10, 3, 0], np.int64)], opset=13)


def functions(c):
    x = c.floats("functions", (3, 17)) * 3
    for op in ("Exp", "Neg", "Abs", "Reciprocal", "Floor", "Ceil", "Sign"):
        c.add("functions", op, op, [x])
    for op in ("Sqrt", "Log"):
        c.add("functions", op, op, [np.abs(x)])
        c.add("functions", f"{op} of negatives", op, [np.array([-1, 0, 4], np.float32)], opset=7)
    c.add("functions", "Round", "Round", [np.array([0.5, 1.5, 2.5, -0.5, -1.5, 2.4, 1e9], np.float32)], opset=11)
    for op in ("Neg", "Abs", "Sign"):
        c.add("functions", f"{op} int64", op, [np.array([-5, 0, 7], np.int64)], opset=13)


def comparison(c):
    a, b = np.array([[1, 2, 3]], np.float32), np.array([[2], [3]], np.float32)
    for op in ("Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"):
        c.add("comparison", op, op, [a, b])
        c.add("comparison", f"{op} int64", op, [a.astype(np.int64), b.astype(np.int64)])
    c.add("comparison", "Equal bool", "Equal", [a > 1, b > 2], opset=11)
    for op in ("Greater", "Less"):
        c.add("comparison", f"{op}, opset 7", op, [a, b], opset=7)
    p, q = np.array([True, True, False, False]), np.array([True, False, True, False])
    for op in ("And", "Or", "Xor"):
        c.add("comparison", op, op, [p, q])
    c.add("comparison", "Not", "Not", [p])
    x = c.floats("where", (2, 3, 4))
    c.add("comparison", "Where", "Where", [np.array([[True], [False], [True]]), x, np.float32([0])])
    c.add("comparison", "Where int64", "Where", [p, np.arange(4), np.array([9], np.int64)], opset=9)
    c.add("comparison", "Where bool", "Where", [p, q, p], opset=16, peer="onnx.reference")


def reshapes(c):
    x = c.floats("reshape", (2, 3, 4))
    for title, shape in {"plain": (4, 6), "-1": (2, -1), "0": (0, 12), "0 and -1": (0, 0, 2, -1), "scalar": ()}.items():
        data = x if title != "scalar" else x[0, 0, :1]
        c.add("reshape", f"Reshape {title}", "Reshape", [data, K(np.array(shape, np.int64))], opset=13)
    c.add("reshape", "Reshape opset 7", "Reshape", [x, ints(-1)], opset=7)
    c.add("reshape", "Reshape allowzero", "Reshape", [np.zeros((0, 3), np.float32), ints(3, 0)], {"allowzero": 1}, 14)
    c.add("reshape", "Reshape int64", "Reshape", [np.arange(6), ints(2, 3)])
    for axis in (0, 1, 2, 3, -1):
        c.add("reshape", f"Flatten {axis}", "Flatten", [x], {"axis": axis}, 13)
    c.add("reshape", "Flatten opset 7", "Flatten", [x], opset=7)
    y = c.floats("squeeze", (1, 3, 1, 2))
    c.add("reshape", "Squeeze opset 11", "Squeeze", [y], {"axes": [0, -2]}, 11)
    c.add("reshape", "Squeeze", "Squeeze", [y, ints(2)], opset=13)
    c.add("reshape", "Squeeze all", "Squeeze", [y], opset=13)
    c.add("reshape", "Unsqueeze opset 11", "Unsqueeze", [x], {"axes": [0, -1]}, 11)
    c.add("reshape", "Unsqueeze", "Unsqueeze", [x, ints(-1, 0, 2)], opset=13)
    c.add("reshape", "Identity", "Identity", [x], opset=7)
    c.add("reshape", "Dropout opset 7", "Dropout", [x], {"ratio": 0.3}, 7)
    c.add("reshape", "Dropout opset 10", "Dropout", [x], opset=10)
    c.add("reshape", "Dropout", "Dropout", [x, K(np.float32(0.3)), K(np.array(False))], opset=13)
    c.add("reshape", "Dropout ratio only", "Dropout", [x, K(np.float32(0.3))], opset=12)


def moves(c):
    x = c.floats("moves", (2, 3, 4, 5))
    for perm in ([0, 2, 3, 1], [0, 3, 1, 2], [3, 2, 1, 0], [1, 0, 2, 3], [0, 1, 3, 2]):
        c.add("moves", f"Transpose {perm}", "Transpose", [x], {"perm": perm})
    c.add("moves", "Transpose default", "Transpose", [x[0]], opset=7)
    c.add("moves", "Transpose int64", "Transpose", [np.arange(6).reshape(2, 3)])
    c.add("moves", "Transpose uint8", "Transpose", [np.arange(6, dtype=np.uint8).reshape(2, 3)])
    parts = [c.floats(f"concat{n}", (2, n, 3)) for n in (1, 4, 2)]
    c.add("moves", "Concat", "Concat", parts, {"axis": 1})
    c.add("moves", "Concat -2, opset 11", "Concat", parts, {"axis": -2}, 11)
    c.add("moves", "Concat one", "Concat", parts[:1], {"axis": 2}, 7)
    c.add("moves", "Concat rows int64", "Concat", [np.arange(3), np.arange(2)], {"axis": 0})
    y = c.floats("split", (2, 7, 3))
    c.add("moves", "Split attribute", "Split", [y], {"axis": 1, "split": [1, 4, 2]}, 11, outputs=3)
    c.add("moves", "Split equal, opset 7", "Split", [y], {"axis": 0}, 7, outputs=2)
    c.add("moves", "Split input", "Split", [y, ints(3, 0, 4)], {"axis": -2}, 13, outputs=3)
    c.add("moves", "Split equal, opset 13", "Split", [y], {"axis": 2}, 13, outputs=3)
    c.add("moves", "Split num_outputs", "Split", [y], {"axis": 1, "num_outputs": 3}, 18, outputs=3)
    c.add("moves", "Expand", "Expand", [c.floats("expand", (3, 1)), ints(2, 1, 4)], opset=8)
    c.add("moves", "Expand to smaller", "Expand", [c.floats("expand2", (3, 4)), ints(1)])
    c.add("moves", "Expand scalar", "Expand", [np.float32(3), ints(2, 3)])
    c.add("moves", "Tile", "Tile", [c.floats("tile", (2, 3, 2)), ints(2, 1, 3)])
    c.add("moves", "Tile opset 7", "Tile", [c.floats("tile2", (1, 2)), ints(1, 4)], opset=7)
    c.add("moves", "Tile all", "Tile", [c.floats("tile3", (2, 3, 2, 2)), ints(3, 2, 2, 2)])
    c.add("moves", "Tile none", "Tile", [c.floats("tile4", (2, 3)), ints(0, 2)])
    z = c.floats("depth", (2, 12, 2, 3))
    c.add("moves", "DepthToSpace", "DepthToSpace", [z], {"blocksize": 2}, 7)
    c.add("moves", "DepthToSpace DCR", "DepthToSpace", [z], {"blocksize": 2, "mode": "DCR"}, 13)
    c.add("moves", "DepthToSpace CRD", "DepthToSpace", [z], {"blocksize": 2, "mode": "CRD"}, 11)
    c.add("moves", "SpaceToDepth", "SpaceToDepth", [c.floats("space", (2, 3, 4, 6))], {"blocksize": 2})


def slices(c):
    x = c.floats("slice", (3, 7, 10))
    big = 2**63 - 1
    c.add("slice", "opset 7", "Slice", [x], {"starts": [1, -3], "ends": [3, 2**31 - 1], "axes": [0, 2]}, 7)
    c.add("slice", "opset 7 without axes", "Slice", [x], {"starts": [0, 2], "ends": [100, -1]}, 7)
    c.add("slice", "opset 7 int64 end", "Slice", [x], {"starts": [2], "ends": [big], "axes": [1]}, 7)
    for title, s, e, a, st in (
        ("plain", [1], [5], [1], [1]),
        ("negative axis", [2], [6], [-1], [2]),
        ("clamped", [-100, 3], [100, big], [0, 2], [1, 3]),
        ("backwards", [-1], [-big], [2], [-1]),
        ("backwards by 3", [8, 5], [0, 0], [2, 1], [-3, -2]),
        ("backwards clamped", [100], [-100], [1], [-2]),
        ("empty", [5], [2], [1], [1]),
        ("huge steps", [0, -1], [big, -big], [1, 2], [big, -big]),
        ("start behind", [7], [9], [1], [1]),
    ):
        c.add("slice", title, "Slice", [x, ints(*s), ints(*e), ints(*a), ints(*st)], opset=13)
    c.add("slice", "without steps", "Slice", [x, ints(1), ints(3), ints(1)], opset=10)
    c.add("slice", "without axes", "Slice", [x, ints(1, 2), ints(3, 4)], opset=11)
    c.add("slice", "steps without axes", "Slice", [x, ints(0, 6), ints(3, 0), None, ints(2, -2)], opset=13)
    i = [K(np.array([v], np.int32)) for v in (1, 3, 2)]
    c.add("slice", "int32", "Slice", [x, *i], opset=13)


def pads(c):
    x = c.floats("pad", (1, 2, 4, 5))
    p = [0, 0, 1, 2, 0, 0, 3, 1]
    for mode in ("constant", "reflect", "edge"):
        c.add("pad", f"{mode}, opset 7", "Pad", [x], {"mode": mode, "pads": p, "value": 1.5}, 7)
        c.add("pad", f"{mode}, opset 11", "Pad", [x, ints(*p)], {"mode": mode}, 11)
        c.add("pad", f"{mode} axes", "Pad", [x, ints(1, 2, 2, 3), None, ints(-1, 2)], {"mode": mode}, 18)
    c.add("pad", "value", "Pad", [x, ints(*p), K(np.float32(-2))], opset=13)
    c.add("pad", "channels", "Pad", [x, ints(0, 2, 0, 0, 0, 1, 0, 0)], opset=13)
    c.add("pad", "negative", "Pad", [x, ints(0, 0, -1, 2, 0, 0, 1, -3)], opset=13)
    c.add("pad", "negative edge", "Pad", [x, ints(0, 0, -1, 2, 0, 0, 1, -3)], {"mode": "edge"}, 13)
    c.add("pad", "wrap", "Pad", [x, ints(0, 0, 2, 3, 0, 1, 1, 2)], {"mode": "wrap"}, 19)
    c.add("pad", "int64", "Pad", [np.arange(3), ints(1, 2), K(np.int64(7))], opset=13)
    c.add("pad", "zero everything", "Pad", [x, ints(*[0] * 8)], opset=13)


def gathers(c):
    x = c.floats("gather", (3, 4, 5))
    i = np.array([[0, -1], [2, 1]], np.int64)
    for axis in (0, 1, -1):
        c.add("gather", f"Gather {axis}", "Gather", [x, K(i)], {"axis": axis})
    c.add("gather", "Gather scalar", "Gather", [x, K(np.int64(2))], {"axis": 1}, 7)
    c.add("gather", "Gather computed indices", "Gather", [x, i.astype(np.int32)], opset=11)
    c.add("gather", "Gather uint8", "Gather", [np.arange(5, dtype=np.uint8), K(i)], opset=13)
    index = np.array([[[0, 1, 2, 0, -1]], [[2, 2, 1, 0, 3]]], np.int64)
    c.add("gather", "GatherElements", "GatherElements", [x, K(index)], {"axis": 1})
    c.add("gather", "GatherElements 0", "GatherElements", [x, index % 3])
    c.add("gather", "GatherND", "GatherND", [x, K(np.array([[0, 1], [2, -1]], np.int64))], opset=13)
    c.add("gather", "GatherND full", "GatherND", [x, np.array([[[0, 1, 2]], [[2, 3, 4]]], np.int64)], opset=13)
    c.add("gather", "GatherND batch", "GatherND", [x, np.array([[1], [3], [0]], np.int64)], {"batch_dims": 1}, 13)


def casts(c):
    kinds = ["FLOAT", "DOUBLE", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64", "BOOL"]
    for source in kinds:
        data = np.array([0, 1, 2.5, 100, 7], np.float32).astype(helper.tensor_dtype_to_np_dtype(getattr(TensorProto, source)))
        for target in kinds:
            # float64 is float32 in the graph: a case from there needs an input of that type.
            c.add("cast", f"{source} to {target}", "Cast", [data], {"to": getattr(TensorProto, target)}, 13)
    x = np.array([-1.9, -0.5, 3.9, 100.7], np.float32)
    c.add("cast", "negative float to int64", "Cast", [x], {"to": TensorProto.INT64}, 9)
    c.add("cast", "negative float to int8", "Cast", [x], {"to": TensorProto.INT8}, 9)
    c.add("cast", "int64 wraps to uint8", "Cast", [np.array([-1, 256, 300], np.int64)], {"to": TensorProto.UINT8}, 13)
    c.add("cast", "int64 wraps to int32", "Cast", [np.array([2**31, -(2**33) + 5], np.int64)], {"to": TensorProto.INT32})
    c.add("cast", "int64 to float", "Cast", [np.array([2**24 + 1, -(2**53)], np.int64)], {"to": TensorProto.FLOAT})


def idioms(c):
    """What exporters write about shapes, and constants."""
    x = c.floats("idioms", (2, 3, 4, 5))
    for title, attrs in {"all": {}, "from 2": {"start": 2}, "to -1": {"end": -1}, "clamped": {"start": -9, "end": 9}}.items():
        c.add("idioms", f"Shape {title}", "Shape", [x], attrs, 15)
    c.add("idioms", "Shape opset 7", "Shape", [x], opset=7)
    c.add("idioms", "Size", "Size", [x])
    c.add("idioms", "ConstantOfShape", "ConstantOfShape", [ints(2, 3)])
    value = numpy_helper.from_array(np.array([7], np.int64))
    c.add("idioms", "ConstantOfShape int64", "ConstantOfShape", [ints(2, 0, 3)], {"value": value}, 9)
    for title, r in {"int64": (2, 11, 3), "down": (5, -6, -2), "none": (3, 3, 1)}.items():
        c.add("idioms", f"Range {title}", "Range", [K(np.int64(v)) for v in r])
    c.add("idioms", "Range int32", "Range", [K(np.int32(v)) for v in (0, 4, 1)])
    c.add("idioms", "Range float", "Range", [K(np.float32(v)) for v in (0.5, 3, 0.75)])
    view = [
        helper.make_node("Shape", ["x"], ["s"]),
        helper.make_node("Gather", ["s", "zero"], ["n"], axis=0),
        helper.make_node("Unsqueeze", ["n"], ["n1"], axes=[0]),
        helper.make_node("Concat", ["n1", "minus"], ["t"], axis=0),
        helper.make_node("Reshape", ["x", "t"], ["y"]),
    ]
    constants = [numpy_helper.from_array(np.int64(0), "zero"), numpy_helper.from_array(np.array([-1], np.int64), "minus")]
    c.add_graph("idioms", "view(x.size(0), -1)", view, {"x": x}, ["y"], constants, 11)
    scale = [
        helper.make_node("Shape", ["x"], ["s"]),
        helper.make_node("Slice", ["s", "two", "four", "zero"], ["hw"]),
        helper.make_node("Cast", ["hw"], ["f"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["f", "factor"], ["g"]),
        helper.make_node("Floor", ["g"], ["h"]),
        helper.make_node("Cast", ["h"], ["i"], to=TensorProto.INT64),
        helper.make_node("Slice", ["s", "zero", "two", "zero"], ["nc"]),
        helper.make_node("Concat", ["nc", "i"], ["sizes"], axis=0),
        helper.make_node("Resize", ["x", "", "", "sizes"], ["y"], mode="nearest"),
    ]
    constants = [numpy_helper.from_array(np.array([v], np.int64), n) for n, v in {"zero": 0, "two": 2, "four": 4}.items()]
    constants.append(numpy_helper.from_array(np.float32(1.7), "factor"))
    c.add_graph("idioms", "interpolate(scale_factor)", scale, {"x": x}, ["y"], constants, 13)


def reductions(c):
    x = c.floats("reduce", (2, 3, 4, 5))
    for op in ("Mean", "Max", "Sum", "Min", "L2", "L1", "Prod", "SumSquare"):
        name = f"Reduce{op}"
        late = 13 if op == "Sum" else 18
        c.add("reduce", f"{name} 2 3", name, [x], {"axes": [2, 3]}, 11)
        c.add("reduce", f"{name} -1 gone", name, [x], {"axes": [-1], "keepdims": 0}, 11)
        c.add("reduce", f"{name} all, opset 7", name, [x], opset=7)
        c.add("reduce", f"{name} input", name, [x, ints(1, -1)], {"keepdims": 0}, late)
        c.add("reduce", f"{name} 0 1 input", name, [x, ints(0, 1)], opset=late)
        c.add("reduce", f"{name} without axes", name, [x], {"noop_with_empty_axes": 0}, late)
        if op not in ("L2", "L1", "SumSquare"):
            # onnxruntime and the specification differ on what the others do to single elements.
            c.add("reduce", f"{name} nothing", name, [x, ints()], {"noop_with_empty_axes": 1}, late)
    c.add("reduce", "ReduceLogSum", "ReduceLogSum", [np.abs(x)], {"axes": [1]}, 11)
    n = np.array([[3, -4], [5, 6]], np.int64)
    for op in ("ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd"):
        c.add("reduce", f"{op} int64", op, [n], {"keepdims": 0}, 11)
        c.add("reduce", f"{op} int32", op, [n.astype(np.int32), ints(0)], opset=18)
    y = np.array([[1, 3, 3], [-1, -5, -1]], np.float32)
    for op in ("ArgMax", "ArgMin"):
        c.add("reduce", op, op, [x], {"axis": 1}, 11)
        c.add("reduce", f"{op} flat", op, [x], {"axis": -1, "keepdims": 0}, 13)
        c.add("reduce", f"{op} first", op, [y], {"axis": 1}, 12)
        c.add("reduce", f"{op} last", op, [y], {"axis": 1, "select_last_index": 1}, 12)
    c.add("reduce", "TopK", "TopK", [x, ints(2)], {"axis": 1}, 11, outputs=2)
    c.add("reduce", "TopK smallest", "TopK", [x, ints(5)], {"largest": 0}, 11, outputs=2)
    c.add("reduce", "TopK ties", "TopK", [y, ints(2)], opset=10, outputs=2)
    c.add("reduce", "TopK opset 7", "TopK", [y], {"k": 2}, 7, outputs=2)


def matrices(c):
    for ta in (0, 1):
        for tb in (0, 1):
            a = c.floats(f"gemm{ta}", (7, 5) if ta else (5, 7))
            b = K(c.floats(f"gemm{tb}b", (66, 7) if tb else (7, 66)))
            bias = K(c.floats("gemmc", (66,)))
            attrs = {"transA": ta, "transB": tb, "alpha": 0.5, "beta": 2.0}
            c.add("matmul", f"Gemm {ta}{tb}", "Gemm", [a, b, bias], attrs, 7)
    a, b = c.floats("gemm", (3, 40)), c.floats("gemmb", (40, 5))
    c.add("matmul", "Gemm without C", "Gemm", [a, b], opset=11)
    for title, shape in {"scalar": (), "1": (1,), "column": (3, 1), "row": (1, 5), "full": (3, 5)}.items():
        c.add("matmul", f"Gemm C {title}", "Gemm", [a, b, c.floats("gemmc" + title, shape)], opset=11)
    c.add("matmul", "Gemm one row", "Gemm", [c.floats("row", (1, 513)), K(c.floats("rowb", (10, 513)))], {"transB": 1})
    for title, (p, q) in {
        "2x2": ((4, 9), (9, 70)),
        "batch": ((2, 3, 4, 5), (2, 3, 5, 6)),
        "broadcast": ((2, 1, 4, 5), (3, 5, 2)),
        "broadcast left": ((4, 5), (2, 3, 5, 6)),
        "row": ((5,), (2, 5, 3)),
        "column": ((2, 4, 5), (5,)),
        "dot": ((6,), (6,)),
        "depth 0": ((2, 0), (0, 3)),
    }.items():
        c.add("matmul", f"MatMul {title}", "MatMul", [c.floats("a" + title, p), c.floats("b" + title, q)], opset=13)
    c.add("matmul", "MatMul constant, opset 7", "MatMul", [c.floats("m", (1, 8)), K(c.floats("mb", (8, 10)))], opset=7)


def quantization(c):
    x = c.floats("quantize", (2, 3, 5)) * 40
    x[0, 0] = [0.5, 1.5, 2.5, -0.5, 1000]
    for kind in (np.uint8, np.int8):
        scale, zero = K(np.float32(0.5)), K(kind(3))
        c.add("quantize", f"Quantize {kind.__name__}", "QuantizeLinear", [x, scale, zero], opset=10)
        q = np.arange(-9, 6).astype(kind).reshape(3, 5)
        c.add("quantize", f"Dequantize {kind.__name__}", "DequantizeLinear", [q, scale, zero], opset=10)
        scales, zeros = K(np.array([0.5, 1, 0.25], np.float32)), K(np.array([0, 5, 7], kind))
        c.add("quantize", f"Quantize axis {kind.__name__}", "QuantizeLinear", [x, scales, zeros], {"axis": 1}, 13)
        c.add("quantize", f"Dequantize axis {kind.__name__}", "DequantizeLinear", [q, scales, zeros], {"axis": -2}, 13)
    c.add("quantize", "Quantize without zero", "QuantizeLinear", [x, K(np.float32(0.7))], opset=13)
    wide = np.array([100000, -7, 3], np.int32)
    c.add("quantize", "Dequantize int32", "DequantizeLinear", [wide, K(np.float32(0.01))], opset=10)
    c.add("quantize", "Dequantize int32 axis 0", "DequantizeLinear", [wide, K(np.array([0.1, 0.2, 0.3], np.float32))], {"axis": 0}, 13)
    c.add("quantize", "Quantize uint16", "QuantizeLinear", [x, K(np.float32(0.01)), K(np.uint16(1000))], opset=21)
