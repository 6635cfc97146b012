#!/usr/bin/env python3
"""Compares the maps of `fovea explain` on networks of full size with captum's and pytorch-grad-cam's.

usage: methods.py FOVEA FOLDER [NETWORK ...]

FOVEA is the executable, FOLDER keeps the exported networks (random weights, networks.py). Both sides see the same picture of
224x224 pixels, the target is the top class. Fails when a map differs by more than 1e-3 of its range anywhere; for methods that sum
gradients at many pictures, by more than 3e-3 in the root mean square: where a rectifier is within rounding of its bend the
gradient jumps, and among so many pictures some come upon one. captum has no rule for layers that join branches by a function, so
lrp is compared on AlexNet only.
"""
import os
import subprocess
import sys
import tempfile

import numpy as np
import torch
from PIL import Image

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "Tests", "ExplanationsTests", "Fixtures"))

import make_fixtures  # noqa: E402
from networks import export, make_network, make_pictures  # noqa: E402

SIDE, LIMIT, SAMPLED_LIMIT = 224, 1e-3, 3e-3
MEAN, DEVIATION = 0.45, 0.25
# Gradients at many pictures.
SAMPLED = {"smoothgrad", "vargrad", "integrated-gradients"}
# Maps that the library cuts at 0 only when it scales them.
RECTIFIED = {"grad-cam", "grad-cam++", "hirescam", "xgrad-cam", "layer-cam", "score-cam", "ablation-cam"}
# The last layer with rows and columns, and what the library cannot do.
NETWORKS = {
    "squeezenet1_1": (lambda net: net.classifier[2], {"lrp"}),
    "alexnet": (lambda net: net.features[12], set()),
}


def write_picture(folder):
    """A picture, and what a network sees of it."""
    values = make_pictures(1, SIDE)[0].numpy().transpose(1, 2, 0)
    pixels = np.clip(128 + 60 * values, 0, 255).astype(np.uint8)
    path = os.path.join(folder, "picture.png")
    Image.fromarray(pixels).save(path)
    x = (pixels.astype(np.float32) / 255 - MEAN) / DEVIATION
    return path, torch.from_numpy(x.transpose(2, 0, 1)[None].copy())


def our_maps(fovea, model, picture, folder, methods):
    sidecar, maps = os.path.join(folder, "model.toml"), os.path.join(folder, "maps.npz")
    with open(sidecar, "w") as file:
        file.write(f"[input]\nmean = [{MEAN}, {MEAN}, {MEAN}]\nstd = [{DEVIATION}, {DEVIATION}, {DEVIATION}]\n")
    subprocess.run(
        [fovea, "explain", picture, "-m", model, "--sidecar", sidecar, "--fit", "squash", "--method", ",".join(methods),
         "--samples", "8", "--masks", "40", "--patch", "16", "--stride", "8", "-o", maps, "-y", "-q"], check=True)
    return dict(np.load(maps))


def main():
    fovea, folder = sys.argv[1:3]
    make_fixtures.SIDE = SIDE
    make_fixtures.one_of_each_scale()
    failed = 0
    for name in sys.argv[3:] or NETWORKS:
        layer, lacking = NETWORKS[name]
        model = os.path.join(folder, name + ".onnx")
        export(name, model)
        net = make_network(name)
        for module in net.modules():
            if isinstance(module, torch.nn.ReLU):
                module.inplace = False
        torch.manual_seed(6)
        with tempfile.TemporaryDirectory() as scratch:
            picture, x = write_picture(scratch)
            target = int(net(x).argmax())
            theirs = make_fixtures.maps(net, x, layer(net), target, samples=8, masks=40, cells=7, patch=16, stride=8, lacking=lacking)
            ours = our_maps(fovea, model, picture, scratch, list(theirs))
        print(f"{name}, class {target}")
        for method, theirs in theirs.items():
            if method in RECTIFIED:
                theirs = np.maximum(theirs, 0)
            got = ours[method.replace("+", "_")].squeeze()
            away = np.abs(got - theirs) / max(np.ptp(theirs), 1e-30) if got.shape == theirs.shape else np.array([np.inf])
            largest, mean = float(away.max()), float(np.sqrt((away**2).mean()))
            fits = mean <= SAMPLED_LIMIT if method in SAMPLED else largest <= LIMIT
            failed += not fits
            print(f"  {method:22} {'x'.join(map(str, got.shape)):9} {largest:.1e}  rms {mean:.1e}{'' if fits else '  too much'}")
    sys.exit(f"methods.py: {failed} maps differ" if failed else 0)


if __name__ == "__main__":
    main()
