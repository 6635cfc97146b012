"""Cases of convolutions, pools, normalisations and activations."""

import numpy as np
from onnx import helper, numpy_helper

from frame import K


def cases(c):
    """Adds them all."""
    convolutions(c)
    transposed(c)
    pools(c)
    global_pools(c)
    normalizations(c)
    activations(c)
    softmaxes(c)
    constants(c)


def conv(c, name, shape, weights, bias=True, opset=17, **attrs):
    """shape [N, C, H, W], weights [M, C/g, kH, kW]."""
    inputs = [c.floats(name, shape), K(c.floats(name + "w", weights, 0.5))]
    if bias:
        inputs.append(K(c.floats(name + "b", weights[:1])))
    c.add("conv", name, "Conv", inputs, attrs, opset)


def convolutions(c):
    conv(c, "1x1", (1, 5, 7, 9), (6, 5, 1, 1))
    conv(c, "1x1 wide", (2, 35, 5, 3), (33, 35, 1, 1), bias=False)
    conv(c, "1x1 stride 2", (1, 16, 7, 5), (17, 16, 1, 1), strides=[2, 2])
    conv(c, "3x3 valid", (1, 3, 8, 7), (4, 3, 3, 3))
    conv(c, "3x3 pad 1", (1, 16, 9, 11), (16, 16, 3, 3), pads=[1, 1, 1, 1])
    conv(c, "3x3 pad 1, 20 channels", (1, 20, 13, 6), (18, 20, 3, 3), pads=[1, 1, 1, 1])
    conv(c, "3x3 batch 3", (3, 4, 5, 5), (8, 4, 3, 3), pads=[1, 1, 1, 1])
    conv(c, "3x3 stride 2", (1, 8, 15, 14), (16, 8, 3, 3), pads=[1, 1, 1, 1], strides=[2, 2])
    conv(c, "3x3 stride 2 asymmetric pads", (1, 3, 10, 9), (8, 3, 3, 3), pads=[0, 1, 2, 1], strides=[2, 2])
    conv(c, "3x3 stride 1x2", (1, 5, 7, 12), (7, 5, 3, 3), pads=[1, 1, 1, 1], strides=[1, 2])
    conv(c, "3x3 dilated", (1, 6, 12, 11), (5, 6, 3, 3), pads=[2, 2, 2, 2], dilations=[2, 2])
    conv(c, "3x3 dilated 3x1", (1, 3, 14, 9), (4, 3, 3, 3), dilations=[3, 1])
    conv(c, "5x5 pad 2", (1, 4, 9, 10), (6, 4, 5, 5), pads=[2, 2, 2, 2])
    conv(c, "7x7 stride 2", (1, 3, 23, 21), (16, 3, 7, 7), pads=[3, 3, 3, 3], strides=[2, 2])
    conv(c, "11x11 stride 4", (1, 3, 31, 29), (5, 3, 11, 11), pads=[2, 2, 2, 2], strides=[4, 4])
    conv(c, "1x7", (1, 6, 5, 9), (4, 6, 1, 7), pads=[0, 3, 0, 3])
    conv(c, "7x1", (1, 6, 9, 5), (4, 6, 7, 1), pads=[3, 0, 3, 0])
    conv(c, "2x4 even kernel", (1, 3, 6, 8), (3, 3, 2, 4), pads=[1, 1, 0, 2])
    conv(c, "grouped", (1, 12, 6, 7), (8, 3, 3, 3), pads=[1, 1, 1, 1], group=4)
    conv(c, "grouped wide", (1, 64, 5, 5), (64, 32, 3, 3), pads=[1, 1, 1, 1], group=2, bias=False)
    conv(c, "depthwise 3x3", (1, 19, 8, 9), (19, 1, 3, 3), pads=[1, 1, 1, 1], group=19)
    conv(c, "depthwise 3x3 stride 2", (1, 32, 9, 12), (32, 1, 3, 3), pads=[1, 1, 1, 1], strides=[2, 2], group=32)
    conv(c, "depthwise 5x5", (1, 17, 9, 7), (17, 1, 5, 5), pads=[2, 2, 2, 2], group=17)
    conv(c, "depthwise 7x7", (1, 16, 9, 9), (16, 1, 7, 7), pads=[3, 3, 3, 3], group=16)
    conv(c, "depthwise dilated", (1, 6, 10, 9), (6, 1, 3, 3), pads=[2, 2, 2, 2], dilations=[2, 2], group=6)
    conv(c, "depthwise multiplier 2", (1, 6, 7, 7), (12, 1, 3, 3), pads=[1, 1, 1, 1], group=6)
    for pad in ("SAME_UPPER", "SAME_LOWER", "VALID"):
        conv(c, f"{pad} stride 2", (1, 3, 9, 8), (4, 3, 3, 3), strides=[2, 2], auto_pad=pad)
        conv(c, f"{pad} even kernel", (1, 3, 7, 6), (4, 3, 4, 2), auto_pad=pad)
    conv(c, "kernel_shape given, opset 7", (1, 3, 5, 6), (4, 3, 3, 3), opset=7, kernel_shape=[3, 3])
    conv(c, "opset 11", (1, 3, 5, 6), (4, 3, 3, 3), opset=11, pads=[1, 1, 1, 1])
    conv(c, "opset 21", (1, 3, 5, 6), (4, 3, 3, 3), opset=21)
    conv(c, "1-D", (2, 4, 17), (6, 4, 5), pads=[2, 1], strides=[2])
    conv(c, "1-D dilated grouped", (1, 4, 17), (6, 2, 3), dilations=[3], group=2)
    conv(c, "kernel as large as the input", (1, 7, 5, 6), (9, 7, 5, 6))
    conv(c, "one pixel", (1, 21, 1, 1), (10, 21, 1, 1))
    conv(c, "3x3 on one pixel", (1, 5, 1, 1), (4, 5, 3, 3), pads=[1, 1, 1, 1])
    conv(c, "no channels in common sizes", (1, 1, 28, 28), (8, 1, 5, 5), auto_pad="SAME_UPPER")
    for activation, parameters in {"Relu": [], "LeakyRelu": [0.1], "Clip": [0.0, 1.0], "Sigmoid": [], "Tanh": [],
                                   "HardSigmoid": [0.3, 0.4]}.items():
        name = f"fused {activation}"
        attrs = dict(activation=activation, pads=[1, 1, 1, 1])
        if parameters:
            attrs["activation_params"] = parameters
        c.add("conv", name, "FusedConv", [c.floats(name, (1, 3, 5, 4)), K(c.floats(name + "w", (4, 3, 3, 3), 0.5)),
                                          K(c.floats(name + "b", (4,)))], attrs, domain="com.microsoft")
    name = "weights computed"
    c.add("conv", name, "Conv", [c.floats(name, (1, 3, 6, 6)), c.floats(name + "w", (2, 3, 3, 3))])


