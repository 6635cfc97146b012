#!/usr/bin/env python3
"""Reference maps of two small networks with random weights, by captum and pytorch-grad-cam where they have the method.

Writes gap.onnx and fc.onnx (conv, relu, pool; a global mean and one linear layer, or two linear layers), and gap.npz and
fc.npz: the picture, the scores, and a map for each method. Made with torch 2.x, captum 0.9.0, grad-cam 1.5.7, seed 7:
  python make_fixtures.py Samples/fovea-sample.jpg
"""
import math
import os
import sys

import captum.attr as attr
import numpy as np
import onnx
import pytorch_grad_cam as cams
import torch
from captum.attr._utils.lrp_rules import EpsilonRule
from onnx import helper, numpy_helper
from PIL import Image
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import nn
from torch.nn import functional

HERE = os.path.dirname(os.path.abspath(__file__))
SIDE = 32


class Gap(nn.Module):
    """A global mean and one linear layer."""

    def __init__(self):
        super().__init__()
        self.conv1, self.relu1 = nn.Conv2d(3, 8, 3, padding=1), nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        self.conv2, self.relu2 = nn.Conv2d(8, 12, 3, padding=1), nn.ReLU()
        self.conv3, self.relu3 = nn.Conv2d(12, 16, 3, stride=2, padding=1), nn.ReLU()
        self.mean = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = self.pool1(self.relu1(self.conv1(x)))
        x = self.relu3(self.conv3(self.relu2(self.conv2(x))))
        return self.fc(torch.flatten(self.mean(x), 1))


class Fc(nn.Module):
    """Two linear layers after the last pool."""

    def __init__(self):
        super().__init__()
        self.conv1, self.relu1 = nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.ReLU()
        self.conv2, self.relu2 = nn.Conv2d(8, 12, 3, padding=1), nn.ReLU()
        self.pool1 = nn.MaxPool2d(2)
        self.conv3, self.relu3 = nn.Conv2d(12, 12, 3, padding=1), nn.ReLU()
        self.pool2 = nn.MaxPool2d(2)
        self.fc1, self.relu4 = nn.Linear(12 * 16, 16), nn.ReLU()
        self.fc2 = nn.Linear(16, 10)

    def forward(self, x):
        x = self.pool1(self.relu2(self.conv2(self.relu1(self.conv1(x)))))
        x = self.pool2(self.relu3(self.conv3(x)))
        return self.fc2(self.relu4(self.fc1(torch.flatten(x, 1))))


