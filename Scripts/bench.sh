#!/usr/bin/env bash
# Measures the engine beside onnxruntime, OpenVINO and ncnn: NETS="resnet18 vgg16" THREADS=1,2 ROUNDS=9 ENGINES=… Scripts/bench.sh
# With PRECISION=bf16 both engines that have it multiply bfloat16: ours and OpenVINO.
# GRADIENT=1 measures backward passes, and occlusion's patches, beside forward passes instead.
# Uses $FOVEA_VENV, or makes a virtual environment in $XDG_CACHE_HOME/fovea (several GB, once). The table is printed and saved
# as JSON in .build/bench; the exported networks are kept in $FOVEA_NETWORKS, .build/networks unless set.
set -euo pipefail
cd "$(dirname "$0")/.."

packages='ncnn, numpy, onnx, onnxruntime, openvino, pnnx, torch, torchvision'
. Scripts/python-environment.sh

# GRADIENT=1: what gradients and patches cost beside a forward pass, instead; ours alone.
if [ -n "${GRADIENT:-}" ]; then
  swift build -c release --product fovea
  folder="${FOVEA_NETWORKS:-.build/networks}"
  networks="${NETS:-vgg16 resnet18 resnet50 googlenet alexnet squeezenet1_1 mobilenet_v2 densenet121 efficientnet_b0}"
  mkdir -p "$folder"
  files=()
  for name in ${networks//,/ }; do
    PYTHONPATH=Tests/Reference "$python" -W ignore -c "import networks; networks.export('$name', '$folder/$name.onnx')"
    files+=("$folder/$name.onnx")
  done
  threads="${THREADS:-1,2}"
  for count in ${threads//,/ }; do .build/release/fovea bench "${files[@]}" --gradient --occlusion --threads "$count"; done
  exit
fi

swift build -c release --product reference-runner
exec "$python" -W ignore Benchmarks/bench.py ${NETS:+${NETS//,/ }} --threads "${THREADS:-1,2}" --rounds "${ROUNDS:-9}" \
  --precision "${PRECISION:-fp32}" \
  ${ENGINES:+--engines "$ENGINES"} --save ".build/bench/$(date -u +%Y%m%d-%H%M%S).json"
