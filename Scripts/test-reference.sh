#!/usr/bin/env bash
# Compares whole networks, value by value, with onnxruntime: Scripts/test-reference.sh [NETWORK ...] [--quick]; with --gradients first,
# their gradients with PyTorch's; with --methods first, the maps of `fovea explain` with captum's and pytorch-grad-cam's.
# Python as Scripts/python-environment.sh finds it. The exported networks are kept in $FOVEA_NETWORKS, .build/networks unless set.
set -euo pipefail
cd "$(dirname "$0")/.."

packages='numpy, onnx, onnxruntime, torch, torchvision'
[ "${1:-}" != --methods ] || packages="$packages, captum, pytorch_grad_cam, PIL"
. Scripts/python-environment.sh

if [ "${1:-}" = --methods ]; then
  shift
  swift build -c release --product fovea
  exec "$python" -W ignore Tests/Reference/methods.py .build/release/fovea "${FOVEA_NETWORKS:-.build/networks}" "$@"
fi
swift build -c release --product reference-runner
if [ "${1:-}" = --gradients ]; then
  shift
  exec "$python" -W ignore Tests/Reference/gradients.py .build/release/reference-runner "${FOVEA_NETWORKS:-.build/networks}" "$@"
fi
exec "$python" -W ignore Tests/Reference/networks.py .build/release/reference-runner \
  "${FOVEA_NETWORKS:-.build/networks}" "$@"