def deconv(c, name, shape, weights, bias=True, opset=17, **attrs):
    """weights [C, M/g, kH, kW]."""
    inputs = [c.floats(name, shape), K(c.floats(name + "w", weights, 0.5))]
    if bias:
        inputs.append(K(c.floats(name + "b", (weights[1] * attrs.get("group", 1),))))
    c.add("convtranspose", name, "ConvTranspose", inputs, attrs, opset)


def transposed(c):
    deconv(c, "2x2 stride 2", (1, 5, 4, 6), (5, 3, 2, 2), strides=[2, 2])
    deconv(c, "3x3", (1, 4, 5, 5), (4, 6, 3, 3), bias=False)
    deconv(c, "3x3 stride 2 pad 1", (2, 4, 5, 4), (4, 6, 3, 3), strides=[2, 2], pads=[1, 1, 1, 1])
    deconv(c, "output padding", (1, 4, 5, 4), (4, 2, 3, 3), strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])
    deconv(c, "asymmetric pads", (1, 3, 5, 6), (3, 2, 4, 3), strides=[3, 2], pads=[1, 0, 2, 1])
    deconv(c, "dilated", (1, 3, 5, 6), (3, 2, 3, 3), dilations=[2, 3], pads=[1, 1, 1, 1])
    deconv(c, "grouped", (1, 6, 4, 4), (6, 2, 3, 3), group=3, strides=[2, 2])
    deconv(c, "output shape", (1, 3, 4, 5), (3, 2, 3, 3), strides=[2, 2], output_shape=[8, 10])
    deconv(c, "output shape odd", (1, 3, 4, 5), (3, 2, 4, 4), strides=[2, 2], output_shape=[9, 11])
    deconv(c, "output shape same upper", (1, 3, 4, 5), (3, 2, 4, 4), strides=[2, 2], output_shape=[9, 11],
           auto_pad="SAME_UPPER")
    deconv(c, "same upper", (1, 3, 4, 5), (3, 2, 3, 3), strides=[2, 2], auto_pad="SAME_UPPER")
    deconv(c, "same lower", (1, 3, 4, 5), (3, 2, 3, 3), strides=[2, 2], auto_pad="SAME_LOWER")
    deconv(c, "valid", (1, 3, 4, 5), (3, 2, 3, 3), strides=[2, 2], auto_pad="VALID")
    deconv(c, "1-D", (1, 3, 6), (3, 2, 4), strides=[2], pads=[1, 1])
    deconv(c, "opset 7", (1, 3, 4, 5), (3, 2, 3, 3), opset=7, pads=[1, 1, 1, 1])


