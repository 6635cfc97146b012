#!/usr/bin/env bash
# Times the engine beside onnxruntime, the same networks and inputs in one run (makes its own virtual environment).
set -euo pipefail
exec Scripts/test-reference.sh "$@"
