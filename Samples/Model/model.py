"""The architecture of Fovea's default model: small enough for a CPU, varied enough to be worth looking at."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import fused


class Unit(nn.Module):
    """Convolution, batch normalisation and (unless `relu` is false) ReLU. `k` is the kernel's side, padding keeps the size.

    `shortcut`, for a unit without ReLU, is added to the result.
    """

    def __init__(self, cin, cout, k=1, stride=1, groups=1, relu=True):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, k, stride, k // 2, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(cout)
        self.relu = relu

    def forward(self, x, shortcut=None):
        if self.training and fused.enabled() and self.conv.kernel_size == (1, 1):
            y = fused.pointwise(x, self.conv.weight)
        else:
            y = self.conv(x)
        if self.training and fused.usable(y):
            return fused.Norm.apply(y, self.norm.weight, self.norm.bias, shortcut, self.norm, self.relu)
        y = self.norm(y)
        if self.relu:
            return F.relu(y, inplace=True)
        return y if shortcut is None else y + shortcut


class Residual(nn.Module):
    """relu(x + b(a(x))): a pair of 3x3 convolutions around a shortcut. He et al., arXiv:1512.03385, figure 2."""

    def __init__(self, c):
        super().__init__()
        self.a = Unit(c, c, 3)
        self.b = Unit(c, c, 3, relu=False)

    def forward(self, x):
        return F.relu(self.b(self.a(x), x))


class Inception(nn.Module):
    """Four views of one input, side by side: 1x1, 3x3, two 3x3 (a 5x5 view) and pooled.

    Szegedy et al., arXiv:1512.00567, figure 5.
    """

    def __init__(self, cin, one, reduce3, three, reduce5, five_a, five_b, pooled):
        super().__init__()
        self.one = Unit(cin, one)
        self.three = nn.Sequential(Unit(cin, reduce3), Unit(reduce3, three, 3))
        self.five = nn.Sequential(Unit(cin, reduce5), Unit(reduce5, five_a, 3), Unit(five_a, five_b, 3))
        self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), Unit(cin, pooled))

    def forward(self, x):
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pool(x)], 1)


class Separable(nn.Module):
    """x + project(depthwise(expand(x))), no ReLU on the sum. Sandler et al., arXiv:1801.04381, figure 3b."""

    def __init__(self, cin, cout, wide):
        super().__init__()
        self.expand = Unit(cin, wide)
        self.depthwise = Unit(wide, wide, 3, groups=wide)
        self.project = Unit(wide, cout, relu=False)
        self.shortcut = cin == cout

    def forward(self, x):
        return self.project(self.depthwise(self.expand(x)), x if self.shortcut else None)


class FoveaNet(nn.Module):
    """x: [N, 3, H, W] normalised -> [N, classes] logits. Any H, W from 32 up; the last map is [N, C, H/16, W/16]."""

    def __init__(self, classes=200):
        super().__init__()
        self.stem = Unit(3, 32, 7, 2)                                           # 32x32
        self.pair = nn.Sequential(Unit(32, 24, 3), Unit(24, 64, 3, 2))          # 16x16
        self.residual = Residual(64)
        self.inception = Inception(64, 32, 32, 64, 16, 24, 32, 32)              # 160 channels
        self.middle = nn.Sequential(                                            # 8x8
            nn.MaxPool2d(3, 2, 1), Separable(160, 160, 400), Separable(160, 160, 400))
        self.late = nn.Sequential(                                              # 4x4
            nn.MaxPool2d(3, 2, 1), Separable(160, 256, 512), Separable(256, 256, 768), Separable(256, 256, 768))
        self.head = Unit(256, 512)
        self.classify = nn.Linear(512, classes)

    def features(self, x):
        x = self.inception(self.residual(self.pair(self.stem(x))))
        return self.head(self.late(self.middle(x)))

    def forward(self, x):
        return self.classify(self.features(x).mean((2, 3)))


def count(model, size=64):
    """(parameters, multiply-adds for one picture of `size`)."""
    total = 0

    def hook(layer, inputs, output):
        nonlocal total
        if isinstance(layer, nn.Conv2d):
            total += output[0].numel() * layer.weight[0].numel()
        else:
            total += layer.weight.numel()

    hooks = [m.register_forward_hook(hook) for m in model.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    training = model.training
    model.eval()
    with torch.no_grad():
        model(torch.zeros(1, 3, size, size))
    model.train(training)
    for h in hooks:
        h.remove()
    return sum(p.numel() for p in model.parameters()), total
