#!/usr/bin/env python3
"""Writes a trained run as ONNX with its sidecar and labels.

    python export.py --work ~/.cache/fovea/train --run finished --output fovea-default.onnx

The averaged weights are exported: batch normalisation is folded into the convolutions, weights are stored as fp16 behind a
Cast, biases as fp32. Values carry the names of the layers that make them (`stem`, `inception.three.1`, `late.3.depthwise` …),
so that a viewer can ask for them. The graph takes any batch, height and width, and ends in logits.
"""

import argparse
import operator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn as nn
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from torch.nn.utils.fusion import fuse_conv_bn_weights

import data
import model as architecture

OPSET = 17


class Writer:
    """Walks a traced network and writes each step as an ONNX node."""

    def __init__(self, net):
        self.modules = dict(net.named_modules())
        self.nodes, self.initializers, self.names = [], [], {}

    def _weight(self, name, tensor):
        half = numpy_helper.from_array(tensor.detach().numpy().astype(np.float16), name + "_half")
        self.initializers.append(half)
        self.nodes.append(helper.make_node("Cast", [half.name], [name], name=name, to=TensorProto.FLOAT))
        return name

    def _bias(self, name, tensor):
        self.initializers.append(numpy_helper.from_array(tensor.detach().numpy(), name))
        return name

    def _emit(self, op, node, inputs, name, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        self.names[node] = name

    def _norm(self, node, source):
        """A convolution with the batch normalisation that follows it; `node` is the normalisation."""
        conv, norm = self.modules[source.target], self.modules[node.target]
        weight, bias = fuse_conv_bn_weights(
            conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias)
        path = source.target.removesuffix(".conv")
        pads = list(conv.padding) * 2
        self._emit("Conv", node, [self.names[source.args[0]], self._weight(path + ".weight", weight),
                                  self._bias(path + ".bias", bias)], path + ".sum",
                   kernel_shape=conv.kernel_size, strides=conv.stride, pads=pads, group=conv.groups)

    def _module(self, node):
        layer, inputs = self.modules[node.target], [self.names.get(a) for a in node.args]
        if isinstance(layer, nn.Conv2d):
            return                                      # written with its normalisation
        if isinstance(layer, nn.BatchNorm2d):
            self._norm(node, node.args[0])
        elif isinstance(layer, nn.MaxPool2d):
            k, s, p = layer.kernel_size, layer.stride, layer.padding
            self._emit("MaxPool", node, inputs, node.target, kernel_shape=[k, k], strides=[s, s], pads=[p] * 4)
        elif isinstance(layer, nn.Linear):
            weight = self._weight(node.target + ".weight", layer.weight)
            self._emit("Gemm", node, inputs + [weight, self._bias(node.target + ".bias", layer.bias)], "logits", transB=1)
        else:
            raise ValueError(f"no ONNX form for {layer}")

    def _function(self, node):
        inputs = [self.names[a] for a in node.all_input_nodes]
        if node.target is F.relu:
            # The unit's own name is that of its activation; a residual block's that of its sum after the ReLU.
            self._emit("Relu", node, inputs, inputs[0].removesuffix(".sum").removesuffix(".b.joined"))
        elif node.target is operator.add:
            self._emit("Add", node, inputs, inputs[0].removesuffix(".sum") + ".joined")
        elif node.target is torch.cat:
            self._emit("Concat", node, inputs, inputs[0].rsplit(".", 1)[0], axis=1)
        else:
            raise ValueError(f"no ONNX form for {node.target}")

    def write(self, graph):
        for node in graph.nodes:
            if node.op == "placeholder":
                self.names[node] = "image"
            elif node.op == "call_module":
                self._module(node)
            elif node.op == "call_function":
                self._function(node)
            elif node.op == "call_method" and node.target == "mean":
                self._emit("GlobalAveragePool", node, [self.names[node.args[0]]], "pooled")
                self.nodes.append(helper.make_node("Flatten", ["pooled"], ["features"], name="features", axis=1))
                self.names[node] = "features"


def build(net, classes):
    writer = Writer(net)
    writer.write(torch.fx.symbolic_trace(net).graph)
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 3, "H", "W"])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", classes])
    graph = helper.make_graph(writer.nodes, "fovea-default", [image], [logits], writer.initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="fovea")
    model.ir_version = 8
    onnx.checker.check_model(model, full_check=True)
    return model


