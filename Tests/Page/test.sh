#!/usr/bin/env bash
# Drives the viewer's page in headless Chromium: Tests/Page/test.sh CONFIG [FOLDER for screenshots]
# Needs Debian's chromium and a few packages of PyPI, which it installs when they are missing; says so where it cannot.
set -euo pipefail
cd "$(dirname "$0")/../.."
config=${1:-release} folder=${2:-}
command -v chromium >/dev/null || {
  sudo=(); [ "$(id -u)" = 0 ] || sudo=(sudo)
  { "${sudo[@]}" apt-get -qq update &&
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium >/dev/null; } || {
    echo "page tests: skipped, Debian's chromium cannot be installed here"
    exit 0
  }
}
environment=${XDG_CACHE_HOME:-$HOME/.cache}/fovea/page
[ -n "${FOVEA_VENV:-}" ] && environment=$FOVEA_VENV
if ! "$environment/bin/python" -c "import playwright, onnxruntime" 2>/dev/null; then
  { python3 -m venv "$environment" && "$environment/bin/python" -m pip install --quiet -r Tests/Page/requirements.txt; } || {
    echo "page tests: skipped, Tests/Page/requirements.txt cannot be installed here"
    exit 0
  }
fi
swift build -c "$config" --product fovea
export CHROMIUM
CHROMIUM=$(command -v chromium)
run() {
  "$environment/bin/python" Tests/Page/page_tests.py ".build/$config/fovea" Samples/Model/fovea-default.onnx \
    Samples/fovea-sample.mp4 ${folder:+"$folder"}
}
# A browser that has to share its cores may miss a key press: what fails twice is broken.
run || { echo "page tests: once more" && run; }