def pool(c, op, name, shape, opset=17, **attrs):
    c.add("pool", f"{op} {name}", op, [c.floats(name, shape)], attrs, opset)


def pools(c):
    for op in ("MaxPool", "AveragePool"):
        pool(c, op, "2x2", (1, 3, 8, 6), kernel_shape=[2, 2], strides=[2, 2])
        pool(c, op, "3x3 stride 2", (2, 17, 9, 11), kernel_shape=[3, 3], strides=[2, 2])
        pool(c, op, "3x3 stride 2 pad 1", (1, 16, 9, 8), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
        pool(c, op, "3x3 stride 2 ceil", (1, 5, 8, 10), opset=19, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
        pool(c, op, "3x3 stride 2 ceil pad 1", (1, 5, 8, 7), opset=19, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1,
             pads=[1, 1, 1, 1])
        pool(c, op, "2x2 stride 3 ceil", (1, 4, 9, 10), opset=19, kernel_shape=[2, 2], strides=[3, 3], ceil_mode=1)
        pool(c, op, "ceil that would begin in the padding", (1, 2, 6, 6), opset=19, kernel_shape=[2, 2], strides=[2, 2],
             pads=[1, 1, 1, 1], ceil_mode=1)
        pool(c, op, "asymmetric pads", (1, 3, 7, 8), kernel_shape=[3, 4], strides=[2, 1], pads=[0, 1, 2, 3])
        pool(c, op, "5x2", (1, 3, 7, 8), kernel_shape=[5, 2])
        pool(c, op, "dilated", (1, 3, 9, 10), opset=19, kernel_shape=[3, 2], dilations=[2, 3], strides=[1, 2])
        pool(c, op, "dilated pad", (1, 3, 9, 10), opset=19, kernel_shape=[3, 3], dilations=[2, 2], pads=[2, 2, 2, 2])
        pool(c, op, "same upper", (1, 3, 9, 8), kernel_shape=[3, 2], strides=[2, 2], auto_pad="SAME_UPPER")
        pool(c, op, "same lower", (1, 3, 9, 8), kernel_shape=[3, 2], strides=[2, 2], auto_pad="SAME_LOWER")
        pool(c, op, "valid", (1, 3, 9, 8), kernel_shape=[3, 2], strides=[2, 2], auto_pad="VALID")
        pool(c, op, "1-D", (1, 3, 11), kernel_shape=[3], strides=[2], pads=[1, 1])
        pool(c, op, "opset 7", (1, 3, 9, 8), opset=7, kernel_shape=[3, 3])
        pool(c, op, "opset 10", (1, 3, 9, 8), opset=10, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
        pool(c, op, "whole plane", (1, 33, 7, 7), kernel_shape=[7, 7])
    for name, attrs in {
        "pad 1": dict(pads=[1, 1, 1, 1]),
        "pad 1 stride 2 ceil": dict(pads=[1, 1, 1, 1], strides=[2, 2], ceil_mode=1),
        "asymmetric": dict(pads=[0, 1, 2, 0], strides=[2, 1]),
        "ceil": dict(strides=[2, 2], ceil_mode=1),
        "same upper": dict(strides=[2, 2], auto_pad="SAME_UPPER"),
        "same lower": dict(strides=[2, 2], auto_pad="SAME_LOWER"),
    }.items():
        pool(c, "AveragePool", f"counts padding, {name}", (1, 3, 8, 6), opset=19, kernel_shape=[3, 3],
             count_include_pad=1, **attrs)
    pool(c, "AveragePool", "counts padding, dilated", (1, 2, 9, 8), opset=19, kernel_shape=[3, 3], dilations=[2, 2],
         pads=[1, 2, 2, 1], count_include_pad=1)
    pool(c, "LpPool", "p 2", (1, 3, 7, 8), opset=18, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    pool(c, "LpPool", "p 3", (1, 3, 7, 8), kernel_shape=[2, 3], p=3)


def global_pools(c):
    for op in ("GlobalAveragePool", "GlobalMaxPool"):
        for shape in [(1, 3, 7, 7), (2, 17, 5, 4), (1, 16, 1, 1), (1, 4, 9), (1, 2, 3, 4, 5)]:
            pool(c, op, "x".join(map(str, shape)), shape)
        pool(c, op, "opset 7", (1, 3, 6, 5), opset=7)


def normalizations(c):
    def batch(name, shape, opset=17, **attrs):
        channels = shape[1]
        inputs = [c.floats(name, shape, 2), K(c.floats(name + "s", channels)), K(c.floats(name + "b", channels)),
                  K(c.floats(name + "m", channels)), K(np.abs(c.floats(name + "v", channels)) + 0.1)]
        c.add("normalization", f"BatchNormalization {name}", "BatchNormalization", inputs, attrs, opset)

    batch("4-D", (2, 5, 4, 3))
    batch("17 channels", (1, 17, 3, 5), epsilon=0.01)
    batch("2-D", (3, 6))
    batch("3-D", (2, 4, 5))
    for opset in (7, 9, 14, 15):
        batch(f"opset {opset}", (1, 4, 3, 3), opset=opset, epsilon=1e-3, momentum=0.5)

    def affine(op, name, shape, count, opset=17, tag="", **attrs):
        name = f"{op} {name}"
        inputs = [c.floats(name, shape, 3), K(c.floats(name + "s", count)), K(c.floats(name + "b", count))]
        c.add("normalization", name, op, inputs, attrs, opset)

    affine("InstanceNormalization", "4-D", (2, 5, 4, 3), 5)
    affine("InstanceNormalization", "3-D", (2, 3, 11), 3, epsilon=0.1)
    affine("InstanceNormalization", "opset 7", (1, 3, 4, 4), 3, opset=7)
    affine("LayerNormalization", "last axis", (2, 5, 7), 7)
    affine("LayerNormalization", "axis 1", (2, 3, 4), (3, 4), axis=1)
    affine("LayerNormalization", "axis -2", (2, 3, 4, 5), (4, 5), axis=-2, epsilon=1e-3)
    affine("LayerNormalization", "ConvNeXt", (1, 6, 7, 19), 19, axis=-1, epsilon=1e-6)
    name = "LayerNormalization without bias"
    c.add("normalization", name, "LayerNormalization", [c.floats(name, (2, 9)), K(c.floats(name + "s", 9))])
    affine("GroupNormalization", "opset 18", (2, 6, 3, 4), 3, opset=18, num_groups=3)
    affine("GroupNormalization", "opset 21", (2, 6, 3, 4), 6, opset=21, num_groups=2)
    affine("GroupNormalization", "one group", (1, 4, 5), 4, opset=21, num_groups=1, epsilon=1e-3)
    for size in (1, 2, 3, 5, 9):
        name = f"LRN {size}"
        # onnx's reference only fills as many channels as there are pictures.
        c.add("normalization", name, "LRN", [c.floats(name, (7, 7, 2, 3), 3)],
              dict(size=size, alpha=0.5, beta=0.75, bias=2.0), peer="onnxruntime" if size % 2 else "reference")
    c.add("normalization", "LRN defaults", "LRN", [c.floats("LRN", (1, 6, 2, 3), 9)], dict(size=5), 7)


def activations(c):
    x = np.concatenate([c.floats("activations", 89, 3), np.array([0, -0.0, 1, -1, 3, -3, 20, -20, 88, -88], np.float32),
                        np.array([1e-4, -1e-4, 6, 0.5], np.float32)])

    def unary(name, op, attrs=None, opset=17, **more):
        c.add("activation", f"{op} {name}".strip(), op, [x], attrs, opset, **more)

    for op in ("Relu", "Sigmoid", "Erf", "Tanh", "Softplus", "Softsign"):
        unary("", op)
    for op in ("Relu", "Sigmoid", "Tanh", "Elu", "Selu", "LeakyRelu", "HardSigmoid", "Softplus"):
        unary("opset 7", op, opset=7)
    unary("opset 9", "Erf", opset=9)
    unary("", "HardSwish", opset=14)
    unary("", "Mish", opset=18)
    for op in ("LeakyRelu", "Elu", "Celu"):
        unary("default", op)
        unary("alpha", op, dict(alpha=0.3))
    unary("default", "ThresholdedRelu")
    unary("alpha", "ThresholdedRelu", dict(alpha=0.3))
    unary("", "Selu")
    unary("set", "Selu", dict(alpha=1.2, gamma=0.8))
    unary("", "HardSigmoid")
    unary("torch", "HardSigmoid", dict(alpha=1 / 6, beta=0.5))
    unary("", "Gelu", opset=20)
    unary("none", "Gelu", dict(approximate="none"), 20)
    unary("tanh", "Gelu", dict(approximate="tanh"), 20)
    unary("", "Swish", opset=24, peer="reference")
    unary("alpha", "Swish", dict(alpha=1.5), opset=24, peer="reference")
    unary("microsoft", "Gelu", domain="com.microsoft")
    unary("microsoft", "QuickGelu", dict(alpha=1.7), domain="com.microsoft")
    y = x[:96].reshape(2, 4, 3, 4)
    for name, shape in {"channel": (4, 1, 1), "one": (1,), "full": (4, 3, 4), "last axis": (4,), "row": (3, 1)}.items():
        c.add("activation", f"PRelu {name}", "PRelu", [y, K(c.floats("slope" + name, shape))])
    c.add("activation", "PRelu opset 7", "PRelu", [y, K(c.floats("slope", (4, 1, 1)))], opset=7)
    c.add("activation", "PRelu computed", "PRelu", [y, c.floats("slope", (4, 1, 1))])
    f = np.float32
    c.add("activation", "Clip relu6", "Clip", [x, K(f(0)), K(f(6))])
    c.add("activation", "Clip opset 7", "Clip", [x], dict(min=-1.0, max=2.0), 7)
    c.add("activation", "Clip opset 6 form without bounds", "Clip", [x], opset=7)
    c.add("activation", "Clip min only", "Clip", [x, K(f(0.5))], opset=11)
    c.add("activation", "Clip max only", "Clip", [x, None, K(f(0.5))], opset=12)
    c.add("activation", "Clip no bounds", "Clip", [x])
    c.add("activation", "Clip crossed", "Clip", [x, K(f(2)), K(f(1))])
    c.add("activation", "Clip computed", "Clip", [x, f(-1), f(1.5)])


def softmaxes(c):
    for op in ("Softmax", "LogSoftmax"):
        def add(name, shape, opset=17, **attrs):
            c.add("activation", f"{op} {name}", op, [c.floats(name, shape, 3)], attrs, opset)

        add("default", (3, 10))
        add("4-D default", (2, 3, 4, 5))
        for axis in (0, 1, -2):
            add(f"axis {axis}", (2, 3, 4, 5), axis=axis)
        add("1-D", (7,))
        add("opset 7 default", (2, 3, 4, 5), opset=7)
        for axis in (0, 2, 3):
            add(f"opset 7 axis {axis}", (2, 3, 4, 5), opset=7, axis=axis)
        add("opset 11 default", (2, 6, 3), opset=11)
        add("opset 11 axis -1", (2, 6, 3), opset=11, axis=-1)
        c.add("activation", f"{op} large numbers", op, [np.array([[1000, 1001, -1000, 999]], np.float32)])


def constants(c):
    x = c.floats("constants", (2, 3))
    slope = np.array([0.1, 0.2, 0.3], np.float32)
    values = {
        "tensor": dict(value=numpy_helper.from_array(slope)),
        "typed": dict(value=helper.make_tensor("t", 1, [3], slope)),
        "float": dict(value_float=0.25),
        "floats": dict(value_floats=[0.1, 0.5, 2.0]),
    }
    for name, attrs in values.items():
        nodes = [helper.make_node("Constant", [], ["k"], **attrs), helper.make_node("PRelu", ["x", "k"], ["y"])]
        c.add_graph("activation", f"Constant {name}", nodes, {"x": x}, ["y"])
