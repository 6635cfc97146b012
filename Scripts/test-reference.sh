#!/usr/bin/env bash
# Compares whole networks, value by value, with onnxruntime: Scripts/test-reference.sh [NETWORK ...] [--quick]; with --gradients first,
# their gradients with PyTorch's.
# Python as Scripts/python-environment.sh finds it. The exported networks are kept in $FOVEA_NETWORKS, .build/networks unless set.
set -euo pipefail
cd "$(dirname "$0")/.."

packages='numpy, onnx, onnxruntime, torch, torchvision'
. Scripts/python-environment.sh

swift build -c release --product reference-runner
if [ "${1:-}" = --gradients ]; then
  shift
  exec "$python" -W ignore Tests/Reference/gradients.py .build/release/reference-runner "${FOVEA_NETWORKS:-.build/networks}" "$@"
fi
exec "$python" -W ignore Tests/Reference/networks.py .build/release/reference-runner \
  "${FOVEA_NETWORKS:-.build/networks}" "$@"
