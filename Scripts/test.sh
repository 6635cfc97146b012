#!/usr/bin/env bash
# Builds and runs the suite: Scripts/test.sh CONFIGURATION [FILTER]
set -euo pipefail
config=${1:-release} filter=${2:-}
swift build -c "$config" --build-tests
exec swift test -c "$config" --skip-build ${filter:+--filter "$filter"}
