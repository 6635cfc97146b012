"""Batch normalisation + ReLU in one compiled kernel (fused.c): training on a CPU in bf16 runs about 1.3 times as fast.

Optional: without a C compiler the model trains with PyTorch's own layers, to the same result.
"""

import ctypes
import hashlib
import os
import subprocess
from pathlib import Path

import torch
import torch.nn.functional as F

_library = None


def enable(folder):
    """Compiles the kernel into `folder`; returns whether that worked."""
    global _library
    source = Path(__file__).with_name("fused.c")
    name = f"fused-{hashlib.sha256(source.read_bytes()).hexdigest()[:12]}.so"
    path = Path(folder) / name
    if not path.exists():
        flags = "-O3 -march=native -mprefer-vector-width=512 -ffast-math -fopenmp -shared -fPIC".split()
        part = path.with_suffix(f".{os.getpid()}")
        try:
            subprocess.run([os.environ.get("CC", "gcc"), *flags, str(source), "-o", str(part), "-lm"], check=True)
        except (OSError, subprocess.CalledProcessError):
            return False
        part.replace(path)
    _library = ctypes.CDLL(str(path))
    return True


def enabled():
    return _library is not None


def usable(x):
    return _library is not None and x.dtype == torch.bfloat16 and x.is_contiguous(memory_format=torch.channels_last)


def pointwise(x, weight):
    """The 1x1 convolution of x: [N, C, H, W] channels last, as one matrix product; much faster backward on small maps."""
    n, c, h, w = x.shape
    y = F.linear(x.permute(0, 2, 3, 1).reshape(-1, c), weight.view(-1, c))
    return y.view(n, h, w, -1).permute(0, 3, 1, 2)


def _p(tensor):
    return ctypes.c_void_p(tensor.data_ptr() if tensor is not None else None)


class Norm(torch.autograd.Function):
    """relu(norm(x)), norm(x) or norm(x) + shortcut, of x: [N, C, H, W] bf16 channels last, with the batch's statistics."""

    @staticmethod
    def forward(ctx, x, gamma, beta, shortcut, layer, relu):
        n, c, h, w = x.shape
        y, mean, inverse = torch.empty_like(x), torch.empty(c), torch.empty(c)
        _library.norm_forward(
            ctypes.c_long(n * h * w), ctypes.c_long(c), _p(x), _p(shortcut), _p(gamma), _p(beta), _p(mean), _p(inverse),
            _p(layer.running_mean), _p(layer.running_var), ctypes.c_float(layer.momentum), ctypes.c_float(layer.eps),
            ctypes.c_int(relu), _p(y))
        ctx.save_for_backward(x, y if relu else x, gamma, mean, inverse)
        ctx.relu, ctx.shortcut = relu, shortcut is not None
        return y

    @staticmethod
    def backward(ctx, dy):
        x, y, gamma, mean, inverse = ctx.saved_tensors
        dy = dy.contiguous(memory_format=torch.channels_last)
        n, c, h, w = x.shape
        dx, dgamma, dbeta = torch.empty_like(x), torch.empty(c), torch.empty(c)
        _library.norm_backward(
            ctypes.c_long(n * h * w), ctypes.c_long(c), _p(x), _p(y), _p(dy), _p(gamma), _p(mean), _p(inverse),
            ctypes.c_int(ctx.relu), _p(dgamma), _p(dbeta), _p(dx))
        return dx, dgamma, dbeta, dy if ctx.shortcut else None, None, None
