#!/usr/bin/env python3
"""Grad-CAM on every frame as one would write it without Fovea: OpenCV reads a video, PyTorch with pytorch-grad-cam explains the
best class of each frame, OpenCV blends the heat and writes the best five classes on it, ffmpeg encodes.
saliency.py NETWORK LABELS INPUT OUTPUT [THREADS]

NETWORK is the name of a torchvision network, whose weights are random, so that only the time counts.
"""
import sys

import cv2
import numpy as np
import torch
import torchvision
from pytorch_grad_cam import GradCAM

from annotate import draw, encoder, tensor


def last_spatial_layer(network):
    """The layer whose maps are averaged: SqueezeNet's classifier ends in ReLU and mean, others in `features` or `layer4`."""
    if isinstance(network, torchvision.models.SqueezeNet):
        return network.classifier[2]
    return network.features[-1] if hasattr(network, "features") else network.layer4[-1]


def blend(frame, heat):
    """The heat over the middle that the network saw: the shorter side is 256 of which it sees 224."""
    height, width = frame.shape[:2]
    side = round(224 * min(height, width) / 256)
    top, left = (height - side) // 2, (width - side) // 2
    colours = cv2.applyColorMap(np.uint8(255 * cv2.resize(heat, (side, side))), cv2.COLORMAP_TURBO)
    part = frame[top:top + side, left:left + side]
    cv2.addWeighted(colours, 0.5, part, 0.5, 0, part)


def main():
    model, names, source, output = sys.argv[1:5]
    threads = int(sys.argv[5]) if len(sys.argv) > 5 else 2
    cv2.setNumThreads(threads)
    torch.set_num_threads(threads)
    with open(names) as file:
        labels = [line.strip() for line in file]
    network = getattr(torchvision.models, model)(weights=None).eval()
    # A ReLU that works in place would overwrite what the hooks look at.
    for module in network.modules():
        if isinstance(module, torch.nn.ReLU):
            module.inplace = False
    cam = GradCAM(network, [last_spatial_layer(network)])
    capture = cv2.VideoCapture(source)
    sink = encoder(capture, output)
    count = 0
    while True:
        found, frame = capture.read()
        if not found:
            break
        heat = cam(torch.from_numpy(tensor(frame)), None)[0]
        blend(frame, heat)
        draw(frame, cam.outputs.detach().numpy().ravel(), labels)
        sink.stdin.write(frame.data)
        count += 1
    sink.stdin.close()
    if sink.wait() != 0 or count == 0:
        sys.exit("saliency.py: nothing was written")


if __name__ == "__main__":
    main()
