#!/usr/bin/env python3
"""Compares gradients of whole networks with PyTorch's: a class score by the input and by every value of the graph.

usage: gradients.py RUNNER FOLDER [NETWORK ...] [--quick]

The networks are those of networks.py. PyTorch runs the same ONNX graph, node by node, in float64. A gradient jumps where a
rectifier or a maximum changes sides, and a rounding in the last place may do that to a few of a million values; so PyTorch is
given our forward value after each node, and differentiates where we do. What it finds from its own values is told too (the
column "free", with the number of rectified values that lie on the other side), but is not judged, nor is the first column: how far
the same graph is from torchvision's own network, both differentiated freely in float64. The export has rounded its folded weights to
float32, which may move a value across a kink as well.
Fails when any gradient differs by more than 1e-4 of its root mean square.
"""
import os
import sys

import numpy as np

from networks import NETWORKS as SIZES, SEED, deviation, export, make_network, make_pictures, ours

NETWORKS = [
    "squeezenet1_1", "alexnet", "vgg16", "googlenet", "resnet18", "resnet50", "mobilenet_v2", "densenet121",
    "efficientnet_b0"]
LIMIT = 1e-4
CLASS = 281


def run_node(node, attributes, x):
    """The outputs of one node by PyTorch."""
    import torch
    import torch.nn.functional as F

    a = attributes
    pads = a.get("pads", [0, 0, 0, 0])
    symmetric = tuple(pads[:2])
    kind = node.op_type
    if kind == "Conv":
        if pads[:2] != pads[2:]:
            x = [F.pad(x[0], (pads[1], pads[3], pads[0], pads[2]))] + x[1:]
            symmetric = (0, 0)
        return F.conv2d(
            x[0], x[1], x[2] if len(x) > 2 else None, tuple(a.get("strides", (1, 1))), symmetric,
            tuple(a.get("dilations", (1, 1))), a.get("group", 1))
    if kind == "MaxPool":
        return F.max_pool2d(
            x[0], a["kernel_shape"], a["strides"], symmetric, ceil_mode=bool(a.get("ceil_mode", 0)))
    if kind == "AveragePool":
        return F.avg_pool2d(
            x[0], a["kernel_shape"], a.get("strides"), symmetric, ceil_mode=bool(a.get("ceil_mode", 0)),
            count_include_pad=bool(a.get("count_include_pad", 0)))
    if kind == "GlobalAveragePool":
        return x[0].mean((2, 3), keepdim=True)
    if kind == "BatchNormalization":
        return F.batch_norm(x[0], x[3], x[4], x[1], x[2], False, 0.0, a.get("epsilon", 1e-5))
    if kind == "Gemm":
        left = x[0].T if a.get("transA", 0) else x[0]
        right = x[1].T if a.get("transB", 0) else x[1]
        return a.get("alpha", 1.0) * left @ right + (a.get("beta", 1.0) * x[2] if len(x) > 2 else 0)
    if kind == "Clip":
        return F.hardtanh(x[0], float(x[1]), float(x[2]))
    if kind == "Reshape":
        return x[0].reshape([int(n) for n in x[1]])
    simple = {
        "Relu": lambda: F.relu(x[0]), "Sigmoid": lambda: torch.sigmoid(x[0]), "Add": lambda: x[0] + x[1],
        "Mul": lambda: x[0] * x[1], "Concat": lambda: torch.cat(x, a["axis"]), "Identity": lambda: x[0] + 0,
        "Flatten": lambda: x[0].flatten(a.get("axis", 1)), "Dropout": lambda: x[0] + 0,
        "Gather": lambda: x[0].index_select(a.get("axis", 0), x[1].reshape(-1).long()).reshape(
            x[0].shape[:a.get("axis", 0)] + x[1].shape + x[0].shape[a.get("axis", 0) + 1:]),
        "Unsqueeze": lambda: x[0].unsqueeze(int(x[1])), "Constant": lambda: None,
    }
    return simple[kind]()


