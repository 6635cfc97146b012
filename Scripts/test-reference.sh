#!/bin/sh
# Compares whole networks, value by value, with onnxruntime: Scripts/test-reference.sh [NAME ...]
# Makes a virtual environment with packages from PyPI (about 1 GB) under ~/.cache/fovea, or uses $FOVEA_PYTHON.
set -eu
cd "$(dirname "$0")/.."

python=${FOVEA_PYTHON:-}
if [ -z "$python" ]; then
  environment=${XDG_CACHE_HOME:-$HOME/.cache}/fovea/reference
  python=$environment/bin/python
  if ! "$python" -c 'import onnx, onnxruntime, torchvision' 2>/dev/null; then
    echo "making a virtual environment in $environment"
    python3 -m venv "$environment"
    "$python" -m pip install --quiet onnx onnxruntime numpy pillow
    "$python" -m pip install --quiet torch torchvision --index-url https://download.pytorch.org/whl/cpu \
      || "$python" -m pip install --quiet torch torchvision
  fi
fi

swift build -c release --build-tests -Xswiftc -enable-testing
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failed=""
for name in ${*:-$("$python" Tests/Reference/networks.py --list)}; do
  "$python" -W ignore Tests/Reference/networks.py "$folder" "$name" >/dev/null 2>"$folder/log" \
    || { cat "$folder/log" >&2; exit 1; }
  if ! FOVEA_REFERENCE="$folder/$name" swift test -c release --skip-build --filter ReferenceNetworkTests \
    >"$folder/log" 2>&1; then
    failed="$failed $name"
    grep -E '✘|↳' "$folder/log" || cat "$folder/log"
  fi
  grep '^reference:' "$folder/log" || true
  rm -rf "${folder:?}/$name"
done
[ -z "$failed" ] || { echo "differs from onnxruntime:$failed" >&2; exit 1; }
