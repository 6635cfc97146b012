#!/usr/bin/env bash
# Builds and runs the suite: Scripts/test.sh CONFIGURATION [FILTER]
set -euo pipefail
config=${1:-release} filter=${2:-}
[ -n "${FOVEA_TEST_DATA:-}" ] || [ -d ../shared/data ] ||
  echo "test: no folder of real models and clips (FOVEA_TEST_DATA); the tests that need it are skipped."
swift build -c "$config" --build-tests
exec swift test -c "$config" --skip-build ${filter:+--filter "$filter"}
