#!/usr/bin/env bash
# Formatting of Swift, the syntax of shell scripts, and a build in which warnings are errors. `swift format -i -r Sources Tests`
# mends the first.
set -euo pipefail
swift format lint --strict --parallel --recursive Sources Tests Package.swift
for script in Scripts/*.sh Tests/*/*.sh .ci/run; do bash -n "$script"; done
# In CI every build is strict. Elsewhere this one has a folder of its own, so that the usual build keeps its flags.
[ -n "${FOVEA_STRICT:-}" ] || FOVEA_STRICT=1 swift build --build-tests --scratch-path .build/strict
echo "lint: clean"
