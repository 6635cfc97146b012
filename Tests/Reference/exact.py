"""Evaluates an ONNX network in double precision, operator by operator, with PyTorch: the reference by which both our
engine and onnxruntime round. Knows the operators that torchvision's classifiers are exported to."""
import numpy as np
import onnx
import torch
from torch.nn import functional as F


def spatial(x, a):
    """x padded on both sides of its last two axes, as `pads` says, and the rest as PyTorch wants it."""
    top, left, bottom, right = a.get("pads", [0, 0, 0, 0])
    return (left, right, top, bottom), a.get("strides", [1, 1]), a.get("dilations", [1, 1])


def conv(a, x, w, b=None):
    pads, strides, dilations = spatial(x, a)
    return F.conv2d(F.pad(x, pads), w, b, strides, 0, dilations, a.get("group", 1))


def windows(size, kernel, stride, dilation, ceil):
    """How far the last window of one axis reaches beyond the padded size."""
    span = (kernel - 1) * dilation + 1
    count = -((size - span) // -stride) if ceil else (size - span) // stride
    return max(0, count * stride + span - size)


def pool(a, x, fill):
    """x padded for all windows, and the padding."""
    pads, strides, dilations = spatial(x, a)
    x = F.pad(x, pads, value=fill)
    extra = [windows(x.shape[2 + i], a["kernel_shape"][i], strides[i], dilations[i], a.get("ceil_mode", 0)) for i in (0, 1)]
    return F.pad(x, (0, extra[1], 0, extra[0]), value=fill), strides, dilations


def max_pool(a, x):
    x, strides, dilations = pool(a, x, -torch.inf)
    return F.max_pool2d(x, a["kernel_shape"], strides, 0, dilations)


def average_pool(a, x):
    ones = torch.ones_like(x[:1, :1])
    if a.get("count_include_pad"):
        ones = F.pad(ones, spatial(x, a)[0], value=1)
        counted, strides, _ = pool({**a, "pads": [0] * 4}, ones, 0)
    else:
        counted, strides, _ = pool(a, ones, 0)
    x, _, _ = pool(a, x, 0)
    sums = [F.avg_pool2d(t, a["kernel_shape"], strides, 0, divisor_override=1) for t in (x, counted)]
    return sums[0] / sums[1]


def gemm(a, x, w, c=None):
    product = a.get("alpha", 1.0) * (x.T if a.get("transA") else x) @ (w.T if a.get("transB") else w)
    return product if c is None else product + a.get("beta", 1.0) * c


def batch_norm(a, x, scale, shift, mean, variance):
    return F.batch_norm(x, mean, variance, scale, shift, False, 0.0, a.get("epsilon", 1e-5))


def layer_norm(a, x, scale, shift=None):
    return F.layer_norm(x, x.shape[a.get("axis", -1):], scale, shift, a.get("epsilon", 1e-5))


def reduce_mean(a, x, axes=None):
    axes = a.get("axes") if axes is None else axes.tolist()
    return x.mean(axes, keepdim=bool(a.get("keepdims", 1)))


def slices(a, x, starts, ends, axes=None, steps=None):
    axes = range(len(starts)) if axes is None else axes.tolist()
    steps = [1] * len(starts) if steps is None else steps.tolist()
    index = [slice(None)] * x.ndim
    for axis, start, end, step in zip(axes, starts.tolist(), ends.tolist(), steps):
        index[axis] = slice(start, end, step)
    return x[tuple(index)]


def reshape(a, x, shape):
    return x.reshape([x.shape[i] if n == 0 else n for i, n in enumerate(shape.tolist())])


def clip(a, x, low=None, high=None):
    return x.clamp(low, high)


def divide(a, x, y):
    return x / y if x.is_floating_point() else torch.div(x, y, rounding_mode="trunc")


OPERATORS = {
    "Add": lambda a, x, y: x + y, "Sub": lambda a, x, y: x - y, "Mul": lambda a, x, y: x * y, "Div": divide,
    "AveragePool": average_pool, "BatchNormalization": batch_norm, "Clip": clip,
    "Concat": lambda a, *x: torch.cat([t.reshape(-1) if t.ndim == 0 else t for t in x], a["axis"]),
    "Constant": lambda a: a["value"], "Conv": conv, "Erf": lambda a, x: torch.erf(x),
    "Flatten": lambda a, x: x.reshape(int(np.prod(x.shape[:a.get("axis", 1)])), -1),
    "Gather": lambda a, x, i: x[(slice(None),) * a.get("axis", 0) + (i,)], "Gemm": gemm,
    "GlobalAveragePool": lambda a, x: x.mean((2, 3), keepdim=True),
    "HardSigmoid": lambda a, x: (a.get("alpha", 0.2) * x + a.get("beta", 0.5)).clamp(0, 1),
    "HardSwish": lambda a, x: x * (x / 6 + 0.5).clamp(0, 1), "Identity": lambda a, x: x,
    "LayerNormalization": layer_norm, "MatMul": lambda a, x, y: x @ y, "MaxPool": max_pool,
    "Pow": lambda a, x, y: x ** y, "ReduceMean": reduce_mean, "Relu": lambda a, x: x.relu(), "Reshape": reshape,
    "Shape": lambda a, x: torch.tensor(x.shape), "Sigmoid": lambda a, x: x.sigmoid(), "Slice": slices,
    "Softmax": lambda a, x: x.softmax(a.get("axis", -1)), "Sqrt": lambda a, x: x.sqrt(),
    "Transpose": lambda a, x: x.permute(a["perm"]),
    "Unsqueeze": lambda a, x, axes: x.reshape(np.expand_dims(np.empty(x.shape), axes.tolist()).shape),
}


def tensor(proto):
    """A constant of the model; floats become doubles."""
    array = torch.from_numpy(np.array(onnx.numpy_helper.to_array(proto)))
    return array.double() if array.is_floating_point() else array


def attribute(proto):
    value = onnx.helper.get_attribute_value(proto)
    return tensor(value) if isinstance(value, onnx.TensorProto) else value


def values(path, picture):
    """Every floating-point value that a node computes, by its name, in double precision."""
    graph = onnx.load(path).graph
    known = {proto.name: tensor(proto) for proto in graph.initializer}
    known[graph.input[0].name] = torch.from_numpy(picture).double()
    computed = {}
    for node in graph.node:
        if node.op_type not in OPERATORS:
            raise NotImplementedError(f"exact.py does not know {node.op_type}")
        attributes = {a.name: attribute(a) for a in node.attribute}
        inputs = [known[name] if name else None for name in node.input]
        result = known[node.output[0]] = OPERATORS[node.op_type](attributes, *inputs)
        if result.is_floating_point():
            computed[node.output[0]] = result.numpy()
    return computed
