#!/usr/bin/env bash
# Runs the camera tests in a throw-away machine with the kernel's virtual camera: Tests/Camera/test.sh CONFIG [FILTER]
set -euo pipefail
cd "$(dirname "$0")/../.."
config=${1:-release} filter=${2:-}
command -v v4l2-ctl >/dev/null || {
  sudo=(); [ "$(id -u)" = 0 ] || sudo=(sudo)
  { "${sudo[@]}" apt-get -qq update &&
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends v4l-utils >/dev/null; } || {
    echo "camera tests: skipped, v4l2-ctl (Debian's v4l-utils) cannot be installed here"
    exit 0
  }
}
swift build -c "$config" --build-tests
tests=$(echo .build/"$config"/*.xctest)
status=0
VM_VIVID=none VM_TIMEOUT=${VM_TIMEOUT:-900} FOVEA_CAMERA_TESTS=1 Tests/Camera/run-in-vm.sh \
  "$tests" --testing-library swift-testing --filter "CameraTests\.CameraTests${filter:+.*$filter}" || status=$?
if [ "$status" = 125 ]; then
  echo "camera tests: skipped, there is no virtual machine here"
  exit 0
fi
exit "$status"