def check(path, net, sizes=((64, 64), (96, 96), (75, 117))):
    """Runs the file beside PyTorch; returns the largest difference, in units of the logits' root mean square."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    for h, w in sizes:
        x = torch.randn(4, 3, h, w, generator=torch.Generator().manual_seed(h))
        with torch.no_grad():
            wanted = net(x)
        got = torch.from_numpy(session.run(None, {"image": x.numpy()})[0])
        worst = max(worst, ((got - wanted).abs().max() / wanted.square().mean().sqrt()).item())
    return worst


def pattern(h, w):
    """A picture that anyone can make again: element i is ((7919 i) mod 256) / 127.5 - 1, [1, 3, h, w]."""
    return torch.from_numpy((np.arange(3 * h * w) * 7919 % 256 / 127.5 - 1).astype(np.float32).reshape(1, 3, h, w))


def write_agreement(path, model, net, sizes=((64, 64), (80, 80), (75, 117))):
    """Writes the logits of onnxruntime and of PyTorch for `pattern` at each size: arrays `onnxruntime_HxW`, `pytorch_HxW`."""
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    answers = {}
    for h, w in sizes:
        x = pattern(h, w)
        answers[f"onnxruntime_{h}x{w}"] = session.run(None, {"image": x.numpy()})[0]
        with torch.no_grad():
            answers[f"pytorch_{h}x{w}"] = net(x).numpy()
    np.savez(path, **answers)
    print(f"{path}: onnxruntime {onnxruntime.__version__}, PyTorch {torch.__version__}")


def sidecar(name, labels, size, resize_to):
    def row(values):
        return "[" + ", ".join(f"{v:g}" for v in values) + "]"

    return f"""name = "Fovea default"
labels = "{labels}"
description = "A compact residual CNN trained from scratch on Tiny ImageNet (200 classes)"

[input]
size = [{size}, {size}]
resize = "crop"
resize_to = {resize_to}
color = "rgb"
scale = {1 / 255:.17g}
mean = {row(data.MEAN)}
std = {row(data.STD)}

[classes]
offset = 0

[output]
activation = "softmax"
"""


def load(path, classes):
    net = architecture.FoveaNet(classes).eval()
    net.load_state_dict(torch.load(path, weights_only=True)["average"])
    return net


def halve(net):
    """Rounds the weights as the file stores them, folded, so that PyTorch computes what the file says."""
    with torch.no_grad():
        for unit in net.modules():
            if isinstance(unit, architecture.Unit):
                weight, bias = fuse_conv_bn_weights(unit.conv.weight, None, unit.norm.running_mean, unit.norm.running_var,
                                                    unit.norm.eps, unit.norm.weight, unit.norm.bias)
                unit.conv.weight.copy_(weight.half())
                unit.norm.running_mean.zero_()
                unit.norm.running_var.fill_(1 - unit.norm.eps)
                unit.norm.weight.fill_(1)
                unit.norm.bias.copy_(bias)
        net.classify.weight.copy_(net.classify.weight.half())
    return net


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--work", type=Path, required=True)
    p.add_argument("--run", default="main")
    p.add_argument("--output", type=Path, required=True)
    p.add_argument("--size", type=int, default=64, help="side of the input that the sidecar asks for")
    p.add_argument("--resize-to", type=int, help="shorter side before the crop (default: 8/7 of the size)")
    p.add_argument("--agreement", type=Path, help="npz file for the answers of onnxruntime and PyTorch, for the tests")
    a = p.parse_args()
    names = data.class_names(a.work / "data")
    net = load(a.work / a.run / "last.pt", len(names))
    onnx.save(build(net, len(names)), a.output)
    labels = a.output.with_suffix(".labels.txt")
    labels.write_text("".join(name + "\n" for name in names))
    a.output.with_suffix(".toml").write_text(
        sidecar(a.output.stem, labels.name, a.size, a.resize_to or round(a.size * 8 / 7)))
    halve(net)
    difference = check(a.output, net)
    print(f"{a.output}: {a.output.stat().st_size} bytes, onnxruntime and PyTorch differ by {difference:.1e} of the rms")
    if difference > 1e-4:
        raise SystemExit("error: the exported file does not compute what the model computes")
    if a.agreement:
        write_agreement(a.agreement, a.output, net)


if __name__ == "__main__":
    main()
