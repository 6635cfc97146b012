#!/usr/bin/env bash
# Measures the engine beside onnxruntime, OpenVINO and ncnn: NETS="resnet18 vgg16" THREADS=1,2 ROUNDS=9 ENGINES=… Scripts/bench.sh
# With PRECISION=bf16 both engines that have it multiply bfloat16: ours and OpenVINO.
# GRADIENT=1 measures backward passes, and occlusion's patches, beside forward passes instead.
# JOB=1 measures annotating a video, without and with Grad-CAM, beside what one would write for it, instead: VIDEO, MODEL and LABELS name
# other files than the sample clip, SqueezeNet 1.1 with random weights, and numbers for labels; TORCH torchvision's name of MODEL.
# Uses $FOVEA_VENV, or makes a virtual environment in $XDG_CACHE_HOME/fovea (several GB, once). The table is printed and saved
# as JSON in .build/bench; the exported networks are kept in $FOVEA_NETWORKS, .build/networks unless set.
set -euo pipefail
cd "$(dirname "$0")/.."

packages='ncnn, numpy, onnx, onnxruntime, openvino, pnnx, torch, torchvision'
[ -z "${JOB:-}" ] || packages='cv2, numpy, onnx, onnxruntime, pytorch_grad_cam, torch, torchvision'
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

if [ -n "${JOB:-}" ]; then
  swift build -c release --product fovea
  folder="${FOVEA_NETWORKS:-.build/networks}" network="${TORCH:-squeezenet1_1}"
  mkdir -p "$folder"
  if [ -z "${MODEL:-}" ]; then
    PYTHONPATH=Tests/Reference "$python" -W ignore -c \
      "import networks; networks.export('$network', '$folder/$network.onnx')"
  fi
  [ -n "${LABELS:-}" ] || seq 0 999 >"$folder/labels.txt"
  files=("${MODEL:-$folder/$network.onnx}" "${LABELS:-$folder/labels.txt}" "${VIDEO:-Samples/fovea-sample.mp4}")
  for kind in '' --saliency; do
    "$python" -W ignore Benchmarks/peers/whole_job.py .build/release/fovea "${files[@]}" --torch "$network" \
      --rounds "${ROUNDS:-3}" $kind
    echo
  done
  exit
fi

swift build -c release --product reference-runner
exec "$python" -W ignore Benchmarks/bench.py ${NETS:+${NETS//,/ }} --threads "${THREADS:-1,2}" --rounds "${ROUNDS:-9}" \
  --precision "${PRECISION:-fp32}" \
  ${ENGINES:+--engines "$ENGINES"} --save ".build/bench/$(date -u +%Y%m%d-%H%M%S).json"
