#!/bin/sh
# Compares whole networks, value by value, with onnxruntime: Scripts/test-reference.sh [NETWORK ...] [--quick]
# Uses $FOVEA_VENV, or a python3 that has the packages, or makes .build/venv from PyPI (about 1 GB, once).
# The exported networks are kept in $FOVEA_NETWORKS, .build/networks unless set.
set -eu
cd "$(dirname "$0")/.."

packages='onnx onnxruntime numpy torch torchvision'
has_packages() { "$1" -c 'import onnx, onnxruntime, numpy, torch, torchvision' 2>/dev/null; }

python=python3
if [ -n "${FOVEA_VENV:-}" ]; then
  python=$FOVEA_VENV/bin/python
elif ! has_packages "$python"; then
  python=.build/venv/bin/python
fi
if ! has_packages "$python"; then
  environment=$(dirname "$(dirname "$python")")
  echo "making a virtual environment in $environment"
  python3 -m venv "$environment" || {
    echo "test-reference: python3 cannot make a virtual environment; install python3-venv" >&2
    exit 1
  }
  "$python" -m pip install --quiet --extra-index-url https://download.pytorch.org/whl/cpu $packages || {
    echo "test-reference: cannot install $packages from PyPI; set FOVEA_VENV to an environment that has them" >&2
    exit 1
  }
fi

swift build -c release --product reference-runner
exec "$python" -W ignore Tests/Reference/networks.py .build/release/reference-runner \
  "${FOVEA_NETWORKS:-.build/networks}" "$@"
