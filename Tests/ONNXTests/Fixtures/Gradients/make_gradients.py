#!/usr/bin/env python3
"""Writes small networks with the gradients and relevances that PyTorch and captum find for them: NAME.onnx and NAME.npz.

usage: make_gradients.py [FOLDER]   (made with PyTorch 2, captum 0.9, onnx 1; seed 20)

NAME.npz holds `input`, and for each gradient of score 3 `gradient:VALUE` by the ONNX value or weight VALUE; `guided:input`,
`deconvnet:input` by captum's GuidedBackprop and Deconvolution, and `lrp:input` by captum's LRP with EpsilonRule(0.25), all in float64.
"""
import os
import sys

import numpy as np
import torch
from torch import nn

CLASS, EPSILON = 3, 0.25


class Plain(nn.Module):
    """Convolutions with strides, overlapping pools, fully connected layers: what every method is defined for."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 5, stride=2, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Conv2d(16, 32, 3, padding=1),
            nn.ReLU(), nn.Conv2d(32, 20, 3, stride=2, padding=1), nn.ReLU(), nn.AvgPool2d(2, 1))
        self.head = nn.Sequential(nn.Linear(20 * 9, 24), nn.ReLU(), nn.Linear(24, 7))

    def forward(self, x):
        return self.head(self.features(x).flatten(1))


class Block(nn.Module):
    """Depthwise convolution with a gate of channel means, and a sum."""

    def __init__(self, channels):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.gate = nn.Conv2d(channels, channels, 1)
        self.project = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        y = nn.functional.silu(self.norm(self.depthwise(x)))
        return x + self.project(y * torch.sigmoid(self.gate(y.mean((2, 3), keepdim=True))))


class Gated(nn.Module):
    """What newer networks are made of."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU6())
        self.blocks = nn.Sequential(Block(16), Block(16))
        self.down = nn.Conv2d(16, 32, 3, stride=2, padding=1, groups=16)
        self.norm = nn.BatchNorm2d(48)
        self.left, self.right = nn.Conv2d(32, 16, 1), nn.Conv2d(32, 32, 3, padding=1)
        self.head = nn.Linear(48, 7)

    def forward(self, x):
        y = self.down(self.blocks(self.stem(x)))
        y = torch.cat([torch.relu(self.left(y)), torch.relu(self.right(y))], 1)
        y = nn.functional.hardswish(self.norm(y))
        return self.head(y.mean((2, 3)))


def randomise(network):
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, 0.0, 0.5)
            nn.init.uniform_(module.running_mean, -0.2, 0.2)
            nn.init.uniform_(module.running_var, 0.3, 1.0)
        if isinstance(module, (nn.Conv2d, nn.Linear)) and module.bias is not None:
            nn.init.uniform_(module.bias, -0.2, 0.2)
    return network.eval()


def gradients(network, picture):
    """By the input and every weight, under the weights' ONNX names."""
    x = picture.clone().requires_grad_(True)
    network.zero_grad()
    network(x)[0, CLASS].backward()
    found = {"gradient:input": x.grad}
    for name, weight in network.named_parameters():
        found["gradient:" + name] = weight.grad
    return found


def explanations(network, picture):
    from captum.attr import LRP, Deconvolution, GuidedBackprop
    from captum.attr._utils.lrp_rules import EpsilonRule

    found = {
        "guided:input": GuidedBackprop(network).attribute(picture, CLASS),
        "deconvnet:input": Deconvolution(network).attribute(picture, CLASS)}
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear, nn.MaxPool2d, nn.AvgPool2d)):
            module.rule = EpsilonRule(EPSILON)
    found["lrp:input"] = LRP(network).attribute(picture, CLASS)
    return found


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.dirname(os.path.abspath(__file__))
    for name, kind in (("plain", Plain), ("gated", Gated)):
        torch.manual_seed(20)
        network = randomise(kind())
        picture = torch.randn(1, 3, 35, 35)
        torch.onnx.export(
            network, picture, os.path.join(folder, name + ".onnx"), dynamo=False, opset_version=17, input_names=["input"],
            output_names=["scores"], do_constant_folding=False, training=torch.onnx.TrainingMode.PRESERVE)
        network, picture = network.double(), picture.double()
        found = {"input": picture, **gradients(network, picture)}
        if name == "plain":
            found.update(explanations(network, picture))
        arrays = {key: value.detach().numpy().astype(np.float32) for key, value in found.items()}
        np.savez(os.path.join(folder, name + ".npz"), **arrays)


if __name__ == "__main__":
    main()
