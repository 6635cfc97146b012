#!/usr/bin/env bash
# Compares whole networks, value by value, with onnxruntime: Scripts/test-reference.sh [NETWORK ...] [--quick]
# Python as Scripts/python-environment.sh finds it. The exported networks are kept in $FOVEA_NETWORKS, .build/networks unless set.
set -euo pipefail
cd "$(dirname "$0")/.."

packages='numpy, onnx, onnxruntime, torch, torchvision'
. Scripts/python-environment.sh

swift build -c release --product reference-runner
exec "$python" -W ignore Tests/Reference/networks.py .build/release/reference-runner \
  "${FOVEA_NETWORKS:-.build/networks}" "$@"
