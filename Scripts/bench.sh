#!/usr/bin/env bash
# Measures the engine beside onnxruntime, OpenVINO and ncnn: NETS="resnet18 vgg16" THREADS=1,2 ROUNDS=9 ENGINES=… Scripts/bench.sh
# Uses $FOVEA_VENV, or makes a virtual environment in $XDG_CACHE_HOME/fovea (several GB, once). The table is printed and saved
# as JSON in .build/bench; the exported networks are kept in $FOVEA_NETWORKS, .build/networks unless set.
set -euo pipefail
cd "$(dirname "$0")/.."

environment=${FOVEA_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/fovea/bench-venv}
python=$environment/bin/python
if ! "$python" -c 'import ncnn, numpy, onnx, onnxruntime, openvino, pnnx, torch, torchvision' 2>/dev/null; then
  if [ -n "${FOVEA_VENV:-}" ]; then
    echo "bench: $FOVEA_VENV lacks packages of Benchmarks/requirements.txt; install them or unset FOVEA_VENV" >&2
    exit 1
  fi
  echo "making a virtual environment in $environment"
  python3 -m venv "$environment" || {
    echo "bench: python3 cannot make a virtual environment; install python3-venv" >&2
    exit 1
  }
  # PyTorch's own index has builds without CUDA, a tenth of the size.
  wheels=https://download.pytorch.org/whl/cpu
  index=(--extra-index-url "$wheels")
  curl -fsI --max-time 10 "$wheels/torch/" >/dev/null 2>&1 || index=()
  "$python" -m pip install --quiet "${index[@]}" -r Benchmarks/requirements.txt || {
    echo "bench: cannot install Benchmarks/requirements.txt; set FOVEA_VENV to an environment that has it" >&2
    exit 1
  }
fi

swift build -c release --product reference-runner
exec "$python" -W ignore Benchmarks/bench.py ${NETS:+${NETS//,/ }} --threads "${THREADS:-1,2}" --rounds "${ROUNDS:-9}" \
  ${ENGINES:+--engines "$ENGINES"} --save ".build/bench/$(date -u +%Y%m%d-%H%M%S).json"
