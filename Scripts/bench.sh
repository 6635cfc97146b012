#!/usr/bin/env bash
# Measures the engine beside onnxruntime, OpenVINO and ncnn: NETS="resnet18 vgg16" THREADS=1,2 ROUNDS=9 ENGINES=… Scripts/bench.sh
# With PRECISION=bf16 both engines that have it multiply bfloat16: ours and OpenVINO.
# Uses $FOVEA_VENV, or makes a virtual environment in $XDG_CACHE_HOME/fovea (several GB, once). The table is printed and saved
# as JSON in .build/bench; the exported networks are kept in $FOVEA_NETWORKS, .build/networks unless set.
set -euo pipefail
cd "$(dirname "$0")/.."

packages='ncnn, numpy, onnx, onnxruntime, openvino, pnnx, torch, torchvision'
. Scripts/python-environment.sh

swift build -c release --product reference-runner
exec "$python" -W ignore Benchmarks/bench.py ${NETS:+${NETS//,/ }} --threads "${THREADS:-1,2}" --rounds "${ROUNDS:-9}" \
  --precision "${PRECISION:-fp32}" \
  ${ENGINES:+--engines "$ENGINES"} --save ".build/bench/$(date -u +%Y%m%d-%H%M%S).json"