class Graph:
    """An ONNX graph whose float values are float64."""

    def __init__(self, path):
        import onnx
        import onnx.numpy_helper as helper
        import torch

        self.model = onnx.load(path).graph
        self.constants = {}
        for tensor in self.model.initializer:
            self.constants[tensor.name] = torch.tensor(helper.to_array(tensor).copy())
        for node in self.model.node:
            if node.op_type == "Constant":
                self.constants[node.output[0]] = torch.tensor(helper.to_array(node.attribute[0].t).copy())
        for name, tensor in self.constants.items():
            if tensor.dtype == torch.float32:
                self.constants[name] = tensor.double()

    def gradients(self, picture, seed, forced=None):
        """The gradients of one score by every value, and the values."""
        import onnx

        values = dict(self.constants)
        values["input"] = picture.double().requires_grad_(True)
        for node in self.model.node:
            if node.op_type == "Constant":
                continue
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            value = run_node(node, attributes, [values[name] for name in node.input if name])
            if forced is not None and node.output[0] in forced:
                value = value + (forced[node.output[0]] - value).detach()
            if value.requires_grad:
                value.retain_grad()
            values[node.output[0]] = value
        output = values[self.model.output[0].name]
        output[0, seed].backward()
        return {name: v.grad.numpy() for name, v in values.items() if getattr(v, "grad", None) is not None}, values


def rectified(graph):
    return [node.output[0] for node in graph.model.node if node.op_type in ("Relu", "Clip")]


def compare(runner, folder, name):
    import torch

    path, inputs, outputs = (os.path.join(folder, name + end) for end in (".onnx", ".in.npz", ".gradients.npz"))
    export(name, path)
    torch.manual_seed(SEED + 1)
    picture = make_pictures(1, SIZES[name])
    np.savez(inputs, input=picture.numpy())
    names = ours(runner, path, inputs, outputs, "--taps", "--gradient", str(CLASS))
    got = np.load(outputs)
    mine = {value: got[key] for key, value in names.items() if key.startswith("gradient")}
    forward = {value: torch.tensor(got[key]).double() for key, value in names.items() if key.startswith("tap")}
    graph = Graph(path)
    wanted, _ = graph.gradients(picture, CLASS, forward)
    free, values = graph.gradients(picture, CLASS)
    flips = sum(int(((values[n] > 0) != (forward[n] > 0)).sum()) for n in rectified(graph))
    by_value = {value: deviation(mine[value], wanted[value]) for value in wanted if value in mine}
    worst = max(by_value, key=by_value.get)
    os.remove(outputs)
    return {
        "network": peer(name, picture, free), "input": by_value["input"], "count": len(by_value), "worst": by_value[worst],
        "worst_name": worst, "free": deviation(mine["input"], free["input"]), "flips": flips}


def peer(name, picture, free):
    """How far the graph is from torchvision's network."""
    network = make_network(name).double()
    x = picture.double().requires_grad_(True)
    network(x)[0, CLASS].backward()
    return deviation(free["input"], x.grad.numpy())


def speed(runner, folder, name, threads):
    path, inputs, outputs = (os.path.join(folder, name + end) for end in (".onnx", ".in.npz", ".gradients.npz"))
    timed = ours(
        runner, path, inputs, outputs, "--threads", str(threads), "--gradient", str(CLASS), "--by", "input", "--repeat", "10")
    os.remove(outputs)
    return float(timed["backward"]) / float(timed["milliseconds"])


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    if len(arguments) < 2:
        sys.exit(__doc__)
    runner, folder, names = arguments[0], arguments[1], arguments[2:] or NETWORKS
    print(f"{'network':18} {'torchvision':>11} {'input':>8} {'values':>6} {'worst':>8} {'free':>8} {'flips':>5}  backward/forward")
    failed = []
    for name in names:
        row = compare(runner, folder, name)
        ratios = [] if "--quick" in sys.argv else [f"{speed(runner, folder, name, t):.2f}" for t in (1, 2)]
        bad = not row["worst"] <= LIMIT
        print(
            f"{name:18} {row['network']:11.1e} {row['input']:8.1e} {row['count']:6} {row['worst']:8.1e} {row['free']:8.1e} "
            f"{row['flips']:5}  {', '.join(ratios):16} {row['worst_name'] + ' DIFFERS' if bad else 'ok'}", flush=True)
        failed += [name] if bad else []
    if failed:
        sys.exit(f"gradients.py: {len(failed)} of {len(names)} networks differ: {', '.join(failed)}")


if __name__ == "__main__":
    main()