def save_onnx(net, steps, path):
    """steps: (op, output, module or attributes); a chain."""
    nodes, weights, value = [], [], "picture"
    for op, output, module in steps:
        inputs, attributes = [value], {}
        if op in ("Conv", "Gemm"):
            for name, tensor in (("weight", module.weight), ("bias", module.bias)):
                weights.append(numpy_helper.from_array(tensor.detach().numpy(), f"{output}.{name}"))
                inputs.append(f"{output}.{name}")
        if op == "Conv":
            attributes = dict(kernel_shape=list(module.kernel_size), strides=list(module.stride), pads=[1, 1, 1, 1])
        if op == "Gemm":
            attributes = dict(transB=1)
        if op == "MaxPool":
            attributes = dict(kernel_shape=[2, 2], strides=[2, 2])
        nodes.append(helper.make_node(op, inputs, [output], name=output + "_node", **attributes))
        value = output
    graph = helper.make_graph(
        nodes, "net", [helper.make_tensor_value_info("picture", 1, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info(value, 1, [1, 10])], weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)


class SplitMix:
    """SplitMix64, and normal numbers from it by Marsaglia and Tsang's ziggurat of 256 layers."""

    EDGE, AREA = 3.6541528853610088, 0.00492867323399

    def __init__(self, seed):
        self.state = seed
        self.edges = [self.AREA / math.exp(-self.EDGE**2 / 2), self.EDGE]
        while len(self.edges) < 256:
            x = self.edges[-1]
            self.edges.append(math.sqrt(-2 * math.log(self.AREA / x + math.exp(-x * x / 2))))
        self.edges.append(0.0)
        self.heights = [math.exp(-x * x / 2) for x in self.edges]

    def bits(self):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return z ^ (z >> 31)

    def uniform(self):
        return (self.bits() >> 11) * 2.0**-53

    def normal(self):
        while True:
            word = self.bits()
            layer = word & 255
            signed = (word - (1 << 64) if word >> 63 else word) >> 11
            x = signed * 2.0**-52 * self.edges[layer]
            if abs(x) < self.edges[layer + 1]:
                return x
            if layer == 0:
                while True:
                    far = -math.log(1 - self.uniform()) / self.EDGE
                    if -2 * math.log(1 - self.uniform()) > far * far:
                        return math.copysign(self.EDGE + far, x)
            low, high = self.heights[layer], self.heights[layer + 1]
            if low + (high - low) * self.uniform() < math.exp(-x * x / 2):
                return x


def plain(tensor):
    return np.asarray(tensor.detach().numpy() if torch.is_tensor(tensor) else tensor, np.float32).squeeze()


def cam(kind, net, layer, x, target):
    """The map before it is scaled, with the ReLU that the library applies."""
    method = kind(net, [layer])
    grabbed = []
    inner = method.get_cam_image
    method.get_cam_image = lambda *a, **k: grabbed.append(inner(*a, **k)) or grabbed[-1]
    method(x, [ClassifierOutputTarget(target)])
    method.activations_and_grads.release()
    return plain(grabbed[0])


def full_grad(net, x, target):
    method = cams.FullGrad(net, [])
    method.forward(x.clone().requires_grad_(True), [ClassifierOutputTarget(target)])
    grabbed = []
    inner = method.aggregate_multi_layers
    method.aggregate_multi_layers = lambda m: grabbed.append(m) or inner(m)
    method.forward(x.clone().requires_grad_(True), [ClassifierOutputTarget(target)])
    method.activations_and_grads.release()
    return plain(grabbed[0])


def noisy_gradients(net, x, target, samples, share):
    numbers = SplitMix(1)
    sigma = np.float32(share) * (x.max() - x.min()).item()
    saliency = attr.Saliency(net)
    gradients = []
    for _ in range(samples):
        noise = np.array([numbers.normal() for _ in range(x.numel())], np.float32) * np.float32(sigma)
        noisy = x + torch.from_numpy(noise).reshape(x.shape)
        gradients.append(saliency.attribute(noisy, target=target, abs=False).numpy())
    return np.stack(gradients).squeeze(1)


def rise(net, x, target, masks, cells):
    numbers = SplitMix(1)
    cell = -(-SIDE // cells)
    total = torch.zeros(SIDE, SIDE)
    for _ in range(masks):
        grid = torch.tensor([1.0 if numbers.uniform() < 0.5 else 0.0 for _ in range(cells * cells)])
        down, right = int(numbers.uniform() * cell), int(numbers.uniform() * cell)
        large = functional.interpolate(
            grid.reshape(1, 1, cells, cells), size=((cells + 1) * cell,) * 2, mode="bilinear", align_corners=False)[0, 0]
        mask = large[down:down + SIDE, right:right + SIDE]
        with torch.no_grad():
            total += net(x * mask).softmax(1)[0, target] * mask / (masks * 0.5)
    return total


def maps(net, x, layer, target, samples=8, masks=40, cells=5, patch=6, stride=4, lacking=()):
    """A map for each method but those in `lacking`."""
    found = {"gradient": np.abs(plain(attr.Saliency(net).attribute(x, target=target))).max(0)}
    found["input-x-gradient"] = plain(attr.InputXGradient(net).attribute(x, target=target)).sum(0)
    gradients = noisy_gradients(net, x, target, samples, 0.15)
    found["smoothgrad"] = np.abs(gradients.mean(0)).max(0)
    found["vargrad"] = gradients.var(0).mean(0)
    found["integrated-gradients"] = plain(attr.IntegratedGradients(net).attribute(
        x, target=target, n_steps=samples, method="riemann_middle")).sum(0)
    found["guided-backprop"] = np.abs(plain(attr.GuidedBackprop(net).attribute(x, target=target))).max(0)
    found["deconvnet"] = np.abs(plain(attr.Deconvolution(net).attribute(x, target=target))).max(0)
    found["guided-grad-cam"] = np.abs(plain(attr.GuidedGradCam(net, layer).attribute(
        x, target=target, interpolate_mode="bilinear"))).max(0)
    if "lrp" not in lacking:
        for module in net.modules():
            module.rule = EpsilonRule(epsilon=1e-4)
        found["lrp"] = plain(attr.LRP(net).attribute(x, target=target)).sum(0)
    kinds = {
        "grad-cam": cams.GradCAM, "grad-cam++": cams.GradCAMPlusPlus, "hirescam": cams.HiResCAM, "xgrad-cam": cams.XGradCAM,
        "layer-cam": cams.LayerCAM, "eigen-cam": cams.EigenCAM, "score-cam": cams.ScoreCAM,
    }
    for name, kind in kinds.items():
        found[name] = cam(kind, net, layer, x, target)
    found["eigen-cam"] *= np.sign(found["eigen-cam"].max() + found["eigen-cam"].min())
    # Its scaffold replaces a module by name, which it finds among children only.
    found["ablation-cam"] = cam(cams.AblationCAM, net, layer, x, target)
    found["fullgrad"] = full_grad(net, x, target)
    mean = x.mean((2, 3), keepdim=True).expand_as(x)
    found["occlusion"] = plain(attr.Occlusion(net).attribute(
        x, target=target, sliding_window_shapes=(3, patch, patch), strides=(3, stride, stride), baselines=mean,
        perturbations_per_eval=8))[0]
    found["rise"] = plain(rise(net, x, target, masks, cells))
    return found


def one_of_each_scale():
    """The library's mask corners meet the picture's corners; ours meet pixel by pixel, as everywhere else."""
    nn.UpsamplingBilinear2d = lambda size: nn.Upsample(size=size, mode="bilinear", align_corners=False)


def main():
    one_of_each_scale()
    picture = Image.open(sys.argv[1]).convert("RGB")
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    picture = picture.resize((SIDE, SIDE), Image.BILINEAR, box=(left, top, left + side, top + side))
    x = torch.from_numpy(((np.asarray(picture, np.float32) / 255 - 0.45) / 0.25).transpose(2, 0, 1)[None].copy())
    for name, kind in (("gap", Gap), ("fc", Fc)):
        torch.manual_seed(7)
        net = kind().eval()
        for parameter in net.parameters():
            if parameter.dim() == 1:
                nn.init.normal_(parameter, 0, 0.1)
            else:
                nn.init.kaiming_normal_(parameter)
        chain = {"gap": [
            ("Conv", "conv1", net.conv1), ("Relu", "relu1", 0), ("MaxPool", "pool1", 0), ("Conv", "conv2", net.conv2),
            ("Relu", "relu2", 0), ("Conv", "conv3", net.conv3), ("Relu", "relu3", 0), ("GlobalAveragePool", "mean", 0),
            ("Flatten", "flat", 0), ("Gemm", "scores", net.fc)] if name == "gap" else None, "fc": [
            ("Conv", "conv1", net.conv1), ("Relu", "relu1", 0), ("Conv", "conv2", net.conv2), ("Relu", "relu2", 0),
            ("MaxPool", "pool1", 0), ("Conv", "conv3", net.conv3), ("Relu", "relu3", 0), ("MaxPool", "pool2", 0),
            ("Flatten", "flat", 0), ("Gemm", "fc1", net.fc1), ("Relu", "relu4", 0), ("Gemm", "scores", net.fc2)]
            if name == "fc" else None}[name]
        save_onnx(net, chain, os.path.join(HERE, name + ".onnx"))
        scores = net(x).detach().numpy()
        target = int(scores.argmax())
        found = maps(net, x, net.relu3, target)
        if name == "gap":
            weights = net.fc.weight[target].detach().numpy()
            acts = net.relu3(net.conv3(net.relu2(net.conv2(net.pool1(net.relu1(net.conv1(x))))))).detach().numpy()[0]
            found["cam"] = (weights[:, None, None] * acts).sum(0)
        # The strongest unit of a channel in the middle, projected back to the picture.
        part = nn.Sequential(*[m for n, m in net.named_children()][:list(dict(net.named_children())).index("relu2") + 1])
        values = part(x).detach()[0, 3]
        y, column = divmod(int(values.argmax()), values.shape[1])
        found["unit/deconvnet"] = np.abs(plain(attr.Deconvolution(part).attribute(x, target=(3, y, column)))).max(0)
        np.savez(os.path.join(HERE, name + ".npz"), picture=x.numpy(), scores=scores,
                 **{k: np.asarray(v, np.float32) for k, v in found.items()})
        print(name, target, {k: (v.shape, float(np.ptp(v))) for k, v in found.items()})


if __name__ == "__main__":
    main()
